/** Steepest descent by the metric of states, from the text to the numbers. */
import { describe, expect, it } from 'vitest'
import type { Program } from '../../../ir/plan'
import { PROGRAMS } from '../../compiler/parse/programs'
import { complaints, load } from '../run'

const numbers = (data: ArrayLike<unknown> | undefined): number[] => Array.from(data ?? [], Number)

/** The sketch of the language's design. */
const QAOA = PROGRAMS['qaoa'] ?? ''

describe('natural_gradient', () => {
  it('takes one step by hand: ¼ of the mean square of the angle\'s slope, 1 where no circuit is fed, damping on both', async () => {
    const { model } = await load(`circuit c(t: real) -> real {
  qubits q[1]
  ry(t) q[0]
  return expect(Z(q[0]))
}
model M {
  input x: real[batch]
  param a: real ~ constant(0.3)
  param b: real ~ constant(2.0)
  frozen param k: real ~ constant(3.0)
  loss mean(c(k * a * x)) + (b - 1)^2
}
train M { optimizer natural_gradient(rate = 0.5, damping = 0.01)
 steps 1 }`)
    const x = [0.5, -1, 2]
    const mean = (f: (x: number) => number) => x.reduce((sum, value) => sum + f(value), 0) / x.length
    const slope = mean(each => -3 * each * Math.sin(0.9 * each))
    const metric = mean(each => (3 * each) ** 2) / 4
    await model.fit({ x })
    expect(model.parameters.get('a').data[0]).toBeCloseTo(0.3 - 0.5 * slope / (metric + 0.01), 12)
    expect(model.parameters.get('b').data[0]).toBeCloseTo(2 - 0.5 * 2 / 1.01, 12)
    expect(model.parameters.get('k').data[0]).toBe(3)
  })

  it('goes by −½ of the Hessian of the fidelity with one side stopped', async () => {
    const { model } = await load(`gate ansatz(p: real[4]) q: qubit[2] {
  ry(p[0]) q[0]
  rx(2 * p[1] + p[0]) q[1]
  crz(p[2]) q[0], q[1]
  rxx(p[3] * p[0]) q[0], q[1]
  ry(p[1]) q[0]
}
circuit state(p: real[4]) -> real {
  qubits q[2]
  ansatz(p) q
  return expect(Z(q[0]) + X(q[1]))
}
circuit same(p: real[4], r: real[4]) -> real {
  qubits q[2]
  ansatz(p) q
  return fidelity(state(r))
}
model M {
  param p: real[4] ~ uniform(0.2, 1.4)
  let f = same(p, stop(p))
  output metric_of_p = -0.5 * hessian(f, p)
  loss state(p)
}
train M { optimizer natural_gradient(rate = 1, damping = 0)
 steps 1 }`)
    const { gradients } = await model.evaluate({}, { grad: true })
    const start = numbers(model.parameters.get('p').data)
    const metric = numbers((await model.predict({})).metric_of_p?.data)
    await model.fit({})
    const moved = numbers(model.parameters.get('p').data).map((value, i) => (start[i] ?? NaN) - value)
    const back = start.map((_, i) => moved.reduce((sum, value, j) => sum + (metric[4 * i + j] ?? NaN) * value, 0))
    // The step is the solution of F d = g, so F times it is the gradient again, to the condition of F times rounding.
    numbers(gradients.p?.data).forEach((slope, i) => expect(back[i]).toBeCloseTo(slope, 9))
  })

  it('adds up calls, those of a loop and of fixed leading sizes, and looks through ranges', async () => {
    const step = async (loss: string) => {
      const { model } = await load(`circuit c(t: real) -> real {
  qubits q[1]
  ry(t) q[0]
  return expect(Z(q[0]))
}
model M {
  param w: real[3] in (0, 4) ~ constant(1.5)
  ${loss}
}
train M { optimizer natural_gradient(rate = 0.1, damping = 0.2)
 steps 1 }`)
      await model.fit({})
      return numbers(model.parameters.get('w').data)
    }
    // w = 4/(1 + e^−u): F = ¼ (dw/du)² for each, dw/du = w(4 − w)/4.
    const u = Math.log(1.5 / 2.5), slope = 1.5 * 2.5 / 4
    const expected = 4 / (1 + Math.exp(-(u - 0.1 * -Math.sin(1.5) * slope / (slope * slope / 4 + 0.2))))
    for (const loss of ['loss sum(c(w))', 'var s = 0.0\n  for i in 0..3 { s = s + c(w[i]) }\n  loss s', 'loss c(w[0]) + c(w[1]) + c(w[2])']) {
      (await step(loss)).forEach(value => expect(value).toBeCloseTo(expected, 12))
    }
  })

  it('counts a call once where the loss has derivatives of it, in loops over rows too', async () => {
    const step = async (loss: string) => {
      const { model } = await load(`circuit c(t: real) -> real {
  qubits q[1]
  ry(t) q[0]
  return expect(Z(q[0]))
}
model M {
  input x: real[n]
  param w: real ~ constant(0.7)
  ${loss}
}
train M { optimizer natural_gradient(rate = 0.1, damping = 0)
 steps 1 }`)
      await model.fit({ x: [0.5, 1.5] })
      return numbers(model.parameters.get('w').data)[0]
    }
    // E = mean cos(w x) + ∂ that = mean (cos(w x) − x sin(w x)), F = ¼ mean x².
    const x = [0.5, 1.5]
    const slope = x.reduce((sum, each) => sum - each * Math.sin(0.7 * each) - each * each * Math.cos(0.7 * each), 0) / 2
    const expected = 0.7 - 0.1 * slope / (x.reduce((sum, each) => sum + each * each, 0) / 8)
    for (const loss of [
      'let e = mean(c(w * x))\n  loss e + grad(e, w)',
      'var e = 0.0\n  for i in 0..n { e = e + c(w * x[i]) / n }\n  loss e + grad(e, w)',
      'var e = 0.0\n  for i in 0..n {\n    let y = c(w * x[i])\n    e = e + (y + grad(y, w)) / n\n  }\n  loss e',
    ]) expect(await step(loss)).toBeCloseTo(expected, 12)
  })

  it('brings the sketch of QAOA up towards the largest cut', async () => {
    const { model } = await load(QAOA)
    const value = async () => numbers((await model.predict({})).value?.data)[0] ?? NaN
    const before = await value()
    const history = await model.fit({})
    const after = await value()
    expect(history.steps).toBe(100)
    // 16 amplitudes in a program of their own, climbed by differences from the same start: the maximum that two layers have
    // nearby. The largest cut is 4, and the most that two layers reach anywhere about 3.556.
    expect(before).toBeCloseTo(3.0539726545714516, 12)
    expect(after).toBeCloseTo(3.457280547428772, 12)
    const { gradients } = await model.evaluate({}, { grad: true })
    for (const slope of [...numbers(gradients.γ?.data), ...numbers(gradients.β?.data)]) expect(Math.abs(slope)).toBeLessThan(1e-6)
  })

  it('carries the state by what is trained alone: data may fill many amplitudes', async () => {
    const text = (amplitudes: string) => `circuit c(x: real[8], t: real[2]) -> real {
  qubits q[3]
  amplitudes(${amplitudes}) q
  ry(t[0] + x[0]) q[0]
  cx q[0], q[1]
  rx(t[1]) q[1]
  rx(x[1]) q[2]
  return expect(Z(q[1]) + X(q[2]))
}
model M {
  input x: real[n, 8]
  param t: real[2] ~ constant(0.4)
  param k: real ~ constant(1.0)
  loss mean(c(x, t)) + k^2
}
train M { optimizer natural_gradient(rate = 0.3, damping = 0.01)
 steps 1 }`
    const x = [[1, 2, -1, 0.5, 0.3, 0.1, 0.9, 2], [0.2, 1, 1, -0.5, 0.7, 1.1, 0.3, -2]]
    const active = ({ steps }: Program): readonly (readonly number[])[] => steps.flatMap(step => (step.kind === 'routine' && step.op === 'circuitMetric' ? [step.attributes.active] : []))
    const moved = async (source: string) => {
      const { model } = await load(source)
      await model.fit({ x })
      const { metric } = model.plan.entries
      return { t: numbers(model.parameters.get('t').data), slots: metric ? active(metric).map(list => list.length) : [] }
    }
    const byData = await moved(text('x'))
    // Of the eleven slots those of t alone; x[0] + t[0] is computed with a trained number, x[1] is not.
    expect(byData.slots).toEqual([2])
    // Here t[0] reaches the amplitudes, with nothing: all eight have a state, and the step is the same.
    const byAll = await moved(text('x + 0 * t[0]'))
    expect(byAll.slots[0]).toBeGreaterThanOrEqual(10)
    byData.t.forEach((value, at) => expect(value).toBeCloseTo(byAll.t[at] ?? NaN, 12))
  })

  it('has its metric in the plan only where it is asked for, and takes batches', async () => {
    const text = (optimizer: string) => `circuit c(t: real) -> real {
  qubits q[1]
  ry(t) q[0]
  return expect(Z(q[0]))
}
model M {
  input x: real[n]
  param a: real ~ constant(0.3)
  loss mean(c(a * x))
}
train M { optimizer ${optimizer}
 batch 2
 epochs 20 }`
    const { model } = await load(text('natural_gradient(0.1)'))
    await model.fit({ x: [1, 1.2, 0.8, 1, 1.1] })
    expect((await model.evaluate({ x: [1] })).loss).toBeLessThan(-0.95)
    const adam = (await load(text('adam'))).model
    expect(adam.plan.entries.metric).toBeUndefined()
    await expect(adam.fit({ x: [1] }, { optimizer: { name: 'natural_gradient' } })).rejects.toThrow('natural_gradient needs the metric of the circuits, which M was compiled without')
  })

  it.each([
    ['', 'bit_flip(0.1) q[0]', 'unsupported 10:11: `natural_gradient` for the circuit `c`, which has channels, is not supported yet'],
    ['@shots(100)', '', 'unsupported 10:11: `natural_gradient` for the circuit `c`, which is sampled, is not supported yet'],
  ])('is refused where states are not pure or not known: %s%s', async (attribute, statement, expected) => {
    expect(await complaints(`${attribute}
circuit c(t: real) -> real {
  qubits q[1]
  ry(t) q[0]
  ${statement}
  return expect(Z(q[0]))
}
model M { param a: real ~ ones()
 loss c(a) }
train M { optimizer natural_gradient
 steps 1 }`)).toEqual([expected])
  })

  it('is refused for the overlap with prepared amplitudes', async () => {
    expect(await complaints(`circuit goal() -> real {
  qubits q[1]
  amplitudes([3, 4]) q
  return expect(Z(q[0]))
}
circuit c(t: real) -> real {
  qubits q[1]
  ry(t) q[0]
  return fidelity(goal())
}
model M { param a: real ~ ones()
 loss -c(a) }
train M { optimizer natural_gradient
 steps 1 }`)).toEqual(['unsupported 13:11: `natural_gradient` for the circuit `c`, which takes the overlap with amplitudes, is not supported yet'])
  })

  it('is refused without a circuit', async () => {
    expect(await complaints('model M { param a: real ~ ones()\n loss a^2 }\ntrain M { optimizer natural_gradient\n steps 1 }'))
      .toEqual(['option-value 3:11: `natural_gradient` takes a loss that calls a circuit; without one, take an optimizer such as `adam`'])
  })
})
