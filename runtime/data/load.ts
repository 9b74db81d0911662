/** The door to reading data files: parsers come with it only when a file of their format is read. */
import type { Plan, Precision } from '../../ir/plan'
import { dataFormat, DATA_FORMATS } from '../../ir/training'
import { RunError } from '../errors'
import type { TensorData } from '../tensor'
import { hasNames } from './columns'
import { readTable, type DataTable } from './read'
import type { Table } from './table'

export interface LoadOptions {
  readonly precision?: Precision
  /** The file that the train block holds out; its rows then stand last. */
  readonly holdout?: string | Uint8Array
}

export interface LoadedData extends DataTable {
  /** How many of the rows, the last ones, are the held-out file's: for `holdout: { last }`. */
  readonly held: number
}

/**
 * Reads the model's inputs from the content of its data file, as the plan's train block says; the file's name there tells the format.
 * @param content text, or bytes for any format
 * @throws RunError 'data' naming the file, the row and the column; 'usage' when the plan names no data
 */
export async function loadData(plan: Plan, content: string | Uint8Array, { precision = plan.precision, holdout }: LoadOptions = {}): Promise<LoadedData> {
  const data = plan.train?.data
  if (!data) throw new RunError('usage', `model ${plan.model} names no data file: its train block has no data line`)
  const named = data.columns.some(column => hasNames(column.from))
  const training = readTable(await readFile(content, data.file, named), data, plan.inputs, precision)
  if (holdout === undefined) return { ...training, held: 0 }
  const file = plan.train?.holdout && 'file' in plan.train.holdout ? plan.train.holdout.file : 'the held-out file'
  return joined(training, readTable(await readFile(holdout, file, named), data, plan.inputs, precision, training.classes), file)
}

async function readFile(content: string | Uint8Array, file: string, named: boolean): Promise<Table> {
  const known = dataFormat(file)
  if (!known) throw new RunError('unsupported', `${file} cannot be read: data files are ${DATA_FORMATS}`)
  const bytes = typeof content === 'string' ? content : known.isCompressed ? await unpack(content, file) : content
  switch (known.format) {
    case 'csv': return (await import('./csv')).parseCsv(textOf(bytes, file), file, named)
    case 'json': return (await import('./records')).parseJson(textOf(bytes, file), file)
    case 'npy': return (await import('./npy')).parseNpy(binary(bytes, file), file)
    case 'parquet': return await (await import('./records')).parseParquet(binary(bytes, file), file)
    default: return known.format satisfies never
  }
}

async function unpack(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  try {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'))
    return new Uint8Array(await new Response(stream).arrayBuffer())
  } catch (error) {
    throw new RunError('data', `${file} cannot be unpacked: it is not gzip, or it is cut off`, { cause: error })
  }
}

function textOf(content: string | Uint8Array, file: string): string {
  if (typeof content === 'string') return content
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch (error) {
    throw new RunError('data', `${file} is not UTF-8 text`, { cause: error })
  }
}

function binary(content: string | Uint8Array, file: string): Uint8Array {
  if (typeof content !== 'string') return content
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
    return [name, { data, shape: [training.rows + held.rows, ...first.shape.slice(1)] }]
  }))
  return { values, classes: training.classes, rows: training.rows + held.rows, held: held.rows }
}

function copyOf(data: TensorData['data'], length: number): Float64Array | Float32Array | Int32Array | Uint8Array {
  const copy = data instanceof Float32Array ? new Float32Array(length) : data instanceof Int32Array ? new Int32Array(length)
    : data instanceof Uint8Array ? new Uint8Array(length) : new Float64Array(length)
  copy.set(data)
  return copy
}
