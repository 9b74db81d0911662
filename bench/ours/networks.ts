/** Our networks: written in bp, and trained by the public `epochs`, so that a step is all of it: rows in, forward, backward, optimizer. */
import type { Plan } from '../../ir/plan'
import { Model, type UntypedModel } from '../../runtime/model'
import { spread, spreadClasses, STREAM, weightsOf, type Training, type WeightShape, type WorkOf } from '../harness/work'
import type { Contender, Threads } from '../harness/contender'
import { compilePlan, threadsOption } from './compiled'

/** A program and what it is trained with; parameters in the order of `weightsOf`. */
export interface Network {
  readonly text: string
  readonly parameters: readonly (WeightShape & { readonly path: string })[]
  readonly training: Training
  /** Of one row. */
  readonly inputShape: readonly number[]
  /** Classes, or numbers of one row. */
  readonly targets: { readonly classes: number } | { readonly width: number }
}

export async function ourTraining(network: Network, threads: Threads): Promise<Contender> {
  const plan = await compilePlan(network.text)
  const { batch, batches, checkedRows, optimizer: name, rate, timingRate } = network.training
  const checked = await freshModel(plan, network, threads)
  const { epochs: losses } = await checked.fit(dataOf(network, checkedRows), { steps: 3, optimizer: { name, rate } })
  // One run that goes on from sample to sample, an epoch at a time: what a run does once, when it begins, is no part of a step.
  const model = await freshModel(plan, network, threads)
  const epochs = model.epochs(dataOf(network, batch * batches), { epochs: Number.MAX_SAFE_INTEGER, batch, optimizer: { name, rate: timingRate } })
  return {
    values: losses.map(({ loss }) => loss),
    time: async repetitions => {
      const rounds = Math.ceil(repetitions / batches)
      const start = performance.now()
      for (let i = 0; i < rounds; i++) await epochs.next()
      return (performance.now() - start) / 1000 * repetitions / (rounds * batches)
    },
    close: async () => { await epochs.return({ epochs: [], steps: 0, seconds: 0, stopped: 'aborted', seed: 0 }) },
  }
}

async function freshModel(plan: Plan, { parameters }: Network, threads: Threads): Promise<Model<UntypedModel>> {
  const model = await Model.create<UntypedModel>(plan, { threads: threadsOption(threads) })
  weightsOf(parameters).forEach((data, at) => {
    const { path = '', shape = [] } = parameters[at] ?? {}
    model.parameters.set(path, { data, shape })
  })
  return model
}

/** The first rows of what everybody trains on. */
function dataOf({ inputShape, targets }: Network, rows: number) {
  const width = inputShape.reduce((a, b) => a * b, 1)
  const y = 'classes' in targets ? { data: spreadClasses(STREAM.targets, rows, targets.classes), shape: [rows] }
    : { data: spread(STREAM.targets, rows * targets.width, 0.5), shape: [rows, targets.width] }
  return { x: { data: spread(STREAM.inputs, rows * width, 1), shape: [rows, ...inputShape] }, y }
}

const LOSSES = { mse: 'mse(y, out)', cross_entropy: 'cross_entropy(out, y)', half_squares: 'sum((out - y)^2) / 2' } as const

export function mlp({ sizes, activation, loss, training }: WorkOf<'mlp'>): Network {
  const pairs = sizes.slice(1).map((m, at) => ({ n: sizes[at] ?? 0, m, at: at + 1 }))
  const parameters = pairs.flatMap(({ n, m, at }) => [{ path: `W${at}`, shape: [n, m], fan: n }, { path: `b${at}`, shape: [m], fan: n }])
  const [n = 0] = sizes
  const m = sizes.at(-1) ?? 0
  const last = pairs.length
  const layers = pairs.map(({ at }) => {
    const sum = `${at === 1 ? 'x' : `h${at - 1}`} @ W${at} + b${at}`
    // brain.js, for which the loss is half the squares, has the activation behind the last layer too.
    return at < last || loss === 'half_squares' ? `let h${at} = ${activation}(${sum})` : `let h${at} = ${sum}`
  })
  const isClasses = loss === 'cross_entropy'
  return {
    text: programOf(`real[batch, ${n}]`, isClasses ? `int[batch] in 0..${m}` : `real[batch, ${m}]`, parameters, [...layers, `output out = h${last}`], LOSSES[loss]),
    parameters, training, inputShape: [n], targets: isClasses ? { classes: m } : { width: m },
  }
}

export function hybrid({ inputs, qubits, layers, classes, training }: WorkOf<'hybrid'>): Network {
  const parameters = [
    { path: 'W1', shape: [inputs, qubits], fan: inputs }, { path: 'b1', shape: [qubits], fan: inputs }, { path: 'w', shape: [layers, qubits, 3], fan: 1 },
    { path: 'W2', shape: [qubits, classes], fan: qubits }, { path: 'b2', shape: [classes], fan: qubits },
  ]
  const circuit = `use std.quantum.{angle_embedding, strongly_entangling}
@gradient(adjoint)
circuit layered(x: real[${qubits}], w: real[${layers}, ${qubits}, 3]) -> real[${qubits}] {
  qubits q[${qubits}]
  angle_embedding(x) q
  strongly_entangling(w) q
  return [expect(Z(q[i])) for i in 0..${qubits}]
}
`
  const lines = ['let features = pi * tanh(x @ W1 + b1)', 'output out = layered(features, w) @ W2 + b2']
  return {
    text: circuit + programOf(`real[batch, ${inputs}]`, `int[batch] in 0..${classes}`, parameters, lines, LOSSES.cross_entropy),
    parameters, training, inputShape: [inputs], targets: { classes },
  }
}

export function gru({ inputs, units, time, training }: WorkOf<'gru'>): Network {
  const gates = 3 * units
  const parameters = [
    { path: 'enc.Wx', shape: [inputs, gates], fan: units }, { path: 'enc.Wh', shape: [units, gates], fan: units },
    { path: 'enc.bx', shape: [gates], fan: units }, { path: 'enc.bh', shape: [gates], fan: units },
    { path: 'W', shape: [units, 1], fan: units }, { path: 'b', shape: [1], fan: units },
  ]
  const lines = [`layer enc = gru(${units})`, 'let (hs, h) = enc(x)', 'output out = h @ W + b']
  return {
    text: `use std.nn.gru\n${programOf(`real[batch, time, ${inputs}]`, 'real[batch, 1]', parameters.slice(4), lines, LOSSES.mse)}`,
    parameters, training, inputShape: [time, inputs], targets: { width: 1 },
  }
}

export function lenet({ training }: WorkOf<'lenet'>): Network {
  const parameters = [
    { path: 'K1', shape: [6, 1, 5, 5], fan: 25 }, { path: 'c1', shape: [6], fan: 25 },
    { path: 'K2', shape: [16, 6, 5, 5], fan: 150 }, { path: 'c2', shape: [16], fan: 150 },
    { path: 'W1', shape: [400, 120], fan: 400 }, { path: 'b1', shape: [120], fan: 400 },
    { path: 'W2', shape: [120, 84], fan: 120 }, { path: 'b2', shape: [84], fan: 120 },
    { path: 'W3', shape: [84, 10], fan: 84 }, { path: 'b3', shape: [10], fan: 84 },
  ]
  const lines = [
    'let first = max_pool2d(relu(conv2d(x, K1, padding = 2) + reshape(c1, [6, 1, 1])), 2)',
    'let second = max_pool2d(relu(conv2d(first, K2) + reshape(c2, [16, 1, 1])), 2)',
    'let flat = reshape(second, [batch, 400])',
    'output out = relu(relu(flat @ W1 + b1) @ W2 + b2) @ W3 + b3',
  ]
  return { text: programOf('real[batch, 1, 28, 28]', 'int[batch] in 0..10', parameters, lines, LOSSES.cross_entropy), parameters, training, inputShape: [1, 28, 28], targets: { classes: 10 } }
}

function programOf(x: string, y: string, parameters: readonly { readonly path: string; readonly shape: readonly number[] }[], lines: readonly string[], loss: string): string {
  return `use std.loss.{cross_entropy, mse}
model Measured {
  input  x: ${x}
  target y: ${y}
${parameters.map(({ path, shape }) => `  param ${path}: real[${shape.join(', ')}] ~ zeros()`).join('\n')}
${lines.map(line => `  ${line}`).join('\n')}
  loss ${loss}
}
`
}
