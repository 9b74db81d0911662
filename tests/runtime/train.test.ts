import { describe, expect, it } from 'vitest'
import { defineModel, RunError, type EpochRecord } from '../../runtime'
import { namedDim } from '../../ir/dim'
import { real } from '../../ir/type'
import type { Plan } from '../../ir/plan'
import { ProgramBuilder, randomArray, randomNumbers, regressionPlan } from './support'

const FEATURES = 3
const ROWS = 50

/** y = x·(1, −2, 0.5) + 0.7 + noise. */
function dataSet(rows = ROWS) {
  const next = randomNumbers(42)
  const x = Array.from({ length: rows }, () => randomArray(FEATURES, next))
  const y = x.map(([a = 0, b = 0, c = 0]) => a - 2 * b + 0.5 * c + 0.7 + 0.1 * (next() - 0.5))
  return { x, y }
}

/** Least squares by the normal equations and Gaussian elimination: (w…, b). */
function leastSquares({ x, y }: ReturnType<typeof dataSet>): number[] {
  const rows = x.map(row => [...row, 1])
  const size = FEATURES + 1
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    rows.reduce((sum, row, r) => sum + (row[i] ?? 0) * (y[r] ?? 0), 0),
  ])
  for (let pivot = 0; pivot < size; pivot++) {
    const pivotRow = system[pivot] ?? []
    for (let i = 0; i < size; i++) {
      if (i === pivot) continue
      const factor = (system[i]?.[pivot] ?? 0) / (pivotRow[pivot] ?? 1)
      system[i] = (system[i] ?? []).map((value, j) => value - factor * (pivotRow[j] ?? 0))
    }
  }
  return system.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1))
}

const SGD = { name: 'sgd', rate: 0.1 } as const
const create = (options: Partial<Plan> = {}) => defineModel(regressionPlan(FEATURES, options)).create()

describe('fit', () => {
  it('trains a linear regression to its closed form', async () => {
    const model = await create()
    const data = dataSet()
    const history = await model.fit(data, { epochs: 400, optimizer: SGD })
    const [w0 = 0, w1 = 0, w2 = 0, b = 0] = leastSquares(data)
    ;[w0, w1, w2].forEach((value, i) => expect(model.parameters.get('w').data[i]).toBeCloseTo(value, 9))
    expect(model.parameters.get('b').data[0]).toBeCloseTo(b, 9)
    expect(history.steps).toBe(400)
    expect(history.stopped).toBe('done')
    const { loss } = await model.evaluate(data)
    expect(loss).toBeLessThanOrEqual(history.epochs.at(-1)?.loss ?? 0)
  })

  it('with adam and batches comes close too, in both precisions', async () => {
    const data = dataSet()
    for (const precision of ['f32', 'f64'] as const) {
      const model = await defineModel(regressionPlan(FEATURES)).create({ precision })
      await model.fit(data, { epochs: 300, batch: 8, optimizer: { name: 'adam', rate: 0.01 } })
      leastSquares(data).slice(0, 3).forEach((value, i) => expect(Math.abs((model.parameters.get('w').data[i] ?? 0) - value)).toBeLessThan(0.02))
    }
  })

  it('the same seed gives the same bits, another one others', async () => {
    const run = async (seed: number) => {
      const model = await create()
      const history = await model.fit(dataSet(), { epochs: 3, batch: 7, holdout: 0.2, seed })
      return JSON.stringify([[...model.parameters.get('w').data], history.epochs.map(({ loss, holdout }) => [loss, holdout])])
    }
    expect(await run(1)).toBe(await run(1))
    expect(await run(1)).not.toBe(await run(2))
  })

  it('reports row-weighted means of the losses as trained, and keeps the last, smaller batch', async () => {
    // With a rate of 0 every step sees the same weights, so the mean over rows is the loss over all rows.
    const model = await create()
    const data = dataSet()
    const steps: number[] = []
    const history = await model.fit(data, {
      epochs: 2, batch: 8, optimizer: { name: 'sgd', rate: 0 }, onStep: ({ loss }) => { steps.push(loss) },
    })
    const { loss } = await model.evaluate(data)
    expect(steps.length).toBe(14)
    expect(history.steps).toBe(14)
    for (const epoch of history.epochs) {
      expect(epoch.loss).toBeCloseTo(loss ?? NaN, 12)
      expect(epoch.metrics.mse).toBeCloseTo(loss ?? NaN, 12)
    }
    // Each epoch is in an order of its own.
    expect(steps.slice(0, 7)).not.toEqual(steps.slice(7))
    // The plain mean of the losses differs from the row-weighted one, or this test shows nothing.
    expect(steps.slice(0, 7).reduce((a, b) => a + b, 0) / 7).not.toBeCloseTo(loss ?? NaN, 6)
  })

  it('holds out the last ⌈f·N⌉ of a permutation, or the last rows in order', async () => {
    const data = dataSet(11)
    const model = await create()
    const still = { name: 'sgd', rate: 0 } as const
    const last = await model.fit(data, { epochs: 1, holdout: { last: 4 }, optimizer: still })
    const training = await model.evaluate({ x: data.x.slice(0, 7), y: data.y.slice(0, 7) })
    const held = await model.evaluate({ x: data.x.slice(7), y: data.y.slice(7) })
    expect(last.epochs[0]?.loss).toBeCloseTo(training.loss ?? NaN, 12)
    expect(last.epochs[0]?.holdout?.loss).toBeCloseTo(held.loss ?? NaN, 12)
    expect(last.epochs[0]?.holdout?.metrics.mse).toBeCloseTo(held.loss ?? NaN, 12)
    const fraction = await model.fit(data, { epochs: 1, holdout: 0.3, optimizer: still, seed: 5 })
    const { loss } = await model.evaluate(data)
    const [epoch] = fraction.epochs
    // ⌈3.3⌉ = 4 rows held out, 7 trained on: together all rows.
    expect((7 * (epoch?.loss ?? 0) + 4 * (epoch?.holdout?.loss ?? 0)) / 11).toBeCloseTo(loss ?? NaN, 12)
    expect(epoch?.holdout?.loss).not.toBeCloseTo(held.loss ?? NaN, 6)
    await expect(model.fit(data, { epochs: 1, holdout: { last: 11 } })).rejects.toThrow('of 11 rows 11 are held out: none is left to train on')
  })

  it('stops after so many steps, within an epoch too', async () => {
    const model = await create()
    const history = await model.fit(dataSet(), { steps: 9, batch: 10 })
    expect(history.steps).toBe(9)
    expect(history.epochs.map(epoch => epoch.steps)).toEqual([5, 9])
  })

  it('stops when the loss no longer gets better, and keeps the best weights', async () => {
    const data = dataSet()
    const model = await create()
    // A rate this large overshoots after a while on the held-out rows' scale: the loss grows from the first step on.
    const history = await model.fit(data, { epochs: 100, optimizer: { name: 'sgd', rate: 0.8 }, patience: 3, holdout: { last: 10 } })
    expect(history.stopped).toBe('patience')
    const losses = history.epochs.map(epoch => epoch.holdout?.loss ?? NaN)
    const best = Math.min(...losses)
    expect(history.best?.loss).toBe(best)
    expect(history.epochs.length).toBe(losses.indexOf(best) + 1 + 3)
    const { loss } = await model.evaluate({ x: data.x.slice(40), y: data.y.slice(40) })
    expect(loss).toBeCloseTo(best, 12)
  })

  it('stops at a signal between steps and keeps what it has', async () => {
    const model = await create()
    const controller = new AbortController()
    const seen: EpochRecord[] = []
    const history = await model.fit(dataSet(), {
      epochs: 1000, batch: 10, signal: controller.signal,
      onEpoch: epoch => { seen.push(epoch) },
      onStep: ({ step }) => { if (step === 12) controller.abort() },
    })
    expect(history.stopped).toBe('aborted')
    expect(history.steps).toBe(12)
    expect(seen.length).toBe(2)
    expect([...model.parameters.get('w').data]).not.toEqual([0, 0, 0])
  })

  it('lets a timer abort it', async () => {
    const model = await create()
    const history = await model.fit(dataSet(), { epochs: 1e9, signal: AbortSignal.timeout(60) })
    expect(history.stopped).toBe('aborted')
    expect(history.steps).toBeGreaterThan(0)
  })

  it('says when it diverges, and keeps the best weights', async () => {
    const data = dataSet()
    for (const batch of [10, Infinity]) {
      const model = await create()
      const before = (await model.evaluate(data)).loss
      const failure = await model.fit(data, { epochs: 5000, batch, optimizer: { name: 'sgd', rate: 3 } }).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(RunError)
      expect((failure as RunError).kind).toBe('diverged')
      expect((failure as RunError).message).toMatch(/^training diverged: .+ \(epoch \d+\); the weights of epoch 1 \(loss .+\) are kept\. Try a smaller rate$/)
      for (const path of model.parameters.paths) expect([...model.parameters.get(path).data].every(Number.isFinite)).toBe(true)
      // With all rows at once every loss belongs to the weights before its step, and here the first ones were the best.
      if (batch === Infinity) expect((await model.evaluate(data)).loss).toBe(before)
    }
  })

  it('standardises by the training part, and remembers it', async () => {
    const data = dataSet()
    const scaled = { x: data.x.map(row => row.map((v, i) => 1000 * v + 5000 * i)), y: data.y }
    const model = await create({ train: { standardize: ['x'], optimizer: { name: 'sgd', rate: 0.1, momentum: 0, nesterov: false, decay: 0 }, epochs: 300, holdout: { last: 10 } } })
    const history = await model.fit(scaled)
    const evaluation = await model.evaluate({ x: scaled.x.slice(40), y: scaled.y.slice(40) })
    expect(evaluation.loss).toBeCloseTo(history.epochs.at(-1)?.holdout?.loss ?? NaN, 12)
    expect(evaluation.loss).toBeLessThan(0.01)
    // The same by hand: mean and deviation of the first forty rows.
    const w = model.parameters.get('w').data
    const b = model.parameters.get('b').data[0] ?? NaN
    const training = scaled.x.slice(0, 40)
    const column = (i: number) => training.map(row => row[i] ?? 0)
    const mean = [0, 1, 2].map(i => column(i).reduce((p, q) => p + q, 0) / 40)
    const deviation = [0, 1, 2].map(i => Math.sqrt(column(i).reduce((sum, v) => sum + (v - (mean[i] ?? 0)) ** 2, 0) / 40))
    const row = scaled.x[45] ?? []
    const expected = row.reduce((sum, v, i) => sum + (w[i] ?? 0) * (v - (mean[i] ?? 0)) / (deviation[i] ?? 1), b)
    const { prediction } = await model.predict({ x: [row] })
    expect(prediction?.data[0]).toBeCloseTo(expected, 10)
    // And through a file.
    const copy = await create()
    copy.fromBytes(model.toBytes())
    expect((await copy.predict({ x: [row] })).prediction?.data[0]).toBeCloseTo(expected, 10)
  })

  it('frozen parameters stay', async () => {
    const plan = regressionPlan(FEATURES)
    const model = await create({ parameters: plan.parameters.map(p => ({ ...p, frozen: p.path === 'w' })), entries: { ...plan.entries, step: {
      ...(plan.entries.step ?? plan.entries.init), results: (plan.entries.step?.results ?? []).filter(result => result.name !== 'gradient:w') } } })
    model.parameters.set('w', [1, 2, 3])
    await model.fit(dataSet(), { epochs: 5, optimizer: SGD })
    expect([...model.parameters.get('w').data]).toEqual([1, 2, 3])
    expect(model.parameters.get('b').data[0]).not.toBe(0)
  })

  it('refuses options that make no sense, and data that is not there', async () => {
    const model = await create()
    const data = dataSet()
    await expect(model.fit(data, {})).rejects.toThrow('say how long to train Regression: epochs or steps')
    await expect(model.fit(data, { epochs: 1.5 })).rejects.toThrow('epochs is 1.5; a whole number from 0 on was expected')
    await expect(model.fit(data, { epochs: 1, batch: 0 })).rejects.toThrow('batch is 0; a whole number from 1 on was expected')
    await expect(model.fit(data, { epochs: 1, holdout: 1.5 })).rejects.toThrow('holdout is 1.5; a fraction between 0 and 1')
    await expect(model.fit(data, { epochs: 1, standardize: ['z'] })).rejects.toThrow("standardize: model Regression has no real input 'z'")
    await expect(model.fit(data, { epochs: 1, optimizer: { name: 'adma' } as never })).rejects.toThrow("no optimizer 'adma' (did you mean 'adam'?)")
    await expect(model.fit({ x: data.x }, { epochs: 1 })).rejects.toThrow("target 'y' of model Regression is missing: it is real[batch]")
    await expect(model.fit({ x: [], y: [] }, { epochs: 1 })).rejects.toThrow('there are no rows to train on')
    await expect(model.fit({ x: data.x, y: data.y.slice(1) }, { epochs: 1 })).rejects.toThrow("sizes disagree: dimension 'batch' is 50 in input 'x'")
    const long = model.fit(data, { epochs: 500 })
    await expect(model.fit(data, { epochs: 1 })).rejects.toThrow('model Regression is being trained already')
    await long
    await expect((await create({ hasLoss: false, entries: { ...regressionPlan(FEATURES).entries, step: undefined } })).fit(data, { epochs: 1 }))
      .rejects.toThrow('model Regression has no loss')
  })
})

/** A model without inputs, as of a variational eigensolver: loss = (w − 3)², w starts from a random draw. */
function valleyPlan(): Plan {
  const step = new ProgramBuilder()
  const w = step.input('w', real())
  const [loss, gradient] = step.kernel([], [
    { fn: 'sub', args: [{ load: w }, 3] }, { fn: 'mul', args: [{ line: 0 }, { line: 0 }] }, { fn: 'mul', args: [{ line: 0 }, 2] },
  ], [1, 2])
  const program = step.result('loss', loss ?? 0).result('gradient:w', gradient ?? 0).build()
  const init = new ProgramBuilder()
  init.result('w', init.routine('random', { distribution: 'normal', shape: [], stream: 'w' }, [], real()))
  const predict = new ProgramBuilder()
  predict.input('w', real())
  return {
    version: 1, model: 'Valley', doc: '', precision: 'f64', inputs: [], states: [], outputs: [], metrics: [], hasLoss: true, obligations: [],
    parameters: [{ path: 'w', shape: [], frozen: false, doc: '' }],
    entries: { init: init.build(), predict: predict.build(), evaluate: program, gradient: program, step: program },
  }
}

describe('a model without inputs', () => {
  it('trains by steps, an epoch being one', async () => {
    const model = await defineModel(valleyPlan()).create({ seed: 3 })
    const history = await model.fit({}, { steps: 100, optimizer: SGD })
    expect(history.epochs.length).toBe(100)
    expect(model.parameters.get('w').data[0]).toBeCloseTo(3, 8)
    await expect(model.fit({}, { steps: 3, batch: 1 })).resolves.toBeDefined()
    await expect(model.fit({}, { steps: 3, holdout: 0.5 })).rejects.toThrow('holdout needs data in rows')
  })

  it('with patience ends on the weights that had the best loss', async () => {
    const model = await defineModel(valleyPlan()).create()
    model.parameters.set('w', 3.5)
    // w − 3 grows by −2.2 each step: the first loss is the best, and it belongs to the weights before the step.
    const history = await model.fit({}, { steps: 50, optimizer: { name: 'sgd', rate: 1.6 }, patience: 2 })
    expect(history.stopped).toBe('patience')
    expect(history.best).toEqual({ epoch: 1, loss: 0.25 })
    expect(model.parameters.get('w').data[0]).toBe(3.5)
  })

  it('starts from the seed', async () => {
    const start = async (seed: number) => (await defineModel(valleyPlan()).create({ seed })).parameters.get('w').data[0]
    expect(await start(1)).toBe(await start(1))
    expect(await start(1)).not.toBe(await start(2))
  })
})

describe('inputs that are given whole', () => {
  it('are passed as they are, and refuse to be split when rows are in them', async () => {
    const batch = namedDim('batch')
    const plan = regressionPlan(FEATURES)
    const withGiven = (shape: readonly (number | typeof batch)[]): Plan => ({
      ...plan, inputs: [...plan.inputs, { name: 'goal', type: real(...shape), doc: '', role: 'input' }],
    })
    const data = dataSet()
    const whole = await defineModel(withGiven([2])).create()
    await expect(whole.fit({ ...data, goal: [1, 0] }, { epochs: 1, batch: 7 })).resolves.toBeDefined()
    const across = await defineModel(withGiven([2, batch])).create()
    await expect(across.fit({ ...data, goal: [data.y, data.y] }, { epochs: 1, batch: 7 }))
      .rejects.toThrow("batch cannot split input 'goal': its shape has 'batch' in it, but not as its first dimension")
    await expect(across.fit({ ...data, goal: [data.y, data.y] }, { epochs: 1 })).resolves.toBeDefined()
  })
})

describe('epochs', () => {
  it('are those of fit, one at a time, and end in its history', async () => {
    const [fitted, stepped] = [await create(), await create()]
    const options = { epochs: 4, batch: 7, holdout: 0.2, optimizer: SGD } as const
    const history = await fitted.fit(dataSet(), options)
    const run = stepped.epochs(dataSet(), options)
    const seen: EpochRecord[] = []
    let end = await run.next()
    for (; !end.done; end = await run.next()) seen.push(end.value)
    const timeless = (records: readonly EpochRecord[]) => records.map(record => ({ ...record, seconds: 0 }))
    expect(timeless(seen)).toEqual(timeless(history.epochs))
    expect({ ...end.value, seconds: 0, epochs: timeless(end.value.epochs) }).toEqual({ ...history, seconds: 0, epochs: timeless(history.epochs) })
    expect(stepped.parameters.get('w').data).toEqual(fitted.parameters.get('w').data)
  })

  it('let the model be used in between, to the same bits', async () => {
    const [left, used] = [await create(), await create()]
    const options = { epochs: 3, batch: 7, holdout: 0.2 } as const
    await left.fit(dataSet(), options)
    for await (const { epoch } of used.epochs(dataSet(), options)) {
      await used.predict({ x: dataSet().x })
      expect((await used.evaluate(dataSet(5), { grad: true })).loss).toBeGreaterThan(0)
      expect(used.toBytes().length).toBeGreaterThan(0)
      if (epoch === 2) await expect(used.fit(dataSet(), options)).rejects.toThrow('model Regression is being trained already')
    }
    expect(used.parameters.get('w').data).toEqual(left.parameters.get('w').data)
  })

  it('end where the loop is left, with the best weights and a checkpoint, and the model can be trained again', async () => {
    const model = await create()
    const kept: Uint8Array[] = []
    const weights: number[][] = []
    const losses: number[] = []
    // A rate at which the loss goes up and down.
    for await (const { epoch, loss } of model.epochs(dataSet(), { epochs: 100, batch: 10, optimizer: { name: 'sgd', rate: 0.9 }, checkpoint: { to: bytes => { kept.push(bytes) }, every: 50 } })) {
      weights.push([...model.parameters.get('w').data])
      losses.push(loss)
      if (epoch === 5) break
    }
    expect(losses.length).toBe(5)
    expect([...model.parameters.get('w').data]).toEqual(weights[losses.indexOf(Math.min(...losses))])
    expect(kept.length).toBe(1)
    const resumed = await create()
    const history = await resumed.fit(dataSet(), { epochs: 6, batch: 10, optimizer: { name: 'sgd', rate: 0.9 }, resume: kept[0] })
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6])
    expect((await model.fit(dataSet(), { epochs: 1 })).steps).toBe(1)
  })

  it('hand on what the body throws, and leave the model usable', async () => {
    const model = await create()
    const run = async () => {
      for await (const { epoch } of model.epochs(dataSet(), { epochs: 10 })) if (epoch === 2) throw new Error('enough')
    }
    await expect(run()).rejects.toThrow('enough')
    expect((await model.fit(dataSet(), { epochs: 1 })).steps).toBe(1)
    await expect(model.epochs(dataSet(), {}).next()).rejects.toThrow('say how long to train Regression')
    expect((await model.fit(dataSet(), { epochs: 1 })).steps).toBe(1)
  })
})

describe('callbacks', () => {
  it('are waited for, before the next step', async () => {
    const model = await create()
    const order: string[] = []
    const slowly = (what: string) => async () => {
      order.push(`${what} begins`)
      await new Promise(resolve => { setTimeout(resolve, 2) })
      order.push(`${what} ends`)
    }
    await model.fit(dataSet(20), { epochs: 2, batch: 10, onStep: slowly('step'), onEpoch: slowly('epoch') })
    const turn = ['step', 'step', 'epoch'].flatMap(what => [`${what} begins`, `${what} ends`])
    expect(order).toEqual([...turn, ...turn])
  })

  it('end training with what they throw, and the model can be trained again', async () => {
    const model = await create()
    await expect(model.fit(dataSet(), { epochs: 3, onStep: () => Promise.reject(new Error('no more')) })).rejects.toThrow('no more')
    expect((await model.fit(dataSet(), { epochs: 1 })).stopped).toBe('done')
  })

  it('may abort between any two steps, and nothing runs where the signal was there first', async () => {
    for (const at of [1, 2, 5, 6]) {
      const model = await create()
      const controller = new AbortController()
      const steps: number[] = []
      const history = await model.fit(dataSet(), { epochs: 2, batch: 10, signal: controller.signal, onStep: ({ step }) => { steps.push(step); if (step === at) controller.abort() } })
      expect(steps).toEqual(Array.from({ length: at }, (_, i) => i + 1))
      expect([history.stopped, history.steps, history.epochs.length]).toEqual(['aborted', at, Math.floor(at / 5)])
    }
    const model = await create()
    const before = model.toBytes()
    const history = await model.fit(dataSet(), { epochs: 2, signal: AbortSignal.abort() })
    expect([history.stopped, history.steps, history.best]).toEqual(['aborted', 0, undefined])
    expect(model.toBytes()).toEqual(before)
  })
})
