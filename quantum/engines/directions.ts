/**
 * Directional derivatives of any order by shifts: D[v]F = Σⱼ vⱼ Σ c·F(θ + s·eⱼ), applied once for each direction.
 *
 * Exact at every order, because a derivative of a trigonometric polynomial (or of a quadratic) has no frequency (or power)
 * that the function itself has not.
 */
import type { ShiftRule } from '../shiftRule'

/**
 * Calls `visit(weight)` with `slots` shifted, so that D[v₁…vₘ]F = Σ weight·F(slots). Slots with vⱼ = 0 are not shifted.
 * @param directions v₁…vₘ, [batch, slots.length] each, of which row `row` counts
 */
export function forEachShift(
  slots: Float64Array, rules: readonly ShiftRule[], directions: readonly Float64Array[], row: number, weight: number,
  visit: (weight: number) => void,
): void {
  const [direction, ...others] = directions
  if (direction === undefined) {
    visit(weight)
    return
  }
  for (let slot = 0; slot < slots.length; slot++) {
    const component = direction[row * slots.length + slot] as number
    if (component === 0) continue
    const given = slots[slot] as number
    for (const { shift, coefficient } of rules[slot] ?? []) {
      slots[slot] = given + shift
      forEachShift(slots, rules, others, row, weight * component * coefficient, visit)
    }
    slots[slot] = given
  }
}
