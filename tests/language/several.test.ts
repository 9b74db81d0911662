import { describe, expect, it } from 'vitest'
import { complaints } from './run'

/** `code line:column` of everything that is said. */
const said = async (text: string, files: Readonly<Record<string, string>> = {}) => (await complaints(text, { files })).map(line => line.replace(/^(\S+ \S+ ?\S*):.*/, '$1').replace(/: .*/, ''))

describe('several mistakes in a file', () => {
  it('are all told in one run, each once', async () => {
    expect(await said(`model M {
  input x: real[batch, 3]
  param W: real[4, 2] ~ zeros()
  let a = x @ W
  let b = sin(nothing)
  output y = a
  output z = b + tanh(1, 2)
  loss sum(W, axis = 5)
  frozen V
}
`)).toEqual(['matrix-mismatch 4:13', 'unknown-name 5:15', 'argument-count 7:18', 'axis-out-of-range 8:22', 'unknown-parameter 9:10'])
  })

  it('stand in functions, layers, constants and models', async () => {
    expect(await said(`const K = [1, [2, 3]]
fn f(x: real[n]) -> real = sum(y)
layer g(x: real[n]) -> real[n] {
  param w: real[n] ~ ones()
  return x @ w
}
model A {
  output a = f([1, 2]) + K[0]
  output b = g([1, 2]) * 2
}
model B {
  output c = zeros([2]) + zeros([3])
}
`)).toEqual(['list-mismatch 1:15', 'unknown-name 2:32', 'result-mismatch 5:3', 'broadcast-mismatch 12:25'])
  })

  it('of spelling do not hide those of sizes below', async () => {
    expect(await said(`model M {
  input x: real[batch, 3
  let y = f(
  output z = zeros([2]) + zeros([3])
}
`)).toEqual(['unclosed-bracket 2:16', 'unclosed-bracket 3:12', 'broadcast-mismatch 4:25'])
  })
})

describe('one mistake is told once', () => {
  it('when a name that is missing is used often', async () => {
    expect(await said(`model M {
  input x: real[batch]
  param w: real[hidden, 3] ~ zeros()
  param v: real[hidden] ~ zeros()
  output y = w @ v
  output z = zeros([hidden]) + hidden
}
`)).toEqual(['unknown-dimension 3:17'])
  })

  it('when an import does not exist', async () => {
    expect(await said(`use std.nn.{dens}
model M {
  input x: real[3]
  layer enc = dens(3)
  output y = dens(x, 3)
  output w = enc(x) |> dens(4) |> tanh
  loss sum(y.dens.W)
  frozen enc.W
}
`)).toEqual(['unknown-import 1:13'])
  })

  it('when a function is not imported at all', async () => {
    expect(await said('model M {\n  input x: real[3]\n  layer enc = linear(3)\n  output y = linear(x, 3) + enc(x)\n}\n')).toEqual(['unknown-function 3:15'])
  })

  it('when a layer with a mistake is called', async () => {
    expect(await said(`layer f(x: real[n]) -> real[n] {
  param w: real[n] ~ glorott()
  return x * w
}
model M {
  input x: real[3]
  let a = f(x)
  let b = f(a)
  output y = a + b
  loss sum(a.f.w)
  frozen b.f.w
}
`)).toEqual(['unknown-initializer 2:22'])
  })

  it('when a constant, an input or a let is wrong', async () => {
    expect(await said(`const N = M + 1
model A {
  input x: real[N]
  input q: floaty[3]
  param w: real[N] ~ zeros()
  let (a, b) = sum(x)
  output y = x + w + q
  output z = a[3] + b
}
`)).toEqual(['unknown-name 1:11', 'unknown-type 4:12'])
  })

  it('when a statement cannot be read: its names count as declared', async () => {
    expect(await said(`model M {
  x: real[time]
  inputt y: real[time]
  let a = x + y
  var h = 0
  for t in 0..time { h = h + a[t] }
  output h
}
`)).toEqual(['unknown-statement 2:3', 'unknown-statement 3:3'])
  })

  it('when a size stays open through many layers', async () => {
    expect(await said(`layer linear(x: real[..., n], out: int) -> real[..., out] {
  param W: real[n, out] ~ glorot()
  return x @ W
}
model M {
  input x: real[batch, n]
  let a = linear(x, 3)
  let b = linear(x, 2)
  output y = a
  output z = b
  frozen a.linear.W
}
`)).toEqual(['inside-call 7:11'])
  })

  it('when a routine of another file is wrong inside', async () => {
    expect(await said('use "./lib.bp".{f}\nmodel M {\n  output y = f([1, 2])\n  output z = f([1, 2, 3])\n}\n', { 'lib.bp': 'fn f(x: real[n]) -> real = x[2]\n' })).toEqual(['inside-call 3:14'])
  })
})
