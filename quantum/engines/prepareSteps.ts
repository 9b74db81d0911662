/** From the operations of a circuit to the kernels that run them; the last place where a malformed circuit is noticed. */
import { isNoise, MAX_KRAUS_WIRES, noiseName, operandsOf, type Circuit, type Control, type Noise, type Operand, type Operation, type TableGate } from '../circuit'
import { builtInControls, PRIMITIVE_GATES } from '../gates'
import {
  DiagonalWordKernel, PhaseKernel, RotationXKernel, RotationYKernel, RotationZKernel, WordKernel,
} from './angleKernels'
import { AmplitudesKernel, DenseKernel, OverlapKernel } from './entryKernels'
import { EvolutionKernel, MAX_EVOLUTION_WIRES } from './evolutionKernel'
import { ExchangeKernel, PairKernel, type PairMatrix } from './fixedKernels'
import { slotsOf } from './operands'
import type { Step } from './step'
import { bitOf, controlledSubspace, wordMasks, type Subspace } from './subspace'

/** More qubits than this do not fit the 32-bit masks of the kernels (nor 16 GiB a state). */
export const MAX_QUBITS = 30

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
      const gate = PRIMITIVE_GATES[operation.name]
      if (operation.wires.length !== gate.qubits) fail(`${operation.name} takes ${gate.qubits} wires`)
      if (operation.angles.length !== gate.angles.length) fail(`${operation.name} takes ${gate.angles.length} angles`)
      if (operation.inverse && gate.kind === 'angle') fail('the inverse of a gate with an angle negates the angle')
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
