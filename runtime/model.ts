/** A model as TypeScript sees it: made from a plan, then predicted with, evaluated, trained, saved and loaded. */
import type { Plan, Precision } from '../ir/plan'
import type { Backend } from './backends/backend'
import { chooseBackend, type BackendChoice, type BackendName } from './backends/choose'
import { decodeWeights, encodeWeights } from './checkpoint/weights'
import { standardize, type Standardization } from './data/standardize'
import { RunError } from './errors'
import { readFileBytes, writeFileBytes } from './files'
import { hasTargets, readInputs, requireInputs, type GivenTensors } from './inputs'
import { loadPlan, type EntryName, type LoadedPlan } from './load'
import { Parameters } from './parameters'
import { ParameterStore } from './params'
import { bindSizes } from './program'
import { ExecutableRunner, GRADIENT, METRIC, OUTPUT } from './runner'
import { StateStore } from './states'
import type { EpochRecord, FitOptions } from './settings'
import { copyTensor, type AnyTensor, type Tensor } from './tensor'
import type { History } from './train'

/** What a model takes and gives, by name; the generated `.d.ts` fills it in. */
export interface ModelTypes {
  /** `TensorLike`s. */
  readonly inputs: object
  /** `TensorLike`s. */
  readonly targets: object
  /** `Tensor`s. */
  readonly outputs: object
  /** Numbers. */
  readonly metrics: object
  /** `Tensor`s, by path. */
  readonly parameters: object
}

/** Where the names are not known to the types: a plan that was loaded as data. */
export interface UntypedModel extends ModelTypes {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly targets: Readonly<Record<string, unknown>>
  readonly outputs: Readonly<Record<string, AnyTensor>>
  readonly metrics: Readonly<Record<string, number>>
  readonly parameters: Readonly<Record<string, Tensor>>
}

export interface CreateOptions {
  /** Of the initial values, and of what is drawn at random later; the train block's by default, else 0. */
  readonly seed?: number
  readonly backend?: 'auto' | BackendName | Backend
  readonly precision?: Precision
  /** That share heavy steps, at most; the environment's BP_THREADS by default, else the number of cores. Results are the same bits for any. */
  readonly threads?: number
  /** A weight file's bytes, in place of initial values. */
  readonly weights?: Uint8Array
}

export interface EvaluateOptions {
  /** Also gradients of the loss by every parameter. */
  readonly grad?: boolean
  /** Which draw of the model's random numbers; each evaluation takes the next one, from 0 on, by default. */
  readonly draw?: number
}

export interface Evaluation<Types extends ModelTypes, Gradients = Types['parameters']> {
  /** null where the model has none, or a target was not given. */
  readonly loss: number | null
  readonly outputs: Types['outputs']
  readonly metrics: Partial<Types['metrics']>
  /** By parameter path; empty without `grad` or without a loss. */
  readonly gradients: Gradients
}

export interface ModelDefinition<Types extends ModelTypes = UntypedModel> {
  readonly name: string
  readonly plan: Plan
  /** A model with initial values of its own. */
  create(options?: CreateOptions): Promise<Model<Types>>
}

/** What the generated modules call. */
export function defineModel<Types extends ModelTypes = UntypedModel>(plan: Plan): ModelDefinition<Types> {
  return { name: plan.model, plan, create: options => Model.create<Types>(plan, options) }
}

export class Model<Types extends ModelTypes = UntypedModel> {
  /** Which one runs it, and why that one. */
  readonly backend: BackendChoice
  readonly parameters: Parameters<Types['parameters']>
  /** What training keeps besides parameters, by path. */
  readonly states: StateStore
  private readonly store: ParameterStore
  private measured: Standardization = new Map()
  private draws = 0
  private training = false

  private constructor(readonly plan: Plan, private readonly loaded: LoadedPlan, backend: BackendChoice, readonly seed: number) {
    this.backend = backend
    this.store = new ParameterStore(plan.parameters, loaded.precision)
    this.states = new StateStore(plan.states, loaded.precision)
    this.parameters = new Parameters<Types['parameters']>(this.store)
  }

  /** @throws RunError 'unsupported' for a backend that is not there; 'weights' for a file that does not fit */
  static async create<Types extends ModelTypes>(plan: Plan, options: CreateOptions = {}): Promise<Model<Types>> {
    const { backend, choice } = await chooseBackend(options.backend ?? 'auto', options.threads)
    const loaded = loadPlan(plan, backend, options.precision)
    const model = new Model<Types>(plan, loaded, choice, options.seed ?? plan.train?.seed ?? 0)
    if (options.weights) model.fromBytes(options.weights)
    else await model.initialise()
    return model
  }

  get precision(): Precision {
    return this.loaded.precision
  }

  /** What training measured of the inputs that it standardises, by name; predictions take them minus the mean, over the deviation. */
  get standardization(): Standardization {
    return this.measured
  }

  /**
   * Outputs for some inputs; targets are not needed.
   * @throws RunError 'usage' for a missing or unknown input; 'data' or 'sizes' for one that does not fit
   */
  async predict(inputs: Types['inputs'], options: { readonly draw?: number } = {}): Promise<Types['outputs']> {
    const given = this.read(inputs)
    requireInputs(this.plan, given, ['input'])
    const { outputs } = await this.runEntry('predict', given, options.draw)
    return outputs
  }

  /**
   * Outputs, loss and metrics, and gradients where asked for. Without all targets the loss is null.
   * @throws as predict
   */
  evaluate(values: Types['inputs'] & Types['targets'], options: EvaluateOptions & { readonly grad: true }): Promise<Evaluation<Types>>
  evaluate(values: Types['inputs'] & Partial<Types['targets']>, options?: EvaluateOptions): Promise<Evaluation<Types, Partial<Types['parameters']>>>
  async evaluate(values: object, { grad = false, draw }: EvaluateOptions = {}): Promise<Evaluation<Types>> {
    const given = this.read(values)
    requireInputs(this.plan, given, ['input'])
    const entry = !hasTargets(this.plan, given) ? 'predict' : grad && this.plan.entries.gradient ? 'gradient' : 'evaluate'
    return await this.runEntry(entry, given, draw)
  }

  /**
   * Trains by the plan's train block and the options, which go before it.
   * @throws RunError 'usage' without a loss or with an option that makes no sense; 'diverged' when the loss is not finite,
   *   the parameters then being the best so far
   */
  async fit(data: Types['inputs'] & Types['targets'], options: FitOptions<Types['metrics']> = {}): Promise<History<Types['metrics']>> {
    const epochs = this.epochs(data, options)
    for (;;) {
      const { done, value } = await epochs.next()
      if (done) return value
    }
  }

  /**
   * Trains as `fit` does, an epoch at a time: `for await (const { epoch, loss } of model.epochs(data, { epochs: 100 }))`. In between the
   * model can be evaluated, predicted with and saved; who breaks out has stopped training, and has the best weights so far.
   * @returns the history, to whoever goes on to the end by `next`
   * @throws as fit, when the first epoch is asked for
   */
  async* epochs(data: Types['inputs'] & Types['targets'], options: FitOptions<Types['metrics']> = {}): AsyncGenerator<EpochRecord<Types['metrics']>, History<Types['metrics']>, undefined> {
    this.loaded.program('step')
    const { resolveSettings, train } = await import('./fit')
    // The metrics are the plan's, which the types were generated from.
    const untyped = options as FitOptions
    const settings = resolveSettings(this.plan, untyped, options.seed ?? this.seed)
    // What the train block gives stands in for what the caller leaves out.
    const given = this.read({ ...this.plan.train?.given, ...data }, false)
    requireInputs(this.plan, given, ['input', 'target'])
    if (this.training) throw new RunError('usage', `model ${this.plan.model} is being trained already: await that fit first`)
    this.training = true
    const trainee = { loaded: this.loaded, parameters: this.store, states: this.states, standardization: this.standardization }
    try {
      return yield* train(trainee, given, settings, untyped) as AsyncGenerator<EpochRecord<Types['metrics']>, History<Types['metrics']>, undefined>
    } finally {
      this.training = false
      this.measured = trainee.standardization
    }
  }

  /** The weights, and what else a prediction needs, as a safetensors file. */
  toBytes(): Uint8Array {
    return encodeWeights(this.state())
  }

  /** @throws RunError 'weights' when the bytes are no such file, or of another model; nothing has changed then */
  fromBytes(bytes: Uint8Array): void {
    this.measured = decodeWeights(bytes, this.state())
  }

  /** Writes toBytes() to a file, whole or not at all. In Node; in a browser it throws RunError 'unsupported'. */
  async save(path: string): Promise<void> {
    await writeFileBytes(path, this.toBytes())
  }

  /** Reads what save wrote. In Node; in a browser it throws RunError 'unsupported'. */
  async load(path: string): Promise<void> {
    this.measured = decodeWeights(await readFileBytes(path), this.state(), path)
  }

  private state() {
    return { model: this.plan.model, parameters: this.store, states: this.states, standardization: this.standardization }
  }

  private async initialise(): Promise<void> {
    const executable = await this.loaded.executable('init', new Map())
    await executable.run({ seed: this.seed, step: 0 })
    for (const { name, data, shape } of executable.results) {
      const state = this.states.find(name)
      if (state) state.view.set(data)
      else this.store.set(name, { data, shape })
    }
  }

  private read(values: object, standardised = true): GivenTensors {
    const given = readInputs(this.plan, values, this.loaded.precision)
    return standardised ? standardize(given, this.standardization) : given
  }

  private async runEntry(entry: EntryName, given: GivenTensors, draw: number | undefined): Promise<Evaluation<Types>> {
    const sizes = bindSizes([...given.values()])
    const runner = new ExecutableRunner(await this.loaded.executable(entry, sizes), given, { parameters: this.store, states: this.states, free: false })
    const running = runner.run({ seed: this.seed, step: draw ?? this.draws })
    if (draw === undefined) this.draws++
    if (running) await running
    // At once: calls that run at the same time share the executable, and the next run overwrites its results.
    return this.collect(runner)
  }

  /** Copies the results out: the executable's own arrays are overwritten by its next run. */
  private collect(runner: ExecutableRunner): Evaluation<Types> {
    const outputs: Record<string, AnyTensor> = {}
    const metrics: Record<string, unknown> = {}
    const gradients: Record<string, AnyTensor> = {}
    let loss: number | null = null
    for (const { name, element, data, shape } of runner.results) {
      const tensor = copyTensor(element, data, shape)
      if (name === 'loss') loss = data[0] ?? NaN
      else if (name.startsWith(OUTPUT)) outputs[name.slice(OUTPUT.length)] = tensor
      else if (name.startsWith(METRIC)) metrics[name.slice(METRIC.length)] = shape.length === 0 ? Number(data[0]) : tensor
      else if (name.startsWith(GRADIENT)) gradients[name.slice(GRADIENT.length)] = tensor
    }
    // The names are the plan's, which the types were generated from.
    return { loss, outputs, metrics, gradients } as Evaluation<Types>
  }
}
