/** Which way a program goes, by what its runs have taken. */
import { describe, expect, it } from 'vitest'
import { Trial } from '../../../../wasm/trial'

/** The ways of so many runs, of which those on all threads and those alone take so long. */
function ways(trial: Trial, runs: number, shared: number, alone: number, isHelped = true): boolean[] {
  return Array.from({ length: runs }, () => {
    const { isShared } = trial
    trial.took(isShared ? shared : alone, isShared && isHelped)
    return isShared
  })
}

const sharedAmong = (taken: readonly boolean[]): number => taken.filter(Boolean).length

describe('a trial', () => {
  it('shares but for five runs of 160 where threads are faster', () => {
    expect(sharedAmong(ways(new Trial(), 1600, 1, 2))).toBe(1550)
  })

  it('shares only five runs of 160 where one thread is faster', () => {
    expect(sharedAmong(ways(new Trial(), 1600, 2, 1))).toBe(50)
  })

  it('changes its mind with the next cycle', () => {
    const trial = new Trial()
    ways(trial, 160, 1, 2)
    expect(sharedAmong(ways(trial, 160, 3, 2))).toBe(5)
    expect(sharedAmong(ways(trial, 160, 1, 2))).toBe(155)
  })

  it('does not count a run that wakes the workers, or lets them go', () => {
    const trial = new Trial()
    const first = (shared: number, alone: number) => ways(trial, 1, shared, alone)
    // Each fifth run of the ten is as slow as all others together.
    for (let way = 0; way < 2; way++) {
      first(way === 0 ? 100 : 1, 100)
      ways(trial, 4, 1, 2)
    }
    expect(trial.isShared).toBe(true)
  })

  it('begins when the workers are there', () => {
    const trial = new Trial()
    expect(sharedAmong(ways(trial, 500, 5, 1, false))).toBe(500)
    expect(sharedAmong(ways(trial, 160, 5, 1))).toBe(5)
  })
})
