import { describe, expect, it } from 'vitest'
import { expectClose, expectGradients, expectOutputs } from './expect'
import { complaints, load, run } from './run'

describe('a model', () => {
  it('adds its losses, and has metrics and outputs beside them', async () => {
    const { loss, metrics, gradients } = await expectOutputs(`model M {
  input x: real[batch, 2]
  target y: int[batch] in 0..3
  param W: real[2, 3] ~ zeros()
  let logits = x @ W
  output p = softmax(logits)
  loss -mean(sum(one_hot(y, 3) * log_softmax(logits), axis = -1))
  loss 0.5 * sum(W^2)
  loss 2
  metric accuracy = mean(argmax(logits) == y)
  metric size = mean(abs(x))
}
`, { x: [[1, 2], [3, 4]], y: [0, 2] }, { p: [[1 / 3, 1 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3]] })
    expect(loss).toBeCloseTo(Math.log(3) + 2, 12)
    expect(metrics).toEqual({ accuracy: 0.5, size: 2.5 })
    // ∂L/∂W = xᵀ (p − onehot) / 2.
    expectClose(gradients['W'], [[(1 / 3 - 1 + 1) / 2, 2 / 3, (1 / 3 - 2) / 2], [(2 / 3 - 2 + 4 / 3) / 2, 1, (2 / 3 - 8 / 3) / 2]], 'gradient of W')
  })

  it('without inputs or loss has outputs alone', async () => {
    const outcome = await expectOutputs('model M {\n  param w: real[2] ~ constant(3)\n  output y = sum(w)\n}\n', {}, { y: 6 })
    expect(outcome.loss).toBeNull()
    expect(outcome.gradients).toEqual({})
  })

  it('shows a let, and uses an output further on', async () => {
    await expectOutputs('model M {\n  let a = 3\n  output a\n  output b = a + 1\n  output c = b * 2\n}\n', {}, { a: 3, b: 4, c: 8 })
  })

  it('predicts without targets, and metrics that need one are left out', async () => {
    const { model } = await load(`model M {
  input x: real[batch]
  target t: real[batch]
  param w: real ~ ones()
  var distance = 0.0
  for i in 0..batch { distance = distance + (w * x[i] - t[i])^2 }
  output y = w * x
  loss distance
  metric gap = sqrt(distance)
  metric mean = mean(x)
}
`)
    const without = await model.evaluate({ x: [1, 3] })
    expect(without.loss).toBeNull()
    expect(without.metrics).toEqual({ mean: 2 })
    const withTarget = await model.evaluate({ x: [1, 3], t: [1, 1] })
    expect(withTarget.loss).toBe(4)
    expect(withTarget.metrics).toEqual({ gap: 2, mean: 2 })
  })

  it('states types of lets and vars, which convert ints', async () => {
    await expectOutputs(`model M {
  input x: real[batch, 2]
  let y: real[batch, 2] = x
  let n: real = 3
  var s: real = 0
  var v: real[2] = [1, 2]
  for i in 0..batch {
    s = s + x[i, 0]
    v = v + x[i]
  }
  let (a, b) = (1, 2.5)
  output s
  output v
  output y
  output both = a * b * n
}
`, { x: [[1, 2], [3, 4]] }, { s: 4, v: [5, 8], y: [[1, 2], [3, 4]], both: 7.5 })
  })

  it('is one of several in a file, each with parameters of its own', async () => {
    const text = 'fn f(x: real) -> real = 2 * x\nmodel A {\n  param w: real ~ constant(1)\n  output y = f(w)\n}\nmodel B {\n  param w: real ~ constant(5)\n  output y = f(w)\n}\n'
    expect((await run(text, {}, { model: 'A' })).outputs).toEqual({ y: 2 })
    expect((await run(text, {}, { model: 'B' })).outputs).toEqual({ y: 10 })
  })

  it('trains through gathers, reductions, branches and reshapes alike', async () => {
    await expectGradients(`model M {
  input x: real[batch, 4]
  input i: int[3]
  param w: real[4, 3] ~ normal()
  param v: real[5] ~ normal()
  let h = x @ w
  let picked = v[i] * h[0]
  let mixed = if h > 0 then h^2 else sin(h)
  let sizes = [norm(h, axis = -1), logsumexp(h, axis = -1), std(h, axis = -1)]
  let moved = transpose(reshape(mixed, [3, -1]))
  loss sum(picked) + mean(mixed * h) + mean([s[0] for s in sizes]) + sum(cumsum(v)^2) / 10 + prod(v[0:3])
  loss mean(moved) + sum(softmax(v) * v) + mean(max(h, axis = 0)) + sum(concat([v, v[:2]])[1:-1]) + einsum("ij,ij->", w, w^2)
}
`, { x: [[0.3, -0.2, 0.9, 0.4], [-0.6, 0.8, 0.1, -0.5]], i: [0, 4, -3] })
  })
})

describe('targets', () => {
  it('flow through lets, vars and loops, and no output may depend on one', async () => {
    expect(await complaints(`model M {
  input x: real[batch]
  target t: real[batch]
  let twice = 2 * t
  var sum = 0.0
  for i in 0..batch { sum = sum + twice[i] }
  output direct = t
  output sum
  output sideways = x + sum
  output free = x + zeros([size(t, 0)])
  loss sum
  metric m = sum
}
`)).toEqual([
      'output-uses-target 7:10: the output `direct` depends on the target `t`',
      'output-uses-target 8:10: the output `sum` depends on the target `t`',
      'output-uses-target 9:10: the output `sideways` depends on the target `t`',
    ])
  })

  it('hold their classes when data comes in', async () => {
    const text = 'model M {\n  target y: int[n] in 0..3\n  loss sum(y)\n}\n'
    expect((await run(text, { y: [0, 2] })).loss).toBe(2)
    await expect(run(text, { y: [0, 3] })).rejects.toThrow(/3.*0\.\.3/)
  })
})

describe('constants', () => {
  const TEXT = `
const N = 3
const SQUARES = [i^2 for i in 0..N]
const NAME = if N > 2 then "big" else "small"
model M {
  param w: real[N] ~ zeros()
  output squares = SQUARES
  output big = if NAME == "big" then 1 else 0
  output w
}
`
  it('are computed when the model is compiled', async () => {
    await expectOutputs(TEXT, {}, { squares: [0, 1, 4], big: 1, w: [0, 0, 0] })
  })

  it('are replaced from outside, and what depends on them follows', async () => {
    await expectOutputs(TEXT, {}, { squares: [0, 1], big: 0, w: [0, 0] }, { constants: { N: 2 } })
    await expectOutputs(TEXT, {}, { squares: [5, 6] }, { constants: { SQUARES: [5, 6], N: 1 } })
    await expect(run(TEXT, {}, { constants: { N: 2.5 } })).rejects.toThrow(/type-mismatch/)
    await expect(run(TEXT, {}, { constants: { M: 2 } })).rejects.toThrow(/unknown-constant/)
  })

  it('go through any function', async () => {
    await expectOutputs(`
const V = [1.0, 2.0, 4.0]
const TOTAL = sum(V)
const TABLE = reshape(arange(6), [2, 3])
const FORM = V @ (2 * eye(3)) @ V
const PADDED = pad(concat([V, flip(V)]), [1, 0])
const PICKED = V[[2, 0]]
const PAIRS = TABLE[[0, 1], [2, 0]]
const ORDER = argmax(V)
const RUNNING = cumsum(V)
const PARTS = softmax([0, 0]) + mean([[1, 2], [3, 4]], axis = 1)
const STACKED = transpose(stack([V, repeat([1, 2, 3], 1)], axis = 1))
const NORM = norm([3, 4])
fn twice(x: real[n]) -> real = 2 * sum(x)
const CALLED = twice(V)
model M {
  output total = TOTAL
  output table = TABLE
  output form = FORM
  output padded = PADDED
  output picked = PICKED
  output pairs = PAIRS
  output size = zeros([ORDER])
  output running = RUNNING
  output parts = PARTS
  output stacked = STACKED
  output norm = NORM
  output called = CALLED
}
`, {}, {
      total: 7, table: [[0, 1, 2], [3, 4, 5]], form: 42, padded: [0, 1, 2, 4, 4, 2, 1], picked: [4, 1], pairs: [2, 3], size: [0, 0], running: [1, 3, 7],
      parts: [2, 4], stacked: [[1, 2, 4], [1, 2, 3]], norm: 5, called: 14,
    })
  })
})

describe('files', () => {
  const LIB = `
use std.loss.mse
const K = 2
layer block(x: real[..., n]) -> real[..., K] {
  param W: real[n, K] ~ ones()
  return helper(x @ W)
}
fn helper(x: real[...]) -> real[...] = K * x
fn error(x: real[n], y: real[n]) -> real = mse(x, y)
`
  it('give each other constants, functions and layers, which see their own names', async () => {
    const { parameters } = await expectOutputs(`
use "./lib.bp".{block, error, K}
const N = 10
fn helper(x: real) -> real = x + N
model M {
  input x: real[batch, 3]
  output y = block(x) + K
  output z = helper(1)
  output e = error([1, 2], [1, 4])
}
`, { x: [[1, 2, 3]] }, { y: [[14, 14]], z: 11, e: 2 }, { files: { 'lib.bp': LIB } })
    expect(Object.keys(parameters)).toEqual(['y.block.W'])
  })

  it('of the standard library are files like others', async () => {
    const { outputs } = await run('use std.loss.mse\nuse std.nn.{dense}\nmodel M {\n  input x: real[batch, 2]\n  output y = dense(x, 3)\n  output e = mse([1, 2], [2, 4])\n}\n', { x: [[1, 2]] })
    expect(outputs['e']).toBe(2.5)
    expect(outputs['y']).toHaveLength(1)
  })
})
