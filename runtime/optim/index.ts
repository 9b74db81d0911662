/** The optimizers by name. A name of the plan that has no row here fails the type check. */
import type { OptimizerPlan } from '../../ir/plan'
import type { FloatArray } from '../params'
import { adam } from './adam'
import type { Optimizer } from './optimizer'
import { sgd } from './sgd'

export type { Optimizer } from './optimizer'

type Row<Name extends OptimizerPlan['name']> = (plan: OptimizerPlan & { readonly name: Name }, gradient: FloatArray) => Optimizer

const OPTIMIZERS: { readonly [Name in OptimizerPlan['name']]: Row<Name> } = { sgd, adam }

/** PyTorch's defaults: what a model trains with when nothing else is said. */
export const DEFAULT_OPTIMIZER: OptimizerPlan = { name: 'adam', rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** @param gradient an array of the gradient's kind and length; the optimizer's own arrays are made like it */
export function makeOptimizer<Name extends OptimizerPlan['name']>(
  plan: OptimizerPlan & { readonly name: Name }, gradient: FloatArray,
): Optimizer {
  // The table maps each name to a maker of its own options; TypeScript loses that link over a union.
  const make = OPTIMIZERS[plan.name] as Row<Name>
  return make(plan, gradient)
}
