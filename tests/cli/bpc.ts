/** Runs the built command as a user does, in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const BPC = join(ROOT, 'dist/bpc.js')

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Folder {
  readonly path: string
  /** Writes a file, and the folders above it. */
  write(name: string, content: string | Uint8Array): string
  read(name: string): string
  readonly names: readonly string[]
  bpc(...words: string[]): Promise<Ended>
  /** For runs that are watched or interrupted. */
  start(words: readonly string[], env?: NodeJS.ProcessEnv): Running
}

export interface Running { readonly child: ChildProcess; readonly ended: Promise<Ended> }

/** A folder that is gone when the test ends, with files in it. */
export function folder(files: Readonly<Record<string, string | Uint8Array>> = {}): Folder {
  const path = mkdtempSync(join(tmpdir(), 'bpc-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const start = (words: readonly string[], env: NodeJS.ProcessEnv = {}) => run(path, words, env)
  const made: Folder = {
    path,
    write(name, content) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
    read: name => readFileSync(join(path, name), 'utf8'),
    get names() { return readdirSync(path).sort() },
    bpc: (...words) => start(words).ended,
    start,
  }
  for (const [name, content] of Object.entries(files)) made.write(name, content)
  return made
}

function run(cwd: string, words: readonly string[], env: NodeJS.ProcessEnv): Running {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  const child = spawn(process.execPath, [BPC, ...words], { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = '', stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', text => { stderr += text })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }))
  })
  return { child, ended }
}

/** The objects that a run printed, one a line. */
export function lines(ended: Ended): readonly Record<string, unknown>[] {
  return ended.stdout.split('\n').filter(Boolean).map(line => JSON.parse(line) as Record<string, unknown>)
}
