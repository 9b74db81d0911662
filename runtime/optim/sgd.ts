/** Stochastic gradient descent, with PyTorch's conventions for momentum. */
import type { OptimizerPlan } from '../../ir/plan'
import type { FloatArray } from '../params'
import { zerosLike, type Optimizer } from './optimizer'

/**
 * With gradient g, rate η and momentum μ:
 *
 *     v ← μ v + g          (v = 0 at first)
 *     d = g + μ v          with nesterov, else v
 *     θ ← θ − η d
 *
 * @param gradient an array of the gradient's kind and length
 */
export function sgd({ rate, momentum, nesterov }: OptimizerPlan & { readonly name: 'sgd' }, gradient: FloatArray): Optimizer {
  if (momentum === 0) {
    return { state: new Map(), update(parameters, g) {
      for (let i = 0; i < g.length; i++) parameters[i] = (parameters[i] as number) - rate * (g[i] as number)
    } }
  }
  const velocity = zerosLike(gradient)
  return { state: new Map([['velocity', velocity]]), update(parameters, g) {
    for (let i = 0; i < g.length; i++) {
      const slope = g[i] as number
      const v = momentum * (velocity[i] as number) + slope
      velocity[i] = v
      parameters[i] = (parameters[i] as number) - rate * (nesterov ? slope + momentum * v : v)
    }
  } }
}
