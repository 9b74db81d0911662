/**
 * exp, log, sin, cos and what is made of them, a vector at a time.
 *
 * Each reduces its argument to a small interval and sums the Taylor series there, to where the next term is below the rounding
 * error; the reductions are those of W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980). Tests hold
 * them to a few units in the last place of Math's own.
 */
import type { Precision } from '../../../ir/plan'
import { f32x4, f64x2, i32x4, i64x2, v128, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, ModuleWriter } from '../../../wasm/module'
import type { Vectors } from './vectors'

const VECTOR = { parameters: ['v128'], result: 'v128' } as const

/** What is summed, in how many terms, and where the parts of a float lie, by precision. */
const FORMATS = {
  f32: { expTerms: 7, logTerms: 5, largest: 110, mantissa: 23, bias: 127, ln2: [0.693359375, Math.LN2 - 0.693359375], tiny: 2 ** -126, lift: 23 },
  f64: { expTerms: 13, logTerms: 11, largest: 750, mantissa: 52, bias: 1023, ln2: splitLn2(), tiny: 2 ** -1022, lift: 54 },
} as const satisfies Record<Precision, unknown>

/** ln 2 in two parts; the first has 32 bits, so that its product with a small integer is exact. The second is from 60 digits of ln 2. */
function splitLn2(): readonly [number, number] {
  const high = Math.floor(Math.LN2 * 2 ** 32) / 2 ** 32
  // ln 2 = 0.693147180559945309417232121458176568…: what Math.LN2 itself lacks is 2.3190468138462996e-17.
  return [high, Math.LN2 - high + 2.3190468138462996e-17]
}

/** Σ cᵢ xⁱ by Horner's rule. */
function polynomial(v: Vectors, x: Code, coefficients: readonly number[]): Code {
  return coefficients.toReversed().map(coefficient => v.real.const(coefficient)).reduce((sum, coefficient) => v.multiplyAdd(sum, x, coefficient))
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))

/** 2^k for a vector of ints that are normal exponents. */
function powerOfTwo(v: Vectors, k: Code): Code {
  const { mantissa, bias } = FORMATS[v.precision]
  const shift: Code = [0x41, mantissa]
  return v.precision === 'f32'
    ? i32x4.shl(i32x4.add(k, i32x4.const(bias)), shift)
    : i64x2.shl(i64x2.add(i64x2.extendLow(k), i64x2.const(BigInt(bias))), shift)
}

/** x = k ln 2 + r with |r| ≤ ½ ln 2. */
function reduceByLn2(f: FunctionWriter, v: Vectors, x: Code): { readonly k: Code; readonly r: Code } {
  const { ln2: [high, low] } = FORMATS[v.precision]
  const k = f.local('v128', v.real.nearest(v.real.mul(x, v.real.const(Math.LOG2E)))).get
  const r = f.local('v128', v.real.sub(v.real.sub(x, v.real.mul(k, v.real.const(high))), v.real.mul(k, v.real.const(low)))).get
  return { k: f.local('v128', v.realToInt(k)).get, r }
}

/** e^r − 1 for a small r: r + r²(1/2! + r/3! + …). */
function expm1Series(f: FunctionWriter, v: Vectors, r: Code): Code {
  const terms = Array.from({ length: FORMATS[v.precision].expTerms - 1 }, (_, i) => 1 / factorial(i + 2))
  return f.local('v128', v.multiplyAdd(v.real.mul(r, r), polynomial(v, r, terms), r)).get
}

function clamp(v: Vectors, x: Code, bound: number): Code {
  return v.real.max(v.real.min(x, v.real.const(bound)), v.real.const(-bound))
}

export function exp(module: ModuleWriter, v: Vectors): Callee {
  return module.define(`exp ${v.precision}`, VECTOR, f => {
    const [x] = f.parameters as [FunctionWriter['parameters'][number]]
    // Far beyond where the result is 0 or infinity.
    f.set(x, clamp(v, x.get, FORMATS[v.precision].largest))
    const { k, r } = reduceByLn2(f, v, x.get)
    const series = expm1Series(f, v, r)
    // In two factors: 2^k itself may be out of range where the product is not.
    const half = f.local('v128', i32x4.shr(k, [0x41, 1])).get
    const scaled = v.real.mul(v.real.add(series, v.real.const(1)), powerOfTwo(v, half))
    f.emit(v.real.mul(scaled, powerOfTwo(v, i32x4.sub(k, half))))
  })
}

/** tanh x = m/(m + 2) with m = e^{2x} − 1 = 2^k(e^r − 1) + (2^k − 1), which keeps its digits near 0. */
export function tanh(module: ModuleWriter, v: Vectors): Callee {
  return module.define(`tanh ${v.precision}`, VECTOR, f => {
    const [x] = f.parameters as [FunctionWriter['parameters'][number]]
    // Beyond this the result is ±1 to the last digit.
    f.set(x, clamp(v, x.get, v.precision === 'f32' ? 10 : 20))
    const { k, r } = reduceByLn2(f, v, v.real.add(x.get, x.get))
    const power = f.local('v128', powerOfTwo(v, k)).get
    const m = f.local('v128', v.real.add(v.real.mul(power, expm1Series(f, v, r)), v.real.sub(power, v.real.const(1)))).get
    // −0 keeps its sign.
    const quotient = v.real.div(m, v.real.add(m, v.real.const(2)))
    f.emit(v128.select(x.get, quotient, v.real.eq(x.get, v.real.const(0))))
  })
}

/** 1/(1 + e^−|x|), or e^−|x| times that where x < 0: no positive number is exponentiated. */
export function sigmoid(module: ModuleWriter, v: Vectors): Callee {
  const e = exp(module, v)
  return module.define(`sigmoid ${v.precision}`, VECTOR, f => {
    const [x] = f.parameters as [FunctionWriter['parameters'][number]]
    const small = f.local('v128', e(v.real.neg(v.real.abs(x.get)))).get
    const positive = f.local('v128', v.real.div(v.real.const(1), v.real.add(v.real.const(1), small))).get
    f.emit(v128.select(v.real.mul(small, positive), positive, v.real.lt(x.get, v.real.const(0))))
  })
}

/** max(x, 0) + log(1 + y) with y = e^−|x|; log(1 + y) = y·log(u)/(u − 1) with u = 1 + y as rounded (W. Kahan). */
export function softplus(module: ModuleWriter, v: Vectors): Callee {
  const e = exp(module, v)
  const logarithm = log(module, v)
  return module.define(`softplus ${v.precision}`, VECTOR, f => {
    const [x] = f.parameters as [FunctionWriter['parameters'][number]]
    const y = f.local('v128', e(v.real.neg(v.real.abs(x.get)))).get
    const u = f.local('v128', v.real.add(y, v.real.const(1))).get
    const gap = f.local('v128', v.real.sub(u, v.real.const(1))).get
    const quotient = v.real.mul(logarithm(u), v.real.div(y, gap))
    f.emit(v.real.add(v.real.max(x.get, v.real.const(0)), v128.select(y, quotient, v.real.eq(gap, v.real.const(0)))))
  })
}

/**
 * x = 2^k m with m in [√½, √2), f = m − 1, s = f/(2 + f):
 * log x = k ln 2 + f − (f²/2 − s(f²/2 + R)), R = 2(s²/3 + s⁴/5 + …), as in FDLIBM (Sun Microsystems 1993).
 */
export function log(module: ModuleWriter, v: Vectors): Callee {
  return module.define(`log ${v.precision}`, VECTOR, f => {
    const [x] = f.parameters as [FunctionWriter['parameters'][number]]
    const { tiny, lift, logTerms, ln2: [high, low] } = FORMATS[v.precision]
    const { real } = v
    const isTiny = f.local('v128', real.lt(x.get, real.const(tiny))).get
    const lifted = f.local('v128', v128.select(real.mul(x.get, real.const(2 ** lift)), x.get, isTiny)).get
    const { exponent, mantissa } = splitFloat(v, lifted)
    const k = f.local('v128', real.sub(exponent, v128.and(isTiny, real.const(lift))))
    const m = f.local('v128', mantissa)
    const isLarge = f.local('v128', real.gt(m.get, real.const(Math.SQRT2))).get
    f.set(m, v128.select(real.mul(m.get, real.const(0.5)), m.get, isLarge))
    f.set(k, real.add(k.get, v128.and(isLarge, real.const(1))))
    const gap = f.local('v128', real.sub(m.get, real.const(1))).get
    const s = f.local('v128', real.div(gap, real.add(gap, real.const(2)))).get
    const square = f.local('v128', real.mul(s, s)).get
    const series = Array.from({ length: logTerms }, (_, i) => 2 / (2 * i + 3))
    const rest = f.local('v128', real.mul(square, polynomial(v, square, series))).get
    const half = f.local('v128', real.mul(real.const(0.5), real.mul(gap, gap))).get
    const inner = real.sub(half, real.add(real.mul(s, real.add(half, rest)), real.mul(k.get, real.const(low))))
    const result = f.local('v128', real.sub(real.mul(k.get, real.const(high)), real.sub(inner, gap)))
    // What the series says nothing of: infinity and NaN are themselves, 0 gives −∞, less gives NaN.
    const isFinite = real.lt(x.get, real.const(Infinity))
    f.set(result, v128.select(result.get, x.get, isFinite))
    f.set(result, v128.select(real.const(-Infinity), result.get, real.eq(x.get, real.const(0))))
    f.emit(v128.select(real.const(NaN), result.get, real.lt(x.get, real.const(0))))
  })
}

/** The exponent of normal floats, as a float, and the mantissa in [1, 2). */
function splitFloat(v: Vectors, x: Code): { readonly exponent: Code; readonly mantissa: Code } {
  if (v.precision === 'f32') {
    return {
      exponent: f32x4.fromI32(i32x4.sub(i32x4.shr(x, [0x41, 23]), i32x4.const(127))),
      mantissa: v128.or(v128.and(x, i32x4.const(0x007fffff)), f32x4.const(1)),
    }
  }
  // A 52-bit integer under the exponent of 2^52 is that float plus the integer.
  const bits = v128.or(i64x2.shrUnsigned(x, [0x41, 52]), f64x2.const(2 ** 52))
  return {
    exponent: f64x2.sub(bits, f64x2.const(2 ** 52 + 1023)),
    mantissa: v128.or(v128.and(x, i64x2.const(0x000fffffffffffffn)), f64x2.const(1)),
  }
}

/** π/2 in three parts; the first two have 33 and at most 20 bits, so their products with integers below 2^20 are exact. */
const HALF_PI = (() => {
  const first = Math.floor((Math.PI / 2) * 2 ** 32) / 2 ** 32
  // π/2 = Math.PI/2 + 6.123233995736766e-17 …
  return [first, Math.PI / 2 - first, 6.123233995736766e-17] as const
})()

/** Up to here the reduction is exact; beyond it the host's own function is called. */
const FARTHEST_ANGLE = 1e6

const SIN_SERIES = Array.from({ length: 9 }, (_, i) => (i % 2 ? -1 : 1) / factorial(2 * i + 1))
const COS_SERIES = Array.from({ length: 10 }, (_, i) => (i % 2 ? -1 : 1) / factorial(2 * i))

/** sin, cos or tan of two doubles. */
function circular(module: ModuleWriter, wide: Vectors, name: 'sin' | 'cos' | 'tan'): Callee {
  const host = module.host(name, { parameters: ['f64'], result: 'f64' }, Math[name])
  return module.define(`${name} f64`, VECTOR, f => {
    const [x] = f.parameters as [FunctionWriter['parameters'][number]]
    const { real } = wide
    const n = f.local('v128', real.nearest(real.mul(x.get, real.const(2 / Math.PI)))).get
    const r = f.local('v128', HALF_PI.reduce<Code>((rest, part) => real.sub(rest, real.mul(n, real.const(part))), x.get)).get
    const square = f.local('v128', real.mul(r, r)).get
    // r + r³(…) loses less than r·(1 + …), and an exact 0 keeps its sign.
    const sine = f.local('v128', wide.multiplyAdd(real.mul(r, square), polynomial(wide, square, SIN_SERIES.slice(1)), r)).get
    const cosine = f.local('v128', polynomial(wide, square, COS_SERIES)).get
    const quadrant = f.local('v128', i32x4.fromF64(n)).get
    const isOdd = f.local('v128', i64x2.extendLow(i32x4.ne(v128.and(quadrant, i32x4.const(1)), i32x4.const(0)))).get
    const negatives = (turns: number) => i64x2.shl(i64x2.extendLow(v128.and(i32x4.add(quadrant, i32x4.const(turns)), i32x4.const(2))), [0x41, 62])
    const result = f.local('v128')
    switch (name) {
      case 'sin': f.set(result, v128.xor(v128.select(cosine, sine, isOdd), negatives(0))); break
      case 'cos': f.set(result, v128.xor(v128.select(sine, cosine, isOdd), negatives(1))); break
      case 'tan': f.set(result, real.div(v128.select(real.neg(cosine), sine, isOdd), v128.select(sine, cosine, isOdd))); break
      default: name satisfies never
    }
    f.when(v128.anyTrue(v128.not(real.lt(real.abs(x.get), real.const(FARTHEST_ANGLE)))), () => {
      f.set(result, real.replace(real.splat(host(real.extract(x.get, 0))), 1, host(real.extract(x.get, 1))))
    })
    f.emit(result.get)
  })
}

/** Of four floats through doubles: the reduction of a float's argument would lose digits in floats. */
export function circularOf(module: ModuleWriter, v: Vectors, wide: Vectors, name: 'sin' | 'cos' | 'tan'): Callee {
  const double = circular(module, wide, name)
  if (v.precision === 'f64') return double
  return module.define(`${name} f32`, VECTOR, f => {
    const [x] = f.parameters as [FunctionWriter['parameters'][number]]
    const high = v128.shuffle(x.get, x.get, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])
    const low = f32x4.fromF64(double(f64x2.fromF32(x.get)))
    f.emit(v128.shuffle(low, f32x4.fromF64(double(f64x2.fromF32(high))), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]))
  })
}
