/** A data file that has been read: rows of cells, whatever the format. */
import type { ColumnSource } from '../../ir/training'
import { RunError } from '../errors'
import { suggestName } from '../suggest'

export type Cell = string | number | boolean | null | undefined

export interface Table {
  /** As messages name it. */
  readonly file: string
  readonly rows: number
  /** Cells in a row. */
  readonly width: number
  /** The columns by name, [low, high) among the positions; absent for a file without names. */
  readonly names: readonly { readonly name: string; readonly low: number; readonly high: number }[] | undefined
  /** Whether numbers stand as text, as in CSV; otherwise text is text. */
  readonly isText: boolean
  cell(row: number, column: number): Cell
  /** Where a row is, for messages: `moons.csv:17`. */
  place(row: number): string
}

/** @throws RunError 'data' for a column that is not there */
export function positionsOf(table: Table, from: ColumnSource & { readonly kind: 'named' | 'positions' }, input: string): readonly number[] {
  const { file, names, width, isText } = table
  if (from.kind === 'positions') {
    if (from.high <= width) return range(from.low, from.high)
    throw new RunError('data', `${file} has ${width} ${width === 1 ? 'column' : 'columns'}, but ${input} takes columns(${from.low}..${from.high})`)
  }
  if (!names) throw new RunError('data', `${file} has no names for its columns: pick them by position, as in columns(0..${width})`)
  return from.names.flatMap(name => {
    const [found, second] = names.filter(column => column.name === name)
    if (!found) {
      const parted = isText && names.length === 1 ? '; cells are parted by commas, semicolons or tabs' : ''
      throw new RunError('data', `${file} has no column '${name}' for ${input}${suggestName(name, names.map(column => column.name))}${parted}`)
    }
    if (second) throw new RunError('data', `${file} has several columns '${name}': pick one by position, columns(${found.low}..${found.high})`)
    return range(found.low, found.high)
  })
}

const range = (low: number, high: number): number[] => Array.from({ length: high - low }, (_, i) => low + i)

export function printColumn({ names }: Table, at: number): string {
  const column = names?.find(({ low, high }) => low <= at && at < high)
  if (!column) return `column ${at} (counted from 0)`
  return column.high - column.low === 1 ? `column '${column.name}'` : `column '${column.name}', element ${at - column.low}`
}

export function failCell(table: Table, row: number, column: number, expected: string): never {
  const cell = table.cell(row, column)
  const help = typeof cell === 'string' && /^[+-]?\d+,\d+$/.test(cell) ? ': decimals are written with a dot' : ''
  throw new RunError('data', `${table.place(row)}: ${printColumn(table, column)}: ${expected} was expected, found ${printCell(cell)}${help}`)
}

function printCell(cell: Cell): string {
  if (cell === '' || cell === undefined || cell === null) return 'an empty cell'
  if (typeof cell !== 'string') return String(cell)
  return `'${cell.length > 40 ? `${cell.slice(0, 40)}…` : cell}'`
}

// ----------------------------------------------------------------------------------------------------- cells

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ['nan', NaN], ['inf', Infinity], ['+inf', Infinity], ['-inf', -Infinity], ['infinity', Infinity], ['-infinity', -Infinity],
])

/** Text that a number is written as. */
export const isNumberText = (cell: string): boolean => NUMBER.test(cell) || NOT_FINITE.has(cell.toLowerCase())

/** @returns undefined where the text is no number */
export function numberInText(text: string): number | undefined {
  const value = Number(text)
  // What `Number` takes besides: nothing at all, and other bases, as in 0x10.
  if (Number.isFinite(value) && text !== '' && !(text.charCodeAt(1) > 57 && /^0[xob]/i.test(text))) return value
  return NUMBER.test(text) ? value : NOT_FINITE.get(text.toLowerCase())
}

/** @returns undefined where the cell is no number */
export function numberIn({ isText }: Table, cell: Cell): number | undefined {
  if (typeof cell === 'number') return cell
  return isText && typeof cell === 'string' ? numberInText(cell) : undefined
}

/** @returns undefined where the cell is neither true nor false */
export function truthIn(cell: Cell): 0 | 1 | undefined {
  const text = String(cell).toLowerCase()
  return text === 'true' || text === '1' ? 1 : text === 'false' || text === '0' ? 0 : undefined
}

/** Text that stands for itself: a class, a sequence. */
export const textIn = (table: Table, cell: Cell): string | undefined =>
  typeof cell === 'string' && cell !== '' && !(table.isText && isNumberText(cell)) ? cell : undefined
