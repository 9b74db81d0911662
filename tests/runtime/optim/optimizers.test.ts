/** Each optimizer against its defining equations, one number at a time, as PyTorch's documentation writes them. */
import { describe, expect, it } from 'vitest'
import { OPTIMIZERS, type ClipPlan, type GradientName, type OptimizerPlan } from '../../../ir/training'
import type { Backend } from '../../../runtime/backends/backend'
import { REFERENCE } from '../../../runtime/backends/reference'
import { WASM } from '../../../runtime/backends/wasm'
import { randomArray, randomNumbers } from '../support'
import { movingOptimizer } from './support'

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

const BACKENDS = [REFERENCE, WASM]

/** For as many numbers, in the precision, of the array. */
const make = (chosen: Plan, gradient: Float32Array | Float64Array, backend: Backend = REFERENCE, clip?: ClipPlan) =>
  movingOptimizer(chosen, gradient.length, gradient instanceof Float32Array ? 'f32' : 'f64', backend, clip)

async function run(chosen: Plan, start: Float32Array | Float64Array = Float64Array.from(START), backend: Backend = REFERENCE): Promise<number[][]> {
  const gradient = start.slice()
  const optimizer = await make(chosen, gradient, backend)
  const path: number[][] = []
  for (const [step, g] of GRADIENTS.entries()) {
    gradient.set(g)
    await optimizer.update(start, gradient, FACTORS[step] ?? 1)
    path.push([...start])
  }
  return path
}

/** Where gradients come from: given, or those of a function at the parameters. */
type Slopes = (theta: readonly number[], step: number) => number[]

const PROBLEMS: Readonly<Record<string, Slopes>> = {
  given: (_, step) => GRADIENTS[step % GRADIENTS.length] ?? [],
  // ½ Σ h x² with curvatures 1, 4 and 9.
  quadratic: theta => theta.map((x, i) => (i + 1) ** 2 * x),
  // Σ (1 − xᵢ)² + 100 (xᵢ₊₁ − xᵢ²)².
  Rosenbrock: theta => theta.map((x, i) => {
    const after = theta[i + 1], before = theta[i - 1]
    return (after === undefined ? 0 : -2 * (1 - x) - 400 * x * (after - x * x)) + (before === undefined ? 0 : 200 * (x - before * before))
  }),
}

/** How gradients are clipped, in one line each. */
const CLIPS: readonly (readonly [ClipPlan | undefined, (g: readonly number[]) => readonly number[]])[] = [
  [undefined, g => g],
  [{ kind: 'value', limit: 0.4 }, g => g.map(slope => Math.max(-0.4, Math.min(0.4, slope)))],
  [{ kind: 'norm', limit: 0.7 }, g => { const norm = Math.hypot(...g); return g.map(slope => (norm > 0.7 ? 0.7 * slope / norm : slope)) }],
]

/** One parameter's state from step to step: (θ, g, t, rate, memory) → θ. */
type Rule = (theta: number, g: number, t: number, factor: number, memory: number[]) => number

/** The optimizer does what the rule does, for each number by itself, on each backend and problem, with each way of clipping. */
async function follows(chosen: Plan, rule: Rule, first: readonly number[] = []): Promise<void> {
  for (const backend of BACKENDS) await followsOn(backend, chosen, rule, first)
}

async function followsOn(backend: Backend, chosen: Plan, rule: Rule, first: readonly number[]): Promise<void> {
  for (const [problem, slopes] of Object.entries(PROBLEMS)) {
    for (const [clip, clipped] of CLIPS) {
      const start = Float64Array.from(START), gradient = new Float64Array(START.length)
      const optimizer = await make(chosen, gradient, backend, clip)
      let theta: readonly number[] = START
      const memories = START.map(() => [...first])
      for (let step = 0; step < 20; step++) {
        const factor = FACTORS[step % FACTORS.length] ?? 1
        gradient.set(slopes([...start], step))
        await optimizer.update(start, gradient, factor)
        const g = clipped(slopes(theta, step))
        theta = theta.map((value, i) => rule(value, g[i] ?? NaN, step + 1, factor, memories[i] ?? []))
        // A rate that is too large for the valley, unclipped, leads far away: what is left of the run shows nothing.
        if (theta.some(value => Math.abs(value) > 1e3)) break
        // Equal but for the order of a few roundings, which Rosenbrock's valley, of curvature 1000, makes larger step by step.
        const tolerance = problem === 'Rosenbrock' ? 1e-9 : 1e-13
        start.forEach((value, i) => expect(Math.abs(value - (theta[i] ?? NaN)), `${problem}, ${clip?.kind ?? 'no'} clip, step ${step + 1}`).toBeLessThan(tolerance * (1 + Math.abs(value))))
      }
    }
  }
}

const memory = (m: number[], at: number): number => m[at] ?? 0

describe('sgd', () => {
  it('steps against the gradient', async () => {
    await follows(plan('sgd', { rate: 0.1 }), (theta, g, _, factor) => theta - factor * 0.1 * g)
  })

  it.each([false, true])('has PyTorch\'s momentum and decay (nesterov %s)', async nesterov => {
    await follows(plan('sgd', { rate: 0.1, momentum: 0.9, nesterov, decay: 0.02 }), (theta, gradient, t, factor, m) => {
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
  it('adam adds its decay to the gradient', async () => {
    await follows(plan('adam', { rate: 0.05, beta1, beta2, epsilon, decay: 0.1 }), (theta, g, t, factor, m) => theta - factor * 0.05 * adamStep(g + 0.1 * theta, t, m))
  })

  it('adamw shrinks the parameters by rate · decay, apart from the gradient', async () => {
    await follows(plan('adamw', { rate: 0.05, beta1, beta2, epsilon, decay: 0.1 }), (theta, g, t, factor, m) =>
      theta * (1 - factor * 0.05 * 0.1) - factor * 0.05 * adamStep(g, t, m))
  })

  it('the first step has the size of the rate', async () => {
    const [first = []] = await run(plan('adam', { rate: 0.01 }))
    first.forEach((value, i) => expect(Math.abs(value - (START[i] ?? 0))).toBeCloseTo(0.01, 6))
  })
})

describe('rmsprop', () => {
  it.each([[0, false], [0.9, false], [0, true], [0.7, true]])('follows its defining equations (momentum %d, centered %s)', async (momentum, centered) => {
    await follows(plan('rmsprop', { rate: 0.02, alpha: 0.9, epsilon, momentum, centered, decay: 0.05 }), (theta, gradient, _, factor, m) => {
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
  it('divides by the root of the sum of squares so far', async () => {
    await follows(plan('adagrad', { rate: 0.3, rate_decay: 0.1, initial: 0.5, decay: 0.05 }), (theta, gradient, t, factor, m) => {
      const g = gradient + 0.05 * theta
      m[0] = memory(m, 0) + g ** 2
      return theta - factor * 0.3 / (1 + (t - 1) * 0.1) * g / (Math.sqrt(m[0]) + 1e-10)
    }, [0.5])
  })

  it('leaves a parameter whose gradient has always been zero', async () => {
    const theta = Float64Array.of(1)
    await (await make(plan('adagrad', { epsilon: 0 }), theta)).update(theta, Float64Array.of(0), 1)
    expect(theta[0]).toBe(1)
  })
})

describe('lion', () => {
  it('moves each parameter by the rate, by the sign of an interpolated gradient, and decays apart from it', async () => {
    await follows(plan('lion', { rate: 0.01, beta1: 0.9, beta2: 0.99, decay: 0.1 }), (theta, g, _, factor, m) => {
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

  it.each([Float32Array, Float64Array])('goes on from its state to the same bits as if it had not stopped (%o)', async Kind => {
    for (const backend of BACKENDS) {
      const expected = (await run(chosen, Kind.from(START), backend)).at(-1)
      const theta = Kind.from(START)
      const gradient = new Kind(3)
      let optimizer = await make(chosen, gradient, backend)
      for (const [step, g] of GRADIENTS.entries()) {
        if (step === 5) {
          const saved = new Map([...optimizer.state].map(([key, array]) => [key, [...array]]))
          optimizer = await make(chosen, gradient, backend)
          for (const [key, array] of optimizer.state) array.set(saved.get(key) ?? [])
    }
      gradient.set(g)
      await optimizer.update(theta, gradient, FACTORS[step] ?? 1)
    }
    expect([...theta]).toEqual(expected)
   }
  })

  it('leaves parameters behind the gradient, the frozen ones', async () => {
    const parameters = Float32Array.of(1, 2, 3)
    await (await make(chosen, new Float32Array(2))).update(parameters, Float32Array.of(1, 1), 1)
    expect(parameters[2]).toBe(3)
    expect(parameters[0]).not.toBe(1)
  })

  it('comes down a quadratic valley', async () => {
    // ½ Σ h x², curvatures 1 and 10; small steps for long enough that every one of them gets within a rate of the minimum.
    const [theta, gradient] = [Float64Array.of(1, -1), new Float64Array(2)]
    const optimizer = await make({ ...chosen, decay: 0, ...(name === 'adagrad' ? { rate: 0.5, rate_decay: 0 } : {}) }, gradient)
    for (let step = 0; step < 3000; step++) {
      gradient.set([theta[0] ?? NaN, 10 * (theta[1] ?? NaN)])
      await optimizer.update(theta, gradient, 1)
    }
    theta.forEach(x => expect(Math.abs(x)).toBeLessThan(0.02))
  })
})
