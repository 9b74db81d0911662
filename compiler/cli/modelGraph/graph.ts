/** A model's graph at the level of its own statements: what it takes, names and gives, with layers and circuits as boxes. */
import type { Argument, Expression, ForExpression, Identifier, IndexItem, RoutineKind, Statement } from '../../1-parse/ast'
import { placeKey } from '../../3-elaborate/routines'
import type { ElaboratedModel } from '../../3-elaborate/model'
import type { Outline } from '../../compile'
import { textOf, type Span } from '../../source/source'
import { reachableNodes, type Node } from '../../../ir/graph'
import { printType } from '../../../ir/type'
import type { Circuit } from '../../../quantum/circuit'

export interface ModelGraph {
  readonly name: string
  /** Numbers in all parameters. */
  readonly parameters: number
  /** In the order of the file; a node comes after what it uses. */
  readonly nodes: readonly GraphNode[]
}

export type NodeKind = 'input' | 'target' | 'param' | 'state' | 'let' | 'layer' | 'call' | 'circuit' | 'loop' | 'output' | 'loss' | 'metric' | 'rate' | 'update'

export interface GraphNode {
  readonly kind: NodeKind
  /** The name that it is given, or what is called. */
  readonly title: string
  /** `real[batch, 4]`, where it has a name. */
  readonly type: string
  /** Its expression; a dot stands for a box in it, which is a node of its own. */
  readonly text: string
  /** How many parameters it has, and qubits. */
  readonly facts: string
  /** Places of the nodes that it uses. */
  readonly from: readonly number[]
}

export function modelGraph({ node, model }: Outline, routines: ReadonlyMap<string, RoutineKind>): ModelGraph {
  const drawing = new Drawing(model, routines)
  for (const statement of node.body.statements) drawing.statement(statement)
  return { name: model.name, parameters: countOf(model, () => true), nodes: drawing.nodes }
}

/** What is left of an expression where its boxes are nodes of their own. */
interface Rest { readonly uses: Set<number>; readonly holes: Span[] }

class Drawing {
  readonly nodes: GraphNode[] = []
  /** What each name stands for at this place. */
  private readonly current = new Map<string, number>()
  /** Layers with a name of their own, which calls share. */
  private readonly instances = new Set<number>()
  private readonly circuits: ReadonlyMap<string, Circuit>

  constructor(private readonly model: ElaboratedModel, private readonly routines: ReadonlyMap<string, RoutineKind>) {
    this.circuits = circuitsIn(model)
  }

  statement(statement: Statement): void {
    switch (statement.kind) {
      case 'input': this.bind([statement.name], this.add({ kind: statement.role, title: statement.name.name, type: this.typeOf(statement.name.name) })); break
      case 'param': {
        const { name } = statement.name
        const isFrozen = this.model.parameters.some(({ path, frozen }) => path === name && frozen)
        this.bind([statement.name], this.add({ kind: 'param', title: name, type: this.typeOf(name), facts: parametersText(countOf(this.model, path => path === name), isFrozen) }))
        break
      }
      case 'state': this.bind([statement.name], this.add({ kind: 'state', title: statement.name.name, type: this.typeOf(statement.name.name) })); break
      case 'instance': {
        const layer = this.add({ kind: 'layer', title: statement.name.name, text: plain(statement.value.span), facts: this.layerFacts(statement.span) })
        this.instances.add(layer)
        this.bind([statement.name], layer)
        break
      }
      case 'let': case 'var': case 'assign': this.bind(statement.names, this.result('let', statement.names.map(({ name }) => name).join(', '), statement.value)); break
      case 'for': this.loop(statement.loop); break
      case 'output':
        if (statement.value) this.bind([statement.name], this.result('output', statement.name.name, statement.value))
        else this.add({ kind: 'output', title: statement.name.name, type: this.typeOf(statement.name.name), from: this.named(statement.name.name) })
        break
      case 'loss': this.result('loss', 'loss', statement.value); break
      case 'metric': this.result('metric', statement.name.name, statement.value); break
      case 'rate': this.result('rate', `rate ${statement.path.map(({ name }) => name).join('.')}`, statement.value); break
      case 'update': this.result('update', statement.name.name, statement.value); break
      // These compute nothing, or stand in other places.
      case 'frozen': case 'assert': case 'if': case 'return': case 'yield': case 'qubits': case 'gate': case 'invalid': break
      default: statement satisfies never
    }
  }

  /** What a statement gives a name; a `let` that is a call of a layer or a circuit is the call's own box. */
  private result(kind: NodeKind, title: string, value: Expression): number {
    const type = kind === 'let' || kind === 'output' || kind === 'update' ? title.split(', ').map(name => this.typeOf(name)).join(', ') : ''
    if (kind === 'let') {
      const box = value.kind === 'for' ? this.loop(value, title, type) : this.box(value, { title, type })
      if (box !== undefined) return box
    }
    const rest = this.restOf(value)
    return this.add({ kind, title, type, text: withHoles(value.span, rest.holes), from: [...rest.uses] })
  }

  // ------------------------------------------------------------------------------------------------------ boxes

  /** @returns undefined where the expression is no call of a layer or a circuit */
  private box(expression: Expression, named?: { readonly title: string; readonly type: string }): number | undefined {
    const call = callIn(expression)
    if (!call) return undefined
    const { callee, span } = call
    const instance = callee.kind === 'index' && callee.value.kind === 'name' ? callee.value.name : callee.kind === 'name' ? callee.name : undefined
    if (instance === undefined) return undefined
    const owner = this.current.get(instance)
    const isCall = owner !== undefined && this.instances.has(owner)
    const kind = isCall ? 'call' : callee.kind === 'name' ? this.routines.get(callee.name) : undefined
    if (kind !== 'call' && kind !== 'layer' && kind !== 'circuit') return undefined
    const rest: Rest = { uses: new Set(isCall ? [owner] : []), holes: [] }
    if (callee.kind === 'index') this.visit(callee, rest)
    for (const value of [...call.piped ? [call.piped] : [], ...call.arguments.map(argument => argument.value)]) this.visit(value, rest)
    const text = withHoles(span, rest.holes)
    const facts = kind === 'circuit' ? circuitText(this.circuits.get(instance)) : kind === 'layer' ? this.layerFacts(span) : ''
    return this.add({ kind, facts, from: [...rest.uses], ...named ? { ...named, text } : { title: text } })
  }

  /** One box, whatever it does inside; the `var`s that it changes are its results. */
  private loop(loop: ForExpression, title = '', type = ''): number {
    const own = new Set<string>(loop.binding.names.map(({ name }) => name))
    const changed: Identifier[] = []
    const uses = new Set<number>()
    const calls: Span[] = []
    const collect = (expression: Expression): void => {
      const call = callIn(expression)
      if (call?.callee.kind === 'name' && this.routines.get(call.callee.name) === 'layer') calls.push(call.span)
      const name = call?.callee.kind === 'name' ? call.callee.name : expression.kind === 'name' ? expression.name : undefined
      const used = name === undefined || own.has(name) ? undefined : this.current.get(name)
      if (used !== undefined) uses.add(used)
      if (expression.kind === 'for') body(expression.body.statements)
      for (const child of childrenOf(expression)) collect(child)
    }
    const body = (statements: readonly Statement[]): void => {
      for (const statement of statements) {
        switch (statement.kind) {
          case 'let': case 'var': collect(statement.value); for (const { name } of statement.names) own.add(name); break
          case 'assign': collect(statement.value); changed.push(...statement.names.filter(({ name }) => !own.has(name))); break
          case 'yield': statement.values.forEach(collect); break
          case 'for': collect(statement.loop); break
          case 'update': collect(statement.value); break
          default: // Nothing else computes in a loop.
        }
      }
    }
    collect(loop.source)
    // A body names its `var`s before it changes them.
    for (const { name } of changed) own.delete(name)
    body(loop.body.statements)
    const text = `for ${plain(loop.binding.span)} in ${plain(loop.source.span)}`
    const names = [...new Set(changed.map(({ name }) => name))]
    const facts = parametersText(calls.reduce((sum, span) => sum + this.layerCount(span), 0), false)
    const shown = [...title ? [title] : [], ...names].join(', ') || text
    const types = [...type ? [type] : [], ...names.map(name => this.typeOf(name))].join(', ')
    const at = this.add({ kind: 'loop', title: shown, type: types, text: shown === text ? '' : text, facts, from: [...uses] })
    this.bind(changed, at)
    return at
  }

  // ------------------------------------------------------------------------------------------------ expressions

  private restOf(expression: Expression): Rest {
    const rest: Rest = { uses: new Set(), holes: [] }
    this.visit(expression, rest)
    return rest
  }

  private visit(expression: Expression, rest: Rest): void {
    const box = expression.kind === 'for' ? this.loop(expression) : this.box(expression)
    if (box !== undefined) {
      rest.uses.add(box)
      rest.holes.push(expression.span)
      return
    }
    const used = expression.kind === 'name' ? this.current.get(expression.name) : undefined
    if (used !== undefined) rest.uses.add(used)
    for (const child of childrenOf(expression)) this.visit(child, rest)
  }

  // ------------------------------------------------------------------------------------------------------- nodes

  private add(node: Partial<GraphNode> & Pick<GraphNode, 'kind' | 'title'>): number {
    return this.nodes.push({ type: '', text: '', facts: '', from: [], ...node }) - 1
  }

  private bind(names: readonly Identifier[], node: number): void {
    for (const { name } of names) this.current.set(name, node)
  }

  private named(name: string): readonly number[] {
    const node = this.current.get(name)
    return node === undefined ? [] : [node]
  }

  private typeOf(name: string): string {
    const type = this.model.written?.types.get(name)
    return type ? printType(type) : ''
  }

  private layerFacts(place: Span): string {
    return parametersText(this.layerCount(place), false)
  }

  private layerCount(place: Span): number {
    const layer = this.model.written?.layers.get(`#${placeKey(place)}`)
    return layer === undefined ? 0 : countOf(this.model, path => path.startsWith(`${layer}.`))
  }
}

// --------------------------------------------------------------------------------------------------------- syntax

interface Call { readonly callee: Expression; readonly arguments: readonly Argument[]; readonly piped?: Expression; readonly span: Span }

/** `f(a)` and `x |> f(a)` alike. */
function callIn(expression: Expression): Call | undefined {
  if (expression.kind === 'call') return expression
  if (expression.kind !== 'pipe') return undefined
  const { call, value } = expression
  return call.kind === 'call' ? { ...call, piped: value } : { callee: call, arguments: [], piped: value, span: call.span }
}

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number': case 'string': case 'boolean': case 'infinity': case 'name': case 'invalid': return []
    case 'unary': return [expression.operand]
    case 'binary': return [expression.left, expression.right]
    case 'if': return [expression.condition, expression.then, expression.otherwise]
    // What is called is no value.
    case 'pipe': return [expression.value, ...expression.call.kind === 'call' ? childrenOf(expression.call) : []]
    case 'call': return [...expression.callee.kind === 'index' ? [expression.callee] : [], ...expression.arguments.map(({ value }) => value)]
    case 'index': return [expression.value, ...expression.items.flatMap(itemValues)]
    case 'member': return [expression.value]
    case 'list': case 'tuple': return expression.items
    case 'comprehension': return [expression.source, expression.value]
    case 'range': return [expression.low, expression.high]
    case 'for': return [expression.source]
    default: return expression satisfies never
  }
}

function itemValues(item: IndexItem): readonly Expression[] {
  switch (item.kind) {
    case 'at': return [item.value]
    case 'slice': return [item.low, item.high, item.step].flatMap(bound => (bound ? [bound] : []))
    case 'ellipsis': return []
    default: return item satisfies never
  }
}

/** The text of a place in one line, without comments. */
const plain = (span: Span): string => oneLine(textOf(span))

const oneLine = (text: string): string => text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ' ').replaceAll(/\s+/g, ' ').trim()

function withHoles(span: Span, holes: readonly Span[]): string {
  let text = '', at = span.start
  for (const hole of [...holes].sort((a, b) => a.start - b.start)) {
    // What is piped into the call stands before it.
    if (hole.start >= at) text += `${span.file.text.slice(at, hole.start)}·`
    at = Math.max(at, hole.end)
  }
  return oneLine(text + span.file.text.slice(at, span.end))
}

// ----------------------------------------------------------------------------------------------------------- facts

function countOf({ parameters }: ElaboratedModel, isMeant: (path: string) => boolean): number {
  return parameters.filter(({ path }) => isMeant(path)).reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
}

function parametersText(count: number, isFrozen: boolean): string {
  if (count === 0) return ''
  return `${count} ${isFrozen ? 'frozen ' : ''}${count === 1 ? 'parameter' : 'parameters'}`
}

function circuitText(circuit: Circuit | undefined): string {
  if (!circuit) return ''
  const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
  return `${plural(circuit.qubits, 'qubit')}, ${plural(circuit.slots, 'angle')}`
}

/** The largest of each name. */
function circuitsIn({ graph }: ElaboratedModel): ReadonlyMap<string, Circuit> {
  const found = new Map<string, Circuit>()
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.op === 'loop') visit(node.attributes.body.nodes)
      if (node.op !== 'circuit') continue
      const { circuit } = node.attributes
      if ((found.get(circuit.name)?.slots ?? -1) < circuit.slots) found.set(circuit.name, circuit)
    }
  }
  visit(reachableNodes(graph.outputs))
  return found
}
