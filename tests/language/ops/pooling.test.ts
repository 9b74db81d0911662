/** Pools against loops over the windows. */
import { describe, expect, it } from 'vitest'
import { flat, load, run, runModel, type Nested } from '../run'
import { image, pool2d, shapeOf, type Image } from './loops'

function expectClose(found: Nested | undefined, expected: Image): void {
  expect(shapeOf(found)).toEqual(shapeOf(expected))
  const numbers = flat(found ?? [])
  flat(expected).forEach((number, i) => expect(numbers[i]).toBeCloseTo(number, 13))
}

type Pair = readonly [number, number]
const CASES: readonly { readonly x: readonly [number, number, number, number]; readonly kernel: Pair; readonly stride?: Pair; readonly padding?: Pair }[] = [
  { x: [2, 3, 4, 6], kernel: [2, 2] },
  { x: [1, 2, 5, 7], kernel: [2, 3] },
  { x: [2, 1, 7, 6], kernel: [3, 3], stride: [2, 2], padding: [1, 1] },
  { x: [1, 2, 6, 5], kernel: [3, 2], stride: [1, 1], padding: [1, 0] },
  { x: [1, 1, 9, 8], kernel: [2, 1], stride: [3, 4] },
  { x: [1, 1, 3, 3], kernel: [3, 3] },
]

for (const each of CASES) {
  const { x: sizes, kernel } = each
  const stride: Pair = each.stride ?? kernel
  const padding: Pair = each.padding ?? [0, 0]
  const x = image(sizes, 1)
  const text = `kernel [${kernel}], stride [${stride}] and padding [${padding}] of [${sizes}]`
  const pools = `
    let most = max_pool2d(x, [${kernel}], stride = [${stride}], padding = [${padding}])
    let middle = avg_pool2d(x, [${kernel}], stride = [${stride}], padding = [${padding}])`
  const program = `model M {
    input x: real[${sizes}]
    input c: real[${shapeOf(pool2d(x, kernel, stride, padding, () => 0))}]
    ${pools}
    output most
    output middle
    output byMost = grad(sum(c * most), x)
    output byMiddle = grad(sum(c * middle), x)
  }`
  const c = image(shapeOf(pool2d(x, kernel, stride, padding, () => 0)) as [number, number, number, number], 2)
  const cells = kernel[0] * kernel[1]

  it(`max_pool2d is the greatest and avg_pool2d the sum over ${cells} with ${text}`, async () => {
    const symbolic = `model M { input x: real[batch, c, h, w]\n${pools}\n output most\n output middle }`
    for (const { outputs } of [await run(program, { x, c }), await run(symbolic, { x })]) {
      expectClose(outputs.most, pool2d(x, kernel, stride, padding, inside => Math.max(...inside)))
      expectClose(outputs.middle, pool2d(x, kernel, stride, padding, inside => inside.reduce((a, b) => a + b, 0) / cells))
    }
  })

  it(`their derivatives go to the greatest, and to all alike, with ${text}`, async () => {
    const { outputs } = await run(program, { x, c })
    const weights = flat(c)
    // By hand: each window hands its weight on.
    const byMost = new Map<number, number>()
    const byMiddle = new Map<number, number>()
    let window = 0
    const numbered = (sample: Image): Image => { let i = 0; return sample.map(n => n.map(ch => ch.map(row => row.map(() => i++)))) }
    const values = flat(x)
    pool2d(numbered(x), kernel, stride, padding, places => {
      const weight = weights[window++] ?? NaN
      const greatest = Math.max(...places.map(place => values[place] ?? NaN))
      const chosen = places.find(place => values[place] === greatest) ?? -1
      byMost.set(chosen, (byMost.get(chosen) ?? 0) + weight)
      for (const place of places) byMiddle.set(place, (byMiddle.get(place) ?? 0) + weight / cells)
      return 0
    })
    values.forEach((_, i) => {
      expect(flat(outputs.byMost ?? [])[i]).toBeCloseTo(byMost.get(i) ?? 0, 13)
      expect(flat(outputs.byMiddle ?? [])[i]).toBeCloseTo(byMiddle.get(i) ?? 0, 13)
    })
  })
}

describe('max_pool2d', () => {
  it('gives a tie to the first element in reading order', async () => {
    const { outputs } = await run(`model M {
      input x: real[1, 1, 2, 2]
      output g = grad(sum(max_pool2d(x, 2)), x)
      output overlapping = grad(sum(max_pool2d(x, [2, 1], stride = 1)), x)
    }`, { x: [[[[1, 3], [3, 3]]]] })
    expect(outputs.g).toEqual([[[[0, 1], [0, 0]]]])
    expect(outputs.overlapping).toEqual([[[[0, 1], [1, 0]]]])
  })

  it('of negative numbers is not the zero of the padding', async () => {
    const { outputs } = await run('model M { input x: real[1, 1, 2, 2]\n output y = max_pool2d(x, 2, padding = 1) }', { x: [[[[-1, -2], [-3, -4]]]] })
    expect(outputs.y).toEqual([[[[-1, -2], [-3, -4]]]])
  })

  it('takes tensors of two axes and more', async () => {
    const { outputs } = await run('model M { input x: real[2, 4]\n output y = max_pool2d(x, 2)\n output z = avg_pool1d(x, 2)\n output u = max_pool1d(x, 3, stride = 1) }', { x: [[1, 2, 3, 4], [8, 7, 6, 5]] })
    expect(outputs).toEqual({ y: [[8, 6]], z: [[1.5, 3.5], [7.5, 5.5]], u: [[3, 4], [8, 7]] })
  })

  it('checks that the window fits where the size is left to the run', async () => {
    const program = await load('model M { input x: real[1, 1, h, 4]\n output y = max_pool2d(x, 3) }')
    await expect(runModel(program, { x: [[[[1, 2, 3, 4]]]] })).rejects.toThrow('the window of `max_pool2d` needs h ≥ 3')
  })
})
