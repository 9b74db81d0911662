/** The optimizers that go by the gradient, by name; the others are in oracles.ts. A name of the plan that has no row fails the type check. */
import type { GradientName, OptimizerPlan } from '../../ir/training'
import type { Precision } from '../../ir/plan'
import type { Backend } from '../backends/backend'
import { adagrad } from './adagrad'
import { adam, adamw } from './adam'
import { lion } from './lion'
import type { GradientOptimizer, Options } from './optimizer'
import { rmsprop } from './rmsprop'
import { prepareRule, ruleBytes, type UpdateRule } from './rule'
import { sgd } from './sgd'

export type { GradientOptimizer, Oracle, OracleOptimizer, OracleStep, Spectrum } from './optimizer'

const RULES: { readonly [Name in GradientName]: (options: Options<Name>) => UpdateRule } = { sgd, adam, adamw, rmsprop, adagrad, lion }

type GradientPlan = OptimizerPlan & { readonly name: GradientName }

/**
 * @param count how many numbers it moves
 * @param backend runs its code
 */
export function makeGradientOptimizer(
  plan: GradientPlan, count: number, precision: Precision, backend: Backend,
): Promise<GradientOptimizer> {
  return prepareRule(ruleOf(plan), count, precision, backend)
}

function ruleOf(plan: GradientPlan): UpdateRule {
  // The table maps each name to a rule of its own options; TypeScript loses that link over a union.
  const rule = RULES[plan.name] as (options: GradientPlan) => UpdateRule
  return rule(plan)
}

/** Bytes that an optimizer takes beside the parameters and their gradient. @param count how many numbers it moves */
export function optimizerBytes(plan: OptimizerPlan, count: number, precision: Precision): number {
  const real = precision === 'f32' ? 4 : 8
  switch (plan.name) {
    // The pairs in 64 bits, and of the line search where it starts, its direction in 64 bits, and its gradient.
    case 'lbfgs': return count * (2 * plan.history * 8 + 8 + 2 * real)
    // A copy of the matrix, the one that is eliminated in 64 bits, and its right side.
    case 'newton': case 'natural_gradient': return count * (count * (real + 8) + 8)
    case 'rotosolve': return count * real
    // Where it starts, the signs, and gains and widths in 64 bits.
    case 'spsa': return count * (real + 1 + 2 * 8)
    case 'sgd': case 'adam': case 'adamw': case 'rmsprop': case 'adagrad': case 'lion': return ruleBytes(ruleOf(plan), count, precision)
    default: return plan satisfies never
  }
}
