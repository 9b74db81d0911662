/** `bpc draw`: a model's graph or a circuit, as text on the terminal, or as SVG or text in a file. */
import { drawSvg } from '../../quantum/draw/svg'
import { drawText } from '../../quantum/draw/text'
import { parse } from '../1-parse/parse'
import { DiagnosticSink } from '../diagnostics/sink'
import { findCircuit, type CircuitFlags } from './circuits'
import { modelGraph } from './modelGraph/graph'
import { graphSvg } from './modelGraph/svg'
import { graphText } from './modelGraph/text'
import { NODE_HOST } from './nodeHost'
import { EXIT, wrongUse, type ExitStatus } from './outcome'
import { outlinesOf } from './sources'
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
  const model = await meantModel(file, name)
  const drawing = model === undefined ? await circuitDrawing(file, name, flags, terminal, isSvg) : await modelDrawing(file, model, flags, terminal, isSvg)
  if (drawing === undefined) return EXIT.program
  if (flags.out === undefined) terminal.print(drawing.trimEnd())
  else await writeFiles([{ path: flags.out, content: drawing }])
  return EXIT.done
}

/** The model that is named, or the only one where nothing is; undefined where a circuit is meant. */
async function meantModel(file: string, name: string | undefined): Promise<string | undefined> {
  const text = file.endsWith('.bp') ? await NODE_HOST.readText(file).catch(() => undefined) : undefined
  if (text === undefined) return undefined
  // What is wrong with the file is said when it is compiled.
  const models = parse({ name: file, text }, new DiagnosticSink()).declarations.flatMap(each => (each.kind === 'model' ? [each.name.name] : []))
  if (name !== undefined) return models.find(each => each === name)
  const [only, ...others] = models
  if (others.length > 0) throw wrongUse(`${file} has several models: say which one, or which circuit, \`bpc draw ${file} NAME\``, `there are: ${models.join(', ')}`)
  return only
}

async function modelDrawing(file: string, name: string, flags: DrawFlags, terminal: Terminal, isSvg: boolean): Promise<string | undefined> {
  const forCircuits = flags.width !== undefined ? '--width' : flags.values !== undefined ? '--values' : flags.set !== undefined ? '--set' : undefined
  if (forCircuits) throw wrongUse(`${forCircuits} is for circuits, and ${name} is a model`, `name a circuit: \`bpc draw ${file} NAME\``)
  const compiled = await outlinesOf(file, flags, terminal)
  const outline = compiled?.outlines.find(each => each.model.name === name)
  if (!compiled || !outline) return undefined
  const graph = modelGraph(outline, compiled.routines)
  return isSvg ? graphSvg(graph) : `${graphText(graph)}\n`
}

async function circuitDrawing(file: string, name: string | undefined, flags: DrawFlags, terminal: Terminal, isSvg: boolean): Promise<string | undefined> {
  const found = await findCircuit(file, name, flags, terminal, 'draw')
  if (!found) return undefined
  const { circuit, angles, wireNames } = found
  const options = { wireNames, ...(flags.width === undefined ? {} : { width: flags.width }) }
  return isSvg ? drawSvg(circuit, angles, options) : drawText(circuit, angles, options)
}
