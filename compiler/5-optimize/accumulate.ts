/**
 * Sums over iterations: a carry that only adds up products, as the gradient of a weight in a recurrent model does, becomes
 * one product over all iterations after the loop.
 */
import type { GraphBuilder } from '../../ir/builder'
import type { Graph, Node, Value } from '../../ir/graph'
import { nodeOf } from './maker'
import { allKept, at, copied, mapped, rebuild, rebuildLoop, rebuildNodes, type LoopNode, type Replace } from './rebuild'
import { isModest } from './residence'

/** The graph with such sums after their loops; itself where there are none. */
export function accumulate(graph: Graph): Graph {
  return hasSums(graph) ? rebuild(graph, () => accumulateIn) : graph
}

const hasSums = (graph: Graph): boolean =>
  graph.nodes.some(node => node.op === 'loop' && (sumsOf(node).length > 0 || hasSums(node.attributes.body)))

/** A carry c ← c + term. */
interface Sum {
  readonly carry: number
  readonly term: Node & { readonly op: 'contract' | 'reduce' }
}

const accumulateIn: Replace = (b, node, inputs) => {
  if (node.op !== 'loop') return copied(b, node, inputs)
  const { body } = node.attributes
  const sums = sumsOf(node)
  const summed = new Set(sums.map(sum => sum.carry))
  const operands = [...new Set(sums.flatMap(sum => sum.term.inputs))]
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

/** The term summed over all iterations, from the sequences of its operands. */
function totalOf(b: GraphBuilder, term: Sum['term'], sequenceOf: (operand: Value) => Value): Value {
  const sequences = term.inputs.map(sequenceOf)
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
  const fixed = new Set(body.inputs.slice(1 + carries, 1 + carries + constants))
  return Array.from({ length: carries }, (_, carry) => carry).flatMap(carry => {
    const next = at(body.outputs, carry)
    const stand = at(body.inputs, 1 + carry)
    const sum = nodeOf(next, 'elementwise')
    const [other] = sum?.inputs.filter(input => input !== stand) ?? []
    const isSum = sum?.attributes.fn === 'add' && sum.inputs.includes(stand) && uses.get(stand) === 1 && uses.get(next) === 1
    const term = nodeOf(other, 'contract') ?? nodeOf(other, 'reduce')
    if (!isSum || !term || !other || uses.get(other) !== 1) return []
    const isKept = term.inputs.every(input => isModest(input.type.shape) && !fixed.has(input) && input.node.inputs.length + Number(input.node.op === 'input') > 0)
    return isKept && (term.op === 'contract' || term.attributes.fn === 'sum') ? [{ carry, term }] : []
  })
}

function fail(value: Value): never {
  throw new Error(`optimize: %${value.node.id} ${value.node.op} was not yielded`)
}
