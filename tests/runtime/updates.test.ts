/** Clipping, groups and schedules where training uses them, and what `fit` says of options that make no sense. */
import { describe, expect, it } from 'vitest'
import { defineModel, type FitOptions } from '../../runtime'
import { clipGradient } from '../../runtime/optim/clip'
import { randomArray, randomNumbers, regressionPlan } from './support'

const next = randomNumbers(8)
const DATA = { x: Array.from({ length: 12 }, () => randomArray(3, next)), y: randomArray(12, next) }

/** The parameters after one step of sgd at rate 1 from zero: minus what the optimizer was given. */
async function stepOf(options: FitOptions) {
  const model = await defineModel(regressionPlan(3)).create()
  await model.fit(DATA, { steps: 1, optimizer: { name: 'sgd', rate: 1 }, ...options })
  return [...model.parameters.get('w').data, ...model.parameters.get('b').data].map(Number)
}

describe('clipping', () => {
  it('by value cuts each element', async () => {
    const free = await stepOf({})
    const limit = Math.abs(free[0] ?? NaN) / 2
    const clipped = await stepOf({ clip: { value: limit } })
    clipped.forEach((value, i) => expect(value).toBeCloseTo(Math.sign(free[i] ?? NaN) * Math.min(limit, Math.abs(free[i] ?? NaN)), 14))
    expect(Math.abs(clipped[0] ?? NaN)).toBeCloseTo(limit, 14)
  })

  it('by norm shrinks all parameters together, so that the direction stays', async () => {
    const free = await stepOf({})
    const norm = Math.hypot(...free)
    const clipped = await stepOf({ clip: { norm: norm / 4 } })
    clipped.forEach((value, i) => expect(value).toBeCloseTo((free[i] ?? NaN) / 4, 14))
    expect(await stepOf({ clip: { norm: norm * 1.001 } })).toEqual(free)
  })

  it('leaves a gradient that is no number to the check of the loss', () => {
    const gradient = Float64Array.of(NaN, 1)
    clipGradient(gradient, { kind: 'norm', limit: 0.1 })
    expect([...gradient]).toEqual([NaN, 1])
  })
})

describe('groups and schedules', () => {
  it('a rate of its own for some parameters', async () => {
    const free = await stepOf({})
    const grouped = await stepOf({ groups: { b: { rate: 0.25 } } })
    expect(grouped.slice(0, 3)).toEqual(free.slice(0, 3))
    expect(grouped[3]).toBeCloseTo((free[3] ?? NaN) / 4, 14)
  })

  it('one optimizer over all parameters has the bits of one for each of them', async () => {
    const run = async (groups?: FitOptions['groups']) => {
      const model = await defineModel(regressionPlan(3)).create()
      await model.fit(DATA, { epochs: 5, batch: 5, optimizer: { name: 'adam', rate: 0.1 }, groups })
      return [...model.parameters.get('w').data, ...model.parameters.get('b').data]
    }
    // A group that says something that changes nothing makes segments of their own.
    expect(await run({ w: { beta1: 0.9 } })).toEqual(await run())
    expect(await run({ b: { beta1: 0.91 } })).not.toEqual(await run())
  })

  it('a schedule multiplies the rates of groups too', async () => {
    const free = await stepOf({})
    const slow = await stepOf({ groups: { b: { rate: 0.5 } }, schedule: { name: 'warmup', steps: 10 } })
    slow.forEach((value, i) => expect(value).toBeCloseTo((free[i] ?? NaN) / (i === 3 ? 20 : 10), 14))
  })

  it('a plateau watches the losses of the epochs', async () => {
    const model = await defineModel(regressionPlan(3)).create()
    // So slow that no epoch is better by the threshold: the gradient stays as it is, and steps show the rate.
    const values: number[] = []
    await model.fit(DATA, {
      epochs: 7, optimizer: { name: 'sgd', rate: 1e-9 }, schedule: { name: 'plateau', patience: 1 }, holdout: { last: 4 },
      onEpoch: () => { values.push(Number(model.parameters.get('b').data[0])) },
    })
    const steps = values.map((value, at) => value - (values[at - 1] ?? 0))
    // The first epoch is the best one, the second is borne, after the third the rate falls, and so on.
    const expected = [1, 1, 1, 0.1, 0.1, 0.01, 0.01]
    steps.forEach((step, at) => expect(step / (steps[0] ?? NaN)).toBeCloseTo(expected[at] ?? NaN, 6))
  })
})

describe('fit', () => {
  it.each<[object, string]>([
    [{ optimizer: { name: 'adam', momentum: 0.9 } }, "adam has no option 'momentum'; there are: rate, beta1, beta2, epsilon, decay"],
    [{ optimizer: { name: 'sgd', rate: -1 } }, 'sgd: rate is -1; a number from 0 on was expected'],
    [{ optimizer: { name: 'sgd', nesterov: 1 } }, 'sgd: nesterov is 1; `true` or `false` was expected'],
    [{ optimizer: { name: 'rotosolver' } }, "no optimizer 'rotosolver' (did you mean 'rotosolve'?); there are: sgd, adam, adamw"],
    [{ schedule: { name: 'cosin' } }, "no schedule 'cosin' (did you mean 'cosine'?)"],
    [{ schedule: [{ name: 'cosine' }, { name: 'warmup', steps: 3 }] }, 'a schedule is one of constant, step, cosine, one_cycle, warmup, plateau, or a warmup and another; found cosine, warmup'],
    [{ schedule: { name: 'step', every: 0 } }, 'step: every is 0; a whole number from 1 on was expected'],
    [{ clip: { norm: 0 } }, 'clip.norm is 0; a positive number was expected'],
    [{ groups: { v: { rate: 1 } } }, "groups: model Regression has no parameter 'v'; there are: w, b"],
    [{ groups: { w: { speed: 1 } } }, "groups['w'] has no option 'speed'"],
    [{ optimizer: { name: 'lbfgs' }, schedule: { name: 'cosine' } }, 'lbfgs chooses its own steps and takes no schedule'],
    [{ optimizer: { name: 'spsa' }, groups: { w: { rate: 1 } } }, 'spsa chooses its own steps and takes no groups'],
    [{ checkpoint: { to: 'x', every: 0 } }, 'checkpoint.every is 0; a whole number from 1 on was expected'],
  ])('refuses %j', async (options, message) => {
    const model = await defineModel(regressionPlan(3)).create()
    await expect(model.fit(DATA, { epochs: 1, ...options })).rejects.toThrow(message)
  })

  it('finds the least squares by lbfgs in a few steps', async () => {
    const model = await defineModel(regressionPlan(3)).create()
    const history = await model.fit(DATA, { epochs: 100, optimizer: { name: 'lbfgs' } })
    expect(history.stopped).toBe('converged')
    expect(history.steps).toBeLessThan(25)
    const { gradients } = await model.evaluate(DATA, { grad: true })
    for (const gradient of Object.values(gradients as Record<string, { data: ArrayLike<number> }>)) {
      for (const slope of Array.from(gradient.data)) expect(Math.abs(slope)).toBeLessThan(1e-8)
    }
  })

  it('says which number of the data is none, and keeps the weights', async () => {
    const model = await defineModel(regressionPlan(3)).create()
    const broken = { ...DATA, x: DATA.x.map((row, i) => (i === 7 ? [row[0] ?? 0, NaN, 1] : row)) }
    await expect(model.fit(broken, { epochs: 3, batch: 2, seed: 1 })).rejects.toThrow(/^training stopped: the loss is NaN at step \d+ \(epoch 1\), and the data are not all numbers: input 'x' is NaN at x\[7\]\[1\]$/)
    for (const value of model.parameters.get('w').data) expect(value).toBe(0)
  })
})
