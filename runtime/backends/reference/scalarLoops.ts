/**
 * One tight loop for each scalar function: out[outAt + i] = f(a[…], b[…], c[…]) for i below count.
 *
 * An operand is an array, where to start in it and a mask: −1 for one element after the other, 0 for the one number in
 * element 0. So one loop serves every mix of vectors and scalars, and all arrays are Float64Arrays, which keeps the loops
 * monomorphic. `out` may be any of the operands.
 */
import { SCALARS, type ScalarName } from '../../../ir/scalar'

export type ScalarLoop = (
  count: number, out: Float64Array, outAt: number,
  a: Float64Array, aAt: number, aMask: number,
  b: Float64Array, bAt: number, bMask: number,
  c: Float64Array, cAt: number, cMask: number,
) => void

const { sigmoid, softplus, round, erf } = SCALARS

export const SCALAR_LOOPS: { readonly [Name in ScalarName]: ScalarLoop } = {
  neg: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = -(a[(aAt + i) & aMask] as number)
  },
  abs: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.abs(a[(aAt + i) & aMask] as number)
  },
  sign: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.sign(a[(aAt + i) & aMask] as number)
  },
  exp: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.exp(a[(aAt + i) & aMask] as number)
  },
  expm1: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.expm1(a[(aAt + i) & aMask] as number)
  },
  log: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.log(a[(aAt + i) & aMask] as number)
  },
  log1p: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.log1p(a[(aAt + i) & aMask] as number)
  },
  sqrt: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.sqrt(a[(aAt + i) & aMask] as number)
  },
  sin: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.sin(a[(aAt + i) & aMask] as number)
  },
  cos: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.cos(a[(aAt + i) & aMask] as number)
  },
  tan: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.tan(a[(aAt + i) & aMask] as number)
  },
  asin: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.asin(a[(aAt + i) & aMask] as number)
  },
  acos: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.acos(a[(aAt + i) & aMask] as number)
  },
  atan: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.atan(a[(aAt + i) & aMask] as number)
  },
  sinh: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.sinh(a[(aAt + i) & aMask] as number)
  },
  cosh: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.cosh(a[(aAt + i) & aMask] as number)
  },
  tanh: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.tanh(a[(aAt + i) & aMask] as number)
  },
  asinh: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.asinh(a[(aAt + i) & aMask] as number)
  },
  acosh: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.acosh(a[(aAt + i) & aMask] as number)
  },
  atanh: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.atanh(a[(aAt + i) & aMask] as number)
  },
  sigmoid: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = sigmoid.value(a[(aAt + i) & aMask] as number)
  },
  softplus: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = softplus.value(a[(aAt + i) & aMask] as number)
  },
  relu: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) {
      const x = a[(aAt + i) & aMask] as number
      out[outAt + i] = x > 0 ? x : x !== x ? x : 0
    }
  },
  floor: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.floor(a[(aAt + i) & aMask] as number)
  },
  ceil: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.ceil(a[(aAt + i) & aMask] as number)
  },
  round: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = round.value(a[(aAt + i) & aMask] as number)
  },
  erf: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = erf.value(a[(aAt + i) & aMask] as number)
  },
  not: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) ? 0 : 1
  },
  real: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = a[(aAt + i) & aMask] as number
  },
  int: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.trunc(a[(aAt + i) & aMask] as number)
  },
  bool: (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) !== 0 ? 1 : 0
  },
  add: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) + (b[(bAt + i) & bMask] as number)
  },
  sub: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) - (b[(bAt + i) & bMask] as number)
  },
  mul: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) * (b[(bAt + i) & bMask] as number)
  },
  div: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) / (b[(bAt + i) & bMask] as number)
  },
  idiv: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.floor((a[(aAt + i) & aMask] as number) / (b[(bAt + i) & bMask] as number))
  },
  mod: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) {
      const x = a[(aAt + i) & aMask] as number
      const y = b[(bAt + i) & bMask] as number
      out[outAt + i] = x - y * Math.floor(x / y)
    }
  },
  pow: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) ** (b[(bAt + i) & bMask] as number)
  },
  min: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.min((a[(aAt + i) & aMask] as number), (b[(bAt + i) & bMask] as number))
  },
  max: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.max((a[(aAt + i) & aMask] as number), (b[(bAt + i) & bMask] as number))
  },
  atan2: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.atan2((a[(aAt + i) & aMask] as number), (b[(bAt + i) & bMask] as number))
  },
  chain: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) {
      const x = a[(aAt + i) & aMask] as number
      out[outAt + i] = x === 0 ? 0 : x * (b[(bAt + i) & bMask] as number)
    }
  },
  equal: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) === (b[(bAt + i) & bMask] as number) ? 1 : 0
  },
  notEqual: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) !== (b[(bAt + i) & bMask] as number) ? 1 : 0
  },
  less: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) < (b[(bAt + i) & bMask] as number) ? 1 : 0
  },
  lessEqual: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) <= (b[(bAt + i) & bMask] as number) ? 1 : 0
  },
  and: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) && (b[(bAt + i) & bMask] as number) ? 1 : 0
  },
  or: (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) || (b[(bAt + i) & bMask] as number) ? 1 : 0
  },
  where: (count, out, outAt, a, aAt, aMask, b, bAt, bMask, c, cAt, cMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = (a[(aAt + i) & aMask] as number) ? (b[(bAt + i) & bMask] as number) : (c[(cAt + i) & cMask] as number)
  },
}

/** x² and 1/x for powers whose exponent is written in the program: the general power costs ten times as much. */
export const POWER_LOOPS: ReadonlyMap<number, ScalarLoop> = new Map<number, ScalarLoop>([
  [2, (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) {
      const x = a[(aAt + i) & aMask] as number
      out[outAt + i] = x * x
    }
  }],
  [-1, (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = 1 / (a[(aAt + i) & aMask] as number)
  }],
])

/**
 * What of ints may leave their 32 bits wraps around, modulo 2³², as it does in SIMD code. What has no value, a quotient or
 * remainder by 0, is 0.
 */
export const INT_LOOPS: ReadonlyMap<ScalarName, ScalarLoop> = new Map<ScalarName, ScalarLoop>([
  ['neg', (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = -(a[(aAt + i) & aMask] as number) | 0
  }],
  ['abs', (count, out, outAt, a, aAt, aMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.abs(a[(aAt + i) & aMask] as number) | 0
  }],
  ['add', (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = ((a[(aAt + i) & aMask] as number) + (b[(bAt + i) & bMask] as number)) | 0
  }],
  ['sub', (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = ((a[(aAt + i) & aMask] as number) - (b[(bAt + i) & bMask] as number)) | 0
  }],
  ['mul', (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.imul(a[(aAt + i) & aMask] as number, b[(bAt + i) & bMask] as number)
  }],
  ['idiv', (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) out[outAt + i] = Math.floor((a[(aAt + i) & aMask] as number) / (b[(bAt + i) & bMask] as number)) | 0
  }],
  ['mod', (count, out, outAt, a, aAt, aMask, b, bAt, bMask) => {
    for (let i = 0; i < count; i++) {
      const x = a[(aAt + i) & aMask] as number
      const y = b[(bAt + i) & bMask] as number
      out[outAt + i] = (x - y * Math.floor(x / y)) | 0
    }
  }],
])
