/** Loads a plan onto a backend, and keeps its prepared programs. */
import type { Sizes } from '../ir/dim'
import { PLAN_VERSION, type Entries, type Plan, type Precision, type Program } from '../ir/plan'
import type { Backend, Executable } from './backends/backend'
import { RunError } from './errors'
import { machineMemory, memoryOf, mustFit, type ProgramMemory, type TrainingMemory } from './memory'
import { checkObligations } from './program'

export type EntryName = keyof Entries

/** Prepared programs kept per model; the one unused for longest goes first. Sizes may change with every call. */
const KEPT = 24

export class LoadedPlan {
  private readonly prepared = new Map<string, Executable>()

  constructor(readonly plan: Plan, readonly backend: Backend, readonly precision: Precision) {}

  /** @throws RunError 'usage' when the plan has no such entry: it has no loss */
  program(entry: EntryName): Program {
    const program = this.plan.entries[entry]
    if (!program) throw new RunError('usage', `model ${this.plan.model} has no loss, so it has no gradient and cannot be trained`)
    return program
  }

  /**
   * An entry made ready for some sizes; the same object for the same sizes.
   * @param variant of the entry's program, and what tells it apart
   * @throws RunError 'sizes' where an obligation of the plan does not hold; 'memory' where the machine has not enough
   */
  async executable(entry: EntryName, sizes: Sizes, variant?: { readonly key: string; readonly programOf: (program: Program) => Program }): Promise<Executable> {
    const key = `${entry} ${variant?.key ?? ''} ${[...sizes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, size]) => `${name}=${size}`).join(' ')}`
    const known = this.prepared.get(key)
    if (known) {
      // Moves to the end: the map's order is the order of last use.
      this.prepared.delete(key)
      this.prepared.set(key, known)
      return known
    }
    const program = variant ? variant.programOf(this.program(entry)) : this.program(entry)
    checkObligations(this.plan.obligations, sizes)
    this.mustFit(WORDS[entry], memoryOf(program, sizes, this.precision), sizes)
    const executable = await this.backend.prepare(program, sizes, this.precision)
    this.prepared.set(key, executable)
    const [oldest] = this.prepared.keys()
    if (this.prepared.size > KEPT && oldest !== undefined) this.prepared.delete(oldest)
    return executable
  }

  /**
   * @param what needs it, as in `a prediction`
   * @throws RunError 'memory' where the machine has not as much
   */
  mustFit(what: string, need: ProgramMemory | TrainingMemory, sizes: Sizes): void {
    mustFit(`${what} of ${this.plan.model}`, need, sizes, machineMemory())
  }
}

/** What runs an entry is for. */
const WORDS: Readonly<Record<EntryName, string>> = {
  init: 'the initialisation', predict: 'a prediction', evaluate: 'an evaluation', gradient: 'a gradient', step: 'a training step',
  update: 'an update of the states', objective: 'a loss', hessian: 'the Hessian', metric: 'the metric',
}

/** @throws RunError 'plan' when the plan was made for another version of the runtime */
export function loadPlan(plan: Plan, backend: Backend, precision: Precision = plan.precision): LoadedPlan {
  // The type says 1, but a file may say anything.
  const version: number = plan.version
  if (version !== PLAN_VERSION) {
    const what = `model ${plan.model} was compiled to plan version ${version}, and this runtime reads version ${PLAN_VERSION}`
    throw new RunError('plan', `${what}: compile it again with the bpc of this bp-lang`)
  }
  return new LoadedPlan(plan, backend, precision)
}
