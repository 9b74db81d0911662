/** CSV files as tables: comma, semicolon or tab, with a header or without. */
import { parse } from 'csv-parse/browser/esm/sync'
import { RunError } from '../errors'
import { isNumberText, type Table } from './table'

/**
 * @param named whether some column is asked for by name: the first line is then a header, whatever stands in it
 * @throws RunError 'data' naming the file and the line
 */
export function parseCsv(text: string, file: string, named: boolean): Table {
  const lines: number[] = []
  const records: string[][] = []
  try {
    parse(text, {
      bom: true, skip_empty_lines: true, relax_column_count: true, trim: true, delimiter: delimiterOf(text),
      // Taken here and not kept, so that a large file is held once.
      on_record: (record: string[], { lines: line }: { readonly lines: number }) => {
        records.push(record)
        lines.push(line)
        return null
      },
    })
  } catch (error) {
    throw new RunError('data', `${file} is not CSV: ${error instanceof Error ? error.message : String(error)}`)
  }
  const [first, second = []] = records
  if (!first) throw new RunError('data', `${file} is empty`)
  const ragged = records.findIndex(record => record.length !== first.length)
  if (ragged >= 0) throw new RunError('data', `${file}:${lines[ragged]}: ${records[ragged]?.length} cells, but the first row has ${first.length}`)
  // By position a file may do without a header: then its first row has numbers where its second has.
  const hasHeader = named || first.some((cell, i) => !isNumberText(cell) && isNumberText(second[i] ?? ''))
  const from = hasHeader ? 1 : 0
  if (records.length === from) throw new RunError('data', `${file} has a header, but no rows`)
  return {
    file, isText: true, rows: records.length - from, width: first.length,
    names: hasHeader ? first.map((name, at) => ({ name, low: at, high: at + 1 })) : undefined,
    cell: (row, column) => records[row + from]?.[column],
    place: row => `${file}:${lines[row + from]}`,
  }
}

/** Comma, semicolon or tab: whichever the first line has most of. */
function delimiterOf(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]|$/))
  const count = (delimiter: string) => line.split(delimiter).length
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best))
}
