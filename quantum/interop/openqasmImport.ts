/**
 * OpenQASM 2 and 3 text to a circuit: definitions are followed down to our own gates, inputs become parameters of angles.
 *
 * The file's qubits, in the order of its declarations, are our wires from the last to the first, as its kets name the highest
 * qubit first: so the kets of both read the same.
 */
import type { Circuit, Control, Operand, Operation, UnitaryOperation } from '../circuit'
import { expandGate, GATES, isGateName } from '../gates'
import { inverseOf, powerOf } from '../operations'
import { applyAngle, substituteAngle, type Angle } from './angle'
import { QELIB1_PRELUDE, STANDARD_PRELUDE } from './openqasmGates'
import { parseOpenQasm, type GateCall, type Modifier, type Operand as QubitOperand, type Statement } from './openqasmParser'
import { OpenQasmError, type Token } from './openqasmTokens'

export interface ImportedCircuit {
  /** Named `imported`, since the file has no name for it. Measured qubits report their probabilities, in the order of our wires. */
  readonly circuit: Circuit
  /** What each slot holds: angles with the program's inputs in them. */
  readonly slots: readonly Angle[]
  /** Names of the inputs, in their order. */
  readonly parameters: readonly string[]
  /** The file's name of each wire, `q[2]`. */
  readonly wireNames: readonly string[]
  /** What was left out, in words. */
  readonly notes: readonly string[]
}

type Definition = Statement & { readonly kind: 'define' }

/** Above this a circuit is refused, as in a .bp file. */
const MAXIMAL_OPERATIONS = 1e6

/**
 * @param order of the wires: `kets` turns the qubits round, so that states read the same; `file` leaves q[0] the first wire, as
 *   drawings of OpenQASM have it
 * @throws OpenQasmError that says what, and where
 */
export function fromOpenQasm(text: string, order: 'kets' | 'file' = 'kets'): ImportedCircuit {
  const { version, statements } = parseOpenQasm(text)
  const prelude = parseOpenQasm(version === 2 ? QELIB1_PRELUDE : STANDARD_PRELUDE).statements
  return new Importer(prelude).run(statements, order)
}

/** Values of names and wires of qubits within a gate's body, or in the program. */
interface Scope {
  readonly values: ReadonlyMap<string, Angle>
  readonly wires: ReadonlyMap<string, readonly number[]>
  /** What a definition may call: only itself is not among them. */
  readonly within: readonly string[]
}

class Importer {
  private readonly definitions = new Map<string, Definition>()
  private readonly values = new Map<string, Angle>()
  private readonly registers = new Map<string, readonly number[]>()
  private readonly names: string[] = []
  private readonly parameters: string[] = []
  private readonly slots: Angle[] = []
  private readonly measured = new Set<number>()
  private readonly notes = new Set<string>()

  constructor(prelude: readonly Statement[]) {
    for (const statement of prelude) if (statement.kind === 'define') this.definitions.set(statement.name, statement)
  }

  /** Wires are the file's own numbers until all are known, and turned round at the end. */
  run(statements: readonly Statement[], order: 'kets' | 'file'): ImportedCircuit {
    const operations = statements.flatMap(statement => this.statement(statement))
    const qubits = this.names.length
    if (qubits === 0) throw new OpenQasmError(1, 1, 'there are no qubits in this file')
    const turn = (wire: number) => (order === 'kets' ? qubits - 1 - wire : wire)
    const measured = [...this.measured].map(turn).sort((a, b) => a - b)
    return {
      circuit: {
        name: 'imported', qubits, slots: this.slots.length, operations: operations.map(operation => turned(operation, turn)),
        measurements: measured.length > 0 ? [{ kind: 'probabilities', wires: measured }] : [],
      },
      slots: this.slots, parameters: this.parameters, wireNames: this.names.map((_, wire) => this.names[turn(wire)] ?? ''), notes: [...this.notes],
    }
  }

  private statement(statement: Statement): readonly Operation[] {
    switch (statement.kind) {
      case 'qubits': this.declare(statement); return []
      case 'input':
        this.mustBeNew(statement.name, statement.token)
        this.parameters.push(statement.name)
        this.values.set(statement.name, { name: statement.name, indices: [] })
        return []
      case 'const': this.mustBeNew(statement.name, statement.token); this.values.set(statement.name, this.angle(statement.value, this.values, statement.token)); return []
      case 'define': this.definitions.set(statement.name, statement); return []
      case 'barrier': this.notes.add('barriers are left out'); return []
      case 'measure':
        for (const wire of this.wiresOf(statement.operand, this.scope())) this.measured.add(wire)
        return []
      case 'call': {
        const operations = this.call(statement, this.scope())
        for (const { wires, controls } of operations) {
          const late = [...wires, ...controls.map(({ wire }) => wire)].find(wire => this.measured.has(wire))
          if (late !== undefined) this.fail(statement.token, `${this.names[late]} has been measured: a circuit measures at its end`)
        }
        return operations.map(operation => this.withSlots(operation))
      }
      default: return statement satisfies never
    }
  }

  private scope(): Scope {
    return { values: this.values, wires: this.registers, within: [] }
  }

  private declare({ name, size, token }: Statement & { readonly kind: 'qubits' }): void {
    this.mustBeNew(name, token)
    const count = size === undefined ? 1 : this.number(size, this.values, token)
    if (!Number.isInteger(count) || count < 1) this.fail(token, `${name} has ${count} qubits`)
    const first = this.names.length
    for (let at = 0; at < count; at++) this.names.push(size === undefined ? name : `${name}[${at}]`)
    this.registers.set(name, Array.from({ length: count }, (_, at) => first + at))
  }

  private mustBeNew(name: string, token: Token): void {
    if (this.registers.has(name) || this.values.has(name)) this.fail(token, `${name} is declared twice`)
  }

  // ------------------------------------------------------------------------------------------------------- calls

  /** Operations with angles in the place of operands: `value` holds a number, `slot` the position in `pending`. */
  private call(call: GateCall, scope: Scope): readonly PendingOperation[] {
    const registers = call.operands.map(operand => this.wiresOf(operand, scope))
    const angles = call.angles.map(angle => this.angle(angle, scope.values, call.token))
    const width = registers.reduce((widest, wires) => Math.max(widest, wires.length), 1)
    const odd = registers.findIndex(wires => wires.length !== width && wires.length !== 1)
    if (odd >= 0) this.fail(call.token, `registers of ${width} and ${registers[odd]?.length} qubits do not go together`)
    const made: PendingOperation[] = []
    for (let at = 0; at < width; at++) {
      const wires = registers.map(all => all[all.length === 1 ? 0 : at] ?? 0)
      const twice = wires.find((wire, k) => wires.indexOf(wire) !== k)
      if (twice !== undefined) this.fail(call.token, `${this.names[twice]} stands twice in one gate`)
      made.push(...this.modified(call, call.modifiers, wires, angles, scope))
      if (made.length > MAXIMAL_OPERATIONS) this.fail(call.token, `more than ${MAXIMAL_OPERATIONS} gates`)
    }
    return made
  }

  private modified(call: GateCall, modifiers: readonly Modifier[], wires: readonly number[], angles: readonly Angle[], scope: Scope): readonly PendingOperation[] {
    const [first, ...rest] = modifiers
    if (!first) return this.plain(call, wires, angles, scope)
    if (first.kind === 'inv') return this.modified(call, rest, wires, angles, scope).map(inverted).reverse()
    const argument = this.number(first.argument, scope.values, call.token)
    if (first.kind === 'pow') return this.power(call, this.modified(call, rest, wires, angles, scope), argument)
    if (!Number.isInteger(argument) || argument < 1 || argument > wires.length) this.fail(call.token, `${first.kind}(${argument}) of ${wires.length} qubits`)
    const controls = wires.slice(0, argument).map((wire): Control => ({ wire, value: first.kind === 'ctrl' ? 1 : 0 }))
    return this.modified(call, rest, wires.slice(argument), angles, scope).map(operation => ({ ...operation, controls: [...controls, ...operation.controls] }))
  }

  private power(call: GateCall, inside: readonly PendingOperation[], exponent: number): readonly PendingOperation[] {
    if (Number.isInteger(exponent)) {
      const once = exponent < 0 ? inside.map(inverted).reverse() : inside
      if (once.length * Math.abs(exponent) > MAXIMAL_OPERATIONS) this.fail(call.token, `more than ${MAXIMAL_OPERATIONS} gates`)
      return Array.from({ length: Math.abs(exponent) }, () => once).flat()
    }
    const [only, ...others] = inside
    if (!only || others.length > 0) this.fail(call.token, `a power ${exponent} of several gates cannot be taken`)
    if (only.kind === 'unitary') return [powerOf(only, exponent)]
    if (only.kind === 'gate' && only.angles.length === 0) return [powerOf({ ...only, angles: [] }, exponent)]
    return [scaled(only, exponent)]
  }

  /** The file's own definitions go before our gates of the same name. */
  private plain(call: GateCall, wires: readonly number[], angles: readonly Angle[], scope: Scope): readonly PendingOperation[] {
    const { name, token } = call
    const count = (found: number, expected: number, noun: string) => {
      if (found !== expected) this.fail(token, `${name} takes ${expected} ${noun}${expected === 1 ? '' : 's'}, but has ${found}`)
    }
    if (name === 'gphase') {
      count(angles.length, 1, 'angle')
      // On all qubits of a gate, or on none.
      return [{ kind: 'global_phase', wires: [], controls: [], angle: angles[0] ?? 0 }]
    }
    const definition = this.definitions.get(name)
    if (definition && !scope.within.includes(name)) {
      count(angles.length, definition.parameters.length, 'angle')
      count(wires.length, definition.qubits.length, 'qubit')
      const inner: Scope = {
        values: new Map([...this.values, ...definition.parameters.map((parameter, at) => [parameter, angles[at] ?? 0] as const)]),
        wires: new Map(definition.qubits.map((qubit, at) => [qubit, [wires[at] ?? 0]])),
        within: [...scope.within, name],
      }
      return definition.body.flatMap(each => this.call(each, inner))
    }
    const own = name === 'U' ? 'u' : name
    if (!isGateName(own)) this.fail(token, `there is no gate \`${name}\``)
    const row = GATES[own]
    count(angles.length, row.angles.length, 'angle')
    count(wires.length, row.qubits, 'qubit')
    return expandGate(own, wires, [], angles)
  }

  // ------------------------------------------------------------------------------------------------------ values

  private wiresOf({ name, index, token }: QubitOperand, scope: Scope): readonly number[] {
    const wires = scope.wires.get(name)
    if (!wires) this.fail(token, `there is no qubit \`${name}\``)
    if (!index) return wires
    const place = (angle: Angle) => {
      const at = this.number(angle, scope.values, token)
      const counted = at < 0 ? wires.length + at : at
      if (!Number.isInteger(at) || wires[counted] === undefined) this.fail(token, `${name} has ${wires.length} qubits, so there is no ${name}[${at}]`)
      return counted
    }
    const from = place(index.from)
    return wires.slice(from, index.to === undefined ? from + 1 : place(index.to) + 1)
  }

  private angle(angle: Angle, values: ReadonlyMap<string, Angle>, token: Token): Angle {
    return substituteAngle(angle, parameter => values.get(parameter.name) ?? this.fail(token, `there is no value \`${parameter.name}\``))
  }

  private number(angle: Angle, values: ReadonlyMap<string, Angle>, token: Token): number {
    const value = this.angle(angle, values, token)
    if (typeof value !== 'number') this.fail(token, 'a number was expected that is known without the inputs')
    return value
  }

  private withSlots(operation: PendingOperation): Operation {
    const place = (angle: Angle | Operand): Operand => {
      if (typeof angle === 'number') return { value: angle }
      if ('value' in angle || 'slot' in angle) return angle
      this.slots.push(angle)
      return { slot: this.slots.length - 1 }
    }
    switch (operation.kind) {
      case 'gate': return { ...operation, angles: operation.angles.map(place) }
      case 'global_phase': return { ...operation, angle: place(operation.angle) }
      case 'unitary': return operation
      default: return operation satisfies never
    }
  }

  private fail(token: Token, what: string): never {
    throw new OpenQasmError(token.line, token.column, what)
  }
}

/** An operation whose angles are angles, before they have slots. */
type PendingOperation = Pending<UnitaryOperation & { readonly kind: 'gate' }> | Pending<UnitaryOperation & { readonly kind: 'global_phase' }> | PendingUnitary

/** Of known entries. */
type PendingUnitary = UnitaryOperation & { readonly kind: 'unitary' }

type Pending<Made> = Made extends { readonly angles: unknown } ? Omit<Made, 'angles'> & { readonly angles: readonly Angle[] }
  : Omit<Made, 'angle'> & { readonly angle: Angle }

function inverted(operation: PendingOperation): PendingOperation {
  switch (operation.kind) {
    case 'gate': return operation.angles.length > 0 ? scaled(operation, -1) : { ...operation, inverse: !operation.inverse }
    case 'global_phase': return scaled(operation, -1)
    case 'unitary': return inverseOf(operation, operand => ('value' in operand ? { value: -operand.value } : operand)) as PendingUnitary
    default: return operation satisfies never
  }
}

function scaled(operation: PendingOperation, factor: number): PendingOperation {
  switch (operation.kind) {
    case 'gate': return { ...operation, angles: operation.angles.map(angle => applyAngle('mul', factor, angle)) }
    case 'global_phase': return { ...operation, angle: applyAngle('mul', factor, operation.angle) }
    case 'unitary': return operation
    default: return operation satisfies never
  }
}

function turned(operation: Operation, turn: (wire: number) => number): Operation {
  return { ...operation, wires: operation.wires.map(turn), controls: operation.controls.map(({ wire, value }) => ({ wire: turn(wire), value })) }
}
