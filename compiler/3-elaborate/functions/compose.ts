/** Functions that are compositions of a few ops, shared by the table and by initialisers. */
import type { GraphBuilder } from '../../../ir/builder'
import { mulDims, type Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'

/** A number in the element and shape of another value. */
export const like = (b: GraphBuilder, x: Value, value: number): Value => b.fill(x.type.element, x.type.shape, value)

/** A static size as a real scalar, then repeated to a shape. */
export const realSize = (b: GraphBuilder, size: Dim, shape: readonly Dim[]): Value =>
  typeof size === 'number' ? b.fill('real', shape, size) : b.broadcastTo(b.cast(b.add('size', { value: size }, []), 'real'), shape)

/** Puts back axes of size 1 where a reduction dropped them. */
export const keepAxes = (b: GraphBuilder, reduced: Value, shape: readonly Dim[], axes: readonly number[]): Value =>
  b.reshape(reduced, shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)))

export const countOf = (x: Value, axes: readonly number[]): Dim => axes.reduce<Dim>((product, axis) => mulDims(product, x.type.shape[axis] ?? 1), 1)

export function meanOver(b: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const sum = b.reduce('sum', x, axes)
  return b.scalar('div', sum, realSize(b, countOf(x, axes), sum.type.shape))
}

/** Σ (x − mean)² / n. */
export function varianceOver(b: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const centre = b.broadcastTo(keepAxes(b, meanOver(b, x, axes), x.type.shape, axes), x.type.shape)
  const gap = b.scalar('sub', x, centre)
  return meanOver(b, b.scalar('mul', gap, gap), axes)
}

/**
 * log Σ e^x = m + log Σ e^(x − m) with m the greatest element. m is stopped: the formula holds for any m, so its derivative
 * is zero. A slice of −∞ alone gives −∞, not NaN: there m counts as 0.
 */
export function logSumExpOver(b: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const greatest = b.add('stop', {}, [b.reduce('max', x, axes)])
  const infinite = b.scalar('equal', b.scalar('abs', greatest), like(b, greatest, Infinity))
  const shift = b.scalar('where', infinite, like(b, greatest, 0), greatest)
  const shifted = b.scalar('sub', x, b.broadcastTo(keepAxes(b, shift, x.type.shape, axes), x.type.shape))
  return b.scalar('add', b.scalar('log', b.reduce('sum', b.scalar('exp', shifted), axes)), shift)
}

/** x − logsumexp x. */
export function logSoftmaxAlong(b: GraphBuilder, x: Value, axis: number): Value {
  return b.scalar('sub', x, b.broadcastTo(keepAxes(b, logSumExpOver(b, x, [axis]), x.type.shape, [axis]), x.type.shape))
}

/** 1 where the class stands, along a new last axis. */
export function oneHot(b: GraphBuilder, classes: Value, size: Dim): Value {
  const shape = [...classes.type.shape, size]
  const own = b.add('broadcast', { shape, axes: classes.type.shape.map((_, axis) => axis) }, [classes])
  return b.cast(b.scalar('equal', own, b.broadcastTo(b.add('iota', { size }, []), shape)), 'real')
}

/**
 * Euclidean norm, whose derivative at 0 is 0: the root is taken of 1 where the sum of squares is 0, and 0 chosen there.
 */
export function normOver(b: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const squares = b.reduce('sum', b.scalar('mul', x, x), axes)
  const zero = b.scalar('equal', squares, like(b, squares, 0))
  const root = b.scalar('sqrt', b.scalar('where', zero, like(b, squares, 1), squares))
  return b.scalar('where', zero, like(b, squares, 0), root)
}

/** Tensors of one rank joined along an axis. */
export function concatAlong(b: GraphBuilder, values: readonly Value[], axis: number): Value {
  const [first] = values
  return first && values.length === 1 ? first : b.add('concat', { axis }, values)
}

