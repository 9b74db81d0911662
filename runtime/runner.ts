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

/** What an optimizer keeps in the memory of a program that moves the parameters, by name of the input. */
export interface Resident {
  readonly arrays: ReadonlyMap<string, FloatArray>
  /** One number each, for every step anew. */
  readonly scalars: ReadonlyMap<string, FloatArray>
}

/** Where training stands, from 1; both are 0 outside of it. */
export interface Progress { readonly step: number; readonly epoch: number }

const NOT_TRAINING: Progress = { step: 0, epoch: 0 }

interface Filling { readonly data: TypedArray; readonly source: TypedArray; readonly rowLength: number }
interface Copy { readonly data: TypedArray; readonly source: TypedArray }
interface ParameterCopy extends Copy { readonly frozen: boolean }
interface Placed { readonly data: TypedArray; readonly offset: number }

export class ExecutableRunner {
  private readonly fillings: Filling[] = []
  private readonly states: Copy[] = []
  private readonly parameters: ParameterCopy[] = []
  private readonly arrays: Copy[] = []
  private readonly scalars: Copy[] = []
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
   * @param resident where the program moves the parameters: they stay there from run to run
   */
  constructor(
    private readonly executable: Executable, given: GivenTensors, private readonly values: ModelValues,
    mapped: ReadonlySet<string> = new Set(), private readonly resident?: Resident,
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
    const array = this.resident?.arrays.get(name)
    const scalar = this.resident?.scalars.get(name)
    if (name === STEP_INPUT) this.stepPort = data
    else if (name === EPOCH_INPUT) this.epochPort = data
    else if (tensor && mapped.has(name)) {
      this.fillings.push({ data, source: tensor.data, rowLength: tensor.data.length / Math.max(1, tensor.shape[0] ?? 1) })
    } else if (tensor) {
      if (tensor.data.length !== data.length) {
        throw new RunError('sizes', `input '${name}' has ${tensor.data.length} elements where the program takes ${data.length}`)
      }
      data.set(tensor.data)
    } else if (state) this.states.push({ data, source: state.view })
    else if (array) this.arrays.push({ data, source: array })
    else if (scalar) this.scalars.push({ data, source: scalar })
    else {
      const parameter = parameters.parameter(name)
      this.parameters.push({ data, source: free ? parameter.free : parameter.view, frozen: parameter.frozen })
    }
  }

  /** Copies the rows order[start…start + count) of the mapped inputs in. */
  fillRows(order: Int32Array, start: number, count: number): void {
    for (let i = 0; i < this.fillings.length; i++) {
      const { data, source, rowLength } = this.fillings[i] as Filling
      copyRowsInto(source, rowLength, order, start, count, data)
    }
  }

  /** Runs on what is filled in, on the states as they are now, and on the parameters as they are now or as the program has left them. */
  run(context: RunContext, progress: Progress = NOT_TRAINING): void | Promise<void> {
    copyAll(this.states)
    if (!this.resident) copyAll(this.parameters)
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

  loadParameters(): void {
    copyAll(this.parameters)
  }

  /** Copies those that the program has moved back to the model. */
  saveParameters(): void {
    for (let i = 0; i < this.parameters.length; i++) {
      const { data, source, frozen } = this.parameters[i] as ParameterCopy
      if (!frozen) source.set(data)
    }
  }

  loadResident(): void {
    copyAll(this.arrays)
  }

  saveResident(): void {
    for (const { data, source } of this.arrays) source.set(data)
  }

  loadScalars(): void {
    for (let i = 0; i < this.scalars.length; i++) {
      const { data, source } = this.scalars[i] as Copy
      data[0] = source[0] as number
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
