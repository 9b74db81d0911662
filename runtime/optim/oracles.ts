/** The optimizers that look at more than one gradient a step, by name: a room of their own, which few trainings load. */
import type { GradientName, OptimizerName, OptimizerPlan } from '../../ir/training'
import type { FloatArray } from '../params'
import { lbfgs } from './lbfgs'
import { naturalGradient } from './naturalGradient'
import { newton } from './newton'
import type { Options, OracleOptimizer, Part } from './optimizer'
import { rotosolve } from './rotosolve'
import { spsa } from './spsa'

export type OracleName = Exclude<OptimizerName, GradientName>

/**
 * @param gradient an array of the gradient's kind and length; the optimizer's own arrays are made like it
 * @param parts all of it, where options differ from parameter to parameter
 */
type Maker<Name extends OptimizerName> = (options: Options<Name>, gradient: FloatArray, parts?: readonly Part<Name>[]) => OracleOptimizer

const ORACLE_OPTIMIZERS: { readonly [Name in OracleName]: Maker<Name> } = { lbfgs, newton, natural_gradient: naturalGradient, rotosolve, spsa }

export function makeOracleOptimizer<Name extends OracleName>(
  plan: OptimizerPlan & { readonly name: Name }, gradient: FloatArray, parts?: readonly Part<Name>[],
): OracleOptimizer {
  const make = ORACLE_OPTIMIZERS[plan.name] as unknown as Maker<Name>
  return make(plan as unknown as Options<Name>, gradient, parts)
}
