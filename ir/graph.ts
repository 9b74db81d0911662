/** The graph: immutable, in static single assignment form, nodes in an order in which inputs come first. */
import type { Operation } from './op'
import type { TensorType } from './type'

/** One result of a node. */
export interface Value {
  readonly node: Node
  /** Which of the node's results. */
  readonly index: number
  readonly type: TensorType
}

export type Node = Operation & {
  /** Ascending within a graph; unique among the graphs of one compilation. */
  readonly id: number
  /** The graph under construction that owns it. */
  readonly scope: symbol
  readonly inputs: readonly Value[]
  /** One each; loops have several. */
  readonly results: readonly Value[]
}

export interface Graph {
  readonly inputs: readonly Value[]
  readonly nodes: readonly Node[]
  readonly outputs: readonly Value[]
}

/** Nodes that the outputs depend on, inputs first, each once. */
export function reachableNodes(outputs: readonly Value[]): Node[] {
  const seen = new Set<Node>()
  const pending = outputs.map(output => output.node)
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) pending.push(input.node)
  }
  // Ids ascend along edges, so sorting is a topological order.
  return [...seen].sort((a, b) => a.id - b.id)
}

/** The nodes themselves and all that they are computed from, but for inputs. */
export function computedFor(roots: Iterable<Node>): Set<Node> {
  const found = new Set<Node>()
  const pending = [...roots]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (found.has(node) || node.op === 'input') continue
    found.add(node)
    for (const input of node.inputs) pending.push(input.node)
  }
  return found
}
