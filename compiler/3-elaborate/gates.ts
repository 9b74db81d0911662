/** Gate statements: operands become wires, angles slots, and modifiers change what the gate did. */
import type { GateStatement, Routine } from '../1-parse/ast'
import { SPECIAL_GATES } from '../2-check/knownNames'
import type { Declared } from '../2-check/modules'
import { DiagnosticSink } from '../diagnostics/sink'
import { argumentHelp } from '../diagnostics/suggest'
import { counted } from '../diagnostics/words'
import type { Span } from '../source/source'
import type { ChannelName, Control } from '../../quantum/circuit'
import { expandGate, GATES, isGateName, type GateName } from '../../quantum/gates'
import { COSTS } from './budget'
import { applyChannel, channelParameter, isChannelName, kraus } from './channels'
import { addOperation, apart, declareRegister, emptyCircuit, MAXIMAL_OPERATIONS, MAXIMAL_QUBITS, qubitName, type CircuitFrame } from './circuitFrame'
import { evolve } from './evolutions'
import type { Frame } from './frame'
import { modifiersOf, modify } from './gateModifiers'
import { angleOf, countOf, slotOf, type Angle } from './gateOperands'
import { dimOf, isNumeric, tensorMeaning } from './meaning'
import { mismatch, shortText } from './operators'
import { bindCall } from './binding'
import { isStatic, matchArguments, openNames } from './signatures'
import { amplitudes, basisState, pauliRotation, unitary } from './specialGates'
import { elementOf, typeOfNode } from './types'

/** What a gate acts on: a single qubit, or a register. */
export interface Register { readonly wires: readonly number[]; readonly single: boolean; readonly span: Span }

export function applyGate(frame: Frame, statement: GateStatement): void {
  const { circuit } = frame
  if (!circuit) return
  if (circuit.measurements.size > 0) {
    frame.sink.report('gate-after-measurement', statement.span, {})
    return
  }
  const name = statement.name.name
  const table = isGateName(name) && !frame.module.gates.has(name) ? name : undefined
  frame.session.budget.spend(COSTS.gate, statement.span)
  // All parts are evaluated before any is given up: each may hold a mistake of its own.
  const operands = operandsOf(frame, statement)
  const modifiers = modifiersOf(frame, statement.modifiers)
  const channel = isChannelName(name) && !frame.module.gates.has(name) ? name : undefined
  const angles = table ? anglesOf(frame, statement, GATES[table].angles) : channel ? anglesOf(frame, statement, [channelParameter(channel)]) : []
  if (!table && !channel && (!operands || !modifiers)) for (const { value } of statement.arguments ?? []) frame.session.evaluate(frame, value)
  if (!operands) circuit.hasUnknown = true
  if (!operands || !modifiers || !angles) return
  // An unknown gate has been reported with the names.
  if (!table && !channel && !frame.module.gates.has(name) && !SPECIAL_GATES.has(name)) return

  const controls = modifiers.flatMap(modifier => (modifier.kind === 'control' ? [modifier.value] : []))
  const placement = place(frame, statement, operands, controls, table, channel)
  if (!placement) return
  const plain = modifiers.length === 0
  // Most gates of most circuits. A composite's recipe need not control each of its steps, and what `ctrl` means is that it does.
  const isDirect = table && (plain || (GATES[table].kind !== 'composite' && modifiers.every(({ kind }) => kind === 'control')))
  const from = circuit.operations.length
  for (let at = 0; at < placement.width; at++) {
    if (table && isDirect) {
      const wires = operands.map(register => register.wires[register.single ? 0 : at] ?? -1)
      if (!differ(frame, statement, circuit, wires)) return
      const placed = controls.map((value, k) => ({ wire: wires[k] ?? -1, value }))
      if (!applyTable(frame, circuit, table, wires.slice(controls.length), placed, angles, placement.zipped ? at : undefined, placement.width)) return
      continue
    }
    const { targets, controls: placed } = placement.at(at)
    if (!differ(frame, statement, circuit, [...placed.map(({ wire }) => wire), ...targets.flatMap(({ wires }) => wires)])) return
    const own = plain ? circuit : apart(circuit)
    const before = frame.sink.size
    if (table) applyTable(frame, own, table, targets.flatMap(({ wires }) => wires), [], angles, placement.zipped ? at : undefined, placement.width)
    else if (channel) applyChannel(frame, own, statement, channel, targets.flatMap(({ wires }) => wires), angles[0], placement.zipped ? at : undefined, placement.width)
    else applyNamed({ ...frame, circuit: own }, statement, targets)
    if (frame.sink.hasErrors && frame.sink.size > before) return
    if (!plain) {
      const result = modify({ ...frame, circuit: own }, own, modifiers, placed, statement)
      for (const operation of result ?? []) addOperation(circuit, operation)
      if (!result) return
    }
    if (circuit.operations.length > MAXIMAL_OPERATIONS) break
  }
  if (circuit.operations.length > MAXIMAL_OPERATIONS) frame.sink.report('too-many-gates', statement.span, { limit: MAXIMAL_OPERATIONS })
  if (frame.place === 'circuit') markSite(circuit, statement.span, from)
}

function markSite({ sites, origins, operations }: CircuitFrame, span: Span, from: number): void {
  const site = sites.get(span) ?? sites.size
  sites.set(span, site)
  for (let at = from; at < operations.length; at++) origins[at] = site
}

const gateText = (statement: GateStatement) => [...statement.modifiers.map(({ span }) => shortText(span)), statement.name.name].join(' ')

// ------------------------------------------------------------------------------------------------------ operands

function operandsOf(frame: Frame, statement: GateStatement): readonly Register[] | undefined {
  const gate = statement.name.name
  const isBare = isGateName(gate) && GATES[gate].angles.length > 0 && !statement.arguments
  const operands: (Register | undefined)[] = statement.operands.map(operand => {
    const meaning = frame.session.evaluate(frame, operand)
    if (isBare && isNumeric(meaning) && isGateName(gate)) {
      reportAngleCount(frame, statement, GATES[gate].angles, 0, `angles stand in parentheses: \`${gate}(${shortText(operand.span)}) …\``)
      return undefined
    }
    if (meaning.kind !== 'wires') {
      mismatch(frame, operand.span, 'a qubit or a register', meaning)
      return undefined
    }
    return { wires: meaning.wires, single: meaning.single, span: operand.span }
  })
  return operands.every(operand => operand !== undefined) ? operands : undefined
}

/** Where one statement acts: once, or once for each qubit of its registers. */
interface Placement {
  readonly width: number
  /** Whether registers are gone through together: an angle of their length is then, too. */
  readonly zipped: boolean
  at(index: number): { readonly controls: readonly Control[]; readonly targets: readonly Register[] }
}

/** Gates of the table act on each qubit of a register; declared and special gates take registers whole. Controls always zip. */
function place(frame: Frame, statement: GateStatement, operands: readonly Register[], values: readonly (0 | 1)[], table: GateName | undefined, channel: ChannelName | undefined): Placement | undefined {
  const controls = operands.slice(0, values.length)
  const targets = operands.slice(values.length)
  const expected = channel ? channel === 'depolarize' && targets.length === 2 ? 2 : 1 : expectedTargets(statement, table)
  if (controls.length < values.length || (expected !== undefined && targets.length !== expected)) {
    const total = values.length + (expected ?? 1)
    const hint = controls.length < values.length || (values.length > 0 && targets.length !== expected) ? 'the controls come first, then the qubits of the gate' : arityHint(expected ?? 1, targets)
    frame.sink.report('gate-arity', statement.span, { gate: gateText(statement), expected: countOf(total, 'qubit'), found: operands.length || 'none', hint })
    return undefined
  }
  const zipped = table || channel ? operands : controls
  const registers = zipped.filter(register => !register.single)
  const [first] = registers
  const odd = registers.find(register => register.wires.length !== first?.wires.length)
  if (first && odd) {
    frame.sink.report('register-mismatch', odd.span, { gate: gateText(statement), first: `\`${shortText(first.span)}\` has ${countOf(first.wires.length, 'qubit')}`, other: `\`${shortText(odd.span)}\` has ${odd.wires.length}` })
    return undefined
  }
  const pick = (register: Register, index: number): Register => (register.single ? register : { ...register, wires: [register.wires[index] ?? -1] })
  return {
    width: first ? first.wires.length : 1,
    zipped: first !== undefined,
    at: index => ({
      controls: controls.map((register, k) => ({ wire: pick(register, index).wires[0] ?? -1, value: values[k] ?? 1 })),
      targets: table || channel ? targets.map(register => pick(register, index)) : targets,
    }),
  }
}

/** How many operands a gate takes besides controls, where that does not depend on its arguments. */
function expectedTargets(statement: GateStatement, table: GateName | undefined): number | undefined {
  if (table) return GATES[table].qubits
  return statement.name.name === 'gphase' ? 0 : undefined
}

function arityHint(qubits: number, targets: readonly Register[]): string | undefined {
  const [only] = targets
  const listed = (text: string) => Array.from({ length: qubits }, (_, at) => `${text}[${at}]`).join(', ')
  if (!only) return qubits > 0 ? `name ${qubits > 1 ? 'them' : 'it'} behind the gate: \`${listed('q')}\`` : undefined
  if (targets.length === 1 && !only.single && qubits > 1) return `name the qubits one by one: ${listed(shortText(only.span))}`
  if (qubits === 0) return 'it acts on no qubit: leave them out'
  if (qubits === 1) return 'one statement for each, or one for a whole register: `h q`'
  return targets.length < qubits ? `name all ${qubits}, as in \`${listed('q')}\`` : `leave out ${counted(targets.length - qubits, 'qubit')}`
}

function differ(frame: Frame, statement: GateStatement, circuit: CircuitFrame, wires: readonly number[]): boolean {
  const repeated = wires.length < 2 || new Set(wires).size === wires.length ? undefined : wires.find((wire, at) => wires.indexOf(wire) !== at)
  if (repeated === undefined) return true
  frame.sink.report('repeated-qubit', statement.span, { gate: gateText(statement), qubit: qubitName(circuit, repeated) })
  return false
}

// ------------------------------------------------------------------------------------------------ gates of the table

/** @returns false where an angle is missing, which has been reported */
function applyTable(frame: Frame, circuit: CircuitFrame, name: GateName, wires: readonly number[], controls: readonly Control[], angles: readonly Angle[], zip: number | undefined, width: number): boolean {
  const { shared } = circuit
  const scalars = angles.map(angle => angle.at(frame, zip, width))
  if (!scalars.every(scalar => scalar !== undefined)) return false
  for (const gate of expandGate(name, shared.wires(wires), shared.controls(controls), scalars.map(scalar => slotOf(circuit, scalar)))) addOperation(circuit, gate)
  return true
}


/** Once for a statement, with the first help that is given. */
function reportAngleCount(frame: Frame, { name: { name: gate }, span }: GateStatement, names: readonly string[], found: number, help: string): void {
  frame.sink.report('angle-count', span, { gate, expected: countOf(names.length, 'angle'), found: found || 'none' }, { help })
}

/** Angles as the statement gives them, each evaluated once, however many qubits it goes over. */
function anglesOf(frame: Frame, statement: GateStatement, names: readonly string[]): readonly Angle[] | undefined {
  const gate = statement.name.name
  const given = statement.arguments ?? []
  const meanings = given.map(({ value }) => frame.session.evaluate(frame, value))
  const stranger = given.find(({ name }) => name && !names.includes(name.name))?.name
  if (stranger) {
    const isQubit = /^(?:wires?|qubits?|targets?|controls?)$/.test(stranger.name)
    const written = `${gate}${names.length > 0 ? `(${names.join(', ')})` : ''} q[0]`
    frame.sink.report('unknown-argument', stranger.span, { name: gate, argument: stranger.name, ...argumentHelp(stranger.name, names) },
      isQubit ? { help: `qubits stand behind the gate: \`${written}\`` } : {})
    return undefined
  }
  const qubits = given.filter((_, at) => meanings[at]?.kind === 'wires').map(({ span }) => shortText(span))
  if (qubits.length > 0) {
    const written = `${names.length > 0 ? `${gate}(${names.join(', ')})` : gate} ${qubits.join(', ')}`
    frame.sink.report('angle-count', statement.span, { gate, expected: countOf(names.length, 'angle'), found: counted(qubits.length, 'qubit') }, { help: `qubits stand behind the gate, without parentheses: \`${written}\`` })
    return undefined
  }
  if (given.length !== names.length) {
    const signature = names.length ? `${gate}(${names.join(', ')})` : gate
    reportAngleCount(frame, statement, names, given.length, `it is written \`${signature}\``)
    return undefined
  }
  const angles = names.map((name, at) => {
    const named = given.findIndex(argument => argument.name?.name === name)
    const index = named < 0 ? at : named
    const [argument, meaning] = [given[index], meanings[index]]
    return argument && meaning && angleOf(frame, meaning, argument.value.span)
  })
  return angles.every(angle => angle !== undefined) ? angles : undefined
}

// ------------------------------------------------------------------------------------------------- all other gates

function applyNamed(frame: Frame, statement: GateStatement, targets: readonly Register[]): void {
  const { circuit } = frame
  if (!circuit) return
  const name = statement.name.name
  const declared = frame.module.gates.get(name)
  if (declared) { applyDeclared(frame, declared, statement, targets); return }
  const wires = targets.flatMap(register => register.wires)
  switch (name) {
    case 'gphase': {
      const scalar = anglesOf(frame, statement, ['γ'])?.[0]?.at(frame, undefined, 1)
      if (scalar) addOperation(circuit, { kind: 'global_phase', wires: [], controls: [], angle: slotOf(circuit, scalar) })
      return
    }
    case 'pauli_rotation': pauliRotation(frame, statement, wires); return
    case 'unitary': unitary(frame, statement, wires); return
    case 'kraus': kraus(frame, statement, wires); return
    case 'evolve': evolve(frame, statement, wires); return
    case 'amplitudes': amplitudes(frame, statement, wires); return
    case 'basis_state': basisState(frame, statement, wires); return
    default: // An unknown gate has been reported with the names.
  }
}

function applyDeclared(frame: Frame, declared: Declared<Routine>, statement: GateStatement, targets: readonly Register[]): void {
  const gate = declared.node
  const name = gate.name.name
  const related = { related: [{ span: gate.signature, message: `\`${name}\` is declared here` }] }
  const matched = matchArguments(frame, gate, { span: statement.span, arguments: statement.arguments ?? [] })
  if (targets.length !== gate.registers.length) {
    const total = gate.registers.length + statement.operands.length - targets.length
    frame.sink.report('gate-arity', statement.span, { gate: gateText(statement), expected: countOf(total, gate.registers.some(register => register.size) ? 'register' : 'qubit'), found: statement.operands.length || 'none' }, related)
    return
  }
  const odd = gate.registers.findIndex((register, at) => !register.size && targets[at]?.wires.length !== 1)
  const [register, target] = [gate.registers[odd], targets[odd]]
  if (register && target) {
    frame.sink.report('register-mismatch', target.span, { gate: name, first: `\`${register.name.name}\` is one qubit`, other: `\`${shortText(target.span)}\` has ${target.wires.length}` }, related)
    return
  }
  if (!matched || frame.session.faulty.has(gate) || frame.within.includes(gate)) return
  frame.session.budget.call(frame.within.length, statement.span)
  const sink = new DiagnosticSink()
  const home: Frame = { ...frame, sink, place: 'gate', module: declared.module, within: [...frame.within, gate],
    callPath: `${frame.callPath}/${name}@${statement.span.start}`,
  }
  const bound = bindCall(frame, gate, home, matched, statement.span, false, targets.map(({ wires }) => wires.length))
  if (bound) {
    gate.registers.forEach(({ name: { name: register }, size, span }, at) => {
      bound.environment.bind(register, 'register', { kind: 'wires', wires: targets[at]?.wires ?? [], single: !size, register }, span)
    })
    const body: Frame = { ...home, environment: bound.environment.inner() }
    if (gate.body.kind === 'block') body.session.evaluateBlock(body, gate.body)
  }
  for (const inner of sink.all) {
    if (inner.severity !== 'error') continue
    frame.sink.report('inside-call', statement.span, { name, message: inner.message }, { related: [{ span: inner.span, message: 'here' }, ...inner.related], help: inner.help, inner })
  }
}

/** A gate whose signature leaves no size open is checked by itself, on qubits of its own, called or not. */
export function checkGate(frame: Frame, gate: Routine): void {
  const statics = new Set(gate.parameters.filter(parameter => isStatic(gate, parameter)).map(({ name: { name } }) => name))
  if (statics.size > 0 || openNames(gate, frame, statics).size > 0 || gate.body.kind !== 'block') return
  const circuit = emptyCircuit(frame.builder)
  const home: Frame = { ...frame, circuit, environment: frame.environment.inner() }
  for (const { name, type } of gate.parameters) {
    const own = elementOf(type) && typeOfNode(home, type)
    if (!own) return
    home.environment.bind(name.name, 'value', tensorMeaning(frame.builder.input(name.name, own)), name.span)
  }
  for (const { name: { name }, size, span } of gate.registers) {
    const count = size ? dimOf(frame.session.evaluate(home, size)) : 1
    if (typeof count !== 'number' || count < 1 || circuit.qubits + count > MAXIMAL_QUBITS) return
    const wires = declareRegister(circuit, name, count, !size)
    home.environment.bind(name, 'register', { kind: 'wires', wires, single: !size, register: name }, span)
  }
  frame.session.evaluateBlock({ ...home, environment: home.environment.inner() }, gate.body)
}
