import { describe, expect, it } from 'vitest'
import { example, runProgram, train } from './example'

describe('iris', () => {
  // A seed holds out 30 flowers, some of them drawn from where two species overlap: one split says little.
  it('tells at least 93 % of the held-out flowers apart, in the mean of five seeds', async () => {
    const at = await example('iris')
    const accuracies: number[] = []
    for (const seed of ['1', '2', '3', '4', '5']) accuracies.push((await train(at, '--seed', seed)).holdout.metrics.accuracy)
    expect(accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length).toBeGreaterThanOrEqual(0.93)
    expect(Math.min(...accuracies)).toBeGreaterThan(0.85)
  })

  it('trains from TypeScript, where classes are numbers', async () => {
    expect(await runProgram(await example('iris'))).toMatch(/^seed 1: [\d.]+ of the held-out flowers$/m)
  })
})
