/** Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2). */
import type { FloatArray } from '../params'
import { zerosLike, type GradientOptimizer, type Options } from './optimizer'

/**
 * With gradient g, rate η and decay λ:
 *
 *     θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ)
 *     m ← β₂ m + (1 − β₂) g                       (0 at first)
 *
 * @param gradient an array of the gradient's kind and length
 */
export function lion({ rate, beta1, beta2, decay }: Options<'lion'>, gradient: FloatArray): GradientOptimizer {
  const mean = zerosLike(gradient)
  return { state: new Map([['mean', mean]]), update(parameters, g, factor) {
    const eta = factor * rate
    for (let i = 0; i < g.length; i++) {
      const slope = g[i] as number
      const m = mean[i] as number
      const theta = parameters[i] as number
      parameters[i] = theta - eta * (Math.sign(beta1 * m + (1 - beta1) * slope) + decay * theta)
      mean[i] = beta2 * m + (1 - beta2) * slope
    }
  } }
}
