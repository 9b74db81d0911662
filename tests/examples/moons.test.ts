import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder, ROOT } from '../cli/bpc'
import { example, runProgram, train } from './example'

describe('moons', () => {
  it.each(['1', '2', '3'])('tells at least 95 % of the held-out points apart with seed %s', async seed => {
    const { holdout } = await train(await example('moons'), '--seed', seed)
    expect(holdout.metrics.accuracy).toBeGreaterThanOrEqual(0.95)
  })

  it('does so from TypeScript too', async () => {
    const accuracies = [...(await runProgram(await example('moons'))).matchAll(/seed \d: ([\d.]+) of/g)].map(([, found]) => Number(found))
    expect(accuracies).toHaveLength(3)
    for (const accuracy of accuracies) expect(accuracy).toBeGreaterThanOrEqual(0.95)
  })

  it('has the data that its script writes', () => {
    const at = folder()
    cpSync(join(ROOT, 'examples/moons/generate.ts'), join(at.path, 'generate.ts'))
    execFileSync(process.execPath, ['--import', 'tsx', join(at.path, 'generate.ts')], { cwd: ROOT })
    expect(at.read('moons.csv')).toBe(readFileSync(join(ROOT, 'examples/moons/moons.csv'), 'utf8'))
  })
})
