import { describe, expect, it } from 'vitest'
import type { Circuit, Operation } from '../../../quantum/circuit'
import { runOpenQasm2 } from '../../../quantum/engines/quantumCircuit'
import { PRIMITIVE_GATES } from '../../../quantum/gates'
import { toOpenQasm2 } from '../../../quantum/interop/openqasm2'
import { denseUnitary, pick, placeGate, PRIMITIVE_NAMES, randomCircuit, randomNumbers, randomSlots } from '../support'

/** Gates of the original `qelib1.inc`, the only ones about which readers agree. */
const QELIB1 = ['u3', 'u2', 'u1', 'cx', 'id', 'x', 'y', 'z', 'h', 's', 'sdg', 't', 'tdg', 'rx', 'ry', 'rz', 'cz', 'cy', 'ch',
  'ccx', 'crz', 'cu1', 'cu3']

/** |⟨our state|state of the exported text⟩|², by whole matrices on our side. */
async function fidelity(circuit: Circuit, slots: Float64Array): Promise<number> {
  const text = toOpenQasm2(circuit, slots)
  const names = text.split('\n').slice(3).flatMap(line => /^[a-z0-9]+/.exec(line)?.[0] ?? [])
  expect(names.filter(name => !QELIB1.includes(name))).toEqual([])
  const theirs = await runOpenQasm2(text)
  const unitary = denseUnitary(circuit.operations, circuit.qubits, slots)
  let re = 0, im = 0
  for (let i = 0; i < unitary.size; i++) {
    const [a, b, x, y] = [unitary.re[i * unitary.size], unitary.im[i * unitary.size], theirs.re[i], theirs.im[i]] as
      [number, number, number, number]
    re += a * x + b * y
    im += a * y - b * x
  }
  return re * re + im * im
}

describe('OpenQASM 2', () => {
  it.each(PRIMITIVE_NAMES)('the exported text of %s, plain, inverse and under controls, makes the same state', async name => {
    const random = randomNumbers(120)
    for (const count of [0, 1, 2]) {
      const width = PRIMITIVE_GATES[name].qubits
      const qubits = Math.max(2, width + count)
      for (const inverse of [false, true]) {
        const places = pick(random, qubits, width + count)
        const controls = places.slice(width).map((wire, k) => ({ wire, value: k === 0 ? 1 as const : 0 as const }))
        const operations = [
          ...Array.from({ length: qubits }, (_, wire) => placeGate('ry', [wire], 1 + 2 * wire)),
          ...Array.from({ length: qubits }, (_, wire) => placeGate('rz', [wire], 2 + 2 * wire)),
          placeGate('cx', [0, 1], 0), placeGate(name, places.slice(0, width), 0, controls, inverse),
        ]
        const circuit: Circuit = { name, qubits, operations, slots: 1 + 2 * qubits, measurements: [] }
        // The package keeps about 14 digits of 64 amplitudes.
        expect(await fidelity(circuit, randomSlots(random, circuit.slots))).toBeCloseTo(1, 10)
      }
    }
  })

  it.each([2, 3, 4])('random circuits of %i qubits with Pauli rotations, phases and controls keep their state', async qubits => {
    const random = randomNumbers(130 + qubits)
    for (let trial = 0; trial < 4; trial++) {
      const circuit = randomCircuit(random, qubits, 12)
      expect(await fidelity(circuit, randomSlots(random, circuit.slots))).toBeCloseTo(1, 10)
    }
  })

  it('x on qubit 0 of three is x on q[2], so the ket |100⟩ reads the same', () => {
    const circuit: Circuit = { name: 'c', qubits: 3, operations: [placeGate('x', [0], 0)], slots: 0, measurements: [] }
    expect(toOpenQasm2(circuit, new Float64Array(0)))
      .toBe('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\nx q[2];\n')
  })

  it('an angle keeps all its digits, as a fraction of π where that is the same double', () => {
    const circuit: Circuit = { name: 'c', qubits: 1, operations: [placeGate('rx', [0], 0)], slots: 1, measurements: [] }
    const written = (angle: number) => /rx\((.*)\)/.exec(toOpenQasm2(circuit, [angle]))?.[1]
    for (const angle of [1.0471975, -1e-7, 123456.789, 0, Math.PI * (1 + 2 ** -52)]) expect(Number(written(angle))).toBe(angle)
    expect([Math.PI / 3, -Math.PI, (3 * Math.PI) / 4, (-5 * Math.PI) / 8].map(written)).toEqual(['pi/3', '-pi', '3*pi/4', '-5*pi/8'])
  })

  it('noise is refused, since there is no gate for it', () => {
    const operation: Operation = { kind: 'channel', name: 'bit_flip', wires: [0], controls: [], parameter: { value: 0.1 } }
    expect(() => toOpenQasm2({ name: 'c', qubits: 1, operations: [operation], slots: 0, measurements: [] }, []))
      .toThrow('there is no gate for the noise of bit_flip')
  })

  it('text that is not OpenQASM is refused', async () => {
    await expect(runOpenQasm2('OPENQASM 2.0;\nnonsense')).rejects.toThrow('cannot be read')
  })
})
