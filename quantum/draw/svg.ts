/** Circuits as SVG that reads in light and in dark: one group an operation, wires behind, results below. */
import type { Circuit, Operation } from '../circuit'
import { PRIMITIVE_GATES } from '../gates'
import type { SlotAngles } from '../interop/angle'
import { measuredAs, measurementText, shortened } from './labels'
import { layoutCircuit, wrapColumns, type Block, type Item, type Layout, type Mark } from './layout'
import { escaped, plainText, richText, textWidth } from './richText'

export interface DrawSvgOptions {
  /** A name for each wire; `q[0]`, `q[1]` … by default. */
  readonly wireNames?: readonly string[]
  /** Pixels a row, 960 by default; a wider column is not cut. */
  readonly width?: number
}

/** Pixels. */
const WIRE_GAP = 46
const BOX = 34
const COLUMN_GAP = 14
const ROW_GAP = 30
const MARGIN = 16
/** Without what is measured. */
const METER = 30
const DOT = 4.5
const TARGET = 10
const CROSS = 6
const FONT = 15
const SMALL = 11
const LINE = 19

const LONGEST_ANGLE = 22
const MOST_RESULTS = 6

/** Where an item's box, marks and line are: for tests, and for whoever draws over them. */
export interface Placed {
  readonly item: Item
  /** Which row of the drawing. */
  readonly row: number
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

interface Geometry {
  readonly layout: Layout
  readonly placed: readonly Placed[]
  /** Where wires begin and end in each row. */
  readonly rows: readonly { readonly from: number; readonly to: number; readonly top: number }[]
  readonly width: number
  readonly height: number
  readonly notes: readonly string[]
  readonly wireNames: readonly string[]
}

/** Everything's place, without the drawing. */
export function placeCircuit(circuit: Circuit, slots: SlotAngles, options: DrawSvgOptions = {}): Geometry {
  const wireNames = options.wireNames ?? Array.from({ length: circuit.qubits }, (_, wire) => `q[${wire}]`)
  const layout = layoutCircuit(circuit, slots)
  const widths = Array.from({ length: layout.columns }, () => 0)
  for (const item of layout.items) widths[item.column] = Math.max(widths[item.column] ?? 0, widthOf(item) + COLUMN_GAP)
  const start = MARGIN + Math.max(...wireNames.map(name => textWidth(name, FONT, true))) + 12
  const rows = wrapColumns(widths, (options.width ?? 960) - start - meterWidth(circuit) - 2 * MARGIN)
  const height = circuit.qubits * WIRE_GAP
  const centres = new Map<number, { readonly row: number; readonly x: number }>()
  const ends = rows.map((columns, row) => {
    let x = start + COLUMN_GAP / 2
    for (const column of columns) {
      centres.set(column, { row, x: x + (widths[column] ?? 0) / 2 })
      x += widths[column] ?? 0
    }
    return x + COLUMN_GAP / 2
  })
  const widest = Math.max(...ends)
  const geometry = rows.map((_, row) => ({ from: start, to: row < rows.length - 1 ? widest : ends[row] ?? widest, top: MARGIN + row * (height + ROW_GAP) }))
  const placed = layout.items.map((item): Placed => {
    const { row, x } = centres.get(item.column) ?? { row: 0, x: 0 }
    const half = widthOf(item) / 2
    const top = geometry[row]?.top ?? 0
    return { item, row, left: x - half, right: x + half, top: wireY(top, item.top) - BOX / 2, bottom: wireY(top, item.bottom) + BOX / 2 }
  })
  const notes = notesOf(circuit, layout, wireNames)
  const body = MARGIN + rows.length * height + (rows.length - 1) * ROW_GAP
  const measuredWidth = circuit.measurements.length > 0 ? meterWidth(circuit) : 0
  return {
    layout, placed, rows: geometry, notes, wireNames,
    width: Math.ceil(Math.max(widest + measuredWidth, ...notes.map(note => MARGIN + textWidth(note, SMALL + 1, true))) + MARGIN),
    height: Math.ceil(body + (notes.length > 0 ? 8 + notes.length * LINE : 0) + MARGIN / 2),
  }
}

/**
 * A circuit as an SVG document.
 * @param slots what each slot holds, [circuit.slots]: numbers, or angles with parameters
 */
export function drawSvg(circuit: Circuit, slots: SlotAngles, options: DrawSvgOptions = {}): string {
  const { placed, rows, width, height, notes, wireNames } = placeCircuit(circuit, slots, options)
  const measured = measuredAs(circuit)
  const wires = rows.flatMap(({ from, to, top }, row) => wireNames.map((name, wire) => {
    const y = wireY(top, wire)
    const goesOn = row < rows.length - 1 ? ` ${line(to + 4, y, to + METER, y, 'on')}` : ''
    return `${line(from, y, to, y, 'wire')}${goesOn}${plainText(name, from - 10, y + 5, FONT, 'name')}`
  }))
  const last = rows.at(-1)
  const meters = last ? [...measured].map(([wire, letter]) => meter(last.to, wireY(last.top, wire), letter, meterWidth(circuit))) : []
  const captions = notes.map((note, at) => plainText(note, MARGIN, height - MARGIN / 2 - (notes.length - 1 - at) * LINE - 4, SMALL + 1, 'note'))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>circuit ${escaped(circuit.name)}</title>`,
    `<style>${STYLE}</style>`,
    ...wires, ...placed.map(draw), ...meters, ...captions, '</svg>', '',
  ].join('\n')
}

const wireY = (top: number, wire: number): number => top + (wire + 0.5) * WIRE_GAP

function notesOf(circuit: Circuit, { phases }: Layout, wireNames: readonly string[]): readonly string[] {
  const results = circuit.measurements.slice(0, MOST_RESULTS).map(measurement => shortened(measurementText(measurement, wireNames), 76))
  const more = circuit.measurements.length - results.length
  // As many in a line as fit below the wires.
  const lines: string[] = []
  for (const result of results) {
    const current = lines.at(-1)
    if (current !== undefined && current.length + result.length < 100) lines[lines.length - 1] = `${current},  ${result}`
    else lines.push(current === undefined ? `reports  ${result}` : `         ${result}`)
  }
  if (more > 0) lines.push(`and ${more} more`)
  return [...phases.length > 0 ? [`global phase  ${phases.map(phase => shortened(phase, LONGEST_ANGLE)).join(' + ')}`] : [], ...lines]
}

// ---------------------------------------------------------------------------------------------------------- sizes

const meterWidth = (circuit: Circuit): number => METER + Math.max(0, ...[...measuredAs(circuit).values()].map(letters => textWidth(letters, SMALL)))

const angleOf = ({ angle }: { readonly angle?: string }): string => (angle === undefined ? '' : shortened(angle, LONGEST_ANGLE))

function boxWidth(named: { readonly label: string; readonly angle?: string }): number {
  return Math.max(BOX, textWidth(named.label, FONT) + 14, textWidth(angleOf(named), SMALL) + 12)
}

function widthOf({ block, marks }: Item): number {
  const sizes = [...marks.values()].map(mark => (mark.kind === 'box' ? boxWidth(mark) : 2 * TARGET))
  return Math.max(...sizes, block ? boxWidth(block) : 0)
}

// -------------------------------------------------------------------------------------------------------- drawing

function draw({ item, left, right, top }: Placed): string {
  const x = (left + right) / 2
  const y = (wire: number) => top + BOX / 2 + (wire - item.top) * WIRE_GAP
  const { block } = item
  const parts = [
    ...item.top === item.bottom ? [] : [line(x, y(item.top), x, y(item.bottom), 'link')],
    ...block ? [drawBlock(block, x, y)] : [],
    ...[...item.marks].map(([wire, mark]) => {
      const isInside = block !== undefined && wire > block.top && wire < block.bottom
      return drawMark(mark, isInside ? x - boxWidth(block) / 2 : x, y(wire))
    }),
  ]
  return `<g class="gate ${familyOf(item.operation)}"><title>${escaped(item.title)}</title>${parts.join('')}</g>`
}

function drawMark(mark: Mark, x: number, y: number): string {
  switch (mark.kind) {
    case 'dot': return `<circle class="${mark.value === 1 ? 'dot' : 'ring'}" cx="${number(x)}" cy="${number(y)}" r="${mark.value === 1 ? DOT : DOT + 0.5}"/>`
    case 'not': return `<circle class="target" cx="${number(x)}" cy="${number(y)}" r="${TARGET}"/>${line(x - TARGET, y, x + TARGET, y, 'plus')}${line(x, y - TARGET, x, y + TARGET, 'plus')}`
    case 'cross': return `${line(x - CROSS, y - CROSS, x + CROSS, y + CROSS, 'link')}${line(x - CROSS, y + CROSS, x + CROSS, y - CROSS, 'link')}`
    case 'box': return `${rectangle(x, y, y, boxWidth(mark))}${caption(mark, x, y)}`
    default: return mark satisfies never
  }
}

function drawBlock(block: Block, x: number, y: (wire: number) => number): string {
  const width = boxWidth(block)
  const passing = block.passing.map(wire => line(x - width / 2, y(wire), x + width / 2, y(wire), 'passing'))
  // Between two wires, where neither a port's name nor a wire that passes is in its way.
  const middle = (y(block.top) + y(block.bottom)) / 2 - ((block.bottom - block.top) % 2 === 0 ? WIRE_GAP / 2 : 0)
  const ports = [...block.ports].map(([wire, port]) => richText(port, x - width / 2 + 7, y(wire) + 4, SMALL, 'port'))
  return `${rectangle(x, y(block.top), y(block.bottom), width)}${passing.join('')}${ports.join('')}${caption(block, x, middle)}`
}

function caption(named: { readonly label: string; readonly angle?: string }, x: number, y: number): string {
  const angle = angleOf(named)
  if (!angle) return richText(named.label, x, y + 5, FONT, 'label')
  return `${richText(named.label, x, y - 1, FONT, 'label')}${richText(angle, x, y + 12, SMALL, 'angle')}`
}

/** A box with an arc and a needle, and what is measured beside them. */
function meter(x: number, y: number, letter: string, width: number): string {
  const middle = x + 13
  return `<g class="meter"><title>measured as ${escaped(letter)}</title><rect x="${number(x)}" y="${number(y - BOX / 2 + 4)}" width="${number(width)}" height="${BOX - 8}" rx="3"/>`
    + `<path class="link" d="M${number(middle - 7)} ${number(y + 5)}a7 7 0 0 1 14 0M${number(middle)} ${number(y + 5)}l5 -10"/>`
    + `${plainText(letter, x + (width + METER - 8) / 2, y + 5, SMALL, 'basis')}</g>`
}

function rectangle(x: number, top: number, bottom: number, width: number): string {
  return `<rect x="${number(x - width / 2)}" y="${number(top - BOX / 2)}" width="${number(width)}" height="${number(bottom - top + BOX)}" rx="4"/>`
}

function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line class="${kind}" x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}"/>`
}

/** A tenth of a pixel is enough. */
const number = (value: number): string => String(Math.round(value * 10) / 10)

/** Which colour: gates with an angle are what is trained. */
function familyOf(operation: Operation): string {
  switch (operation.kind) {
    case 'gate': return PRIMITIVE_GATES[operation.name].kind === 'angle' ? 'turn' : 'fixed'
    case 'pauli_rotation':
    case 'global_phase':
    case 'evolution': return 'turn'
    case 'unitary': return 'fixed'
    case 'amplitudes': return 'state'
    case 'channel':
    case 'kraus': return 'noise'
    default: return operation satisfies never
  }
}

interface Palette {
  readonly ink: string
  readonly wire: string
  /** Fills: gates without an angle, with one, preparations, channels, and what is laid over wires. */
  readonly fixed: string
  readonly turn: string
  readonly turnEdge: string
  readonly state: string
  readonly noise: string
  readonly page: string
}

const LIGHT: Palette = { ink: '#1f2933', wire: '#9aa5b1', fixed: '#f1f3f6', turn: '#dcebfb', turnEdge: '#3b7bbf', state: '#fdf0d5', noise: '#fde3e1', page: '#fff' }
const DARK: Palette = { ink: '#e4e7eb', wire: '#616e7c', fixed: '#2b3440', turn: '#17395c', turnEdge: '#6cabe8', state: '#4a3a14', noise: '#4f2320', page: '#14191f' }

/** Colours as plain rules: many programs that show SVG know no CSS variables. */
const coloured = ({ ink, wire, fixed, turn, turnEdge, state, noise, page }: Palette): string => `
line, circle, rect, path { stroke: ${ink} } text, .dot { fill: ${ink} }
.wire, .on, .passing { stroke: ${wire} } .ring, .target, .meter rect { fill: ${page} }
.fixed rect { fill: ${fixed} } .turn rect { fill: ${turn}; stroke: ${turnEdge} } .state rect { fill: ${state} } .noise rect { fill: ${noise} }`.trim()

const STYLE = `
svg { font-family: Inter, system-ui, "Segoe UI", "DejaVu Sans", sans-serif }
line, circle, rect, path { stroke-width: 1.4; fill: none; stroke-linecap: round } text { text-anchor: middle }
${coloured(LIGHT)}
@media (prefers-color-scheme: dark) {
${coloured(DARK)}
}
.on { stroke-dasharray: 1 5 } .passing { stroke-dasharray: 3 3; opacity: .6 } .noise rect { stroke-dasharray: 4 3 }
.name { text-anchor: end } .note { text-anchor: start; opacity: .75 } .port { text-anchor: start; opacity: .75 } .angle { opacity: .85 } .basis { text-anchor: middle }
`.trim()
