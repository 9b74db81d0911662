/** Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2). */
import type { Options } from './optimizer'
import type { Term, UpdateRule } from './rule'

/**
 * With gradient g, rate η and decay λ:
 *
 *     θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ)
 *     m ← β₂ m + (1 − β₂) g                       (0 at first)
 */
export function lion({ rate, beta1, beta2, decay }: Options<'lion'>): UpdateRule {
  return {
    state: { mean: 0 },
    scalars: (_, factor) => ({ eta: factor * rate }),
    update(given, apply) {
      const theta = given('theta')
      const mix = (beta: number): Term => apply('add', apply('mul', beta, given('mean')), apply('mul', 1 - beta, given('gradient')))
      const direction = apply('add', apply('sign', mix(beta1)), apply('mul', decay, theta))
      return { mean: mix(beta2), theta: apply('sub', theta, apply('mul', given('eta'), direction)) }
    },
  }
}
