/** Estimates from finite samples: their mean is the exact value, and their variance what the binomial law says. */
import { describe, expect, it } from 'vitest'
import { resultWidth, type Circuit, type Measurement, type Operation } from '../../../quantum/circuit'
import type { Draws, GradientMethod, Uniform } from '../../../quantum/engine'
import { DENSITY } from '../../../quantum/engines/density'
import { STATEVECTOR } from '../../../quantum/engines/statevector'
import { placeGate, randomCircuit, randomNumbers, randomSlots } from '../support'

function circuitOf(operations: readonly Operation[], measurements: readonly Measurement[], qubits: number, slots: number, shots: number): Circuit {
  return { name: 'sampled', qubits, operations, slots, measurements, shots }
}

const Z0: Measurement = { kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Z']] }] }

/** One stream for all rows, one after the other. */
const rowsOf = (uniform: Uniform): Draws => () => uniform

/** Means and variances of repeated runs. */
function moments(repeats: number, run: () => ArrayLike<number>): { readonly mean: number[]; readonly variance: number[] } {
  const runs = Array.from({ length: repeats }, run)
  const width = runs[0]?.length ?? 0
  const mean = Array.from({ length: width }, (_, k) => runs.reduce((sum, x) => sum + (x[k] as number), 0) / repeats)
  const variance = mean.map((m, k) => runs.reduce((sum, x) => sum + ((x[k] as number) - m) ** 2, 0) / (repeats - 1))
  return { mean, variance }
}

describe('sampled values', () => {
  it.each([[STATEVECTOR], [DENSITY]])('are unbiased with the variance of a mean of signs (%o)', engine => {
    const theta = 0.8, shots = 50, repeats = 4000
    const circuit = circuitOf([placeGate('rx', [0], 0)], [Z0], 1, 1, shots)
    const prepared = engine.prepare(circuit, 'parameter_shift')
    prepared.drawFrom(rowsOf(randomNumbers(1)))
    const out = new Float64Array(1)
    const { mean, variance } = moments(repeats, () => { prepared.values(1, Float64Array.of(theta), [], out); return out.slice() })
    const expected = (1 - Math.cos(theta) ** 2) / shots
    // Five standard errors of a mean, and of a variance (√(2/repeats) relative).
    expect(Math.abs((mean[0] ?? NaN) - Math.cos(theta))).toBeLessThan(5 * Math.sqrt(expected / repeats))
    expect(Math.abs((variance[0] ?? NaN) / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / repeats))
  })

  it('of rx by parameter shift have a gradient with variance cos²θ/(2N)', () => {
    const theta = 0.7, shots = 100, repeats = 4000
    const prepared = STATEVECTOR.prepare(circuitOf([placeGate('rx', [0], 0)], [Z0], 1, 1, shots), 'parameter_shift')
    prepared.drawFrom(rowsOf(randomNumbers(2)))
    const out = new Float64Array(1)
    const { mean, variance } = moments(repeats, () => { prepared.vjp(1, Float64Array.of(theta), [], Float64Array.of(1), [0], out); return out.slice() })
    // ½(E₊ − E₋) with Var E± = (1 − sin²θ)/N each.
    const expected = Math.cos(theta) ** 2 / (2 * shots)
    expect(Math.abs((mean[0] ?? NaN) + Math.sin(theta))).toBeLessThan(5 * Math.sqrt(expected / repeats))
    expect(Math.abs((variance[0] ?? NaN) / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / repeats))
  })

  it('of every measurement and letter have the exact values as their means, gradients too', () => {
    const random = randomNumbers(3)
    const plain = randomCircuit(random, 3, 10)
    const measurements = plain.measurements.filter(({ kind }) => kind !== 'density')
    const exact: Circuit = { ...plain, measurements }
    const slots = randomSlots(random, exact.slots)
    const width = resultWidth(exact)
    const shots = 200, repeats = 400
    const sampled = STATEVECTOR.prepare({ ...exact, shots }, 'parameter_shift')
    sampled.drawFrom(rowsOf(random))
    const values = new Float64Array(width)
    STATEVECTOR.prepare(exact, 'adjoint').values(1, slots, [], values)
    const out = new Float64Array(width)
    const { mean, variance } = moments(repeats, () => { sampled.values(1, slots, [], out); return out.slice() })
    mean.forEach((m, k) => { expect(Math.abs(m - (values[k] ?? NaN)), `number ${k}`).toBeLessThanOrEqual(5 * Math.sqrt((variance[k] ?? NaN) / repeats) + 1e-12) })

    const cotangents = randomSlots(random, width)
    const active = Array.from({ length: exact.slots }, (_, slot) => slot)
    const gradient = new Float64Array(exact.slots), estimate = new Float64Array(exact.slots)
    STATEVECTOR.prepare(exact, 'adjoint').vjp(1, slots, [], cotangents, active, gradient)
    const slopes = moments(repeats, () => { sampled.vjp(1, slots, [], cotangents, active, estimate); return estimate.slice() })
    slopes.mean.forEach((m, k) => { expect(Math.abs(m - (gradient[k] ?? NaN)), `slot ${k}`).toBeLessThanOrEqual(5 * Math.sqrt((slopes.variance[k] ?? NaN) / repeats) + 1e-12) })
  })

  it('are drawn anew for each row and each run', () => {
    const prepared = STATEVECTOR.prepare(circuitOf([placeGate('h', [0], 0)], [{ kind: 'sample', wires: [0], shots: 64 }], 1, 0, 64), 'parameter_shift')
    prepared.drawFrom(rowsOf(randomNumbers(4)))
    const out = new Float64Array(128)
    prepared.values(2, new Float64Array(0), [], out)
    expect(out.every(bit => bit === 0 || bit === 1)).toBe(true)
    expect([...out.slice(0, 64)]).not.toEqual([...out.slice(64)])
    const before = [...out]
    prepared.values(2, new Float64Array(0), [], out)
    expect([...out]).not.toEqual(before)
  })

  it('of a sampled register keep its correlations: a Bell pair always agrees', () => {
    const prepared = STATEVECTOR.prepare(
      circuitOf([placeGate('h', [0], 0), placeGate('cx', [0, 1], 0)], [{ kind: 'sample', wires: [1, 0], shots: 100 }], 2, 0, 100), 'parameter_shift')
    prepared.drawFrom(rowsOf(randomNumbers(5)))
    const out = new Float64Array(200)
    prepared.values(1, new Float64Array(0), [], out)
    for (let shot = 0; shot < 100; shot++) expect(out[2 * shot]).toBe(out[2 * shot + 1])
    const ones = out.reduce((sum, bit) => sum + bit, 0) / 200
    // Five standard deviations of 100 fair coins.
    expect(Math.abs(ones - 0.5)).toBeLessThan(0.25)
  })

  it('have no gradient by entries, and none by the adjoint sweep', () => {
    const entries: Operation = { kind: 'amplitudes', wires: [0], controls: [], re: [{ slot: 0 }, { slot: 1 }], im: [{ value: 0 }, { value: 0 }] }
    const prepared = STATEVECTOR.prepare(circuitOf([entries], [Z0], 1, 2, 10), 'parameter_shift')
    prepared.drawFrom(rowsOf(randomNumbers(6)))
    expect(() => prepared.vjp(1, Float64Array.of(1, 0), [], Float64Array.of(1), [0], new Float64Array(2))).toThrow('leave out @shots')
    expect(() => STATEVECTOR.prepare(circuitOf([], [Z0], 1, 0, 10), 'adjoint')).toThrow('adjoint needs exact values')
  })
})

describe('spsa', () => {
  const circuit = (shots?: number): Circuit => ({
    name: 'spsa', qubits: 2, slots: 2, ...(shots === undefined ? {} : { shots }), measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Z'], [1, 'Z']] }] }],
    operations: [placeGate('rx', [0], 0), placeGate('rx', [1], 1)],
  })
  const [a, b] = [0.6, -1.1]
  const exact = [-Math.sin(a) * Math.cos(b), -Math.cos(a) * Math.sin(b)]

  it.each([[undefined, 2000], [200, 4000]])('has the gradient as its mean, with %o shots', (shots, repeats) => {
    const method: GradientMethod = 'spsa'
    const prepared = STATEVECTOR.prepare(circuit(shots), method)
    prepared.drawFrom(rowsOf(randomNumbers(7)))
    const out = new Float64Array(2)
    const { mean, variance } = moments(repeats, () => { prepared.vjp(1, Float64Array.of(a, b), [], Float64Array.of(1), [0, 1], out); return out.slice() })
    // Five standard errors, and the bias: c²/6 times third derivatives of at most 4, with c = 1e-3 or, of samples, 0.1.
    mean.forEach((m, k) => { expect(Math.abs(m - (exact[k] ?? NaN))).toBeLessThan(5 * Math.sqrt((variance[k] ?? NaN) / repeats) + 4 / 6 * (shots ? 0.01 : 1e-6)) })
  })

  it('is of first order only', () => {
    const prepared = STATEVECTOR.prepare(circuit(), 'spsa')
    prepared.drawFrom(rowsOf(randomNumbers(8)))
    expect(() => prepared.vjp(1, Float64Array.of(a, b), [Float64Array.of(1, 0)], Float64Array.of(1), [0, 1], new Float64Array(2))).toThrow('first derivatives only')
  })
})
