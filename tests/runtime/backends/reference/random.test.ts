import { describe, expect, it } from 'vitest'
import { namedDim } from '../../../../ir/dim'
import type { Distribution } from '../../../../ir/op'
import { int, real } from '../../../../ir/type'
import { runRoutine } from '../../support'

const n = namedDim('n')

function draw(
  distribution: Distribution, count: number,
  { stream = 'here', seed = 1, step = 0, counters = [], precision = 'f64' }:
  { stream?: string; seed?: number; step?: number; counters?: number[]; precision?: 'f32' | 'f64' } = {},
): number[] {
  const inputs = counters.map(value => ({ type: int(), data: [value] }))
  return runRoutine('random', { distribution, shape: [n], stream }, inputs, real(n), { sizes: { n: count }, seed, step, precision })
}

describe('random', () => {
  it.each([['uniform', 'f32'], ['uniform', 'f64'], ['normal', 'f32'], ['normal', 'f64']] as const)(
    '%s in %s: an element depends on its own index only', (distribution, precision) => {
      const long = draw(distribution, 101, { precision })
      for (const count of [0, 1, 2, 3, 5, 8, 50]) expect(draw(distribution, count, { precision })).toEqual(long.slice(0, count))
    })

  it('differs by seed, step, stream and each loop counter, and is the same for the same', () => {
    const variants = [
      {}, { seed: 2 }, { seed: 2 ** 32 + 1 }, { step: 1 }, { stream: 'there' }, { counters: [1] }, { counters: [2] }, { counters: [0, 1] }, { counters: [1, 0, 1] },
      { counters: [1, 0, 0] }, { counters: [1, 0, 1, 0] }, { counters: [1, 0, 0, 1] },
    ]
    const draws = variants.map(variant => draw('normal', 4, variant).join())
    expect(new Set(draws).size).toBe(variants.length)
    expect(variants.map(variant => draw('normal', 4, variant).join())).toEqual(draws)
  })

  // Moments of 10^5 draws: standard errors are 0.001 to 0.01, so five of them are below the bounds.
  it.each(['f32', 'f64'] as const)('has the moments of its distributions in %s', precision => {
    const count = 1e5
    const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length
    const u = draw('uniform', count, { precision })
    expect(Math.min(...u.slice(0, 5e4))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...u.slice(0, 5e4))).toBeLessThan(1)
    expect(mean(u)).toBeCloseTo(0.5, 2)
    expect(Math.abs(mean(u.map(x => (x - 0.5) ** 2)) - 1 / 12)).toBeLessThan(0.002)
    const z = draw('normal', count, { precision })
    expect(Math.abs(mean(z))).toBeLessThan(0.016)
    expect(Math.abs(mean(z.map(x => x * x)) - 1)).toBeLessThan(0.025)
    expect(Math.abs(mean(z.map(x => x ** 4)) - 3)).toBeLessThan(0.17)
    // Neighbours come from one pair of uniforms and must still be independent.
    expect(Math.abs(mean(z.slice(1).map((x, i) => x * (z[i] ?? 0))))).toBeLessThan(0.016)
  })

  it('f32 uniforms have 24 bits', () => {
    for (const x of draw('uniform', 1000, { precision: 'f32' })) expect(x * 2 ** 24 % 1).toBe(0)
  })
})
