/** Stochastic gradient descent, with PyTorch's conventions for momentum. */
import type { FloatArray } from '../params'
import { zerosLike, type GradientOptimizer, type Options } from './optimizer'

/**
 * With gradient g, rate η, momentum μ and decay λ:
 *
 *     g ← g + λ θ
 *     v ← μ v + g          (v = 0 at first)
 *     d = g + μ v          with nesterov, else v
 *     θ ← θ − η d
 *
 * @param gradient an array of the gradient's kind and length
 */
export function sgd({ rate, momentum, nesterov, decay }: Options<'sgd'>, gradient: FloatArray): GradientOptimizer {
  if (momentum === 0) {
    return { state: new Map(), update(parameters, g, factor) {
      const eta = factor * rate
      for (let i = 0; i < g.length; i++) {
        const theta = parameters[i] as number
        parameters[i] = theta - eta * ((g[i] as number) + decay * theta)
      }
    } }
  }
  const velocity = zerosLike(gradient)
  return { state: new Map([['velocity', velocity]]), update(parameters, g, factor) {
    const eta = factor * rate
    for (let i = 0; i < g.length; i++) {
      const theta = parameters[i] as number
      const slope = (g[i] as number) + decay * theta
      const v = momentum * (velocity[i] as number) + slope
      velocity[i] = v
      parameters[i] = theta - eta * (nesterov ? slope + momentum * v : v)
    }
  } }
}
