import { describe, expect, it } from 'vitest'
import { folder, lines, type Folder } from './bpc'
import { COSINE, LINE } from './programs'

const DOMAIN = 'precision f64\nmodel Domain {\n  input x: real[n]\n  output log = log(x)\n  output same = x\n}\n'

async function evaluate(at: Folder, ...words: string[]): Promise<Record<string, unknown>> {
  const ended = await at.bpc('eval', ...words)
  expect(ended).toMatchObject({ status: 0, stderr: '' })
  expect(lines(ended)).toHaveLength(1)
  return lines(ended)[0] ?? {}
}

describe('bpc eval', () => {
  it('prints outputs, loss, metrics and gradients as one object', async () => {
    const at = folder({ 'line.bp': LINE, 'values.json': '{"x": [1, 2], "y": [3, 5], "slope": 1, "offset": 0.5}' })
    // prediction [1.5, 2.5], errors [−1.5, −2.5]
    expect(await evaluate(at, 'line.bp', '--values', 'values.json', '--grad', '--precision', 'f64')).toEqual({
      model: 'Line', outputs: { prediction: [1.5, 2.5] }, loss: (1.5 ** 2 + 2.5 ** 2) / 2, metrics: { worst: 2.5 },
      gradients: { slope: -1.5 - 2 * 2.5, offset: -4 },
    })
  })

  it('prints gradients only where they are asked for', async () => {
    const found = await evaluate(folder({ 'line.bp': LINE }), 'line.bp', '--set', 'x=[1]', '--set', 'y=[1]')
    expect(Object.keys(found)).toEqual(['model', 'outputs', 'loss', 'metrics'])
  })

  it('takes --set before --values', async () => {
    const at = folder({ 'line.bp': LINE, 'values.json': '{"x": [1, 2], "slope": 1}' })
    expect(await evaluate(at, 'line.bp', '--values', 'values.json', '--set', 'slope=3')).toMatchObject({ outputs: { prediction: [3, 6] } })
  })

  it('has no loss, no gradients and no metrics of it where a target is not given', async () => {
    const found = await evaluate(folder({ 'line.bp': LINE }), 'line.bp', '--set', 'x=[1]', '--grad')
    expect(found).toEqual({ model: 'Line', outputs: { prediction: [0] }, loss: null, metrics: {}, gradients: {} })
  })

  it('goes through a circuit', async () => {
    const found = await evaluate(folder({ 'c.bp': COSINE }), 'c.bp', '--set', 't=0.3', '--grad')
    expect(found['loss']).toBeCloseTo(Math.cos(0.3), 12)
    expect((found['gradients'] as { t: number }).t).toBeCloseTo(-Math.sin(0.3), 12)
  })

  it.each(['parameter_shift', 'adjoint', 'finite_difference'])('takes the gradient of a circuit by %s', async method => {
    const found = await evaluate(folder({ 'c.bp': COSINE }), 'c.bp', '--grad', '--gradient', method)
    // Differences lose half the digits.
    expect((found['gradients'] as { t: number }).t).toBeCloseTo(-Math.sin(0.5), method === 'finite_difference' ? 5 : 12)
  })

  it('prints numbers that read back as the same ones', async () => {
    const at = folder({ 'd.bp': DOMAIN })
    const x = [0.1, 1 / 3, 1e-300, 123456789.123456789]
    expect(await evaluate(at, 'd.bp', '--set', `x=${JSON.stringify(x)}`)).toMatchObject({ outputs: { same: x } })
    const single = await at.bpc('eval', 'd.bp', '--precision', 'f32', '--set', 'x=[0.1, 16777216]')
    expect(single.stdout).toContain('[0.1,16777216]')
  })

  it('reads and prints what is not finite as strings', async () => {
    const found = await evaluate(folder({ 'd.bp': DOMAIN }), 'd.bp', '--set', 'x=[0, -1, "Infinity", "-Infinity", "NaN"]')
    expect(found).toMatchObject({ outputs: { log: ['-Infinity', 'NaN', 'Infinity', 'NaN', 'NaN'], same: [0, -1, 'Infinity', '-Infinity', 'NaN'] } })
  })

  it('starts parameters by the seed, the same ones every time', async () => {
    const at = folder({ 'w.bp': 'model W {\n  param w: real[3] ~ normal()\n  output same = w\n}\n' })
    const [first, again, other, none] = [
      await at.bpc('eval', 'w.bp', '--seed', '5'), await at.bpc('eval', 'w.bp', '--seed', '5'),
      await at.bpc('eval', 'w.bp', '--seed', '6'), await at.bpc('eval', 'w.bp'),
    ]
    expect(again.stdout).toBe(first.stdout)
    expect(other.stdout).not.toBe(first.stdout)
    expect(none.stdout).toBe((await at.bpc('eval', 'w.bp', '--seed', '0')).stdout)
  })

  it('needs --model where there are several, and lists them', async () => {
    const at = folder({ 'two.bp': 'model A {\n  output y = 1\n}\nmodel B {\n  output y = 2\n}\n' })
    const { status, stderr } = await at.bpc('eval', 'two.bp')
    expect(status).toBe(2)
    expect(stderr).toContain('A, B')
    expect(await evaluate(at, 'two.bp', '--model', 'B')).toMatchObject({ model: 'B', outputs: { y: 2 } })
    const unknown = await at.bpc('eval', 'two.bp', '--model', 'C')
    expect(unknown.status).toBe(2)
    expect(unknown.stderr).toContain('A, B')
  })

  it.each([
    ['an input that is missing', [], 2, `'x'`],
    ['a name that nothing has', ['--set', 'x=[1]', '--set', 'slop=2'], 2, `did you mean 'slope'`],
    ['a value that is no JSON', ['--set', 'x=[1'], 2, '--set x'],
    ['a value of another rank', ['--set', 'x=1'], 3, `'x'`],
    ['a parameter of another shape', ['--set', 'x=[1]', '--set', 'slope=[1, 2]'], 3, `'slope'`],
    ['text where a number should be', ['--set', 'x=[1, "two"]'], 3, 'x[1]'],
    ['sizes that disagree', ['--set', 'x=[1, 2]', '--set', 'y=[1, 2, 3]'], 3, 'batch'],
    ['a file of values that is not there', ['--values', 'nowhere.json'], 2, 'nowhere.json'],
    ['a file of values that is no JSON', ['--values', 'line.bp'], 2, 'line.bp'],
    ['a file of values that is a list', ['--values', 'list.json'], 2, 'list.json'],
    ['a weight file that is not there', ['--set', 'x=[1]', '--weights', 'nowhere.safetensors'], 3, 'nowhere.safetensors'],
    ['a weight file cut short', ['--set', 'x=[1]', '--weights', 'short.safetensors'], 3, 'short.safetensors'],
  ])('answers %s with one clear message', async (_, words, status, message) => {
    const at = folder({ 'line.bp': LINE, 'list.json': '[1]', 'short.safetensors': Uint8Array.of(64, 0, 0, 0, 0, 0, 0, 0, 123) })
    const ended = await at.bpc('eval', 'line.bp', ...words)
    expect(ended).toMatchObject({ status, stdout: '' })
    expect(ended.stderr).toMatch(/^error: /)
    expect(ended.stderr).toContain(message)
    expect(ended.stderr).not.toMatch(/^\s+at /m)
  })

  it('answers an error of the program as check does', async () => {
    const ended = await folder({ 'line.bp': LINE.replace('slope * x', 'slop * x') }).bpc('eval', 'line.bp', '--set', 'x=[1]')
    expect(ended).toMatchObject({ status: 1, stdout: '' })
    expect(ended.stderr).toContain('line.bp:7:')
  })
})
