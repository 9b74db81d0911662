/**
 * Means over quantum trajectories, held to the density matrix: where many are drawn, a mean of R independent numbers with variance
 * s² is farther than 5 s/√R from its expectation once in 1.7 million times, by the normal law.
 */
import { describe, expect, it } from 'vitest'
import { CHANNEL_NAMES, resultWidth, type Channel, type Circuit, type Measurement, type Operation } from '../../../quantum/circuit'
import type { Draws, PreparedCircuit } from '../../../quantum/engine'
import { DENSITY } from '../../../quantum/engines/density'
import { BY_CONTENT } from '../../../quantum/engines/engineFor'
import { TRAJECTORIES } from '../../../quantum/engines/trajectories'
import { krausOperators, pick, placeGate, randomCircuit, randomNumbers, randomSlots } from '../support'

const Z0: Measurement = { kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Z']] }] }

const flip = (p: number, wire = 0): Channel => ({ kind: 'channel', name: 'bit_flip', wires: [wire], controls: [], parameter: { value: p } })

function circuitOf(operations: readonly Operation[], trajectories: number, slots: number, qubits = 1, measurements: readonly Measurement[] = [Z0]): Circuit {
  return { name: 'noisy', qubits, operations, slots, measurements, trajectories }
}

/** A stream of its own for each row. */
const streams = (seed: number): Draws => row => randomNumbers(seed + 1000003 * row)

/** Runs with streams that no other run has. */
function repeated(prepared: PreparedCircuit, repeats: number, run: () => ArrayLike<number>): { readonly mean: number[]; readonly variance: number[] } {
  const runs = Array.from({ length: repeats }, (_, seed) => {
    prepared.drawFrom(streams(7919 * seed + 1))
    return Array.from(run())
  })
  const width = runs[0]?.length ?? 0
  const mean = Array.from({ length: width }, (_, k) => runs.reduce((sum, x) => sum + (x[k] ?? NaN), 0) / repeats)
  return { mean, variance: mean.map((m, k) => runs.reduce((sum, x) => sum + ((x[k] ?? NaN) - m) ** 2, 0) / (repeats - 1)) }
}

function values(prepared: PreparedCircuit, slots: Float64Array, directions: readonly Float64Array[] = []): Float64Array {
  const out = new Float64Array(resultWidth(prepared.circuit))
  prepared.values(1, slots, directions, out)
  return out
}

function exact({ trajectories: _, ...circuit }: Circuit, slots: Float64Array, directions: readonly Float64Array[] = []): Float64Array {
  return values(DENSITY.prepare(circuit, 'adjoint'), slots, directions)
}

describe('values by trajectories', () => {
  it('of a flipped qubit are means of n signs: unbiased, with variance 4p(1−p)cos²θ/n', () => {
    const [theta, p, n, repeats] = [0.8, 0.2, 20, 4000]
    const prepared = TRAJECTORIES.prepare(circuitOf([placeGate('rx', [0], 0), flip(p)], n, 1), 'parameter_shift')
    const { mean, variance } = repeated(prepared, repeats, () => values(prepared, Float64Array.of(theta)))
    const expected = 4 * p * (1 - p) * Math.cos(theta) ** 2 / n
    expect(Math.abs((mean[0] ?? NaN) - (1 - 2 * p) * Math.cos(theta))).toBeLessThan(5 * Math.sqrt(expected / repeats))
    // The variance of a sample variance is (κ − 1 + 2/(R−1))/R of its square; the kurtosis κ of a mean of 20 signs is 3 + (1/(p(1−p)) − 6)/20.
    const spread = Math.sqrt((2 + (1 / (p * (1 - p)) - 6) / n) / repeats)
    expect(Math.abs((variance[0] ?? NaN) / expected - 1)).toBeLessThan(5 * spread)
  })

  it('of a damped superposition branch by the state: K₁ with γ sin²(θ/2), and the state that it leaves is |0⟩', () => {
    const [theta, gamma, repeats] = [1.3, 0.4, 4000]
    const damp: Channel = { kind: 'channel', name: 'amplitude_damp', wires: [0], controls: [], parameter: { value: Math.sqrt(1 - gamma) } }
    const prepared = TRAJECTORIES.prepare(circuitOf([placeGate('ry', [0], 0), damp], 1, 1), 'parameter_shift')
    const jump = gamma * Math.sin(theta / 2) ** 2
    const stayed = (Math.cos(theta / 2) ** 2 - (1 - gamma) * Math.sin(theta / 2) ** 2) / (1 - jump)
    let jumps = 0
    for (let seed = 0; seed < repeats; seed++) {
      prepared.drawFrom(streams(31 * seed))
      const z = values(prepared, Float64Array.of(theta))[0] ?? NaN
      if (Math.abs(z - 1) < 1e-12) jumps++
      else expect(z).toBeCloseTo(stayed, 12)
    }
    expect(Math.abs(jumps / repeats - jump)).toBeLessThan(5 * Math.sqrt(jump * (1 - jump) / repeats))
  })

  it.each([1, 2, 3])('of %i qubits with every kind of noise and measurement have those of the density matrix as their means', qubits => {
    const random = randomNumbers(90 + qubits)
    const plain = randomCircuit(random, qubits, 6)
    const noise: Operation[] = CHANNEL_NAMES.map(name => ({ kind: 'channel', name, wires: pick(random, qubits, 1), controls: [], parameter: { value: 0.2 + 0.6 * random() } }))
    if (qubits > 1) noise.push({ kind: 'channel', name: 'depolarize', wires: pick(random, qubits, 2), controls: [], parameter: { value: 0.4 } })
    const operators = krausOperators('amplitude_damp', 1, 0.6)
    noise.push({
      kind: 'kraus', wires: pick(random, qubits, 1), controls: [],
      re: operators.flatMap(({ re }) => Array.from(re, value => ({ value }))), im: operators.flatMap(({ im }) => Array.from(im, value => ({ value }))),
    })
    const operations = [...plain.operations]
    for (const each of noise) operations.splice(qubits + Math.floor(random() * (operations.length - qubits + 1)), 0, each)
    const circuit: Circuit = { ...plain, operations, trajectories: 10 }
    const slots = randomSlots(random, circuit.slots), repeats = 1000
    const prepared = TRAJECTORIES.prepare(circuit, 'parameter_shift')
    const expected = exact(circuit, slots)
    const { mean, variance } = repeated(prepared, repeats, () => values(prepared, slots))
    mean.forEach((m, k) => expect(Math.abs(m - (expected[k] ?? NaN)), `number ${k}`).toBeLessThanOrEqual(5 * Math.sqrt((variance[k] ?? NaN) / repeats) + 1e-12))
  })

  it('are there beyond 13 qubits: ⟨X…X⟩ of 15 in a dephased GHZ state is (1 − 2p)^15', () => {
    const [qubits, p, n] = [15, 0.03, 400]
    const operations: Operation[] = [
      placeGate('h', [0], 0), ...Array.from({ length: qubits - 1 }, (_, wire) => placeGate('cx', [wire, wire + 1], 0)),
      ...Array.from({ length: qubits }, (_, wire): Channel => ({ kind: 'channel', name: 'phase_flip', wires: [wire], controls: [], parameter: { value: p } })),
    ]
    const all = Array.from({ length: qubits }, (_, wire) => [wire, 'X'] as const)
    const prepared = BY_CONTENT.prepare(circuitOf(operations, n, 0, qubits, [{ kind: 'expectation', terms: [{ coefficient: 1, word: all }] }]), 'parameter_shift')
    prepared.drawFrom(streams(5))
    const [found = NaN] = values(prepared, new Float64Array(0))
    const expected = (1 - 2 * p) ** qubits
    // Each history gives ±1.
    expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt((1 - expected ** 2) / n))
    expect(Math.abs(found * n - Math.round(found * n))).toBeLessThan(1e-9)
  })

  it('of a row depend on its own stream alone, not on the rows beside it, and repeat bit by bit', () => {
    const prepared = TRAJECTORIES.prepare(circuitOf([placeGate('rx', [0], 0), flip(0.3)], 25, 1), 'parameter_shift')
    const run = (angles: readonly number[], from: number) => {
      prepared.drawFrom(row => streams(3)(row + from))
      const out = new Float64Array(angles.length), gradient = new Float64Array(angles.length)
      prepared.values(angles.length, Float64Array.from(angles), [], out)
      prepared.vjp(angles.length, Float64Array.from(angles), [], new Float64Array(angles.length).fill(1), [0], gradient)
      return [...out, ...gradient]
    }
    const [a, b, c, da, db, dc] = run([0.3, 1.1, -2], 0)
    expect(run([0.3, 1.1, -2], 0)).toEqual([a, b, c, da, db, dc])
    expect([...run([0.3], 0), ...run([1.1, -2], 1)]).toEqual([a, da, b, c, db, dc])
    expect(run([0.3, 0.3], 0)[0]).not.toBe(run([0.3, 0.3], 0)[1])
  })
})

describe('gradients by trajectories', () => {
  it('by parameter shift are unbiased with variance 2p(1−p)sin²θ/n', () => {
    const [theta, p, n, repeats] = [0.7, 0.15, 20, 4000]
    const prepared = TRAJECTORIES.prepare(circuitOf([placeGate('rx', [0], 0), flip(p)], n, 1), 'parameter_shift')
    const out = new Float64Array(1)
    const { mean, variance } = repeated(prepared, repeats, () => { prepared.vjp(1, Float64Array.of(theta), [], Float64Array.of(1), [0], out); return out })
    // ½(E₊ − E₋) of independent E± = ∓(1 − 2p) sin θ, each with variance 4p(1−p)sin²θ/n.
    const expected = 2 * p * (1 - p) * Math.sin(theta) ** 2 / n
    expect(Math.abs((mean[0] ?? NaN) + (1 - 2 * p) * Math.sin(theta))).toBeLessThan(5 * Math.sqrt(expected / repeats))
    // The kurtosis of the difference of two means of n signs is 3 + (1/(p(1−p)) − 6)/2n.
    expect(Math.abs((variance[0] ?? NaN) / expected - 1)).toBeLessThan(5 * Math.sqrt((2 + (1 / (p * (1 - p)) - 6) / (2 * n)) / repeats))
  })

  it.each(['parameter_shift', 'spsa'] as const)('by %s have the exact ones as their means, and second derivatives by shift, too', method => {
    const random = randomNumbers(61)
    const plain = randomCircuit(random, 2, 4)
    const circuit: Circuit = { ...plain, operations: [...plain.operations.slice(0, 3), flip(0.2, 1), ...plain.operations.slice(3), flip(0.1)], trajectories: 5 }
    const slots = randomSlots(random, circuit.slots), cotangents = randomSlots(random, resultWidth(circuit)), repeats = 600
    const active = Array.from(slots, (_, slot) => slot)
    const gradient = (directions: readonly Float64Array[]) => {
      const { trajectories: _, ...whole } = circuit
      const out = new Float64Array(circuit.slots)
      DENSITY.prepare(whole, 'adjoint').vjp(1, slots, directions, cotangents, active, out)
      return out
    }
    const prepared = TRAJECTORIES.prepare(circuit, method)
    const out = new Float64Array(circuit.slots)
    const v = randomSlots(random, circuit.slots)
    for (const directions of method === 'spsa' ? [[]] : [[], [v]]) {
      const expected = gradient(directions)
      const { mean, variance } = repeated(prepared, repeats, () => { prepared.vjp(1, slots, directions, cotangents, active, out); return out })
      // Of spsa also the bias c²/6·Σ|∂³f| with c = 0.1: frequencies are at most 1, so |∂³f| ≤ 6³·Σ|ct·O| < 216·60 over all slots.
      const bias = method === 'spsa' ? 0.01 / 6 * 216 * Math.max(...cotangents.map(Math.abs)) : 0
      mean.forEach((m, k) => expect(Math.abs(m - (expected[k] ?? NaN)), `slot ${k}`).toBeLessThanOrEqual(5 * Math.sqrt((variance[k] ?? NaN) / repeats) + bias + 1e-12))
    }
    if (method === 'spsa') return
    const { mean, variance } = repeated(prepared, repeats, () => values(prepared, slots, [v]))
    exact(circuit, slots, [v]).forEach((x, k) => expect(Math.abs((mean[k] ?? NaN) - x), `number ${k}`).toBeLessThanOrEqual(5 * Math.sqrt((variance[k] ?? NaN) / repeats) + 1e-12))
  })

  it('are there by angles alone, and by shift or spsa alone', () => {
    const trained = circuitOf([{ ...flip(0), parameter: { slot: 0 } }], 10, 1)
    for (const method of ['parameter_shift', 'spsa'] as const) {
      const prepared = TRAJECTORIES.prepare(trained, method)
      prepared.drawFrom(streams(1))
      expect(() => prepared.vjp(1, Float64Array.of(0.1), [], Float64Array.of(1), [0], new Float64Array(1))).toThrow('leave out @trajectories')
    }
    expect(() => TRAJECTORIES.prepare(trained, 'adjoint')).toThrow('adjoint needs exact values')
    expect(() => TRAJECTORIES.prepare({ ...trained, shots: 10 }, 'parameter_shift')).toThrow('no shots')
    expect(() => TRAJECTORIES.prepare(trained, 'parameter_shift').metric(1, Float64Array.of(0.1), [0], new Float64Array(1))).toThrow('has channels')
  })

  it('check what a row gives them: probabilities, and operators of kraus', () => {
    const prepared = TRAJECTORIES.prepare(circuitOf([{ ...flip(0), parameter: { slot: 0 } }], 10, 1), 'parameter_shift')
    prepared.drawFrom(streams(1))
    expect(() => values(prepared, Float64Array.of(1.5))).toThrow('bit_flip takes a probability between 0 and 1, not 1.5')
    const lossy = TRAJECTORIES.prepare(circuitOf([{ kind: 'kraus', wires: [0], controls: [], re: [{ slot: 0 }, { value: 0 }, { value: 0 }, { value: 1 }], im: Array.from({ length: 4 }, () => ({ value: 0 })) }], 10, 1), 'parameter_shift')
    lossy.drawFrom(streams(1))
    expect(() => values(lossy, Float64Array.of(0.5))).toThrow('the operators of `kraus` are no channel')
  })
})
