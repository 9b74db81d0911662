/** "Did you mean": near names are found, far ones are not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slips, suggest } from '../../../compiler/diagnostics/suggest'

describe('suggest', () => {
  it.each([
    ['bacth', ['batch', 'time'], 'batch'],
    ['dens', ['gru', 'dense'], 'dense'],
    ['corss_entropy', ['cross_entropy', 'mse'], 'cross_entropy'],
    ['Batch', ['batch'], 'batch'],
    ['X', ['x'], 'x'],
    ['nothing', ['a', 'x', 'W', 'sin'], undefined],
    ['x', ['y', 'z'], undefined],
    ['ab', ['cd', 'ac'], undefined],
    ['softmaxx', ['softplus', 'softmax'], 'softmax'],
    ['tahn', ['tan', 'tanh'], 'tanh'],
    ['same', ['same'], undefined],
    ['λ1', ['λ2'], undefined],
    ['any', [], undefined],
  ] as const)('%s among %j is %s', (name, candidates, expected) => {
    expect(suggest(name, candidates)).toBe(expected)
  })

  it('takes the first of equals', () => {
    expect(suggest('rat', ['rate', 'rats'])).toBe('rate')
  })
})

describe('slips', () => {
  it('counts changes, insertions, deletions and swaps', () => {
    const count = (a: string, b: string): number => slips([...a], [...b])
    expect(count('', 'abc')).toBe(3)
    expect(count('abc', 'abc')).toBe(0)
    // Swapped neighbours count less than a change, more than upper against lower case.
    expect(count('abc', 'acb')).toBe(0.75)
    expect(count('abc', 'aBc')).toBe(0.5)
    expect(count('kitten', 'sitting')).toBe(3)
    expect(count('θλ', 'λθ')).toBe(0.75)
  })

  it('is symmetric, zero for equal words alone, and at most the longer length', () => {
    const word = fc.string({ maxLength: 8 })
    fc.assert(fc.property(word, word, (a, b) => {
      const [x, y] = [[...a], [...b]]
      expect(slips(x, y)).toBe(slips(y, x))
      expect(slips(x, y) === 0).toBe(a === b)
      expect(slips(x, y)).toBeLessThanOrEqual(Math.max(x.length, y.length))
    }))
  })
})
