/**
 * A circuit as data: gates with wires and slots, and what is measured at the end.
 *
 * A *slot* is one real number that a run of the circuit reads: an angle in radians, or one entry of an amplitude vector or
 * of a unitary matrix. Every occurrence of a parametrised gate owns its slots, so shared and scaled parameters are the
 * chain rule's business outside, never the engine's. Wire 0 is the most significant bit of a basis state.
 */
import type { PrimitiveGateName } from './gates'

/** A number of a gate: read from a slot on each run, or known now. */
export type Operand = { readonly slot: number } | { readonly value: number }

/** The gate acts where `wire` carries `value`. */
export interface Control {
  readonly wire: number
  readonly value: 0 | 1
}

interface Placed {
  /** Qubits the gate acts on, most significant first; none of them is a control. */
  readonly wires: readonly number[]
  readonly controls: readonly Control[]
}

/**
 * A gate of the table with at most one angle (`expandGate` takes the others apart); `inverse` only where it has none.
 */
export interface TableGate extends Placed {
  readonly kind: 'gate'
  readonly name: PrimitiveGateName
  readonly angles: readonly Operand[]
  readonly inverse: boolean
}

/** exp(−iθP/2) for the Pauli word P, one letter of I, X, Y, Z a wire. */
export interface PauliRotation extends Placed {
  readonly kind: 'pauli_rotation'
  readonly word: string
  readonly angle: Operand
}

/** e^{iγ}; matters only under controls. `wires` is empty. */
export interface GlobalPhase extends Placed {
  readonly kind: 'global_phase'
  readonly angle: Operand
}

/** A dense matrix on the wires, row-major, 4^k entries each; checked to be unitary to 1e-6 when it runs. */
export interface DenseGate extends Placed {
  readonly kind: 'unitary'
  readonly re: readonly Operand[]
  readonly im: readonly Operand[]
}

/**
 * Sets the state of `wires`, which are still in |0…0⟩, to the given 2^k amplitudes, taken as they are (whoever builds the
 * circuit divides by the norm). No controls.
 */
export interface Amplitudes extends Placed {
  readonly kind: 'amplitudes'
  readonly re: readonly Operand[]
  readonly im: readonly Operand[]
  /** The other way, |0…0⟩⟨a|: what an overlap with the prepared state ends in, wherever it stands. It loses norm. */
  readonly inverse?: boolean
}

/** exp(−iθH) for a Hermitian H on the wires that is known now, its letters' wires counted within `wires`. */
export interface Evolution extends Placed {
  readonly kind: 'evolution'
  readonly hamiltonian: readonly Term[]
  readonly angle: Operand
}

export const CHANNEL_NAMES = ['depolarize', 'bit_flip', 'phase_flip', 'amplitude_damp', 'phase_damp'] as const
export type ChannelName = (typeof CHANNEL_NAMES)[number]

/** Noise of a kind with a name. `depolarize` acts on one wire or two, the others on one. No controls. */
export interface Channel extends Placed {
  readonly kind: 'channel'
  readonly name: ChannelName
  /** A probability p; of the two damping channels √(1 − γ), in which they are polynomials. In [0, 1]. */
  readonly parameter: Operand
}

/** Noise by its Kraus operators, ρ ↦ Σ KρK†; Σ K†K is checked to be 1 to 1e-6 when it runs. No controls. */
export interface KrausChannel extends Placed {
  readonly kind: 'kraus'
  /** The operators one after the other, row-major, 4^k entries each. */
  readonly re: readonly Operand[]
  readonly im: readonly Operand[]
}

/** More wires have 64^k entries of a channel on density matrices. */
export const MAX_KRAUS_WIRES = 3

/** Of an evolution: a dense 2^k matrix is kept and applied for each; its eigensystem takes a second at this size. */
export const MAX_EVOLUTION_WIRES = 7

/** What is not unitary: the circuit runs as a density matrix, or as trajectories. */
export type Noise = Channel | KrausChannel

export const isNoise = (operation: Operation): operation is Noise => operation.kind === 'channel' || operation.kind === 'kraus'

/** As the program calls it. */
export const noiseName = (noise: Noise): string => (noise.kind === 'kraus' ? 'kraus' : noise.name)

/** What has an inverse and takes controls. */
export type UnitaryOperation = TableGate | PauliRotation | GlobalPhase | DenseGate | Evolution

export type Operation = UnitaryOperation | Amplitudes | Noise

/** Every number that an operation reads. */
export function operandsOf(operation: Operation): readonly Operand[] {
  switch (operation.kind) {
    case 'gate': return operation.angles
    case 'pauli_rotation':
    case 'global_phase':
    case 'evolution': return [operation.angle]
    case 'unitary':
    case 'amplitudes':
    case 'kraus': return [...operation.re, ...operation.im]
    case 'channel': return [operation.parameter]
    default: return operation satisfies never
  }
}

/** The same operation with other operands. */
export function withOperands<O extends Operation>(operation: O, change: (operand: Operand) => Operand): O
export function withOperands(operation: Operation, change: (operand: Operand) => Operand): Operation {
  switch (operation.kind) {
    case 'gate': return { ...operation, angles: operation.angles.map(change) }
    case 'pauli_rotation':
    case 'global_phase':
    case 'evolution': return { ...operation, angle: change(operation.angle) }
    case 'unitary':
    case 'amplitudes':
    case 'kraus': return { ...operation, re: operation.re.map(change), im: operation.im.map(change) }
    case 'channel': return { ...operation, parameter: change(operation.parameter) }
    default: return operation satisfies never
  }
}

/** A one-qubit factor of an observable: a Pauli matrix, or the projector |0⟩⟨0| or |1⟩⟨1|. */
export type Letter = 'X' | 'Y' | 'Z' | '0' | '1'

/** coefficient · ⊗ letters; every wire at most once; the empty word is the identity. */
export interface Term {
  readonly coefficient: number
  readonly word: readonly (readonly [wire: number, letter: Letter])[]
}

/** What a run reports. Each kind is linear in the final state's density matrix, so one adjoint sweep serves all. */
export type Measurement =
  /** Expectation value of Σ terms; one number. */
  | { readonly kind: 'expectation'; readonly terms: readonly Term[] }
  /** Probabilities of the 2^k outcomes of `wires`, the first wire most significant. */
  | { readonly kind: 'probabilities'; readonly wires: readonly number[] }
  /** Reduced density matrix of `wires`: 4^k real parts row-major, then 4^k imaginary parts. */
  | { readonly kind: 'density'; readonly wires: readonly number[] }
  /** The bits of `wires` in each of `shots` samples, [shots, k], 0 or 1; only in a circuit with shots. */
  | { readonly kind: 'sample'; readonly wires: readonly number[]; readonly shots: number }

export interface Circuit {
  readonly name: string
  readonly qubits: number
  readonly operations: readonly Operation[]
  /** How many numbers a run reads. */
  readonly slots: number
  readonly measurements: readonly Measurement[]
  /** Samples for each group of observables that are measured together; absent: exact values. */
  readonly shots?: number
  /** Of a circuit with noise, how many random histories of a statevector its numbers are the mean of; absent: a density matrix. */
  readonly trajectories?: number
  /** Of each amplitude; absent: 64 bits. */
  readonly precision?: 'f32'
}

/** How many numbers a measurement reports. */
export function measurementWidth(measurement: Measurement): number {
  switch (measurement.kind) {
    case 'expectation': return 1
    case 'probabilities': return 2 ** measurement.wires.length
    case 'density': return 2 * 4 ** measurement.wires.length
    case 'sample': return measurement.shots * measurement.wires.length
    default: return measurement satisfies never
  }
}

/** How many numbers one run of the circuit reports, in the order of `measurements`. */
export function resultWidth(circuit: Circuit): number {
  return circuit.measurements.reduce((sum, measurement) => sum + measurementWidth(measurement), 0)
}

export function hasNoise(circuit: Pick<Circuit, 'operations'>): boolean {
  return circuit.operations.some(isNoise)
}

/** Whether its numbers are estimates from random draws. */
export function isEstimated(circuit: Circuit): boolean {
  return circuit.shots !== undefined || circuit.trajectories !== undefined
}

/** What the state of a run is. */
export function stateKind(circuit: Circuit): 'statevector' | 'density' | 'trajectories' {
  return circuit.trajectories !== undefined ? 'trajectories' : hasNoise(circuit) ? 'density' : 'statevector'
}

/** Of one state: two numbers for each amplitude, or for each entry of a density matrix. */
export function stateBytes(circuit: Circuit): number {
  return (circuit.precision === 'f32' ? 8 : 16) * (stateKind(circuit) === 'density' ? 4 : 2) ** circuit.qubits
}

/** Whether the state loses norm on the way: an overlap with prepared amplitudes does that. */
export function hasProjection(circuit: Circuit): boolean {
  return circuit.operations.some(operation => operation.kind === 'amplitudes' && operation.inverse === true)
}
