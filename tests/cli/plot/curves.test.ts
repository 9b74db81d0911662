import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { panelsOf, rangeOf, thinned, type Point } from '../../../compiler/cli/plot/curves'
import { epochs } from './epochs'

describe('the panels of a run', () => {
  it('are the loss, then each metric, with what is held out beside what is trained on', () => {
    const panels = panelsOf(epochs(3, { loss: k => k, metrics: { accuracy: k => k / 10, worst: k => -k }, isHeld: true }))
    expect(panels.map(({ title }) => title)).toEqual(['loss', 'accuracy', 'worst'])
    expect(panels[1]?.curves).toEqual([
      { role: 'training', points: [[1, 0.1], [2, 0.2], [3, 0.3]] }, { role: 'held out', points: [[1, 0.1], [2, 0.2], [3, 0.3]] },
    ])
    expect(panelsOf(epochs(3, { loss: k => k }))[0]?.curves.map(({ role }) => role)).toEqual(['training'])
  })

  it.each([
    ['values over two powers of ten', (k: number) => 10 ** -k, true],
    ['values of one size', (k: number) => 1 + k / 10, false],
    ['values on both sides of zero', (k: number) => 10 ** k - 50, false],
    ['a loss that is zero once', (k: number) => (k === 2 ? 0 : 10 ** k), false],
  ])('are logarithmic or not for %s', (_, loss, isLog) => {
    expect(panelsOf(epochs(3, { loss }))[0]?.isLog).toBe(isLog)
  })

  it('take no notice of values that are no numbers', () => {
    expect(rangeOf([{ role: 'training', points: [[1, NaN], [2, 3], [3, Infinity], [4, -1]] }])).toEqual([-1, 3])
  })
})

describe('a thinned curve', () => {
  it('keeps its ends and its extremes, in order, and is no longer than four points a stretch', () => {
    fc.assert(fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 400 }), fc.integer({ min: 1, max: 20 }), (values, buckets) => {
      const points = values.map((value, at): Point => [at + 1, value])
      const kept = thinned(points, buckets)
      expect(kept.length).toBeLessThanOrEqual(4 * buckets)
      expect(kept[0]).toEqual(points[0])
      expect(kept.at(-1)).toEqual(points.at(-1))
      expect(rangeOf([{ role: 'training', points: kept }])).toEqual(rangeOf([{ role: 'training', points }]))
      expect(kept.map(([x]) => x)).toEqual(kept.map(([x]) => x).toSorted((a, b) => a - b))
      expect(kept.every(([x, y]) => values[x - 1] === y)).toBe(true)
    }))
  })
})
