/** `bpc export`: a circuit as a program of another framework, or a model in ONNX. */
import { ExportError, MissingNumbers } from '../../quantum/interop/decompose'
import { CIRCUIT_FORMAT_NAMES, CIRCUIT_FORMATS, exportCircuit, type CircuitFormatName } from '../../quantum/interop/formats'
import { suggest } from '../diagnostics/suggest'
import { findCircuit } from './circuits'
import type { OnnxFlags } from './exportOnnx'
import { EXIT, wrongUse, type ExitStatus } from './outcome'
import type { Terminal } from './terminal'
import { writeFiles } from './writeFiles'

export interface ExportFlags extends OnnxFlags {
  readonly to?: string
}

export async function exportTo(file: string, name: string | undefined, flags: ExportFlags, terminal: Terminal): Promise<ExitStatus> {
  const format = formatOf(flags.to)
  if (format === 'onnx') return await (await import('./exportOnnx')).exportOnnx(file, name, flags, terminal)
  const ofModels = (['weights', 'seed', 'precision'] as const).find(flag => flags[flag] !== undefined)
  if (ofModels) throw wrongUse(`--${ofModels} is for models, which are exported with --to onnx`)
  const found = await findCircuit(file, name, flags, terminal, 'export')
  if (!found) return EXIT.program
  const { circuit, angles, missing } = found
  const { title, takesParameters } = CIRCUIT_FORMATS[format]
  if (!takesParameters && missing.length > 0) throw needsValues(title, missing)
  try {
    const text = await withoutWarnings(() => exportCircuit(circuit, angles, format))
    if (flags.out === undefined) terminal.print(text.trimEnd())
    else await writeFiles([{ path: flags.out, content: text }])
    return EXIT.done
  } catch (error) {
    if (error instanceof MissingNumbers) throw needsValues(`${title}: ${error.message}, which`, missing)
    if (error instanceof ExportError) throw wrongUse(`circuit ${circuit.name} has no ${title} text: ${error.message}`)
    throw error
  }
}

function needsValues(what: string, missing: readonly string[]): Error {
  return wrongUse(`${what} needs values of ${missing.join(', ')}`, `give them with --values FILE.json, or --set ${missing[0] ?? 'x'}=…`)
}

function formatOf(name: string | undefined): CircuitFormatName | 'onnx' {
  const formats = [...CIRCUIT_FORMAT_NAMES, 'onnx'] as const
  const listed = `formats of circuits: ${CIRCUIT_FORMAT_NAMES.join(', ')}; of models: onnx`
  if (name === undefined) throw wrongUse('export needs a format: --to FORMAT', listed)
  const known = formats.find(each => each === name.toLowerCase())
  if (known) return known
  const near = suggest(name, formats)
  throw wrongUse(`there is no format '${name}'`, near ? `did you mean '${near}'?` : listed)
}

/** The `quantum-circuit` package warns of a circular import of its own when it is loaded, which is nothing to a user. */
async function withoutWarnings<Made>(make: () => Promise<Made>): Promise<Made> {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return await make()
  } finally {
    process.emitWarning = emitWarning
  }
}
