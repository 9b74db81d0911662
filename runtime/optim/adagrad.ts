/** AdaGrad (Duchi, Hazan and Singer 2011), with PyTorch's conventions. */
import type { FloatArray } from '../params'
import { zerosLike, type GradientOptimizer, type Options } from './optimizer'

/**
 * With gradient g at step t = 1, 2, …, rate η, rate_decay κ and decay λ:
 *
 *     g ← g + λ θ
 *     s ← s + g²                                  (`initial` at first)
 *     θ ← θ − η/(1 + κ (t − 1)) · g / (√s + ε)
 *
 * @param gradient an array of the gradient's kind and length
 */
export function adagrad({ rate, rate_decay: rateDecay, initial, epsilon, decay }: Options<'adagrad'>, gradient: FloatArray): GradientOptimizer {
  const sum = zerosLike(gradient).fill(initial)
  const steps = new Float64Array(1)
  return { state: new Map<string, FloatArray>([['sum', sum], ['steps', steps]]), update(parameters, g, factor) {
    const eta = factor * rate / (1 + rateDecay * (steps[0] as number))
    steps[0] = (steps[0] as number) + 1
    for (let i = 0; i < g.length; i++) {
      const theta = parameters[i] as number
      const slope = (g[i] as number) + decay * theta
      const s = (sum[i] as number) + slope * slope
      sum[i] = s
      // A gradient that has been zero from the start, with ε = 0, would be 0/0.
      if (slope !== 0) parameters[i] = theta - eta * slope / (Math.sqrt(s) + epsilon)
    }
  } }
}
