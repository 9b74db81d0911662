/** Indices that are known now: evenly spaced ones make a gather a slice and a segment sum a pad. */
import type { Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { isKnown, isUniform, knownShape, nodeOf, type Rule } from '../maker'
import { at } from '../rebuild'

export const gatherEven: Rule<'gather'> = (make, { axis }, [x, index]) => {
  const size = x?.type.shape[axis]
  const even = index && isKnown(size) ? evenIndices(index, -size, size) : undefined
  if (!x || !index || !even || index.type.shape.length > 1) return undefined
  const { shape } = x.type
  const sliced = make.add('slice', {
    starts: shape.map((_, k) => (k === axis ? even.start : 0)),
    sizes: shape.map((dim, k) => (k === axis ? even.count : dim)),
    steps: shape.map((_, k) => (k === axis ? even.step : 1)),
  }, [x])
  return index.type.shape.length === 0 ? make.reshape(sliced, shape.filter((_, k) => k !== axis)) : sliced
}

export const segmentSumEven: Rule<'segmentSum'> = (make, { axis, size }, [values, index]) => {
  const even = index && isKnown(size) ? evenIndices(index, 0, size) : undefined
  if (!values || !index || !even || !isKnown(size) || index.type.shape.length > 1 || (even.step <= 0 && even.count > 1)) return undefined
  const { shape } = values.type
  const unit: readonly Dim[] = index.type.shape.length === 0 ? [...shape.slice(0, axis), 1, ...shape.slice(axis)] : shape
  const end = even.start + (even.count - 1) * even.step
  const only = <T>(value: T, other: T) => unit.map((_, k) => (k === axis ? value : other))
  return make.add('pad', {
    low: only<Dim>(even.start, 0), high: only<Dim>(size - 1 - end, 0), interior: only(even.count > 1 ? even.step - 1 : 0, 0),
  }, [make.reshape(values, unit)])
}

/** Sums of zeros are zeros, wherever they go. */
export const segmentSumOfZeros: Rule<'segmentSum'> = (make, { axis, size }, [values, index]) => {
  if (!values || !index || !isUniform(values, 0)) return undefined
  const { shape, element } = values.type
  return make.fill(element, [...shape.slice(0, axis), size, ...shape.slice(axis + index.type.shape.length)], 0)
}

/** Indices start, start + step, …, counted from the front; undefined where they are others, below `least`, from `size` on, or not known. */
function evenIndices(index: Value, least: number, size: number): { readonly start: number; readonly step: number; readonly count: number } | undefined {
  const all = indicesOf(index)
  if (!all || all.length === 0 || !all.every(i => i >= least && i < size)) return undefined
  const wrapped = all.map(i => (i < 0 ? i + size : i))
  const start = at(wrapped, 0)
  const step = wrapped.length > 1 ? at(wrapped, 1) - start : 1
  return step !== 0 && wrapped.every((i, k) => i === start + k * step) ? { start, step, count: wrapped.length } : undefined
}

function indicesOf(index: Value): readonly number[] | undefined {
  const fill = nodeOf(index, 'fill')
  if (fill) return knownShape(fill.attributes.shape) && fill.attributes.shape.reduce((a, b) => a * b, 1) === 1 ? [fill.attributes.value] : undefined
  const iota = nodeOf(index, 'iota')?.attributes.size
  if (isKnown(iota)) return Array.from({ length: iota }, (_, i) => i)
  return nodeOf(index, 'constant')?.attributes.data
}
