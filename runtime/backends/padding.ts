/** Where the elements of a padded tensor land. */
import type { Dim } from '../../ir/dim'
import type { OpAttributes } from '../../ir/op'
import { stridesOf } from './reference/layout'

export interface Landing {
  /** Elements kept along each axis: negative amounts cut some off. */
  readonly kept: readonly number[]
  /** The first of them in the input and in the output, and how far apart they are there; in elements. */
  readonly from: number
  readonly to: number
  readonly inputStrides: readonly number[]
  readonly outputStrides: readonly number[]
}

/** Along each axis element i lands at low + i·(interior + 1). */
export function landingOf(
  { low, interior }: OpAttributes['pad'], input: readonly number[], output: readonly number[], sizeOf: (dim: Dim) => number,
): Landing {
  const inputStrides = stridesOf(input)
  const strides = stridesOf(output)
  const axes = input.map((size, axis) => {
    const before = sizeOf(low[axis] ?? 0)
    const step = (interior[axis] ?? 0) + 1
    const first = Math.max(0, Math.ceil(-before / step))
    const last = Math.min(size - 1, Math.floor(((output[axis] ?? 0) - 1 - before) / step))
    return { before, step, first, kept: Math.max(0, last - first + 1) }
  })
  return {
    kept: axes.map(axis => axis.kept),
    from: axes.reduce((sum, { first }, axis) => sum + first * (inputStrides[axis] ?? 0), 0),
    to: axes.reduce((sum, { before, step, first }, axis) => sum + (before + first * step) * (strides[axis] ?? 0), 0),
    inputStrides,
    outputStrides: axes.map(({ step }, axis) => step * (strides[axis] ?? 0)),
  }
}
