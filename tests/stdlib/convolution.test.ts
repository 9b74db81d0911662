import { describe, expect, it } from 'vitest'
import { at, expectClose, expectGradients, outputsOf, spread, spreadMatrix } from './support'

type Image = readonly (readonly number[])[]
const pixel = (image: Image, i: number, j: number): number => image[i]?.[j] ?? 0
const images = (channels: number, height: number, width: number) =>
  [0, 1].map(row => Array.from({ length: channels }, (_, c) => spreadMatrix(height, width, 3 * row + c)))
const kernels = (out: number, into: number, size: number) =>
  Array.from({ length: out }, (_, o) => Array.from({ length: into }, (__, i) => spreadMatrix(size, size, 10 + o * into + i)))

describe('convolution2d', () => {
  const text = `use std.nn.convolution2d
model M {
  input x: real[batch, 2, h, w]
  let y = x |> convolution2d(4, 3, stride = 2, padding = 1, groups = 2)
  output y
  loss sum(sin(y))
}`
  const x = images(2, 5, 4)
  const weights = { 'y.convolution2d.K': kernels(4, 1, 3), 'y.convolution2d.b': spread(4, 5) }

  it('adds up what each kernel sees, every second place, each group by itself, and the bias', async () => {
    const expected = x.map(image => weights['y.convolution2d.K'].map((kernel, o) => [0, 1, 2].map(i => [0, 1].map(j => {
      let sum = at(weights['y.convolution2d.b'], o)
      // Two groups of one channel in and two out.
      for (let p = 0; p < 3; p++) for (let q = 0; q < 3; q++) sum += pixel(kernel[0] ?? [], p, q) * pixel(image[o >> 1] ?? [], 2 * i + p - 1, 2 * j + q - 1)
      return sum
    }))))
    expectClose((await outputsOf(text, { x, ...weights })).y, expected)
  })

  it('has the gradients of central differences', () => expectGradients(text, { x, ...weights }))

  it('keeps the size of a picture with a kernel of 3 and a padding of 1', async () => {
    const { y } = await outputsOf(text.replace('stride = 2, padding = 1, groups = 2', 'padding = 1'), { x })
    const shape = y as number[][][][]
    expect([shape.length, shape[0]?.length, shape[0]?.[0]?.length, shape[0]?.[0]?.[0]?.length]).toEqual([2, 4, 5, 4])
  })
})

describe('convolution1d', () => {
  const text = `use std.nn.convolution1d
model M {
  input x: real[batch, 2, length]
  let y = x |> convolution1d(3, 2, dilation = 2)
  output y
  loss sum(sin(y))
}`
  const x = [spreadMatrix(2, 6, 1), spreadMatrix(2, 6, 2)]
  const weights = { 'y.convolution1d.K': [0, 1, 2].map(o => spreadMatrix(2, 2, 3 + o)), 'y.convolution1d.b': spread(3, 6) }

  it('adds up what each kernel sees along the sequence', async () => {
    const expected = x.map(sequence => weights['y.convolution1d.K'].map((kernel, o) => [0, 1, 2, 3].map(t =>
      at(weights['y.convolution1d.b'], o) + kernel.reduce((sum, row, c) => sum + at(row, 0) * pixel(sequence, c, t) + at(row, 1) * pixel(sequence, c, t + 2), 0))))
    expectClose((await outputsOf(text, { x, ...weights })).y, expected)
  })

  it('has the gradients of central differences', () => expectGradients(text, { x, ...weights }))
})

describe('transposed_convolution2d', () => {
  const text = `use std.nn.transposed_convolution2d
model M {
  input x: real[batch, 2, h, w]
  let y = x |> transposed_convolution2d(1, 3, stride = 2, padding = 1, output_padding = 1)
  output y
  loss sum(sin(y))
}`
  const x = images(2, 2, 3)
  const weights = { 'y.transposed_convolution2d.K': kernels(2, 1, 3), 'y.transposed_convolution2d.b': [0.25] }

  it('paints the kernel of each pixel, the stride apart, and doubles the size', async () => {
    const expected = x.map(image => {
      const canvas = Array.from({ length: 4 }, () => Array.from({ length: 6 }, () => 0.25))
      image.forEach((channel, c) => channel.forEach((row, i) => row.forEach((value, j) => {
        for (let p = 0; p < 3; p++) {
          for (let q = 0; q < 3; q++) {
            const [to, along] = [2 * i + p - 1, 2 * j + q - 1]
            const line = canvas[to]
            if (line && along >= 0 && along < 6) line[along] = at(line, along) + value * pixel(weights['y.transposed_convolution2d.K'][c]?.[0] ?? [], p, q)
          }
        }
      })))
      return [canvas]
    })
    expectClose((await outputsOf(text, { x, ...weights })).y, expected)
  })

  it('has the gradients of central differences', () => expectGradients(text, { x, ...weights }))
})
