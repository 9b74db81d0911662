/**
 * Reductions, seen as [outer, length, inner] → [outer, inner]: vectors along inner, or along length where inner is 1. Axes that
 * do not fit that form are brought together by a copy first.
 *
 * Sums of reals are taken in two levels, pieces and then the pieces, so that the rounding error grows with the square root of
 * the length; always in the same order.
 */
import type { OpAttributes, Reduction } from '../../../ir/op'
import { countOf, stridesOf } from '../reference/layout'
import { copyView } from './copy'
import { i32x4, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local } from '../../../wasm/module'
import { inputOf } from './movement'
import { inPieces, moved } from './sharing'
import type { ProgramSite, RoutinePlaces } from './site'
import { bytesOf, type Vectors } from './vectors'

type Numbers = 'real' | 'int'

/** @returns undefined for bools: the host reduces them */
export function lowerReduce({ fn, axes }: OpAttributes['reduce'], places: RoutinePlaces, site: ProgramSite): Code | undefined {
  const input = inputOf(places, 0)
  const { output } = places
  const { element } = input
  if (element === 'bool' || output.element !== element) return undefined
  if (countOf(output.shape) === 0) return []
  // Axes of one element may be reduced or kept as suits.
  const long = axes.filter(axis => input.shape[axis] !== 1).sort((a, b) => a - b)
  const first = long[0] ?? input.shape.length
  const last = long.at(-1) ?? first - 1
  const length = countOf(long.map(axis => input.shape[axis] ?? 1))
  const isTogether = countOf(input.shape.slice(first, last + 1)) === length
  const outer = isTogether ? countOf(input.shape.slice(0, first)) : countOf(output.shape)
  const inner = isTogether ? countOf(input.shape.slice(last + 1)) : 1
  const bytes = bytesOf(element, site.precision)
  // By rows of the result, or, where it has one, by columns; what is brought together first is reduced by one thread.
  const byColumns = outer === 1 && isTogether
  const units = !isTogether ? 1 : byColumns ? inner : outer
  const work = { units, grain: byColumns ? COLUMNS_OF_LINE : 1, nanoseconds: 0.3 * countOf(input.shape) }
  return inPieces(site, 'reduce', work, (f, part) => {
    const source = f.local('i32', moved(input.address, part.first, byColumns ? bytes : length * inner * bytes))
    const target = f.local('i32', moved(output.address, part.first, byColumns ? bytes : inner * bytes))
    if (!isTogether) {
      const order = [...input.shape.keys()].filter(axis => !long.includes(axis)).concat(long)
      const strides = stridesOf(input.shape)
      const shape = order.map(axis => input.shape[axis] ?? 1)
      const scratch = part.scratch(countOf(shape) * bytes)
      copyView(f, shape, bytes, { address: source.get, strides: order.map(axis => (strides[axis] ?? 0) * bytes) },
        { address: scratch, strides: stridesOf(shape).map(stride => stride * bytes) })
      f.set(source, scratch)
    }
    const form = { fn, element, outer: !isTogether || byColumns ? outer : part.count, length, inner, columns: byColumns ? part.count : inner, bytes }
    if (inner === 1) reduceRows(f, site.v, form, source, target)
    else reduceColumns(f, site.v, form, source, target)
  })
}

interface Form {
  readonly fn: Reduction
  readonly element: Numbers
  readonly outer: number
  readonly length: number
  readonly inner: number
  /** Of `inner`, those that are reduced. */
  readonly columns: number
  readonly bytes: number
}

/** So that threads write to cache lines of their own. */
const COLUMNS_OF_LINE = 16

const IDENTITIES: { readonly [Fn in Reduction]: { readonly [E in Numbers]: number } } = {
  sum: { real: 0, int: 0 },
  prod: { real: 1, int: 1 },
  max: { real: -Infinity, int: -(2 ** 31) },
  min: { real: Infinity, int: 2 ** 31 - 1 },
}

function combine(v: Vectors, fn: Reduction, element: Numbers, x: Code, y: Code): Code {
  const name = fn === 'sum' ? 'add' : fn === 'prod' ? 'mul' : fn
  return element === 'int' ? i32x4[name](x, y) : v.real[name](x, y)
}

/** Steps of a sum whose error may grow with their number. */
const PIECE = 512

/**
 * Folds `count` steps of the body's vector into a variable.
 * @param body the vector of a step; it moves on by itself
 */
function fold(f: FunctionWriter, v: Vectors, { fn, element }: Form, count: number, body: () => Code): Code {
  const identity = v.constant(element, IDENTITIES[fn][element])
  const total = f.local('v128')
  f.set(total, identity)
  const pieces = fn === 'sum' && element === 'real' ? Math.floor(count / PIECE) : 0
  f.repeat(pieces, () => {
    const piece = f.local('v128')
    f.set(piece, identity)
    f.repeat(PIECE, () => f.set(piece, combine(v, fn, element, piece.get, body())))
    f.set(total, combine(v, fn, element, total.get, piece.get))
  })
  f.repeat(count - pieces * PIECE, () => f.set(total, combine(v, fn, element, total.get, body())))
  return total.get
}

function reduceRows(f: FunctionWriter, v: Vectors, form: Form, source: Local, target: Local): void {
  const { fn, element, outer, length, bytes } = form
  f.repeat(outer, () => {
    const total = f.local('v128', fold(f, v, form, Math.floor(length / v.lanes), () => {
      const value = f.local('v128', v.load(element, source.get)).get
      f.advance(source, v.lanes * bytes)
      return value
    }))
    // The lanes, then what is left of the row, each in the lowest lane.
    const lanes = length >= v.lanes ? v.lanes : 0
    const result = f.local('v128')
    f.set(result, lanes ? total.get : v.constant(element, IDENTITIES[fn][element]))
    for (let lane = 1; lane < lanes; lane++) f.set(result, combine(v, fn, element, result.get, splatLane(v, element, total.get, lane)))
    for (let i = 0; i < length % v.lanes; i++) f.set(result, combine(v, fn, element, result.get, v.loadSplat(element, source.get, i * bytes)))
    f.advance(source, (length % v.lanes) * bytes)
    f.emit(v.storeLane(element, target.get, result.get, 0))
    f.advance(target, bytes)
  })
}

const splatLane = (v: Vectors, element: Numbers, x: Code, lane: number): Code =>
  (element === 'int' ? i32x4.splat(i32x4.extract(x, lane)) : v.real.splat(v.real.extract(x, lane)))

function reduceColumns(f: FunctionWriter, v: Vectors, form: Form, source: Local, target: Local): void {
  const { element, outer, length, inner, columns: width, bytes } = form
  const stripe = (columns: number) => {
    const from = f.local('i32', source.get)
    const total = fold(f, v, form, length, () => {
      const value = f.local('v128', v.load(element, from.get)).get
      f.advance(from, inner * bytes)
      return value
    })
    if (columns === v.lanes) f.emit(v.store(element, target.get, total))
    else for (let lane = 0; lane < columns; lane++) f.emit(v.storeLane(element, target.get, total, lane, lane * bytes))
    f.advance(source, columns * bytes)
    f.advance(target, columns * bytes)
  }
  f.repeat(outer, () => {
    f.repeat(Math.floor(width / v.lanes), () => stripe(v.lanes))
    if (width % v.lanes) stripe(width % v.lanes)
    f.advance(source, (length - 1) * inner * bytes)
  })
}
