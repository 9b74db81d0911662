/** Where elements lie: row-major strides, and a strided view of one tensor read in the row-major order of another shape. */
import type { TypedArray } from '../backend'

export const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = []
  let stride = 1
  for (const size of shape.toReversed()) {
    strides.push(stride)
    stride *= size
  }
  return strides.reverse()
}

/**
 * Element r·count + j of the view lies at offsets[r] + j·stride. Rows of one element have stride 0: then `offsets` is a table
 * of every element.
 */
export interface Rows {
  readonly offsets: Int32Array
  readonly count: number
  readonly stride: number
}

/** Shorter rows cost more to loop over than a table of all their elements. */
const SHORTEST_ROW = 16

/** A view of `shape` whose axis i moves by strides[i] in the source, from `base`. */
export function rowsOf(shape: readonly number[], strides: readonly number[], base = 0): Rows {
  const axes = mergeAxes(shape, strides)
  const last = axes.at(-1)
  if (countOf(shape) === 0) return { offsets: new Int32Array(0), count: 1, stride: 0 }
  const rowed = last !== undefined && (last.size >= SHORTEST_ROW || axes.length === 1)
  const outer = rowed ? axes.slice(0, -1) : axes
  return { offsets: offsetTable(outer, base), count: rowed ? last.size : 1, stride: rowed ? last.stride : 0 }
}

interface StridedAxis { size: number; stride: number }

/** Drops axes of one element, and joins neighbours that one stride serves. */
function mergeAxes(shape: readonly number[], strides: readonly number[]): StridedAxis[] {
  const merged: StridedAxis[] = []
  shape.forEach((size, axis) => {
    if (size === 1) return
    const stride = strides[axis] ?? 0
    const before = merged.at(-1)
    if (before && before.stride === stride * size) {
      before.size *= size
      before.stride = stride
    } else merged.push({ size, stride })
  })
  return merged
}

/** Whether the view is the source's elements in their own order, from the start. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  const axes = mergeAxes(shape, strides)
  const [only] = axes
  return axes.length === 0 || (axes.length === 1 && only?.stride === 1)
}

/** Offsets of all elements of a strided shape, row-major. */
export function offsetTable(axes: readonly { readonly size: number; readonly stride: number }[], base = 0): Int32Array {
  const table = new Int32Array(axes.reduce((product, axis) => product * axis.size, 1))
  table[0] = base
  if (table.length === 0) return table
  // The last axis is written first, then each earlier one repeats what is there, shifted.
  let filled = 1
  for (const { size, stride } of axes.toReversed()) {
    for (let i = 1; i < size; i++) {
      for (let j = 0; j < filled; j++) table[i * filled + j] = (table[j] as number) + i * stride
    }
    filled *= size
  }
  return table
}

/** Copies the whole view to `target`, from element `at` on. */
export function copyRows(rows: Rows, source: TypedArray, target: TypedArray, at: number): void {
  const { offsets, count, stride } = rows
  const total = offsets.length
  if (count === 1) {
    for (let r = 0; r < total; r++) target[at + r] = source[offsets[r] as number] as number
    return
  }
  let to = at
  for (let r = 0; r < total; r++) {
    let from = offsets[r] as number
    for (let j = 0; j < count; j++, from += stride) target[to++] = source[from] as number
  }
}

/** The other way round: element i of `source` goes to where the view of `target` has its element i. */
export function scatterRows(rows: Rows, source: TypedArray, target: TypedArray): void {
  const { offsets, count, stride } = rows
  const total = offsets.length
  let from = 0
  for (let r = 0; r < total; r++) {
    let to = offsets[r] as number
    for (let j = 0; j < count; j++, to += stride) target[to] = source[from++] as number
  }
}

/** Copies `length` elements of the view, from element `start` on, to the front of `target`. */
export function copyBlock(rows: Rows, source: TypedArray, start: number, length: number, target: Float64Array): void {
  const { offsets, count, stride } = rows
  if (count === 1) {
    for (let i = 0; i < length; i++) target[i] = source[offsets[start + i] as number] as number
    return
  }
  let row = Math.floor(start / count)
  let column = start - row * count
  let to = 0
  while (to < length) {
    const end = Math.min(length, to + count - column)
    let from = (offsets[row] as number) + column * stride
    for (; to < end; to++, from += stride) target[to] = source[from] as number
    row++
    column = 0
  }
}

/** Copies `length` elements: no view objects are made, so it is right for short rows in hot loops. */
export function copyElements(source: TypedArray, from: number, target: TypedArray, to: number, length: number): void {
  for (let i = 0; i < length; i++) target[to + i] = source[from + i] as number
}
