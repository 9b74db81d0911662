import { describe, expect, it } from 'vitest'
import { describeDisagreement, disagreement } from '../../bench/harness/agreement'

describe('agreement', () => {
  it('is absolute below 1 and relative above', () => {
    expect(disagreement([0.5, 1000], [0.5009, 1000.9], 1e-3)).toBeUndefined()
    expect(disagreement([0.5, 1000], [0.502, 1000], 1e-3)).toMatchObject({ at: 0, ours: 0.5, theirs: 0.502 })
    expect(disagreement([0.5, 1000], [0.5, 1002], 1e-3)).toMatchObject({ at: 1, allowed: 1 })
  })

  it('is never found with what is not a number, on either side', () => {
    expect(disagreement([1], [NaN], 1)).toMatchObject({ at: 0 })
    expect(disagreement([NaN], [1], 1)).toMatchObject({ at: 0 })
    expect(disagreement([NaN], [NaN], 1)).toMatchObject({ at: 0 })
  })

  it('of results of other lengths, or of none, is an error', () => {
    expect(() => disagreement([1, 2], [1], 1)).toThrow('it gives 1 numbers, and ours are 2')
    expect(() => disagreement([], [], 1)).toThrow(RangeError)
  })

  it('names the place and both numbers where it is missing', () => {
    expect(describeDisagreement({ at: 3, ours: 1, theirs: 2, allowed: 0.001 })).toBe('disagrees: number 3 is 2, and ours is 1 (allowed: 0.001)')
  })
})
