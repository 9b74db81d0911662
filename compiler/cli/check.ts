/** `bpc check`: diagnostics, and nothing written. */
import { compileAll, type SourceFlags } from './sources'
import { EXIT, type ExitStatus } from './outcome'
import type { Terminal } from './terminal'

export async function check(files: readonly string[], flags: SourceFlags, terminal: Terminal): Promise<ExitStatus> {
  const compiled = await compileAll(files, flags, terminal)
  return compiled ? EXIT.done : EXIT.program
}
