/**
 * The metric of states, against closed forms and against what density matrices say: with ρ = |ψ⟩⟨ψ|,
 * F_jk = ½ Tr(∂ⱼρ ∂ₖρ) − ½ ∂ⱼTr ρ ∂ₖTr ρ, the derivatives of ρ by shifts, which share nothing with the metric but `apply`.
 */
import { describe, expect, it } from 'vitest'
import { resultWidth, withOperands, type Circuit, type Control, type Operation } from '../../../quantum/circuit'
import { DENSITY } from '../../../quantum/engines/density'
import { STATEVECTOR } from '../../../quantum/engines/statevector'
import { PRIMITIVE_GATES } from '../../../quantum/gates'
import { ANGLE_NAMES, expectClose, placeGate, randomCircuit, randomNumbers, randomSlots } from '../support'

/** Sums of some tens of products of numbers of size 1. */
const EXACT = 1e-11

function metric(circuit: Circuit, slots: Float64Array, batch = 1): Float64Array {
  const out = new Float64Array(batch * circuit.slots ** 2).fill(NaN)
  STATEVECTOR.prepare(circuit, 'adjoint').metric(batch, slots, Array.from({ length: circuit.slots }, (_, slot) => slot), out)
  return out
}

function byDensity(given: Circuit, slots: Float64Array): Float64Array {
  const circuit: Circuit = { ...given, measurements: [{ kind: 'density', wires: Array.from({ length: given.qubits }, (_, wire) => wire) }] }
  const size = 2 ** given.qubits
  const prepared = STATEVECTOR.prepare(circuit, 'parameter_shift')
  const slopes = Array.from(slots, (_, slot) => {
    const out = new Float64Array(resultWidth(circuit))
    prepared.values(1, slots, [slots.map((__, other) => Number(other === slot))], out)
    return { out, trace: Array.from({ length: size }, (__, i) => out[i * size + i] ?? NaN).reduce((sum, x) => sum + x, 0) }
  })
  // ρ is Hermitian, so Tr(AB) = Σ Re A Re B + Im A Im B.
  return Float64Array.from(slopes.flatMap(a => slopes.map(b => (a.out.reduce((sum, x, e) => sum + x * (b.out[e] ?? NaN), 0) - a.trace * b.trace) / 2)))
}

/** Some entangled state, and the operations. */
function after(operations: readonly Operation[], qubits: number, slots: number): Circuit {
  const before = Array.from({ length: qubits }, (_, wire) => placeGate('ry', [wire], slots + wire))
  const entangle = Array.from({ length: qubits - 1 }, (_, wire) => placeGate('cx', [wire, wire + 1], 0))
  return { name: 'test', qubits, operations: [...before, ...entangle, ...operations], slots: slots + qubits, measurements: [] }
}

describe('the metric', () => {
  it('is ¼ for rx on |0⟩, whatever the angle, and 0 for rz there', () => {
    const one = (name: 'rx' | 'rz'): Circuit => ({ name, qubits: 1, operations: [placeGate(name, [0], 0)], slots: 1, measurements: [] })
    expectClose(metric(one('rx'), Float64Array.of(0, 0.7, -3), 3), [0.25, 0.25, 0.25], 1e-15)
    expectClose(metric(one('rz'), Float64Array.of(0.4)), [0], 1e-15)
  })

  it('of ry(a), rz(b) is the sphere\'s, ¼(da² + sin²a db²)', () => {
    const circuit: Circuit = { name: 'sphere', qubits: 1, operations: [placeGate('ry', [0], 0), placeGate('rz', [0], 1)], slots: 2, measurements: [] }
    expectClose(metric(circuit, Float64Array.of(0.9, 0.3)), [0.25, 0, 0, Math.sin(0.9) ** 2 / 4], 1e-15)
  })

  it.each(ANGLE_NAMES)('of %s, alone and under controls, is that of density matrices', name => {
    const { qubits } = PRIMITIVE_GATES[name]
    const wires = Array.from({ length: qubits }, (_, wire) => wire)
    for (const values of [[], [1], [0, 1]] as const) {
      const controls: Control[] = values.map((value, k) => ({ wire: qubits + k, value }))
      const circuit = after([{ kind: 'gate', name, wires, controls, angles: [{ slot: 0 }], inverse: false }], qubits + values.length, 1)
      const slots = randomSlots(randomNumbers(5), circuit.slots)
      expectClose(metric(circuit, slots), byDensity(circuit, slots), EXACT)
    }
  })

  it('of evolutions and Pauli rotations is that of density matrices', () => {
    const hamiltonian = [{ coefficient: 0.7, word: [[0, 'X'], [1, 'Y']] }, { coefficient: -0.4, word: [[0, 'Z']] }] as const
    const circuit = after([
      { kind: 'evolution', wires: [0, 1], controls: [{ wire: 2, value: 1 }], hamiltonian, angle: { slot: 0 } },
      { kind: 'pauli_rotation', wires: [0, 1, 2], controls: [], word: 'XYZ', angle: { slot: 1 } },
      { kind: 'global_phase', wires: [], controls: [{ wire: 0, value: 0 }], angle: { slot: 2 } },
    ], 3, 3)
    const slots = randomSlots(randomNumbers(6), circuit.slots)
    expectClose(metric(circuit, slots), byDensity(circuit, slots), EXACT)
  })

  it('by the entries of amplitudes and matrices is that of density matrices', () => {
    const [c, s] = [Math.cos(0.4), Math.sin(0.4)]
    const slot = (from: number, count: number) => Array.from({ length: count }, (_, k) => ({ slot: from + k }))
    const circuit: Circuit = {
      name: 'entries', qubits: 2, slots: 17, measurements: [],
      operations: [
        { kind: 'amplitudes', wires: [1, 0], controls: [], re: slot(0, 4), im: slot(4, 4) },
        placeGate('ry', [0], 16),
        { kind: 'unitary', wires: [1], controls: [{ wire: 0, value: 1 }], re: slot(8, 4), im: slot(12, 4) },
      ],
    }
    // Of norm 1, and a unitary: elsewhere ρ has another scale.
    const slots = Float64Array.of(0.5, -Math.sqrt(0.02), 0.5, 0.5, 0.1, 0.2, -0.3, 0.3, c, 0, 0, c, 0, s, s, 0, 1.1)
    expectClose(metric(circuit, slots), byDensity(circuit, slots), EXACT)
  })

  it.each([1, 2, 3])('of random circuits of %i qubits is that of density matrices, row by row', qubits => {
    const random = randomNumbers(80 + qubits)
    const circuit = randomCircuit(random, qubits, 12)
    const slots = randomSlots(random, 2 * circuit.slots)
    const rows = [slots.slice(0, circuit.slots), slots.slice(circuit.slots)]
    expectClose(metric(circuit, slots, 2), rows.flatMap(row => [...byDensity(circuit, row)]), EXACT)
  })

  it('by some of the slots is that part of the whole, and keeps no state for the others', () => {
    const random = randomNumbers(70)
    const amplitudes: Operation = { kind: 'amplitudes', wires: [0, 1, 2], controls: [], re: Array.from({ length: 8 }, (_, slot) => ({ slot })), im: Array.from({ length: 8 }, (_, slot) => ({ slot: 8 + slot })) }
    const plain = randomCircuit(random, 3, 6)
    const shifted = plain.operations.map(operation => withOperands(operation, operand => ('slot' in operand ? { slot: operand.slot + 16 } : operand)))
    const circuit: Circuit = { ...plain, operations: [amplitudes, ...shifted], slots: plain.slots + 16 }
    const entries = randomSlots(random, 16), norm = Math.hypot(...entries)
    const slots = Float64Array.of(...entries.map(x => x / norm), ...randomSlots(random, plain.slots))
    const whole = metric(circuit, slots)
    const active = [2, 9, 16, 18, circuit.slots - 1]
    const part = new Float64Array(active.length ** 2).fill(NaN)
    STATEVECTOR.prepare(circuit, 'adjoint').metric(1, slots, active, part)
    // The same sums of the same states.
    expectClose(part, active.flatMap(j => active.map(k => whole[j * circuit.slots + k] ?? NaN)), 0)
    // 1 MiB a state: by all slots more than 2 GiB, which the next test refuses; by two of them, six states.
    const large: Circuit = { name: 'large', qubits: 16, slots: 2100, operations: [placeGate('rx', [0], 5), placeGate('ry', [1], 2000)], measurements: [] }
    const few = new Float64Array(4)
    STATEVECTOR.prepare(large, 'adjoint').metric(1, new Float64Array(2100), [5, 2000], few)
    expectClose(few, [0.25, 0, 0, 0.25], 1e-15)
  })

  it('is refused for density matrices, and where its states do not fit', () => {
    const noisy: Circuit = { name: 'noisy', qubits: 1, slots: 1, operations: [{ kind: 'channel', name: 'bit_flip', wires: [0], controls: [], parameter: { slot: 0 } }], measurements: [] }
    expect(() => DENSITY.prepare(noisy, 'adjoint').metric(1, Float64Array.of(0.1), [0], new Float64Array(1))).toThrow('circuit noisy has channels')
    // 1 MiB a state.
    const large: Circuit = { name: 'large', qubits: 16, slots: 2100, operations: [], measurements: [] }
    expect(() => metric(large, new Float64Array(2100))).toThrow('circuit large: a metric by 2100 slots keeps as many states of 16 qubits, more than 2 GiB')
  })
})
