/**
 * Enters what names mean into a table, while the check that resolves them goes through a file. It reports nothing; whatever it
 * looks up it looks up in the scopes and modules of the check.
 */
import type { Argument, CallExpression, Const, Declaration, Expression, GateStatement, Identifier, MemberExpression, Model, Routine, Train } from '../1-parse/ast'
import type { Span } from '../source/source'
import { GATES } from '../../quantum/gates'
import { isCircuitFunction, isFunction } from './functions'
import { KNOWN_VALUES, RUN_VALUES, SPECIAL_GATES } from './knownNames'
import { isInvalid, type Declared, type Module } from './modules'
import type { BuiltIn, NameTable, Role } from './names'
import type { Place } from './placement'
import type { Scope } from './scope'
import { namesDeclaredBy, nodesIn } from './walk'

/** How an editor shows a name that a body declares. */
export interface DeclaredAs {
  readonly role: Role
  readonly doc?: string
  readonly node?: Routine
  /** Behind which it is known; without one, it is known in all of its scope. */
  readonly statement?: Span
}

export class NameRecorder {
  constructor(private readonly module: Module, private readonly names: NameTable) {}

  // ----------------------------------------------------------------------------------------------- declarations

  /** What a file declares and imports. */
  file(): void {
    for (const declaration of this.module.file.declarations) if (isNamed(declaration)) this.ofFile(declaration, this.module)
    for (const { name, span } of this.module.file.uses.flatMap(use => use.names)) {
      const declared = this.module.constants.get(name) ?? this.module.callables.get(name) ?? this.module.gates.get(name)
      if (declared) this.declared(span, declared)
    }
  }

  declare(name: Identifier, { role, doc = '', node, statement }: DeclaredAs, scope: Scope): void {
    if (!scope.extent) return
    const known = statement ? { ...scope.extent, start: statement.end } : scope.extent
    this.names.declare({ name, role, doc, known, node, isStandard: false })
  }

  /** Where the names of a declaration are known: up to the next one, since what is being written there is not part of the tree yet. */
  reach(span: Span): Span {
    const next = this.module.file.declarations.find(other => other.span.start > span.start)
    return { ...span, end: Math.max(span.end, next ? next.span.start - 1 : span.file.text.length) }
  }

  private ofFile(node: Const | Routine | Model, { file: { file }, isStandard }: Module): void {
    if (node.name.name === '') return
    const role = node.kind === 'routine' ? node.routine : node.kind
    this.names.declare({ name: node.name, role, doc: node.doc, known: { file, start: 0, end: file.text.length }, node, isStandard })
  }

  // -------------------------------------------------------------------------------------------------------- uses

  value(name: string, span: Span, scope: Scope): void {
    const found = scope.find(name)
    const constant = this.module.constants.get(name)
    if (found) this.names.use(span, found.span)
    else if (constant) this.declared(span, constant)
    else if (KNOWN_VALUES.has(name) || RUN_VALUES.has(name)) this.names.use(span, { table: 'value', name })
  }

  callee(callee: Expression, place: Place, scope: Scope): void {
    const name = calledName(callee)
    if (name === undefined) return
    const local = scope.find(name)
    const routine = this.module.callables.get(name)
    const isMeasurement = (place === 'circuit' || place === 'gate') && isCircuitFunction(name)
    if (local?.kind === 'instance') this.names.use(callee.span, local.span)
    else if (routine) this.declared(callee.span, routine)
    else if (isMeasurement || isFunction(name)) this.names.use(callee.span, { table: isMeasurement ? 'measurement' : 'function', name })
  }

  gate({ name, arguments: given = [] }: GateStatement): void {
    const declared = this.module.gates.get(name.name)
    if (declared) this.declared(name.span, declared)
    else if (Object.hasOwn(GATES, name.name) || SPECIAL_GATES.has(name.name)) this.builtIn('gate', name)
    this.argumentNames(declared?.node, given)
  }

  builtIn(table: BuiltIn['table'], { name, span }: { readonly name: string; readonly span: Span }): void {
    this.names.use(span, { table, name })
  }

  /** Names that a signature's shapes hold, once its arguments are known. */
  signature({ parameters, registers }: Routine, scope: Scope): void {
    for (const node of nodesIn([...parameters.map(({ type }) => type.shape), ...registers.map(({ size }) => size)])) {
      if (node.kind === 'name') this.value(node.name, node.span, scope)
    }
  }

  /** Names of a call's arguments. */
  arguments(call: CallExpression, scope: Scope): void {
    const callee = call.callee.kind === 'index' ? call.callee.value : call.callee
    if (callee.kind !== 'name') return
    const local = scope.find(callee.name)
    const node = local?.kind === 'instance' ? this.names.declarationAt(local.span)?.node : this.module.callables.get(callee.name)?.node
    if (node?.kind === 'routine') this.argumentNames(node, call.arguments)
  }

  member(expression: MemberExpression, scope: Scope): void {
    this.path(partsOf(expression), scope)
  }

  /** `enc.W`, `features.dense.W`: an instance or a name of the body, layers, and last a parameter. */
  path(parts: readonly Identifier[], scope: Scope): void {
    const [first, ...more] = parts
    const found = first && scope.find(first.name)
    if (first && found) this.pathFrom(first.span, found.span, more)
  }

  /** The layer of `layer enc = dense(16)`. */
  layerOf(value: Expression): Routine | undefined {
    const callee = value.kind === 'call' ? value.callee : value
    return callee.kind === 'name' ? this.module.callables.get(callee.name)?.node : undefined
  }

  // ------------------------------------------------------------------------------------------------ train blocks

  /** Inputs and parameters of the model, and names of options. */
  train(train: Train): void {
    const model = this.module.models.find(({ name }) => name.name === train.name.name)
    if (model) this.names.use(train.name.span, model.name.span)
    const known = new Map((model?.body.statements ?? []).flatMap(namesDeclaredBy).map(name => [name.name, name.span]))
    const use = ({ name, span }: { readonly name: string; readonly span: Span }) => {
      const [first, ...more] = segments(name, span)
      const target = first && known.get(first.name)
      if (first && target) this.pathFrom(first.span, target, more)
    }
    for (const { name, word, values, entries = [] } of train.options) {
      this.builtIn('train', name)
      if (word && (name.name === 'given' || name.name === 'group')) use(word)
      if (name.name === 'data') for (const entry of entries) use(entry.name)
      if (name.name === 'standardize') for (const node of nodesIn(values)) if (node.kind === 'name') use(node)
      if (name.name !== 'optimizer' && name.name !== 'schedule' && name.name !== 'clip') continue
      for (const value of values) {
        const callee = value.kind === 'call' ? value.callee : value
        if (callee.kind === 'name') this.builtIn(name.name, callee)
      }
    }
  }

  // ---------------------------------------------------------------------------------------------------- in common

  private declared(span: Span, { node, module }: Declared<Routine> | Declared<Const>): void {
    if (node.kind === 'routine' && isInvalid(node)) return
    this.ofFile(node, module)
    this.names.use(span, node.name.span)
  }

  private argumentNames(routine: Routine | undefined, given: readonly Argument[]): void {
    for (const { name } of given) {
      const parameter = name && routine?.parameters.find(each => each.name.name === name.name)
      if (name && parameter) this.names.use(name.span, parameter.name.span)
    }
  }

  private pathFrom(span: Span, target: Span, parts: readonly Identifier[]): void {
    this.names.use(span, target)
    let node = this.names.declarationAt(target)?.node
    for (const part of parts) {
      const inside = node?.kind === 'routine' ? ownedBy(node).find(({ name }) => name === part.name) : undefined
      const called = this.module.callables.get(part.name)
      if (inside) this.names.use(part.span, inside.span)
      else if (called) this.declared(part.span, called)
      // The second `dense` of one `let` is `dense_2`.
      node = called?.node ?? this.module.callables.get(part.name.replace(/_\d+$/, ''))?.node
    }
  }
}

const isNamed = (declaration: Declaration): declaration is Const | Routine | Model =>
  declaration.kind === 'const' || declaration.kind === 'routine' || declaration.kind === 'model'

/** `f`, and `random.normal`, which is one name. */
function calledName(callee: Expression): string | undefined {
  if (callee.kind === 'name') return callee.name
  return callee.kind === 'member' && callee.value.kind === 'name' ? `${callee.value.name}.${callee.member.name}` : undefined
}

/** The names of a path; none where it holds anything else. */
function partsOf(expression: Expression): readonly Identifier[] {
  if (expression.kind === 'name') return [{ name: expression.name, span: expression.span }]
  if (expression.kind !== 'member') return []
  const before = partsOf(expression.value)
  return before.length > 0 ? [...before, expression.member] : []
}

/** The path of a train block is one word with dots. */
function segments(path: string, { file, start }: Span): readonly Identifier[] {
  let at = start
  return path.split('.').map(name => {
    const span = { file, start: at, end: at + name.length }
    at = span.end + 1
    return { name, span }
  })
}

/** What a path into a layer may name. */
function ownedBy({ body }: Routine): readonly Identifier[] {
  return body.kind === 'block' ? body.statements.flatMap(namesDeclaredBy) : []
}
