/** An example of the repository in a folder of its own: compiled, trained and run as its README says. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { folder, lines, ROOT, type Folder } from '../cli/bpc'

export async function example(name: string): Promise<Folder> {
  const at = folder()
  cpSync(join(ROOT, 'examples', name), at.path, { recursive: true, filter: path => !/\.bp\.(js|d\.ts)$/.test(path) })
  // As npm links a package under development.
  mkdirSync(join(at.path, 'node_modules'))
  symlinkSync(ROOT, join(at.path, 'node_modules/bp-lang'))
  at.write('package.json', '{ "type": "module" }')
  expect(await at.bpc('model.bp')).toMatchObject({ status: 0, stderr: '' })
  return at
}

interface End { readonly loss: number; readonly holdout: { readonly metrics: { readonly accuracy: number } } }

/** The last line of `bpc train --json`. */
export async function train(at: Folder, ...flags: string[]): Promise<End> {
  const ended = await at.bpc('train', 'model.bp', '--json', ...flags)
  expect(ended).toMatchObject({ status: 0, stderr: '' })
  return lines(ended).at(-1) as unknown as End
}

/** Standard output of its run.ts. */
export async function runProgram(at: Folder): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', join(at.path, 'run.ts')], { cwd: ROOT })
  return stdout
}
