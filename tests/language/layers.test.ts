import { describe, expect, it } from 'vitest'
import { expectClose, expectGradients } from './expect'
import { complaints, run } from './run'

const LINEAR = `
layer linear(x: real[..., n], out: int) -> real[..., out] {
  param W: real[n, out] ~ glorot()
  param b: real[out] ~ zeros()
  return x @ W + b
}
`
const pathsOf = async (text: string) => Object.keys((await run(text, { x: [[1, 2], [3, 4]] })).parameters)
const model = (body: string) => `${LINEAR}
layer block(x: real[..., n], hidden: int) -> real[..., n] {
  layer first = linear(hidden)
  let h = tanh(first(x))
  let out = linear(h, n)
  return out + x
}
layer scale(x: real[..., n]) -> real[..., n] {
  param s: real[n] ~ ones()
  return x * s
}
layer both(x: real[..., n]) -> real[..., n] = scale(scale(x))
model M {
  input x: real[batch, 2]
${body}
}
`

describe('the path of a parameter', () => {
  it.each<[string, string, readonly string[]]>([
    ['is its own name in the model', '  param w: real ~ zeros()\n  output y = w', ['w']],
    ['of a call is the let it ends up in and the layer', '  let features = x |> linear(4) |> tanh\n  output y = features', ['features.linear.W', 'features.linear.b']],
    ['may be named after an output', '  output y = linear(x, 1)', ['y.linear.W', 'y.linear.b']],
    ['may be named after an assigned var', '  var v = x\n  v = linear(v, 2)\n  output v', ['v.linear.W', 'v.linear.b']],
    ['in a loss or a metric is named after it', '  output y = x\n  loss mean(linear(x, 1))\n  metric size = mean(linear(x, 1))', ['loss.linear.W', 'loss.linear.b', 'size.linear.W', 'size.linear.b']],
    ['of an instance is the instance', '  layer enc = linear(3)\n  let a = enc(x) + enc(2 * x)\n  output a', ['enc.W', 'enc.b']],
    ['goes on inside a layer', '  let code = block(x, 5)\n  output code', ['code.block.first.W', 'code.block.first.b', 'code.block.out.linear.W', 'code.block.out.linear.b']],
    ['is numbered on a clash, in the order of the source', '  let q = linear(x, 2) + linear(x, 2)\n  output q', ['q.linear.W', 'q.linear.b', 'q.linear_2.W', 'q.linear_2.b']],
    ['in a loop is one for the call', '  var v = x\n  for i in 0..3 { v = linear(v, 2) }\n  output v', ['v.linear.W', 'v.linear.b']],
    ['in a loop is named after the innermost let', '  let hs = for t in 0..2 { let a = linear(x, 2)\n    yield linear(a, 1) }\n  output hs', ['a.linear.W', 'a.linear.b', 'hs.linear.W', 'hs.linear.b']],
  ])('%s', async (_, body, paths) => { expect(await pathsOf(model(body))).toEqual(paths) })

  it('of nested calls counts from the outer one, which stands first', async () => {
    const { parameters } = await run(model('  let z = linear(linear(x, 3), 1)\n  output z'), { x: [[1, 2]] })
    expect(parameters['z.linear.W']).toHaveLength(3)
    expect(parameters['z.linear_2.W']).toHaveLength(2)
    expect((await pathsOf(model('  let z = both(x)\n  output z'))).sort()).toEqual(['z.both.scale.s', 'z.both.scale_2.s'])
  })

  it('does not change with unrelated edits, nor do the first values', async () => {
    const before = await run(model('  let a = linear(x, 3)\n  param free: real[2] ~ random.normal([2])\n  output a'), { x: [[1, 2]] })
    const after = await run(model('  let other = linear(x, 7)\n  param more: real[2] ~ random.normal([2])\n  let a = linear(x, 3)\n  param free: real[2] ~ random.normal([2])\n  output a\n  output other'), { x: [[1, 2]] })
    expect(after.parameters['a.linear.W']).toEqual(before.parameters['a.linear.W'])
    expect(after.parameters['free']).toEqual(before.parameters['free'])
    expect(after.parameters['more']).not.toEqual(before.parameters['free'])
  })

  it('is an expression', async () => {
    await expectGradients(model('  let f = linear(x, 3)\n  layer enc = linear(2)\n  let e = enc(f)\n  loss mean(e^2) + 0.1 * sum(f.linear.W^2) + sum(grad(mean(e^3), enc.W)^2)'), { x: [[0.1, 0.2], [0.3, -0.4]] })
  })
})

describe('a layer', () => {
  it('owns parameters of the sizes of its call', async () => {
    const { parameters, outputs } = await run(model('  let a = linear(x, 3)\n  output s = [size(a.linear.W, 0), size(a.linear.W, 1)]'), { x: [[1, 2]] })
    expect(parameters['a.linear.b']).toEqual([0, 0, 0])
    expect(outputs['s']).toEqual([2, 3])
  })

  it('shared by an instance computes with one set', async () => {
    const { outputs, parameters } = await run(model('  layer enc = linear(1)\n  output a = enc(x)\n  output b = enc(2 * x)'), { x: [[1, 2]], 'enc.W': [[3], [5]], 'enc.b': [1] })
    expect(parameters['enc.W']).toEqual([[3], [5]])
    expectClose(outputs['a'], [[14]], 'a')
    expectClose(outputs['b'], [[27]], 'b')
  })

  it('is frozen by its path, and its gradient is still reported', async () => {
    const { gradients, warnings } = await run(model('  layer enc = linear(1)\n  frozen enc.W\n  loss sum(enc(x))'), { x: [[1, 2]] })
    expect(gradients).toEqual({ 'enc.W': [[1], [2]], 'enc.b': [1] })
    expect(warnings).toEqual([])
  })

  it('of symbolic sizes is checked by itself without a word about its parameters', async () => {
    expect(await complaints(model('  output y = x'))).toEqual([])
    expect(await complaints('layer f(x: real[n]) -> real[n] {\n  param W: real[n, n] ~ glorot()\n  return x @ W + missing\n}\nmodel M {\n  output y = 1\n}\n')).toEqual(['unknown-name 3:18: unknown name `missing`'])
  })
})

describe('an initialiser', () => {
  it('fills the shape that is declared', async () => {
    const { parameters } = await run(`model M {
  param a: real[2] ~ zeros()
  param b: real[2] ~ ones()
  param c: real[2] ~ constant(3)
  param d: real[2] ~ [1, 2]
  param e: real[2, 2] ~ eye(2) * 3
  param f: real[2] ~ 1.5
  param g: real[3] ~ [i^2 for i in 0..3]
  param h: real[2]
  frozen param i: real ~ constant(7)
  param j: real[0] ~ normal()
  loss i
}
`)
    expect(parameters).toEqual({ a: [0, 0], b: [1, 1], c: [3, 3], d: [1, 2], e: [[3, 0], [0, 3]], f: [1.5, 1.5], g: [0, 1, 4], h: [0, 0], i: 7, j: [] })
  })

  it('draws within its bounds: uniform, glorot ±√(6/(in + out)), he ±√(6/in)', async () => {
    const { parameters } = await run(`model M {
  param u: real[1000] ~ uniform(2, 3)
  param n: real[4000] ~ normal(5, 0.1)
  param g: real[20, 30] ~ glorot()
  param h: real[20, 30] ~ he()
  param k: real[8, 3, 5, 5] ~ he()
  param v: real[1000] ~ uniform(low = -1, high = 1)
  loss 1
}
`)
    const flat = (name: string) => [parameters[name]].flat(9).map(Number)
    const extent = (name: string) => Math.max(...flat(name).map(Math.abs))
    expect(Math.min(...flat('u'))).toBeGreaterThanOrEqual(2)
    expect(Math.max(...flat('u'))).toBeLessThan(3)
    expect(Math.min(...flat('v'))).toBeLessThan(-0.9)
    // The mean of 4000 draws has the deviation 0.1/√4000 = 0.0016: five of them.
    expect(Math.abs(flat('n').reduce((a, b) => a + b) / 4000 - 5)).toBeLessThan(0.008)
    // The largest of n draws misses the bound by bound/n on average; a few times that are left.
    for (const [name, bound] of [['g', Math.sqrt(6 / 50)], ['h', Math.sqrt(6 / 20)], ['k', Math.sqrt(6 / 75)]] as const) {
      expect(extent(name)).toBeLessThanOrEqual(bound)
      expect(extent(name)).toBeGreaterThan(0.98 * bound)
    }
  })
})
