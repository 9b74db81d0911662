/** Steepest descent by the distance between quantum states, not between parameters (Stokes et al., Quantum 4, 269 (2020)). */
import { moveBySystem } from './linearSystem'
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
    moveBySystem({ matrix: await oracle.metric(), named: 'the metric', optimizer: 'natural_gradient', damping, rate }, gradient, parameters)
    return 'moved'
  } }
}
