/**
 * ONNX_LOWERINGS: every operation in operators of ONNX (https://onnx.ai/onnx/operators), or why there is none.
 */
import { addDims, mulDims, subDims, type Dim } from '../../ir/dim'
import type { Graph, Node, Value } from '../../ir/graph'
import type { OpAttributes, OpName, Reduction } from '../../ir/op'
import { contract, convolve, padded } from './products'
import { DATA_TYPES } from './model'
import { SCALAR_LOWERINGS } from './scalars'
import { jointShape, mergedAxes, trimmed, type Held, type Scope } from './scope'

interface Site<Op extends OpName> {
  readonly scope: Scope
  readonly attributes: OpAttributes[Op]
  readonly inputs: readonly Value[]
  /** The first result, which most operations have alone. */
  readonly result: Value
  readonly results: readonly Value[]
}

/** Writes the nodes, and holds every result. */
type Lowering<Op extends OpName> = (site: Site<Op>) => void

export interface Refusal<Op extends OpName> {
  /** Ends a sentence: `output y needs …`. */
  readonly what: (attributes: OpAttributes[Op]) => string
  readonly why: string
}

const refuse = <Op extends OpName>(what: Refusal<Op>['what'], why: string): Refusal<Op> => ({ what, why })

/** A row that gives one tensor in the shape of its result. */
const full = <Op extends OpName>(write: (site: Site<Op>) => string): Lowering<Op> => site =>
  site.scope.hold(site.result, { name: write(site), shape: site.result.type.shape })

const NO_CIRCUITS = 'ONNX has no operators for circuits'
const NO_LINEAR_ALGEBRA = 'ONNX has no operator for it'
const UNROLLED = 'it is gone before a graph is exported'

export const ONNX_LOWERINGS: { readonly [Op in OpName]: Lowering<Op> | Refusal<Op> } = {
  input: refuse(({ name }) => name, 'inputs are given'),
  constant: full(({ scope, attributes: { element, shape, data } }) => scope.shared.constants.of(scope.elementOf(element), shape, data)),
  fill: ({ scope, attributes: { element, value }, result }) => scope.hold(result, { name: scope.number(value, element), shape: [] }),
  size: full(({ scope, attributes: { value } }) => scope.shared.sizes.int(value)),
  iota: full(({ scope, attributes: { size } }) => counting(scope, size)),
  random: refuse(() => 'a random draw', 'the random numbers of ONNX are others than those of bp'),

  elementwise({ scope, attributes: { fn }, inputs, result }) {
    const held = inputs.map(input => scope.heldOf(input))
    const [x, y, z] = held.map(({ name }) => name)
    const [element = 'real', , last] = inputs.map(({ type }) => type.element)
    const name = SCALAR_LOWERINGS[fn]({ scope, element, isChoiceOfBools: last === 'bool', x: x ?? '', y: y ?? '', z: z ?? '' })
    scope.hold(result, { name, shape: jointShape(held.map(({ shape }) => shape)) })
  },

  broadcast({ scope, attributes: { shape, axes }, inputs: [x], result }) {
    const { name, shape: held } = scope.heldOf(given(x))
    const aligned = [...axes.slice(held.length).map((): Dim => 1), ...held]
    const placed = shape.map((_, axis) => aligned[axes.indexOf(axis)] ?? 1)
    const wanted = trimmed(placed)
    // Leading ones are no matter to ONNX.
    const fits = wanted.length === trimmed(held).length && wanted.every((dim, at) => dim === trimmed(held)[at])
    scope.hold(result, fits ? { name, shape: held } : { name: scope.reshape({ name, shape: held }, wanted), shape: wanted })
  },
  reshape: ({ scope, inputs: [x], result }) => scope.holdReshaped(result, scope.sourceOf(given(x))),
  transpose: full(({ scope, attributes: { permutation }, inputs: [x] }) => scope.emit('Transpose', [scope.read(given(x))], { perm: permutation })),
  slice: full(({ scope, attributes, inputs: [x] }) => slice(scope, attributes, given(x))),
  pad: full(({ scope, attributes, inputs: [x] }) => pad(scope, attributes, given(x))),
  concat: full(({ scope, attributes: { axis }, inputs }) => scope.emit('Concat', inputs.map(input => scope.read(input)), { axis })),
  flip: full(({ scope, attributes: { axis }, inputs: [x] }) => flip(scope, scope.read(given(x)), axis)),

  reduce: full(({ scope, attributes: { fn, axes }, inputs: [x] }) => reduce(scope, fn, axes, scope.read(given(x)))),
  argReduce: full(({ scope, attributes: { fn, axis }, inputs: [x] }) => {
    const numbers = given(x).type.element === 'bool' ? toInt(scope, scope.read(given(x))) : scope.read(given(x))
    return toInt(scope, scope.emit(fn === 'argmax' ? 'ArgMax' : 'ArgMin', [numbers], { axis, keepdims: 0, select_last_index: 0 }))
  }),
  cumulativeSum: full(({ scope, attributes: { axis, reverse }, inputs: [x] }) =>
    scope.emit('CumSum', [scope.read(given(x)), scope.shared.constants.of('int64', [], [axis])], { reverse: reverse ? 1 : 0 })),
  argSort: full(({ scope, attributes: { axis }, inputs: [x] }) => argSort(scope, axis, given(x))),

  contract: full(({ scope, attributes, inputs: [a, b] }) => contract(scope, attributes, [given(a), given(b)])),
  convolve: ({ scope, attributes, inputs: [a, b], result }) => scope.holdReshaped(result, convolve(scope, attributes, [given(a), given(b)])),
  solve: refuse(({ site }) => `\`solve\` at ${site}`, NO_LINEAR_ALGEBRA),
  cholesky: refuse(({ site }) => `\`cholesky\` at ${site}`, NO_LINEAR_ALGEBRA),
  determinant: full(({ scope, inputs: [a] }) => scope.emit('Det', [scope.read(given(a))])),
  cofactors: refuse(({ site }) => `the derivative of \`det\` at ${site}`, NO_LINEAR_ALGEBRA),
  entropy: refuse(() => '`entropy`', NO_LINEAR_ALGEBRA),
  gather: full(({ scope, attributes: { axis }, inputs: [x, index] }) => scope.emit('Gather', [scope.read(given(x)), scope.read(given(index))], { axis })),
  segmentSum: ({ scope, attributes, inputs: [values, index], result }) => scope.holdReshaped(result, segmentSum(scope, attributes, given(values), given(index))),
  // The numbers from 0 on, read at the indices: they wrap, and one out of range stops the run.
  wrapIndex: full(({ scope, attributes: { size }, inputs: [index] }) => scope.emit('Gather', [counting(scope, size), scope.read(given(index))], { axis: 0 })),

  loop,
  circuit: refuse(({ circuit }) => `circuit ${circuit.name}`, NO_CIRCUITS),
  circuitVjp: refuse(({ circuit }) => `the gradient of circuit ${circuit.name}`, NO_CIRCUITS),
  circuitMetric: refuse(({ circuit }) => `the metric of circuit ${circuit.name}`, NO_CIRCUITS),

  mark: refuse(({ name }) => name, UNROLLED),
  stop: refuse(() => '`stop`', UNROLLED),
  derivative: refuse(({ kind }) => `\`${kind}\``, UNROLLED),
}

/** Writes all nodes of a graph whose inputs are held. */
export function lowerGraph(scope: Scope, graph: Graph): void {
  for (const node of graph.nodes) if (node.op !== 'input') lowerNode(scope, node)
}

function lowerNode(scope: Scope, node: Node): void {
  const { op, attributes, inputs, results } = node
  const row = ONNX_LOWERINGS[op]
  if (typeof row === 'object') throw new Error(`onnx: a graph with ${op} must be refused`)
  // The row belongs to the node's own operation, which TypeScript cannot follow through the lookup.
  const write = row as Lowering<OpName>
  write({ scope, attributes, inputs, results, result: given(results[0]) })
}

// ---------------------------------------------------------------------------------------------------------- pieces

const toInt = (scope: Scope, name: string): string => scope.emit('Cast', [name], { to: DATA_TYPES.int32 })

/** 0, 1, 2, … */
function counting(scope: Scope, size: Dim): string {
  if (typeof size === 'number') return scope.shared.constants.of('int32', [size], Array.from({ length: size }, (_, i) => i))
  return scope.emit('Range', [scope.number(0, 'int'), scope.shared.sizes.int(size), scope.number(1, 'int')])
}

/** `Slice` counts from the end what is below 0, so an end before the first element is one far below. */
const BEFORE_ALL = -(2 ** 63)

const flip = (scope: Scope, name: string, axis: number): string =>
  scope.emit('Slice', [name, scope.list([-1]), scope.list([BEFORE_ALL]), scope.list([axis]), scope.list([-1])])

function slice(scope: Scope, { starts, sizes, steps }: OpAttributes['slice'], x: Value): string {
  let name = scope.read(x)
  const axes: { readonly axis: number; readonly start: Dim; readonly end: Dim; readonly step: number }[] = []
  x.type.shape.forEach((from, axis) => {
    const [start, size, step] = [starts[axis] ?? 0, sizes[axis] ?? from, steps[axis] ?? 1]
    if (start === 0 && step === 1 && dimsAgree(size, from)) return
    const end = addDims(start, mulDims(size, step))
    if (step > 0 || typeof end === 'number') axes.push({ axis, start, step, end: typeof end === 'number' && end < 0 ? BEFORE_ALL : end })
    else {
      // Whether the end lies before the first element is open: the places are listed.
      const places = scope.emit('Range', [scope.shared.sizes.int(start), scope.shared.sizes.int(end), scope.number(step, 'int')])
      name = scope.emit('Gather', [name, places], { axis })
    }
  })
  if (axes.length === 0) return name
  const { sizes: written } = scope.shared
  return scope.emit('Slice', [
    name, written.shape(axes.map(({ start }) => start)), written.shape(axes.map(({ end }) => end)), scope.list(axes.map(({ axis }) => axis)), scope.list(axes.map(({ step }) => step)),
  ])
}

const dimsAgree = (a: Dim, b: Dim): boolean => subDims(a, b) === 0

/** Zeros between neighbours are columns of an axis of their own, which is then joined to the one before it. */
function pad(scope: Scope, { low, high, interior }: OpAttributes['pad'], x: Value): string {
  let held: Held = { name: scope.read(x), shape: x.type.shape }
  interior.forEach((between, axis) => {
    if (between === 0) return
    const size = held.shape[axis] ?? 1
    const split = [...held.shape.slice(0, axis + 1), 1, ...held.shape.slice(axis + 1)]
    const none = split.map((): Dim => 0)
    const spread = padded(scope, scope.reshape(held, split), none, none.with(axis + 1, between))
    const stretched = mulDims(size, between + 1)
    const line = scope.reshape({ name: spread, shape: split.with(axis + 1, between + 1) }, held.shape.with(axis, stretched))
    // An empty axis has nothing between its elements, and nothing to take away.
    const end = scope.shared.sizes.shape([size === 0 ? 0 : subDims(stretched, between)])
    held = { name: scope.emit('Slice', [line, scope.list([0]), end, scope.list([axis])]), shape: held.shape.with(axis, size === 0 ? 0 : subDims(stretched, between)) }
  })
  return [...low, ...high].every(width => width === 0) ? held.name : padded(scope, held.name, low, high)
}

const REDUCTIONS: { readonly [Name in Reduction]: string } = { sum: 'ReduceSum', prod: 'ReduceProd', max: 'ReduceMax', min: 'ReduceMin' }

function reduce(scope: Scope, fn: Reduction, axes: readonly number[], name: string): string {
  if (axes.length === 0) return name
  // In this operator set only `ReduceSum` takes its axes as an input.
  return fn === 'sum' ? scope.emit('ReduceSum', [name, scope.list(axes)], { keepdims: 0 }) : scope.emit(REDUCTIONS[fn], [name], { axes, keepdims: 0 })
}

/** `TopK` keeps equal elements in their order; NaN stands for +∞, so that it comes last. */
function argSort(scope: Scope, axis: number, x: Value): string {
  const { element, shape } = x.type
  const name = element === 'bool' ? toInt(scope, scope.read(x)) : scope.read(x)
  const numbers = element === 'real' ? scope.emit('Where', [scope.emit('IsNaN', [name]), scope.number(Infinity, 'real'), name]) : name
  const [, places = ''] = scope.emitMany('TopK', [numbers, scope.shared.sizes.of(shape[axis] ?? 1)], { axis, largest: 0, sorted: 1 }, 2)
  return toInt(scope, places)
}

/** Adds the values to zeros, with the axes of the index as one. */
function segmentSum(scope: Scope, { axis, size }: OpAttributes['segmentSum'], values: Value, index: Value): Held {
  const { sizes } = scope.shared
  const { element } = values.type
  const rank = index.type.shape.length
  const merged = mergedAxes(values.type.shape, axis, rank)
  const summed = merged.with(axis, size)
  const places = [...merged.slice(axis, axis + 1), ...merged.slice(axis + 1).map((): Dim => 1)]
  const spread = scope.emit('Expand', [scope.readAs(index, places), sizes.shape(merged)])
  const zeros = scope.emit('Expand', [scope.number(0, element), sizes.shape(summed)])
  return { name: scope.emit('ScatterElements', [zeros, spread, scope.readAs(values, merged)], { axis, reduction: 'add' }), shape: summed }
}

/** A `Loop` that never stops early; constants are read from outside, and sequences row by row. */
function loop({ scope, attributes: { trip, reverse, carries, constants, body }, inputs, results }: Site<'loop'>): void {
  const inner = scope.nested()
  const { names, sizes } = scope.shared
  const [turn, goesOn] = [names.unique('turn'), names.unique('goes_on')]
  const counted = toInt(inner, turn)
  const counter = reverse ? inner.emit('Sub', [sizes.int(subDims(trip, 1)), counted]) : counted
  const [first, ...others] = body.inputs
  if (first) inner.hold(first, { name: counter, shape: [] })
  const carried = others.slice(0, carries).map(value => ({ value, name: names.unique('carry') }))
  for (const { value, name } of carried) inner.hold(value, { name, shape: value.type.shape })
  others.slice(carries).forEach((value, at) => {
    const outer = given(inputs[carries + at])
    inner.hold(value, at < constants ? scope.heldOf(outer) : { name: inner.emit('Gather', [scope.read(outer), counter], { axis: 0 }), shape: value.type.shape })
  })
  lowerGraph(inner, body)
  const outputs = body.outputs.map(value => inner.typed(inner.read(value), value.type))
  const flag = { element: 'bool' as const, shape: [], doc: '' }
  const graph = inner.body(
    names.unique('body'),
    [{ name: turn, element: 'int64', shape: [], doc: '' }, { name: goesOn, ...flag }, ...carried.map(({ value, name }) => inner.typed(name, value.type))],
    [{ name: goesOn, ...flag }, ...outputs],
  )
  const made = scope.emitMany('Loop', [sizes.scalar(trip), '', ...inputs.slice(0, carries).map(input => scope.read(input))], { body: graph }, results.length)
  results.forEach((result, at) => {
    const name = made[at] ?? ''
    scope.hold(result, { name: at >= carries && reverse ? flip(scope, name, 0) : name, shape: result.type.shape })
  })
}

function given(value: Value | undefined): Value {
  if (!value) throw new Error('onnx: an operation lacks an input')
  return value
}
