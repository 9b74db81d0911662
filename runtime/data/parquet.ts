/** Parquet files as tables: the columns that are used, one group of rows after the other. */
import { RunError } from '../errors'
import { RecordTable } from './recordTable'
import type { Table } from './table'
import type { WantedColumns } from './wanted'

/** @throws RunError 'data' where the file cannot be read */
export async function readParquet(blob: Blob, file: string, wanted: WantedColumns): Promise<Table> {
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
    return table.finish()
  } catch (error) {
    if (error instanceof RunError) throw error
    // What a reader stumbles over in damaged bytes says nothing to anybody.
    const detail = error instanceof Error && !(error instanceof TypeError || error instanceof RangeError) ? ` (${error.message})` : ''
    throw new RunError('data', `${file} cannot be read as Parquet: it is none, or damaged, or cut off${detail}`, { cause: error })
  }
}
