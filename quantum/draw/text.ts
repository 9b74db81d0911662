/** Circuits in box-drawing characters, three lines a wire. */
import type { Circuit } from '../circuit'
import type { SlotAngles } from '../interop/angle'
import { measuredAs, measurementText, shortened } from './labels'
import { layoutCircuit, wrapColumns, type Block, type Item, type Mark } from './layout'

export interface DrawTextOptions {
  /** A name for each wire; `q[0]`, `q[1]` … by default. */
  readonly wireNames?: readonly string[]
  /** Characters a line, 100 by default. */
  readonly width?: number
}

/** Characters of an angle, above which it is cut short. */
const LONGEST_ANGLE = 24
/** Results listed below the wires. */
const MOST_RESULTS = 6

/**
 * A circuit as text, wrapped into rows.
 * @param slots what each slot holds, [circuit.slots]: numbers, or angles with parameters
 */
export function drawText(circuit: Circuit, slots: SlotAngles, options: DrawTextOptions = {}): string {
  const wireNames = options.wireNames ?? Array.from({ length: circuit.qubits }, (_, wire) => `q[${wire}]`)
  const { items, columns, phases } = layoutCircuit(circuit, slots)
  const byColumn = Array.from({ length: columns }, (): Item[] => [])
  for (const item of items) byColumn[item.column]?.push(item)
  const widths = byColumn.map(each => 1 + Math.max(...each.map(widthOf)))
  const nameWidth = Math.max(...wireNames.map(name => [...name].length))
  const measured = measuredAs(circuit)
  const rows = wrapColumns(widths, (options.width ?? 100) - nameWidth - 8)
  const blocks = rows.map((row, at) => {
    const lines = Array.from({ length: 3 * circuit.qubits }, (_, line) => (line % 3 === 1 ? `${(wireNames[(line - 1) / 3] ?? '').padStart(nameWidth)}: ` : ' '.repeat(nameWidth + 2)))
    for (const column of row) {
      const cells = columnText(byColumn[column] ?? [], circuit.qubits, widths[column] ?? 1)
      cells.forEach((cell, line) => { lines[line] += cell })
    }
    const isLast = at === rows.length - 1
    return lines.map((line, k) => {
      if (k % 3 !== 1) return line.trimEnd()
      const letter = measured.get((k - 1) / 3)
      if (!isLast) return `${line}─ ⋯`
      return letter === undefined ? `${line}─` : `${line}─┤ ${/^[XYZ]+$/.test(letter) ? `⟨${letter}⟩` : letter}`
    }).filter((line, k, all) => line.trim() !== '' || (k > 0 && k < all.length - 1 && isBetween(all, k)))
  })
  const results = circuit.measurements.slice(0, MOST_RESULTS).map(measurement => measurementText(measurement, wireNames))
  const more = circuit.measurements.length - results.length
  const notes = [
    ...phases.length > 0 ? [`global phase: ${phases.join(' + ')}`] : [],
    ...results.length > 0 ? [`reports ${results.join(', ')}${more > 0 ? `, and ${more} more` : ''}`] : [],
  ]
  return [...blocks.flatMap((block, at) => (at === 0 ? block : ['', ...block])), ...notes.length > 0 ? ['', ...notes] : [], ''].join('\n')
}

/** A blank line is kept where neither neighbour has anything but its wire, so that wires do not touch. */
function isBetween(lines: readonly string[], at: number): boolean {
  return at % 3 === 2 && (lines[at + 1] ?? '').trim() === ''
}

// -------------------------------------------------------------------------------------------------------- columns

const named = ({ label, angle }: { readonly label: string; readonly angle?: string }): string =>
  (angle === undefined ? label : `${label}(${shortened(angle, LONGEST_ANGLE)})`)

const portWidth = ({ ports }: Block): number => Math.max(0, ...[...ports.values()].map(port => [...port].length + 1))

/** Characters of an item without the wire on either side. */
function widthOf({ block, marks }: Item): number {
  const boxes = [...marks.values()].map(mark => (mark.kind === 'box' ? [...named(mark)].length + 4 : 1))
  return Math.max(...boxes, block ? [...named(block)].length + 4 + portWidth(block) : 1)
}

/** Three lines a wire of one column; everything is centred on the same character, so that lines meet. */
function columnText(items: readonly Item[], qubits: number, width: number): readonly string[] {
  const lines = Array.from({ length: 3 * qubits }, (_, line) => (line % 3 === 1 ? '─' : ' ').repeat(width).split(''))
  const centre = Math.floor(width / 2)
  const put = (line: number, at: number, text: string) => [...text].forEach((character, k) => { const cells = lines[line]; if (cells) cells[at + k] = character })
  for (const item of items) {
    for (let line = 3 * item.top + 1; line <= 3 * item.bottom + 1; line++) {
      // A line down and up wherever it goes on, through wires that it passes.
      if (item.top !== item.bottom) put(line, centre, line % 3 === 1 ? '┼' : '│')
    }
    if (item.block) putBlock(put, item, item.block, centre)
    for (const [wire, mark] of item.marks) putMark(put, item, wire, mark, centre)
  }
  return lines.map(cells => cells.join(''))
}

type Put = (line: number, at: number, text: string) => void

function putMark(put: Put, item: Item, wire: number, mark: Mark, centre: number): void {
  switch (mark.kind) {
    case 'dot': {
      const dot = mark.value === 1 ? '●' : '○'
      const { block } = item
      if (!block || wire < block.top || wire > block.bottom) put(3 * wire + 1, centre, dot)
      else put(3 * wire + 1, leftOf(block, centre), dot)
      break
    }
    case 'not': put(3 * wire + 1, centre, '⊕'); break
    case 'cross': put(3 * wire + 1, centre, '×'); break
    case 'box': putBox(put, named(mark), wire, wire, centre, wire > item.top, wire < item.bottom); break
    default: mark satisfies never
  }
}

const leftOf = (block: Block, centre: number): number => centre - Math.floor(([...named(block)].length + 3 + portWidth(block)) / 2)

function putBox(put: Put, text: string, top: number, bottom: number, centre: number, above: boolean, below: boolean): number {
  const width = [...text].length + 4
  const left = centre - Math.floor((width - 1) / 2)
  const line = '─'.repeat(width - 2)
  put(3 * top, left, `┌${line}┐`)
  put(3 * bottom + 2, left, `└${line}┘`)
  for (let inner = 3 * top + 1; inner < 3 * bottom + 2; inner++) put(inner, left, inner % 3 === 1 ? `┤${' '.repeat(width - 2)}├` : `│${' '.repeat(width - 2)}│`)
  put(Math.floor((3 * top + 3 * bottom + 2) / 2), left + 2, text)
  if (above) put(3 * top, centre, '┴')
  if (below) put(3 * bottom + 2, centre, '┬')
  return left
}

function putBlock(put: Put, item: Item, block: Block, centre: number): void {
  const text = `${' '.repeat(portWidth(block))}${named(block)}`
  const left = putBox(put, text, block.top, block.bottom, centre, item.top < block.top, item.bottom > block.bottom)
  for (const [wire, port] of block.ports) put(3 * wire + 1, left + 2, port)
}
