/** L-BFGS (Liu and Nocedal 1989) with a line search for the strong Wolfe conditions. */
import type { FloatArray } from '../params'
import { searchLine, type Trial } from './lineSearch'
import { zerosLike, type OptimizerState, type OracleOptimizer, type OracleStep, type Options } from './optimizer'

/**
 * The last m pairs s = θ' − θ, y = g' − g stand for the inverse Hessian H (two-loop recursion, Nocedal and Wright 7.4); the
 * step is along d = −H g, H₀ = sᵀy / yᵀy. The first step has the length min(1, 1/‖g‖₁), as in PyTorch.
 *
 * @param like an array of the gradient's kind and length; sums are taken in 64 bits
 */
export function lbfgs({ rate, history, evaluations, tolerance }: Options<'lbfgs'>, like: FloatArray): OracleOptimizer {
  const pairs = new Pairs(history, like.length)
  const trialGradient = zerosLike(like)
  const start = zerosLike(like)
  const direction = new Float64Array(like.length)
  const rounding = 16 * (like instanceof Float32Array ? 2 ** -23 : 2 ** -52)

  const descend = async ({ parameters, gradient, loss, oracle }: OracleStep): Promise<boolean> => {
    pairs.direction(gradient, direction)
    const slope = dot(gradient, direction)
    if (!(slope < 0)) return false
    const evaluate = async (step: number): Promise<Trial> => {
      for (let i = 0; i < start.length; i++) parameters[i] = (start[i] as number) + step * (direction[i] as number)
      const value = await oracle.loss(trialGradient)
      return { step, loss: Number.isFinite(value) ? value : Infinity, slope: dot(trialGradient, direction) }
    }
    const first = rate * (pairs.count > 0 ? 1 : Math.min(1, 1 / sumOfSizes(gradient)))
    const found = await searchLine(evaluate, { step: 0, loss, slope }, first, evaluations, rounding)
    if (found) pairs.add(parameters, start, trialGradient, gradient)
    else parameters.set(start)
    return found !== undefined
  }

  return { state: pairs.state, async step(at) {
    start.set(at.parameters)
    if (at.gradient.every(slope => Math.abs(slope) <= tolerance)) return 'converged'
    if (await descend(at)) return 'moved'
    // What was remembered may mislead: once more without it, along the gradient itself.
    if (pairs.count === 0) return 'converged'
    pairs.clear()
    return await descend(at) ? 'moved' : 'converged'
  } }
}

/** A ring of the last pairs. */
class Pairs {
  private readonly steps: Float64Array
  private readonly changes: Float64Array
  /** How many there are, and where the next one goes. */
  private readonly marks = new Float64Array(2)
  readonly state: OptimizerState

  constructor(private readonly capacity: number, private readonly length: number) {
    this.steps = new Float64Array(capacity * length)
    this.changes = new Float64Array(capacity * length)
    this.state = new Map([['steps', this.steps], ['changes', this.changes], ['marks', this.marks]])
  }

  get count(): number {
    return this.marks[0] as number
  }

  clear(): void {
    this.marks.fill(0)
  }

  /** Keeps a pair, unless its curvature sᵀy is not clearly positive: H would not be. */
  add(after: FloatArray, before: FloatArray, gradientAfter: FloatArray, gradientBefore: FloatArray): void {
    const at = this.marks[1] as number
    const { step, change } = this.pair(at)
    for (let i = 0; i < step.length; i++) {
      step[i] = (after[i] as number) - (before[i] as number)
      change[i] = (gradientAfter[i] as number) - (gradientBefore[i] as number)
    }
    if (!(dot(step, change) > 1e-14 * Math.sqrt(dot(step, step) * dot(change, change)))) return
    this.marks[0] = Math.min(this.capacity, this.count + 1)
    this.marks[1] = (at + 1) % this.capacity
  }

  /** d = −H g by the two loops. */
  direction(gradient: FloatArray, d: Float64Array): void {
    for (let i = 0; i < d.length; i++) d[i] = -(gradient[i] as number)
    const newest = this.newestFirst()
    const weights = newest.map(({ step, change, curvature }) => {
      const weight = dot(step, d) / curvature
      addScaled(d, -weight, change)
      return weight
    })
    const [last] = newest
    if (last) {
      const scale = last.curvature / dot(last.change, last.change)
      for (let i = 0; i < d.length; i++) d[i] = scale * (d[i] as number)
    }
    for (let k = newest.length - 1; k >= 0; k--) {
      const pair = newest[k]
      if (pair) addScaled(d, (weights[k] ?? 0) - dot(pair.change, d) / pair.curvature, pair.step)
    }
  }

  private newestFirst(): { readonly step: Float64Array; readonly change: Float64Array; readonly curvature: number }[] {
    return Array.from({ length: this.count }, (_, k) => {
      const pair = this.pair(((this.marks[1] as number) - 1 - k + 2 * this.capacity) % this.capacity)
      return { ...pair, curvature: dot(pair.step, pair.change) }
    })
  }

  private pair(at: number): { readonly step: Float64Array; readonly change: Float64Array } {
    const from = at * this.length
    return { step: this.steps.subarray(from, from + this.length), change: this.changes.subarray(from, from + this.length) }
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function sumOfSizes(a: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] as number)
  return sum
}

function addScaled(to: Float64Array, factor: number, a: ArrayLike<number>): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + factor * (a[i] as number)
}
