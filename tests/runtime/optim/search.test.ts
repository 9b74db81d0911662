/** Optimizers that look at the loss itself, on functions whose minima are known. */
import { describe, expect, it } from 'vitest'
import { OPTIMIZERS, type GradientName, type OptimizerName, type OptimizerPlan } from '../../../ir/training'
import { makeOracleOptimizer } from '../../../runtime/optim/oracles'
import { searchLine, type Trial } from '../../../runtime/optim/lineSearch'
import { randomArray, randomNumbers } from '../support'

type OracleName = Exclude<OptimizerName, GradientName>
type Plan = OptimizerPlan & { readonly name: OracleName }

const plan = (name: OracleName, options: object = {}): Plan =>
  ({ name, ...Object.fromEntries(Object.entries(OPTIMIZERS[name]).map(([key, row]) => [key, row.fallback])), ...options }) as unknown as Plan

interface Problem {
  loss(x: ArrayLike<number>): number
  gradient(x: ArrayLike<number>): number[]
  hessian?(x: ArrayLike<number>): number[]
  metric?(x: ArrayLike<number>): number[]
}

interface Ran { readonly x: Float64Array | Float32Array; readonly steps: number; readonly evaluations: number; readonly losses: number[] }

async function minimise(problem: Problem, start: Float64Array | Float32Array, chosen: Plan, limit: number, seed = 0): Promise<Ran> {
  const x = start.slice()
  const gradient = x.slice().fill(0)
  const optimizer = makeOracleOptimizer(chosen, gradient)
  let evaluations = 0
  const losses: number[] = []
  const oracle = {
    loss: (into?: Float64Array | Float32Array) => {
      evaluations++
      into?.set(problem.gradient(x))
      return Promise.resolve(problem.loss(x))
    },
    hessian: () => Promise.resolve(Float64Array.from(problem.hessian?.(x) ?? [])),
    metric: () => Promise.resolve(Float64Array.from(problem.metric?.(x) ?? [])),
    spectra: () => [],
  }
  for (let step = 1; step <= limit; step++) {
    gradient.set(problem.gradient(x))
    losses.push(problem.loss(x))
    const outcome = await optimizer.step({ parameters: x, gradient, loss: problem.loss(x), oracle, step, seed })
    if (outcome === 'converged') return { x, steps: step - 1, evaluations, losses }
  }
  return { x, steps: limit, evaluations, losses }
}

const at = (x: ArrayLike<number>, i: number): number => x[i] ?? NaN

/** Rosenbrock's valley; the minimum is 0 at (1, 1). */
const ROSENBROCK: Problem = {
  loss: x => (1 - at(x, 0)) ** 2 + 100 * (at(x, 1) - at(x, 0) ** 2) ** 2,
  gradient: x => [-2 * (1 - at(x, 0)) - 400 * at(x, 0) * (at(x, 1) - at(x, 0) ** 2), 200 * (at(x, 1) - at(x, 0) ** 2)],
  hessian: x => [2 - 400 * at(x, 1) + 1200 * at(x, 0) ** 2, -400 * at(x, 0), -400 * at(x, 0), 200],
}

/** ½ xᵀAx − bᵀx with A = MᵀM + I of 50 dimensions, so that A x = b at the minimum. */
function quadratic(n: number): Problem & { readonly residual: (x: ArrayLike<number>) => number } {
  const next = randomNumbers(7)
  const m = Array.from({ length: n }, () => randomArray(n, next))
  const a = m.map((_, i) => m.map((__, j) => m.reduce((sum, row) => sum + at(row, i) * at(row, j), i === j ? 1 : 0)))
  const b = randomArray(n, next)
  const gradient = (x: ArrayLike<number>) => a.map((row, i) => row.reduce((sum, value, j) => sum + value * at(x, j), -at(b, i)))
  return {
    loss: x => gradient(x).reduce((sum, slope, i) => sum + 0.5 * (slope - at(b, i)) * at(x, i), 0), gradient, hessian: () => a.flat(),
    residual: x => Math.max(...gradient(x).map(Math.abs)),
  }
}

describe('lbfgs', () => {
  it('finds the minimum of Rosenbrock\'s valley from the classical start, in a few dozen steps', async () => {
    const { x, steps, evaluations, losses } = await minimise(ROSENBROCK, Float64Array.of(-1.2, 1), plan('lbfgs'), 200)
    x.forEach(value => expect(value).toBeCloseTo(1, 9))
    // Nocedal and Wright's book and other implementations need 30 to 40 steps and 45 to 55 evaluations.
    expect(steps).toBeLessThan(50)
    expect(evaluations).toBeLessThan(70)
    losses.forEach((loss, i) => expect(loss).toBeLessThanOrEqual((losses[i - 1] ?? Infinity) * (1 + 1e-12)))
  })

  it.each([1, 3, 100])('tries the step −H g first, H from the last %d pairs by the matrix formula of BFGS', async history => {
    const size = 4
    // Not a quadratic, or every H would come near to the same.
    const weights = [1, 2, 3, 4]
    const problem: Problem = {
      loss: x => weights.reduce((sum, w, i) => sum + w * at(x, i) ** 2 / 2 + at(x, i) ** 4 / 4 + at(x, i) * at(x, (i + 1) % size) / 2, 0),
      gradient: x => weights.map((w, i) => w * at(x, i) + at(x, i) ** 3 + (at(x, (i + 1) % size) + at(x, (i + size - 1) % size)) / 2),
    }
    const x = Float64Array.of(2, -1, 1.5, 0.5)
    const gradient = new Float64Array(size)
    const optimizer = makeOracleOptimizer(plan('lbfgs', { history, rate: 1 }), gradient)
    const pairs: { readonly s: number[]; readonly y: number[] }[] = []
    const inner = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * at(b, i), 0)
    for (let step = 1; step <= 8; step++) {
      const start = [...x]
      const before = problem.gradient(x)
      gradient.set(before)
      const tried: number[][] = []
      await optimizer.step({ parameters: x, gradient, loss: problem.loss(x), step, seed: 0, oracle: {
        loss: into => { tried.push([...x]); into?.set(problem.gradient(x)); return Promise.resolve(problem.loss(x)) },
        hessian: () => Promise.resolve(new Float64Array(0)),
        metric: () => Promise.resolve(new Float64Array(0)),
        spectra: () => [],
      } })
      // H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ over the last pairs, from sᵀy / yᵀy of the newest (Nocedal and Wright 6.17 and 7.20).
      const last = pairs.at(-1)
      const scale = last ? inner(last.s, last.y) / inner(last.y, last.y) : Math.min(1, 1 / before.reduce((sum, slope) => sum + Math.abs(slope), 0))
      let h = start.map((_, i) => start.map((__, j) => (i === j ? scale : 0)))
      for (const { s, y } of pairs.slice(-history)) {
        const rho = 1 / inner(s, y)
        const left = s.map((si, i) => y.map((yj, j) => (i === j ? 1 : 0) - rho * si * yj))
        const product = left.map(row => h.map((_, k) => inner(row, h.map(other => at(other, k)))))
        h = product.map((row, i) => left.map((other, j) => inner(row, other) + rho * at(s, i) * at(s, j)))
      }
      tried[0]?.forEach((value, i) => expect(value - at(start, i)).toBeCloseTo(-inner(h[i] ?? [], before), 11))
      pairs.push({ s: [...x].map((value, i) => value - at(start, i)), y: problem.gradient(x).map((slope, i) => slope - at(before, i)) })
    }
    expect(problem.loss(x)).toBeLessThan(1e-3)
  })

  it('in single precision ends where no better point can be told apart', async () => {
    const { x, steps } = await minimise(ROSENBROCK, Float32Array.of(-1.2, 1), plan('lbfgs'), 500)
    expect(steps).toBeLessThan(100)
    // Near the minimum the loss is flat to its rounding within about √ε of the scale of the valley.
    x.forEach(value => expect(Math.abs(value - 1)).toBeLessThan(2e-3))
  })

  it('solves a quadratic of 50 dimensions, also when it remembers one pair only', async () => {
    const problem = quadratic(50)
    for (const history of [1, 10]) {
      const { x } = await minimise(problem, new Float64Array(50), plan('lbfgs', { history }), 2000)
      expect(problem.residual(x)).toBeLessThan(1e-6)
    }
  })

  it('stays where the gradient is zero', async () => {
    const { steps, evaluations } = await minimise(ROSENBROCK, Float64Array.of(1, 1), plan('lbfgs'), 5)
    expect([steps, evaluations]).toEqual([0, 0])
  })

  it('steps back from where the loss is no number', async () => {
    // x − log x has its minimum at 1, and is no number below 0, where the first steps from 0.01 … 50 may lead.
    const problem: Problem = { loss: x => at(x, 0) - Math.log(at(x, 0)), gradient: x => [1 - 1 / at(x, 0)] }
    for (const start of [0.01, 0.5, 50]) {
      const { x } = await minimise(problem, Float64Array.of(start), plan('lbfgs'), 100)
      expect(at(x, 0)).toBeCloseTo(1, 7)
    }
  })
})

describe('the line search', () => {
  it('ends at strong Wolfe points of functions with several minima', async () => {
    const functions: [(t: number) => number, (t: number) => number][] = [
      // Moré and Thuente 1994, functions 5.1 and 5.2.
      [t => -t / (t * t + 2), t => (t * t - 2) / (t * t + 2) ** 2],
      [t => (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, t => 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3],
      [t => Math.cos(3 * t) - 0.2 * t, t => -3 * Math.sin(3 * t) - 0.2],
    ]
    for (const [loss, slope] of functions) {
      for (const first of [1e-3, 0.1, 1, 10, 1e3]) {
        let latest: Trial | undefined
        const evaluate = (step: number): Promise<Trial> => {
          latest = { step, loss: loss(step), slope: slope(step) }
          return Promise.resolve(latest)
        }
        const start = { step: 0, loss: loss(0), slope: slope(0) }
        const found = await searchLine(evaluate, start, first, 40, 0)
        expect(found).toBe(latest)
        if (!found) throw new Error('nothing found')
        expect(found.loss).toBeLessThanOrEqual(start.loss + 1e-4 * found.step * start.slope)
        expect(Math.abs(found.slope)).toBeLessThanOrEqual(0.9 * Math.abs(start.slope))
      }
    }
  })
})

describe('newton', () => {
  it('solves a quadratic of 50 dimensions in one step', async () => {
    const problem = quadratic(50)
    const { x, steps } = await minimise(problem, Float64Array.from(randomArray(50, randomNumbers(3))), plan('newton', { tolerance: 1e-8 }), 5)
    expect(steps).toBe(1)
    expect(problem.residual(x)).toBeLessThan(1e-9)
  })

  it('finds the minimum of Rosenbrock\'s valley in six steps from the classical start', async () => {
    // The undamped iteration from (−1.2, 1) is a textbook example (Dennis and Schnabel, example 6.5.1): f goes 24.2, 4.73, 1411.8, 0.0559, 0.313, 1.9e-11.
    const { x, steps, losses } = await minimise(ROSENBROCK, Float64Array.of(-1.2, 1), plan('newton'), 20)
    expect(losses[2]).toBeCloseTo(1411.845, 2)
    expect(steps).toBeLessThanOrEqual(7)
    x.forEach(value => expect(value).toBeCloseTo(1, 10))
  })

  it('with damping takes the step of (H + λ I) d = g', async () => {
    const problem: Problem = { loss: x => at(x, 0) ** 2 + 3 * at(x, 1) ** 2, gradient: x => [2 * at(x, 0), 6 * at(x, 1)], hessian: () => [2, 0, 0, 6] }
    const { x } = await minimise(problem, Float64Array.of(1, 1), plan('newton', { damping: 4, rate: 0.5 }), 1)
    expect([...x]).toEqual([1 - 0.5 * 2 / 6, 1 - 0.5 * 6 / 10])
  })

  it('says when the Hessian is singular', async () => {
    const flat: Problem = { loss: x => at(x, 0), gradient: () => [1, 0], hessian: () => [0, 0, 0, 0] }
    await expect(minimise(flat, Float64Array.of(1, 1), plan('newton'), 1)).rejects.toThrow('the Hessian is singular; give it more damping')
  })
})

describe('spsa', () => {
  it('takes the step of its two losses along the signs that it drew', async () => {
    const points: number[][] = []
    const problem: Problem = { loss: x => { points.push([...Array.from(x)]); return at(x, 0) ** 2 + 3 * at(x, 1) }, gradient: () => [0, 0] }
    const options = { rate: 0.2, perturbation: 0.3, stability: 5, alpha: 0.602, gamma: 0.101 }
    const { x } = await minimise(problem, Float64Array.of(1, -1), plan('spsa', options), 1)
    // Of the first two points here one is the step's own start and loss.
    const [plus = [], minus = []] = points.slice(2)
    const signs = plus.map((value, i) => (value - (minus[i] ?? 0)) / 0.6)
    signs.forEach(sign => expect(Math.abs(sign)).toBeCloseTo(1, 12))
    const loss = (p: number[]) => at(p, 0) ** 2 + 3 * at(p, 1)
    const gain = 0.2 / (5 + 1) ** 0.602
    signs.forEach((sign, i) => expect(at(x, i)).toBeCloseTo((i === 0 ? 1 : -1) - gain * (loss(plus) - loss(minus)) / 0.6 * sign, 12))
  })

  it('has gains of their own for parts, element by element', async () => {
    const points: number[][] = []
    const x = Float64Array.of(1, -1, 2)
    const start = [...x]
    const loss = () => { points.push([...x]); return at(x, 0) ** 2 + 3 * at(x, 1) * at(x, 2) }
    const all = { rate: 0.2, perturbation: 0.3, stability: 5, alpha: 0.602, gamma: 0.101 }
    const own = { ...all, rate: 0.05, perturbation: 0.1, alpha: 1 }
    const optimizer = makeOracleOptimizer({ name: 'spsa', ...all }, x.slice(), [{ options: all, start: 0, end: 2 }, { options: own, start: 2, end: 3 }])
    const never = () => Promise.reject(new Error('not asked for'))
    await optimizer.step({ parameters: x, gradient: new Float64Array(3), loss: NaN, step: 2, seed: 4, oracle: { loss: () => Promise.resolve(loss()), hessian: never, metric: never, spectra: () => [] } })
    const [plus = [], minus = []] = points
    const f = (p: number[]) => at(p, 0) ** 2 + 3 * at(p, 1) * at(p, 2)
    ;[all, all, own].forEach(({ rate, perturbation, alpha }, i) => {
      const width = perturbation / 2 ** 0.101
      const sign = (at(plus, i) - at(minus, i)) / (2 * width)
      expect(Math.abs(sign)).toBeCloseTo(1, 12)
      expect(at(x, i)).toBeCloseTo((start[i] ?? NaN) - rate / (5 + 2) ** alpha * (f(plus) - f(minus)) / (2 * width) * sign, 12)
    })
  })

  it('comes close to the minimum of a quadratic, and repeats itself by the seed', async () => {
    const problem = quadratic(5)
    const chosen = plan('spsa', { rate: 0.1, perturbation: 0.05, stability: 100 })
    const start = new Float64Array(5)
    const first = await minimise(problem, start, chosen, 4000, 1)
    const best = await minimise(problem, start, plan('newton'), 3)
    expect(problem.loss(first.x) - problem.loss(best.x)).toBeLessThan(0.02 * (problem.loss(start) - problem.loss(best.x)))
    expect(first.evaluations).toBe(8000)
    const again = await minimise(problem, start, chosen, 4000, 1)
    expect([...again.x]).toEqual([...first.x])
    expect([...(await minimise(problem, start, chosen, 4000, 2)).x]).not.toEqual([...first.x])
  })
})

describe('natural_gradient', () => {
  it('takes rate·(F + λ I)⁻¹ g', async () => {
    // F + I = [[2, 1], [1, 3]], g = (3, 4): d = (1, 1).
    const problem: Problem = { loss: () => 0, gradient: () => [3, 4], metric: () => [1, 1, 1, 2] }
    const { x } = await minimise(problem, Float64Array.of(0, 0), plan('natural_gradient', { rate: 0.5, damping: 1 }), 1)
    x.forEach(value => expect(value).toBeCloseTo(-0.5, 14))
  })

  it('says that a metric is singular without damping', async () => {
    const flat: Problem = { loss: x => at(x, 0), gradient: () => [1, 0], metric: () => [0, 0, 0, 1] }
    await expect(minimise(flat, Float64Array.of(1, 1), plan('natural_gradient', { damping: 0 }), 1)).rejects.toThrow('the metric is singular; give it more damping')
  })
})
