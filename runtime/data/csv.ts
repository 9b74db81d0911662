/**
 * Reads a model's inputs from the text of a CSV file, as its `data` line says. Pure: whoever calls reads the file. Kept out
 * of the runtime's own bundle, for it brings the parser.
 */
import { parse } from 'csv-parse/browser/esm/sync'
import type { ColumnSource, DataPlan, PlanInput, Precision } from '../../ir/plan'
import { printType } from '../../ir/type'
import { allocate } from '../backends/backend'
import { RunError } from '../errors'
import { suggestName } from '../suggest'
import type { TensorData } from '../tensor'

export interface DataTable {
  /** By input name, for `fit` or `evaluate`. */
  readonly values: Readonly<Record<string, TensorData>>
  /** Names of the classes of inputs that were read from text, in order: class i is names[i]. */
  readonly classes: Readonly<Record<string, readonly string[]>>
  readonly rows: number
}

interface Row { readonly cells: readonly string[]; readonly line: number }

/** A parsed file; without a header its columns have positions only. */
interface Table { readonly file: string; readonly header: readonly string[] | undefined; readonly rows: readonly Row[] }

/**
 * @param inputs of the plan; those that no column is mapped to are left out
 * @throws RunError 'data' naming the file, the line and the column
 */
export function readCsv(text: string, plan: DataPlan, inputs: readonly PlanInput[], precision: Precision = 'f64'): DataTable {
  const table = parseTable(text, plan)
  const values: Record<string, TensorData> = {}
  const classes: Record<string, readonly string[]> = {}
  for (const { input: name, from } of plan.columns) {
    const input = inputs.find(other => other.name === name)
    if (!input) throw new RunError('usage', `data maps '${name}', which is no input${suggestName(name, inputs.map(other => other.name))}`)
    const columns = resolveColumns(table, from, name)
    const shape = shapeOf(input, table.rows.length, columns.length, table.file)
    const data = allocate(input.type.element, precision, table.rows.length * columns.length)
    const reader = cellReader(table, input, columns, names => { classes[name] = names })
    let at = 0
    for (const row of table.rows) for (const column of columns) data[at++] = reader(row, column)
    values[name] = { data, shape }
  }
  return { values, classes, rows: table.rows.length }
}

// ------------------------------------------------------------------------------------------------------ the table

function parseTable(text: string, { file, columns }: DataPlan): Table {
  let records: readonly { readonly record: string[]; readonly info: { readonly lines: number } }[]
  try {
    records = parse(text, {
      bom: true, skip_empty_lines: true, relax_column_count: true, trim: true, info: true, delimiter: delimiterOf(text),
    }) as unknown as typeof records
  } catch (error) {
    throw new RunError('data', `${file} is not CSV: ${error instanceof Error ? error.message : String(error)}`)
  }
  const all = records.map(({ record, info }) => ({ cells: record, line: info.lines }))
  const [first] = all
  if (!first) throw new RunError('data', `${file} is empty`)
  const ragged = all.find(row => row.cells.length !== first.cells.length)
  if (ragged) throw new RunError('data', `${file}:${ragged.line}: ${ragged.cells.length} cells, but the first row has ${first.cells.length}`)
  // By position a file may do without a header: then its first row has numbers where its second has.
  const named = columns.some(({ from }) => from.kind === 'named')
  const second = all[1]?.cells ?? []
  const hasHeader = named || first.cells.some((cell, i) => !isNumber(cell) && isNumber(second[i] ?? ''))
  const rows = hasHeader ? all.slice(1) : all
  if (rows.length === 0) throw new RunError('data', `${file} has a header, but no rows`)
  return { file, header: hasHeader ? first.cells : undefined, rows }
}

/** Comma, semicolon or tab: whichever the first line has most of. */
function delimiterOf(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]|$/))
  const count = (delimiter: string) => line.split(delimiter).length
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best))
}

function resolveColumns({ file, header, rows }: Table, from: ColumnSource, input: string): number[] {
  switch (from.kind) {
    case 'named': {
      const known = header ?? []
      return from.names.map(name => {
        const at = known.indexOf(name)
        if (at < 0) throw new RunError('data', `${file} has no column '${name}' for ${input}${suggestName(name, known)}`)
        if (known.lastIndexOf(name) !== at) throw new RunError('data', `${file} has several columns '${name}': pick one by position, columns(${at}..${at + 1})`)
        return at
      })
    }
    case 'positions': {
      const width = rows[0]?.cells.length ?? 0
      if (from.low < 0 || from.high > width || from.low >= from.high) {
        throw new RunError('data', `${file} has ${width} columns, but ${input} takes columns(${from.low}..${from.high})`)
      }
      return Array.from({ length: from.high - from.low }, (_, i) => from.low + i)
    }
    default: return from satisfies never
  }
}

/** The columns fill one row of the input's shape; an open size is worked out where there is one. */
function shapeOf({ name, type }: PlanInput, rows: number, columns: number, file: string): number[] {
  const fail = (): never => {
    throw new RunError('data', `${file}: ${columns} ${columns === 1 ? 'column does' : 'columns do'} not fill a row of ${name}, which is ${printType(type)}`)
  }
  if (type.shape.length === 0) return fail()
  const sizes = type.shape.slice(1)
  const known = sizes.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1)
  const open = sizes.filter(dim => typeof dim !== 'number').length
  if (open > 1 || columns % known !== 0 || (open === 0 && columns !== known)) return fail()
  return [rows, ...sizes.map(dim => (typeof dim === 'number' ? dim : columns / known))]
}

// ------------------------------------------------------------------------------------------------------ the cells

type CellReader = (row: Row, column: number) => number

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ['nan', NaN], ['inf', Infinity], ['+inf', Infinity], ['-inf', -Infinity], ['infinity', Infinity], ['-infinity', -Infinity],
])

const isNumber = (cell: string) => NUMBER.test(cell) || NOT_FINITE.has(cell.toLowerCase())

function cellReader(table: Table, input: PlanInput, columns: readonly number[], setClasses: (names: readonly string[]) => void): CellReader {
  switch (input.type.element) {
    case 'real': return (row, column) => {
      const cell = row.cells[column] ?? ''
      if (NUMBER.test(cell)) return Number(cell)
      return NOT_FINITE.get(cell.toLowerCase()) ?? failCell(table, row, column, 'a number')
    }
    case 'bool': return (row, column) => {
      const cell = (row.cells[column] ?? '').toLowerCase()
      return cell === 'true' || cell === '1' ? 1 : cell === 'false' || cell === '0' ? 0 : failCell(table, row, column, 'true or false')
    }
    case 'int': return intReader(table, input, columns, setClasses)
    default: return input.type.element satisfies never
  }
}

/** Integers as they are, or, where the first cell is text, classes in sorted order. */
function intReader(table: Table, { classes }: PlanInput, columns: readonly number[], setClasses: (names: readonly string[]) => void): CellReader {
  const first = table.rows[0]?.cells[columns[0] ?? 0] ?? ''
  if (!isNumber(first) && first !== '') {
    const names = [...new Set(table.rows.flatMap(row => columns.map(column => row.cells[column] ?? '')))].sort()
    const low = classes?.low ?? 0
    if (classes && names.length > classes.high - low) {
      const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '')
      const column = printColumn(table, columns[0] ?? 0)
      throw new RunError('data', `${table.file}: ${column} has ${names.length} classes (${shown}), but ${classes.low}..${classes.high} has ${classes.high - low}`)
    }
    setClasses(names)
    const codes = new Map(names.map((name, i) => [name, low + i]))
    return (row, column) => {
      const cell = row.cells[column] ?? ''
      return (cell === '' ? undefined : codes.get(cell)) ?? failCell(table, row, column, 'a class')
    }
  }
  return (row, column) => {
    const cell = row.cells[column] ?? ''
    const value = NUMBER.test(cell) ? Number(cell) : NaN
    if ((value | 0) !== value) return failCell(table, row, column, 'an integer')
    if (classes && (value < classes.low || value >= classes.high)) {
      return failCell(table, row, column, `a class in ${classes.low}..${classes.high} (${classes.low} to ${classes.high - 1})`)
    }
    return value
  }
}

function failCell(table: Table, row: Row, column: number, expected: string): never {
  const cell = row.cells[column] ?? ''
  const found = cell === '' ? 'an empty cell' : `'${cell.length > 40 ? `${cell.slice(0, 40)}…` : cell}'`
  throw new RunError('data', `${table.file}:${row.line}: ${printColumn(table, column)}: ${expected} was expected, found ${found}`)
}

const printColumn = ({ header }: Table, column: number): string =>
  (header ? `column '${header[column]}'` : `column ${column} (counted from 0)`)
