/** Linear systems and factorisations, batched over leading axes, in 64 bits throughout. */
import type { OpAttributes } from '../../../ir/op'
import { RunError } from '../../errors'
import { inputOf, type Executor, type RoutineSite } from './executor'
import { countOf } from './layout'

/** Golub and Van Loan, Matrix Computations, 4th ed., algorithm 3.4.1 (LU with partial pivoting), then two triangular systems. */
export function prepareSolve({ site: place }: OpAttributes['solve'], site: RoutineSite): Executor {
  const a = inputOf(site, 0)
  const b = inputOf(site, 1).data
  const out = site.output.data
  const { size, batch } = squareOf(a.shape)
  const columns = site.output.shape.at(-1) ?? 0
  const lu = new Float64Array(size * size)
  const rows = new Int32Array(size)
  const x = new Float64Array(size * columns)
  return () => {
    for (let g = 0; g < batch; g++) {
      for (let i = 0; i < lu.length; i++) lu[i] = a.data[g * lu.length + i] as number
      if (factorLu(lu, rows, size) === 0) throw singular(place, size, g, batch)
      const base = g * x.length
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < columns; j++) x[i * columns + j] = b[base + (rows[i] as number) * columns + j] as number
      }
      solveLu(lu, x, size, columns)
      for (let i = 0; i < x.length; i++) out[base + i] = x[i] as number
    }
  }
}

/** Golub and Van Loan, algorithm 4.2.1, by rows. Only the lower triangle is read. */
export function prepareCholesky({ site: place }: OpAttributes['cholesky'], site: RoutineSite): Executor {
  const a = inputOf(site, 0)
  const out = site.output.data
  const { size, batch } = squareOf(a.shape)
  const l = new Float64Array(size * size)
  return () => {
    for (let g = 0; g < batch; g++) {
      const base = g * l.length
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) {
          let sum = a.data[base + i * size + j] as number
          for (let k = 0; k < j; k++) sum -= (l[i * size + k] as number) * (l[j * size + k] as number)
          // Written so that NaN passes: a run that has diverged says so itself.
          if (i === j && sum <= 0) throw notPositive(place, i, sum, g, batch)
          l[i * size + j] = i === j ? Math.sqrt(sum) : sum / (l[j * size + j] as number)
        }
      }
      for (let i = 0; i < l.length; i++) out[base + i] = l[i] as number
    }
  }
}

export function prepareDeterminant(_: OpAttributes['determinant'], site: RoutineSite): Executor {
  const a = inputOf(site, 0)
  const out = site.output.data
  const { size, batch } = squareOf(a.shape)
  const lu = new Float64Array(size * size)
  const rows = new Int32Array(size)
  return () => {
    for (let g = 0; g < batch; g++) {
      for (let i = 0; i < lu.length; i++) lu[i] = a.data[g * lu.length + i] as number
      let product = factorLu(lu, rows, size)
      for (let i = 0; i < size && product !== 0; i++) product *= lu[i * size + i] as number
      out[g] = product
    }
  }
}

/**
 * With complete pivoting P a Q = L U, and cofactors multiply: C = ± Pᵀ cof(L) cof(U) Qᵀ, where cof(L) = L⁻ᵀ. Of
 * U = [U₁ w; 0 u] the adjugate is [u·adj U₁, −adj(U₁) w; 0, det U₁] with adj U₁ = det(U₁) U₁⁻¹: nothing is divided by u, so a
 * rank of n − 1 is no special case; with a smaller rank the pivot before it is 0 too, and all cofactors are.
 */
export function prepareCofactors(_: OpAttributes['cofactors'], site: RoutineSite): Executor {
  const a = inputOf(site, 0)
  const out = site.output.data
  const { size, batch } = squareOf(a.shape)
  const lu = new Float64Array(size * size)
  const work = new Float64Array(size * size)
  const rows = new Int32Array(size)
  const columns = new Int32Array(size)
  return () => {
    for (let g = 0; g < batch; g++) {
      const base = g * lu.length
      for (let i = 0; i < lu.length; i++) lu[i] = a.data[base + i] as number
      const sign = factorCompletely(lu, rows, columns, size)
      adjugateOfUpper(lu, work, size)
      // adj(L U) = adj(U) adj(L) = adj(U) L⁻¹: solve Y L = adj(U), row by row from the last column.
      for (let i = 0; i < size; i++) {
        for (let j = size - 1; j >= 0; j--) {
          let sum = work[i * size + j] as number
          for (let k = j + 1; k < size; k++) sum -= (work[i * size + k] as number) * (lu[k * size + j] as number)
          work[i * size + j] = sum
        }
      }
      // The cofactor of entry (row, column) is the transposed adjugate's.
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) out[base + (rows[j] as number) * size + (columns[i] as number)] = sign * (work[i * size + j] as number)
      }
    }
  }
}

// ----------------------------------------------------------------------------------------------- factorisations

/**
 * P a = L U in place, unit diagonal of L left out.
 * @param rows filled with the row of `a` that stands in each place
 * @returns the sign of P; 0 where a pivot is exactly 0
 */
function factorLu(a: Float64Array, rows: Int32Array, size: number): number {
  let sign = 1
  for (let i = 0; i < size; i++) rows[i] = i
  for (let k = 0; k < size; k++) {
    let best = k
    for (let i = k + 1; i < size; i++) {
      if (Math.abs(a[i * size + k] as number) > Math.abs(a[best * size + k] as number)) best = i
    }
    if (a[best * size + k] === 0) return 0
    if (best !== k) {
      swapRows(a, rows, k, best, size)
      sign = -sign
    }
    eliminate(a, k, size)
  }
  return sign
}

/** As factorLu with P a Q = L U: each pivot is the greatest entry that is left, so zeros come last. */
function factorCompletely(a: Float64Array, rows: Int32Array, columns: Int32Array, size: number): number {
  let sign = 1
  for (let i = 0; i < size; i++) rows[i] = columns[i] = i
  for (let k = 0; k < size; k++) {
    let bestRow = k
    let bestColumn = k
    for (let i = k; i < size; i++) {
      for (let j = k; j < size; j++) {
        if (Math.abs(a[i * size + j] as number) > Math.abs(a[bestRow * size + bestColumn] as number)) { bestRow = i; bestColumn = j }
      }
    }
    if (bestRow !== k) { swapRows(a, rows, k, bestRow, size); sign = -sign }
    if (bestColumn !== k) { swapColumns(a, columns, k, bestColumn, size); sign = -sign }
    if (a[k * size + k] === 0) return sign
    eliminate(a, k, size)
  }
  return sign
}

/** Subtracts multiples of row k from those below, and keeps the multiples where the zeros would stand. */
function eliminate(a: Float64Array, k: number, size: number): void {
  const pivot = a[k * size + k] as number
  for (let i = k + 1; i < size; i++) {
    const factor = (a[i * size + k] as number) / pivot
    a[i * size + k] = factor
    if (factor === 0) continue
    for (let j = k + 1; j < size; j++) a[i * size + j] = (a[i * size + j] as number) - factor * (a[k * size + j] as number)
  }
}

function swapRows(a: Float64Array, rows: Int32Array, i: number, j: number, size: number): void {
  swap(rows, i, j)
  for (let k = 0; k < size; k++) swap(a, i * size + k, j * size + k)
}

function swapColumns(a: Float64Array, columns: Int32Array, i: number, j: number, size: number): void {
  swap(columns, i, j)
  for (let k = 0; k < size; k++) swap(a, k * size + i, k * size + j)
}

function swap(array: Float64Array | Int32Array, i: number, j: number): void {
  const kept = array[i] as number
  array[i] = array[j] as number
  array[j] = kept
}

/** x becomes U⁻¹ L⁻¹ x, column by column of x at once. */
function solveLu(lu: Float64Array, x: Float64Array, size: number, columns: number): void {
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) addRow(x, i, k, -(lu[i * size + k] as number), columns)
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) addRow(x, i, k, -(lu[i * size + k] as number), columns)
    const pivot = lu[i * size + i] as number
    for (let j = 0; j < columns; j++) x[i * columns + j] = (x[i * columns + j] as number) / pivot
  }
}

function addRow(x: Float64Array, to: number, from: number, factor: number, columns: number): void {
  for (let j = 0; j < columns; j++) x[to * columns + j] = (x[to * columns + j] as number) + factor * (x[from * columns + j] as number)
}

/** adj(U) of the upper triangle of `lu`, as in prepareCofactors. */
function adjugateOfUpper(lu: Float64Array, out: Float64Array, size: number): void {
  out.fill(0)
  if (size === 0) return
  const last = size - 1
  let product = 1
  for (let i = 0; i < last; i++) product *= lu[i * size + i] as number
  out[last * size + last] = product
  if (product === 0) return
  const corner = lu[last * size + last] as number
  // Columns of adj(U₁) by back substitution, times u; the last column is −adj(U₁) w.
  for (let j = 0; j < last; j++) {
    for (let i = j; i >= 0; i--) {
      let sum = i === j ? product : 0
      for (let k = i + 1; k <= j; k++) sum -= (lu[i * size + k] as number) * (out[k * size + j] as number)
      out[i * size + j] = sum / (lu[i * size + i] as number)
    }
  }
  for (let i = 0; i < last; i++) {
    let sum = 0
    for (let j = i; j < last; j++) {
      sum -= (out[i * size + j] as number) * (lu[j * size + last] as number)
      out[i * size + j] = (out[i * size + j] as number) * corner
    }
    out[i * size + last] = sum
  }
}

// ------------------------------------------------------------------------------------------------------ messages

function squareOf(shape: readonly number[]): { readonly size: number; readonly batch: number } {
  return { size: shape.at(-1) ?? 0, batch: countOf(shape.slice(0, -2)) }
}

const which = (matrix: number, batch: number): string => (batch > 1 ? `matrix ${matrix} of ${batch} ` : 'the matrix ')

function singular(place: string, size: number, matrix: number, batch: number): RunError {
  return new RunError('matrix', `${place}: ${which(matrix, batch)}(${size}×${size}) is singular, so it has no inverse; add a small multiple of the identity, or look at what makes its rows dependent`)
}

function notPositive(place: string, row: number, pivot: number, matrix: number, batch: number): RunError {
  return new RunError('matrix', `${place}: ${which(matrix, batch)}is not positive definite: the pivot of row ${row} is ${pivot}, which has no positive square root; add a small multiple of the identity`)
}

