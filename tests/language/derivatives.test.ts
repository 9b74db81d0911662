import { describe, expect, it } from 'vitest'
import { expectGradients, expectOutputs } from './expect'
import { complaints } from './run'

describe('grad(y, x)', () => {
  it('treats x as independent: equal expressions elsewhere are not x', async () => {
    // x = 3, a = b = 6.
    await expectOutputs(`model M {
  input x: real
  let a = 2*x
  let b = 2*x
  let c = a
  output by_let = grad(a*b, a)
  output by_input = grad(a*b, x)
  output new_variable = grad(c*a, c)
  output through_new = grad(c*a, a)
  output equal_is_not_x = grad(2*x*a, a)
}
`, { x: 3 }, { by_let: 6, by_input: 24, new_variable: 6, through_new: 12, equal_is_not_x: 6 })
  })

  it('is blocked by stop', async () => {
    await expectOutputs(`model M {
  input x: real
  let a = 2*x
  let s = stop(a)
  output one = grad(stop(x)*x, x)
  output two = grad(s*a, x)
  output by_stopped = grad(s*a, s)
}
`, { x: 3 }, { one: 3, two: 12, by_stopped: 6 })
  })

  it('is by a parameter, an argument, an instance\'s parameter or a var\'s present value', async () => {
    await expectOutputs(`
fn energy(q: real[n], k: real) -> real = k * sum(q^2) / 2
fn force(q: real[n], k: real) -> real[n] = -grad(energy(q, k), q)
layer line(x: real[n]) -> real {
  param w: real[n] ~ ones()
  return sum(w * x)
}
model M {
  input q: real[2]
  param k: real ~ constant(3)
  layer l = line()
  let e = l(q)^2
  var v = q[0]
  let before = v^2
  v = 5 * v
  output by_argument = force(q, k)
  output by_parameter = grad(energy(q, k), k)
  output by_instance = grad(e, l.w)
  output by_var = grad(v^3, v)
  output earlier_value = grad(before + v, q)
}
`, { q: [1, 2] }, { by_argument: [-3, -6], by_parameter: 2.5, by_instance: [6, 12], by_var: 75, earlier_value: [7, 0] })
  })

  it('nests', async () => {
    await expectOutputs(`model M {
  input x: real
  output second = grad(grad(x^3, x), x)
  output third = grad(grad(grad(sin(x), x), x), x)
  let g = grad(x^4, x)
  output mixed = grad(g * x, x)
}
`, { x: 0.5 }, { second: 3, third: -Math.cos(0.5), mixed: 16 * 0.5 ** 3 })
  })

  it('stands in loops, by what is there and by what is outside', async () => {
    await expectOutputs(`model M {
  input x: real[n]
  param w: real ~ constant(2)
  output by_let = for t in 0..n {
    let u = x[t] * w
    yield grad(u^2, u)
  }
  output by_parameter = for t in 0..n { yield grad(w^2 * x[t], w) }
  var h = 1.0
  output by_carry = for t in 0..n {
    let y = h^2 * x[t]
    yield grad(y, h)
    h = h + 1
  }
  output in_both = for t in 0..n {
    yield for s in 0..n {
      let r = x[s] * x[t]
      yield grad(r^2, r)
    }
  }
  output hessians = for t in 0..n {
    let r = x[t]
    yield hessian(r^3, r)
  }
}
`, { x: [2, 3] }, { by_let: [8, 12], by_parameter: [8, 12], by_carry: [4, 12], in_both: [[8, 12], [12, 18]], hessians: [12, 18] })
  })

  it('goes through loops', async () => {
    await expectOutputs(`model M {
  input x: real[n]
  param w: real ~ constant(2)
  var p = 1.0
  for t in 0..n { p = p * x[t] }
  var h = 1.0
  for t in 0..n { h = h * w }
  output product = grad(p, x)
  output second = hessian(p, x)
  output power = grad(h, w)
  output bend = grad(grad(h, w), w)
}
`, { x: [2, 3, 4] }, { product: [12, 8, 6], second: [[0, 4, 3], [4, 0, 2], [3, 2, 0]], power: 12, bend: 12 })
  })

  it('by what y does not depend on is zero, with a warning', async () => {
    const { warnings } = await expectOutputs('model M {\n  input x: real[2]\n  input y: real\n  output z = grad(y^2, x)\n}\n', { x: [1, 2], y: 3 }, { z: [0, 0] })
    expect(warnings).toEqual(['no-dependence 4:14: `y^2` does not depend on `x`: this derivative is zero everywhere'])
  })

  it('in a loss trains a model on its derivatives', async () => {
    await expectGradients(`
fn energy(q: real[n], w: real[n, 4], v: real[4]) -> real = sum(tanh(q @ w) * v)
model M {
  input q: real[batch, 2]
  target f: real[batch, 2]
  param w: real[2, 4] ~ glorot()
  param v: real[4] ~ uniform(-1, 1)
  let forces = for b in 0..batch {
    let p = q[b]
    yield -grad(energy(p, w, v), p)
  }
  loss mean((forces - f)^2)
}
`, { q: [[0.1, 0.2], [-0.4, 0.3], [0.5, -0.6]], f: [[1, 0], [0, 1], [0.5, 0.5]] })
  })
})

describe('jacobian and hessian', () => {
  it('have the shapes y ++ x and x ++ x', async () => {
    await expectOutputs(`model M {
  input x: real[2]
  input A: real[2, 2]
  output square = jacobian(x^2, x)
  output product = jacobian(A @ x, A)
  output scalar = jacobian(sum(x), x)
  output second = hessian(x[0]^2 * x[1], x)
  output by_matrix = hessian(sum(A^3), A)
}
`, { x: [2, 3], A: [[1, 2], [3, 4]] }, {
      square: [[4, 0], [0, 6]], product: [[[2, 3], [0, 0]], [[0, 0], [2, 3]]], scalar: [1, 1], second: [[6, 4], [4, 0]],
      by_matrix: [[[[6, 0], [0, 0]], [[0, 12], [0, 0]]], [[[0, 0], [18, 0]], [[0, 0], [0, 24]]]],
    })
  })
})

describe('kinks', () => {
  it('have the derivatives that are written down', async () => {
    await expectOutputs(`model M {
  input x: real
  input v: real[3]
  output at_zero = grad(relu(x), x)
  output absolute = grad(abs(x), x)
  output norm = grad(norm(v), v)
  output power = grad(x^2, x)
  output zeroth = grad(x^0, x)
  output halves = grad(max(x, 0), x)
  output clamped = grad(clamp(x, 0, 1), x)
  output first = grad(max(v), v)
  output product = grad(prod(v), v)
  output guarded = grad(if x > 0 then log(x) else x, x)
  output deviation = grad(std(v), v)
}
`, { x: 0, v: [0, 0, 0] }, {
      at_zero: 0, absolute: 0, norm: [0, 0, 0], power: 0, zeroth: 0, halves: 0.5, clamped: 1, first: [1, 0, 0], product: [0, 0, 0], guarded: 1, deviation: [0, 0, 0],
    })
  })
})

describe('a derivative is refused', () => {
  it('where x reaches y through a var from an earlier iteration', async () => {
    const text = (line: string) => `model M {\n  param w: real ~ ones()\n  var h = 1.0\n  var k = 1.0\n  output gs = for t in 0..3 {\n    h = h * w\n    k = k + h\n    yield ${line}\n  }\n}\n`
    expect(await complaints(text('grad(h, w)'))).toEqual(['derivative-across-iterations 8:11: `w` also reaches this value through a `var` from an earlier iteration'])
    expect(await complaints(text('grad(k, w)'))).toHaveLength(1)
    expect(await complaints(text('grad(k, h)'))).toEqual([])
    expect(await complaints(text('grad(w * t, w) * k'))).toEqual([])
    // What `stop` or an index keeps back is no way.
    expect(await complaints(text('grad(w * stop(k), w)'))).toEqual([])
    expect(await complaints(text('grad(w * [1, 2][argmax([h, k])], w)'))).toEqual([])
  })

  it('but not where stop holds the var: a Hessian times what the loop changes', async () => {
    // u ← u + H(w) u / 10 twice, H = 2 I for |w|².
    await expectOutputs(`model M {
      param w: real[2]
      input v: real[2]
      let g = grad(sum(w^2), w)
      var u = v
      for i in 0..2 { u = u + 0.1 * grad(dot(g, stop(u)), w) }
      output u
    }`, { w: [3, -1], v: [1, 2] }, { u: [1.44, 2.88] })
  })
})
