/** Newton's method, damped: second derivatives say where a quadratic would have its minimum. */
import { moveBySystem } from './linearSystem'
import type { OracleOptimizer, Options } from './optimizer'

/**
 *     (H + λ I) d = g          θ ← θ − η d
 *
 * with Hessian H, gradient g, damping λ and rate η. n² numbers are kept, and n³/3 multiplications done a step.
 *
 * @throws RunError 'matrix' where H + λ I is singular
 */
export function newton({ rate, damping, tolerance }: Options<'newton'>): OracleOptimizer {
  return { state: new Map(), async step({ parameters, gradient, oracle }) {
    if (gradient.every(slope => Math.abs(slope) <= tolerance)) return 'converged'
    moveBySystem({ matrix: await oracle.hessian(), named: 'the Hessian', optimizer: 'newton', damping, rate }, gradient, parameters)
    return 'moved'
  } }
}
