/** One round of local rules over a graph and the bodies of its loops. */
import type { GraphBuilder } from '../../ir/builder'
import type { Graph, Node, Value } from '../../ir/graph'
import { knownLoop, simplerBody } from './loops'
import { Maker, isUniform, type Rule, type Rules, type SimpleOp, type Tally } from './maker'
import { rebuild, type Replace } from './rebuild'
import { constantToFill, foldBroadcast, foldFlip, foldReshape, foldScalar, foldSlice, foldTranspose, foldWrap, knownSize } from './rules/folding'
import { gatherEven, segmentSumEven, segmentSumOfZeros } from './rules/indexing'
import { broadcastCanonical, concatIdentity, flipIdentity, padIdentity, reshapeIdentity, sliceIdentity, transposeIdentity } from './rules/movement'
import { contractOperands, sumOfContract, transposeOfContract } from './rules/product'
import { cumulativeIdentity, reduceIdentity, sumOfProducts } from './rules/reduction'
import { beforeBroadcast, orderOperands, scalarIdentity } from './rules/scalar'

/** A gradient against a cotangent of zeros, or of no slot, is zeros. */
const zeroGradient: Rule<'circuitVjp'> = (make, { active }, [slots, cotangent]) =>
  (slots && (active.length === 0 || isUniform(cotangent, 0)) ? make.fill('real', slots.type.shape, 0) : undefined)

const RULES: Rules = {
  constant: [constantToFill],
  fill: [],
  size: [knownSize],
  iota: [],
  random: [],
  elementwise: [orderOperands, foldScalar, scalarIdentity, beforeBroadcast],
  broadcast: [foldBroadcast, broadcastCanonical],
  reshape: [foldReshape, reshapeIdentity],
  transpose: [foldTranspose, transposeIdentity, transposeOfContract],
  slice: [foldSlice, sliceIdentity],
  pad: [padIdentity],
  concat: [concatIdentity],
  flip: [foldFlip, flipIdentity],
  reduce: [reduceIdentity, sumOfProducts, sumOfContract],
  argReduce: [],
  cumulativeSum: [cumulativeIdentity],
  argSort: [],
  contract: [contractOperands],
  convolve: [],
  solve: [],
  cholesky: [],
  determinant: [],
  cofactors: [],
  entropy: [],
  gather: [gatherEven],
  segmentSum: [segmentSumEven, segmentSumOfZeros],
  wrapIndex: [foldWrap],
  circuit: [],
  circuitVjp: [zeroGradient],
  circuitMetric: [],
  // Gone before this phase; passed on as they are.
  mark: [],
  stop: [],
  derivative: [],
}

/** The graph after the rules; itself where none applied and no two nodes were equal. */
export function simplify(graph: Graph): Graph {
  const tally = { fired: 0 }
  const simpler = rebuild(graph, original => simplifyIn(original, tally))
  return tally.fired === 0 && countNodes(simpler) === countNodes(graph) ? graph : simpler
}

function simplifyIn(graph: Graph, tally: Tally): Replace {
  const uses = countUses(graph)
  const makers = new WeakMap<GraphBuilder, Maker>()
  const makerOf = (b: GraphBuilder) => {
    const known = makers.get(b)
    if (known) return known
    const made = new Maker(b, RULES, tally)
    makers.set(b, made)
    return made
  }
  const replaceBody = (body: Graph) => simplifyIn(body, tally)
  return (b, node, inputs) => {
    const make = makerOf(b)
    const results = node.op === 'loop'
      ? knownLoop(make, node, inputs, tally, replaceBody) ?? simplerBody(make, node, inputs, tally, replaceBody)
      : node.op === 'input' ? [] : [addSimple(make, node as Node & { op: SimpleOp }, inputs)]
    node.results.forEach((result, k) => {
      const value = results[k]
      if (value) make.readTimes(value, uses.get(result) ?? 0)
    })
    return results
  }
}

function addSimple<Op extends SimpleOp>(make: Maker, node: Node & { op: Op }, inputs: readonly Value[]): Value {
  // The pair (op, attributes) is one member of the union, which TypeScript cannot follow through the generic.
  return make.add<Op>(node.op, node.attributes as Parameters<typeof make.add<Op>>[1], inputs)
}

function countUses(graph: Graph): ReadonlyMap<Value, number> {
  const uses = new Map<Value, number>()
  const count = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1)
  for (const node of graph.nodes) node.inputs.forEach(count)
  graph.outputs.forEach(count)
  return uses
}

function countNodes(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + 1 + (node.op === 'loop' ? countNodes(node.attributes.body) : 0), 0)
}

