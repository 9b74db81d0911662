/** Schedules: factors on the rate that change during a run. */
import type { SchedulePlan } from '../../ir/training'
import { RunError } from '../errors'

/** How long the run is. */
export interface RunLength {
  /** Infinity where it has no end. */
  readonly steps: number
  readonly stepsPerEpoch: number
  /** What `every` counts: steps where the run's length is said in steps. */
  readonly unit: 'epochs' | 'steps'
}

/** One schedule, at its own step k = 0, 1, … */
interface Part {
  /** The first step of the run, counted from 0, that it is for. */
  readonly from: number
  factor(k: number): number
}

export class RateSchedule {
  private readonly parts: readonly Part[]
  /** Of a plateau: the factor so far, the best loss, and epochs since then; what a checkpoint keeps. */
  readonly state = Float64Array.of(1, Infinity, 0)
  private readonly plateau: (SchedulePlan & { readonly name: 'plateau' }) | undefined

  /** @throws RunError 'usage' where a schedule would have to know the end of a run that has none */
  constructor(plans: readonly SchedulePlan[], run: RunLength) {
    let from = 0
    this.parts = plans.map(plan => {
      const start = from
      const length = lengthOf(plan, run, run.steps - start)
      from += length
      return { from: start, factor: k => this.factorOf(plan, k, length, run) }
    })
    this.plateau = plans.find(plan => plan.name === 'plateau')
  }

  /** @param step from 1 */
  factor(step: number): number {
    const part = this.parts.findLast(({ from }) => step - 1 >= from) ?? this.parts[0]
    return part ? part.factor(step - 1 - part.from) : 1
  }

  /** @param loss what a plateau watches: of the held-out rows, where there are some */
  endEpoch(loss: number): void {
    if (!this.plateau) return
    const { factor, patience, threshold, floor } = this.plateau
    const [part = 1, best = Infinity, waited = 0] = this.state
    // PyTorch's relative threshold; of a negative loss, better is further down as well.
    if (loss < best - threshold * Math.abs(Number.isFinite(best) ? best : 0)) this.state.set([part, loss, 0])
    else if (waited < patience) this.state.set([part, best, waited + 1])
    else this.state.set([Math.max(floor, part * factor), best, 0])
  }

  private factorOf(plan: SchedulePlan, k: number, length: number, { stepsPerEpoch, unit }: RunLength): number {
    switch (plan.name) {
      case 'constant': return 1
      case 'step': return plan.factor ** Math.floor(k / (unit === 'epochs' ? stepsPerEpoch : 1) / plan.every)
      case 'cosine': return cosine(1, plan.floor, k / length)
      case 'one_cycle': return oneCycle(plan, k, length)
      case 'warmup': return Math.min(1, (k + 1) / length)
      case 'plateau': return this.state[0] as number
      default: return plan satisfies never
    }
  }
}

/** In steps; a schedule that does not end by itself goes on for ever. */
function lengthOf(plan: SchedulePlan, { stepsPerEpoch }: RunLength, left: number): number {
  switch (plan.name) {
    case 'constant': case 'step': case 'plateau': return Infinity
    case 'cosine': case 'one_cycle': case 'warmup': {
      const length = plan.steps ?? (plan.epochs === undefined ? left : plan.epochs * stepsPerEpoch)
      if (Number.isFinite(length)) return Math.max(1, length)
      throw new RunError('usage', `${plan.name} needs a length, as in ${plan.name}(epochs = 10): this run has no end`)
    }
    default: return plan satisfies never
  }
}

/** From one value to another along half a cosine; stays there beyond 1. */
const cosine = (from: number, to: number, part: number): number => to + (from - to) * (1 + Math.cos(Math.PI * Math.min(1, part))) / 2

/** As PyTorch's OneCycleLR with cosines: the peak is at step rise · length − 1, the end at length − 1. */
function oneCycle({ rise, start, end }: SchedulePlan & { readonly name: 'one_cycle' }, k: number, length: number): number {
  const peak = rise * length - 1
  if (k <= peak) return cosine(start, 1, peak > 0 ? k / peak : 1)
  const fall = length - 1 - Math.max(0, peak)
  return cosine(1, end, fall > 0 ? (k - Math.max(0, peak)) / fall : 1)
}
