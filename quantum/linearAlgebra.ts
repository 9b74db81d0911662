/**
 * The small dense complex linear algebra that gates need: products, Hermitian eigenvectors, powers of a unitary.
 *
 * For matrices of a few qubits, built once; nothing here is on a path that runs per step.
 */

/** A square complex matrix, row-major. */
export interface ComplexMatrix {
  /** Rows; 2^k for a gate on k qubits. */
  readonly size: number
  readonly re: Float64Array
  readonly im: Float64Array
}

export function zeroMatrix(size: number): ComplexMatrix {
  return { size, re: new Float64Array(size * size), im: new Float64Array(size * size) }
}

export function identityMatrix(size: number): ComplexMatrix {
  const matrix = zeroMatrix(size)
  for (let i = 0; i < size; i++) matrix.re[i * size + i] = 1
  return matrix
}

/** A matrix from rows of [re, im] pairs or real numbers. */
export function matrixFromRows(rows: readonly (readonly (number | readonly [number, number])[])[]): ComplexMatrix {
  const matrix = zeroMatrix(rows.length)
  rows.forEach((row, r) => row.forEach((entry, c) => {
    const [re, im] = typeof entry === 'number' ? [entry, 0] : entry
    matrix.re[r * rows.length + c] = re
    matrix.im[r * rows.length + c] = im
  }))
  return matrix
}

function sameSize(a: ComplexMatrix, b: ComplexMatrix): number {
  if (a.size !== b.size) throw new Error(`matrices of sizes ${a.size} and ${b.size} do not combine`)
  return a.size
}

export function multiplyMatrices(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  const size = sameSize(a, b)
  const product = zeroMatrix(size)
  for (let r = 0; r < size; r++) {
    for (let k = 0; k < size; k++) {
      const ar = a.re[r * size + k] as number, ai = a.im[r * size + k] as number
      if (ar === 0 && ai === 0) continue
      for (let c = 0; c < size; c++) {
        const br = b.re[k * size + c] as number, bi = b.im[k * size + c] as number
        product.re[r * size + c] = (product.re[r * size + c] as number) + ar * br - ai * bi
        product.im[r * size + c] = (product.im[r * size + c] as number) + ar * bi + ai * br
      }
    }
  }
  return product
}

/** (re + i·im)·a + b. */
export function addScaled(a: ComplexMatrix, re: number, im: number, b: ComplexMatrix): ComplexMatrix {
  const sum = zeroMatrix(sameSize(a, b))
  for (let e = 0; e < sum.re.length; e++) {
    const ar = a.re[e] as number, ai = a.im[e] as number
    sum.re[e] = re * ar - im * ai + (b.re[e] as number)
    sum.im[e] = re * ai + im * ar + (b.im[e] as number)
  }
  return sum
}

export function scaleMatrix(a: ComplexMatrix, re: number, im = 0): ComplexMatrix {
  return addScaled(a, re, im, zeroMatrix(a.size))
}

export function conjugateTranspose(a: ComplexMatrix): ComplexMatrix {
  const result = zeroMatrix(a.size)
  for (let r = 0; r < a.size; r++) {
    for (let c = 0; c < a.size; c++) {
      result.re[c * a.size + r] = a.re[r * a.size + c] as number
      result.im[c * a.size + r] = -(a.im[r * a.size + c] as number)
    }
  }
  return result
}

/** a ⊗ b; the qubits of `a` are the more significant ones. */
export function kronecker(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  const size = a.size * b.size
  const product = zeroMatrix(size)
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++) {
      const ae = Math.floor(r / b.size) * a.size + Math.floor(c / b.size)
      const be = (r % b.size) * b.size + (c % b.size)
      const ar = a.re[ae] as number, ai = a.im[ae] as number
      const br = b.re[be] as number, bi = b.im[be] as number
      product.re[r * size + c] = ar * br - ai * bi
      product.im[r * size + c] = ar * bi + ai * br
    }
  }
  return product
}

/** Largest |aᵢⱼ − bᵢⱼ|; NaN when an entry is. */
export function largestDifference(a: ComplexMatrix, b: ComplexMatrix): number {
  sameSize(a, b)
  let largest = 0
  for (let e = 0; e < a.re.length; e++) {
    const difference = Math.hypot((a.re[e] as number) - (b.re[e] as number), (a.im[e] as number) - (b.im[e] as number))
    if (!(difference <= largest)) largest = difference
    if (Number.isNaN(largest)) return NaN
  }
  return largest
}

/** How far from exact the entries of a unitary matrix, or of Kraus operators, may be as a program writes them. */
export const MAX_DEVIATION = 1e-6

/** How far U†U is from the identity: the largest entry of the difference; NaN when an entry is. */
export function unitaryDeviation(matrix: ComplexMatrix): number {
  return krausDeviation([matrix])
}

/** How far Σ K†K is from the identity: the largest entry of the difference; NaN when an entry is. At least one operator. */
export function krausDeviation(operators: readonly ComplexMatrix[]): number {
  const sum = operators.map(matrix => multiplyMatrices(conjugateTranspose(matrix), matrix)).reduce((a, b) => addScaled(a, 1, 0, b))
  return largestDifference(sum, identityMatrix(sum.size))
}

/** Eigenvalues, in no order, and eigenvectors as the columns of a unitary. */
export interface Eigensystem {
  readonly values: Float64Array
  readonly vectors: ComplexMatrix
}

/**
 * Eigensystem of a Hermitian matrix by cyclic complex Jacobi rotations (Golub and Van Loan, *Matrix Computations*, §8.5):
 * each rotation zeroes one off-diagonal entry exactly, and the sum of their squares falls quadratically.
 *
 * @throws Error when the matrix is not Hermitian, or has a NaN
 */
export function hermitianEigensystem(matrix: ComplexMatrix): Eigensystem {
  const n = matrix.size
  const scale = matrix.re.reduce((sum, x, e) => sum + x * x + (matrix.im[e] as number) ** 2, 0)
  if (!(largestDifference(matrix, conjugateTranspose(matrix)) <= 1e-9 * (1 + Math.sqrt(scale)))) {
    throw new Error('a matrix that should be Hermitian is not')
  }
  const a = { size: n, re: matrix.re.slice(), im: matrix.im.slice() }
  const vectors = identityMatrix(n)
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) off += (a.re[p * n + q] as number) ** 2 + (a.im[p * n + q] as number) ** 2
    }
    if (off <= 1e-32 * scale) {
      return { values: Float64Array.from({ length: n }, (_, i) => a.re[i * n + i] as number), vectors }
    }
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotateJacobi(a, vectors, p, q)
    }
  }
  throw new Error('the eigenvalue iteration did not converge')
}

/** a ← J†aJ and vectors ← vectors·J, with J the rotation in the (p, q) plane that makes a[p, q] zero. */
function rotateJacobi(a: ComplexMatrix, vectors: ComplexMatrix, p: number, q: number): void {
  const n = a.size
  const re = a.re[p * n + q] as number, im = a.im[p * n + q] as number
  const magnitude = Math.hypot(re, im)
  if (magnitude === 0) return
  // tan 2φ = 2|a_pq| / (a_qq − a_pp), with the smaller root for tan φ.
  const tau = ((a.re[q * n + q] as number) - (a.re[p * n + p] as number)) / (2 * magnitude)
  const tangent = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau))
  const cosine = 1 / Math.sqrt(1 + tangent * tangent)
  const sine = tangent * cosine
  const pr = re / magnitude, pi = im / magnitude
  // Columns: x_p ← c·x_p − s·e^{−iα}·x_q, x_q ← s·e^{iα}·x_p + c·x_q, where a_pq = |a_pq|·e^{iα}.
  const columns = (m: ComplexMatrix) => {
    for (let r = 0; r < n; r++) {
      const i = r * n + p, j = r * n + q
      const xr = m.re[i] as number, xi = m.im[i] as number, yr = m.re[j] as number, yi = m.im[j] as number
      m.re[i] = cosine * xr - sine * (pr * yr + pi * yi)
      m.im[i] = cosine * xi - sine * (pr * yi - pi * yr)
      m.re[j] = cosine * yr + sine * (pr * xr - pi * xi)
      m.im[j] = cosine * yi + sine * (pr * xi + pi * xr)
    }
  }
  columns(a)
  columns(vectors)
  // Rows, by the conjugate factors.
  for (let c = 0; c < n; c++) {
    const i = p * n + c, j = q * n + c
    const xr = a.re[i] as number, xi = a.im[i] as number, yr = a.re[j] as number, yi = a.im[j] as number
    a.re[i] = cosine * xr - sine * (pr * yr - pi * yi)
    a.im[i] = cosine * xi - sine * (pr * yi + pi * yr)
    a.re[j] = cosine * yr + sine * (pr * xr + pi * xi)
    a.im[j] = cosine * yi + sine * (pr * xi - pi * xr)
  }
}

/**
 * Principal power U^k = V diag(e^{ik·αⱼ}) V† of a unitary with eigenvalues e^{iαⱼ}, αⱼ in (−π, π].
 *
 * U = A + iB with commuting Hermitian A and B; an eigenbasis of A + μB is one of both unless μ makes two different
 * eigenvalues meet, so the result is held to U and another μ taken if it fails.
 *
 * @param matrix unitary to 1e-6
 * @throws Error when it is not
 */
export function matrixPower(matrix: ComplexMatrix, exponent: number): ComplexMatrix {
  if (!(unitaryDeviation(matrix) <= 1e-6)) throw new Error('only a unitary matrix has a principal power here')
  const n = matrix.size
  const adjoint = conjugateTranspose(matrix)
  const a = scaleMatrix(addScaled(adjoint, 1, 0, matrix), 0.5)
  const b = scaleMatrix(addScaled(adjoint, -1, 0, matrix), 0, -0.5)
  for (const mu of [0.6180339887498949, -1.3247179572447460, 2.2055694304005903]) {
    const { vectors } = hermitianEigensystem(addScaled(b, mu, 0, a))
    const back = conjugateTranspose(vectors)
    const diagonal = multiplyMatrices(multiplyMatrices(back, matrix), vectors)
    const unit = zeroMatrix(n), power = zeroMatrix(n)
    for (let i = 0; i < n; i++) {
      const e = i * n + i
      const angle = Math.atan2(diagonal.im[e] as number, diagonal.re[e] as number)
      // −1 with a rounding error below the axis is still −1, whose angle is +π.
      const principal = angle <= -Math.PI + 1e-9 ? angle + 2 * Math.PI : angle
      unit.re[e] = Math.cos(principal)
      unit.im[e] = Math.sin(principal)
      power.re[e] = Math.cos(exponent * principal)
      power.im[e] = Math.sin(exponent * principal)
    }
    if (largestDifference(multiplyMatrices(multiplyMatrices(vectors, unit), back), matrix) <= 1e-6) {
      return multiplyMatrices(multiplyMatrices(vectors, power), back)
    }
  }
  throw new Error('a unitary matrix could not be diagonalised')
}
