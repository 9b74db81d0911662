import { describe, expect, it } from 'vitest'
import { expectGradients, expectOutputs, expectValue } from './expect'

describe('a loop', () => {
  it('carries vars and yields rows', async () => {
    await expectOutputs(`model M {
  input x: real[time, 2]
  param w: real ~ constant(2)
  var h = zeros([2])
  let hs = for t in 0..time {
    h = h * w + x[t]
    yield h
  }
  output all = hs
  output last = h
}
`, { x: [[1, 2], [3, 4], [5, 7]] }, { all: [[1, 2], [5, 8], [15, 23]], last: [15, 23] })
  })

  it('has several carries, assigned together', async () => {
    await expectOutputs(`model M {
  var p = 1
  var q = 2
  for i in 0..3 { (p, q) = (q, p + q) }
  output p
  output q
}
`, {}, { p: 5, q: 8 })
  })

  it('yields several values', async () => {
    await expectOutputs(`model M {
  input x: real[time]
  let (steps, places) = for t in 1..time { yield x[t] - x[t - 1], t }
  output steps
  output places
}
`, { x: [1, 4, 9] }, { steps: [3, 5], places: [1, 2] })
  })

  it('yields the results of a function that has several', async () => {
    await expectOutputs(`
fn both(x: real) -> (real, real) { return 2 * x, x^2 }
model M {
  input x: real[time]
  let (twice, squares) = for t in 0..time { yield both(x[t]) }
  output twice
  output squares
}
`, { x: [1, 4] }, { twice: [2, 8], squares: [1, 16] })
  })

  it('goes over the rows of a tensor', async () => {
    await expectOutputs(`
const EDGES = [[0, 1], [1, 2], [2, 0]]
model M {
  input u: real[3]
  input x: real[n, 2]
  var sum = 0.0
  for [i, j] in EDGES { sum = sum + u[i] * u[j] }
  output sum
  output gaps = [u[i] - u[j] for [i, j] in EDGES]
  output firsts = [row[0] for row in x]
  output swapped = [[b, a] for [a, b] in x]
}
`, { u: [1, 2, 4], x: [[1, 2], [3, 4]] }, { sum: 14, gaps: [-1, -2, 3], firsts: [1, 3], swapped: [[2, 1], [4, 3]] })
  })

  it('nests, and inner loops carry the vars of outer blocks', async () => {
    await expectOutputs(`model M {
  input x: real[time, 2]
  var n = 0
  for i in 0..time { for j in 0..2 { n = n + i * j } }
  output n
  output m = for i in 0..time {
    let row = for j in 0..2 { yield x[i, j] * (i + 1) }
    yield row
  }
  output table = [[i * j for j in 0..3] for i in 0..2]
}
`, { x: [[1, 2], [3, 4], [5, 7]] }, { n: 3, m: [[1, 2], [6, 8], [15, 21]], table: [[0, 0, 0], [0, 1, 2]] })
  })

  it('of no trips gives size 0 and leaves the vars as they were', async () => {
    const text = `model M {
  input x: real[time, 2]
  param w: real[2] ~ ones()
  var h = ones([2])
  let hs = for t in 0..time {
    h = h * w + x[t]
    yield h
  }
  output hs
  output h
  output none = [i for i in 3..3]
  output turned = [i for i in 3..2]
  loss sum(h) + sum(hs)
}
`
    const { gradients } = await expectOutputs(text, { x: { data: [], shape: [0, 2] } }, { hs: [], h: [1, 1], none: [], turned: [] })
    expect(gradients).toEqual({ w: [0, 0] })
  })

  it('makes an int var real where it takes reals', async () => {
    await expectOutputs(`model M {
  var half = 0
  for i in 0..3 { half = half + 0.5 }
  output half
  var count = 0
  for i in 0..3 { count = count + 1 }
  output count = idiv(count, 2)
  var late = 0
  late = 1.5
  output late
  var any = false
  for i in 0..3 { any = any or i == 2 }
  output any
}
`.replace('output count = idiv(count, 2)', 'output halved = idiv(count, 2)'), {}, { half: 1.5, halved: 1, late: 1.5, any: true })
  })

  it('has lets of its own', async () => {
    await expectOutputs(`model M {
  let a = 1
  var s = 0
  for i in 0..3 { let a = 10 * i
    s = s + a }
  output s
  output a
}
`, {}, { s: 30, a: 1 })
  })

  it('hides outer vars behind those it declares itself, afresh in each iteration', async () => {
    await expectOutputs(`model M {
  var h = 1
  for i in 0..3 {
    var h = 10
    h = h + 1
  }
  output h
  var k = 1
  for i in 0..3 {
    k = k * 2
    let z = for j in 0..2 {
      var k = 5
      k = k + j
      yield k
    }
    k = k + z[1]
  }
  output k
}
`, {}, { h: 1, k: ((1 * 2 + 6) * 2 + 6) * 2 + 6 })
  })

  it('starts where its range starts, and its counter is an int of run time', async () => {
    await expectValue('[10 * i for i in 2..5]', [20, 30, 40])
    await expectValue('[v[i] for i in 1..3]', [2, 4], '  input v: real[3]', { v: [1, 2, 4] })
    await expectValue('[if i % 2 == 0 then v[i] else -v[i] for i in 0..3]', [1, -2, 4], '  input v: real[3]', { v: [1, 2, 4] })
  })

  it('is differentiated through time', async () => {
    await expectGradients(`model M {
  input x: real[time, 3]
  param A: real[2, 2] ~ normal(0, 0.5)
  param B: real[3, 2] ~ glorot()
  param c: real[2] ~ uniform(-1, 1)
  var h = zeros([2])
  let hs = for t in 0..time {
    h = tanh(h @ A + x[t] @ B + c)
    yield h
  }
  loss mean(hs^2) + sum(h) + sum([row @ c for row in hs]^2)
}
`, { x: [[0.1, 0.5, -0.3], [0.7, -0.2, 0.4], [-0.6, 0.3, 0.2], [0.4, 0.8, -0.5]] })
  })

  it('in a loop is differentiated through both', async () => {
    await expectGradients(`model M {
  input x: real[n]
  param w: real ~ constant(0.7)
  param v: real[2] ~ uniform(-1, 1)
  var s = 0.0
  for i in 0..n {
    var r = x[i]
    for j in 0..2 { r = sin(r * w + v[j]) }
    s = s + r * x[n - 1 - i]
  }
  loss s^2
}
`, { x: [0.3, -0.8, 1.1] })
  })
})
