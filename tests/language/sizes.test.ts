import { describe, expect, it } from 'vitest'
import { expectOutputs, expectValue } from './expect'
import { load, runModel } from './run'

describe('sizes', () => {
  it('are polynomials over names, compared in normal form', async () => {
    await expectOutputs(`
fn join(x: real[n + 1], y: real[n]) -> real[2*n + 1] = concat([x, y])
fn line(x: real[3, n]) -> real[n*3] = reshape(x, [n*3])
fn powers(x: real[2^n], y: real[n]) -> real[2^n] = x + y[0]
model M {
  input y: real[batch + 1]
  input z: real[2*batch]
  input x: real[batch]
  output joined = join(y, x)
  output lined = line(ones([3, batch]))
  output swapped = y + zeros([1 + batch])
  output pairs = reshape(z, [batch, 2])
  output counted = reshape(z, [-1, 2])
  output power = powers([1, 2, 3, 4], [1, 2])
}
`, { x: [1, 2], y: [1, 2, 3], z: [1, 2, 3, 4] }, {
      joined: [1, 2, 3, 1, 2], lined: [1, 1, 1, 1, 1, 1], swapped: [1, 2, 3], pairs: [[1, 2], [3, 4]], counted: [[1, 2], [3, 4]], power: [2, 3, 4, 5],
    })
  })

  it('are ints in expressions', async () => {
    await expectOutputs(`model M {
  input x: real[batch, 4]
  output half = batch / 2
  output sum = size(x, 0) + size(x, 1) * 2
  output shifted = batch + 1.5
  output square = batch^2
  output power = 2^batch
  output last = zeros([size(x, -1)])
}
`, { x: [[1, 2, 3, 4], [5, 6, 7, 8], [0, 0, 0, 0]] }, { half: 1.5, sum: 11, shifted: 4.5, square: 9, power: 8, last: [0, 0, 0, 0] })
  })

  it('divide exactly where a size stands, and elsewhere `/` gives a real', async () => {
    await expectOutputs(`
const N = 6
fn half(x: real[..., n]) -> real[..., n/2] = x[..., 0:n/2]
fn floor_half(x: real[n]) -> real[idiv(n, 2)] = x[0:idiv(n, 2)]
model M {
  input x: real[4]
  param w: real[N/2] ~ ones()
  output a = half(x)
  output b = floor_half([1, 2, 3, 4, 5])
  output c = [i for i in 0..N*2/3]
  output d = N / 4
  output e = w
}
`, { x: [1, 2, 3, 4] }, { a: [1, 2], b: [1, 2], c: [0, 1, 2, 3], d: 1.5, e: [1, 1, 1] })
  })

  it('that symbols leave open are held to when they are bound', async () => {
    const model = await load(`
fn half(x: real[n]) -> real[n/2] = x[0:n/2]
model M {
  input x: real[n]
  output y = half(x)
  output z = x[0:2]
}
`)
    expect((await runModel(model, { x: [1, 2, 3, 4] })).outputs).toEqual({ y: [1, 2], z: [1, 2] })
    await expect(runModel(model, { x: [1, 2, 3] })).rejects.toThrow(/n.*2|multiple/)
    await expect(runModel(model, { x: [] })).rejects.toThrow()
  })

  it('of 0 and 1 are sizes like others', async () => {
    await expectOutputs(`model M {
  input x: real[n, 2]
  output s = sum(x, axis = 0)
  output y = x * 2
  output p = prod(x)
}
`, { x: { data: [], shape: [0, 2] } }, { s: [0, 0], y: [], p: 1 })
  })

  it('of `let`s of static ints stand in shapes', async () => {
    await expectValue('zeros([k]) + 1', [1, 1, 1, 1], '  let k = 2 * 2')
  })
})
