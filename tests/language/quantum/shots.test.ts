/** Circuits with finite samples: seeded, drawn anew for each row, call, iteration and step, and trained on. */
import { describe, expect, it } from 'vitest'
import { Model, type UntypedModel } from '../../../runtime/model'
import { planOf } from './run'

async function modelOf(text: string, seed = 0): Promise<Model<UntypedModel>> {
  return Model.create<UntypedModel>(await planOf(text), { backend: 'reference', precision: 'f64', seed })
}

const numbers = (tensor: unknown): number[] => Array.from((tensor as { readonly data: ArrayLike<number> }).data)

async function outputs(text: string, inputs: Readonly<Record<string, unknown>> = {}, seed = 0, draw = 0): Promise<Readonly<Record<string, number[]>>> {
  const result = await (await modelOf(text, seed)).evaluate(inputs as never, { draw })
  return Object.fromEntries(Object.entries(result.outputs).map(([name, tensor]) => [name, numbers(tensor)]))
}

const SAMPLED = (shots: number, method = '') => `@shots(${shots})
${method}
circuit c(a: real) -> real {
  qubits q
  rx(a) q
  return expect(Z(q))
}`

describe('a circuit with shots', () => {
  const rows = `${SAMPLED(100)}\nmodel M {\n  input a: real[n]\n  output e = c(a)\n}`
  const a = Array.from({ length: 400 }, () => 1.1)

  it('gives each row estimates of its own, whose mean and variance are those of 100 signs', async () => {
    const { e = [] } = await outputs(rows, { a })
    const mean = e.reduce((x, y) => x + y, 0) / e.length
    const variance = e.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (e.length - 1)
    const expected = Math.sin(1.1) ** 2 / 100
    // Five standard errors.
    expect(Math.abs(mean - Math.cos(1.1))).toBeLessThan(5 * Math.sqrt(expected / e.length))
    expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / e.length))
  })

  it('gives the same for the same seed and draw, and something else for others', async () => {
    const first = await outputs(rows, { a }, 3, 1)
    expect(await outputs(rows, { a }, 3, 1)).toEqual(first)
    expect(await outputs(rows, { a }, 3, 2)).not.toEqual(first)
    expect(await outputs(rows, { a }, 4, 1)).not.toEqual(first)
  })

  it('draws anew for each call and each iteration', async () => {
    const text = `${SAMPLED(1000)}\nmodel M {\n  input a: real\n  output x = c(a)\n  output y = c(a)\n  var s = 0.0\n  let each = for t in 0..20 {\n    s = s + c(a)\n    yield c(a)\n  }\n  output z = each\n}`
    const { x, y, z = [] } = await outputs(text, { a: 1.1 })
    expect(x).not.toEqual(y)
    // Twenty means of a thousand signs: hardly any two are equal, and none were if they were all one draw.
    expect(new Set(z).size).toBeGreaterThan(10)
  })

  it('has the gradient of exact values as its mean, by parameter shift and by spsa', async () => {
    for (const method of ['', '@gradient(spsa)']) {
      const text = `${SAMPLED(200, method)}\nmodel M {\n  param a: real[400] ~ constant(0.7)\n  loss sum(c(a))\n}`
      const { gradients } = await (await modelOf(text)).evaluate({} as never, { grad: true })
      const slopes = numbers(Object.values(gradients)[0])
      const mean = slopes.reduce((x, y) => x + y, 0) / slopes.length
      const variance = slopes.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (slopes.length - 1)
      // Five standard errors; spsa has c²/6 = 0.002 of bias.
      expect(Math.abs(mean + Math.sin(0.7))).toBeLessThan(5 * Math.sqrt(variance / slopes.length) + 0.002)
      if (method === '') expect(Math.abs(variance / (Math.cos(0.7) ** 2 / 400) - 1)).toBeLessThan(5 * Math.sqrt(2 / slopes.length))
    }
  })

  it('samples bits as integers, as many as there are shots, also under noise', async () => {
    const text = '@shots(8)\ncircuit c(p: real) -> int[8, 2] {\n  qubits q[2]\n  x q[0]\n  bit_flip(p) q\n  return sample(q)\n}\nmodel M {\n  input p: real\n  output b = c(p)\n}'
    expect((await outputs(text, { p: 0 }))['b']).toEqual(Array.from({ length: 8 }, () => [1, 0]).flat())
    expect((await outputs(text, { p: 1 }))['b']).toEqual(Array.from({ length: 8 }, () => [0, 1]).flat())
  })

  it('takes its number of shots from a const', async () => {
    const { e = [] } = await outputs(`const N = 4\n${SAMPLED(0).replace('@shots(0)', '@shots(2 * N)')}\nmodel M {\n  input a: real\n  output e = c(a)\n}`, { a: 1 })
    // A mean of eight signs.
    expect(Number.isInteger((e[0] ?? NaN) * 4)).toBe(true)
  })

  it('is trained down to near the exact minimum', async () => {
    const text = `${SAMPLED(500)}\nmodel M {\n  param a: real ~ constant(0.5)\n  loss c(a)\n}\ntrain M {\n  optimizer sgd(rate = 0.2)\n  steps 60\n}`
    const model = await modelOf(text)
    await model.fit({} as never, {})
    expect(Math.cos((model.parameters.get('a') as unknown as { data: ArrayLike<number> }).data[0] ?? NaN)).toBeLessThan(-0.95)
  })
})

describe('the variance of an observable from samples', () => {
  const N = 4, ROWS = 20000
  const sampled = (returns: string, more = '') => `@shots(${N})
circuit c(a: real, k: real) -> real {
  qubits q[2]
  ry(a) q[0]
  cx q[0], q[1]
  rx(0.7) q[1]
  ${more}
  return ${returns}
}
`
  const exactly = (text: string) => text.replace(`@shots(${N})\n`, '')
  const model = 'model M {\n  input a: real[n]\n  input k: real\n  output e = c(a, k)\n}'
  const a = Array.from({ length: ROWS }, () => 1.1)

  // One group of shots; two groups, which do not commute; a computed coefficient; a group that an earlier measurement has made.
  it.each([
    ['variance(Z(q[0]))'],
    ['variance(2 * Z(q[0]) + Z(q[0]) * Z(q[1]) - 3)'],
    ['variance(X(q[0]) + 0.5 * Z(q[0]) - Z(q[1]))'],
    ['variance(k * Z(q[0]) - X(q[0]) * X(q[1]) + k * k * Z(q[1]))'],
    ['variance(projector(q, "01") + X(q[1])) + 0 * expect(Y(q[0]) + X(q[0]) * Z(q[1]))'],
  ])('has the exact variance as its mean over draws of four shots: %s', async returns => {
    const { e = [] } = await outputs(sampled(returns) + model, { a, k: 0.6 })
    const { e: [exact = NaN] = [] } = await outputs(exactly(sampled(returns)) + model, { a: [1.1], k: 0.6 })
    const mean = e.reduce((x, y) => x + y, 0) / ROWS
    const deviation = Math.sqrt(e.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (ROWS - 1))
    // Five standard errors of the mean of independent rows; the plug-in estimate is off by a quarter of the variance, which is above ten.
    expect(Math.abs(mean - exact)).toBeLessThan(5 * deviation / Math.sqrt(ROWS))
    expect(exact / N).toBeGreaterThan(10 * deviation / Math.sqrt(ROWS))
  })

  it('has the exact gradient as the mean of its gradients, by angles and by coefficients', async () => {
    const text = `${sampled('variance(k * Z(q[0]) + X(q[1]))')}model M {\n  param a: real[${ROWS}] ~ constant(1.1)\n  param k: real[${ROWS}] ~ constant(0.6)\n  loss sum(c(a, k))\n}`
    const exact = `${exactly(sampled('variance(k * Z(q[0]) + X(q[1]))'))}model M {\n  param a: real ~ constant(1.1)\n  param k: real ~ constant(0.6)\n  loss c(a, k)\n}`
    const { gradients } = await (await modelOf(text)).evaluate({} as never, { grad: true })
    const { gradients: expected } = await (await modelOf(exact)).evaluate({} as never, { grad: true })
    for (const name of ['a', 'k']) {
      const slopes = numbers(gradients[name])
      const mean = slopes.reduce((x, y) => x + y, 0) / ROWS
      const deviation = Math.sqrt(slopes.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (ROWS - 1))
      expect(Math.abs(mean - (numbers(expected[name])[0] ?? NaN)), name).toBeLessThan(5 * deviation / Math.sqrt(ROWS))
    }
  })
})
