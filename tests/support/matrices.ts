/**
 * Linear algebra from its definitions, for small matrices: determinants by expansion, inverses by cofactors, everything that
 * the backends do by elimination done without it.
 */
export type Matrix = readonly (readonly number[])[]

/** Σ_j (−1)^j a_0j det(minor_0j), Laplace's expansion. */
export function determinant(a: Matrix): number {
  const [first] = a
  if (!first) return 1
  return first.reduce((sum, entry, column) => sum + (column % 2 === 0 ? 1 : -1) * entry * determinant(minor(a, 0, column)), 0)
}

/** Entry (i, j) is (−1)^(i + j) det(a without row i and column j). */
export const cofactors = (a: Matrix): Matrix =>
  a.map((row, i) => row.map((_, j) => ((i + j) % 2 === 0 ? 1 : -1) * determinant(minor(a, i, j))))

/** D[v…] det: the determinants in which each direction takes the place of a row, added up. */
export function determinantAlong(a: Matrix, [direction, ...others]: readonly Matrix[]): number {
  if (!direction) return determinant(a)
  // A row of a direction is in its place already for those that follow: their row there is 0.
  return direction.reduce((sum, row, i) => sum + determinantAlong(a.with(i, row), others.map(other => other.with(i, row.map(() => 0)))), 0)
}

/** The gradient of that by each entry, as the cofactors are: of what is left without its row and column. */
export const cofactorsAlong = (a: Matrix, directions: readonly Matrix[]): Matrix =>
  a.map((row, i) => row.map((_, j) => ((i + j) % 2 === 0 ? 1 : -1) * determinantAlong(minor(a, i, j), directions.map(direction => minor(direction, i, j)))))

/** Cramer's rule: x = adj(a) b / det a. */
export function solve(a: Matrix, b: Matrix): Matrix {
  const bottom = determinant(a)
  if (bottom === 0) throw new Error('a singular matrix')
  const c = cofactors(a)
  return a.map((_, i) => (b[0] ?? []).map((__, column) => b.reduce((sum, row, j) => sum + (c[j]?.[i] ?? NaN) * (row[column] ?? NaN), 0) / bottom))
}

/**
 * The entries of L by determinants: l_ij = det(a; rows 0…j−1, i; columns 0…j) / √(d_j d_{j+1}), with d_k the leading minor of
 * size k (Gantmacher, The Theory of Matrices I, chapter II §4). The lower triangle stands for all of `a`.
 */
export function cholesky(lower: Matrix): Matrix {
  const a = lower.map((row, i) => row.map((entry, j) => (j <= i ? entry : lower[j]?.[i] ?? NaN)))
  const pick = (rows: readonly number[], size: number): Matrix => rows.map(row => (a[row] ?? []).slice(0, size))
  const leading = (size: number) => determinant(pick([...a.keys()].slice(0, size), size))
  return a.map((row, i) => row.map((_, j) => {
    if (j > i) return 0
    const [before, here] = [leading(j), leading(j + 1)]
    if (!(before > 0 && here > 0)) throw new Error('a matrix that is not positive definite')
    return determinant(pick([...Array.from({ length: j }, (__, k) => k), i], j + 1)) / Math.sqrt(before * here)
  }))
}

const minor = (a: Matrix, row: number, column: number): Matrix =>
  a.filter((_, i) => i !== row).map(entries => entries.filter((_, j) => j !== column))
