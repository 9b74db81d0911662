/** RMSprop (Hinton 2012, lecture 6e), with PyTorch's conventions. */
import type { FloatArray } from '../params'
import { zerosLike, type GradientOptimizer, type Options } from './optimizer'

/**
 * With gradient g, rate η, momentum μ and decay λ:
 *
 *     g ← g + λ θ
 *     v ← α v + (1 − α) g²                        (0 at first)
 *     m ← α m + (1 − α) g, v' = v − m²            with centered, else v' = v
 *     b ← μ b + g / (√v' + ε)                     (0 at first)
 *     θ ← θ − η b
 *
 * @param gradient an array of the gradient's kind and length
 */
export function rmsprop({ rate, alpha, epsilon, momentum, centered, decay }: Options<'rmsprop'>, gradient: FloatArray): GradientOptimizer {
  const none = gradient.subarray(0, 0)
  const square = zerosLike(gradient)
  const mean = zerosLike(centered ? gradient : none)
  const velocity = zerosLike(momentum > 0 ? gradient : none)
  return { state: new Map([['square', square], ['mean', mean], ['velocity', velocity]]), update(parameters, g, factor) {
    const eta = factor * rate
    for (let i = 0; i < g.length; i++) {
      const theta = parameters[i] as number
      const slope = (g[i] as number) + decay * theta
      const v = alpha * (square[i] as number) + (1 - alpha) * slope * slope
      square[i] = v
      let variance = v
      if (centered) {
        const m = alpha * (mean[i] as number) + (1 - alpha) * slope
        mean[i] = m
        // Rounding may take it below zero where the gradient hardly changes.
        variance = Math.max(0, v - m * m)
      }
      let move = slope / (Math.sqrt(variance) + epsilon)
      if (momentum > 0) {
        move += momentum * (velocity[i] as number)
        velocity[i] = move
      }
      parameters[i] = theta - eta * move
    }
  } }
}
