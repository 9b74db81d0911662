import { describe, expect, it } from 'vitest'
import { permutation, philox, streamKey } from '../../runtime/random'

describe('Philox4x32-10', () => {
  // Known answers published with Random123 (kat_vectors).
  it.each([
    ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    ['ones', [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    ['digits of π', [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
  ])('gives the published words for %s', (_, counter, key, expected) => {
    const out = new Uint32Array(4)
    const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter
    philox(c0, c1, c2, c3, key[0] ?? 0, key[1] ?? 0, out)
    expect([...out]).toEqual(expected)
  })
})

describe('streams', () => {
  it('have different keys for different names and seeds', () => {
    const keys = ['a', 'b', 'ab', 'ba', 'θ', ''].flatMap(name => [0, 1, 2 ** 40].map(seed => JSON.stringify(streamKey(seed, name))))
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('permutation', () => {
  it('holds every row once, differs by round and is the same for the same', () => {
    const key = streamKey(7, 'shuffle')
    for (const count of [0, 1, 2, 100]) {
      expect([...permutation(count, key, 3)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
    }
    expect(permutation(100, key, 3)).toEqual(permutation(100, key, 3))
    expect(permutation(100, key, 3)).not.toEqual(permutation(100, key, 4))
  })

  it('puts every element everywhere equally often', () => {
    const counts = Array.from({ length: 16 }, () => 0)
    for (let round = 0; round < 8000; round++) {
      permutation(4, streamKey(1, 'test'), round).forEach((value, at) => { counts[at * 4 + value] = (counts[at * 4 + value] ?? 0) + 1 })
    }
    // 2000 expected, standard deviation 39.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200)
  })
})
