/** Loops over the axes of tensors, with an address for each tensor that moves along. */
import type { FunctionWriter, Local } from '../../../wasm/module'

/** A tensor that is walked through: its address now, and bytes from one element to the next along each axis. */
export interface Walker { readonly address: Local; readonly strides: readonly number[] }

export interface Axes { readonly sizes: readonly number[]; readonly strides: readonly (readonly number[])[] }

/** Drops axes of one element and joins neighbours that are one axis for all tensors. @param strides of each tensor, by axis */
export function mergeAxes(sizes: readonly number[], strides: readonly (readonly number[])[]): Axes {
  const merged: { size: number; strides: number[] }[] = []
  sizes.forEach((size, axis) => {
    if (size === 1) return
    const own = strides.map(tensor => tensor[axis] ?? 0)
    const before = merged.at(-1)
    if (before?.strides.every((stride, tensor) => stride === (own[tensor] ?? 0) * size)) {
      before.size *= size
      before.strides = own
    } else merged.push({ size, strides: own })
  })
  return { sizes: merged.map(axis => axis.size), strides: strides.map((_, tensor) => merged.map(axis => axis.strides[tensor] ?? 0)) }
}

/** Runs the body for every index of the axes; the walkers are back where they started afterwards. */
export function walk(f: FunctionWriter, sizes: readonly number[], walkers: readonly Walker[], body: () => void, axis = 0): void {
  const size = sizes[axis]
  if (size === undefined) return body()
  f.repeat(size, () => {
    walk(f, sizes, walkers, body, axis + 1)
    for (const { address, strides } of walkers) f.advance(address, strides[axis] ?? 0)
  })
  for (const { address, strides } of walkers) f.advance(address, -size * (strides[axis] ?? 0))
}
