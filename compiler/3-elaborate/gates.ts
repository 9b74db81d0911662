/** Gate statements: operands become wires, angles slots, and modifiers change what the gate did. */
import type { GateStatement, Modifier, Routine } from '../1-parse/ast'
import type { Declared } from '../2-check/modules'
import { DiagnosticSink } from '../diagnostics/sink'
import type { Span } from '../source/source'
import type { Amplitudes, Control, Operand, Operation } from '../../quantum/circuit'
import { expandGate, GATES, isGateName } from '../../quantum/gates'
import { controlled, inverseOf, powerOf } from '../../quantum/operations'
import { applyElementwise } from './broadcast'
import type { CircuitFrame } from './circuitFrame'
import type { Frame } from './frame'
import { scalarOf, slotOf, type Scalar } from './gateOperands'
import { describe, dimOf, staticNumber, staticReal } from './meaning'
import { mismatch, shortText } from './operators'
import { bindCall, matchArguments } from './routines'
import { amplitudes, basisState, pauliRotation, unitary } from './specialGates'

/** What a gate acts on: a single qubit, or a register. */
export interface Register { readonly wires: readonly number[]; readonly single: boolean; readonly span: Span; readonly text: string }

export const MAXIMAL_OPERATIONS = 1e6

export function applyGate(frame: Frame, statement: GateStatement): void {
  const { circuit } = frame
  if (!circuit) return
  if (circuit.measurements.length > 0) {
    frame.sink.report('gate-after-measurement', statement.span, {})
    return
  }
  const operands = operandsOf(frame, statement)
  if (!operands) return
  const modifiers = modifiersOf(frame, statement.modifiers)
  if (!modifiers) return
  const controls = modifiers.flatMap(modifier => (modifier.kind === 'control' ? [modifier.value] : []))
  const [controlOperands, targets] = [operands.slice(0, controls.length), operands.slice(controls.length)]
  if (controlOperands.length < controls.length) {
    const needs = controls.length + (isGateName(statement.name.name) ? GATES[statement.name.name].qubits : 1)
    frame.sink.report('gate-arity', statement.span, { gate: gateText(statement), expected: needs, found: operands.length, hint: 'the controls come first' })
    return
  }
  // The gate by itself goes to a list of its own, which the modifiers then change.
  const own: CircuitFrame = { ...circuit, operations: [] }
  const inner: Frame = { ...frame, circuit: own }
  const width = zipWidth(frame, statement, controlOperands, targets)
  if (width === undefined) return
  for (let at = 0; at < width; at++) {
    own.operations = []
    const wireAt = (register: Register): Register => (register.single ? register : { ...register, wires: [register.wires[at] ?? -1], single: true })
    const zipped = isZipped(frame, statement) ? targets.map(wireAt) : targets
    applyNamed(inner, statement, zipped, isZipped(frame, statement) ? at : undefined)
    const placed: Control[] = controlOperands.map((register, k) => ({ wire: wireAt(register).wires[0] ?? -1, value: controls[k] ?? 1 }))
    if (!wiresDiffer(frame, statement, [...placed.map(control => control.wire), ...zipped.flatMap(register => register.wires)])) return
    const result = modify(inner, own.operations, modifiers, placed, statement)
    if (!result) return
    for (const operation of result) circuit.operations.push(operation)
    if (circuit.operations.length > MAXIMAL_OPERATIONS) {
      frame.sink.report('too-many-gates', statement.span, { limit: MAXIMAL_OPERATIONS })
      return
    }
  }
}

const gateText = (statement: GateStatement) => [...statement.modifiers.map(modifier => modifier.name), statement.name.name].join(' ')

// ------------------------------------------------------------------------------------------------------ operands

function operandsOf(frame: Frame, statement: GateStatement): readonly Register[] | undefined {
  const operands: Register[] = []
  for (const operand of statement.operands) {
    const meaning = frame.session.evaluate(frame, operand)
    if (meaning.kind === 'unknown') return undefined
    if (meaning.kind !== 'wires') {
      mismatch(frame, operand.span, 'a qubit or a register', meaning)
      return undefined
    }
    operands.push({ wires: meaning.wires, single: meaning.single, span: operand.span, text: shortText(operand.span) })
  }
  return operands
}

/** Gates of the table act on each qubit of a register; declared and special gates take registers whole. */
const isZipped = (frame: Frame, statement: GateStatement) => isGateName(statement.name.name) && !frame.module.gates.has(statement.name.name)

function zipWidth(frame: Frame, statement: GateStatement, controls: readonly Register[], targets: readonly Register[]): number | undefined {
  if (isGateName(statement.name.name) && isZipped(frame, statement)) {
    const { qubits } = GATES[statement.name.name]
    if (targets.length !== qubits) {
      frame.sink.report('gate-arity', statement.span, { gate: gateText(statement), expected: qubits + controls.length, found: targets.length + controls.length, hint: arityHint(qubits, targets) })
      return undefined
    }
  }
  const zipped = isZipped(frame, statement) ? [...controls, ...targets] : controls
  const registers = zipped.filter(register => !register.single)
  const [first] = registers
  if (!first) return 1
  const odd = registers.find(register => register.wires.length !== first.wires.length)
  if (!odd) return first.wires.length
  frame.sink.report('register-mismatch', odd.span, { gate: gateText(statement), first: `\`${first.text}\` has ${first.wires.length}`, other: `\`${odd.text}\` has ${odd.wires.length}` })
  return undefined
}

function arityHint(qubits: number, targets: readonly Register[]): string | undefined {
  const [only] = targets
  return only && targets.length === 1 && !only.single && qubits > 1 ? `name the qubits one by one: ${Array.from({ length: qubits }, (_, at) => `${only.text}[${at}]`).join(', ')}` : undefined
}

function wiresDiffer(frame: Frame, statement: GateStatement, wires: readonly number[]): boolean {
  const repeated = wires.find((wire, at) => wires.indexOf(wire) !== at)
  if (repeated === undefined) return true
  frame.sink.report('repeated-qubit', statement.span, { gate: gateText(statement), qubit: repeated })
  return false
}

// ------------------------------------------------------------------------------------------------------ the gate

function applyNamed(frame: Frame, statement: GateStatement, targets: readonly Register[], zip: number | undefined): void {
  const { circuit } = frame
  if (!circuit) return
  const name = statement.name.name
  const declared = frame.module.gates.get(name)
  if (declared) { applyDeclared(frame, declared, statement, targets); return }
  const wires = targets.flatMap(register => register.wires)
  if (isGateName(name)) {
    const angles = anglesOf(frame, statement, GATES[name].angles, zip)
    if (!angles) return
    for (const { name: primitive, wires: own, controls, angles: operands, inverse } of expandGate(name, wires, [], angles.map(angle => slotOf(circuit, angle)))) {
      circuit.operations.push({ kind: 'gate', name: primitive, wires: own, controls, angles: operands, inverse })
    }
    return
  }
  switch (name) {
    case 'gphase': {
      const angles = anglesOf(frame, statement, ['γ'], undefined)
      if (angles?.[0]) circuit.operations.push({ kind: 'global_phase', wires: [], controls: [], angle: slotOf(circuit, angles[0]) })
      return
    }
    case 'pauli_rotation': pauliRotation(frame, statement, wires); return
    case 'unitary': unitary(frame, statement, wires); return
    case 'amplitudes': amplitudes(frame, statement, wires); return
    case 'basis_state': basisState(frame, statement, wires); return
    default: // An unknown gate has been reported with the names.
  }
}

/** Angles as real scalars; a vector zips with a register. */
function anglesOf(frame: Frame, statement: GateStatement, names: readonly string[], zip: number | undefined): readonly Scalar[] | undefined {
  const given = statement.arguments ?? []
  const named = given.find(argument => argument.name)
  if (given.length !== names.length || named) {
    const signature = names.length ? `${statement.name.name}(${names.join(', ')})` : statement.name.name
    frame.sink.report('angle-count', statement.span, { gate: statement.name.name, expected: countOf(names.length, 'angle'), found: given.length, signature })
    return undefined
  }
  const angles: Scalar[] = []
  for (const argument of given) {
    const meaning = frame.session.evaluate(frame, argument.value)
    const angle = scalarOf(frame, meaning, argument.value.span, zip)
    if (!angle) return undefined
    angles.push(angle)
  }
  return angles
}

const countOf = (count: number, noun: string) => (count === 0 ? `no ${noun}` : count === 1 ? `one ${noun}` : `${count} ${noun}s`)

// ------------------------------------------------------------------------------------------------ declared gates

function applyDeclared(frame: Frame, declared: Declared<Routine>, statement: GateStatement, targets: readonly Register[]): void {
  const gate = declared.node
  const name = gate.name.name
  const related = { related: [{ span: gate.signature, message: `\`${name}\` is declared here` }] }
  if (targets.length !== gate.registers.length) {
    frame.sink.report('gate-arity', statement.span, { gate: name, expected: gate.registers.length, found: targets.length }, related)
    return
  }
  const matched = matchArguments(frame, gate, { span: statement.span, arguments: statement.arguments ?? [] })
  if (!matched || frame.session.faulty.has(gate)) return
  const sink = new DiagnosticSink()
  const home: Frame = { ...frame, sink, place: 'gate', module: declared.module, callPath: `${frame.callPath}/${name}@${statement.span.start}` }
  const bound = bindCall(frame, gate, home, matched, statement.span, false, targets.map(register => register.wires.length))
  if (!bound) return
  for (const [at, register] of gate.registers.entries()) {
    const target = targets[at]
    if (!target) return
    if (!register.size && target.wires.length !== 1) {
      frame.sink.report('register-mismatch', target.span, { gate: name, first: `\`${register.name.name}\` is one qubit`, other: `\`${target.text}\` has ${target.wires.length}` }, related)
      return
    }
    bound.environment.bind(register.name.name, 'register', { kind: 'wires', wires: target.wires, single: !register.size, register: register.name.name }, register.span)
  }
  const body: Frame = { ...home, environment: bound.environment.inner() }
  if (gate.body.kind === 'block') body.session.evaluateBlock(body, gate.body)
  const failed = sink.all.find(diagnostic => diagnostic.severity === 'error')
  if (failed) {
    frame.sink.report('inside-call', statement.span, { name, message: failed.message }, { related: [{ span: failed.span, message: 'here' }, ...failed.related], help: failed.help, inner: failed })
  }
}

// ----------------------------------------------------------------------------------------------------- modifiers

type Changed =
  | { readonly kind: 'control'; readonly value: 0 | 1 }
  | { readonly kind: 'inverse' }
  | { readonly kind: 'power'; readonly exponent: number; readonly integer: boolean; readonly span: Span }

function modifiersOf(frame: Frame, modifiers: readonly Modifier[]): readonly Changed[] | undefined {
  const changes: Changed[] = []
  for (const modifier of modifiers) {
    const argument = modifier.argument && frame.session.evaluate(frame, modifier.argument)
    if (argument?.kind === 'unknown') return undefined
    switch (modifier.name) {
      case 'inv': changes.push({ kind: 'inverse' }); break
      case 'ctrl':
      case 'negctrl': {
        const count = argument ? dimOf(argument) : 1
        if (typeof count !== 'number' || count < 1) {
          frame.sink.report('type-mismatch', modifier.span, { expected: 'a number of controls from 1', found: argument ? describe(argument) : 'nothing' })
          return undefined
        }
        for (let k = 0; k < count; k++) changes.push({ kind: 'control', value: modifier.name === 'ctrl' ? 1 : 0 })
        break
      }
      case 'pow': {
        const exponent = argument && staticNumber(argument)
        if (exponent === undefined) {
          frame.sink.report('type-mismatch', modifier.span, { expected: 'an exponent that is known when the circuit is compiled', found: argument ? describe(argument) : 'nothing' })
          return undefined
        }
        changes.push({ kind: 'power', exponent, integer: Number.isInteger(exponent), span: modifier.span })
        break
      }
      default: modifier.name satisfies never
    }
  }
  return changes
}

/** Modifiers act from the one nearest to the gate outwards; controls were counted in the order they are written. */
function modify(
  frame: Frame, operations: readonly Operation[], modifiers: readonly Changed[], controls: readonly Control[], statement: GateStatement,
): readonly Operation[] | undefined {
  let result = operations
  let left = controls.length
  for (const modifier of [...modifiers].reverse()) {
    const preparation = result.find(operation => operation.kind === 'amplitudes')
    if (preparation) {
      frame.sink.report('modified-preparation', statement.span, { gate: statement.name.name })
      return undefined
    }
    const gates = result.filter((operation): operation is Exclude<Operation, Amplitudes> => operation.kind !== 'amplitudes')
    switch (modifier.kind) {
      case 'control': {
        const control = controls[--left]
        result = control ? gates.map(gate => controlled(gate, [control])) : gates
        break
      }
      case 'inverse': result = invert(frame, gates); break
      case 'power': {
        const powered = power(frame, gates, modifier.exponent, modifier.integer)
        if (!powered) {
          frame.sink.report('power-of-several', modifier.span, { exponent: modifier.exponent })
          return undefined
        }
        result = powered
        break
      }
      default: modifier satisfies never
    }
  }
  return result
}

const invert = (frame: Frame, operations: readonly Operation[]): readonly Operation[] =>
  [...operations].reverse().map(operation => inverseOf(operation, operand => scaled(frame, operand, -1)))

/** An integer repeats; a real scales the angle of a gate that has one, or takes the principal power of one that has none. */
function power(frame: Frame, operations: readonly Operation[], exponent: number, integer: boolean): readonly Operation[] | undefined {
  const [only] = operations
  if (only && operations.length === 1) {
    if (only.kind === 'pauli_rotation' || only.kind === 'global_phase') return [{ ...only, angle: scaled(frame, only.angle, exponent) }]
    if (only.kind === 'gate' && only.angles.length === 1) return [{ ...only, angles: only.angles.map(angle => scaled(frame, angle, exponent)) }]
    if (only.kind === 'gate' && !integer) return [powerOf(only, exponent)]
  }
  if (!integer) return undefined
  const base = exponent < 0 ? invert(frame, operations) : operations
  return Array.from({ length: Math.abs(exponent) }, () => base.map(operation => owned(frame, operation))).flat()
}

function scaled(frame: Frame, operand: Operand, factor: number): Operand {
  const { circuit } = frame
  if ('value' in operand || !circuit) return 'value' in operand ? { value: operand.value * factor } : operand
  const scalar = circuit.slots[operand.slot]
  if (!scalar) return operand
  const product = factor === -1 ? applyElementwise(frame, 'neg', [scalar], []) : applyElementwise(frame, 'mul', [scalar, staticReal(factor)], [])
  return product.kind === 'size' ? operand : slotOf(circuit, product)
}

/** A copy with slots of its own: every occurrence of a gate owns its slots. */
function owned(frame: Frame, operation: Operation): Operation {
  const copy = (operand: Operand): Operand => {
    const scalar = 'slot' in operand ? frame.circuit?.slots[operand.slot] : undefined
    return scalar && frame.circuit ? slotOf(frame.circuit, scalar) : operand
  }
  switch (operation.kind) {
    case 'gate': return { ...operation, angles: operation.angles.map(copy) }
    case 'pauli_rotation':
    case 'global_phase': return { ...operation, angle: copy(operation.angle) }
    case 'unitary':
    case 'amplitudes': return { ...operation, re: operation.re.map(copy), im: operation.im.map(copy) }
    default: return operation satisfies never
  }
}
