/**
 * The numbers of a graph without inputs: `const S = sum(V)` is known when the model is compiled, whatever functions it goes
 * through. Plain and slow on purpose; constants are small.
 */
import { evaluateDim, type Dim } from '../../ir/dim'
import { reachableNodes, type Value } from '../../ir/graph'
import type { Operation, Reduction } from '../../ir/op'
import { applyScalar } from '../../ir/scalar'
import type { Budget } from './budget'
import type { StaticMeaning } from './meaning'

/** @returns undefined where something in it is not known before a run, or has no rule here */
export function constantValue(value: Value, budget: Budget): StaticMeaning | undefined {
  const known = new Map<Value, Tensor>()
  for (const node of reachableNodes([value])) {
    // Several results come of loops and the like, which have no rule here.
    const [result, ...others] = node.results
    if (!result || others.length > 0) return undefined
    const { type } = result
    const inputs = node.inputs.map(input => known.get(input))
    const shape = type.shape.filter((dim): dim is number => typeof dim === 'number')
    if (!inputs.every(input => input !== undefined) || shape.length < type.shape.length) return undefined
    const read = reader(node, inputs, shape)
    if (!read) return undefined
    budget.numbers(shape)
    budget.spend(COST * elements(shape) * innerCount(node, inputs))
    known.set(result, { shape, data: indices(shape).map(read) })
  }
  const tensor = known.get(value)
  return tensor && { kind: 'static', element: value.type.element, ...tensor }
}

/** Of a number, in steps of evaluation. */
const COST = 3

/** How many numbers go into one of the result. */
function innerCount(operation: Operation, [x = EMPTY]: readonly Tensor[]): number {
  switch (operation.op) {
    case 'reduce': return elements(operation.attributes.axes.map(axis => x.shape[axis] ?? 1))
    case 'argReduce': case 'cumulativeSum': return x.shape[operation.attributes.axis] ?? 1
    case 'contract': {
      const { left, out } = operation.attributes
      return elements(left.map((label, axis) => (out.includes(label) ? 1 : x.shape[axis] ?? 1)))
    }
    default: return 1
  }
}

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

interface Tensor { readonly shape: readonly number[]; readonly data: readonly number[] }
type Index = readonly number[]
/** The element of the result at an index. */
type Reader = (index: Index) => number

function reader(operation: Operation, inputs: readonly Tensor[], shape: readonly number[]): Reader | undefined {
  const [x = EMPTY, y = EMPTY] = inputs
  switch (operation.op) {
    case 'constant': { const { data } = operation.attributes; return index => data[offset(shape, index)] ?? NaN }
    case 'fill': { const { value } = operation.attributes; return () => value }
    case 'size': { const { value } = operation.attributes; return typeof value === 'number' ? () => value : undefined }
    case 'iota': return ([i = 0]) => i
    case 'elementwise': { const { fn } = operation.attributes; return index => applyScalar(fn, inputs.map(input => at(input, index))) }
    case 'mark': case 'stop': return index => at(x, index)
    case 'reshape': return index => x.data[offset(shape, index)] ?? NaN
    case 'broadcast': { const { axes } = operation.attributes; return index => at(x, axes.map((axis, from) => (x.shape[from] === 1 ? 0 : index[axis] ?? 0))) }
    case 'transpose': { const { permutation } = operation.attributes; return index => at(x, permutation.map((_, axis) => index[permutation.indexOf(axis)] ?? 0)) }
    case 'slice': { const { starts, steps } = operation.attributes; return index => at(x, index.map((i, axis) => fixed(starts[axis]) + i * (steps[axis] ?? 1))) }
    case 'flip': { const { axis } = operation.attributes; return index => at(x, index.with(axis, (shape[axis] ?? 0) - 1 - (index[axis] ?? 0))) }
    case 'pad': {
      const { low, interior } = operation.attributes
      return index => {
        const from = index.map((i, axis) => (i - fixed(low[axis])) / ((interior[axis] ?? 0) + 1))
        return from.every((i, axis) => Number.isInteger(i) && i >= 0 && i < (x.shape[axis] ?? 0)) ? at(x, from) : 0
      }
    }
    case 'concat': {
      const { axis } = operation.attributes
      return index => {
        let along = index[axis] ?? 0
        for (const input of inputs) {
          const size = input.shape[axis] ?? 0
          if (along < size) return at(input, index.with(axis, along))
          along -= size
        }
        return NaN
      }
    }
    case 'reduce': {
      const { fn, axes } = operation.attributes
      const { start, step } = REDUCTIONS[fn]
      const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
      const inner = indices(axes.map(axis => x.shape[axis] ?? 0))
      return index => inner.reduce((sum, part) => step(sum, at(x, x.shape.map((_, axis) => (axes.includes(axis) ? part[axes.indexOf(axis)] : index[kept.indexOf(axis)]) ?? 0))), start)
    }
    case 'argReduce': {
      const { fn, axis } = operation.attributes
      return index => {
        const along = Array.from({ length: x.shape[axis] ?? 0 }, (_, i) => at(x, index.toSpliced(axis, 0, i)))
        return along.reduce((best, element, i) => ((fn === 'argmax' ? element > (along[best] ?? NaN) : element < (along[best] ?? NaN)) ? i : best), 0)
      }
    }
    case 'cumulativeSum': {
      const { axis, reverse } = operation.attributes
      return index => {
        const here = index[axis] ?? 0
        const [from, to] = reverse ? [here, (shape[axis] ?? 0) - 1] : [0, here]
        return Array.from({ length: to - from + 1 }, (_, i) => at(x, index.with(axis, from + i))).reduce((a, b) => a + b, 0)
      }
    }
    case 'contract': {
      const { left, right, out } = operation.attributes
      const summed = left.flatMap((label, axis) => (out.includes(label) ? [] : [{ label, size: x.shape[axis] ?? 0 }]))
      const inner = indices(summed.map(({ size }) => size))
      return index => inner.reduce((sum, part) => {
        const where = (label: number) => (out.includes(label) ? index[out.indexOf(label)] : part[summed.findIndex(each => each.label === label)]) ?? 0
        return sum + at(x, left.map(where)) * at(y, right.map(where))
      }, 0)
    }
    case 'wrapIndex': { const size = fixed(operation.attributes.size); return index => { const i = at(x, index); return i < 0 ? i + size : i } }
    case 'gather': {
      const { axis } = operation.attributes
      const rank = y.shape.length
      return index => {
        const i = at(y, index.slice(axis, axis + rank))
        return at(x, [...index.slice(0, axis), i < 0 ? i + (x.shape[axis] ?? 0) : i, ...index.slice(axis + rank)])
      }
    }
    default: return undefined
  }
}

const EMPTY: Tensor = { shape: [], data: [] }

const REDUCTIONS: { readonly [Name in Reduction]: { readonly start: number; step(a: number, b: number): number } } = {
  sum: { start: 0, step: (a, b) => a + b },
  prod: { start: 1, step: (a, b) => a * b },
  max: { start: -Infinity, step: Math.max },
  min: { start: Infinity, step: Math.min },
}

/** Attributes of a graph of known shapes are known. */
const fixed = (dim: Dim | undefined): number => evaluateDim(dim ?? 0, new Map())

const offset = (shape: readonly number[], index: Index): number => shape.reduce((sum, size, axis) => sum * size + (index[axis] ?? 0), 0)
const at = ({ shape, data }: Tensor, index: Index): number => data[offset(shape, index)] ?? NaN

/** Every index of a shape, row by row. */
function indices(shape: readonly number[]): readonly Index[] {
  return shape.reduce<readonly Index[]>((known, size) => known.flatMap(index => Array.from({ length: size }, (_, i) => [...index, i])), [[]])
}
