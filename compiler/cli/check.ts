/** `bpc check`: diagnostics, and nothing written. */
import { checkAll, type SourceFlags } from './sources'
import { EXIT, type ExitStatus } from './outcome'
import type { Terminal } from './terminal'

export async function check(files: readonly string[], flags: SourceFlags, terminal: Terminal): Promise<ExitStatus> {
  return await checkAll(files, flags, terminal) ? EXIT.done : EXIT.program
}
