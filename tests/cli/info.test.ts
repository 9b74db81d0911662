import { describe, expect, it } from 'vitest'
import { folder, lines } from './bpc'
import { COSINE, LINE } from './programs'

interface Entry { readonly flops: number; readonly flopsPerRow: number; readonly circuitRuns: number; readonly circuitRunsPerRow: number; readonly bufferBytes: number }
interface Info {
  readonly sizes: Readonly<Record<string, number>>
  readonly count: number
  readonly bytes: number
  readonly forward: Entry
  readonly step: Entry | null
  readonly training: Readonly<Record<string, number>> & { readonly total: number } | null
  readonly circuits: readonly Readonly<Record<string, string | number>>[]
}

async function info(source: string, ...words: string[]): Promise<Info> {
  const ended = await folder({ 'm.bp': source }).bpc('info', 'm.bp', '--json', ...words)
  expect(ended).toMatchObject({ status: 0, stderr: '' })
  return lines(ended)[0] as unknown as Info
}

const model = (body: string) => `model M {\n${body}\n}\n`

describe('bpc info', () => {
  it('lists what a model holds', async () => {
    expect(await info(LINE)).toMatchObject({
      model: 'Line', precision: 'f32', backend: { name: 'wasm', why: expect.stringMatching(/^WebAssembly with SIMD is here; (one thread|\d+ threads)$/) as string }, sizes: { batch: 1 }, rows: 1,
      inputs: [{ name: 'x', role: 'input', type: 'real[batch]', classes: null }, { name: 'y', role: 'target', type: 'real[batch]', classes: null }],
      outputs: [{ name: 'prediction', type: 'real[batch]' }], metrics: ['worst'], states: [],
      parameters: [{ path: 'slope', shape: [], count: 1, bytes: 4, frozen: false, range: null }, { path: 'offset' }],
      count: 2, bytes: 8, circuits: [],
    })
  })

  it('counts a multiplication and an addition a row for a line', async () => {
    expect((await info(LINE, '--size', 'batch=32')).forward).toMatchObject({ flops: 64, flopsPerRow: 2 })
  })

  it('counts 2 m n k for a product of matrices, and an operation for each function', async () => {
    const { forward } = await info(model('  input x: real[rows, 3]\n  param W: real[3, 5] ~ normal()\n  output y = tanh(x @ W)'), '--rows', '4')
    expect(forward).toMatchObject({ flops: 4 * (2 * 3 * 5 + 5), flopsPerRow: 2 * 3 * 5 + 5 })
  })

  it('counts the body of a loop as often as it runs', async () => {
    const source = 'fn step(h: real, x: real, w: real) -> real {\n  return tanh(w * h + x)\n}\n'
      + model('  input x: real[n]\n  param w: real ~ constant(0.5)\n  var h = 0.0\n  for t in 0..n {\n    h = step(h, x[t], w)\n  }\n  output last = h')
    const [short, long] = [await info(source, '--size', 'n=10'), await info(source, '--size', 'n=20')]
    // A product, a sum and a tanh.
    expect(long.forward.flops - short.forward.flops).toBe(10 * 3)
  })

  it.each([
    // The value, and two shifted runs by the two eigenvalues of X/2.
    ['parameter_shift', 1 + 2],
    ['finite_difference', 1 + 2],
    // The value, and a sweep of about three.
    ['adjoint', 1 + 3],
  ])('counts the runs of a circuit by %s', async (method, runs) => {
    const found = await info(COSINE, '--gradient', method)
    expect(found.forward.circuitRuns).toBe(1)
    expect(found.step?.circuitRuns).toBe(runs)
    expect(found.circuits).toMatchObject([{ name: 'c', qubits: 1, slots: 1, method, state: 'statevector', stateBytes: 16 * 2, forwardRunsPerRow: 1, stepRunsPerRow: runs }])
  })

  it.each([
    ['wasm', 'there is code for all of it', COSINE],
    ['wasm and typescript', 'there is no code for `@shots`', COSINE.replace('circuit c', '@shots(100)\ncircuit c')],
    ['typescript', 'its state is a density matrix', COSINE.replace('rx(t) q[0]', 'rx(t) q[0]\n  depolarize(0.1) q[0]')],
  ])('says that %s runs a circuit, since %s', async (name, why, source) => {
    expect((await info(source)).circuits).toMatchObject([{ name: 'c', engine: { name, why } }])
    const { stdout } = await folder({ 'm.bp': source }).bpc('info', 'm.bp')
    expect(stdout).toContain(`circuit c: engine ${name}: ${why}\n`)
  })

  it('counts four shifts for a controlled rotation, whose generator has three eigenvalues', async () => {
    const source = COSINE.replace('q[1]', 'q[2]').replace('rx(t) q[0]', 'x q[1]\n  crx(t) q[1], q[0]')
    expect((await info(source)).step?.circuitRuns).toBe(1 + 4)
  })

  it('counts runs for each row, and bytes of a density matrix where there is noise', async () => {
    const source = `${COSINE.split('model')[0]}model M {\n  input x: real[rows]\n  param t: real ~ constant(0.5)\n  let e = c(t + x)\n  output e\n  loss mean(e)\n}\n`
      .replace('rx(t) q[0]', 'rx(t) q[0]\n  depolarize(0.1) q[0]')
    const found = await info(source, '--rows', '8')
    expect(found.forward).toMatchObject({ circuitRuns: 8, circuitRunsPerRow: 1 })
    expect(found.circuits).toMatchObject([{ state: 'density', stateBytes: 16 * 4 }])
  })

  it('counts each trajectory as a run of a statevector, of half the bytes in 32 bits', async () => {
    const source = COSINE.replace('rx(t) q[0]', 'rx(t) q[0]\n  depolarize(0.1) q[0]').replace('circuit', '@trajectories(50)\n@precision(f32)\ncircuit')
    const found = await info(source)
    // The value, and two shifted ones, of 50 each.
    expect(found.step?.circuitRuns).toBe(50 * 3)
    expect(found.circuits).toMatchObject([{ state: 'trajectories', stateBytes: 8 * 2, forwardRunsPerRow: 50, stepRunsPerRow: 150 }])
  })

  it('counts the bytes of buffers, which grow with the rows', async () => {
    const [few, many] = [await info(LINE, '--rows', '10'), await info(LINE, '--rows', '1000')]
    // x and the prediction, of 4 bytes a row; a buffer starts at a multiple of 16 bytes, so ten rows take 48.
    expect(many.forward.bufferBytes - few.forward.bufferBytes).toBe(2 * (4 * 1000 - 48))
  })

  it('counts what no machine has, as it takes nothing of it', async () => {
    // Three tensors of 8·10⁸ rows at the least, in 32 bits.
    expect((await info(LINE, '--rows', '800000000')).step?.bufferBytes).toBeGreaterThan(3 * 4 * 8e8)
  })

  it('adds up the memory of a training: buffers, states, parameters, gradient, copies and the optimizer', async () => {
    const { training, step, bytes } = await info(COSINE)
    // One angle in 64 bits, and the best one; two states of a qubit. Adam's two numbers of it, and two of its own, are buffers of 16 bytes.
    expect(training).toMatchObject({ buffers: (step?.bufferBytes ?? NaN) + 4 * 16, states: 2 * 16 * 2, parameters: 8, gradient: 0, copies: 8, optimizer: 2 * 8 })
    expect(bytes).toBe(8)
    const { total, ...parts } = training ?? { total: 0 }
    expect(total).toBe(Object.values(parts).reduce((sum, part) => sum + part, 0))
  })

  it('takes the batch of the train block, where no other size is given', async () => {
    const source = LINE.replace('epochs 4', 'epochs 4\n  batch 24')
    expect(await info(source)).toMatchObject({ sizes: { batch: 24 }, rows: 24 })
    expect(await info(source, '--rows', '5')).toMatchObject({ sizes: { batch: 5 }, rows: 5 })
  })

  it('has no step without a loss', async () => {
    expect((await info(model('  output y = 1'))).step).toBeNull()
  })

  it('writes an open end of a range as a string, which JSON has no number for', async () => {
    const found = await info(model('  param s: real in (0, inf) ~ constant(2)\n  param p: real[3] in simplex ~ constant(1/3)\n  output y = s * p'))
    expect(found).toMatchObject({ parameters: [{ range: { kind: 'interval', low: 0, high: 'Infinity' } }, { range: { kind: 'simplex' } }] })
  })

  it('prints it for people', async () => {
    const { status, stdout } = await folder({ 'c.bp': COSINE }).bpc('info', 'c.bp')
    expect(status).toBe(0)
    expect(stdout).toContain('Cosine: 1 parameter, 8 bytes; f64; backend wasm: ')
    expect(stdout).toMatch(/^c +1 +1 +1 +parameter_shift +statevector, 32 bytes +1 +3$/m)
    expect(stdout).toMatch(/^states of circuits +64 bytes +one to run on, and one more for gradients$/m)
    expect(stdout).toMatch(/^together +\d+ bytes /m)
  })
})
