/** Noisy circuits, held to sums over Kraus operators as whole matrices, and the two exact gradients to each other. */
import { describe, expect, it } from 'vitest'
import { CHANNEL_NAMES, resultWidth, type Channel, type Circuit, type Operation } from '../../../quantum/circuit'
import type { GradientMethod } from '../../../quantum/engine'
import { DENSITY } from '../../../quantum/engines/density'
import { BY_CONTENT } from '../../../quantum/engines/engineFor'
import { STATEVECTOR } from '../../../quantum/engines/statevector'
import { denseValues, expectClose, finalDensity, pick, randomCircuit, randomNumbers, randomSlots } from '../support'

/** Two exact ways: rounding over some tens of steps. */
const EXACT = 1e-10

/** A random circuit with a channel of every kind somewhere in it; the channels' slots come last. */
function noisyCircuit(random: () => number, qubits: number, length: number): { readonly circuit: Circuit; readonly slots: Float64Array } {
  const plain = randomCircuit(random, qubits, length)
  const operations: Operation[] = [...plain.operations]
  let slots = plain.slots
  const place = (name: Channel['name'], count: number) => {
    const channel: Channel = { kind: 'channel', name, wires: pick(random, qubits, count), controls: [], parameter: { slot: slots++ } }
    operations.splice(qubits + Math.floor(random() * (operations.length - qubits + 1)), 0, channel)
  }
  for (const name of CHANNEL_NAMES) place(name, 1)
  if (qubits > 1) place('depolarize', 2)
  const values = randomSlots(random, slots)
  for (let slot = plain.slots; slot < slots; slot++) values[slot] = 0.1 + 0.8 * random()
  return { circuit: { ...plain, operations, slots }, slots: values }
}

const everySlot = ({ slots }: Circuit) => Array.from({ length: slots }, (_, slot) => slot)

function values(circuit: Circuit, slots: Float64Array, directions: readonly Float64Array[] = [], engine = DENSITY): Float64Array {
  const out = new Float64Array(resultWidth(circuit))
  engine.prepare(circuit, 'adjoint').values(1, slots, directions, out)
  return out
}

function vjp(circuit: Circuit, method: GradientMethod, slots: Float64Array, cotangents: Float64Array, directions: readonly Float64Array[] = []): Float64Array {
  const out = new Float64Array(circuit.slots)
  DENSITY.prepare(circuit, method).vjp(1, slots, directions, cotangents, everySlot(circuit), out)
  return out
}

describe('the density-matrix engine', () => {
  const random = randomNumbers(41)

  it.each([1, 2, 3, 4])('gives what the statevector gives for %i qubits without channels, gradients too', qubits => {
    const circuit = randomCircuit(random, qubits, 15)
    const slots = randomSlots(random, circuit.slots)
    expectClose(values(circuit, slots), values(circuit, slots, [], STATEVECTOR), EXACT)
    const cotangents = randomSlots(random, resultWidth(circuit))
    const expected = new Float64Array(circuit.slots)
    STATEVECTOR.prepare(circuit, 'adjoint').vjp(1, slots, [], cotangents, everySlot(circuit), expected)
    expectClose(vjp(circuit, 'adjoint', slots, cotangents), expected, EXACT)
    expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), expected, EXACT)
  })

  it.each([1, 2, 3])('gives Σ KρK† for %i qubits with every channel, which keep the trace', qubits => {
    for (let trial = 0; trial < 5; trial++) {
      const { circuit, slots } = noisyCircuit(random, qubits, 8)
      expectClose(values(circuit, slots), denseValues(circuit, slots), EXACT)
      const all = { ...circuit, measurements: [{ kind: 'probabilities', wires: Array.from({ length: qubits }, (_, wire) => wire) }] } as const
      expect(values(all, slots).reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      const density = finalDensity(circuit, slots)
      const whole = { ...circuit, measurements: [{ kind: 'density', wires: Array.from({ length: qubits }, (_, wire) => wire) }] } as const
      expectClose(values(whole, slots), [...density.re, ...density.im], EXACT)
    }
  })

  it.each([1, 2, 3])('has the same gradient by shifts and by the sweep back, for %i qubits with every channel', qubits => {
    for (let trial = 0; trial < 5; trial++) {
      const { circuit, slots } = noisyCircuit(random, qubits, 8)
      const cotangents = randomSlots(random, resultWidth(circuit))
      expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), vjp(circuit, 'adjoint', slots, cotangents), EXACT)
    }
  })

  it('has directional derivatives of its values and gradients that differences confirm', () => {
    const { circuit, slots } = noisyCircuit(random, 2, 6)
    const [u, v] = [randomSlots(random, circuit.slots), randomSlots(random, circuit.slots)]
    const cotangents = randomSlots(random, resultWidth(circuit))
    // h = 1e-3 with four points: h⁴/30 times a fifth derivative along a direction of length 10, |v|⁵·1e-12/30, against 1e-16/h.
    const h = 1e-4
    const along = (t: number) => slots.map((x, k) => x + t * (v[k] as number))
    const difference = (f: (at: Float64Array) => Float64Array) => {
      const [a, b, c, d] = [f(along(h)), f(along(-h)), f(along(2 * h)), f(along(-2 * h))]
      return a.map((x, k) => (8 * (x - (b[k] ?? NaN)) - ((c[k] ?? NaN) - (d[k] ?? NaN))) / (12 * h))
    }
    // Along a direction the channels may leave [0, 1] by rounding only: the parameters stand 0.1 inside.
    expectClose(values(circuit, slots, [v]), difference(x => values(circuit, x)), 1e-6)
    expectClose(values(circuit, slots, [u, v]), difference(x => values(circuit, x, [u])), 1e-5)
    for (const method of ['adjoint', 'parameter_shift'] as const) {
      expectClose(vjp(circuit, method, slots, cotangents, [v]), difference(x => vjp(circuit, method, x, cotangents)), 1e-5)
    }
  })

  it('differentiates entries of states and matrices in noise', () => {
    const operations: Operation[] = [
      { kind: 'amplitudes', wires: [0, 1], controls: [], re: [0, 1, 2, 3].map(slot => ({ slot })), im: [0, 1, 2, 3].map(slot => ({ slot: 4 + slot })) },
      { kind: 'channel', name: 'amplitude_damp', wires: [0], controls: [], parameter: { slot: 8 } },
      { kind: 'gate', name: 'cx', wires: [0, 1], controls: [], angles: [], inverse: false },
      { kind: 'channel', name: 'depolarize', wires: [1], controls: [], parameter: { value: 0.1 } },
    ]
    const circuit: Circuit = { name: 'entries', qubits: 2, operations, slots: 9, measurements: [{ kind: 'density', wires: [0, 1] }] }
    const norm = Math.sqrt(1.85)
    const slots = Float64Array.of(0.5 / norm, 0.6 / norm, -0.4 / norm, 0.2 / norm, 0.1 / norm, 0.7 / norm, 0.3 / norm, -0.67082039 / norm, 0.8)
    const cotangents = randomSlots(random, resultWidth(circuit))
    const h = 1e-5
    const scalar = (x: Float64Array) => values(circuit, x).reduce((sum, e, k) => sum + e * (cotangents[k] ?? NaN), 0)
    // Quadratic in each slot: central differences are exact but for rounding, 1e-16/h.
    const expected = slots.map((_, slot) => (scalar(slots.map((x, k) => x + (k === slot ? h : 0))) - scalar(slots.map((x, k) => x - (k === slot ? h : 0)))) / (2 * h))
    expectClose(vjp(circuit, 'adjoint', slots, cotangents), expected, 1e-9)
    expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), expected, 1e-9)
  })

  it('refuses a probability out of range, by its name and row', () => {
    const flip = (parameter: Channel['parameter']): Circuit => ({
      name: 'noisy', qubits: 1, slots: 1, measurements: [{ kind: 'probabilities', wires: [0] }],
      operations: [{ kind: 'channel', name: 'bit_flip', wires: [0], controls: [], parameter }],
    })
    expect(() => values(flip({ slot: 0 }), Float64Array.of(1.5))).toThrow('bit_flip takes a probability between 0 and 1, not 1.5 (operation 0 on q[0], batch row 0)')
    expectClose(values(flip({ slot: 0 }), Float64Array.of(1)), [0, 1], 0)
  })

  it('is chosen where there is a channel', () => {
    const { circuit, slots } = noisyCircuit(random, 2, 4)
    const out = new Float64Array(resultWidth(circuit))
    BY_CONTENT.prepare(circuit, 'adjoint').values(1, slots, [], out)
    expectClose(out, denseValues(circuit, slots), EXACT)
    expect(() => STATEVECTOR.prepare(circuit, 'adjoint')).toThrow('needs the density-matrix engine, or trajectories')
  })
})
