import { describe, expect, it } from 'vitest'
import { expectOutputs } from './expect'
import { flat, load, run, runModel } from './run'

describe('a random draw', () => {
  const TEXT = `
fn noise(x: real[n]) -> real[n] = x + random.normal([n])
model M {
  param s: real ~ constant(2)
  let u = random.uniform([3])
  output same = u - u
  output fresh = random.normal([2]) - random.normal([2])
  output calls = noise([0, 0]) - noise([0, 0])
  output loop = for i in 0..4 { yield random.uniform([]) }
  output nested = for i in 0..2 { yield for j in 0..2 { yield random.uniform([]) } }
  let r = random.normal([3])
  output scaled = grad(sum((s * r)^2), s) - 2 * s * sum(r^2)
  output drawn = u
  loss sum((s * r)^2)
}
`
  it('is one value wherever it is used, in derivatives too', async () => {
    const { loss, gradients } = await expectOutputs(TEXT, {}, { same: [0, 0, 0], scaled: 0 })
    expect(loss).not.toBe(0)
    expect(gradients['s']).toBeCloseTo(Number(loss), 10)
  })

  it('is fresh for each call, each call of a function and each iteration', async () => {
    const { outputs } = await run(TEXT)
    for (const name of ['fresh', 'calls']) expect(flat(outputs[name] ?? 0)).not.toContain(0)
    expect(new Set(flat(outputs['loop'] ?? 0)).size).toBe(4)
    expect(new Set(flat(outputs['nested'] ?? 0)).size).toBe(4)
  })

  it('follows the seed and the evaluation', async () => {
    const [first, again, other] = await Promise.all([run(TEXT, {}, { seed: 1 }), run(TEXT, {}, { seed: 1 }), run(TEXT, {}, { seed: 2 })])
    expect(again.outputs).toEqual(first.outputs)
    expect(other.outputs['drawn']).not.toEqual(first.outputs['drawn'])
    const model = await load(TEXT, { seed: 1 })
    const [one, two] = [await runModel(model, {}, { draw: 0 }), await runModel(model, {}, { draw: 1 })]
    expect(one.outputs).toEqual(first.outputs)
    expect(two.outputs['drawn']).not.toEqual(one.outputs['drawn'])
  })

  it('stays what it was when unrelated lines are added', async () => {
    const longer = TEXT.replace('model M {', 'fn unrelated(x: real) -> real = x\nmodel M {\n  let before = unrelated(3)')
    expect((await run(longer)).outputs).toEqual((await run(TEXT)).outputs)
  })

  it('has the derivative 0, and so has a bernoulli\'s probability', async () => {
    const { gradients } = await run('model M {\n  param p: real ~ constant(0.5)\n  loss sum(random.bernoulli([20], p)) + sum(random.uniform([3]) * 0)\n}\n')
    expect(gradients).toEqual({ p: 0 })
  })

  it('has the moments of its distribution', async () => {
    const { outputs } = await run(`model M {
  let u = random.uniform([20000])
  let n = random.normal([20000])
  output uniform = [mean(u), variance(u), min(u), max(u)]
  output normal = [mean(n), variance(n), mean(n^3), mean(n^4)]
  output bernoulli = mean(random.bernoulli([20000], 0.3))
  output each = random.bernoulli([4], [0, 1, 0, 1])
}
`)
    const [mean = 0, variance = 0, least = -1, most = 1] = flat(outputs['uniform'] ?? 0)
    // Five standard deviations: of the mean √(1/12/20000) = 0.002, of the variance √(1/180/20000) = 0.0005.
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(0.0102)
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.0027)
    expect(least).toBeGreaterThanOrEqual(0)
    expect(most).toBeLessThan(1)
    // Standard deviations of the means of n, n² (√2), n³ (√15), n⁴ (√96) over √20000, five times.
    flat(outputs['normal'] ?? 0).forEach((value, at) => {
      expect(Math.abs(value - ([0, 1, 0, 3][at] ?? 0))).toBeLessThan(5 * Math.sqrt(([1, 2, 15, 96][at] ?? 0) / 20000))
    })
    expect(Math.abs(Number(outputs['bernoulli']) - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / 20000))
    expect(outputs['each']).toEqual([0, 1, 0, 1])
  })
})
