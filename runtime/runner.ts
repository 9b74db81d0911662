/** Moves values between a model and an executable: rows and parameters in; loss, metrics and gradients out. */
import type { Executable, Port, RunContext } from './backends/backend'
import { copyRowsInto } from './data/rows'
import { RunError } from './errors'
import type { GivenTensors } from './inputs'
import type { FloatArray, ParameterStore } from './params'

interface Filling { readonly data: Port['data']; readonly source: ArrayLike<number>; readonly rowLength: number }

export class ExecutableRunner {
  private readonly fillings: Filling[] = []
  private readonly parameters: { readonly data: Port['data']; readonly view: FloatArray }[] = []
  private readonly gradients: { readonly data: Port['data']; readonly offset: number }[] = []
  private readonly lossPort: Port | undefined
  /** Scalars, by metric name. */
  readonly metrics: readonly { readonly name: string; readonly data: Port['data'] }[]

  /**
   * Fills in what stays the same for all runs.
   * @param mapped inputs that are filled row by row; all others are copied here, once
   */
  constructor(
    private readonly executable: Executable, given: GivenTensors, store: ParameterStore, mapped: ReadonlySet<string> = new Set(),
  ) {
    for (const { name, data } of executable.inputs) {
      const tensor = given.get(name)
      if (!tensor) this.parameters.push({ data, view: store.parameter(name).view })
      else if (mapped.has(name)) {
        this.fillings.push({ data, source: tensor.data, rowLength: tensor.data.length / Math.max(1, tensor.shape[0] ?? 1) })
      } else if (tensor.data.length === data.length) data.set(tensor.data)
      else throw new RunError('sizes', `input '${name}' has ${tensor.data.length} elements where the program takes ${data.length}`)
    }
    for (const { name, data } of executable.results) {
      if (name.startsWith(GRADIENT)) this.gradients.push({ data, offset: store.parameter(name.slice(GRADIENT.length)).offset })
    }
    this.lossPort = executable.results.find(result => result.name === 'loss')
    this.metrics = executable.results
      .filter(({ name, data }) => name.startsWith(METRIC) && data.length === 1)
      .map(({ name, data }) => ({ name: name.slice(METRIC.length), data }))
  }

  /** Copies the rows order[start…start + count) of the mapped inputs in. */
  fillRows(order: Int32Array, start: number, count: number): void {
    for (let i = 0; i < this.fillings.length; i++) {
      const { data, source, rowLength } = this.fillings[i] as Filling
      copyRowsInto(source, rowLength, order, start, count, data)
    }
  }

  /** Runs on what is filled in and the parameters as they are now. */
  run(context: RunContext): void | Promise<void> {
    for (let i = 0; i < this.parameters.length; i++) {
      const { data, view } = this.parameters[i] as { data: Port['data']; view: FloatArray }
      data.set(view)
    }
    return this.executable.run(context)
  }

  get results(): readonly Port[] {
    return this.executable.results
  }

  /** NaN where the program has none. */
  get loss(): number {
    return this.lossPort?.data[0] ?? NaN
  }

  /** Copies the gradients to where their parameters are in the flat array. */
  readGradient(into: FloatArray): void {
    for (let i = 0; i < this.gradients.length; i++) {
      const { data, offset } = this.gradients[i] as { data: Port['data']; offset: number }
      into.set(data, offset)
    }
  }
}

/** How results are named in a program. */
export const OUTPUT = 'output:'
export const METRIC = 'metric:'
export const GRADIENT = 'gradient:'

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

  get loss(): number {
    return this.lossSum / this.rows
  }

  get metrics(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.metricSums].map(([name, sum]) => [name, sum / this.rows]))
  }
}
