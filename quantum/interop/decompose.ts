/**
 * Circuits taken apart into few gates about whose meaning no tool differs, exact up to a global phase.
 *
 * Later additions to the libraries of gates, such as rxx, come with different angles in different tools; the gates of the
 * original `qelib1.inc` do not. A format names those that it keeps; what is left is made of h, x, z, s, rx, ry, rz and cx.
 */
import { noiseName, type Circuit, type Control, type Operand, type Operation, type PauliRotation, type TableGate, type UnitaryOperation } from '../circuit'
import { builtInControls, type BaseGateName, type PrimitiveGateName } from '../gates'
import { conjugateTranspose, hermitianEigensystem, multiplyMatrices, type ComplexMatrix } from '../linearAlgebra'
import { observableMatrix } from '../observable'
import { prepareAmplitudes, splitUnitary } from './dense'

/** A circuit has something that a format has no word for. */
export class ExportError extends Error {
  override readonly name = 'ExportError'
}

/** Something must be a number, and a slot holds an angle with parameters. */
export class MissingNumbers extends ExportError {}

/** Gates that every format has. */
const COMMON = ['h', 'x', 'z', 's', 'rx', 'ry', 'rz', 'cx'] as const satisfies readonly PrimitiveGateName[]

/** Names of the inverses of gates that are not their own. */
const INVERSES: { readonly [Name in PrimitiveGateName]?: PrimitiveGateName } = { s: 'sdg', sdg: 's', t: 'tdg', tdg: 't' }
const SELF_INVERSE: readonly PrimitiveGateName[] = ['id', 'x', 'y', 'z', 'h', 'swap', 'cx', 'cy', 'cz', 'ch', 'ccx', 'cswap']

/**
 * The gates of one run, without controls, inverses or slots.
 *
 * @param slots angles in radians, [circuit.slots]
 * @param kept gates of the format beyond the common ones; the original `qelib1.inc` has `ccx`, `cp` and `p` among them
 */
export function decomposeCircuit(circuit: Circuit, slots: ArrayLike<number>, kept: readonly PrimitiveGateName[]): readonly TableGate[] {
  const names = new Set<PrimitiveGateName>([...COMMON, ...kept])
  return circuit.operations.flatMap(operation => decompose(operation, slots, names)).flatMap(each => asKept(each, names))
}

/** What the format does not have, by what it has. Nothing is under controls any more, so a global phase may go. */
function asKept(each: TableGate, names: ReadonlySet<PrimitiveGateName>): readonly TableGate[] {
  if (names.has(each.name)) return [each]
  const [a = 0, b = 0, c = 0] = each.wires
  const angle = each.angles.length === 0 ? 0 : valueOf(each.angles[0], [])
  const all = (...gates: readonly TableGate[]) => gates.flatMap(inner => asKept(inner, names))
  switch (each.name) {
    case 'p': return [gate('rz', [a], angle)]
    case 'sdg': return [gate('rz', [a], -Math.PI / 2)]
    case 't': return [gate('rz', [a], Math.PI / 4)]
    case 'tdg': return [gate('rz', [a], -Math.PI / 4)]
    // diag(1, 1, 1, e^{iλ}) = e^{iλ/4} RZ(λ/2) ⊗ RZ(λ/2) · exp(iλ ZZ/4)
    case 'cp': return all(gate('rz', [a], angle / 2), gate('rz', [b], angle / 2), gate('cx', [a, b]), gate('rz', [b], -angle / 2), gate('cx', [a, b]))
    // Nielsen and Chuang, figure 4.9
    case 'ccx': return all(
      gate('h', [c]), gate('cx', [b, c]), gate('tdg', [c]), gate('cx', [a, c]), gate('t', [c]), gate('cx', [b, c]), gate('tdg', [c]), gate('cx', [a, c]),
      gate('t', [b]), gate('t', [c]), gate('h', [c]), gate('cx', [a, b]), gate('t', [a]), gate('tdg', [b]), gate('cx', [a, b]),
    )
    default: throw new Error(`internal: ${each.name} is left over`)
  }
}

function decompose(operation: Operation, slots: ArrayLike<number>, names: ReadonlySet<PrimitiveGateName>): readonly TableGate[] {
  if (operation.kind === 'gate' && operation.controls.length === 0) {
    const name = !operation.inverse || SELF_INVERSE.includes(operation.name) ? operation.name : INVERSES[operation.name]
    if (name && names.has(name)) return [{ ...operation, name, inverse: false, angles: operation.angles.map(angle => ({ value: valueOf(angle, slots) })) }]
  }
  const { flips, positive } = positiveControls(operation.controls)
  const inside = (): readonly TableGate[] => {
    switch (operation.kind) {
      case 'gate': return decomposeGate(operation, positive, slots)
      case 'pauli_rotation': return decomposeWord(operation, positive, slots)
      case 'global_phase': return positive.length === 0 ? [] : phase(valueOf(operation.angle, slots), positive)
      case 'unitary':
      case 'amplitudes':
      case 'evolution': return splitDense(operation, slots).flatMap(each => decompose(each, slots, names))
      case 'channel':
      case 'kraus': throw new ExportError(`there is no gate for the noise of ${noiseName(operation)}`)
      default: return operation satisfies never
    }
  }
  // The parts of a dense operation have its controls already.
  return isDense(operation) ? inside() : [...flips, ...inside(), ...flips]
}

/** What no format has, and what rotations can stand for. */
export type DenseOperation = Operation & { readonly kind: 'unitary' | 'amplitudes' | 'evolution' }

export function isDense(operation: Operation): operation is DenseOperation {
  return operation.kind === 'unitary' || operation.kind === 'amplitudes' || operation.kind === 'evolution'
}

/** A dense operation by rotations under controls. */
export function splitDense(operation: DenseOperation, slots: ArrayLike<number>): readonly UnitaryOperation[] {
  const known = (entries: readonly Operand[]) => entries.map(entry => valueOf(entry, slots))
  switch (operation.kind) {
    case 'unitary': return splitUnitary(operation, known(operation.re), known(operation.im))
    case 'amplitudes':
      if (operation.inverse) throw new ExportError('the overlap with a prepared state is no gate')
      return prepareAmplitudes(operation, known(operation.re), known(operation.im))
    case 'evolution': {
      const [re, im] = evolved(observableMatrix(operation.hamiltonian, operation.wires.length), valueOf(operation.angle, slots))
      return splitUnitary(operation, re, im)
    }
    default: return operation satisfies never
  }
}

/** exp(−iθH) = Σ exp(−iθλ)|λ⟩⟨λ|, row-major. */
function evolved(hamiltonian: ComplexMatrix, theta: number): readonly [readonly number[], readonly number[]] {
  const { values, vectors } = hermitianEigensystem(hamiltonian)
  const phases = { size: hamiltonian.size, re: new Float64Array(hamiltonian.size ** 2), im: new Float64Array(hamiltonian.size ** 2) }
  values.forEach((value, at) => {
    phases.re[at * (hamiltonian.size + 1)] = Math.cos(theta * value)
    phases.im[at * (hamiltonian.size + 1)] = -Math.sin(theta * value)
  })
  const { re, im } = multiplyMatrices(multiplyMatrices(vectors, phases), conjugateTranspose(vectors))
  return [[...re], [...im]]
}

/** Controls on 0 are controls on 1 between two x. */
function positiveControls(controls: readonly Control[]) {
  return {
    flips: controls.filter(control => control.value === 0).map(({ wire }) => gate('x', [wire])),
    positive: controls.map(({ wire }) => wire),
  }
}

function valueOf(operand: Operand | undefined, slots: ArrayLike<number>): number {
  if (operand === undefined) throw new Error('internal: a gate lacks its angle')
  return 'value' in operand ? operand.value : slots[operand.slot] as number
}

function gate(name: PrimitiveGateName, wires: readonly number[], angle?: number): TableGate {
  return {
    kind: 'gate', name, wires, controls: [], angles: angle === undefined ? [] : [{ value: angle }], inverse: false,
  }
}

/** e^{iλ} where all wires carry 1 (Barenco et al., “Elementary gates for quantum computation”, lemma 7.5). */
function phase(lambda: number, wires: readonly number[]): readonly TableGate[] {
  const [first, second, ...rest] = wires
  if (first === undefined) return []
  if (second === undefined) return [gate('p', [first], lambda)]
  if (rest.length === 0) return [gate('cp', [first, second], lambda)]
  const target = first, last = second
  const flip = flipUnder(rest, last)
  return [
    gate('cp', [last, target], lambda / 2), ...flip, gate('cp', [last, target], -lambda / 2), ...flip,
    ...phase(lambda / 2, [target, ...rest]),
  ]
}

/** x on the target where all controls carry 1. */
function flipUnder(controls: readonly number[], target: number): readonly TableGate[] {
  const [first, second] = controls
  if (first === undefined) return [gate('x', [target])]
  if (second === undefined) return [gate('cx', [first, target])]
  if (controls.length === 2) return [gate('ccx', [first, second, target])]
  return [gate('h', [target]), ...phase(Math.PI, [target, ...controls]), gate('h', [target])]
}

/** rz under controls: exp(−iθZ/2) = e^{−iθ/2}·P(θ). */
function rotationZ(theta: number, controls: readonly number[], target: number): readonly TableGate[] {
  if (controls.length === 0) return [gate('rz', [target], theta)]
  return [...phase(theta, [target, ...controls]), ...phase(-theta / 2, controls)]
}

/** V before and V† after, where V X V† = Z or V Y V† = Z. */
const TO_Z = {
  X: (wire: number) => ({ before: [gate('h', [wire])], after: [gate('h', [wire])] }),
  Y: (wire: number) => ({
    before: [gate('sdg', [wire]), gate('h', [wire])], after: [gate('h', [wire]), gate('s', [wire])],
  }),
}

/** exp(−iθP/2) as a rotation about the parity of the word's wires, gathered on the last of them. */
function rotationWord(
  theta: number, word: string, wires: readonly number[], controls: readonly number[],
): readonly TableGate[] {
  const used = wires.filter((_, w) => word[w] !== 'I')
  const last = used.at(-1)
  // The identity's rotation is a phase, e^{−iθ/2}.
  if (last === undefined) return phase(-theta / 2, controls)
  const changes = wires.flatMap((wire, w) => {
    const letter = word[w]
    return letter === 'X' || letter === 'Y' ? [TO_Z[letter](wire)] : []
  })
  const parity = used.slice(0, -1).map(wire => gate('cx', [wire, last]))
  return [
    ...changes.flatMap(change => change.before), ...parity,
    ...rotationZ(theta, controls, last),
    ...parity, ...changes.flatMap(change => change.after),
  ]
}

function decomposeWord(
  { wires, word, angle }: PauliRotation, controls: readonly number[], slots: ArrayLike<number>,
): readonly TableGate[] {
  return rotationWord(valueOf(angle, slots), word, wires, controls)
}

function decomposeGate(operation: TableGate, outer: readonly number[], slots: ArrayLike<number>): readonly TableGate[] {
  const { base, controls: count } = builtInControls(operation.name)
  const angle = operation.angles.length === 0 ? 0 : valueOf(operation.angles[0], slots)
  return baseUnder(base, [...outer, ...operation.wires.slice(0, count)], operation.wires.slice(count), angle, operation.inverse)
}

function baseUnder(
  name: BaseGateName, controls: readonly number[], wires: readonly number[], angle: number, inverse: boolean,
): readonly TableGate[] {
  const [a = 0, b = 0, c = 0, d = 0] = wires
  const sign = inverse ? -1 : 1
  const phaseOf = (lambda: number) => phase(sign * lambda, [a, ...controls])
  const word = (letters: string) => rotationWord(angle, letters, wires, controls)
  switch (name) {
    case 'id': return []
    case 'x': return flipUnder(controls, a)
    // Y = S X S†
    case 'y': return [gate('sdg', [a]), ...flipUnder(controls, a), gate('s', [a])]
    case 'z': return controls.length === 0 ? [gate('z', [a])] : phaseOf(Math.PI)
    // H = RY(π/4) Z RY(−π/4)
    case 'h': return controls.length === 0 ? [gate('h', [a])]
      : [gate('ry', [a], -Math.PI / 4), ...phaseOf(Math.PI), gate('ry', [a], Math.PI / 4)]
    case 's': return phaseOf(Math.PI / 2)
    case 'sdg': return phaseOf(-Math.PI / 2)
    case 't': return phaseOf(Math.PI / 4)
    case 'tdg': return phaseOf(-Math.PI / 4)
    // √X = H S H
    case 'sx': return [gate('h', [a]), ...phaseOf(Math.PI / 2), gate('h', [a])]
    case 'swap': return [gate('cx', [b, a]), ...flipUnder([...controls, a], b), gate('cx', [b, a])]
    // |01⟩ and |10⟩ gain the factor i from S⊗S·CZ = diag(1, i, i, 1).
    case 'iswap': return [
      ...baseUnder('swap', controls, wires, 0, false), ...phase(Math.PI, [a, b, ...controls]),
      ...phaseOf(Math.PI / 2), ...phase(sign * Math.PI / 2, [b, ...controls]),
    ]
    case 'rx': return controls.length === 0 ? [gate('rx', [a], angle)] : word('X')
    case 'ry': return controls.length === 0 ? [gate('ry', [a], angle)] : word('Y')
    case 'rz': return rotationZ(angle, controls, a)
    case 'p': return phase(angle, [a, ...controls])
    case 'rxx': return word('XX')
    case 'ryy': return word('YY')
    case 'rzz': return word('ZZ')
    case 'rzx': return word('ZX')
    // cx from the last wire leaves |10⟩ and makes |01⟩ into |11⟩: a rotation of the last wire where the first is 1.
    case 'single_excitation': return [
      gate('cx', [b, a]), ...baseUnder('ry', [...controls, a], [b], -angle, false), gate('cx', [b, a]),
    ]
    // Likewise |1100⟩ stays and |0011⟩ becomes |1101⟩.
    case 'double_excitation': {
      const gather = [gate('cx', [d, a]), gate('cx', [d, b]), gate('cx', [d, c])]
      const rotation = baseUnder('ry', [...controls, a, b, c], [d], -angle, false)
      return [...gather, gate('x', [c]), ...rotation, gate('x', [c]), ...gather]
    }
    default: return name satisfies never
  }
}
