/**
 * Convolution and its two transposes, as products with a matrix of image patches ("im2col"; Chellapilla, Puri, Simard, High
 * Performance Convolutional Neural Networks for Document Processing, 2006). With r = (c, t) a weight and p a place of the output,
 *
 *   output[o, p] = Σ_r kernel[o, r] patch[r, p]     kernel[o, r] = Σ_p output[o, p] patch[r, p]
 *   patch[r, p] = Σ_o kernel[o, r] output[o, p], added up where the image has them.
 *
 * The patches are a strided view of the image, framed in zeros where they hang over its edge. Lines of the output are taken in
 * blocks, so that the matrix stays in cache however large the image is.
 */
import type { OpAttributes } from '../../../ir/op'
import { countOf, stridesOf } from '../reference/layout'
import { addView, copyView, type View } from './copy'
import { bulk, i32, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local } from '../../../wasm/module'
import { inputOf } from './movement'
import { matrixProduct, type ProductShape } from './product'
import { inPieces, moved, type Part } from './sharing'
import type { Place, ProgramSite, RoutinePlaces } from './site'
import { bytesOf } from './vectors'

/** Numbers in the matrix of patches: 256 KiB of floats. */
const PATCHES = 1 << 16

/** Two spatial axes; with one, the first has size 1. */
type Pair = readonly [number, number]

/** @throws Error where there are more than two spatial axes: no function of the language makes them */
function pairOf(numbers: readonly number[], missing: number): Pair {
  const [a = missing, b] = numbers
  if (numbers.length > 2) throw new Error(`a convolution over ${numbers.length} axes`)
  return b === undefined ? [missing, a] : [a, b]
}

export function lowerConvolve(attributes: OpAttributes['convolve'], places: RoutinePlaces, site: ProgramSite): Code {
  const [first, second, result] = [inputOf(places, 0), inputOf(places, 1), places.output]
  const { part } = attributes
  const image = part === 'image' ? result : first
  const kernel = part === 'kernel' ? result : part === 'image' ? first : second
  const output = part === 'output' ? result : second
  const bytes = bytesOf('real', site.precision)
  const clear = bulk.fill(i32.const(result.address), i32.const(0), i32.const(countOf(result.shape) * bytes))
  if (countOf(result.shape) === 0) return []
  if (countOf(image.shape) === 0 || countOf(kernel.shape) === 0 || countOf(output.shape) === 0) return clear
  const { axis, ...work } = cutAxisOf(part, { image, kernel, output }, site)
  return [part === 'output' ? [] : clear, inPieces(site, 'convolve', work, (f, piece) => new Convolution(attributes, site, image, kernel, output, axis, piece).write(f))]
}

/** By what a convolution is cut: images, groups, channels of the image, or rows of the kernel. */
type CutAxis = 'batch' | 'groups' | 'channels' | 'rows'

/** The kernel's derivative adds up over all images, so each piece takes them all, and computes its own weights. */
function cutAxisOf(part: OpAttributes['convolve']['part'], { image, kernel, output }: Readonly<Record<OpAttributes['convolve']['part'], Place>>, { v }: ProgramSite) {
  const [batch = 1, groups = 1, channels = 1] = image.shape
  const rows = kernel.shape.length > 4 ? kernel.shape[3] ?? 1 : 1
  const weights = countOf(kernel.shape.slice(2))
  const places = countOf(output.shape) / (kernel.shape[1] ?? 1)
  // Each patch is copied, and multiplied for each output channel.
  const nanoseconds = weights * places * (0.5 + ((kernel.shape[1] ?? 1) * 0.16) / v.lanes)
  const of = (axis: CutAxis, units: number) => ({ axis, units, nanoseconds })
  if (part !== 'kernel') return of('batch', batch)
  // Rows of one channel are neighbours.
  if (groups === 1 && channels === 1) return of('rows', rows)
  return groups >= channels ? of('groups', groups) : of('channels', channels)
}

/** The part of an image that the patches read, framed in zeros. */
interface Frame { readonly sizes: Pair; readonly from: Pair; readonly isImage: boolean }

class Convolution {
  private readonly bytes: 4 | 8
  private readonly groups: number
  private readonly inChannels: number
  private readonly outChannels: number
  private readonly size: { readonly image: Pair; readonly kernel: Pair; readonly output: Pair }
  private readonly stride: Pair
  private readonly dilation: Pair
  private readonly frame: Frame
  /** Weights of one output channel. */
  private readonly weights: number
  /** Lines of the output at once. */
  private readonly lines: number
  /** Bytes of the patches of one weight. */
  private readonly patchRow: number
  private readonly framed: Code
  private readonly patches: Code
  /** Of each axis, what this piece takes. */
  private readonly own: Readonly<Record<CutAxis, number>>

  constructor(
    private readonly attributes: OpAttributes['convolve'], private readonly site: ProgramSite,
    private readonly image: Place, private readonly kernel: Place, private readonly output: Place,
    private readonly axis: CutAxis, private readonly piece: Part,
  ) {
    this.bytes = bytesOf('real', site.precision) as 4 | 8
    const [batch = 0, groups = 0, inChannels = 0] = image.shape
    this.groups = groups
    this.inChannels = inChannels
    this.outChannels = kernel.shape[1] ?? 0
    this.size = { image: pairOf(image.shape.slice(3), 1), kernel: pairOf(kernel.shape.slice(3), 1), output: pairOf(output.shape.slice(3), 1) }
    this.stride = pairOf(attributes.stride, 1)
    this.dilation = pairOf(attributes.dilation, 1)
    this.frame = this.frameOf(pairOf(attributes.low, 0))
    this.weights = inChannels * countOf(this.size.kernel)
    this.own = { batch, groups, channels: inChannels, rows: this.size.kernel[0], [axis]: piece.count }
    const [height, width] = this.size.output
    this.lines = Math.max(1, Math.min(height, Math.floor(PATCHES / (this.weights * width))))
    this.patchRow = Math.ceil((this.lines * width) / site.v.lanes) * 16
    const framedBytes = this.frame.isImage ? 0 : Math.ceil((this.own.channels * countOf(this.frame.sizes) * this.bytes) / 16) * 16
    // For the kernel's derivative the matrix lies the other way.
    const matrixBytes = Math.max(this.weights * this.patchRow, this.lines * width * this.turnedRow)
    this.framed = piece.scratch(framedBytes + matrixBytes + 16)
    this.patches = i32.add(this.framed, i32.const(framedBytes))
  }

  /** Bytes of the patches of one place. */
  private get turnedRow(): number {
    return Math.ceil(this.ownWeights / this.site.v.lanes) * 16
  }

  private get ownWeights(): number {
    return this.own.channels * this.own.rows * this.size.kernel[1]
  }

  /** Where the piece starts in a tensor, by the elements of one unit of each axis. */
  private start(place: Place, elements: Readonly<Record<CutAxis, number>>): Code {
    return moved(place.address, this.piece.first, elements[this.axis] * this.bytes)
  }

  private frameOf(low: Pair): Frame {
    const { image, kernel, output } = this.size
    const spans = ([0, 1] as const).map(axis => ((output[axis] - 1) * this.stride[axis]) + ((kernel[axis] - 1) * this.dilation[axis]) + 1)
    const sizes: Pair = [spans[0] ?? 1, spans[1] ?? 1]
    const isImage = ([0, 1] as const).every(axis => low[axis] <= 0 && sizes[axis] - low[axis] <= image[axis])
    return { sizes, from: [0 - low[0], 0 - low[1]], isImage }
  }

  write(f: FunctionWriter): void {
    const { attributes: { part }, own, groups, outChannels, inChannels, weights, size } = this
    const [imagePlane, kernelPlane, outputPlane] = [size.image, size.kernel, size.output].map(countOf) as [number, number, number]
    const imageStep = inChannels * imagePlane, outputStep = outChannels * outputPlane
    const image = f.local('i32', this.start(this.image, { batch: groups * imageStep, groups: imageStep, channels: imagePlane, rows: 0 }))
    const output = f.local('i32', this.start(this.output, { batch: groups * outputStep, groups: outputStep, channels: 0, rows: 0 }))
    const firstKernel = f.local('i32', this.start(this.kernel, { batch: 0, groups: outChannels * weights, channels: kernelPlane, rows: size.kernel[1] }))
    f.repeat(own.batch, () => {
      const kernel = f.local('i32', firstKernel.get)
      f.repeat(own.groups, () => {
        const framed = this.enter(f, image)
        this.blocks(f, (lines, line) => {
          const places = i32.add(output.get, i32.mul(line.get, i32.const(size.output[1] * this.bytes)))
          const view = this.patchView(framed, line, lines)
          if (part === 'output') this.forOutput(f, lines, view, kernel.get, places)
          else if (part === 'kernel') this.forKernel(f, lines, view, kernel.get, places)
          else this.forImage(f, lines, view, kernel.get, places)
        })
        if (part === 'image') this.leave(f, image)
        f.advance(kernel, outChannels * weights * this.bytes)
        f.advance(image, imageStep * this.bytes)
        f.advance(output, outputStep * this.bytes)
      })
      f.advance(image, (groups - own.groups) * imageStep * this.bytes)
      f.advance(output, (groups - own.groups) * outputStep * this.bytes)
    })
  }

  /** Blocks of lines of the output; `line` is the first. */
  private blocks(f: FunctionWriter, body: (lines: number, line: Local) => void): void {
    const [height] = this.size.output
    const line = f.local('i32', i32.const(0))
    f.repeat(Math.floor(height / this.lines), () => {
      body(this.lines, line)
      f.advance(line, this.lines)
    })
    if (height % this.lines) body(height % this.lines, line)
  }

  /** What the patches are a view of: the image itself, or a frame that it is copied into, or that is cleared to be added to. */
  private enter(f: FunctionWriter, image: Local): { readonly base: Code; readonly width: number; readonly plane: number } {
    const { sizes, from, isImage } = this.frame
    const [, width] = this.size.image
    if (isImage) return { base: i32.add(image.get, i32.const((from[0] * width + from[1]) * this.bytes)), width, plane: countOf(this.size.image) }
    f.emit(bulk.fill(this.framed, i32.const(0), i32.const(this.own.channels * countOf(sizes) * this.bytes)))
    if (this.attributes.part !== 'image') {
      const { shape, outer, inner } = this.overlap(image)
      copyView(f, shape, this.bytes, outer, inner)
    }
    return { base: this.framed, width: sizes[1], plane: countOf(sizes) }
  }

  /** Brings what was added up in the frame to the image. */
  private leave(f: FunctionWriter, image: Local): void {
    if (this.frame.isImage) return
    const { shape, outer, inner } = this.overlap(image)
    copyView(f, shape, this.bytes, inner, outer)
  }

  /** Where image and frame meet. */
  private overlap(image: Local): { readonly shape: readonly number[]; readonly outer: View; readonly inner: View } {
    const { sizes, from } = this.frame
    const size = this.size.image
    const first = ([0, 1] as const).map(axis => Math.max(0, from[axis]))
    const kept = ([0, 1] as const).map(axis => Math.max(0, Math.min(size[axis], from[axis] + sizes[axis]) - (first[axis] ?? 0)))
    const view = (address: Code, [height, width]: Pair, start: readonly number[]): View => ({
      address: i32.add(address, i32.const(((start[0] ?? 0) * width + (start[1] ?? 0)) * this.bytes)),
      strides: [height * width * this.bytes, width * this.bytes, this.bytes],
    })
    return {
      shape: [this.own.channels, ...kept],
      outer: view(image.get, size, first),
      inner: view(this.framed, sizes, first.map((start, axis) => start - (from[axis] ?? 0))),
    }
  }

  /** The patches of some lines, by channel, row and column of the kernel, and row and column of the output. */
  private patchView({ base, width, plane }: { readonly base: Code; readonly width: number; readonly plane: number }, line: Local, lines: number) {
    const { bytes, stride, dilation, own, size: { kernel, output } } = this
    const start = this.axis === 'rows' ? i32.add(base, i32.mul(this.piece.first, i32.const(dilation[0] * width * bytes))) : base
    const strides = [plane, dilation[0] * width, dilation[1], stride[0] * width, stride[1]].map(elements => elements * bytes)
    return {
      sizes: [own.channels, own.rows, kernel[1], lines, output[1]],
      view: { address: i32.add(start, i32.mul(line.get, i32.const(stride[0] * width * bytes))), strides } satisfies View,
    }
  }

  private forOutput(f: FunctionWriter, lines: number, { sizes, view }: ReturnType<Convolution['patchView']>, kernel: Code, places: Code): void {
    copyView(f, sizes, this.bytes, view, this.matrixView())
    f.emit(this.product({
      rows: this.outChannels, columns: lines * this.size.output[1], terms: this.weights,
      leftRow: this.weights * this.bytes, leftTerm: this.bytes, rightTerm: this.patchRow, outRow: countOf(this.size.output) * this.bytes,
    })(kernel, this.patches, places))
  }

  private forKernel(f: FunctionWriter, lines: number, { sizes, view }: ReturnType<Convolution['patchView']>, kernel: Code, places: Code): void {
    const order = [3, 4, 0, 1, 2]
    const turned = { address: view.address, strides: order.map(axis => view.strides[axis] ?? 0) }
    const row = stridesOf([this.own.channels, this.own.rows, this.size.kernel[1]]).map(stride => stride * this.bytes)
    const target = { address: this.patches, strides: [this.size.output[1] * this.turnedRow, this.turnedRow, ...row] }
    copyView(f, order.map(axis => sizes[axis] ?? 1), this.bytes, turned, target)
    f.emit(this.product({
      rows: this.outChannels, columns: this.ownWeights, terms: lines * this.size.output[1], isSum: true,
      leftRow: countOf(this.size.output) * this.bytes, leftTerm: this.bytes, rightTerm: this.turnedRow, outRow: this.weights * this.bytes,
    })(places, this.patches, kernel))
  }

  private forImage(f: FunctionWriter, lines: number, { sizes, view }: ReturnType<Convolution['patchView']>, kernel: Code, places: Code): void {
    f.emit(this.product({
      rows: this.weights, columns: lines * this.size.output[1], terms: this.outChannels,
      leftRow: this.bytes, leftTerm: this.weights * this.bytes, rightTerm: countOf(this.size.output) * this.bytes, outRow: this.patchRow,
    })(kernel, places, this.patches))
    addView(f, this.site.v, sizes, this.matrixView(), view)
  }

  /** The matrix of patches, its rows by channel, row and column of the kernel. */
  private matrixView(): View {
    const rows = stridesOf([this.inChannels, ...this.size.kernel]).map(stride => stride * this.patchRow)
    return { address: this.patches, strides: [...rows, this.size.output[1] * this.bytes, this.bytes] }
  }

  private product(shape: ProductShape): Callee {
    return matrixProduct(this.site.module, this.site.v, shape)
  }
}
