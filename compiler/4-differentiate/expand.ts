/** Replaces `derivative` nodes by what computes them; adds the gradients of a loss; and drops the nodes that only named things. */
import { GraphBuilder } from '../../ir/builder'
import { productOfDims, type Dim } from '../../ir/dim'
import type { Graph, Node, Value } from '../../ir/graph'
import { mapGraph } from '../../ir/map'
import { dependsOn, type Origins } from './paths'
import { copyInto, rebuildInto, type NodeOf, type Visit } from './rebuild'
import { reverse } from './reverse'

/** Each derivative of a derivative multiplies what there is. */
const NODES_LIMIT = 100_000

/**
 * The graph without `derivative` nodes: innermost first, in the bodies of loops too.
 * @param unrelated is told of each derivative that is zero because y does not depend on x
 */
export function expandDerivatives(graph: Graph, unrelated?: (node: NodeOf<'derivative'>) => void): Graph {
  if (!has(graph, ({ op }) => op === 'derivative')) return graph
  return rebuild(graph, ({ b, origins }, node, [y, x]) => {
    if (node.op !== 'derivative' || !y || !x) return undefined
    const around = origins()
    if (unrelated && !dependsOn(y, x, around)) unrelated(node)
    switch (node.attributes.kind) {
      case 'grad': return [gradient(b, y, x, around)]
      case 'jacobian': return [jacobian(b, y, x, around)]
      case 'hessian': return [jacobian(b, gradient(b, y, x, around), x, around)]
      default: return node.attributes.kind satisfies never
    }
  })
}

/** The graph without `mark` and `stop`, so that equal expressions become one; last, when nothing is differentiated any more. */
export function eraseIdentity(graph: Graph): Graph {
  if (!has(graph, ({ op }) => op === 'mark' || op === 'stop')) return graph
  return rebuild(graph, (_, node, inputs) => (node.op === 'mark' || node.op === 'stop' ? inputs : undefined))
}

/**
 * The gradients of a scalar as further outputs, one for each of `wrt`, in its order; zeros where the loss does not depend on it.
 * @param loss a value of the graph, free of `derivative` nodes
 */
export function differentiateLoss(graph: Graph, loss: Value, wrt: readonly Value[]): Graph {
  const b = GraphBuilder.create(NODES_LIMIT)
  const inputs = copyInputs(b, graph)
  // Everything that is asked about becomes an output, to be found again in the copy.
  const asked = [...graph.outputs, loss, ...wrt]
  const copies = copyInto(b, { ...graph, outputs: asked }, inputs)
  const outputs = copies.slice(0, graph.outputs.length)
  const [y, ...xs] = copies.slice(graph.outputs.length)
  if (!y) throw new Error('differentiateLoss: no loss')
  const gradients = reverse(b, y, b.fill('real', [], 1), xs)
  return b.finish([...outputs, ...xs.map((x, at) => gradients[at] ?? b.fill('real', x.type.shape, 0))])
}

/** Whether there is such a node, in the bodies of loops too. */
const has = (graph: Graph, wanted: (node: Node) => boolean): boolean =>
  graph.nodes.some(node => wanted(node) || (node.op === 'loop' && has(node.attributes.body, wanted)))

function rebuild(graph: Graph, visit: Visit): Graph {
  const b = GraphBuilder.create(NODES_LIMIT)
  const inputs = copyInputs(b, graph)
  return b.finish(rebuildInto({ b, origins: () => new Map() }, graph, inputs, visit))
}

function copyInputs(b: GraphBuilder, graph: Graph): readonly Value[] {
  return graph.inputs.map(({ node, type }) => b.input(node.op === 'input' ? node.attributes.name : '', type))
}

function gradient(b: GraphBuilder, y: Value, x: Value, origins: Origins): Value {
  const [gradient] = reverse(b, y, b.fill('real', [], 1), [x], origins)
  return gradient ?? b.fill('real', x.type.shape, 0)
}

/** y.shape ++ x.shape: reverse mode mapped over the rows of the identity, one for each element of y. */
function jacobian(b: GraphBuilder, y: Value, x: Value, origins: Origins): Value {
  const of = y.type.shape
  const by = x.type.shape
  if (of.length === 0) return gradient(b, y, x, origins)
  // Reverse mode as a graph of its own, whose inputs are the cotangent of y and what it uses from here.
  const inner = b.nested()
  const cotangent = inner.input('cotangent', y.type)
  const [row] = reverse(inner, y, cotangent, [x], origins)
  if (!row) return b.fill('real', [...of, ...by], 0)
  const captures = [...inner.captures()]
  const graph = inner.finish([row], [cotangent, ...captures.map(([, stand]) => stand)])
  const elements = productOfDims(of)
  const [rows] = mapGraph(b, graph, [
    { value: identity(b, elements, of), mapped: true },
    ...captures.map(([value]) => ({ value: b.use(value), mapped: false })),
  ], [elements])
  if (!rows) throw new Error('jacobian: the mapped graph has no output')
  return b.reshape(rows.mapped ? rows.value : b.broadcastTo(rows.value, [elements, ...by]), [...of, ...by])
}

/** Row i is 1 at element i of a shape and 0 elsewhere: real[elements, shape…]. */
function identity(b: GraphBuilder, elements: Dim, shape: readonly Dim[]): Value {
  const square = [elements, elements]
  const iota = b.add('iota', { size: elements }, [])
  const along = (axis: number) => b.add('broadcast', { shape: square, axes: [axis] }, [iota])
  return b.reshape(b.cast(b.scalar('equal', along(0), along(1)), 'real'), [elements, ...shape])
}
