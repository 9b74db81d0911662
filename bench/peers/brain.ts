/**
 * brain.js. It has no batches: it updates after each row. So it is held to the same network with stochastic gradient descent, on one
 * row, where both do the same; and its step is one pass over the rows of a batch.
 */
import type { Contender, Peer } from '../harness/contender'
import { rowsOf, spread, STREAM, weightsOf, type WorkOf } from '../harness/work'
import { mlp } from '../ours/networks'
import { loadPackage, versionOf } from './load'

interface Row { readonly input: readonly number[]; readonly output: readonly number[] }

interface NeuralNetwork {
  sizes: readonly number[]
  initialize(): void
  weights: number[][][]
  biases: number[][]
  run(input: readonly number[]): ArrayLike<number>
  train(rows: readonly Row[], options: object): unknown
}

interface Brain { readonly NeuralNetwork: new (options: object) => NeuralNetwork }

export async function openBrain(): Promise<Peer> {
  const brain = await loadPackage<Brain>('brain.js')
  return {
    title: 'brain.js', versions: { 'brain.js': versionOf('brain.js') },
    prepare: work => work.kind === 'mlp' ? Promise.resolve(prepare(brain, work)) : Promise.reject(new Error(`it has no work of the kind ${work.kind}`)),
    close: () => undefined,
  }
}

function prepare({ NeuralNetwork }: Brain, work: WorkOf<'mlp'>): Contender {
  const { sizes, training } = work
  const made = () => {
    const network = new NeuralNetwork({ activation: work.activation })
    network.sizes = sizes
    network.initialize()
    const weights = weightsOf(mlp(work).parameters)
    for (let layer = 1; layer < sizes.length; layer++) {
      const [n = 0, m = 0] = [sizes[layer - 1], sizes[layer]]
      const W = weights[2 * layer - 2] ?? new Float64Array()
      network.weights[layer] = Array.from({ length: m }, (_, out) => Array.from({ length: n }, (_, at) => W[at * m + out] ?? NaN))
      network.biases[layer] = [...weights[2 * layer - 1] ?? []]
    }
    return network
  }
  const rows = rowsFor(work)
  // It takes no momentum of 0, and stops at an error of its own unless that is out of reach.
  const settings = { momentum: 1e-12, errorThresh: 1e-300, iterations: 1 }
  const checked = made()
  const one = rows.slice(0, 1)
  const values = [0, 1, 2].map(() => {
    const loss = halfSquares(checked, one)
    checked.train(one, { ...settings, learningRate: training.rate })
    return loss
  })
  const network = made()
  let next = 0
  return {
    values,
    time: repetitions => {
      const batches = Array.from({ length: training.batches }, (_, at) => rows.slice(at * training.batch, (at + 1) * training.batch))
      const start = performance.now()
      // A call of `train` for as many passes as come to each batch, so that its preparations count little.
      const passes = Math.max(1, Math.floor(repetitions / batches.length))
      for (let done = 0; done < repetitions; done += passes) {
        network.train(batches[next++ % batches.length] ?? [], { ...settings, iterations: Math.min(passes, repetitions - done), learningRate: training.timingRate })
      }
      return (performance.now() - start) / 1000
    },
  }
}

function rowsFor({ sizes, training }: WorkOf<'mlp'>): readonly Row[] {
  const [n = 0, m = 0] = [sizes[0], sizes.at(-1)]
  const rows = rowsOf(training)
  const x = spread(STREAM.inputs, rows * n, 1)
  const y = spread(STREAM.targets, rows * m, 0.5)
  return Array.from({ length: rows }, (_, at) => ({ input: [...x.slice(at * n, (at + 1) * n)], output: [...y.slice(at * m, (at + 1) * m)] }))
}

const halfSquares = (network: NeuralNetwork, rows: readonly Row[]): number =>
  rows.reduce((sum, { input, output }) => {
    const found = network.run(input)
    return sum + output.reduce((inner, value, at) => inner + ((found[at] ?? NaN) - value) ** 2, 0) / 2
  }, 0)
