/**
 * Updates of the parameters. Optimizers that treat each number by itself work in the program of the step, where the parameters then
 * stay; those that look at further losses work on the model's own arrays.
 */
import { takesGroups, type ClipPlan, type GroupPlan, type OptimizerPlan } from '../ir/training'
import type { Program } from '../ir/plan'
import { RunError } from './errors'
import { isGradientPlan, ruleOf, type GradientPlan, type Oracle, type OracleOptimizer } from './optim'
import type { OracleName } from './optim/oracles'
import { moving, scalarInput, stateInput, type Moved, type UpdateRule } from './optim/rule'
import type { FloatArray, Parameter, ParameterStore } from './params'
import type { ExecutableRunner, Resident } from './runner'

export interface UpdateSettings {
  readonly optimizer: OptimizerPlan
  readonly groups: readonly GroupPlan[]
  readonly clip?: ClipPlan
}

/** One step as an update sees it. */
export interface StepRun {
  /** Run where the parameters are: its loss, gradients and rates are taken. */
  readonly runner: ExecutableRunner
  readonly oracle: () => Oracle
  readonly step: number
  readonly seed: number
}

export interface ParameterUpdate {
  /** What a checkpoint needs to go on from here, by name, as of `settle`; writing to it before the first step restores. */
  readonly state: ReadonlyMap<string, FloatArray>
  /** The program of the step that moves the parameters itself; undefined where `end` does. */
  readonly moves: Moves | undefined
  /** Before a run of the step. @param factor of the schedule, on the rate */
  begin(runner: ExecutableRunner, factor: number): void
  /** After it. @returns 'converged' where the optimizer finds no better point */
  end(run: StepRun): 'moved' | Promise<'moved' | 'converged'>
  /** Brings the parameters to where everybody reads them, before anybody may; who writes to them there is heard. */
  settle(): void
  /** Brings `state` up to date. */
  settleState(): void
}

/** How a program is made to move its parameters. */
export interface Moves {
  /** Tells such programs of one step apart. */
  readonly key: string
  readonly programOf: (step: Program) => Program
  readonly resident: Resident
}

export async function makeUpdate(store: ParameterStore, settings: UpdateSettings): Promise<ParameterUpdate> {
  const { optimizer } = settings
  return isGradientPlan(optimizer) ? new MovingUpdate(store, { ...settings, optimizer }) : SearchingUpdate.make(store, settings)
}

/** Neighbours in the flat array that have the same options. */
interface Part { readonly rule: UpdateRule; readonly steps: FloatArray; readonly scalars: readonly { readonly name: string; readonly value: FloatArray }[] }

export class MovingUpdate implements ParameterUpdate {
  readonly state: ReadonlyMap<string, FloatArray>
  readonly moves: Moves
  private readonly parts: readonly Part[]
  /** Whose memory has the newest numbers of the optimizer. */
  private holder: ExecutableRunner | undefined
  /** Whether the store has the newest parameters; else the holder has. */
  private isSettled = true

  constructor(private readonly store: ParameterStore, { optimizer, groups, clip }: UpdateSettings & { readonly optimizer: GradientPlan }) {
    const runs = optionRuns(store, optimizer, groups)
    const state = new Map<string, FloatArray>()
    const arrays = new Map<string, FloatArray>(), scalars = new Map<string, FloatArray>()
    const moved: Moved[] = []
    this.parts = runs.map(({ plan, start, end, parameters }, at) => {
      const rule = ruleOf(plan)
      moved.push(...parameters.map(({ path, transform, shape }) => ({ path, shape: transform?.freeShape ?? shape, rule, part: at })))
      for (const [name, initial] of Object.entries(rule.state)) {
        const array = store.values.slice(start, end).fill(initial)
        state.set(`${at}.${name}`, array)
        for (const { path, offset, free } of parameters) arrays.set(stateInput(path, name), array.subarray(offset - start, offset - start + free.length))
      }
      const steps = new Float64Array(1)
      state.set(`${at}.steps`, steps)
      const names = Object.keys(rule.scalars(1, 1)).map(name => ({ name, value: new Float64Array(1) }))
      for (const { name, value } of names) scalars.set(scalarInput(at, name), value)
      return { rule, steps, scalars: names }
    })
    this.state = state
    this.moves = { key: JSON.stringify({ optimizer, groups, clip }), programOf: step => moving(step, moved, clip), resident: { arrays, scalars } }
  }

  begin(runner: ExecutableRunner, factor: number): void {
    if (this.holder !== runner) {
      this.settle()
      this.settleState()
      runner.loadResident()
      this.holder = runner
    }
    if (this.isSettled) runner.loadParameters()
    this.isSettled = false
    for (let i = 0; i < this.parts.length; i++) {
      const { rule, steps, scalars } = this.parts[i] as Part
      const t = (steps[0] as number) + 1
      steps[0] = t
      const numbers = rule.scalars(t, factor)
      for (let k = 0; k < scalars.length; k++) {
        const { name, value } = scalars[k] as Part['scalars'][number]
        value[0] = numbers[name] ?? NaN
      }
    }
    runner.loadScalars()
  }

  end(): 'moved' {
    return 'moved'
  }

  settle(): void {
    if (this.isSettled) return
    this.holder?.saveParameters()
    this.store.constrain()
    this.isSettled = true
  }

  settleState(): void {
    this.holder?.saveResident()
  }
}

export class SearchingUpdate implements ParameterUpdate {
  readonly moves = undefined
  readonly state: ReadonlyMap<string, FloatArray>
  /** The parameters before the update, for those that have a rate. */
  private readonly before: FloatArray

  static async make(store: ParameterStore, settings: UpdateSettings): Promise<SearchingUpdate> {
    const gradient = store.values.slice(0, store.trainable).fill(0)
    return new SearchingUpdate(store, settings, gradient, await searchingOptimizer(store, settings, gradient))
  }

  private constructor(private readonly store: ParameterStore, private readonly settings: UpdateSettings, private readonly gradient: FloatArray, private readonly optimizer: OracleOptimizer) {
    this.before = store.values.slice()
    this.state = new Map([...optimizer.state].map(([name, array]) => [`0.${name}`, array] as const))
  }

  begin(): void {}

  async end({ runner, oracle, step, seed }: StepRun): Promise<'moved' | 'converged'> {
    const { store, gradient, settings, optimizer } = this
    const { name } = settings.optimizer
    if (runner.rates.length > 0 && name !== 'spsa') throw new RunError('unsupported', `the model gives rates to parameters, which ${name} cannot follow; gradient-based optimizers such as adam can`)
    runner.readGradient(gradient)
    // The oracle's runs overwrite the results of this one.
    const rates = runner.rates.map(({ data, offset }) => ({ data: data.slice(), offset }))
    this.before.set(store.values)
    const outcome = await optimizer.step({ parameters: store.values.subarray(0, store.trainable), gradient, loss: runner.loss, oracle: oracle(), step, seed })
    this.applyRates(rates)
    store.constrain()
    return outcome
  }

  settle(): void {}

  settleState(): void {}

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
): readonly { readonly plan: Plan; readonly start: number; readonly end: number; readonly parameters: readonly Parameter[] }[] {
  const trained = store.list.filter(parameter => !parameter.frozen)
  const runs: { readonly key: string; readonly plan: Plan; readonly start: number; end: number; readonly parameters: Parameter[] }[] = []
  for (const parameter of trained) {
    const plan = { ...optimizer, ...optionsFor(parameter, groups) }
    const key = JSON.stringify(plan)
    const last = runs.at(-1)
    const end = parameter.offset + parameter.free.length
    if (last?.key === key) {
      last.end = end
      last.parameters.push(parameter)
    } else runs.push({ key, plan, start: parameter.offset, end, parameters: [parameter] })
  }
  return runs
}

/** Of groups that name the same parameter the later one counts. */
const optionsFor = ({ path }: Parameter, groups: readonly GroupPlan[]): GroupPlan['options'] =>
  Object.assign({}, ...groups.filter(group => isWithin(path, group.path)).map(group => group.options)) as GroupPlan['options']

/** `enc.W` is within `enc` and `enc.W`, not within `en`. */
export const isWithin = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}.`)
