import { describe, expect, it } from 'vitest'
import type { Circuit, Operation } from '../../../quantum/circuit'
import { PRIMITIVE_GATES } from '../../../quantum/gates'
import { applyAngle, type Angle } from '../../../quantum/interop/angle'
import { splitDense } from '../../../quantum/interop/decompose'
import { toOpenQasm2 } from '../../../quantum/interop/openqasm2'
import { toOpenQasm3 } from '../../../quantum/interop/openqasm3'
import { fromOpenQasm } from '../../../quantum/interop/openqasmImport'
import { denseUnitary, expectSameMatrix, pick, placeGate, PRIMITIVE_NAMES, randomCircuit, randomNumbers, randomSlots } from '../support'
import { expectSameUnitary, importedUnitary, overlap, randomDense } from './circuits'

/** About 30 gates of matrices with entries below 1, each rounding at 2^-53. */
const ROUNDING = 1e-13

describe('OpenQASM 3', () => {
  it.each(PRIMITIVE_NAMES)('the exported text of %s, plain, inverse and under controls, is read back to the same matrix', name => {
    const random = randomNumbers(150)
    for (const count of [0, 1, 2]) {
      const width = PRIMITIVE_GATES[name].qubits
      const places = pick(random, width + count, width + count)
      const controls = places.slice(width).map((wire, k) => ({ wire, value: k === 0 ? 1 as const : 0 as const }))
      const circuit: Circuit = {
        name, qubits: width + count, slots: 1, measurements: [],
        operations: [placeGate(name, places.slice(0, width), 0, controls, false), placeGate('h', [0], 0), placeGate(name, places.slice(0, width), 0, controls, true)],
      }
      expectSameUnitary(importedUnitary(fromOpenQasm(toOpenQasm3(circuit, [0.7]))), circuit, [0.7], ROUNDING)
    }
  })

  it.each([2, 3, 4])('random circuits of %i qubits are read back to the same matrix, global phase included', qubits => {
    const random = randomNumbers(160 + qubits)
    for (let trial = 0; trial < 20; trial++) {
      const circuit = randomCircuit(random, qubits, 15)
      const slots = randomSlots(random, circuit.slots)
      expectSameUnitary(importedUnitary(fromOpenQasm(toOpenQasm3(circuit, slots))), circuit, slots, ROUNDING)
    }
  })

  it.each([2, 3, 4])('random circuits of %i qubits come through OpenQASM 2 up to a global phase', qubits => {
    const random = randomNumbers(170 + qubits)
    for (let trial = 0; trial < 10; trial++) {
      const circuit = randomCircuit(random, qubits, 15)
      const slots = randomSlots(random, circuit.slots)
      const again = importedUnitary(fromOpenQasm(toOpenQasm2(circuit, slots)))
      expect(overlap(again, denseUnitary(circuit.operations, qubits, slots))).toBeCloseTo(1, 12)
    }
  })

  it('writes controls, inverses and definitions as the specification has them', () => {
    const operations: readonly Operation[] = [
      placeGate('s', [1], 0, [{ wire: 0, value: 1 }, { wire: 2, value: 0 }], true),
      { kind: 'pauli_rotation', wires: [0, 1, 2], word: 'XIZ', controls: [], angle: { slot: 0 } },
      { kind: 'global_phase', wires: [], controls: [{ wire: 0, value: 1 }], angle: { value: Math.PI / 2 } },
    ]
    const theta: Angle = { name: 'θ', indices: [] }
    expect(toOpenQasm3({ name: 'c', qubits: 3, operations, slots: 1, measurements: [] }, [theta])).toBe([
      'OPENQASM 3.0;',
      'include "stdgates.inc";',
      'input float[64] θ;',
      'gate pauli_rotation_xz(theta) q0, q1 { h q0; cx q0, q1; rz(theta) q1; cx q0, q1; h q0; }',
      'qubit[3] q;',
      'ctrl @ negctrl @ inv @ s q[2], q[0], q[1];',
      'pauli_rotation_xz(θ) q[2], q[0];',
      'ctrl @ gphase(pi/2) q[2];',
      '',
    ].join('\n'))
  })

  it('parameters become inputs under names that nothing else has, and are read back', () => {
    const slots: readonly Angle[] = [
      { name: 'x', indices: [] }, applyAngle('mul', 2, { name: 'w', indices: [0, 1] }),
      applyAngle('div', applyAngle('sub', Math.PI, applyAngle('add', { name: 'x', indices: [] }, 1)), { name: 'w', indices: [0, 1] }),
      applyAngle('neg', applyAngle('pow', applyAngle('sin', { name: 'w', indices: [2, 0] }), 2)),
      applyAngle('tanh', { name: 'x', indices: [] }),
    ]
    const circuit: Circuit = { name: 'c', qubits: 1, slots: 5, measurements: [], operations: slots.map((_, slot) => placeGate(slot % 2 ? 'rz' : 'ry', [0], slot)) }
    const text = toOpenQasm3(circuit, slots)
    expect(text.split('\n').filter(line => /^(input|r)/.test(line))).toEqual([
      // x is a gate there; OpenQASM has no tanh.
      'input float[64] x_;', 'input float[64] w_0_1;', 'input float[64] w_2_0;', 'input float[64] slot_4;',
      'ry(x_) q[0];', 'rz(2*w_0_1) q[0];', 'ry((pi - (x_ + 1))/w_0_1) q[0];', 'rz(-sin(w_2_0)**2) q[0];', 'ry(slot_4) q[0];',
    ])
    const again = fromOpenQasm(text)
    expect(again.parameters).toEqual(['x_', 'w_0_1', 'w_2_0', 'slot_4'])
    const [x, w, v, last] = [0.3, 1.7, -0.4, 0.9]
    const numbers = [x, 2 * w, (Math.PI - (x + 1)) / w, -(Math.sin(v) ** 2), last]
    expectSameUnitary(importedUnitary(again, { x_: x, w_0_1: w, w_2_0: v, slot_4: last }), circuit, numbers, ROUNDING)
  })

  it('amplitudes and dense matrices become rotations under controls, exactly', () => {
    const random = randomNumbers(180)
    for (const wires of [[0], [1, 0], [0, 2, 1]]) {
      const dense = randomDense(random, wires)
      const controlled = { ...dense, controls: [{ wire: 3, value: 0 as const }] }
      expectSameMatrix(denseUnitary(splitDense(controlled, []), 4, []), denseUnitary([controlled], 4, []), ROUNDING, `on ${wires.length} wires`)
      const size = 2 ** wires.length
      const column = (entries: typeof dense.re) => entries.filter((_, e) => e % size === 0)
      const made = denseUnitary(splitDense({ kind: 'amplitudes', wires, controls: [], re: column(dense.re), im: column(dense.im) }, []), 3, [])
      const wanted = denseUnitary([dense], 3, [])
      for (let row = 0; row < 8; row++) {
        expect(made.re[row * 8]).toBeCloseTo(wanted.re[row * 8] ?? NaN, 13)
        expect(made.im[row * 8]).toBeCloseTo(wanted.im[row * 8] ?? NaN, 13)
      }
    }
  })

  it('permutations, diagonals and the identity are split without a gate too many', () => {
    const constants = (entries: readonly number[]) => entries.map(value => ({ value }))
    const dense = (re: readonly number[], im: readonly number[] = re.map(() => 0)) =>
      ({ kind: 'unitary', wires: re.length === 4 ? [0] : [0, 1], controls: [], re: constants(re), im: constants(im) }) as const
    const swap = dense([1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1])
    const phase = dense([0, 0, 0, 1], [1, 0, 0, 0])
    for (const operation of [swap, phase]) {
      expectSameMatrix(denseUnitary(splitDense(operation, []), 2, []), denseUnitary([operation], 2, []), ROUNDING)
    }
    expect(splitDense(dense([1, 0, 0, 1]), [])).toEqual([])
  })

  it('amplitudes that are not numbers yet are asked for', () => {
    const operation: Operation = { kind: 'amplitudes', wires: [0], controls: [], re: [{ slot: 0 }, { value: 0 }], im: [{ value: 0 }, { value: 0 }] }
    expect(() => toOpenQasm3({ name: 'c', qubits: 1, operations: [operation], slots: 1, measurements: [] }, [{ name: 'x', indices: [] }]))
      .toThrow('amplitudes must be numbers')
  })
})
