import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { histogram, shortNumber, summarize } from '../../../compiler/cli/trainingReport/statistics'

describe('a summary', () => {
  // The mean of 1 … n is (n + 1)/2, and its variance (n² − 1)/12.
  it.each([1, 2, 7, 1000])('of the numbers to %i has their mean and deviation', count => {
    const { min, max, mean, deviation, strange } = summarize(Array.from({ length: count }, (_, at) => at + 1))
    expect({ min, max, strange }).toEqual({ min: 1, max: count, strange: 0 })
    expect(mean).toBeCloseTo((count + 1) / 2, 10)
    expect(deviation).toBeCloseTo(Math.sqrt((count ** 2 - 1) / 12), 10)
  })

  it('keeps its digits far from zero', () => {
    const { mean, deviation } = summarize([1e9 + 1, 1e9 + 2, 1e9 + 3])
    expect(mean).toBe(1e9 + 2)
    expect(deviation).toBeCloseTo(Math.sqrt(2 / 3), 12)
  })

  it('counts what is no number, and leaves it out', () => {
    expect(summarize([NaN, 2, Infinity])).toEqual({ min: 2, max: 2, mean: 2, deviation: 0, strange: 2 })
    expect(summarize([])).toEqual({ min: NaN, max: NaN, mean: NaN, deviation: NaN, strange: 0 })
  })
})

describe('a histogram', () => {
  it('has each finite value in one bin', () => {
    fc.assert(fc.property(fc.array(fc.double()), fc.integer({ min: 1, max: 30 }), (values, bins) => {
      const counts = histogram(values, bins)
      expect(counts).toHaveLength(bins)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.filter(Number.isFinite).length)
    }))
  })

  it('of 0 … 9 in five bins has two values in each', () => {
    expect(histogram([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toEqual([2, 2, 2, 2, 2])
  })
})

it('numbers are short, and have a minus', () => {
  expect([0, -1.23456, 1e-9, -2e-30, 123456, NaN].map(shortNumber)).toEqual(['0', '−1.235', '1e−9', '−2e−30', '123500', 'NaN'])
})
