import { describe, expect, it } from 'vitest'
import { example, runProgram, train } from './example'

describe('iris', () => {
  it.each(['1', '2', '3', '4', '5'])('tells at least 93 % of the held-out flowers apart with seed %s', async seed => {
    const { holdout } = await train(await example('iris'), '--seed', seed)
    expect(holdout.metrics.accuracy).toBeGreaterThanOrEqual(0.93)
  })

  it('trains from TypeScript, where classes are numbers', async () => {
    expect(await runProgram(await example('iris'))).toMatch(/^seed 1: [\d.]+ of the held-out flowers$/m)
  })
})
