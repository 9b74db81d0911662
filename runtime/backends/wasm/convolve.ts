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
  const writer = new Convolution(attributes, site, image, kernel, output)
  return [part === 'output' ? [] : clear, site.module.define(`convolve ${site.nextKernel()}`, { parameters: [] }, f => writer.write(f))()]
}

/** The part of an image that the patches read, framed in zeros. */
interface Frame { readonly sizes: Pair; readonly from: Pair; readonly isImage: boolean }

class Convolution {
  private readonly bytes: 4 | 8
  private readonly batch: number
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
  private readonly framed: number
  private readonly patches: number

  constructor(
    private readonly attributes: OpAttributes['convolve'], private readonly site: ProgramSite,
    private readonly image: Place, private readonly kernel: Place, private readonly output: Place,
  ) {
    this.bytes = bytesOf('real', site.precision) as 4 | 8
    const [batch = 0, groups = 0, inChannels = 0] = image.shape
    this.batch = batch
    this.groups = groups
    this.inChannels = inChannels
    this.outChannels = kernel.shape[1] ?? 0
    this.size = { image: pairOf(image.shape.slice(3), 1), kernel: pairOf(kernel.shape.slice(3), 1), output: pairOf(output.shape.slice(3), 1) }
    this.stride = pairOf(attributes.stride, 1)
    this.dilation = pairOf(attributes.dilation, 1)
    this.frame = this.frameOf(pairOf(attributes.low, 0))
    this.weights = inChannels * countOf(this.size.kernel)
    const [height, width] = this.size.output
    this.lines = Math.max(1, Math.min(height, Math.floor(PATCHES / (this.weights * width))))
    this.patchRow = Math.ceil((this.lines * width) / site.v.lanes) * 16
    const framedBytes = this.frame.isImage ? 0 : Math.ceil((inChannels * countOf(this.frame.sizes) * this.bytes) / 16) * 16
    // For the kernel's derivative the matrix lies the other way.
    const matrixBytes = Math.max(this.weights * this.patchRow, this.lines * width * this.turnedRow)
    this.framed = site.scratch(framedBytes + matrixBytes + 16)
    this.patches = this.framed + framedBytes
  }

  /** Bytes of the patches of one place. */
  private get turnedRow(): number {
    return Math.ceil(this.weights / this.site.v.lanes) * 16
  }

  private frameOf(low: Pair): Frame {
    const { image, kernel, output } = this.size
    const spans = ([0, 1] as const).map(axis => ((output[axis] - 1) * this.stride[axis]) + ((kernel[axis] - 1) * this.dilation[axis]) + 1)
    const sizes: Pair = [spans[0] ?? 1, spans[1] ?? 1]
    const isImage = ([0, 1] as const).every(axis => low[axis] <= 0 && sizes[axis] - low[axis] <= image[axis])
    return { sizes, from: [0 - low[0], 0 - low[1]], isImage }
  }

  write(f: FunctionWriter): void {
    const { part } = this.attributes
    const image = f.local('i32', i32.const(this.image.address))
    const output = f.local('i32', i32.const(this.output.address))
    const { image: imageSize, output: outputSize } = this.size
    f.repeat(this.batch, () => {
      const kernel = f.local('i32', i32.const(this.kernel.address))
      f.repeat(this.groups, () => {
        const framed = this.enter(f, image)
        this.blocks(f, (lines, line) => {
          const places = i32.add(output.get, i32.mul(line.get, i32.const(outputSize[1] * this.bytes)))
          const view = this.patchView(framed, line, lines)
          if (part === 'output') this.forOutput(f, lines, view, kernel.get, places)
          else if (part === 'kernel') this.forKernel(f, lines, view, kernel.get, places)
          else this.forImage(f, lines, view, kernel.get, places)
        })
        if (part === 'image') this.leave(f, image)
        f.advance(kernel, this.outChannels * this.weights * this.bytes)
        f.advance(image, this.inChannels * countOf(imageSize) * this.bytes)
        f.advance(output, this.outChannels * countOf(outputSize) * this.bytes)
      })
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
    f.emit(bulk.fill(i32.const(this.framed), i32.const(0), i32.const(this.inChannels * countOf(sizes) * this.bytes)))
    if (this.attributes.part !== 'image') {
      const { shape, outer, inner } = this.overlap(image)
      copyView(f, shape, this.bytes, outer, inner)
    }
    return { base: i32.const(this.framed), width: sizes[1], plane: countOf(sizes) }
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
      shape: [this.inChannels, ...kept],
      outer: view(image.get, size, first),
      inner: view(i32.const(this.framed), sizes, first.map((start, axis) => start - (from[axis] ?? 0))),
    }
  }

  /** The patches of some lines, by channel, row and column of the kernel, and row and column of the output. */
  private patchView({ base, width, plane }: { readonly base: Code; readonly width: number; readonly plane: number }, line: Local, lines: number) {
    const { bytes, stride, dilation, size: { kernel, output } } = this
    const strides = [plane, dilation[0] * width, dilation[1], stride[0] * width, stride[1]].map(elements => elements * bytes)
    return {
      sizes: [this.inChannels, kernel[0], kernel[1], lines, output[1]],
      view: { address: i32.add(base, i32.mul(line.get, i32.const(stride[0] * width * bytes))), strides } satisfies View,
    }
  }

  private forOutput(f: FunctionWriter, lines: number, { sizes, view }: ReturnType<Convolution['patchView']>, kernel: Code, places: Code): void {
    copyView(f, sizes, this.bytes, view, this.matrixView())
    f.emit(this.product({
      rows: this.outChannels, columns: lines * this.size.output[1], terms: this.weights,
      leftRow: this.weights * this.bytes, leftTerm: this.bytes, rightTerm: this.patchRow, outRow: countOf(this.size.output) * this.bytes,
    })(kernel, i32.const(this.patches), places))
  }

  private forKernel(f: FunctionWriter, lines: number, { sizes, view }: ReturnType<Convolution['patchView']>, kernel: Code, places: Code): void {
    const order = [3, 4, 0, 1, 2]
    const turned = { address: view.address, strides: order.map(axis => view.strides[axis] ?? 0) }
    const row = stridesOf([this.inChannels, ...this.size.kernel]).map(stride => stride * this.bytes)
    const target = { address: i32.const(this.patches), strides: [this.size.output[1] * this.turnedRow, this.turnedRow, ...row] }
    copyView(f, order.map(axis => sizes[axis] ?? 1), this.bytes, turned, target)
    f.emit(this.product({
      rows: this.outChannels, columns: this.weights, terms: lines * this.size.output[1], isSum: true,
      leftRow: countOf(this.size.output) * this.bytes, leftTerm: this.bytes, rightTerm: this.turnedRow, outRow: this.weights * this.bytes,
    })(places, i32.const(this.patches), kernel))
  }

  private forImage(f: FunctionWriter, lines: number, { sizes, view }: ReturnType<Convolution['patchView']>, kernel: Code, places: Code): void {
    f.emit(this.product({
      rows: this.weights, columns: lines * this.size.output[1], terms: this.outChannels,
      leftRow: this.bytes, leftTerm: this.weights * this.bytes, rightTerm: countOf(this.size.output) * this.bytes, outRow: this.patchRow,
    })(kernel, places, i32.const(this.patches)))
    addView(f, this.site.v, sizes, this.matrixView(), view)
  }

  /** The matrix of patches, its rows by channel, row and column of the kernel. */
  private matrixView(): View {
    const rows = stridesOf([this.inChannels, ...this.size.kernel]).map(stride => stride * this.patchRow)
    return { address: i32.const(this.patches), strides: [...rows, this.size.output[1] * this.bytes, this.bytes] }
  }

  private product(shape: ProductShape): Callee {
    return matrixProduct(this.site.module, this.site.v, shape)
  }
}
