/**
 * `conv1d`, `conv2d` and their transposes, in PyTorch's layouts and with its options: images [batch, channels, …spatial],
 * kernels [out, in/groups, …], transposed ones [in, out/groups, …].
 */
import { addDims, divideDim, floorDivDim, mulDims, printDim, printShape, sameDim, subDims, type Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { printType } from '../../../ir/type'
import { shortText } from '../operators'
import { obligeAtLeast } from '../obligations'
import type { Arguments } from './arguments'
import { oneInt, perAxis, SPATIAL_AXES, type Spatial } from './options'

interface Operands {
  readonly x: Value
  readonly kernel: Value
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
}

/** Output size along an axis: floor((size + 2·padding − dilation·(kernel − 1) − 1) / stride) + 1. */
export function convolve(call: Arguments, rank: Spatial): Value | undefined {
  const operands = operandsOf(call, rank, ['out', 'in'])
  if (!operands) return undefined
  const { x, kernel, stride, padding, dilation, groups } = operands
  const [batch = 1, channels = 1, ...spatial] = x.type.shape
  const [out = 1, inPerGroup = 1, ...window] = kernel.type.shape
  const outPerGroup = perGroup(call, kernel, groups, 'out channels')
  if (outPerGroup === undefined) return undefined
  if (!sameDim(channels, mulDims(inPerGroup, groups))) return wrongChannels(call, x, [batch, mulDims(inPerGroup, groups), ...spatial], groups)
  const size = spatial.map((length, axis) => {
    const padded = addDims(length, 2 * (padding[axis] ?? 0))
    const reach = reachOf(window[axis] ?? 1, dilation[axis] ?? 1)
    return fits(call, padded, reach, window[axis] ?? 1, SPATIAL_AXES[rank][axis] ?? '') ? addDims(floorDivDim(subDims(padded, reach), stride[axis] ?? 1), 1) : undefined
  })
  if (!size.every(length => length !== undefined)) return undefined
  const { builder } = call.frame
  const result = builder.add('convolve', { part: 'output', stride, dilation, low: padding, size }, [
    builder.reshape(x, [batch, groups, inPerGroup, ...spatial]),
    builder.reshape(kernel, [groups, outPerGroup, inPerGroup, ...window]),
  ])
  return builder.reshape(result, [batch, out, ...size])
}

/** Output size along an axis: (size − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1. */
export function convolveTransposed(call: Arguments, rank: Spatial): Value | undefined {
  const operands = operandsOf(call, rank, ['in', 'out'])
  const extra = perAxis(call, 'output_padding', rank, 0, Array.from({ length: rank }, () => 0))
  if (!operands || !extra) return undefined
  const { x, kernel, stride, padding, dilation, groups } = operands
  const [batch = 1, channels = 1, ...spatial] = x.type.shape
  const [into = 1, outPerGroup = 1, ...window] = kernel.type.shape
  const inPerGroup = perGroup(call, kernel, groups, 'in channels')
  if (inPerGroup === undefined) return undefined
  if (!sameDim(channels, into)) return wrongChannels(call, x, [batch, into, ...spatial], groups)
  const size = spatial.map((length, axis) => {
    const [step, spread, more] = [stride[axis] ?? 1, dilation[axis] ?? 1, extra[axis] ?? 0]
    if (more >= Math.max(step, spread)) {
      call.frame.sink.report('type-mismatch', call.spanOf('output_padding'), {
        expected: `\`output_padding\` below the stride ${step} or the dilation ${spread}`, found: String(more), hint: 'it chooses among the sizes that give the same `x` under `stride`',
      })
      return undefined
    }
    const start = addDims(mulDims(step, subDims(length, 1)), more - 2 * (padding[axis] ?? 0))
    const along = addDims(start, reachOf(window[axis] ?? 1, spread))
    if (obligeAtLeast(call.frame, along, 1, call.span, `\`${call.name}\``)) return along
    call.frame.sink.report('negative-size', call.span, { size: printDim(along) })
    return undefined
  })
  if (!size.every(length => length !== undefined)) return undefined
  const { builder } = call.frame
  const result = builder.add('convolve', { part: 'image', stride, dilation, low: padding, size }, [
    builder.reshape(kernel, [groups, inPerGroup, outPerGroup, ...window]),
    builder.reshape(x, [batch, groups, inPerGroup, ...spatial]),
  ])
  return builder.reshape(result, [batch, mulDims(outPerGroup, groups), ...size])
}

/** Evaluates everything, so that each mistake is reported. */
function operandsOf(call: Arguments, rank: Spatial, channels: readonly [string, string]): Operands | undefined {
  const x = call.real('x')
  const kernel = call.real('kernel')
  const each = (value: number) => Array.from({ length: rank }, () => value)
  const stride = perAxis(call, 'stride', rank, 1, each(1))
  const padding = perAxis(call, 'padding', rank, 0, each(0))
  const dilation = perAxis(call, 'dilation', rank, 1, each(1))
  const groups = oneInt(call, 'groups', 1, 1)
  const [first, second] = channels
  const areas = SPATIAL_AXES[rank].join(', ')
  // Where x has too many or too few axes, so may the kernel, by the same mistake.
  const fitting = (!x || hasRank(call, 'x', x, `[batch, channels, ${areas}]`, rank))
    && (!kernel || hasRank(call, 'kernel', kernel, `[${first}, ${second} / groups, ${areas}]`, rank))
  if (!x || !kernel || !stride || !padding || !dilation || groups === undefined || !fitting) return undefined
  return { x, kernel, stride, padding, dilation, groups }
}

function hasRank(call: Arguments, name: string, value: Value, layout: string, rank: Spatial): boolean {
  if (value.type.shape.length === rank + 2) return true
  call.frame.sink.report('shape-mismatch', call.spanOf(name), {
    what: `\`${call.name}\``, expected: layout, value: `\`${shortText(call.spanOf(name))}\``, found: printType(value.type),
    hint: value.type.shape.length === rank + 1 && name === 'x' ? 'one image alone is a batch of 1: reshape it to start with a 1' : undefined,
  })
  return false
}

/** Channels of one group. */
function perGroup(call: Arguments, kernel: Value, groups: number, what: string): Dim | undefined {
  const channels = kernel.type.shape[0] ?? 1
  const share = divideDim(channels, groups)
  if (share !== undefined || (typeof channels !== 'number' && call.frame.model?.generic)) return share
  call.frame.sink.report('shape-mismatch', call.spanOf('kernel'), {
    what: `\`${call.name}\` in ${groups} groups`, expected: `a kernel whose ${what} are a multiple of ${groups}`,
    value: `\`${shortText(call.spanOf('kernel'))}\``, found: printType(kernel.type),
  })
  return undefined
}

function wrongChannels(call: Arguments, x: Value, expected: readonly Dim[], groups: number): undefined {
  call.frame.sink.report('shape-mismatch', call.spanOf('x'), {
    what: `\`${call.name}\` with this kernel${groups === 1 ? '' : ` in ${groups} groups`}`, expected: `real${printShape(expected)}`,
    value: `\`${shortText(call.spanOf('x'))}\``, found: printType(x.type), hint: 'the channels are the second axis',
  })
  return undefined
}

/** From the first to the last element that a window touches: dilation·(window − 1) + 1. */
const reachOf = (window: Dim, dilation: number): Dim => addDims(mulDims(dilation, subDims(window, 1)), 1)

/** Reports a window that is empty, or reaches further than the padded axis. */
export function fits(call: Arguments, padded: Dim, reach: Dim, window: Dim, axis: string): boolean {
  const isEmpty = !obligeAtLeast(call.frame, window, 1, call.span, `the ${axis} of the window of \`${call.name}\``)
  if (!isEmpty && obligeAtLeast(call.frame, padded, reach, call.span, `the window of \`${call.name}\``)) return true
  call.frame.sink.report('window-size', call.spanOf('kernel'), { name: call.name, window: printDim(isEmpty ? window : reach), axis, size: printDim(padded) })
  return false
}
