/** Moves values between a model and an executable: rows, parameters and states in; loss, metrics and gradients out. */
import { EPOCH_INPUT, STEP_INPUT } from '../ir/plan'
import type { Executable, Port, RunContext, TypedArray } from './backends/backend'
import { copyRowsInto } from './data/rows'
import { RunError } from './errors'
import type { GivenTensors } from './inputs'
import type { FloatArray, ParameterStore } from './params'
import type { StateStore } from './states'

/** How results are named in a program. */
export const OUTPUT = 'output:'
export const METRIC = 'metric:'
export const GRADIENT = 'gradient:'
export const RATE = 'rate:'
export const STATE = 'state:'

/** What a run reads besides the given values. */
export interface ModelValues {
  readonly parameters: ParameterStore
  readonly states: StateStore
  /** Whether the program takes the free numbers behind the parameters, as `step` does. */
  readonly free: boolean
}

/** Where training stands, from 1; both are 0 outside of it. */
export interface Progress { readonly step: number; readonly epoch: number }

const NOT_TRAINING: Progress = { step: 0, epoch: 0 }

interface Filling { readonly data: TypedArray; readonly source: ArrayLike<number>; readonly rowLength: number }
interface Copy { readonly data: TypedArray; readonly source: TypedArray }
interface Placed { readonly data: TypedArray; readonly offset: number }

export class ExecutableRunner {
  private readonly fillings: Filling[] = []
  private readonly copies: Copy[] = []
  private readonly gradients: readonly Placed[]
  /** By where their parameters are in the flat array. */
  readonly rates: readonly Placed[]
  private readonly newStates: readonly Copy[]
  private readonly lossData: TypedArray | undefined
  private stepPort: TypedArray | undefined
  private epochPort: TypedArray | undefined
  /** Scalars, by metric name. */
  readonly metrics: readonly { readonly name: string; readonly data: TypedArray }[]

  /**
   * Fills in what stays the same for all runs.
   * @param mapped inputs that are filled row by row; all others are copied here, once
   */
  constructor(
    private readonly executable: Executable, given: GivenTensors, private readonly values: ModelValues,
    mapped: ReadonlySet<string> = new Set(),
  ) {
    for (const port of executable.inputs) this.bindInput(port, given, mapped)
    const named = (prefix: string) => executable.results.filter(({ name }) => name.startsWith(prefix))
      .map(({ name, data }) => ({ name: name.slice(prefix.length), data }))
    const placed = (prefix: string) => named(prefix).map(({ name, data }) => ({ data, offset: values.parameters.parameter(name).offset }))
    this.gradients = placed(GRADIENT)
    this.rates = placed(RATE)
    this.newStates = named(STATE).flatMap(({ name, data }) => {
      const state = values.states.find(name)
      return state ? [{ data: state.view, source: data }] : []
    })
    this.metrics = named(METRIC).filter(({ data }) => data.length === 1)
    this.lossData = executable.results.find(result => result.name === 'loss')?.data
  }

  private bindInput({ name, data }: Port, given: GivenTensors, mapped: ReadonlySet<string>): void {
    const { parameters, states, free } = this.values
    const tensor = given.get(name)
    const state = states.find(name)
    if (name === STEP_INPUT) this.stepPort = data
    else if (name === EPOCH_INPUT) this.epochPort = data
    else if (tensor && mapped.has(name)) {
      this.fillings.push({ data, source: tensor.data, rowLength: tensor.data.length / Math.max(1, tensor.shape[0] ?? 1) })
    } else if (tensor) {
      if (tensor.data.length !== data.length) {
        throw new RunError('sizes', `input '${name}' has ${tensor.data.length} elements where the program takes ${data.length}`)
      }
      data.set(tensor.data)
    } else if (state) this.copies.push({ data, source: state.view })
    else {
      const parameter = parameters.parameter(name)
      this.copies.push({ data, source: free ? parameter.free : parameter.view })
    }
  }

  /** Copies the rows order[start…start + count) of the mapped inputs in. */
  fillRows(order: Int32Array, start: number, count: number): void {
    for (let i = 0; i < this.fillings.length; i++) {
      const { data, source, rowLength } = this.fillings[i] as Filling
      copyRowsInto(source, rowLength, order, start, count, data)
    }
  }

  /** Runs on what is filled in, and on the parameters and states as they are now. */
  run(context: RunContext, progress: Progress = NOT_TRAINING): void | Promise<void> {
    copyAll(this.copies)
    if (this.stepPort) this.stepPort[0] = progress.step
    if (this.epochPort) this.epochPort[0] = progress.epoch
    return this.executable.run(context)
  }

  get results(): readonly Port[] {
    return this.executable.results
  }

  /** NaN where the program has none. */
  get loss(): number {
    return this.lossData?.[0] ?? NaN
  }

  /** Copies the gradients to where their parameters are in the flat array. */
  readGradient(into: FloatArray): void {
    for (let i = 0; i < this.gradients.length; i++) {
      const { data, offset } = this.gradients[i] as Placed
      into.set(data, offset)
    }
  }

  /** Takes over the states that the program has computed. */
  keepStates(): void {
    copyAll(this.newStates)
  }
}

function copyAll(copies: readonly Copy[]): void {
  for (let i = 0; i < copies.length; i++) {
    const { data, source } = copies[i] as Copy
    data.set(source)
  }
}

/** What a mean is made of. */
export interface MeanSums { readonly rows: number; readonly loss: number; readonly metrics: Readonly<Record<string, number>> }

/** Row-weighted means of loss and metrics over several runs. */
export class MeanOf {
  private rows = 0
  private lossSum = 0
  private readonly metricSums = new Map<string, number>()

  add(runner: ExecutableRunner, rows: number): void {
    this.rows += rows
    this.lossSum += runner.loss * rows
    for (const { name, data } of runner.metrics) this.metricSums.set(name, (this.metricSums.get(name) ?? 0) + (data[0] as number) * rows)
  }

  /** For a checkpoint. */
  get sums(): MeanSums {
    return { rows: this.rows, loss: this.lossSum, metrics: Object.fromEntries(this.metricSums) }
  }

  restore({ rows, loss, metrics }: MeanSums): void {
    this.rows = rows
    this.lossSum = loss
    this.metricSums.clear()
    for (const [name, sum] of Object.entries(metrics)) this.metricSums.set(name, sum)
  }

  get loss(): number {
    return this.lossSum / this.rows
  }

  get metrics(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.metricSums].map(([name, sum]) => [name, sum / this.rows]))
  }
}
