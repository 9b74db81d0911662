/**
 * Maps a graph over leading dimensions: the same computation for every index of `lead`, as one graph. A value that is mapped
 * has shape lead ++ its own; one that is not is the same for all.
 */
import type { GraphBuilder } from './builder'
import { mulDims, productOfDims, type Dim } from './dim'
import type { Graph, Node, Value } from './graph'
import { LoopBuilder } from './loop'
import { dimAt, fail, given, moveAxes, own, same, shifted, spread, type MapArgument, type Mapping, type NodeOf } from './mapping'
import { mapConvolve, mapSolve } from './mapProducts'
import type { OpName } from './op'

/**
 * @param args one for each input of the graph, in or around the builder's graph
 * @returns one for each output; what depends on no mapped argument is not mapped
 */
export function mapGraph(b: GraphBuilder, graph: Graph, args: readonly MapArgument[], lead: readonly Dim[]): readonly MapArgument[] {
  const done = new Map<Value, MapArgument>()
  const at = (value: Value): MapArgument => done.get(value) ?? fail(`%${value.node.id} ${value.node.op} is used before it is defined`)
  graph.inputs.forEach((input, index) => done.set(input, args[index] ?? fail(`no argument for input ${index}`)))
  for (const node of graph.nodes) {
    if (node.op === 'input') continue
    const inputs = node.inputs.map(at)
    const results = inputs.some(input => input.mapped) ? mapNode(b, node, inputs, lead)
      : b.addNode(node.op, node.attributes, inputs.map(input => input.value)).results.map(value => ({ value, mapped: false }))
    node.results.forEach((result, index) => done.set(result, results[index] ?? fail(`${node.op} has no result ${index}`)))
  }
  return graph.outputs.map(at)
}

/** @returns the mapped result of an op that has one */
type MapRule<Op extends OpName> = (mapping: Mapping<Op>) => Value
/** A row that is a sentence says why the op is never mapped. */
type MapRow<Op extends OpName> = Op extends 'loop' ? (mapping: Mapping<'loop'>) => readonly MapArgument[] : MapRule<Op> | string

const LEAF = 'a leaf has no inputs'

const MAP: { readonly [Op in OpName]: MapRow<Op> } = {
  input: LEAF,
  constant: LEAF,
  fill: LEAF,
  size: LEAF,
  iota: LEAF,
  random: 'the counters of loops are the same for all',

  elementwise: ({ b, node, inputs, lead }) => b.add('elementwise', node.attributes, inputs.map(input => spread(b, input, lead))),

  broadcast: ({ b, node: { attributes: { shape, axes } }, inputs: [x], lead }) =>
    b.add('broadcast', { shape: [...lead, ...shape], axes: [...own(lead), ...shifted(axes, lead)] }, [given(x)]),
  reshape: ({ b, node, inputs: [x], lead }) => b.reshape(given(x), [...lead, ...node.attributes.shape]),
  transpose: ({ b, node, inputs: [x], lead }) => b.transpose(given(x), [...own(lead), ...shifted(node.attributes.permutation, lead)]),
  slice: ({ b, node: { attributes: { starts, sizes, steps } }, inputs: [x], lead }) =>
    b.add('slice', { starts: [...same(lead, 0), ...starts], sizes: [...lead, ...sizes], steps: [...same(lead, 1), ...steps] }, [given(x)]),
  pad: ({ b, node: { attributes: { low, high, interior } }, inputs: [x], lead }) => {
    const none = same(lead, 0)
    return b.add('pad', { low: [...none, ...low], high: [...none, ...high], interior: [...none, ...interior] }, [given(x)])
  },
  concat: ({ b, node, inputs, lead }) =>
    b.add('concat', { axis: node.attributes.axis + lead.length }, inputs.map(input => spread(b, input, lead))),
  flip: ({ b, node, inputs: [x], lead }) => b.add('flip', { axis: node.attributes.axis + lead.length }, [given(x)]),

  reduce: ({ b, node: { attributes: { fn, axes } }, inputs: [x], lead }) => b.add('reduce', { fn, axes: shifted(axes, lead) }, [given(x)]),
  argReduce: ({ b, node: { attributes: { fn, axis } }, inputs: [x], lead }) => b.add('argReduce', { fn, axis: axis + lead.length }, [given(x)]),
  cumulativeSum: ({ b, node: { attributes: { axis, reverse } }, inputs: [x], lead }) =>
    b.add('cumulativeSum', { axis: axis + lead.length, reverse }, [given(x)]),
  argSort: ({ b, node, inputs: [x], lead }) => b.add('argSort', { axis: node.attributes.axis + lead.length }, [given(x)]),

  contract({ b, node: { attributes: { left, right, out } }, inputs: [x, y], lead }) {
    const free = 1 + Math.max(-1, ...left, ...right)
    const batch = lead.map((_, axis) => free + axis)
    const labels = (input: MapArgument | undefined, labels: readonly number[]) => (input?.mapped ? [...batch, ...labels] : labels)
    return b.add('contract', { left: labels(x, left), right: labels(y, right), out: [...batch, ...out] }, [given(x), given(y)])
  },

  convolve: mapConvolve,
  solve: mapSolve,
  // These take any leading dimensions.
  cholesky: ({ b, node, inputs: [x] }) => b.add('cholesky', node.attributes, [given(x)]),
  determinant: ({ b, node, inputs: [x] }) => b.add('determinant', node.attributes, [given(x)]),
  cofactors: ({ b, node, inputs, lead }) => b.add('cofactors', node.attributes, inputs.map(input => spread(b, input, lead))),

  entropy: ({ b, node, inputs, lead }) => b.add('entropy', node.attributes, inputs.map(input => spread(b, input, lead))),

  gather({ b, node: { attributes: { axis, site } }, inputs: [x, index], lead }) {
    const ranks = { lead: lead.length, index: rankOf(index, lead) }
    if (!index?.mapped) return b.add('gather', { axis: axis + ranks.lead, site }, [given(x), given(index)])
    if (!x?.mapped) {
      // [before, lead, index, after] → [lead, before, index, after].
      return moveAxes(b, b.add('gather', { axis, site }, [given(x), given(index)]), axis, ranks.lead, 0)
    }
    // One tensor whose first axis counts rows and elements together: [lead·n, before, after].
    const front = moveAxes(b, x.value, axis + ranks.lead, 1, ranks.lead)
    const size = dimAt(front.type.shape, ranks.lead)
    const flat = b.reshape(front, [mulDims(productOfDims(lead), size), ...front.type.shape.slice(ranks.lead + 1)])
    const gathered = b.add('gather', { axis: 0, site }, [flat, linearIndex(b, given(index), size, lead, site)])
    // [lead, index, before, after] → [lead, before, index, after].
    return moveAxes(b, gathered, ranks.lead, ranks.index, ranks.lead + axis)
  },
  segmentSum({ b, node: { attributes: { axis, size, site } }, inputs: [values, index], lead }) {
    if (!index?.mapped) return b.add('segmentSum', { axis: axis + lead.length, size, site }, [given(values), given(index)])
    // [lead, before, index, after] → [lead, index, before, after], summed into [lead·size, before, after].
    const front = moveAxes(b, spread(b, values, lead), axis + lead.length, rankOf(index, lead), lead.length)
    const rest = front.type.shape.slice(index.value.type.shape.length)
    const summed = b.add('segmentSum', { axis: 0, size: mulDims(productOfDims(lead), size), site },
      [front, linearIndex(b, index.value, size, lead, site)])
    return moveAxes(b, b.reshape(summed, [...lead, size, ...rest]), lead.length, 1, lead.length + axis)
  },
  wrapIndex: ({ b, node, inputs: [index] }) => b.add('wrapIndex', node.attributes, [given(index)]),

  loop: mapLoop,
  // Circuits take any leading dimensions.
  circuit: ({ b, node, inputs, lead }) => b.add('circuit', node.attributes, inputs.map(input => spread(b, input, lead))),
  circuitVjp: ({ b, node, inputs, lead }) => b.add('circuitVjp', node.attributes, inputs.map(input => spread(b, input, lead))),
  circuitMetric: ({ b, node, inputs, lead }) => b.add('circuitMetric', node.attributes, inputs.map(input => spread(b, input, lead))),

  mark: ({ b, node, inputs: [x] }) => b.add('mark', node.attributes, [given(x)]),
  stop: ({ b, node, inputs: [x] }) => b.add('stop', node.attributes, [given(x)]),
  derivative: 'derivatives are expanded before their graph is mapped',
}

function mapNode(b: GraphBuilder, node: Node, inputs: readonly MapArgument[], lead: readonly Dim[]): readonly MapArgument[] {
  if (node.op === 'loop') return MAP.loop({ b, node, inputs, lead })
  return [{ value: mapBy(b, node.op, node, inputs, lead), mapped: true }]
}

function mapBy<Op extends Exclude<OpName, 'loop'>>(b: GraphBuilder, op: Op, node: Node, inputs: readonly MapArgument[], lead: readonly Dim[]): Value {
  const row: MapRow<Op> = MAP[op]
  if (typeof row === 'string') return fail(`${op} over mapped inputs: ${row}`)
  // The row of `op` takes nodes of `op`, which TypeScript cannot follow through the generic.
  return (row as unknown as MapRule<Op>)({ b, node: node as NodeOf<Op>, inputs, lead })
}

// ------------------------------------------------------------------------------------------------------- loops

function mapLoop({ b, node, inputs, lead }: Mapping<'loop'>): readonly MapArgument[] {
  const { trip, reverse, carries, constants, body } = node.attributes
  const flags = mappedCarries(node, inputs.map(input => input.mapped))
  const initial = inputs.slice(0, carries).map((input, at) => (flags[at] ? spread(b, input, lead) : input.value))
  const loop = new LoopBuilder(b, trip, initial, reverse)
  const outputs = mapGraph(loop.body, body, [
    { value: loop.counter, mapped: false },
    ...loop.carries.map((value, at) => ({ value, mapped: flags[at] === true })),
    ...inputs.slice(carries, carries + constants),
    // The trip is the first axis of what the loop takes in rows.
    ...inputs.slice(carries + constants).map(({ value, mapped }) => ({ value: loop.rowOf(mapped ? moveAxes(b, value, lead.length, 1, 0) : value), mapped })),
  ], lead)
  const next = outputs.slice(0, carries).map((output, at) => (flags[at] ? spread(loop.body, output, lead) : output.value))
  // Histories the builder yields by itself.
  const yielded = outputs.slice(carries).filter(output => !loop.carries.includes(output.value))
  const results = loop.finish(next, yielded.map(output => output.value))
  const outside = (value: Value, mapped: boolean) => ({ value: mapped ? moveAxes(b, value, 0, 1, lead.length) : value, mapped })
  return [
    ...results.final.map((value, at) => ({ value, mapped: flags[at] === true })),
    ...outputs.slice(carries).map(output => {
      const carry = loop.carries.indexOf(output.value)
      const value = carry < 0 ? results.yields[yielded.indexOf(output)] : results.histories[carry]
      return outside(given(value && { value, mapped: output.mapped }), output.mapped)
    }),
  ]
}

/** By carry: mapped when its first value is, or when its next value becomes so. */
function mappedCarries(node: NodeOf<'loop'>, inputs: readonly boolean[]): readonly boolean[] {
  const { carries, body } = node.attributes
  let flags = inputs.slice(0, carries)
  for (;;) {
    const outputs = mappedOutputs(body, [false, ...flags, ...inputs.slice(carries)])
    const next = flags.map((flag, at) => flag || outputs[at] === true)
    if (next.every((flag, at) => flag === flags[at])) return flags
    flags = next
  }
}

/** Which outputs of a graph are mapped when these inputs are. */
function mappedOutputs(graph: Graph, inputs: readonly boolean[]): readonly boolean[] {
  const mapped = new Set(graph.inputs.filter((_, at) => inputs[at]))
  for (const node of graph.nodes) {
    const flags = node.inputs.map(input => mapped.has(input))
    if (!flags.includes(true)) continue
    const results = node.op === 'loop' ? mappedResults(node, flags) : node.results.map(() => true)
    node.results.forEach((result, at) => {
      if (results[at]) mapped.add(result)
    })
  }
  return graph.outputs.map(output => mapped.has(output))
}

function mappedResults(node: NodeOf<'loop'>, inputs: readonly boolean[]): readonly boolean[] {
  const { carries, body } = node.attributes
  const flags = mappedCarries(node, inputs)
  return [...flags, ...mappedOutputs(body, [false, ...flags, ...inputs.slice(carries)]).slice(carries)]
}

// ------------------------------------------------------------------------------------------------------- index

/** Row · size + index: where an index of each row stands when the rows are laid end to end. */
function linearIndex(b: GraphBuilder, index: Value, size: Dim, lead: readonly Dim[], site: string): Value {
  const { shape } = index.type
  const rows = b.reshape(b.add('iota', { size: productOfDims(lead) }, []), lead)
  const start = b.scalar('mul', b.add('broadcast', { shape, axes: own(lead) }, [rows]),
    b.add('broadcast', { shape, axes: [] }, [b.add('size', { value: size }, [])]))
  return b.scalar('add', start, b.add('wrapIndex', { size, site }, [index]))
}

const rankOf = (input: MapArgument | undefined, lead: readonly Dim[]) => given(input).type.shape.length - (input?.mapped ? lead.length : 0)
