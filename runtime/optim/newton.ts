/** Newton's method, damped: second derivatives say where a quadratic would have its minimum. */
import { RunError } from '../errors'
import { solve } from './linearSystem'
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
    const n = gradient.length
    const matrix = Float64Array.from(await oracle.hessian())
    for (let i = 0; i < n; i++) matrix[i * n + i] = (matrix[i * n + i] as number) + damping
    const d = solve(matrix, Float64Array.from(gradient))
    if (!d) throw new RunError('matrix', `newton: the Hessian${damping > 0 ? ` plus ${damping}` : ''} is singular; give it more damping, as in newton(damping = 0.01)`)
    for (let i = 0; i < n; i++) parameters[i] = (parameters[i] as number) - rate * (d[i] as number)
    return 'moved'
  } }
}
