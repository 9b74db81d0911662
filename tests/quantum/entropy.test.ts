/** Entropies of states whose spectrum is known in closed form, and their derivatives against differences of values. */
import { describe, expect, it } from 'vitest'
import { entropyDerivative, entropyGradient } from '../../quantum/entropy'
import { expectClose, randomNumbers } from './support'

/** Real parts, then imaginary parts. */
type Entries = Float64Array

/** Σ p |v⟩⟨v| over orthonormal vectors from Gram and Schmidt's procedure on random ones. */
function mixture(size: number, spectrum: readonly number[], random: () => number): Entries {
  const vectors: [number, number][][] = []
  for (let k = 0; k < size; k++) {
    let v = Array.from({ length: size }, (): [number, number] => [random() - 0.5, random() - 0.5])
    for (const u of vectors) {
      const overlap = u.reduce<[number, number]>(([re, im], [a, b], i) => { const [x, y] = v[i] ?? [NaN, NaN]; return [re + a * x + b * y, im + a * y - b * x] }, [0, 0])
      v = v.map(([x, y], i) => { const [a, b] = u[i] ?? [NaN, NaN]; return [x - overlap[0] * a + overlap[1] * b, y - overlap[0] * b - overlap[1] * a] })
    }
    const norm = Math.sqrt(v.reduce((sum, [x, y]) => sum + x * x + y * y, 0))
    vectors.push(v.map(([x, y]) => [x / norm, y / norm]))
  }
  const entries = new Float64Array(2 * size * size)
  vectors.forEach((v, k) => {
    for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) {
      const [x, y] = v[a] as [number, number], [u, w] = v[b] as [number, number]
      entries[a * size + b] = (entries[a * size + b] ?? 0) + (spectrum[k] ?? 0) * (x * u + y * w)
      entries[size * size + a * size + b] = (entries[size * size + a * size + b] ?? 0) + (spectrum[k] ?? 0) * (y * u - x * w)
    }
  })
  return entries
}

function direction(size: number, random: () => number): Entries {
  return Float64Array.from({ length: 2 * size * size }, () => random() - 0.5)
}

const shannon = (spectrum: readonly number[]) => -spectrum.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0)

describe('the entropy of a density matrix', () => {
  const random = randomNumbers(31)

  it.each([[[0.5, 0.5]], [[0.9, 0.1]], [[1, 0]], [[0.4, 0.3, 0.2, 0.1]], [[0.25, 0.25, 0.25, 0.25]], [[0.7, 0.3, 0, 0]]])(
    'with eigenvalues %j is −Σ p log p', spectrum => {
      expect(entropyDerivative(spectrum.length, mixture(spectrum.length, spectrum, random), [])).toBeCloseTo(shannon(spectrum), 12)
    })

  // Central differences with h = 1e-4 and four points: h⁴·f⁗ with f⁗ up to 1/λ³ = 1e3, and 1e-16/h: about 1e-11 together.
  const H = 1e-4
  const difference = (f: (shift: number) => number) => (8 * (f(H) - f(-H)) - (f(2 * H) - f(-2 * H))) / (12 * H)
  const along = (entries: Entries, v: Entries, t: number) => entries.map((x, e) => x + t * (v[e] as number))

  it.each([[[0.4, 0.3, 0.2, 0.1]], [[0.25, 0.25, 0.25, 0.25]], [[0.3, 0.3, 0.2, 0.2]], [[0.26, 0.25, 0.2451, 0.2449]]])(
    'with eigenvalues %j has derivatives along directions that differences confirm, to the third order', spectrum => {
      const rho = mixture(4, spectrum, random)
      const [u, v, w] = [direction(4, random), direction(4, random), direction(4, random)]
      expect(entropyDerivative(4, rho, [u])).toBeCloseTo(difference(t => entropyDerivative(4, along(rho, u, t), [])), 8)
      expect(entropyDerivative(4, rho, [u, v])).toBeCloseTo(difference(t => entropyDerivative(4, along(rho, v, t), [u])), 7)
      expect(entropyDerivative(4, rho, [u, v, w])).toBeCloseTo(difference(t => entropyDerivative(4, along(rho, w, t), [u, v])), 6)
      const slopes = u.map((_, e) => difference(t => entropyDerivative(4, along(rho, u.map((__, k) => Number(k === e)), t), [v])))
      expectClose(entropyGradient(4, rho, [v]), slopes, 1e-7)
    })

  it('of a state that keeps its rank has the second derivative of its spectrum, though the matrix is singular', () => {
    // Two eigenvalues ½ ± x/2 in a plane that turns with t: S depends on x = x₀ + 0.1 t² alone, so S″ = 0.2·dS/dx at t = 0.
    const at = (t: number): Entries => {
      const [c, s] = [Math.cos(t), Math.sin(t)]
      const x = 0.4 + 0.1 * t * t
      const a = [c, 0, s, 0], b = [0, Math.cos(2 * t), 0, Math.sin(2 * t)]
      const entries = new Float64Array(32)
      for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) entries[4 * i + j] = (0.5 + x / 2) * (a[i] ?? NaN) * (a[j] ?? NaN) + (0.5 - x / 2) * (b[i] ?? NaN) * (b[j] ?? NaN)
      return entries
    }
    const h = 1e-3
    const first = at(0).map((_, e) => ((at(h)[e] ?? NaN) - (at(-h)[e] ?? NaN)) / (2 * h))
    const second = at(0).map((x, e) => ((at(h)[e] ?? NaN) - 2 * x + (at(-h)[e] ?? NaN)) / (h * h))
    const found = entropyDerivative(4, at(0), [first, first]) + entropyDerivative(4, at(0), [second])
    const p = 0.7, q = 0.3
    // Both differences are off by h²/12·f⁗ ≈ 1e-6.
    expect(found).toBeCloseTo(0.2 * 0.5 * (Math.log(q) - Math.log(p)), 5)
  })

  it('of a pure state is 0, with no slope along any turn of it, and NaN only for NaN', () => {
    const rho = mixture(4, [1, 0, 0, 0], random)
    expect(Math.abs(entropyDerivative(4, rho, []))).toBeLessThan(1e-12)
    const slopes = entropyGradient(4, rho, [])
    expect(slopes.every(Number.isFinite)).toBe(true)
    // −P for the projector P onto the state: orthogonal to every i[H, P].
    expectClose(slopes, rho.map(x => -x), 1e-12)
    expect(entropyDerivative(2, Float64Array.of(NaN, 0, 0, 1, 0, 0, 0, 0), [])).toBeNaN()
  })
})
