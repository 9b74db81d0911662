/** Parameters that stay in the program of the step: who looks at them sees them as they are, and who sets them is heard. */
import { describe, expect, it } from 'vitest'
import type { Program } from '../../ir/plan'
import { OPTIMIZERS, type ClipPlan, type OptimizerName } from '../../ir/training'
import { real } from '../../ir/type'
import type { FitOptions } from '../../runtime'
import { runByName, type Backend } from '../../runtime/backends/backend'
import { REFERENCE } from '../../runtime/backends/reference'
import { WASM } from '../../runtime/backends/wasm'
import { ruleOf } from '../../runtime/optim'
import { moving } from '../../runtime/optim/rule'
import { load } from '../language/run'
import { movingOptimizer } from './optim/support'
import { randomArray, randomNumbers } from './support'

const BACKENDS: readonly Backend[] = [REFERENCE, WASM]
const SGD = { name: 'sgd', rate: 1, momentum: 0, nesterov: false, decay: 0 } as const

/** One step of plain descent at rate 1 on a program's gradients. */
async function descend(step: Program, values: Readonly<Record<string, readonly number[]>>, backend: Backend) {
  const moved = ['a', 'b'].map(path => ({ path, shape: [2], rule: ruleOf(SGD), part: 0 }))
  const executable = await backend.prepare(moving(step, moved, undefined), new Map(), 'f64')
  const results = await runByName(executable, new Map([...Object.entries(values), ['#eta 0', [1]]]))
  const input = (name: string) => [...executable.inputs.find(port => port.name === name)?.data ?? []]
  return { a: input('a'), b: input('b'), seen: [...results.get('metric:seen')?.data ?? []] }
}

describe('a program that moves its parameters', () => {
  it('takes gradients and results that lie where a parameter does as they were before the step', async () => {
    // The loss a · b: its gradients are the other parameter, that of b even by way of another shape; `seen` reports a.
    const step: Program = {
      buffers: [real(2), real(2), real(1, 2), real(2)], inputs: [{ name: 'a', buffer: 0 }, { name: 'b', buffer: 1 }],
      steps: [{ kind: 'reshape', input: 0, output: 2 }, { kind: 'reshape', input: 2, output: 3 }],
      results: [{ name: 'metric:seen', buffer: 0 }, { name: 'gradient:a', buffer: 1 }, { name: 'gradient:b', buffer: 3 }],
    }
    const flat: Program = { ...step, results: step.results.map(result => (result.name === 'gradient:b' ? { ...result, buffer: 0 } : result)) }
    for (const backend of BACKENDS) {
      for (const program of [step, flat]) {
        expect(await descend(program, { a: [5, 7], b: [1, 2] }, backend)).toEqual({ a: [4, 5], b: [-4, -5], seen: [5, 7] })
      }
    }
  })

  it('moves a parameter that the step does not read', async () => {
    const step: Program = {
      buffers: [real(2), real(2)], inputs: [{ name: 'b', buffer: 0 }], steps: [{ kind: 'routine', op: 'fill', attributes: { shape: [2], value: 0.5, element: 'real' }, inputs: [], output: 1 }],
      results: [{ name: 'metric:seen', buffer: 0 }, { name: 'gradient:a', buffer: 1 }, { name: 'gradient:b', buffer: 1 }],
    }
    for (const backend of BACKENDS) expect(await descend(step, { a: [1, 2], b: [3, 4] }, backend)).toEqual({ a: [0.5, 1.5], b: [2.5, 3.5], seen: [3, 4] })
  })
})

describe('clipping in the program', () => {
  const stepOf = async (clip: ClipPlan, gradient: readonly number[], precision: 'f32' | 'f64', backend: Backend) => {
    const theta = precision === 'f32' ? new Float32Array(gradient.length) : new Float64Array(gradient.length)
    await (await movingOptimizer(SGD, gradient.length, precision, backend, clip)).update(theta, Float64Array.from(gradient), 1)
    return [...theta].map(value => -value)
  }

  it('leaves a gradient that is no number to the check of the loss, and one of zeros as it is', async () => {
    for (const backend of BACKENDS) {
      expect(await stepOf({ kind: 'norm', limit: 0.1 }, [NaN, 1], 'f64', backend)).toEqual([NaN, 1])
      expect((await stepOf({ kind: 'norm', limit: 0.1 }, [0, 0], 'f64', backend)).map(Math.abs)).toEqual([0, 0])
    }
  })

  it('keeps the direction where squares are out of range', async () => {
    // 3-4-5, in sizes whose squares 32 bits do not hold.
    for (const backend of BACKENDS) {
      for (const size of [1e25, 1e-25]) {
        const limit = 2 * size
        const [x = NaN, y = NaN] = await stepOf({ kind: 'norm', limit }, [3 * size, -4 * size], 'f32', backend)
        // Five roundings of 2^-24 each, about.
        expect(x / size).toBeCloseTo(1.2, 5)
        expect(y / size).toBeCloseTo(-1.6, 5)
      }
    }
  })
})

/** With a range, a rate, a state, and a parameter that is not trained. */
const PROGRAM = `model M {
  input  x: real[batch, 3]
  target y: real[batch]
  param  W: real[3, 2] ~ normal()
  param  v: real[2] ~ normal()
  param  k: real in (0, 5) ~ constant(1)
  frozen param c: real[2] ~ constant(0.5)
  state  seen: real = 0
  update seen = seen + k
  let p = tanh(x @ W + c) @ v
  rate v = 0.5
  output p
  loss mean((k * p - y)^2)
  metric size = mean(W^2)
}`

const next = randomNumbers(11)
const ROWS = 22
const DATA = { x: Array.from({ length: ROWS }, () => randomArray(3, next)), y: randomArray(ROWS, next) }

async function trained(options: FitOptions, watch: (model: Awaited<ReturnType<typeof load>>['model']) => FitOptions = () => ({})) {
  const { model } = await load(PROGRAM)
  const history = await model.fit(DATA, { epochs: 4, seed: 3, ...options, ...watch(model) })
  return { history: history.epochs.map(({ loss, metrics }) => [loss, metrics]), values: model.parameters.paths.map(path => [...model.parameters.get(path).data]), state: [...model.states.get('seen').data as Float64Array] }
}

const GRADIENT_NAMES = (Object.keys(OPTIMIZERS) as OptimizerName[]).filter(name => ['sgd', 'adam', 'adamw', 'rmsprop', 'adagrad', 'lion'].includes(name))

describe('training', () => {
  // 22 rows by 5: a last batch of 2, which has a program and a memory of its own. By 22: every step is measured.
  it.each(GRADIENT_NAMES.flatMap(name => [5, 22].map(batch => [name, batch] as const)))('with %s, %i rows a step, has the same bits whether somebody looks on or not', async (name, batch) => {
    const options: FitOptions = { batch, optimizer: { name, rate: 0.05 } as FitOptions['optimizer'], clip: { norm: 1 }, groups: { v: { rate: 0.02 } } }
    const alone = await trained(options)
    const seen = new Set<string>()
    const watched = await trained(options, model => ({ onStep: () => { seen.add(JSON.stringify(model.parameters.paths.map(path => [...model.parameters.get(path).data]))) } }))
    expect(watched).toEqual(alone)
    // Each step has moved them.
    expect(seen.size).toBe(4 * Math.ceil(ROWS / batch))
  })

  it('hears who sets a parameter after a step', async () => {
    const last = await trained({ batch: 5, steps: 7, optimizer: { name: 'sgd', rate: 0 } }, model => ({ onStep: ({ step }) => { model.parameters.set('c', [step, 0]); model.parameters.set('v', [step, -step]) } }))
    expect(last.values[1]).toEqual([7, -7])
    expect(last.values[3]).toEqual([7, 0])
    const moved = await trained({ batch: 5, steps: 2, optimizer: { name: 'sgd', rate: 0.1 } }, model => ({ onStep: ({ step }) => { if (step === 1) model.parameters.set('v', [100, 100]) } }))
    moved.values[1]?.forEach(value => expect(Math.abs(Number(value) - 100)).toBeLessThan(50))
  })
})
