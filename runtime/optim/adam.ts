/** Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), with PyTorch's placing of ε. */
import type { FloatArray } from '../params'
import { zerosLike, type GradientOptimizer, type Options } from './optimizer'

/**
 * With gradient g at step t = 1, 2, …, rate η and decay λ; ε stands outside the square root, after the bias correction:
 *
 *     g ← g + λ θ                      with adam             θ ← θ − η λ θ         with adamw, before the step
 *     m ← β₁ m + (1 − β₁) g            v ← β₂ v + (1 − β₂) g²            (both 0 at first)
 *     θ ← θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * @param gradient an array of the gradient's kind and length
 */
export const adam = (options: Options<'adam'>, gradient: FloatArray): GradientOptimizer => adamWith(options, gradient, false)

/** As `adam`, its decay apart from the gradient. */
export const adamw = (options: Options<'adamw'>, gradient: FloatArray): GradientOptimizer => adamWith(options, gradient, true)

function adamWith({ rate, beta1, beta2, epsilon, decay }: Options<'adam'>, gradient: FloatArray, isDecoupled: boolean): GradientOptimizer {
  const mean = zerosLike(gradient)
  const square = zerosLike(gradient)
  const steps = new Float64Array(1)
  const added = isDecoupled ? 0 : decay
  return { state: new Map<string, FloatArray>([['mean', mean], ['square', square], ['steps', steps]]), update(parameters, g, factor) {
    const t = (steps[0] as number) + 1
    steps[0] = t
    const scale = factor * rate / (1 - beta1 ** t)
    const correction = Math.sqrt(1 - beta2 ** t)
    const kept = isDecoupled ? 1 - factor * rate * decay : 1
    for (let i = 0; i < g.length; i++) {
      const theta = parameters[i] as number
      const slope = (g[i] as number) + added * theta
      const m = beta1 * (mean[i] as number) + (1 - beta1) * slope
      const v = beta2 * (square[i] as number) + (1 - beta2) * slope * slope
      mean[i] = m
      square[i] = v
      parameters[i] = kept * theta - scale * m / (Math.sqrt(v) / correction + epsilon)
    }
  } }
}
