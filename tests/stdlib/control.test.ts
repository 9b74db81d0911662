import { describe, it } from 'vitest'
import { run } from '../language/run'
import { at, columns, expectClose, expectGradients, outputsOf, plus, spreadMatrix, sumOf, times, valueOf, type Matrix, type Vector } from './support'

const A = [[1, 0.1], [-0.2, 0.9]]
const B = [[0.3], [1]]
const Q = [[2, 0.5], [0.5, 1]]
const R = [[0.4]]
const P = [[3, 0], [0, 5]]
const start = [1, -2]
const TIME = 5
const controls = spreadMatrix(TIME, 1)

const multiply = (a: Matrix, b: Matrix): number[][] => a.map(row => times(row, b))
const add = (a: Matrix, b: Matrix, factor = 1): number[][] => a.map((row, i) => row.map((x, j) => x + factor * at(b[i] ?? [], j)))
const form = (x: Vector, M: Matrix) => sumOf(times(x, M).map((y, i) => y * at(x, i)))
const next = (x: Vector, u: Vector) => plus(times(x, columns(A)), times(u, columns(B)))

const text = `use std.control.{linear_rollout, quadratic_cost, lqr_cost}
const A = ${JSON.stringify(A)}
const B = ${JSON.stringify(B)}
const Q = ${JSON.stringify(Q)}
const R = ${JSON.stringify(R)}
const P = ${JSON.stringify(P)}
model M {
  input start: real[2]
  param u: real[${TIME}, 1]
  let states = linear_rollout(start, u, A, B)
  output states
  output cost = quadratic_cost(states, u, Q, R, P)
  loss lqr_cost(start, u, A, B, Q, R, P)
}`

describe('linear_rollout', () => {
  it('is xₜ₊₁ = A xₜ + B uₜ from the start on', async () => {
    const states: Vector[] = [start]
    for (const u of controls) states.push(next(states.at(-1) ?? [], u))
    const { states: found } = await outputsOf(text, { start, u: controls })
    expectClose(found, states)
  })

  it('of no controls is the start', async () => {
    const { states } = await outputsOf(`use std.control.linear_rollout
model M {
  input start: real[2]
  input u: real[time, 1]
  output states = linear_rollout(start, u, ${JSON.stringify(A)}, ${JSON.stringify(B)})
}`, { start, u: { data: [], shape: [0, 1] } })
    expectClose(states, [start])
  })
})

describe('the quadratic cost', () => {
  it('is made of quadratic forms along the last axis', async () => {
    const rows = spreadMatrix(3, 2)
    expectClose(await valueOf('std.control.quadratic_form', 'quadratic_form(x, Q)', { x: 'real[batch, 2]', Q: 'real[2, 2]' }, { x: rows, Q }), rows.map(row => form(row, Q)))
  })

  it('adds xᵀQx and uᵀRu before the end, and xᵀPx at it', async () => {
    let x: Vector = start
    let cost = 0
    for (const u of controls) {
      cost += form(x, Q) + form(u, R)
      x = next(x, u)
    }
    const { outputs, loss } = await run(text, { start, u: controls })
    expectClose([outputs.cost ?? NaN, loss ?? NaN], [cost + form(x, P), cost + form(x, P)])
  })

  it('of many trajectories is the cost of each', async () => {
    const states = [spreadMatrix(3, 2, 1), spreadMatrix(3, 2, 2)]
    const u = [spreadMatrix(2, 1, 3), spreadMatrix(2, 1, 4)]
    const { cost } = await outputsOf(`use std.control.quadratic_cost
model M {
  input states: real[batch, time + 1, 2]
  input u: real[batch, time, 1]
  output cost = quadratic_cost(states, u, ${JSON.stringify(Q)}, ${JSON.stringify(R)}, ${JSON.stringify(P)})
}`, { states, u })
    expectClose(cost, states.map((xs, row) => sumOf(xs.slice(0, 2).map(x => form(x, Q))) + form(xs[2] ?? [], P) + sumOf((u[row] ?? []).map(each => form(each, R)))))
  })

  it('is least, and its gradient zero, at the controls of the Riccati recursion', async () => {
    // P ← Q + Aᵀ P (A − B K), K = (R + Bᵀ P B)⁻¹ Bᵀ P A, from the last step back: the optimal control is u = −K x.
    let value: Matrix = P
    const gains: Matrix[] = []
    for (let t = 0; t < TIME; t++) {
      const BtP = multiply(columns(B), value)
      const K = multiply(BtP, A).map(row => row.map(x => x / (at(R[0] ?? [], 0) + at(multiply(BtP, B)[0] ?? [], 0))))
      gains.unshift(K)
      value = add(Q, multiply(multiply(columns(A), value), add(A, multiply(B, K), -1)))
    }
    let x: Vector = start
    const u = gains.map(K => {
      const control = times(x, columns(K)).map(each => -each)
      x = next(x, control)
      return control
    })
    const { loss, gradients } = await run(text, { start, u })
    expectClose(loss ?? NaN, form(start, value))
    expectClose(gradients.u, u.map(() => [0]))
  })

  it('has the gradients of central differences', () => expectGradients(text, { start, u: controls }))
})

describe('lqr_gains', () => {
  const regulator = `use std.control.{lqr_gains, lqr_cost, linear_rollout}
const A = ${JSON.stringify(A)}
const B = ${JSON.stringify(B)}
const Q = ${JSON.stringify(Q)}
const R = ${JSON.stringify(R)}
const P = ${JSON.stringify(P)}
model M {
  input start: real[2]
  let (K, value) = lqr_gains(A, B, Q, R, P, ${TIME})
  var x = start
  let u = for t in 0..${TIME} {
    let control = -K[t] @ x
    x = A @ x + B @ control
    yield control
  }
  output expected = start @ value @ start
  output cost = lqr_cost(start, u, A, B, Q, R, P)
  output slope = grad(lqr_cost(start, u, A, B, Q, R, P), u)
}`

  it('steer to the cost x₀ᵀ P₀ x₀, where no change of a control makes it less', async () => {
    const { expected, cost, slope } = await outputsOf(regulator, { start })
    expectClose(cost, expected ?? NaN)
    expectClose(slope, controls.map(() => [0]), 1e-12)
  })

  it('of a scalar system tend to the golden ratio', async () => {
    // A = B = Q = R = 1: P = 1 + P − P²/(1 + P) has the root (1 + √5)/2, and the gain is P/(1 + P) = 1/P.
    const { outputs } = await run(`use std.control.lqr_gains
model M {
  let (K, P) = lqr_gains(eye(1), eye(1), eye(1), eye(1), eye(1), 40)
  output first = K[0]
  output P
}`)
    const golden = (1 + Math.sqrt(5)) / 2
    expectClose(outputs.P, [[golden]])
    expectClose(outputs.first, [[1 / golden]])
  })
})
