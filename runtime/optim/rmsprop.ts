/** RMSprop (Hinton 2012, lecture 6e), with PyTorch's conventions. */
import type { Options } from './optimizer'
import type { Term, UpdateRule } from './rule'

/**
 * With gradient g, rate η, momentum μ and decay λ:
 *
 *     g ← g + λ θ
 *     v ← α v + (1 − α) g²                        (0 at first)
 *     m ← α m + (1 − α) g, v' = v − m²            with centered, else v' = v
 *     b ← μ b + g / (√v' + ε)                     (0 at first)
 *     θ ← θ − η b
 */
export function rmsprop({ rate, alpha, epsilon, momentum, centered, decay }: Options<'rmsprop'>): UpdateRule {
  return {
    state: { square: 0, ...(centered ? { mean: 0 } : {}), ...(momentum > 0 ? { velocity: 0 } : {}) },
    scalars: (_, factor) => ({ eta: factor * rate }),
    update(given, apply) {
      const theta = given('theta')
      const mix = (old: Term, now: Term) => apply('add', apply('mul', alpha, old), apply('mul', 1 - alpha, now))
      const slope = apply('add', given('gradient'), apply('mul', decay, theta))
      const square = mix(given('square'), apply('mul', slope, slope))
      const mean = centered ? mix(given('mean'), slope) : undefined
      // Rounding may take it below zero where the gradient hardly changes.
      const variance = mean === undefined ? square : apply('max', 0, apply('sub', square, apply('mul', mean, mean)))
      const step = apply('div', slope, apply('add', apply('sqrt', variance), epsilon))
      const move = momentum > 0 ? apply('add', step, apply('mul', momentum, given('velocity'))) : step
      return { square, ...(mean === undefined ? {} : { mean }), velocity: move, theta: apply('sub', theta, apply('mul', given('eta'), move)) }
    },
  }
}
