/** The formats in which a circuit can be written, one row each. */
import type { Circuit } from '../circuit'
import { writeWithQuantumCircuit, type ForeignFormat } from '../engines/quantumCircuit'
import type { PrimitiveGateName } from '../gates'
import type { SlotAngles } from './angle'
import { toBpCircuit } from './bpText'
import { decomposeCircuit, MissingNumbers } from './decompose'
import { toOpenQasm2 } from './openqasm2'
import { toOpenQasm3 } from './openqasm3'

export interface CircuitFormat {
  readonly title: string
  /** Of a file in it, with the dot. */
  readonly extension: string
  /** Whether angles with parameters can be written; else every slot must be a number. */
  readonly takesParameters: boolean
  write(circuit: Circuit, slots: SlotAngles): string | Promise<string>
}

/** @throws MissingNumbers where a slot holds an angle with parameters */
function numbersOf(slots: SlotAngles): Float64Array {
  return Float64Array.from(slots, angle => {
    if (typeof angle !== 'number') throw new MissingNumbers('every angle must be a number in this format')
    return angle
  })
}

/**
 * A format that the `quantum-circuit` package writes. It is given the common gates and `kept`, those of which it writes what
 * the framework itself has under that name: it writes others by definitions that differ from ours, or by none at all.
 */
function foreign(format: ForeignFormat, title: string, extension: string, kept: readonly PrimitiveGateName[]): CircuitFormat {
  return {
    title, extension, takesParameters: false,
    write: (circuit, slots) => {
      const operations = decomposeCircuit(circuit, numbersOf(slots), kept)
      return writeWithQuantumCircuit({ ...circuit, operations, slots: 0, measurements: [] }, new Float64Array(0), format)
    },
  }
}

export const CIRCUIT_FORMATS = {
  openqasm3: { title: 'OpenQASM 3', extension: '.qasm', takesParameters: true, write: toOpenQasm3 },
  openqasm2: { title: 'OpenQASM 2', extension: '.qasm', takesParameters: false, write: (circuit, slots) => toOpenQasm2(circuit, numbersOf(slots)) },
  qiskit: foreign('qiskit', 'Qiskit (Python)', '.py', ['y', 'sdg', 't', 'tdg', 'sx', 'p', 'cy', 'cz', 'ch', 'crz', 'cp', 'swap', 'ccx', 'cswap', 'rzz']),
  cirq: foreign('cirq', 'Cirq (Python)', '.py', ['y', 't', 'cy', 'cz', 'ch', 'crx', 'cry', 'crz', 'swap', 'iswap', 'ccx', 'cswap']),
  pyquil: foreign('pyquil', 'pyQuil (Python)', '.py', ['y', 'sdg', 't', 'tdg', 'p', 'cz', 'cp', 'swap', 'iswap', 'ccx', 'cswap']),
  quil: foreign('quil', 'Quil', '.quil', ['y', 'sdg', 't', 'tdg', 'p', 'cz', 'cp', 'swap', 'iswap', 'ccx', 'cswap']),
  braket: foreign('braket', 'Amazon Braket (Python)', '.py', ['y', 'sdg', 't', 'tdg', 'sx', 'p', 'cy', 'cz', 'swap', 'iswap', 'ccx']),
  cudaq: foreign('cudaq', 'CUDA-Q (Python)', '.py', ['y', 't', 'cz', 'swap', 'ccx']),
  myqlm: foreign('myqlm', 'myQLM (Python)', '.py', ['y', 't', 'cz', 'swap', 'iswap', 'ccx']),
  quirk: foreign('quirk', 'Quirk (JSON)', '.json', ['y', 'sdg', 't', 'tdg', 'sx', 'cy', 'cz', 'ch', 'swap', 'ccx', 'cswap']),
  bp: { title: 'a .bp circuit', extension: '.bp', takesParameters: true, write: toBpCircuit },
} as const satisfies Record<string, CircuitFormat>

export type CircuitFormatName = keyof typeof CIRCUIT_FORMATS

export const CIRCUIT_FORMAT_NAMES = Object.keys(CIRCUIT_FORMATS) as readonly CircuitFormatName[]

/**
 * A circuit in another format. Our qubit w is qubit n−1−w there, so kets read the same; in `bp` it stays what it is.
 *
 * @param slots what each slot holds, [circuit.slots]: radians, or angles with parameters for a format that takes them
 * @throws ExportError where the format has no word for something; MissingNumbers, one of them, where a parameter has no value
 */
export async function exportCircuit(circuit: Circuit, slots: SlotAngles, format: CircuitFormatName): Promise<string> {
  return await CIRCUIT_FORMATS[format].write(circuit, slots)
}

