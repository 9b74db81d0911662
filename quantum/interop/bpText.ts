/** Circuits as .bp text, which is how a file of another format becomes a program. */
import { operandsOf, type Circuit, type Measurement, type Operand, type Operation, type Term } from '../circuit'
import { exactNumber, parametersOf, printAngle, type Angle, type SlotAngles } from './angle'
import { ExportError } from './decompose'

const REGISTER = 'q'
const WORDS = ['use', 'const', 'fn', 'layer', 'gate', 'circuit', 'model', 'train', 'input', 'target', 'param', 'let', 'var', 'output', 'for', 'in', 'if', 'then',
  'else', 'yield', 'return', 'and', 'or', 'not', 'true', 'false', 'inf', 'real', 'int', 'bool', 'pi', REGISTER]

/**
 * A `circuit` declaration that does the same. Parameters are its arguments; without measurements it returns the probabilities
 * of all qubits.
 *
 * @param slots what each slot holds, [circuit.slots]
 * @throws ExportError for what the language reports only as a part of something else
 */
export function toBpCircuit(circuit: Circuit, slots: SlotAngles): string {
  const names = new Map<string, string>()
  const parameters = Array.from(slots).flatMap(parametersOf)
  for (const { name } of parameters) {
    let made = name
    while (WORDS.includes(made) || [...names].some(([of, given]) => of !== name && given === made)) made += '_'
    names.set(name, made)
  }
  const angleOf = (operand: Operand): string => angleText('value' in operand ? operand.value : slots[operand.slot] ?? NaN, names)
  const signature = [...names].map(([name, written]) => {
    const rank = parameters.find(parameter => parameter.name === name)?.indices.length ?? 0
    const sizes = Array.from({ length: rank }, (_, axis) => 1 + parameters.reduce((most, parameter) => (parameter.name === name ? Math.max(most, parameter.indices[axis] ?? 0) : most), 0))
    return `${written}: real${sizes.length > 0 ? `[${sizes.join(', ')}]` : ''}`
  })
  const results = circuit.measurements.length > 0 ? circuit.measurements : [{ kind: 'probabilities', wires: all(circuit.qubits) } as const]
  return [
    `circuit ${WORDS.includes(circuit.name) ? `${circuit.name}_` : circuit.name}(${signature.join(', ')}) -> ${resultType(results)} {`,
    `  qubits ${REGISTER}[${circuit.qubits}]`,
    ...circuit.operations.map(operation => `  ${statement(operation, angleOf, circuit.qubits)}`),
    `  return ${returned(results, circuit.qubits)}`,
    '}', '',
  ].join('\n')
}

const all = (count: number): readonly number[] => Array.from({ length: count }, (_, wire) => wire)

function angleText(angle: Angle, names: ReadonlyMap<string, string>): string {
  return printAngle(angle, {
    number: value => exactNumber(value), power: '^',
    parameter: ({ name, indices }) => `${names.get(name) ?? name}${indices.length > 0 ? `[${indices.join(', ')}]` : ''}`,
  })
}

function qubits(wires: readonly number[], count: number): string {
  return wires.length === count && wires.length > 1 && wires.every((wire, at) => wire === at) ? REGISTER : wires.map(wire => `${REGISTER}[${wire}]`).join(', ')
}

// ----------------------------------------------------------------------------------------------------- statements

function statement(operation: Operation, angleOf: (operand: Operand) => string, count: number): string {
  const controls = operation.controls.map(({ value }) => (value === 1 ? 'ctrl ' : 'negctrl ')).join('')
  const wires = [...operation.controls.map(({ wire }) => wire), ...operation.wires].map(wire => `${REGISTER}[${wire}]`).join(', ')
  const angles = operandsOf(operation).map(angleOf)
  const list = (operands: readonly Operand[]) => `[${operands.map(angleOf).join(', ')}]`
  const size = 2 ** operation.wires.length
  const matrix = (entries: readonly Operand[]) => `[${all(size).map(row => list(entries.slice(row * size, (row + 1) * size))).join(', ')}]`
  const operators = (entries: readonly Operand[]) => `[${all(entries.length / size ** 2).map(at => matrix(entries.slice(at * size ** 2, (at + 1) * size ** 2))).join(', ')}]`
  switch (operation.kind) {
    case 'gate': return `${controls}${operation.inverse ? 'inv ' : ''}${operation.name}${angles.length > 0 ? `(${angles.join(', ')})` : ''} ${wires}`
    case 'pauli_rotation': return `${controls}pauli_rotation("${operation.word}", ${angles.join(', ')}) ${wires}`
    case 'global_phase': return `${controls}gphase(${angles.join(', ')})${wires && ` ${wires}`}`
    case 'unitary': return `${controls}unitary(${matrix(operation.re)}, ${matrix(operation.im)}) ${wires}`
    case 'kraus': return `kraus(${operators(operation.re)}, ${operators(operation.im)}) ${wires}`
    case 'amplitudes':
      if (operation.inverse) throw new ExportError('the overlap with a prepared state has no statement of its own')
      return `amplitudes(${list(operation.re)}, ${list(operation.im)}) ${qubits(operation.wires, count)}`
    case 'evolution': throw new ExportError('an evolution has no statement that names its Hamiltonian by numbers')
    case 'channel': {
      // √(1 − γ) of the damping channels is what the engine reads.
      const parameter = operation.name.endsWith('damp') ? `1 - (${angles.join(', ')})^2` : angles.join(', ')
      return `${operation.name}(${parameter}) ${wires}`
    }
    default: return operation satisfies never
  }
}

// ---------------------------------------------------------------------------------------------------- measurements

function resultType(measurements: readonly Measurement[]): string {
  const [first, ...others] = measurements
  if (first && others.length === 0 && first.kind === 'probabilities') return `real[${2 ** first.wires.length}]`
  return measurements.length === 1 ? 'real' : measurements.every(({ kind }) => kind === 'expectation') ? `real[${measurements.length}]` : `(${measurements.map(each => resultType([each])).join(', ')})`
}

function returned(measurements: readonly Measurement[], count: number): string {
  const texts = measurements.map(measurement => {
    switch (measurement.kind) {
      case 'expectation': return `expect(${measurement.terms.map(termText).join(' + ') || '0'})`
      case 'probabilities': return `probs(${qubits(measurement.wires, count)})`
      case 'density': throw new ExportError('a reduced density matrix is a part of what the language reports, as in `purity`, and none by itself')
      case 'sample': throw new ExportError('samples need `@shots`, which is not written yet')
      default: return measurement satisfies never
    }
  })
  return measurements.length > 1 && measurements.every(({ kind }) => kind === 'expectation') ? `[${texts.join(', ')}]` : texts.join(', ')
}

/** `-0.5 * X(q[0]) * Z(q[1])` */
function termText({ coefficient, word }: Term): string {
  const factors = word.map(([wire, letter]) =>
    (letter === '0' || letter === '1' ? `projector(${REGISTER}[${wire}], "${letter}")` : `${letter}(${REGISTER}[${wire}])`))
  const number = coefficient === 1 && factors.length > 0 ? [] : [coefficient < 0 ? `(${coefficient})` : String(coefficient)]
  return [...number, ...factors].join(' * ')
}
