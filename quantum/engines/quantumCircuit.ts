/**
 * The `quantum-circuit` package as a second opinion, and as our writer of other frameworks' programs. The only file that
 * names the package; it is loaded when first asked for.
 *
 * Its wire 0 is the least significant bit of a state's index, as in OpenQASM, and ours the most significant. So our wire w
 * is its wire n−1−w, and then the two index states alike.
 */
import { resultWidth, type Circuit, type Operand, type TableGate } from '../circuit'
import type { PrimitiveGateName } from '../gates'
import { Readout } from './readout'
import { createStatevector, type Statevector } from './step'

/** What we use of the package, which has no types of its own. */
interface ForeignCircuit {
  readonly numQubits: number
  appendGate(name: string, wires: readonly number[], options?: { readonly params: Readonly<Record<string, number>> }): void
  run(): void
  stateAsSimpleArray(): readonly { readonly re: number; readonly im: number }[]
  addMeasure(wire: number, register: string, bit: number): void
  exportToQiskit(options: ExportOptions): string
  exportToCirq(options: ExportOptions): string
  exportToPyquil(options: ExportOptions): string
  exportToQuil(options: ExportOptions): string
  exportToBraket(options: ExportOptions): string
  exportToCudaQ(options: ExportOptions): string
  exportToPyAQASM(options: ExportOptions): string
  exportQuirk(): object
  importQASM(text: string, onErrors: (errors: readonly unknown[]) => void): void
}

interface ExportOptions { readonly comment: string }

type ForeignConstructor = new (qubits?: number) => ForeignCircuit

async function loadPackage(): Promise<ForeignConstructor> {
  // @ts-expect-error the package has no type declarations
  const loaded: unknown = await import('quantum-circuit')
  const { default: exported } = loaded as { default: ForeignConstructor | { default: ForeignConstructor } }
  return typeof exported === 'function' ? exported : exported.default
}

/** A gate's name there, its angle's name, and what multiplies our angle. */
interface ForeignGate {
  readonly name: string
  readonly parameter?: string
  readonly scale?: number
}

/** Undefined where the package has no such gate. */
const FOREIGN_GATES: { readonly [Name in PrimitiveGateName]: ForeignGate | undefined } = {
  id: { name: 'id' }, x: { name: 'x' }, y: { name: 'y' }, z: { name: 'z' }, h: { name: 'h' },
  s: { name: 's' }, sdg: { name: 'sdg' }, t: { name: 't' }, tdg: { name: 'tdg' }, sx: { name: 'srn' },
  swap: { name: 'swap' }, iswap: { name: 'iswap' },
  rx: { name: 'rx', parameter: 'theta' }, ry: { name: 'ry', parameter: 'theta' }, rz: { name: 'rz', parameter: 'phi' },
  p: { name: 'u1', parameter: 'lambda' },
  // Its xx and yy are exp(−iθ P⊗P) and its zz is exp(−iθ Z⊗Z/2).
  rxx: { name: 'xx', parameter: 'theta', scale: 0.5 }, ryy: { name: 'yy', parameter: 'theta', scale: 0.5 },
  rzz: { name: 'zz', parameter: 'theta' },
  rzx: undefined, single_excitation: undefined, double_excitation: undefined,
  cx: { name: 'cx' }, cy: { name: 'cy' }, cz: { name: 'cz' }, ch: { name: 'ch' }, ccx: { name: 'ccx' }, cswap: { name: 'cswap' },
  crx: { name: 'crx', parameter: 'theta' }, cry: { name: 'cry', parameter: 'theta' },
  crz: { name: 'crz', parameter: 'phi' }, cp: { name: 'cu1', parameter: 'lambda' },
}

/** Names of the inverses there; a name left out is its own inverse. */
const FOREIGN_INVERSES: Readonly<Record<string, string>> = { s: 'sdg', sdg: 's', t: 'tdg', tdg: 't', srn: 'srndg' }

/** Whether `runWithQuantumCircuit` knows a gate. */
export function isKnownToQuantumCircuit(name: PrimitiveGateName): boolean {
  return FOREIGN_GATES[name] !== undefined
}

function valueOf(operand: Operand, slots: Float64Array): number {
  return 'value' in operand ? operand.value : slots[operand.slot] as number
}

function appendGate(foreign: ForeignCircuit, circuit: Circuit, gate: TableGate, slots: Float64Array): void {
  const known = FOREIGN_GATES[gate.name]
  if (known === undefined || gate.controls.length > 0) {
    throw new Error(`circuit ${circuit.name}: the quantum-circuit package has no `
      + `${gate.name}${gate.controls.length > 0 ? ` under ${gate.controls.length} controls` : ''}`)
  }
  const wires = gate.wires.map(wire => circuit.qubits - 1 - wire)
  const [angle] = gate.angles
  if (known.parameter !== undefined && angle !== undefined) {
    const params = { [known.parameter]: valueOf(angle, slots) * (known.scale ?? 1) }
    foreign.appendGate(known.name, wires, { params })
  } else if (gate.inverse && known.name === 'iswap') {
    // iswap⁻¹ = iswap·(Z⊗Z)
    for (const wire of wires) foreign.appendGate('z', [wire])
    foreign.appendGate('iswap', wires)
  } else {
    foreign.appendGate(gate.inverse ? FOREIGN_INVERSES[known.name] ?? known.name : known.name, wires)
  }
}

async function buildForeign(circuit: Circuit, slots: Float64Array): Promise<ForeignCircuit> {
  const QuantumCircuit = await loadPackage()
  const foreign = new QuantumCircuit(circuit.qubits)
  for (const operation of circuit.operations) {
    if (operation.kind === 'gate') appendGate(foreign, circuit, operation, slots)
    // A global phase is seen by no measurement, unless it is controlled.
    else if (operation.kind !== 'global_phase' || operation.controls.length > 0) {
      throw new Error(`circuit ${circuit.name}: the quantum-circuit package has no ${operation.kind}`)
    }
  }
  return foreign
}

function stateOf(foreign: ForeignCircuit, qubits: number): Statevector {
  foreign.run()
  const state = createStatevector(qubits, undefined)
  foreign.stateAsSimpleArray().forEach(({ re, im }, i) => {
    state.re[i] = re
    state.im[i] = im
  })
  return state
}

/**
 * The final state of one run, up to a global phase, by the package's own simulator; it rounds amplitudes to 1e-14.
 *
 * @param slots angles in radians, [circuit.slots]
 * @throws Error for operations that the package does not have (`isKnownToQuantumCircuit`)
 */
export async function stateWithQuantumCircuit(circuit: Circuit, slots: Float64Array): Promise<Statevector> {
  return stateOf(await buildForeign(circuit, slots), circuit.qubits)
}

/**
 * What one run reports, from the package's state: a second opinion on an engine's `values`.
 *
 * @param slots angles in radians, [circuit.slots]
 * @returns [resultWidth(circuit)]
 * @throws Error for operations that the package does not have (`isKnownToQuantumCircuit`)
 */
export async function runWithQuantumCircuit(circuit: Circuit, slots: Float64Array): Promise<Float64Array> {
  const out = new Float64Array(resultWidth(circuit))
  new Readout(circuit).add(await stateWithQuantumCircuit(circuit, slots), 1, out, 0)
  return out
}

/** What the package writes for others; OpenQASM is written here. */
export const FOREIGN_WRITERS = {
  qiskit: circuit => circuit.exportToQiskit({ comment: '' }),
  cirq: circuit => circuit.exportToCirq({ comment: '' }),
  pyquil: circuit => circuit.exportToPyquil({ comment: '' }),
  quil: circuit => circuit.exportToQuil({ comment: '' }),
  // Its simulator measures all qubits by itself, and the package would complain of a measurement.
  braket: circuit => circuit.exportToBraket({ comment: '' }),
  quirk: circuit => JSON.stringify(circuit.exportQuirk()),
  cudaq: circuit => circuit.exportToCudaQ({ comment: '' }),
  myqlm: circuit => circuit.exportToPyAQASM({ comment: '' }),
} as const satisfies Record<string, (circuit: ForeignCircuit) => string>

export type ForeignFormat = keyof typeof FOREIGN_WRITERS

/** Formats whose text measures every qubit at the end; the others do so by themselves, or show the state. */
const MEASURED: readonly ForeignFormat[] = ['qiskit', 'cirq', 'pyquil', 'quil', 'cudaq', 'myqlm']

/**
 * One run as a program of another framework, for a circuit of gates that mean the same there (`decomposeCircuit`). Wire w is
 * qubit n−1−w.
 *
 * @param slots angles in radians, [circuit.slots]
 * @throws Error as `runWithQuantumCircuit`
 */
export async function writeWithQuantumCircuit(circuit: Circuit, slots: Float64Array, format: ForeignFormat): Promise<string> {
  const foreign = await buildForeign(circuit, slots)
  if (MEASURED.includes(format)) for (let wire = 0; wire < circuit.qubits; wire++) foreign.addMeasure(wire, 'c', wire)
  return `${FOREIGN_WRITERS[format](foreign).trim()}\n`
}

/**
 * The final state of an OpenQASM 2 program without measurements; the highest qubit is the most significant bit.
 *
 * @throws Error with the package's complaints when it cannot read the text
 */
export async function runOpenQasm2(text: string): Promise<Statevector> {
  const QuantumCircuit = await loadPackage()
  const foreign = new QuantumCircuit()
  let complaints: readonly unknown[] = []
  foreign.importQASM(text, errors => { complaints = errors })
  if (complaints.length > 0) throw new Error(`this OpenQASM 2 text cannot be read: ${JSON.stringify(complaints)}`)
  return stateOf(foreign, foreign.numQubits)
}
