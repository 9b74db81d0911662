/** Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), with PyTorch's placing of ε. */
import type { Options } from './optimizer'
import type { UpdateRule } from './rule'

/**
 * With gradient g at step t = 1, 2, …, rate η and decay λ; ε stands outside the square root, after the bias correction:
 *
 *     g ← g + λ θ                      with adam             θ ← θ − η λ θ         with adamw, before the step
 *     m ← β₁ m + (1 − β₁) g            v ← β₂ v + (1 − β₂) g²            (both 0 at first)
 *     θ ← θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 */
export const adam = (options: Options<'adam'>): UpdateRule => adamWith(options, false)

/** As `adam`, its decay apart from the gradient. */
export const adamw = (options: Options<'adamw'>): UpdateRule => adamWith(options, true)

function adamWith({ rate, beta1, beta2, epsilon, decay }: Options<'adam'>, isDecoupled: boolean): UpdateRule {
  return {
    state: { mean: 0, square: 0 },
    scalars: (t, factor) => ({
      scale: factor * rate / (1 - power(beta1, t)),
      correction: Math.sqrt(1 - power(beta2, t)),
      kept: isDecoupled ? 1 - factor * rate * decay : 1,
    }),
    update(given, apply) {
      const theta = given('theta')
      const slope = isDecoupled || decay === 0 ? given('gradient') : apply('add', given('gradient'), apply('mul', decay, theta))
      const mean = apply('add', apply('mul', beta1, given('mean')), apply('mul', 1 - beta1, slope))
      const square = apply('add', apply('mul', beta2, given('square')), apply('mul', apply('mul', 1 - beta2, slope), slope))
      const spread = apply('add', apply('div', apply('sqrt', square), given('correction')), epsilon)
      const start = isDecoupled ? apply('mul', given('kept'), theta) : theta
      return { mean, square, theta: apply('sub', start, apply('div', apply('mul', given('scale'), mean), spread)) }
    },
  }
}

/** xⁿ for a whole n by squares: `**` gives other last digits in other JavaScript engines, and so would training. */
function power(x: number, n: number): number {
  let result = 1
  for (let square = x, left = n; left > 0; square *= square, left = Math.floor(left / 2)) if (left % 2 === 1) result *= square
  return result
}
