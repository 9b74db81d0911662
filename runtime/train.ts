/**
 * The training loop: rows in, steps of an optimizer, and a history out.
 *
 * The same seed gives the same bits: holding out, shuffling and the model's own draws have random streams of their own, and
 * each is a function of the seed and of where it stands, not of how many numbers were drawn before.
 */
import { BestWeights } from './best'
import { arraysOf, decodeRun, encodeRun, type RunArrays, type RunIdentity, type StoredRun } from './checkpoint/run'
import { areFinite, findNotFinite } from './data/notFinite'
import { measureAll, prepareRows, type DataSet } from './data/prepare'
import { shuffled, type Shuffle } from './data/rows'
import { standardize, type Standardization } from './data/standardize'
import { RunError } from './errors'
import { writeFileBytes } from './files'
import type { GivenTensors } from './inputs'
import type { LoadedPlan } from './load'
import type { RunContext } from './backends/backend'
import { RateSchedule } from './optim/schedule'
import type { ParameterStore } from './params'
import { Pauses } from './pauses'
import { mustBearNotFinite } from './probe'
import { MeanOf, type Progress } from './runner'
import type { EpochRecord, FitOptions, MetricValues, Settings } from './settings'
import type { StateStore } from './states'
import { makeRunner, Stepper, type RunValues } from './stepper'
import { trainingMemory } from './trainingMemory'
import { makeUpdate, type ParameterUpdate } from './updates'

export interface History<Metrics = MetricValues> {
  readonly epochs: readonly EpochRecord<Metrics>[]
  readonly steps: number
  readonly seconds: number
  /** 'converged': the optimizer finds no better point. */
  readonly stopped: 'done' | 'patience' | 'aborted' | 'converged'
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

/**
 * An epoch at a time; whoever goes on to the next one has the last one's record, parameters and checkpoint. Who leaves is left with the
 * best weights so far, as where a signal stops it.
 * @throws RunError 'data' where numbers of the data are not finite and the model cannot do with them, before the first step;
 *   'diverged' when the loss is not finite; the parameters are then the best so far
 */
export async function* train(trainee: Trainee, given: GivenTensors, settings: Settings, options: FitOptions): AsyncGenerator<EpochRecord, History, undefined> {
  const data = prepareRows(given, settings)
  const resumed = options.resume && decodeRun(options.resume)
  const standardization = resumed?.standardization
    ?? (settings.standardize.length > 0 ? measureAll(settings.standardize, given, data) : trainee.standardization)
  await mustFitAll(trainee.loaded, data, settings)
  const update = await makeUpdate(trainee.parameters, settings)
  const training = new Training({ ...trainee, standardization }, update, standardize(given, standardization), data, settings, options, resumed)
  // Not before everything has been found to fit.
  trainee.standardization = standardization
  return yield* training.train()
}

/** Hours of training should not end where the held-out rows do not fit: what is needed is made ready, or refused, before the first step. */
async function mustFitAll(loaded: LoadedPlan, { rows, split, sizes }: DataSet, { batch, optimizer }: Settings): Promise<void> {
  const withRows = (count: number) => (rows.dimension === undefined ? sizes : new Map(sizes).set(rows.dimension, count))
  const stepSizes = withRows(Math.min(batch, split.training.length))
  const training = trainingMemory(loaded.plan, stepSizes, loaded.precision, optimizer)
  if (training) loaded.mustFit('training', training, stepSizes)
  if (split.held.length > 0) await loaded.executable('evaluate', withRows(split.held.length))
}

class Training {
  private readonly batch: number
  private readonly schedule: RateSchedule
  private readonly best: BestWeights
  private readonly started = performance.now()
  private readonly pauses = new Pauses()
  /** Where it stands: epochs that are done, the one it is in, rows of that one that are done, and their sums. */
  private readonly epochs: EpochRecord[] = []
  private epoch = 1
  private row = 0
  private readonly means = new MeanOf()
  private steps = 0
  /** Of the runs that this one goes on from. */
  private secondsBefore = 0
  private converged = false
  private readonly run: RunValues
  private shuffle: Shuffle | undefined
  /** Whether every loss is that of all rows, and so of the parameters before its step. */
  private readonly isMeasuredByStep: boolean
  /** By number of rows: full batches, and the last, smaller one. */
  private readonly steppers = new Map<number, Stepper>()

  constructor(
    private readonly trainee: Trainee, private readonly update: ParameterUpdate, given: GivenTensors, private readonly data: DataSet,
    private readonly settings: Settings, private readonly options: FitOptions, resumed: StoredRun | undefined,
  ) {
    const { loaded, parameters, states } = trainee
    this.run = { loaded, parameters, states, given, rows: data.rows, sizes: data.sizes }
    const { length } = data.split.training
    this.batch = Math.min(settings.batch, length)
    this.isMeasuredByStep = this.batch >= length && data.split.held.length === 0
    const stepsPerEpoch = Math.ceil(length / this.batch)
    const unit = Number.isFinite(settings.epochs) ? 'epochs' : 'steps'
    this.schedule = new RateSchedule(settings.schedule, { steps: Math.min(settings.steps, settings.epochs * stepsPerEpoch), stepsPerEpoch, unit })
    this.best = new BestWeights(parameters, states)
    if (resumed) this.resume(resumed)
  }

  async* train(): AsyncGenerator<EpochRecord, History, undefined> {
    const { settings, best } = this
    let stopped = this.ended()
    let isWaiting = false
    if (!stopped) await mustBearNotFinite(this.run, this.data, settings, this.batch, { step: this.steps + 1, epoch: this.epoch })
    try {
      while (!stopped) {
        if (await this.runEpoch()) {
          const record = await this.endEpoch()
          isWaiting = true
          yield record
          isWaiting = false
        } else stopped = 'aborted'
        stopped ??= this.ended()
      }
      await this.stop(stopped)
    } finally {
      if (isWaiting) await this.stop('aborted')
    }
    const { epoch, loss } = best
    return {
      epochs: this.epochs, steps: this.steps, seconds: this.seconds(), stopped, seed: settings.seed,
      ...(epoch > 0 ? { best: { epoch, loss } } : {}),
    }
  }

  /** Who stops a run early, by patience or by hand, is left with the best that it found. */
  private async stop(why: History['stopped']): Promise<void> {
    const { settings, best } = this
    if (why === 'aborted' && settings.checkpoint) await this.writeCheckpoint(settings.checkpoint)
    if ((settings.patience !== undefined || why === 'aborted') && best.epoch > 0) best.restore()
  }

  private ended(): History['stopped'] | undefined {
    const { epochs, steps, patience } = this.settings
    if (this.converged) return 'converged'
    if (patience !== undefined && this.epoch - 1 - this.best.epoch >= patience) return 'patience'
    return this.epoch > epochs || (this.steps >= steps && this.row === 0) ? 'done' : undefined
  }

  /** From where it stands to the end of the epoch. @returns false when the signal stopped it */
  private async runEpoch(): Promise<boolean> {
    const { training } = this.data.split
    const { seed, steps, checkpoint } = this.settings
    const wholeSet = this.batch >= training.length
    // All rows at once need no order, and stay in place from step to step.
    const order = wholeSet ? training : (this.shuffle ??= await shuffled(training, seed, this.trainee.loaded.backend))(this.epoch)
    try {
      while (this.row < training.length && this.steps < steps && !this.converged) {
        if (this.options.signal?.aborted) return false
        const count = Math.min(this.batch, training.length - this.row)
        const stepper = this.steppers.get(count) ?? await this.makeStepper(count, wholeSet ? order : undefined)
        if (!wholeSet) stepper.fillRows(order, this.row, count)
        // Waiting for what is there already would take longer than a small step.
        const running = this.runStep(stepper, count)
        const loss = typeof running === 'number' ? running : await running
        this.row += count
        if (this.options.onStep) {
          this.update.settle()
          await this.options.onStep({ step: this.steps, epoch: this.epoch, loss })
        }
        if (checkpoint?.unit === 'steps' && this.steps % checkpoint.every === 0) await this.writeCheckpoint(checkpoint)
        if (this.pauses.isDue) {
          this.update.settle()
          await this.pauses.letEventsIn()
        }
      }
      return true
    } finally {
      this.update.settle()
    }
  }

  private runStep(stepper: Stepper, count: number): number | Promise<number> {
    const step = ++this.steps
    const progress = { step, epoch: this.epoch }
    const context = { seed: this.settings.seed, step }
    this.update.begin(stepper.step, this.schedule.factor(step))
    const running = stepper.step.run(context, progress)
    return running ? running.then(() => this.endStep(stepper, count, context, progress)) : this.endStep(stepper, count, context, progress)
  }

  private endStep(stepper: Stepper, count: number, context: RunContext, progress: Progress): number | Promise<number> {
    const { step: runner } = stepper
    const { loss } = runner
    if (!Number.isFinite(loss)) throw this.diverged(`the loss is ${loss} at step ${progress.step} (epoch ${progress.epoch})`)
    this.means.add(runner, count)
    // The model has the parameters that the loss belongs to still, and then those of after the step.
    if (this.isMeasuredByStep) {
      this.best.keep(this.epoch, loss)
      this.update.settle()
    }
    if (this.update.moves && !stepper.hasStates) return loss
    const moving = this.update.end({ runner, oracle: () => stepper.oracle(context, progress), step: progress.step, seed: this.settings.seed })
    return this.finishStep(stepper, context, progress, moving, loss)
  }

  /** What is to be waited for. */
  private async finishStep(stepper: Stepper, context: RunContext, progress: Progress, moving: ReturnType<ParameterUpdate['end']>, loss: number): Promise<number> {
    this.converged = await moving === 'converged'
    if (stepper.hasStates) {
      this.update.settle()
      await stepper.updateStates(context, progress)
    }
    return loss
  }

  private async endEpoch(): Promise<EpochRecord> {
    const { epoch, means, settings: { checkpoint } } = this
    const broken = this.trainee.parameters.list.find(({ view }) => !areFinite(view))
    if (broken) throw this.diverged(`parameter '${broken.path}' is no longer finite after step ${this.steps} (epoch ${epoch})`)
    const holdout = this.data.split.held.length > 0 ? await this.evaluateHoldout(epoch) : undefined
    if (holdout) this.best.keep(epoch, holdout.loss)
    else if (this.batch < this.data.split.training.length) this.best.keep(epoch, means.loss)
    this.schedule.endEpoch(holdout?.loss ?? means.loss)
    const record: EpochRecord = {
      epoch, loss: means.loss, metrics: means.metrics, steps: this.steps, seconds: this.seconds(), ...(holdout ? { holdout } : {}),
    }
    this.epochs.push(record)
    this.epoch++
    this.row = 0
    this.means.restore({ rows: 0, loss: 0, metrics: {} })
    await this.options.onEpoch?.(record)
    if (checkpoint?.unit === 'epochs' && epoch % checkpoint.every === 0) await this.writeCheckpoint(checkpoint)
    return record
  }

  private async evaluateHoldout(epoch: number) {
    const { held } = this.data.split
    // Made anew: between epochs the executable may have served somebody else.
    const runner = await makeRunner(this.run, 'evaluate', held.length)
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
    const stepper = await Stepper.make(this.run, this.settings.optimizer.name, count, this.update.moves)
    if (order) stepper.fillRows(order, 0, count)
    this.steppers.set(count, stepper)
    return stepper
  }

  // ------------------------------------------------------------------------------------------------ checkpoints

  private identity(): RunIdentity {
    const { settings, trainee: { loaded }, data: { split } } = this
    return {
      model: loaded.plan.model, seed: settings.seed, rows: split.training.length, held: split.held.length, batch: this.batch,
      optimizer: settings.optimizer.name, precision: loaded.precision,
    }
  }

  private arrays(): RunArrays {
    return arraysOf(this.trainee.parameters, this.trainee.states, this.best, { optimizer: this.update.state, schedule: this.schedule.state })
  }

  private async writeCheckpoint({ to }: NonNullable<Settings['checkpoint']>): Promise<void> {
    this.update.settle()
    this.update.settleState()
    const { epoch, row, steps: step, epochs, best, means } = this
    const progress = { step, epoch, row, means: means.sums, epochs, best: { epoch: best.epoch, loss: best.loss }, seconds: this.seconds() }
    const bytes = encodeRun(this.identity(), progress, this.arrays(), this.trainee.standardization)
    if (typeof to === 'string') await writeFileBytes(to, bytes)
    else await to(bytes)
  }

  private resume({ progress, check, fill }: StoredRun): void {
    const arrays = this.arrays()
    check(this.identity(), arrays)
    const { epochs, steps } = this.settings
    const done = progress.epoch - 1
    const [unit, behind, wanted] = done > epochs ? ['epochs', done, epochs] : ['steps', progress.step, steps]
    if (behind > wanted) throw new RunError('usage', `the checkpoint has ${behind} ${unit} behind it, and ${wanted} in all are asked for: to go on, ask for more than ${behind}`)
    fill(arrays)
    this.trainee.parameters.constrain()
    this.steps = progress.step
    this.epoch = progress.epoch
    this.row = progress.row
    this.means.restore(progress.means)
    for (const record of progress.epochs) this.epochs.push(record)
    this.best.epoch = progress.best.epoch
    this.best.loss = progress.best.loss
    this.secondsBefore = progress.seconds
  }

  // ------------------------------------------------------------------------------------------------------- ends

  private diverged(what: string): RunError {
    this.update.settle()
    this.best.restore()
    const found = findNotFinite(this.run.given, this.data.rows)
    const { epoch, loss } = this.best
    const kept = epoch > 0 ? `the weights of epoch ${epoch} (loss ${loss}) are kept` : 'the weights from before training are kept'
    return new RunError('diverged', `training diverged: ${what}; ${kept}. Try a smaller rate${found ? `, and look at the data: ${found.first}` : ''}`)
  }

  private seconds(): number {
    return this.secondsBefore + (performance.now() - this.started) / 1000
  }
}
