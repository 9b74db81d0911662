/** The optimizers that go by the gradient, by name; the others are in oracles.ts. A name of the plan that has no row fails the type check. */
import { isGradientName, type GradientName, type OptimizerPlan } from '../../ir/training'
import type { Precision } from '../../ir/plan'
import { adagrad } from './adagrad'
import { adam, adamw } from './adam'
import { lion } from './lion'
import type { Options } from './optimizer'
import { rmsprop } from './rmsprop'
import type { UpdateRule } from './rule'
import { sgd } from './sgd'

export type { Oracle, OracleOptimizer, OracleStep, Spectrum } from './optimizer'

const RULES: { readonly [Name in GradientName]: (options: Options<Name>) => UpdateRule } = { sgd, adam, adamw, rmsprop, adagrad, lion }

export type GradientPlan = OptimizerPlan & { readonly name: GradientName }

export const isGradientPlan = (plan: OptimizerPlan): plan is GradientPlan => isGradientName(plan.name)

/** Of one optimizer with its options. */
export function ruleOf(plan: GradientPlan): UpdateRule {
  // The table maps each name to a rule of its own options; TypeScript loses that link over a union.
  const rule = RULES[plan.name] as (options: GradientPlan) => UpdateRule
  return rule(plan)
}

/** Bytes that an optimizer keeps beside what its programs take, the parameters and their gradient. @param count how many numbers it moves */
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
    case 'sgd': case 'adam': case 'adamw': case 'rmsprop': case 'adagrad': case 'lion': return count * real * Object.keys(ruleOf(plan).state).length
    default: return plan satisfies never
  }
}
