/** Rows that are records as a table: columns have names, and a cell may hold a list of numbers, which is as many columns. */
import { RunError } from '../errors'
import { storedColumn, type StoredColumn } from './columnStore'
import type { Cell, Table } from './table'
import type { WantedColumns } from './wanted'

interface RecordColumn {
  readonly name: string
  /** Its elements, [low, high) among the table's columns; one where it is no list. */
  readonly low: number
  readonly high: number
  readonly isList: boolean
  /** Those that the train block uses. */
  readonly stored: readonly (StoredColumn | undefined)[]
}

/** Fills columns by column or by row; the first value of a column says whether it holds lists, and how long they are. */
export class RecordTable {
  private readonly byName = new Map<string, RecordColumn>()
  private width = 0
  private rows = 0

  constructor(private readonly file: string, private readonly wanted: WantedColumns) {}

  /** @param first value of the column, which comes after those that are there */
  declare(name: string, first: unknown): void {
    const low = this.width
    const isList = isListValue(first)
    const high = low + (isList ? Array.from(first).flat(Infinity).length : 1)
    const stored = Array.from({ length: high - low }, (_, i) => { const use = this.wanted.use(name, low + i); return use && storedColumn(use) })
    this.byName.set(name, { name, low, high, isList, stored })
    this.width = high
  }

  /** Names of the columns that something reads. */
  get used(): readonly string[] {
    return [...this.byName.values()].filter(({ stored }) => stored.some(Boolean)).map(({ name }) => name)
  }

  addRow(record: Readonly<Record<string, unknown>>): void {
    for (const column of this.byName.values()) this.keep(column, record[column.name], this.rows)
    this.rows++
  }

  /** @param from the row of the first value */
  addColumn(name: string, values: ArrayLike<unknown>, from: number): void {
    const column = this.byName.get(name)
    if (!column) return
    for (let i = 0; i < values.length; i++) this.keep(column, values[i], from + i)
    this.rows = Math.max(this.rows, from + values.length)
  }

  private keep({ name, low, high, isList, stored }: RecordColumn, value: unknown, row: number): void {
    if (!isList) {
      stored[0]?.push(cellOf(value))
      return
    }
    const place = `${this.file}: row ${row + 1}: column '${name}'`
    if (!isListValue(value)) throw new RunError('data', `${place}: a list was expected, as in the first row`)
    const flat: readonly unknown[] = Array.from(value).flat(Infinity)
    if (flat.length !== high - low) throw new RunError('data', `${place}: ${flat.length} ${flat.length === 1 ? 'value' : 'values'}, but the first row has ${high - low}`)
    stored.forEach((column, at) => column?.push(cellOf(flat[at])))
  }

  /** @param rows where they are known otherwise: of columns that nothing reads none have been added */
  finish(rows = this.rows): Table {
    const { file } = this
    if (rows === 0) throw new RunError('data', `${file} is empty`)
    const columns = [...this.byName.values()]
    const stored = columns.flatMap(column => column.stored)
    return {
      file, rows, width: stored.length, names: columns.map(({ name, low, high }) => ({ name, low, high })), isText: false,
      cell: (row, column) => stored[column]?.at(row), place: row => `${file}: row ${row + 1}`,
    }
  }
}

const isListValue = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)

/** What is neither number, text nor truth is shown as text, and no number. */
function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case 'string': case 'number': case 'boolean': case 'undefined': return value
    case 'bigint': return Number(value)
    default: return value === null ? null : value instanceof Date ? value.toISOString() : JSON.stringify(value)
  }
}
