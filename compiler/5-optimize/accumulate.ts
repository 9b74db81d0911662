/**
 * Sums over iterations: a carry that only adds up products, as the gradient of a weight in a recurrent model does, becomes
 * one product over all iterations after the loop.
 */
import type { GraphBuilder } from '../../ir/builder'
import type { Graph, Node, Value } from '../../ir/graph'
import { argumentsOf, nodeOf } from './maker'
import { allKept, at, copied, mapped, rebuild, rebuildLoop, rebuildNodes, type LoopNode, type Replace } from './rebuild'
import { isModest } from './residence'

/** The graph with such sums after their loops; itself where there are none. */
export function accumulate(graph: Graph): Graph {
  return hasSums(graph) ? rebuild(graph, () => accumulateIn) : graph
}

const hasSums = (graph: Graph): boolean =>
  graph.nodes.some(node => node.op === 'loop' && (sumsOf(node).length > 0 || hasSums(node.attributes.body)))

/** A carry c ← c + term: a product, a reduction, or a row of a sequence. */
interface Sum {
  readonly carry: number
  readonly term: Node & { readonly op: 'contract' | 'reduce' | 'input' }
}

const accumulateIn: Replace = (b, node, inputs) => {
  if (node.op !== 'loop') return copied(b, node, inputs)
  const { body } = node.attributes
  const sums = sumsOf(node)
  const summed = new Set(sums.map(sum => sum.carry))
  const operands = [...new Set(sums.flatMap(sum => operandsOf(sum.term)))]
  const all = allKept(node)
  const results = rebuildLoop(b, node, inputs, { ...all, carries: all.carries.filter(carry => !summed.has(carry)) }, {
    build(inner, mapping) {
      const gone = new Set<Node>(sums.flatMap(({ carry }) => [at(body.inputs, 1 + carry).node, at(body.outputs, carry).node]))
      rebuildNodes(inner, { ...body, nodes: body.nodes.filter(inBody => !gone.has(inBody)) }, mapping, accumulateIn)
      return operands.map(operand => mapped(mapping, operand))
    },
  })
  const sequenceOf = (operand: Value): Value => at(results, node.results.length + operands.indexOf(operand)) ?? fail(operand)
  return node.results.map((_, k) => {
    const sum = sums.find(other => other.carry === k)
    return sum ? b.scalar('add', at(inputs, k), totalOf(b, sum.term, sequenceOf)) : results[k]
  })
}

/** Values of the body whose sequences the sum is made from. */
const operandsOf = (term: Sum['term']): readonly Value[] => (term.op === 'input' ? term.results : term.inputs)

/** The term summed over all iterations, from the sequences of its operands. */
function totalOf(b: GraphBuilder, term: Sum['term'], sequenceOf: (operand: Value) => Value): Value {
  const sequences = operandsOf(term).map(sequenceOf)
  if (term.op === 'input') return b.add('reduce', { fn: 'sum', axes: [0] }, sequences)
  if (term.op === 'reduce') return b.add('reduce', { fn: 'sum', axes: [0, ...term.attributes.axes.map(axis => axis + 1)] }, sequences)
  const { left, right, out } = term.attributes
  const iteration = Math.max(0, ...left, ...right) + 1
  return b.add('contract', { left: [iteration, ...left], right: [iteration, ...right], out }, sequences)
}

function sumsOf({ attributes: { carries, constants, body } }: LoopNode): readonly Sum[] {
  const uses = new Map<Value, number>()
  const count = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1)
  for (const node of body.nodes) node.inputs.forEach(count)
  body.outputs.forEach(count)
  const rows = new Set(body.inputs.slice(1 + carries + constants))
  const sums = Array.from({ length: carries }, (_, carry) => carry).flatMap((carry): Sum[] => {
    const next = at(body.outputs, carry)
    const stand = at(body.inputs, 1 + carry)
    const [other] = (argumentsOf(next, 'add') ?? []).filter(input => input !== stand)
    const onlyAdds = next.node.inputs.includes(stand) && uses.get(stand) === 1 && uses.get(next) === 1
    if (!onlyAdds || !other) return []
    const row = nodeOf(other, 'input')
    if (row) return rows.has(other) ? [{ carry, term: row }] : []
    const term = nodeOf(other, 'contract') ?? nodeOf(other, 'reduce')
    if (!term || uses.get(other) !== 1 || !term.inputs.every(input => isModest(input.type.shape))) return []
    return [{ carry, term }]
  })
  // A sum of a reduction is worth it only where what it reduces is kept for a product anyway, or comes as rows.
  const keptAnyway = new Set<Value>([...rows, ...sums.flatMap(({ term }) => (term.op === 'contract' ? term.inputs : []))])
  return sums.filter(({ term }) => term.op !== 'reduce' || (term.attributes.fn === 'sum' && keptAnyway.has(at(term.inputs, 0))))
}

function fail(value: Value): never {
  throw new Error(`optimize: %${value.node.id} ${value.node.op} was not yielded`)
}
