/**
 * Von Neumann entropy of a density matrix, S(ρ) = −Tr ρ log ρ in nats, with derivatives of every order.
 *
 * dS = Tr g(ρ) dρ for g(x) = −log x − 1 on the support of ρ. The derivatives of a matrix function are sums over its divided
 * differences in the eigenbasis, D[v]g = Σ g[λᵢ, λⱼ] vᵢⱼ and so on (Daleckii and Krein; Higham, Functions of Matrices, §3.2),
 * which hold for equal eigenvalues too. Off the support g is put to 0: there S rises with an infinite slope, but a state that
 * keeps its rank never moves that way, so for those this is the derivative, to every order; a pure state has the gradient 0.
 */
import { conjugateTranspose, hermitianEigensystem, multiplyMatrices, zeroMatrix, type ComplexMatrix } from './linearAlgebra'

/** Eigenvalues up to this are rounding: some ε of the entries' sums. They would add 3e-13 to S at most. */
const SUPPORT = 1e-14

/**
 * @param size 2^k
 * @param density the 4^k real parts row-major, then the 4^k imaginary parts; what is not Hermitian of it is left out
 * @param directions v₁…vₘ, laid out like the density matrix
 * @returns D[v₁…vₘ]S, in nats; NaN where an entry is
 */
export function entropyDerivative(size: number, density: Float64Array, directions: readonly Float64Array[]): number {
  const last = directions.at(-1)
  if (last === undefined) {
    if (density.some(Number.isNaN)) return NaN
    const { values } = hermitianEigensystem(hermitianPart(size, density))
    return values.reduce((sum, value) => (value > SUPPORT ? sum - value * Math.log(value) : sum), 0)
  }
  const gradient = entropyGradient(size, density, directions.slice(0, -1))
  return gradient.reduce((sum, slope, entry) => sum + slope * (last[entry] as number), 0)
}

/** The gradient of D[v₁…vₘ]S by every real and imaginary part, laid out like the density matrix. */
export function entropyGradient(size: number, density: Float64Array, directions: readonly Float64Array[]): Float64Array {
  if ([density, ...directions].some(array => array.some(Number.isNaN))) return new Float64Array(density.length).fill(NaN)
  const { values, vectors } = hermitianEigensystem(hermitianPart(size, density))
  const eigenvalues = Array.from(values, value => (value > SUPPORT ? value : 0))
  const back = conjugateTranspose(vectors)
  const inEigenbasis = directions.map(direction => multiplyMatrices(multiplyMatrices(back, hermitianPart(size, direction)), vectors))
  const derivative = zeroMatrix(size)
  for (const order of permutations(inEigenbasis)) addPaths(eigenvalues, order, derivative)
  const { re, im } = multiplyMatrices(multiplyMatrices(vectors, derivative), back)
  // dS = Re Σ G_ba (d re_ab + i d im_ab), and G is Hermitian.
  const gradient = new Float64Array(density.length)
  gradient.set(re)
  gradient.set(im, re.length)
  return gradient
}

/** result_{i₀iₘ} += Σ g[λ_{i₀} … λ_{iₘ}] (v₁)_{i₀i₁} … (vₘ)_{iₘ₋₁iₘ}. */
function addPaths(eigenvalues: readonly number[], matrices: readonly ComplexMatrix[], result: ComplexMatrix): void {
  const size = eigenvalues.length
  const walk = (path: readonly number[], re: number, im: number): void => {
    const from = path.at(-1) as number
    const matrix = matrices[path.length - 1]
    if (matrix === undefined) {
      const weight = dividedDifference(path.map(i => eigenvalues[i] as number).sort((a, b) => a - b))
      const entry = (path[0] as number) * size + from
      result.re[entry] = (result.re[entry] as number) + weight * re
      result.im[entry] = (result.im[entry] as number) + weight * im
      return
    }
    for (let to = 0; to < size; to++) {
      const x = matrix.re[from * size + to] as number, y = matrix.im[from * size + to] as number
      if (x !== 0 || y !== 0) walk([...path, to], re * x - im * y, re * y + im * x)
    }
  }
  for (let start = 0; start < size; start++) walk([start], 1, 0)
}

/** Points whose spread is below this part of the greatest are expanded about their mean: each term gains a digit. */
const CLOSE = 0.1
const TERMS = 18

/**
 * g[x₀ … xₘ] for ascending points: 0 where all are 0; by the recurrence over the two ends where they are apart; where they are
 * close, Σⱼ g⁽ʲ⁾(c)/j! · h_{j−m}(x − c) about their mean c, with h the complete homogeneous polynomials and
 * g⁽ʲ⁾(c)/j! = (−1)ʲ/(j cʲ).
 */
function dividedDifference(points: readonly number[]): number {
  const least = points[0] as number, greatest = points.at(-1) as number
  if (greatest === 0) return 0
  if (points.length === 1) return -Math.log(least) - 1
  if (least === 0 || greatest - least > CLOSE * greatest) {
    return (dividedDifference(points.slice(1)) - dividedDifference(points.slice(0, -1))) / (greatest - least)
  }
  const order = points.length - 1
  const centre = points.reduce((sum, point) => sum + point, 0) / points.length
  const homogeneous = new Float64Array(TERMS)
  homogeneous[0] = 1
  for (const point of points) {
    for (let k = 1; k < TERMS; k++) homogeneous[k] = (homogeneous[k] as number) + (point / centre - 1) * (homogeneous[k - 1] as number)
  }
  let sum = 0
  for (let k = TERMS - 1; k >= 0; k--) sum += ((order + k) % 2 === 0 ? 1 : -1) / (order + k) * (homogeneous[k] as number)
  return sum / centre ** order
}

function hermitianPart(size: number, entries: Float64Array): ComplexMatrix {
  const matrix = zeroMatrix(size)
  const count = size * size
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++) {
      const e = r * size + c, t = c * size + r
      matrix.re[e] = ((entries[e] as number) + (entries[t] as number)) / 2
      matrix.im[e] = ((entries[count + e] as number) - (entries[count + t] as number)) / 2
    }
  }
  return matrix
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, at) => permutations(items.filter((_, other) => other !== at)).map(rest => [item, ...rest]))
}
