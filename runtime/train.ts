/**
 * The training loop: rows in, steps of an optimizer, and a history out.
 *
 * The same seed gives the same bits: holding out, shuffling and the model's own draws have random streams of their own, and
 * each is a function of the seed and of where it stands, not of how many numbers were drawn before.
 */
import type { Sizes } from '../ir/dim'
import type { TypedArray } from './backends/backend'
import { findRows, requireRows, splitRows, type Rows, type Split } from './data/rows'
import { measure, standardize, type Standardization } from './data/standardize'
import { RunError } from './errors'
import { ExecutableRunner, MeanOf } from './runner'
import type { GivenTensors } from './inputs'
import type { LoadedPlan } from './load'
import type { FloatArray, ParameterStore } from './params'
import { bindSizes } from './program'
import { permutation, streamKey } from './random'
import type { EpochRecord, FitOptions, Settings } from './settings'
import type { StateStore } from './states'
import { ParameterUpdate } from './updates'

export interface History {
  readonly epochs: readonly EpochRecord[]
  readonly steps: number
  readonly seconds: number
  readonly stopped: 'done' | 'patience' | 'aborted'
  /** The epoch with the least loss, of the held-out rows where there are some; absent where none was completed. */
  readonly best?: { readonly epoch: number; readonly loss: number }
  readonly seed: number
}

/** What training works on. */
export interface Trainee {
  readonly loaded: LoadedPlan
  readonly parameters: ParameterStore
  readonly states: StateStore
  /** Measured anew by a training that standardises; another one takes what is there. */
  standardization: Standardization
}

/** The programs of one step: the loss's, and where the model has states, theirs. */
interface Stepper { readonly step: ExecutableRunner; readonly update: ExecutableRunner | undefined }

/** Longest time, in milliseconds, that the loop keeps the thread without letting events (an abort, a repaint) in. */
const PATIENCE_OF_EVENTS = 25

/**
 * @throws RunError 'diverged' when the loss is not finite; the parameters are then the best so far
 */
export async function train(trainee: Trainee, given: GivenTensors, settings: Settings, options: FitOptions): Promise<History> {
  const rows = findRows(given)
  if (rows.count === 0) throw new RunError('data', 'there are no rows to train on')
  if (settings.holdout) requireRows(rows, given, 'holdout')
  const split = splitRows(rows.count, settings.holdout, settings.seed)
  if (settings.batch < split.training.length) requireRows(rows, given, 'batch')
  if (settings.standardize.length > 0) trainee.standardization = measureAll(settings.standardize, given, rows, split)
  // The shapes are held to each other over all rows at once; a batch then replaces the one size.
  const sizes = bindSizes([...given.values()])
  return new Training(trainee, standardize(given, trainee.standardization), { rows, split, sizes }, settings, options).run()
}

function measureAll(names: readonly string[], given: GivenTensors, rows: Rows, split: Split): Standardization {
  return new Map(names.flatMap(name => {
    const tensor = given.get(name)
    if (tensor && !rows.mapped.has(name)) {
      throw new RunError('usage', `standardize needs data in rows, but '${name}' is given whole`)
    }
    return tensor ? [[name, measure(tensor, split.training)] as const] : []
  }))
}

interface DataSet { readonly rows: Rows; readonly split: Split; readonly sizes: Sizes }

class Training {
  private readonly batch: number
  private readonly update: ParameterUpdate
  private readonly started = performance.now()
  private readonly epochs: EpochRecord[] = []
  private steps = 0
  private paused = this.started
  private best: { epoch: number; loss: number; readonly values: FloatArray; states: readonly TypedArray[] }
  /** By number of rows: full batches, and the last, smaller one. */
  private readonly steppers = new Map<number, Stepper>()

  constructor(
    private readonly trainee: Trainee, private readonly given: GivenTensors, private readonly data: DataSet,
    private readonly settings: Settings, private readonly options: FitOptions,
  ) {
    this.batch = Math.min(settings.batch, data.split.training.length)
    this.update = new ParameterUpdate(trainee.parameters, settings.optimizer)
    this.best = { epoch: 0, loss: Infinity, values: trainee.parameters.values.slice(), states: trainee.states.snapshot() }
  }

  async run(): Promise<History> {
    const { settings } = this
    let stopped: History['stopped'] = 'done'
    for (let epoch = 1; epoch <= settings.epochs && this.steps < settings.steps; epoch++) {
      const means = await this.runEpoch(epoch)
      if (!means) {
        stopped = 'aborted'
        break
      }
      await this.endEpoch(epoch, means)
      if (settings.patience !== undefined && epoch - this.best.epoch >= settings.patience) {
        stopped = 'patience'
        break
      }
    }
    // Who stops a run early, by patience or by hand, is left with the best that it found.
    if ((settings.patience !== undefined || stopped === 'aborted') && this.best.epoch > 0) this.restoreBest()
    const { epoch, loss } = this.best
    return {
      epochs: this.epochs, steps: this.steps, seconds: this.seconds(), stopped, seed: settings.seed,
      ...(epoch > 0 ? { best: { epoch, loss } } : {}),
    }
  }

  /** @returns undefined when the signal stopped it */
  private async runEpoch(epoch: number): Promise<MeanOf | undefined> {
    const { training, held } = this.data.split
    const { seed, steps } = this.settings
    const wholeSet = this.batch >= training.length
    // All rows at once need no order, and stay in place from step to step.
    const order = wholeSet ? training : permuted(training, permutation(training.length, streamKey(seed, 'bp:shuffle'), epoch))
    const means = new MeanOf()
    for (let start = 0; start < training.length && this.steps < steps; start += this.batch) {
      if (this.options.signal?.aborted) return undefined
      const count = Math.min(this.batch, training.length - start)
      const stepper = this.steppers.get(count) ?? await this.makeStepper(count, wholeSet ? order : undefined)
      if (!wholeSet) {
        stepper.step.fillRows(order, start, count)
        stepper.update?.fillRows(order, start, count)
      }
      this.steps++
      const progress = { step: this.steps, epoch }
      const running = stepper.step.run({ seed, step: this.steps }, progress)
      if (running) await running
      const { loss } = stepper.step
      if (!Number.isFinite(loss)) throw this.diverged(`the loss is ${loss} at step ${this.steps} (epoch ${epoch})`)
      means.add(stepper.step, count)
      if (wholeSet && held.length === 0) this.keepBest(epoch, loss)
      this.update.apply(stepper.step)
      if (stepper.update) {
        const updating = stepper.update.run({ seed, step: this.steps }, progress)
        if (updating) await updating
        stepper.update.keepStates()
      }
      if (this.options.onStep) await this.options.onStep({ ...progress, loss })
      if (performance.now() - this.paused > PATIENCE_OF_EVENTS) await this.letEventsIn()
    }
    return means
  }

  private async endEpoch(epoch: number, means: MeanOf): Promise<void> {
    const broken = this.trainee.parameters.list.find(parameter => !parameter.view.every(Number.isFinite))
    if (broken) throw this.diverged(`parameter '${broken.path}' is no longer finite after step ${this.steps} (epoch ${epoch})`)
    const holdout = this.data.split.held.length > 0 ? await this.evaluateHoldout(epoch) : undefined
    if (holdout) this.keepBest(epoch, holdout.loss)
    else if (this.batch < this.data.split.training.length) this.keepBest(epoch, means.loss)
    const record: EpochRecord = {
      epoch, loss: means.loss, metrics: means.metrics, steps: this.steps, seconds: this.seconds(), ...(holdout ? { holdout } : {}),
    }
    this.epochs.push(record)
    await this.options.onEpoch?.(record)
  }

  private async evaluateHoldout(epoch: number) {
    const { held } = this.data.split
    // Made anew: between epochs the executable may have served somebody else.
    const runner = await this.makeRunner('evaluate', held.length)
    runner.fillRows(held, 0, held.length)
    // Step 0 each time: the same draws after every epoch, so losses can be compared.
    const running = runner.run({ seed: this.settings.seed, step: 0 })
    if (running) await running
    if (!Number.isFinite(runner.loss)) throw this.diverged(`the loss of the held-out rows is ${runner.loss} after epoch ${epoch}`)
    const means = new MeanOf()
    means.add(runner, held.length)
    return { loss: means.loss, metrics: means.metrics }
  }

  /** @param order rows that are always the same, filled in once */
  private async makeStepper(count: number, order: Int32Array | undefined): Promise<Stepper> {
    const step = await this.makeRunner('step', count)
    const update = this.trainee.loaded.plan.entries.update ? await this.makeRunner('update', count) : undefined
    if (order) {
      step.fillRows(order, 0, count)
      update?.fillRows(order, 0, count)
    }
    const stepper = { step, update }
    this.steppers.set(count, stepper)
    return stepper
  }

  private async makeRunner(entry: 'step' | 'update' | 'evaluate', count: number): Promise<ExecutableRunner> {
    const { sizes, rows } = this.data
    const bound = rows.dimension === undefined ? sizes : new Map(sizes).set(rows.dimension, count)
    const { loaded, parameters, states } = this.trainee
    const values = { parameters, states, free: entry === 'step' }
    return new ExecutableRunner(await loaded.executable(entry, bound), this.given, values, rows.mapped)
  }

  /** The parameters as they are now belong to this loss. */
  private keepBest(epoch: number, loss: number): void {
    if (!(loss < this.best.loss)) return
    this.best.epoch = epoch
    this.best.loss = loss
    this.best.values.set(this.trainee.parameters.values)
    this.best.states = this.trainee.states.snapshot()
  }

  private restoreBest(): void {
    const { parameters, states } = this.trainee
    parameters.values.set(this.best.values)
    parameters.constrain()
    states.restore(this.best.states)
  }

  private diverged(what: string): RunError {
    this.restoreBest()
    const { epoch, loss } = this.best
    const kept = epoch > 0 ? `the weights of epoch ${epoch} (loss ${loss}) are kept` : 'the weights from before training are kept'
    return new RunError('diverged', `training diverged: ${what}; ${kept}. Try a smaller rate`)
  }

  private seconds(): number {
    return (performance.now() - this.started) / 1000
  }

  private async letEventsIn(): Promise<void> {
    await new Promise<void>(resolve => {
      if (typeof setImmediate === 'function') setImmediate(resolve)
      else setTimeout(resolve, 0)
    })
    this.paused = performance.now()
  }
}

const permuted = (rows: Int32Array, order: Int32Array): Int32Array => order.map(at => rows[at] as number)

