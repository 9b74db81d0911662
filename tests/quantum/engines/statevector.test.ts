import { describe, expect, it } from 'vitest'
import { resultWidth, type Circuit, type Measurement, type Operand, type Operation } from '../../../quantum/circuit'
import { STATEVECTOR } from '../../../quantum/engines/statevector'
import { PRIMITIVE_GATES } from '../../../quantum/gates'
import { inverseOf } from '../../../quantum/operations'
import {
  denseValues, everyMeasurement, expectClose, matrixExponential, pick, placeGate, PRIMITIVE_NAMES, randomCircuit,
  randomNumbers, randomSlots,
} from '../support'
import { scaleMatrix } from '../../../quantum/linearAlgebra'

// States of up to 32 amplitudes through up to 30 gates: some thousand roundings of 2^−53, in the worst case aligned.
const ROUNDING = 1e-12

function run(circuit: Circuit, slots: Float64Array, batch = 1): Float64Array {
  const out = new Float64Array(batch * resultWidth(circuit))
  STATEVECTOR.prepare(circuit, 'adjoint').values(batch, slots, [], out)
  return out
}

function expectation(letter: 'X' | 'Y' | 'Z' | '0' | '1', wire: number): Measurement {
  return { kind: 'expectation', terms: [{ coefficient: 1, word: [[wire, letter]] }] }
}

function circuitOf(operations: readonly Operation[], qubits: number, slots: number, measurements: readonly Measurement[]): Circuit {
  return { name: 'test', operations, qubits, slots, measurements }
}

const constants = (values: ArrayLike<number>): Operand[] => Array.from(values, value => ({ value }))

describe('the statevector engine agrees with whole matrices', () => {
  it.each([1, 2, 3, 4, 5])('for random circuits of %i qubits, controlled on 0 and 1', qubits => {
    const random = randomNumbers(10 + qubits)
    for (let trial = 0; trial < 12; trial++) {
      const circuit = randomCircuit(random, qubits, 20)
      const slots = randomSlots(random, circuit.slots)
      expectClose(run(circuit, slots), denseValues(circuit, slots), ROUNDING, `trial ${trial}`)
    }
  })

  it.each(PRIMITIVE_NAMES)('for %s on every order of wires, plain, inverse, and under one and two controls', name => {
    const random = randomNumbers(20)
    const width = PRIMITIVE_GATES[name].qubits
    for (const count of [0, 1, 2]) {
      const qubits = Math.min(6, width + count + 1)
      for (const inverse of [false, true]) {
        const places = pick(random, qubits, width + count)
        const controls = places.slice(width).map(wire => ({ wire, value: random() < 0.5 ? 0 as const : 1 as const }))
        const operations = [
          ...Array.from({ length: qubits }, (_, wire) => placeGate('ry', [wire], 2 * wire)),
          ...Array.from({ length: qubits }, (_, wire) => placeGate('rz', [wire], 2 * wire + 1)),
          placeGate('rxx', [0, 1], 2 * qubits + 1),
          placeGate(name, places.slice(0, width), 2 * qubits, controls, inverse),
        ]
        // Reading the whole density matrix would hide nothing, but a few numbers suffice after random rotations.
        const circuit = circuitOf(operations, qubits, 2 * qubits + 2, everyMeasurement(qubits))
        const slots = randomSlots(random, circuit.slots)
        expectClose(run(circuit, slots), denseValues(circuit, slots), ROUNDING, `${count} controls, inverse ${inverse}`)
      }
    }
  })

  it('for dense matrices under controls and amplitudes beside other wires', () => {
    const random = randomNumbers(30)
    for (let trial = 0; trial < 10; trial++) {
      const { operations, slots } = entryCircuit(random)
      const circuit = circuitOf(operations, 4, slots.length, everyMeasurement(4))
      expectClose(run(circuit, slots), denseValues(circuit, slots), ROUNDING)
    }
  })
})

/** Amplitudes on wires 2, 0 after gates on 1, 3; then gates, and a controlled 4×4 unitary; entries in slots. */
function entryCircuit(random: () => number): { operations: readonly Operation[]; slots: Float64Array } {
  const generator = randomHermitian(random, 4)
  const unitary = matrixExponential(scaleMatrix(generator, 0, 1))
  const raw = Array.from({ length: 8 }, () => random() - 0.5)
  const norm = Math.hypot(...raw)
  const numbers = [...raw.map(x => x / norm), ...unitary.re, ...unitary.im, 0.3, -1.2]
  const slot = (from: number, count: number) => Array.from({ length: count }, (_, k) => ({ slot: from + k }))
  return {
    slots: Float64Array.from(numbers),
    operations: [
      placeGate('h', [1], 0), placeGate('ry', [3], 40),
      { kind: 'amplitudes', wires: [2, 0], controls: [], re: slot(0, 4), im: slot(4, 4) },
      placeGate('cx', [1, 2], 0), placeGate('crx', [0, 3], 41),
      { kind: 'unitary', wires: [3, 1], controls: [{ wire: 2, value: 0 }], re: slot(8, 16), im: slot(24, 16) },
    ],
  }
}

function randomHermitian(random: () => number, size: number) {
  const re = new Float64Array(size * size), im = new Float64Array(size * size)
  for (let r = 0; r < size; r++) {
    for (let c = r; c < size; c++) {
      re[r * size + c] = re[c * size + r] = random() - 0.5
      if (r !== c) {
        im[r * size + c] = random() - 0.5
        im[c * size + r] = -(im[r * size + c] as number)
      }
    }
  }
  return { size, re, im }
}

describe('closed forms', () => {
  it('rx(θ) gives ⟨Z⟩ = cos θ and ⟨Y⟩ = −sin θ, row by row', () => {
    const circuit = circuitOf([placeGate('rx', [0], 0)], 1, 1, [expectation('Z', 0), expectation('Y', 0)])
    expectClose(run(circuit, Float64Array.of(0.3, 2, -1), 3),
      [0.3, 2, -1].flatMap(x => [Math.cos(x), -Math.sin(x)]), 1e-15)
  })

  it('a Bell state has the correlations ⟨XX⟩ = 1, ⟨YY⟩ = −1, ⟨ZZ⟩ = 1 and mixed halves', () => {
    const pair = (letter: 'X' | 'Y' | 'Z'): Measurement =>
      ({ kind: 'expectation', terms: [{ coefficient: 1, word: [[0, letter], [1, letter]] }] })
    const circuit = circuitOf(
      [placeGate('h', [0], 0), placeGate('cx', [0, 1], 0)], 2, 0,
      [pair('X'), pair('Y'), pair('Z'), { kind: 'density', wires: [1] }, { kind: 'probabilities', wires: [0, 1] }])
    expectClose(run(circuit, new Float64Array(0)), [1, -1, 1, 0.5, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0.5], 1e-15)
  })

  it('wire 0 is the most significant bit, and probabilities follow the order of their wires', () => {
    const circuit = circuitOf([placeGate('x', [0], 0)], 3, 0, [
      { kind: 'probabilities', wires: [0, 1, 2] }, { kind: 'probabilities', wires: [2, 0] },
    ])
    expect([...run(circuit, new Float64Array(0))]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, /* */ 0, 1, 0, 0])
  })

  it('a global phase is seen under a control only: h, ctrl gphase(γ), h gives ⟨Z⟩ = cos γ', () => {
    const phase = (controls: Operation['controls']): Operation =>
      ({ kind: 'global_phase', wires: [], controls, angle: { slot: 0 } })
    for (const [controls, expected] of [[[], 1], [[{ wire: 0, value: 1 }], Math.cos(0.8)]] as const) {
      const circuit = circuitOf([placeGate('h', [0], 0), phase(controls), placeGate('h', [0], 0)], 1, 1, [expectation('Z', 0)])
      expectClose(run(circuit, Float64Array.of(0.8)), [expected], 1e-15)
    }
  })

  it('expectations of projectors are probabilities, and a number is that multiple of 1', () => {
    const circuit = circuitOf([placeGate('ry', [0], 0)], 2, 1, [
      expectation('0', 0), expectation('1', 0), { kind: 'expectation', terms: [{ coefficient: 2.5, word: [] }] },
    ])
    expectClose(run(circuit, Float64Array.of(0.7)), [Math.cos(0.35) ** 2, Math.sin(0.35) ** 2, 2.5], 1e-15)
  })
})

describe('inverses', () => {
  it('a random circuit followed by its inverse, backwards, is the identity', () => {
    const random = randomNumbers(40)
    for (let trial = 0; trial < 10; trial++) {
      const { operations, slots, qubits } = randomCircuit(random, 4, 15)
      // Negated angles live in slots of their own.
      const back = operations.map(operation =>
        inverseOf(operation, operand => 'slot' in operand ? { slot: operand.slot + slots } : { value: -operand.value }))
      const circuit = circuitOf([...operations, ...back.reverse()], qubits, 2 * slots, [
        { kind: 'probabilities', wires: [0, 1, 2, 3] }])
      const angles = randomSlots(random, slots)
      const values = run(circuit, Float64Array.from([...angles, ...angles.map(x => -x)]))
      expectClose(values, Float64Array.from({ length: 16 }, (_, k) => Number(k === 0)), ROUNDING)
    }
  })

  it('the inverse of a dense matrix is its conjugate transpose', () => {
    const unitary = matrixExponential(scaleMatrix(randomHermitian(randomNumbers(41), 4), 0, 1))
    const operation: Operation = {
      kind: 'unitary', wires: [1, 0], controls: [], re: constants(unitary.re), im: constants(unitary.im),
    }
    const back = inverseOf(operation, operand => 'value' in operand ? { value: -operand.value } : operand)
    const circuit = circuitOf([operation, back], 2, 0, [{ kind: 'probabilities', wires: [0, 1] }])
    expectClose(run(circuit, new Float64Array(0)), [1, 0, 0, 0], ROUNDING)
  })

  it('that of amplitudes is |0…0⟩⟨a|, which takes the overlap with the prepared state', () => {
    const operation: Operation = { kind: 'amplitudes', wires: [0], controls: [], re: [{ value: 0.6 }, { value: 0 }], im: [{ value: 0 }, { value: 0.8 }] }
    const overlap = (operations: readonly Operation[]) => {
      const circuit: Circuit = { name: 'overlap', qubits: 1, operations, slots: 0, measurements: [{ kind: 'probabilities', wires: [0] }] }
      const out = new Float64Array(2)
      STATEVECTOR.prepare(circuit, 'adjoint').values(1, new Float64Array(0), [], out)
      return out
    }
    const back = inverseOf(operation, operand => operand)
    expectClose(overlap([operation, back]), [1, 0], 1e-15)
    // |⟨a|0⟩|² = 0.36, and the norm is lost.
    expectClose(overlap([back]), [0.36, 0], 1e-15)
  })
})

describe('errors', () => {
  const dense = (re: readonly number[]): Circuit => circuitOf([{
    kind: 'unitary', wires: [0], controls: [],
    re: re.map((_, slot) => ({ slot })), im: constants([0, 0, 0, 0]),
  }], 2, 4, [expectation('Z', 0)])

  it('a matrix that is not unitary names the circuit, the wires, the row and the deviation', () => {
    const prepared = STATEVECTOR.prepare(dense([1, 0, 0, 1]), 'adjoint')
    const out = new Float64Array(2)
    expect(() => prepared.values(2, Float64Array.of(1, 0, 0, 1, 1, 0, 0, 1.01), [], out))
      .toThrow(/circuit test: the matrix of `unitary` is not unitary: .* 0\.0201, .* \(operation 0 on q\[0\], batch row 1\)/)
    expect(() => prepared.values(1, Float64Array.of(1, 0, 0, NaN), [], new Float64Array(1))).toThrow('not unitary')
    expect(() => prepared.values(1, Float64Array.of(1, 0, 0, 1 + 4e-7), [], new Float64Array(1))).not.toThrow()
  })

  const malformed: readonly (readonly [string, Circuit, string])[] = [
    ['a slot with two readers', circuitOf([placeGate('rx', [0], 0), placeGate('rx', [0], 0)], 1, 1, []), 'slot 0 is also read'],
    ['a slot that is not there', circuitOf([placeGate('rx', [0], 1)], 1, 1, []), 'no slot 1'],
    ['a wire that is not there', circuitOf([placeGate('x', [1], 0)], 1, 0, []), 'no wire 1'],
    ['one wire twice', circuitOf([placeGate('cx', [0, 0], 0)], 1, 0, []), 'used twice'],
    ['a control on its own target', circuitOf([placeGate('x', [0], 0, [{ wire: 0, value: 1 }])], 1, 0, []), 'used twice'],
    ['too few wires', circuitOf([placeGate('cx', [0], 0)], 1, 0, []), 'cx takes 2 wires'],
    ['too many qubits', circuitOf([], 31, 0, []), 'holds 1 to 30'],
    ['a word of the wrong length', circuitOf([
      { kind: 'pauli_rotation', wires: [0], controls: [], word: 'XX', angle: { value: 1 } }], 1, 0, []), 'not a Pauli word'],
    ['amplitudes after a gate', circuitOf([
      placeGate('x', [0], 0),
      { kind: 'amplitudes', wires: [0], controls: [], re: constants([1, 0]), im: constants([0, 0]) }], 1, 0, []), 'stand first'],
    ['a measurement of one wire twice', circuitOf([], 2, 0, [{ kind: 'probabilities', wires: [1, 1] }]), 'measurement 0'],
  ]
  it.each(malformed)('%s is refused', (_, circuit, message) => {
    expect(() => STATEVECTOR.prepare(circuit, 'adjoint')).toThrow(message)
  })

  it('arrays of the wrong length are refused with both lengths', () => {
    const prepared = STATEVECTOR.prepare(dense([1, 0, 0, 1]), 'adjoint')
    expect(() => prepared.values(1, new Float64Array(3), [], new Float64Array(1))).toThrow('expected 4 numbers, found 3')
  })
})
