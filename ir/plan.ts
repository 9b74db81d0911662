/**
 * The plan: what the compiler hands to the runtime. Plain data, the same for every backend. Sizes that a call binds stand
 * as `Dim`s; `real` becomes f32 or f64 when the plan is prepared.
 */
import type { Dim } from './dim'
import type { OpAttributes, OpName } from './op'
import type { ScalarName } from './scalar'
import type { TrainPlan } from './training'
import type { Element, TensorType } from './type'

/** Raised with every change that an older runtime would misread. */
export const PLAN_VERSION = 1

export interface Plan {
  readonly version: typeof PLAN_VERSION
  readonly model: string
  readonly doc: string
  readonly precision: Precision
  readonly inputs: readonly PlanInput[]
  readonly parameters: readonly PlanParameter[]
  readonly states: readonly PlanState[]
  readonly outputs: readonly PlanValue[]
  readonly metrics: readonly string[]
  readonly hasLoss: boolean
  /** Conditions on sizes that only a call can decide. */
  readonly obligations: readonly Obligation[]
  readonly entries: Entries
  readonly train?: TrainPlan
}

export type Precision = 'f32' | 'f64'

export interface PlanValue { readonly name: string; readonly type: TensorType; readonly doc: string }

export interface PlanInput extends PlanValue {
  /** Only the loss and metrics use a target, so `predict` does without. */
  readonly role: 'input' | 'target'
  /** Values an int may take, half open; checked where data enters. */
  readonly classes?: { readonly low: number; readonly high: number }
}

export interface PlanParameter {
  /** `features.dense.W`. */
  readonly path: string
  readonly shape: readonly number[]
  readonly frozen: boolean
  /** Values it may take; what is trained is then an unconstrained value behind it. */
  readonly range?: ParameterRange
  readonly doc: string
}

/**
 * How a constrained value p comes from an unconstrained u: an interval with one open end is low + softplus(u) or
 * high − softplus(u); one with two ends low + (high − low)·sigmoid(u); a simplex softmax(u, 0) along the last axis, with one
 * number fewer than p.
 */
export type ParameterRange =
  | { readonly kind: 'interval'; readonly low: number; readonly high: number }
  | { readonly kind: 'simplex' }

/** The shape of the unconstrained value behind a parameter. */
export function freeShape({ shape, range }: { readonly shape: readonly number[]; readonly range?: ParameterRange }): readonly number[] {
  return range?.kind === 'simplex' ? [...shape.slice(0, -1), (shape.at(-1) ?? 1) - 1] : shape
}

/** Saved with the weights, changed by `update` after each training step, and without a gradient. */
export interface PlanState {
  readonly path: string
  readonly element: Element
  readonly shape: readonly number[]
  readonly doc: string
}

export interface Obligation {
  readonly left: Dim
  readonly relation: '==' | '>=' | 'divides'
  readonly right: Dim
  /** In words, with the place: `moons.bp:7:3: x[0:2] needs n ≥ 2`. */
  readonly message: string
}

/**
 * Programs by purpose. Inputs are named: the model's inputs and targets, parameters and states by path, and STEP_INPUT and
 * EPOCH_INPUT where they are read; a program lists only what it needs. Results are named `output:NAME`, `loss`,
 * `metric:NAME`, `gradient:PATH`, `rate:PATH`, `state:PATH`, and in `init` the paths themselves.
 */
export interface Entries {
  /** () → parameters (constrained values), states */
  readonly init: Program
  /** (inputs, parameters) → outputs */
  readonly predict: Program
  /** (inputs, targets, parameters) → outputs, loss, metrics */
  readonly evaluate: Program
  /** (inputs, targets, parameters) → outputs, loss, metrics, gradients of all parameters; absent without a loss */
  readonly gradient?: Program
  /**
   * (inputs, targets, unconstrained parameters) → loss, metrics, gradients by them of those that are not frozen, rates in their
   * shapes; absent without a loss
   */
  readonly step?: Program
  /** (inputs, targets, parameters) → states, after each training step; absent without an `update` */
  readonly update?: Program
  /** As `step` without the gradients; only where the train block's optimizer looks at losses alone. */
  readonly objective?: Program
  /**
   * (inputs, targets, unconstrained parameters) → `hessian`: the second derivatives of the step's loss by the numbers of all
   * parameters that are not frozen, in the plan's order, [n, n]; only where the train block's optimizer asks for it.
   */
  readonly hessian?: Program
  /**
   * (inputs, unconstrained parameters) → `metric` by the same numbers, [n, n]: Σ JᵀFJ over the circuit calls behind the loss,
   * with the metric F of the state and the Jacobian J of the angles, averaged over the rows; 1 on the diagonal at a number
   * that moves no angle. Only where the train block's optimizer asks for it.
   */
  readonly metric?: Program
}

/** Names of the program inputs that count training: ints, from 1; `#` keeps them apart from a user's names. */
export const STEP_INPUT = '#step'
export const EPOCH_INPUT = '#epoch'

/** Straight-line code over buffers. */
export interface Program {
  /**
   * What each buffer holds; never two things at once, storage is the backend's to share. Only at the end of a step of training kernels
   * store to inputs that they load: its parameters move in place (runtime/optim/rule.ts).
   */
  readonly buffers: readonly TensorType[]
  readonly inputs: readonly { readonly name: string; readonly buffer: number }[]
  readonly steps: readonly Step[]
  readonly results: readonly { readonly name: string; readonly buffer: number }[]
}

export type Step = KernelStep | ReshapeStep | LoopStep | RoutineStep

/**
 * Scalar code run for every index of `shape`. Register r is load r, then literal r − loads.length, then the result of line
 * r − loads.length − literals.length.
 */
export interface KernelStep {
  readonly kind: 'kernel'
  readonly shape: readonly Dim[]
  readonly loads: readonly KernelLoad[]
  readonly literals: readonly { readonly value: number; readonly element: Element }[]
  readonly code: readonly { readonly fn: ScalarName; readonly args: readonly number[]; readonly element: Element }[]
  readonly stores: readonly { readonly buffer: number; readonly register: number }[]
}

/** Reads `buffer` at the index whose axis a is the iteration index's axis `axes[a]`, or 0 where `axes[a]` is −1. */
export interface KernelLoad {
  readonly buffer: number
  readonly axes: readonly number[]
}

/** The same elements under another shape. */
export interface ReshapeStep { readonly kind: 'reshape'; readonly input: number; readonly output: number }

/** As the op, its body a program: inputs counter, carries, constants, rows; results next carries, rows of yields. */
export interface LoopStep {
  readonly kind: 'loop'
  readonly trip: Dim
  readonly reverse: boolean
  readonly carries: number
  readonly constants: number
  readonly body: Program
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/** Ops that a backend runs by a routine of their own. */
export const ROUTINES = [
  'constant', 'fill', 'size', 'iota', 'random', 'broadcast', 'transpose', 'slice', 'pad', 'concat', 'flip', 'reduce', 'argReduce',
  'cumulativeSum', 'argSort', 'contract', 'convolve', 'solve', 'cholesky', 'determinant', 'cofactors', 'entropy', 'gather', 'segmentSum', 'wrapIndex', 'circuit', 'circuitVjp', 'circuitMetric',
] as const satisfies readonly OpName[]
export type RoutineName = (typeof ROUTINES)[number]

export type RoutineStep = { readonly [Op in RoutineName]: {
  readonly kind: 'routine'
  readonly op: Op
  readonly attributes: OpAttributes[Op]
  readonly inputs: readonly number[]
  readonly output: number
} }[RoutineName]

export type { ColumnSource, DataPlan, OptimizerPlan, TrainPlan } from './training'
