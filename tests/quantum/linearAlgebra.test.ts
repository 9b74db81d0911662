import { describe, expect, it } from 'vitest'
import { GATE_NAMES, GATES, PRIMITIVE_GATES } from '../../quantum/gates'
import {
  addScaled, conjugateTranspose, hermitianEigensystem, identityMatrix, kronecker, largestDifference, matrixFromRows,
  matrixPower, multiplyMatrices, scaleMatrix, unitaryDeviation, zeroMatrix, type ComplexMatrix,
} from '../../quantum/linearAlgebra'
import { expectSameMatrix, matrixExponential, randomNumbers } from './support'

const random = randomNumbers(2)

function randomHermitian(size: number): ComplexMatrix {
  const matrix = zeroMatrix(size)
  matrix.re.forEach((_, e) => { matrix.re[e] = random() - 0.5; matrix.im[e] = random() - 0.5 })
  return scaleMatrix(addScaled(matrix, 1, 0, conjugateTranspose(matrix)), 0.5)
}

describe('hermitianEigensystem', () => {
  it.each([1, 2, 3, 4, 8, 16])('A = V diag(values) V† with unitary V, for a random A of size %i', size => {
    const a = randomHermitian(size)
    const { values, vectors } = hermitianEigensystem(a)
    const diagonal = zeroMatrix(size)
    values.forEach((value, i) => { diagonal.re[i * size + i] = value })
    // Jacobi is accurate to rounding times the norm; 1e-12 leaves room for 16².
    expect(unitaryDeviation(vectors)).toBeLessThan(1e-12)
    expectSameMatrix(multiplyMatrices(multiplyMatrices(vectors, diagonal), conjugateTranspose(vectors)), a, 1e-12)
  })

  it('a matrix that is not Hermitian is refused', () => {
    expect(() => hermitianEigensystem(matrixFromRows([[0, 1], [2, 0]]))).toThrow('Hermitian')
    expect(() => hermitianEigensystem(matrixFromRows([[NaN, 0], [0, 0]]))).toThrow('Hermitian')
  })
})

describe('matrixPower', () => {
  it('integer powers are products, for every gate', () => {
    for (const name of GATE_NAMES) {
      const gate = GATES[name]
      const matrix = gate.matrix(gate.angles.map(() => 3 * random()))
      expectSameMatrix(matrixPower(matrix, 3), multiplyMatrices(matrix, multiplyMatrices(matrix, matrix)), 1e-11, name)
      expectSameMatrix(matrixPower(matrix, -1), conjugateTranspose(matrix), 1e-11, name)
      expectSameMatrix(matrixPower(matrix, 0), identityMatrix(matrix.size), 1e-11, name)
    }
  })

  it('half powers are principal: x^½ = sx, z^½ = s, s^½ = t, sdg^½ = tdg', () => {
    const fixed = (name: 'x' | 'z' | 's' | 'sdg' | 'sx' | 't' | 'tdg') => PRIMITIVE_GATES[name].matrix([])
    expectSameMatrix(matrixPower(fixed('x'), 0.5), fixed('sx'), 1e-12)
    expectSameMatrix(matrixPower(fixed('z'), 0.5), fixed('s'), 1e-12)
    expectSameMatrix(matrixPower(fixed('s'), 0.5), fixed('t'), 1e-12)
    expectSameMatrix(matrixPower(fixed('sdg'), 0.5), fixed('tdg'), 1e-12)
  })

  it('a power of a power with exponents below 1 multiplies them, for every fixed gate', () => {
    for (const name of GATE_NAMES) {
      const gate = GATES[name]
      if (gate.kind !== 'fixed') continue
      expectSameMatrix(matrixPower(matrixPower(gate.matrix([]), 0.7), 0.3), matrixPower(gate.matrix([]), 0.21), 1e-11, name)
    }
  })

  it('a degenerate unitary of 16 levels is diagonalised', () => {
    const h = randomHermitian(4)
    const u = kronecker(matrixExponential(scaleMatrix(h, 0, 1)), identityMatrix(4))
    const root = matrixPower(u, 1 / 3)
    expect(largestDifference(multiplyMatrices(root, multiplyMatrices(root, root)), u)).toBeLessThan(1e-11)
  })

  it('a matrix that is not unitary is refused', () => {
    expect(() => matrixPower(matrixFromRows([[1, 1], [0, 1]]), 0.5)).toThrow('unitary')
  })
})
