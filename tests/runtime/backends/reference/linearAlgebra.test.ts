/** Factorisations of matrices too large for expansions, by what they must multiply back to; and the sort of positions. */
import { describe, expect, it } from 'vitest'
import { int, real } from '../../../../ir/type'
import { randomNumbers, runRoutine } from '../../support'

const SIZE = 30
const at = (m: readonly number[], i: number, j: number, width = SIZE) => m[i * width + j] ?? NaN
const random = (seed: number, count: number) => { const next = randomNumbers(seed); return Array.from({ length: count }, () => next() - 0.5) }
const site = { site: 'here' }
const square = (data: readonly number[], size = SIZE) => ({ type: real(size, size), data })

function product(a: readonly number[], b: readonly number[], width = SIZE): number[] {
  return Array.from({ length: SIZE * width }, (_, i) => {
    let sum = 0
    for (let k = 0; k < SIZE; k++) sum += at(a, Math.floor(i / width), k) * at(b, k, i % width, width)
    return sum
  })
}

const expectSame = (found: readonly number[], expected: readonly number[], tolerance: number) =>
  expected.forEach((number, i) => expect(Math.abs((found[i] ?? NaN) - number)).toBeLessThan(tolerance))

describe('solve', () => {
  it('gives x with A x = b for 30 unknowns and 3 right sides, with a zero pivot at the start', () => {
    const a = random(1, SIZE * SIZE).with(0, 0)
    const b = random(2, SIZE * 3)
    const x = runRoutine('solve', site, [square(a), { type: real(SIZE, 3), data: b }], real(SIZE, 3))
    // Condition numbers of such matrices are some thousands.
    expectSame(product(a, x, 3), b, 1e-11)
  })
  it('lets NaN through, so that a run that has diverged says so itself', () => {
    expect(runRoutine('solve', site, [square([NaN, 0, 0, 1], 2), { type: real(2, 1), data: [1, 1] }], real(2, 1))[0]).toBeNaN()
  })
})

describe('cholesky', () => {
  it('gives a lower triangle L with L Lᵀ = A', () => {
    const m = random(3, SIZE * SIZE)
    const transposed = (x: readonly number[]) => x.map((_, i) => at(x, i % SIZE, Math.floor(i / SIZE)))
    const a = product(m, transposed(m)).map((number, i) => (i % (SIZE + 1) === 0 ? number + 1 : number))
    const l = runRoutine('cholesky', site, [square(a)], real(SIZE, SIZE))
    l.forEach((number, i) => { if (i % SIZE > Math.floor(i / SIZE)) expect(number).toBe(0) })
    expectSame(product(l, transposed(l)), a, 1e-13 * SIZE)
  })
})

describe('determinant and cofactors', () => {
  const a = random(4, SIZE * SIZE)
  const det = (m: readonly number[]) => runRoutine('determinant', site, [square(m)], real())[0] ?? NaN
  const cofactors = (m: readonly number[]) => runRoutine('cofactors', site, [square(m)], real(SIZE, SIZE))

  it('A Cᵀ = det(A) I', () => {
    const c = cofactors(a)
    const transposed = c.map((_, i) => at(c, i % SIZE, Math.floor(i / SIZE)))
    expectSame(product(a, transposed).map(number => number / det(a)), a.map((_, i) => (i % (SIZE + 1) === 0 ? 1 : 0)), 1e-10)
  })

  it('the determinant changes its sign with two rows exchanged, and is linear in a row', () => {
    const exchanged = a.map((_, i) => at(a, [1, 0][Math.floor(i / SIZE)] ?? Math.floor(i / SIZE), i % SIZE))
    expect(det(exchanged) / det(a)).toBeCloseTo(-1, 11)
    expect(det(a.map((number, i) => (i < SIZE ? 3 * number : number))) / det(a)).toBeCloseTo(3, 11)
  })

  it('cofactors of a matrix of rank n − 1 are those of a regular matrix that differs in one row only', () => {
    // The cofactors of a row do not depend on that row.
    for (const row of [0, 13, SIZE - 1]) {
      const singular = a.map((number, i) => (Math.floor(i / SIZE) === row ? at(a, (row + 1) % SIZE, i % SIZE) + at(a, (row + 2) % SIZE, i % SIZE) : number))
      const [regular, found] = [cofactors(a), cofactors(singular)]
      for (let j = 0; j < SIZE; j++) expect(at(found, row, j) / at(regular, row, j)).toBeCloseTo(1, 9)
    }
  })

  it('all cofactors of a matrix with two empty rows are 0', () => {
    expect(cofactors(a.map((number, i) => (i < 2 * SIZE ? 0 : number))).every(number => number === 0)).toBe(true)
  })
})

describe('argSort', () => {
  it('orders 1000 numbers with ties as a stable sort does, along a middle axis too', () => {
    const next = randomNumbers(5)
    const data = Array.from({ length: 2000 }, () => Math.floor(next() * 50))
    const column = (c: number) => Array.from({ length: 1000 }, (_, i) => data[2 * i + c] ?? NaN)
    const found = runRoutine('argSort', { axis: 0 }, [{ type: real(1000, 2), data }], int(1000, 2))
    for (const c of [0, 1]) {
      const values = column(c)
      const expected = [...values.keys()].sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0) || i - j)
      expect(found.filter((_, i) => i % 2 === c)).toEqual(expected)
    }
  })
})
