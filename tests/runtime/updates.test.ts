/** Clipping, groups and schedules where training uses them, and what `fit` says of options that make no sense. */
import { describe, expect, it } from 'vitest'
import { defineModel, type FitOptions } from '../../runtime'
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

  it('spsa has gains of their own for some parameters: none, and they stay', async () => {
    const model = await defineModel(regressionPlan(3)).create()
    await model.fit(DATA, { steps: 20, optimizer: { name: 'spsa', rate: 0.5 }, groups: { b: { rate: 0 } } })
    expect(model.parameters.get('b').data[0]).toBe(0)
    expect(Math.min(...Array.from(model.parameters.get('w').data, value => Math.abs(Number(value))))).toBeGreaterThan(0)
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

/** A whole run by hand: momentum, decay, clipping and a factor for each step, on the gradient of the mean square. */
function byHand(steps: number, factor: (step: number, loss: number) => number, limit: number): number[] {
  let theta = [0, 0, 0, 0]
  const velocity = [0, 0, 0, 0]
  for (let step = 0; step < steps; step++) {
    const residuals = DATA.x.map((row, r) => row.reduce((sum, value, i) => sum + value * (theta[i] ?? NaN), theta[3] ?? NaN) - (DATA.y[r] ?? NaN))
    const loss = residuals.reduce((sum, e) => sum + e * e, 0) / residuals.length
    const gradient = theta.map((_, i) => 2 / residuals.length * residuals.reduce((sum, e, r) => sum + e * (i < 3 ? DATA.x[r]?.[i] ?? NaN : 1), 0))
    const norm = Math.hypot(...gradient)
    const eta = 0.3 * factor(step, loss)
    theta = theta.map((value, i) => {
      velocity[i] = 0.8 * (velocity[i] ?? NaN) + (gradient[i] ?? NaN) * Math.min(1, limit / norm) + 0.01 * value
      return value - eta * velocity[i]
    })
  }
  return theta
}

describe('a run with everything', () => {
  const cos = (part: number) => (1 + Math.cos(Math.PI * part)) / 2
  it.each<[string, FitOptions, (step: number) => number]>([
    ['no schedule', { epochs: 40 }, () => 1],
    ['step, over epochs', { epochs: 40, schedule: { name: 'step', every: 7, factor: 0.5 } }, k => 0.5 ** Math.floor(k / 7)],
    ['step, over steps', { steps: 40, schedule: { name: 'step', every: 9, factor: 0.3 } }, k => 0.3 ** Math.floor(k / 9)],
    ['cosine', { epochs: 40, schedule: { name: 'cosine', floor: 0.1 } }, k => 0.1 + 0.9 * cos(k / 40)],
    ['warmup and cosine', { epochs: 40, schedule: [{ name: 'warmup', steps: 8 }, { name: 'cosine' }] }, k => (k < 8 ? (k + 1) / 8 : cos((k - 8) / 32))],
    // Up from 1/25 to 1 at step 0.25 · 40 − 1, down to 1/250000 at step 39.
    ['one_cycle', { steps: 40, schedule: { name: 'one_cycle', rise: 0.25 } }, k => (k <= 9 ? 1 + (1 / 25 - 1) * cos(k / 9) : 1 / 250_000 + (1 - 1 / 250_000) * cos((k - 9) / 30))],
  ])('has the parameters of the same run by hand (%s)', async (_, options, factor) => {
    for (const limit of [0.2, 10]) {
      const model = await defineModel(regressionPlan(3)).create({ precision: 'f64' })
      await model.fit(DATA, { optimizer: { name: 'sgd', rate: 0.3, momentum: 0.8, decay: 0.01 }, clip: { norm: limit }, ...options })
      const got = [...model.parameters.get('w').data, ...model.parameters.get('b').data]
      // 40 steps of a stable iteration, each with roundings of 1e-16.
      byHand(40, factor, limit).forEach((value, i) => expect(got[i]).toBeCloseTo(value, 13))
    }
  })

  it('has the parameters of the same run by hand (plateau)', async () => {
    let best = Infinity, waited = 0, current = 1
    // ReduceLROnPlateau after each epoch: its loss is that of its one step.
    const factor = (_: number, loss: number) => {
      const now = current
      if (loss < best - 0.05 * Math.abs(best === Infinity ? 0 : best)) { best = loss; waited = 0 } else if (++waited > 2) { current = Math.max(0.1, current * 0.5); waited = 0 }
      return now
    }
    const expected = byHand(40, factor, 10)
    const model = await defineModel(regressionPlan(3)).create({ precision: 'f64' })
    await model.fit(DATA, { epochs: 40, optimizer: { name: 'sgd', rate: 0.3, momentum: 0.8, decay: 0.01 }, clip: { norm: 10 }, schedule: { name: 'plateau', factor: 0.5, patience: 2, threshold: 0.05, floor: 0.1 } })
    const got = [...model.parameters.get('w').data, ...model.parameters.get('b').data]
    expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 13))
    expect(current).toBeLessThan(1)
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
    [{ optimizer: { name: 'lbfgs' }, groups: { w: { rate: 1 } } }, 'lbfgs chooses its own steps and takes no groups'],
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

  it('says before training which number of the data is none, and keeps the weights', async () => {
    const model = await defineModel(regressionPlan(3)).create()
    const broken = { ...DATA, x: DATA.x.map((row, i) => (i === 7 ? [row[0] ?? 0, NaN, 1] : row)) }
    await expect(model.fit(broken, { epochs: 3, batch: 2, seed: 1 })).rejects.toThrow(
      `input 'x' is NaN at x[7][1], in row 7 counted from 0, and the loss is NaN with it. Leave such rows out (1 of ${DATA.x.length}), or fill them in`)
    for (const value of model.parameters.get('w').data) expect(value).toBe(0)
  })
})
