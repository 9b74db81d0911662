/** Convolutions and pools as PyTorch's documentation writes them, by loops over nested arrays. */
import { spread } from '../../support/differences'

export type Image = readonly (readonly (readonly (readonly number[])[])[])[]

export interface Options {
  readonly stride?: readonly [number, number]
  readonly padding?: readonly [number, number]
  readonly dilation?: readonly [number, number]
  readonly groups?: number
}

export const image = (sizes: readonly [number, number, number, number], stream: number): Image => {
  const [n, c, h, w] = sizes
  let i = 0
  return array(n, () => array(c, () => array(h, () => array(w, () => spread(i++, stream)))))
}

export const array = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i))

export function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []
}

/** torch.nn.Conv2d: out(N, o) = Σ_c weight(o, c) ⋆ input(N, c), with ⋆ the cross-correlation, group by group. */
export function conv2d(x: Image, kernel: Image, options: Options = {}): Image {
  const { stride: [sh, sw], padding: [ph, pw], dilation: [dh, dw], groups } = full(options)
  const [, , height = 0, width = 0] = shapeOf(x)
  const [out = 0, perGroup = 0, kh = 0, kw = 0] = shapeOf(kernel)
  const rows = Math.floor((height + 2 * ph - dh * (kh - 1) - 1) / sh + 1)
  const columns = Math.floor((width + 2 * pw - dw * (kw - 1) - 1) / sw + 1)
  return x.map(sample => array(out, o => array(rows, i => array(columns, j => {
    let sum = 0
    for (let c = 0; c < perGroup; c++) {
      for (let a = 0; a < kh; a++) {
        for (let b = 0; b < kw; b++) {
          const channel = Math.floor(o / (out / groups)) * perGroup + c
          sum += at(kernel, o, c, a, b) * (sample[channel]?.[i * sh + a * dh - ph]?.[j * sw + b * dw - pw] ?? 0)
        }
      }
    }
    return sum
  }))))
}

/** torch.nn.ConvTranspose2d: every input element adds its multiple of the kernel to the output. */
export function convTranspose2d(x: Image, kernel: Image, options: Options & { readonly outputPadding?: readonly [number, number] } = {}): Image {
  const { stride: [sh, sw], padding: [ph, pw], dilation: [dh, dw], groups } = full(options)
  const [eh, ew] = options.outputPadding ?? [0, 0]
  const [batch = 0, channels = 0, height = 0, width = 0] = shapeOf(x)
  const [, perGroup = 0, kh = 0, kw = 0] = shapeOf(kernel)
  const rows = (height - 1) * sh - 2 * ph + dh * (kh - 1) + eh + 1
  const columns = (width - 1) * sw - 2 * pw + dw * (kw - 1) + ew + 1
  const sums = array(batch, () => array(groups * perGroup, () => array(rows, () => array(columns, () => 0))))
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let o = 0; o < perGroup; o++) {
        const target = sums[n]?.[Math.floor(c / (channels / groups)) * perGroup + o]
        for (let i = 0; i < height; i++) {
          for (let j = 0; j < width; j++) {
            for (let a = 0; a < kh; a++) {
              for (let b = 0; b < kw; b++) {
                const row = target?.[i * sh + a * dh - ph]
                const column = j * sw + b * dw - pw
                if (row && column >= 0 && column < columns) row[column] = (row[column] ?? 0) + at(x, n, c, i, j) * at(kernel, c, o, a, b)
              }
            }
          }
        }
      }
    }
  }
  return sums
}

/** The elements of each window; what lies outside is left out. */
export function pool2d(
  x: Image, kernel: readonly [number, number], stride: readonly [number, number], padding: readonly [number, number], reduce: (inside: readonly number[]) => number,
): Image {
  const [, , height = 0, width = 0] = shapeOf(x)
  const rows = Math.floor((height + 2 * padding[0] - kernel[0]) / stride[0] + 1)
  const columns = Math.floor((width + 2 * padding[1] - kernel[1]) / stride[1] + 1)
  return x.map(sample => sample.map(channel => array(rows, i => array(columns, j => reduce(
    array(kernel[0], a => array(kernel[1], b => channel[i * stride[0] + a - padding[0]]?.[j * stride[1] + b - padding[1]])).flat().filter(element => element !== undefined),
  )))))
}

const full = ({ stride = [1, 1], padding = [0, 0], dilation = [1, 1], groups = 1 }: Options) => ({ stride, padding, dilation, groups })

function at(x: Image, n: number, c: number, i: number, j: number): number {
  return x[n]?.[c]?.[i]?.[j] ?? NaN
}
