/** The programs of one training step, for one number of rows. */
import type { Sizes } from '../ir/dim'
import { OPTIMIZER_KINDS, type OptimizerName } from '../ir/training'
import type { RunContext } from './backends/backend'
import type { Rows } from './data/rows'
import { RunError } from './errors'
import type { GivenTensors } from './inputs'
import type { EntryName, LoadedPlan } from './load'
import type { Oracle, Spectrum } from './optim'
import type { FloatArray, ParameterStore } from './params'
import { ExecutableRunner, type Progress } from './runner'
import type { StateStore } from './states'
import type { Moves } from './updates'

/** What programs are run on. */
export interface RunValues {
  readonly loaded: LoadedPlan
  readonly parameters: ParameterStore
  readonly states: StateStore
  readonly given: GivenTensors
  readonly rows: Rows
  /** Of all rows at once. */
  readonly sizes: Sizes
}

/** Programs that take the free numbers behind the parameters. */
const FREE: ReadonlySet<EntryName> = new Set<EntryName>(['step', 'objective', 'hessian', 'metric'])

/** An entry made ready for some number of rows. */
export async function makeRunner({ loaded, parameters, states, given, rows, sizes }: RunValues, entry: EntryName, count: number, moves?: Moves): Promise<ExecutableRunner> {
  const bound = rows.dimension === undefined ? sizes : new Map(sizes).set(rows.dimension, count)
  const values = { parameters, states, free: FREE.has(entry) }
  return new ExecutableRunner(await loaded.executable(entry, bound, moves), given, values, rows.mapped, moves?.resident)
}

export class Stepper {
  private constructor(
    /** Loss, metrics and rates, and the gradients where the optimizer takes them; or it moves the parameters itself. */
    readonly step: ExecutableRunner,
    private readonly update: ExecutableRunner | undefined,
    /** The Hessian or the metric, where the optimizer takes one. */
    private readonly matrix: ExecutableRunner | undefined,
    private readonly spectra: readonly Spectrum[],
  ) {}

  /** @throws RunError 'usage' where the plan lacks what the optimizer needs */
  static async make(values: RunValues, optimizer: OptimizerName, count: number, moves?: Moves): Promise<Stepper> {
    const { entries, model, train } = values.loaded.plan
    const kind = OPTIMIZER_KINDS[optimizer]
    const without = kind === 'hessian' && !entries.hessian ? 'second derivatives' : kind === 'metric' && !entries.metric ? 'the metric of the circuits'
      : kind === 'sinusoid' && !train?.spectra ? 'the frequencies of its loss' : undefined
    if (without !== undefined) {
      throw new RunError('usage', `${optimizer} needs ${without}, which ${model} was compiled without: name it in the train block, as in optimizer ${optimizer}()`)
    }
    const step = await makeRunner(values, (kind === 'loss' || kind === 'sinusoid') && entries.objective ? 'objective' : 'step', count, moves)
    const update = entries.update ? await makeRunner(values, 'update', count) : undefined
    const matrix = kind === 'hessian' || kind === 'metric' ? await makeRunner(values, kind, count) : undefined
    return new Stepper(step, update, matrix, train?.spectra?.flatMap(({ units, counts }) => units.map((unit, at) => ({ unit, count: counts[at] ?? 0 }))) ?? [])
  }

  /** The rows order[start…start + count). */
  fillRows(order: Int32Array, start: number, count: number): void {
    this.step.fillRows(order, start, count)
    this.update?.fillRows(order, start, count)
    this.matrix?.fillRows(order, start, count)
  }

  oracle(context: RunContext, progress: Progress): Oracle {
    return {
      loss: async gradient => {
        await this.step.run(context, progress)
        if (gradient) this.step.readGradient(gradient)
        return this.step.loss
      },
      hessian: () => this.matrixOf('hessian', context, progress),
      metric: () => this.matrixOf('metric', context, progress),
      spectra: () => this.spectra,
    }
  }

  private async matrixOf(name: 'hessian' | 'metric', context: RunContext, progress: Progress): Promise<FloatArray> {
    await this.matrix?.run(context, progress)
    const found = this.matrix?.results.find(result => result.name === name)?.data
    if (found instanceof Float32Array || found instanceof Float64Array) return found.slice()
    throw new RunError('plan', `the plan has no ${name}: compile the model again`)
  }

  /** Once after each step, where the model has states. */
  async updateStates(context: RunContext, progress: Progress): Promise<void> {
    if (!this.update) return
    await this.update.run(context, progress)
    this.update.keepStates()
  }

  get hasStates(): boolean {
    return this.update !== undefined
  }
}
