/**
 * Builds graphs node by node. Pure nodes that are equal become one; values of an enclosing graph that a loop's body uses
 * become its constants (captures) without the caller's doing.
 */
import { dimKey, namedDim, sameShape, type Dim, type Polynomial } from './dim'
import type { Graph, Node, Value } from './graph'
import type { OpAttributes, OpName, Reduction } from './op'
import type { ScalarName } from './scalar'
import { OPS, type OpRow } from './table'
import { tensor, type Element, type TensorType } from './type'

/** A graph that is too large to go on with. */
export class HugeGraph extends Error {
  constructor(readonly limit: number) {
    super(`a graph of more than ${limit} nodes`)
    this.name = 'HugeGraph'
  }
}

/** Stands before the number of an object, which is this compilation's own. */
const NUMBERED = '#'

/** Numbers behind which a row is known by a number of its own, in the place of a text that is as long. */
const LONG_ROW = 64

/** The keys of attributes that hold no numbered object: graphs are copied many times, and copies share their attributes. */
const attributeKeys = new WeakMap<object, string>()

/** Numbers nodes, so that ids ascend across nested graphs, and what attributes hold: bodies, circuits, long rows of numbers, and their keys. */
class Numbering {
  private readonly keys = new Map<string, number>()
  private readonly objects = new Map<object, number>()
  /** Long rows that differ, by their hashes. */
  private readonly rows = new Map<number, (readonly number[])[]>()

  constructor(private readonly limit: number, private nodes = 0) {}

  nextNode(): number {
    if (this.nodes >= this.limit) throw new HugeGraph(this.limit)
    return this.nodes++
  }

  /** The same for equal attributes; bodies and circuits count as the objects that they are. */
  attributesId(attributes: object): number {
    let key = attributeKeys.get(attributes)
    if (key === undefined) {
      key = this.attributeKey(attributes)
      if (!key.includes(NUMBERED)) attributeKeys.set(attributes, key)
    }
    const known = this.keys.get(key)
    if (known !== undefined) return known
    this.keys.set(key, this.keys.size)
    return this.keys.size - 1
  }

  private attributeKey(value: unknown): string {
    // With its length, so that no text can look like what stands around it.
    if (typeof value === 'string') return `${value.length}'${value}`
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
    if (isLongRow(value)) return `${NUMBERED}${this.rowId(value)}`
    if (Array.isArray(value)) return `[${value.map(item => this.attributeKey(item)).join(',')}]`
    if ('nodes' in value || 'operations' in value) return `${NUMBERED}${this.objectId(value)}`
    // A size: its own key is made once.
    if ('terms' in value) return this.attributeKey(dimKey(value as Polynomial))
    let key = ''
    for (const [name, item] of Object.entries(value)) key += `${name}:${this.attributeKey(item)};`
    return `{${key}}`
  }

  private objectId(object: object): number {
    const known = this.objects.get(object)
    if (known !== undefined) return known
    this.objects.set(object, this.objects.size)
    return this.objects.size - 1
  }

  /** The same for rows of the same numbers. */
  private rowId(row: readonly number[]): number {
    const known = this.objects.get(row)
    if (known !== undefined) return known
    const hash = row.reduce((sum, number) => Math.imul(sum, 31) + (number * 2 ** 16 | 0), row.length)
    const alike = this.rows.get(hash) ?? []
    const equal = alike.find(other => other.length === row.length && other.every((number, at) => Object.is(number, row[at])))
    if (equal) return this.objectId(equal)
    this.rows.set(hash, [...alike, row])
    return this.objectId(row)
  }
}

export class GraphBuilder {
  private readonly nodes: Node[] = []
  private readonly interned = new Map<string, Node>()
  private readonly inputNodes: Value[] = []
  /** Outer value → the input of this body that stands for it. */
  private readonly captured = new Map<Value, Value>()

  private constructor(private readonly numbering: Numbering, private readonly parent: GraphBuilder | undefined, private readonly scope = Symbol('graph')) {}

  /** @param limit of nodes, with those of loops in it; behind it a `HugeGraph` is thrown */
  static create(limit = Infinity): GraphBuilder {
    return new GraphBuilder(new Numbering(limit), undefined)
  }

  /**
   * Goes on from a graph that is finished: new nodes may read its values, and its nodes may be kept. New ones are not compared to
   * those of before, so who builds with them sees to it that they differ.
   */
  static after(graph: Graph): GraphBuilder {
    const last = graph.nodes.reduce((most, { id }) => Math.max(most, id), -1)
    return new GraphBuilder(new Numbering(Infinity, last + 1), undefined, graph.nodes[0]?.scope)
  }

  /** The node itself is one of this graph, in its place among the others. */
  keep(node: Node): void {
    this.nodes.push(node)
  }

  /** A builder for the body of a loop in this graph. */
  nested(): GraphBuilder {
    return new GraphBuilder(this.numbering, this)
  }

  /** True for a value that belongs to this graph itself, not to one around it. */
  owns(value: Value): boolean {
    return value.node.scope === this.scope
  }

  input(name: string, { element, shape }: TensorType): Value {
    const value = this.add('input', { name, element, shape }, [])
    this.inputNodes.push(value)
    return value
  }

  /** Adds a node with one result. */
  add<Op extends Exclude<OpName, 'loop'>>(op: Op, attributes: OpAttributes[Op], inputs: readonly Value[]): Value {
    return only(this.addNode(op, attributes, inputs))
  }

  addNode<Op extends OpName>(op: Op, attributes: OpAttributes[Op], outer: readonly Value[]): Node {
    const inputs = outer.map(value => this.use(value))
    const row: OpRow<Op> = OPS[op]
    const key = row.pure ? keyOf(op, this.numbering.attributesId(attributes), inputs) : undefined
    const known = key === undefined ? undefined : this.interned.get(key)
    if (known) return known
    const types = row.infer(attributes, inputs.map(input => input.type))
    const node = { op, attributes, id: this.numbering.nextNode(), scope: this.scope, inputs, results: [] as Value[] }
    // The pair (op, attributes) is one member of the union, which TypeScript cannot follow through the generic.
    const typed = node as unknown as Node
    types.forEach((type, index) => node.results.push({ node: typed, index, type }))
    this.nodes.push(typed)
    if (key !== undefined) this.interned.set(key, typed)
    return typed
  }

  /** The value as this graph sees it: itself, or the body's input that captures it. */
  use(value: Value): Value {
    if (this.owns(value)) return value
    const known = this.captured.get(value)
    if (known) return known
    if (!this.parent) throw new Error(`graph: ${value.node.op} %${value.node.id} belongs to another graph`)
    this.parent.use(value)
    const stand = this.add('input', { name: 'captured', element: value.type.element, shape: value.type.shape }, [])
    this.captured.set(value, stand)
    return stand
  }

  /** What was captured so far, outer value first. */
  captures(): ReadonlyMap<Value, Value> {
    return this.captured
  }

  /** The graph of everything that the outputs need; inputs stay, needed or not. */
  finish(outputs: readonly Value[], inputs: readonly Value[] = this.inputNodes): Graph {
    const results = outputs.map(output => this.use(output))
    const needed = new Set<Node>(inputs.map(input => input.node))
    const pending = results.map(output => output.node)
    for (let node = pending.pop(); node; node = pending.pop()) {
      if (needed.has(node)) continue
      needed.add(node)
      for (const input of node.inputs) pending.push(input.node)
    }
    return { inputs, nodes: this.nodes.filter(node => needed.has(node)), outputs: results }
  }

  // -------------------------------------------------------------------------------------------------- shorthands

  constant(element: Element, shape: readonly number[], data: readonly number[]): Value {
    return this.add('constant', { element, shape, data }, [])
  }

  fill(element: Element, shape: readonly Dim[], value: number): Value {
    return this.add('fill', { element, shape, value }, [])
  }

  scalar(fn: ScalarName, ...inputs: readonly Value[]): Value {
    return this.add('elementwise', { fn }, inputs)
  }

  /** x repeated to a shape whose last axes are its own; sizes of literal 1 stretch. */
  broadcastTo(x: Value, shape: readonly Dim[]): Value {
    if (sameShape(x.type.shape, shape)) return x
    const added = shape.length - x.type.shape.length
    return this.add('broadcast', { shape, axes: x.type.shape.map((_, axis) => axis + added) }, [x])
  }

  reshape(x: Value, shape: readonly Dim[]): Value {
    return sameShape(x.type.shape, shape) ? x : this.add('reshape', { shape }, [x])
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    return permutation.every((axis, at) => axis === at) ? x : this.add('transpose', { permutation }, [x])
  }

  reduce(fn: Reduction, x: Value, axes: readonly number[]): Value {
    return axes.length === 0 ? x : this.add('reduce', { fn, axes }, [x])
  }

  /** From `start`, `size` elements along one axis. */
  sliceAxis(x: Value, axis: number, start: Dim, size: Dim): Value {
    const { shape } = x.type
    return this.add('slice', {
      starts: shape.map((_, at) => (at === axis ? start : 0)),
      sizes: shape.map((dim, at) => (at === axis ? size : dim)),
      steps: shape.map(() => 1),
    }, [x])
  }

  /** An element conversion; nothing where it is one already. */
  cast(x: Value, element: Element): Value {
    return x.type.element === element ? x : this.scalar(element, x)
  }
}

/** What a node computes: equal for equal nodes. */
function keyOf(op: OpName, attributes: number, inputs: readonly Value[]): string {
  let key = `${op}${attributes}`
  for (const { node, index } of inputs) key += index === 0 ? `,${node.id}` : `,${node.id}.${index}`
  return key
}

const isLongRow = (value: object): value is readonly number[] => Array.isArray(value) && value.length > LONG_ROW && value.every(item => typeof item === 'number')

/** The one result of a node that has one. */
export function only(node: Node): Value {
  const [value] = node.results
  if (!value || node.results.length !== 1) throw new Error(`graph: ${node.op} has ${node.results.length} results`)
  return value
}

/** Input type of a model whose shape is written with names: a convenience for tests and tools. */
export const named = (element: Element, ...shape: readonly (number | string)[]): TensorType =>
  tensor(element, shape.map(dim => (typeof dim === 'string' ? namedDim(dim) : dim)))
