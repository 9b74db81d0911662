/** The package as a user has it: packed from what is built, and installed in a project of its own. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../cli/bpc'

export interface Project {
  readonly folder: string
  /** Writes a file, and the folders above it. */
  write(name: string, content: string): void
  read(name: string): string
  /** Runs a command in the project, or a script of Node. */
  run(command: string, ...words: string[]): Promise<Ran>
  /** Runs a line of a shell with the project's own commands on the path, as npx and npm scripts do. */
  shell(line: string): Promise<Ran>
  remove(): void
}

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** The tarball that would be published. Scripts are left out: what is tested is what the run has built. */
export async function pack(into: string): Promise<string> {
  await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into], { cwd: ROOT })
  const tarball = readdirSync(into).find(name => name.endsWith('.tgz'))
  if (!tarball) throw new Error('npm pack left no tarball')
  return join(into, tarball)
}

/** A fresh project with the packed package in it. Dependencies come from npm's cache where they are there, else from the registry. */
export async function install(): Promise<Project> {
  const outside = mkdtempSync(join(tmpdir(), 'bp-package-'))
  const tarball = await pack(outside)
  const folder = join(outside, 'project')
  mkdirSync(folder)
  const project = projectIn(folder, () => rmSync(outside, { recursive: true, force: true }))
  project.write('package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }))
  const { status, stderr } = await project.run('npm', 'install', tarball, '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent')
  if (status !== 0) throw new Error(`npm install ended with ${status}: ${stderr}`)
  return project
}

function projectIn(folder: string, remove: () => void): Project {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, PATH: `${join(folder, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` }
  const run = (command: string, ...words: string[]) => new Promise<Ran>(resolve => {
    execFile(command, words, { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr })
    })
  })
  return {
    folder,
    write(name, content) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    },
    read: name => readFileSync(join(folder, name), 'utf8'),
    run,
    shell: line => run('sh', '-c', line),
    remove,
  }
}
