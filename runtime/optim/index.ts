/** The optimizers by name. A name of the plan that has no row here fails the type check. */
import type { GradientName, OptimizerName, OptimizerPlan } from '../../ir/training'
import type { Precision } from '../../ir/plan'
import type { Backend } from '../backends/backend'
import type { FloatArray } from '../params'
import { adagrad } from './adagrad'
import { adam, adamw } from './adam'
import { lbfgs } from './lbfgs'
import { lion } from './lion'
import { naturalGradient } from './naturalGradient'
import { newton } from './newton'
import type { GradientOptimizer, Options, OracleOptimizer, Part } from './optimizer'
import { rmsprop } from './rmsprop'
import { rotosolve } from './rotosolve'
import { prepareRule, type UpdateRule } from './rule'
import { sgd } from './sgd'
import { spsa } from './spsa'

export type { GradientOptimizer, Oracle, OracleOptimizer, OracleStep, Spectrum } from './optimizer'

type OracleName = Exclude<OptimizerName, GradientName>

const RULES: { readonly [Name in GradientName]: (options: Options<Name>) => UpdateRule } = { sgd, adam, adamw, rmsprop, adagrad, lion }

/**
 * @param count how many numbers it moves
 * @param backend runs its code
 */
export function makeGradientOptimizer<Name extends GradientName>(
  plan: OptimizerPlan & { readonly name: Name }, count: number, precision: Precision, backend: Backend,
): Promise<GradientOptimizer> {
  // The table maps each name to a rule of its own options; TypeScript loses that link over a union.
  const rule = RULES[plan.name] as unknown as (options: Options<Name>) => UpdateRule
  return prepareRule(rule(plan as unknown as Options<Name>), count, precision, backend)
}

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
