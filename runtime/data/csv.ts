/** CSV files as tables: comma, semicolon or tab, with a header or without; read piece by piece into columns. */
import { CsvError, parse } from 'csv-parse/browser/esm/sync'
import { RunError } from '../errors'
import { GrowingNumbers, storedColumn, type StoredColumn } from './columnStore'
import { countLines } from './content'
import { isNumberText, numberInText, type Table } from './table'
import type { WantedColumns } from './wanted'

/**
 * @param wanted where one is asked for by name, the first line is a header, whatever stands in it
 * @throws RunError 'data' naming the file and the line
 */
export async function readCsv(text: AsyncIterable<string>, file: string, wanted: WantedColumns): Promise<Table> {
  let reader: CsvReader | undefined
  // The first two records tell whether there is a header.
  let start: Piece | undefined
  for await (const piece of wholeRecords(text, file)) {
    if (reader) reader.read(piece)
    else {
      start = { records: (start?.records ?? '') + piece.records, line: start?.line ?? piece.line }
      if (/\S[^\n]*\n[^]*\S/.test(start.records)) reader = CsvReader.start(start, file, wanted)
    }
  }
  reader ??= start && CsvReader.start(start, file, wanted)
  if (!reader) throw new RunError('data', `${file} is empty`)
  return reader.finish()
}

// ------------------------------------------------------------------------------------------------------ pieces

interface Piece { readonly records: string; /** Of its first one, from 1. */ readonly line: number }

/** Cuts between records: a line ends one where the quotes before it come in pairs. */
async function* wholeRecords(text: AsyncIterable<string>, file: string): AsyncGenerator<Piece> {
  let rest = '', seen = 0, line = 1
  /** Where a quote is open, if one is. */
  let open = -1
  for await (const piece of text) {
    rest += piece
    let end = -1
    for (;;) {
      const quote = rest.indexOf('"', seen)
      if (open < 0) end = Math.max(end, newlineWithin(rest, seen, quote < 0 ? rest.length : quote))
      if (quote < 0) break
      open = open < 0 ? quote : -1
      seen = quote + 1
    }
    seen = rest.length
    if (end < 0) {
      if (rest.length > LONGEST) throw open < 0 ? new RunError('data', `${file}:${line}: a row that does not end`) : notClosed(file, line, rest, open)
      continue
    }
    const records = rest.slice(0, end + 1)
    if (records.trim() !== '') yield { records, line }
    line += countLines(records)
    rest = rest.slice(end + 1)
    seen -= end + 1
    if (open >= 0) open -= end + 1
  }
  if (open >= 0) throw notClosed(file, line, rest, open)
  if (rest.trim() !== '') yield { records: rest, line }
}

/** The last one, or −1. */
function newlineWithin(text: string, low: number, high: number): number {
  const at = text.lastIndexOf('\n', high)
  return at >= low ? at : -1
}

/** Characters; about what a text may have at all. */
const LONGEST = 1 << 28

const notClosed = (file: string, line: number, rest: string, open: number): RunError =>
  new RunError('data', `${file}:${line + countLines(rest.slice(0, open))}: a quote is opened here and never closed`)

// ----------------------------------------------------------------------------------------------------- records

class CsvReader {
  private readonly columns: readonly (StoredColumn | undefined)[]
  private readonly isNumber: readonly boolean[]
  private readonly lines = new GrowingNumbers(length => new Int32Array(length))

  private constructor(private readonly file: string, private readonly delimiter: string, private readonly first: readonly string[], private readonly hasHeader: boolean, wanted: WantedColumns) {
    const uses = first.map((name, at) => wanted.use(hasHeader ? name : undefined, at))
    this.columns = uses.map(use => use && storedColumn(use))
    this.isNumber = uses.map(use => use === 'number')
  }

  static start({ records, line }: Piece, file: string, wanted: WantedColumns): CsvReader {
    const delimiter = delimiterOf(records)
    const start: (readonly string[])[] = []
    parseRecords(records, delimiter, file, line, record => start.push(record), 2)
    const [first = [], second = []] = start
    // By position a file may do without a header: then its first row has numbers where its second has.
    const hasHeader = wanted.byName || first.some((cell, i) => !isNumberText(cell) && isNumberText(second[i] ?? ''))
    const reader = new CsvReader(file, delimiter, first, hasHeader, wanted)
    reader.read({ records, line }, hasHeader ? 1 : 0)
    return reader
  }

  /** @param skip records that are no rows */
  read({ records, line }: Piece, skip = 0): void {
    // Without quotes and lone carriage returns a line is a record, and a comma ends a cell.
    if (!records.includes('"') && !/\r(?!\n)/.test(records)) this.readPlain(records, line, skip)
    else {
      let left = skip
      parseRecords(records, this.delimiter, this.file, line, (record, at) => {
        if (left-- > 0) return
        this.checkWidth(record.length, at)
        record.forEach((cell, column) => this.keep(column, cell))
        this.lines.push(at)
      })
    }
  }

  private readPlain(text: string, line: number, skip: number): void {
    const { columns, delimiter, first } = this
    let left = skip
    for (let at = 0; at < text.length; line++) {
      const newline = text.indexOf('\n', at)
      const next = newline < 0 ? text.length : newline
      const end = text.charCodeAt(next - 1) === CARRIAGE_RETURN && next > at ? next - 1 : next
      const isRow = !isBlank(text, at, end, delimiter) && left-- <= 0
      for (let column = 0, from = at; isRow; column++) {
        const found = text.indexOf(delimiter, from)
        const isLast = found < 0 || found >= end
        if (columns[column]) this.keep(column, text.slice(from, isLast ? end : found).trim())
        if (!isLast) from = found + 1
        else {
          if (column + 1 !== first.length) this.checkWidth(column + 1, line)
          this.lines.push(line)
          break
        }
      }
      at = next + 1
    }
  }

  private keep(column: number, cell: string): void {
    this.columns[column]?.push(this.isNumber[column] ? numberInText(cell) ?? cell : cell)
  }

  private checkWidth(width: number, line: number): void {
    const { file, first } = this
    if (width !== first.length) throw new RunError('data', `${file}:${line}: ${width} ${width === 1 ? 'cell' : 'cells'}, but the first row has ${first.length}`)
  }

  finish(): Table {
    const { file, first, hasHeader, columns, lines } = this
    if (lines.length === 0) throw new RunError('data', `${file} has a header, but no rows`)
    return {
      file, isText: true, rows: lines.length, width: first.length,
      names: hasHeader ? first.map((name, at) => ({ name, low: at, high: at + 1 })) : undefined,
      cell: (row, column) => columns[column]?.at(row),
      place: row => `${file}:${lines.at(row)}`,
    }
  }
}

const CARRIAGE_RETURN = 13

const isBlank = (text: string, at: number, end: number, delimiter: string): boolean =>
  text.charCodeAt(at) <= 32 || at === end ? text.slice(at, end).trim() === '' && !text.slice(at, end).includes(delimiter) : false

/** By the rules of quotes. @param line of the text's first one @param most records, all by default */
function parseRecords(text: string, delimiter: string, file: string, line: number, take: (record: readonly string[], line: number) => void, most?: number): void {
  try {
    parse(text, {
      bom: true, skip_empty_lines: true, relax_column_count: true, trim: true, delimiter, ...most === undefined ? {} : { to: most },
      // Taken here and not kept.
      on_record: (record: string[], { lines }: { readonly lines: number }) => {
        take(record, line + lines - 1)
        return null
      },
    })
  } catch (error) {
    if (error instanceof RunError) throw error
    if (!(error instanceof CsvError)) throw error
    const place = `${file}:${line + Number(error.lines ?? 1) - 1}`
    if (error.code === 'INVALID_OPENING_QUOTE') throw new RunError('data', `${place}: a quote within a cell: write the cell in quotes, and its own quotes twice, as in "5"" pipe"`)
    throw new RunError('data', `${place} is not CSV: ${error.message.replace(/ at line \d+/, '')}`)
  }
}

/** Comma, semicolon or tab: whichever the first line has most of, outside of quotes. */
function delimiterOf(text: string): string {
  const start = text.replace(/^\s+/, '')
  const line = start.slice(0, start.search(/[\r\n]|$/)).replace(/"[^"]*"/g, '')
  const count = (delimiter: string) => line.split(delimiter).length
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best))
}
