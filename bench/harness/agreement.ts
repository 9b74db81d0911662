/** Whether a peer computed what we did: a faster answer to another question is no comparison. */

export interface Disagreement { readonly at: number; readonly ours: number; readonly theirs: number; readonly allowed: number }

/**
 * The first place where two results differ by more than `tolerance` · max(1, |ours|), or `undefined`.
 * @throws RangeError where they have different lengths, or nothing to compare
 */
export function disagreement(ours: ArrayLike<number>, theirs: ArrayLike<number>, tolerance: number): Disagreement | undefined {
  if (ours.length !== theirs.length || ours.length === 0) throw new RangeError(`it gives ${theirs.length} numbers, and ours are ${ours.length}`)
  for (let at = 0; at < ours.length; at++) {
    const mine = ours[at] ?? NaN
    const other = theirs[at] ?? NaN
    const allowed = tolerance * Math.max(1, Math.abs(mine))
    // Also where one of them is not a number.
    if (!(Math.abs(mine - other) <= allowed)) return { at, ours: mine, theirs: other, allowed }
  }
  return undefined
}

export const describeDisagreement = ({ at, ours, theirs, allowed }: Disagreement): string =>
  `disagrees: number ${at} is ${theirs}, and ours is ${ours} (allowed: ${allowed.toPrecision(1)})`
