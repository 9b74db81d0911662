import { describe, expect, it } from 'vitest'
import {
  builtInControls, controlledMatrix, expandGate, GATE_NAMES, GATES, isGateName, PRIMITIVE_GATES, type GateName, type PrimitiveGateName,
} from '../../quantum/gates'
import { GATE_SHAPES } from '../../quantum/gateShapes'
import {
  conjugateTranspose, hermitianEigensystem, matrixFromRows, scaleMatrix, unitaryDeviation,
} from '../../quantum/linearAlgebra'
import { ANGLE_NAMES, denseUnitary, expectClose, expectSameMatrix, matrixExponential, randomNumbers } from './support'

// Sums of at most 16 products of numbers up to 1: a few times 16·2^−53.
const ROUNDING = 1e-13

const random = randomNumbers(1)
const anglesFor = (name: GateName) => GATES[name].angles.map(() => (random() - 0.5) * 12)

describe('the table of gates', () => {
  it('has every gate of the language', () => {
    expect([...GATE_NAMES].sort()).toEqual([
      'id', 'x', 'y', 'z', 'h', 's', 'sdg', 't', 'tdg', 'sx', 'rx', 'ry', 'rz', 'p', 'cx', 'cy', 'cz', 'ch', 'swap', 'iswap',
      'ccx', 'cswap', 'crx', 'cry', 'crz', 'cp', 'rxx', 'ryy', 'rzz', 'rzx', 'single_excitation', 'double_excitation', 'u',
      'rot', 'crot',
    ].sort())
    expect(isGateName('rx')).toBe(true)
    expect(isGateName('toString')).toBe(false)
  })

  it.each(GATE_NAMES)('%s is unitary, of the size of its qubits, and documented', name => {
    const gate = GATES[name]
    const matrix = gate.matrix(anglesFor(name))
    expect(matrix.size).toBe(2 ** gate.qubits)
    if (gate.kind !== 'composite') expect(GATE_SHAPES[name as PrimitiveGateName].qubits).toBe(gate.qubits)
    expect(unitaryDeviation(matrix)).toBeLessThan(ROUNDING)
    expect(gate.doc).toMatch(/\.$/)
  })

  it.each(ANGLE_NAMES)('%s is exp(−iθG) by an exponential series', name => {
    const gate = PRIMITIVE_GATES[name]
    if (gate.kind !== 'angle') throw new Error('not an angle gate')
    for (const angle of [0, 0.3, -2.5, Math.PI, 5]) {
      expectSameMatrix(gate.matrix([angle]), matrixExponential(scaleMatrix(gate.generator, 0, -angle)), ROUNDING)
    }
  })

  it.each(ANGLE_NAMES)('the spectrum of %s is that of its generator, which is Hermitian', name => {
    const gate = PRIMITIVE_GATES[name]
    if (gate.kind !== 'angle') throw new Error('not an angle gate')
    expectSameMatrix(conjugateTranspose(gate.generator), gate.generator, 0)
    const values = [...hermitianEigensystem(gate.generator).values]
    for (const value of values) expect(Math.min(...gate.spectrum.map(x => Math.abs(x - value)))).toBeLessThan(ROUNDING)
    for (const x of gate.spectrum) expect(Math.min(...values.map(value => Math.abs(x - value)))).toBeLessThan(ROUNDING)
    // Every eigenvalue of the language's gates is a multiple of ½.
    expectClose(gate.spectrum, gate.spectrum.map(x => Math.round(2 * x) / 2), ROUNDING)
  })
})

describe('written-out actions', () => {
  // Columns as [basis state, amplitude] pairs, from the definitions and not from the code.
  const c = Math.cos(0.35), s = Math.sin(0.35)
  const actions: readonly (readonly [GateName, string, Readonly<Record<string, readonly [number, number]>>])[] = [
    ['x', '0', { 1: [1, 0] }],
    ['y', '0', { 1: [0, 1] }], ['y', '1', { 0: [0, -1] }],
    ['z', '1', { 1: [-1, 0] }],
    ['h', '1', { 0: [Math.SQRT1_2, 0], 1: [-Math.SQRT1_2, 0] }],
    ['s', '1', { 1: [0, 1] }], ['sdg', '1', { 1: [0, -1] }],
    ['t', '1', { 1: [Math.SQRT1_2, Math.SQRT1_2] }], ['tdg', '1', { 1: [Math.SQRT1_2, -Math.SQRT1_2] }],
    ['sx', '0', { 0: [0.5, 0.5], 1: [0.5, -0.5] }], ['sx', '1', { 0: [0.5, -0.5], 1: [0.5, 0.5] }],
    ['rx', '0', { 0: [c, 0], 1: [0, -s] }], ['rx', '1', { 0: [0, -s], 1: [c, 0] }],
    ['ry', '0', { 0: [c, 0], 1: [s, 0] }], ['ry', '1', { 0: [-s, 0], 1: [c, 0] }],
    ['rz', '0', { 0: [c, -s] }], ['rz', '1', { 1: [c, s] }],
    ['p', '0', { 0: [1, 0] }], ['p', '1', { 1: [Math.cos(0.7), Math.sin(0.7)] }],
    ['cx', '10', { 11: [1, 0] }], ['cx', '01', { '01': [1, 0] }],
    ['cy', '10', { 11: [0, 1] }], ['cz', '11', { 11: [-1, 0] }],
    ['ch', '10', { 10: [Math.SQRT1_2, 0], 11: [Math.SQRT1_2, 0] }],
    ['swap', '01', { 10: [1, 0] }],
    ['iswap', '01', { 10: [0, 1] }], ['iswap', '10', { '01': [0, 1] }], ['iswap', '11', { 11: [1, 0] }],
    ['ccx', '110', { 111: [1, 0] }], ['ccx', '100', { 100: [1, 0] }],
    ['cswap', '101', { 110: [1, 0] }], ['cswap', '001', { '001': [1, 0] }],
    ['crx', '10', { 10: [c, 0], 11: [0, -s] }], ['crx', '00', { '00': [1, 0] }],
    ['cry', '10', { 10: [c, 0], 11: [s, 0] }], ['crz', '11', { 11: [c, s] }],
    ['cp', '11', { 11: [Math.cos(0.7), Math.sin(0.7)] }], ['cp', '10', { 10: [1, 0] }],
    ['rxx', '00', { '00': [c, 0], 11: [0, -s] }], ['rxx', '01', { '01': [c, 0], 10: [0, -s] }],
    ['ryy', '00', { '00': [c, 0], 11: [0, s] }], ['ryy', '01', { '01': [c, 0], 10: [0, -s] }],
    ['rzz', '00', { '00': [c, -s] }], ['rzz', '01', { '01': [c, s] }],
    // Z on the first qubit: the sign of X's rotation is that of the first.
    ['rzx', '00', { '00': [c, 0], '01': [0, -s] }], ['rzx', '10', { 10: [c, 0], 11: [0, s] }],
    ['single_excitation', '10', { 10: [c, 0], '01': [-s, 0] }], ['single_excitation', '01', { '01': [c, 0], 10: [s, 0] }],
    ['single_excitation', '11', { 11: [1, 0] }],
    ['double_excitation', '1100', { 1100: [c, 0], '0011': [-s, 0] }],
    ['double_excitation', '0011', { '0011': [c, 0], 1100: [s, 0] }], ['double_excitation', '1010', { 1010: [1, 0] }],
  ]

  it.each(actions)('%s takes |%s⟩ where its definition says (angle 0.7)', (name, ket, images) => {
    const gate = GATES[name]
    const matrix = gate.matrix(gate.angles.map(() => 0.7))
    const column = parseInt(ket, 2)
    for (let row = 0; row < matrix.size; row++) {
      const [re, im] = images[row.toString(2).padStart(gate.qubits, '0')] ?? [0, 0]
      expect(matrix.re[row * matrix.size + column]).toBeCloseTo(re, 14)
      expect(matrix.im[row * matrix.size + column]).toBeCloseTo(im, 14)
    }
  })
})

describe('composites', () => {
  it('u is the matrix of the OpenQASM 3 specification, ½[[1+e^{iθ}, …], …]', () => {
    const [theta, phi, lambda] = [0.7, -1.1, 2.3]
    const e = (angle: number): [number, number] => [Math.cos(angle), Math.sin(angle)]
    const times = ([a, b]: [number, number], [x, y]: [number, number]): [number, number] => [a * x - b * y, a * y + b * x]
    const plus: [number, number] = [(1 + e(theta)[0]) / 2, e(theta)[1] / 2]
    const minus: [number, number] = [(1 - e(theta)[0]) / 2, -e(theta)[1] / 2]
    expectSameMatrix(GATES.u.matrix([theta, phi, lambda]), matrixFromRows([
      [plus, times([0, -1], times(e(lambda), minus))],
      [times([0, 1], times(e(phi), minus)), times(e(phi + lambda), plus)],
    ]), ROUNDING)
  })

  it('u is 2π-periodic in each angle', () => {
    const angles = [0.7, -1.1, 2.3]
    for (const k of [0, 1, 2]) {
      expectSameMatrix(
        GATES.u.matrix(angles.map((angle, a) => a === k ? angle + 2 * Math.PI : angle)), GATES.u.matrix(angles), ROUNDING)
    }
  })

  it.each(['u', 'rot', 'crot'] as const)('the recipe of %s is its matrix, phase included, also under two controls', name => {
    const gate = GATES[name]
    const angles = anglesFor(name)
    const operands = angles.map(value => ({ value }))
    const wires = Array.from({ length: gate.qubits }, (_, k) => k)
    expectSameMatrix(denseUnitary(expandGate(name, wires, [], operands), gate.qubits, []), gate.matrix(angles), ROUNDING)
    const controls = [{ wire: 0, value: 1 as const }, { wire: 1, value: 1 as const }]
    const shifted = wires.map(wire => wire + 2)
    expectSameMatrix(
      denseUnitary(expandGate(name, shifted, controls, operands), gate.qubits + 2, []),
      controlledMatrix(gate.matrix(angles), 2), ROUNDING)
  })

  it('expanding gives each angle to exactly one gate, in any type', () => {
    const angles = expandGate('u', [0], [], ['θ', 'φ', 'λ']).flatMap(gate => gate.angles)
    expect(angles).toEqual(['λ', 'θ', 'φ'])
    expect(expandGate('rot', [0], [], ['φ', 'θ', 'ω']).map(gate => [gate.name, ...gate.angles]))
      .toEqual([['rz', 'φ'], ['ry', 'θ'], ['rz', 'ω']])
  })

  it('a primitive gate expands to itself', () => {
    expect(expandGate('crx', [2, 0], [], ['θ'])).toEqual(
      [{ kind: 'gate', name: 'crx', wires: [2, 0], controls: [], angles: ['θ'], inverse: false }])
    expect(() => expandGate('crx', [2], [], ['θ'])).toThrow('crx takes 2 qubits and 1 angles, but has 1 and 1')
  })

  it('every controlled gate is its base under its built-in controls', () => {
    for (const name of ['cx', 'ccx', 'cswap', 'crz', 'cp'] as const) {
      const { base, controls } = builtInControls(name)
      expect(PRIMITIVE_GATES[base].qubits + controls).toBe(PRIMITIVE_GATES[name].qubits)
    }
    expect(builtInControls('rx')).toEqual({ base: 'rx', controls: 0 })
  })
})
