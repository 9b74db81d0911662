/** Which values a cotangent can pass on its way to some x: what reverse mode visits, and whether a derivative is zero. */
import type { GraphBuilder } from '../../ir/builder'
import type { Graph, Node, Value } from '../../ir/graph'
import { PARTIALS } from './partials'

/**
 * What an input of a loop's body stands for: a captured value, or the row of a sequence. A derivative in a body follows its
 * paths through these to values around the loop.
 */
export interface Origin {
  readonly value: Value
  /** The cotangent of `value` from that of the input. */
  pull(b: GraphBuilder, cotangent: Value): Value
}

export type Origins = ReadonlyMap<Value, Origin>
export const NO_ORIGINS: Origins = new Map()

/** Nodes that the values depend on, those behind origins too, inputs first. */
export function nodesBehind(values: readonly Value[], origins: Origins): readonly Node[] {
  const seen = new Set<Node>()
  const pending = values.map(value => value.node)
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) pending.push(input.node)
    for (const result of node.results) {
      const origin = origins.get(result)
      if (origin) pending.push(origin.value.node)
    }
  }
  // Ids ascend along edges, from a graph into the bodies nested in it too.
  return [...seen].sort((a, b) => a.id - b.id)
}

/**
 * The results of `nodes` (in order) through which some of `xs` can be reached, and xs themselves.
 * Only reals carry a cotangent; `stop` ends every path, as do functions that are constant between jumps.
 */
export function valuesLeadingTo(xs: ReadonlySet<Value>, nodes: readonly Node[], origins: Origins = NO_ORIGINS): Set<Value> {
  const leading = new Set(xs)
  for (const node of nodes) {
    const through = passesCotangents(node) && node.inputs.some(input => leading.has(input))
    for (const result of node.results) {
      const origin = origins.get(result)
      if ((through && result.type.element === 'real') || (origin && leading.has(origin.value))) leading.add(result)
    }
  }
  return leading
}

function passesCotangents(node: Node): boolean {
  if (node.op === 'stop') return false
  return node.op !== 'elementwise' || typeof PARTIALS[node.attributes.fn] !== 'string'
}

/** Whether y moves with x; where not, the derivative is zero and the user may be told. */
export function dependsOn(y: Value, x: Value, origins: Origins = NO_ORIGINS): boolean {
  return valuesLeadingTo(new Set([x]), nodesBehind([y], origins), origins).has(y)
}

/**
 * As `valuesLeadingTo` inside a loop's body, where what the next value of a carry leads to, the carry leads to as well.
 * @param from the body's inputs that stand for some x
 */
export function valuesOfBodyLeadingTo(from: ReadonlySet<Value>, body: Graph, carries: number): Set<Value> {
  const active = new Set(from)
  for (;;) {
    const leading = valuesLeadingTo(active, body.nodes)
    const before = active.size
    body.outputs.slice(0, carries).forEach((next, carry) => {
      const input = body.inputs[1 + carry]
      if (input && leading.has(next)) active.add(input)
    })
    if (active.size === before) return leading
  }
}
