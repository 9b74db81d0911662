/**
 * Drops what nothing reads. Loops yield the history of every carry for the backward pass; where none reads it, it goes, and
 * with it carries, constants and sequences that then serve nothing.
 */
import type { Graph, Node, Value } from '../../ir/graph'
import { reachableNodes } from '../../ir/graph'
import { copied, rebuild, rebuildLoop, rebuildNodes, type Kept, type LoopNode, type Replace } from './rebuild'

/** The graph without what its outputs do not need; itself where that is everything. */
export function prune(graph: Graph): Graph {
  return isLean(graph) ? graph : rebuild(graph, pruneIn)
}

function isLean(graph: Graph): boolean {
  const reachable = new Set(reachableNodes(graph.outputs))
  if (graph.nodes.some(node => node.op !== 'input' && !reachable.has(node))) return false
  const read = readValues(graph)
  return graph.nodes.every(node => {
    if (node.op !== 'loop') return true
    const { carries, body } = node.attributes
    const kept = keptOf(node, read)
    const used = readValues(body)
    return kept.carries.length === carries && kept.yields.length === node.results.length - carries
      && body.inputs.slice(1 + carries).every(input => used.has(input)) && isLean(body)
  })
}

function pruneIn(graph: Graph): Replace {
  const read = readValues(graph)
  return (b, node, inputs) => {
    if (node.op !== 'loop') return copied(b, node, inputs)
    const { body } = node.attributes
    return rebuildLoop(b, node, inputs, keptOf(node, read), {
      build(inner, mapping) {
        const replace = pruneIn(body)
        // Of the old body only what the kept outputs need has inputs to stand on.
        const needed = new Set(body.nodes.filter(inBody => inBody.op === 'input' && inBody.results.every(result => mapping.has(result))))
        const nodes = body.nodes.filter(inBody => {
          const ready = inBody.op !== 'input' && inBody.inputs.every(input => needed.has(input.node))
          if (ready) needed.add(inBody)
          return ready
        })
        rebuildNodes(inner, { ...body, nodes }, mapping, replace)
      },
    })
  }
}

/** Values that a node or an output reads. */
function readValues(graph: Graph): ReadonlySet<Value> {
  return new Set([...graph.outputs, ...graph.nodes.flatMap(node => node.inputs)])
}

/** Yields that are read; carries whose last value is read, or that reach a kept output through the body. */
function keptOf(loop: LoopNode, read: ReadonlySet<Value>): Kept {
  const { carries, body } = loop.attributes
  const yields = loop.results.slice(carries).flatMap((result, at) => (read.has(result) ? [at] : []))
  const carryOf = new Map<Node, number>(body.inputs.slice(1, 1 + carries).map((input, carry) => [input.node, carry]))
  const kept = new Set<number>()
  const seen = new Set<Node>()
  const pending: Node[] = []
  const reach = (output: Value | undefined) => { if (output) pending.push(output.node) }
  const keep = (carry: number) => {
    if (kept.has(carry)) return
    kept.add(carry)
    reach(body.outputs[carry])
  }
  loop.results.slice(0, carries).forEach((result, carry) => { if (read.has(result)) keep(carry) })
  yields.forEach(at => reach(body.outputs[carries + at]))
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    const carry = carryOf.get(node)
    if (carry !== undefined) keep(carry)
    for (const input of node.inputs) pending.push(input.node)
  }
  return { carries: [...kept].sort((a, b) => a - b), yields }
}
