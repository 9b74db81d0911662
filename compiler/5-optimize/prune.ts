/**
 * Drops what nothing reads. Loops yield the history of every carry for the backward pass; where none reads it, it goes, and
 * with it carries, constants and sequences that then serve nothing.
 */
import { computedFor, type Graph, type Node, type Value } from '../../ir/graph'
import { copied, rebuildFrom, rebuildLoop, rebuildNodes, type Kept, type LoopNode, type Replace } from './rebuild'

/** The graph without what its outputs do not need; itself where that is everything. */
export function prune(graph: Graph): Graph {
  const live = withoutUnread(graph)
  const fat = fatLoops(live)
  return fat.size === 0 ? live : rebuildFrom(live, node => fat.has(node), pruneIn(live))
}

/** The graph without the nodes that no output depends on. */
function withoutUnread(graph: Graph): Graph {
  const needed = computedFor(graph.outputs.map(output => output.node))
  const nodes = graph.nodes.filter(node => node.op === 'input' || needed.has(node))
  return nodes.length === graph.nodes.length ? graph : { ...graph, nodes }
}

/** Loops with something in them that nothing needs. */
function fatLoops(graph: Graph): ReadonlySet<Node> {
  const loops = graph.nodes.filter((node): node is LoopNode => node.op === 'loop')
  if (loops.length === 0) return new Set()
  const read = readValues(graph)
  return new Set(loops.filter(loop => {
    const { carries, body } = loop.attributes
    const kept = keptOf(loop, read)
    const used = readValues(body)
    return kept.carries.length < carries || kept.yields.length < loop.results.length - carries
      || !body.inputs.slice(1 + carries).every(input => used.has(input)) || withoutUnread(body) !== body || fatLoops(body).size > 0
  }))
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
  const read = new Set(graph.outputs)
  for (const node of graph.nodes) for (const input of node.inputs) read.add(input)
  return read
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
