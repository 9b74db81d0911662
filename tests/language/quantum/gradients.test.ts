import { describe, expect, it } from 'vitest'
import { circuitSteps, complaints, expectClose, expectGradients, outputOf, planOf, shaped, spread, start, type Values } from './run'

const METHODS = ['parameter_shift', 'adjoint'] as const

/** Shared, scaled, multiplied and constant angles, gates of two and four frequencies, controls, and amplitudes. */
const VARIED = (method: string) => `
@gradient(${method})
circuit c(x: real[2], w: real[4]) -> real[3] {
  qubits q[3]
  ry(x[0]) q[0]
  rx([w[0], 2 * w[0] - x[1], w[0] * w[1]]) q
  crx(w[1] + 0.3) q[0], q[1]
  ctrl crz(3 * w[2]) q[0], q[1], q[2]
  single_excitation(w[2]) q[1], q[2]
  rot(w[0], sin(w[3]), x[0] * w[3]) q[2]
  inv pow(0.5) rzz(w[3]) q[0], q[2]
  negctrl u(w[1], 0.2, x[1]) q[2], q[0]
  return [expect(Z(q[0])), expect(X(q[1]) * Y(q[2]) + w[3] * Z(q[2])), probs(q)[5]]
}`

const MODEL = `
model M {
  param x: real[2] ~ zeros()
  param w: real[4] ~ zeros()
  let e = c(x, w)
  output e
  loss sum(e * [1, -2, 3]) + e[0] * e[2]
}`

const VALUES = { x: [0.37, -0.81], w: [0.52, -1.13, 0.29, 0.94] }

describe('gradients of circuits', () => {
  it.each(METHODS)('by %s equal central differences', async method => {
    await expectGradients(VARIED(method) + MODEL, VALUES, ['x', 'w'])
  })

  it('are the same by parameter shift and adjoint', async () => {
    const [shift, adjoint] = await Promise.all(METHODS.map(async method => (await start(VARIED(method) + MODEL)).gradients(VALUES)))
    for (const name of ['x', 'w']) expectClose(shift?.[name] ?? [], adjoint?.[name] ?? [], 1e-12, name)
  })

  it('by finite differences are near, and of first order only', async () => {
    const exact = await (await start(VARIED('adjoint') + MODEL)).gradients(VALUES)
    const near = await (await start(VARIED('finite_difference') + MODEL)).gradients(VALUES)
    for (const name of ['x', 'w']) expectClose(near[name] ?? [], exact[name] ?? [], 1e-6, name)
    const second = VARIED('finite_difference') + MODEL.replace('loss ', 'let g = grad(sum(e), w)\n  loss sum(g) + ')
    await expect(start(second)).rejects.toThrow('first derivatives only')
  })

  it('follow the method that the compiler is given before the one that is written', async () => {
    const plan = await planOf(VARIED('parameter_shift') + MODEL, { gradient: 'adjoint' })
    expect(circuitSteps(plan.entries.gradient ?? plan.entries.predict).map(step => step.method)).toEqual(['adjoint', 'adjoint'])
  })

  it('by a coefficient and by an angle at once are those of the product', async () => {
    const text = `circuit c(t: real) -> real {
  qubits q[1]
  rx(t) q
  return expect(t * Z(q[0]))
}
model M { param t: real ~ zeros()
 loss c(t) }`
    // t cos t.
    expectClose((await (await start(text)).gradients({ t: 0.8 }))['t'] ?? [], [Math.cos(0.8) - 0.8 * Math.sin(0.8)], 1e-14)
  })
})

describe('slots', () => {
  const text = `circuit c(x: real[3], w: real[3]) -> real {
  qubits q[3]
  rx(x) q
  ry(w) q
  rz(x * 2) q
  return expect(X(q[0]) * X(q[1]) * X(q[2]))
}
model M {
  input x: real[batch, 3]
  param w: real[3] ~ zeros()
  frozen param v: real[3] ~ zeros()
  loss mean(c(x, w)) + mean(c(w + v, v))
}`

  it('that depend on inputs alone are never shifted', async () => {
    const { entries } = await planOf(text)
    const active = circuitSteps(entries.step ?? entries.predict).flatMap(step => (step.active ? [step.active.length] : []))
    // Of nine slots: three by w in the first call; rx and rz by w + v in the second.
    expect(active.sort()).toEqual([3, 6])
  })

  it('of one tensor are read at once, however many they are', async () => {
    const layered = (layers: number) => `circuit c(w: real[${layers}, 4]) -> real {
  qubits q[4]
  for l in 0..${layers} {
    rx(2 * w[l, :]) q
    for i in 0..3 { crz(w[l][i] + 0.1) q[i], q[i + 1] }
  }
  return expect(Z(q[0]))
}
model M { param w: real[${layers}, 4] ~ zeros()
 loss c(w) }`
    const [few, many] = [await planOf(layered(2)), await planOf(layered(60))]
    expect(many.entries.gradient?.steps.length).toBe(few.entries.gradient?.steps.length)
  })
})

describe('derivatives in the program', () => {
  const derived = (method: string, loss: string) => `${VARIED(method)}
model M {
  param x: real[2] ~ zeros()
  param w: real[4] ~ zeros()
  let e = c(x, w)
  let y = e[0] * e[1] + sin(e[2])
  let g = grad(y, w)
  let h = hessian(y, w)
  let j = jacobian(e, x)
  output g
  loss ${loss}
}`

  it.each(METHODS)('of second order equal differences of first ones (%s)', async method => {
    await expectGradients(derived(method, 'sum(g * [0.3, -1, 2, 0.7]) + sum(j^2)'), VALUES, ['x', 'w'])
  })

  it.each(METHODS)('of third order equal differences of second ones (%s)', async method => {
    await expectGradients(derived(method, 'h[0, 1] * 2 + h[2, 3] - sum(h[1])'), VALUES, ['x', 'w'])
  })

  it('nest: the gradient of a squared gradient', async () => {
    const text = `circuit c(t: real) -> real {
  qubits q[1]
  rx(t) q
  return expect(Z(q[0]))
}
model M {
  param t: real ~ zeros()
  let d = grad(c(t), t)
  let d2 = grad(d, t)
  let d3 = grad(d2, t)
  output all = [d, d2, d3]
  loss d^2 * d3
}`
    const t = 0.83
    const [s, c] = [Math.sin(t), Math.cos(t)]
    expectClose(await outputOf(text, { t }), [-s, -c, s], 1e-14)
    // d(s²·s)/dt = 3 s² c.
    expectClose((await (await start(text)).gradients({ t }))['t'] ?? [], [3 * s * s * c], 1e-13)
  })

  it('agree between methods to rounding', async () => {
    const [a, b] = await Promise.all(METHODS.map(method => outputOf(derived(method, 'sum(h)'), VALUES)))
    expectClose(a ?? [], b ?? [], 1e-12)
  })

  it('by an input of the model train its parameters (a physics-informed loss)', async () => {
    const text = `circuit f(t: real, w: real[2]) -> real {
  qubits q[2]
  ry(w[0] * t) q[0]
  rx(t + w[1]) q[1]
  cx q[0], q[1]
  return expect(Z(q[1]))
}
model M {
  input t: real[batch]
  param w: real[2] ~ zeros()
  let u = f(t, w)
  let du = grad(sum(u), t)
  loss mean((du + u)^2)
}`
    await expectGradients(text, { t: [0.1, 0.5, 1.3], w: [0.7, -0.4] }, ['w'])
  })

  it('cannot be taken inside a circuit', async () => {
    const text = `circuit c(t: real) -> real {
  qubits q[1]
  rx(t) q
  let e = expect(Z(q[0]))
  return grad(e, t)
}`
    expect(await complaints(text)).toEqual(['misplaced-derivative 5:10: `grad` cannot be taken here'])
  })
})

describe('circuits among layers', () => {
  const HYBRID = (method: string) => `use std.nn.dense
@gradient(${method})
circuit c(h: real[3], w: real[4]) -> real[2] {
  qubits q[3]
  rx(h) q
  crx(w[0] * 2) q[0], q[1]
  crx(w[0] - h[0]) q[1], q[2]
  ry(w[1:4]) q
  cx q[2], q[0]
  return [expect(Z(q[0])), expect(X(q[1]) * Z(q[2]))]
}
model M {
  input x: real[batch, 2]
  target y: real[batch]
  param w: real[4] ~ zeros()
  let hidden = x |> dense(3) |> tanh
  let z = c(pi * hidden, w) |> dense(1)
  loss mean((z[:, 0] - y)^2)
}`
  const values: Values = {
    x: [[0.3, -0.7], [1.1, 0.2], [-0.4, 0.9]], y: [0.2, -0.5, 0.8], w: [0.4, 1.2, -0.3, 0.8],
    'hidden.dense.W': shaped(spread(6, 2), 2, 3), 'hidden.dense.b': spread(3, 4), 'z.dense.W': shaped(spread(2, 6), 2, 1), 'z.dense.b': [0.1],
  }

  it.each(METHODS)('have gradients that equal central differences (%s)', async method => {
    await expectGradients(HYBRID(method), values, ['w', 'hidden.dense.W', 'hidden.dense.b', 'z.dense.W', 'z.dense.b'])
  })

  it('have the same gradients by both methods', async () => {
    const [a, b] = await Promise.all(METHODS.map(async method => (await start(HYBRID(method))).gradients(values)))
    for (const [name, gradient] of Object.entries(a ?? {})) expectClose(gradient, b?.[name] ?? [], 1e-12, name)
  })

  it('are called in functions, layers and loops, several times', async () => {
    const text = `circuit c(a: real, b: real) -> real {
  qubits q[2]
  ry(a) q[0]
  crx(b) q[0], q[1]
  return expect(Z(q[1])) + 0.5 * expect(X(q[0]))
}
fn twice(a: real, b: real) -> real = c(c(a, b), b)
layer turn(a: real) -> real {
  param w: real ~ ones()
  return twice(a, w)
}
model M {
  input x: real[time]
  param b: real ~ ones()
  var s = c(b, b)
  let all = for t in 0..time {
    s = c(s + x[t], b) + 0.1 * s
    yield s
  }
  let end = turn(s)
  loss end + sum(all^2)
}`
    await expectGradients(text, { x: [0.4, -0.3, 0.9], b: 0.7, 'end.turn.w': 1.3 }, ['b', 'end.turn.w'])
  })

  it('start from fresh states in each iteration and have no memory', async () => {
    const text = `circuit c(a: real) -> real {
  qubits q[1]
  rx(a) q
  return expect(Z(q[0]))
}
model M { input x: real[n]
 output e = [c(x[i]) for i in 0..n] }`
    const x = [0.1, 0.2, 0.3, 0.1]
    expectClose(await outputOf(text, { x }), x.map(Math.cos), 1e-15)
  })
})

describe('mapping', () => {
  const circuit = `circuit c(a: real[2], b: real, m: real[2, 2]) -> real[3] {
  qubits q[2]
  ry(a) q
  crx(b) q[0], q[1]
  rzz(m[0, 1]) q[0], q[1]
  ry(m[1]) q
  return [expect(Z(q[0])), b * expect(Z(q[1])), expect(X(q[0]))]
}`
  const one = (a: number[], b: number, m: number[][]) => outputOf(`${circuit}\nmodel M { input a: real[2]\n input b: real\n input m: real[2, 2]\n output e = c(a, b, m) }`, { a, b, m })
  const m = [[0.1, 0.7], [-0.4, 0.3]]

  it('runs a circuit for each index of the leading dimensions, one or two', async () => {
    const text = `${circuit}\nmodel M { input a: real[k, n, 2]\n input b: real\n param m: real[2, 2] ~ zeros()\n output e = c(a, b, m) }`
    const a = [[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], [[0.7, 0.8], [0.9, 1.0], [1.1, 1.2]]]
    const expected: number[] = []
    for (const row of a) for (const pair of row) expected.push(...await one(pair, 0.4, m))
    expectClose(await outputOf(text, { a, b: 0.4, m }), expected, 1e-14)
  })

  it('broadcasts the leads of its arguments as NumPy does', async () => {
    const text = `${circuit}\nmodel M { input a: real[k, 1, 2]\n input b: real[n]\n param m: real[2, 2] ~ zeros()\n output e = c(a, b, m) }`
    const [a, b] = [[[0.1, 0.2], [0.7, 0.8]], [0.4, -0.9, 1.3]]
    const expected: number[] = []
    for (const row of a) for (const scalar of b) expected.push(...await one(row, scalar, m))
    expectClose(await outputOf(text, { a: a.map(row => [row]), b, m }), expected, 1e-14)
  })

  it('sums the gradient of an argument that is not mapped, or mapped in part', async () => {
    const text = `${circuit}
model M {
  param a: real[2, 1, 2] ~ zeros()
  param b: real[3] ~ zeros()
  param m: real[2, 2] ~ zeros()
  let e = c(a, b, m)
  loss sum(e * e) + e[1, 2, 0]
}`
    await expectGradients(text, { a: [[[0.1, 0.2]], [[0.7, 0.8]]], b: [0.4, -0.9, 1.3], m }, ['a', 'b', 'm'])
  })

  it('runs a circuit once where only what is returned is mapped', async () => {
    const text = `circuit c(k: real, t: real) -> real {
  qubits q[1]
  rx(t) q
  return k * expect(Z(q[0]))
}
model M { input k: real[batch]
 param t: real ~ zeros()
 output e = c(k, t)
 loss sum(c(k, t)) }`
    const { entries, plan } = { ...await start(text), entries: (await planOf(text)).entries }
    expect(plan.outputs[0]?.type.shape).toHaveLength(1)
    const [run] = entries.predict.steps.filter(step => step.kind === 'routine' && step.op === 'circuit')
    const output = run?.kind === 'routine' ? entries.predict.buffers[run.output] : undefined
    expect(output?.shape).toEqual([1])
    expectClose(await outputOf(text, { k: [1, 2, -3], t: 0.6 }), [1, 2, -3].map(k => k * Math.cos(0.6)), 1e-15)
    await expectGradients(text, { k: [1, 2, -3], t: 0.6 }, ['t'])
  })

  it('gives what does not depend on the mapped arguments for each index all the same', async () => {
    const text = `circuit c(k: real, t: real) -> (real, real) {
  qubits q[1]
  rx(t) q
  return expect(Z(q[0])), k
}
model M { input k: real[batch]
 input t: real
 let (a, b) = c(k, t)
 output e = a + b }`
    expectClose(await outputOf(text, { k: [1, 2], t: 0.6 }), [1, 2].map(k => k + Math.cos(0.6)), 1e-15)
  })

  it('maps amplitudes and probabilities', async () => {
    const text = `circuit c(a: real[4]) -> real[2] {
  qubits q[2]
  amplitudes(a) q
  return probs(q[0])
}
model M { param a: real[3, 4] ~ ones()
 let p = c(a)
 output p
 loss sum(p[:, 0] * [1, 2, 3]) }`
    const a = [[1, 2, 3, 4], [0.5, -0.5, 0.1, 0.2], [0, 0, 1, 0]]
    const expected = a.flatMap(row => { const n = row.reduce((s, v) => s + v * v, 0); const p = ((row[0] ?? 0) ** 2 + (row[1] ?? 0) ** 2) / n; return [p, 1 - p] })
    expectClose(await outputOf(text, { a }), expected, 1e-14)
    await expectGradients(text, { a }, ['a'])
  })

  it('takes defaults apart: a call that leaves out another argument is another circuit', async () => {
    const text = `circuit c(a: real = 1, b: real = 2) -> real {
  qubits q[1]
  rx(a) q
  ry(b) q
  return expect(Z(q[0]))
}
model M { input w: real
 output e = [c(a = w), c(b = w), c(), c(w)] }`
    const [w, c] = [0.3, Math.cos]
    expectClose(await outputOf(text, { w }), [c(w) * c(2), c(1) * c(w), c(1) * c(2), c(w) * c(2)], 1e-15)
  })
})
