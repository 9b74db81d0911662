/** Products of tensors: `MatMul` where a contraction is one, else `Einsum`; convolutions in groups as `Conv` and `ConvTranspose`. */
import { addDims, floorDivDim, mulDims, productOfDims, sameDim, subDims, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import type { OpAttributes } from '../../ir/op'
import type { Held, Scope } from './scope'

// ------------------------------------------------------------------------------------------------------ contractions

interface MatrixProduct {
  /** The labels of each operand in the order that `MatMul` takes. */
  readonly left: readonly number[]
  readonly right: readonly number[]
}

export function contract(scope: Scope, { left, right, out }: OpAttributes['contract'], [a, b]: readonly [Value, Value]): string {
  const [x, y] = [scope.read(a), scope.read(b)]
  const straight = matrixProduct(left, right, out)
  if (straight) return scope.emit('MatMul', [permuted(scope, x, left, straight.left), permuted(scope, y, right, straight.right)])
  const turned = matrixProduct(right, left, out)
  if (turned) return scope.emit('MatMul', [permuted(scope, y, right, turned.left), permuted(scope, x, left, turned.right)])
  const sum = sumOfProducts(scope, { left, right, out }, x, y)
  if (sum !== undefined) return sum
  const letters = new Map([...new Set([...left, ...right])].map((label, at) => [label, String.fromCharCode((at < 26 ? 97 : 39) + at)]))
  const word = (labels: readonly number[]) => labels.map(label => letters.get(label)).join('')
  return scope.emit('Einsum', [x, y], { equation: `${word(left)},${word(right)}->${word(out)}` })
}

/** A product element by element, summed. @returns undefined where an operand has an axis of its own */
function sumOfProducts(scope: Scope, { left, right, out }: OpAttributes['contract'], x: string, y: string): string | undefined {
  if (left.length !== right.length || left.some(label => !right.includes(label))) return undefined
  const ordered = [...out, ...left.filter(label => !out.includes(label))]
  const product = scope.emit('Mul', [permuted(scope, x, left, ordered), permuted(scope, y, right, ordered)])
  if (ordered.length === out.length) return product
  return scope.emit('ReduceSum', [product, scope.list(ordered.slice(out.length).map((_, at) => out.length + at))], { keepdims: 0 })
}

/** @returns undefined where the contraction is no (batched) matrix product in this order of operands */
function matrixProduct(left: readonly number[], right: readonly number[], out: readonly number[]): MatrixProduct | undefined {
  const batch = out.filter(label => left.includes(label) && right.includes(label))
  const rows = out.filter(label => !right.includes(label))
  const columns = out.filter(label => !left.includes(label))
  const summed = left.filter(label => !out.includes(label))
  // Without a batch, rows may be of any rank, and a missing one makes a vector.
  const fits = summed.length === 1 && (batch.length === 0 ? columns.length <= 1 : rows.length === 1 && columns.length === 1)
  if (!fits || [...batch, ...rows, ...columns].some((label, at) => label !== out[at])) return undefined
  return { left: [...batch, ...rows, ...summed], right: [...batch, ...summed, ...columns] }
}

function permuted(scope: Scope, name: string, labels: readonly number[], wanted: readonly number[]): string {
  if (labels.every((label, at) => label === wanted[at])) return name
  return scope.emit('Transpose', [name], { perm: wanted.map(label => labels.indexOf(label)) })
}

// ------------------------------------------------------------------------------------------------------ convolutions

type Convolve = OpAttributes['convolve']

/** Writes the result in the shape that ONNX has it, with groups and channels in one axis. */
export function convolve(scope: Scope, attributes: Convolve, [a, b]: readonly [Value, Value]): Held {
  switch (attributes.part) {
    case 'output': return convolveForOutput(scope, attributes, a, b)
    case 'image': return convolveForImage(scope, attributes, a, b)
    case 'kernel': return convolveForKernel(scope, attributes, a, b)
    default: return attributes.part satisfies never
  }
}

/** [A, G, B, …] → [A, G·B, …] */
const joined = (shape: readonly Dim[]): readonly Dim[] => [shape[0] ?? 1, mulDims(shape[1] ?? 1, shape[2] ?? 1), ...shape.slice(3)]
/** [G, A, B, …] → [G·A, B, …] */
const stacked = (shape: readonly Dim[]): readonly Dim[] => [mulDims(shape[0] ?? 1, shape[1] ?? 1), ...shape.slice(2)]

function convolveForOutput(scope: Scope, attributes: Convolve, image: Value, kernel: Value): Held {
  const [images, kernels] = [joined(image.type.shape), stacked(kernel.type.shape)]
  const name = correlate(scope, { name: scope.readAs(image, images), shape: images }, { name: scope.readAs(kernel, kernels), shape: kernels }, groupsOf(kernel, 0), attributes)
  return { name, shape: [images[0] ?? 1, kernels[0] ?? 1, ...attributes.size] }
}

/** The whole transposed convolution, of which `size` elements from `low` on are the image. */
function convolveForImage(scope: Scope, { stride, dilation, low, size }: Convolve, kernel: Value, output: Value): Held {
  const [kernels, outputs] = [stacked(kernel.type.shape), joined(output.type.shape)]
  const whole = size.map((_, axis) => addDims(
    mulDims(subDims(outputs[axis + 2] ?? 1, 1), stride[axis] ?? 1), extent(kernels[axis + 2] ?? 1, dilation[axis] ?? 1)))
  const high = size.map((length, axis) => subDims(subDims(whole[axis] ?? 0, low[axis] ?? 0), length))
  const cut = [...low, ...high].every(width => typeof width === 'number' && width >= 0) ? [...low, ...high].map(Number) : undefined
  const inputs = [scope.readAs(output, outputs), scope.readAs(kernel, kernels)]
  const name = scope.emit('ConvTranspose', inputs, {
    group: groupsOf(kernel, 0), strides: stride, dilations: dilation, pads: cut ?? size.flatMap(() => [0, 0]),
  })
  const shape = [outputs[0] ?? 1, mulDims(kernel.type.shape[0] ?? 1, kernel.type.shape[2] ?? 1), ...size]
  if (cut) return { name, shape }
  return { name: padded(scope, name, [0, 0, ...low.map(width => -width)], [0, 0, ...high.map(width => mulDims(-1, width))]), shape }
}

/** Rows of the batch in the place of channels: kernel[g, o, c, t] = Σ output[n, g, o, p] image[n, g, c, t·dilation + p·stride − low]. */
function convolveForKernel(scope: Scope, { stride, dilation, low, size }: Convolve, image: Value, output: Value): Held {
  const spatial = size.map((_, axis) => axis + 3)
  const [[n = 1, g = 1, c = 1, ...pixels], [, , o = 1, ...places]] = [image.type.shape, output.type.shape]
  const turnedImage = { name: scope.emit('Transpose', [scope.read(image)], { perm: [2, 1, 0, ...spatial] }), shape: [c, g, n, ...pixels] }
  const turnedOutput = { name: scope.emit('Transpose', [scope.read(output)], { perm: [1, 2, 0, ...spatial] }), shape: [g, o, n, ...places] }
  const images = joined(turnedImage.shape)
  const weights = stacked(turnedOutput.shape)
  const name = correlate(
    scope, { name: scope.reshape(turnedImage, images), shape: images }, { name: scope.reshape(turnedOutput, weights), shape: weights },
    groupsOf(image, 1), { stride: dilation, dilation: stride, low, size },
  )
  const split = scope.reshape({ name, shape: [c, mulDims(g, o), ...size] }, [c, g, o, ...size])
  return { name: scope.emit('Transpose', [split], { perm: [1, 2, 0, ...spatial] }), shape: [g, o, c, ...size] }
}

/** image[N, G·C, s…] by kernel[G·O, C, t…]: the output has exactly `size`. */
function correlate(scope: Scope, image: Held, kernel: Held, group: number, { stride, dilation, low, size }: Omit<Convolve, 'part'>): string {
  const axes = size.map((length, axis) => ({
    length, low: low[axis] ?? 0, stride: stride[axis] ?? 1, from: image.shape[axis + 2] ?? 1, window: extent(kernel.shape[axis + 2] ?? 1, dilation[axis] ?? 1),
  }))
  const high = axes.map(axis => highPadding(axis))
  const attributes = { group, strides: stride, dilations: dilation }
  if (high.every(width => width !== undefined) && low.every(width => width >= 0)) {
    return scope.emit('Conv', [image.name, kernel.name], { ...attributes, pads: [...low, ...high] })
  }
  // What `Conv` cannot say is padded, or cut, in front of it.
  const ends = axes.map(({ length, from, low: before, stride: step, window }) =>
    subDims(subDims(addDims(mulDims(subDims(length, 1), step), window), from), before))
  return scope.emit('Conv', [padded(scope, image.name, [0, 0, ...low], [0, 0, ...ends]), kernel.name], { ...attributes, pads: size.flatMap(() => [0, 0]) })
}

/** (t − 1)·dilation + 1 */
const extent = (length: Dim, dilation: number): Dim => addDims(mulDims(subDims(length, 1), dilation), 1)

/** The number of zeros behind the image with which floor((from + low + high − window) / stride) + 1 is the length, for all sizes. */
function highPadding({ length, low, stride, from, window }: { readonly length: Dim; readonly low: number; readonly stride: number; readonly from: Dim; readonly window: Dim }): number | undefined {
  const most = typeof window === 'number' ? window + stride : 0
  // Mostly as many as in front.
  const candidates = [low, ...Array.from({ length: Math.max(0, most) }, (_, width) => width)]
  return candidates.find(high => sameDim(addDims(floorDivDim(subDims(addDims(from, low + high), window), stride), 1), length))
}

/** Zeros around, and fewer elements where a width is negative. */
export function padded(scope: Scope, name: string, low: readonly Dim[], high: readonly Dim[]): string {
  return scope.emit('Pad', [name, scope.shared.sizes.shape([...low, ...high])])
}

/** @throws Error where the number of groups is open: no function of the language makes that */
function groupsOf({ type: { shape } }: Value, axis: number): number {
  const groups = productOfDims(shape.slice(axis, axis + 1))
  if (typeof groups !== 'number') throw new Error('onnx: a convolution in an open number of groups')
  return groups
}
