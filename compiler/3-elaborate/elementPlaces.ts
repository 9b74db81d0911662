/** Where the elements of a tensor go when it is moved, so that what is known of each of them can follow. */
import type { Dim } from '../../ir/dim'
import type { Node } from '../../ir/graph'

/** One entry an element, row by row; an axis of open size counts as one, as what holds for one row holds for all. */
export type Elements<T> = readonly T[]

export const openAsOne = (shape: readonly Dim[]): readonly number[] => shape.map(dim => (typeof dim === 'number' ? dim : 1))

export const elementCount = (shape: readonly Dim[]): number => openAsOne(shape).reduce((product, size) => product * size, 1)

/** For each element of a shape, by its index along each axis. */
export function forEachIndex<T>(shape: readonly number[], make: (index: readonly number[]) => T): T[] {
  const index = shape.map(() => 0)
  return Array.from({ length: elementCount(shape) }, () => {
    const made = make(index)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break
      index[axis] = 0
    }
    return made
  })
}

export const placeOf = (shape: readonly number[], index: readonly number[]): number => shape.reduce((place, size, axis) => place * size + (index[axis] ?? 0), 0)

/**
 * The elements of a node that only moves them.
 * @param zero what `pad` puts between
 * @returns undefined for other nodes, and where an open size decides
 */
export function moveElements<T>(node: Node, inputs: readonly Elements<T>[], zero: T): Elements<T> | undefined {
  const [from = []] = inputs
  const dims = node.inputs[0]?.type.shape ?? []
  const shape = openAsOne(dims), out = openAsOne(node.results[0]?.type.shape ?? [])
  const isOpen = (axis: number) => typeof dims[axis] !== 'number'
  const read = (index: readonly number[]): T => from[placeOf(shape, index)] ?? zero
  switch (node.op) {
    case 'mark': case 'stop': return from
    case 'broadcast': return forEachIndex(out, index => read(node.attributes.axes.map((axis, at) => (shape[at] === 1 ? 0 : index[axis] ?? 0))))
    case 'transpose': return forEachIndex(out, index => read(shape.map((_, axis) => index[node.attributes.permutation.indexOf(axis)] ?? 0)))
    case 'flip': return forEachIndex(out, index => read(index.map((at, axis) => (axis === node.attributes.axis ? (shape[axis] ?? 1) - 1 - at : at))))
    case 'reshape': return openAxesLead(dims, node.attributes.shape) ? from : undefined
    case 'slice': {
      const { starts, steps } = node.attributes
      if (starts.some((start, axis) => typeof start !== 'number' && !isOpen(axis))) return undefined
      return forEachIndex(out, index => read(index.map((at, axis) => (isOpen(axis) ? 0 : Number(starts[axis]) + at * (steps[axis] ?? 1)))))
    }
    case 'pad': {
      const { low, high, interior } = node.attributes
      const isStill = (axis: number) => low[axis] === 0 && high[axis] === 0 && interior[axis] === 0
      if (dims.some((_, axis) => !isStill(axis) && (isOpen(axis) || typeof low[axis] !== 'number'))) return undefined
      return forEachIndex(out, index => {
        const source = index.map((at, axis) => (at - Number(low[axis])) / ((interior[axis] ?? 0) + 1))
        return source.every((at, axis) => Number.isInteger(at) && at >= 0 && at < (shape[axis] ?? 0)) ? read(source) : zero
      })
    }
    case 'concat': {
      const { axis } = node.attributes
      if (node.inputs.some(input => typeof input.type.shape[axis] !== 'number')) return undefined
      const parts = node.inputs.flatMap(({ type }, part) => Array.from({ length: Number(type.shape[axis]) }, (_, at) => ({ part, at, shape: openAsOne(type.shape) })))
      return forEachIndex(out, index => {
        const { part, at, shape: own } = parts[index[axis] ?? 0] ?? { part: 0, at: 0, shape }
        return inputs[part]?.[placeOf(own, index.map((each, other) => (other === axis ? at : each)))] ?? zero
      })
    }
    default: return undefined
  }
}

/** Whether open sizes stand in front on both sides, and as many: the order of the rest is then the same. */
function openAxesLead(before: readonly Dim[], after: readonly Dim[]): boolean {
  const leading = (shape: readonly Dim[]) => { const first = shape.findIndex(dim => typeof dim === 'number'); return first < 0 ? shape.length : first }
  const open = leading(before)
  const hasMore = (shape: readonly Dim[]) => shape.slice(open).some(dim => typeof dim !== 'number')
  return open === leading(after) && !hasMore(before) && !hasMore(after) && elementCount(before) === elementCount(after)
}
