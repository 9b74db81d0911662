/** `bpc fmt`: the one layout, in place. A file with mistakes stays as it is; the others are laid out all the same. */
import type { Diagnostic } from '../diagnostics/sink'
import { format } from '../format/format'
import { NODE_HOST, readStandardInput } from './nodeHost'
import { EXIT, wrongUse, type ExitStatus } from './outcome'
import { reportDiagnostics } from './report'
import { mustBeThere } from './sources'
import type { Terminal } from './terminal'
import { writeFiles, type FileToWrite } from './writeFiles'

interface FormatFlags {
  readonly check?: boolean
  readonly json?: boolean
}

const STANDARD_INPUT = '-'

export async function fmt(files: readonly string[], flags: FormatFlags, terminal: Terminal): Promise<ExitStatus> {
  const names = [...new Set(files)]
  if (names.includes(STANDARD_INPUT) && names.length > 1) throw wrongUse('standard input is formatted alone', 'leave out the files, or the -')
  for (const name of names) if (name !== STANDARD_INPUT) await mustBeThere(name)
  const diagnostics: Diagnostic[] = []
  const changed: FileToWrite[] = []
  for (const path of names) {
    const text = path === STANDARD_INPUT ? await readStandardInput('<stdin>') : await NODE_HOST.readText(path) ?? ''
    const formatted = format({ name: path === STANDARD_INPUT ? '<stdin>' : path, text })
    if (!formatted.ok) diagnostics.push(...formatted.diagnostics)
    else if (path === STANDARD_INPUT && !flags.check) terminal.print(formatted.text.replace(/\n$/, ''))
    else if (formatted.text !== text) changed.push({ path, content: formatted.text })
  }
  reportDiagnostics(diagnostics, flags.json ?? false, terminal)
  if (!flags.check) await writeFiles(changed)
  if (!flags.json) for (const { path } of changed) terminal.print(path)
  return diagnostics.length > 0 || (flags.check && changed.length > 0) ? EXIT.program : EXIT.done
}
