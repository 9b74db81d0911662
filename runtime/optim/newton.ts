/** Newton's method, damped: second derivatives say where a quadratic would have its minimum. */
import { RunError } from '../errors'
import type { OracleOptimizer, Options } from './optimizer'

/**
 *     (H + λ I) d = g          θ ← θ − η d
 *
 * with Hessian H, gradient g, damping λ and rate η. n² numbers are kept, and n³/3 multiplications done a step.
 *
 * @throws RunError 'matrix' where H + λ I is singular
 */
export function newton({ rate, damping, tolerance }: Options<'newton'>): OracleOptimizer {
  return { state: new Map(), async step({ parameters, gradient, oracle }) {
    if (gradient.every(slope => Math.abs(slope) <= tolerance)) return 'converged'
    const n = gradient.length
    const matrix = Float64Array.from(await oracle.hessian())
    for (let i = 0; i < n; i++) matrix[i * n + i] = (matrix[i * n + i] as number) + damping
    const d = solve(matrix, Float64Array.from(gradient))
    if (!d) throw new RunError('matrix', `newton: the Hessian${damping > 0 ? ` plus ${damping}` : ''} is singular; give it more damping, as in newton(damping = 0.01)`)
    for (let i = 0; i < n; i++) parameters[i] = (parameters[i] as number) - rate * (d[i] as number)
    return 'moved'
  } }
}

/**
 * Gaussian elimination with partial pivoting, in place: a Hessian need not be positive.
 * @returns undefined where a pivot is lost in rounding
 */
function solve(a: Float64Array, x: Float64Array): Float64Array | undefined {
  const n = x.length
  const at = (i: number, j: number) => a[i * n + j] as number
  const size = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(at(i, k)) > Math.abs(at(pivot, k))) pivot = i
    if (!(Math.abs(at(pivot, k)) > n * 2 ** -52 * size)) return undefined
    if (pivot !== k) {
      for (let j = k; j < n; j++) [a[k * n + j], a[pivot * n + j]] = [at(pivot, j), at(k, j)]
      ;[x[k], x[pivot]] = [x[pivot] as number, x[k] as number]
    }
    for (let i = k + 1; i < n; i++) {
      const factor = at(i, k) / at(k, k)
      if (factor === 0) continue
      for (let j = k; j < n; j++) a[i * n + j] = at(i, j) - factor * at(k, j)
      x[i] = (x[i] as number) - factor * (x[k] as number)
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] as number
    for (let j = i + 1; j < n; j++) sum -= at(i, j) * (x[j] as number)
    x[i] = sum / at(i, i)
  }
  return x
}
