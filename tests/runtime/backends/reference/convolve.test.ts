/** Convolutions large enough to be taken in several blocks, against the sum that defines them. */
import { describe, expect, it } from 'vitest'
import type { ConvolutionPart } from '../../../../ir/op'
import { real } from '../../../../ir/type'
import { randomNumbers, runRoutine } from '../../support'

interface Case {
  readonly name: string
  /** Batch, groups, in channels, out channels. */
  readonly channels: readonly [number, number, number, number]
  readonly image: readonly [number, number]
  readonly kernel: readonly [number, number]
  readonly output: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly dilation: readonly [number, number]
  readonly low: readonly [number, number]
}

const CASES: readonly Case[] = [
  { name: 'blocks that end within a line', channels: [1, 1, 1, 2], image: [60, 70], kernel: [50, 50], output: [11, 21], stride: [1, 1], dilation: [1, 1], low: [0, 0] },
  { name: 'blocks of a strided and padded image', channels: [2, 1, 30, 5], image: [21, 40], kernel: [9, 8], output: [10, 23], stride: [2, 3], dilation: [1, 2], low: [3, 9] },
  { name: 'lines longer than a block', channels: [1, 2, 300, 3], image: [1, 200], kernel: [1, 8], output: [1, 193], stride: [1, 1], dilation: [1, 1], low: [0, 0] },
  { name: 'a stride beyond the kernel', channels: [2, 2, 3, 1], image: [9, 11], kernel: [2, 2], output: [3, 3], stride: [4, 5], dilation: [1, 1], low: [1, 0] },
  { name: 'an output mostly outside the image', channels: [1, 1, 2, 2], image: [3, 2], kernel: [2, 2], output: [8, 9], stride: [1, 2], dilation: [3, 1], low: [4, 7] },
  { name: 'an image cut off by a negative padding', channels: [1, 1, 2, 1], image: [6, 5], kernel: [2, 3], output: [3, 2], stride: [1, 1], dilation: [1, 1], low: [-2, -1] },
]

const count = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1)

/** Σ over every index of the sum, added to the part that is wanted. */
function bySum({ channels: [N, G, C, O], image: [H, W], kernel: [A, B], output: [P, Q], stride, dilation, low }: Case, part: ConvolutionPart, image: Float64Array, kernel: Float64Array, output: Float64Array): void {
  for (let n = 0; n < N; n++) for (let g = 0; g < G; g++) for (let o = 0; o < O; o++) for (let c = 0; c < C; c++) {
    for (let p = 0; p < P; p++) for (let q = 0; q < Q; q++) for (let a = 0; a < A; a++) for (let b = 0; b < B; b++) {
      const y = p * stride[0] + a * dilation[0] - low[0]
      const x = q * stride[1] + b * dilation[1] - low[1]
      if (y < 0 || y >= H || x < 0 || x >= W) continue
      const i = (((n * G + g) * C + c) * H + y) * W + x
      const k = (((g * O + o) * C + c) * A + a) * B + b
      const j = (((n * G + g) * O + o) * P + p) * Q + q
      if (part === 'output') output[j] = (output[j] ?? 0) + (image[i] ?? 0) * (kernel[k] ?? 0)
      else if (part === 'kernel') kernel[k] = (kernel[k] ?? 0) + (image[i] ?? 0) * (output[j] ?? 0)
      else image[i] = (image[i] ?? 0) + (kernel[k] ?? 0) * (output[j] ?? 0)
    }
  }
}

describe('convolve', () => {
  for (const each of CASES) {
    const { channels: [N, G, C, O], stride, dilation, low } = each
    const shapes = { image: [N, G, C, ...each.image], kernel: [G, O, C, ...each.kernel], output: [N, G, O, ...each.output] }
    for (const part of ['output', 'kernel', 'image'] as const) {
      it(`${each.name}: the ${part} is the defining sum`, () => {
        const random = randomNumbers(7)
        const values = (wanted: ConvolutionPart) => Float64Array.from({ length: count(shapes[wanted]) }, () => (wanted === part ? 0 : Math.fround(random() - 0.5)))
        const [image, kernel, output] = [values('image'), values('kernel'), values('output')]
        const given = ([['image', image], ['kernel', kernel], ['output', output]] as const).filter(([name]) => name !== part)
          .map(([name, data]) => ({ type: real(...shapes[name]), data: data.slice() }))
        bySum(each, part, image, kernel, output)
        const expected = part === 'image' ? image : part === 'kernel' ? kernel : output
        for (const precision of ['f64', 'f32'] as const) {
          const found = runRoutine('convolve', { part, stride, dilation, low, size: shapes[part].slice(3) }, given, real(...shapes[part]), { precision })
          // Sums of up to 2500 products below 1/4, in another order; f32 rounds only the result.
          const worst = expected.reduce((most, number, i) => Math.max(most, Math.abs((found[i] ?? NaN) - number)), 0)
          expect(worst).toBeLessThan(precision === 'f64' ? 1e-11 : 1e-5)
        }
      })
    }
  }
})
