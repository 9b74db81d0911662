/**
 * Circuits as OpenQASM 2 text, with the gates of the original `qelib1.inc` alone. Qubit w of the circuit is q[n−1−w], since
 * OpenQASM's kets name the highest qubit first: so the kets of both read the same.
 */
import type { Circuit } from '../circuit'
import type { PrimitiveGateName } from '../gates'
import { exactNumber } from './angle'
import { decomposeCircuit } from './decompose'

/** The gates kept, with their names there where they differ. */
const QELIB1: { readonly [Name in PrimitiveGateName]?: string } = {
  id: 'id', x: 'x', y: 'y', z: 'z', h: 'h', s: 's', sdg: 'sdg', t: 't', tdg: 'tdg', rx: 'rx', ry: 'ry', rz: 'rz', p: 'u1',
  cx: 'cx', cy: 'cy', cz: 'cz', ch: 'ch', crz: 'crz', cp: 'cu1', ccx: 'ccx',
}

/**
 * One run of a circuit as an OpenQASM 2 program, without its measurements and up to a global phase.
 *
 * @param slots angles in radians and entries, [circuit.slots]
 */
export function toOpenQasm2(circuit: Circuit, slots: ArrayLike<number>): string {
  const lines = decomposeCircuit(circuit, slots, Object.keys(QELIB1) as PrimitiveGateName[]).map(({ name, wires, angles }) => {
    const numbers = angles.map(angle => ('value' in angle ? exactNumber(angle.value) : never()))
    const arguments_ = numbers.length > 0 ? `(${numbers.join(',')})` : ''
    return `${QELIB1[name] ?? name}${arguments_} ${wires.map(wire => `q[${circuit.qubits - 1 - wire}]`).join(',')};`
  })
  return ['OPENQASM 2.0;', 'include "qelib1.inc";', `qreg q[${circuit.qubits}];`, ...lines, ''].join('\n')
}

function never(): never {
  throw new Error('internal: an angle that is not a number')
}
