/** Indexing by tensors: reading rows, adding them up where they belong, and the check of the indices. */
import type { OpAttributes } from '../../../ir/op'
import { RunError } from '../../errors'
import type { TypedArray } from '../backend'
import { inputOf, type Executor, type RoutineSite } from './executor'
import { copyElements, countOf } from './layout'

export function prepareGather({ axis, site: place }: OpAttributes['gather'], site: RoutineSite): Executor {
  const source = inputOf(site, 0)
  const index = inputOf(site, 1).data
  const out = site.output.data
  const size = source.shape[axis] ?? 0
  const outer = countOf(source.shape.slice(0, axis))
  const inner = countOf(source.shape.slice(axis + 1))
  const wrapped = new Int32Array(index.length)
  return () => {
    wrapIndices(index, size, place, wrapped)
    let to = 0
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < wrapped.length; j++) {
        const from = (o * size + (wrapped[j] as number)) * inner
        if (inner === 1) out[to++] = source.data[from] as number
        else {
          copyElements(source.data, from, out, to, inner)
          to += inner
        }
      }
    }
  }
}

/** Sums are accumulated in 64 bits: in place where the result is, in a scratch array for 32-bit results. */
export function prepareSegmentSum({ axis, site: place }: OpAttributes['segmentSum'], site: RoutineSite): Executor {
  const source = inputOf(site, 0).data
  const index = inputOf(site, 1).data
  const { data: out, shape } = site.output
  const size = shape[axis] ?? 0
  const outer = countOf(shape.slice(0, axis))
  const inner = countOf(shape.slice(axis + 1))
  const wrapped = new Int32Array(index.length)
  const sums = out instanceof Float64Array ? out : new Float64Array(out.length)
  return () => {
    wrapIndices(index, size, place, wrapped)
    sums.fill(0)
    let from = 0
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < wrapped.length; j++) {
        const to = (o * size + (wrapped[j] as number)) * inner
        for (let i = 0; i < inner; i++) sums[to + i] = (sums[to + i] as number) + (source[from++] as number)
      }
    }
    if (sums !== out) out.set(sums)
  }
}

export function prepareWrapIndex({ size, site: place }: OpAttributes['wrapIndex'], site: RoutineSite): Executor {
  const index = inputOf(site, 0).data
  const count = site.sizeOf(size)
  const out = site.output.data
  return () => wrapIndices(index, count, place, out)
}

/** @throws RunError 'index' naming the place, the index and the size */
function wrapIndices(index: TypedArray, size: number, place: string, out: TypedArray): void {
  for (let j = 0; j < index.length; j++) {
    const i = index[j] as number
    const wrapped = i < 0 ? i + size : i
    // Written so that NaN is refused too.
    if (!(wrapped >= 0 && wrapped < size)) throw outOfRange(i, size, place)
    out[j] = wrapped
  }
}

function outOfRange(index: number, size: number, place: string): RunError {
  const range = size === 0 ? 'the axis has no elements' : `the axis has ${size} elements: indices go from ${-size} to ${size - 1}`
  return new RunError('index', `${place}: index ${index} is out of range; ${range}`)
}
