/** Each optimizer against its defining equations, one number at a time, as PyTorch's documentation writes them. */
import { describe, expect, it } from 'vitest'
import { OPTIMIZERS, type GradientName, type OptimizerPlan } from '../../../ir/training'
import { makeGradientOptimizer } from '../../../runtime/optim'
import { randomArray, randomNumbers } from '../support'

/** Gradients of ten steps for three parameters. */
const next = randomNumbers(1)
const GRADIENTS = Array.from({ length: 10 }, () => randomArray(3, next))
const START = [0.5, -1, 2]
/** Of a schedule, one for each step. */
const FACTORS = GRADIENTS.map((_, step) => (step < 3 ? 1 : 0.5))

type Plan<Name extends GradientName = GradientName> = OptimizerPlan & { readonly name: Name }

/** The table's defaults, and what is given. */
function plan<Name extends GradientName>(name: Name, options: Partial<Plan<Name>> = {}): Plan<Name> {
  const rows = Object.entries(OPTIMIZERS[name]).map(([key, row]) => [key, row.fallback])
  return { name, ...Object.fromEntries(rows), ...options } as unknown as Plan<Name>
}

function run(chosen: Plan, start: Float32Array | Float64Array = Float64Array.from(START), factors = FACTORS): number[][] {
  const gradient = start.slice()
  const optimizer = makeGradientOptimizer(chosen, gradient)
  return GRADIENTS.map((g, step) => {
    gradient.set(g)
    optimizer.update(start, gradient, factors[step] ?? 1)
    return [...start]
  })
}

/** One parameter's state from step to step: (θ, g, t, rate, memory) → θ. */
type Rule = (theta: number, g: number, t: number, factor: number, memory: number[]) => number

/** The optimizer does what the rule does, for each number by itself. */
function follows(chosen: Plan, rule: Rule, memory: readonly number[] = []): void {
  const theta = [...START]
  const memories = START.map(() => [...memory])
  run(chosen).forEach((got, step) => {
    theta.forEach((value, i) => { theta[i] = rule(value, GRADIENTS[step]?.[i] ?? NaN, step + 1, FACTORS[step] ?? NaN, memories[i] ?? []) })
    // Equal but for the order of a few roundings.
    got.forEach((value, i) => expect(value).toBeCloseTo(theta[i] ?? NaN, 13))
  })
}

const memory = (m: number[], at: number): number => m[at] ?? 0

describe('sgd', () => {
  it('steps against the gradient', () => {
    follows(plan('sgd', { rate: 0.1 }), (theta, g, _, factor) => theta - factor * 0.1 * g)
  })

  it.each([false, true])('has PyTorch\'s momentum and decay (nesterov %s)', nesterov => {
    follows(plan('sgd', { rate: 0.1, momentum: 0.9, nesterov, decay: 0.02 }), (theta, gradient, t, factor, m) => {
      const g = gradient + 0.02 * theta
      // torch: buf = momentum·buf + grad, the first buf being grad itself; grad + momentum·buf with nesterov.
      m[0] = t === 1 ? g : 0.9 * memory(m, 0) + g
      return theta - factor * 0.1 * (nesterov ? g + 0.9 * m[0] : m[0])
    })
  })
})

const [beta1, beta2, epsilon] = [0.8, 0.99, 1e-6]
const adamStep = (g: number, t: number, m: number[]): number => {
  m[0] = beta1 * memory(m, 0) + (1 - beta1) * g
  m[1] = beta2 * memory(m, 1) + (1 - beta2) * g ** 2
  return m[0] / (1 - beta1 ** t) / (Math.sqrt(m[1] / (1 - beta2 ** t)) + epsilon)
}

describe('adam and adamw', () => {
  it('adam adds its decay to the gradient', () => {
    follows(plan('adam', { rate: 0.05, beta1, beta2, epsilon, decay: 0.1 }), (theta, g, t, factor, m) => theta - factor * 0.05 * adamStep(g + 0.1 * theta, t, m))
  })

  it('adamw shrinks the parameters by rate · decay, apart from the gradient', () => {
    follows(plan('adamw', { rate: 0.05, beta1, beta2, epsilon, decay: 0.1 }), (theta, g, t, factor, m) =>
      theta * (1 - factor * 0.05 * 0.1) - factor * 0.05 * adamStep(g, t, m))
  })

  it('the first step has the size of the rate', () => {
    const [first = []] = run(plan('adam', { rate: 0.01 }))
    first.forEach((value, i) => expect(Math.abs(value - (START[i] ?? 0))).toBeCloseTo(0.01, 6))
  })
})

describe('rmsprop', () => {
  it.each([[0, false], [0.9, false], [0, true], [0.7, true]])('follows its defining equations (momentum %d, centered %s)', (momentum, centered) => {
    follows(plan('rmsprop', { rate: 0.02, alpha: 0.9, epsilon, momentum, centered, decay: 0.05 }), (theta, gradient, _, factor, m) => {
      const g = gradient + 0.05 * theta
      m[0] = 0.9 * memory(m, 0) + 0.1 * g ** 2
      m[1] = 0.9 * memory(m, 1) + 0.1 * g
      const average = Math.sqrt(centered ? m[0] - m[1] ** 2 : m[0]) + epsilon
      m[2] = momentum * memory(m, 2) + g / average
      return theta - factor * 0.02 * (momentum > 0 ? m[2] : g / average)
    })
  })
})

describe('adagrad', () => {
  it('divides by the root of the sum of squares so far', () => {
    follows(plan('adagrad', { rate: 0.3, rate_decay: 0.1, initial: 0.5, decay: 0.05 }), (theta, gradient, t, factor, m) => {
      const g = gradient + 0.05 * theta
      m[0] = memory(m, 0) + g ** 2
      return theta - factor * 0.3 / (1 + (t - 1) * 0.1) * g / (Math.sqrt(m[0]) + 1e-10)
    }, [0.5])
  })

  it('leaves a parameter whose gradient has always been zero', () => {
    const theta = Float64Array.of(1)
    makeGradientOptimizer(plan('adagrad', { epsilon: 0 }), new Float64Array(1)).update(theta, Float64Array.of(0), 1)
    expect(theta[0]).toBe(1)
  })
})

describe('lion', () => {
  it('moves each parameter by the rate, by the sign of an interpolated gradient, and decays apart from it', () => {
    follows(plan('lion', { rate: 0.01, beta1: 0.9, beta2: 0.99, decay: 0.1 }), (theta, g, _, factor, m) => {
      const direction = Math.sign(0.9 * memory(m, 0) + 0.1 * g)
      m[0] = 0.99 * memory(m, 0) + 0.01 * g
      return theta - factor * 0.01 * (direction + 0.1 * theta)
    })
  })
})

const NAMES: readonly GradientName[] = ['sgd', 'adam', 'adamw', 'rmsprop', 'adagrad', 'lion']
const BUSY: { readonly [Name in GradientName]: Partial<Plan<Name>> } = {
  sgd: { momentum: 0.9, nesterov: true }, adam: {}, adamw: {}, rmsprop: { momentum: 0.5, centered: true }, adagrad: { rate_decay: 0.1 }, lion: {},
}

describe.each(NAMES)('%s', name => {
  const chosen = plan(name, { rate: 0.01, ...BUSY[name] } as Partial<Plan>)

  it.each([Float32Array, Float64Array])('goes on from its state to the same bits as if it had not stopped (%o)', Kind => {
    const expected = run(chosen, Kind.from(START)).at(-1)
    const theta = Kind.from(START)
    const gradient = new Kind(3)
    let optimizer = makeGradientOptimizer(chosen, gradient)
    GRADIENTS.forEach((g, step) => {
      if (step === 5) {
        const saved = new Map([...optimizer.state].map(([key, array]) => [key, [...array]]))
        optimizer = makeGradientOptimizer(chosen, gradient)
        for (const [key, array] of optimizer.state) array.set(saved.get(key) ?? [])
      }
      gradient.set(g)
      optimizer.update(theta, gradient, FACTORS[step] ?? 1)
    })
    expect([...theta]).toEqual(expected)
  })

  it('leaves parameters behind the gradient, the frozen ones', () => {
    const parameters = Float32Array.of(1, 2, 3)
    makeGradientOptimizer(chosen, new Float32Array(2)).update(parameters, Float32Array.of(1, 1), 1)
    expect(parameters[2]).toBe(3)
    expect(parameters[0]).not.toBe(1)
  })

  it('comes down a quadratic valley', () => {
    // ½ Σ h x², curvatures 1 and 10; small steps for long enough that every one of them gets within a rate of the minimum.
    const [theta, gradient] = [Float64Array.of(1, -1), new Float64Array(2)]
    const optimizer = makeGradientOptimizer({ ...chosen, decay: 0, ...(name === 'adagrad' ? { rate: 0.5, rate_decay: 0 } : {}) }, gradient)
    for (let step = 0; step < 3000; step++) {
      gradient.set([theta[0] ?? NaN, 10 * (theta[1] ?? NaN)])
      optimizer.update(theta, gradient, 1)
    }
    theta.forEach(x => expect(Math.abs(x)).toBeLessThan(0.02))
  })
})
