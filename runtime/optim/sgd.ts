/** Stochastic gradient descent, with PyTorch's conventions for momentum. */
import type { Options } from './optimizer'
import type { Term, UpdateRule } from './rule'

/**
 * With gradient g, rate η, momentum μ and decay λ:
 *
 *     g ← g + λ θ
 *     v ← μ v + g          (v = 0 at first)
 *     d = g + μ v          with nesterov, else v
 *     θ ← θ − η d
 */
export function sgd({ rate, momentum, nesterov, decay }: Options<'sgd'>): UpdateRule {
  return {
    state: momentum === 0 ? {} : { velocity: 0 },
    scalars: (_, factor) => ({ eta: factor * rate }),
    update(given, apply): Readonly<Record<string, Term>> {
      const theta = given('theta')
      const slope = decay === 0 ? given('gradient') : apply('add', given('gradient'), apply('mul', decay, theta))
      const moved = (direction: Term) => apply('sub', theta, apply('mul', given('eta'), direction))
      if (momentum === 0) return { theta: moved(slope) }
      const velocity = apply('add', apply('mul', momentum, given('velocity')), slope)
      return { velocity, theta: moved(nesterov ? apply('add', slope, apply('mul', momentum, velocity)) : velocity) }
    },
  }
}
