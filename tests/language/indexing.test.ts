import { describe, expect, it } from 'vitest'
import { expectValue, ofExpression } from './expect'
import { run, type Nested } from './run'

const DECLARED = '  input x: real[batch, 4, 3]\n  input i: int[2]\n  input j: int[2]\n  input s: int'
// x[b, r, c] = 100 b + 10 r + c.
const X = [0, 1].map(b => [0, 1, 2, 3].map(r => [0, 1, 2].map(c => 100 * b + 10 * r + c)))
const VALUES = { x: X, i: [1, -2], j: [0, 2], s: 1 }

describe('an index', () => {
  it.each<[string, Nested]>([
    ['x[0, 1, 2]', 12], ['x[-1, -2, -3]', 120], ['x[0][1][2]', 12], ['x[1]', X[1] ?? []], ['x[..., 0]', [[0, 10, 20, 30], [100, 110, 120, 130]]], ['x[0, ..., 1]', [1, 11, 21, 31]],
    ['x[:, 1:3, 0]', [[10, 20], [110, 120]]], ['x[0, -2:, 0]', [20, 30]], ['x[0, :-1, 0]', [0, 10, 20]], ['x[0, 2:2]', []],
    ['x[0, i]', [[10, 11, 12], [20, 21, 22]]], ['x[0, i, j]', [10, 22]], ['x[:, i, j]', [[10, 22], [110, 122]]], ['x[0, s]', [10, 11, 12]], ['x[0, -s, 0]', 30],
    ['x[0, [0, 2], 1]', [1, 21]], ['x[0, [[0, 1], [2, 3]], 0]', [[0, 10], [20, 30]]], ['x[0, i, 0:2]', [[10, 11], [20, 21]]], ['x[0, :, [0, -1]]', [[0, 2], [10, 12], [20, 22], [30, 32]]],
    ['x[:, s, j]', [[10, 12], [110, 112]]], ['x[i, 0, 0]', [100, 0]], ['[10, 20, 30][i]', [20, 20]], ['[10, 20, 30][-1]', 30], ['[[1, 2], [3, 4]][:, 1]', [2, 4]], ['(i + 1)[0]', 2],
  ])('%s takes what NumPy takes', async (expression, value) => { await expectValue(expression, value, DECLARED, VALUES) })

  it('of run time is checked, with its place', async () => {
    const text = ofExpression('v[k]', '  input v: real[3]\n  input k: int')
    await expect(run(text, { v: [1, 2, 3], k: 3 })).rejects.toThrow(/v\[k\]/)
    await expect(run(text, { v: [1, 2, 3], k: -4 })).rejects.toThrow(/v\[k\]/)
    expect((await run(text, { v: [1, 2, 3], k: -3 })).outputs).toEqual({ y: 1 })
  })

  it('by a loop\'s counter reads rows: t, t + 1, t − 1, and backwards', async () => {
    const declared = '  input v: real[n]'
    const values = { v: [1, 2, 4, 8] }
    await expectValue('for t in 0..n { yield v[t] }', [1, 2, 4, 8], declared, values)
    await expectValue('for t in 0..n - 1 { yield v[t + 1] - v[t] }', [1, 2, 4], declared, values)
    await expectValue('for t in 1..n { yield v[t - 1] }', [1, 2, 4], declared, values)
    await expectValue('for t in 0..n { yield v[n - 1 - t] }', [8, 4, 2, 1], declared, values)
    // A negative index counts from the end, in a loop as elsewhere.
    await expectValue('for t in 0..n { yield v[t - 1] }', [8, 1, 2, 4], declared, values)
    await expect(run(ofExpression('for t in 0..n { yield v[t + 1] }', declared), values)).rejects.toThrow(/v\[t \+ 1\]/)
  })
})
