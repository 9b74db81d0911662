/** `bpc build`: writes a module and its types for each file; all of them, or none where any file has an error. */
import { basename, dirname, join } from 'node:path'
import type { Host } from '../host'
import { EXIT, wrongUse, type ExitStatus } from './outcome'
import { compileAll, type SourceFlags } from './sources'
import type { Terminal } from './terminal'
import { writeFiles, type FileToWrite } from './writeFiles'

export interface BuildFlags extends SourceFlags { readonly outDir?: string }

export async function build(files: readonly string[], flags: BuildFlags, terminal: Terminal): Promise<ExitStatus> {
  const written = await writeModules(files, flags, terminal)
  if (!written) return EXIT.program
  if (!flags.json) for (const path of written) terminal.print(path)
  return EXIT.done
}

/** @returns what was written; undefined where any file has an error, all of which have been reported */
export async function writeModules(files: readonly string[], flags: BuildFlags, terminal: Terminal, host?: Host): Promise<readonly string[] | undefined> {
  const compiled = await compileAll(files, flags, terminal, {}, host)
  if (!compiled) return undefined
  const outputs: FileToWrite[] = compiled.flatMap(({ entry, compilation }) => compilation.files.map(({ name, text }) =>
    ({ path: join(flags.outDir ?? dirname(entry), basename(name)), content: text })))
  refuseClashes(outputs)
  await writeFiles(outputs)
  return outputs.map(({ path }) => path)
}

/** a/model.bp and b/model.bp meet in one --out-dir. */
function refuseClashes(outputs: readonly FileToWrite[]): void {
  const paths = outputs.map(output => output.path)
  const clash = paths.find((path, i) => paths.indexOf(path) !== i)
  if (clash !== undefined) throw wrongUse(`two files would both be written to ${clash}`, 'build them into different directories')
}
