/** Which inputs are data, row by row, and which rows are trained on. */
import { namesOfDim, type Dim } from '../../ir/dim'
import type { Backend, TypedArray } from '../backends/backend'
import { RunError } from '../errors'
import type { GivenTensor, GivenTensors } from '../inputs'
import { printLabel } from '../tensor'
import { permutation, streamKey } from '../random'

/** The rows of a data set. */
export interface Rows {
  /** The dimension that counts them; absent where the model has no such input. */
  readonly dimension?: string
  readonly count: number
  /** Inputs whose first axis is the row; all others are given as they are. */
  readonly mapped: ReadonlySet<string>
}

/** The dimension is the name that stands first in most inputs; of several, the one declared first. */
export function findRows(given: GivenTensors): Rows {
  const leading = new Map<string, GivenTensor[]>()
  for (const tensor of given.values()) {
    const name = nameOf(tensor.type.shape[0])
    if (name !== undefined) leading.set(name, [...(leading.get(name) ?? []), tensor])
  }
  const [most] = [...leading].sort(([, a], [, b]) => b.length - a.length)
  if (!most) return { count: 1, mapped: new Set() }
  const [dimension, tensors] = most
  return { dimension, count: tensors[0]?.shape[0] ?? 0, mapped: new Set(tensors.map(tensor => tensor.label.name)) }
}

/** The name that a dimension is, where it is no more than a name. */
function nameOf(dim: Dim | undefined): string | undefined {
  if (dim === undefined || typeof dim === 'number' || dim.terms.length !== 1) return undefined
  const [term] = dim.terms
  const [atom] = term?.atoms ?? []
  return term?.coefficient === 1 && term.atoms.length === 1 && typeof atom === 'string' ? atom : undefined
}

/**
 * @throws RunError 'usage' when the rows cannot be taken apart
 * @param purpose what needs it, for the message: `batch` or `holdout`
 */
export function requireRows({ dimension, mapped }: Rows, given: GivenTensors, purpose: string): string {
  if (dimension === undefined) {
    throw new RunError('usage', `${purpose} needs data in rows, but no input begins with a named dimension such as batch`)
  }
  for (const [name, { label, type }] of given) {
    if (!mapped.has(name) && type.shape.some(dim => namesOfDim(dim).has(dimension))) {
      throw new RunError('usage', `${purpose} cannot split ${printLabel(label)}: its shape has '${dimension}' in it, but not as its first dimension`)
    }
  }
  return dimension
}

export type Holdout = { readonly fraction: number } | { readonly last: number }

export interface Split { readonly training: Int32Array; readonly held: Int32Array }

/**
 * A fraction is taken off the end of one permutation by the seed, rounded up; `last` keeps the order of the file.
 * @throws RunError 'data' when nothing is left to train on
 */
export function splitRows(count: number, holdout: Holdout | undefined, seed: number): Split {
  const fromSeed = holdout !== undefined && 'fraction' in holdout
  const order = fromSeed ? permutation(count, streamKey(seed, 'bp:holdout'), 0) : Int32Array.from({ length: count }, (_, i) => i)
  // The small subtraction keeps 0.1 · 30 = 3.0000000000000004 from holding out four rows.
  const held = holdout === undefined ? 0 : 'fraction' in holdout ? Math.ceil(holdout.fraction * count - 1e-9) : holdout.last
  if (held >= count) throw new RunError('data', `of ${count} ${count === 1 ? 'row' : 'rows'} ${held} ${held === 1 ? 'is' : 'are'} held out: none is left to train on; give more rows, or hold out fewer`)
  return { training: order.slice(0, count - held), held: order.slice(count - held) }
}

/** The rows in the order of an epoch, from 1; good until the next one is asked for. */
export type Shuffle = (epoch: number) => Int32Array

/** Anew for each epoch, by the seed; in the same order on every backend. */
export async function shuffled(rows: Int32Array, seed: number, { name }: Backend): Promise<Shuffle> {
  const key = streamKey(seed, 'bp:shuffle')
  if (name === 'wasm') return (await import('../shuffle')).shuffling(rows, key)
  return epoch => permutation(rows.length, key, epoch).map(at => rows[at] as number)
}

/** Numbers of a row from which on the start of the machine's own copy is worth its while. */
const LONG_ROW = 32

/** Copies the rows order[start…start + count) of `source` to the front of `target`. */
export function copyRowsInto(source: TypedArray, rowLength: number, order: Int32Array, start: number, count: number, target: TypedArray): void {
  if (rowLength >= LONG_ROW) {
    for (let r = 0; r < count; r++) {
      const from = (order[start + r] as number) * rowLength
      target.set(source.subarray(from, from + rowLength), r * rowLength)
    }
    return
  }
  let to = 0
  for (let r = 0; r < count; r++) {
    let from = (order[start + r] as number) * rowLength
    for (let i = 0; i < rowLength; i++) target[to++] = source[from++] as number
  }
}
