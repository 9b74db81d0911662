/** What an optimizer is. It sees flat arrays, and nothing of what the numbers mean. */
import type { OptimizerOptionsOf, OptimizerName } from '../../ir/training'
import type { FloatArray } from '../params'

/** What a checkpoint needs to go on from here, by name; live, so writing to it restores. */
export type OptimizerState = ReadonlyMap<string, FloatArray>

/** Looks at the loss itself, at points of its own choice. */
export interface OracleOptimizer {
  /**
   * Moves the parameters by one step, in place.
   * @returns 'converged' where it cannot find a better point; the parameters are then as they were
   */
  step(at: OracleStep): Promise<'moved' | 'converged'>
  readonly state: OptimizerState
}

export interface OracleStep {
  /** Where the step starts; what is written here is where the oracle looks. */
  readonly parameters: FloatArray
  /** Of the loss there; zeros for an optimizer that takes none. */
  readonly gradient: FloatArray
  readonly loss: number
  readonly oracle: Oracle
  /** From 1. */
  readonly step: number
  readonly seed: number
}

/** The loss on the rows of this step, with its random draws, where the parameters are now. */
export interface Oracle {
  /** @param gradient is filled in where given */
  loss(gradient?: FloatArray): Promise<number>
  /** Second derivatives, row by row, [n, n]; a copy. */
  hessian(): Promise<FloatArray>
  /** The metric of the circuits' states by the parameters, row by row, [n, n]; a copy. */
  metric(): Promise<FloatArray>
  /** How the loss turns with each parameter, in order: see SpectrumPlan. */
  spectra(): readonly Spectrum[]
}

/** Frequencies unit, 2·unit, …, count·unit. */
export interface Spectrum { readonly unit: number; readonly count: number }

/** The options of an optimizer, by its name. */
export type Options<Name extends OptimizerName> = OptimizerOptionsOf<Name>

/** Neighbours among the parameters that have options of their own, [start, end). */
export interface Part<Name extends OptimizerName> { readonly options: Options<Name>; readonly start: number; readonly end: number }

/** A fresh array of zeros, of the kind of `like`. */
export const zerosLike = (like: FloatArray): FloatArray =>
  like instanceof Float32Array ? new Float32Array(like.length) : new Float64Array(like.length)
