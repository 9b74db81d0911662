/** The linear systems behind steps that use a whole matrix. */
import type { FloatArray } from '../backends/backend'
import { RunError } from '../errors'

interface System {
  /** [n, n], row by row; kept as it is. */
  readonly matrix: ArrayLike<number>
  /** Of the matrix, for messages. */
  readonly named: string
  readonly optimizer: string
  readonly damping: number
  readonly rate: number
}

/**
 * θ ← θ − η d with (A + λ I) d = g.
 * @throws RunError 'matrix' where A + λ I is singular
 */
export function moveBySystem({ matrix, named, optimizer, damping, rate }: System, gradient: ArrayLike<number>, parameters: FloatArray): void {
  const n = gradient.length
  const damped = Float64Array.from(matrix)
  for (let i = 0; i < n; i++) damped[i * n + i] = (damped[i * n + i] as number) + damping
  const d = solve(damped, Float64Array.from(gradient))
  if (!d) throw new RunError('matrix', `${optimizer}: ${named}${damping > 0 ? ` plus ${damping}` : ''} is singular; give it more damping, as in ${optimizer}(damping = 0.01)`)
  for (let i = 0; i < n; i++) parameters[i] = (parameters[i] as number) - rate * (d[i] as number)
}

/**
 * a x = b by Gaussian elimination with partial pivoting, in place: a Hessian need not be positive.
 * @param a [n, n], row by row; lost
 * @param x b on the way in
 * @returns undefined where a pivot is lost in rounding
 */
export function solve(a: Float64Array, x: Float64Array): Float64Array | undefined {
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
