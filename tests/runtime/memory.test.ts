import { describe, expect, it } from 'vitest'
import type { Program } from '../../ir/plan'
import { OPTIMIZERS, type OptimizerName } from '../../ir/training'
import { REFERENCE } from '../../runtime/backends/reference'
import { WASM } from '../../runtime/backends/wasm'
import { memoryOf, mustFit } from '../../runtime/memory'
import { Model } from '../../runtime/model'
import { fillOptimizer } from '../../runtime/options'
import { makeOracleOptimizer } from '../../runtime/optim/oracles'
import { trainingMemory } from '../../runtime/trainingMemory'
import { movingOptimizer } from './optim/support'
import { planOf } from '../language/quantum/run'

const DENSE = `model Dense {
  input x: real[batch, 3]
  target y: real[batch, 5]
  param W: real[3, 5] ~ normal()
  frozen param b: real[5] ~ zeros()
  param s: real in (0, inf) ~ constant(1)
  output z = s * tanh(x @ W) + b
  loss mean((z - y)^2)
}`

const LOOP = `model Loop {
  input x: real[time, n]
  param W: real[n0, n0] ~ normal()
  var h = zeros([n])
  let hs = for t in 0..time {
    h = tanh(x[t] + mean(W) * h)
    yield h
  }
  output hs
  loss mean(hs^2)
}`.replaceAll('n0', '4')

const circuitModel = (qubits: number, count: number) => {
  const numbers = Array.from({ length: count }, (_, i) => i)
  return `${numbers.map(i => `circuit c${i}(t: real) -> real {\n  qubits q[${qubits}]\n  rx(t) q[${i % qubits}]\n  return expect(Z(q[${i % qubits}]))\n}\n`).join('')}
model Circuits {
  param t: real ~ constant(0.5)
  let e = ${numbers.map(i => `c${i}(t)`).join(' + ')}
  output e
  loss e
}`
}

describe('the memory of a program', () => {
  it.each([
    ['seven rows', DENSE, [['batch', 7]]], ['a thousand rows', DENSE, [['batch', 1000]]], ['a loop', LOOP, [['time', 9], ['n', 6]]], ['a loop without a turn', LOOP, [['time', 0], ['n', 6]]],
  ] as const)('is the bytes that its backend then takes, with %s', async (_, source, named) => {
    const plan = await planOf(source)
    const sizes = new Map<string, number>(named)
    for (const program of [plan.entries.predict, plan.entries.step as Program]) {
      const { buffers } = memoryOf(program, sizes, plan.precision)
      expect(REFERENCE.prepare(program, sizes, plan.precision).bytes).toBe(buffers)
      // Pages of 64 KiB, and room for single steps.
      const { bytes } = await WASM.prepare(program, sizes, plan.precision)
      expect(bytes).toBeGreaterThanOrEqual(buffers)
      expect(bytes).toBeLessThan(buffers + 16 * 65536)
    }
  })

  it('has two states of a circuit that is differentiated, and one of a circuit that is run', async () => {
    const { entries, precision } = await planOf(circuitModel(10, 1))
    // Two numbers of 8 bytes for each of the 2^10 amplitudes.
    expect(memoryOf(entries.predict, new Map(), precision).states).toBe(2 ** 10 * 16)
    expect(memoryOf(entries.step as Program, new Map(), precision).states).toBe(2 * 2 ** 10 * 16)
  })
})

describe('the memory of a training', () => {
  it('counts parameters, those with a range twice, and the best of them', async () => {
    const memory = trainingMemory(await planOf(DENSE), new Map([['batch', 7]]), 'f32')
    expect(memory).toMatchObject({ parameters: 4 * (15 + 5 + 1 + 1), gradient: 0, copies: 4 * (15 + 5 + 1), states: 0 })
  })

  it('counts the gradient, and the parameters before a step, for an optimizer that looks at further losses', async () => {
    const memory = trainingMemory(await planOf(DENSE), new Map([['batch', 7]]), 'f32', fillOptimizer({ name: 'lbfgs' }))
    expect(memory).toMatchObject({ parameters: 4 * (15 + 5 + 1 + 1), gradient: 4 * (15 + 1), copies: 2 * 4 * (15 + 5 + 1), states: 0 })
  })

  it('is none without a loss', async () => {
    expect(trainingMemory(await planOf('model M {\n  output y = 1\n}\n'), new Map(), 'f32')).toBeUndefined()
  })

  it.each((Object.keys(OPTIMIZERS) as OptimizerName[]).flatMap(name => (['f32', 'f64'] as const).map(precision => [name, precision] as const)))(
    'covers what %s keeps, in %s', async (name, precision) => {
      const plan = await planOf(DENSE)
      const { optimizer: counted = NaN } = trainingMemory(plan, new Map([['batch', 7]]), precision, fillOptimizer({ name })) ?? {}
      const filled = fillOptimizer({ name })
      const gradient = precision === 'f32' ? new Float32Array(16) : new Float64Array(16)
      const state = await stateOf(filled, gradient, precision)
      // Arrays for checkpoints, less the few numbers that count steps.
      const kept = [...state.values()].filter(({ length }) => length >= gradient.length).reduce((sum, { byteLength }) => sum + byteLength, 0)
      expect(counted).toBeGreaterThanOrEqual(kept)
    })

  it('of adam is mean and square, for a checkpoint, and in the program of the step with its scalars', async () => {
    const plan = await planOf(DENSE)
    const sizes = new Map([['batch', 7]])
    const { optimizer, buffers = NaN } = trainingMemory(plan, sizes, 'f32', fillOptimizer({ name: 'adam' })) ?? {}
    expect(optimizer).toBe(2 * 16 * 4)
    // Of W and s, in multiples of 16 bytes, and two scalars; their gradients are no results any more, and take turns with other numbers.
    expect(buffers - memoryOf(plan.entries.step as Program, sizes, 'f32').buffers).toBe(2 * (64 + 16) + 2 * 16 - (64 + 16))
  })
})

async function stateOf(plan: ReturnType<typeof fillOptimizer>, gradient: Float32Array | Float64Array, precision: 'f32' | 'f64') {
  switch (plan.name) {
    case 'lbfgs': case 'newton': case 'natural_gradient': case 'rotosolve': case 'spsa': return makeOracleOptimizer(plan, gradient).state
    case 'sgd': case 'adam': case 'adamw': case 'rmsprop': case 'adagrad': case 'lion': return (await movingOptimizer(plan, gradient.length, precision, REFERENCE)).state
    default: return plan satisfies never
  }
}

describe('what cannot fit', () => {
  const GIB = 2 ** 30

  it('is refused, with what needs how much, and what to do', () => {
    expect(() => mustFit('a prediction of M', { buffers: 3 * GIB, states: GIB }, new Map([['batch', 10]]), 2 * GIB)).toThrow(
      'out of memory: a prediction of M at batch = 10 needs 4 GiB (3 GiB of buffers, 1 GiB of states of circuits), and this machine has 2 GiB; take smaller sizes, such as a smaller batch')
    expect(() => mustFit('a prediction of M', { buffers: 64, states: 8 * GIB }, new Map(), 2 * GIB)).toThrow('needs 8 GiB (8 GiB of states of circuits), and this machine has 2 GiB; take fewer qubits')
    expect(() => mustFit('a prediction of M', { buffers: 3 * GIB, states: 0 }, new Map(), 2 * GIB)).toThrow('make the model smaller')
  })

  it('fits where it is as large as the machine', () => {
    expect(() => mustFit('a prediction of M', { buffers: GIB, states: GIB }, new Map(), 2 * GIB)).not.toThrow()
  })

  it('is refused before anything of it is taken, by predictions and by training', async () => {
    // 300 circuits of 30 qubits: 16 GiB for each state of each.
    const model = await Model.create(await planOf(circuitModel(30, 300)))
    await expect(model.predict({})).rejects.toMatchObject({ kind: 'memory', message: expect.stringMatching(/a prediction of Circuits needs 4,800 GiB .* take fewer qubits/) as string })
    let steps = 0
    const training = model.fit({}, { steps: 1, onStep: () => { steps++ } })
    await expect(training).rejects.toMatchObject({ kind: 'memory', message: expect.stringMatching(/training of Circuits needs 9,600 GiB/) as string })
    expect(steps).toBe(0)
  })
})
