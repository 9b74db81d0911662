/** One parameter after the other to its best value: against the published closed form, and against a search over a fine grid. */
import { describe, expect, it } from 'vitest'
import type { Spectrum } from '../../../runtime/optim'
import { makeOracleOptimizer } from '../../../runtime/optim/oracles'
import { interpolate, minimumOf, type TrigonometricPolynomial } from '../../../runtime/optim/trigonometric'
import { randomArray, randomNumbers } from '../support'

const next = randomNumbers(3)
const polynomial = (degree: number): TrigonometricPolynomial => ({ cosines: randomArray(degree + 1, next), sines: [0, ...randomArray(degree, next)] })
const valueAt = ({ cosines, sines }: TrigonometricPolynomial, x: number) =>
  cosines.reduce((sum, a, k) => sum + a * Math.cos(k * x) + (sines[k] ?? 0) * Math.sin(k * x), 0)

describe('a trigonometric polynomial', () => {
  it.each([1, 2, 3, 7, 20])('of degree %d is found again from 2R + 1 values', degree => {
    const wanted = polynomial(degree)
    const found = interpolate(Array.from({ length: 2 * degree + 1 }, (_, j) => valueAt(wanted, 2 * Math.PI * j / (2 * degree + 1))))
    found.cosines.forEach((a, k) => expect(a).toBeCloseTo(wanted.cosines[k] ?? NaN, 13))
    found.sines.forEach((b, k) => expect(b).toBeCloseTo(wanted.sines[k] ?? NaN, 13))
  })

  it.each(Array.from({ length: 60 }, (_, i) => 1 + i % 12))('of degree %d is least where no point of a fine grid is lower', degree => {
    const p = polynomial(degree)
    const { x, value } = minimumOf(p)
    const grid = Array.from({ length: 20_000 }, (_, i) => valueAt(p, 2 * Math.PI * i / 20_000))
    expect(value).toBeCloseTo(valueAt(p, x), 12)
    // The grid comes within (π/20 000)² Σ k²|c|/2 < 1e-5 of the minimum from above; nothing is below it by more than rounding.
    expect(Math.min(...grid) - value).toBeGreaterThan(-1e-12)
    expect(Math.min(...grid) - value).toBeLessThan(1e-4)
    // The slope is rounding, of sums of R terms up to R each.
    const slope = p.cosines.reduce((sum, a, k) => sum + k * ((p.sines[k] ?? 0) * Math.cos(k * x) - a * Math.sin(k * x)), 0)
    expect(Math.abs(slope)).toBeLessThan(1e-11)
  })

  it('that is constant leaves x where it is, and of equal minima the nearest is taken', () => {
    expect(minimumOf({ cosines: [3, 0], sines: [0, 0] })).toEqual({ x: 0, value: 3 })
    expect(minimumOf({ cosines: [3, 1e-17, 0, 1e-17], sines: [0, 0, 0, 0] }).x).toBe(0)
    // −cos 3x is least at 0 and ±2π/3.
    expect(minimumOf({ cosines: [0, 0, 0, -1], sines: [0, 0, 0, 0] }).x).toBe(0)
    expect(minimumOf({ cosines: [0, 0, 1], sines: [0, 0, 0] }).value).toBe(-1)
  })
})

/** Steps on a function, and how many losses each took. */
async function solve(loss: (x: ArrayLike<number>) => number, spectra: readonly Spectrum[], start: Float64Array, steps: number) {
  const x = start.slice()
  const optimizer = makeOracleOptimizer({ name: 'rotosolve', tolerance: 1e-10 }, x)
  const seen: { readonly x: Float64Array; readonly evaluations: number; readonly outcome: string }[] = []
  for (let step = 1; step <= steps; step++) {
    let evaluations = 0
    const outcome = await optimizer.step({ parameters: x, gradient: x.slice().fill(0), loss: loss(x), step, seed: 0, oracle: {
      loss: () => { evaluations++; return Promise.resolve(loss(x)) },
      hessian: () => Promise.reject(new Error('not asked for')), metric: () => Promise.reject(new Error('not asked for')), spectra: () => spectra,
    } })
    seen.push({ x: x.slice(), evaluations, outcome })
  }
  return seen
}

const at = (x: ArrayLike<number>, i: number): number => x[i] ?? NaN
const wrapped = (angle: number) => Math.atan2(Math.sin(angle), Math.cos(angle))

/** A sinusoid in each coordinate. */
const PRODUCTS = (x: ArrayLike<number>) =>
  Math.cos(at(x, 0)) * Math.sin(at(x, 1)) - 0.4 * Math.sin(at(x, 0) + 0.3) * Math.cos(at(x, 2)) + 0.7 * Math.cos(at(x, 1) - at(x, 2))

describe('rotosolve', () => {
  it('takes the steps of Rotosolve’s closed form', async () => {
    const start = Float64Array.of(0.3, -1.1, 2.2)
    const steps = await solve(PRODUCTS, [1, 1, 1].map(unit => ({ unit, count: 1 })), start, 4)
    const by = start.slice()
    for (const { x, evaluations } of steps) {
      for (let p = 0; p < by.length; p++) {
        // θ* = φ − π/2 − atan2(2 M_φ − M_{φ+π/2} − M_{φ−π/2}, M_{φ+π/2} − M_{φ−π/2}) (Ostaszewski et al. 2021, algorithm 1).
        const phi = at(by, p)
        const m = (shift: number) => { by[p] = phi + shift; return PRODUCTS(by) }
        const [here, up, down] = [m(0), m(Math.PI / 2), m(-Math.PI / 2)]
        by[p] = phi - Math.PI / 2 - Math.atan2(2 * here - up - down, up - down)
      }
      x.forEach((value, i) => expect(wrapped(value - at(by, i))).toBeCloseTo(0, 12))
      expect(evaluations).toBe(9)
    }
    expect(PRODUCTS(by)).toBeLessThan(PRODUCTS(start))
  })

  it('takes each parameter to its best value on a grid, whatever its frequencies', async () => {
    // x₀: 1, 2, 3; x₁: ½, 1; x₂: 2.
    const f = (x: ArrayLike<number>) => Math.cos(3 * at(x, 0)) + 0.8 * Math.sin(2 * at(x, 0) - at(x, 1)) + Math.cos(at(x, 0)) * Math.cos(at(x, 1) / 2) - 0.5 * Math.sin(2 * at(x, 2) + at(x, 1))
    const start = Float64Array.of(0.7, 2.5, -0.2)
    const spectra = [{ unit: 1, count: 3 }, { unit: 0.5, count: 2 }, { unit: 2, count: 1 }]
    const [step] = await solve(f, spectra, start, 1)
    expect(step?.evaluations).toBe(7 + 5 + 3)
    const by = start.slice()
    spectra.forEach(({ unit }, p) => {
      by[p] = at(step?.x ?? [], p)
      const reached = f(by)
      const best = Math.min(...Array.from({ length: 5000 }, (_, i) => { const other = by.slice(); other[p] = 2 * Math.PI / unit * i / 5000; return f(other) }))
      expect(reached).toBeLessThanOrEqual(best + 1e-12)
    })
  })

  it('moves by less than half a period, and not at all where nothing turns', async () => {
    const [step] = await solve(x => -Math.cos(at(x, 0) - 0.1), [{ unit: 1, count: 1 }, { unit: 1, count: 0 }], Float64Array.of(40, 0.123), 1)
    expect(at(step?.x ?? [], 0)).toBeCloseTo(0.1 + 12 * Math.PI + (40 - 12 * Math.PI > Math.PI ? 2 * Math.PI : 0), 12)
    expect(at(step?.x ?? [], 1)).toBe(0.123)
  })

  it('has converged where going through all parameters gains nothing, and leaves them', async () => {
    const steps = await solve(x => Math.cos(at(x, 0)) + Math.sin(at(x, 1)), [{ unit: 1, count: 1 }, { unit: 1, count: 1 }], Float64Array.of(1, 1), 2)
    expect(steps.map(({ outcome }) => outcome)).toEqual(['moved', 'converged'])
    expect([...steps[1]?.x ?? []]).toEqual([...steps[0]?.x ?? []])
  })
})
