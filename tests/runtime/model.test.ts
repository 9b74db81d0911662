import { readFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { int } from '../../ir/type'
import { namedDim } from '../../ir/dim'
import { defineModel, RunError, VERSION, type Tensor, type TensorLike } from '../../runtime'
import { randomArray, randomNumbers, regressionPlan } from './support'

/** As a generated `.d.ts` has it. */
interface RegressionTypes {
  readonly inputs: { readonly x: TensorLike<[number, 2]> }
  readonly targets: { readonly y: TensorLike<[number]> }
  readonly outputs: { readonly prediction: Tensor<[number]> }
  readonly metrics: { readonly mse: number }
  readonly parameters: { readonly w: Tensor<[2]>; readonly b: Tensor<[]> }
}

const Regression = defineModel<RegressionTypes>(regressionPlan(2))
const x = [[1, 2], [3, 4], [5, 6]]
const y = [1, 0, 2]

async function trained() {
  const model = await Regression.create()
  model.parameters.set('w', [0.5, -1])
  model.parameters.set('b', 2)
  return model
}

describe('predict and evaluate', () => {
  it('give outputs, loss, metrics and gradients', async () => {
    const model = await trained()
    const expected = x.map(([a = 0, b = 0]) => 0.5 * a - b + 2)
    const { prediction } = await model.predict({ x })
    expect(prediction.toArray()).toEqual(expected)
    const { loss, metrics, gradients, outputs } = await model.evaluate({ x, y }, { grad: true })
    const residuals = expected.map((value, i) => value - (y[i] ?? 0))
    const mse = residuals.reduce((sum, r) => sum + r * r, 0) / 3
    expect(loss).toBeCloseTo(mse, 12)
    expect(metrics.mse).toBe(loss)
    expect(outputs.prediction.toArray()).toEqual(expected)
    expect(gradients.b.toArray()).toBeCloseTo(2 / 3 * residuals.reduce((a, b) => a + b, 0), 12)
    gradients.w.toArray().forEach((value, i) =>
      expect(value).toBeCloseTo(2 / 3 * residuals.reduce((sum, r, row) => sum + r * (x[row]?.[i] ?? 0), 0), 12))
  })

  it('results are the caller\'s own, also of calls at the same time', async () => {
    const model = await trained()
    const [first, second] = await Promise.all([model.predict({ x: [[1, 1]] }), model.predict({ x: [[2, 2]] })])
    expect(first.prediction.data[0]).toBe(1.5)
    expect(second.prediction.data[0]).toBe(1)
    first.prediction.data[0] = 7
    expect((await model.predict({ x: [[1, 1]] })).prediction.data[0]).toBe(1.5)
  })

  it('without a target there is no loss, no metric and no gradient', async () => {
    const model = await trained()
    const { loss, metrics, gradients, outputs } = await model.evaluate({ x })
    expect([loss, metrics, gradients]).toEqual([null, {}, {}])
    expect(outputs.prediction.shape).toEqual([3])
  })

  it('of a model without a loss give null and no gradients', async () => {
    const plan = regressionPlan(2)
    const { init, predict } = plan.entries
    const model = await defineModel({
      ...plan, inputs: plan.inputs.slice(0, 1), hasLoss: false, metrics: [], entries: { init, predict, evaluate: predict },
    }).create()
    const { loss, gradients } = await model.evaluate({ x }, { grad: true })
    expect([loss, gradients]).toEqual([null, {}])
    await expect(model.fit({ x }, { epochs: 1 })).rejects.toThrow('model Regression has no loss, so it has no gradient and cannot be trained')
  })

  it('bind sizes anew at each call, down to none', async () => {
    const model = await trained()
    for (const rows of [1, 5, 0, 3, 700]) {
      const data = randomArray(2 * rows, randomNumbers(rows))
      const { prediction } = await model.predict({ x: { data, shape: [rows, 2] } })
      expect(prediction.shape).toEqual([rows])
      if (rows > 0) expect(prediction.data[rows - 1]).toBeCloseTo(0.5 * (data[2 * rows - 2] ?? 0) - (data[2 * rows - 1] ?? 0) + 2, 12)
    }
  })

  it('say what is wrong with the values', async () => {
    const model = await trained()
    const failure = await model.predict({} as never).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(RunError)
    expect(failure).toMatchObject({ kind: 'usage', message: "input 'x' of model Regression is missing: it is real[batch, 2]" })
    await expect(model.predict({ x, why: 1 } as never)).rejects.toThrow("model Regression has no input 'why'; there are: x, y")
    await expect(model.predict({ x: [[1, 2, 3]] })).rejects.toThrow("input 'x' has the shape [1, 3], but real[batch, 2] was expected: 3 where 2 was expected")
    await expect(model.evaluate({ x, y: [1] })).rejects.toThrow("sizes disagree: dimension 'batch' is 3 in input 'x'")
  })

  it('check classes where data enters', async () => {
    const plan = regressionPlan(2)
    const batch = namedDim('batch')
    const model = await defineModel({
      ...plan, inputs: [...plan.inputs.slice(0, 1), { name: 'y', type: int(batch), doc: '', role: 'target', classes: { low: 0, high: 3 } }],
    }).create()
    await expect(model.evaluate({ x, y: [0, 3, 1] })).rejects.toThrow("target 'y' at y[1]: class 3 is not in 0..3 (0 to 2)")
  })
})

describe('create', () => {
  it('refuses other plan versions and backends that are not there', async () => {
    await expect(defineModel({ ...regressionPlan(2), version: 2 as 1 }).create()).rejects.toThrow(
      'model Regression was compiled to plan version 2, and this runtime reads version 1: compile it again')
    await expect(Regression.create({ backend: 'gpu' })).rejects.toThrow("backend 'gpu' is not in this version; 'wasm' and 'reference' run every model")
    await expect(Regression.create({ backend: 'cuda' as never })).rejects.toThrow("no backend 'cuda'")
    expect((await Regression.create({ threads: 1 })).backend).toEqual({ name: 'wasm', why: 'WebAssembly with SIMD is here; one thread' })
    await expect(Regression.create({ threads: 0 })).rejects.toThrow('threads is 0; a whole number from 1 on was expected')
    expect((await Regression.create({ threads: 2 })).backend).toEqual({ name: 'wasm', why: 'WebAssembly with SIMD is here; 2 threads' })
    expect((await Regression.create({ precision: 'f32' })).precision).toBe('f32')
  })
})

describe('save and load', () => {
  it('bring the bits back, through bytes and through files', async () => {
    const model = await trained()
    model.parameters.set('w', [0.1, 1 / 3])
    const folder = await mkdtemp(join(tmpdir(), 'bp-model-'))
    try {
      const path = join(folder, 'w.safetensors')
      await model.save(path)
      await model.save(path)
      expect(await readdir(folder)).toEqual(['w.safetensors'])
      const other = await Regression.create()
      await other.load(path)
      expect([...other.parameters.get('w').data]).toEqual([0.1, 1 / 3])
      const bytes = await readFile(path)
      const created = await Regression.create({ weights: bytes })
      expect([...created.parameters.get('w').data]).toEqual([0.1, 1 / 3])
      await expect(other.load(join(folder, 'none'))).rejects.toThrow(/none' cannot be read: ENOENT/)
      await expect(other.save(join(folder, 'no', 'such'))).rejects.toThrow(/cannot be written: ENOENT/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('refuses the weights of another model, and changes nothing', async () => {
    const other = await defineModel({ ...regressionPlan(3), model: 'Other' }).create()
    const model = await trained()
    expect(() => model.fromBytes(other.toBytes())).toThrow(
      "the weights do not fit model Regression (they were saved by model Other): parameter 'w' has the shape [2], found [3]")
    expect([...model.parameters.get('w').data]).toEqual([0.5, -1])
  })

  it('carries the version of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
    expect(VERSION).toBe(version)
  })
})

describe('types', () => {
  it('follow the names and ranks of the model', async () => {
    const model = await Regression.create()
    expectTypeOf<Awaited<ReturnType<typeof model.predict>>['prediction']['shape']>().toEqualTypeOf<[number]>()
    const { prediction } = await model.predict({ x })
    expectTypeOf(prediction.toArray()).toEqualTypeOf<number[]>()
    expectTypeOf(model.parameters.get('b').toArray()).toEqualTypeOf<number>()
    // Never run: each line must fail the type check.
    void (async () => {
      // @ts-expect-error a wrong name
      await model.predict({ z: x })
      // @ts-expect-error a wrong rank
      await model.predict({ x: [1, 2] })
      // @ts-expect-error a wrong rank
      await model.predict({ x: { data: [1, 2], shape: [2] } })
      // @ts-expect-error a missing target
      await model.fit({ x }, { epochs: 1 })
      // @ts-expect-error a wrong path
      model.parameters.set('v', [1])
      // @ts-expect-error a wrong rank
      model.parameters.set('b', [1])
      // @ts-expect-error text
      await model.predict({ x: [['a', 'b']] })
    })
  })
})
