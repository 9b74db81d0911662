/** From the operations of a circuit to the kernels that run them. */
import { isNoise, noiseName, type Circuit, type Control, type Noise, type Operand, type Operation, type TableGate } from '../circuit'
import { builtInControls } from '../gateShapes'
import {
  DiagonalWordKernel, PhaseKernel, RotationXKernel, RotationYKernel, RotationZKernel, WordKernel,
} from './angleKernels'
import { checkOperations, checkQubits } from './checkCircuit'
import { AmplitudesKernel, DenseKernel, OverlapKernel } from './entryKernels'
import { EvolutionKernel } from './evolutionKernel'
import { ExchangeKernel, PairKernel, type PairMatrix } from './fixedKernels'
import type { Step } from './step'
import { bitOf, controlledSubspace, wordMasks, type Subspace } from './subspace'

/**
 * One step for each operation, in order.
 *
 * @throws Error for a circuit that breaks the contract of circuit.ts, which the compiler never makes
 */
export function prepareSteps(circuit: Circuit): readonly Step[] {
  checkQubits(circuit)
  checkOperations(circuit)
  return circuit.operations.map((operation, at) => {
    if (isNoise(operation)) {
      throw new Error(`circuit ${circuit.name}, operation ${at}: ${noiseName(operation)} needs the density-matrix engine, or trajectories`)
    }
    return prepareStep(circuit.qubits, operation)
  })
}

/** @param qubits of the circuit, or more: further ones are less significant */
export function prepareStep(qubits: number, operation: Exclude<Operation, Noise>): Step {
  switch (operation.kind) {
    case 'gate': return prepareGate(qubits, operation)
    case 'pauli_rotation': return prepareWord(qubits, operation.wires, operation.word, operation.controls, operation.angle)
    case 'global_phase': return new PhaseKernel(operation.angle, controlledSubspace(qubits, operation.controls, 0))
    case 'unitary': return new DenseKernel(qubits, operation)
    case 'amplitudes': return operation.inverse === true ? new OverlapKernel(qubits, operation) : new AmplitudesKernel(qubits, operation)
    case 'evolution': return new EvolutionKernel(qubits, operation)
    default: return operation satisfies never
  }
}

const R = Math.SQRT1_2
const Y: PairMatrix = { re: [0, 0, 0, 0], im: [0, -1, 1, 0] }
const HADAMARD: PairMatrix = { re: [R, R, R, -R], im: [0, 0, 0, 0] }
const SQRT_X: PairMatrix = { re: [0.5, 0.5, 0.5, 0.5], im: [0.5, -0.5, -0.5, 0.5] }
const SQRT_X_INVERSE: PairMatrix = { re: [0.5, 0.5, 0.5, 0.5], im: [-0.5, 0.5, 0.5, -0.5] }
const EXCHANGE_I: PairMatrix = { re: [0, 0, 0, 0], im: [0, 1, 1, 0] }
const EXCHANGE_MINUS_I: PairMatrix = { re: [0, 0, 0, 0], im: [0, -1, -1, 0] }

function prepareGate(qubits: number, gate: TableGate): Step {
  const { base, controls: count } = builtInControls(gate.name)
  const controls: readonly Control[] =
    [...gate.controls, ...gate.wires.slice(0, count).map(wire => ({ wire, value: 1 as const }))]
  const wires = gate.wires.slice(count)
  const bits = wires.map(wire => bitOf(qubits, wire))
  const [first = 0, second = 0, third = 0, fourth = 0] = bits
  const subspace = controlledSubspace(qubits, controls, bits.reduce((mask, bit) => mask | bit, 0))
  // A phase acts where its wire carries 1, as if that were one more control.
  const ones: Subspace = { free: subspace.free, fixed: subspace.fixed | first }
  const [angle = { value: 0 }] = gate.angles
  const phase = (constant: number) => new PhaseKernel({ value: gate.inverse ? -constant : constant }, ones)
  const word = (letters: string) => prepareWord(qubits, wires, letters, controls, angle)
  switch (base) {
    // A phase by 0 on every state.
    case 'id': return new PhaseKernel({ value: 0 }, { free: 0, fixed: 0 })
    case 'x': return new ExchangeKernel(subspace, 0, first)
    case 'y': return new PairKernel(subspace, 0, first, Y)
    case 'z': return phase(Math.PI)
    case 'h': return new PairKernel(subspace, 0, first, HADAMARD)
    case 's': return phase(Math.PI / 2)
    case 'sdg': return phase(-Math.PI / 2)
    case 't': return phase(Math.PI / 4)
    case 'tdg': return phase(-Math.PI / 4)
    case 'sx': return new PairKernel(subspace, 0, first, gate.inverse ? SQRT_X_INVERSE : SQRT_X)
    case 'swap': return new ExchangeKernel(subspace, first, second)
    case 'iswap': return new PairKernel(subspace, first, second, gate.inverse ? EXCHANGE_MINUS_I : EXCHANGE_I)
    case 'rx': return new RotationXKernel(angle, subspace, 0, first)
    case 'ry': return new RotationYKernel(angle, subspace, 0, first)
    case 'rz': return new RotationZKernel(angle, subspace, first)
    case 'p': return new PhaseKernel(angle, ones)
    case 'rxx': return word('XX')
    case 'ryy': return word('YY')
    case 'rzz': return word('ZZ')
    case 'rzx': return word('ZX')
    // RY in the plane of |01⟩ and |10⟩: |10⟩ → cos|10⟩ − sin|01⟩.
    case 'single_excitation': return new RotationYKernel(angle, subspace, second, first)
    case 'double_excitation': return new RotationYKernel(angle, subspace, third | fourth, first | second)
    default: return base satisfies never
  }
}

function prepareWord(
  qubits: number, wires: readonly number[], word: string, controls: readonly Control[], angle: Operand,
): Step {
  const letters = wires.flatMap((wire, w) => word[w] === 'I' ? [] : [[wire, word[w] as string] as const])
  const [single] = letters
  if (single !== undefined && letters.length === 1) {
    const bit = bitOf(qubits, single[0])
    const subspace = controlledSubspace(qubits, controls, bit)
    if (single[1] === 'X') return new RotationXKernel(angle, subspace, 0, bit)
    if (single[1] === 'Y') return new RotationYKernel(angle, subspace, 0, bit)
    return new RotationZKernel(angle, subspace, bit)
  }
  const masks = wordMasks(qubits, letters)
  if (masks.x === 0) return new DiagonalWordKernel(angle, controlledSubspace(qubits, controls, 0), masks.z)
  return new WordKernel(angle, controlledSubspace(qubits, controls, masks.x & -masks.x), masks)
}
