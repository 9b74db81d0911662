/** `solve`, `inverse`, `det` and `cholesky` against closed forms and published matrices. */
import { describe, expect, it } from 'vitest'
import { cofactorsAlong } from '../../support/matrices'
import { flat, load, run, runModel, type Nested } from '../run'

function expectClose(found: Nested | undefined, expected: Nested, digits = 12): void {
  const numbers = flat(found ?? [])
  expect(numbers.length).toBe(flat(expected).length)
  flat(expected).forEach((number, i) => expect(numbers[i]).toBeCloseTo(number, digits))
}

/** [[a, b], [c, d]] */
const MATRIX = [[3, 1], [-2, 4]] as const
const [[a, b], [c, d]] = MATRIX
const DET = a * d - b * c

describe('solve', () => {
  it('of 2 × 2 is Cramer’s rule, for a vector and for a matrix', async () => {
    const { outputs } = await run(`model M {
      input A: real[2, 2]
      input v: real[2]
      output x = solve(A, v)
      output both = solve(A, [[v[0], 1], [v[1], 0]])
    }`, { A: MATRIX, v: [5, 6] })
    const x = [(5 * d - b * 6) / DET, (a * 6 - 5 * c) / DET]
    expectClose(outputs.x, x)
    expectClose(outputs.both, [[x[0] ?? 0, d / DET], [x[1] ?? 0, -c / DET]])
  })

  it('has the derivatives b̄ = A⁻ᵀ x̄ and Ā = −b̄ xᵀ', async () => {
    const { outputs } = await run(`model M {
      input A: real[2, 2]
      input v: real[2]
      let x = solve(A, v)
      let y = 2 * x[0] - 3 * x[1]
      output x
      output byV = grad(y, v)
      output byA = grad(y, A)
    }`, { A: MATRIX, v: [5, 6] })
    const byV = [(2 * d + 3 * c) / DET, (-2 * b - 3 * a) / DET]
    expectClose(outputs.byV, byV)
    expectClose(outputs.byA, byV.map(left => flat(outputs.x ?? []).map(right => -left * right)))
  })

  it('takes a batch of matrices, or one matrix for a batch of right sides', async () => {
    const { outputs } = await run(`model M {
      input A: real[n, 2, 2]
      input v: real[n, 2]
      output x = solve(A, v)
      output shared = solve(A[0], transpose(v))
      output columns = solve(A, [[[1, 0], [0, 1]]])
    }`, { A: [MATRIX, [[0, 1], [2, 0]]], v: [[5, 6], [7, 8]] })
    expectClose(outputs.x, [[(5 * d - b * 6) / DET, (a * 6 - 5 * c) / DET], [4, 7]])
    expectClose(outputs.shared, [[(5 * d - b * 6) / DET, (7 * d - b * 8) / DET], [(a * 6 - 5 * c) / DET, (a * 8 - 7 * c) / DET]])
    expectClose(outputs.columns, [[[d / DET, -b / DET], [-c / DET, a / DET]], [[0, 0.5], [1, 0]]])
  })

  it('exchanges rows where a pivot is 0, and keeps 10 digits of the Hilbert matrix of size 4', async () => {
    const hilbert = [1, 2, 3, 4].map(i => [0, 1, 2, 3].map(j => 1 / (i + j)))
    // The inverse is known: it has integer entries (Choi, Tricks or Treats with the Hilbert Matrix, 1983).
    const { outputs } = await run('model M { input H: real[n, n]\n output inv = inverse(H)\n output determinant = det(H) }', { H: hilbert })
    expectClose(outputs.inv, [[16, -120, 240, -140], [-120, 1200, -2700, 1680], [240, -2700, 6480, -4200], [-140, 1680, -4200, 2800]], 8)
    expect(Number(outputs.determinant) * 6048000).toBeCloseTo(1, 11)
  })

  it('has a jacobian of which each row solves with the same matrix', async () => {
    const { outputs } = await run(`model M {
      input A: real[2, 2]
      input v: real[2]
      let x = solve(A, v)
      output byV = jacobian(x, v)
      output byA = jacobian(x, A)
      output inv = inverse(A)
    }`, { A: MATRIX, v: [5, 6] })
    expectClose(outputs.byV, outputs.inv ?? [])
    const inv = outputs.inv as number[][]
    const x = [(5 * d - b * 6) / DET, (a * 6 - 5 * c) / DET]
    // dx_i / dA_jk = −(A⁻¹)_ij x_k
    expectClose(outputs.byA, inv.map(row => row.map(left => x.map(right => -left * right))))
  })

  it('of a singular matrix stops the run and says where', async () => {
    const program = await load('model M {\n  input A: real[n, n]\n  output x = solve(A, A[0])\n}')
    await expect(runModel(program, { A: [[1, 2], [2, 4]] })).rejects.toThrow('main.bp:3:14: `solve(A, A[0])`: the matrix (2×2) is singular')
    const batch = await load('model M {\n  input A: real[k, 2, 2]\n  output x = inverse(A)\n}')
    await expect(runModel(batch, { A: [[[1, 0], [0, 1]], [[0, 0], [0, 0]]] })).rejects.toThrow('matrix 1 of 2 (2×2) is singular')
  })
})

describe('det', () => {
  it('of a permutation is its sign, of the empty matrix 1, of a triangle the product of its diagonal', async () => {
    const { outputs } = await run(`model M {
      output odd = det([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
      output even = det([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
      output none = det(zeros([0, 0]))
      output triangle = det([[2, 7, 1], [0, 3, 9], [0, 0, 5]])
    }`)
    expect(outputs).toEqual({ odd: -1, even: 1, none: 1, triangle: 30 })
  })

  it('has the cofactors as derivative, for matrices of every rank', async () => {
    const text = 'model M { input A: real[3, 3]\n output g = grad(det(A), A) }'
    const cofactorsOf = (m: readonly (readonly number[])[]) => [0, 1, 2].map(i => [0, 1, 2].map(j => {
      const [r0 = [], r1 = []] = m.filter((_, row) => row !== i).map(row => row.filter((_, column) => column !== j))
      return ((i + j) % 2 ? -1 : 1) * ((r0[0] ?? 0) * (r1[1] ?? 0) - (r0[1] ?? 0) * (r1[0] ?? 0))
    }))
    const matrices = [
      [[2, -1, 3], [0.5, 4, 1], [1, 1, -2]],
      // Rank 2, with the dependent row in each place; rank 2 by an empty column; rank 1; rank 0.
      [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[5, 7, 9], [1, 2, 3], [4, 5, 6]], [[0, 1, 2], [0, 3, 4], [0, 5, 7]],
      [[1, 2, 3], [2, 4, 6], [-1, -2, -3]], [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
    ]
    for (const A of matrices) expectClose((await run(text, { A })).outputs.g, cofactorsOf(A))
  })

  it('has a second derivative: ∂² det / ∂a ∂d of [[a, b], [c, d]] is 1, ∂² / ∂b ∂c is −1', async () => {
    const { outputs } = await run('model M { input A: real[2, 2]\n output h = hessian(det(A), A) }', { A: MATRIX })
    expectClose(outputs.h, [[[[0, 0], [0, 1]], [[0, 0], [-1, 0]]], [[[0, -1], [0, 0]], [[1, 0], [0, 0]]]])
  })

  it('has second and third derivatives at matrices of every rank: determinants of what is left without two or three rows and columns', async () => {
    const text = `model M { input A: real[n, n]
      input V: real[n, n]
      input W: real[n, n]
      let slope = sum(V * grad(det(A), A))
      let bend = sum(W * grad(slope, A))
      output second = grad(slope, A)
      output third = grad(bend, A)
      output turned = grad(sum(second * W), V)
    }`
    const V = [[1, -2, 0.5, 3], [0.25, 1, -1, 2], [2, 0, 1, -0.5], [-1, 4, 1, 1]]
    const W = [[0, 1, 2, -1], [3, -0.5, 1, 0], [1, 1, -2, 0.25], [2, 0, 1, -3]]
    const matrices = [
      [[2, -1, 3, 0], [0.5, 4, 1, 1], [1, 1, -2, 5], [3, 0, 1, 1]],
      // Of rank 3, 2, 1 and 0.
      [[1, 2, 3, 4], [4, 5, 6, 1], [7, 8, 9, -2], [0, 1, 0, 1]], [[0, 1, 2, 3], [0, 3, 4, 1], [0, 4, 6, 4], [0, 2, 2, -2]],
      [[1, 2, 3, 4], [2, 4, 6, 8], [-1, -2, -3, -4], [0, 0, 0, 0]], [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
    ]
    for (const A of matrices) {
      const { outputs } = await run(text, { A, V, W })
      expectClose(outputs.second, cofactorsAlong(A, [V]))
      expectClose(outputs.third, cofactorsAlong(A, [V, W]))
      expectClose(outputs.turned, cofactorsAlong(A, [W]))
    }
  })

  it('of a batch is one number a matrix', async () => {
    const { outputs } = await run('model M { input A: real[k, 2, 2]\n output y = det(A)\n output g = grad(sum(det(A)), A) }', { A: [MATRIX, [[0, 2], [3, 0]]] })
    expectClose(outputs.y, [DET, -6])
    expectClose(outputs.g, [[[d, -c], [-b, a]], [[0, -3], [-2, 0]]])
  })
})

describe('cholesky', () => {
  it('of Pascal’s symmetric matrix is Pascal’s triangle (Edelman and Strang, Pascal Matrices, 2004)', async () => {
    const { outputs } = await run('model M { input A: real[n, n]\n output L = cholesky(A) }', { A: [[1, 1, 1, 1], [1, 2, 3, 4], [1, 3, 6, 10], [1, 4, 10, 20]] })
    expectClose(outputs.L, [[1, 0, 0, 0], [1, 1, 0, 0], [1, 2, 1, 0], [1, 3, 3, 1]])
  })

  it('gives log det A = 2 Σ log L_ii, whose derivative is A⁻¹ and whose second derivative along V is −tr(A⁻¹ V A⁻¹ V)', async () => {
    const { outputs } = await run(`model M {
      input A: real[3, 3]
      input V: real[3, 3]
      let logdet = 2 * einsum("ii->", log(where(eye(3) == 1, cholesky(A), 1)))
      output logdet
      output g = grad(logdet, A)
      output inv = inverse(A)
      output direct = log(det(A))
      output second = sum(V * grad(sum(V * grad(logdet, A)), A))
      output trace = -einsum("ii->", inverse(A) @ V @ inverse(A) @ V)
    }`, { A: [[4, 1, 0.5], [1, 3, -1], [0.5, -1, 2]], V: [[1, 0.5, -1], [0.5, 2, 0], [-1, 0, 1]] })
    expect(outputs.logdet).toBeCloseTo(Number(outputs.direct), 12)
    expectClose(outputs.g, outputs.inv ?? [])
    expect(outputs.second).toBeCloseTo(Number(outputs.trace), 11)
  })

  it('takes the symmetric part of a matrix that is not symmetric', async () => {
    const { outputs } = await run('model M { input A: real[2, 2]\n output L = cholesky(A)\n output g = grad(cholesky(A)[1, 0], A) }', { A: [[4, 1], [3, 10]] })
    expectClose(outputs.L, [[2, 0], [1, 3]])
    // L₁₀ = s / √A₀₀ with s = (A₀₁ + A₁₀)/2.
    expectClose(outputs.g, [[-2 / 16, 0.25], [0.25, 0]])
  })

  it('of a matrix that is not positive definite stops the run and says where', async () => {
    const program = await load('model M {\n  input A: real[n, n]\n  output L = cholesky(A)\n}')
    await expect(runModel(program, { A: [[1, 2], [2, 1]] })).rejects.toThrow('main.bp:3:14: `cholesky(A)`: the matrix is not positive definite: the pivot of row 1 is -3')
  })
})
