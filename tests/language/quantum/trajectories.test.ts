/** `@trajectories(n)` and `@precision(f32)` from text. */
import { describe, expect, it } from 'vitest'
import type { CompileOptions } from '../../../compiler/host'
import { Model, type UntypedModel } from '../../../runtime/model'
import { complaints, planOf } from './run'

async function modelOf(text: string, seed = 0, options: CompileOptions = {}): Promise<Model<UntypedModel>> {
  return Model.create<UntypedModel>(await planOf(text, options), { backend: 'reference', precision: 'f64', seed })
}

const numbers = (tensor: unknown): number[] => Array.from((tensor as { readonly data: ArrayLike<number> }).data)
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
const variance = (values: readonly number[]) => values.reduce((sum, x) => sum + (x - mean(values)) ** 2, 0) / (values.length - 1)

const FLIPPED = (annotations: string) => `${annotations}
circuit c(a: real, p: real) -> real {
  qubits q
  rx(a) q
  bit_flip(p) q
  return expect(Z(q))
}`

describe('a circuit with trajectories', () => {
  const rows = `${FLIPPED('@trajectories(20)')}\nmodel M {\n  input a: real[n]\n  output e = c(a, 0.2)\n}`
  const run = async (a: readonly number[], seed = 0, draw = 0, text = rows) => numbers((await (await modelOf(text, seed)).evaluate({ a } as never, { draw })).outputs['e'])

  it('gives each row a mean of its own over 20 histories, with the variance of signs', async () => {
    const found = await run(Array.from({ length: 600 }, () => 0.9))
    const expected = 4 * 0.2 * 0.8 * Math.cos(0.9) ** 2 / 20
    // Five standard errors; the kurtosis of 20 such signs is close to the normal law's, 3 + (1/(p(1−p)) − 6)/20.
    expect(Math.abs(mean(found) - 0.6 * Math.cos(0.9))).toBeLessThan(5 * Math.sqrt(expected / found.length))
    expect(Math.abs(variance(found) / expected - 1)).toBeLessThan(5 * Math.sqrt((2 + (1 / 0.16 - 6) / 20) / found.length))
  })

  it('gives the same bits for the same seed and draw, and a row the same whatever rows there are behind it', async () => {
    const found = await run([0.9, 0.4, -1, 2], 3, 1)
    expect(await run([0.9, 0.4, -1, 2], 3, 1)).toEqual(found)
    expect(await run([0.9, 0.4], 3, 1)).toEqual(found.slice(0, 2))
    expect(await run([0.9, 0.4, -1, 2], 4, 1)).not.toEqual(found)
    expect(await run([0.9, 0.4, -1, 2], 3, 2)).not.toEqual(found)
  })

  it('of samples, too, draws for each row by itself', async () => {
    const sampled = rows.replace('@trajectories(20)', '@shots(20)')
    const found = await run([0.9, 0.4, -1, 2], 3, 1, sampled)
    expect(await run([0.9, 0.4], 3, 1, sampled)).toEqual(found.slice(0, 2))
  })

  it('has unbiased gradients of its angles, by shift and by spsa', async () => {
    for (const method of ['', '@gradient(spsa)']) {
      const text = `${FLIPPED(`@trajectories(20)\n${method}`)}\nmodel M {\n  param a: real[400] ~ constant(0.7)\n  loss sum(c(a, 0.2))\n}`
      const { gradients } = await (await modelOf(text)).evaluate({} as never, { grad: true })
      const slopes = numbers(Object.values(gradients)[0])
      // Five standard errors; spsa has c²/6 = 0.002 of bias.
      expect(Math.abs(mean(slopes) + 0.6 * Math.sin(0.7))).toBeLessThan(5 * Math.sqrt(variance(slopes) / slopes.length) + 0.002)
    }
  })

  it('runs exactly where it has no noise, and with as many qubits as a statevector', async () => {
    const plain = `@trajectories(3)\ncircuit c(a: real) -> real {\n  qubits q\n  rx(a) q\n  return expect(Z(q))\n}\nmodel M {\n  input a: real[n]\n  output e = c(a)\n}`
    expect((await run([0.9], 0, 0, plain))[0]).toBeCloseTo(Math.cos(0.9), 14)
    const wide = `@trajectories(3)\ncircuit c(a: real) -> real {\n  qubits q[15]\n  rx(a) q\n  bit_flip(1) q\n  return expect(Z(q[14]))\n}\nmodel M {\n  input a: real[n]\n  output e = c(a)\n}`
    expect((await run([0.9], 0, 0, wide))[0]).toBeCloseTo(-Math.cos(0.9), 12)
  })

  it('keeps to shifts under `--gradient adjoint`, which is for circuits that it can serve', async () => {
    const text = `${FLIPPED('@trajectories(20)')}\nmodel M {\n  param a: real ~ constant(0.7)\n  loss c(a, 0)\n}`
    const { gradients } = await (await modelOf(text, 0, { gradient: 'adjoint' })).evaluate({} as never, { grad: true })
    expect(numbers(Object.values(gradients)[0])[0]).toBeCloseTo(-Math.sin(0.7), 12)
  })

  it('has no gradient by what the noise reads: told at compile time where the loss or a derivative needs it, in loops too', async () => {
    const model = (body: string) => `${FLIPPED('@trajectories(20)')}\nmodel M {\n  param a: real ~ constant(0.7)\n  param p: real in (0, 1) ~ constant(0.2)\n  ${body}\n}`
    const codes = async (body: string) => (await complaints(model(body))).map(text => text.split(' ')[0])
    expect(await codes('loss c(a, 2 * p / 3)')).toEqual(['estimated-gradient'])
    expect(await codes('loss c(a, stop(p)) + p')).toEqual([])
    expect(await codes('output e = c(a, p)\n  loss a^2 + p')).toEqual([])
    expect(await codes('var s = 0.0\n  for t in 0..2 { s = s + c(a, p) }\n  loss s')).toEqual(['estimated-gradient'])
    // By what an earlier iteration carries, and in a loop inside a loop.
    expect(await codes('var s = 0.0\n  var k = 0.1\n  for t in 0..2 {\n    s = s + c(a, k)\n    k = k * p\n  }\n  loss s')).toEqual(['estimated-gradient'])
    expect(await codes('var s = 0.0\n  for t in 0..2 { for u in 0..2 { s = s + c(a, p) } }\n  loss s')).toEqual(['estimated-gradient'])
    expect(await codes('var s = 0.0\n  for t in 0..2 { s = s + c(a, stop(p)) }\n  output e = sum(for t in 0..2 { yield c(a, p) })\n  loss s + p')).toEqual([])
    expect(await codes('output slope = grad(c(a, p), p)')).toEqual(['estimated-gradient'])
    expect(await codes('output slope = grad(c(a, p), a)')).toEqual([])
  })
})

describe('a circuit in 32 bits', () => {
  const text = (annotation: string) => `${annotation}
circuit c(a: real[60]) -> real[4] {
  qubits q[4]
  for k in 0..15 {
    for i in 0..4 { ry(a[4 * k + i]) q[i] }
    for i in 0..3 { cx q[i], q[i + 1] }
  }
  return [expect(Z(q[i])) for i in 0..4]
}
model M {
  param a: real[60] ~ uniform(0, 6)
  output e = c(a)
  loss sum(c(a) * [1, 2, 3, 4])
}`

  it('gives numbers and gradients within 1e-6·√gates of 64 bits, and `@precision(f64)` changes nothing', async () => {
    const run = async (annotation: string, gradient: 'adjoint' | 'parameter_shift') => {
      const { outputs, gradients } = await (await modelOf(text(annotation), 5, { gradient })).evaluate({} as never, { grad: true })
      return [...numbers(outputs['e']), ...numbers(gradients['a'])]
    }
    for (const gradient of ['adjoint', 'parameter_shift'] as const) {
      const [single, double] = [await run('@precision(f32)', gradient), await run('', gradient)]
      expect(await run('@precision(f64)', gradient)).toEqual(double)
      expect(single).not.toEqual(double)
      // 105 gates; the loss sums up to ten times a number of size 1.
      single.forEach((x, at) => expect(Math.abs(x - (double[at] ?? NaN))).toBeLessThan(10 * 1e-6 * Math.sqrt(105)))
    }
  })
})
