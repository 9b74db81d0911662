/** The linear systems behind steps that use a whole matrix. */

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
