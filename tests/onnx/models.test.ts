/** Whole models, exported and run in ONNX Runtime: against the reference backend at the same parameters, one file for several sizes. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { drawInput, drawsFrom } from '../../compiler/cli/drawnInputs'
import { compilePredictions } from '../../compiler/compile'
import { onnxGraph, refusals, type Prediction } from '../../compiler/onnx/export'
import type { OnnxGraph } from '../../compiler/onnx/model'
import type { Plan, Precision } from '../../ir/plan'
import { Model, type UntypedModel } from '../../runtime/model'
import { hostOf } from '../language/run'
import { spread } from '../support/differences'
import { openGraph } from './runtime'

type Exported = Prediction & { readonly plan: Plan }

async function compiled(text: string, precision: Precision = 'f32'): Promise<Exported> {
  const { models: [model], diagnostics } = await compilePredictions('main.bp', hostOf({ 'main.bp': text }), { precision })
  if (!model) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return model
}

/** A model away from its first values, which are often zeros and ones. */
async function moved(plan: Plan): Promise<Model<UntypedModel>> {
  const model = await Model.create<UntypedModel>(plan, { backend: 'reference', seed: 1 })
  plan.parameters.forEach(({ path, range }, stream) => {
    const { data, shape } = model.parameters.get(path)
    if (!range) model.parameters.set(path, { data: Array.from(data, (value, i) => value + spread(i, stream) / 3), shape })
  })
  for (const path of model.states.paths) {
    const { element, data, shape } = model.states.get(path)
    if (element === 'real') model.states.set(path, { data: Array.from(data, (value, i) => value + Math.abs(spread(i, 9))), shape })
  }
  return model
}

function graphOf(prediction: Exported, model: Model<UntypedModel>): OnnxGraph {
  const { plan } = prediction
  const values = new Map<string, ArrayLike<number>>([
    ...plan.parameters.map(({ path }) => [path, model.parameters.get(path).data] as const), ...plan.states.map(({ path }) => [path, model.states.get(path).data] as const),
  ])
  return onnxGraph(prediction, { precision: model.precision, values, standardization: model.standardization })
}

/** f32 holds 2⁻²⁴ ≈ 6e−8 of a number; some hundred roundings through a few layers stay within 2e−5. */
const TOLERANCE: { readonly [P in Precision]: number } = { f64: 1e-11, f32: 2e-5 }

/** Runs one exported file at all the sizes. */
async function expectSame(text: string, allSizes: readonly Readonly<Record<string, number>>[], precision: Precision = 'f32'): Promise<OnnxGraph> {
  const prediction = await compiled(text, precision)
  expect(refusals(prediction)).toEqual([])
  const model = await moved(prediction.plan)
  const graph = graphOf(prediction, model)
  const session = await openGraph(graph, precision)
  expect(session.outputNames).toEqual(prediction.plan.outputs.map(({ name }) => name))
  for (const sizes of allSizes) {
    const draw = drawsFrom(3)
    const drawn = prediction.plan.inputs.filter(({ role }) => role === 'input').map(input => ({ ...input, ...drawInput(input, new Map(Object.entries(sizes)), draw) }))
    const expected = await model.predict(Object.fromEntries(drawn.map(({ name, data, shape }) => [name, { data, shape }])), { draw: 0 })
    const found = await session.run(Object.fromEntries(drawn.filter(({ name }) => session.inputNames.includes(name)).map(({ name, type, data, shape }) => [name, { element: type.element, data: Array.from(data), shape }])))
    for (const [name, output] of Object.entries(expected)) {
      expect(found[name]?.shape).toEqual(output.shape)
      expect(output.data.length).toBeGreaterThan(0)
      output.data.forEach((number, i) => {
        const other = found[name]?.data[i] ?? NaN
        expect(Math.abs(other - number), `${JSON.stringify(sizes)} ${name}[${i}]: ${other} against ${number}`).toBeLessThan(TOLERANCE[precision] * (1 + Math.abs(number)))
      })
    }
  }
  return graph
}

const BATCHES = [{ batch: 2 }, { batch: 5 }]
const SEQUENCES = [{ batch: 2, time: 3 }, { batch: 4, time: 6 }]

const LAYERS: Readonly<Record<string, readonly [uses: string, input: string, output: string, sizes?: readonly Readonly<Record<string, number>>[]]>> = {
  'dense': ['dense', 'x: real[batch, 3]', 'x |> dense(4) |> tanh |> dense(2)'],
  'embedding': ['embedding', 'x: int[batch, time] in 0..7', 'embedding(x, 7, 3)', SEQUENCES],
  'positional_encoding': ['positional_encoding', 'x: real[batch, time, 4]', 'x + positional_encoding(time, 4)', SEQUENCES],
  'activations': ['gelu, silu, leaky_relu, elu', 'x: real[batch, 3]', 'concat([gelu(x), silu(x), leaky_relu(x), elu(x)])'],
  'convolution1d': ['convolution1d', 'x: real[batch, 3, time]', 'convolution1d(x, 4, 3, padding = 1)', SEQUENCES],
  'convolution2d of a fixed image': ['convolution2d', 'x: real[batch, 2, 9, 8]', 'convolution2d(x, 4, 3, stride = 2, padding = 1)'],
  'convolution2d of an open image': ['convolution2d', 'x: real[batch, 2, h, w]', 'convolution2d(x, 4, 3, stride = 2, padding = 1)', [{ batch: 1, h: 7, w: 6 }, { batch: 3, h: 8, w: 9 }]],
  'transposed_convolution2d': ['transposed_convolution2d', 'x: real[batch, 2, 4, 5]', 'transposed_convolution2d(x, 3, 3, stride = 2)'],
  'layer_norm': ['layer_norm', 'x: real[batch, 5]', 'layer_norm(x)'],
  'rms_norm': ['rms_norm', 'x: real[batch, 5]', 'rms_norm(x)'],
  'batch_norm': ['batch_norm', 'x: real[batch, 5]', 'batch_norm(x)'],
  'batch_norm2d': ['batch_norm2d', 'x: real[batch, 3, 4, 4]', 'batch_norm2d(x)'],
  'dropout, which is off': ['dropout', 'x: real[batch, 5]', '2 * dropout(x)'],
  'attention': ['attention', 'x: real[batch, time, 8]', 'attention(x, x, 2, 6, causal = true)', SEQUENCES],
  'transformer_block': ['transformer_block', 'x: real[batch, time, 8]', 'transformer_block(x, 2, 6, causal = true)', SEQUENCES],
  'max_pool2d and avg_pool2d': ['dense', 'x: real[batch, 2, 6, 6]', 'max_pool2d(x, 2) + avg_pool2d(x, 2)'],
  'pools that overlap': ['dense', 'x: real[batch, 2, 7, 7]', 'max_pool2d(x, 3, stride = 2, padding = 1)'],
}

describe('layers', () => {
  for (const [name, [uses, input, output, sizes = BATCHES]] of Object.entries(LAYERS)) {
    it(name, () => expectSame(`use std.nn.{${uses}}\nmodel M {\n  input ${input}\n  output y = ${output}\n}`, sizes))
  }

  for (const [name, results] of [['rnn', 'y, last'], ['gru', 'y, last'], ['lstm', 'y, last, cell']] as const) {
    it.each([false, true])(`${name} over an open time, reversed: %s, is a Loop`, async reverse => {
      const graph = await expectSame(`use std.nn.${name}\nmodel M {\n  input x: real[batch, time, 3]\n  let (${results}) = ${name}(x, 4, reverse = ${reverse})\n  output y\n  output last\n}`, SEQUENCES)
      expect(graph.nodes.filter(({ op }) => op === 'Loop')).toHaveLength(1)
    })
  }

  for (const layer of ['message_passing', 'graph_convolution']) {
    it(`${layer} over open nodes and edges`, () =>
      expectSame(`use std.nn.${layer}\nmodel M {\n  input h: real[nodes, 3]\n  input edges: int[e, 2] in 0..3\n  output y = ${layer}(h, edges, 4)\n}`, [{ nodes: 3, e: 5 }, { nodes: 6, e: 8 }]))
  }
})

describe('models', () => {
  it('the iris example takes its inputs as they are measured: what training standardises by is in the file', async () => {
    const text = readFileSync(new URL('../../examples/iris/model.bp', import.meta.url), 'utf8')
    const prediction = await compiled(text)
    const model = await moved(prediction.plan)
    const [input] = prediction.plan.inputs
    if (!input) throw new Error('no input')
    const rows = Array.from({ length: 8 }, (_, row) => Array.from({ length: 4 }, (__, i) => 3 + spread(4 * row + i, 0)))
    await model.fit({ [input.name]: rows, [prediction.plan.inputs[1]?.name ?? '']: rows.map((_, row) => row % 3) }, { epochs: 1, batch: 4, holdout: 0 })
    expect(model.standardization.size).toBe(1)
    const session = await openGraph(graphOf(prediction, model), 'f32')
    for (const count of [8, 3]) {
      const expected = await model.predict({ [input.name]: rows.slice(0, count) })
      const found = await session.run({ [input.name]: { element: 'real', shape: [count, 4], data: rows.slice(0, count).flat() } })
      for (const [name, { data }] of Object.entries(expected)) data.forEach((number, i) => expect(found[name]?.data[i]).toBeCloseTo(number, 5))
    }
  })

  it('derivatives that are outputs, in f64', () => expectSame(`model M {
  input r: real[batch, n]
  param k: real[n2] ~ ones()
  let energy = sum(k[0] * r^2 / 2 + k[1] * sin(r))
  output forces = -grad(energy, r)
}`.replaceAll('n2', '2'), [{ batch: 2, n: 3 }, { batch: 4, n: 1 }], 'f64'))

  it('a loop in a loop, with counters, sizes and rows that both read', () => expectSame(`model M {
  input x: real[batch, n]
  var sum = zeros([batch])
  let rows = for i in 0..n {
    for j in 0..n {
      sum = sum + x[:, j] * (i - j + n)
    }
    yield sum * i
  }
  output rows
  output sum
}`, [{ batch: 2, n: 3 }, { batch: 3, n: 1 }]))

  it('a loop of no trips gives its first values', () => expectSame(`model M {
  input x: real[batch, n]
  var sum = ones([batch])
  for i in 0..n - 1 { sum = sum + x[:, i] }
  output sum
}`, [{ batch: 2, n: 1 }, { batch: 2, n: 4 }]))

  it('sorting, order statistics, running sums and one-hot codes of open sizes', () => expectSame(`model M {
  input x: real[batch, n]
  input k: int[batch] in 0..4
  output sorted = sort(x)
  output running = cumsum(x, axis = 0)
  output flipped = flip(x, axis = 0)
  output best = argmax(x)
  output code = one_hot(k, 4)
  output above = x > mean(x)
  output spread = std(x) + logsumexp(x)
}`, [{ batch: 2, n: 3 }, { batch: 5, n: 4 }]))

  it('indices from the end, and remainders of negative ints', () => expectSame(`model M {
  input x: real[n, 3]
  input k: int[batch] in -3..3
  output picked = x[k]
  output rest = k % 2 + idiv(k, 2)
}`, [{ batch: 4, n: 3 }, { batch: 9, n: 5 }]))

  it('an output may be an input, a parameter, another output, or a number', () => expectSame(`model M {
  input x: real[batch]
  param w: real[2] ~ ones()
  output x
  output w
  let y = 2 * x
  output y
  output z = y
  output count = batch
  output same = 2 * x
}`, BATCHES))

  it('a model without inputs is a file without inputs', async () => {
    const graph = await expectSame('model M {\n  param w: real[3] ~ ones()\n  output y = sum(w^2)\n}', [{}])
    expect(graph.inputs).toEqual([])
  })

  it('takes an input that only a size is asked of, and leaves out what no output needs', async () => {
    const graph = await expectSame(`model M {
  input x: real[batch]
  input unused: real[other]
  target t: real[batch]
  param w: real ~ ones()
  output y = w * arange(batch)
  loss mean((t - sum(x))^2)
}`, [{ batch: 2, other: 1 }, { batch: 3, other: 1 }])
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x'])
  })

  it('names what it shows: documentation, open sizes, parameters by their paths', async () => {
    const graph = await expectSame(`use std.nn.dense
/// Of the file.
model M {
  /// Of the input.
  input x: real[batch, 3]
  /// Of the output.
  output y = dense(x, 2)
}`, BATCHES)
    expect(graph).toMatchObject({
      name: 'M', doc: 'Of the file.',
      inputs: [{ name: 'x', element: 'float', shape: ['batch', 3], doc: 'Of the input.' }], outputs: [{ name: 'y', element: 'float', shape: ['batch', 2], doc: 'Of the output.' }],
      nodes: [{ op: 'MatMul' }, { op: 'Add' }],
    })
    expect(graph.constants.map(({ name, shape }) => ({ name, shape }))).toEqual([{ name: 'y.dense.W', shape: [3, 2] }, { name: 'y.dense.b', shape: [2] }])
  })

  it('stops at an index that is out of range', async () => {
    const prediction = await compiled('model M {\n  input x: real[n]\n  input k: int[batch]\n  output y = x[k]\n}')
    const session = await openGraph(graphOf(prediction, await moved(prediction.plan)), 'f32')
    await expect(session.run({ x: { element: 'real', shape: [2], data: [1, 2] }, k: { element: 'int', shape: [1], data: [2] } })).rejects.toThrow(/out of (data )?bounds/)
  })
})

describe('refusals', () => {
  const refused = async (body: string, before = '') => refusals(await compiled(`${before}model M {\n${body}\n}`))

  it('names the outputs that need a circuit, and all that keeps them from being written', async () => {
    expect(await refused(`  input x: real[3]
  output fine = 2 * x
  let z = turn(x[0])
  output a = z
  output b = z + random.normal([])
  output c = solve(eye(3) * z, x)`, 'circuit turn(θ: real) -> real {\n  qubits q[1]\n  rx(θ) q[0]\n  return expect(Z(q[0]))\n}\n')).toEqual([
      'outputs a, b, c need circuit turn, and ONNX has no operators for circuits',
      'output b needs a random draw, and the random numbers of ONNX are others than those of bp',
      'output c needs `solve` at main.bp:12:14: `solve(eye(3) * z, x)`, and ONNX has no operator for it',
    ])
  })

  it('looks into loops', async () => {
    expect(await refused('  input n0: real[n]\n  var s = 0\n  for i in 0..n { s = s + random.uniform([]) }\n  output s')).toHaveLength(1)
  })

  it('does not mind what only the loss needs', async () => {
    expect(await refused('  input x: real[batch]\n  output y = x\n  loss mean(x * random.normal([batch]))')).toEqual([])
  })
})
