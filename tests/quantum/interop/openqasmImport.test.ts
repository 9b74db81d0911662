import { describe, expect, it } from 'vitest'
import { fromOpenQasm } from '../../../quantum/interop/openqasmImport'
import { controlledMatrix, GATES } from '../../../quantum/gates'
import { denseUnitary, embed, expectSameMatrix } from '../support'
import { importedUnitary, overlap } from './circuits'

const three = (body: string): string => `OPENQASM 3.1;\ninclude "stdgates.inc";\nqubit[3] q;\n${body}\n`
const two = (body: string): string => `OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\n${body}\n`

/** On the file's qubits: its q[k] is our wire 2 − k. */
const on = (name: keyof typeof GATES, qubits: readonly number[], angles: readonly number[] = []) =>
  embed(GATES[name].matrix(angles), qubits.map(qubit => 2 - qubit), [], 3)

describe('reading OpenQASM', () => {
  it('the highest qubit is the first wire', () => {
    const { circuit, wireNames } = fromOpenQasm(three('x q[2];'))
    expect(circuit.operations.map(({ wires }) => wires)).toEqual([[0]])
    expect(wireNames).toEqual(['q[2]', 'q[1]', 'q[0]'])
    expect(fromOpenQasm(three('x q[2];'), 'file')).toMatchObject({ wireNames: ['q[0]', 'q[1]', 'q[2]'], circuit: { operations: [{ wires: [2] }] } })
  })

  it('several registers follow each other, and a register alone means each of its qubits', () => {
    const { circuit, wireNames } = fromOpenQasm('qubit a; qubit[2] b; h b[0:1]; cx a, b;')
    expect(wireNames).toEqual(['b[1]', 'b[0]', 'a'])
    expect(circuit.operations.map(({ wires }) => wires)).toEqual([[1], [0], [2, 1], [2, 0]])
  })

  it.each([
    ['ctrl @ x q[0], q[1];', 'cx', [0, 1], []],
    ['ctrl(2) @ x q[2], q[0], q[1];', 'ccx', [2, 0, 1], []],
    ['ctrl @ ctrl @ x q[2], q[0], q[1];', 'ccx', [2, 0, 1], []],
    ['pow(1/2) @ x q[1];', 'sx', [1], []],
    ['pow(2) @ t q[1];', 's', [1], []],
    ['pow(-1) @ s q[1];', 'sdg', [1], []],
    ['inv @ ctrl @ rx(pi/3) q[0], q[2];', 'crx', [0, 2], [-Math.PI / 3]],
    ['ctrl @ inv @ pow(2) @ rz(0.2) q[0], q[2];', 'crz', [0, 2], [-0.4]],
    ['ctrl @ gphase(0.7) q[1];', 'p', [1], [0.7]],
    ['U(0.3, 0.4, 0.5) q[0];', 'u', [0], [0.3, 0.4, 0.5]],
    ['rx(2*pi*(1 - 0.25)/3 + sin(0) - -1e-1) q[0];', 'rx', [0], [Math.PI / 2 + 0.1]],
    ['const float a = pi/7; ry(a) q[0];', 'ry', [0], [Math.PI / 7]],
    ['gate mine(a, b) x, y { rz(a - b) y; cz y, x; } mine(0.5, 0.5) q[0], q[2];', 'cz', [0, 2], []],
    ['cphase(0.3) q[0], q[1];', 'cp', [0, 1], [0.3]],
    ['phase(0.3) q[0];', 'p', [0], [0.3]],
    ['CX q[0], q[1];', 'cx', [0, 1], []],
  ] as const)('%s is %s', (text, name, qubits, angles) => {
    expectSameMatrix(importedUnitary(fromOpenQasm(three(text))), on(name, qubits, angles), 1e-14)
  })

  it('negctrl acts on 0', () => {
    const { circuit } = fromOpenQasm(three('negctrl @ ctrl @ y q[0], q[1], q[2];'))
    expect(circuit.operations).toMatchObject([{ name: 'y', wires: [0], controls: [{ wire: 2, value: 0 }, { wire: 1, value: 1 }] }])
  })

  it('a control of a definition goes to each gate in it, and its inverse turns their order round', () => {
    const definition = 'gate d(t) a, b { rx(t) a; cx a, b; s b; gphase(t); } '
    const plain = importedUnitary(fromOpenQasm(`qubit[2] q; ${definition} d(0.4) q[1], q[0];`))
    const controlled = importedUnitary(fromOpenQasm(`qubit[3] q; ${definition} ctrl @ d(0.4) q[2], q[1], q[0];`))
    expectSameMatrix(controlled, controlledMatrix(plain, 1), 1e-14)
    const undone = fromOpenQasm(`qubit[2] q; ${definition} d(0.4) q[1], q[0]; inv @ d(0.4) q[1], q[0];`)
    expectSameMatrix(importedUnitary(undone), denseUnitary([], 2, []), 1e-14)
  })

  it("the specification's u3 is RZ(φ) RY(θ) RZ(λ), of determinant 1", () => {
    // openqasm.com/language/standard_library.html
    const u3 = importedUnitary(fromOpenQasm(three('u3(0.3, 0.4, 0.5) q[0];')))
    expectSameMatrix(u3, denseUnitary([
      { kind: 'gate', name: 'rz', wires: [2], controls: [], angles: [{ value: 0.5 }], inverse: false }, { kind: 'gate', name: 'ry', wires: [2], controls: [], angles: [{ value: 0.3 }], inverse: false },
      { kind: 'gate', name: 'rz', wires: [2], controls: [], angles: [{ value: 0.4 }], inverse: false },
    ], 3, []), 1e-14)
  })

  it.each([
    ['u1(0.3) q[0];', 'p', [0], [0.3]], ['u3(0.3,0.4,0.5) q[0];', 'u', [0], [0.3, 0.4, 0.5]], ['u2(0.4,0.5) q[0];', 'u', [0], [Math.PI / 2, 0.4, 0.5]],
    ['cu1(0.3) q[0],q[2];', 'cp', [0, 2], [0.3]], ['CX q[0],q[2];', 'cx', [0, 2], []], ['sxdg q[0]; sx q[0]; sx q[1];', 'sx', [1], []], ['rzz(0.3) q[0],q[1];', 'rzz', [0, 1], [0.3]],
    ['u0(1) q[0]; id q[1];', 'id', [0], []], ['rx(pi/2^2) q[0];', 'rx', [0], [Math.PI / 4]],
  ] as const)('OpenQASM 2: %s is %s', (text, name, qubits, angles) => {
    expect(overlap(importedUnitary(fromOpenQasm(two(text))), on(name, qubits, angles))).toBeCloseTo(1, 13)
  })

  it("OpenQASM 2's cu3 is Qiskit's: U3 under a control, with U3's first entry real", () => {
    // docs.quantum.ibm.com, CU3Gate: |1⟩ block [[cos θ/2, −e^{iλ} sin θ/2], [e^{iφ} sin θ/2, e^{i(φ+λ)} cos θ/2]]
    const [theta, phi, lambda] = [0.3, 0.4, 0.5]
    const matrix = importedUnitary(fromOpenQasm('OPENQASM 2.0; qreg q[2]; cu3(0.3,0.4,0.5) q[1],q[0];'))
    const block = [[Math.cos(theta / 2), 0], [-Math.cos(lambda) * Math.sin(theta / 2), -Math.sin(lambda) * Math.sin(theta / 2)],
      [Math.cos(phi) * Math.sin(theta / 2), Math.sin(phi) * Math.sin(theta / 2)], [Math.cos(phi + lambda) * Math.cos(theta / 2), Math.sin(phi + lambda) * Math.cos(theta / 2)]]
    ;[10, 11, 14, 15].forEach((entry, at) => {
      expect(matrix.re[entry]).toBeCloseTo(block[at]?.[0] ?? NaN, 14)
      expect(matrix.im[entry]).toBeCloseTo(block[at]?.[1] ?? NaN, 14)
    })
  })

  it('measured qubits report their probabilities, and barriers are noted', () => {
    const { circuit, notes } = fromOpenQasm(two('creg c[3];\nh q[0];\nbarrier q;\nmeasure q[0] -> c[0];\nmeasure q[2] -> c[1];'))
    expect(circuit.measurements).toEqual([{ kind: 'probabilities', wires: [0, 2] }])
    expect(notes).toEqual(['barriers are left out'])
    expect(fromOpenQasm(three('bit[3] c; h q; c = measure q;')).circuit.measurements).toEqual([{ kind: 'probabilities', wires: [0, 1, 2] }])
  })

  it.each([
    ['qubit q;\nfoo q;', '2', '1', 'no gate `foo`'],
    ['qubit[2] q;\nh q[2];', '2', '3', 'q has 2 qubits, so there is no q[2]'],
    ['qubit[2] q;\ncx q[0], q[0];', '2', '1', 'q[0] stands twice'],
    ['qubit[2] q;\nrx q[0];', '2', '1', 'rx takes 1 angle, but has 0'],
    ['qubit[2] q;\ncx q[0];', '2', '1', 'cx takes 2 qubits, but has 1'],
    ['qubit[2] q;\nrx(a) q[0];', '2', '1', 'no value `a`'],
    ['qubit[2] q;\nh q', '2', '4', "';' was expected"],
    ['qubit[2] q;\nif (c == 1) x q;', '2', '1', 'no place for a condition'],
    ['qubit[2] q;\nreset q;', '2', '1', 'no place for a reset'],
    ['qubit[2] q;\nfor int i in [0:1] { x q[i]; }', '2', '1', 'no place for a loop'],
    ['qubit[2] q; bit c;\nc = measure q[0];\nx q[0];', '3', '1', 'has been measured'],
    ['OPENQASM 4.0;\nqubit q;', '1', '10', 'OpenQASM 2 and 3'],
    ['qubit[2] q;\nh §;', '2', '3', 'no part of OpenQASM'],
    ['qubit[2] q;\nqubit q;', '2', '1', 'q is declared twice'],
    ['qubit[2] q;\npow(0.5) @ swap q[0], q[1];\nrx(erf(1)) q;', '3', '4', 'no function `erf`'],
    ['input array[float, 2] a;\nqubit q;', '1', '7', 'an input is a float'],
    ['// nothing', '1', '1', 'no qubits'],
    ['qubit[3] a; qubit[2] b;\ncx a, b;', '2', '1', 'registers of 3 and 2 qubits'],
    ['h $0;', '1', '3', 'physical qubits'],
  ])('%j is refused with its place', (text, line, column, message) => {
    expect(() => fromOpenQasm(text)).toThrow(`line ${line}, column ${column}: `)
    expect(() => fromOpenQasm(text)).toThrow(message)
  })
})
