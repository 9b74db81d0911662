/** Standardising: values minus the training part's mean, over its deviation, feature by feature. */
import type { TensorType } from '../../ir/type'
import { RunError } from '../errors'
import type { GivenTensor, GivenTensors } from '../inputs'
import { printLabel } from '../tensor'

/** One number a feature: an element of the axes of fixed size, rows (the first axis) and axes of open size left out. */
export interface Statistics {
  readonly mean: readonly number[]
  /** √(Σ (x − mean)² / n); 1 where a feature is constant, so that it becomes zero. */
  readonly deviation: readonly number[]
}

export type Standardization = ReadonlyMap<string, Statistics>

/** The feature that each element of one row belongs to. */
function featuresOf(type: TensorType, shape: readonly number[]): { table: Int32Array; count: number } {
  const sizes = shape.slice(1)
  const fixed = sizes.map((_, axis) => typeof type.shape[axis + 1] === 'number')
  const table = new Int32Array(sizes.reduce((product, size) => product * size, 1))
  for (let i = 0; i < table.length; i++) {
    let rest = i
    let stride = 1
    let feature = 0
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const size = sizes[axis] ?? 1
      if (fixed[axis]) {
        feature += (rest % size) * stride
        stride *= size
      }
      rest = Math.floor(rest / size)
    }
    table[i] = feature
  }
  return { table, count: sizes.reduce((product, size, axis) => (fixed[axis] ? product * size : product), 1) }
}

/** Mean and deviation over the given rows, in two passes. */
export function measure({ type, shape, data }: GivenTensor, rows: ArrayLike<number>): Statistics {
  const { table, count } = featuresOf(type, shape)
  const sums = (term: (value: number, feature: number) => number): number[] => {
    const totals = Array.from({ length: count }, () => 0)
    const terms = Array.from({ length: count }, () => 0)
    for (let r = 0; r < rows.length; r++) {
      const start = (rows[r] as number) * table.length
      table.forEach((feature, i) => {
        totals[feature] = (totals[feature] ?? 0) + term(data[start + i] as number, feature)
        terms[feature] = (terms[feature] ?? 0) + 1
      })
    }
    return totals.map((total, feature) => total / Math.max(1, terms[feature] ?? 1))
  }
  const mean = sums(value => value)
  const variance = sums((value, feature) => (value - (mean[feature] ?? 0)) ** 2)
  return { mean, deviation: variance.map(square => (square > 0 ? Math.sqrt(square) : 1)) }
}

/**
 * The inputs with those standardised that statistics are known for.
 * @throws RunError 'sizes' when the statistics are for another number of features
 */
export function standardize(given: GivenTensors, statistics: Standardization): GivenTensors {
  if (statistics.size === 0) return given
  return new Map([...given].map(([name, tensor]) => {
    const known = statistics.get(name)
    return [name, known ? applyTo(tensor, known) : tensor]
  }))
}

function applyTo(tensor: GivenTensor, { mean, deviation }: Statistics): GivenTensor {
  const { table, count } = featuresOf(tensor.type, tensor.shape)
  if (count !== mean.length || count !== deviation.length) {
    throw new RunError('sizes', `${printLabel(tensor.label)} has ${count} features, but its mean and deviation were saved for ${mean.length}`)
  }
  const data = tensor.data.slice()
  for (let i = 0; i < data.length; i++) {
    const feature = table[i % table.length] as number
    data[i] = ((data[i] as number) - (mean[feature] as number)) / (deviation[feature] as number)
  }
  return { ...tensor, data }
}
