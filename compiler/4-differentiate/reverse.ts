/** Reverse mode: cotangents flow from the results back to the xs, along the paths between them and nowhere else. */
import type { GraphBuilder } from '../../ir/builder'
import type { Node, Value } from '../../ir/graph'
import type { OpName } from '../../ir/op'
import type { Seed } from './loop'
import { NO_ORIGINS, nodesBehind, valuesLeadingTo, type Origins } from './paths'
import type { VjpRule } from './pullback'
import type { NodeOf } from './rebuild'
import { VJP, type VjpRow } from './vjp'

/**
 * The derivative of y by each x, contracted with the cotangent of y.
 * @param y a value of the builder's graph, or of one around it
 * @param xs each stands alone: all paths from its value to y count, whatever else is asked for
 * @returns of the shape of each x; `undefined` where y does not depend on it
 */
export function reverse(
  b: GraphBuilder, y: Value, cotangent: Value, xs: readonly Value[], origins: Origins = NO_ORIGINS,
): readonly (Value | undefined)[] {
  return pullBack(b, [{ value: y, cotangent }], xs, origins)
}

/** As `reverse`, of several values at once. */
export function pullBack(
  b: GraphBuilder, seeds: readonly Seed[], xs: readonly Value[], origins: Origins = NO_ORIGINS,
): readonly (Value | undefined)[] {
  const nodes = nodesBehind(seeds.map(seed => seed.value), origins)
  const leading = valuesLeadingTo(new Set(xs), nodes, origins)
  const cotangents = new Map<Value, Value>()
  const accumulate = (value: Value, cotangent: Value) => {
    if (!leading.has(value)) return
    const sum = cotangents.get(value)
    cotangents.set(value, sum ? b.scalar('add', sum, cotangent) : cotangent)
  }
  for (const { value, cotangent } of seeds) accumulate(value, cotangent)
  for (const node of nodes.toReversed()) {
    if (!node.results.some(result => cotangents.has(result))) continue
    for (const result of node.results) {
      const origin = origins.get(result)
      const cotangent = cotangents.get(result)
      if (origin && cotangent) accumulate(origin.value, origin.pull(b, cotangent))
    }
    if (!node.inputs.some(input => leading.has(input))) continue
    pullBackNode(b, node, node.results.map(result => cotangents.get(result)), leading).forEach((cotangent, index) => {
      const input = node.inputs[index]
      if (cotangent && input) accumulate(input, cotangent)
    })
  }
  return xs.map(x => cotangents.get(x))
}

function pullBackNode(
  b: GraphBuilder, node: Node, cotangents: readonly (Value | undefined)[], leading: ReadonlySet<Value>,
): readonly (Value | undefined)[] {
  if (node.op === 'loop') return VJP.loop({ b, node, cotangents, wanted: node.inputs.map(input => leading.has(input)), pullBack })
  return pullBackBy(b, node.op, node, cotangents[0])
}

function pullBackBy<Op extends Exclude<OpName, 'loop'>>(b: GraphBuilder, op: Op, node: Node, cotangent: Value | undefined) {
  const row: VjpRow<Op> = VJP[op]
  const [result] = node.results
  if (op === 'derivative') throw new Error(`reverse: ${op} %${node.id}: ${String(row)}`)
  if (typeof row === 'string' || !cotangent || !result) return []
  // The row of `op` takes nodes of `op`, which TypeScript cannot follow through the generic.
  return (row as unknown as VjpRule<Op>)({ b, node: node as NodeOf<Op>, result, cotangent })
}
