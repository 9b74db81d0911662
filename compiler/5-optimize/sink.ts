/**
 * Sinks products out of loops: what a loop only yields, as a decoder's h @ W for each step, is computed after the loop for
 * all iterations at once. The loop then yields what goes into the product.
 */
import type { Graph, Node, Value } from '../../ir/graph'
import { allKept, at, copied, mapped, rebuild, rebuildLoop, rebuildNodes, type LoopNode, type Replace } from './rebuild'
import { isModest } from './residence'
import { forAll, gainsTogether, mayLeaveLoop, together, type Whole } from './together'

/** The graph with such products after their loops; itself where there are none. */
export function sink(graph: Graph): Graph {
  return hasSinking(graph) ? rebuild(graph, () => sinkIn) : graph
}

const hasSinking = (graph: Graph): boolean =>
  graph.nodes.some(node => node.op === 'loop' && (sinking(node).length > 0 || hasSinking(node.attributes.body)))

const sinkIn: Replace = (b, node, inputs) => {
  if (node.op !== 'loop') return copied(b, node, inputs)
  const { trip, carries, constants, body } = node.attributes
  const sunk = sinking(node)
  const gone = new Set(sunk)
  const outside = new Map<Value, Whole>()
  inputs.slice(carries).forEach((value, k) => outside.set(at(body.inputs, 1 + carries + k), { value, varies: k >= constants }))
  const yielded = [...new Set(sunk.flatMap(inBody => inBody.inputs))].filter(value => !gone.has(value.node) && !outside.has(value))
  const all = allKept(node)
  const isSunk = (k: number) => k >= carries && gone.has(at(body.outputs, k).node)
  const results = rebuildLoop(b, node, inputs, { ...all, yields: all.yields.filter(k => !isSunk(carries + k)) }, {
    build(inner, mapping) {
      rebuildNodes(inner, { ...body, nodes: body.nodes.filter(inBody => !gone.has(inBody)) }, mapping, sinkIn)
      return yielded.map(value => mapped(mapping, value))
    },
  })
  yielded.forEach((value, k) => {
    const sequence = results[node.results.length + k]
    if (sequence) outside.set(value, { value: sequence, varies: true })
  })
  const wholeOf = (value: Value) => outside.get(value) ?? fail(value)
  for (const inBody of sunk) outside.set(at(inBody.results, 0), together(b, trip, inBody, inBody.inputs.map(wholeOf)))
  return node.results.map((_, k) => (isSunk(k) ? forAll(b, trip, wholeOf(at(body.outputs, k))) : results[k]))
}

/** Products that reach nothing but yields, and what stands between them and the yields; in order. */
function sinking({ attributes: { carries, body } }: LoopNode): readonly Node[] {
  const fixed = new Set(body.outputs.slice(0, carries).map(output => output.node))
  const yielded = new Set(body.outputs.slice(carries).map(output => output.node))
  const users = new Map<Node, Node[]>()
  for (const node of body.nodes) {
    for (const input of node.inputs) {
      const known = users.get(input.node)
      if (known) known.push(node)
      else users.set(input.node, [node])
    }
  }
  const free = new Set<Node>()
  for (const node of [...body.nodes].reverse()) {
    const by = users.get(node) ?? []
    const onlyYields = !fixed.has(node) && by.every(user => free.has(user)) && (by.length > 0 || yielded.has(node))
    if (onlyYields && mayLeaveLoop(node) && node.inputs.length > 0 && node.inputs.every(input => isModest(input.type.shape))) free.add(node)
  }
  const sunk: Node[] = []
  const after = new Set<Node>()
  for (const node of body.nodes) {
    if (!free.has(node) || !(gainsTogether(node) || node.inputs.some(input => after.has(input.node)))) continue
    after.add(node)
    sunk.push(node)
  }
  return sunk
}

function fail(value: Value): never {
  throw new Error(`optimize: %${value.node.id} ${value.node.op} has no value after its loop`)
}
