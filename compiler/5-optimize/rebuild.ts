/**
 * Rebuilds a graph node by node through a fresh builder, so that equal nodes become one and unneeded ones vanish. A pass says
 * what stands in a node's place; bodies of loops are rebuilt by the same pass.
 */
import { GraphBuilder } from '../../ir/builder'
import type { Graph, Node, Value } from '../../ir/graph'
import { int, tensor } from '../../ir/type'

/** Old values → new ones. */
export type Mapping = Map<Value, Value>

/** The values that stand in place of the node's results, given the new inputs. `undefined` where nothing reads that result. */
export type Replace = (b: GraphBuilder, node: Node, inputs: readonly Value[]) => readonly (Value | undefined)[]

export type LoopNode = Node & { readonly op: 'loop' }

/** The graph with every node replaced; the inputs stay as they are, in number and order. */
export function rebuild(graph: Graph, replaceIn: (graph: Graph) => Replace): Graph {
  const b = GraphBuilder.create()
  const mapping: Mapping = new Map(graph.inputs.map(input => [input, inputLike(b, input)]))
  rebuildNodes(b, graph, mapping, replaceIn(graph))
  return b.finish(graph.outputs.map(output => mapped(mapping, output)), graph.inputs.map(input => mapped(mapping, input)))
}

/**
 * The graph with some nodes replaced, and those that read them made anew; the others stay the nodes that they are. For passes that
 * make no nodes equal, since that is not looked for.
 */
export function rebuildFrom(graph: Graph, isReplaced: (node: Node) => boolean, replace: Replace): Graph {
  const b = GraphBuilder.after(graph)
  const mapping: Mapping = new Map()
  const now = (value: Value) => mapping.get(value) ?? value
  for (const node of graph.nodes) {
    if (!isReplaced(node) && !node.inputs.some(input => mapping.has(input))) b.keep(node)
    else setResults(mapping, node, replace(b, node, node.inputs.map(now)))
  }
  return b.finish(graph.outputs.map(now), graph.inputs)
}

/** @param replace of the nodes of this very graph */
export function rebuildNodes(b: GraphBuilder, graph: Graph, mapping: Mapping, replace: Replace): void {
  for (const node of graph.nodes) {
    if (node.op === 'input') continue
    setResults(mapping, node, replace(b, node, node.inputs.map(input => mapped(mapping, input))))
  }
}

function setResults(mapping: Mapping, { results }: Node, values: readonly (Value | undefined)[]): void {
  results.forEach((result, at) => {
    const value = values[at]
    if (value) mapping.set(result, value)
  })
}

export function mapped(mapping: ReadonlyMap<Value, Value>, value: Value): Value {
  const found = mapping.get(value)
  if (!found) throw new Error(`optimize: %${value.node.id} ${value.node.op} has nothing in its place`)
  return found
}

function inputLike(b: GraphBuilder, { node, type }: Value): Value {
  return b.input(node.op === 'input' ? node.attributes.name : 'input', type)
}

/** The same node in another graph. */
export const copied: Replace = (b, node, inputs) => b.addNode(node.op, node.attributes, inputs).results

// -------------------------------------------------------------------------------------------------------- loops

/** What of a loop stays. */
export interface Kept {
  readonly carries: readonly number[]
  readonly yields: readonly number[]
}

/** How a loop's body is rebuilt. */
export interface BodyPass {
  /**
   * Fills in what stands for the nodes of the old body; its inputs are in the mapping.
   * @param rowOf the row, inside, of any outer sequence
   * @returns values to yield besides; their sequences follow the other results
   */
  build(inner: GraphBuilder, mapping: Mapping, rowOf: (sequence: Value) => Value): readonly Value[] | void
  /** What stands for a constant inside, where it is not just captured. */
  constant?(inner: GraphBuilder, outer: Value): Value | undefined
  /** As for constants, of a row of a sequence. */
  row?(inner: GraphBuilder, counter: Value, outer: Value): Value | undefined
}

/**
 * The loop with the kept carries and yields. Its constants are what the new body captures, so that unused ones go and equal
 * ones merge; sequences likewise.
 * @param inputs the new values of the old node's inputs
 * @returns as many results as before, `undefined` for what was dropped, and then the yields that the pass added
 */
export function rebuildLoop(b: GraphBuilder, { attributes, results }: LoopNode, inputs: readonly Value[], kept: Kept, pass: BodyPass): readonly (Value | undefined)[] {
  const { trip, reverse, carries, constants, body } = attributes
  const inner = b.nested()
  const counter = inner.input('counter', int())
  const mapping: Mapping = new Map()
  const bind = (at: number, value: Value) => {
    const old = body.inputs[at]
    if (old) mapping.set(old, value)
  }
  bind(0, counter)
  const carried = kept.carries.map(carry => {
    const stand = inner.input(`carry${carry}`, at(inputs, carry).type)
    bind(1 + carry, stand)
    return stand
  })
  inputs.slice(carries, carries + constants).forEach((outer, k) => bind(1 + carries + k, pass.constant?.(inner, outer) ?? inner.use(outer)))
  const rows = new Map<Value, Value>()
  const rowOf = (sequence: Value) => {
    const outer = b.use(sequence)
    const row = rows.get(outer) ?? inner.input('row', tensor(outer.type.element, outer.type.shape.slice(1)))
    rows.set(outer, row)
    return row
  }
  inputs.slice(carries + constants).forEach((outer, k) => bind(1 + carries + constants + k, pass.row?.(inner, counter, outer) ?? rowOf(outer)))
  const added = pass.build(inner, mapping, rowOf) ?? []

  const keptOutputs = [...kept.carries, ...kept.yields.map(at => carries + at)].map(output => mapped(mapping, at(body.outputs, output)))
  const outputs = [...keptOutputs, ...added].map(value => inner.use(value))
  const needed = new Set(inner.finish(outputs, []).nodes)
  const captures = [...inner.captures()].filter(([, stand]) => needed.has(stand.node))
  const sequences = [...rows].filter(([, row]) => needed.has(row.node))
  const rebuilt = inner.finish(outputs, [counter, ...carried, ...captures.map(([, stand]) => stand), ...sequences.map(([, row]) => row)])
  const loop = b.addNode(
    'loop',
    { trip, reverse, carries: kept.carries.length, constants: captures.length, body: rebuilt },
    [...kept.carries.map(carry => at(inputs, carry)), ...captures.map(([outer]) => outer), ...sequences.map(([outer]) => outer)],
  )
  const before = results.map((_, result) => {
    const place = result < carries ? kept.carries.indexOf(result) : kept.yields.indexOf(result - carries)
    return place < 0 ? undefined : loop.results[result < carries ? place : kept.carries.length + place]
  })
  return [...before, ...loop.results.slice(keptOutputs.length)]
}

/** Everything of the loop. */
export const allKept = ({ attributes, results }: LoopNode): Kept => ({
  carries: Array.from({ length: attributes.carries }, (_, carry) => carry),
  yields: Array.from({ length: results.length - attributes.carries }, (_, at) => at),
})

export function at<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`optimize: nothing at ${index} of ${items.length}`)
  return item
}
