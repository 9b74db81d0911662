/** `max_pool2d`, `avg_pool2d` and their like: the last axes in windows, axis by axis, and each window reduced. */
import type { GraphBuilder } from '../../../ir/builder'
import { addDims, floorDivDim, mulDims, sameDim, subDims, type Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { printType } from '../../../ir/type'
import { shortText } from '../operators'
import type { Arguments } from './arguments'
import { fits } from './convolutions'
import { perAxis, SPATIAL_AXES, type Spatial } from './options'

/**
 * As PyTorch's: output size floor((size + 2·padding − kernel) / stride) + 1, the stride by default the kernel. Padding counts
 * as −∞ in a maximum, and as zeros that the mean divides by too.
 */
export function pool(call: Arguments, rank: Spatial, fn: 'max' | 'mean'): Value | undefined {
  const x = call.real('x')
  const kernel = perAxis(call, 'kernel', rank, 1)
  const stride = perAxis(call, 'stride', rank, 1, kernel)
  const padding = perAxis(call, 'padding', rank, 0, Array.from({ length: rank }, () => 0))
  if (!x || !kernel || !stride || !padding) return undefined
  const { frame } = call
  const first = x.type.shape.length - rank
  if (first < 0) {
    frame.sink.report('shape-mismatch', call.spanOf('x'), {
      what: `\`${call.name}\``, expected: `[…, ${SPATIAL_AXES[rank].join(', ')}]`, value: `\`${shortText(call.spanOf('x'))}\``, found: printType(x.type),
    })
    return undefined
  }
  let pooled = x
  // From the last axis: the first greatest of the first line that has it is the first in row-major order.
  for (let axis = rank - 1; axis >= 0; axis--) {
    const [window, step, around] = [kernel[axis] ?? 1, stride[axis] ?? 1, padding[axis] ?? 0]
    if (2 * around > window) {
      frame.sink.report('type-mismatch', call.spanOf('padding'), { expected: `a \`padding\` of at most half the kernel, ${Math.floor(window / 2)}`, found: String(around), hint: 'wider padding would leave windows with nothing in them' })
      return undefined
    }
    const size = addDims(x.type.shape[first + axis] ?? 1, 2 * around)
    if (!fits(call, size, window, window, SPATIAL_AXES[rank][axis] ?? '')) return undefined
    const count = addDims(floorDivDim(subDims(size, window), step), 1)
    const padded = padAlong(frame.builder, pooled, first + axis, around, fn === 'max' ? -Infinity : 0)
    pooled = frame.builder.reduce(fn === 'max' ? 'max' : 'sum', windows(frame.builder, padded, first + axis, { window, step, count }), [first + axis + 1])
  }
  if (fn === 'max') return pooled
  const cells = kernel.reduce((a, b) => a * b, 1)
  return frame.builder.scalar('div', pooled, frame.builder.fill('real', pooled.type.shape, cells))
}

function padAlong(b: GraphBuilder, x: Value, axis: number, width: number, value: number): Value {
  if (width === 0) return x
  const edge = b.fill('real', x.type.shape.map((dim, at) => (at === axis ? width : dim)), value)
  return b.add('concat', { axis }, [edge, x, edge])
}

/** One axis as two: which window, and which place in it. */
function windows(b: GraphBuilder, x: Value, axis: number, { window, step, count }: { readonly window: number; readonly step: number; readonly count: Dim }): Value {
  const { shape } = x.type
  if (window === step) {
    // Windows that lie side by side are the same elements under another shape.
    const used = mulDims(count, window)
    const whole = sameDim(used, shape[axis] ?? 1) ? x : b.sliceAxis(x, axis, 0, used)
    return b.reshape(whole, [...shape.slice(0, axis), count, window, ...shape.slice(axis + 1)])
  }
  const places = [count, window]
  const number = (value: number) => b.fill('int', places, value)
  const along = (at: number, size: Dim) => b.add('broadcast', { shape: places, axes: [at] }, [b.add('iota', { size }, [])])
  const index = b.scalar('add', b.scalar('mul', along(0, count), number(step)), along(1, window))
  return b.add('gather', { axis, site: 'a window' }, [x, index])
}
