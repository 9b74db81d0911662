/**
 * Parameters with a range: the optimizer moves a free number u, everyone else sees the constrained p. The formulas from u to p
 * stand as graph in the compiler too, where the training step starts with them; a test holds the two together.
 */
import { freeShape, type ParameterRange } from '../ir/plan'
import type { FloatArray } from './backends/backend'

export interface RangeTransform {
  /** Shape of u; a simplex has one number fewer. */
  readonly freeShape: readonly number[]
  /** Writes p for u. */
  constrain(free: FloatArray, value: FloatArray): void
  /** Writes u for p; what rounding has put onto the end of a range counts as just inside. */
  release(value: FloatArray, free: FloatArray): void
  /** The first element that is not strictly inside, and what was expected there. */
  outside(value: ArrayLike<number>): { readonly at: number; readonly expected: string } | undefined
}

/** @param epsilon distance from 1 to the next number of the run's precision */
export function transformOf(range: ParameterRange, shape: readonly number[], epsilon: number): RangeTransform {
  return range.kind === 'simplex' ? simplex(shape, epsilon) : interval(range, shape, epsilon)
}

/** log(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
/** The inverse of softplus: log(e^y − 1) = y + log(1 − e^−y), for y > 0. */
const inverseSoftplus = (y: number): number => y + Math.log(-Math.expm1(-y))
const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))

function interval({ low, high }: ParameterRange & { readonly kind: 'interval' }, shape: readonly number[], epsilon: number): RangeTransform {
  const toValue = high === Infinity ? (u: number) => low + softplus(u)
    : low === -Infinity ? (u: number) => high - softplus(u)
    : (u: number) => low + (high - low) * sigmoid(u)
  const toFree = high === Infinity ? (p: number) => inverseSoftplus(Math.max(p - low, Number.MIN_VALUE))
    : low === -Infinity ? (p: number) => inverseSoftplus(Math.max(high - p, Number.MIN_VALUE))
    : (p: number) => {
      const part = Math.min(Math.max((p - low) / (high - low), epsilon * epsilon), 1 - epsilon)
      return Math.log(part) - Math.log1p(-part)
    }
  const expected = high === Infinity ? `a number above ${low}` : low === -Infinity ? `a number below ${high}` : `a number between ${low} and ${high}`
  return {
    freeShape: shape,
    constrain(free, value) {
      for (let i = 0; i < value.length; i++) value[i] = toValue(free[i] as number)
    },
    release(value, free) {
      for (let i = 0; i < value.length; i++) free[i] = toFree(value[i] as number)
    },
    outside(value) {
      for (let i = 0; i < value.length; i++) {
        const p = value[i] as number
        if (!(p > low && p < high)) return { at: i, expected }
      }
      return undefined
    },
  }
}

/** softmax of (u, 0) along the last axis. */
function simplex(shape: readonly number[], epsilon: number): RangeTransform {
  const size = shape.at(-1) ?? 1
  return {
    freeShape: freeShape({ shape, range: { kind: 'simplex' } }),
    constrain(free, value) {
      for (let row = 0; row * size < value.length; row++) {
        const from = row * (size - 1)
        let greatest = 0
        for (let i = 0; i < size - 1; i++) greatest = Math.max(greatest, free[from + i] as number)
        let sum = Math.exp(-greatest)
        for (let i = 0; i < size - 1; i++) sum += Math.exp((free[from + i] as number) - greatest)
        for (let i = 0; i < size; i++) value[row * size + i] = Math.exp((i < size - 1 ? free[from + i] as number : 0) - greatest) / sum
      }
    },
    release(value, free) {
      const logarithm = (at: number) => Math.log(Math.max(value[at] as number, Number.MIN_VALUE))
      for (let row = 0; row * size < value.length; row++) {
        for (let i = 0; i < size - 1; i++) free[row * (size - 1) + i] = logarithm(row * size + i) - logarithm((row + 1) * size - 1)
      }
    },
    outside(value) {
      for (let row = 0; row * size < value.length; row++) {
        let sum = 0
        for (let i = 0; i < size; i++) {
          const p = value[row * size + i] as number
          if (!(p > 0)) return { at: row * size + i, expected: 'a positive number of a simplex' }
          sum += p
        }
        // Rounding of decimals written by hand is no mistake.
        if (!(Math.abs(sum - 1) <= Math.max(1e-6, 8 * size * epsilon))) return { at: row * size, expected: `numbers that sum to 1 (these sum to ${sum})` }
      }
      return undefined
    },
  }
}
