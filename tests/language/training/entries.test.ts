/** Entries of a plan that only some optimizers ask for, and training by them from the text to the numbers. */
import { describe, expect, it } from 'vitest'
import { load } from '../run'

/** Rosenbrock's valley in two parameters of different shapes, one with a range, and a third that is frozen. */
const VALLEY = (train: string) => `model Valley {
  param  a: real ~ constant(-1.2)
  param  b: real[1] in (0, inf) ~ ones()
  frozen param height: real ~ constant(100.0)
  loss (1 - a)^2 + height * sum((b - a^2)^2)
}
train Valley {
  ${train}
}`

const softplus = (u: number) => Math.log1p(Math.exp(u))

describe('newton', () => {
  it('has second derivatives of all free numbers together, in the order of the parameters', async () => {
    const { model } = await load(VALLEY('optimizer newton\nsteps 1'))
    const program = model.plan.entries.hessian
    expect(program?.results.map(result => [result.name, program.buffers[result.buffer]?.shape])).toEqual([['hessian', [2, 2]]])
    // One step of (H) d = g by hand: b = softplus(u), f = (1 − a)² + 100 (b − a²)².
    const a = -1.2
    const u = Math.log(Math.expm1(1))
    const [b, s] = [softplus(u), 1 / (1 + Math.exp(-u))]
    const gradient = [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a) * s]
    const [aa, ab] = [2 - 400 * b + 1200 * a * a, -400 * a * s]
    const bb = 200 * s * s + 200 * (b - a * a) * s * (1 - s)
    const determinant = aa * bb - ab * ab
    const [ga = 0, gb = 0] = gradient
    await model.fit({})
    expect(model.parameters.get('a').data[0]).toBeCloseTo(a - (bb * ga - ab * gb) / determinant, 10)
    expect(model.parameters.get('b').data[0]).toBeCloseTo(softplus(u - (aa * gb - ab * ga) / determinant), 10)
    expect(model.parameters.get('height').data[0]).toBe(100)
  })

  it('is refused by the runtime for a plan without them', async () => {
    const { model } = await load(VALLEY('optimizer adam\nsteps 1'))
    expect(model.plan.entries.hessian).toBeUndefined()
    await expect(model.fit({}, { optimizer: { name: 'newton' } })).rejects.toThrow('newton needs second derivatives, which Valley was compiled without')
  })

  it('goes through data, circuits and loops alike', async () => {
    const { model } = await load(`precision f64
circuit c(t: real) -> real {
  qubits q[1]
  ry(t) q[0]
  return expect(X(q[0]))
}
model M {
  input  x: real[batch]
  target y: real[batch]
  param  w: real[2] ~ constant(0.3)
  var s = 0.0
  for i in 0..2 { s = s + w[i] }
  loss mean((c(w[0] * x) + s * x - y)^2) + 0.1 * sum(w^2)
}
train M { optimizer newton(damping = 0.01)
 steps 30 }`)
    const data = { x: [0.1, 0.5, 1, 2], y: [0.2, 1, 1.5, 2] }
    const history = await model.fit(data)
    expect(history.stopped).toBe('converged')
    const { gradients } = await model.evaluate(data, { grad: true })
    gradients.w?.data.forEach(slope => expect(Math.abs(Number(slope))).toBeLessThan(1e-9))
  })
})

describe('lbfgs', () => {
  it('trains free numbers behind a range, and says that it has converged', async () => {
    const { model } = await load(VALLEY('optimizer lbfgs\nsteps 500'))
    const history = await model.fit({})
    expect(history.stopped).toBe('converged')
    expect(history.steps).toBeLessThan(60)
    expect(model.parameters.get('a').data[0]).toBeCloseTo(1, 8)
    expect(model.parameters.get('b').data[0]).toBeCloseTo(1, 8)
  })

  it('takes all rows at once', async () => {
    const { model } = await load('model M {\n  input x: real[n]\n  param w: real ~ zeros()\n  loss mean((w - x)^2)\n}\ntrain M {\n  optimizer lbfgs\n  steps 5\n}')
    await model.fit({ x: [1, 2, 6] })
    expect(model.parameters.get('w').data[0]).toBeCloseTo(3, 12)
    await expect(model.fit({ x: [1, 2, 6] }, { batch: 2 })).rejects.toThrow('lbfgs takes all rows at once, but batch is 2 of 3')
    await expect(model.fit({ x: [1, 2, 6] }, { clip: { norm: 1 } })).rejects.toThrow('lbfgs chooses its own steps and takes no clip')
  })

  it('is refused where the model gives rates', async () => {
    const text = 'model M {\n  param w: real ~ ones()\n  rate w = 0.5\n  loss w^2\n}\ntrain M {\n  optimizer lbfgs\n  steps 5\n}'
    await expect(load(text)).rejects.toThrow('`lbfgs` and `rate` cannot both be given')
    const { model } = await load(text.replace('lbfgs', 'adam'))
    await expect(model.fit({}, { optimizer: { name: 'lbfgs' } })).rejects.toThrow('the model gives rates to parameters, which lbfgs cannot follow')
  })
})

describe('spsa', () => {
  it('needs the losses of a step alone, and follows rates', async () => {
    const { model } = await load('model M {\n  param w: real ~ ones()\n  param v: real ~ ones()\n  rate v = 0\n  metric size = w\n  loss (w - 3)^2 + v\n}\ntrain M {\n  optimizer spsa(rate = 0.1, perturbation = 0.01, stability = 5)\n  steps 300\n}')
    expect(model.plan.entries.objective?.results.map(result => result.name).sort()).toEqual(['loss', 'metric:size', 'rate:v'])
    const history = await model.fit({})
    expect(Math.abs((model.parameters.get('w').data[0] ?? NaN) - 3)).toBeLessThan(0.02)
    expect(model.parameters.get('v').data[0]).toBe(1)
    expect(history.epochs.at(-1)?.metrics.size).toBeCloseTo(3, 1)
  })
})

describe('given', () => {
  it('stands in for an input that the caller leaves out', async () => {
    const { model } = await load('model M {\n  input x: real[n]\n  input goal: real[2]\n  param w: real ~ zeros()\n  loss mean((w * x - goal[0] - goal[1])^2)\n}\ntrain M {\n  optimizer sgd(0.5)\n  steps 60\n  given goal = [1, 2.5]\n}')
    await model.fit({ x: [1, 1] })
    expect(model.parameters.get('w').data[0]).toBeCloseTo(3.5, 12)
    await model.fit({ x: [1, 1], goal: [0, 0] }, { steps: 60 })
    expect(model.parameters.get('w').data[0]).toBeCloseTo(0, 12)
  })
})
