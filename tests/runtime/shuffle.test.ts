import { describe, expect, it } from 'vitest'
import { permutation, streamKey } from '../../runtime/random'
import { shuffling } from '../../runtime/shuffle'

describe('shuffling in WebAssembly', () => {
  it.each([0, 1, 2, 3, 1000, 20_000])('gives the order of the permutation, with %i rows', async count => {
    for (const seed of [0, 7, 2 ** 40 + 3]) {
      const key = streamKey(seed, 'bp:shuffle')
      const rows = Int32Array.from({ length: count }, (_, i) => 3 * i + 1)
      const order = await shuffling(rows, key)
      for (const epoch of [1, 2, 2 ** 31 + 5]) expect(order(epoch)).toEqual(permutation(count, key, epoch).map(at => rows[at] as number))
      // The rows are as they were.
      expect(rows[0]).toBe(count > 0 ? 1 : undefined)
    }
  })
})
