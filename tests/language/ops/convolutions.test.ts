/** `conv1d`, `conv2d` and their transposes against loops written from PyTorch's documentation. */
import { describe, expect, it } from 'vitest'
import { flat, load, run, runModel, type Nested } from '../run'
import { conv2d, convTranspose2d, image, shapeOf, type Image, type Options } from './loops'

/** Sums of some dozen products of numbers below 2, in another order. */
const TOLERANCE = 12

function expectClose(found: Nested | undefined, expected: Image): void {
  expect(shapeOf(found)).toEqual(shapeOf(expected))
  const numbers = flat(found ?? [])
  flat(expected).forEach((number, i) => expect(numbers[i]).toBeCloseTo(number, TOLERANCE))
}

interface Case extends Options {
  readonly x: readonly [number, number, number, number]
  readonly kernel: readonly [number, number, number, number]
  readonly outputPadding?: readonly [number, number]
}

const CASES: readonly Case[] = [
  { x: [2, 3, 5, 4], kernel: [2, 3, 3, 2] },
  { x: [1, 2, 6, 7], kernel: [3, 2, 3, 3], padding: [1, 1] },
  { x: [2, 2, 7, 7], kernel: [2, 2, 3, 3], stride: [2, 2], padding: [1, 1] },
  { x: [2, 2, 8, 7], kernel: [2, 2, 3, 3], stride: [2, 3], padding: [1, 0], outputPadding: [1, 1] },
  { x: [1, 2, 9, 8], kernel: [2, 2, 3, 2], dilation: [2, 3], padding: [2, 1] },
  { x: [2, 4, 5, 5], kernel: [6, 2, 3, 3], groups: 2 },
  { x: [1, 3, 6, 5], kernel: [3, 1, 2, 3], groups: 3, stride: [2, 1], padding: [0, 2] },
  { x: [2, 4, 8, 9], kernel: [2, 2, 2, 3], groups: 2, stride: [3, 2], dilation: [2, 2], padding: [1, 1], outputPadding: [1, 0] },
  { x: [1, 1, 1, 1], kernel: [1, 1, 1, 1], padding: [2, 0], stride: [2, 1] },
  { x: [2, 2, 4, 5], kernel: [3, 2, 4, 5] },
  { x: [1, 2, 5, 5], kernel: [2, 2, 1, 1], stride: [3, 3], outputPadding: [1, 1] },
]

function optionText({ stride = [1, 1], padding = [0, 0], dilation = [1, 1], groups = 1 }: Options): string {
  return `stride = [${stride.join(', ')}], padding = [${padding.join(', ')}], dilation = [${dilation.join(', ')}], groups = ${groups}`
}

describe('conv2d', () => {
  for (const each of CASES) {
    const x = image(each.x, 1)
    const kernel = image(each.kernel, 2)
    const expected = conv2d(x, kernel, each)
    const c = image(shapeOf(expected) as [number, number, number, number], 3)
    const options = optionText(each)
    it(`of [${each.x}] by [${each.kernel}] with ${options} is PyTorch's`, async () => {
      const { outputs } = await run(`model M {
        input x: real[${each.x}]
        input k: real[${each.kernel}]
        output y = conv2d(x, k, ${options})
      }`, { x, k: kernel })
      expectClose(outputs.y, expected)
    })
    it(`of [${each.x}] by [${each.kernel}] with ${options}: its derivative by x is conv_transpose2d, and by the kernel Σ c·shifted x`, async () => {
      const extra = each.outputPadding ?? [0, 0]
      const { outputs } = await run(`model M {
        input x: real[${each.x}]
        input k: real[${each.kernel}]
        input c: real[${shapeOf(c)}]
        let y = sum(c * conv2d(x, k, ${options}))
        output byX = grad(y, x)
        output byKernel = grad(y, k)
        output transposed = conv_transpose2d(c, k, ${options}, output_padding = [${extra}])
      }`, { x, k: kernel, c })
      const transposed = convTranspose2d(c, kernel, { ...each, outputPadding: extra })
      expect(shapeOf(transposed)).toEqual(each.x)
      expectClose(outputs.transposed, transposed)
      expectClose(outputs.byX, transposed)
      // The sum is linear in the kernel: its derivative by one weight is its value for that weight alone.
      const weights = flat(outputs.byKernel ?? [])
      weights.forEach((found, i) => {
        let position = 0
        const alone = kernel.map(out => out.map(channel => channel.map(row => row.map(() => (position++ === i ? 1 : 0)))))
        const sum = flat(conv2d(x, alone, each)).reduce((total, number, at) => total + number * (flat(c)[at] ?? NaN), 0)
        expect(found).toBeCloseTo(sum, TOLERANCE)
      })
    })
  }

  it('takes one int for both axes', async () => {
    const x = image([1, 2, 7, 6], 1)
    const k = image([2, 2, 2, 2], 2)
    const { outputs } = await run(`model M {
      input x: real[1, 2, 7, 6]
      input k: real[2, 2, 2, 2]
      output y = conv2d(x, k, stride = 2, padding = 1, dilation = 2)
    }`, { x, k })
    expectClose(outputs.y, conv2d(x, k, { stride: [2, 2], padding: [1, 1], dilation: [2, 2] }))
  })

  it('has the sizes of the example in the documentation of torch.nn.Conv2d: [20, 16, 50, 100] by (3, 5) gives 26 × 100', async () => {
    const { model } = await load(`model M {
      input x: real[batch, 1, 50, 100]
      param k: real[1, 1, 3, 5] ~ ones()
      output y = conv2d(x, k, stride = [2, 1], padding = [4, 2], dilation = [3, 1])
    }`)
    const { y } = await model.predict({ x: image([1, 1, 50, 100], 1) as never })
    expect(y?.shape).toEqual([1, 1, 26, 100])
  })

  it('serves any batch and any size with one program, and checks that the window fits', async () => {
    const program = await load(`model M {
      input x: real[batch, 2, h, w]
      param k: real[3, 2, 3, 3] ~ normal()
      let y = conv2d(x, k, stride = 2, padding = 1)
      output y
      output g = grad(sum(y^3), x)
      loss sum(y^2)
    }`)
    for (const sizes of [[2, 2, 5, 6], [1, 2, 8, 3], [3, 2, 1, 1]] as const) {
      const x = image(sizes, 4)
      const { outputs, parameters } = await runModel(program, { x })
      expectClose(outputs.y, conv2d(x, parameters.k as Image, { stride: [2, 2], padding: [1, 1] }))
      expect(shapeOf(outputs.g)).toEqual(sizes)
    }
    const narrow = await load(`model M {
      input x: real[batch, 1, h, 9]
      param k: real[1, 1, 4, 4] ~ ones()
      output y = conv2d(x, k)
    }`)
    await expect(runModel(narrow, { x: image([1, 1, 3, 9], 1) })).rejects.toThrow('main.bp:4:18: the window of `conv2d` needs h ≥ 4')
  })

  it('is bilinear: the mixed second derivative along v in x and u in k is conv2d(v, u)', async () => {
    const [x, k, v, u] = [image([1, 2, 4, 4], 1), image([2, 2, 2, 2], 2), image([1, 2, 4, 4], 3), image([2, 2, 2, 2], 4)]
    const c = image([1, 2, 3, 3], 5)
    const { outputs } = await run(`model M {
      input x: real[1, 2, 4, 4]
      input k: real[2, 2, 2, 2]
      input v: real[1, 2, 4, 4]
      input u: real[2, 2, 2, 2]
      input c: real[1, 2, 3, 3]
      let byX = sum(v * grad(sum(c * conv2d(x, k)), x))
      output mixed = sum(u * grad(byX, k))
      output twice = grad(byX, x)
      output direct = sum(c * conv2d(v, u))
    }`, { x, k, v, u, c })
    expect(outputs.mixed).toBeCloseTo(Number(outputs.direct), TOLERANCE)
    expect(flat(outputs.twice ?? []).every(number => number === 0)).toBe(true)
  })

  it('has a jacobian by the kernel and by x, row by row its transposes', async () => {
    const [x, k] = [image([1, 2, 3, 3], 1), image([2, 1, 2, 2], 2)]
    const { outputs } = await run(`model M {
      input x: real[1, 2, 3, 3]
      input k: real[2, 1, 2, 2]
      let y = conv2d(x, k, groups = 2)
      output byX = jacobian(y, x)
      output byKernel = jacobian(y, k)
      output both = jacobian(grad(sum(y^2), x), k)
    }`, { x, k })
    const rows = flat(conv2d(x, k, { groups: 2 })).length
    const [byX, byKernel] = [flat(outputs.byX ?? []), flat(outputs.byKernel ?? [])]
    const width = flat(x).length
    for (let row = 0; row < rows; row++) {
      let position = 0
      const one = conv2d(x, k, { groups: 2 }).map(n => n.map(c => c.map(i => i.map(() => (position++ === row ? 1 : 0)))))
      flat(convTranspose2d(one, k, { groups: 2 })).forEach((number, i) => expect(byX[row * width + i]).toBeCloseTo(number, TOLERANCE))
    }
    // y is linear in k: Σ_k J·k gives y back.
    flat(conv2d(x, k, { groups: 2 })).forEach((number, row) => {
      const size = flat(k).length
      expect(flat(k).reduce((sum, weight, i) => sum + weight * (byKernel[row * size + i] ?? NaN), 0)).toBeCloseTo(number, TOLERANCE)
    })
    expect(shapeOf(outputs.both)).toEqual([1, 2, 3, 3, 2, 1, 2, 2])
  })
})

describe('conv_transpose2d', () => {
  it('undoes the size of a strided conv2d with output_padding = 1, as in the documentation of torch.nn.ConvTranspose2d', async () => {
    const x = image([1, 2, 12, 12], 1)
    const k = image([2, 2, 3, 3], 2)
    const { outputs } = await run(`model M {
      input x: real[1, 2, 12, 12]
      input k: real[2, 2, 3, 3]
      let small = conv2d(x, k, stride = 2, padding = 1)
      output small
      output y = conv_transpose2d(small, k, stride = 2, padding = 1, output_padding = 1)
    }`, { x, k })
    expect(shapeOf(outputs.small)).toEqual([1, 2, 6, 6])
    const small = conv2d(x, k, { stride: [2, 2], padding: [1, 1] })
    expectClose(outputs.y, convTranspose2d(small, k, { stride: [2, 2], padding: [1, 1], outputPadding: [1, 1] }))
  })

  it('has gradients by both operands: linear in each', async () => {
    const [x, k, c] = [image([2, 4, 3, 2], 1), image([4, 3, 2, 3], 2), image([2, 6, 7, 2], 3)]
    const { outputs } = await run(`model M {
      input x: real[2, 4, 3, 2]
      input k: real[4, 3, 2, 3]
      input c: real[2, 6, 7, 2]
      let y = sum(c * conv_transpose2d(x, k, stride = [2, 1], padding = [0, 1], dilation = [2, 1], groups = 2, output_padding = 0))
      output y
      output byX = grad(y, x)
      output byKernel = grad(y, k)
      output back = conv2d(c, k, stride = [2, 1], padding = [0, 1], dilation = [2, 1], groups = 2)
    }`, { x, k, c })
    const inner = (a: Nested | undefined, b: Image) => flat(a ?? []).reduce((sum, number, i) => sum + number * (flat(b)[i] ?? NaN), 0)
    expect(inner(outputs.byX, x)).toBeCloseTo(Number(outputs.y), TOLERANCE)
    expect(inner(outputs.byKernel, k)).toBeCloseTo(Number(outputs.y), TOLERANCE)
    expectClose(outputs.byX, conv2d(c, k, { stride: [2, 1], padding: [0, 1], dilation: [2, 1], groups: 2 }))
    expect(outputs.back).toEqual(outputs.byX)
  })
})

describe('one axis', () => {
  const line = (sizes: readonly [number, number, number], stream: number) => image([sizes[0], sizes[1], 1, sizes[2]], stream)
  const without = (x: Image): Nested => x.map(sample => sample.map(channel => channel[0] ?? []))

  it('conv1d is conv2d of images of height 1', async () => {
    const [x, k] = [line([2, 4, 9], 1), line([6, 2, 3], 2)]
    const { outputs } = await run(`model M {
      input x: real[batch, 4, time]
      param k: real[6, 2, 3] ~ zeros()
      output y = conv1d(x, k, stride = 2, padding = 2, dilation = 2, groups = 2)
    }`, { x: without(x), k: without(k) })
    expectClose(outputs.y, without(conv2d(x, k, { stride: [1, 2], padding: [0, 2], dilation: [1, 2], groups: 2 })) as never)
  })

  it('conv_transpose1d is conv_transpose2d of images of height 1', async () => {
    const [x, k] = [line([2, 4, 5], 1), line([4, 3, 4], 2)]
    const { outputs } = await run(`model M {
      input x: real[batch, 4, time]
      param k: real[4, 3, 4] ~ zeros()
      output y = conv_transpose1d(x, k, stride = [3], padding = 1, groups = 2, output_padding = 2)
    }`, { x: without(x), k: without(k) })
    expectClose(outputs.y, without(convTranspose2d(x, k, { stride: [1, 3], padding: [0, 1], groups: 2, outputPadding: [0, 2] })) as never)
  })
})

describe('in layers', () => {
  it('sizes and options of a layer may be its arguments', async () => {
    const x = image([2, 4, 6, 6], 1)
    const { outputs, parameters } = await run(`
      layer conv(x: real[batch, c, h, w], out: int, k: int, stride: int = 1, padding: int = 0) {
        param K: real[out, c, k, k] ~ he()
        return conv2d(x, K, stride = stride, padding = padding)
      }
      model M {
        input x: real[batch, 4, h, w]
        output y = conv(x, 3, 3, stride = 2, padding = 1)
      }`, { x })
    expectClose(outputs.y, conv2d(x, parameters['y.conv.K'] as Image, { stride: [2, 2], padding: [1, 1] }))
  })
})
