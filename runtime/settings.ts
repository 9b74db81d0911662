/** How to train: the plan's train block, overridden by the options of `fit`, checked. */
import type { Plan } from '../ir/plan'
import {
  DEFAULT_OPTIMIZER, isGradientName, OPTIMIZERS, SCHEDULES, takesGroups,
  type ClipPlan, type GroupPlan, type OptimizerName, type OptimizerOptionsOf, type OptimizerPlan, type ScheduleName, type SchedulePlan,
} from '../ir/training'
import { fillOptimizer, fillOptions } from './options'
import type { Holdout } from './data/rows'
import { RunError } from './errors'
import { suggestName } from './suggest'
import { isWithin } from './updates'

/** An optimizer by name; options that are left out have their defaults, PyTorch's where it has the optimizer. */
export type OptimizerOptions = { readonly [Name in OptimizerName]: { readonly name: Name } & Partial<OptimizerOptionsOf<Name>> }[OptimizerName]

/** A schedule by name; options that are left out have their defaults. */
export type ScheduleOptions = { readonly [Name in ScheduleName]: { readonly name: Name } & Partial<Extract<SchedulePlan, { readonly name: Name }>> }[ScheduleName]

export interface FitOptions<Metrics = MetricValues> {
  readonly epochs?: number
  /** Stops after so many steps, also within an epoch. */
  readonly steps?: number
  /** Rows a step; Infinity for all of them. */
  readonly batch?: number
  readonly seed?: number
  readonly optimizer?: OptimizerOptions
  /** What the rate is multiplied by during the run: one schedule, or a warmup and another. */
  readonly schedule?: ScheduleOptions | readonly ScheduleOptions[]
  /** Cuts gradients element by element, or all together by their Euclidean norm; null for neither. */
  readonly clip?: { readonly value: number } | { readonly norm: number } | null
  /** Options of the optimizer for some parameters, by path; `enc` stands for all parameters of the layer enc. */
  readonly groups?: Readonly<Record<string, Readonly<Record<string, number | boolean>>>>
  /** A fraction of the rows drawn by the seed, or the last ones in order; 0 for none. */
  readonly holdout?: number | { readonly last: number }
  /** Epochs without a better loss (of the held-out rows, where there are some) after which to stop; the best weights are kept. */
  readonly patience?: number
  /** Inputs to standardise by the training part's mean and deviation. */
  readonly standardize?: readonly string[]
  /** Stops between steps. */
  readonly signal?: AbortSignal
  /** Keeps where training stands, every so often and when the signal stops it, for `resume` to go on from. */
  readonly checkpoint?: CheckpointOptions
  /** What a checkpoint has kept: training goes on to the same bits as if it had not stopped. */
  readonly resume?: Uint8Array
  readonly onEpoch?: (epoch: EpochRecord<Metrics>) => void | Promise<void>
  readonly onStep?: (step: StepRecord) => void | Promise<void>
}

export interface CheckpointOptions {
  /** A file, written whole or not at all (in Node), or whatever takes the bytes. */
  readonly to: string | ((bytes: Uint8Array) => void | Promise<void>)
  /** 1 by default. */
  readonly every?: number
  /** Epochs by default. */
  readonly unit?: 'epochs' | 'steps'
}

export interface StepRecord {
  /** From 1. */
  readonly step: number
  readonly epoch: number
  /** Before the step's update. */
  readonly loss: number
}

/** By name; a compiled model's declarations have its own names. */
export type MetricValues = Readonly<Record<string, number>>

export interface EpochRecord<Metrics = MetricValues> {
  /** From 1. */
  readonly epoch: number
  /** Means over the epoch's rows, as they were trained on. */
  readonly loss: number
  readonly metrics: Metrics
  /** Of the held-out rows, after the epoch. */
  readonly holdout?: { readonly loss: number; readonly metrics: Metrics }
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
  readonly schedule: readonly SchedulePlan[]
  readonly clip?: ClipPlan
  readonly groups: readonly GroupPlan[]
  readonly holdout?: Holdout
  readonly patience?: number
  readonly standardize: readonly string[]
  readonly checkpoint?: Required<CheckpointOptions>
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
  const settings: Settings = {
    epochs: wholeOption('epochs', epochs ?? Infinity, 0),
    steps: wholeOption('steps', steps ?? Infinity, 0),
    batch: wholeOption('batch', options.batch ?? block?.batch ?? Infinity, 1),
    seed: wholeOption('seed', seed, -Infinity),
    optimizer: fillOptimizer(options.optimizer ?? block?.optimizer ?? { name: DEFAULT_OPTIMIZER }),
    schedule: options.schedule === undefined ? block?.schedule ?? [] : fillSchedule([options.schedule].flat()),
    clip: options.clip === undefined ? block?.clip : resolveClip(options.clip),
    groups: options.groups === undefined ? block?.groups ?? [] : Object.entries(options.groups).map(([path, given]) => ({ path, options: given })),
    holdout: resolveHoldout(options.holdout) ?? (options.holdout === undefined ? blockHoldout(plan) : undefined),
    patience: patience === undefined ? undefined : wholeOption('patience', patience, 1),
    standardize: checkNames(plan, options.standardize ?? block?.standardize ?? []),
    checkpoint: options.checkpoint && {
      to: options.checkpoint.to, every: wholeOption('checkpoint.every', options.checkpoint.every ?? 1, 1), unit: options.checkpoint.unit ?? 'epochs',
    },
  }
  checkGroups(plan, settings)
  checkCombination(settings)
  return settings
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

/** Rows of a file of their own come with `fit`, like all data: as the last ones, and told of in its options. */
function blockHoldout({ train }: Plan): Holdout | undefined {
  return train?.holdout && !('file' in train.holdout) ? train.holdout : undefined
}

function resolveClip(clip: NonNullable<FitOptions['clip']> | null): ClipPlan | undefined {
  if (clip === null) return undefined
  const plan: ClipPlan = 'norm' in clip ? { kind: 'norm', limit: clip.norm } : { kind: 'value', limit: clip.value }
  if (plan.limit > 0) return plan
  throw new RunError('usage', `clip.${plan.kind} is ${plan.limit}; a positive number was expected`)
}

/** @throws RunError 'usage' where schedules follow each other in a way that has no meaning */
function fillSchedule(options: readonly ScheduleOptions[]): readonly SchedulePlan[] {
  const plans = options.map(({ name, ...given }): SchedulePlan => {
    if (!Object.hasOwn(SCHEDULES, name)) throw new RunError('usage', `no schedule '${name as string}'${suggestName(name, Object.keys(SCHEDULES))}`)
    return { name, ...fillOptions(name, SCHEDULES[name], given) } as SchedulePlan
  })
  if (plans.length > 2 || (plans.length === 2 && plans[0]?.name !== 'warmup')) {
    throw new RunError('usage', `a schedule is one of ${Object.keys(SCHEDULES).join(', ')}, or a warmup and another; found ${plans.map(plan => plan.name).join(', ')}`)
  }
  return plans
}

function checkGroups({ model, parameters }: Plan, { groups, optimizer }: Settings): void {
  for (const { path, options } of groups) {
    if (!parameters.some(parameter => isWithin(parameter.path, path))) {
      throw new RunError('usage', `groups: model ${model} has no parameter '${path}'${suggestName(path, parameters.map(parameter => parameter.path))}`)
    }
    fillOptions(`groups['${path}']`, OPTIMIZERS[optimizer.name], options)
  }
}

/** Those that look at the loss itself choose their own steps. */
function checkCombination({ optimizer: { name }, schedule, clip, groups }: Settings): void {
  if (isGradientName(name)) return
  const what = schedule.length > 0 ? 'a schedule' : clip ? 'clip' : groups.length > 0 && !takesGroups(name) ? 'groups' : undefined
  if (what) throw new RunError('usage', `${name} chooses its own steps and takes no ${what.replace('a ', '')}: leave it out, or take an optimizer such as adam`)
}

function checkNames(plan: Plan, names: readonly string[]): readonly string[] {
  const known = plan.inputs.filter(input => input.type.element === 'real').map(input => input.name)
  for (const name of names) {
    if (!known.includes(name)) throw new RunError('usage', `standardize: model ${plan.model} has no real input '${name}'${suggestName(name, known)}`)
  }
  return names
}
