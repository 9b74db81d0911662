import { describe, expect, it } from 'vitest'
import type { Contender } from '../../bench/harness/contender'
import { interleave } from '../../bench/harness/interleave'

/** Says it took `seconds` a repetition, and writes down when it was asked. */
const pretended = (name: string, seconds: number, log: string[]): Contender => ({
  values: [0],
  time: repetitions => {
    log.push(`${name}${repetitions}`)
    return repetitions * seconds
  },
})

describe('interleaving', () => {
  it('takes turns, and gives seconds a repetition', async () => {
    const log: string[] = []
    const samples = await interleave([pretended('a', 0.5, log), pretended('b', 2, log)], { sample: 0.1, budget: 10, rounds: { least: 1, most: 3 } })
    // Both once beforehand, then A B A B A B.
    expect(log).toEqual(['a1', 'b1', 'a1', 'b1', 'a1', 'b1', 'a1', 'b1'])
    expect(samples).toEqual([[0.5, 0.5, 0.5], [2, 2, 2]])
  })

  it('repeats short work until it fills a sample', async () => {
    const log: string[] = []
    await interleave([pretended('a', 0.001, log)], { sample: 0.02, budget: 1, rounds: { least: 1, most: 1 } })
    // 0.7 of a sample is enough.
    expect(Number(log.at(-1)?.slice(1))).toBeGreaterThanOrEqual(14)
  })

  it('takes fewer rounds of long work, and never fewer than the least', async () => {
    const rounds = async (seconds: number) => (await interleave([pretended('a', seconds, [])], { sample: 0.01, budget: 4, rounds: { least: 3, most: 25 } }))[0]?.length
    expect(await rounds(0.5)).toBe(8)
    expect(await rounds(10)).toBe(3)
    expect(await rounds(0.01)).toBe(25)
  })
})
