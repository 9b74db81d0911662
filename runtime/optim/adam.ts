/** Adam (Kingma and Ba, 2015), with PyTorch's placing of ε: outside the square root, after the bias correction. */
import type { OptimizerPlan } from '../../ir/plan'
import type { FloatArray } from '../params'
import { zerosLike, type Optimizer } from './optimizer'

/**
 * With gradient g at step t = 1, 2, …, and rate η:
 *
 *     m ← β₁ m + (1 − β₁) g            v ← β₂ v + (1 − β₂) g²            (both 0 at first)
 *     θ ← θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * @param gradient an array of the gradient's kind and length
 */
export function adam({ rate, beta1, beta2, epsilon }: OptimizerPlan & { readonly name: 'adam' }, gradient: FloatArray): Optimizer {
  const mean = zerosLike(gradient)
  const square = zerosLike(gradient)
  const steps = new Float64Array(1)
  return { state: new Map<string, FloatArray>([['mean', mean], ['square', square], ['steps', steps]]), update(parameters, g) {
    const t = (steps[0] as number) + 1
    steps[0] = t
    const scale = rate / (1 - beta1 ** t)
    const correction = Math.sqrt(1 - beta2 ** t)
    for (let i = 0; i < g.length; i++) {
      const slope = g[i] as number
      const m = beta1 * (mean[i] as number) + (1 - beta1) * slope
      const v = beta2 * (square[i] as number) + (1 - beta2) * slope * slope
      mean[i] = m
      square[i] = v
      parameters[i] = (parameters[i] as number) - scale * m / (Math.sqrt(v) / correction + epsilon)
    }
  } }
}
