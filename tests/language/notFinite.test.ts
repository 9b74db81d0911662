/** NaN and infinities among the data: refused before training, but for a model that can do with them. */
import { describe, expect, it } from 'vitest'
import { load } from './run'

const LINE = `model Line {
  input  x: real[batch]
  target y: real[batch]
  param  w: real
  loss   mean((w * FEATURE - y)^2)
}`
const line = (feature: string) => load(LINE.replace('FEATURE', feature))
const SGD = { name: 'sgd', rate: 0.1 } as const
const y = [1, 2, 3, 4, 5]

describe('data that are not finite', () => {
  it('are refused before the first step, by input, row and place', async () => {
    const { model } = await line('x')
    const steps: number[] = []
    const options = { epochs: 1, batch: 1, optimizer: SGD, onStep: ({ step }: { step: number }) => { steps.push(step) } }
    await expect(model.fit({ x: [1, 2, 3, -Infinity, NaN], y }, options)).rejects.toThrow(
      "input 'x' is -Infinity at x[3], in row 3 counted from 0, and the loss is NaN with it. Leave such rows out (2 of 5), or fill them in")
    await expect(model.fit({ x: [1, 2, 3, 4, 5], y: [1, 2, NaN, 4, 5] }, options)).rejects.toThrow("target 'y' is NaN at y[2], in row 2 counted from 0, and the loss is NaN with it")
    expect(steps).toEqual([])
  })

  it('are refused where they are held out, too', async () => {
    const { model } = await line('x')
    await expect(model.fit({ x: [1, 2, 3, 4, NaN], y }, { epochs: 1, optimizer: SGD, holdout: { last: 1 } })).rejects.toThrow("input 'x' is NaN at x[4]")
  })

  it('train a model that puts zeros in their place to the same bits as zeros do', async () => {
    const [masked, plain] = [await line('where(x == x, x, 0.0)'), await line('x')]
    const options = { epochs: 3, batch: 2, seed: 3, optimizer: SGD }
    const found = await masked.model.fit({ x: [1, NaN, 3, NaN, 5], y }, options)
    const expected = await plain.model.fit({ x: [1, 0, 3, 0, 5], y }, options)
    expect(found.epochs.map(({ loss }) => loss)).toEqual(expected.epochs.map(({ loss }) => loss))
    expect(masked.model.parameters.get('w').data).toEqual(plain.model.parameters.get('w').data)
  })

  it('have no mean to standardise by, whatever the model does with them', async () => {
    const { model } = await line('where(x == x, x, 0.0)')
    await expect(model.fit({ x: [1, NaN, 3, NaN, 5], y }, { epochs: 1, standardize: ['x'], optimizer: SGD })).rejects.toThrow(
      "input 'x' is NaN at x[1], in row 1 counted from 0, and standardize x takes the mean. Leave such rows out (2 of 5), or fill them in")
  })

  it('are named beside the rate where training diverges in spite of them', async () => {
    const { model } = await line('where(x == x, x, 0.0)')
    await expect(model.fit({ x: [1, NaN, 3, NaN, 5], y }, { epochs: 2000, optimizer: { name: 'sgd', rate: 100 } })).rejects.toThrow(
      /^training diverged: .* Try a smaller rate, and look at the data: input 'x' is NaN at x\[1\], in row 1 counted from 0$/)
  })
})
