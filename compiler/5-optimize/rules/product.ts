/** Contractions: transposes become labels, and axes along which an operand only repeats leave it. */
import type { Dim } from '../../../ir/dim'
import type { OpAttributes } from '../../../ir/op'
import type { Value } from '../../../ir/graph'
import { nodeOf, type Maker, type Rule } from '../maker'
import { at } from '../rebuild'

export const contractOperands: Rule<'contract'> = (make, { left, right, out }, [x, y]) => {
  if (!x || !y) return undefined
  const sizes = new Map([...left.map((label, axis) => [label, at(x.type.shape, axis)] as const), ...right.map((label, axis) => [label, at(y.type.shape, axis)] as const)])
  const isEmpty = [...sizes].some(([label, size]) => size === 0 && !out.includes(label))
  if (isEmpty) return make.fill(x.type.element, out.map(label => sizes.get(label) ?? 0), 0)
  const p = transposed(x, left)
  const q = transposed(y, right)
  if (p || q) return make.add('contract', { left: p?.labels ?? left, right: q?.labels ?? right, out }, [p?.value ?? x, q?.value ?? y])
  const narrowed = withoutRepeats(make, { left, right, out }, x, y)
  if (narrowed) return narrowed
  return withoutRepeats(make, { left: right, right: left, out }, y, x)
}

function transposed(x: Value, labels: readonly number[]): { readonly value: Value; readonly labels: readonly number[] } | undefined {
  const node = nodeOf(x, 'transpose')
  if (!node) return undefined
  // Axis i of the operand is axis permutation[i] of what it transposes.
  return { value: at(node.inputs, 0), labels: labels.map((_, axis) => at(labels, node.attributes.permutation.indexOf(axis))) }
}

/**
 * An axis along which the left operand repeats: kept by the right one it needs no label on the left; summed over, the sum is
 * the right one's alone; of the left one only, the result repeats along it.
 */
function withoutRepeats(make: Maker, { left, right, out }: OpAttributes['contract'], x: Value, y: Value): Value | undefined {
  const broadcast = nodeOf(x, 'broadcast')
  const source = broadcast?.inputs[0]
  if (!broadcast || !source || source.type.shape.includes(1)) return undefined
  const own = broadcast.attributes.axes.map(axis => at(left, axis))
  const repeated = left.filter(label => !own.includes(label))
  const summed = repeated.filter(label => right.includes(label) && !out.includes(label))
  const copied = repeated.filter(label => !right.includes(label))
  const narrower = make.reduce('sum', y, right.flatMap((label, axis) => (summed.includes(label) ? [axis] : [])))
  const kept = out.filter(label => !copied.includes(label))
  const product = make.add('contract', { left: own, right: right.filter(label => !summed.includes(label)), out: kept }, [source, narrower])
  if (copied.length === 0) return product
  const shape = out.map((label): Dim => (copied.includes(label) ? at(x.type.shape, left.indexOf(label)) : at(product.type.shape, kept.indexOf(label))))
  return make.broadcast(product, shape, kept.map(label => out.indexOf(label)))
}

/** A transposed product is the product with its labels in another order. */
export const transposeOfContract: Rule<'transpose'> = (make, { permutation }, [x]) => {
  const node = nodeOf(x, 'contract')
  if (!x || !node || !make.isOnlyRead(x)) return undefined
  return make.add('contract', { ...node.attributes, out: permutation.map(axis => at(node.attributes.out, axis)) }, node.inputs)
}

/** A sum over axes of a product is a product that sums over them, or a product with the sum of the one operand that has them. */
export const sumOfContract: Rule<'reduce'> = (make, { fn, axes }, [x]) => {
  const node = nodeOf(x, 'contract')
  if (!x || !node || fn !== 'sum' || axes.length === 0 || !make.isOnlyRead(x)) return undefined
  const { left, right, out } = node.attributes
  const summed = axes.map(axis => at(out, axis))
  const narrowed = (value: Value, labels: readonly number[], others: readonly number[]) => {
    const own = labels.filter(label => summed.includes(label) && !others.includes(label))
    return { value: make.reduce('sum', value, own.map(label => labels.indexOf(label)).sort((p, q) => p - q)), labels: labels.filter(label => !own.includes(label)) }
  }
  const p = narrowed(at(node.inputs, 0), left, right)
  const q = narrowed(at(node.inputs, 1), right, left)
  return make.add('contract', { left: p.labels, right: q.labels, out: out.filter(label => !summed.includes(label)) }, [p.value, q.value])
}
