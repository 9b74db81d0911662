/** Central differences of a loss, and how far from them a right gradient may be. */

/** The loss as a function of one number, everything else held. */
export type LossAt = (x: number) => Promise<number>

export interface Comparison {
  readonly compiled: number
  /** (L(x+h) − L(x−h)) / 2h with h = ε^⅓·max(1, |x|) */
  readonly difference: number
  /** |compiled − difference| */
  readonly error: number
  readonly tolerance: number
  /** `corner`: the slopes to the left and right differ, and the compiled one is between them. `edge`: the loss is not finite beside x. */
  readonly verdict: 'right' | 'wrong' | 'corner' | 'edge'
}

/**
 * Rounding moves each loss by some multiple of ε·|L|, which a difference divides by h = ε^⅓: a multiple of ε^⅔·|L|. A thousand
 * allows for sums over thousands of rows; a wrong formula is off by far more.
 */
const ROUNDINGS = 1000

/** What rounding alone may do to a gradient, of a loss and a gradient of these sizes. */
export function roundingTolerance(epsilon: number, loss: number, gradient: number): number {
  return ROUNDINGS * epsilon ** (2 / 3) * Math.max(1, Math.abs(loss), Math.abs(gradient))
}

/** `tolerance` in words, for the report. */
export const TOLERANCE_TEXT = `tolerance: ${ROUNDINGS}·ε^⅔·max(1, |loss|, |gradient|) for rounding, and |D(h) − D(2h)| for the bend of the loss, where `
  + 'D(h) = (L(x+h) − L(x−h))/2h and h = ε^⅓·max(1, |x|)'

/**
 * Holds a compiled derivative to the loss. The error of D(h) is h²f‴/6 to leading order and that of D(2h) four times as much, so
 * |D(h) − D(2h)| is three times the first: it allows for the bend of any loss without knowing f‴.
 * @param epsilon of the numbers that `lossAt` takes
 */
export async function compareAt(lossAt: LossAt, x: number, loss: number, compiled: number, epsilon: number): Promise<Comparison> {
  const step = Math.cbrt(epsilon) * Math.max(1, Math.abs(x))
  const near = await sides(lossAt, x, step, epsilon)
  const far = await sides(lossAt, x, 2 * step, epsilon)
  const difference = near.slope
  const error = Math.abs(compiled - difference)
  const tolerance = roundingTolerance(epsilon, loss, compiled) + Math.abs(difference - far.slope)
  const found = { compiled, difference, error, tolerance }
  if (!Number.isFinite(near.slope + far.slope)) return { ...found, verdict: Number.isFinite(compiled) ? 'edge' : 'wrong' }
  if (error <= tolerance) return { ...found, verdict: 'right' }
  return { ...found, verdict: isCorner(near, far, loss, compiled, tolerance) ? 'corner' : 'wrong' }
}

interface Sides { readonly left: number; readonly right: number; readonly up: number; readonly down: number; readonly slope: number }

async function sides(lossAt: LossAt, x: number, step: number, epsilon: number): Promise<Sides> {
  // The step as it is in the numbers of the run, so that x ± h are exactly where the loss is taken.
  const round = epsilon > 2 ** -30 ? Math.fround : (value: number) => value
  const up = round(x + step), down = round(x - step)
  const right = await lossAt(up), left = await lossAt(down)
  return { left, right, up: up - x, down: x - down, slope: (right - left) / (up - down) }
}

/** The slopes of a smooth loss to both sides differ by h·f″, twice as much at 2h; those of a corner differ by the same at both. */
function isCorner(near: Sides, far: Sides, loss: number, compiled: number, tolerance: number): boolean {
  const slopes = ({ left, right, up, down }: Sides): readonly [number, number] => [(loss - left) / down, (right - loss) / up]
  const jump = ([a, b]: readonly [number, number]) => Math.abs(b - a)
  const [before, after] = slopes(near)
  if (jump([before, after]) <= 2 * tolerance || jump(slopes(far)) > 1.5 * jump([before, after])) return false
  return compiled >= Math.min(before, after) - tolerance && compiled <= Math.max(before, after) + tolerance
}
