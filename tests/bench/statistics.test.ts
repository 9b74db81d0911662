import { describe, expect, it } from 'vitest'
import { lowerQuartile, ratioOf, shortNumber, unitFor } from '../../bench/harness/statistics'

describe('the lower quartile', () => {
  it.each([
    // Type 7 of Hyndman and Fan (1996): at (n − 1)/4 from the smallest, linear in between; numpy.quantile(samples, 0.25) gives the same.
    [[5], 5],
    [[1, 2], 1.25],
    [[4, 1, 3, 2], 1.75],
    [[1, 2, 3, 4, 5], 2],
    [[10, 20, 30, 40, 50, 60, 70], 25],
  ])('of %j is %d, in whatever order', (samples, expected) => {
    expect(lowerQuartile(samples)).toBe(expected)
    expect(lowerQuartile([...samples].reverse())).toBe(expected)
  })

  it('does not move when the slowest samples get slower', () => {
    expect(lowerQuartile([1, 2, 3, 4, 500])).toBe(lowerQuartile([1, 2, 3, 4, 5]))
  })

  it('leaves the samples in their order', () => {
    const samples = [3, 1, 2]
    lowerQuartile(samples)
    expect(samples).toEqual([3, 1, 2])
  })

  it('of nothing is an error', () => {
    expect(() => lowerQuartile([])).toThrow(RangeError)
  })
})

describe('a ratio', () => {
  it('is above 1 where we take less time than they do, or than a limit allows', () => {
    expect(ratioOf(2, 6)).toBe(3)
    expect(ratioOf(400, 300)).toBe(0.75)
  })
})

describe('a unit', () => {
  it.each([[2, 3, 's'], [0.5, 3, 'ms'], [0.0015, 10, 'ms'], [2e-6, 1, 'µs'], [2e-9, 1, 'µs']])('for %d s and %d s is %s', (a, b, unit) => {
    expect(unitFor(a, b).unit).toBe(unit)
    expect(unitFor(b, a).unit).toBe(unit)
  })

  it.each([[1.23456, '1.23'], [0.012345, '0.0123'], [123456, '123456'], [1234.5, '1235'], [2, '2'], [NaN, 'NaN']])('has %d written as %s', (value, text) => {
    expect(shortNumber(value)).toBe(text)
  })
})
