/** Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), with PyTorch's placing of ε. */
import type { Options } from './optimizer'
import type { UpdateRule } from './rule'

/**
 * With gradient g at step t = 1, 2, …, rate η and decay λ; ε stands outside the square root, after the bias correction:
 *
 *     g ← g + λ θ                      with adam             θ ← θ − η λ θ         with adamw, before the step
 *     m ← β₁ m + (1 − β₁) g            v ← β₂ v + (1 − β₂) g²            (both 0 at first)
 *     θ ← θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * Both sides of the last fraction are multiplied by c = √(1 − β₂ᵗ), which leaves one division for each number: η c/(1 − β₁ᵗ) · m / (√v + c ε).
 */
export const adam = (options: Options<'adam'>): UpdateRule => adamWith(options, false)

/** As `adam`, its decay apart from the gradient. */
export const adamw = (options: Options<'adamw'>): UpdateRule => adamWith(options, true)

function adamWith({ rate, beta1, beta2, epsilon, decay }: Options<'adam'>, isDecoupled: boolean): UpdateRule {
  return {
    state: { mean: 0, square: 0 },
    scalars(t, factor) {
      const correction = Math.sqrt(1 - power(beta2, t))
      const scalars = { scale: factor * rate * correction / (1 - power(beta1, t)), floor: epsilon * correction }
      return isDecoupled ? { ...scalars, kept: 1 - factor * rate * decay } : scalars
    },
    update(given, apply) {
      const theta = given('theta')
      const slope = isDecoupled || decay === 0 ? given('gradient') : apply('add', given('gradient'), apply('mul', decay, theta))
      const mean = apply('add', apply('mul', beta1, given('mean')), apply('mul', 1 - beta1, slope))
      const square = apply('add', apply('mul', beta2, given('square')), apply('mul', apply('mul', 1 - beta2, slope), slope))
      const spread = apply('add', apply('sqrt', square), given('floor'))
      const start = isDecoupled ? apply('mul', given('kept'), theta) : theta
      return { mean, square, theta: apply('sub', start, apply('div', apply('mul', given('scale'), mean), spread)) }
    },
  }
}

/** xⁿ for a whole n below 2³², by squares: `**` gives other last digits in other JavaScript engines, and so would training. */
function power(x: number, n: number): number {
  let result = 1
  for (let square = x, left = n; left !== 0; square *= square, left >>>= 1) {
    // The highest digit is a factor, too.
    if (square === 0) return 0
    if (left & 1) result *= square
  }
  return result
}
