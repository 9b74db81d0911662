/** One round of local rules over a graph and the bodies of its loops. */
import { GraphBuilder } from '../../ir/builder'
import type { Graph, Node, Value } from '../../ir/graph'
import { knownLoop, simplerBody } from './loops'
import { Maker, isUniform, type Rule, type Rules, type SimpleOp, type Tally } from './maker'
import { rebuild, type LoopNode, type Replace } from './rebuild'
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
  if (isSimple(graph)) return graph
  const tally = { fired: 0 }
  const simpler = rebuild(graph, original => simplifyIn(original, tally))
  return tally.fired === 0 && countNodes(simpler) === countNodes(graph) ? graph : simpler
}

/**
 * Whether no rule applies, which costs less to see than a copy of everything. Its nodes differ already, since a builder made them;
 * what rules and bodies of loops make here is thrown away.
 */
function isSimple(graph: Graph): boolean {
  const tally = { fired: 0 }
  const make = new Maker(GraphBuilder.after(graph), RULES, tally)
  const uses = countUses(graph)
  return graph.nodes.every(node => {
    for (const result of node.results) make.readTimes(result, uses.get(result) ?? 0)
    if (node.op === 'input') return true
    return node.op === 'loop' ? isSimpleLoop(make, node, tally) : simplerOf(make, node as Node & { op: SimpleOp }) === undefined
  })
}

function isSimpleLoop(make: Maker, node: LoopNode, tally: Tally): boolean {
  const [result] = loopResults(make, node, node.inputs, tally)
  return tally.fired === 0 && result?.node.op === 'loop' && countNodes(result.node.attributes.body) === countNodes(node.attributes.body)
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
  return (b, node, inputs) => {
    const make = makerOf(b)
    const results = node.op === 'loop'
      ? loopResults(make, node, inputs, tally)
      : node.op === 'input' ? [] : [addSimple(make, node as Node & { op: SimpleOp }, inputs)]
    node.results.forEach((result, k) => {
      const value = results[k]
      if (value) make.readTimes(value, uses.get(result) ?? 0)
    })
    return results
  }
}

function loopResults(make: Maker, node: LoopNode, inputs: readonly Value[], tally: Tally): readonly (Value | undefined)[] {
  const replaceIn = (body: Graph) => simplifyIn(body, tally)
  return knownLoop(make, node, inputs, tally, replaceIn) ?? simplerBody(make, node, inputs, tally, replaceIn)
}

function addSimple<Op extends SimpleOp>(make: Maker, node: Node & { op: Op }, inputs: readonly Value[]): Value {
  // The pair (op, attributes) is one member of the union, which TypeScript cannot follow through the generic.
  return make.add<Op>(node.op, node.attributes as Parameters<typeof make.add<Op>>[1], inputs)
}

/** What a rule puts in place of a node of this graph. */
function simplerOf<Op extends SimpleOp>(make: Maker, node: Node & { op: Op }): Value | undefined {
  return make.simpler<Op>(node.op, node.attributes as Parameters<typeof make.simpler<Op>>[1], node.inputs)
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

