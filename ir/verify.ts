/** Holds a graph to its own rules; runs after every pass in tests. */
import type { Graph, Node, Value } from './graph'
import type { OpAttributes, OpName } from './op'
import { OPS, type OpRow } from './table'
import { printType, sameType } from './type'

/** @throws Error naming the first node that breaks a rule */
export function verify(graph: Graph): void {
  const defined = new Set<Node>()
  const known = (value: Value, by: string) => {
    if (!defined.has(value.node)) throw new Error(`verify: ${by} uses %${value.node.id} before it is defined`)
    if (value.node.results[value.index] !== value) throw new Error(`verify: ${by} uses a result that %${value.node.id} does not have`)
  }
  for (const node of graph.nodes) {
    for (const input of node.inputs) known(input, `%${node.id} ${node.op}`)
    if (node.op === 'loop') verify(node.attributes.body)
    const types = inferNode(node.op, node.attributes, node.inputs)
    types.forEach((type, index) => {
      const result = node.results[index]
      if (!result || !sameType(result.type, type)) {
        throw new Error(`verify: %${node.id} ${node.op} says ${result ? printType(result.type) : 'nothing'}, its row ${printType(type)}`)
      }
    })
    defined.add(node)
  }
  for (const output of graph.outputs) known(output, 'an output')
  for (const input of graph.inputs) known(input, 'the list of inputs')
}

function inferNode<Op extends OpName>(op: Op, attributes: OpAttributes[OpName], inputs: readonly Value[]) {
  const row: OpRow<Op> = OPS[op]
  return row.infer(attributes as OpAttributes[Op], inputs.map(input => input.type))
}
