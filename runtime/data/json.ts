/** JSON files as tables: an array of objects, or an object of arrays; read piece by piece into columns. */
import { RunError } from '../errors'
import { piecesOf, type Piece } from './jsonPieces'
import { RecordTable } from './recordTable'
import type { Table } from './table'
import type { WantedColumns } from './wanted'

/** @throws RunError 'data' naming the file and the row */
export async function readJson(text: AsyncIterable<string>, file: string, wanted: WantedColumns): Promise<Table> {
  let reader: RecordReader | ColumnReader | undefined
  for await (const piece of piecesOf(text, () => new RunError('data', `${file}: a row of ${1 << 28} characters or more, ${reader?.where() ?? 'at the start'}: ${EXPECTED}`))) {
    const parsed = parse(piece, file, reader)
    reader ??= Array.isArray(parsed) ? new RecordReader(file, wanted) : new ColumnReader(file, wanted)
    reader.read(parsed, piece)
  }
  if (!reader) throw new RunError('data', `${file} is empty`)
  return reader.finish()
}

const EXPECTED = 'an array of objects, or an object of arrays, was expected'

interface Reader {
  /** What has been read, for messages; undefined where nothing has. */
  where(): string | undefined
}

// --------------------------------------------------------------------------------------------------------- text

function parse(piece: Piece, file: string, reader: Reader | undefined): unknown {
  const { json } = piece
  try {
    return JSON.parse(json)
  } catch (error) {
    const withNaN = parseNotFinite(json)
    if (withNaN !== undefined) return withNaN
    throw notJson(piece, file, reader, error)
  }
}

/** Texts, and beside them what is no JSON, though Python writes it. */
const NOT_FINITE = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g
const MARK = '\u0000number:'

/** @returns undefined where that is not all that is wrong */
function parseNotFinite(json: string): unknown {
  let isFound = false
  const marked = json.replace(NOT_FINITE, found => {
    if (found.startsWith('"')) return found
    isFound = true
    return JSON.stringify(MARK + found)
  })
  if (!isFound) return undefined
  try {
    return JSON.parse(marked, (_, value: unknown) => (typeof value === 'string' && value.startsWith(MARK) ? Number(value.slice(MARK.length)) : value))
  } catch {
    return undefined
  }
}

function notJson({ json, isLast, isClosed }: Piece, file: string, reader: Reader | undefined, error: unknown): RunError {
  if (json.trim() === '') return new RunError('data', `${file} is empty`)
  if (/^\s*\{[^\n]*\}\s*\n\s*\{/.test(json)) return new RunError('data', `${file} has one object a line: put them in an array, [{ … }, { … }]`)
  const after = reader?.where()
  const where = after === undefined ? '' : `, ${after}`
  if (isLast && !isClosed) return new RunError('data', `${file} is not JSON: it is cut off${where}`)
  // A piece counts its characters from its own start.
  const detail = (error instanceof Error ? error.message : String(error)).replace(reader || !isLast ? / (?:in JSON )?at position \d+.*/ : '', '')
  return new RunError('data', `${file} is not JSON${where}: ${detail}`)
}

/** A comma that nothing follows: cut there, what is left is JSON by itself. */
const commaAtEnd = (file: string, where: string): RunError => new RunError('data', `${file} is not JSON, ${where}: a comma that nothing follows`)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

// ------------------------------------------------------------------------------------------------------- tables

class RecordReader implements Reader {
  private readonly table: RecordTable
  private count = 0

  constructor(private readonly file: string, wanted: WantedColumns) {
    this.table = new RecordTable(file, wanted)
  }

  where(): string | undefined {
    return this.count === 0 ? undefined : `after row ${this.count}`
  }

  read(parsed: unknown, { isAfterComma }: Piece): void {
    const { file, table } = this
    const records = Array.isArray(parsed) ? parsed as readonly unknown[] : []
    if (isAfterComma && records.length === 0) throw commaAtEnd(file, `after row ${this.count}`)
    for (const record of records) {
      this.count++
      if (!isRecord(record)) throw new RunError('data', `${file}: row ${this.count} is no object: ${EXPECTED}`)
      if (this.count === 1) for (const [name, value] of Object.entries(record)) table.declare(name, value)
      table.addRow(record)
    }
  }

  finish(): Table {
    return this.table.finish()
  }
}

class ColumnReader implements Reader {
  private readonly table: RecordTable
  /** Values so far, by name; the last one is that which is being read. */
  private readonly lengths = new Map<string, number>()

  constructor(private readonly file: string, wanted: WantedColumns) {
    this.table = new RecordTable(file, wanted)
  }

  where(): string | undefined {
    const last = [...this.lengths].at(-1)
    return last && `after value ${last[1]} of '${last[0]}'`
  }

  read(parsed: unknown, { column, isAfterComma }: Piece): void {
    const { file, table, lengths } = this
    if (!isRecord(parsed)) throw new RunError('data', `${file}: ${EXPECTED}`)
    const columns = Object.entries(parsed)
    if (isAfterComma && columns.length === 0) throw commaAtEnd(file, this.where() ?? 'at the start')
    for (const [name, values] of columns) {
      if (!Array.isArray(values)) throw new RunError('data', `${file}: '${name}' is no array: ${EXPECTED}${isRecord(values) ? '; pandas writes one by to_json(orient="records")' : ''}`)
      const list = values as readonly unknown[]
      const from = lengths.get(name)
      if (name === column && list.length === 0) throw commaAtEnd(file, this.where() ?? '')
      if (from === undefined) table.declare(name, list[0])
      else if (name !== column) throw new RunError('data', `${file} has several columns '${name}'`)
      table.addColumn(name, list, from ?? 0)
      lengths.set(name, (from ?? 0) + list.length)
    }
  }

  finish(): Table {
    const [[first, length] = ['', 0]] = this.lengths
    for (const [name, count] of this.lengths) {
      if (count !== length) throw new RunError('data', `${this.file}: '${name}' has ${count} ${count === 1 ? 'value' : 'values'}, but '${first}' has ${length}`)
    }
    return this.table.finish()
  }
}
