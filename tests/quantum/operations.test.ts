import { describe, expect, it } from 'vitest'
import type { Operand, Operation, TableGate } from '../../quantum/circuit'
import { PRIMITIVE_GATES } from '../../quantum/gates'
import { conjugateTranspose, matrixPower } from '../../quantum/linearAlgebra'
import { controlled, inverseOf, powerOf } from '../../quantum/operations'
import { denseUnitary, embed, expectSameMatrix, PRIMITIVE_NAMES, randomNumbers } from './support'

const negate = (operand: Operand): Operand => 'value' in operand ? { value: -operand.value } : operand

function gate(name: TableGate['name'], inverse = false): TableGate {
  const row = PRIMITIVE_GATES[name]
  return {
    kind: 'gate', name, wires: Array.from({ length: row.qubits }, (_, k) => k), controls: [],
    angles: row.angles.map(() => ({ value: 0.7 })), inverse,
  }
}

const FIXED = PRIMITIVE_NAMES.filter(name => PRIMITIVE_GATES[name].kind === 'fixed')

describe('operations from operations', () => {
  it.each(PRIMITIVE_NAMES)('the inverse of %s has the conjugate transposed matrix', name => {
    const { qubits } = PRIMITIVE_GATES[name]
    expectSameMatrix(
      denseUnitary([inverseOf(gate(name), negate)], qubits, []),
      conjugateTranspose(denseUnitary([gate(name)], qubits, [])), 1e-14)
  })

  it.each(FIXED)('a power of %s or of its inverse is the power of the whole matrix, controls included', name => {
    const { qubits } = PRIMITIVE_GATES[name]
    for (const inverse of [false, true]) {
      const whole = denseUnitary([gate(name, inverse)], qubits, [])
      // An eigensystem of 8 levels is accurate to some 1e-15; a third as power keeps that.
      expectSameMatrix(denseUnitary([powerOf(gate(name, inverse), 1 / 3)], qubits, []), matrixPower(whole, 1 / 3), 1e-12)
    }
  })

  it('a power of a power is the power by the product', () => {
    const quarter = powerOf(powerOf(gate('cx'), 0.5), 0.5)
    expectSameMatrix(denseUnitary([quarter], 2, []), denseUnitary([powerOf(gate('cx'), 0.25)], 2, []), 1e-12)
  })

  it('a power of a gate with an angle, or of a matrix with slots, is refused', () => {
    expect(() => powerOf(gate('crx'), 0.5)).toThrow('scales its angle')
    const slots: Operand[] = Array.from({ length: 4 }, (_, slot) => ({ slot }))
    expect(() => powerOf({ kind: 'unitary', wires: [0], controls: [], re: slots, im: slots }, 0.5)).toThrow('only a matrix that is known')
  })

  it('controls are added before those that are there', () => {
    const random = randomNumbers(5)
    const rotation: Operation = {
      kind: 'pauli_rotation', word: 'XY', wires: [2, 3], controls: [{ wire: 1, value: 0 }], angle: { value: random() },
    }
    const both = controlled(rotation, [{ wire: 0, value: 1 }])
    expect(both.controls).toEqual([{ wire: 0, value: 1 }, { wire: 1, value: 0 }])
    const local = denseUnitary([{ ...rotation, wires: [0, 1], controls: [] }], 2, [])
    expectSameMatrix(denseUnitary([both], 4, []), embed(local, [2, 3], both.controls, 4), 1e-14)
  })
})
