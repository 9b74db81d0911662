/** `bpc draw`: a circuit as text on the terminal, or as SVG or text in a file. */
import { drawSvg } from '../../quantum/draw/svg'
import { drawText } from '../../quantum/draw/text'
import { findCircuit, type CircuitFlags } from './circuits'
import { EXIT, wrongUse, type ExitStatus } from './outcome'
import type { Terminal } from './terminal'
import { writeFiles } from './writeFiles'

export interface DrawFlags extends CircuitFlags {
  readonly out?: string
  readonly text?: boolean
  readonly width?: number
}

export async function draw(file: string, name: string | undefined, flags: DrawFlags, terminal: Terminal): Promise<ExitStatus> {
  const isSvg = flags.out?.endsWith('.svg') ?? false
  if (isSvg && flags.text) throw wrongUse(`--text into ${flags.out}: a .svg file holds a drawing`, 'leave --text out, or name a .txt file')
  if (flags.out !== undefined && !isSvg && !flags.text && !flags.out.endsWith('.txt')) throw wrongUse(`--out takes a .svg file or a .txt file, not '${flags.out}'`)
  const found = await findCircuit(file, name, flags, terminal, 'draw')
  if (!found) return EXIT.program
  const { circuit, angles, wireNames } = found
  const options = { wireNames, ...(flags.width === undefined ? {} : { width: flags.width }) }
  const drawing = isSvg ? drawSvg(circuit, angles, options) : drawText(circuit, angles, options)
  if (flags.out === undefined) terminal.print(drawing.trimEnd())
  else await writeFiles([{ path: flags.out, content: drawing }])
  return EXIT.done
}
