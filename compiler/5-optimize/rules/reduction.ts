/** Reductions: of what repeats, of axes of one, of reductions, and of products that are matrix products. */
import { productOfDims, sameDim, type Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { argumentsOf, isKnown, isUniform, nodeOf, type Maker, type Rule } from '../maker'
import { at } from '../rebuild'
import { unitAxes } from './movement'

const without = <T>(items: readonly T[], axes: readonly number[]): T[] => items.filter((_, axis) => !axes.includes(axis))

export const reduceIdentity: Rule<'reduce'> = (make, { fn, axes }, [x]) => {
  if (!x) return undefined
  const { shape } = x.type
  if (axes.length === 0) return x
  if (fn === 'sum' && axes.some(axis => shape[axis] === 0)) return make.fill(x.type.element, without(shape, axes), 0)
  const units = axes.filter(axis => shape[axis] === 1)
  if (units.length > 0) {
    const rest = axes.filter(axis => shape[axis] !== 1).map(axis => axis - units.filter(unit => unit < axis).length)
    return make.reduce(fn, make.reshape(x, without(shape, units)), rest)
  }
  const inner = nodeOf(x, 'reduce')
  if (inner?.attributes.fn === fn) {
    // The axes as they were before the inner reduction.
    const outside = without(at(inner.inputs, 0).type.shape.map((_, axis) => axis), inner.attributes.axes)
    return make.reduce(fn, at(inner.inputs, 0), [...inner.attributes.axes, ...axes.map(axis => at(outside, axis))].sort((a, b) => a - b))
  }
  return ofFill(make, fn, x, axes) ?? ofBroadcast(make, fn, x, axes) ?? ofReshape(make, fn, x, axes) ?? ofTranspose(make, fn, x, axes) ?? ofPad(make, fn, x, axes)
}

type Reduction = Parameters<Rule<'reduce'>>[1]['fn']

function ofFill(make: Maker, fn: Reduction, x: Value, axes: readonly number[]): Value | undefined {
  const fill = nodeOf(x, 'fill')
  if (!fill) return undefined
  const { element, shape, value } = fill.attributes
  const count = productOfDims(axes.map(axis => at(shape, axis)))
  const rest = () => make.fill(element, without(shape, axes), value)
  if (fn === 'prod' && value === 1) return rest()
  return canRepeat(fn, count) ? repeated(make, fn, rest(), count) : undefined
}

/** Whether `repeated` knows the reduction of so many copies; asked before anything is built. */
function canRepeat(fn: Reduction, count: Dim): boolean {
  switch (fn) {
    case 'sum': return true
    // Of no copies the greatest is −∞.
    case 'max': case 'min': return isKnown(count) && count > 0
    case 'prod': return false
    default: return fn satisfies never
  }
}

/** A value reduced over so many copies of itself. */
function repeated(make: Maker, fn: Reduction, x: Value, count: Dim): Value {
  return fn !== 'sum' || isUniform(x, 0) ? x : make.scalar('mul', x, make.sizeLike(count, x))
}

/** Axes along which a broadcast repeats need no pass over the copies. */
function ofBroadcast(make: Maker, fn: Reduction, x: Value, axes: readonly number[]): Value | undefined {
  const broadcast = nodeOf(x, 'broadcast')
  const source = broadcast?.inputs[0]
  if (!broadcast || !source || source.type.shape.includes(1)) return undefined
  const own = broadcast.attributes.axes
  const copies = axes.filter(axis => !own.includes(axis))
  const { shape } = x.type
  const count = productOfDims(copies.map(axis => at(shape, axis)))
  if (copies.length === 0 || !canRepeat(fn, count)) return undefined
  const kept = own.filter(axis => !axes.includes(axis))
  const reduced = make.reduce(fn, source, own.flatMap((axis, k) => (axes.includes(axis) ? [k] : [])))
  const counted = repeated(make, fn, reduced, count)
  const result = shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
  return result.length === kept.length ? counted : make.broadcast(counted, result.map(axis => at(shape, axis)), kept.map(axis => result.indexOf(axis)))
}

/** Axes of one that a reshape adds or drops move behind the reduction. */
function ofReshape(make: Maker, fn: Reduction, x: Value, axes: readonly number[]): Value | undefined {
  const source = nodeOf(x, 'reshape')?.inputs[0]
  const places = source && unitAxes(source.type.shape, x.type.shape)
  if (!source || !places) return undefined
  const inside = axes.map(axis => places.indexOf(axis))
  return make.reshape(make.reduce(fn, source, inside.sort((a, b) => a - b)), without(x.type.shape, axes))
}

function ofTranspose(make: Maker, fn: Reduction, x: Value, axes: readonly number[]): Value | undefined {
  const node = nodeOf(x, 'transpose')
  if (!node) return undefined
  const { permutation } = node.attributes
  const reduced = axes.map(axis => at(permutation, axis)).sort((a, b) => a - b)
  const left = without(permutation.map((_, axis) => axis), reduced)
  return make.transpose(make.reduce(fn, at(node.inputs, 0), reduced), without(permutation, axes).map(axis => left.indexOf(axis)))
}

/** Padding adds zeros to a sum. */
function ofPad(make: Maker, fn: Reduction, x: Value, axes: readonly number[]): Value | undefined {
  const node = nodeOf(x, 'pad')
  if (!node || fn !== 'sum') return undefined
  const { low, high, interior } = node.attributes
  const isClean = low.every((width, axis) => axes.includes(axis) || (width === 0 && high[axis] === 0 && interior[axis] === 0))
  return isClean ? make.reduce('sum', at(node.inputs, 0), axes) : undefined
}

/**
 * Σ of a product of two values that repeat, each along an axis of the other's own: a matrix product, without the array of
 * all products.
 */
export const sumOfProducts: Rule<'reduce'> = (make, { fn, axes }, [x]) => {
  const [p, q] = argumentsOf(x, 'mul') ?? []
  if (fn !== 'sum' || !x || !p || !q || !make.isOnlyRead(x)) return undefined
  const left = operand(p)
  const right = operand(q)
  const kept = without(x.type.shape.map((_, axis) => axis), axes)
  const isProduct = axes.every(axis => left.axes.includes(axis) && right.axes.includes(axis))
    && kept.some(axis => !left.axes.includes(axis)) && kept.some(axis => !right.axes.includes(axis))
    && kept.every(axis => left.axes.includes(axis) || right.axes.includes(axis))
  return isProduct ? make.add('contract', { left: left.axes, right: right.axes, out: kept }, [left.value, right.value]) : undefined
}

/** A value and the axes of its broadcast that are its own. */
function operand(value: Value): { readonly value: Value; readonly axes: readonly number[] } {
  const broadcast = nodeOf(value, 'broadcast')
  const source = broadcast?.inputs[0]
  const isPlain = source && broadcast.attributes.axes.every((axis, k) => sameDim(at(source.type.shape, k), at(value.type.shape, axis)))
  return isPlain ? { value: source, axes: broadcast.attributes.axes } : { value, axes: value.type.shape.map((_, axis) => axis) }
}

export const cumulativeIdentity: Rule<'cumulativeSum'> = (_, { axis }, [x]) => (x?.type.shape[axis] === 1 || isUniform(x, 0) ? x : undefined)
