/**
 * Circuits as OpenQASM 3 text: exact, global phase included, with controls as modifiers and parameters as `input`s.
 *
 * Qubit w of the circuit is q[n−1−w], since OpenQASM's kets name the highest qubit first: so the kets of both read the same.
 * Gates that `stdgates.inc` lacks are defined in the text (openqasm.com/language/standard_library.html has those it has).
 */
import { noiseName, operandsOf, type Circuit, type Control, type GlobalPhase, type Operand, type Operation, type PauliRotation, type TableGate } from '../circuit'
import type { PrimitiveGateName } from '../gates'
import { applyAngle, exactNumber, isOpenQasmAngle, printAngle, type AngleFunction, type AngleParameter, type SlotAngles } from './angle'
import { ExportError, MissingNumbers, splitDense } from './decompose'
import { definitionOf, STANDARD_NAMES } from './openqasmGates'

/** Names that a parameter cannot have there: one namespace serves gates and values. */
const TAKEN = ['pi', 'tau', 'euler', 'π', 'τ', 'ℇ', 'q', 'U', 'gphase', 'ctrl', 'negctrl', 'inv', 'pow', 'input', 'output', 'gate', 'qubit', 'bit', 'int', 'uint', 'float',
  'angle', 'bool', 'complex', 'const', 'let', 'def', 'if', 'else', 'for', 'while', 'in', 'return', 'measure', 'reset', 'barrier', 'include', 'end', 'box', 'delay',
  'sin', 'cos', 'tan', 'arcsin', 'arccos', 'arctan', 'exp', 'log', 'sqrt', 'floor', 'ceiling', 'mod', 'popcount', 'rotl', 'rotr', 'array', 'extern', 'cal', 'defcal',
  'break', 'continue', 'switch', 'case', 'default', 'stretch', 'duration', 'void', 'mutable', 'readonly', 'true', 'false', 'im', 'opaque', 'creg', 'qreg']

/**
 * A circuit as an OpenQASM 3 program, without its measurements.
 *
 * @param slots what each slot holds, [circuit.slots]: numbers, or angles whose parameters become inputs of the program. An angle
 *   that OpenQASM has no function for becomes an input itself, `slot_3`.
 * @throws ExportError for noise; MissingNumbers where an amplitude or an entry of a matrix is no number
 */
export function toOpenQasm3(circuit: Circuit, slots: SlotAngles): string {
  const names = new ParameterNames()
  const definitions = new Map<string, string>()
  const angleOf = (operand: Operand, scale: number): string => {
    const angle = 'value' in operand ? operand.value : slots[operand.slot] ?? NaN
    const written = 'value' in operand || isOpenQasmAngle(angle) ? angle : { name: 'slot', indices: [operand.slot] }
    return printAngle(applyAngle('mul', scale, written), { number: value => exactNumber(value), parameter: parameter => names.of(parameter), fn: openQasmName })
  }
  const qubit = (wire: number) => `q[${circuit.qubits - 1 - wire}]`
  const lines = circuit.operations.flatMap(operation => unfold(operation, slots)).map(operation => {
    const { name, definition } = nameOf(operation)
    if (definition) definitions.set(name, definition)
    // The rotation about the identity is a phase, e^{−iθ/2}.
    const scale = name === 'gphase' && operation.kind === 'pauli_rotation' ? -0.5 : 1
    const angles = operandsOf(operation).map(operand => angleOf(operand, scale))
    const arguments_ = angles.length > 0 ? `(${angles.join(', ')})` : ''
    const wires = operation.kind === 'pauli_rotation' ? operation.wires.filter((_, at) => operation.word[at] !== 'I') : operation.wires
    const inverse = operation.kind === 'gate' && operation.inverse ? 'inv @ ' : ''
    const qubits = [...operation.controls.map(({ wire }) => wire), ...wires].map(qubit).join(', ')
    return `${modifiers(operation.controls)}${inverse}${name}${arguments_}${qubits && ` ${qubits}`};`
  })
  return [
    'OPENQASM 3.0;', 'include "stdgates.inc";', ...names.all.map(name => `input float[64] ${name};`), ...definitions.values(),
    `qubit[${circuit.qubits}] q;`, ...lines, '',
  ].join('\n')
}

type Written = TableGate | PauliRotation | GlobalPhase

/** Dense operations by rotations. */
function unfold(operation: Operation, slots: SlotAngles): readonly Written[] {
  switch (operation.kind) {
    case 'gate':
    case 'pauli_rotation':
    case 'global_phase': return [operation]
    case 'unitary':
    case 'amplitudes':
    case 'evolution': {
      const numbers = Array.from(slots, angle => (typeof angle === 'number' ? angle : NaN))
      if (operandsOf(operation).some(operand => 'slot' in operand && Number.isNaN(numbers[operand.slot]))) {
        const what = { unitary: 'the entries of a matrix', amplitudes: 'amplitudes', evolution: 'the time of an evolution' }[operation.kind]
        throw new MissingNumbers(`${what} must be numbers`)
      }
      return splitDense(operation, numbers).flatMap(each => unfold(each, slots))
    }
    case 'channel':
    case 'kraus': throw new ExportError(`there is no gate for the noise of ${noiseName(operation)}`)
    default: return operation satisfies never
  }
}

function nameOf(operation: Written): { readonly name: string; readonly definition?: string } {
  switch (operation.kind) {
    case 'global_phase': return { name: 'gphase' }
    case 'gate': return STANDARD_NAMES.has(operation.name) ? { name: operation.name } : defined(operation.name, operation)
    case 'pauli_rotation': {
      const letters = operation.word.replaceAll('I', '').toLowerCase()
      return letters ? defined(`pauli_rotation_${letters}`) : { name: 'gphase' }
    }
    default: return operation satisfies never
  }
}

function defined(name: string, gate?: TableGate): { readonly name: string; readonly definition: string } {
  return { name, definition: definitionOf(gate ? gate.name satisfies PrimitiveGateName : name) }
}

/** `ctrl(2) @ negctrl @ ` for runs of alike controls. */
function modifiers(controls: readonly Control[]): string {
  const runs: { readonly value: 0 | 1; count: number }[] = []
  for (const { value } of controls) {
    const last = runs.at(-1)
    if (last?.value === value) last.count++
    else runs.push({ value, count: 1 })
  }
  return runs.map(({ value, count }) => `${value === 1 ? 'ctrl' : 'negctrl'}${count > 1 ? `(${count})` : ''} @ `).join('')
}

function openQasmName(fn: AngleFunction): string {
  const other: Readonly<Record<string, string>> = { asin: 'arcsin', acos: 'arccos', atan: 'arctan', ceil: 'ceiling' }
  return other[fn] ?? fn
}

/** `w[0,1]` as `w_0_1`, each parameter under a name of its own. */
class ParameterNames {
  private readonly known = new Map<string, string>()

  get all(): readonly string[] { return [...this.known.values()] }

  of({ name, indices }: AngleParameter): string {
    const key = `${name}[${indices.join(',')}]`
    const earlier = this.known.get(key)
    if (earlier !== undefined) return earlier
    let made = [name, ...indices].join('_')
    const used = new Set([...this.known.values(), ...STANDARD_NAMES, ...TAKEN])
    while (used.has(made)) made += '_'
    this.known.set(key, made)
    return made
  }
}
