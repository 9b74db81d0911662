/** `sort`, `bits`, `spins`, and `einsum` over diagonals. */
import { describe, expect, it } from 'vitest'
import { flat, run } from '../run'

describe('sort', () => {
  it('is ascending along the last axis, or along another', async () => {
    const { outputs } = await run(`model M {
      input x: real[n, m]
      output rows = sort(x)
      output columns = sort(x, axis = 0)
      output vector = sort(x[0])
      output ints = sort([3, 1, 2])
    }`, { x: [[3, -1, 2], [0, 5, -4]] })
    expect(outputs).toEqual({ rows: [[-1, 2, 3], [-4, 0, 5]], columns: [[0, -1, -4], [3, 5, 2]], vector: [-1, 2, 3], ints: [1, 2, 3] })
  })

  it('agrees with Array.sort on 500 numbers with many ties', async () => {
    const x = Array.from({ length: 500 }, (_, i) => (i * 7919) % 97)
    const { outputs } = await run('model M { input x: real[n]\n output y = sort(x) }', { x })
    expect(outputs.y).toEqual(x.toSorted((p, q) => p - q))
  })

  it('hands cotangents back to where the values came from, equal values in their order', async () => {
    const { outputs } = await run(`model M {
      input x: real[2, 4]
      let w = [[1, 10, 100, 1000], [2, 20, 200, 2000]]
      output g = grad(sum(w * sort(x)), x)
      output h = grad(sum(w * grad(sum(w * sort(x)^2), x)), x)
    }`, { x: [[2, 1, 2, 0], [-1, -1, -1, -1]] })
    expect(outputs.g).toEqual([[100, 10, 1000, 1], [2, 20, 200, 2000]])
    // d/dx of w·(2 w∘x) is 2 w_sorted·w.
    expect(outputs.h).toEqual([[200, 200, 200_000, 2000], [8, 800, 80_000, 8_000_000]])
  })

  it('puts NaN last, and leaves a size of 1 or 0 as it is', async () => {
    const { outputs } = await run('model M { input x: real[3]\n output y = sort(x / x)\n output one = sort([7])\n output none = sum(sort(zeros([2, 0]))) }', { x: [0, 1, 2] })
    expect(outputs).toEqual({ y: [1, 1, NaN], one: [7], none: 0 })
  })
})

describe('bits and spins', () => {
  it('count up with the first column most significant', async () => {
    const { outputs } = await run('model M { output b = bits(3)\n output s = spins(2)\n output none = bits(0) }')
    expect(outputs.b).toEqual([[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])
    expect(outputs.s).toEqual([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    expect(outputs.none).toEqual([[]])
  })

  it('of 10 variables are computed by the run, by the same rule', async () => {
    const { outputs } = await run('model M { output b = bits(10)\n output s = spins(10) }')
    const expected = Array.from({ length: 1024 }, (_, row) => row.toString(2).padStart(10, '0').split('').map(Number))
    expect(outputs.b).toEqual(expected)
    expect(outputs.s).toEqual(expected.map(row => row.map(bit => 1 - 2 * bit)))
  })

  it('may be of a size that the call binds', async () => {
    const { outputs } = await run('model M { input h: real[n]\n output z = sum(exp(spins(n) @ h)) }', { h: [0.3, -1, 0.5] })
    // Spins without coupling: Z = Π 2 cosh h.
    expect(outputs.z).toBeCloseTo([0.3, 1, 0.5].reduce((product, h) => product * 2 * Math.cosh(h), 1), 12)
  })

  it('sum up to the partition function of the open Ising chain, 2 (2 cosh β)^(n − 1), with its energy by the derivative', async () => {
    const { outputs } = await run(`model M {
      input beta: real
      let s = spins(9)
      let logz = logsumexp(beta * sum(s[:, 0:8] * s[:, 1:9], axis = 1))
      output logz
      output energy = -grad(logz, beta)
    }`, { beta: 0.7 })
    expect(outputs.logz).toBeCloseTo(Math.log(2) + 8 * Math.log(2 * Math.cosh(0.7)), 12)
    expect(outputs.energy).toBeCloseTo(-8 * Math.tanh(0.7), 12)
  })
})

describe('einsum with a letter twice in one operand', () => {
  it('takes the diagonal', async () => {
    const x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    const { outputs } = await run(`model M {
      input x: real[n, n]
      input t: real[2, 2, 3, 2]
      output trace = einsum("ii->", x)
      output diagonal = einsum("ii->i", x)
      output g = grad(einsum("ii->", x)^2, x)
      output partial = einsum("iiji->ij", t)
      output product = einsum("ii,ij->j", x, x)
    }`, { x, t: [0, 1].map(i => [0, 1].map(j => [0, 1, 2].map(k => [0, 1].map(l => 1000 * i + 100 * j + 10 * k + l)))) })
    expect(outputs.trace).toBe(15)
    expect(outputs.diagonal).toEqual([1, 5, 9])
    expect(outputs.g).toEqual([[30, 0, 0], [0, 30, 0], [0, 0, 30]])
    expect(flat(outputs.partial ?? [])).toEqual([0, 10, 20, 1101, 1111, 1121])
    expect(outputs.product).toEqual([1 * 1 + 5 * 4 + 9 * 7, 1 * 2 + 5 * 5 + 9 * 8, 1 * 3 + 5 * 6 + 9 * 9])
  })
})

describe('einsum of several operands', () => {
  it('is the sum of their products, with its derivative', async () => {
    const [a, b, c] = [[[1, 2], [3, 4], [5, 6]], [[1, 0, 2], [0, 3, 1]], [[2, 1], [1, 1], [0, 4]]]
    const { outputs } = await run(`model M {
      input a: real[3, 2]
      input b: real[2, 3]
      input c: real[3, 2]
      output chain = einsum("ij, jk, kl -> il", a, b, c)
      output trace = einsum("ij,jk,kl,li->", a, b, c, c[0:2] @ transpose(c))
      output outer = einsum("i,j,k->kij", a[:, 0], b[0], c[:, 1])
      output weighted = einsum("ij,jk,ki,i->", a, b, eye(3), a[:, 1])
      output g = grad(einsum("ij,jk,kl->", a, b, c), b)
    }`, { a, b, c })
    const times = (x: number[][], y: number[][]) => x.map(row => (y[0] ?? []).map((_, j) => row.reduce((sum, value, k) => sum + value * (y[k]?.[j] ?? NaN), 0)))
    const chain = times(times(a, b), c)
    const back = times(c.slice(0, 2), (c[0] ?? []).map((_, j) => c.map(row => row[j] ?? NaN)))
    const trace = (x: number[][]) => x.reduce((sum, row, i) => sum + (row[i] ?? NaN), 0)
    expect(outputs.chain).toEqual(chain)
    expect(outputs.trace).toBe(trace(times(chain, back)))
    expect(outputs.outer).toEqual([1, 1, 4].map(z => [1, 3, 5].map(x => [1, 0, 2].map(y => x * y * z))))
    expect(outputs.weighted).toBe(times(a, b).reduce((sum, row, i) => sum + (row[i] ?? NaN) * (a[i]?.[1] ?? NaN), 0))
    // ∂/∂b[j, k] = Σᵢ a[i, j] · Σₗ c[k, l]
    expect(outputs.g).toEqual([9, 12].map(left => [3, 2, 4].map(right => left * right)))
  })
})
