/** How convolutions and linear systems are mapped over leading dimensions without a loop. */
import { mulDims, productOfDims } from './dim'
import type { Value } from './graph'
import { dimAt, foldLead, given, moveAxes, spread, unfoldLead, type Mapping } from './mapping'
import type { ConvolutionPart } from './op'

/** The first axes of each part by letter: batch N, group G, input channel C, output channel O. */
const AXES: { readonly [Part in ConvolutionPart]: string } = { image: 'NGC', kernel: 'GOC', output: 'NGO' }
const PARTS: readonly ConvolutionPart[] = ['image', 'kernel', 'output']

/**
 * The leading dimensions become part of an axis: of the groups where both inputs are mapped, since groups do not meet;
 * otherwise of the axis that the mapped input has alone, which the result has too.
 */
export function mapConvolve({ b, node, inputs, lead }: Mapping<'convolve'>): Value {
  const { part } = node.attributes
  const [first, second] = PARTS.filter(other => other !== part).map(other => AXES[other])
  const own = inputs[0]?.mapped ? first : second
  const other = inputs[0]?.mapped ? second : first
  const letter = inputs.every(input => input.mapped) ? 'G' : [...own ?? ''].find(axis => !other?.includes(axis)) ?? 'G'
  const folded = inputs.map((input, at) => (input.mapped ? foldLead(b, input.value, lead, ((at === 0 ? first : second) ?? '').indexOf(letter)) : input.value))
  const axis = AXES[part].indexOf(letter)
  const size = dimAt(node.results[0]?.type.shape ?? [], axis)
  return unfoldLead(b, b.add('convolve', node.attributes, folded), lead, axis, size)
}

/** Many right-hand sides of one matrix are columns of one: the matrix is factored once. */
export function mapSolve({ b, node, inputs: [a, x], lead }: Mapping<'solve'>): Value {
  if (a?.mapped) return b.add('solve', node.attributes, [a.value, spread(b, x, lead)])
  // [lead, …, n, m] → […, n, lead, m] → […, n, lead·m]
  const moved = moveAxes(b, given(x), 0, lead.length, given(a).type.shape.length - 1)
  const { shape } = moved.type
  const front = shape.slice(0, shape.length - lead.length - 1)
  const columns = mulDims(productOfDims(lead), dimAt(shape, shape.length - 1))
  const solved = b.add('solve', node.attributes, [given(a), b.reshape(moved, [...front, columns])])
  return moveAxes(b, b.reshape(solved, shape), front.length, lead.length, 0)
}
