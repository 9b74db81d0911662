/** Clipping: gradients that are too large are cut before the optimizer sees them. */
import type { Reduction } from '../../ir/op'
import type { ClipPlan } from '../../ir/training'
import { real } from '../../ir/type'
import { KernelCode, type Extension, type Term } from './extension'

/**
 * By norm, all elements shrink by one factor, so that the direction stays. A gradient that is no number stays as it is.
 * @returns the clipped gradient of a buffer, in a kernel of its shape
 */
export function clipped(extension: Extension, gradients: readonly number[], clip: ClipPlan | undefined): (kernel: KernelCode, gradient: number) => Term {
  if (!clip) return (kernel, gradient) => kernel.load(gradient)
  const { limit } = clip
  if (clip.kind === 'value') return (kernel, gradient) => kernel.apply('min', limit, kernel.apply('max', -limit, kernel.load(gradient)))
  const factor = shrinking(extension, gradients, limit)
  return (kernel, gradient) => kernel.apply('mul', kernel.load(gradient), kernel.loadScalar(factor))
}

/** limit / ‖g‖ where that is less than 1, else 1; ‖g‖ = m √Σ(g/m)² with m = max |g|, so that squares of large numbers do not overflow. */
function shrinking(extension: Extension, gradients: readonly number[], limit: number): number {
  const sizes = gradients.map(gradient => reduced(extension, 'max', gradient, (kernel, slope) => kernel.apply('abs', slope)))
  const greatest = folded(extension, 'max', sizes, (_, most) => most)
  const squares = gradients.map(gradient => reduced(extension, 'sum', gradient, (kernel, slope) => {
    const part = kernel.apply('div', slope, kernel.loadScalar(greatest))
    return kernel.apply('mul', part, part)
  }))
  return folded(extension, 'add', squares, (kernel, sum) => {
    const norm = kernel.apply('mul', kernel.loadScalar(greatest), kernel.apply('sqrt', sum))
    return kernel.apply('where', kernel.apply('less', limit, norm), kernel.apply('div', limit, norm), 1)
  })
}

/** One number of each element of a gradient, reduced over all of them. */
function reduced(extension: Extension, fn: Reduction, gradient: number, of: (kernel: KernelCode, slope: Term) => Term): number {
  const type = extension.typeOf(gradient)
  const kernel = new KernelCode(type)
  const each = extension.buffer(type)
  kernel.store(each, of(kernel, kernel.load(gradient)))
  extension.add(kernel.finish())
  if (type.shape.length === 0) return each
  const output = extension.buffer(real())
  extension.add({ kind: 'routine', op: 'reduce', attributes: { fn, axes: type.shape.map((_, axis) => axis) }, inputs: [each], output })
  return output
}

/** One number of several, and what is made of it. */
function folded(extension: Extension, fn: 'max' | 'add', scalars: readonly number[], then: (kernel: KernelCode, value: Term) => Term): number {
  const kernel = new KernelCode(real())
  const output = extension.buffer(real())
  kernel.store(output, then(kernel, scalars.map(scalar => kernel.loadScalar(scalar)).reduce((value, next) => kernel.apply(fn, value, next))))
  extension.add(kernel.finish())
  return output
}
