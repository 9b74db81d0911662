/**
 * A line search for the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6), with the
 * interpolation and safeguards of their section 3.5, and Hager and Zhang's test where losses differ by no more than rounding.
 */

/** The loss along a line and its derivative, at `step` from where the line starts. */
export interface Trial { readonly step: number; readonly loss: number; readonly slope: number }

/** Sufficient decrease and curvature: the constants that Nocedal and Wright recommend for quasi-Newton directions. */
const DECREASE = 1e-4
const CURVATURE = 0.9
/** A step grows at most so much at once, and a bracket is never cut nearer to its ends than this part of it. */
const GROWTH = 10
const MARGIN = 0.1

/**
 * @param evaluate the loss at a step; not finite counts as higher than anything
 * @param start at step 0, its slope negative
 * @param first what is tried first
 * @param rounding of losses, relative to their size
 * @returns the trial that was accepted, always the one evaluated last; undefined where none was better than the start
 */
export async function searchLine(
  evaluate: (step: number) => Promise<Trial>, start: Trial, first: number, evaluations: number, rounding: number,
): Promise<Trial | undefined> {
  const noise = rounding * Math.abs(start.loss)
  let left = evaluations
  let latest = start
  const tryAt = async (step: number): Promise<Trial> => {
    left--
    latest = await evaluate(step)
    return latest
  }
  const falls = ({ step, loss }: Trial) => loss <= start.loss + DECREASE * step * start.slope || Math.abs(loss - start.loss) <= noise
  const isFlat = ({ slope }: Trial) => Math.abs(slope) <= CURVATURE * -start.slope
  const accepted = (trial: Trial) => falls(trial) && isFlat(trial)

  /** low has the lower loss of the two, and the minimum lies between them. */
  const zoom = async (low: Trial, high: Trial): Promise<Trial | undefined> => {
    while (left > 0 && Math.abs(high.step - low.step) > 1e-14 * Math.max(low.step, high.step)) {
      const trial = await tryAt(between(low, high))
      if (accepted(trial)) return trial
      if (!falls(trial) || trial.loss > low.loss + noise) high = trial
      else {
        if (trial.slope * (high.step - low.step) >= 0) high = low
        low = trial
      }
    }
    return await settle(low)
  }

  /** Out of trials: the best so far, where it is better than the start by more than rounding. */
  const settle = async (best: Trial): Promise<Trial | undefined> => {
    if (!(best.step > 0 && best.loss < start.loss - noise)) return undefined
    return best === latest ? best : await evaluate(best.step)
  }

  let before = start
  let step = first
  while (left > 0) {
    const trial = await tryAt(step)
    if (accepted(trial)) return trial
    if (!falls(trial) || (before !== start && trial.loss > before.loss + noise)) return await zoom(before, trial)
    if (trial.slope >= 0) return await zoom(trial, before)
    const beyond = cubicMinimum(before, trial)
    step = Math.min(Math.max(Number.isFinite(beyond) && beyond > trial.step ? beyond : 2 * step, 1.1 * step), GROWTH * step)
    before = trial
  }
  return await settle(before)
}

/** Where a bracket is looked into next: the cubic's minimum, away from the ends; the middle where there is none. */
function between(low: Trial, high: Trial): number {
  const width = high.step - low.step
  const cubic = Number.isFinite(high.loss) && Number.isFinite(high.slope) ? cubicMinimum(low, high) : NaN
  const part = (cubic - low.step) / width
  return Number.isFinite(part) ? low.step + Math.min(Math.max(part, MARGIN), 1 - MARGIN) * width : low.step + width / 2
}

/** Of the cubic through two losses and slopes (Nocedal and Wright 3.59). */
function cubicMinimum(a: Trial, b: Trial): number {
  const d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step)
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(d1 * d1 - a.slope * b.slope)
  return b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
}
