/** How to train: the plan's train block, overridden by the options of `fit`, checked. */
import type { OptimizerPlan, Plan } from '../ir/plan'
import type { Holdout } from './data/rows'
import { RunError } from './errors'
import { DEFAULT_OPTIMIZER } from './optim'
import { suggestName } from './suggest'

/** An optimizer by name; options that are left out have PyTorch's defaults, and sgd a rate of 0.01. */
export type OptimizerOptions =
  | ({ readonly name: 'sgd' } & Partial<Omit<OptimizerPlan & { name: 'sgd' }, 'name'>>)
  | ({ readonly name: 'adam' } & Partial<Omit<OptimizerPlan & { name: 'adam' }, 'name'>>)

export interface FitOptions {
  readonly epochs?: number
  /** Stops after so many steps, also within an epoch. */
  readonly steps?: number
  /** Rows a step; Infinity for all of them. */
  readonly batch?: number
  readonly seed?: number
  readonly optimizer?: OptimizerOptions
  /** A fraction of the rows drawn by the seed, or the last ones in order; 0 for none. */
  readonly holdout?: number | { readonly last: number }
  /** Epochs without a better loss (of the held-out rows, where there are some) after which to stop; the best weights are kept. */
  readonly patience?: number
  /** Inputs to standardise by the training part's mean and deviation. */
  readonly standardize?: readonly string[]
  /** Stops between steps. */
  readonly signal?: AbortSignal
  readonly onEpoch?: (epoch: EpochRecord) => void | Promise<void>
  readonly onStep?: (step: StepRecord) => void | Promise<void>
}

export interface StepRecord {
  /** From 1. */
  readonly step: number
  readonly epoch: number
  /** Before the step's update. */
  readonly loss: number
}

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number
  /** Means over the epoch's rows, as they were trained on. */
  readonly loss: number
  readonly metrics: Readonly<Record<string, number>>
  /** Of the held-out rows, after the epoch. */
  readonly holdout?: { readonly loss: number; readonly metrics: Readonly<Record<string, number>> }
  /** Steps so far. */
  readonly steps: number
  /** Seconds so far. */
  readonly seconds: number
}

export interface Settings {
  /** Infinity where only steps limit. */
  readonly epochs: number
  readonly steps: number
  readonly batch: number
  readonly seed: number
  readonly optimizer: OptimizerPlan
  readonly holdout?: Holdout
  readonly patience?: number
  readonly standardize: readonly string[]
}

/** @throws RunError 'usage' for an option that makes no sense */
export function resolveSettings(plan: Plan, options: FitOptions, seed: number): Settings {
  const block = plan.train
  // A length given with the call replaces the block's, whichever of the two it is.
  const ownLength = options.epochs !== undefined || options.steps !== undefined
  const epochs = ownLength ? options.epochs : block?.epochs
  const steps = ownLength ? options.steps : block?.steps
  if (epochs === undefined && steps === undefined) {
    throw new RunError('usage', `say how long to train ${plan.model}: epochs or steps, in its train block or in the options of fit`)
  }
  const patience = options.patience ?? block?.patience
  return {
    epochs: wholeOption('epochs', epochs ?? Infinity, 0),
    steps: wholeOption('steps', steps ?? Infinity, 0),
    batch: wholeOption('batch', options.batch ?? block?.batch ?? Infinity, 1),
    seed: wholeOption('seed', seed, -Infinity),
    optimizer: options.optimizer ? fillOptimizer(options.optimizer) : (block?.optimizer ?? DEFAULT_OPTIMIZER),
    holdout: resolveHoldout(options.holdout) ?? (options.holdout === undefined ? block?.holdout : undefined),
    patience: patience === undefined ? undefined : wholeOption('patience', patience, 1),
    standardize: checkNames(plan, options.standardize ?? block?.standardize ?? []),
  }
}

function wholeOption(name: string, value: number, least: number): number {
  if ((Number.isSafeInteger(value) || value === Infinity) && value >= least) return value
  throw new RunError('usage', `${name} is ${value}; a whole number${Number.isFinite(least) ? ` from ${least} on` : ''} was expected`)
}

function resolveHoldout(option: FitOptions['holdout']): Holdout | undefined {
  if (option === undefined || option === 0) return undefined
  if (typeof option === 'object') return { last: wholeOption('holdout.last', option.last, 0) }
  if (option > 0 && option < 1) return { fraction: option }
  throw new RunError('usage', `holdout is ${option}; a fraction between 0 and 1, or { last: rows }, was expected`)
}

function fillOptimizer(options: OptimizerOptions): OptimizerPlan {
  switch (options.name) {
    case 'sgd': return { rate: 0.01, momentum: 0, nesterov: false, ...options }
    case 'adam': return { rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options }
    default: {
      const { name } = options as { name: string }
      throw new RunError('usage', `no optimizer '${name}'${suggestName(name, ['sgd', 'adam'])}`)
    }
  }
}

function checkNames(plan: Plan, names: readonly string[]): readonly string[] {
  const known = plan.inputs.filter(input => input.type.element === 'real').map(input => input.name)
  for (const name of names) {
    if (!known.includes(name)) throw new RunError('usage', `standardize: model ${plan.model} has no real input '${name}'${suggestName(name, known)}`)
  }
  return names
}
