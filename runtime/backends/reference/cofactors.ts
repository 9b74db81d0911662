/**
 * Derivatives of the determinant of any order: the gradient by each entry of D[v₁ … v_k] det, the cofactors where k = 0.
 *
 * With complete pivoting P a Q = L D U, L and U triangles with a unit diagonal and no large entries, D a diagonal. The
 * determinant of X in P a Q = L X U is that of a up to the sign of P and Q, so directions go to H = L⁻¹ (P v Q) U⁻¹ and the
 * gradient comes back as L⁻ᵀ (…) U⁻ᵀ. Nothing is divided by D, so matrices of every rank are alike.
 */
import type { OpAttributes } from '../../../ir/op'
import { inputOf, type Executor, type RoutineSite } from './executor'
import { eliminate, squareOf, swap, swapRows } from './linearAlgebra'

export function prepareCofactors(_: OpAttributes['cofactors'], site: RoutineSite): Executor {
  const a = inputOf(site, 0)
  const directions = site.inputs.slice(1)
  const out = site.output.data
  const { size, batch } = squareOf(a.shape)
  const lu = new Float64Array(size * size)
  const work = new Float64Array(size * size)
  const turned = directions.map(() => new Float64Array(size * size))
  const rows = new Int32Array(size)
  const columns = new Int32Array(size)
  const placeOf = (i: number, j: number) => (rows[i] as number) * size + (columns[j] as number)
  return () => {
    for (let g = 0; g < batch; g++) {
      const base = g * lu.length
      for (let i = 0; i < lu.length; i++) lu[i] = a.data[base + i] as number
      const sign = factorCompletely(lu, rows, columns, size)
      scaleRows(lu, size)
      turned.forEach((h, at) => {
        const { data } = inputOf(site, at + 1)
        for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) h[i * size + j] = data[base + placeOf(i, j)] as number
        turnDirection(lu, h, size)
      })
      work.fill(0)
      addMinors(lu, turned, work, size)
      turnBack(lu, work, size)
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) out[base + placeOf(i, j)] = sign * (work[i * size + j] as number)
    }
  }
}

/**
 * The gradient of D[H₁ … H_k] det at a diagonal matrix D: Σ over distinct rows r₀ … r_k and permutations π of them of
 * sgn π · Π_{m ≥ 1} H_m[r_m, π r_m] · Π_{j not among r} d_j, at the entry (r₀, π r₀).
 */
function addMinors(d: Float64Array, directions: readonly Float64Array[], out: Float64Array, size: number): void {
  const orders = permutations(directions.length + 1)
  const rows: number[] = []
  const visit = (): void => {
    if (rows.length <= directions.length) {
      for (let row = 0; row < size; row++) {
        if (rows.includes(row)) continue
        rows.push(row)
        visit()
        rows.pop()
      }
      return
    }
    let rest = 1
    for (let j = 0; j < size && rest !== 0; j++) if (!rows.includes(j)) rest *= d[j * size + j] as number
    if (rest === 0) return
    for (const { order, sign } of orders) {
      let product = sign * rest
      directions.forEach((h, m) => { product *= h[(rows[m + 1] as number) * size + (rows[order[m + 1] as number] as number)] as number })
      const at = (rows[0] as number) * size + (rows[order[0] as number] as number)
      out[at] = (out[at] as number) + product
    }
  }
  visit()
}

interface Permutation { readonly order: readonly number[]; readonly sign: number }

function permutations(count: number): readonly Permutation[] {
  if (count === 0) return [{ order: [], sign: 1 }]
  const last = count - 1
  // The last one in each place: every exchange on its way to the front turns the sign.
  return permutations(last).flatMap(({ order, sign }) =>
    Array.from({ length: count }, (_, back) => ({ order: [...order.slice(0, last - back), last, ...order.slice(last - back)], sign: back % 2 === 0 ? sign : -sign })))
}

// ------------------------------------------------------------------------------------------------------- triangles

/** P a Q = L U in place, unit diagonal of L left out: each pivot is the greatest entry that is left, so zeros come last. */
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

/** U becomes D U: each row above the diagonal over its pivot. Where that is 0, so is the rest of the row. */
function scaleRows(lu: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    const pivot = lu[i * size + i] as number
    if (pivot === 0) continue
    for (let j = i + 1; j < size; j++) lu[i * size + j] = (lu[i * size + j] as number) / pivot
  }
}

/** h becomes L⁻¹ h U⁻¹. */
function turnDirection(lu: Float64Array, h: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) for (let k = 0; k < i; k++) addRow(h, i, k, -(lu[i * size + k] as number), size)
  for (let j = 0; j < size; j++) for (let k = 0; k < j; k++) addColumn(h, j, k, -(lu[k * size + j] as number), size)
}

/** x becomes L⁻ᵀ x U⁻ᵀ. */
function turnBack(lu: Float64Array, x: Float64Array, size: number): void {
  for (let i = size - 1; i >= 0; i--) for (let k = i + 1; k < size; k++) addRow(x, i, k, -(lu[k * size + i] as number), size)
  for (let j = size - 1; j >= 0; j--) for (let k = j + 1; k < size; k++) addColumn(x, j, k, -(lu[j * size + k] as number), size)
}

function addRow(x: Float64Array, to: number, from: number, factor: number, size: number): void {
  for (let j = 0; j < size; j++) x[to * size + j] = (x[to * size + j] as number) + factor * (x[from * size + j] as number)
}

function addColumn(x: Float64Array, to: number, from: number, factor: number, size: number): void {
  for (let i = 0; i < size; i++) x[i * size + to] = (x[i * size + to] as number) + factor * (x[i * size + from] as number)
}

function swapColumns(a: Float64Array, columns: Int32Array, i: number, j: number, size: number): void {
  swap(columns, i, j)
  for (let k = 0; k < size; k++) swap(a, k * size + i, k * size + j)
}
