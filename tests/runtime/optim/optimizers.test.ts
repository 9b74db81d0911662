import { describe, expect, it } from 'vitest'
import { makeOptimizer } from '../../../runtime/optim'
import { randomArray, randomNumbers } from '../support'

/** Gradients of ten steps for three parameters. */
const next = randomNumbers(1)
const GRADIENTS = Array.from({ length: 10 }, () => randomArray(3, next))
const START = [0.5, -1, 2]

function run(plan: Parameters<typeof makeOptimizer>[0], start: Float32Array | Float64Array = Float64Array.from(START)): number[][] {
  const gradient = start.slice()
  const optimizer = makeOptimizer(plan, gradient)
  return GRADIENTS.map(g => {
    gradient.set(g)
    optimizer.update(start, gradient)
    return [...start]
  })
}

describe('sgd', () => {
  it('steps against the gradient', () => {
    const theta = [...START]
    run({ name: 'sgd', rate: 0.1, momentum: 0, nesterov: false }).forEach((got, step) => {
      GRADIENTS[step]?.forEach((g, i) => { theta[i] = (theta[i] ?? 0) - 0.1 * g })
      expect(got).toEqual(theta)
    })
  })

  it.each([false, true])('has PyTorch\'s momentum (nesterov %s)', nesterov => {
    const theta = [...START]
    let velocity = [0, 0, 0]
    run({ name: 'sgd', rate: 0.1, momentum: 0.9, nesterov }).forEach((got, step) => {
      const g = GRADIENTS[step] ?? []
      // torch: buf = momentum·buf + grad, the first buf being grad itself; grad + momentum·buf with nesterov.
      velocity = step === 0 ? [...g] : velocity.map((v, i) => 0.9 * v + (g[i] ?? 0))
      velocity.forEach((v, i) => { theta[i] = (theta[i] ?? 0) - 0.1 * (nesterov ? (g[i] ?? 0) + 0.9 * v : v) })
      got.forEach((value, i) => expect(value).toBeCloseTo(theta[i] ?? NaN, 14))
    })
  })
})

describe('adam', () => {
  it('follows its defining equations', () => {
    const [rate, beta1, beta2, epsilon] = [0.05, 0.8, 0.99, 1e-6]
    const theta = [...START]
    const m = [0, 0, 0]
    const v = [0, 0, 0]
    run({ name: 'adam', rate, beta1, beta2, epsilon }).forEach((got, step) => {
      GRADIENTS[step]?.forEach((g, i) => {
        m[i] = beta1 * (m[i] ?? 0) + (1 - beta1) * g
        v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * g ** 2
        const mean = (m[i] ?? 0) / (1 - beta1 ** (step + 1))
        const square = (v[i] ?? 0) / (1 - beta2 ** (step + 1))
        theta[i] = (theta[i] ?? 0) - rate * mean / (Math.sqrt(square) + epsilon)
      })
      got.forEach((value, i) => expect(value).toBeCloseTo(theta[i] ?? NaN, 13))
    })
  })

  it('its first step has the size of the rate', () => {
    const [first = []] = run({ name: 'adam', rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 })
    first.forEach((value, i) => expect(Math.abs(value - (START[i] ?? 0))).toBeCloseTo(0.01, 6))
  })

  it('goes on from its state as if it had not stopped', () => {
    const plan = { name: 'adam', rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const
    const whole = Float64Array.from(START)
    const expected = run(plan, whole).at(-1)
    const theta = Float64Array.from(START)
    const gradient = new Float64Array(3)
    let optimizer = makeOptimizer(plan, gradient)
    GRADIENTS.forEach((g, step) => {
      if (step === 5) {
        const saved = new Map([...optimizer.state].map(([name, array]) => [name, [...array]]))
        optimizer = makeOptimizer(plan, gradient)
        for (const [name, array] of optimizer.state) array.set(saved.get(name) ?? [])
      }
      gradient.set(g)
      optimizer.update(theta, gradient)
    })
    expect([...theta]).toEqual(expected)
  })
})

it('parameters behind the gradient, the frozen ones, are not touched', () => {
  for (const plan of [
    { name: 'sgd', rate: 0.1, momentum: 0.9, nesterov: true }, { name: 'adam', rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ] as const) {
    const parameters = Float32Array.of(1, 2, 3)
    makeOptimizer(plan, new Float32Array(2)).update(parameters, Float32Array.of(1, 1))
    expect(parameters[2]).toBe(3)
    expect(parameters[0]).not.toBe(1)
  }
})
