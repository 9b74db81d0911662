/** Whole programs that the grammar has to carry: the first look of the language, four hard ones, and small ones. */

export const PROGRAMS: Readonly<Record<string, string>> = {
  moons: `/// A quantum layer between two dense ones.
use std.nn.dense
use std.loss.cross_entropy
use std.quantum.{angle_embedding, strongly_entangling}

circuit sandwich(x: real[4], w: real[depth, 4, 3]) -> real[4] {
  qubits q[4]
  angle_embedding(x) q
  strongly_entangling(w) q
  return [expect(Z(q[i])) for i in 0..4]
}

model Moons {
  input  x: real[batch, 2]
  target y: int[batch] in 0..2
  param  w: real[2, 4, 3] ~ uniform(0, 2*pi)

  let features = x |> dense(4) |> tanh
  let logits   = sandwich(pi * features, w) |> dense(2)

  output probability = softmax(logits)
  loss   cross_entropy(logits, y)
  metric accuracy = mean(argmax(logits) == y)
}

train Moons {
  data "moons.csv" { x = [x1, x2], y = label }
  holdout   0.2
  optimizer adam(rate = 0.02)
  epochs    40
  batch     32
  seed      7
}
`,

  costates: `/// A pendulum cart steered by its action sequence; the costate recursion of optimal control beside backpropagation.
precision f64
const T  = 100
const dt = 0.05

fn step(s: real[2], u: real) -> real[2] = [s[0] + dt * s[1], s[1] + dt * (u - 9.81 * sin(s[0]))]

model Swing {
  input start: real[2]
  input goal: real[2]
  param u: real[T] ~ zeros()

  var s = start
  let path = for t in 0..T {
    s = step(s, u[t])
    yield s
  }
  let cost = sum((s - goal)^2) + 1e-3 * sum(u^2)
  output path
  output backprop = grad(cost, u)

  /// λ_t = λ_{t+1} ∂step/∂s, from the last step to the first.
  var λ = 2 * (s - goal)
  let backwards = for k in 0..T {
    let t   = T - 1 - k
    let at  = if t > 0 then path[max(t - 1, 0)] else start
    let ut  = u[t]
    let nxt = step(at, ut)
    let du  = λ @ jacobian(nxt, ut) + 2e-3 * ut
    λ = λ @ jacobian(nxt, at)
    yield du
  }
  output costate = flip(backwards, axis = 0)
  loss cost
}
`,

  'lattice-vae': `/// A variational autoencoder that coarse-grains a free scalar field on a ring.
use std.nn.dense
use std.prob.kl_standard_normal
const SITES = 32
const LATENT = 5

layer encoder(φ: real[batch, SITES]) -> real[batch, 2 * LATENT] = φ |> dense(2 * LATENT)

model Coarse {
  input φ: real[batch, SITES]
  let code  = encoder(φ)
  let μ     = code[:, :LATENT]
  let logσ  = code[:, LATENT:]
  let z     = μ + exp(logσ) * random.normal([batch, LATENT])
  let again = z |> dense(SITES)
  output μ
  output again
  loss sum((φ - again)^2) / (2 * 0.05) / batch + mean(kl_standard_normal(μ, logσ))
}
`,

  'predictive-coding': `/// A two-layer predictive-coding network: values relax on local prediction errors, then weights follow the same energy.
model PredictiveCoding {
  input  x: real[batch, 64]
  target y: real[batch, 10]
  param W1: real[64, 32] ~ glorot()
  param W2: real[32, 10] ~ glorot()

  var v = tanh(x @ W1)
  for k in 0..50 {
    let energy = sum((v - tanh(x @ W1))^2) / 2 + sum((y - v @ W2)^2) / 2
    v = v - 0.1 * grad(energy, v)
  }
  let settled = stop(v)
  let e1 = settled - tanh(x @ W1)
  let e2 = y - settled @ W2
  metric residual = mean(e1^2) + mean(e2^2)
  loss (sum(e1^2) + sum(e2^2)) / (2 * size(x, 0))
}
`,

  qaoa: `/// MaxCut by the quantum approximate optimization algorithm.
const EDGES = [[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]]
const N = 4
const P = 2

gate cost(γ: real) q: qubit[N] {
  for [i, j] in EDGES { rzz(-γ) q[i], q[j] }
}

circuit cut(γ: real[P], β: real[P]) -> real {
  qubits q[N]
  h q
  for l in 0..P {
    cost(γ[l]) q
    for i in 0..N { rx(2 * β[l]) q[i] }
  }
  return expect(sum([0.5 - 0.5 * Z(q[i]) * Z(q[j]) for [i, j] in EDGES]))
}

model MaxCut {
  param γ: real[P] ~ constant(0.4)
  param β: real[P] ~ constant(0.3)
  let value = cut(γ, β)
  output value
  loss -value
}

train MaxCut {
  optimizer natural_gradient(rate = 0.1)
  steps 100
}
`,

  'c01-mlp': `use std.loss.cross_entropy
model M {
  input  x: real[batch, 4]
  target y: int[batch] in 0..3
  param W1: real[4, 5] ~ glorot()
  param b1: real[5] ~ zeros()
  param W2: real[5, 3] ~ glorot()
  param b2: real[3] ~ zeros()
  let h = tanh(x @ W1 + b1)
  let logits = h @ W2 + b2
  output p = softmax(logits)
  loss cross_entropy(logits, y)
  loss 0.01 * sum(W1^2)
}
`,

  'c04-conv2d-1': `model M {
  input x: real[batch, 4, 7, 8]
  param k: real[6, 4, 3, 3] ~ zeros()
  param b: real[6, 1, 1] ~ zeros()
  let y = conv2d(x, k, stride = 2, padding = 1, dilation = 1, groups = 1) + b
  output y
  output gx = grad(sum(y^2), x)
  loss sum(sin(y))
}
`,

  'c07-rnn': `model M {
  input x: real[batch, time, 4]
  param Wx: real[4, 5] ~ zeros()
  param Wh: real[5, 5] ~ zeros()
  param b: real[5] ~ zeros()
  var h = zeros([batch, 5])
  let hs = for t in 0..time {
    h = tanh(x[:, t] @ Wx + h @ Wh + b)
    yield h
  }
  output hs
  loss sum(h^2) + mean(hs)
}
`,

  'c13-train-on-forces': `model M {
  input r: real[4, 3]
  target F: real[4, 3]
  param w: real[5] ~ zeros()
  param c: real[5] ~ zeros()
  let delta = reshape(r, [4, 1, 3]) - reshape(r, [1, 4, 3])
  let d = sqrt(sum(delta^2, axis = -1) + eye(4))
  let e = sum(tanh(reshape(d, [4, 4, 1]) * w + c), axis = -1)
  let E = sum(e * (1 - eye(4))) / 2
  let f = -grad(E, r)
  output E
  output f
  loss mean((f - F)^2)
}
`,

  'c18-stop-and-shared': `fn swish(x: real[...]) -> real[...] = x * sigmoid(x)
model M {
  input x: real[batch, 3]
  param W: real[3, 3] ~ zeros()
  let h = swish(x @ W)
  let k = swish(h @ W)
  output k
  loss sum((k - stop(h))^2)
}
`,

  'q01-rx': `circuit c(t: real) -> real {
  qubits q[1]
  rx(t) q[0]
  return expect(Z(q[0]))
}
model M {
  param t: real ~ zeros()
  let e = c(t)
  output e
  loss e
}
`,

  'q06b-scaled': `circuit c(x: real) -> real {
  qubits q[1]
  rx(3*x + 0.2) q[0]
  return expect(Z(q[0]))
}
model M {
  param x: real ~ zeros()
  loss c(x)
}
`,

  'q08-variance': `circuit c(t: real[3]) -> real[3] {
  qubits q[3]
  rx(t[0]) q[0]
  ry(t[1]) q[1]
  cx q[1], q[2]
  rx(t[2]) q[2]
  cx q[0], q[1]
  return [variance(Z(q[0])), expect(Z(q[1])), variance(Z(q[2]))]
}
model M {
  param t: real[3] ~ zeros()
  let r = c(t)
  output r
  loss r[2]
}
`,

  'q15-basic-entangler4': `use std.quantum.basic_entangler
circuit c(w: real[1, 4]) -> real[4] {
  qubits q[4]
  basic_entangler(w) q
  return [expect(Z(q[i])) for i in 0..4]
}
model M {
  param w: real[1, 4] ~ zeros()
  output e = c(w)
  loss sum(c(w))
}
`,

  'q24-hybrid': `circuit c(h: real[2], t: real[2]) -> real[2] {
  qubits q[2]
  for i in 0..2 { rx(h[i]) q[i] }
  for i in 0..2 { rx(t[i]) q[i] }
  cx q[0], q[1]
  return [expect(Z(q[0])), expect(Z(q[1]))]
}
model M {
  input x: real[3]
  target y: real
  param W1: real[2, 3] ~ zeros()
  param b1: real[2] ~ zeros()
  param t: real[2] ~ zeros()
  param W2: real[2] ~ zeros()
  param b2: real ~ zeros()
  let h = tanh(W1 @ x + b1)
  let z = c(h, t)
  let p = dot(W2, z) + b2
  output p
  loss (p - y)^2
}
`,

  'w02-matmul': `model M {
  input x: real[batch, 3]
  param W: real[4, 2] ~ zeros()
  output y = x @ W
}
`,

  'w03-qubit-range': `circuit c(t: real) -> real {
  qubits q[2]
  rx(t) q[2]
  return expect(Z(q[0]))
}
model M { param t: real ~ zeros()
  loss c(t) }
`,

  'w07-two-errors': `model M {
  input x: real[batch, 3]
  param W: real[4, 2] ~ zeros()
  let a = x @ W
  let b = sin(nothing)
  output y = a
}
`,

  'w12-dim-typo': `model M {
  input x: real[batch, 3]
  let z = zeros([bacth, 3])
  output y = x + z
}
`,

  'w22-import-name': `use std.nn.dens
model M {
  input x: real[3]
  output y = dens(x, 2)
}
`,
}

/** A program with every construct, for mutations; it need not mean anything. */
export const EVERYTHING = `/// A doc.
use std.nn.{dense, gru}
use "./layers.bp".{block}
use "./layers.bp".blok
precision f64
const N = 8

/// A routine.
/// Two lines.
fn f(x: real[n], k: real = 1) -> (real[n], int[n] in 0..3) {
  let (h, c) = g(x |> tanh,
    axis = -1, in = 3)
  return h, c
}
fn g(x: real[...]) -> real = if a then b else if c then d else e
gate block(w: real[n, 3]) q: qubit[n], a: qubit {
  for i in 0..n { ctrl(2) inv ry(w[i, 0]) q[0], q[1], q[i] ; h q }
  if n > 3 { x q[0] } else if n == 2 { y q[0] }
  else { z q }
  gphase(γ)
  pow(2) s q[1:3]
}
@gradient(adjoint) @shots(1000)
circuit c(x: real[4]) -> real[4] { qubits q[4]; angle_embedding(x) q; return [expect(Z(q[i])) for i in 0..4] }
model M {
  layer enc = dense(16)
  layer blocks[N] = block(64)
  state m: real[n] = zeros([n])
  update m = 0.9 * m
  param k: real in (0, inf)
  param p: real[3] in (0, 1) ~ constant(0.5)
  param θ: real[8] in [-pi, π]
  param m: real[n] in simplex
  frozen param q: real[3] ~ zeros()
  frozen enc.W
  rate enc.W = 0.1
  assert batch == n
  var h = zeros([batch, 16])
  h[0] = 3
  (h, c) = lstm(x[:, t, 2:5, ..., ::2, 1::-1], h)
  let y = x |> dense(4)
    |> tanh
  output y
  output z = -x^2 + 2^-1 ^ 3
  loss cross_entropy(logits,
    y)
  metric accuracy = mean(argmax(logits) == y)
}
train M {
  data "moons.csv" { x = [x1, x2], y = label
     z = columns(0..64) / 16
  }
  holdout   last 1186
  holdout "test.csv"
  optimizer adam(rate = 0.02)
  given goal = [1, 0]
  group enc.w { rate = 0.1 }
  standardize x, y
  epochs    40 ; batch 32
  checkpoint
}
`
