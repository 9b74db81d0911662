import { describe, expect, it } from 'vitest'
import { flat, run } from '../language/run'
import { at, entry, expectClose, expectGradients, plus, sigmoid, spread, spreadMatrix, times, valueOf, type Matrix, type Vector } from './support'

const [BATCH, TIME, IN, OUT] = [2, 4, 3, 2]
const x = [spreadMatrix(TIME, IN, 1), spreadMatrix(TIME, IN, 2)]
const part = (v: Vector, gate: number): Vector => v.slice(gate * OUT, (gate + 1) * OUT)

/** Runs a step over each sequence of the batch, from zero. */
function unroll<State>(start: State, step: (x: Vector, state: State) => { readonly h: Vector; readonly state: State }, reverse = false) {
  return x.map(rows => {
    let state = start
    const order = reverse ? rows.toReversed() : rows
    const hs = order.map(row => {
      const next = step(row, state)
      state = next.state
      return next.h
    })
    return { hs: reverse ? hs.toReversed() : hs, last: state }
  })
}

const zero: Vector = Array.from({ length: OUT }, () => 0)
const program = (layer: string, names: string, options = '') => `use std.nn.${layer}
model M {
  input x: real[batch, time, ${IN}]
  let (${names}) = x |> ${layer}(${OUT}${options})
  ${names.split(', ').map(name => `output ${name}`).join('\n  ')}
  loss sum(sin(hs)) + sum(h * h)
}`

describe('rnn', () => {
  const weights = { 'rnn.Wx': spreadMatrix(IN, OUT, 3), 'rnn.Wh': spreadMatrix(OUT, OUT, 4), 'rnn.b': spread(OUT, 5) }
  const step = (row: Vector, h: Vector) => {
    const next = plus(plus(times(row, weights['rnn.Wx']), times(h, weights['rnn.Wh'])), weights['rnn.b']).map(Math.tanh)
    return { h: next, state: next }
  }

  it.each([false, true])('is the recurrence tanh(x Wx + h Wh + b), reverse = %s', async reverse => {
    const { outputs } = await run(program('rnn', 'hs, h', `, reverse = ${reverse}`), { x, ...weights })
    const expected = unroll(zero, step, reverse)
    expectClose(outputs.hs, expected.map(({ hs }) => hs))
    expectClose(outputs.h, expected.map(({ last }) => last))
  })

  it('has the gradients of central differences', () => expectGradients(program('rnn', 'hs, h'), { x, ...weights }))
})

describe('gru', () => {
  const weights = {
    'gru.Wx': spreadMatrix(IN, 3 * OUT, 3), 'gru.Wh': spreadMatrix(OUT, 3 * OUT, 4), 'gru.bx': spread(3 * OUT, 5), 'gru.bh': spread(3 * OUT, 6),
  }
  // The equations of PyTorch's nn.GRU, in its order r, z, n.
  const step = (row: Vector, h: Vector) => {
    const given = plus(times(row, weights['gru.Wx']), weights['gru.bx'])
    const state = plus(times(h, weights['gru.Wh']), weights['gru.bh'])
    const r = plus(part(given, 0), part(state, 0)).map(sigmoid)
    const z = plus(part(given, 1), part(state, 1)).map(sigmoid)
    const n = part(given, 2).map((g, i) => Math.tanh(g + at(r, i) * at(part(state, 2), i)))
    const next = h.map((was, i) => (1 - at(z, i)) * at(n, i) + at(z, i) * was)
    return { h: next, state: next }
  }

  it.each([false, true])('follows the equations of PyTorch, reverse = %s', async reverse => {
    const { outputs } = await run(program('gru', 'hs, h', `, reverse = ${reverse}`), { x, ...weights })
    const expected = unroll(zero, step, reverse)
    expectClose(outputs.hs, expected.map(({ hs }) => hs))
    expectClose(outputs.h, expected.map(({ last }) => last))
  })

  it('has the gradients of central differences', () => expectGradients(program('gru', 'hs, h'), { x, ...weights }))
})

describe('lstm', () => {
  const weights = { 'lstm.Wx': spreadMatrix(IN, 4 * OUT, 3), 'lstm.Wh': spreadMatrix(OUT, 4 * OUT, 4), 'lstm.b': spread(4 * OUT, 5) }
  // The equations of PyTorch's nn.LSTM, in its order i, f, g, o.
  const step = (row: Vector, { h, c }: { readonly h: Vector; readonly c: Vector }) => {
    const gates = plus(plus(times(row, weights['lstm.Wx']), times(h, weights['lstm.Wh'])), weights['lstm.b'])
    const [i, f, o] = [0, 1, 3].map(gate => part(gates, gate).map(sigmoid))
    const g = part(gates, 2).map(Math.tanh)
    const cell = c.map((was, k) => at(f ?? [], k) * was + at(i ?? [], k) * at(g, k))
    const next = cell.map((value, k) => at(o ?? [], k) * Math.tanh(value))
    return { h: next, state: { h: next, c: cell } }
  }

  it.each([false, true])('follows the equations of PyTorch, reverse = %s', async reverse => {
    const { outputs } = await run(program('lstm', 'hs, h, c', `, reverse = ${reverse}`), { x, ...weights })
    const expected = unroll({ h: zero, c: zero }, step, reverse)
    expectClose(outputs.hs, expected.map(({ hs }) => hs))
    expectClose(outputs.h, expected.map(({ last }) => last.h))
    expectClose(outputs.c, expected.map(({ last }) => last.c))
  })

  it('has the gradients of central differences', () => expectGradients(program('lstm', 'hs, h, c'), { x, ...weights }))

  it('of a sequence of no steps is its state at the start', async () => {
    const { outputs } = await run(program('lstm', 'hs, h, c'), { x: { data: [], shape: [BATCH, 0, IN] } })
    expectClose(outputs.h, [zero, zero])
    expect(flat(outputs.hs ?? [])).toEqual([])
  })
})

it('a bidirectional network is two layers, joined at each step', async () => {
  const { outputs, parameters } = await run(`use std.nn.gru
model M {
  input x: real[batch, time, ${IN}]
  layer forward = gru(${OUT})
  layer backward = gru(${OUT}, reverse = true)
  let (f, h) = forward(x)
  let (b, g) = backward(x)
  output both = concat([f, b], axis = -1)
  output ends = concat([f[:, -1], b[:, 0]], axis = -1)
  output states = concat([h, g], axis = -1)
}`, { x })
  expect(Object.keys(parameters)).toContain('forward.Wx')
  expectClose(outputs.ends, outputs.states ?? [])
})

it('every parameter of a recurrent layer starts within 1/√out of 0, and spread over that range', async () => {
  const { parameters } = await run(`use std.nn.lstm
model M {
  input x: real[batch, time, 20]
  let (hs, h, c) = x |> lstm(25)
  output h
}`, { x: [spreadMatrix(2, 20)] })
  for (const value of Object.values(parameters)) {
    const numbers = flat(value)
    // 1/√25 = 0.2, whose uniform distribution has the deviation 0.2/√3; of n draws it is met within 4 / √n of itself.
    const deviation = Math.sqrt(numbers.reduce((sum, w) => sum + w * w, 0) / numbers.length)
    expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(0.2)
    expect(Math.abs(deviation / (0.2 / Math.sqrt(3)) - 1)).toBeLessThan(4 / Math.sqrt(numbers.length))
  }
})

describe('the steps are functions, for loops of one\'s own', () => {
  const gates: Matrix = [spread(4 * OUT, 7)]

  it('lstm_step', async () => {
    const { outputs } = await run(`use std.nn.lstm_step
model M {
  input gates: real[1, ${4 * OUT}]
  input c: real[1, ${OUT}]
  let (h, next) = lstm_step(gates, c)
  output h
  output next
}`, { gates, c: [zero] })
    const cell = zero.map((_, i) => sigmoid(entry(gates, 0, i)) * Math.tanh(entry(gates, 0, 2 * OUT + i)))
    expectClose(outputs.next, [cell])
    expectClose(outputs.h, [cell.map((value, i) => sigmoid(entry(gates, 0, 3 * OUT + i)) * Math.tanh(value))])
  })

  it('gru_step, which keeps its state where z is 1', async () => {
    const h = [[0.3, -0.6]]
    const open = [[0, 0, 800, 800, 0.5, 0.5]]
    const step = (given: Matrix) => valueOf('std.nn.gru_step', 'gru_step(given, 0 * given, h)', { given: `real[1, ${3 * OUT}]`, h: `real[1, ${OUT}]` }, { given, h })
    expectClose(await step(open), h)
    expectClose(await step(open.map(row => row.map(Math.abs).map(x => (x > 1 ? -x : x)))), [[Math.tanh(0.5), Math.tanh(0.5)]])
  })
})
