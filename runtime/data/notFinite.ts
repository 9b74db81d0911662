/** NaN and infinities among the data: where they are. */
import type { TypedArray } from '../backends/backend'
import type { GivenTensor, GivenTensors } from '../inputs'
import { pathOf, printLabel } from '../tensor'
import type { Rows } from './rows'

export interface NotFinite {
  /** What the first one is, and where, in words. */
  readonly first: string
  /** The rows that hold some, in order; none where inputs are given whole. */
  readonly rows: Int32Array
}

/** A loop without a call for each: it runs over all data, and over the parameters after every epoch. */
export function areFinite(numbers: TypedArray): boolean {
  for (let at = 0; at < numbers.length; at++) if (!(Math.abs(numbers[at] as number) < Infinity)) return false
  return true
}

/** @returns undefined where all numbers are finite */
export function findNotFinite(given: GivenTensors, { mapped }: Rows): NotFinite | undefined {
  let first: string | undefined
  const rows = new Set<number>()
  for (const [name, tensor] of given) {
    const { data, shape } = tensor
    if (areFinite(data)) continue
    const rowLength = data.length / Math.max(1, shape[0] ?? 1)
    for (let at = 0; at < data.length; at++) {
      if (Math.abs(data[at] as number) < Infinity) continue
      first ??= describe(tensor, at, mapped.has(name) ? Math.floor(at / rowLength) : undefined)
      if (!mapped.has(name)) break
      rows.add(Math.floor(at / rowLength))
    }
  }
  return first === undefined ? undefined : { first, rows: Int32Array.from(rows).sort() }
}

function describe({ label, shape, data, origin }: GivenTensor, at: number, row: number | undefined): string {
  if (typeof origin === 'function') return origin(at)
  return `${printLabel(label)} is ${data[at]} at ${pathOf(label.name, shape, at)}${row === undefined ? '' : `, in row ${row} counted from 0`}`
}

export function whatToDo({ rows }: NotFinite, count: number): string {
  return rows.length === 0 ? 'Give it a number' : `Leave such rows out (${rows.length} of ${count}), or fill them in`
}
