/** Parquet files as tables: the columns that are used, one group of rows after the other. */
import { RunError } from '../errors'
import { startsWith } from './content'
import { RecordTable } from './recordTable'
import type { Table } from './table'
import type { WantedColumns } from './wanted'

/** @throws RunError 'data' where the file cannot be read */
export async function readParquet(blob: Blob, file: string, wanted: WantedColumns): Promise<Table> {
  const broken = await whatIsBroken(blob)
  if (broken !== undefined) throw new RunError('data', `${file} ${broken}`)
  const [{ parquetMetadataAsync, parquetRead, parquetReadObjects }, { compressors }] = await Promise.all([import('hyparquet'), import('hyparquet-compressors')])
  try {
    const source = { byteLength: blob.size, slice: (start: number, end?: number) => blob.slice(start, end).arrayBuffer() }
    const metadata = await parquetMetadataAsync(source)
    const options = { file: source, metadata, compressors }
    const [first] = await parquetReadObjects({ ...options, rowEnd: 1 })
    if (!first) throw new RunError('data', `${file} is empty`)
    const table = new RecordTable(file, wanted)
    for (const [name, value] of Object.entries(first)) table.declare(name, value)
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      await parquetRead({ ...options, columns: [...table.used], rowStart, rowEnd, onChunk: ({ columnName, columnData, rowStart: from }) => table.addColumn(columnName, columnData, from) })
      rowStart = rowEnd
    }
    return table.finish(rowStart)
  } catch (error) {
    if (error instanceof RunError) throw error
    // What a reader stumbles over in damaged bytes says nothing to anybody.
    const detail = error instanceof Error && !(error instanceof TypeError || error instanceof RangeError) ? ` (${error.message})` : ''
    throw new RunError('data', `${file} cannot be read as Parquet: it is damaged${detail}`, { cause: error })
  }
}

/** It begins and ends with the same four letters; between them stand a table of contents and its length, 12 bytes at least in all. */
const MARK = [0x50, 0x41, 0x52, 0x31]

async function whatIsBroken(blob: Blob): Promise<string | undefined> {
  if (blob.size === 0) return 'is empty'
  if (!(await startsWith(blob, MARK))) return 'is no Parquet file'
  return blob.size >= 12 && await startsWith(blob.slice(-MARK.length), MARK) ? undefined : 'cannot be read as Parquet: it is cut off'
}
