/** Steepest descent by the distance between quantum states, not between parameters (Stokes et al., Quantum 4, 269 (2020)). */
import { RunError } from '../errors'
import { solve } from './linearSystem'
import type { OracleOptimizer, Options } from './optimizer'

/**
 *     (F + λ I) d = g          θ ← θ − η d
 *
 * with the metric F, which is 1 on the diagonal of a number that moves no circuit, gradient g, damping λ and rate η. n² numbers
 * are kept, and n³/3 multiplications done a step.
 *
 * @throws RunError 'matrix' where F + λ I is singular
 */
export function naturalGradient({ rate, damping }: Options<'natural_gradient'>): OracleOptimizer {
  return { state: new Map(), async step({ parameters, gradient, oracle }) {
    const n = gradient.length
    const matrix = Float64Array.from(await oracle.metric())
    for (let i = 0; i < n; i++) matrix[i * n + i] = (matrix[i * n + i] as number) + damping
    const d = solve(matrix, Float64Array.from(gradient))
    if (!d) throw new RunError('matrix', `natural_gradient: the metric${damping > 0 ? ` plus ${damping}` : ''} is singular; give it more damping, as in natural_gradient(damping = 0.01)`)
    for (let i = 0; i < n; i++) parameters[i] = (parameters[i] as number) - rate * (d[i] as number)
    return 'moved'
  } }
}
