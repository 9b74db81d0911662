/** Gates that take something besides angles: `pauli_rotation`, `unitary`, `amplitudes`, `basis_state`. */
import type { GateStatement } from '../1-parse/ast'
import type { Operand } from '../../quantum/circuit'
import { unitaryDeviation } from '../../quantum/linearAlgebra'
import { applyElementwise, castNumeric } from './broadcast'
import type { CircuitFrame } from './circuitFrame'
import type { Frame } from './frame'
import { normOver } from './functions/compose'
import { describe, isNumeric, staticReal, tensorMeaning, toValue, typeOf, type Meaning, type Numeric } from './meaning'
import { mismatch } from './operators'
import { elementOf, scalarOf, slotOf } from './gateOperands'

/** `pauli_rotation("XYZ", θ) q[0], q[1], q[2]`: exp(−iθP/2). */
export function pauliRotation(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  const [first, second] = argumentsOf(frame, statement, ['word', 'θ']) ?? []
  if (!first || !second || !frame.circuit) return
  if (first.meaning.kind !== 'text' || !/^[IXYZ]+$/.test(first.meaning.text)) {
    frame.sink.report('type-mismatch', first.span, { expected: 'a Pauli word such as "XYZ"', found: first.meaning.kind === 'text' ? `"${first.meaning.text}"` : describe(first.meaning) })
    return
  }
  const word = first.meaning.text
  if (word.length !== wires.length) {
    frame.sink.report('gate-arity', statement.span, { gate: `pauli_rotation("${word}", …)`, expected: word.length, found: wires.length, hint: 'one letter a qubit' })
    return
  }
  const angle = scalarOf(frame, second.meaning, second.span, undefined)
  if (angle) frame.circuit.operations.push({ kind: 'pauli_rotation', word, wires, controls: [], angle: slotOf(frame.circuit, angle) })
}

/** `unitary(re, im) q`: a 2^k × 2^k matrix, checked now where its entries are known, and otherwise when it runs. */
export function unitary(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  const size = 2 ** wires.length
  const entries = complexEntries(frame, statement, [size, size], `a ${size} × ${size} matrix for ${wires.length} ${wires.length === 1 ? 'qubit' : 'qubits'}`)
  if (!entries || !frame.circuit) return
  const { re, im } = entries
  if (re.kind === 'static' && im.kind === 'static') {
    const deviation = unitaryDeviation({ size, re: Float64Array.from(re.data), im: Float64Array.from(im.data) })
    if (deviation > 1e-6) {
      frame.sink.report('not-unitary', statement.span, { deviation: deviation.toPrecision(2) })
      return
    }
  }
  frame.circuit.operations.push({ kind: 'unitary', wires, controls: [], re: slotsOf(frame, frame.circuit, re), im: slotsOf(frame, frame.circuit, im) })
}

/** `amplitudes(re, im) q`: 2^k numbers, divided by their norm; first on their qubits. */
export function amplitudes(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  const size = 2 ** wires.length
  const entries = complexEntries(frame, statement, [size], `${size} amplitudes for ${wires.length} ${wires.length === 1 ? 'qubit' : 'qubits'}`)
  if (!entries || !frame.circuit) return
  const touched = frame.circuit.touched(wires)
  if (touched) {
    frame.sink.report('late-preparation', statement.span, { gate: 'amplitudes' })
    return
  }
  const normalised = normalise(frame, entries.re, entries.im)
  if (!normalised) {
    frame.sink.report('zero-amplitudes', statement.span, {})
    return
  }
  frame.circuit.operations.push({
    kind: 'amplitudes', wires, controls: [], re: slotsOf(frame, frame.circuit, normalised.re), im: slotsOf(frame, frame.circuit, normalised.im),
  })
}

/** `basis_state("010") q` or `basis_state([0, 1, 0]) q`: X where a 1 stands. */
export function basisState(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  const [bits] = argumentsOf(frame, statement, ['bits']) ?? []
  if (!bits || !frame.circuit) return
  const { meaning } = bits
  const digits = meaning.kind === 'text' ? [...meaning.text].map(Number)
    : meaning.kind === 'static' && meaning.element !== 'real' && meaning.shape.length <= 1 ? meaning.data : undefined
  if (!digits || digits.some(bit => bit !== 0 && bit !== 1)) {
    mismatch(frame, bits.span, 'bits that are known when the circuit is compiled, such as "010"', meaning)
    return
  }
  if (digits.length !== wires.length) {
    frame.sink.report('gate-arity', statement.span, { gate: 'basis_state', expected: digits.length, found: wires.length, hint: 'one bit a qubit' })
    return
  }
  digits.forEach((bit, at) => {
    const wire = wires[at]
    if (bit === 1 && wire !== undefined) frame.circuit?.operations.push({ kind: 'gate', name: 'x', wires: [wire], controls: [], angles: [], inverse: false })
  })
}

// ----------------------------------------------------------------------------------------------------- arguments

interface Evaluated { readonly meaning: Meaning; readonly span: GateStatement['span'] }

function argumentsOf(frame: Frame, statement: GateStatement, names: readonly string[], optional = 0): readonly Evaluated[] | undefined {
  const given = statement.arguments ?? []
  if (given.length > names.length || given.length < names.length - optional) {
    frame.sink.report('angle-count', statement.span, {
      gate: statement.name.name, expected: `${names.length - optional === names.length ? '' : `${names.length - optional} or `}${names.length} arguments`, found: given.length,
      signature: `${statement.name.name}(${names.join(', ')})`,
    })
    return undefined
  }
  const evaluated = given.map(({ value }) => ({ meaning: frame.session.evaluate(frame, value), span: value.span }))
  return evaluated.some(({ meaning }) => meaning.kind === 'unknown') ? undefined : evaluated
}

/** Real and imaginary parts of a given shape; the imaginary part may be left out. */
function complexEntries(frame: Frame, statement: GateStatement, shape: readonly number[], what: string): { readonly re: Numeric; readonly im: Numeric } | undefined {
  const given = argumentsOf(frame, statement, ['re', 'im'], 1)
  if (!given) return undefined
  const parts: Numeric[] = []
  for (const { meaning, span } of given) {
    const part = isNumeric(meaning) ? castNumeric(frame, meaning, 'real') : undefined
    if (!part || typeOf(part).shape.length !== shape.length || typeOf(part).shape.some((dim, axis) => dim !== shape[axis])) {
      mismatch(frame, span, what, meaning)
      return undefined
    }
    parts.push(part)
  }
  const [re, im] = parts
  return re && { re, im: im ?? { kind: 'static', element: 'real', shape, data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0) } }
}

function slotsOf(frame: Frame, circuit: CircuitFrame, entries: Numeric): readonly Operand[] {
  const count = typeOf(entries).shape.reduce<number>((product, size) => product * Number(size), 1)
  return Array.from({ length: count }, (_, at) => slotOf(circuit, elementOf(frame, entries, at)))
}

/** Divided by √(Σ re² + im²); undefined where that is known to be 0. */
function normalise(frame: Frame, re: Numeric, im: Numeric): { readonly re: Numeric; readonly im: Numeric } | undefined {
  const shape = typeOf(re).shape
  if (re.kind === 'static' && im.kind === 'static') {
    const norm = Math.hypot(...re.data, ...im.data)
    const divide = (part: Numeric) => applyElementwise(frame, 'div', [part, staticReal(norm)], shape)
    return norm === 0 ? undefined : { re: divide(re), im: divide(im) }
  }
  const b = frame.builder
  const both = b.add('concat', { axis: 0 }, [toValue(b, re), toValue(b, im)])
  const norm = tensorMeaning(normOver(b, both, [0]))
  const divide = (part: Numeric) => applyElementwise(frame, 'div', [part, norm], shape)
  // An imaginary part that is known to be 0 stays known: no slots for it.
  const none = im.kind === 'static' && im.data.every(value => value === 0)
  return { re: divide(re), im: none ? im : divide(im) }
}
