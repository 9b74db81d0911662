/** The optimizers by name. A name of the plan that has no row here fails the type check. */
import type { GradientName, OptimizerName, OptimizerPlan } from '../../ir/training'
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
import { sgd } from './sgd'
import { spsa } from './spsa'

export type { GradientOptimizer, Oracle, OracleOptimizer, OracleStep, Spectrum } from './optimizer'

type OracleName = Exclude<OptimizerName, GradientName>

/**
 * @param gradient an array of the gradient's kind and length; the optimizer's own arrays are made like it
 * @param parts all of it, where options differ from parameter to parameter
 */
type Maker<Name extends OptimizerName, Made> = (options: Options<Name>, gradient: FloatArray, parts?: readonly Part<Name>[]) => Made

const GRADIENT_OPTIMIZERS: { readonly [Name in GradientName]: Maker<Name, GradientOptimizer> } = { sgd, adam, adamw, rmsprop, adagrad, lion }

const ORACLE_OPTIMIZERS: { readonly [Name in OracleName]: Maker<Name, OracleOptimizer> } = { lbfgs, newton, natural_gradient: naturalGradient, rotosolve, spsa }

export function makeGradientOptimizer<Name extends GradientName>(plan: OptimizerPlan & { readonly name: Name }, gradient: FloatArray): GradientOptimizer {
  // The table maps each name to a maker of its own options; TypeScript loses that link over a union.
  const make = GRADIENT_OPTIMIZERS[plan.name] as unknown as Maker<Name, GradientOptimizer>
  return make(plan as unknown as Options<Name>, gradient)
}

export function makeOracleOptimizer<Name extends OracleName>(
  plan: OptimizerPlan & { readonly name: Name }, gradient: FloatArray, parts?: readonly Part<Name>[],
): OracleOptimizer {
  const make = ORACLE_OPTIMIZERS[plan.name] as unknown as Maker<Name, OracleOptimizer>
  return make(plan as unknown as Options<Name>, gradient, parts)
}
