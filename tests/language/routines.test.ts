import { describe, expect, it } from 'vitest'
import { expectOutputs } from './expect'
import { complaints } from './run'

describe('a function', () => {
  it('takes arguments by place, by name, by pipe and by default', async () => {
    await expectOutputs(`
fn f(x: real[n], k: real = 2, shift: real = 0) -> real[n] = k * x + shift
model M {
  input x: real[3]
  output plain = f(x)
  output piped = x |> f(3)
  output named = x |> f(shift = 1)
  output mixed = f(k = 5, x = x)
  output all = f(x, 1, 2)
  output chained = x |> f |> f(k = 3) |> sum
  output listed = f([1, 2])
}
`, { x: [1, 2, 3] }, { plain: [2, 4, 6], piped: [3, 6, 9], named: [3, 5, 7], mixed: [5, 10, 15], all: [3, 4, 5], chained: 36, listed: [2, 4] })
  })

  it('defaults may use the arguments before them', async () => {
    await expectOutputs('fn f(x: real, y: real = 2 * x) -> real = x + y\nmodel M {\n  output a = f(1)\n  output b = f(1, 5)\n}\n', {}, { a: 3, b: 6 })
  })

  it('takes any leading dimensions with `...`, and arguments broadcast to them', async () => {
    await expectOutputs(`
fn inner(x: real[..., n], y: real[..., n]) -> real[...] = sum(x * y, axis = -1)
fn twice(x: real[...]) -> real[...] = 2 * x
model M {
  input x: real[3]
  input y: real[2, 3]
  output mixed = inner(y, x)
  output plain = inner(x, x)
  output scalar = twice(3)
  output deep = twice([[y]])
}
`, { x: [1, 2, 3], y: [[1, 2, 3], [4, 5, 6]] }, { mixed: [14, 32], plain: 14, scalar: 6, deep: [[[[2, 4, 6], [8, 10, 12]]]] })
  })

  it('gives several results', async () => {
    await expectOutputs(`
fn moments(x: real[n]) -> (real, real) {
  let m = mean(x)
  return m, mean((x - m)^2)
}
fn swap(a: real, b: real) -> (real, real) = (b, a)
fn again(x: real[n]) -> (real, real) { return moments(x) }
model M {
  input x: real[n]
  let (m, v) = moments(x)
  output m
  output v
  var a = 1.0
  var b = 2.0
  (a, b) = swap(a, b)
  output a
  output b
  let (p, q) = again(x)
  output both = p + q
}
`, { x: [1, 2, 3] }, { m: 2, v: 2 / 3, a: 2, b: 1, both: 2 + 2 / 3 })
  })

  it('has strings, bools and sizes that are known when it is compiled', async () => {
    await expectOutputs(`
fn choose(x: real[n], mode: string = "add", flag: bool = true) -> real[n] =
  if mode == "add" then x + 1 else if flag then x * 10 else -x
fn spread(x: real[n], m: int) -> real[m] = zeros([m]) + sum(x)
fn pick(x: real[n], i: int) -> real = x[i]
model M {
  input x: real[3]
  input i: int
  output a = choose(x)
  output b = choose(x, "mul")
  output c = choose(x, mode = "mul", flag = false)
  output d = spread(x, 4)
  output e = pick(x, i)
  output f = pick(x, 2)
}
`, { x: [1, 2, 3], i: -1 }, { a: [2, 3, 4], b: [10, 20, 30], c: [-1, -2, -3], d: [6, 6, 6, 6], e: 3, f: 3 })
  })

  it('works a static default out from sizes, arguments and defaults before it, where a call gives none', async () => {
    await expectOutputs(`
fn wide(x: real[b, n], k: int = 2 * n + b) -> real[k] = arange(k) * sum(x)
fn sized(x: real[b, n], k: int = size(x, 1)) -> real[k] = ones([k]) * size(x, 0)
fn chain(x: real[n], k: int = n, m: int = k + 1) -> real[k, m] = ones([k, m]) * sum(x)
fn held(x: real[b, n], y: real[k], k: int = n) -> real[k] = y * sum(x)
fn signed(x: real[n], keep: bool = n > 2) -> real[n] = if keep then x else -x
layer net(x: real[b, n], out: int = n) -> real[b, out] { param W: real[n, out] ~ ones()
  return x @ W }
gate turn(t: real, k: int = idiv(n, 2)) q: qubit[n] { for i in 0..k { rx(t) q[i] } }
circuit c(x: real[n], k: int = n - 1) -> real[k] {
  qubits q[n]
  ry(x) q
  turn(pi) q
  return [expect(Z(q[i])) for i in 0..k]
}
model M {
  input x: real[1, 2]
  layer same = net()
  output a = wide(x)
  output b = wide(x, 2)
  output e = sized(x)
  output f = chain([1, 2])
  output g = chain([1, 2], m = 1)
  output h = held(x, [1, 2])
  output i = signed([1, 2])
  output j = signed([1, 2, 3])
  output k = same(x)
  output l = net(x, 1)
  output m = c([0, 0, 0])
}
`, { x: [[1, 2]] }, {
      a: [0, 3, 6, 9, 12], b: [0, 3], e: [1, 1], f: [[3, 3, 3], [3, 3, 3]], g: [[3], [3]], h: [3, 6], i: [-1, -2], j: [1, 2, 3], k: [[3, 3]], l: [[3]], m: [-1, 1],
    })
  })

  it('holds an argument to a size that a default gives, and says what is wrong with a default', async () => {
    expect(await complaints(`fn held(x: real[n], y: real[k], k: int = n) -> real[k] = y * sum(x)
fn off(x: real, by: real = [1, 2] @ [3, 4, 5]) -> real = by * x
model M {
  output a = held([1, 2], [1, 2, 3])
  output b = off(1)
}
`)).toEqual([
      'shape-mismatch 4:27: `held` takes real[2], but `[1, 2, 3]` is real[3]',
      'inside-call 5:14: in this call of `off`: `@` cannot multiply int[2] by int[3]: the inner sizes are 2 and 3',
    ])
  })

  it('has vars and loops of its own, and is not changed by its caller\'s names', async () => {
    await expectOutputs(`
const x = 100
fn power(b: real, n: int) -> real {
  var p = 1.0
  for i in 0..n { p = p * b }
  return p
}
fn seen(y: real) -> real = y + x
model M {
  let p = 7
  output cube = power(2, 3)
  output p
  output far = seen(p)
}
`, {}, { cube: 8, p: 7, far: 107 })
  })

  it('calls itself on its own result without being recursive', async () => {
    await expectOutputs('fn f(x: real) -> real = x + 1\nmodel M {\n  output y = f(f(f(1)))\n}\n', {}, { y: 4 })
  })

  it('is checked whether or not it is called, for all sizes at once', async () => {
    expect(await complaints('fn f(x: real[n], y: real[m]) -> real[n] = x + y\nmodel M {\n  output y = 1\n}\n')).toEqual([
      'broadcast-mismatch 1:45: `+` cannot combine real[n] and real[m]: n against m in the last axis',
    ])
  })

  it('called where it is wrong says nothing more', async () => {
    expect(await complaints('fn f(x: real[n]) -> real[n] = sum(x)\nmodel M {\n  output a = f([1, 2])\n  output b = f([1, 2]) + 1\n}\n')).toEqual([
      'result-mismatch 1:31: `f` returns real, its signature says real[n]',
    ])
  })
})

describe('names', () => {
  it('of values and of functions do not meet', async () => {
    await expectOutputs('model M {\n  input x: real[2]\n  let mean = mean(x)\n  let sum = sum(x) + mean\n  output sum\n}\n', { x: [1, 3] }, { sum: 6 })
  })

  it('may be Greek', async () => {
    await expectOutputs('model M {\n  param θ: real ~ constant(2)\n  let λ_1 = θ * π\n  output φ = λ_1\n}\n', {}, { φ: 2 * Math.PI })
  })
})
