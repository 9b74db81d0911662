/** A circuit while its body is evaluated: qubits and operations so far, and what is measured. */
import type { Span } from '../source/source'
import type { GraphBuilder } from '../../ir/builder'
import { namedDim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import { real } from '../../ir/type'
import type { Control, Measurement, Operation, TableGate } from '../../quantum/circuit'
import { CircuitScalars } from './circuitScalars'
import type { StaticMeaning, TensorMeaning } from './meaning'

/** Above this the statevector does not fit any machine that runs this. */
export const MAXIMAL_QUBITS = 30
/** The same for a density matrix, 16·4^n bytes. */
export const MAXIMAL_NOISY_QUBITS = 13
/** Above this a circuit is refused: nothing here runs it in reasonable time. */
export const MAXIMAL_OPERATIONS = 1e6

export interface CircuitFrame {
  qubits: number
  /** The `qubits` declarations, in order: their wires follow each other. */
  readonly registers: { readonly name: string; readonly first: number; readonly single: boolean }[]
  /** Operands name slots by their position in `slots`; unused ones are dropped when the circuit is finished. */
  operations: Operation[]
  /** Wires that some operation acts on. */
  readonly touched: Set<number>
  /** The preparation that stands among `operations`, which no modifier can change. */
  preparation: string | undefined
  /** Whether some operand was no qubit, which has been reported. */
  hasUnknown: boolean
  readonly slots: (StaticMeaning | TensorMeaning)[]
  readonly scalars: CircuitScalars
  /** By their text, each with its part of `reported`. */
  readonly measurements: Map<string, { readonly measurement: Measurement; readonly value: Value }>
  /** The graph input for all that a run reports, one measurement after the other; how long it is is known at the end. */
  readonly reported: Value
  /** Runs of their own, for fidelities. */
  readonly overlaps: Overlap[]
  /** Samples a group of observables; undefined: exact values. */
  readonly shots: number | undefined
  /** Histories of the state, where there is noise; undefined: a density matrix. */
  readonly trajectories: number | undefined
  readonly precision: 'f32' | undefined
  /** Gate statements of the circuit itself, in the order in which they are come to first. */
  readonly sites: Map<Span, number>
  /** Of each operation, the number of its site; none of those that overlaps add. */
  readonly origins: number[]
  readonly shared: SharedParts
  /** The last `qubits` declaration. */
  declared: Span | undefined
}

/** Another circuit on the same qubits, with one number to report. */
export interface Overlap extends Pick<CircuitFrame, 'operations' | 'slots' | 'scalars' | 'reported'> { readonly measurement: Measurement }

/** How a circuit is run, by its annotations. */
export type Running = Partial<Pick<CircuitFrame, 'shots' | 'trajectories' | 'precision'>>

export function emptyCircuit(builder: GraphBuilder, { shots, trajectories, precision }: Running = {}): CircuitFrame {
  return {
    qubits: 0, registers: [], operations: [], touched: new Set(), preparation: undefined, hasUnknown: false, slots: [], scalars: new CircuitScalars(builder), measurements: new Map(),
    reported: builder.input('reported', real(namedDim('reported'))), overlaps: [], shots, trajectories, precision, sites: new Map(), origins: [], shared: new SharedParts(), declared: undefined,
  }
}

/** The same circuit with a list of operations of its own, for a gate that modifiers may change before it joins the others. */
export function apart(circuit: CircuitFrame): CircuitFrame {
  return { ...circuit, operations: [], preparation: undefined }
}

/** Operations are many and much alike: what is equal in them is one object. */
export class SharedParts {
  private readonly wireLists = new Map<number, readonly number[]>()
  private readonly controlLists = new Map<number, readonly Control[]>()
  private readonly fixedGates = new Map<string, Map<readonly number[], TableGate>>()

  wires(wires: readonly number[]): readonly number[] {
    if (wires.length > MOST_WIRES) return wires
    const key = wires.reduce((sum, wire) => sum * WIRES + wire + 1, 0)
    const known = this.wireLists.get(key)
    if (!known) this.wireLists.set(key, wires)
    return known ?? wires
  }

  controls(controls: readonly Control[]): readonly Control[] {
    if (controls.length > MOST_WIRES) return controls
    const key = controls.reduce((sum, { wire, value }) => sum * WIRES + 2 * wire + value + 1, 0)
    const known = this.controlLists.get(key)
    if (!known) this.controlLists.set(key, controls)
    return known ?? controls
  }

  operation(operation: Operation): Operation {
    if (operation.kind !== 'gate' || operation.angles.length > 0 || operation.controls.length > 0) return operation
    const key = operation.inverse ? `inv ${operation.name}` : operation.name
    const own = this.fixedGates.get(key) ?? new Map<readonly number[], TableGate>()
    this.fixedGates.set(key, own)
    const wires = this.wires(operation.wires)
    const known = own.get(wires)
    if (!known) own.set(wires, operation)
    return known ?? operation
  }
}

/** More than twice as many as there are wires, so that a wire beside a bit is below it. */
const WIRES = 64
/** So that a list is one exact number. */
const MOST_WIRES = 8

export function addOperation(circuit: CircuitFrame, operation: Operation): void {
  circuit.operations.push(circuit.shared.operation(operation))
  for (const wire of operation.wires) circuit.touched.add(wire)
  for (const { wire } of operation.controls) circuit.touched.add(wire)
}

/** `q[2]`: a wire as the program named it. */
export function qubitName({ registers }: CircuitFrame, wire: number): string {
  const register = registers.findLast(({ first }) => first <= wire)
  return !register ? `qubit ${wire}` : register.single ? register.name : `${register.name}[${wire - register.first}]`
}

/** Qubits behind those there are. @returns their wires */
export function declareRegister(circuit: CircuitFrame, name: string, size: number, single: boolean): readonly number[] {
  const first = circuit.qubits
  circuit.registers.push({ name, first, single })
  circuit.qubits += size
  return Array.from({ length: size }, (_, at) => first + at)
}
