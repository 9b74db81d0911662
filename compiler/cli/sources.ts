/** Compiles what the command line names, and says what the compiler has to say. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { checkOnly, compile, compileCircuits, compileOutlines, compilePredictions, compileStages, type Predictions, type Stages } from '../compile'
import { suggest } from '../diagnostics/suggest'
import type { CircuitCompilation, Compilation, CompileOptions, Host } from '../host'
import { readConstants } from './constants'
import { NODE_HOST } from './nodeHost'
import { CommandError, EXIT, wrongUse } from './outcome'
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
  files: readonly string[], flags: SourceFlags, terminal: Terminal, options: CompileOptions = {}, host: Host = NODE_HOST,
): Promise<readonly Compiled[] | undefined> {
  return await forAll(files, flags, terminal, async (entry, constants) =>
    ({ entry, compilation: await compile(entry, host, { ...options, constants }) }), ({ compilation }) => compilation)
}

/** Diagnostics alone. */
export async function checkAll(files: readonly string[], flags: SourceFlags, terminal: Terminal): Promise<boolean> {
  const checked = await forAll(files, flags, terminal, (entry, constants) => checkOnly(entry, NODE_HOST, { constants }), found => found)
  return checked !== undefined
}

/** The circuits of a file. @returns undefined where it has an error */
export async function circuitsOf(file: string, flags: SourceFlags, terminal: Terminal): Promise<CircuitCompilation | undefined> {
  const made = await forAll([file], flags, terminal, (entry, constants) => compileCircuits(entry, NODE_HOST, { constants }), found => found)
  return made?.[0]
}

/** The models of a file as they are written. @returns undefined where it has an error */
export async function outlinesOf(file: string, flags: SourceFlags, terminal: Terminal): Promise<Awaited<ReturnType<typeof compileOutlines>> | undefined> {
  const made = await forAll([file], flags, terminal, (entry, constants) => compileOutlines(entry, NODE_HOST, { constants }), found => found)
  return made?.[0]
}

/** The models of a file with the graphs of their predictions. @returns undefined where it has an error */
export async function predictionsOf(file: string, flags: SourceFlags, terminal: Terminal, options: CompileOptions): Promise<Predictions | undefined> {
  const made = await forAll([file], flags, terminal, (entry, constants) => compilePredictions(entry, NODE_HOST, { ...options, constants }), found => found)
  return made?.[0]
}

/** What the phases make of each file. @returns undefined where any has an error */
export async function stagesOfAll(files: readonly string[], flags: SourceFlags, terminal: Terminal): Promise<readonly Stages[] | undefined> {
  const made = await forAll(files, flags, terminal, (entry, constants) => compileStages(entry, NODE_HOST, { constants }), found => found)
  return made?.flatMap(({ stages }) => stages ?? [])
}

type Constants = NonNullable<CompileOptions['constants']>

async function forAll<Made>(
  files: readonly string[], flags: SourceFlags, terminal: Terminal,
  make: (entry: string, constants: Constants) => Promise<Made>, foundIn: (made: Made) => Pick<Compilation, 'diagnostics' | 'ok'>,
): Promise<readonly Made[] | undefined> {
  const constants = readConstants(flags.const ?? [])
  const entries = [...new Set(files)]
  for (const entry of entries) await mustBeSource(entry)
  const made: Made[] = []
  for (const entry of entries) made.push(await make(entry, constants))
  reportDiagnostics(made.flatMap(each => foundIn(each).diagnostics), flags.json ?? false, terminal)
  return made.every(each => foundIn(each).ok) ? made : undefined
}

/** A file of nothing else has nothing wrong in it, and still nobody meant it. */
const COMMENTS = /\/\*[^]*?\*\/|\/\/.*/g

async function mustBeSource(path: string): Promise<void> {
  await mustBeThere(path)
  const text = await NODE_HOST.readText(path) ?? ''
  if (!text.replace(COMMENTS, '').trim()) throw new CommandError(EXIT.program, `${path}:1:1: there is nothing in this file`, 'write a model into it')
}

/** @throws CommandError where it is no .bp file */
export async function mustBeThere(path: string): Promise<void> {
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
