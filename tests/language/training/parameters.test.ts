import { describe, expect, it } from 'vitest'
import { constrain } from '../../../compiler/6-emit/ranges'
import { GraphBuilder } from '../../../ir/builder'
import type { ParameterRange } from '../../../ir/plan'
import { real } from '../../../ir/type'
import { transformOf } from '../../../runtime/ranges'
import { evaluate, tensorOf } from '../../support/evaluate'
import { expectClose, expectGradients, expectOutputs } from '../expect'
import { complaints, load, run } from '../run'

const sgd = (rate: number) => ({ name: 'sgd', rate, momentum: 0, nesterov: false, decay: 0 }) as const

describe('a parameter with a range', () => {
  const RANGES: readonly (readonly [string, ParameterRange, readonly number[]])[] = [
    ['above 0', { kind: 'interval', low: 0, high: Infinity }, [-30, -1, 0, 2, 40]],
    ['below 3', { kind: 'interval', low: -Infinity, high: 3 }, [-30, -1, 0, 2, 40]],
    ['between −1 and 4', { kind: 'interval', low: -1, high: 4 }, [-30, -1, 0, 2, 30]],
    ['a simplex', { kind: 'simplex' }, [-3, 0.5, 2, 1, 700]],
  ]

  it.each(RANGES)('%s: the compiled transform and the runtime\'s are one', (_, range, free) => {
    const builder = GraphBuilder.create()
    const u = builder.input('u', real(free.length))
    const graph = builder.finish([constrain(builder, range, u)])
    const [compiled] = evaluate(graph, [tensorOf([free.length], free)], { sizes: new Map() })
    const shape = range.kind === 'simplex' ? [free.length + 1] : [free.length]
    const value = new Float64Array(shape[0] ?? 0)
    transformOf(range, shape, 2 ** -52).constrain(Float64Array.from(free), value)
    expectClose([...value], [...compiled?.data ?? []], 'transform')
  })

  it('is seen constrained everywhere: its value, and its gradient', async () => {
    const outcome = await run('model M {\n  param k: real in (0, inf)\n  param p: real[3] in simplex\n  param t: real[2] in [-pi, pi]\n  loss k^2 + sum(p * [1, 2, 3]) + sum(cos(t))\n}', { k: 2, p: [0.2, 0.3, 0.5], t: [1, -2] })
    expectClose(outcome.gradients['t'], [-Math.sin(1), -Math.sin(-2)], 'gradient of t')
    expectClose(outcome.gradients['k'], 4, 'gradient of k')
    expectClose(outcome.gradients['p'], [1, 2, 3], 'gradient of p')
  })

  it('starts where an unconstrained 0 lands, unless it is told', async () => {
    const { parameters } = await run('model M {\n  param k: real in (0, inf)\n  param p: real[4] in simplex\n  param t: real in (2, 6)\n  param g: real in (0, inf) ~ constant(2.5)\n  output k\n}')
    expectClose(parameters['k'], Math.LN2, 'k')
    expectClose(parameters['p'], [0.25, 0.25, 0.25, 0.25], 'p')
    expectClose(parameters['t'], 4, 't')
    expectClose(parameters['g'], 2.5, 'g')
  })

  it('is trained through its transform: one step of sgd moves u by −η dL/dk · σ(u), with k = softplus(u)', async () => {
    const { model } = await load('model M {\n  param k: real in (0, inf) ~ constant(2)\n  loss k^2\n}')
    await model.fit({}, { steps: 1, optimizer: sgd(0.1) })
    const u = 2 + Math.log(-Math.expm1(-2))
    const sigmoid = 1 / (1 + Math.exp(-u))
    const moved = u - 0.1 * 4 * sigmoid
    expectClose(model.parameters.get('k').toArray() as number, Math.log1p(Math.exp(moved)), 'k')
  })

  it('refuses a value outside', async () => {
    const { model } = await load('model M {\n  param k: real in (0, 1) ~ constant(0.5)\n  loss k^2\n}')
    expect(() => model.parameters.set('k', 1.5)).toThrow(/k.*between 0 and 1.*1\.5/)
  })
})

describe('state, update and rate', () => {
  it('a state is updated once after each step, from the parameters as they then are', async () => {
    const { model } = await load('model M {\n  param w: real ~ constant(1)\n  state seen: real = 0\n  state count: int = 0\n  update seen = w\n  update count = count + 1\n  output c = count\n  loss w^2\n}')
    await model.fit({}, { steps: 3, optimizer: sgd(0.25) })
    // w ← w − 0.25 · 2w: halved three times.
    expect(model.parameters.get('w').toArray()).toBe(0.125)
    expect(model.states.get('seen').toArray()).toBe(0.125)
    expect((await model.evaluate({})).outputs['c']?.toArray()).toBe(3)
  })

  it('a rate of 0 leaves the bits, of ½ halves the update, and may follow the step', async () => {
    const text = 'model M {\n  param a: real ~ constant(1)\n  param b: real ~ constant(1)\n  param c: real[2] ~ constant(1)\n  rate a = 0\n  rate b = 0.5\n  rate c = if step > 1 then [0, 1] else [1, 1]\n  loss a^2 + b^2 + sum(c^2)\n}'
    const { model } = await load(text)
    await model.fit({}, { steps: 2, optimizer: sgd(0.25) })
    expect(model.parameters.get('a').toArray()).toBe(1)
    expect(model.parameters.get('b').toArray()).toBe(0.75 ** 2)
    expect(model.parameters.get('c').toArray()).toEqual([0.5, 0.25])
  })

  it('a frozen parameter does not move, and has a gradient all the same', async () => {
    const { model } = await load('model M {\n  frozen param a: real ~ constant(3)\n  param b: real ~ constant(1)\n  loss a * b^2\n}')
    await model.fit({}, { steps: 1, optimizer: sgd(0.1) })
    expect(model.parameters.get('a').toArray()).toBe(3)
    const { gradients } = await model.evaluate({}, { grad: true })
    expectClose(gradients['a']?.toArray() as number, model.parameters.get('b').toArray() as number ** 2, 'gradient of a')
  })

  it('training is true in training steps only, and step and epoch are 0 outside', async () => {
    const { model } = await load('model M {\n  param w: real ~ constant(1)\n  state heard: real = 0\n  update heard = if training then 100 * epoch + step else -1\n  output now = if training then 1 else 10 * step + epoch\n  loss w^2\n}')
    await model.fit({}, { steps: 2, optimizer: sgd(0) })
    expect(model.states.get('heard').toArray()).toBe(202)
    expect((await model.evaluate({})).outputs['now']?.toArray()).toBe(0)
  })
})

describe('stacked instances', () => {
  const STACK = 'layer block(x: real[n]) -> real[n] {\n  param W: real[n, n] ~ normal(0, 0.4)\n  return tanh(W @ x)\n}\nmodel M {\n  input x: real[2]\n  layer blocks[3] = block()\n  var h = x\n  for i in 0..3 { h = blocks[i](h) }\n  output direct = blocks[2](blocks[1](blocks[0](x)))\n  output h\n  output last = blocks[-1](x)\n  loss sum(h^2)\n}'

  it('hold their parameters along one axis, and a loop goes through them', async () => {
    const { parameters, outputs } = await expectGradients(STACK, { x: [0.3, -0.8] })
    expect(Object.keys(parameters)).toEqual(['blocks.W'])
    const W = parameters['blocks.W'] as number[][][]
    const apply = (matrix: number[][], v: readonly number[]) => matrix.map(row => Math.tanh(row.reduce((sum, weight, k) => sum + weight * (v[k] ?? 0), 0)))
    const expected = W.reduce<readonly number[]>((v, matrix) => apply(matrix, v), [0.3, -0.8])
    expectClose(outputs['h'], expected, 'h')
    expectClose(outputs['direct'], expected, 'direct')
    expectClose(outputs['last'], apply(W[2] ?? [], [0.3, -0.8]), 'last')
  })
})

describe('asserted sizes', () => {
  it('make shapes agree, and data is held to them', async () => {
    const text = 'model M {\n  input x: real[batch, 2]\n  input z: real[n, 2]\n  assert batch == n\n  output y = x + z\n}'
    await expectOutputs(text, { x: [[1, 2]], z: [[3, 4]] }, { y: [[4, 6]] })
    await expect(run(text, { x: [[1, 2]], z: [[3, 4], [5, 6]] })).rejects.toThrow(/batch/)
  })

  it('that a run decides stop it with their own words', async () => {
    const text = 'model M {\n  input x: real[n]\n  assert n % 2 == 0\n  assert n >= 4\n  output y = sum(x)\n}'
    await expectOutputs(text, { x: [1, 2, 3, 4] }, { y: 10 })
    await expect(run(text, { x: [1, 2, 3, 4, 5] })).rejects.toThrow(/multiple of 2/)
    await expect(run(text, { x: [1, 2] })).rejects.toThrow(/n ≥ 4/)
  })

  it('that cannot hold are errors', async () => {
    expect(await complaints('const N = 3\nmodel M {\n  input x: real[N]\n  assert N > 3\n  output x\n}')).toEqual(['assertion-fails 4:10: this does not hold: N > 3'])
  })
})

describe('slices', () => {
  it('take steps, also backwards', async () => {
    const x = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    await expectOutputs('model M {\n  input x: real[b, 5]\n  output a = x[:, ::2]\n  output c = x[::-1, 3:0:-2]\n  output d = x[:, 1:-1:2]\n  output e = x[0, ::-1]\n}', { x },
      { a: [[0, 2, 4], [5, 7, 9]], c: [[8, 6], [3, 1]], d: [[1, 3], [6, 8]], e: [4, 3, 2, 1, 0] })
  })

  it('of a place that the run knows have a fixed size, and are differentiated', async () => {
    const text = 'model M {\n  input at: int\n  param w: real[6] ~ zeros()\n  let part = w[at + 1 : at + 3]\n  output part\n  loss sum(part^2) + part[0]\n}'
    const outcome = await expectGradients(text, { at: 2, w: [1, 2, 3, 4, 5, 6] })
    expectClose(outcome.outputs['part'], [4, 5], 'part')
    expectClose(outcome.gradients['w'], [0, 0, 0, 9, 10, 0], 'gradient')
    await expect(run(text, { at: 4, w: [1, 2, 3, 4, 5, 6] })).rejects.toThrow(/6/)
  })
})

describe('the orthogonal initialiser', () => {
  it('gives orthonormal columns, or rows where they are fewer, times the gain', async () => {
    const { outputs } = await run('model M {\n  param A: real[6, 4] ~ orthogonal()\n  param B: real[3, 8] ~ orthogonal(2)\n  output a = transpose(A) @ A - eye(4)\n  output b = B @ transpose(B) - 4 * eye(3)\n}')
    for (const name of ['a', 'b']) for (const row of outputs[name] as number[][]) for (const gap of row) expect(Math.abs(gap)).toBeLessThan(1e-13)
  })
})
