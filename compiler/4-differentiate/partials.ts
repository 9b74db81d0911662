/**
 * PARTIALS: the derivative of every scalar function by each of its arguments, as a composition of scalar functions, so that
 * derivatives have derivatives. What holds at kinks is docs/language.md's: relu′(0) = abs′(0) = 0, halves for ties.
 */
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import type { ScalarName } from '../../ir/scalar'

/** One partial an argument; `undefined` is exactly zero. */
export type Partials = (b: GraphBuilder, args: readonly Value[], result: Value) => readonly (Value | undefined)[]

// A row for the arity of its function, with the arguments by name.
const unary = (partial: (b: GraphBuilder, x: Value, result: Value) => Value | undefined): Partials =>
  (b, [x], result) => (x ? [partial(b, x, result)] : [])
const binary = (partials: (b: GraphBuilder, x: Value, y: Value, result: Value) => readonly [Value | undefined, Value | undefined]): Partials =>
  (b, [x, y], result) => (x && y ? partials(b, x, y, result) : [])

/** A number in the shape of a value. */
const number = (b: GraphBuilder, like: Value, value: number) => b.fill('real', like.type.shape, value)
const one = (b: GraphBuilder, like: Value) => number(b, like, 1)
const reciprocal = (b: GraphBuilder, x: Value) => b.scalar('div', one(b, x), x)
const square = (b: GraphBuilder, x: Value) => b.scalar('mul', x, x)
/** (1 − x)(1 + x): 1 − x² without cancellation near ±1. */
const oneMinusSquare = (b: GraphBuilder, x: Value) => b.scalar('mul', b.scalar('sub', one(b, x), x), b.scalar('add', one(b, x), x))

const PIECEWISE_CONSTANT = 'constant between its jumps'
const DISCRETE = 'a discrete result does not move with its arguments'

/** A row that is a sentence says why the function has no derivative. */
export const PARTIALS: { readonly [Name in ScalarName]: Partials | string } = {
  neg: unary((b, x) => number(b, x, -1)),
  // sign(0) = 0.
  abs: unary((b, x) => b.scalar('sign', x)),
  sign: PIECEWISE_CONSTANT,
  exp: unary((_, __, result) => result),
  // e^x, not result + 1, which loses everything for very negative x.
  expm1: unary((b, x) => b.scalar('exp', x)),
  log: unary((b, x) => reciprocal(b, x)),
  log1p: unary((b, x) => reciprocal(b, b.scalar('add', one(b, x), x))),
  // 1 / (2√x)
  sqrt: unary((b, x, result) => b.scalar('div', number(b, x, 0.5), result)),
  sin: unary((b, x) => b.scalar('cos', x)),
  cos: unary((b, x) => b.scalar('neg', b.scalar('sin', x))),
  // 1 + tan² x
  tan: unary((b, x, result) => b.scalar('add', one(b, x), square(b, result))),
  // 1 / √(1 − x²)
  asin: unary((b, x) => reciprocal(b, b.scalar('sqrt', oneMinusSquare(b, x)))),
  acos: unary((b, x) => b.scalar('neg', reciprocal(b, b.scalar('sqrt', oneMinusSquare(b, x))))),
  atan: unary((b, x) => reciprocal(b, b.scalar('add', one(b, x), square(b, x)))),
  sinh: unary((b, x) => b.scalar('cosh', x)),
  cosh: unary((b, x) => b.scalar('sinh', x)),
  // 1 − tanh² x
  tanh: unary((b, _, result) => oneMinusSquare(b, result)),
  // 1 / √(x² + 1)
  asinh: unary((b, x) => reciprocal(b, b.scalar('sqrt', b.scalar('add', square(b, x), one(b, x))))),
  // 1 / √(x − 1) / √(x + 1): the product of the roots, because x² − 1 also has a root below −1.
  acosh: unary((b, x) => reciprocal(b, b.scalar('mul',
    b.scalar('sqrt', b.scalar('sub', x, one(b, x))), b.scalar('sqrt', b.scalar('add', x, one(b, x)))))),
  // 1 / (1 − x²)
  atanh: unary((b, x) => reciprocal(b, oneMinusSquare(b, x))),
  // σ(x) σ(−x): 1 − σ(x) would cancel for large x.
  sigmoid: unary((b, x, result) => b.scalar('mul', result, b.scalar('sigmoid', b.scalar('neg', x)))),
  softplus: unary((b, x) => b.scalar('sigmoid', x)),
  relu: unary((b, x) => choose(b, b.scalar('less', number(b, x, 0), x), 1, 0, x)),
  floor: PIECEWISE_CONSTANT,
  ceil: PIECEWISE_CONSTANT,
  round: PIECEWISE_CONSTANT,
  // 2/√π e^{−x²}
  erf: unary((b, x) => b.scalar('mul', number(b, x, 2 / Math.sqrt(Math.PI)), b.scalar('exp', b.scalar('neg', square(b, x))))),
  not: DISCRETE,
  // The identity for a real; an int or a bool takes no cotangent.
  real: unary((b, x) => one(b, x)),
  int: DISCRETE,
  bool: DISCRETE,

  add: binary((b, x, y) => [one(b, x), one(b, y)]),
  sub: binary((b, x, y) => [one(b, x), number(b, y, -1)]),
  mul: binary((_, x, y) => [y, x]),
  // d(x/y) = dx/y − (x/y) dy/y
  div: binary((b, _, y, result) => [reciprocal(b, y), b.scalar('neg', b.scalar('div', result, y))]),
  idiv: PIECEWISE_CONSTANT,
  // x − y⌊x/y⌋, where the floor has no derivative.
  mod: binary((b, x, y) => [one(b, x), b.scalar('neg', b.scalar('floor', b.scalar('div', x, y)))]),
  pow: binary((b, x, y, result) => [powerByBase(b, x, y), powerByExponent(b, x, y, result)]),
  min: binary((b, x, y) => [shareOf(b, b.scalar('less', x, y), x, y), shareOf(b, b.scalar('less', y, x), x, y)]),
  max: binary((b, x, y) => [shareOf(b, b.scalar('less', y, x), x, y), shareOf(b, b.scalar('less', x, y), x, y)]),
  // d atan2(y, x) = (x dy − y dx) / (x² + y²)
  atan2: binary((b, y, x) => {
    const radius = b.scalar('add', square(b, x), square(b, y))
    return [b.scalar('div', x, radius), b.scalar('neg', b.scalar('div', y, radius))]
  }),
  chain: binary((b, cotangent, partial) => [chainByCotangent(b, cotangent, partial), cotangent]),
  equal: DISCRETE,
  notEqual: DISCRETE,
  less: DISCRETE,
  lessEqual: DISCRETE,
  and: DISCRETE,
  or: DISCRETE,

  where: (b, [condition, x]) => (condition && x ? [undefined, choose(b, condition, 1, 0, x), choose(b, condition, 0, 1, x)] : []),
}

/**
 * The chain rule: cotangent · partial, where a zero cotangent wins over a partial that is not finite, so the side of an
 * `if` that was not taken adds nothing.
 */
export function multiply(b: GraphBuilder, cotangent: Value, partial: Value): Value {
  // Of two factors, one that is a finite number other than 0 makes the mask idle.
  for (const [factor, other] of [[partial, cotangent], [cotangent, partial]] as const) {
    if (factor.node.op !== 'fill') continue
    const { value } = factor.node.attributes
    if (value === 1) return other
    if (value === -1) return b.scalar('neg', other)
    if (value !== 0 && Number.isFinite(value)) return b.scalar('mul', cotangent, partial)
  }
  // A choice between 1 and 0 lets the cotangent through or not, even an infinite one.
  const { node } = partial
  if (node.op === 'elementwise' && node.attributes.fn === 'where') {
    const [condition, then, otherwise] = node.inputs
    if (condition && isNumber(then, 1) && isNumber(otherwise, 0)) return b.scalar('where', condition, cotangent, number(b, cotangent, 0))
    if (condition && isNumber(then, 0) && isNumber(otherwise, 1)) return b.scalar('where', condition, number(b, cotangent, 0), cotangent)
  }
  return b.scalar('chain', cotangent, partial)
}

function choose(b: GraphBuilder, condition: Value, then: number, otherwise: number, like: Value): Value {
  return b.scalar('where', condition, number(b, like, then), number(b, like, otherwise))
}

function isNumber(value: Value | undefined, number: number): boolean {
  return value?.node.op === 'fill' && value.node.attributes.value === number
}

/** 1 where the argument alone is chosen, ½ in a tie, else 0. */
function shareOf(b: GraphBuilder, chosen: Value, x: Value, y: Value): Value {
  return b.scalar('where', chosen, one(b, x), choose(b, b.scalar('equal', x, y), 0.5, 0, x))
}

/** y·x^(y−1), exactly zero at y = 0 where x^(y−1) may be infinite. */
function powerByBase(b: GraphBuilder, x: Value, y: Value): Value | undefined {
  const exponent = constantOf(y)
  if (exponent === 0) return undefined
  if (exponent === 1) return one(b, x)
  if (exponent === 2) return b.scalar('mul', number(b, x, 2), x)
  if (exponent !== undefined) return b.scalar('mul', number(b, x, exponent), b.scalar('pow', x, number(b, x, exponent - 1)))
  const slope = b.scalar('mul', y, b.scalar('pow', x, b.scalar('sub', y, one(b, y))))
  return b.scalar('where', b.scalar('equal', y, number(b, y, 0)), number(b, y, 0), slope)
}

/** x^y log x; 0^y is 0 for every y > 0, so there its slope is 0, and it is taken as 0 at y = 0 too. */
function powerByExponent(b: GraphBuilder, x: Value, y: Value, result: Value): Value {
  const zero = number(b, x, 0)
  const flat = b.scalar('and', b.scalar('equal', x, zero), b.scalar('lessEqual', zero, y))
  return b.scalar('where', flat, zero, b.scalar('mul', result, b.scalar('log', x)))
}

/** The number that a value is everywhere, where the graph shows it. */
function constantOf(value: Value): number | undefined {
  const { node } = value
  if (node.op === 'fill') return node.attributes.value
  if (node.op === 'constant') {
    const [first] = node.attributes.data
    return first !== undefined && node.attributes.data.every(number => number === first) ? first : undefined
  }
  const [only] = node.inputs
  const passes = node.op === 'broadcast' || node.op === 'reshape' || node.op === 'mark' || node.op === 'stop'
    || (node.op === 'elementwise' && node.attributes.fn === 'real')
  return passes && only ? constantOf(only) : undefined
}

/**
 * The partial itself, but 0 where the product was masked: c == 0 and a partial that is not finite. Without it the second
 * derivative of the side of an `if` that was not taken would be NaN.
 */
function chainByCotangent(b: GraphBuilder, cotangent: Value, partial: Value): Value {
  // |p| < largest double: also right in f32, where that rounds to infinity.
  const finite = b.scalar('less', b.scalar('abs', partial), number(b, partial, Number.MAX_VALUE))
  const open = b.scalar('or', finite, b.scalar('notEqual', cotangent, number(b, cotangent, 0)))
  return b.scalar('where', open, partial, number(b, partial, 0))
}
