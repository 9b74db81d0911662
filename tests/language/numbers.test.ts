import { describe, it } from 'vitest'
import { expectOutputs, expectValue } from './expect'
import type { Nested } from './run'

describe('precedence', () => {
  it.each<[string, Nested]>([
    ['-2^2', -4], ['2^-1', 0.5], ['2^3^2', 512], ['-2^-2', -0.25], ['(-2)^2', 4],
    ['1 + 2 * 3^2', 19], ['1 - 2 - 3', -4], ['8 / 4 / 2', 1], ['2 * 3 % 4', 2], ['7 / 2 * 2', 7], ['2 + 3 * -4', -10],
    ['1 + 2 == 3', true], ['not 1 < 2 or true', true], ['true or true and false', true], ['not false and false', false], ['1 + 2 == 3 and not 2 > 3', true],
    ['if 1 < 2 then 3 else 4 + 100', 3], ['if false then 1 else if true then 2 else 3', 2], ['-sum([1, 2])', -3],
    ['[1, 2, 3] |> sum', 6], ['2 |> max(3)', 3], ['1 + 3 |> sqrt', 2], ['[4, 9] |> sqrt |> sum', 5], ['3 % 2 == 1', true],
  ])('%s is %s', async (expression, value) => { await expectValue(expression, value) })

  it('matrix products stand with * and /', async () => {
    await expectValue('1 + x @ [3, 4] * 2', 23, '  input x: real[2]', { x: [1, 2] })
  })
})

describe('int, real and bool', () => {
  const DECLARED = '  input n: int[3]\n  input b: bool[3]\n  input x: real[3]'
  const VALUES = { n: [1, 2, 3], b: [true, false, true], x: [0.5, -1.5, 2.5] }

  // % is floored, idiv floors, / gives a real; int^k is an int for a literal k ≥ 0.
  it.each<[string, Nested]>([
    ['-7 % 3', 2], ['7 % -3', -2], ['-7.5 % 2', 0.5], ['idiv(-7, 2)', -4], ['idiv(n, 2)', [0, 1, 1]], ['n / 2', [0.5, 1, 1.5]], ['n % 2', [1, 0, 1]],
    ['n^2', [1, 4, 9]], ['n^0', [1, 1, 1]], ['n^-1', [1, 1 / 2, 1 / 3]], ['x^0', [1, 1, 1]], ['0^0', 1], ['2^10', 1024],
    ['n * x', [0.5, -3, 7.5]], ['b * x', [0.5, -0, 2.5]], ['n + b', [2, 2, 4]], ['true + true', 2], ['-true', -1], ['+true', 1],
    ['min(n, 2)', [1, 2, 2]], ['max(x, 0)', [0.5, 0, 2.5]], ['abs(-n)', [1, 2, 3]], ['sign(x)', [1, -1, 1]], ['relu(-n)', [0, 0, 0]],
    ['sum(b)', 2], ['mean(b)', 2 / 3], ['max(b)', 1], ['sum(n)', 6], ['mean(n)', 2], ['prod(n)', 6], ['cumsum(n)', [1, 3, 6]],
    ['n == 2', [false, true, false]], ['b == (n > 1)', [false, false, true]], ['3.0 == 3', true], ['true == 1', true], ['n != x', [true, true, true]],
    ['if b then n else x', [1, -1.5, 3]], ['if b then n else 0', [1, 0, 3]], ['where(b, 1, 2)', [1, 2, 1]], ['not b', [false, true, false]],
    ['any(b)', true], ['all(b)', false], ['floor(x)', [0, -2, 2]], ['ceil(x)', [1, -1, 3]], ['round([0.5, 1.5, 2.5])', [0, 2, 2]], ['clamp(n, 2, 2)', [2, 2, 2]],
    ['argmax(x)', 2], ['argmin(x)', 1], ['argmax([1, 3, 3])', 1],
  ])('%s is %s', async (expression, value) => { await expectValue(expression, value, DECLARED, VALUES) })

  it('an int result is an int and a real result a real', async () => {
    await expectOutputs(`model M {
  input n: int[2]
  output power = ones([2^2 - 1])
  output halves = n / 1
}
`, { n: [1, 2] }, { power: [1, 1, 1], halves: [1, 2] })
  })

  it('infinity and π are numbers', async () => {
    await expectValue('[inf, -inf, pi, π]', [Infinity, -Infinity, Math.PI, Math.PI])
  })
})

describe('broadcasting', () => {
  it('is NumPy\'s: the last axes meet, and 1 stretches', async () => {
    await expectOutputs(`model M {
  input x: real[2, 3]
  input row: real[3]
  input column: real[2, 1]
  output rows = x + row
  output columns = x * column
  output outer = row * column
  output scalar = 1 - x
}
`, { x: [[1, 2, 3], [4, 5, 6]], row: [10, 20, 30], column: [[1], [-1]] }, {
      rows: [[11, 22, 33], [14, 25, 36]], columns: [[1, 2, 3], [-4, -5, -6]], outer: [[10, 20, 30], [-10, -20, -30]], scalar: [[0, -1, -2], [-3, -4, -5]],
    })
  })
})
