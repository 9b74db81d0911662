import { describe, expect, it } from 'vitest'
import { compareAt } from '../../compiler/cli/differences'
import { folder, lines, type Ended } from './bpc'
import { COSINE, LINE } from './programs'

interface Worst { readonly element: string; readonly compiled: number; readonly difference: number; readonly error: number; readonly tolerance: number }
interface Report {
  readonly ok: boolean
  readonly loss: number
  readonly sizes: Readonly<Record<string, number>>
  readonly drawn: readonly string[]
  readonly notes: readonly string[]
  readonly parameters: readonly { readonly path: string; readonly count: number; readonly checked: number; readonly corners: number; readonly edges: number; readonly ok: boolean; readonly worst: Worst | null }[]
  readonly circuits: readonly Readonly<Record<string, number | string | boolean>>[] | null
}

async function audit(source: string, ...words: string[]): Promise<{ readonly ended: Ended; readonly report: Report }> {
  const ended = await folder({ 'm.bp': source }).bpc('diagnose', 'm.bp', '--json', ...words)
  expect(ended.stderr).toBe('')
  // Behind what the compiler has to say.
  return { ended, report: lines(ended).at(-1) as unknown as Report }
}

const model = (body: string) => `model M {\n${body}\n}\n`

describe('bpc diagnose', () => {
  it('finds the gradients of a line right, and says by how much they may be off', async () => {
    const { ended, report } = await audit(LINE, '--set', 'x=[1,2]', '--set', 'y=[3,5]', '--set', 'slope=1', '--set', 'offset=0.5')
    expect(ended.status).toBe(0)
    // prediction [1.5, 2.5], errors [−1.5, −2.5]: gradients −1.5 − 2·2.5 and −1.5 − 2.5.
    expect(report).toMatchObject({ ok: true, loss: (1.5 ** 2 + 2.5 ** 2) / 2, sizes: { batch: 2 }, drawn: [], circuits: null })
    const byPath = new Map(report.parameters.map(({ path, worst }) => [path, worst]))
    expect(byPath.get('slope')?.compiled).toBeCloseTo(-6.5, 12)
    expect(byPath.get('offset')?.compiled).toBeCloseTo(-4, 12)
    for (const { worst } of report.parameters) expect(worst?.error).toBeLessThan(worst?.tolerance ?? 0)
  })

  it('audits at trained weights', async () => {
    const at = folder({ 'm.bp': LINE, 'line.csv': 'x,y\n1,3\n2,5\n3,7\n' })
    expect(await at.bpc('train', 'm.bp', '--data', 'line.csv', '--steps', '3', '--out', 'w.safetensors')).toMatchObject({ status: 0 })
    const values = ['--set', 'x=[1,2]', '--set', 'y=[3,5]']
    const ended = await at.bpc('diagnose', 'm.bp', '--json', '--weights', 'w.safetensors', ...values)
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const [report] = lines(ended)
    const [evaluation] = lines(await at.bpc('eval', 'm.bp', '--weights', 'w.safetensors', '--precision', 'f64', ...values))
    expect(report).toMatchObject({ ok: true, loss: evaluation?.['loss'] })
    // At its first values, which are zeros, the loss is (9 + 25)/2.
    expect(report?.['loss']).not.toBe(17)
  })

  it('puts the gradients of a circuit by three methods side by side', async () => {
    const { ended, report } = await audit(COSINE)
    expect(ended.status).toBe(0)
    const [row] = report.circuits ?? []
    // d cos t / dt at 0.5; a difference with a step of 1e-5 is off by about 1e-11 by its bend and by its rounding.
    for (const method of ['parameter_shift', 'adjoint']) expect(row?.[method]).toBeCloseTo(-Math.sin(0.5), 13)
    expect(row?.['finite_difference']).toBeCloseTo(-Math.sin(0.5), 9)
    expect(row).toMatchObject({ path: 't', ok: true })
  })

  it('ends with 3, and puts first, what is not the derivative of the loss', async () => {
    const source = model('  param right: real ~ constant(1)\n  param w: real[2] ~ constant(2)\n  loss sum(w * stop(w)) + right^2')
    const { ended, report } = await audit(source)
    expect(ended.status).toBe(3)
    expect(report.ok).toBe(false)
    expect(report.parameters.map(({ path, ok }) => [path, ok])).toEqual([['w', false], ['right', true]])
    expect(report.parameters[0]?.worst?.compiled).toBe(2)
    expect(report.parameters[0]?.worst?.difference).toBeCloseTo(4, 8)
    const text = await folder({ 'm.bp': source }).bpc('diagnose', 'm.bp')
    expect(text).toMatchObject({ status: 3 })
    expect(text.stdout).toMatch(/^w\[[01]\] .* WRONG$/m)
    expect(text.stdout).toContain('tolerance: 1000·ε^⅔')
    expect(text.stderr).toContain('off by more than the tolerance: w')
  })

  it('takes a corner of the loss, where any slope between its two is one, for no mistake', async () => {
    const { ended, report } = await audit(model('  param w: real ~ zeros()\n  loss relu(w)'))
    expect(ended.status).toBe(0)
    expect(report.parameters).toMatchObject([{ path: 'w', corners: 1, worst: null, ok: true }])
  })

  it('says where the loss ends beside a value', async () => {
    // log is not defined at 1e-7 − 6e-6.
    const { ended, report } = await audit(model('  param w: real ~ constant(0.0000001)\n  loss log(w)'))
    expect(ended.status).toBe(0)
    expect(report.parameters).toMatchObject([{ path: 'w', edges: 1, worst: null, ok: true }])
  })

  it('moves the value itself of a parameter with a range', async () => {
    const { ended, report } = await audit(model('  param p: real[3] in simplex ~ constant(1/3)\n  param s: real in (0, inf) ~ constant(2)\n  loss sum(p^2) * s'))
    expect(ended).toMatchObject({ status: 0 })
    const byPath = new Map(report.parameters.map(({ path, worst }) => [path, worst?.compiled]))
    expect(byPath.get('p')).toBeCloseTo(4 / 3, 12)
    expect(byPath.get('s')).toBeCloseTo(1 / 3, 12)
  })

  it('checks 64 elements of a large parameter, and says so', async () => {
    const source = model('  param w: real[10, 10] ~ normal()\n  loss sum(w^2)')
    const { report } = await audit(source)
    expect(report.parameters).toMatchObject([{ count: 100, checked: 64, ok: true }])
    expect((await folder({ 'm.bp': source }).bpc('diagnose', 'm.bp')).stdout).toContain('64 of 100')
  })

  it('draws what is not given from the seed: normal reals, ints of their classes, different sizes for different names', async () => {
    const source = model('  input x: real[n, m]\n  target y: int[n] in 5..8\n  param w: real ~ constant(1)\n  loss mean((w * sum(x, axis = 1) - y)^2)')
    const { ended, report } = await audit(source)
    expect(ended.status).toBe(0)
    expect(report).toMatchObject({ sizes: { n: 3, m: 4 }, drawn: ['x', 'y'] })
    expect((await audit(source)).ended.stdout).toBe(ended.stdout)
    expect((await audit(source, '--seed', '1')).report.loss).not.toBe(report.loss)
    expect((await audit(source, '--rows', '6')).report.sizes).toEqual({ n: 6, m: 3 })
    expect((await audit(source, '--size', 'm=7')).report.sizes).toEqual({ n: 3, m: 7 })
    expect((await audit(source, '--set', 'y=[5,6]')).report).toMatchObject({ sizes: { n: 2, m: 3 }, drawn: ['x'] })
  })

  it('picks sizes that the model can have', async () => {
    const source = model('  input x: real[n]\n  param w: real ~ constant(1)\n  loss mean((w * x[0:5])^2)')
    expect((await audit(source)).report.sizes).toEqual({ n: 5 })
  })

  it('checks in 32 bits too, where less can be seen', async () => {
    const { ended, report } = await audit(COSINE, '--precision', 'f32')
    expect(ended.status).toBe(0)
    // 1000 · (2⁻²³)^⅔ is 0.024.
    expect(report.parameters[0]?.worst?.tolerance).toBeGreaterThan(0.02)
  })

  it('audits a circuit with shots, or by spsa, by its exact values, and says so', async () => {
    for (const annotation of ['@shots(10)', '@gradient(spsa)']) {
      const { ended, report } = await audit(`${annotation}\n${COSINE}`)
      expect(ended.status).toBe(0)
      expect(report.notes).toEqual([expect.stringContaining('without shots') as string])
      expect(report.loss).toBeCloseTo(Math.cos(0.5), 12)
    }
  })

  it('audits a circuit with noise', async () => {
    const { ended, report } = await audit(COSINE.replace('rx(t) q[0]', 'rx(t) q[0]\n  depolarize(0.3) q[0]'))
    expect(ended.status).toBe(0)
    // X, Y or Z with p/3 each takes ⟨Z⟩ to (1 − 4p/3)⟨Z⟩.
    expect(report.circuits?.[0]?.['parameter_shift']).toBeCloseTo(-(1 - 0.4) * Math.sin(0.5), 12)
  })

  it.each([
    ['a model without a loss', model('  output y = 1'), [], 2, 'no loss'],
    ['a loss that is no number', model('  param w: real ~ constant(-1)\n  loss log(w)'), [], 3, 'is NaN here'],
    ['a size that the model has not', LINE, ['--size', 'bach=3'], 2, `did you mean 'batch'?`],
    ['a size that is no size', LINE, ['--size', 'batch=0'], 2, '--size batch takes a whole number from 1'],
    ['rows of a model without any', COSINE, ['--rows', '3'], 2, '--rows'],
    ['sizes that no input can have', model('  input x: real[n]\n  param w: real ~ zeros()\n  loss mean(w * x[0:5])'), ['--rows', '4'], 2, 'no small sizes fit'],
  ])('answers %s with one clear message', async (_, source, words, status, message) => {
    const ended = await folder({ 'm.bp': source }).bpc('diagnose', 'm.bp', ...words)
    expect(ended).toMatchObject({ status, stdout: '' })
    expect(ended.stderr).toMatch(/^error: /)
    expect(ended.stderr).toContain(message)
  })
})

describe('a central difference', () => {
  const at = async (loss: (x: number) => number, x: number, compiled: number) => await compareAt(async value => loss(value), x, loss(x), compiled, 2 ** -52)

  it('finds a derivative right, and one that is off by a millionth wrong', async () => {
    const cube = (x: number) => x ** 3
    expect((await at(cube, 2, 12)).verdict).toBe('right')
    expect((await at(cube, 2, 12 * (1 + 1e-6))).verdict).toBe('wrong')
  })

  it('allows for the bend of a loss that oscillates within a few steps', async () => {
    // h²f‴/6 is 6e-3 here, 1e5 times what rounding does.
    const found = await at(x => Math.sin(1000 * x), 0.3, 1000 * Math.cos(300))
    expect(found.verdict).toBe('right')
    expect(found.error).toBeGreaterThan(1e-4)
  })

  it('calls a slope outside those of a corner wrong', async () => {
    expect((await at(Math.abs, 0, 0.5)).verdict).toBe('corner')
    expect((await at(Math.abs, 0, 1.5)).verdict).toBe('wrong')
  })

  it('calls a derivative that is no number wrong', async () => {
    expect((await at(x => x, 0, NaN)).verdict).toBe('wrong')
  })
})
