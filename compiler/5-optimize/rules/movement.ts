/**
 * Movement: compositions become one op, identities vanish, and axes of one are left to reshapes. A broadcast, once through
 * here, has an input without axes of one and repeats along at least one axis.
 */
import { addDims, mulDims, sameDim, sameShape, subDims, type Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { isKnown, isUniform, nodeOf, type Maker, type Rule } from '../maker'
import { at } from '../rebuild'

// ---------------------------------------------------------------------------------------------------- broadcast

export const broadcastCanonical: Rule<'broadcast'> = (make, { shape, axes }, [x]) => {
  if (!x) return undefined
  const from = x.type.shape
  if (from.includes(1)) {
    const kept = axes.filter((_, axis) => from[axis] !== 1)
    return broadcastOrReshape(make, make.reshape(x, from.filter(dim => dim !== 1)), shape, kept)
  }
  if (shape.every((dim, axis) => dim === 1 || axes.includes(axis))) return make.reshape(x, shape)
  const inner = nodeOf(x, 'broadcast')
  return inner && make.broadcast(at(inner.inputs, 0), shape, inner.attributes.axes.map(axis => at(axes, axis)))
}

const broadcastOrReshape = (make: Maker, x: Value, shape: readonly Dim[], axes: readonly number[]): Value =>
  (shape.every((dim, axis) => dim === 1 || axes.includes(axis)) ? make.reshape(x, shape) : make.broadcast(x, shape, axes))

// ------------------------------------------------------------------------------------------------------ reshape

export const reshapeIdentity: Rule<'reshape'> = (make, { shape }, [x]) => {
  if (!x) return undefined
  if (sameShape(x.type.shape, shape)) return x
  const inner = nodeOf(x, 'reshape')
  if (inner) return make.reshape(at(inner.inputs, 0), shape)
  const broadcast = nodeOf(x, 'broadcast')
  const axes = unitAxes(x.type.shape, shape)
  // The broadcast's own input has no axes of one, so each of its axes is found again.
  if (!broadcast || !axes || broadcast.inputs[0]?.type.shape.includes(1)) return undefined
  return make.broadcast(at(broadcast.inputs, 0), shape, broadcast.attributes.axes.map(axis => at(axes, axis)))
}

/** Where the axes of a shape go in another that differs by axes of one; −1 for those of one. */
export function unitAxes(from: readonly Dim[], to: readonly Dim[]): readonly number[] | undefined {
  const targets = to.flatMap((dim, axis) => (dim === 1 ? [] : [axis]))
  const sources = from.filter(dim => dim !== 1)
  if (sources.length !== targets.length || !sources.every((dim, k) => sameDim(dim, at(to, at(targets, k))))) return undefined
  let next = 0
  return from.map(dim => (dim === 1 ? -1 : at(targets, next++)))
}

// ---------------------------------------------------------------------------------------------------- transpose

export const transposeIdentity: Rule<'transpose'> = (make, { permutation }, [x]) => {
  if (!x) return undefined
  const moving = permutation.filter(axis => x.type.shape[axis] !== 1)
  if (moving.every((axis, k) => k === 0 || axis > at(moving, k - 1))) return make.reshape(x, permutation.map(axis => at(x.type.shape, axis)))
  const inner = nodeOf(x, 'transpose')
  if (inner) return make.transpose(at(inner.inputs, 0), permutation.map(axis => at(inner.attributes.permutation, axis)))
  const broadcast = nodeOf(x, 'broadcast')
  if (!broadcast) return undefined
  const source = at(broadcast.inputs, 0)
  // Where each axis of the source stands now, and in which order they come.
  const placed = broadcast.attributes.axes.map(axis => permutation.indexOf(axis))
  const order = placed.map((_, axis) => axis).sort((p, q) => at(placed, p) - at(placed, q))
  return make.broadcast(make.transpose(source, order), permutation.map(axis => at(x.type.shape, axis)), order.map(axis => at(placed, axis)))
}

// -------------------------------------------------------------------------------------------------------- slice

export const sliceIdentity: Rule<'slice'> = (make, { starts, sizes, steps }, [x]) => {
  if (!x) return undefined
  const { shape } = x.type
  if (starts.every(start => start === 0) && steps.every(step => step === 1) && sameShape(sizes, shape)) return x
  const inner = nodeOf(x, 'slice')
  if (inner) {
    return make.add('slice', {
      starts: starts.map((start, axis) => addDims(at(inner.attributes.starts, axis), mulDims(start, at(inner.attributes.steps, axis)))),
      sizes,
      steps: steps.map((step, axis) => step * at(inner.attributes.steps, axis)),
    }, [at(inner.inputs, 0)])
  }
  const broadcast = nodeOf(x, 'broadcast')
  if (broadcast) {
    const { axes } = broadcast.attributes
    const source = at(broadcast.inputs, 0)
    if (source.type.shape.includes(1)) return undefined
    const onSource = <T>(all: readonly T[]) => axes.map(axis => at(all, axis))
    return make.broadcast(make.add('slice', { starts: onSource(starts), sizes: onSource(sizes), steps: onSource(steps) }, [source]), sizes, axes)
  }
  return sliceOfConcat(make, x, starts, sizes, steps) ?? sliceOfPad(make, x, starts, sizes, steps)
}

/** A slice that stays within one piece is a slice of that piece. */
function sliceOfConcat(make: Maker, x: Value, starts: readonly Dim[], sizes: readonly Dim[], steps: readonly number[]): Value | undefined {
  const node = nodeOf(x, 'concat')
  if (!node) return undefined
  const { axis } = node.attributes
  const span = spanOf(starts[axis], sizes[axis], at(steps, axis))
  let offset = 0
  for (const piece of node.inputs) {
    const size = piece.type.shape[axis]
    if (!span || !isKnown(size)) return undefined
    if (span.low >= offset && span.high < offset + size) {
      return make.add('slice', { starts: starts.map((start, k) => (k === axis ? subDims(start, offset) : start)), sizes, steps }, [piece])
    }
    offset += size
  }
  return undefined
}

/** A slice of what was padded, and of no padding, is a slice of the value inside. */
function sliceOfPad(make: Maker, x: Value, starts: readonly Dim[], sizes: readonly Dim[], steps: readonly number[]): Value | undefined {
  const node = nodeOf(x, 'pad')
  if (!node) return undefined
  const inside = at(node.inputs, 0)
  const { low, high, interior } = node.attributes
  const isWithin = starts.every((start, axis) => {
    if (low[axis] === 0 && high[axis] === 0 && interior[axis] === 0) return true
    // The common case, the derivative of the slice itself, also for sizes that only a call knows.
    if (interior[axis] === 0 && steps[axis] === 1 && sameDim(start, at(low, axis)) && sameDim(at(sizes, axis), at(inside.type.shape, axis))) return true
    const span = spanOf(start, sizes[axis], at(steps, axis))
    const from = low[axis]
    const size = inside.type.shape[axis]
    return interior[axis] === 0 && span !== undefined && isKnown(from) && isKnown(size) && span.low >= from && span.high < from + size
  })
  return isWithin ? make.add('slice', { starts: starts.map((start, axis) => subDims(start, at(low, axis))), sizes, steps }, [inside]) : undefined
}

/** The least and the greatest position of a slice along an axis. */
function spanOf(start: Dim | undefined, size: Dim | undefined, step: number): { readonly low: number; readonly high: number } | undefined {
  if (!isKnown(start) || !isKnown(size) || size === 0) return undefined
  const end = start + (size - 1) * step
  return { low: Math.min(start, end), high: Math.max(start, end) }
}

// ---------------------------------------------------------------------------------------------- pad, concat, flip

export const padIdentity: Rule<'pad'> = (make, { low, high, interior }, [x]) => {
  if (!x) return undefined
  if ([...low, ...high, ...interior].every(width => width === 0)) return x
  if (isUniform(x, 0)) return zeroPadded(make, low, high, interior, x)
  const inner = nodeOf(x, 'pad')
  if (!inner || [...interior, ...inner.attributes.interior].some(width => width !== 0)) return undefined
  return make.add('pad', {
    low: low.map((width, axis) => addDims(width, at(inner.attributes.low, axis))),
    high: high.map((width, axis) => addDims(width, at(inner.attributes.high, axis))),
    interior,
  }, [at(inner.inputs, 0)])
}

function zeroPadded(make: Maker, low: readonly Dim[], high: readonly Dim[], interior: readonly number[], x: Value): Value {
  const node = make.b.add('pad', { low, high, interior }, [x])
  return make.fill(x.type.element, node.type.shape, 0)
}

export const concatIdentity: Rule<'concat'> = (make, { axis }, inputs) => {
  const [first] = inputs
  if (!first) return undefined
  if (inputs.length === 1) return first
  const pieces = inputs.filter(input => input.type.shape[axis] !== 0).flatMap(input => {
    const inner = nodeOf(input, 'concat')
    return inner?.attributes.axis === axis ? inner.inputs : [input]
  })
  const joined: Value[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    const both = last && adjacent(make, last, piece, axis)
    if (both) joined.splice(-1, 1, both)
    else joined.push(piece)
  }
  if (joined.length === 0 || (joined.length === inputs.length && joined.every((piece, k) => piece === inputs[k]))) return undefined
  return joined.length === 1 ? joined[0] : make.add('concat', { axis }, joined)
}

/** Two pieces as one: slices that follow each other, or fills of one number. */
function adjacent(make: Maker, x: Value, y: Value, axis: number): Value | undefined {
  const wholeSize = addDims(at(x.type.shape, axis), at(y.type.shape, axis))
  const p = nodeOf(x, 'fill')
  const q = nodeOf(y, 'fill')
  if (p && q) {
    if (!Object.is(p.attributes.value, q.attributes.value)) return undefined
    return make.fill(p.attributes.element, p.attributes.shape.map((dim, k) => (k === axis ? wholeSize : dim)), p.attributes.value)
  }
  const a = nodeOf(x, 'slice')
  const b = nodeOf(y, 'slice')
  if (!a || !b || a.inputs[0] !== b.inputs[0]) return undefined
  const step = at(a.attributes.steps, axis)
  const follows = a.attributes.starts.every((start, k) => {
    const expected = k === axis ? addDims(start, mulDims(at(a.attributes.sizes, k), step)) : start
    return sameDim(expected, at(b.attributes.starts, k)) && a.attributes.steps[k] === b.attributes.steps[k]
  })
  if (!follows) return undefined
  return make.add('slice', { ...a.attributes, sizes: a.attributes.sizes.map((size, k) => (k === axis ? wholeSize : size)) }, [at(a.inputs, 0)])
}

export const flipIdentity: Rule<'flip'> = (_, { axis }, [x]) => {
  if (x?.type.shape[axis] === 1) return x
  const inner = nodeOf(x, 'flip')
  return inner?.attributes.axis === axis ? inner.inputs[0] : undefined
}
