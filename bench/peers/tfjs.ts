/** TensorFlow.js on its wasm or its cpu backend, in this process: training by `minimize`, with variables and batches that stay where they are. */
import { dirname, join, sep } from 'node:path'
import { createRequire } from 'node:module'
import { timed, type Contender, type Peer } from '../harness/contender'
import { BENCH } from '../harness/places'
import { rowsOf, spread, spreadClasses, STREAM, weightsOf, type Training, type WeightShape, type Work, type WorkOf } from '../harness/work'
import { gru as gruNetwork, lenet as lenetNetwork, mlp as mlpNetwork } from '../ours/networks'
import { loadPackage, versionOf } from './load'

interface Tensor { dispose(): void; dataSync(): Float32Array }
type Optimizer = { minimize(loss: () => Tensor, returnCost: boolean): Tensor | null; dispose(): void }

/** What we use of it. */
interface Tf {
  setBackend(name: string): Promise<boolean>
  enableProdMode(): void
  tensor(values: Float32Array | Int32Array, shape: readonly number[], type?: 'int32'): Tensor
  variable(initial: Tensor): Tensor
  tidy<T>(run: () => T): T
  matMul(a: Tensor, b: Tensor): Tensor
  add(a: Tensor, b: Tensor): Tensor
  sub(a: Tensor | number, b: Tensor): Tensor
  mul(a: Tensor, b: Tensor): Tensor
  square(a: Tensor): Tensor
  mean(a: Tensor): Tensor
  neg(a: Tensor): Tensor
  sum(a: Tensor, axis?: number): Tensor
  tanh(a: Tensor): Tensor
  relu(a: Tensor): Tensor
  sigmoid(a: Tensor): Tensor
  logSoftmax(a: Tensor): Tensor
  oneHot(classes: Tensor, depth: number): Tensor
  cast(a: Tensor, type: 'float32'): Tensor
  reshape(a: Tensor, shape: readonly number[]): Tensor
  slice(a: Tensor, begin: readonly number[], size: readonly number[]): Tensor
  split(a: Tensor, parts: number, axis: number): Tensor[]
  unstack(a: Tensor, axis: number): Tensor[]
  zeros(shape: readonly number[]): Tensor
  conv2d(x: Tensor, kernel: Tensor, stride: number, padding: 'same' | 'valid'): Tensor
  maxPool(x: Tensor, size: number, stride: number, padding: 'valid'): Tensor
  readonly train: { adam(rate: number, beta1: number, beta2: number, epsilon: number): Optimizer; sgd(rate: number): Optimizer }
}

export async function openTfjs(backend: 'wasm' | 'cpu'): Promise<Peer> {
  const tf = await loadPackage<Tf>('@tensorflow/tfjs')
  // Without its checks, which is in its favour, and without its advertisement of another package.
  tf.enableProdMode()
  const wasm = await loadPackage<{ setWasmPaths(folder: string): void }>('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(dirname(createRequire(join(BENCH, 'package.json')).resolve('@tensorflow/tfjs-backend-wasm')) + sep)
  if (!await tf.setBackend(backend)) throw new Error(`it does not start its ${backend} backend`)
  return {
    title: `TensorFlow.js, ${backend}`,
    versions: { '@tensorflow/tfjs': versionOf('@tensorflow/tfjs') },
    prepare: async work => {
      await tf.setBackend(backend)
      const contender = prepare(tf, work)
      // One registry serves both backends: each sample must have its own.
      return { ...contender, time: async repetitions => { await tf.setBackend(backend); return await contender.time(repetitions) } }
    },
    close: () => undefined,
  }
}

function prepare(tf: Tf, work: Work): Contender {
  switch (work.kind) {
    case 'product': return product(tf, work)
    case 'mlp': return trained(tf, work.training, mlp(tf, work))
    case 'gru': return trained(tf, work.training, gru(tf, work))
    case 'lenet': return trained(tf, work.training, lenet(tf, work))
    case 'expectation': case 'gradient': case 'hybrid': throw new Error(`it has no work of the kind ${work.kind}`)
    default: return work satisfies never
  }
}

function product(tf: Tf, { n, samples }: WorkOf<'product'>): Contender {
  const [a, b] = [0, 1].map(at => tf.tensor(Float32Array.from(spread(STREAM.weights + at, n * n, 1)), [n, n]))
  if (!a || !b) throw new Error('unreachable')
  const c = tf.matMul(a, b)
  const all = c.dataSync()
  c.dispose()
  return { values: samples.map(at => all[at] ?? NaN), time: timed(() => { tf.matMul(a, b).dispose() }) }
}

interface Network {
  readonly weights: readonly Tensor[]
  readonly batches: readonly (readonly [x: Tensor, y: Tensor])[]
  loss(weights: readonly Tensor[], x: Tensor, y: Tensor): Tensor
}

function trained(tf: Tf, training: Training, { weights, batches, loss }: Network): Contender {
  const stepper = (rate: number) => {
    const variables = weights.map(weight => tf.variable(weight))
    // Its epsilon is 1e-7 by default; everybody else's is 1e-8.
    const optimizer = training.optimizer === 'adam' ? tf.train.adam(rate, 0.9, 0.999, 1e-8) : tf.train.sgd(rate)
    return (at: number, returnCost: boolean) => {
      const batch = batches[at % batches.length]
      return batch ? optimizer.minimize(() => loss(variables, ...batch), returnCost) : null
    }
  }
  const checked = stepper(training.rate)
  const values = [0, 1, 2].map(() => {
    const cost = checked(0, true)
    const value = cost?.dataSync()[0] ?? NaN
    cost?.dispose()
    return value
  })
  const step = stepper(training.timingRate)
  let at = 0
  return { values, time: timed(() => { step(at++, false) }) }
}

const tensors = (tf: Tf, shapes: readonly WeightShape[]): readonly Tensor[] =>
  weightsOf(shapes).map((weights, at) => tf.tensor(Float32Array.from(weights), shapes[at]?.shape ?? []))

/** @param shape of one row of x; for classes, how many there are */
function batchesOf(tf: Tf, training: Training, shape: readonly number[], targets: { readonly classes: number } | { readonly width: number }): Network['batches'] {
  const { batch, batches } = training
  const rows = rowsOf(training)
  const width = shape.reduce((a, b) => a * b, 1)
  const x = Float32Array.from(spread(STREAM.inputs, rows * width, 1))
  return Array.from({ length: batches }, (_, at) => {
    const inputs = tf.tensor(x.slice(at * batch * width, (at + 1) * batch * width), [batch, ...shape])
    if ('width' in targets) {
      const y = Float32Array.from(spread(STREAM.targets, rows * targets.width, 0.5))
      return [inputs, tf.tensor(y.slice(at * batch * targets.width, (at + 1) * batch * targets.width), [batch, targets.width])]
    }
    const classes = spreadClasses(STREAM.targets, rows, targets.classes).slice(at * batch, (at + 1) * batch)
    return [inputs, tf.tidy(() => tf.cast(tf.oneHot(tf.tensor(classes, [batch], 'int32'), targets.classes), 'float32'))]
  })
}

const crossEntropy = (tf: Tf, logits: Tensor, oneHot: Tensor): Tensor => tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot), -1)))

const squares = (tf: Tf, output: Tensor, y: Tensor): Tensor => tf.mean(tf.square(tf.sub(output, y)))

const dense = (tf: Tf, x: Tensor, weight: Tensor | undefined, bias: Tensor | undefined): Tensor => {
  if (!weight || !bias) throw new Error('a layer has no weights')
  return tf.add(tf.matMul(x, weight), bias)
}

function mlp(tf: Tf, work: WorkOf<'mlp'>): Network {
  const { parameters, inputShape, targets } = mlpNetwork(work)
  return {
    weights: tensors(tf, parameters), batches: batchesOf(tf, work.training, inputShape, targets),
    loss: (weights, x, y) => {
      let h = x
      for (let at = 0; at < weights.length; at += 2) {
        h = dense(tf, h, weights[at], weights[at + 1])
        if (at + 2 < weights.length) h = tf[work.activation](h)
      }
      return work.loss === 'cross_entropy' ? crossEntropy(tf, h, y) : squares(tf, h, y)
    },
  }
}

/** Its own GRU layer knows no reset behind the product, which is PyTorch's form and ours: so it is written out. */
function gru(tf: Tf, work: WorkOf<'gru'>): Network {
  const { parameters, inputShape, targets } = gruNetwork(work)
  const { units, time, inputs, training: { batch } } = work
  return {
    weights: tensors(tf, parameters), batches: batchesOf(tf, work.training, inputShape, targets),
    loss: ([wx, wh, bx, bh, w, b], x, y) => {
      const given = tf.reshape(dense(tf, tf.reshape(x, [batch * time, inputs]), wx, bx), [batch, time, 3 * units])
      let h = tf.zeros([batch, units])
      for (const row of tf.unstack(given, 1)) {
        const [gr, gz, gn] = tf.split(row, 3, 1)
        const [sr, sz, sn] = tf.split(dense(tf, h, wh, bh), 3, 1)
        if (!gr || !gz || !gn || !sr || !sz || !sn) throw new Error('unreachable')
        const reset = tf.sigmoid(tf.add(gr, sr))
        const update = tf.sigmoid(tf.add(gz, sz))
        const candidate = tf.tanh(tf.add(gn, tf.mul(reset, sn)))
        h = tf.add(tf.mul(tf.sub(1, update), candidate), tf.mul(update, h))
      }
      return squares(tf, dense(tf, h, w, b), y)
    },
  }
}

/** Channels last, as it wants them; so kernels, and the rows behind the flattening, are put in another order beforehand. */
function lenet(tf: Tf, work: WorkOf<'lenet'>): Network {
  const { parameters, targets } = lenetNetwork(work)
  const weights = weightsOf(parameters).map((own, at) => {
    const shape = parameters[at]?.shape ?? []
    const [out = 0, channels = 0, height = 0, width = 0] = shape
    if (shape.length === 4) {
      const moved = new Float32Array(own.length)
      own.forEach((value, i) => {
        const [o, c, place] = [Math.floor(i / (channels * height * width)), Math.floor(i / (height * width)) % channels, i % (height * width)]
        moved[(place * channels + c) * out + o] = value
      })
      return tf.tensor(moved, [height, width, channels, out])
    }
    if (out !== 400) return tf.tensor(Float32Array.from(own), shape)
    // Row (channel, place) of 16 channels and 5×5 places becomes row (place, channel).
    const moved = Float32Array.from({ length: own.length }, (_, i) => {
      const row = Math.floor(i / 120)
      return own[((row % 16) * 25 + Math.floor(row / 16)) * 120 + i % 120] ?? NaN
    })
    return tf.tensor(moved, shape)
  })
  return {
    weights, batches: batchesOf(tf, work.training, [28, 28, 1], targets),
    loss: ([k1, c1, k2, c2, ...rest], x, y) => {
      if (!k1 || !c1 || !k2 || !c2) throw new Error('unreachable')
      const first = tf.maxPool(tf.relu(tf.add(tf.conv2d(x, k1, 1, 'same'), c1)), 2, 2, 'valid')
      const second = tf.maxPool(tf.relu(tf.add(tf.conv2d(first, k2, 1, 'valid'), c2)), 2, 2, 'valid')
      const flat = tf.reshape(second, [work.training.batch, 400])
      const one = tf.relu(dense(tf, flat, rest[0], rest[1]))
      return crossEntropy(tf, dense(tf, tf.relu(dense(tf, one, rest[2], rest[3])), rest[4], rest[5]), y)
    },
  }
}
