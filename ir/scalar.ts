/**
 * The scalar functions, one row each: what a value is, and which elements go in and come out.
 * Derivatives are a table of their own in the compiler, over the same names.
 */
import type { Element } from './type'

/**
 * How elements pass through: `arithmetic` keeps int or real; `real` takes and gives real; `compare` takes two equal elements
 * and gives bool; `logic` is bool throughout; `choose` is (bool, a, a) → a; `toReal` … convert from any.
 */
export type ElementRule = 'arithmetic' | 'real' | 'compare' | 'logic' | 'choose' | 'toReal' | 'toInt' | 'toBool'

interface ScalarRow<Arity extends 1 | 2 | 3> {
  readonly arity: Arity
  readonly elements: ElementRule
  readonly value: Arity extends 1 ? (x: number) => number
    : Arity extends 2 ? (x: number, y: number) => number
    : (x: number, y: number, z: number) => number
}

const unary = (elements: ElementRule, value: (x: number) => number): ScalarRow<1> => ({ arity: 1, elements, value })
const binary = (elements: ElementRule, value: (x: number, y: number) => number): ScalarRow<2> => ({ arity: 2, elements, value })
const ternary = (elements: ElementRule, value: (x: number, y: number, z: number) => number): ScalarRow<3> => ({ arity: 3, elements, value })

export const SCALARS = {
  neg: unary('arithmetic', x => -x),
  abs: unary('arithmetic', x => Math.abs(x)),
  sign: unary('arithmetic', x => Math.sign(x)),
  exp: unary('real', x => Math.exp(x)),
  expm1: unary('real', x => Math.expm1(x)),
  log: unary('real', x => Math.log(x)),
  log1p: unary('real', x => Math.log1p(x)),
  sqrt: unary('real', x => Math.sqrt(x)),
  sin: unary('real', x => Math.sin(x)),
  cos: unary('real', x => Math.cos(x)),
  tan: unary('real', x => Math.tan(x)),
  asin: unary('real', x => Math.asin(x)),
  acos: unary('real', x => Math.acos(x)),
  atan: unary('real', x => Math.atan(x)),
  sinh: unary('real', x => Math.sinh(x)),
  cosh: unary('real', x => Math.cosh(x)),
  tanh: unary('real', x => Math.tanh(x)),
  asinh: unary('real', x => Math.asinh(x)),
  acosh: unary('real', x => Math.acosh(x)),
  atanh: unary('real', x => Math.atanh(x)),
  sigmoid: unary('real', sigmoid),
  // log(1 + e^x) without overflow.
  softplus: unary('real', x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  relu: unary('arithmetic', x => (x > 0 ? x : x !== x ? x : 0)),
  floor: unary('arithmetic', x => Math.floor(x)),
  ceil: unary('arithmetic', x => Math.ceil(x)),
  round: unary('arithmetic', roundHalfEven),
  erf: unary('real', erf),
  not: unary('logic', x => (x ? 0 : 1)),
  real: unary('toReal', x => x),
  int: unary('toInt', x => Math.trunc(x)),
  bool: unary('toBool', x => (x !== 0 ? 1 : 0)),

  add: binary('arithmetic', (x, y) => x + y),
  sub: binary('arithmetic', (x, y) => x - y),
  mul: binary('arithmetic', (x, y) => x * y),
  div: binary('real', (x, y) => x / y),
  idiv: binary('arithmetic', (x, y) => Math.floor(x / y)),
  // Floored: the sign of the divisor, as in Python.
  mod: binary('arithmetic', (x, y) => x - y * Math.floor(x / y)),
  pow: binary('arithmetic', (x, y) => x ** y),
  min: binary('arithmetic', (x, y) => Math.min(x, y)),
  max: binary('arithmetic', (x, y) => Math.max(x, y)),
  atan2: binary('real', (y, x) => Math.atan2(y, x)),
  // The chain rule's product: a zero cotangent times a partial that is not finite is zero.
  chain: binary('real', (cotangent, partial) => (cotangent === 0 ? 0 : cotangent * partial)),
  equal: binary('compare', (x, y) => (x === y ? 1 : 0)),
  notEqual: binary('compare', (x, y) => (x !== y ? 1 : 0)),
  less: binary('compare', (x, y) => (x < y ? 1 : 0)),
  lessEqual: binary('compare', (x, y) => (x <= y ? 1 : 0)),
  and: binary('logic', (x, y) => (x && y ? 1 : 0)),
  or: binary('logic', (x, y) => (x || y ? 1 : 0)),

  where: ternary('choose', (condition, x, y) => (condition ? x : y)),
} as const satisfies Record<string, ScalarRow<1> | ScalarRow<2> | ScalarRow<3>>

export type ScalarName = keyof typeof SCALARS

/** Applies a row to its arguments; for constants and tests, not for hot loops. */
export function applyScalar(name: ScalarName, args: readonly number[]): number {
  const [x = NaN, y = NaN, z = NaN] = args
  const row: ScalarRow<1> | ScalarRow<2> | ScalarRow<3> = SCALARS[name]
  return row.arity === 1 ? row.value(x) : row.arity === 2 ? row.value(x, y) : row.value(x, y, z)
}

/**
 * The element that comes out.
 * @returns undefined when the row does not take these elements
 */
export function scalarElement(name: ScalarName, args: readonly Element[]): Element | undefined {
  const { arity, elements } = SCALARS[name]
  const [first, second, third] = args
  if (args.length !== arity || first === undefined) return undefined
  switch (elements) {
    case 'arithmetic': return first !== 'bool' && args.every(arg => arg === first) ? first : undefined
    case 'real': return args.every(arg => arg === 'real') ? 'real' : undefined
    case 'compare': return first === second ? 'bool' : undefined
    case 'logic': return args.every(arg => arg === 'bool') ? 'bool' : undefined
    case 'choose': return first === 'bool' && second === third ? second : undefined
    case 'toReal': return 'real'
    case 'toInt': return 'int'
    case 'toBool': return 'bool'
    default: return elements satisfies never
  }
}

function sigmoid(x: number): number {
  // Never exponentiates a positive number, so nothing overflows.
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

/** Halves go to the even neighbour, as in IEEE 754 and NumPy. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x)
  const gap = x - down
  if (gap < 0.5) return down
  if (gap > 0.5) return down + 1
  return down % 2 === 0 ? down : down + 1
}

/**
 * The error function to double precision: the Maclaurin series of erf below 2.5 and the continued fraction of erfc above
 * (Abramowitz & Stegun 7.1.6 and 7.1.14).
 */
function erf(x: number): number {
  const a = Math.abs(x)
  if (a !== a) return NaN
  if (a > 6) return Math.sign(x)
  if (a < 2.5) {
    // erf x = 2/√π e^{−x²} Σ 2ⁿ x^{2n+1} / (1·3·…·(2n+1)): all terms positive, no cancellation.
    let term = a
    let sum = a
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * a * a) / (2 * n + 1)
      sum += term
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum
  }
  // erfc x = e^{−x²}/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))), evaluated from the inside.
  let fraction = a
  for (let k = 60; k >= 1; k--) fraction = a + k / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction))
}
