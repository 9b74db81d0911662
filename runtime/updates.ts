/** One update of the parameters: the optimizer's, multiplied by the model's own rates where it has some. */
import { isGradientName, takesGroups, type ClipPlan, type GradientName, type GroupPlan, type OptimizerPlan } from '../ir/training'
import { RunError } from './errors'
import { makeGradientOptimizer, type GradientOptimizer, type Oracle, type OracleOptimizer } from './optim'
import { clipGradient } from './optim/clip'
import type { OracleName } from './optim/oracles'
import type { LoadedPlan } from './load'
import type { FloatArray, Parameter, ParameterStore } from './params'
import type { ExecutableRunner } from './runner'

export interface UpdateSettings {
  readonly optimizer: OptimizerPlan
  readonly groups: readonly GroupPlan[]
  readonly clip?: ClipPlan
}

/** One step as an update sees it. */
export interface StepRun {
  /** Run where the parameters are: its loss, gradients and rates are taken. */
  readonly runner: ExecutableRunner
  readonly oracle: Oracle
  /** Of the schedule, on the rate. */
  readonly factor: number
  readonly step: number
  readonly seed: number
}

/** Neighbours in the flat array that have the same options. */
interface Segment { readonly values: FloatArray; readonly gradient: FloatArray; readonly optimizer: GradientOptimizer }

export class ParameterUpdate {
  /** The parameters before the update, kept for those that have a rate. */
  private readonly before: FloatArray
  /** What a checkpoint needs to go on from here, by name; live, so writing to it restores. */
  readonly state: ReadonlyMap<string, FloatArray>

  /** @param backend runs the optimizers that treat each number by itself */
  static async make(store: ParameterStore, settings: UpdateSettings, { backend, precision }: Pick<LoadedPlan, 'backend' | 'precision'>): Promise<ParameterUpdate> {
    const gradient = store.values.slice(0, store.trainable)
    const { optimizer, groups } = settings
    if (!isGradientName(optimizer.name)) return new ParameterUpdate(store, settings, gradient, [], await searchingOptimizer(store, settings, gradient))
    const runs = optionRuns(store, optimizer as OptimizerPlan & { readonly name: GradientName }, groups)
    const segments = await Promise.all(runs.map(async ({ plan, start, end }) => ({
      values: store.values.subarray(start, end), gradient: gradient.subarray(start, end),
      optimizer: await makeGradientOptimizer(plan, end - start, precision, backend),
    })))
    return new ParameterUpdate(store, settings, gradient, segments)
  }

  private constructor(
    private readonly store: ParameterStore, private readonly settings: UpdateSettings, private readonly gradient: FloatArray, private readonly segments: readonly Segment[],
    private readonly searching?: OracleOptimizer,
  ) {
    this.before = store.values.slice()
    const states = searching ? [searching.state] : this.segments.map(segment => segment.optimizer.state)
    this.state = new Map(states.flatMap((state, at) => [...state].map(([name, array]) => [`${at}.${name}`, array] as const)))
  }

  /** @returns a promise where the optimizer looks at further losses; 'converged' where it finds no better point */
  apply(run: StepRun): 'moved' | Promise<'moved' | 'converged'> {
    run.runner.readGradient(this.gradient)
    return this.searching ? this.search(run, this.searching) : this.move(run)
  }

  private move({ runner, factor }: StepRun): 'moved' | Promise<'moved'> {
    const { gradient, settings, segments, store } = this
    if (settings.clip) clipGradient(gradient, settings.clip)
    if (runner.rates.length > 0) this.before.set(store.values)
    let running: Promise<void>[] | undefined
    for (let i = 0; i < segments.length; i++) {
      const { values, gradient: slopes, optimizer } = segments[i] as Segment
      const update = optimizer.update(values, slopes, factor)
      if (update) (running ??= []).push(update)
    }
    return running ? Promise.all(running).then(() => this.end(runner)) : this.end(runner)
  }

  private end(runner: ExecutableRunner): 'moved' {
    this.applyRates(runner.rates)
    this.store.constrain()
    return 'moved'
  }

  private async search({ runner, oracle, step, seed }: StepRun, optimizer: OracleOptimizer): Promise<'moved' | 'converged'> {
    const { store, gradient, settings } = this
    const { name } = settings.optimizer
    if (runner.rates.length > 0 && name !== 'spsa') throw new RunError('unsupported', `the model gives rates to parameters, which ${name} cannot follow; gradient-based optimizers such as adam can`)
    // The oracle's runs overwrite the results of this one.
    const rates = runner.rates.map(({ data, offset }) => ({ data: data.slice(), offset }))
    this.before.set(store.values)
    const outcome = await optimizer.step({ parameters: store.values.subarray(0, store.trainable), gradient, loss: runner.loss, oracle, step, seed })
    this.applyRates(rates)
    store.constrain()
    return outcome
  }

  private applyRates(rates: ExecutableRunner['rates']): void {
    const { store, before } = this
    for (const { data, offset } of rates) {
      for (let i = 0; i < data.length; i++) {
        const rate = data[i] as number
        const start = before[offset + i] as number
        // Rates of 0 and 1 leave the bits as they were, or as the optimizer made them.
        if (rate === 0) store.values[offset + i] = start
        else if (rate !== 1) store.values[offset + i] = start + rate * ((store.values[offset + i] as number) - start)
      }
    }
  }
}

/** Loaded when it is asked for. */
async function searchingOptimizer(store: ParameterStore, { optimizer, groups }: UpdateSettings, gradient: FloatArray): Promise<OracleOptimizer> {
  const plan = optimizer as OptimizerPlan & { readonly name: OracleName }
  const parts = takesGroups(plan.name) ? optionRuns(store, plan, groups).map(run => ({ ...run, options: run.plan })) : undefined
  return (await import('./optim/oracles')).makeOracleOptimizer(plan, gradient, parts)
}

/** The trained numbers, [start, end) by [start, end), with the options that they have. */
function optionRuns<Plan extends OptimizerPlan>(
  store: ParameterStore, optimizer: Plan, groups: readonly GroupPlan[],
): readonly { readonly plan: Plan; readonly start: number; readonly end: number }[] {
  const trained = store.list.filter(parameter => !parameter.frozen)
  const runs: { readonly key: string; readonly plan: Plan; readonly start: number; end: number }[] = []
  for (const parameter of trained) {
    const plan = { ...optimizer, ...optionsFor(parameter, groups) }
    const key = JSON.stringify(plan)
    const last = runs.at(-1)
    const end = parameter.offset + parameter.free.length
    if (last?.key === key) last.end = end
    else runs.push({ key, plan, start: parameter.offset, end })
  }
  return runs
}

/** Of groups that name the same parameter the later one counts. */
const optionsFor = ({ path }: Parameter, groups: readonly GroupPlan[]): GroupPlan['options'] =>
  Object.assign({}, ...groups.filter(group => isWithin(path, group.path)).map(group => group.options)) as GroupPlan['options']

/** `enc.W` is within `enc` and `enc.W`, not within `en`. */
export const isWithin = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}.`)
