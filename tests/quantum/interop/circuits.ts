/** States of circuits by whole matrices, and circuits that no table gate makes, for the tests of formats. */
import { expect } from 'vitest'
import type { Circuit, Operand, Operation, UnitaryOperation } from '../../../quantum/circuit'
import { printAngle, substituteAngle, type Angle } from '../../../quantum/interop/angle'
import type { ImportedCircuit } from '../../../quantum/interop/openqasmImport'
import { multiplyMatrices, type ComplexMatrix } from '../../../quantum/linearAlgebra'
import { denseUnitary, expectSameMatrix } from '../support'

/** |Tr(A† B)|/size: 1 where the two differ by a global phase alone. */
export function overlap(a: ComplexMatrix, b: ComplexMatrix): number {
  let re = 0, im = 0
  for (let e = 0; e < a.re.length; e++) {
    const [ar, ai, br, bi] = [a.re[e] ?? 0, a.im[e] ?? 0, b.re[e] ?? 0, b.im[e] ?? 0]
    re += ar * br + ai * bi
    im += ar * bi - ai * br
  }
  return Math.hypot(re, im) / a.size
}

/** The unitary of an imported circuit, its inputs set by name. */
export function importedUnitary({ circuit, slots }: ImportedCircuit, inputs: Readonly<Record<string, number>> = {}): ComplexMatrix {
  const values = slots.map(angle => numberOf(angle, inputs))
  return denseUnitary(circuit.operations, circuit.qubits, values)
}

export function numberOf(angle: Angle, inputs: Readonly<Record<string, number>>): number {
  const value = substituteAngle(angle, ({ name, indices }) => inputs[[name, ...indices].join('_')] ?? NaN)
  if (typeof value !== 'number') throw new Error(printAngle(value, { number: String, parameter: ({ name }) => name }))
  return value
}

/** A unitary from random Euler angles and entanglers: dense, and known to be unitary by construction. */
export function randomDense(random: () => number, wires: readonly number[]): UnitaryOperation & { readonly kind: 'unitary' } {
  const places = wires.map((_, at) => at)
  const layer = (): readonly Operation[] => [
    ...places.flatMap((wire): readonly Operation[] => (['rz', 'ry', 'rz'] as const).map(name => ({ kind: 'gate', name, wires: [wire], controls: [], angles: [{ value: 7 * random() }], inverse: false }))),
    ...places.slice(1).map((wire): Operation => ({ kind: 'gate', name: 'cx', wires: [wire - 1, wire], controls: [], angles: [], inverse: false })),
    { kind: 'global_phase', wires: [], controls: [], angle: { value: random() } },
  ]
  const matrix = multiplyMatrices(denseUnitary(layer(), wires.length, []), denseUnitary(layer(), wires.length, []))
  const operands = (entries: Float64Array): readonly Operand[] => Array.from(entries, value => ({ value }))
  return { kind: 'unitary', wires, controls: [], re: operands(matrix.re), im: operands(matrix.im) }
}

export function expectSameUnitary(actual: ComplexMatrix, circuit: Circuit, slots: ArrayLike<number>, tolerance: number): void {
  expectSameMatrix(actual, denseUnitary(circuit.operations, circuit.qubits, slots), tolerance, circuit.name)
  expect(actual.size).toBe(2 ** circuit.qubits)
}
