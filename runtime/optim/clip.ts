/** Clipping: gradients that are too large are cut before the optimizer sees them. */
import type { ClipPlan } from '../../ir/training'
import type { FloatArray } from '../params'

/** In place. By norm, all elements shrink by one factor, so that the direction stays. */
export function clipGradient(gradient: FloatArray, { kind, limit }: ClipPlan): void {
  if (kind === 'value') {
    for (let i = 0; i < gradient.length; i++) gradient[i] = Math.min(limit, Math.max(-limit, gradient[i] as number))
    return
  }
  let sum = 0
  for (let i = 0; i < gradient.length; i++) sum += (gradient[i] as number) ** 2
  const norm = Math.sqrt(sum)
  if (!(norm > limit)) return
  for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) * (limit / norm)
}
