/** Sorting along an axis: a merge sort of positions, so that equal elements keep their order. */
import type { OpAttributes } from '../../../ir/op'
import type { TypedArray } from '../backend'
import { inputOf, type Executor, type RoutineSite } from './executor'
import { countOf } from './layout'

export function prepareArgSort({ axis }: OpAttributes['argSort'], site: RoutineSite): Executor {
  const { data, shape } = inputOf(site, 0)
  const out = site.output.data
  const size = shape[axis] ?? 0
  const inner = countOf(shape.slice(axis + 1))
  const outer = countOf(shape.slice(0, axis))
  const keys = new Float64Array(size)
  const positions = new Int32Array(size)
  const spare = new Int32Array(size)
  return () => {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const base = o * size * inner + i
        for (let j = 0; j < size; j++) keys[j] = data[base + j * inner] as number
        const sorted = sortPositions(keys, positions, spare)
        for (let j = 0; j < size; j++) out[base + j * inner] = sorted[j] as number
      }
    }
  }
}

/** @returns one of the two arrays, with the positions of the keys in ascending order, NaN last */
function sortPositions(keys: Float64Array, positions: Int32Array, spare: Int32Array): TypedArray {
  const size = keys.length
  for (let j = 0; j < size; j++) positions[j] = j
  let from = positions
  let to = spare
  for (let width = 1; width < size; width *= 2) {
    for (let start = 0; start < size; start += 2 * width) merge(keys, from, to, start, Math.min(start + width, size), Math.min(start + 2 * width, size))
    const swapped = from
    from = to
    to = swapped
  }
  return from
}

/** Two sorted stretches of `from` become one of `to`; of equal keys the left one comes first. */
function merge(keys: Float64Array, from: Int32Array, to: Int32Array, start: number, middle: number, end: number): void {
  let left = start
  let right = middle
  for (let at = start; at < end; at++) {
    const takeRight = left >= middle || (right < end && comesBefore(keys[from[right] as number] as number, keys[from[left] as number] as number))
    to[at] = from[takeRight ? right++ : left++] as number
  }
}

function comesBefore(a: number, b: number): boolean {
  return a < b || (b !== b && a === a)
}
