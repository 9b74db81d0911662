/** Layers that do something else in training: what they do there is seen in the steps of a fit. */
import { describe, expect, it } from 'vitest'
import { flat, load, run } from '../language/run'
import { at, expectClose, spreadMatrix, sumOf, type Vector } from './support'

const SGD = { name: 'sgd', rate: 0.1 } as const
const column = (rows: readonly Vector[], j: number): Vector => rows.map(row => at(row, j))
const meanOf = (numbers: Vector): number => sumOf(numbers) / numbers.length
const varianceOf = (numbers: Vector): number => meanOf(numbers.map(x => (x - meanOf(numbers)) ** 2))

describe('batch_norm', () => {
  const rows = spreadMatrix(5, 3)
  const text = (extra = '') => `use std.nn.batch_norm
model M {
  input x: real[batch, 3]
  frozen param shift: real ~ zeros()
  let y = batch_norm(x + shift${extra})
  output y
  metric square = mean(y^2)
  loss sum(y * [1.0, -2.0, 0.5] * cos(x))
}`

  it('starts as the identity outside of training, but for epsilon', async () => {
    const { outputs } = await run(text(), { x: rows })
    expectClose(outputs.y, rows.map(row => row.map(x => x / Math.sqrt(1 + 1e-5))))
  })

  it('moves the running averages by the momentum, the variance divided by N − 1', async () => {
    const { model } = await load(text(', momentum = 0.25'))
    await model.fit({ x: rows }, { steps: 3, optimizer: SGD })
    const kept = 0.75 ** 3
    const means = [0, 1, 2].map(j => (1 - kept) * meanOf(column(rows, j)))
    const variances = [0, 1, 2].map(j => kept + (1 - kept) * varianceOf(column(rows, j)) * 5 / 4)
    expectClose(flat(model.states.get('y.batch_norm.running_mean').toArray() as number[]), means)
    expectClose(flat(model.states.get('y.batch_norm.running_variance').toArray() as number[]), variances)
    const [gain, bias] = ['gain', 'bias'].map(name => model.parameters.get(`y.batch_norm.${name}`).data)
    const { y } = await model.predict({ x: rows })
    expectClose(y?.toArray() as number[][], rows.map(row => row.map((x, j) => Number(gain?.[j]) * (x - at(means, j)) / Math.sqrt(at(variances, j) + 1e-5) + Number(bias?.[j]))))
  })

  it('has unit variance over the batch in training, whatever the scale of x', async () => {
    const { model } = await load(text())
    const { epochs } = await model.fit({ x: rows.map(row => row.map(x => 100 * x + 7)) }, { steps: 1, optimizer: SGD })
    // variance / (variance + ε), of a variance near 3000.
    expect(Math.abs((epochs[0]?.metrics.square ?? NaN) - 1)).toBeLessThan(1e-8)
  })

  it('is differentiated through mean and variance of the batch', async () => {
    const byHand = `model M {
  input x: real[batch, 3]
  param W: real[3, 2]
  let h = x @ W
  let y = (h - mean(h, axis = 0)) / sqrt(variance(h, axis = 0) + 1e-5)
  loss sum(y * [1.0, -2.0] * cos(x[:, :2]))
}`
    const W = spreadMatrix(3, 2, 1)
    const { gradients } = await run(byHand, { x: rows, W })
    const { model } = await load(byHand.replace(/let y = .*/, 'let y = batch_norm(h)').replace('model M', 'use std.nn.batch_norm\nmodel M'))
    model.parameters.set('W', W as never)
    await model.fit({ x: rows }, { steps: 1, optimizer: SGD })
    expectClose(model.parameters.get('W').toArray() as number[][], W.map((row, i) => row.map((w, j) => w - 0.1 * at((gradients.W as number[][])[i] ?? [], j))), 1e-12)
  })

  it('of images takes the batch and both axes of the picture together', async () => {
    const { model } = await load(`use std.nn.batch_norm2d
model M {
  input x: real[batch, 2, h, w]
  let y = batch_norm2d(x, momentum = 1)
  output y
  loss mean(y^2)
}`)
    const images = [0, 1, 2].map(i => [0, 1].map(c => spreadMatrix(2, 4, 2 * i + c)))
    await model.fit({ x: images }, { steps: 1, optimizer: SGD })
    const channel = (c: number) => images.flatMap(image => (image[c] ?? []).flat())
    expectClose(model.states.get('y.batch_norm2d.batch_norm.running_mean').toArray() as number[], [0, 1].map(c => meanOf(channel(c))))
    expectClose(model.states.get('y.batch_norm2d.batch_norm.running_variance').toArray() as number[], [0, 1].map(c => varianceOf(channel(c)) * 24 / 23))
  })
})

describe('dropout', () => {
  const text = `use std.nn.dropout
model M {
  input x: real[rows, n]
  param unused: real ~ zeros()
  let y = dropout(x, 0.25)
  output y
  metric mean_of = mean(y)
  metric neither = mean(abs(y * (y - 4 / 3)))
  loss sum(y) * unused
}`
  const ones = Array.from({ length: 50 }, () => Array.from({ length: 40 }, () => 1))

  it('outside of training is x, and draws nothing', async () => {
    const { model } = await load(text)
    const { y } = await model.predict({ x: spreadMatrix(2, 3) })
    expect(y?.toArray()).toEqual(spreadMatrix(2, 3))
    expect(JSON.stringify(model.plan.entries.predict)).not.toContain('"random"')
    expect(JSON.stringify(model.plan.entries.step)).toContain('"random"')
  })

  it('in training is 0 or x/(1 − rate), with the mean of x, another draw at each step', async () => {
    const { model } = await load(text)
    const { epochs } = await model.fit({ x: ones }, { epochs: 20, optimizer: SGD })
    const means = epochs.map(({ metrics }) => metrics.mean_of ?? NaN)
    for (const { metrics } of epochs) expect(metrics.neither).toBeLessThan(1e-13)
    // The variance of an element is rate/(1 − rate) = 1/3; 20 · 2000 of them, 4 deviations.
    expect(Math.abs(meanOf(means) - 1)).toBeLessThan(4 * Math.sqrt(1 / 3 / 40_000))
    expect(new Set(means).size).toBeGreaterThan(10)
  })

  it('lets the gradient through where x got through, from the same draw', async () => {
    const { model } = await load(`use std.nn.dropout
model M {
  input x: real[1000]
  param w: real[1000] ~ ones()
  let y = dropout(w * x, 0.25)
  metric sum_of = sum(y)
  loss sum(y)
}`)
    const { epochs } = await model.fit({ x: Array.from({ length: 1000 }, () => 1) }, { steps: 1, optimizer: SGD })
    const moved = [...model.parameters.get('w').data].map(w => 1 - Number(w))
    // Each moved by 0.1 · 4/3 or not at all; y is 4/3 for those and no others.
    for (const each of moved) expect(Math.min(Math.abs(each), Math.abs(each - 0.4 / 3))).toBeLessThan(1e-13)
    expectClose(sumOf(moved) / 0.1, epochs[0]?.metrics.sum_of ?? NaN, 1e-12)
  })
})
