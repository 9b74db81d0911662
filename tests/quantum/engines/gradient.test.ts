/**
 * Parameter shift and the adjoint sweep share the kernels' `apply` alone, and are each other's oracle; central differences
 * of values, which were held to whole matrices elsewhere, are the third way.
 */
import { describe, expect, it } from 'vitest'
import { resultWidth, type Circuit, type Control, type Measurement, type Operation } from '../../../quantum/circuit'
import type { GradientMethod, PreparedCircuit } from '../../../quantum/engine'
import { STATEVECTOR } from '../../../quantum/engines/statevector'
import { PRIMITIVE_GATES } from '../../../quantum/gates'
import { scaleMatrix, zeroMatrix } from '../../../quantum/linearAlgebra'
import {
  ANGLE_NAMES, everyMeasurement, expectClose, matrixExponential, placeGate, randomCircuit, randomNumbers, randomSlots,
} from '../support'

/** Two exact methods: rounding only. */
const EXACT = 1e-10
/** Central differences with h = 1e-5: h²·f‴/6 + 2^−53·f/h, about 1e-10 for f of size 1, and sums of some tens of those. */
const DIFFERENCE = 1e-6

function everySlot(circuit: Circuit): number[] {
  return Array.from({ length: circuit.slots }, (_, slot) => slot)
}

function vjp(
  circuit: Circuit, method: GradientMethod, slots: Float64Array, cotangents: Float64Array,
  directions: readonly Float64Array[] = [], active = everySlot(circuit),
): Float64Array {
  const batch = cotangents.length / resultWidth(circuit)
  const out = new Float64Array(batch * circuit.slots).fill(NaN)
  STATEVECTOR.prepare(circuit, method).vjp(batch, slots, directions, cotangents, active, out)
  return out
}

function values(circuit: Circuit, method: GradientMethod, slots: Float64Array, directions: readonly Float64Array[] = []): Float64Array {
  const out = new Float64Array(resultWidth(circuit)).fill(NaN)
  STATEVECTOR.prepare(circuit, method).values(1, slots, directions, out)
  return out
}

/** Central difference of a vector-valued function along one coordinate or a direction. */
function difference(f: (slots: Float64Array) => Float64Array, slots: Float64Array, direction: Float64Array): Float64Array {
  const h = 1e-5
  const plus = f(slots.map((x, k) => x + h * (direction[k] as number)))
  const minus = f(slots.map((x, k) => x - h * (direction[k] as number)))
  return plus.map((x, k) => (x - (minus[k] as number)) / (2 * h))
}

function differenceGradient(circuit: Circuit, slots: Float64Array, cotangents: Float64Array): Float64Array {
  return Float64Array.from(everySlot(circuit), slot => {
    const slope = difference(x => values(circuit, 'adjoint', x), slots, slots.map((_, k) => Number(k === slot)))
    return slope.reduce((sum, x, k) => sum + x * (cotangents[k] as number), 0)
  })
}

/** Some entangled state, the operation in slot 0, and rotations after it, so that nothing is symmetric by chance. */
function around(operations: readonly Operation[], qubits: number, slots: number): Circuit {
  const before = Array.from({ length: qubits }, (_, wire) => placeGate('ry', [wire], slots + wire))
  const entangle = Array.from({ length: qubits - 1 }, (_, wire) => placeGate('cx', [wire, wire + 1], 0))
  const turn = Array.from({ length: qubits }, (_, wire) => placeGate('rx', [wire], slots + qubits + wire))
  return {
    name: 'test', qubits, operations: [...before, ...entangle, ...operations, ...turn],
    slots: slots + 2 * qubits, measurements: everyMeasurement(qubits),
  }
}

const CONTROLS: readonly (readonly [string, readonly (0 | 1)[]])[] = [
  ['without controls', []], ['under a control', [1]], ['under a negative control', [0]], ['under two controls', [1, 0]],
]

function checkAngles(circuit: Circuit, seed: number): void {
  const random = randomNumbers(seed)
  const angles = [0, Math.PI, ...Array.from({ length: 6 }, () => 4 * Math.PI * (random() - 0.5))]
  for (const angle of angles) {
    const slots = randomSlots(random, circuit.slots)
    slots[0] = angle
    const cotangents = Float64Array.from({ length: resultWidth(circuit) }, () => random() - 0.5)
    const adjoint = vjp(circuit, 'adjoint', slots, cotangents)
    expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), adjoint, EXACT, `shift, at ${angle}`)
    expectClose(differenceGradient(circuit, slots, cotangents), adjoint, DIFFERENCE, `difference, at ${angle}`)
    expectClose(vjp(circuit, 'finite_difference', slots, cotangents), adjoint, DIFFERENCE, `engine's difference, at ${angle}`)
  }
}

describe.each(CONTROLS)('shift = adjoint = central difference at random angles, 0 and π, %s', (_, pattern) => {
  it.each(ANGLE_NAMES)('%s', name => {
    const width = PRIMITIVE_GATES[name].qubits
    const qubits = width + pattern.length
    const controls: Control[] = pattern.map((value, k) => ({ wire: k, value }))
    const wires = Array.from({ length: width }, (_, k) => qubits - 1 - k)
    checkAngles(around([placeGate(name, wires, 0, controls)], qubits, 1), 50)
  })

  it.each(['X', 'ZZ', 'XY', 'YIZ', 'XYZ', 'II'])('pauli_rotation %s', word => {
    const qubits = word.length + pattern.length
    const controls: Control[] = pattern.map((value, k) => ({ wire: k, value }))
    const wires = Array.from(word, (_, k) => pattern.length + k)
    checkAngles(around([{ kind: 'pauli_rotation', word, wires, controls, angle: { slot: 0 } }], qubits, 1), 51)
  })

  it('global phase', () => {
    const controls: Control[] = pattern.map((value, k) => ({ wire: k, value }))
    checkAngles(around([{ kind: 'global_phase', wires: [], controls, angle: { slot: 0 } }], 2, 1), 52)
  })
})

describe('gradients of whole circuits', () => {
  it.each([1, 2, 3, 4])('shift = adjoint for random circuits of %i qubits, in batches', qubits => {
    const random = randomNumbers(60 + qubits)
    for (let trial = 0; trial < 10; trial++) {
      const circuit = randomCircuit(random, qubits, 15)
      const slots = randomSlots(random, 3 * circuit.slots)
      const cotangents = Float64Array.from({ length: 3 * resultWidth(circuit) }, () => random() - 0.5)
      expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), vjp(circuit, 'adjoint', slots, cotangents), EXACT)
    }
  })

  it('each kind of measurement by itself has the gradient of its differences', () => {
    const random = randomNumbers(70)
    const full = randomCircuit(random, 3, 15)
    for (const measurement of everyMeasurement(3)) {
      const circuit: Circuit = { ...full, measurements: [measurement] }
      const slots = randomSlots(random, circuit.slots)
      const cotangents = Float64Array.from({ length: resultWidth(circuit) }, () => random() - 0.5)
      const adjoint = vjp(circuit, 'adjoint', slots, cotangents)
      expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), adjoint, EXACT, measurement.kind)
      expectClose(differenceGradient(circuit, slots, cotangents), adjoint, DIFFERENCE, measurement.kind)
    }
  })

  it.each(['parameter_shift', 'adjoint', 'finite_difference'] as const)(
    'slots that are not active get 0 by %s, and the others what they got before', method => {
      const random = randomNumbers(71)
      const circuit = randomCircuit(random, 3, 12)
      const slots = randomSlots(random, circuit.slots)
      const cotangents = Float64Array.from({ length: resultWidth(circuit) }, () => random() - 0.5)
      const active = everySlot(circuit).filter(slot => slot % 3 === 1)
      const some = vjp(circuit, method, slots, cotangents, [], active)
      const all = vjp(circuit, method, slots, cotangents)
      expectClose(some, all.map((x, slot) => active.includes(slot) ? x : 0), 1e-13)
      expect([...vjp(circuit, method, slots, cotangents, [], [])]).toEqual([...new Float64Array(circuit.slots)])
    })

  it('rx: the gradient of ⟨Z⟩ is −sin θ, and one prepared circuit can be used again', () => {
    const circuit: Circuit = {
      name: 'one', qubits: 1, operations: [placeGate('rx', [0], 0)], slots: 1,
      measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Z']] }] }],
    }
    for (const method of ['parameter_shift', 'adjoint'] as const) {
      const prepared: PreparedCircuit = STATEVECTOR.prepare(circuit, method)
      const out = new Float64Array(2)
      for (const angles of [[0.3, 2], [1, -4]]) {
        prepared.vjp(2, Float64Array.from(angles), [], Float64Array.of(1, 2), [0], out)
        expectClose(out, [-Math.sin(angles[0] as number), -2 * Math.sin(angles[1] as number)], 1e-15)
      }
    }
  })
})

/** Amplitudes of wires 2, 0, gates, a controlled unitary of wires 3, 1 and one of wire 0; all entries in slots. */
function entryCircuit(random: () => number, measurements: readonly Measurement[]): { circuit: Circuit; slots: Float64Array } {
  const unitary = (size: number) => {
    const h = zeroMatrix(size)
    for (let r = 0; r < size; r++) {
      for (let c = r; c < size; c++) {
        h.re[r * size + c] = h.re[c * size + r] = random() - 0.5
        if (r === c) continue
        h.im[r * size + c] = random() - 0.5
        h.im[c * size + r] = -(h.im[r * size + c] as number)
      }
    }
    return matrixExponential(scaleMatrix(h, 0, 1))
  }
  const large = unitary(4), small = unitary(2)
  const raw = Array.from({ length: 8 }, () => random() - 0.5)
  const numbers = [...raw.map(x => x / Math.hypot(...raw)), ...large.re, ...large.im, ...small.re, ...small.im, 0.3, -1.2]
  const slot = (from: number, count: number) => Array.from({ length: count }, (_, k) => ({ slot: from + k }))
  const operations: readonly Operation[] = [
    placeGate('h', [1], 0), placeGate('ry', [3], 48),
    { kind: 'amplitudes', wires: [2, 0], controls: [], re: slot(0, 4), im: slot(4, 4) },
    placeGate('cx', [1, 2], 0), placeGate('crx', [0, 3], 49),
    { kind: 'unitary', wires: [3, 1], controls: [{ wire: 2, value: 0 }], re: slot(8, 16), im: slot(24, 16) },
    placeGate('sx', [3], 0),
    { kind: 'unitary', wires: [0], controls: [], re: slot(40, 4), im: slot(44, 4) },
    placeGate('cy', [0, 1], 0),
  ]
  return { circuit: { name: 'entries', qubits: 4, operations, slots: 50, measurements }, slots: Float64Array.from(numbers) }
}

describe('entries of amplitudes and unitary', () => {
  it('the adjoint sweep, central rules and both methods agree for every entry', () => {
    const random = randomNumbers(80)
    for (let trial = 0; trial < 4; trial++) {
      const { circuit, slots } = entryCircuit(random, everyMeasurement(4))
      const cotangents = Float64Array.from({ length: resultWidth(circuit) }, () => random() - 0.5)
      const adjoint = vjp(circuit, 'adjoint', slots, cotangents)
      expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), adjoint, EXACT)
      // D[e]E by the entry rule, which is another way than the sweep.
      const byRule = Float64Array.from(everySlot(circuit), slot =>
        values(circuit, 'adjoint', slots, [slots.map((_, k) => Number(k === slot))])
          .reduce((sum, x, k) => sum + x * (cotangents[k] as number), 0))
      expectClose(byRule, adjoint, EXACT)
      // The engine's own differences shift entries by 1e-5, which is not checked for being unitary.
      expectClose(vjp(circuit, 'finite_difference', slots, cotangents), adjoint, DIFFERENCE)
    }
  })

  it('⟨Z⟩ = |a₀|² − |a₁|² for amplitudes taken as they are, so the gradient is 2a₀, −2a₁', () => {
    const circuit: Circuit = {
      name: 'one', qubits: 1, slots: 4, operations: [{
        kind: 'amplitudes', wires: [0], controls: [], re: [{ slot: 0 }, { slot: 1 }], im: [{ slot: 2 }, { slot: 3 }],
      }],
      measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Z']] }] }],
    }
    const gradient = vjp(circuit, 'adjoint', Float64Array.of(0.1, 0.2, 0.3, 0.4), Float64Array.of(1))
    expectClose(gradient, [0.2, -0.4, 0.6, -0.8], 1e-15)
  })
})

describe('higher derivatives', () => {
  const random = randomNumbers(90)
  const sparse = (circuit: Circuit): Float64Array =>
    Float64Array.from({ length: circuit.slots }, () => random() < 0.5 ? 0 : random() - 0.5)

  it.each(['parameter_shift', 'adjoint'] as const)('D[v], D[v, w] and their gradients are exact by %s', method => {
    for (let trial = 0; trial < 3; trial++) {
      const circuit = randomCircuit(random, 3, 8)
      const slots = randomSlots(random, circuit.slots)
      const cotangents = Float64Array.from({ length: resultWidth(circuit) }, () => random() - 0.5)
      const v = sparse(circuit), w = sparse(circuit)
      // Each order against a central difference of the one below.
      expectClose(values(circuit, method, slots, [v]), difference(x => values(circuit, method, x), slots, v), DIFFERENCE)
      expectClose(
        values(circuit, method, slots, [v, w]), difference(x => values(circuit, method, x, [v]), slots, w), DIFFERENCE)
      expectClose(
        vjp(circuit, method, slots, cotangents, [v]),
        difference(x => vjp(circuit, method, x, cotangents), slots, v), DIFFERENCE)
      expectClose(
        vjp(circuit, method, slots, cotangents, [v, w]),
        difference(x => vjp(circuit, method, x, cotangents, [v]), slots, w), DIFFERENCE)
    }
  })

  it('the two exact methods agree to rounding at third order, and directions commute', () => {
    const circuit = randomCircuit(random, 3, 8)
    const slots = randomSlots(random, circuit.slots)
    const cotangents = Float64Array.from({ length: resultWidth(circuit) }, () => random() - 0.5)
    const v = sparse(circuit), w = sparse(circuit)
    const shift = vjp(circuit, 'parameter_shift', slots, cotangents, [v, w])
    expectClose(vjp(circuit, 'adjoint', slots, cotangents, [v, w]), shift, EXACT)
    expectClose(vjp(circuit, 'parameter_shift', slots, cotangents, [w, v]), shift, EXACT)
  })

  it('the values along a direction are the vjp paired with it', () => {
    const circuit = randomCircuit(random, 3, 10)
    const slots = randomSlots(random, circuit.slots)
    const cotangents = Float64Array.from({ length: resultWidth(circuit) }, () => random() - 0.5)
    const v = sparse(circuit), w = sparse(circuit)
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, k) => sum + x * (b[k] as number), 0)
    expect(dot(values(circuit, 'adjoint', slots, [v, w]), cotangents))
      .toBeCloseTo(dot(vjp(circuit, 'adjoint', slots, cotangents, [w]), v), 10)
  })

  it('mixed and repeated derivatives by entries and angles are exact', () => {
    const { circuit, slots } = entryCircuit(random, everyMeasurement(4).slice(0, 3))
    const cotangents = Float64Array.from({ length: resultWidth(circuit) }, () => random() - 0.5)
    const v = sparse(circuit)
    const adjoint = vjp(circuit, 'adjoint', slots, cotangents, [v])
    expectClose(vjp(circuit, 'parameter_shift', slots, cotangents, [v]), adjoint, EXACT)
    // Plain runs refuse a matrix 1e-5 away from a unitary, so a difference of whole runs cannot be the oracle here; the
    // entry rules applied twice, without any sweep back, are.
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, k) => sum + x * (b[k] as number), 0)
    const w = sparse(circuit)
    expect(dot(adjoint, w)).toBeCloseTo(dot(values(circuit, 'adjoint', slots, [v, w]), cotangents), 10)
  })

  it('rx: D[1, 1]⟨Z⟩ = −cos θ, and the gradient of that is sin θ, with a row of its own for each batch', () => {
    const circuit: Circuit = {
      name: 'one', qubits: 1, operations: [placeGate('rx', [0], 0)], slots: 1,
      measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Z']] }] }],
    }
    const prepared = STATEVECTOR.prepare(circuit, 'parameter_shift')
    const angles = Float64Array.of(0.4, 1.9), ones = Float64Array.of(1, 1), out = new Float64Array(2)
    prepared.values(2, angles, [ones, Float64Array.of(1, 3)], out)
    expectClose(out, [-Math.cos(0.4), -3 * Math.cos(1.9)], 1e-15)
    prepared.vjp(2, angles, [ones, ones], ones, [0], out)
    expectClose(out, [Math.sin(0.4), Math.sin(1.9)], 1e-15)
  })

  it('finite differences are of first order only, and say so', () => {
    const circuit = randomCircuit(random, 2, 4)
    const slots = randomSlots(random, circuit.slots), v = sparse(circuit)
    const prepared = STATEVECTOR.prepare(circuit, 'finite_difference')
    const out = new Float64Array(resultWidth(circuit))
    prepared.values(1, slots, [v], out)
    expectClose(out, values(circuit, 'adjoint', slots, [v]), DIFFERENCE)
    expect(() => prepared.values(1, slots, [v, v], out)).toThrow('first derivatives only, but one of order 2')
    expect(() => prepared.vjp(1, slots, [v], out, [0], new Float64Array(circuit.slots))).toThrow('order 2')
  })
})
