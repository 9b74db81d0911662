/** Every scalar function with where to try it, and its stated values at kinks; a function without a row fails the type check. */
import type { ScalarName } from '../../ir/scalar'

type Interval = readonly [low: number, high: number]

export interface ScalarSample {
  /** One for each argument: where it is smooth. */
  readonly domain: readonly Interval[]
  /** Arguments at which the partials are a matter of agreement, and what they are. */
  readonly kinks?: readonly { readonly args: readonly number[]; readonly partials: readonly number[] }[]
}

const unary = (low: number, high: number, ...kinks: readonly (readonly [x: number, partial: number])[]): ScalarSample =>
  ({ domain: [[low, high]], kinks: kinks.map(([x, partial]) => ({ args: [x], partials: [partial] })) })
const binary = (x: Interval, y: Interval, ...kinks: readonly (readonly [x: number, y: number, byX: number, byY: number])[]): ScalarSample =>
  ({ domain: [x, y], kinks: kinks.map(([x, y, byX, byY]) => ({ args: [x, y], partials: [byX, byY] })) })

/** A row that is a sentence says why the function is not differentiated. */
export const SCALAR_SAMPLES: { readonly [Name in ScalarName]: ScalarSample | string } = {
  neg: unary(-2, 2),
  abs: unary(0.1, 2, [0, 0], [-3, -1], [3, 1]),
  sign: 'constant between its jumps',
  exp: unary(-2, 2),
  expm1: unary(-2, 2, [0, 1], [-50, Math.exp(-50)]),
  log: unary(0.2, 3),
  log1p: unary(-0.7, 2, [0, 1]),
  sqrt: unary(0.2, 3),
  sin: unary(-3, 3),
  cos: unary(-3, 3),
  tan: unary(-1.2, 1.2),
  asin: unary(-0.9, 0.9),
  acos: unary(-0.9, 0.9),
  atan: unary(-3, 3),
  sinh: unary(-2, 2),
  cosh: unary(-2, 2),
  tanh: unary(-2, 2),
  asinh: unary(-3, 3),
  acosh: unary(1.2, 3),
  atanh: unary(-0.9, 0.9),
  // The slope of σ for large x is e^{−x}, which 1 − σ(x) would lose.
  sigmoid: unary(-4, 4, [40, Math.exp(-40)], [-40, Math.exp(-40)], [800, 0]),
  softplus: unary(-4, 4, [800, 1], [-800, 0]),
  relu: unary(0.1, 2, [0, 0], [-1, 0], [1, 1]),
  floor: 'constant between its jumps',
  ceil: 'constant between its jumps',
  round: 'constant between its jumps',
  erf: unary(-2, 2),
  not: 'a discrete result does not move with its arguments',
  real: unary(-2, 2),
  int: 'a discrete result does not move with its arguments',
  bool: 'a discrete result does not move with its arguments',

  add: binary([-2, 2], [-2, 2]),
  sub: binary([-2, 2], [-2, 2]),
  mul: binary([-2, 2], [-2, 2]),
  div: binary([-2, 2], [0.4, 2], [0, 2, 0.5, -0]),
  idiv: 'constant between its jumps',
  mod: binary([2.2, 2.8], [1.05, 1.35]),
  // 0^y is flat for y > 0; x⁰ is flat in x; a base below zero has a slope by the base at whole exponents.
  pow: binary([0.3, 2], [-2, 2], [0, 2, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0], [2, 0, 0, Math.log(2)], [0, 0.5, Infinity, 0]),
  min: binary([-2, -0.1], [0.1, 2], [1, 1, 0.5, 0.5], [0, -0, 0.5, 0.5], [2, 1, 0, 1]),
  max: binary([-2, -0.1], [0.1, 2], [1, 1, 0.5, 0.5], [0, -0, 0.5, 0.5], [2, 1, 1, 0]),
  atan2: binary([0.2, 2], [-2, -0.2], [0, 1, 1, 0], [1, 0, 0, -1]),
  // Where the product is masked it does not move.
  chain: binary([0.2, 2], [-2, 2], [0, 3, 3, 0], [0, Infinity, 0, 0], [0, NaN, 0, 0], [2, 3, 3, 2]),
  equal: 'a discrete result does not move with its arguments',
  notEqual: 'a discrete result does not move with its arguments',
  less: 'a discrete result does not move with its arguments',
  lessEqual: 'a discrete result does not move with its arguments',
  and: 'a discrete result does not move with its arguments',
  or: 'a discrete result does not move with its arguments',

  where: { domain: [[1, 1], [-2, 2], [-2, 2]] },
}
