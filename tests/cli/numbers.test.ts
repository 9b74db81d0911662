import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberText, tensorText, withNonFinite } from '../../compiler/cli/numbers'

describe('a printed number', () => {
  it('reads back as the same 64-bit number', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
      expect(Object.is(JSON.parse(numberText(value, false)), value)).toBe(true)
    }))
  })

  it('reads back as the same 32-bit number, in no more than 9 digits', () => {
    fc.assert(fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), value => {
      const text = numberText(value, true)
      expect(Object.is(Math.fround(JSON.parse(text) as number), value)).toBe(true)
      expect(text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length).toBeLessThanOrEqual(9)
    }))
  })

  it('is short where the 32-bit number is', () => {
    expect(numberText(Math.fround(0.1), true)).toBe('0.1')
    expect(numberText(16777216, true)).toBe('16777216')
  })

  it.each([NaN, Infinity, -Infinity])('that is %s is a string, which reads back too', value => {
    expect(withNonFinite([[JSON.parse(numberText(value, false))]])).toEqual([[value]])
  })
})

describe('a printed tensor', () => {
  it.each([
    [[5], [], '5'],
    [[1, 2, 3, 4, 5, 6], [2, 3], '[[1,2,3],[4,5,6]]'],
    [[], [0, 3], '[]'],
    [[], [2, 0], '[[],[]]'],
  ])('of %j in the shape %j is %s', (data, shape, text) => {
    expect(tensorText(data, shape, String)).toBe(text)
  })
})
