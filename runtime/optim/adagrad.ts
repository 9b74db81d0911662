/** AdaGrad (Duchi, Hazan and Singer 2011), with PyTorch's conventions. */
import type { Options } from './optimizer'
import type { UpdateRule } from './rule'

/**
 * With gradient g at step t = 1, 2, …, rate η, rate_decay κ and decay λ:
 *
 *     g ← g + λ θ
 *     s ← s + g²                                  (`initial` at first)
 *     θ ← θ − η/(1 + κ (t − 1)) · g / (√s + ε)
 */
export function adagrad({ rate, rate_decay: rateDecay, initial, epsilon, decay }: Options<'adagrad'>): UpdateRule {
  return {
    state: { sum: initial },
    scalars: (t, factor) => ({ eta: factor * rate / (1 + rateDecay * (t - 1)) }),
    update(given, apply) {
      const theta = given('theta')
      const slope = apply('add', given('gradient'), apply('mul', decay, theta))
      const sum = apply('add', given('sum'), apply('mul', slope, slope))
      const move = apply('div', apply('mul', given('eta'), slope), apply('add', apply('sqrt', sum), epsilon))
      // A gradient that has been zero from the start, with ε = 0, would be 0/0.
      return { sum, theta: apply('where', apply('equal', slope, 0), theta, apply('sub', theta, move)) }
    },
  }
}
