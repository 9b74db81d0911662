/** The door to reading data files: parsers come with it only when a file of their format is read. */
import type { Plan, Precision } from '../../ir/plan'
import { dataFormat, DATA_FORMATS } from '../../ir/training'
import { RunError } from '../errors'
import type { TensorData } from '../tensor'
import { blobOf, chunksOf, textOf, type DataContent } from './content'
import { readTable, type DataTable } from './read'
import type { Table } from './table'
import { wantedColumns, type WantedColumns } from './wanted'

export interface LoadOptions {
  readonly precision?: Precision
  /** The file that the train block holds out; its rows then stand last. */
  readonly holdout?: DataContent
}

export interface LoadedData extends DataTable {
  /** How many of the rows, the last ones, are the held-out file's: for `holdout: { last }`. */
  readonly held: number
}

/**
 * Reads the model's inputs from the content of its data file, as the plan's train block says; the file's name there tells the format.
 * Rows are read piece by piece into numbers, of the columns that are used.
 * @param content text, bytes, or a Blob, which need not be in memory as a whole: a browser's `File`, Node's `fs.openAsBlob(path)`
 * @throws RunError 'data' naming the file, the row and the column; 'usage' when the plan names no data
 */
export async function loadData(plan: Plan, content: DataContent, { precision = plan.precision, holdout }: LoadOptions = {}): Promise<LoadedData> {
  const data = plan.train?.data
  if (!data) throw new RunError('usage', `model ${plan.model} names no data file: its train block has no data line`)
  const wanted = wantedColumns(data, plan.inputs)
  const training = readTable(await readFile(content, data.file, wanted), data, plan.inputs, precision)
  if (holdout === undefined) return { ...training, held: 0 }
  const file = plan.train?.holdout && 'file' in plan.train.holdout ? plan.train.holdout.file : 'the held-out file'
  return joined(training, readTable(await readFile(holdout, file, wanted), data, plan.inputs, precision, training.classes), file)
}

async function readFile(content: DataContent, file: string, wanted: WantedColumns): Promise<Table> {
  const known = dataFormat(file)
  if (!known) throw new RunError('unsupported', `${file} cannot be read: data files are ${DATA_FORMATS}`)
  const blob = blobOf(content)
  // Text is what it is, whatever the file would have been.
  const isCompressed = known.isCompressed && typeof content !== 'string'
  const text = () => textOf(chunksOf(blob, file, isCompressed), file)
  switch (known.format) {
    case 'csv': return await (await import('./csv')).readCsv(text(), file, wanted)
    case 'json': return await (await import('./json')).readJson(text(), file, wanted)
    case 'npy': return await (await import('./npy')).readNpy(chunksOf(binary(content, blob, file), file, isCompressed), file, wanted)
    case 'parquet': return await (await import('./parquet')).readParquet(binary(content, blob, file), file, wanted)
    default: return known.format satisfies never
  }
}

function binary(content: DataContent, blob: Blob, file: string): Blob {
  if (typeof content !== 'string') return blob
  throw new RunError('usage', `${file} is no text: give its bytes`)
}

/** The rows of one file after those of another. */
function joined(training: DataTable, held: DataTable, file: string): LoadedData {
  const values = Object.fromEntries(Object.entries(training.values).map(([name, first]): [string, TensorData] => {
    const second = held.values[name]
    if (!second || second.shape.slice(1).some((size, axis) => size !== first.shape[axis + 1])) {
      throw new RunError('data', `${file}: a row of ${name} has the shape [${second?.shape.slice(1).join(', ')}], but [${first.shape.slice(1).join(', ')}] in the training data`)
    }
    const data = copyOf(first.data, first.data.length + second.data.length)
    data.set(second.data, first.data.length)
    return [name, { data, shape: [training.rows + held.rows, ...first.shape.slice(1)], ...originOf(first, second) }]
  }))
  return { values, classes: training.classes, rows: training.rows + held.rows, held: held.rows }
}

function originOf(first: TensorData, second: TensorData): Pick<TensorData, 'origin'> {
  if (!first.origin && !second.origin) return {}
  return { origin: at => (at < first.data.length ? first.origin?.(at) : second.origin?.(at - first.data.length)) ?? '' }
}

function copyOf(data: TensorData['data'], length: number): Float64Array | Float32Array | Int32Array | Uint8Array {
  const copy = data instanceof Float32Array ? new Float32Array(length) : data instanceof Int32Array ? new Int32Array(length)
    : data instanceof Uint8Array ? new Uint8Array(length) : new Float64Array(length)
  copy.set(data)
  return copy
}
