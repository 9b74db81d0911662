import { describe, it } from 'vitest'
import { accept } from './accept'

const { log, tanh, sin, cos, exp } = Math

describe('classical programs equal their closed forms', () => {
  it('softmax regression from zero: loss log 3, gradients of p − one_hot', () => accept(`
    use std.loss.cross_entropy
    model M {
      input x: real[batch, 2]
      target y: int[batch] in 0..3
      param W: real[2, 3] ~ zeros()
      let logits = x @ W
      output p = softmax(logits)
      metric accuracy = mean(argmax(logits) == y)
      loss cross_entropy(logits, y)
    }`, { x: [[1, 2], [3, -4]], y: [0, 2] }, {
    loss: log(3),
    outputs: { p: [[1 / 3, 1 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3]] },
    metrics: { accuracy: 0.5 },
    gradients: { W: [[(-2 / 3 + 1) / 2, (1 / 3 + 1) / 2, (1 / 3 - 2) / 2], [(-4 / 3 - 4 / 3) / 2, (2 / 3 - 4 / 3) / 2, (2 / 3 + 8 / 3) / 2]] },
  }))

  it('dense layers: parameters by path, one set a call', () => accept(`
    use std.nn.dense
    model M {
      input x: real[batch, 1]
      let h = x |> dense(1) |> tanh
      let y = h |> dense(1)
      output y
      loss sum(y)
    }`, { x: [[0.5]], 'h.dense.W': [[0.8]], 'h.dense.b': [0.1], 'y.dense.W': [[-1.5]], 'y.dense.b': [0.2] }, {
    loss: -1.5 * tanh(0.5) + 0.2,
    gradients: {
      'y.dense.W': [[tanh(0.5)]], 'y.dense.b': [1],
      'h.dense.W': [[-1.5 * (1 - tanh(0.5) ** 2) * 0.5]], 'h.dense.b': [-1.5 * (1 - tanh(0.5) ** 2)],
    },
  }))

  it('one named layer in two places: gradients add up', () => accept(`
    layer scale(x: real[..., n]) -> real[..., n] { param a: real ~ ones()
      return a * x }
    model M {
      input x: real[2]
      layer twice = scale()
      let y = twice(twice(x))
      output y
      loss sum(y)
    }`, { x: [1, 2], 'twice.a': 3 }, { loss: 27, outputs: { y: [9, 18] }, gradients: { 'twice.a': 2 * 3 * 3 } }))

  it('a loop with a symbolic trip count: a geometric series and its derivative', () => accept(`
    model M {
      input x: real[time]
      param a: real ~ zeros()
      var h = 0.0
      let hs = for t in 0..time {
        h = a * h + x[t]
        yield h
      }
      output hs
      loss h
    }`, { x: [1, 1, 1, 1], a: 0.5 }, {
    loss: (1 - 0.5 ** 4) / (1 - 0.5), outputs: { hs: [1, 1.5, 1.75, 1.875] },
    // d/da (1 + a + a² + a³)
    gradients: { a: 1 + 2 * 0.5 + 3 * 0.25 },
  }))

  it('first, second and mixed derivatives as expressions', () => accept(`
    model M {
      input x: real[2]
      let f = x[0]^3 * x[1] + sin(x[1])
      output g = grad(f, x)
      output H = hessian(f, x)
      output J = jacobian(x * x[0], x)
    }`, { x: [2, 0.3] }, {
    outputs: {
      g: [3 * 4 * 0.3, 8 + cos(0.3)], H: [[6 * 2 * 0.3, 12], [12, -sin(0.3)]], J: [[4, 0], [0.3, 2]],
    },
  }))

  it('a loss of a derivative: the model is trained on its own slope', () => accept(`
    model M {
      input x: real
      target slope: real
      param w: real ~ zeros()
      let y = sin(w * x)
      loss (grad(y, x) - slope)^2
    }`, { x: 0.7, slope: 0.25, w: 1.3 }, {
    loss: (1.3 * cos(0.91) - 0.25) ** 2,
    gradients: { w: 2 * (1.3 * cos(0.91) - 0.25) * (cos(0.91) - 1.3 * 0.7 * sin(0.91)) },
  }))

  it('stop blocks a derivative', () => accept(`
    model M { param a: real ~ zeros()
      loss a * stop(a) }`, { a: 3 }, { loss: 9, gradients: { a: 3 } }))

  it('losses of the standard library', () => accept(`
    use std.loss.{mse, mae, huber, binary_cross_entropy}
    model M {
      input p: real[n]
      target y: real[n]
      output squared = mse(p, 0 * p + 1)
      output absolute = mae(p, 0 * p + 1)
      output robust = huber(p, 0 * p + 1, delta = 1)
      output binary = binary_cross_entropy(p, 0 * p + 1)
      loss mse(p, y)
    }`, { p: [1, 1.5, -2], y: [0, 0, 0] }, {
    loss: (1 + 2.25 + 4) / 3,
    outputs: {
      squared: (0.25 + 9) / 3, absolute: 3.5 / 3, robust: (0.125 + 2.5) / 3,
      binary: (log(1 + exp(-1)) + log(1 + exp(-1.5)) + log(1 + exp(2))) / 3,
    },
  }))

  it('losses lose nothing for logits of ±1000', () => accept(`
    use std.loss.{cross_entropy, binary_cross_entropy}
    model M {
      param z: real[2] ~ zeros()
      target y: int in 0..2
      let classes = cross_entropy(z, y)
      let binary = binary_cross_entropy(z, [0, 1])
      loss classes + binary
    }`, { z: [1000, -1000], y: 1 }, { loss: 2000 + 1000, gradients: { z: [1 + 0.5, -1 - 0.5] } }))

  it('a class that is impossible and not asked for adds nothing', () => accept(`
    use std.loss.cross_entropy
    model M {
      input mask: real[3]
      param z: real[3] ~ zeros()
      target y: int in 0..3
      loss cross_entropy(z + log(mask), y)
    }`, { mask: [1, 1, 0], z: [0, 0, 0], y: 0 }, { loss: log(2), gradients: { z: [-0.5, 0.5, 0] } }))

  it('several losses are added', () => accept(`
    model M { param a: real[2] ~ zeros()
      loss sum(a^2)
      loss 0.1 * sum(abs(a)) }`, { a: [2, -3] }, { loss: 13.5, gradients: { a: [4.1, -6.1] } }))
})
