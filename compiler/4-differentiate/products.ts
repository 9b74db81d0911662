/** Rules of convolutions and linear algebra: each a composition of the same ops, so derivatives of any order follow. */
import type { GraphBuilder } from '../../ir/builder'
import type { Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import type { ConvolutionPart } from '../../ir/op'
import { multiply } from './partials'
import { dimAt, inputAt, inputShape, type VjpRule } from './pullback'

const PARTS: readonly ConvolutionPart[] = ['image', 'kernel', 'output']

/** A trilinear form: the derivative of the sum by one part is a convolution of the other two, whichever was the result. */
export const convolveVjp: VjpRule<'convolve'> = ({ b, node, cotangent }) => {
  const { part } = node.attributes
  const given = PARTS.filter(other => other !== part)
  const valueOf = (wanted: ConvolutionPart) => (wanted === part ? cotangent : inputAt(node, given.indexOf(wanted)))
  return given.map(wanted => b.add('convolve', { ...node.attributes, part: wanted, size: valueOf(wanted).type.shape.slice(3) },
    PARTS.filter(other => other !== wanted).map(valueOf)))
}

/** a x = b: b̄ = a⁻ᵀ x̄, ā = −b̄ xᵀ. */
export const solveVjp: VjpRule<'solve'> = ({ b, node, result, cotangent }) => {
  const right = b.add('solve', node.attributes, [transposed(b, inputAt(node, 0)), cotangent])
  return [b.scalar('neg', product(b, right, transposed(b, result))), right]
}

/**
 * Φ takes the lower triangle and half the diagonal: dL = L Φ(L⁻¹ dA L⁻ᵀ), so the gradient by the symmetric matrix is
 * (M + Mᵀ)/2 with M = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, and by the lower triangle alone, where an entry below the diagonal counts twice,
 * Φ(M + Mᵀ) (Murray, Differentiation of the Cholesky decomposition, 2016).
 */
export const choleskyVjp: VjpRule<'cholesky'> = ({ b, node, result, cotangent }) => {
  const upper = transposed(b, result)
  const solve = (right: Value) => b.add('solve', node.attributes, [upper, right])
  const m = solve(transposed(b, solve(lowerHalf(b, product(b, upper, cotangent)))))
  return [lowerHalf(b, b.scalar('add', m, transposed(b, m)))]
}

/** d det a = Σ cofactors(a) · da, whatever the rank. */
export const determinantVjp: VjpRule<'determinant'> = ({ b, node, cotangent }) =>
  [multiply(b, repeated(b, cotangent, inputShape(node)), b.add('cofactors', node.attributes, [inputAt(node, 0)]))]

/**
 * ∇D[v…] det: by a direction its gradient without that one, along the cotangent; by a along the cotangent, too. Orders of a
 * derivative can be exchanged, so no inverse is taken, and a singular matrix is no special case.
 */
export const cofactorsVjp: VjpRule<'cofactors'> = ({ b, node, cotangent }) => {
  const [a, ...directions] = node.inputs
  if (!a) return []
  const along = (others: readonly Value[]) => b.add('cofactors', node.attributes, [a, ...others, cotangent])
  return [along(directions), ...directions.map((_, at) => along(directions.filter((__, other) => other !== at)))]
}

// ---------------------------------------------------------------------------------------------------- matrices

function transposed(b: GraphBuilder, x: Value): Value {
  const axes = x.type.shape.map((_, axis) => axis)
  return b.transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()])
}

/** [lead…, m, k] · [lead…, k, n]. */
function product(b: GraphBuilder, left: Value, right: Value): Value {
  const lead = left.type.shape.slice(0, -2).map((_, axis) => axis)
  const [m, k, n] = [lead.length, lead.length + 1, lead.length + 2]
  return b.add('contract', { left: [...lead, m, k], right: [...lead, k, n], out: [...lead, m, n] }, [left, right])
}

/** A value of the leading axes, repeated along the last two of a shape. */
function repeated(b: GraphBuilder, x: Value, shape: readonly Dim[]): Value {
  return b.add('broadcast', { shape, axes: x.type.shape.map((_, axis) => axis) }, [x])
}

/** Row and column number of every entry. */
function places(b: GraphBuilder, shape: readonly Dim[]): { readonly row: Value; readonly column: Value } {
  const along = (axis: number) => b.add('broadcast', { shape, axes: [axis] }, [b.add('iota', { size: dimAt(shape, axis) }, [])])
  return { row: along(shape.length - 2), column: along(shape.length - 1) }
}

/** Φ: the lower triangle with half the diagonal. */
function lowerHalf(b: GraphBuilder, x: Value): Value {
  const { shape } = x.type
  const { row, column } = places(b, shape)
  const halved = b.scalar('where', b.scalar('equal', row, column), b.scalar('mul', x, b.fill('real', shape, 0.5)), x)
  return b.scalar('where', b.scalar('less', row, column), b.fill('real', shape, 0), halved)
}
