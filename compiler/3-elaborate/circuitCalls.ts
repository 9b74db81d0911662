/** Which circuits a result of a model depends on. */
import { reachableNodes, type Node, type Value } from '../../ir/graph'
import type { Circuit } from '../../quantum/circuit'

/** The circuits called behind a value, in loops too; each once. */
export function circuitsBehind(value: Value): ReadonlySet<Circuit> {
  const found = new Set<Circuit>()
  const visit = (nodes: Iterable<Node>) => {
    for (const node of nodes) {
      if (node.op === 'circuit') found.add(node.attributes.circuit)
      else if (node.op === 'loop') visit(node.attributes.body.nodes)
    }
  }
  visit(reachableNodes([value]))
  return found
}
