/**
 * Evaluates any graph directly, one op after the other, in f64 and in the plainest way: what a graph means, for holding the
 * optimiser and the backends to.
 */
import type { Circuit } from '../../quantum/circuit'
import type { GradientMethod } from '../../quantum/engine'
import { entropyDerivative, entropyGradient } from '../../quantum/entropy'
import { BY_CONTENT, resultWidth } from '../../quantum/index'
import { evaluateDim, solveDim, type Dim, type Sizes } from '../../ir/dim'
import type { Graph, Node, Value } from '../../ir/graph'
import type { OpAttributes, OpName, Reduction } from '../../ir/op'
import { applyScalar } from '../../ir/scalar'
import { cholesky, cofactorsAlong, determinant, solve, type Matrix } from './matrices'

/** Row-major; bools are 0 and 1. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

export interface Surroundings {
  readonly sizes: Sizes
  /** What a draw gives, of the shape; none: drawing is an error. */
  random?(attributes: OpAttributes['random'], counters: readonly number[], shape: readonly number[]): readonly number[]
}

export const tensorOf = (shape: readonly number[], data: readonly number[]): Tensor => ({ shape, data })

/**
 * @param inputs one a graph input; sizes that stand alone in their shapes are bound from them
 * @returns one an output
 */
export function evaluate(graph: Graph, inputs: readonly Tensor[], surroundings: Surroundings = { sizes: new Map() }): readonly Tensor[] {
  const sizes = new Map(surroundings.sizes)
  graph.inputs.forEach((input, at) => input.type.shape.forEach((dim, axis) => {
    const solved = solveDim(dim, inputs[at]?.shape[axis] ?? 0, new Set(sizes.keys()))
    if (solved) sizes.set(solved.name, evaluateDim(solved.value, sizes))
  }))
  return run(graph, inputs, { ...surroundings, sizes })
}

function run(graph: Graph, inputs: readonly Tensor[], surroundings: Surroundings): readonly Tensor[] {
  const known = new Map<Value, Tensor>()
  const set = (value: Value, tensor: Tensor | undefined) => {
    const expected = value.type.shape.map(dim => evaluateDim(dim, surroundings.sizes))
    if (!tensor || tensor.shape.join() !== expected.join() || tensor.data.length !== count(expected)) {
      throw new Error(`evaluate: ${value.node.op} gave [${tensor?.shape}] with ${tensor?.data.length} values, not [${expected}]`)
    }
    known.set(value, tensor)
  }
  const get = (value: Value) => known.get(value) ?? fail(`%${value.node.id} has no value`)
  graph.inputs.forEach((input, at) => set(input, inputs[at]))
  for (const node of graph.nodes) {
    if (node.op === 'input') continue
    const results = runNode(node, node.inputs.map(get), surroundings)
    node.results.forEach((result, at) => set(result, results[at]))
  }
  return graph.outputs.map(get)
}

function runNode(node: Node, inputs: readonly Tensor[], { sizes, ...rest }: Surroundings): readonly Tensor[] {
  if (node.op === 'loop') return runLoop(node.attributes, inputs, { sizes, ...rest })
  const [result] = node.results
  const shape = (result?.type.shape ?? []).map(dim => evaluateDim(dim, sizes))
  return [EVALUATE[node.op](node.attributes as never, inputs, { shape, dim: dim => evaluateDim(dim, sizes), random: rest.random })]
}

interface Context {
  /** Of the result. */
  readonly shape: readonly number[]
  dim(dim: Dim): number
  readonly random: Surroundings['random']
}

type Rule<Op extends OpName> = (attributes: OpAttributes[Op], inputs: readonly Tensor[], context: Context) => Tensor

const EVALUATE: { readonly [Op in Exclude<OpName, 'loop'>]: Rule<Op> } = {
  input: () => fail('an input is given, not computed'),
  constant: ({ shape, data }) => ({ shape, data }),
  fill: ({ value }, _, { shape }) => build(shape, () => value),
  size: ({ value }, _, { dim }) => build([], () => dim(value)),
  iota: (_, __, { shape }) => build(shape, ([i = 0]) => i),
  random(attributes, counters, { shape, random }) {
    if (!random) return fail('no draws in this evaluation')
    return { shape, data: random(attributes, counters.map(counter => at(counter, [])), shape) }
  },

  elementwise: ({ fn }, inputs, { shape }) => build(shape, index => applyScalar(fn, inputs.map(input => at(input, index)))),

  broadcast: ({ axes }, [x], { shape }) =>
    build(shape, index => at(given(x), axes.map((axis, from) => (given(x).shape[from] === 1 ? 0 : entry(index, axis))))),
  reshape: (_, [x], { shape }) => ({ shape, data: given(x).data }),
  transpose: ({ permutation }, [x], { shape }) => build(shape, index => at(given(x), permutation.map((_, axis) => entry(index, permutation.indexOf(axis))))),
  slice: ({ starts, steps }, [x], { shape, dim }) =>
    build(shape, index => at(given(x), index.map((i, axis) => dim(starts[axis] ?? 0) + i * entry(steps, axis)))),
  pad({ low, interior }, [x], { shape, dim }) {
    const placed = mutable(shape, 0)
    forEachIndex(given(x).shape, index => {
      placed[offset(shape, index.map((i, axis) => dim(low[axis] ?? 0) + i * (entry(interior, axis) + 1)))] = at(given(x), index)
    })
    return { shape, data: placed }
  },
  concat({ axis }, inputs, { shape }) {
    return build(shape, index => {
      let along = entry(index, axis)
      for (const input of inputs) {
        if (along < entry(input.shape, axis)) return at(input, index.with(axis, along))
        along -= entry(input.shape, axis)
      }
      return fail('concat: past the end')
    })
  },
  flip: ({ axis }, [x], { shape }) => build(shape, index => at(given(x), index.with(axis, entry(shape, axis) - 1 - entry(index, axis)))),

  reduce({ fn, axes }, [x], { shape }) {
    const { start, step } = REDUCTIONS[fn]
    const sums = mutable(shape, start)
    forEachIndex(given(x).shape, index => {
      const to = offset(shape, index.filter((_, axis) => !axes.includes(axis)))
      sums[to] = step(entry(sums, to), at(given(x), index))
    })
    return { shape, data: sums }
  },
  argReduce: ({ fn, axis }, [x], { shape }) => build(shape, index => {
    const element = (i: number) => at(given(x), index.toSpliced(axis, 0, i))
    let best = 0
    for (let i = 1; i < entry(given(x).shape, axis); i++) {
      if (fn === 'argmax' ? element(i) > element(best) : element(i) < element(best)) best = i
    }
    return best
  }),
  cumulativeSum: ({ axis, reverse }, [x], { shape }) => build(shape, index => {
    const here = entry(index, axis)
    const [from, to] = reverse ? [here, entry(shape, axis) - 1] : [0, here]
    let sum = 0
    for (let i = from; i <= to; i++) sum += at(given(x), index.with(axis, i))
    return sum
  }),

  argSort: ({ axis }, [x], { shape }) => build(shape, index => {
    // The element that has `here` others before it: smaller ones, and equal ones from further left.
    const along = Array.from({ length: entry(shape, axis) }, (_, i) => at(given(x), index.with(axis, i)))
    const before = (a: number, i: number, b: number, j: number) => a < b || (a === a && b !== b) || ((a === b || (a !== a && b !== b)) && i < j)
    const here = entry(index, axis)
    return along.findIndex((element, i) => along.filter((other, j) => before(other, j, element, i)).length === here)
  }),

  contract({ left, right, out }, [x, y], { shape }) {
    const sizes = new Map([...left.map((label, axis) => [label, entry(given(x).shape, axis)] as const), ...right.map((label, axis) => [label, entry(given(y).shape, axis)] as const)])
    const summed = [...sizes.keys()].filter(label => !out.includes(label))
    return build(shape, index => {
      let sum = 0
      forEachIndex(summed.map(label => sizes.get(label) ?? 0), inner => {
        const where = (label: number) => (out.includes(label) ? entry(index, out.indexOf(label)) : entry(inner, summed.indexOf(label)))
        sum += at(given(x), left.map(where)) * at(given(y), right.map(where))
      })
      return sum
    })
  },
  convolve({ part, stride, dilation, low }, [first, second], { shape }) {
    const tensors = part === 'image' ? [undefined, given(first), given(second)] : part === 'kernel' ? [given(first), undefined, given(second)] : [given(first), given(second), undefined]
    const [image = shape, kernel = shape, output = shape] = tensors.map(tensor => tensor?.shape)
    const sums = mutable(shape, 0)
    forEachIndex([...output, entry(kernel, 2), ...kernel.slice(3)], ([n = 0, g = 0, o = 0, ...rest]) => {
      const rank = stride.length
      const [p, c, t] = [rest.slice(0, rank), entry(rest, rank), rest.slice(rank + 1)]
      const s = p.map((_, axis) => entry(p, axis) * entry(stride, axis) + entry(t, axis) * entry(dilation, axis) - entry(low, axis))
      if (s.some((place, axis) => place < 0 || place >= entry(image, axis + 3))) return
      const places = [[n, g, c, ...s], [g, o, c, ...t], [n, g, o, ...p]]
      const to = offset(shape, places[tensors.indexOf(undefined)] ?? [])
      sums[to] = tensors.reduce((product, tensor, which) => (tensor ? product * at(tensor, places[which] ?? []) : product), 1) + entry(sums, to)
    })
    return { shape, data: sums }
  },
  solve: ({ site }, [a, b], { shape }) => byMatrix([given(a), given(b)], shape, site, ([x = [], y = []]) => solve(x, y)),
  cholesky: ({ site }, [a], { shape }) => byMatrix([given(a)], shape, site, ([x = []]) => cholesky(x)),
  determinant: ({ site }, [a], { shape }) => byMatrix([given(a)], shape, site, ([x = []]) => [[determinant(x)]]),
  cofactors: ({ site }, inputs, { shape }) => byMatrix(inputs, shape, site, ([x = [], ...directions]) => cofactorsAlong(x, directions)),
  entropy({ part }, inputs, { shape }) {
    const [density, ...directions] = inputs.map(doubles)
    const width = inputs[0]?.shape.at(-1) ?? 0
    const rows = Array.from({ length: (density?.length ?? 0) / width }, (_, row) => {
      const of = (array: Float64Array | undefined) => (array ?? new Float64Array(0)).slice(row * width, (row + 1) * width)
      const args = [Math.sqrt(width / 2), of(density), directions.map(of)] as const
      return part === 'gradient' ? [...entropyGradient(...args)] : [entropyDerivative(...args)]
    })
    return { shape, data: rows.flat() }
  },
  gather({ axis, site }, [x, index], { shape }) {
    const rank = given(index).shape.length
    return build(shape, to => at(given(x), [
      ...to.slice(0, axis), wrapped(at(given(index), to.slice(axis, axis + rank)), entry(given(x).shape, axis), site), ...to.slice(axis + rank),
    ]))
  },
  segmentSum({ axis, site }, [values, index], { shape }) {
    const rank = given(index).shape.length
    const sums = mutable(shape, 0)
    forEachIndex(given(values).shape, from => {
      const segment = at(given(index), from.slice(axis, axis + rank))
      if (segment < 0 || segment >= entry(shape, axis)) fail(`${site}: index ${segment} of ${entry(shape, axis)}`)
      const to = offset(shape, [...from.slice(0, axis), segment, ...from.slice(axis + rank)])
      sums[to] = entry(sums, to) + at(given(values), from)
    })
    return { shape, data: sums }
  },
  wrapIndex: ({ size, site }, [index], { shape, dim }) => ({ shape, data: given(index).data.map(i => wrapped(i, dim(size), site)) }),

  circuit({ circuit, method }, [slots, ...directions], { shape }) {
    return byRow(circuit, method, shape, (prepared, batch, out) =>
      prepared.values(batch, doubles(given(slots)), directions.map(doubles), out), resultWidth(circuit))
  },
  circuitVjp({ circuit, method, active }, [slots, cotangent, ...directions], { shape }) {
    return byRow(circuit, method, shape, (prepared, batch, out) =>
      prepared.vjp(batch, doubles(given(slots)), directions.map(doubles), doubles(given(cotangent)), active, out), circuit.slots)
  },
  circuitMetric({ circuit, active }, [slots], { shape }) {
    const rows = shape.slice(0, -2)
    const out = new Float64Array(count(shape))
    BY_CONTENT.prepare(circuit, 'adjoint').metric(count(rows), doubles(given(slots)), active, out)
    return { shape, data: [...out] }
  },

  mark: (_, [x]) => given(x),
  stop: (_, [x]) => given(x),
  derivative: () => fail('derivatives are expanded before a graph is evaluated'),
}

function runLoop({ trip, reverse, carries, constants, body }: OpAttributes['loop'], inputs: readonly Tensor[], surroundings: Surroundings): readonly Tensor[] {
  const trips = evaluateDim(trip, surroundings.sizes)
  let current = inputs.slice(0, carries)
  const rows: (readonly Tensor[])[] = []
  for (let i = 0; i < trips; i++) {
    const counter = reverse ? trips - 1 - i : i
    const outputs = run(body, [
      { shape: [], data: [counter] }, ...current, ...inputs.slice(carries, carries + constants),
      ...inputs.slice(carries + constants).map(sequence => rowOf(sequence, counter)),
    ], surroundings)
    current = outputs.slice(0, carries)
    rows[counter] = outputs.slice(carries)
  }
  return [...current, ...body.outputs.slice(carries).map(({ type }, at) => ({
    shape: [trips, ...type.shape.map(dim => evaluateDim(dim, surroundings.sizes))],
    data: rows.flatMap(row => row[at]?.data ?? []),
  }))]
}

function rowOf({ shape, data }: Tensor, row: number): Tensor {
  const size = count(shape.slice(1))
  return { shape: shape.slice(1), data: data.slice(row * size, (row + 1) * size) }
}

const REDUCTIONS: { readonly [Name in Reduction]: { readonly start: number; step(a: number, b: number): number } } = {
  sum: { start: 0, step: (a, b) => a + b },
  prod: { start: 1, step: (a, b) => a * b },
  max: { start: -Infinity, step: Math.max },
  min: { start: Infinity, step: Math.min },
}

function byRow(
  circuit: Circuit, method: GradientMethod, shape: readonly number[],
  compute: (prepared: ReturnType<typeof BY_CONTENT.prepare>, batch: number, out: Float64Array) => void, width: number,
): Tensor {
  const batch = count(shape.slice(0, -1))
  const out = new Float64Array(batch * width)
  compute(BY_CONTENT.prepare(circuit, method), batch, out)
  return { shape, data: [...out] }
}

/** A function of matrices for every index of the leading axes. */
function byMatrix(inputs: readonly Tensor[], shape: readonly number[], site: string, compute: (matrices: readonly Matrix[]) => Matrix): Tensor {
  const data: number[] = []
  forEachIndex((inputs[0]?.shape ?? []).slice(0, -2), lead => {
    const matrices = inputs.map(input => Array.from({ length: entry(input.shape, lead.length) }, (_, i) =>
      Array.from({ length: entry(input.shape, lead.length + 1) }, (__, j) => at(input, [...lead, i, j]))))
    try {
      data.push(...compute(matrices).flat())
    } catch (error) {
      fail(`${site}: ${String(error)}`)
    }
  })
  return { shape, data }
}

const doubles = (tensor: Tensor) => Float64Array.from(tensor.data)

// -------------------------------------------------------------------------------------------------------- indices

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)
const mutable = (shape: readonly number[], value: number): number[] => Array.from({ length: count(shape) }, () => value)

function forEachIndex(shape: readonly number[], visit: (index: readonly number[]) => void): void {
  for (let flat = 0; flat < count(shape); flat++) {
    const index: number[] = []
    let rest = flat
    for (const size of shape.toReversed()) {
      index.unshift(rest % size)
      rest = Math.floor(rest / size)
    }
    visit(index)
  }
}

function build(shape: readonly number[], value: (index: readonly number[]) => number): Tensor {
  const data: number[] = []
  forEachIndex(shape, index => data.push(value(index)))
  return { shape, data }
}

function offset(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((sum, size, axis) => {
    const i = entry(index, axis)
    if (i < 0 || i >= size) fail(`index [${index}] in [${shape}]`)
    return sum * size + i
  }, 0)
}

const at = (tensor: Tensor, index: readonly number[]): number => entry(tensor.data, offset(tensor.shape, index))

function wrapped(index: number, size: number, site: string): number {
  if (index < -size || index >= size) fail(`${site}: index ${index} of ${size}`)
  return index < 0 ? index + size : index
}

function entry(numbers: readonly number[], at: number): number {
  const number = numbers[at]
  if (number === undefined) throw new Error(`evaluate: no entry ${at} of ${numbers.length}`)
  return number
}

const given = (tensor: Tensor | undefined): Tensor => tensor ?? fail('an input is missing')

function fail(what: string): never {
  throw new Error(`evaluate: ${what}`)
}
