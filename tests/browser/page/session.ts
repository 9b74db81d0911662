/** What a user of a page does with two models; Node runs the same bundle, and both hand out what came of it. */
import { loadData, type Model } from 'bp-lang'
import { Iris } from '../../../examples/iris/model.bp.js'
import { Moons } from '../../../examples/moons/model.bp.js'

export interface ModelRun {
  readonly backend: { readonly name: string; readonly why: string }
  /** Of the safetensors file after training, in hexadecimal digits. */
  readonly weights: string
  readonly losses: readonly number[]
  readonly accuracy: number
  /** Of the gradient of the loss, the parameters that have one. */
  readonly gradients: readonly string[]
  /** Whether a fresh model predicts the same from these weights, read from a Blob. */
  readonly survives: boolean
}

export interface Session {
  readonly hasRelaxedSimd: boolean
  readonly moons: ModelRun
  readonly iris: ModelRun
  /** How training ended that was aborted in its third step, and after how many. */
  readonly aborted: { readonly stopped: string; readonly steps: number }
  /** What saving to a path says. */
  readonly save: string
}

/** f32x4.relaxed_madd of zeros: products and sums in one rounding give other bits than in two. */
const RELAXED = Uint8Array.of(
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  0x41, 0, 0xfd, 17, 0x41, 0, 0xfd, 17, 0x41, 0, 0xfd, 17, 0xfd, 0x85, 2, 0x0b,
)

/** @param read a data file by its name */
export async function session(read: (name: string) => Promise<Blob>): Promise<Session> {
  const moons = await loadData(Moons.plan, await read('moons.csv'))
  const iris = await loadData(Iris.plan, await read('iris.csv'))
  return {
    hasRelaxedSimd: typeof WebAssembly === 'object' && WebAssembly.validate(RELAXED),
    moons: await runModel(() => Moons.create({ seed: 1 }), moons.values, 3),
    iris: await runModel(() => Iris.create({ seed: 1 }), iris.values, 20),
    aborted: await abortedRun(moons.values),
    save: await (await Moons.create()).save('moons.safetensors').then(() => 'saved', (error: Error) => error.message),
  }
}

type Values = Parameters<Model['fit']>[0]

async function runModel(create: () => Promise<unknown>, values: Values, epochs: number): Promise<ModelRun> {
  const model = await create() as Model
  const history = await model.fit(values, { epochs })
  const { metrics, gradients } = await model.evaluate(values, { grad: true })
  const bytes = model.toBytes()
  const copy = await create() as Model
  copy.fromBytes(new Uint8Array(await new Blob([bytes as BlobPart]).arrayBuffer()))
  const predictions = await Promise.all([model, copy].map(async each => JSON.stringify(await each.predict(values))))
  return {
    backend: { name: model.backend.name, why: model.backend.why }, weights: [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(''),
    losses: history.epochs.map(({ loss }) => loss), accuracy: Number(metrics['accuracy']), gradients: Object.keys(gradients), survives: predictions[0] === predictions[1],
  }
}

async function abortedRun(values: Values): Promise<Session['aborted']> {
  const model = await Moons.create({ seed: 1 }) as unknown as Model
  const stop = new AbortController()
  const { stopped, steps } = await model.fit(values, { epochs: 100, signal: stop.signal, onStep: ({ step }) => { if (step === 3) stop.abort() } })
  return { stopped, steps }
}
