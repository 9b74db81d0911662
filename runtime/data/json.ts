/** JSON files as tables: an array of objects, read piece by piece, or an object of arrays, read whole. */
import { RunError } from '../errors'
import { RecordTable } from './recordTable'
import type { Table } from './table'
import type { WantedColumns } from './wanted'

/** @throws RunError 'data' naming the file and the row */
export async function readJson(text: AsyncIterable<string>, file: string, wanted: WantedColumns): Promise<Table> {
  let rows: RecordTable | undefined
  let count = 0
  for await (const { json, isWhole } of wholeElements(text, file, () => count)) {
    const parsed = parse(json, file, isWhole ? undefined : count)
    if (!Array.isArray(parsed)) return tableOfColumns(parsed, file, wanted)
    for (const record of parsed as readonly unknown[]) {
      count++
      if (!isRecord(record)) throw new RunError('data', `${file}: row ${count} is no object: ${EXPECTED}`)
      rows ??= new RecordTable(file, Object.entries(record), wanted)
      rows.addRow(record)
    }
  }
  if (!rows) throw new RunError('data', `${file} is empty`)
  return rows.finish()
}

const EXPECTED = 'an array of objects, or an object of arrays, was expected'

/** @param after rows that have been read, where it is a piece of a file */
function parse(json: string, file: string, after: number | undefined): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (json.trim() === '') throw new RunError('data', `${file} is empty`)
    if (/^\s*\{[^\n]*\}\s*\n\s*\{/.test(json)) throw new RunError('data', `${file} has one object a line: put them in an array, [{ … }, { … }]`)
    const where = after === undefined || after === 0 ? '' : `, after row ${after}`
    throw new RunError('data', `${file} is not JSON${where}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function tableOfColumns(parsed: unknown, file: string, wanted: WantedColumns): Table {
  if (!isRecord(parsed)) throw new RunError('data', `${file}: ${EXPECTED}`)
  const columns = Object.entries(parsed)
  const lists = columns.map(([name, values]): readonly [string, readonly unknown[]] => {
    if (!Array.isArray(values)) throw new RunError('data', `${file}: '${name}' is no array: ${EXPECTED}`)
    return [name, values]
  })
  const [[first, { length }] = ['', []]] = lists
  for (const [name, values] of lists) {
    if (values.length !== length) throw new RunError('data', `${file}: '${name}' has ${values.length} values, but '${first}' has ${length}`)
  }
  const table = new RecordTable(file, lists.map(([name, values]) => [name, values[0]] as const), wanted)
  for (const [name, values] of lists) table.addColumn(name, values, 0)
  return table.finish()
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

// ------------------------------------------------------------------------------------------------------ pieces

interface Piece { readonly json: string; readonly isWhole: boolean }

/**
 * Arrays of some of the elements of the array that the text is; what is no array, and what is small, comes whole.
 * @param rows that have been read so far, for messages
 */
async function* wholeElements(text: AsyncIterable<string>, file: string, rows: () => number): AsyncGenerator<Piece> {
  const scanner = new ArrayScanner()
  let rest = ''
  let isFirst = true
  for await (const piece of text) {
    rest += piece
    if (isFirst && !/^\s*\[/.test(rest)) {
      for await (const more of text) rest += more
      yield { json: rest, isWhole: true }
      return
    }
    const comma = scanner.scan(rest)
    if (comma < 0) continue
    yield { json: `${isFirst ? '' : '['}${rest.slice(0, comma)}]`, isWhole: false }
    rest = rest.slice(comma + 1)
    scanner.drop(comma + 1)
    isFirst = false
  }
  if (isFirst) yield { json: rest, isWhole: true }
  else if (!scanner.isClosed) throw new RunError('data', `${file} is not JSON: it ends within its array, after row ${rows()}`)
  else yield { json: `[${rest}`, isWhole: false }
}

/** Looks for commas between the elements of the outermost array; texts are passed over. */
class ArrayScanner {
  private at = 0
  private depth = 0
  private isText = false

  get isClosed(): boolean {
    return this.depth === 0
  }

  /** Goes on from where it was. @returns where the last comma is, −1 where there is none */
  scan(text: string): number {
    let last = -1
    let { at, depth, isText } = this
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) isText = !isText
      else if (isText) {
        // What is escaped ends no text.
        if (code === BACKSLASH) at++
      } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) depth++
      else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth--
      else if (code === COMMA && depth === 1) last = at
    }
    Object.assign(this, { at, depth, isText })
    return last
  }

  /** So many characters have been taken from the front. */
  drop(count: number): void {
    this.at -= count
  }
}

const [QUOTE, BACKSLASH, COMMA, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 44, 91, 93, 123, 125]
