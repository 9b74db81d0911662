/** What a `data` line says about one input, worked out over the rows of a table: columns, arithmetic on them, codes. */
import { applyScalar } from '../../ir/scalar'
import type { ColumnFunction, ColumnSource } from '../../ir/training'
import { RunError } from '../errors'
import { failCell, numberIn, positionsOf, printColumn, textIn, type Table } from './table'

/** Some numbers a row. */
export interface Block {
  readonly width: number
  at(row: number, i: number): number
  /** Says of a number that is not finite what it is, and where it is from; absent where all are finite. */
  describe?(row: number, i: number): string
}

/** Names of classes that were read from text, in order. */
export interface Classes {
  /** Those of an earlier file, that this one must keep to. */
  readonly known: readonly string[] | undefined
  found(names: readonly string[]): void
}

/**
 * Numbers, read as they are asked for.
 * @param input for messages
 * @throws RunError 'data' naming file, row and column, here or when a number is asked for
 */
export function evaluateColumns(table: Table, from: ColumnSource, input: string, classes: Classes): Block {
  switch (from.kind) {
    case 'named': case 'positions': return numbersOf(table, positionsOf(table, from, input))
    case 'number': return { width: 1, at: () => from.value, describe: () => String(from.value) }
    case 'concat': return sideBySide(from.parts.map(part => evaluateColumns(table, part, input, classes)))
    case 'scalar': return elementwise(table, from, input, from.args.map(arg => evaluateColumns(table, arg, input, classes)))
    case 'oneHot': return oneHot(table, from.size, codesOf(table, from.of, input, { low: 0, high: from.size }, classes))
    case 'letters': return letters(table, from, input)
    default: return from satisfies never
  }
}

function numbersOf(table: Table, columns: readonly number[]): Block {
  const at = (row: number, i: number): number => {
    const column = columns[i] ?? 0
    return numberIn(table, table.cell(row, column)) ?? failCell(table, row, column, 'a number')
  }
  return { width: columns.length, at, describe: (row, i) => `${printColumn(table, columns[i] ?? 0)} is ${at(row, i)}` }
}

function sideBySide(blocks: readonly Block[]): Block {
  const places = blocks.flatMap(block => Array.from({ length: block.width }, (_, i) => ({ block, i })))
  return { width: places.length, at: (row, i) => {
    const place = places[i]
    return place ? place.block.at(row, place.i) : NaN
  }, describe: (row, i) => {
    const place = places[i]
    return place?.block.describe?.(row, place.i) ?? ''
  } }
}

function elementwise(table: Table, { fn }: ColumnSource & { readonly kind: 'scalar' }, input: string, args: readonly Block[]): Block {
  const width = args.reduce((most, arg) => Math.max(most, arg.width), 1)
  const odd = args.find(arg => arg.width !== width && arg.width !== 1)
  if (odd) throw new RunError('data', `${table.file}: ${input}: ${fn} of ${odd.width} columns and ${width} columns`)
  const values = args.map(() => 0)
  const at = (row: number, i: number): number => {
    args.forEach((arg, place) => { values[place] = arg.at(row, arg.width === 1 ? 0 : i) })
    return applyScalar(fn, values)
  }
  return { width, at, describe: (row, i) => {
    const odd = args.find(arg => !Number.isFinite(arg.at(row, arg.width === 1 ? 0 : i)))
    const value = at(row, i)
    return odd?.describe?.(row, odd.width === 1 ? 0 : i) ?? `${input}: ${printCall(fn, values)} is ${value}`
  } }
}

const OPERATORS: { readonly [Fn in ColumnFunction]?: string } = { add: '+', sub: '-', mul: '*', div: '/', mod: '%', pow: '^' }

function printCall(fn: ColumnFunction, args: readonly number[]): string {
  const operator = OPERATORS[fn]
  return operator === undefined ? `${fn}(${args.join(', ')})` : args.join(` ${operator} `)
}

function oneHot(table: Table, size: number, codes: Block): Block {
  return { width: codes.width * size, at: (row, i) => {
    const code = codes.at(row, Math.floor(i / size))
    if (i % size === 0 && !Number.isInteger(code)) throw new RunError('data', `${table.place(row)}: one_hot: a class was expected, found ${code}`)
    return code === i % size ? 1 : 0
  } }
}

/** Classes as numbers: integers as they are, or, where the first cell is text, text in sorted order. */
export function codesOf(
  table: Table, from: ColumnSource, input: string, range: { readonly low: number; readonly high: number } | undefined, classes: Classes,
): Block {
  if (from.kind !== 'named' && from.kind !== 'positions') return evaluateColumns(table, from, input, classes)
  const columns = positionsOf(table, from, input)
  const [column = 0] = columns
  if (!classes.known && textIn(table, table.cell(0, column)) === undefined) return integers(table, columns, range)
  const names = classes.known ?? sortedTexts(table, columns)
  const low = range?.low ?? 0
  if (range && names.length > range.high - low) {
    const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '')
    throw new RunError('data', `${table.file}: ${printColumn(table, column)} has ${names.length} classes (${shown}), but ${low}..${range.high} has ${range.high - low}`)
  }
  classes.found(names)
  const codes = new Map(names.map((name, at) => [name, low + at]))
  const expected = classes.known ? `one of the classes of the training data (${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''})` : 'a class'
  return { width: columns.length, at: (row, i) => {
    const cell = table.cell(row, columns[i] ?? 0)
    return (cell === '' || cell === null || cell === undefined ? undefined : codes.get(String(cell))) ?? failCell(table, row, columns[i] ?? 0, expected)
  } }
}

function sortedTexts(table: Table, columns: readonly number[]): readonly string[] {
  const texts = new Set<string>()
  for (let row = 0; row < table.rows; row++) for (const column of columns) texts.add(String(table.cell(row, column) ?? ''))
  return [...texts].sort()
}

function integers(table: Table, columns: readonly number[], range: { readonly low: number; readonly high: number } | undefined): Block {
  return { width: columns.length, at: (row, i) => {
    const column = columns[i] ?? 0
    const value = numberIn(table, table.cell(row, column)) ?? NaN
    if ((value | 0) !== value) return failCell(table, row, column, 'an integer')
    return !range || (value >= range.low && value < range.high) ? value : failCell(table, row, column, printClasses(range))
  } }
}

export const printClasses = ({ low, high }: { readonly low: number; readonly high: number }): string => `a class in ${low}..${high} (${low} to ${high - 1})`

/** Texts of one length, letter by letter. */
function letters(table: Table, { of, alphabet, other }: ColumnSource & { readonly kind: 'letters' }, input: string): Block {
  if (of.kind !== 'named' && of.kind !== 'positions') throw new RunError('usage', `${input}: chars takes columns of text`)
  const columns = positionsOf(table, of, input)
  const codes = new Map([...alphabet].map((letter, at) => [letter, at]))
  const widths = columns.map(column => textAt(table, 0, column).length)
  const places = columns.flatMap((column, at) => Array.from({ length: widths[at] ?? 0 }, (_, i) => ({ column, i, width: widths[at] ?? 0 })))
  return { width: places.length, at: (row, at) => {
    const { column, i, width } = places[at] ?? { column: 0, i: 0, width: 0 }
    const text = textAt(table, row, column)
    if (text.length !== width) {
      throw new RunError('data', `${table.place(row)}: ${printColumn(table, column)}: ${width} letters were expected, as in the first row, found ${text.length}`)
    }
    const letter = text[i] ?? ''
    const code = codes.get(letter) ?? other
    if (code !== undefined) return code
    throw new RunError('data', `${table.place(row)}: ${printColumn(table, column)}: letter ${i + 1} is '${letter}', which is not in "${alphabet}"; give such letters a code, as in chars(…, "${alphabet}", other = ${codes.size})`)
  } }
}

function textAt(table: Table, row: number, column: number): string {
  const cell = table.cell(row, column)
  return typeof cell === 'string' && cell !== '' ? cell : failCell(table, row, column, 'text')
}
