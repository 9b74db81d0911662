/** Steps of training: forward, backward and the optimizer. */
import type { Match, Row } from '../harness/row'
import type { Training, Work, WorkOf } from '../harness/work'

const HOW = 'the public `epochs` of a model compiled from bp, over several batches of rows: shuffled rows in, forward, backward, optimizer; what an epoch adds is divided among its steps'

/** Three losses with two updates in between, in 32 bits: some 1e-6, and where a gradient is nearly 0 Adam multiplies what rounding makes of it. */
const F32 = 1e-4
/** The same in 64 bits, of inputs in 32. */
const F64 = 1e-6

const training = (batch: number, batches: number): Training => ({ batch, batches, checkedRows: batch, optimizer: 'adam', rate: 0.01, timingRate: 1e-6 })

type MlpGoals = { readonly pytorch: number; readonly tfjs: number; readonly brain: number }

function mlpCase(sizes: readonly number[], batch: number, batches: number, activation: 'tanh' | 'relu', goals: MlpGoals) {
  const work: WorkOf<'mlp'> = { kind: 'mlp', sizes, activation, loss: (sizes.at(-1) ?? 0) > 1 ? 'cross_entropy' : 'mse', training: training(batch, batches) }
  // brain.js updates after each row: on one row that is everybody's update.
  const alone: WorkOf<'mlp'> = { ...work, activation: 'sigmoid', loss: 'half_squares', training: { ...work.training, checkedRows: 1, optimizer: 'sgd' } }
  const matches: readonly Match[] = [
    { peer: 'pytorch', work, goal: goals.pytorch, tolerance: F32 },
    { peer: 'jax', work, tolerance: F32 },
    { peer: 'tfjs-wasm', work, goal: goals.tfjs, tolerance: F32 },
    { peer: 'brain.js', work: alone, goal: goals.brain, tolerance: F32 },
  ]
  return { name: `${sizes.join('-')} b${batch}`, matches }
}

export const MLP: Row = {
  name: 'mlp', title: 'Step of a multilayer perceptron with Adam', how: HOW,
  cases: [
    mlpCase([2, 8, 1], 4, 64, 'tanh', { pytorch: 10, tfjs: 10, brain: 5 }),
    mlpCase([4, 16, 3], 150, 8, 'tanh', { pytorch: 10, tfjs: 10, brain: 5 }),
    mlpCase([64, 128, 10], 32, 16, 'relu', { pytorch: 1, tfjs: 10, brain: 5 }),
    mlpCase([784, 256, 10], 64, 8, 'relu', { pytorch: 1, tfjs: 10, brain: 5 }),
  ],
}

const hybrid = (qubits: number, batch: number): WorkOf<'hybrid'> => ({ kind: 'hybrid', inputs: 8, qubits, layers: 2, classes: 2, training: training(batch, 2) })

export const HYBRID: Row = {
  name: 'hybrid', title: 'Step of dense(8 → q), q qubits with 2 strongly entangling layers, dense(q → 2), batch 32, Adam', how: `${HOW}; the circuit by \`@gradient(adjoint)\``,
  cases: [4, 6, 8].map(q => ({ name: `q=${q}`, matches: [{ peer: 'pennylane', work: hybrid(q, 32), goal: 100, tolerance: F64 }] })),
}

const sequence = (name: string, work: Work, pytorch: number, tfjs: 'tfjs-wasm' | 'tfjs-cpu', others: readonly Match[] = []) => ({
  name, matches: [{ peer: 'pytorch', work, goal: pytorch, tolerance: F32 }, { peer: tfjs, work, goal: 10, tolerance: F32 }, ...others] as const,
})

export const RECURRENT: Row = {
  name: 'recurrent', title: 'Step of a GRU with 32 units over 60 steps of 8 features, batch 32, Adam', how: HOW,
  cases: [sequence('GRU 32', { kind: 'gru', inputs: 8, units: 32, time: 60, training: training(32, 4) }, 2, 'tfjs-wasm')],
}

const LENET: WorkOf<'lenet'> = { kind: 'lenet', training: training(32, 4) }

export const CONVOLUTION: Row = {
  name: 'convolution', title: 'Step of LeNet-5 on 28×28, batch 32, Adam', how: HOW,
  cases: [sequence('LeNet', LENET, 1, 'tfjs-cpu', [
    { peer: 'tfjs-wasm', work: LENET, tolerance: F32, skip: 'its wasm backend has no derivative of a convolution by its kernel' },
  ])],
}

export const BATCH: Row = {
  name: 'batch', title: 'Step of the perceptron 64-128-10 by its batch', how: HOW, chart: { x: 'rows a step' },
  cases: [1, 4, 16, 64, 256, 1024].map(batch => {
    const work: Work = { kind: 'mlp', sizes: [64, 128, 10], activation: 'relu', loss: 'cross_entropy', training: training(batch, Math.max(2, 256 / batch)) }
    return { name: `b${batch}`, x: batch, matches: (['pytorch', 'jax', 'tfjs-wasm'] as const).map(peer => ({ peer, work, tolerance: F32 })) }
  }),
}
