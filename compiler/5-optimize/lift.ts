/**
 * Lifts products out of loops: what depends on rows and constants only, as x[t] @ W does, is computed for all iterations at
 * once, where one large product costs less than many small ones.
 */
import type { GraphBuilder } from '../../ir/builder'
import type { Dim } from '../../ir/dim'
import type { Graph, Node, Value } from '../../ir/graph'
import { OPS, type OpKind } from '../../ir/table'
import { allKept, at, copied, rebuild, rebuildLoop, rebuildNodes, type LoopNode, type Replace } from './rebuild'
import { isModest } from './residence'

/** Work that gains from being done together; what feeds it may come along. */
const LIFTED: ReadonlySet<OpKind> = new Set(['product', 'circuit'])
const CARRIED_ALONG: ReadonlySet<OpKind> = new Set(['product', 'circuit', 'elementwise', 'movement', 'reduction', 'leaf'])

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
        if (result && outside.has(inBody)) whole.set(result, together(b, trip, inBody, inBody.inputs.map(input => whole.get(input) ?? fail(inBody))))
        if (inBody.op === 'input') continue
        const lifted = result && roots.has(inBody) ? whole.get(result) : undefined
        if (result && lifted) mapping.set(result, rowOf(lifted.value))
        else rebuildNodes(inner, { ...body, nodes: [inBody] }, mapping, liftIn)
      }
    },
  })
}

interface Whole {
  readonly value: Value
  /** It has a first axis of iterations. */
  readonly varies: boolean
}

/** Nodes of a body that depend on rows and constants alone: `roots` to be read as rows, `outside` with what they need. */
function liftable({ attributes: { carries, constants, body } }: LoopNode): { readonly roots: ReadonlySet<Node>; readonly outside: ReadonlySet<Node> } {
  const fixed = new Set<Node>(body.inputs.slice(1 + carries, 1 + carries + constants).map(input => input.node))
  const varying = new Set<Node>(body.inputs.slice(1 + carries + constants).map(input => input.node))
  const roots = new Set<Node>()
  for (const node of body.nodes) {
    const { kind } = OPS[node.op]
    if (node.op === 'input' || node.op === 'random' || !CARRIED_ALONG.has(kind)) continue
    if (!node.inputs.every(input => fixed.has(input.node) || varying.has(input.node))) continue
    if (!node.results.every(result => isModest(result.type.shape))) continue
    const varies = node.inputs.some(input => varying.has(input.node))
    ;(varies ? varying : fixed).add(node)
    if (varies && LIFTED.has(kind)) roots.add(node)
  }
  const outside = new Set<Node>()
  const pending = [...roots]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (outside.has(node) || node.op === 'input') continue
    outside.add(node)
    for (const input of node.inputs) pending.push(input.node)
  }
  return { roots, outside }
}

/** The node for all iterations at once, along a first axis; or for none in particular, where nothing of it varies. */
function together(b: GraphBuilder, trip: Dim, node: Node, inputs: readonly Whole[]): Whole {
  if (!inputs.some(input => input.varies)) return { value: at(copied(b, node, inputs.map(input => input.value)) as readonly Value[], 0), varies: false }
  const [x] = inputs
  const shift = (axes: readonly number[]) => axes.map(axis => axis + 1)
  /** The input with an axis of iterations, repeated if it has none of its own. */
  const full = ({ value, varies }: Whole): Value => {
    const { shape } = value.type
    return varies ? value : b.add('broadcast', { shape: [trip, ...shape], axes: shift(shape.map((_, axis) => axis)) }, [value])
  }
  const one = () => full(x ?? fail(node))
  const varying = (value: Value): Whole => ({ value, varies: true })
  switch (node.op) {
    case 'elementwise': case 'circuit': case 'circuitVjp': return varying(at(copied(b, node, inputs.map(full)) as readonly Value[], 0))
    case 'broadcast': return varying(b.add('broadcast', { shape: [trip, ...node.attributes.shape], axes: [0, ...shift(node.attributes.axes)] }, [one()]))
    case 'reshape': return varying(b.add('reshape', { shape: [trip, ...node.attributes.shape] }, [one()]))
    case 'transpose': return varying(b.add('transpose', { permutation: [0, ...shift(node.attributes.permutation)] }, [one()]))
    case 'slice': {
      const { starts, sizes, steps } = node.attributes
      return varying(b.add('slice', { starts: [0, ...starts], sizes: [trip, ...sizes], steps: [1, ...steps] }, [one()]))
    }
    case 'pad': {
      const { low, high, interior } = node.attributes
      return varying(b.add('pad', { low: [0, ...low], high: [0, ...high], interior: [0, ...interior] }, [one()]))
    }
    case 'concat': return varying(b.add('concat', { axis: node.attributes.axis + 1 }, inputs.map(full)))
    case 'flip': return varying(b.add('flip', { axis: node.attributes.axis + 1 }, [one()]))
    case 'reduce': return varying(b.add('reduce', { ...node.attributes, axes: shift(node.attributes.axes) }, [one()]))
    case 'argReduce': return varying(b.add('argReduce', { ...node.attributes, axis: node.attributes.axis + 1 }, [one()]))
    case 'cumulativeSum': return varying(b.add('cumulativeSum', { ...node.attributes, axis: node.attributes.axis + 1 }, [one()]))
    case 'contract': {
      const { left, right, out } = node.attributes
      const [p, q] = inputs
      if (!p || !q) return fail(node)
      const iteration = Math.max(0, ...left, ...right) + 1
      const label = (labels: readonly number[], { varies }: Whole) => (varies ? [iteration, ...labels] : labels)
      return varying(b.add('contract', { left: label(left, p), right: label(right, q), out: [iteration, ...out] }, [p.value, q.value]))
    }
    default: return fail(node)
  }
}

function fail(node: Node): never {
  throw new Error(`optimize: ${node.op} %${node.id} cannot leave its loop`)
}
