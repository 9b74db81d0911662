/** Files of records as tables, JSON and Parquet: columns have names, and a cell may hold a list of numbers. */
import { RunError } from '../errors'
import type { Cell, Table } from './table'

/**
 * An array of objects, or an object of arrays.
 * @throws RunError 'data' naming the file and the row
 */
export function parseJson(text: string, file: string): Table {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new RunError('data', `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (Array.isArray(parsed)) {
    const other = parsed.findIndex(row => !isRecord(row))
    if (other >= 0) throw new RunError('data', `${file}: row ${other + 1} is no object: an array of objects, or an object of arrays, was expected`)
    return tableOfRows(parsed as readonly Record<string, unknown>[], file)
  }
  if (!isRecord(parsed)) throw new RunError('data', `${file}: an array of objects, or an object of arrays, was expected`)
  const columns = Object.entries(parsed)
  const [first] = columns
  for (const [name, values] of columns) {
    if (!Array.isArray(values)) throw new RunError('data', `${file}: '${name}' is no array: an array of objects, or an object of arrays, was expected`)
    const length = Array.isArray(first?.[1]) ? first[1].length : 0
    if (values.length !== length) throw new RunError('data', `${file}: '${name}' has ${values.length} values, but '${first?.[0]}' has ${length}`)
  }
  return tableOfColumns(columns as readonly (readonly [string, readonly unknown[]])[], file)
}

/** @throws RunError 'data' where the file cannot be read */
export async function parseParquet(bytes: Uint8Array, file: string): Promise<Table> {
  const [{ parquetReadObjects }, { compressors }] = await Promise.all([import('hyparquet'), import('hyparquet-compressors')])
  let rows: readonly Record<string, unknown>[]
  try {
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    rows = await parquetReadObjects({ file: buffer as ArrayBuffer, compressors }) as readonly Record<string, unknown>[]
  } catch (error) {
    throw new RunError('data', `${file} cannot be read as Parquet: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  return tableOfRows(rows, file)
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The first row says what columns there are. */
function tableOfRows(rows: readonly Record<string, unknown>[], file: string): Table {
  return tableOfColumns(Object.keys(rows[0] ?? {}).map(name => [name, rows.map(row => row[name])] as const), file)
}

function tableOfColumns(columns: readonly (readonly [string, readonly unknown[]])[], file: string): Table {
  const rows = columns[0]?.[1].length ?? 0
  if (rows === 0) throw new RunError('data', `${file} is empty`)
  const names: { name: string; low: number; high: number }[] = []
  const readers: ((row: number) => Cell)[] = []
  for (const [name, values] of columns) {
    const low = readers.length
    if (isList(values[0])) {
      const lists = values.map((value, row) => flatList(value, row, name, file))
      const width = lists[0]?.length ?? 0
      const odd = lists.findIndex(list => list.length !== width)
      if (odd >= 0) throw new RunError('data', `${file}: row ${odd + 1}: column '${name}': ${lists[odd]?.length} values, but the first row has ${width}`)
      for (let i = 0; i < width; i++) readers.push(row => cellOf(lists[row]?.[i]))
    } else readers.push(row => cellOf(values[row]))
    names.push({ name, low, high: readers.length })
  }
  return { file, rows, width: readers.length, names, isText: false, cell: (row, column) => readers[column]?.(row), place: row => `${file}: row ${row + 1}` }
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)

function flatList(value: unknown, row: number, name: string, file: string): readonly unknown[] {
  if (isList(value)) return Array.from(value).flat(Infinity)
  throw new RunError('data', `${file}: row ${row + 1}: column '${name}': a list was expected, as in the first row`)
}

/** What is neither number, text nor truth is shown as text, and no number. */
function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case 'string': case 'number': case 'boolean': case 'undefined': return value
    case 'bigint': return Number(value)
    default: return value === null ? null : value instanceof Date ? value.toISOString() : JSON.stringify(value)
  }
}
