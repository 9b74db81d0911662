import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { folder, lines, type Ended } from './bpc'
import { COSINE, LINE, POINTS } from './programs'

const files = { 'line.bp': LINE, 'points.csv': POINTS }
const events = (ended: Ended) => lines(ended) as readonly { event: string; epoch: number; loss: number; steps: number; seconds: number; weights: string | null }[]

describe('bpc train --json', () => {
  it('prints an epoch a line, and the end', async () => {
    const ended = await folder(files).bpc('train', 'line.bp', '--json')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(events(ended).map(({ event }) => event)).toEqual(['epoch', 'epoch', 'epoch', 'epoch', 'end'])
    expect(events(ended).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 4])
    const [first, ...rest] = events(ended)
    expect(first).toEqual({ event: 'epoch', epoch: 1, loss: expect.any(Number) as number, metrics: { worst: expect.any(Number) as number }, holdout: null })
    expect(rest.at(-1)).toMatchObject({ event: 'end', steps: 4, seconds: expect.any(Number) as number, weights: null })
    const losses = events(ended).filter(({ event }) => event === 'epoch').map(({ loss }) => loss)
    expect(losses.toSorted((a, b) => b - a)).toEqual(losses)
  })

  it('measures what is held out', async () => {
    const ended = await folder(files).bpc('train', 'line.bp', '--json', '--holdout', '0.2')
    expect(events(ended)[0]).toMatchObject({ holdout: { loss: expect.any(Number) as number, metrics: { worst: expect.any(Number) as number } } })
  })

  it('gives the same bits from the same seed, and others from another', async () => {
    const run = async (seed: string) => {
      const ended = await folder(files).bpc('train', 'line.bp', '--json', '--seed', seed, '--batch', '3')
      return events(ended).map(({ loss }) => loss)
    }
    const [first, again, other] = [await run('1'), await run('1'), await run('2')]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  it('lets flags come before the train block', async () => {
    const ended = await folder(files).bpc('train', 'line.bp', '--json', '--epochs', '2', '--batch', '5')
    expect(events(ended).at(-1)).toMatchObject({ epoch: 2, steps: 4 })
    const steps = await folder(files).bpc('train', 'line.bp', '--json', '--steps', '3')
    expect(events(steps).at(-1)).toMatchObject({ steps: 3 })
    const slow = await folder(files).bpc('train', 'line.bp', '--json', '--rate', '0.000001')
    expect(events(slow).at(-1)?.loss).toBeCloseTo(events(slow)[0]?.loss ?? 0, 3)
  })

  it('trains a model that needs no data', async () => {
    const ended = await folder({ 'c.bp': `${COSINE}train Cosine {\n  optimizer sgd(rate = 0.5)\n  steps 60\n}\n` }).bpc('train', 'c.bp', '--json')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(events(ended).at(-1)?.loss).toBeCloseTo(-1, 6)
  })

  it('writes weights that eval reads', async () => {
    const at = folder(files)
    const ended = await at.bpc('train', 'line.bp', '--json', '--epochs', '300', '--out', 'line.safetensors')
    expect(events(ended).at(-1)).toMatchObject({ weights: 'line.safetensors' })
    const evaluated = JSON.parse((await at.bpc('eval', 'line.bp', '--weights', 'line.safetensors', '--set', 'x=[10]')).stdout) as { outputs: { prediction: number[] } }
    expect(evaluated.outputs.prediction[0]).toBeCloseTo(21, 3)
  })

  it('goes on from weights', async () => {
    const at = folder(files)
    await at.bpc('train', 'line.bp', '--epochs', '300', '--out', 'line.safetensors')
    const ended = await at.bpc('train', 'line.bp', '--json', '--weights', 'line.safetensors')
    expect(events(ended)[0]?.loss).toBeLessThan(1e-6)
  })
})

describe('bpc train with other files', () => {
  it('reads what the data line names, packed too, and measures on a file that is held out', async () => {
    const at = folder({
      'line.bp': LINE.replace('data "points.csv" { x = x, y = y }', 'data "points.csv.gz" { x = x * 10 / 10, y = columns(1) }\n  holdout "test.json"'),
      'points.csv.gz': gzipSync(POINTS), 'test.json': JSON.stringify([{ x: 10, y: 21 }, { x: 20, y: 41 }]),
    })
    const ended = await at.bpc('train', 'line.bp', '--json', '--epochs', '300')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(events(ended).at(-1)).toMatchObject({ steps: 300, holdout: { loss: expect.any(Number) as number } })
    expect((events(ended).at(-1) as unknown as { holdout: { loss: number } }).holdout.loss).toBeLessThan(1e-6)
    at.write('test.json', '[{"x": 10}]')
    expect(await at.bpc('train', 'line.bp')).toMatchObject({ status: 3, stderr: expect.stringContaining('test.json has 1 column, but y takes columns(1..2)') as string })
    // A fraction on the command line goes before the file.
    expect((await at.bpc('train', 'line.bp', '--holdout', '0.2')).status).toBe(0)
  })

  it('goes on from a checkpoint to the same bits', async () => {
    const at = folder({ ...files, 'line.bp': LINE.replace('seed 3', 'seed 3\n  optimizer adam(rate = 0.05)\n  batch 3\n  checkpoint "run.safetensors" { epochs = 2 }').replace('optimizer sgd(rate = 0.5)\n', '') })
    const whole = await at.bpc('train', 'line.bp', '--json', '--epochs', '9', '--out', 'whole.safetensors', '--checkpoint', 'other.safetensors')
    expect(whole).toMatchObject({ status: 0, stderr: '' })
    await at.bpc('train', 'line.bp', '--epochs', '5')
    expect(at.names).toContain('run.safetensors')
    const rest = await at.bpc('train', 'line.bp', '--json', '--epochs', '9', '--resume', 'run.safetensors', '--out', 'rest.safetensors')
    expect(rest).toMatchObject({ status: 0, stderr: '' })
    // What is kept is from epoch 4.
    expect(events(rest)[0]).toMatchObject({ epoch: 5 })
    expect(at.read('rest.safetensors')).toBe(at.read('whole.safetensors'))
    expect(await at.bpc('train', 'line.bp', '--resume', 'nothing.safetensors')).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no file nothing.safetensors to go on from') as string })
    expect(await at.bpc('train', 'line.bp', '--resume', 'run.safetensors', '--seed', '4')).toMatchObject({ status: 3, stderr: expect.stringContaining('a run with seed 3, this one has 4') as string })
  })

  it('goes on from where Ctrl-C stopped it', async () => {
    const at = folder(files)
    const { child, ended } = at.start(['train', 'line.bp', '--json', '--batch', '3', '--epochs', '100000000', '--checkpoint', 'run.safetensors'])
    child.stdout?.once('data', () => child.kill('SIGINT'))
    const last = events(await ended).at(-1)
    const steps = last?.steps ?? NaN
    const further = await at.bpc('train', 'line.bp', '--json', '--batch', '3', '--steps', String(steps + 5), '--resume', 'run.safetensors', '--out', 'a.safetensors')
    expect(events(further).at(-1)).toMatchObject({ event: 'end', steps: steps + 5 })
    await at.bpc('train', 'line.bp', '--batch', '3', '--steps', String(steps + 5), '--out', 'b.safetensors')
    expect(at.read('a.safetensors')).toBe(at.read('b.safetensors'))
  })

  it('says where the data are no numbers', async () => {
    const { status, stderr } = await folder({ 'line.bp': LINE, 'points.csv': POINTS.replace('0.3,', 'nan,') }).bpc('train', 'line.bp')
    expect(status).toBe(3)
    expect(stderr).toContain("points.csv:5: column 'x' is NaN, and the loss is NaN with it. Leave such rows out (1 of 10), or fill them in")
  })
})

describe('bpc train', () => {
  it('prints plain lines where nobody watches', async () => {
    const { status, stdout } = await folder(files).bpc('train', 'line.bp')
    expect(status).toBe(0)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('\r')
    expect(stdout).toMatch(/^epoch 1\/4 +loss /m)
    expect(stdout).toContain('seed 3')
  })

  it('prints a few lines of many epochs', async () => {
    const { stdout } = await folder(files).bpc('train', 'line.bp', '--epochs', '1000')
    const shown = stdout.split('\n').filter(line => line.startsWith('epoch '))
    expect(shown.length).toBeGreaterThan(5)
    expect(shown.length).toBeLessThan(40)
    expect(shown.at(-1)).toMatch(/^epoch 1000\/1000/)
  })

  it.each([
    ['a data file that is not there', { 'line.bp': LINE }, 'points.csv'],
    ['an empty data file', { 'line.bp': LINE, 'points.csv': '' }, 'points.csv'],
    ['a data file without rows', { 'line.bp': LINE, 'points.csv': 'x,y\n' }, 'points.csv'],
    ['a column that is missing', { 'line.bp': LINE, 'points.csv': POINTS.replace('x,y', 'x,z') }, 'y'],
    ['text where a number should be', { 'line.bp': LINE, 'points.csv': `${POINTS}0.5,two\n` }, 'points.csv:12'],
    ['a row that is too short', { 'line.bp': LINE, 'points.csv': `${POINTS}0.5\n` }, 'points.csv:12'],
    ['a missing number', { 'line.bp': LINE, 'points.csv': `${POINTS}0.5,\n` }, 'points.csv:12'],
  ])('answers %s with one clear message, and writes no weights', async (_, given, message) => {
    const at = folder(given)
    const { status, stderr } = await at.bpc('train', 'line.bp', '--out', 'w.safetensors')
    expect(status).toBe(3)
    expect(stderr).toMatch(/^error: /)
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
    expect(at.names).not.toContain('w.safetensors')
  })

  it('names the missing column, and the one that may be meant', async () => {
    const at = folder({ 'line.bp': LINE.replace('y = y }', 'y = hight }'), 'points.csv': POINTS.replace('x,y', 'x,height') })
    expect((await at.bpc('train', 'line.bp')).stderr).toMatch(/hight.*height/s)
  })

  it('says that a model without a train block has none', async () => {
    const { status, stderr } = await folder({ 'c.bp': COSINE }).bpc('train', 'c.bp')
    expect(status).toBe(2)
    expect(stderr).toContain('train Cosine {')
  })

  it('stops where the loss is no number any more, and writes no weights where no epoch was done', async () => {
    const at = folder(files)
    const { status, stderr } = await at.bpc('train', 'line.bp', '--rate', '1e30', '--batch', '1', '--out', 'w.safetensors')
    expect(status).toBe(3)
    expect(stderr).toMatch(/diverged/)
    expect(at.names).not.toContain('w.safetensors')
  })

  it('keeps in the file what epochs before a divergence have learnt, and says so', async () => {
    const at = folder(files)
    const { status, stderr } = await at.bpc('train', 'line.bp', '--rate', '3', '--epochs', '10000', '--out', 'w.safetensors')
    expect(status).toBe(3)
    expect(stderr).toMatch(/diverged.*the weights of epoch \d+ .*are kept.*Those weights are in w\.safetensors/s)
    expect((await at.bpc('eval', 'line.bp', '--weights', 'w.safetensors', '--set', 'x=[1]')).status).toBe(0)
  })

  it('refuses to start where the weights could not be written', async () => {
    const at = folder(files)
    const { status, stdout, stderr } = await at.bpc('train', 'line.bp', '--out', 'nowhere/w.safetensors')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('nowhere')
  })

  it('ends on Ctrl-C with the weights written', async () => {
    const at = folder(files)
    const { child, ended } = at.start(['train', 'line.bp', '--json', '--epochs', '100000000', '--out', 'w.safetensors'])
    child.stdout?.once('data', () => child.kill('SIGINT'))
    const { status, stdout } = await ended
    expect(status).toBe(130)
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as unknown
    expect(last).toMatchObject({ event: 'end', weights: 'w.safetensors' })
    expect(at.names).toEqual(['line.bp', 'points.csv', 'w.safetensors'])
    expect((await at.bpc('eval', 'line.bp', '--weights', 'w.safetensors', '--set', 'x=[1]')).status).toBe(0)
  })
})
