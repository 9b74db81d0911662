/**
 * Convolution and its two transposes, as products with a matrix of image patches ("im2col"; Chellapilla, Puri, Simard, High
 * Performance Convolutional Neural Networks for Document Processing, 2006).
 *
 * For one image and group, columns[r, p] holds what weight r = (c, t) meets at output position p. Then
 *
 *   output[o, p] = Σ_r kernel[o, r] columns[r, p]     kernel[o, r] = Σ_p output[o, p] columns[r, p]
 *   columns[r, p] = Σ_o kernel[o, r] output[o, p], added up where the image has them
 *
 * Positions are taken in blocks, so that the matrix stays in cache however large the image is. Sums are accumulated in 64 bits.
 */
import type { OpAttributes } from '../../../ir/op'
import type { TypedArray } from '../backend'
import { inputOf, type Executor, type RoutineSite } from './executor'
import { countOf } from './layout'

/** Numbers in the matrix of patches: 1 MiB. */
const COLUMNS = 1 << 17
/** A block has at least so many positions, so that inner loops are worth their start. */
const SHORTEST_BLOCK = 64

/** Two spatial axes; with one, the first has size 1. */
type Pair = readonly [number, number]

interface Geometry {
  readonly batch: number
  readonly groups: number
  readonly inChannels: number
  readonly outChannels: number
  readonly image: Pair
  readonly kernel: Pair
  readonly output: Pair
  readonly stride: Pair
  readonly dilation: Pair
  readonly low: Pair
}

/** The matrix of patches for positions start … start + width − 1: row r lies at r·block. */
interface Patches { readonly data: Float64Array; readonly rows: number; readonly block: number }

export function prepareConvolve(attributes: OpAttributes['convolve'], site: RoutineSite): Executor {
  const [first, second, result] = [inputOf(site, 0), inputOf(site, 1), site.output]
  const { part } = attributes
  const image = part === 'image' ? result : first
  const kernel = part === 'kernel' ? result : part === 'image' ? first : second
  const output = part === 'output' ? result : second
  const geometry: Geometry = {
    batch: image.shape[0] ?? 0, groups: image.shape[1] ?? 0, inChannels: image.shape[2] ?? 0, outChannels: kernel.shape[1] ?? 0,
    image: pairOf(image.shape.slice(3), 1), kernel: pairOf(kernel.shape.slice(3), 1), output: pairOf(output.shape.slice(3), 1),
    stride: pairOf(attributes.stride, 1), dilation: pairOf(attributes.dilation, 1), low: pairOf(attributes.low, 0),
  }
  switch (part) {
    case 'output': return convolveForOutput(geometry, image.data, kernel.data, output.data)
    case 'kernel': return convolveForKernel(geometry, image.data, kernel.data, output.data)
    case 'image': return convolveForImage(geometry, image.data, kernel.data, output.data)
    default: return part satisfies never
  }
}

/** @throws Error where there are more than two spatial axes: no function of the language makes them */
function pairOf(numbers: readonly number[], missing: number): Pair {
  const [a = missing, b] = numbers
  if (numbers.length > 2) throw new Error(`a convolution over ${numbers.length} axes`)
  return b === undefined ? [missing, a] : [a, b]
}

function convolveForOutput(geometry: Geometry, image: TypedArray, kernel: TypedArray, output: TypedArray): Executor {
  const { batch, groups, outChannels } = geometry
  const sizes = sizesOf(geometry)
  const patches = patchesOf(geometry)
  const sums = new Float64Array(patches.block)
  return () => {
    for (let n = 0; n < batch * groups; n++) {
      const weights = (n % groups) * outChannels * patches.rows
      for (let start = 0; start < sizes.output; start += patches.block) {
        const width = Math.min(patches.block, sizes.output - start)
        readPatches(geometry, patches, image, n * sizes.image, start, width)
        for (let o = 0; o < outChannels; o++) {
          sums.fill(0)
          addRows(sums, patches.data, patches.block, width, kernel, weights + o * patches.rows, 1, patches.rows)
          const to = (n * outChannels + o) * sizes.output + start
          for (let p = 0; p < width; p++) output[to + p] = sums[p] as number
        }
      }
    }
  }
}

function convolveForKernel(geometry: Geometry, image: TypedArray, kernel: TypedArray, output: TypedArray): Executor {
  const { batch, groups, outChannels } = geometry
  const sizes = sizesOf(geometry)
  const patches = patchesOf(geometry)
  const sums = new Float64Array(outChannels * patches.rows)
  const row = new Float64Array(patches.block)
  return () => {
    for (let g = 0; g < groups; g++) {
      sums.fill(0)
      for (let n = g; n < batch * groups; n += groups) {
        for (let start = 0; start < sizes.output; start += patches.block) {
          const width = Math.min(patches.block, sizes.output - start)
          readPatches(geometry, patches, image, n * sizes.image, start, width)
          for (let o = 0; o < outChannels; o++) {
            const from = (n * outChannels + o) * sizes.output + start
            for (let p = 0; p < width; p++) row[p] = output[from + p] as number
            addDots(sums, o * patches.rows, patches, row, width)
          }
        }
      }
      for (let i = 0; i < sums.length; i++) kernel[g * sums.length + i] = sums[i] as number
    }
  }
}

function convolveForImage(geometry: Geometry, image: TypedArray, kernel: TypedArray, output: TypedArray): Executor {
  const { batch, groups, outChannels } = geometry
  const sizes = sizesOf(geometry)
  const patches = patchesOf(geometry)
  const sums = new Float64Array(sizes.image)
  const rows = new Float64Array(outChannels * patches.block)
  const row = new Float64Array(patches.block)
  return () => {
    for (let n = 0; n < batch * groups; n++) {
      const weights = (n % groups) * outChannels * patches.rows
      sums.fill(0)
      for (let start = 0; start < sizes.output; start += patches.block) {
        const width = Math.min(patches.block, sizes.output - start)
        for (let o = 0; o < outChannels; o++) {
          const from = (n * outChannels + o) * sizes.output + start
          for (let p = 0; p < width; p++) rows[o * patches.block + p] = output[from + p] as number
        }
        for (let r = 0; r < patches.rows; r++) {
          row.fill(0)
          addRows(row, rows, patches.block, width, kernel, weights + r, patches.rows, outChannels)
          const to = r * patches.block
          for (let p = 0; p < width; p++) patches.data[to + p] = row[p] as number
        }
        addPatches(geometry, patches, sums, start, width)
      }
      for (let i = 0; i < sums.length; i++) image[n * sums.length + i] = sums[i] as number
    }
  }
}

const sizesOf = ({ image, inChannels, output }: Geometry) => ({ image: inChannels * countOf(image), output: countOf(output) })

function patchesOf({ inChannels, kernel, output }: Geometry): Patches {
  const rows = inChannels * countOf(kernel)
  const block = Math.max(1, Math.min(countOf(output), Math.max(SHORTEST_BLOCK, Math.floor(COLUMNS / Math.max(1, rows)))))
  return { data: new Float64Array(rows * block), rows, block }
}

// ---------------------------------------------------------------------------------------------------- products

/** sums += Σ_r factors[first + r·step] · rows[r], four at a time so that the sums are loaded and stored a quarter as often. */
function addRows(
  sums: Float64Array, rows: Float64Array, block: number, width: number, factors: TypedArray, first: number, step: number, count: number,
): void {
  const whole = count - (count % 4)
  for (let r = 0; r < whole; r += 4) {
    const at = first + r * step
    addFourRows(
      sums, rows, r * block, block, width,
      factors[at] as number, factors[at + step] as number, factors[at + 2 * step] as number, factors[at + 3 * step] as number,
    )
  }
  for (let r = whole; r < count; r++) {
    const factor = factors[first + r * step] as number
    for (let p = 0; p < width; p++) sums[p] = (sums[p] as number) + factor * (rows[r * block + p] as number)
  }
}

function addFourRows(
  sums: Float64Array, rows: Float64Array, at: number, block: number, width: number, f0: number, f1: number, f2: number, f3: number,
): void {
  const [at1, at2, at3] = [at + block, at + 2 * block, at + 3 * block]
  for (let p = 0; p < width; p++) {
    sums[p] = (sums[p] as number) + ((f0 * (rows[at + p] as number) + f1 * (rows[at1 + p] as number))
      + (f2 * (rows[at2 + p] as number) + f3 * (rows[at3 + p] as number)))
  }
}

/** sums[to + r] += patches[r] · row. */
function addDots(sums: Float64Array, to: number, { data, rows, block }: Patches, row: Float64Array, width: number): void {
  const whole = rows - (rows % 4)
  for (let r = 0; r < whole; r += 4) addFourDots(sums, to + r, data, r * block, block, row, width)
  for (let r = whole; r < rows; r++) {
    let sum = 0
    for (let p = 0; p < width; p++) sum += (data[r * block + p] as number) * (row[p] as number)
    sums[to + r] = (sums[to + r] as number) + sum
  }
}

function addFourDots(sums: Float64Array, to: number, data: Float64Array, at: number, block: number, row: Float64Array, width: number): void {
  const [at1, at2, at3] = [at + block, at + 2 * block, at + 3 * block]
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let p = 0; p < width; p++) {
    const y = row[p] as number
    s0 += (data[at + p] as number) * y
    s1 += (data[at1 + p] as number) * y
    s2 += (data[at2 + p] as number) * y
    s3 += (data[at3 + p] as number) * y
  }
  sums[to] = (sums[to] as number) + s0
  sums[to + 1] = (sums[to + 1] as number) + s1
  sums[to + 2] = (sums[to + 2] as number) + s2
  sums[to + 3] = (sums[to + 3] as number) + s3
}

// ----------------------------------------------------------------------------------------------------- patches

/** Fills the matrix from an image at `base`; zeros where a patch hangs over the edge. */
function readPatches(geometry: Geometry, patches: Patches, image: TypedArray, base: number, start: number, width: number): void {
  const { data, block } = patches
  const { stride: [, step] } = geometry
  forEachStretch(geometry, start, width, (r, p, count, from, low, high) => {
    const to = r * block + p
    for (let i = 0; i < low; i++) data[to + i] = 0
    for (let i = low, at = base + from + low * step; i < high; i++, at += step) data[to + i] = image[at] as number
    for (let i = high; i < count; i++) data[to + i] = 0
  })
}

/** Adds the matrix up where the image has its entries. */
function addPatches(geometry: Geometry, patches: Patches, image: Float64Array, start: number, width: number): void {
  const { data, block } = patches
  const { stride: [, step] } = geometry
  forEachStretch(geometry, start, width, (r, p, _, from, low, high) => {
    const to = r * block + p
    for (let i = low, at = from + low * step; i < high; i++, at += step) image[at] = (image[at] as number) + (data[to + i] as number)
  })
}

/**
 * Row r of the matrix, place p and the `count` after it: `low` to `high` of them lie inside the image, from element
 * `from` + low·stride on.
 */
type Stretch = (r: number, p: number, count: number, from: number, low: number, high: number) => void

function forEachStretch(geometry: Geometry, start: number, width: number, visit: Stretch): void {
  const { inChannels, image: [height, across], kernel: [down, wide], output: [, columns], stride, dilation, low } = geometry
  let r = 0
  for (let c = 0; c < inChannels; c++) {
    for (let th = 0; th < down; th++) {
      for (let tw = 0; tw < wide; tw++, r++) {
        const shift = tw * dilation[1] - low[1]
        for (let p = 0; p < width;) {
          const row = Math.floor((start + p) / columns)
          const column = start + p - row * columns
          const count = Math.min(columns - column, width - p)
          const y = row * stride[0] + th * dilation[0] - low[0]
          // x = i·stride + first runs over the line of the image.
          const first = column * stride[1] + shift
          const begin = Math.min(count, Math.max(0, Math.ceil(-first / stride[1])))
          const end = y < 0 || y >= height ? begin : Math.max(begin, Math.min(count, Math.ceil((across - first) / stride[1])))
          visit(r, p, count, (c * height + y) * across + first, begin, end)
          p += count
        }
      }
    }
  }
}
