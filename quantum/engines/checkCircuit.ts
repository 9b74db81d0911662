/** The last place where a malformed circuit is noticed: what engines hold one to before they run it. */
import { MAX_EVOLUTION_WIRES, MAX_KRAUS_WIRES, operandsOf, type Circuit, type Measurement, type Operation } from '../circuit'
import { GATE_SHAPES } from '../gateShapes'
import { slotsOf } from './operands'

/** More qubits than this do not fit the 32-bit masks of the kernels (nor 16 GiB a state). */
export const MAX_QUBITS = 30

/** @throws Error for more than a statevector can hold */
export function checkQubits({ name, qubits }: Circuit): void {
  if (!(qubits >= 1 && qubits <= MAX_QUBITS)) {
    throw new Error(`circuit ${name} has ${qubits} qubits; the statevector engine holds 1 to ${MAX_QUBITS}`)
  }
}

/** @throws Error for a circuit that breaks the contract of circuit.ts */
export function checkOperations(circuit: Circuit): void {
  const fail = (at: number, complaint: string): never => {
    throw new Error(`circuit ${circuit.name}, operation ${at} (${circuit.operations[at]?.kind}): ${complaint}`)
  }
  const reader = new Map<number, number>()
  const touched = new Set<number>()
  for (const [at, operation] of circuit.operations.entries()) {
    checkPlacement(circuit, operation, complaint => fail(at, complaint))
    for (const slot of slotsOf(operandsOf(operation))) {
      if (!(Number.isInteger(slot) && slot >= 0 && slot < circuit.slots)) fail(at, `there is no slot ${slot}`)
      if (reader.has(slot)) fail(at, `slot ${slot} is also read by operation ${reader.get(slot)}; each slot has one reader`)
      reader.set(slot, at)
    }
    const wires = [...operation.wires, ...operation.controls.map(control => control.wire)]
    if (operation.kind === 'amplitudes' && operation.inverse !== true && wires.some(wire => touched.has(wire))) {
      fail(at, 'amplitudes must stand first on their wires')
    }
    wires.forEach(wire => touched.add(wire))
  }
}

function checkPlacement(circuit: Circuit, operation: Operation, fail: (complaint: string) => never): void {
  const wires = [...operation.wires, ...operation.controls.map(control => control.wire)]
  for (const wire of wires) {
    if (!(Number.isInteger(wire) && wire >= 0 && wire < circuit.qubits)) fail(`there is no wire ${wire}`)
  }
  if (new Set(wires).size !== wires.length) fail(`one wire is used twice in ${wires.join(', ')}`)
  const size = 2 ** operation.wires.length
  switch (operation.kind) {
    case 'gate': {
      const { qubits, spectrum } = GATE_SHAPES[operation.name]
      const angles = spectrum ? 1 : 0
      if (operation.wires.length !== qubits) fail(`${operation.name} takes ${qubits} wires`)
      if (operation.angles.length !== angles) fail(`${operation.name} takes ${angles} angles`)
      if (operation.inverse && angles > 0) fail('the inverse of a gate with an angle negates the angle')
      return
    }
    case 'pauli_rotation':
      if (!/^[IXYZ]*$/.test(operation.word) || operation.word.length !== operation.wires.length) {
        fail(`“${operation.word}” is not a Pauli word for ${operation.wires.length} wires`)
      }
      return
    case 'global_phase':
      if (operation.wires.length !== 0) fail('a global phase has no wires, only controls')
      return
    case 'unitary':
      if (operation.re.length !== size * size || operation.im.length !== size * size) {
        fail(`a matrix on ${operation.wires.length} wires has ${size * size} entries`)
      }
      return
    case 'amplitudes':
      if (operation.controls.length !== 0) fail('amplitudes cannot be controlled')
      if (operation.re.length !== size || operation.im.length !== size) {
        fail(`${operation.wires.length} wires have ${size} amplitudes`)
      }
      return
    case 'evolution':
      if (operation.wires.length > MAX_EVOLUTION_WIRES) fail(`evolution takes up to ${MAX_EVOLUTION_WIRES} wires`)
      return
    case 'channel':
      if (operation.controls.length !== 0) fail('a channel cannot be controlled')
      if (operation.wires.length !== 1 && !(operation.name === 'depolarize' && operation.wires.length === 2)) {
        fail(`${operation.name} does not act on ${operation.wires.length} wires`)
      }
      return
    case 'kraus': {
      if (operation.controls.length !== 0) fail('a channel cannot be controlled')
      if (!(operation.wires.length >= 1 && operation.wires.length <= MAX_KRAUS_WIRES)) fail(`kraus takes 1 to ${MAX_KRAUS_WIRES} wires`)
      const count = operation.re.length / (size * size)
      if (!(Number.isInteger(count) && count >= 1) || operation.im.length !== operation.re.length) {
        fail(`each operator on ${operation.wires.length} wires has ${size * size} entries, real and imaginary`)
      }
      return
    }
    default: operation satisfies never
  }
}

/** @throws Error for one that breaks the contract of circuit.ts */
export function checkMeasurement(circuit: Circuit, measurement: Measurement, at: number): void {
  const lists = measurement.kind === 'expectation'
    ? measurement.terms.map(term => term.word.map(([wire]) => wire)) : [measurement.wires]
  if (measurement.kind === 'sample' && circuit.shots === undefined) throw new Error(`circuit ${circuit.name}, measurement ${at}: samples need shots`)
  for (const wires of lists) {
    if (new Set(wires).size !== wires.length || wires.some(wire => !(wire >= 0 && wire < circuit.qubits))) {
      throw new Error(`circuit ${circuit.name}, measurement ${at}: wires ${wires.join(', ')} are not distinct wires of it`)
    }
  }
}
