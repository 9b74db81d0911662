/** A model's graph as an SVG that reads in light and in dark: what it takes above, what it gives below. */
import { shortened } from '../../../quantum/draw/labels'
import { escaped, textWidth } from '../../../quantum/draw/richText'
import type { GraphNode, ModelGraph, NodeKind } from './graph'
import { layoutBoxes, type Point } from './layout'

/** Pixels. */
const MARGIN = 20
const HEAD = 44
const INSIDE = 14
const LINE = 17
const FONT = 14
const SMALL = 12
const LONGEST = 34

/** The box of each kind, and the word above its name where that does not tell the kind. */
const KINDS: Readonly<Record<NodeKind, { readonly family: string; readonly word: string }>> = {
  input: { family: 'given', word: 'input' }, target: { family: 'given', word: 'target' },
  param: { family: 'trained', word: 'param' }, state: { family: 'trained', word: 'state' },
  layer: { family: 'trained', word: 'layer' }, call: { family: 'plain', word: 'call' }, circuit: { family: 'quantum', word: 'circuit' },
  let: { family: 'plain', word: '' }, loop: { family: 'plain', word: 'loop' },
  output: { family: 'result', word: 'output' }, loss: { family: 'result', word: '' }, metric: { family: 'result', word: 'metric' },
  rate: { family: 'result', word: '' }, update: { family: 'result', word: 'update' },
}

interface BoxLine { readonly text: string; readonly kind: 'word' | 'name' | 'type' | 'text' }

export function graphSvg(graph: ModelGraph): string {
  const boxes = graph.nodes.map(node => {
    const lines = linesOf(node)
    const width = Math.ceil(Math.max(60, ...lines.map(({ text, kind }) => textWidth(text, kind === 'name' ? FONT : SMALL, true))) + 2 * INSIDE)
    return { lines, width, height: lines.length * LINE + 12, from: [...new Set(node.from)] }
  })
  const layout = layoutBoxes(boxes, { between: 26, layers: 42 })
  const counted = `${graph.parameters} ${graph.parameters === 1 ? 'parameter' : 'parameters'}`
  const width = Math.ceil(Math.max(layout.width, textWidth(`${graph.name}${counted}`, 18, true)) + 2 * MARGIN)
  const height = Math.ceil(layout.height + HEAD + 2 * MARGIN)
  const move = ({ x, y }: Point): Point => ({ x: x + (width - layout.width) / 2, y: y + HEAD + MARGIN })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="bp-model" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>model ${escaped(graph.name)}</title>`, `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="${MARGIN}" y="${MARGIN + 14}">${escaped(graph.name)}<tspan class="count" dx="12">${counted}</tspan></text>`,
    ...layout.edges.map(({ points }) => `<path class="edge" d="${curve(points.map(move))}"/>`),
    ...layout.edges.map(({ points }) => arrow(points.map(move).at(-1))),
    ...boxes.map(({ lines, ...size }, at) => drawBox(graph.nodes[at], lines, size, move(layout.corners[at] ?? { x: 0, y: 0 }))),
    '</svg>', '',
  ].join('\n')
}

function linesOf({ kind, title, type, text, facts }: GraphNode): readonly BoxLine[] {
  const lines: BoxLine[] = [
    { text: KINDS[kind].word, kind: 'word' }, { text: shortened(title, LONGEST), kind: 'name' }, { text: shortened(text, LONGEST + 6), kind: 'text' },
    { text: type, kind: 'type' }, { text: facts, kind: 'type' },
  ]
  return lines.filter(line => line.text !== '')
}

function drawBox(node: GraphNode | undefined, lines: readonly BoxLine[], { width, height }: { readonly width: number; readonly height: number }, { x, y }: Point): string {
  if (!node) return ''
  const full = [KINDS[node.kind].word, node.title, node.text, node.type, node.facts].filter(Boolean).join('\n')
  const texts = lines.map(({ text, kind }, at) => `<text class="${kind}" x="${round(x + width / 2)}" y="${round(y + 6 + (at + 0.72) * LINE)}">${escaped(text)}</text>`)
  return `<g class="${KINDS[node.kind].family}"><title>${escaped(full)}</title><rect x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" rx="6"/>${texts.join('')}</g>`
}

/** Upright at both ends of every piece. */
function curve(points: readonly Point[]): string {
  return points.map(({ x, y }, at) => {
    const before = points[at - 1]
    if (!before) return `M${round(x)} ${round(y)}`
    if (before.x === x) return `V${round(y)}`
    const bend = (y - before.y) / 2
    return `C${round(before.x)} ${round(before.y + bend)} ${round(x)} ${round(y - bend)} ${round(x)} ${round(y)}`
  }).join('')
}

const arrow = (tip: Point | undefined): string => (tip ? `<path class="tip" d="M${round(tip.x)} ${round(tip.y)}l-4 -7h8z"/>` : '')

const round = (value: number): number => Math.round(value * 10) / 10

interface Palette {
  readonly page: string; readonly ink: string; readonly quiet: string; readonly edge: string
  readonly given: string; readonly plain: string; readonly trained: string; readonly trainedEdge: string
  readonly quantum: string; readonly quantumEdge: string; readonly result: string; readonly resultEdge: string
}

const LIGHT: Palette = {
  page: '#fff', ink: '#1f2933', quiet: '#52606d', edge: '#9aa5b1', given: '#fdf0d5', plain: '#f1f3f6', trained: '#dcebfb', trainedEdge: '#3b7bbf',
  quantum: '#eae2fa', quantumEdge: '#7c56c4', result: '#dff3e4', resultEdge: '#3c8c57',
}
const DARK: Palette = {
  page: '#14191f', ink: '#e4e7eb', quiet: '#9aa5b1', edge: '#616e7c', given: '#4a3a14', plain: '#2b3440', trained: '#17395c', trainedEdge: '#6cabe8',
  quantum: '#35285a', quantumEdge: '#b39ae8', result: '#1c4029', resultEdge: '#6fc38b',
}

const coloured = (palette: Palette): string => `
.bp-model .page { fill: ${palette.page} } .bp-model text { fill: ${palette.ink} } .bp-model .word, .bp-model .count { fill: ${palette.quiet} }
.bp-model .edge { stroke: ${palette.edge} } .bp-model .tip { fill: ${palette.edge} } .bp-model g rect { stroke: ${palette.edge} }
.bp-model .given rect { fill: ${palette.given} } .bp-model .plain rect { fill: ${palette.plain} }
.bp-model .trained rect { fill: ${palette.trained}; stroke: ${palette.trainedEdge} } .bp-model .quantum rect { fill: ${palette.quantum}; stroke: ${palette.quantumEdge} }
.bp-model .result rect { fill: ${palette.result}; stroke: ${palette.resultEdge} }`.trim()

const STYLE = `
.bp-model text { font: ${SMALL}px Inter, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; text-anchor: middle }
.bp-model .title { font-size: 18px; font-weight: 600; text-anchor: start } .bp-model .count { font-size: ${SMALL}px; font-weight: 400 }
.bp-model .name { font-size: ${FONT}px; font-weight: 600 } .bp-model .text { font-family: "SFMono-Regular", Consolas, "DejaVu Sans Mono", monospace; font-size: 11px }
.bp-model .edge { fill: none; stroke-width: 1.4 } .bp-model g rect { stroke-width: 1.2 }
${coloured(LIGHT)}
@media (prefers-color-scheme: dark) {
${coloured(DARK)}
}
`.trim()
