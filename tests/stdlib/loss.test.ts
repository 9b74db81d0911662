import { describe, expect, it } from 'vitest'
import { run } from '../language/run'
import { at, entry, expectClose, expectGradients, spreadMatrix, sumOf, valueOf } from './support'

const z = spreadMatrix(4, 3)
const classes = [2, 0, 1, 1]
const probabilities = z.map(row => row.map(each => Math.exp(each) / sumOf(row.map(Math.exp))))
const withLoss = (name: string, call: string, extra = '') => `use std.loss.${name}
model M {
  ${extra}
  param z: real[4, 3]
  loss ${call}
}`

describe('cross_entropy', () => {
  const text = withLoss('cross_entropy', 'cross_entropy(z, y)', 'input y: int[4]')

  it('is the mean of −log p[class]', async () => {
    const { loss } = await run(text, { z, y: classes })
    expectClose(loss ?? NaN, -sumOf(classes.map((c, i) => Math.log(entry(probabilities, i, c)))) / 4)
  })

  it('of even logits is log k', async () => {
    const { loss } = await run(text, { z: z.map(row => row.map(() => 7)), y: classes })
    expectClose(loss ?? NaN, Math.log(3))
  })

  it('smoothed wants (1 − ε) of the class and ε/k of every class', async () => {
    const { loss } = await run(withLoss('cross_entropy', 'cross_entropy(z, y, smoothing = 0.1)', 'input y: int[4]'), { z, y: classes })
    expectClose(loss ?? NaN, -sumOf(classes.map((c, i) => sumOf([0, 1, 2].map(j => ((j === c ? 0.9 : 0) + 0.1 / 3) * Math.log(entry(probabilities, i, j)))))) / 4)
  })

  it('has the gradient (p − class)/n, also where logits differ by 1000', async () => {
    const far = [[1000, 0, 0], [1000, 0, 0], [0, 0, 0], [0, 0, 0]]
    const { loss, gradients } = await run(text, { z: far, y: [0, 1, 0, 0] })
    expectClose(loss ?? NaN, (0 + 1000 + 2 * Math.log(3)) / 4)
    expectClose(gradients.z, [[0, 0, 0], [0.25, -0.25, 0], [-2 / 12, 1 / 12, 1 / 12], [-2 / 12, 1 / 12, 1 / 12]])
  })

  it('of a class that is impossible and not asked for is not disturbed by it', async () => {
    const value = await valueOf('std.loss.cross_entropy', 'cross_entropy(where(mask > 0, z, -inf), y)', { z: 'real[1, 3]', mask: 'int[1, 3]', y: 'int[1]' },
      { z: [[1, 2, 3]], mask: [[1, 0, 1]], y: [0] })
    expectClose(value, Math.log(1 + Math.exp(2)))
  })

  it('has the gradients of central differences, smoothed too', async () => {
    await expectGradients(text, { z, y: classes })
    await expectGradients(withLoss('cross_entropy', 'cross_entropy(z, y, 0.3)', 'input y: int[4]'), { z, y: classes })
  })
})

describe('binary_cross_entropy', () => {
  const y = spreadMatrix(4, 3, 1).map(row => row.map(each => (each > 0 ? 1 : 0)))
  const text = withLoss('binary_cross_entropy', 'binary_cross_entropy(z, y)', 'input y: real[4, 3]')

  it('is the mean of −(y log p + (1 − y) log(1 − p))', async () => {
    const { loss } = await run(text, { z, y })
    expectClose(loss ?? NaN, sumOf(z.flatMap((row, i) => row.map((each, j) => {
      const p = 1 / (1 + Math.exp(-each))
      return -Math.log(entry(y, i, j) === 1 ? p : 1 - p)
    }))) / 12)
  })

  it('is linear far from 0, where 1 − p has no digits left', async () => {
    expectClose(await valueOf('std.loss.binary_cross_entropy', 'binary_cross_entropy(z, y)', { z: 'real[2]', y: 'real[2]' }, { z: [800, -800], y: [0, 1] }), 800)
  })

  it('has the gradients of central differences', () => expectGradients(text, { z, y }))
})

describe('of regression', () => {
  const [p, y] = [[1, 2, 4], [1, 0, 9]]
  const value = (name: string, call: string) => valueOf(`std.loss.${name}`, call, { p: 'real[3]', y: 'real[3]' }, { p, y })

  it('mse is the mean square, mae the mean distance', async () => {
    expectClose(await value('mse', 'mse(p, y)'), (4 + 25) / 3)
    expectClose(await value('mae', 'mae(p, y)'), (2 + 5) / 3)
  })

  it('huber is half the square up to delta, and goes on as its tangent', async () => {
    expectClose(await value('huber', 'huber(p, y)'), (1.5 + 4.5) / 3)
    expectClose(await value('huber', 'huber(p, y, delta = 3)'), (2 + 3 * (5 - 1.5)) / 3)
    await expectGradients(withLoss('huber', 'huber(z, 1.5 * z^2, delta = 0.5)'), { z })
  })
})

it('hinge is 0 beyond the margin, and the distance to it within', async () => {
  expectClose(await valueOf('std.loss.hinge', 'hinge(s, y)', { s: 'real[4]', y: 'int[4]' }, { s: [2, 0.25, -1, -3], y: [1, 1, 1, -1] }), (0 + 0.75 + 2 + 0) / 4)
})

describe('kl_divergence', () => {
  const q = spreadMatrix(4, 3, 1)
  it('is Σ p log(p/q), the mean over the rows', async () => {
    const qs = q.map(row => row.map(each => Math.exp(each) / sumOf(row.map(Math.exp))))
    const { loss } = await run(withLoss('kl_divergence', 'kl_divergence(z, q)', 'input q: real[4, 3]'), { z, q })
    expectClose(loss ?? NaN, sumOf(probabilities.flatMap((row, i) => row.map((p, j) => p * Math.log(p / entry(qs, i, j))))) / 4)
  })

  it('is 0 with gradient 0 of equal distributions, also where a class is impossible', async () => {
    const { loss, gradients } = await run(withLoss('kl_divergence', 'kl_divergence(z, stop(z) + 5)'), { z })
    expectClose(loss ?? NaN, 0)
    expectClose(gradients.z, z.map(row => row.map(() => 0)))
    const impossible = { z: [[0, -Infinity, 0]], q: [[Math.log(3), 0, 0]] }
    // p = (½, 0, ½), q = (3, 1, 1)/5: ½ log(5/6) + ½ log(5/2)
    expectClose(await valueOf('std.loss.kl_divergence', 'kl_divergence(z, q)', { z: 'real[1, 3]', q: 'real[1, 3]' }, impossible), Math.log(25 / 12) / 2)
  })

  it('has the gradients of central differences', () => expectGradients(withLoss('kl_divergence', 'kl_divergence(z, q)', 'input q: real[4, 3]'), { z, q }))
})

it('a loss is the same for a batch and the batch twice', async () => {
  const { loss: once } = await run(withLoss('cross_entropy', 'cross_entropy(z, y)', 'input y: int[4]'), { z, y: classes })
  const twice = await valueOf('std.loss.cross_entropy', 'cross_entropy(z, y)', { z: 'real[n, 3]', y: 'int[n]' }, { z: [...z, ...z], y: [...classes, ...classes] })
  expectClose(twice, once ?? NaN)
  expect(at(classes, 0)).toBe(2)
})
