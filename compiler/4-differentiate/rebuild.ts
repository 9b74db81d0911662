/** Copies a graph into a builder node by node, with a say in what becomes of each node, in the bodies of loops too. */
import type { GraphBuilder } from '../../ir/builder'
import type { Graph, Node, Value } from '../../ir/graph'
import { LoopBuilder } from '../../ir/loop'
import type { OpName } from '../../ir/op'
import { NO_ORIGINS, type Origin, type Origins } from './paths'

export type NodeOf<Op extends OpName> = Extract<Node, { readonly op: Op }>

/** Where a node is being rebuilt. */
export interface Place {
  readonly b: GraphBuilder
  /** What the inputs of the enclosing bodies stand for, as far as is known by now. */
  origins(): Origins
}

/** @returns the results that stand for the node's; `undefined` copies it */
export type Visit = (place: Place, node: Node, inputs: readonly Value[]) => readonly Value[] | undefined

/** The outputs of a graph in a builder, its inputs replaced, nothing else changed. */
export function copyInto(b: GraphBuilder, graph: Graph, inputs: readonly Value[]): readonly Value[] {
  return rebuildInto({ b, origins: () => NO_ORIGINS }, graph, inputs, (place, node, mapped) =>
    // A body needs no rebuilding: it is closed.
    node.op === 'loop' ? place.b.addNode('loop', node.attributes, mapped).results : undefined)
}

export function rebuildInto(place: Place, graph: Graph, inputs: readonly Value[], visit: Visit): readonly Value[] {
  const rebuilt = new Map<Value, Value>()
  const at = (value: Value): Value => {
    const mapped = rebuilt.get(value)
    if (!mapped) throw new Error(`rebuild: ${value.node.op} %${value.node.id} is used before it is defined`)
    return mapped
  }
  graph.inputs.forEach((input, index) => {
    const given = inputs[index]
    if (given) rebuilt.set(input, given)
  })
  for (const node of graph.nodes) {
    if (node.op === 'input') continue
    const mapped = node.inputs.map(at)
    const results = visit(place, node, mapped)
      ?? (node.op === 'loop' ? rebuildLoop(place, node, mapped, visit) : place.b.addNode(node.op, node.attributes, mapped).results)
    node.results.forEach((result, index) => {
      const value = results[index]
      if (value) rebuilt.set(result, value)
    })
  }
  return graph.outputs.map(at)
}

function rebuildLoop(place: Place, node: NodeOf<'loop'>, inputs: readonly Value[], visit: Visit): readonly Value[] {
  const { trip, reverse, carries, constants, body } = node.attributes
  const loop = new LoopBuilder(place.b, trip, inputs.slice(0, carries), reverse)
  const sequences = inputs.slice(carries + constants)
  const rows = sequences.map(sequence => loop.rowOf(sequence))
  const origins = () => {
    const known = new Map<Value, Origin>(place.origins())
    for (const [value, stand] of loop.body.captures()) known.set(stand, { value, pull: (_, cotangent) => cotangent })
    rows.forEach((row, index) => {
      const sequence = sequences[index]
      if (sequence) known.set(row, rowOrigin(sequence, loop.counter))
    })
    return known
  }
  // Outer values stand for themselves: the builder captures what the body then uses.
  const constantInputs = inputs.slice(carries, carries + constants)
  const outputs = rebuildInto({ b: loop.body, origins }, body, [loop.counter, ...loop.carries, ...constantInputs, ...rows], visit)
  // The builder yields the histories itself; the old ones are results of the new loop where they were yielded.
  const own = (output: Value) => loop.carries.indexOf(output)
  const yields = outputs.slice(carries).filter(output => own(output) < 0)
  const results = loop.finish(outputs.slice(0, carries), yields)
  return [...results.final, ...outputs.slice(carries).map(output => {
    const value = own(output) < 0 ? results.yields[yields.indexOf(output)] : results.histories[own(output)]
    if (!value) throw new Error(`rebuild: loop %${node.id} lost a result`)
    return value
  })]
}

/** A row is sequence[counter], so its cotangent lands there. */
function rowOrigin(sequence: Value, counter: Value): Origin {
  return {
    value: sequence,
    pull(b, cotangent) {
      const [trip = 0] = sequence.type.shape
      return b.add('segmentSum', { axis: 0, size: trip, site: '' }, [cotangent, counter])
    },
  }
}
