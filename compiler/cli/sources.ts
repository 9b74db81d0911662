/** Compiles what the command line names, and says what the compiler has to say. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { compile } from '../compile'
import { suggest } from '../diagnostics/suggest'
import type { Compilation, CompileOptions } from '../host'
import { readConstants } from './constants'
import { NODE_HOST } from './nodeHost'
import { wrongUse, type CommandError } from './outcome'
import { reportDiagnostics } from './report'
import type { Terminal } from './terminal'

/** Flags of every verb that compiles. */
export interface SourceFlags {
  readonly const?: readonly string[]
  readonly json?: boolean
}

export interface Compiled { readonly entry: string; readonly compilation: Compilation }

/** @returns undefined where any file has an error; all of them have been reported then */
export async function compileAll(
  files: readonly string[], flags: SourceFlags, terminal: Terminal, options: CompileOptions = {},
): Promise<readonly Compiled[] | undefined> {
  const constants = readConstants(flags.const ?? [])
  const entries = [...new Set(files)]
  for (const entry of entries) await mustBeSource(entry)
  const compiled: Compiled[] = []
  for (const entry of entries) compiled.push({ entry, compilation: await compile(entry, NODE_HOST, { ...options, constants }) })
  reportDiagnostics(compiled.flatMap(({ compilation }) => compilation.diagnostics), flags.json ?? false, terminal)
  return compiled.every(({ compilation }) => compilation.ok) ? compiled : undefined
}

async function mustBeSource(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) throw wrongUse(`${path} is a directory`, 'name a .bp file in it')
  if (!found) throw await noSuchFile(path)
  if (!path.endsWith('.bp')) throw wrongUse(`${path} is not a .bp file`)
}

async function noSuchFile(path: string): Promise<CommandError> {
  const neighbours = await readdir(dirname(path)).catch(() => [])
  const sources = neighbours.filter(name => name.endsWith('.bp'))
  const near = sources.find(name => name === `${basename(path)}.bp`) ?? suggest(basename(path), sources)
  return wrongUse(`there is no file ${path}`, near && `did you mean ${join(dirname(path), near)}?`)
}
