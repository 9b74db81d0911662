import { describe, expect, it } from 'vitest'
import type { Circuit } from '../../../quantum/circuit'
import { isKnownToQuantumCircuit, runWithQuantumCircuit } from '../../../quantum/engines/quantumCircuit'
import { STATEVECTOR } from '../../../quantum/engines/statevector'
import { PRIMITIVE_GATES } from '../../../quantum/gates'
import { resultWidth } from '../../../quantum/circuit'
import { everyMeasurement, expectClose, pick, placeGate, PRIMITIVE_NAMES, randomCircuit, randomNumbers, randomSlots } from '../support'

/** The package rounds amplitudes to 1e-14 at the end, and on the way keeps about as many digits. */
const PACKAGE_ROUNDING = 1e-11

const KNOWN = PRIMITIVE_NAMES.filter(isKnownToQuantumCircuit)

function run(circuit: Circuit, slots: Float64Array): Float64Array {
  const out = new Float64Array(resultWidth(circuit))
  STATEVECTOR.prepare(circuit, 'adjoint').values(1, slots, [], out)
  return out
}

describe('the quantum-circuit package and the statevector engine report the same', () => {
  it.each(KNOWN)('for %s and its inverse, on wires in random order', async name => {
    const random = randomNumbers(100)
    for (const inverse of [false, true]) {
      const qubits = PRIMITIVE_GATES[name].qubits + 1
      const wires = pick(random, qubits, PRIMITIVE_GATES[name].qubits)
      const circuit: Circuit = {
        name, qubits, slots: 2 * qubits + 1, measurements: everyMeasurement(qubits),
        operations: [
          ...Array.from({ length: qubits }, (_, wire) => placeGate('ry', [wire], 1 + 2 * wire)),
          ...Array.from({ length: qubits }, (_, wire) => placeGate('rz', [wire], 2 + 2 * wire)),
          placeGate('cx', [0, 1], 0), placeGate(name, wires, 0, [], inverse), placeGate('h', [0], 0),
        ],
      }
      const slots = randomSlots(random, circuit.slots)
      expectClose(await runWithQuantumCircuit(circuit, slots), run(circuit, slots), PACKAGE_ROUNDING)
    }
  })

  it.each([1, 2, 3, 4])('for random circuits of %i qubits', async qubits => {
    const random = randomNumbers(110 + qubits)
    for (let trial = 0; trial < 5; trial++) {
      const full = randomCircuit(random, qubits, 25, true)
      const circuit: Circuit = {
        ...full,
        operations: full.operations.filter(operation => operation.kind === 'gate' && isKnownToQuantumCircuit(operation.name)),
      }
      const slots = randomSlots(random, circuit.slots)
      expectClose(await runWithQuantumCircuit(circuit, slots), run(circuit, slots), PACKAGE_ROUNDING)
    }
  })

  it('all gates but rzx and the excitations are known', () => {
    expect(PRIMITIVE_NAMES.filter(name => !isKnownToQuantumCircuit(name)))
      .toEqual(['rzx', 'single_excitation', 'double_excitation'])
  })

  it('what the package does not have is refused by name', async () => {
    const circuit: Circuit = { name: 'c', qubits: 2, slots: 1, measurements: [], operations: [placeGate('rzx', [0, 1], 0)] }
    await expect(runWithQuantumCircuit(circuit, Float64Array.of(1))).rejects.toThrow('circuit c: the quantum-circuit package has no rzx')
    await expect(runWithQuantumCircuit(
      { ...circuit, operations: [placeGate('x', [0], 0, [{ wire: 1, value: 1 }])] }, Float64Array.of(1))).rejects.toThrow('x under 1')
  })
})
