/**
 * Lifts products out of loops: what depends on rows and constants only, as x[t] @ W does, is computed for all iterations at
 * once, where one large product costs less than many small ones.
 */
import { computedFor, type Graph, type Node, type Value } from '../../ir/graph'
import { allKept, at, copied, rebuild, rebuildLoop, rebuildNodes, type LoopNode, type Replace } from './rebuild'
import { isModest } from './residence'
import { gainsTogether, mayLeaveLoop, together, type Whole } from './together'

/** The graph with such products outside; itself where there are none. */
export function lift(graph: Graph): Graph {
  return hasLiftable(graph) ? rebuild(graph, () => liftIn) : graph
}

const hasLiftable = (graph: Graph): boolean =>
  graph.nodes.some(node => node.op === 'loop' && (liftable(node).roots.size > 0 || hasLiftable(node.attributes.body)))

const liftIn: Replace = (b, node, inputs) => {
  if (node.op !== 'loop') return copied(b, node, inputs)
  const { trip, carries, constants, body } = node.attributes
  const { roots, outside } = liftable(node)
  return rebuildLoop(b, node, inputs, allKept(node), {
    build(inner, mapping, rowOf) {
      /** Values of the body outside: of all iterations at once where they vary, else as they are. */
      const whole = new Map<Value, Whole>()
      inputs.slice(carries).forEach((value, k) => whole.set(at(body.inputs, 1 + carries + k), { value, varies: k >= constants }))
      for (const inBody of body.nodes) {
        const [result] = inBody.results
        if (result && outside.has(inBody)) whole.set(result, together(b, trip, inBody, inBody.inputs.map(input => wholeOf(whole, input))))
        if (inBody.op === 'input') continue
        const lifted = result && roots.has(inBody) ? whole.get(result) : undefined
        if (result && lifted) mapping.set(result, rowOf(lifted.value))
        else rebuildNodes(inner, { ...body, nodes: [inBody] }, mapping, liftIn)
      }
    },
  })
}

/** Nodes of a body that depend on rows and constants alone: `roots` to be read as rows, `outside` with what they need. */
function liftable({ attributes: { carries, constants, body } }: LoopNode): { readonly roots: ReadonlySet<Node>; readonly outside: ReadonlySet<Node> } {
  const fixed = new Set<Node>(body.inputs.slice(1 + carries, 1 + carries + constants).map(input => input.node))
  const varying = new Set<Node>(body.inputs.slice(1 + carries + constants).map(input => input.node))
  const roots = new Set<Node>()
  for (const node of body.nodes) {
    if (!mayLeaveLoop(node) || !node.inputs.every(input => fixed.has(input.node) || varying.has(input.node))) continue
    if (!node.results.every(result => isModest(result.type.shape))) continue
    const varies = node.inputs.some(input => varying.has(input.node))
    ;(varies ? varying : fixed).add(node)
    if (varies && gainsTogether(node)) roots.add(node)
  }
  return { roots, outside: computedFor(roots) }
}

function wholeOf(whole: ReadonlyMap<Value, Whole>, value: Value): Whole {
  const found = whole.get(value)
  if (!found) throw new Error(`optimize: %${value.node.id} ${value.node.op} has no value outside its loop`)
  return found
}
