/**
 * Narrows the gradient of a circuit to the slots that somebody reads: slots that depend on inputs or constants only are
 * never shifted.
 *
 * From the outputs back, each value that stems from a gradient learns which positions of its last axis are read.
 */
import type { Graph, Node, Value } from '../../ir/graph'
import { copied, rebuild, rebuildLoop, rebuildNodes, allKept, type Replace } from './rebuild'

/** Positions along the last axis. */
type Positions = ReadonlySet<number> | 'all'

/** The graph with narrower gradients; itself where none is. */
export function narrow(graph: Graph): Graph {
  return canNarrow(graph) ? rebuild(graph, narrowIn) : graph
}

function canNarrow(graph: Graph): boolean {
  const read = readPositions(graph)
  return graph.nodes.some(node => (node.op === 'circuitVjp' ? activeOf(node, read) !== node.attributes.active
    : node.op === 'loop' && canNarrow(node.attributes.body)))
}

function narrowIn(graph: Graph): Replace {
  const read = readPositions(graph)
  return (b, node, inputs) => {
    if (node.op === 'loop') {
      const { body } = node.attributes
      return rebuildLoop(b, node, inputs, allKept(node), { build: (inner, mapping) => rebuildNodes(inner, body, mapping, narrowIn(body)) })
    }
    if (node.op !== 'circuitVjp') return copied(b, node, inputs)
    const active = activeOf(node, read)
    const shape = node.results[0]?.type.shape ?? []
    return [active.length === 0 ? b.fill('real', shape, 0) : b.add('circuitVjp', { ...node.attributes, active }, inputs)]
  }
}

/** The active slots that are read; the same list where that is all of them. */
function activeOf(node: Node & { op: 'circuitVjp' }, read: ReadonlyMap<Value, Positions>): readonly number[] {
  const { active } = node.attributes
  const [result] = node.results
  const positions = result ? read.get(result) : undefined
  if (positions === 'all' || !positions) return positions ? active : active.length === 0 ? active : []
  const kept = active.filter(slot => positions.has(slot))
  return kept.length === active.length ? active : kept
}

/** What is read of each value that a circuit's gradient reaches. */
function readPositions(graph: Graph): ReadonlyMap<Value, Positions> {
  const reached = new Set<Value>()
  for (const node of graph.nodes) {
    if (node.op === 'circuitVjp' || node.inputs.some(input => reached.has(input))) node.results.forEach(result => reached.add(result))
  }
  const read = new Map<Value, Positions>()
  const add = (value: Value, positions: Positions) => {
    const known = read.get(value)
    if (known === 'all') return
    read.set(value, positions === 'all' || !known ? positions : new Set([...known, ...positions]))
  }
  for (const output of graph.outputs) if (reached.has(output)) add(output, 'all')
  for (const node of [...graph.nodes].reverse()) {
    if (!node.inputs.some(input => reached.has(input))) continue
    const demanded = node.results.map(result => read.get(result))
    if (demanded.every(positions => positions === undefined)) continue
    node.inputs.forEach((input, at) => { if (reached.has(input)) add(input, readBy(node, at, demanded[0] ?? 'all')) })
  }
  return read
}

/** Which positions of its input number `at` a node reads when `demanded` are read of its result. */
function readBy(node: Node, at: number, demanded: Positions): Positions {
  const input = node.inputs[at]
  const shape = input?.type.shape ?? []
  const last = shape.length - 1
  const width = shape[last]
  const result = node.results[0]?.type.shape ?? []
  const end = result.length - 1
  if (typeof width !== 'number') return 'all'
  const wanted = (position: number) => demanded === 'all' || demanded.has(position)
  const choose = (positionOf: (position: number) => boolean) => new Set(Array.from({ length: width }, (_, position) => position).filter(positionOf))
  switch (node.op) {
    case 'elementwise': return demanded
    case 'slice': {
      const [start, size, step] = [node.attributes.starts[last], node.attributes.sizes[last], node.attributes.steps[last]]
      if (typeof start !== 'number' || typeof size !== 'number' || step === undefined) return 'all'
      return new Set(Array.from({ length: size }, (_, i) => i).filter(wanted).map(i => start + i * step))
    }
    case 'gather': case 'segmentSum': {
      const indices = at === 0 ? constantIndices(node.inputs[1]) : undefined
      if (!indices) return 'all'
      const { axis } = node.attributes
      if (node.op === 'gather') return axis === last ? new Set(indices.flatMap((index, i) => (indices.length !== result[end] || wanted(i) ? [index < 0 ? index + width : index] : []))) : demanded
      const { size } = node.attributes
      if (axis !== last) return axis + (node.inputs[1]?.type.shape.length ?? 0) <= last ? demanded : 'all'
      return typeof size === 'number' ? choose(i => wanted(indices[i] ?? 0)) : 'all'
    }
    case 'reduce': return node.attributes.axes.includes(last) ? 'all' : demanded
    case 'broadcast': return node.attributes.axes[last] === end && width !== 1 ? demanded : 'all'
    case 'reshape': return result[end] === width ? demanded : 'all'
    case 'transpose': return node.attributes.permutation[end] === last ? demanded : 'all'
    case 'flip': case 'cumulativeSum': return node.attributes.axis === last ? 'all' : demanded
    case 'pad': {
      const low = node.attributes.low[last]
      const interior = node.attributes.interior[last] ?? 0
      return typeof low === 'number' ? choose(i => wanted(low + i * (interior + 1))) : 'all'
    }
    case 'concat': {
      if (node.attributes.axis !== last) return demanded
      let offset = 0
      for (const before of node.inputs.slice(0, at)) {
        const size = before.type.shape[last]
        if (typeof size !== 'number') return 'all'
        offset += size
      }
      return choose(i => wanted(offset + i))
    }
    default: return 'all'
  }
}

function constantIndices(index: Value | undefined): readonly number[] | undefined {
  if (index?.node.op === 'constant') return index.node.attributes.data
  if (index?.node.op !== 'fill' || !index.type.shape.every(dim => typeof dim === 'number')) return undefined
  const { value, shape } = index.node.attributes
  return Array.from({ length: shape.reduce<number>((a, dim) => a * Number(dim), 1) }, () => value)
}
