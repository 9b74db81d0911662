/**
 * Circuits as OpenQASM 2 text.
 *
 * Every gate, controlled or not, is first taken apart into a few gates of the original `qelib1.inc` about whose meaning no
 * tool differs (later additions such as rxx come with different angles), exact up to a global phase. Then the
 * `quantum-circuit` package writes the text, with our wire w as q[n−1−w], since OpenQASM's kets name the highest qubit first.
 */
import type { Circuit, Control, Operand, Operation, PauliRotation, TableGate } from '../circuit'
import { builtInControls, type BaseGateName, type PrimitiveGateName } from '../gates'
import { exportWithQuantumCircuit } from '../engines/quantumCircuit'

/**
 * One run of a circuit as an OpenQASM 2 program, without its measurements; qubit w of the circuit is q[n−1−w], so the
 * state's kets read the same.
 *
 * @param slots angles in radians, [circuit.slots]
 * @throws Error for `unitary` and `amplitudes`, which OpenQASM 2 cannot express
 */
export async function toOpenQasm2(circuit: Circuit, slots: Float64Array): Promise<string> {
  const operations = circuit.operations.flatMap(operation => decompose(circuit, operation, slots))
  return exportWithQuantumCircuit({ ...circuit, operations, slots: 0, measurements: [] }, new Float64Array(0))
}

function decompose(circuit: Circuit, operation: Operation, slots: Float64Array): readonly TableGate[] {
  const { flips, positive } = positiveControls(operation.controls)
  const inside = (): readonly TableGate[] => {
    switch (operation.kind) {
      case 'gate': return decomposeGate(operation, positive, slots)
      case 'pauli_rotation': return decomposeWord(operation, positive, slots)
      case 'global_phase': return positive.length === 0 ? [] : phase(valueOf(operation.angle, slots), positive)
      case 'unitary':
      case 'amplitudes':
        throw new Error(`circuit ${circuit.name}: OpenQASM 2 has no ${operation.kind}`)
      default: return operation satisfies never
    }
  }
  return [...flips, ...inside(), ...flips]
}

/** Controls on 0 are controls on 1 between two x. */
function positiveControls(controls: readonly Control[]) {
  return {
    flips: controls.filter(control => control.value === 0).map(({ wire }) => gate('x', [wire])),
    positive: controls.map(({ wire }) => wire),
  }
}

function valueOf(operand: Operand | undefined, slots: Float64Array): number {
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
  { wires, word, angle }: PauliRotation, controls: readonly number[], slots: Float64Array,
): readonly TableGate[] {
  return rotationWord(valueOf(angle, slots), word, wires, controls)
}

function decomposeGate(operation: TableGate, outer: readonly number[], slots: Float64Array): readonly TableGate[] {
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
