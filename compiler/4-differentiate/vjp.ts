/**
 * VJP: for every op, the cotangents of its inputs from those of its results, as a composition of graph operations, so that
 * derivatives of any order come from the same table; or the reason why there are none.
 */
import type { GraphBuilder } from '../../ir/builder'
import { addDims, mulDims, productOfDims, subDims, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import type { OpName } from '../../ir/op'
import { pullBackLoop, runningProduct } from './loop'
import { multiply, PARTIALS } from './partials'
import { convolveVjp, choleskyVjp, cofactorsVjp, determinantVjp, solveVjp } from './products'
import { dimAt, inputAt, inputShape, type VjpRule } from './pullback'
import type { NodeOf } from './rebuild'

/** A row that is a sentence says why there is no derivative. */
export type VjpRow<Op extends OpName> = Op extends 'loop' ? typeof pullBackLoop : VjpRule<Op> | string

const LEAF = 'a leaf has no inputs'
const INDEX = 'an index does not move with its input'

export const VJP: { readonly [Op in OpName]: VjpRow<Op> } = {
  input: LEAF,
  constant: LEAF,
  fill: LEAF,
  size: LEAF,
  iota: LEAF,
  random: 'a draw depends on counters alone; scale and shift it outside',

  elementwise({ b, node, result, cotangent }) {
    const partials = PARTIALS[node.attributes.fn]
    if (typeof partials === 'string') return []
    return partials(b, node.inputs, result).map(partial => partial && multiply(b, cotangent, partial))
  },

  // What was repeated is added up.
  broadcast({ b, node, cotangent }) {
    const { shape, axes } = node.attributes
    const from = inputShape(node)
    const repeated = shape.map((_, axis) => axis).filter(axis => {
      const at = axes.indexOf(axis)
      return at < 0 || (from[at] === 1 && shape[axis] !== 1)
    })
    return [b.reshape(b.reduce('sum', cotangent, repeated), from)]
  },
  reshape: ({ b, node, cotangent }) => [b.reshape(cotangent, inputShape(node))],
  transpose: ({ b, node, cotangent }) => [b.transpose(cotangent, node.attributes.permutation.map((_, axis) => node.attributes.permutation.indexOf(axis)))],
  slice: ({ b, node, cotangent }) => [unslice(b, node, cotangent)],
  pad({ b, node, cotangent }) {
    const { low, interior } = node.attributes
    return [b.add('slice', { starts: low, sizes: inputShape(node), steps: interior.map(zeros => zeros + 1) }, [cotangent])]
  },
  concat({ b, node, cotangent }) {
    const { axis } = node.attributes
    let start: Dim = 0
    return node.inputs.map(({ type }) => {
      const size = dimAt(type.shape, axis)
      const part = b.sliceAxis(cotangent, axis, start, size)
      start = addDims(start, size)
      return part
    })
  },
  flip: ({ b, node, cotangent }) => [b.add('flip', node.attributes, [cotangent])],

  reduce({ b, node, cotangent }) {
    const x = inputAt(node, 0)
    const { fn, axes } = node.attributes
    if (fn === 'sum') return [repeat(b, cotangent, x.type.shape, axes)]
    if (axes.length === 0) return [cotangent]
    const flat = flatten(b, x, axes)
    return [flat.undo(fn === 'prod' ? productVjp(b, flat.x, flat.axis, cotangent) : extremumVjp(b, flat.x, flat.axis, fn === 'max' ? 'argmax' : 'argmin', cotangent))]
  },
  argReduce: INDEX,
  // y_i = Σ_{j ≤ i} x_j, so dx_j = Σ_{i ≥ j} dy_i
  cumulativeSum: ({ b, node: { attributes: { axis, reverse } }, cotangent }) => [b.add('cumulativeSum', { axis, reverse: !reverse }, [cotangent])],

  argSort: INDEX,

  // A product is linear in each operand; the labels say which axes the other operand brings back.
  contract({ b, node, cotangent }) {
    const { left, right, out } = node.attributes
    return [
      b.add('contract', { left: out, right, out: left }, [cotangent, inputAt(node, 1)]),
      b.add('contract', { left: out, right: left, out: right }, [cotangent, inputAt(node, 0)]),
    ]
  },
  convolve: convolveVjp,
  solve: solveVjp,
  cholesky: choleskyVjp,
  determinant: determinantVjp,
  cofactors: cofactorsVjp,
  // The derivative of D[v…]S by one of its arguments is its gradient without that one; that of the gradient, contracted with
  // the cotangent w, is a gradient with the direction w.
  entropy({ b, node, cotangent }) {
    const [density, ...directions] = node.inputs
    if (!density) return []
    const isValue = node.attributes.part === 'value'
    const by = (others: readonly Value[]) => {
      const gradient = b.add('entropy', { part: 'gradient' }, [density, ...others, ...(isValue ? [] : [cotangent])])
      return isValue ? multiply(b, repeat(b, cotangent, gradient.type.shape, [gradient.type.shape.length - 1]), gradient) : gradient
    }
    return [by(directions), ...directions.map((_, at) => by(without(directions, at)))]
  },
  gather({ b, node, cotangent }) {
    const { axis, site } = node.attributes
    const size = dimAt(inputShape(node), axis)
    const index = b.add('wrapIndex', { size, site }, [inputAt(node, 1)])
    return [b.add('segmentSum', { axis, size, site }, [cotangent, index]), undefined]
  },
  segmentSum({ b, node, cotangent }) {
    const { axis, site } = node.attributes
    return [b.add('gather', { axis, site }, [cotangent, inputAt(node, 1)]), undefined]
  },
  wrapIndex: INDEX,

  loop: pullBackLoop,

  // E' = Σ ct·D[v…]E is one of the engine's two functions again, with a direction more or fewer (quantum/engine.ts).
  circuit({ b, node, cotangent }) {
    const { circuit } = node.attributes
    const [slots, ...directions] = node.inputs
    if (!slots) return []
    const active = Array.from({ length: circuit.slots }, (_, slot) => slot)
    const by = (others: readonly Value[]) => b.add('circuitVjp', { ...node.attributes, active }, [slots, cotangent, ...others])
    return [by(directions), ...directions.map((_, at) => by(without(directions, at)))]
  },
  // G = ∇θ Σ ct·D[v…]E; with the cotangent w, w·G = Σ ct·D[v…, w]E.
  circuitVjp({ b, node, cotangent: direction }) {
    const { active: _, ...attributes } = node.attributes
    const [slots, cotangent, ...directions] = node.inputs
    if (!slots || !cotangent) return []
    const by = (others: readonly Value[]) => b.add('circuitVjp', node.attributes, [slots, cotangent, ...others, direction])
    return [
      by(directions),
      b.add('circuit', attributes, [slots, ...directions, direction]),
      ...directions.map((_, at) => by(without(directions, at))),
    ]
  },
  circuitMetric: 'it is there for optimizers, and first derivatives of it are third ones of the state',

  mark: ({ cotangent }) => [cotangent],
  stop: 'it stops derivatives, that is what it is for',
  derivative: 'it is expanded before anything around it is differentiated',
}

// ---------------------------------------------------------------------------------------------------- movement

/** A value of fewer axes repeated along `axes` of a shape. */
function repeat(b: GraphBuilder, x: Value, shape: readonly Dim[], axes: readonly number[]): Value {
  if (axes.length === 0) return x
  // A number stays one, so that the chain rule sees it.
  if (x.node.op === 'fill') return b.fill('real', shape, x.node.attributes.value)
  return b.add('broadcast', { shape, axes: shape.map((_, axis) => axis).filter(axis => !axes.includes(axis)) }, [x])
}

/** The cotangent at the elements that a slice took, zeros elsewhere. */
function unslice(b: GraphBuilder, node: NodeOf<'slice'>, cotangent: Value): Value {
  const { starts, sizes, steps } = node.attributes
  const from = inputShape(node)
  if (sizes.includes(0)) return b.fill('real', from, 0)
  let placed = cotangent
  const low: Dim[] = []
  const high: Dim[] = []
  steps.forEach((step, axis) => {
    const start = dimAt(starts, axis)
    const last = addDims(start, mulDims(step, subDims(dimAt(sizes, axis), 1)))
    // A slice from the end is a slice from its last element, flipped.
    if (step < 0) placed = b.add('flip', { axis }, [placed])
    low.push(step < 0 ? last : start)
    high.push(subDims(subDims(dimAt(from, axis), 1), step < 0 ? start : last))
  })
  return b.add('pad', { low, high, interior: steps.map(step => Math.abs(step) - 1) }, [placed])
}

// ------------------------------------------------------------------------------------------------- reductions

interface Flattened {
  readonly x: Value
  /** The one axis that is reduced. */
  readonly axis: number
  /** Back to the shape of the original. */
  undo(gradient: Value): Value
}

/** Several reduced axes as one, in their order, so that "the first" among them has a meaning. */
function flatten(b: GraphBuilder, x: Value, axes: readonly number[]): Flattened {
  const { shape } = x.type
  const [first] = axes
  if (axes.length === 1 && first !== undefined) return { x, axis: first, undo: gradient => gradient }
  const reduced = shape.map((_, axis) => axis).filter(axis => axes.includes(axis))
  const kept = shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
  const order = [...kept, ...reduced]
  const transposed = b.transpose(x, order)
  const size = productOfDims(reduced.map(axis => dimAt(shape, axis)))
  return {
    x: b.reshape(transposed, [...kept.map(axis => dimAt(shape, axis)), size]),
    axis: kept.length,
    undo: gradient => b.transpose(b.reshape(gradient, transposed.type.shape), order.map((_, axis) => order.indexOf(axis))),
  }
}

/** The cotangent at the first greatest or least element, zero elsewhere. */
function extremumVjp(b: GraphBuilder, x: Value, axis: number, fn: 'argmax' | 'argmin', cotangent: Value): Value {
  const { shape } = x.type
  const position = b.add('broadcast', { shape, axes: [axis] }, [b.add('iota', { size: dimAt(shape, axis) }, [])])
  const chosen = b.scalar('equal', position, repeat(b, b.add('argReduce', { fn, axis }, [x]), shape, [axis]))
  return b.scalar('where', chosen, repeat(b, cotangent, shape, [axis]), b.fill('real', shape, 0))
}

/** Up to here the factors of exclusive products are written out as a matrix; beyond, they are running products. */
const MATRIX_OF_FACTORS = 16

/**
 * d Π x = Σ_i (Π_{j ≠ i} x_j) dx_i, without a division, so that zeros are exact in every order of derivative.
 */
function productVjp(b: GraphBuilder, x: Value, axis: number, cotangent: Value): Value {
  const { shape } = x.type
  const size = dimAt(shape, axis)
  const others = typeof size === 'number' && size <= MATRIX_OF_FACTORS ? otherFactors(b, x, axis, size) : otherFactorsByRunning(b, x, axis)
  return multiply(b, repeat(b, cotangent, shape, [axis]), others)
}

/** Π_j (1 where j = i, else x_j), with i as the new axis. */
function otherFactors(b: GraphBuilder, x: Value, axis: number, size: number): Value {
  // Axes of the square: … i, j …, where the product runs over j.
  const { shape } = x.type
  const square = [...shape.slice(0, axis), size, ...shape.slice(axis)]
  const factors = b.add('broadcast', { shape: square, axes: shape.map((_, at) => (at < axis ? at : at + 1)) }, [x])
  const iota = b.add('iota', { size }, [])
  const own = b.scalar('equal', b.add('broadcast', { shape: square, axes: [axis] }, [iota]), b.add('broadcast', { shape: square, axes: [axis + 1] }, [iota]))
  return b.reduce('prod', b.scalar('where', own, b.fill('real', square, 1), factors), [axis + 1])
}

/** The running product of what comes before i, times that of what comes after. */
function otherFactorsByRunning(b: GraphBuilder, x: Value, axis: number): Value {
  const order = [axis, ...x.type.shape.map((_, at) => at).filter(at => at !== axis)]
  const rows = b.transpose(x, order)
  const product = b.scalar('mul', runningProduct(b, rows, false), runningProduct(b, rows, true))
  return b.transpose(product, order.map((_, at) => order.indexOf(at)))
}

// ------------------------------------------------------------------------------------------------------ access

function without(values: readonly Value[], at: number): readonly Value[] {
  return values.filter((_, other) => other !== at)
}

