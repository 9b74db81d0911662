/** Training that is killed, not stopped: whatever it was doing, the file it goes on from is whole, and the bits are those of a run that never ended. */
import { describe, expect, it } from 'vitest'
import { folder, lines, type Folder } from './bpc'
import { LINE, POINTS } from './programs'

const EPOCHS = 300
const PROGRAM = LINE.replace(/optimizer .*/, 'optimizer adam(rate = 0.01)').replace('seed 3', 'seed 3\n  batch 4\n  holdout 0.2\n  schedule cosine()\n  checkpoint "run.safetensors" { steps = 1 }')
const train = (...words: readonly string[]) => ['train', 'line.bp', '--json', '--epochs', String(EPOCHS), ...words]

/** From the checkpoint, if there is one, until so long after the first epoch. @returns whether it was killed before its end */
async function runAndKill(at: Folder, delay: number): Promise<boolean> {
  const { child, ended } = at.start(train(...at.names.includes('run.safetensors') ? ['--resume', 'run.safetensors'] : []))
  child.stdout?.once('data', () => { setTimeout(() => child.kill('SIGKILL'), delay) })
  const { signal, status, stderr } = await ended
  expect(stderr).toBe('')
  if (signal !== 'SIGKILL') expect(status).toBe(0)
  return signal === 'SIGKILL'
}

describe('a run that is killed', () => {
  it('goes on to the same bits, however often and wherever it was killed', async () => {
    const at = folder({ 'line.bp': PROGRAM, 'points.csv': POINTS })
    const whole = folder({ 'line.bp': PROGRAM, 'points.csv': POINTS })
    expect(await whole.bpc(...train('--out', 'w.safetensors'))).toMatchObject({ status: 0, stderr: '' })
    let kills = 0
    // A step takes less than a millisecond, most of it writing: any delay falls somewhere into one.
    for (const delay of [0, 2, 7, 13, 20]) if (await runAndKill(at, delay)) kills++
    expect(kills).toBeGreaterThanOrEqual(4)
    const last = await at.bpc(...train('--resume', 'run.safetensors', '--out', 'w.safetensors'))
    expect(last).toMatchObject({ status: 0, stderr: '' })
    // It did go on: the first epochs are not told again.
    expect(Number(lines(last)[0]?.epoch)).toBeGreaterThan(1)
    expect(lines(last).at(-1)).toMatchObject({ event: 'end', epoch: EPOCHS })
    expect(at.read('w.safetensors')).toBe(whole.read('w.safetensors'))
  })
})
