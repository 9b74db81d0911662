/** A run that stops and goes on computes the bits of one that does not. */
import { describe, expect, it } from 'vitest'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FitOptions, History } from '../../../runtime'
import { load } from '../../language/run'
import { randomArray, randomNumbers } from '../support'

/** Everything that a step depends on: draws, counters, states, ranges, rates, and a holdout. */
const PROGRAM = `use std.nn.{dense, batch_norm, dropout}
model M {
  input  x: real[batch, 3]
  target y: real[batch]
  param  k: real in (0, 5) ~ constant(1.0)
  let h = x |> dense(4) |> batch_norm |> tanh |> dropout(0.2)
  let p = dense(h, 1)
  rate k = 1 / (1 + 0.01 * step + epoch)
  output p
  loss mean((k * p[:, 0] - y)^2)
  metric size = mean(p^2)
}`

const next = randomNumbers(5)
const ROWS = 37
const DATA = { x: Array.from({ length: ROWS }, () => randomArray(3, next)), y: randomArray(ROWS, next) }

type Model = Awaited<ReturnType<typeof load>>['model']

/** What a history says of the numbers, seconds aside. */
const numbers = ({ epochs, steps, stopped, best }: History) =>
  JSON.stringify([epochs.map(({ epoch, loss, metrics, holdout, steps: at }) => [epoch, loss, metrics, holdout, at]), steps, stopped, best])

const bits = (model: Model) => JSON.stringify([
  model.parameters.paths.map(path => [...model.parameters.get(path).data]), model.states.paths.map(path => [...model.states.get(path).data as Float64Array]),
])

async function unbroken(options: FitOptions, text = PROGRAM) {
  const { model } = await load(text)
  const history = await model.fit(DATA, options)
  return { bits: bits(model), numbers: numbers(history), steps: history.steps }
}

/** Stops after each of the steps, and goes on in a model that knows nothing but the checkpoint. */
async function broken(options: FitOptions, stops: readonly number[], text = PROGRAM) {
  let kept: Uint8Array | undefined
  for (const stop of [...stops, Infinity]) {
    const { model } = await load(text, { seed: 0 })
    const controller = new AbortController()
    const history = await model.fit(DATA, {
      ...options, seed: options.seed ?? 0, resume: kept, signal: controller.signal, checkpoint: { to: bytes => { kept = bytes.slice() }, every: 1_000_000 },
      onStep: ({ step }) => { if (step === stop) controller.abort() },
    })
    if (history.stopped !== 'aborted') return { bits: bits(model), numbers: numbers(history), steps: history.steps }
  }
  throw new Error('the run has not ended')
}

/** Random stops, in order, some of them in the middle of an epoch and some at its end. */
function stopsFor(seed: number, steps: number): readonly number[] {
  const draw = randomNumbers(seed)
  return [...new Set(Array.from({ length: 3 }, () => 1 + Math.floor(draw() * (steps - 1))))].sort((a, b) => a - b)
}

describe('a run that goes on from a checkpoint', () => {
  const base: FitOptions = { epochs: 6, batch: 5, seed: 11, holdout: 0.2, standardize: ['x'] }
  it.each<[string, FitOptions]>([
    ['sgd with momentum, a warmup and a cosine', { ...base, optimizer: { name: 'sgd', rate: 0.05, momentum: 0.9 }, schedule: [{ name: 'warmup', steps: 7 }, { name: 'cosine' }] }],
    ['adam with groups and clipping', { ...base, optimizer: { name: 'adam', rate: 0.02 }, groups: { h: { rate: 0.1 } }, clip: { norm: 0.5 } }],
    ['adamw on a plateau', { ...base, epochs: 12, optimizer: { name: 'adamw', rate: 0.05 }, schedule: { name: 'plateau', patience: 1, factor: 0.5 } }],
    ['rmsprop', { ...base, optimizer: { name: 'rmsprop', momentum: 0.5, centered: true } }],
    ['adagrad', { ...base, optimizer: { name: 'adagrad', rate_decay: 0.01 } }],
    ['lion with patience', { ...base, epochs: 30, optimizer: { name: 'lion', rate: 0.05 }, patience: 2 }],
    ['spsa', { ...base, optimizer: { name: 'spsa', rate: 0.02 } }],
    ['adam by steps, all rows at once', { steps: 25, seed: 3, optimizer: { name: 'adam' } }],
    ['adam by steps, ending within an epoch', { steps: 19, batch: 4, seed: 3, optimizer: { name: 'adam' } }],
  ])('has the bits of one that never stopped: %s', async (_, options) => {
    const expected = await unbroken(options)
    for (const seed of [1, 2, 3]) {
      const found = await broken(options, stopsFor(seed, expected.steps))
      expect(found).toEqual(expected)
    }
  })

  it('has them with lbfgs too', async () => {
    const text = PROGRAM.replace(/ {2}rate .*\n/, '').replace(' |> batch_norm |> tanh |> dropout(0.2)', ' |> tanh')
    const options: FitOptions = { epochs: 20, seed: 2, optimizer: { name: 'lbfgs', history: 4 } }
    const expected = await unbroken(options, text)
    expect(await broken(options, [3, 4, 11], text)).toEqual(expected)
  })

  it('can be one that was to be longer', async () => {
    const kept: Uint8Array[] = []
    const { model } = await load(PROGRAM)
    await model.fit(DATA, { ...base, epochs: 4, checkpoint: { to: bytes => { kept.push(bytes.slice()) }, every: 2 } })
    expect(kept.length).toBe(2)
    const further = (await load(PROGRAM)).model
    const history = await further.fit(DATA, { ...base, resume: kept[1] })
    expect(numbers(history)).toBe((await unbroken(base)).numbers)
  })

  it('cannot be one that was to be shorter; one that has come to its end is done', async () => {
    let kept = new Uint8Array()
    const { model } = await load(PROGRAM)
    const options = { ...base, epochs: 4, checkpoint: { to: (bytes: Uint8Array) => { kept = bytes.slice() } } }
    const { steps } = await model.fit(DATA, options)
    const other = (await load(PROGRAM)).model
    const start = other.toBytes()
    await expect(other.fit(DATA, { ...options, epochs: 3, resume: kept })).rejects.toThrow('the checkpoint has 4 epochs behind it, and 3 in all are asked for: to go on, ask for more than 4')
    await expect(other.fit(DATA, { ...options, epochs: undefined, steps: 2, resume: kept })).rejects.toThrow(`the checkpoint has ${steps} steps behind it, and 2 in all are asked for: to go on, ask for more than ${steps}`)
    expect(other.toBytes()).toEqual(start)
    const history = await other.fit(DATA, { ...options, resume: kept })
    expect([history.stopped, history.steps, history.epochs.length]).toEqual(['done', steps, 4])
    expect(other.toBytes()).toEqual(model.toBytes())
  })
})

describe('a checkpoint', () => {
  it('is written every so many steps or epochs, whole, to a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bp-'))
    try {
      const file = join(folder, 'run.safetensors')
      const { model } = await load(PROGRAM)
      const sizes: number[] = []
      await model.fit(DATA, { epochs: 2, batch: 10, checkpoint: { to: file, every: 3, unit: 'steps' }, onStep: () => { sizes.push(readdirSync(folder).length) } })
      // Seen at the next step: the first one is there from step 3 on, and nothing else ever is.
      expect(sizes).toEqual([0, 0, 0, 1, 1, 1, 1, 1])
      const resumed = (await load(PROGRAM)).model
      const history = await resumed.fit(DATA, { epochs: 2, batch: 10, resume: readFileSync(file) })
      expect(history.steps).toBe(8)
      expect(bits(resumed)).toBe(bits(model))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is refused where it does not fit', async () => {
    let kept = new Uint8Array()
    const { model } = await load(PROGRAM)
    const options: FitOptions = { epochs: 2, batch: 10, seed: 1, checkpoint: { to: bytes => { kept = bytes.slice() } } }
    await model.fit(DATA, options)
    const other = async (changed: FitOptions, text = PROGRAM) => (await load(text)).model.fit(DATA, { ...options, resume: kept, ...changed })
    await expect(other({ seed: 2 })).rejects.toThrow('the checkpoint is of a run with seed 1, this one has 2: to go on, train as it did')
    await expect(other({ batch: 5 })).rejects.toThrow('a run with batch 10, this one has 5')
    await expect(other({ holdout: 0.5 })).rejects.toThrow('a run with training rows 37, this one has 18')
    await expect(other({ optimizer: { name: 'sgd' } })).rejects.toThrow('a run with optimizer adam, this one has sgd')
    await expect(other({}, PROGRAM.replace('dense(4)', 'dense(5)'))).rejects.toThrow(/the checkpoint does not fit model M and its optimizer: 'parameter:h\.dense\.\w+' has \d+ numbers of type F64 there, and \d+ of type F64 here/)
    await expect(other({ resume: model.toBytes() })).rejects.toThrow('it is no checkpoint, but a file of weights')
    await expect(other({ resume: new Uint8Array(3) })).rejects.toThrow('the checkpoint cannot be read as safetensors')
    expect(() => model.fromBytes(kept)).toThrow('it is a checkpoint of a training run')
    // Refused before anything changed.
    const untouched = (await load(PROGRAM)).model
    const before = bits(untouched)
    await expect(untouched.fit(DATA, { ...options, seed: 9, resume: kept })).rejects.toThrow()
    expect(bits(untouched)).toBe(before)
  })
})
