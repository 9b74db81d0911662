/**
 * The metric of the circuits' states by the trained numbers, Σ over calls JᵀFJ: F by the angles of a call, which is an op, and J
 * the Jacobian of the angles, which is a derivative like any other.
 */
import { dependsOn, rebuildInto, type Visit } from '../4-differentiate'
import { GraphBuilder } from '../../ir/builder'
import { productOfDims, type Dim } from '../../ir/dim'
import { reachableNodes, type Graph, type Value } from '../../ir/graph'
import { LoopBuilder } from '../../ir/loop'
import type { Circuit } from '../../quantum/circuit'

/** A graph with the slots of every circuit call as its outputs, [lead…, slots], a loop's iterations in front. */
export interface CircuitCalls {
  readonly graph: Graph
  /** One for each output. */
  readonly circuits: readonly Circuit[]
}

/** The calls behind one output of a graph that is not differentiated yet: later there are more runs than calls. */
export function circuitCallsOf(graph: Graph, output: number): CircuitCalls {
  const result = graph.outputs[output]
  const needed = new Set(result ? reachableNodes([result]) : [])
  const b = GraphBuilder.create()
  const inputs = graph.inputs.map(({ node, type }) => b.input(node.op === 'input' ? node.attributes.name : '', type))
  const calls: Call[] = []
  rebuildInto({ b, origins: () => new Map() }, { ...graph, nodes: graph.nodes.filter(node => needed.has(node)), outputs: result ? [result] : [] }, inputs, collector(calls))
  return { graph: b.finish(calls.map(call => call.slots), inputs), circuits: calls.map(call => call.circuit) }
}

interface Call { readonly circuit: Circuit; readonly slots: Value }

/** Copies a graph, and tells of each call; those in a loop's body become yields of the loop. */
function collector(calls: Call[]): Visit {
  return ({ b }, node, inputs) => {
    const [slots] = inputs
    if (node.op === 'circuit' && slots && inputs.length === 1) calls.push({ circuit: node.attributes.circuit, slots })
    if (node.op !== 'loop') return undefined
    const { trip, reverse, carries, constants, body } = node.attributes
    const loop = new LoopBuilder(b, trip, inputs.slice(0, carries), reverse)
    const inner: Call[] = []
    const outputs = rebuildInto({ b: loop.body, origins: () => new Map() }, body, [
      loop.counter, ...loop.carries, ...inputs.slice(carries, carries + constants), ...inputs.slice(carries + constants).map(sequence => loop.rowOf(sequence)),
    ], collector(inner))
    const { final, yields } = loop.finish(outputs.slice(0, carries), [...outputs.slice(carries), ...inner.map(call => call.slots)])
    const own = outputs.length - carries
    inner.forEach(({ circuit }, at) => { const found = yields[own + at]; if (found) calls.push({ circuit, slots: found }) })
    return [...final, ...yields.slice(0, own)]
  }
}

/**
 * Σ JᵀFJ over the calls, plus 1 on the diagonal at each number that moves no angle. Leading sizes that are names are rows, over
 * which is averaged; others are calls of their own.
 * @param slots of each call, [lead…, S]
 * @param point the trained numbers, marked, [n]
 * @returns [n, n]
 */
export function metricBy(b: GraphBuilder, circuits: readonly Circuit[], slots: readonly Value[], point: Value): Value {
  const [n = 0] = point.type.shape
  let metric = b.fill('real', [n, n], 0), moved = b.fill('real', [n], 0)
  for (const [at, angles] of slots.entries()) {
    const circuit = circuits[at]
    const active = movedSlots(angles, point)
    if (!circuit || active.length === 0) continue
    const lead = angles.type.shape.slice(0, -1)
    const rows = productOfDims(lead), size = active.length
    const turning = size === circuit.slots ? angles
      : b.add('gather', { axis: lead.length, site: 'metric' }, [angles, b.constant('int', [size], active)])
    const jacobian = b.reshape(b.add('derivative', { kind: 'jacobian' }, [turning, point]), [rows, size, n])
    const states = b.reshape(b.add('circuitMetric', { circuit, active }, [angles]), [rows, size, size])
    // F[r, j, k] J[r, k, p], then J[r, j, q] times that.
    const turned = b.add('contract', { left: [0, 1, 2], right: [0, 2, 3], out: [0, 1, 3] }, [states, jacobian])
    const sum = b.add('contract', { left: [0, 1, 4], right: [0, 1, 3], out: [4, 3] }, [jacobian, turned])
    metric = b.scalar('add', metric, averaged(b, sum, lead.filter(dim => typeof dim !== 'number')))
    moved = b.scalar('add', moved, b.reduce('sum', b.scalar('mul', jacobian, jacobian), [0, 1]))
  }
  const still = b.cast(b.scalar('equal', moved, b.fill('real', [n], 0)), 'real')
  const along = (axis: number) => b.add('broadcast', { shape: [n, n], axes: [axis] }, [b.add('iota', { size: n }, [])])
  const diagonal = b.scalar('where', b.scalar('equal', along(0), along(1)), b.broadcastTo(still, [n, n]), b.fill('real', [n, n], 0))
  return b.scalar('add', metric, diagonal)
}

/**
 * The slots of a call, ascending, that move with the point; data may fill thousands of others. What is computed apart is joined
 * at the end (`assignSlots` of phase 3).
 */
function movedSlots(angles: Value, point: Value): readonly number[] {
  const { node } = angles
  const width = Number(angles.type.shape.at(-1))
  if (node.op === 'concat' && node.attributes.axis === angles.type.shape.length - 1) {
    let offset = 0
    return node.inputs.flatMap(part => {
      const from = offset
      offset += Number(part.type.shape.at(-1))
      return movedSlots(part, point).map(slot => from + slot)
    })
  }
  return dependsOn(angles, point) ? Array.from({ length: width }, (_, slot) => slot) : []
}

function averaged(b: GraphBuilder, sum: Value, rows: readonly Dim[]): Value {
  if (rows.length === 0) return sum
  const count = b.cast(b.add('size', { value: productOfDims(rows) }, []), 'real')
  return b.scalar('div', sum, b.broadcastTo(count, sum.type.shape))
}
