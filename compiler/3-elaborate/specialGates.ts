/** Gates that take something besides angles: `pauli_rotation`, `unitary`, `amplitudes`, `basis_state`. */
import type { GateStatement } from '../1-parse/ast'
import type { Operand } from '../../quantum/circuit'
import type { Dim } from '../../ir/dim'
import { argumentHelp } from '../diagnostics/suggest'
import { MAX_DEVIATION, unitaryDeviation } from '../../quantum/linearAlgebra'
import { applyElementwise, castNumeric } from './broadcast'
import { addOperation, qubitName, type CircuitFrame } from './circuitFrame'
import type { Frame } from './frame'
import { normOver } from './functions/compose'
import { describe, isNumeric, staticReal, tensorMeaning, toValue, typeOf, type Meaning, type Numeric } from './meaning'
import { mismatch } from './operators'
import { bitsOf, countOf, entriesOf, scalarOf, slotOf } from './gateOperands'

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
    frame.sink.report('gate-arity', statement.span, { gate: `pauli_rotation("${word}", …)`, expected: countOf(word.length, 'qubit'), found: wires.length, hint: 'one letter a qubit' })
    return
  }
  const angle = scalarOf(frame, second.meaning, second.span)
  if (angle) addOperation(frame.circuit, { kind: 'pauli_rotation', word, wires, controls: [], angle: slotOf(frame.circuit, angle) })
}

/** `unitary(re, im) q`: a 2^k × 2^k matrix, checked now where its entries are known, and otherwise when it runs. */
export function unitary(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  const size = 2 ** wires.length
  const entries = complexEntries(frame, statement, [size, size], `a ${size} × ${size} matrix for ${wires.length} ${wires.length === 1 ? 'qubit' : 'qubits'}`)
  if (!entries || !frame.circuit) return
  const { re, im } = entries
  if (re.kind === 'static' && im.kind === 'static') {
    const deviation = unitaryDeviation({ size, re: Float64Array.from(re.data), im: Float64Array.from(im.data) })
    if (!(deviation <= MAX_DEVIATION)) {
      frame.sink.report('not-unitary', statement.span, { deviation: deviation.toPrecision(2) })
      return
    }
  }
  addOperation(frame.circuit, { kind: 'unitary', wires, controls: [], re: slotsOf(frame, frame.circuit, re), im: slotsOf(frame, frame.circuit, im) })
}

/** `amplitudes(re, im) q`: 2^k numbers, divided by their norm; first on their qubits. */
export function amplitudes(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  const size = 2 ** wires.length
  const entries = complexEntries(frame, statement, [size], `${size} amplitudes for ${wires.length} ${wires.length === 1 ? 'qubit' : 'qubits'}`)
  if (!entries || !frame.circuit) return
  if (!prepares(frame, frame.circuit, statement, wires)) return
  const normalised = normalise(frame, entries.re, entries.im)
  if (!normalised) {
    frame.sink.report('zero-amplitudes', statement.span, {})
    return
  }
  addOperation(frame.circuit, {
    kind: 'amplitudes', wires, controls: [], re: slotsOf(frame, frame.circuit, normalised.re), im: slotsOf(frame, frame.circuit, normalised.im),
  })
}

/** `basis_state("010") q` or `basis_state([0, 1, 0]) q`: X where a 1 stands. */
export function basisState(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  const [bits] = argumentsOf(frame, statement, ['bits']) ?? []
  const { circuit } = frame
  if (!bits || !circuit) return
  const { meaning } = bits
  const digits = bitsOf(meaning)
  if (!digits) {
    mismatch(frame, bits.span, 'bits that are known when the circuit is compiled, such as "010"', meaning)
    return
  }
  if (digits.length !== wires.length) {
    frame.sink.report('gate-arity', statement.span, { gate: 'basis_state', expected: countOf(digits.length, 'qubit'), found: wires.length, hint: 'one bit a qubit' })
    return
  }
  if (!prepares(frame, circuit, statement, wires)) return
  digits.forEach((bit, at) => {
    const wire = wires[at]
    if (bit === 1 && wire !== undefined) addOperation(circuit, { kind: 'gate', name: 'x', wires: [wire], controls: [], angles: [], inverse: false })
  })
}

/** A preparation acts on |0…0⟩ only. */
function prepares(frame: Frame, circuit: CircuitFrame, statement: GateStatement, wires: readonly number[]): boolean {
  const gate = statement.name.name
  circuit.preparation ??= gate
  const touched = wires.find(wire => circuit.touched.has(wire))
  if (touched === undefined) return true
  frame.sink.report('late-preparation', statement.span, { gate, qubit: qubitName(circuit, touched) })
  return false
}

// ----------------------------------------------------------------------------------------------------- arguments

interface Evaluated { readonly meaning: Meaning; readonly span: GateStatement['span'] }

/** In the order of the names; those at the end may be optional. */
export function argumentsOf(frame: Frame, statement: GateStatement, names: readonly string[], optional = 0): readonly Evaluated[] | undefined {
  const gate = statement.name.name
  const given = statement.arguments ?? []
  const evaluated = given.map(({ value }) => ({ meaning: frame.session.evaluate(frame, value), span: value.span }))
  const stranger = given.find(({ name }) => name && !names.includes(name.name))?.name
  if (stranger) {
    frame.sink.report('unknown-argument', stranger.span, { name: gate, argument: stranger.name, ...argumentHelp(stranger.name, names) })
    return undefined
  }
  const required = names.length - optional
  const ordered = names.map((name, at) => evaluated[given.findIndex(argument => argument.name?.name === name)] ?? (given[at]?.name ? undefined : evaluated[at]))
  if (given.length > names.length || ordered.filter(Boolean).length < given.length || ordered.slice(0, required).includes(undefined)) {
    frame.sink.report('angle-count', statement.span, {
      gate, expected: `${optional > 0 ? `${required} or ` : ''}${countOf(names.length, 'argument')}`, found: given.length || 'none', signature: `${gate}(${names.join(', ')})`,
    })
    return undefined
  }
  const present = ordered.filter(argument => argument !== undefined)
  return present.some(({ meaning }) => meaning.kind === 'unknown') ? undefined : present
}

/** Real and imaginary parts of a given shape, with a name for a size that is the same in both; the imaginary part may be left out. */
export function complexEntries(frame: Frame, statement: GateStatement, expected: readonly (number | string)[], what: string): { readonly re: Numeric; readonly im: Numeric } | undefined {
  let shape: readonly (number | string)[] = expected
  const given = argumentsOf(frame, statement, ['re', 'im'], 1)
  if (!given) return undefined
  const parts: Numeric[] = []
  for (const { meaning, span } of given) {
    const part = isNumeric(meaning) ? castNumeric(frame, meaning, 'real') : undefined
    if (!part || !isOfShape(typeOf(part).shape, shape)) {
      mismatch(frame, span, what, meaning)
      return undefined
    }
    shape = typeOf(part).shape.map(Number)
    parts.push(part)
  }
  const [re, im] = parts
  const sizes = shape.map(Number)
  return re && { re, im: im ?? { kind: 'static', element: 'real', shape: sizes, data: Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => 0) } }
}

const isOfShape = (found: readonly Dim[], expected: readonly (number | string)[]): boolean =>
  found.length === expected.length && found.every((dim, axis) => (typeof expected[axis] === 'string' ? typeof dim === 'number' && dim > 0 : dim === expected[axis]))

export const slotsOf = (frame: Frame, circuit: CircuitFrame, entries: Numeric): readonly Operand[] =>
  entriesOf(frame, entries).map(entry => slotOf(circuit, entry))

/** Divided by √(Σ re² + im²); undefined where that is known to be 0. */
function normalise(frame: Frame, re: Numeric, im: Numeric): { readonly re: Numeric; readonly im: Numeric } | undefined {
  const shape = typeOf(re).shape
  if (re.kind === 'static' && im.kind === 'static') {
    const norm = Math.sqrt([...re.data, ...im.data].reduce((sum, entry) => sum + entry * entry, 0))
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
