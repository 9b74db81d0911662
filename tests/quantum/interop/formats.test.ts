import { describe, expect, it } from 'vitest'
import type { Circuit, Operation } from '../../../quantum/circuit'
import { toBpCircuit } from '../../../quantum/interop/bpText'
import { CIRCUIT_FORMAT_NAMES, CIRCUIT_FORMATS, exportCircuit, type CircuitFormatName } from '../../../quantum/interop/formats'
import { placeGate } from '../support'

const bell: Circuit = {
  name: 'bell', qubits: 2, slots: 1, measurements: [],
  operations: [placeGate('h', [0], 0), placeGate('cx', [0, 1], 0), placeGate('rx', [1], 0)],
}

/** The gates in each format's own words; our qubit 0 is qubit 1 there. */
const WORDS: { readonly [Name in CircuitFormatName]: readonly string[] } = {
  openqasm3: ['qubit[2] q;', 'h q[1];', 'cx q[1], q[0];', 'rx(0.25) q[0];'],
  openqasm2: ['qreg q[2];', 'h q[1];', 'cx q[1],q[0];', 'rx(0.25) q[0];'],
  qiskit: ['qc.h(q[1])', 'qc.cx(q[1], q[0])', 'qc.rx(0.25, q[0])', 'qc.measure(q[1], c[1])'],
  cirq: ['cirq.H(q[1])', 'cirq.CNOT(q[1], q[0])', 'cirq.rx(0.25)(q[0])', "cirq.measure(q[1], key='c1')"],
  pyquil: ['H(1)', 'CNOT(1, 0)', 'RX(0.25, 0)', 'MEASURE(1, ro[1])'],
  quil: ['H 1', 'CNOT 1 0', 'RX (0.25) 0', 'MEASURE 1 ro[1]'],
  braket: ['circuit.h(1)', 'circuit.cnot(1, 0)', 'circuit.rx(0, 0.25)'],
  cudaq: ['h(q[1])', 'cx(q[1], q[0])', 'rx(0.25, q[0])', 'mz(q[1])'],
  myqlm: ['H(qubits_reg[1])', 'CNOT(qubits_reg[1], qubits_reg[0])', 'RX(0.25)(qubits_reg[0])'],
  quirk: ['[1,"H"]', '["X","•"]', '~rx_0.25'],
  bp: ['circuit bell() -> real[4] {', 'h q[0]', 'cx q[0], q[1]', 'rx(0.25) q[1]', 'return probs(q)'],
}

describe('the formats of circuits', () => {
  it.each(CIRCUIT_FORMAT_NAMES)('%s has the gates of a small circuit, in their order', async format => {
    const text = await exportCircuit(bell, [0.25], format)
    let from = 0
    for (const word of WORDS[format]) {
      const at = text.indexOf(word, from)
      expect(at, `${word} in\n${text}`).toBeGreaterThanOrEqual(0)
      from = at
    }
    expect(text.endsWith('\n')).toBe(true)
  })

  it.each(CIRCUIT_FORMAT_NAMES)('%s says whether it needs numbers', async format => {
    const written = exportCircuit(bell, [{ name: 'theta', indices: [] }], format)
    if (CIRCUIT_FORMATS[format].takesParameters) expect(await written).toContain('theta')
    else await expect(written).rejects.toThrow('must be a number')
  })

  it.each(CIRCUIT_FORMAT_NAMES.filter(name => name !== 'bp'))('%s refuses noise', async format => {
    const noise: Operation = { kind: 'channel', name: 'depolarize', wires: [0], controls: [], parameter: { value: 0.1 } }
    await expect(exportCircuit({ ...bell, operations: [noise] }, [0.25], format)).rejects.toThrow('no gate for the noise of depolarize')
    const given: Operation = { kind: 'kraus', wires: [0], controls: [], re: [1, 0, 0, 1].map(value => ({ value })), im: [0, 0, 0, 0].map(value => ({ value })) }
    await expect(exportCircuit({ ...bell, operations: [given] }, [0.25], format)).rejects.toThrow('no gate for the noise of kraus')
  })

  it.each(['qiskit', 'cirq', 'pyquil', 'quil', 'braket', 'cudaq', 'myqlm', 'quirk'] as const)('%s gets no gate that the package has no words for', async format => {
    const operations = (['iswap', 'rxx', 'ryy', 'rzz', 'rzx', 'single_excitation', 'cp', 'crx', 'ch', 'swap', 'sx'] as const).map(name => placeGate(name, name === 'sx' ? [0] : [0, 1], 0))
    const text = await exportCircuit({ ...bell, operations }, [0.25], format)
    expect(text).not.toMatch(/unsupported|not (yet )?supported|comm?ing soon|TODO/i)
  })

  it('a .bp circuit has parameters as arguments of the least shape that holds them', () => {
    const circuit: Circuit = {
      name: 'c', qubits: 2, slots: 2, operations: [placeGate('rx', [0], 0, [{ wire: 1, value: 0 }]), placeGate('rz', [0], 1), placeGate('s', [1], 0, [], true)],
      measurements: [{ kind: 'expectation', terms: [{ coefficient: -0.5, word: [[0, 'X'], [1, 'Z']] }, { coefficient: 2, word: [] }] }, { kind: 'expectation', terms: [{ coefficient: 1, word: [[1, '0']] }] }],
    }
    expect(toBpCircuit(circuit, [{ name: 'w', indices: [1, 2] }, { fn: 'pow', args: [{ name: 'in', indices: [] }, 2] }])).toBe(`circuit c(w: real[2, 3], in_: real) -> real[2] {
  qubits q[2]
  negctrl rx(w[1, 2]) q[1], q[0]
  rz(in_^2) q[0]
  inv s q[1]
  return [expect((-0.5) * X(q[0]) * Z(q[1]) + 2), expect(projector(q[1], "0"))]
}
`)
  })
})
