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

/** Subtracts multiples of row k from those below, and keeps the multiples where the zeros would stand. */
export function eliminate(a: Float64Array, k: number, size: number): void {
  const pivot = a[k * size + k] as number
  for (let i = k + 1; i < size; i++) {
    const factor = (a[i * size + k] as number) / pivot
    a[i * size + k] = factor
    if (factor === 0) continue
    for (let j = k + 1; j < size; j++) a[i * size + j] = (a[i * size + j] as number) - factor * (a[k * size + j] as number)
  }
}

export function swapRows(a: Float64Array, rows: Int32Array, i: number, j: number, size: number): void {
  swap(rows, i, j)
  for (let k = 0; k < size; k++) swap(a, i * size + k, j * size + k)
}

export function swap(array: Float64Array | Int32Array, i: number, j: number): void {
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

// ------------------------------------------------------------------------------------------------------ messages

export function squareOf(shape: readonly number[]): { readonly size: number; readonly batch: number } {
  return { size: shape.at(-1) ?? 0, batch: countOf(shape.slice(0, -2)) }
}

const which = (matrix: number, batch: number): string => (batch > 1 ? `matrix ${matrix} of ${batch} ` : 'the matrix ')

function singular(place: string, size: number, matrix: number, batch: number): RunError {
  return new RunError('matrix', `${place}: ${which(matrix, batch)}(${size}×${size}) is singular, so it has no inverse; add a small multiple of the identity, or look at what makes its rows dependent`)
}

function notPositive(place: string, row: number, pivot: number, matrix: number, batch: number): RunError {
  return new RunError('matrix', `${place}: ${which(matrix, batch)}is not positive definite: the pivot of row ${row} is ${pivot}, which has no positive square root; add a small multiple of the identity`)
}

