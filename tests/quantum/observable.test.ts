import { describe, expect, it } from 'vitest'
import type { Letter, Term } from '../../quantum/circuit'
import { addScaled, multiplyMatrices, zeroMatrix } from '../../quantum/linearAlgebra'
import {
  addTerms, multiplyTerms, normalizeTerms, observableMatrix, parseHamiltonian, realTerms, scaleTerms, squareOf,
} from '../../quantum/observable'
import { expectSameMatrix, randomNumbers } from './support'

const random = randomNumbers(4)
const LETTERS: readonly Letter[] = ['X', 'Y', 'Z', '0', '1']

function randomTerms(qubits: number, count: number): readonly Term[] {
  return Array.from({ length: count }, () => ({
    coefficient: random() - 0.5,
    word: Array.from({ length: qubits }, (_, wire) => wire).flatMap(wire => {
      const letter = LETTERS[Math.floor(random() * 7)]
      return letter === undefined ? [] : [[wire, letter] as const]
    }),
  }))
}

describe('the algebra of observables', () => {
  it('products of all pairs of letters are the products of their matrices', () => {
    for (const a of LETTERS) {
      for (const b of LETTERS) {
        const left: readonly Term[] = [{ coefficient: 1, word: [[0, a]] }]
        const right: readonly Term[] = [{ coefficient: 1, word: [[0, b]] }]
        let sum = zeroMatrix(2)
        for (const { re, im, word } of multiplyTerms(left, right)) {
          sum = addScaled(observableMatrix([{ coefficient: 1, word }], 1), re, im, sum)
        }
        expectSameMatrix(sum, multiplyMatrices(observableMatrix(left, 1), observableMatrix(right, 1)), 1e-15, `${a}${b}`)
      }
    }
  })

  it('sums, multiples and products of random observables are those of their matrices', () => {
    for (let trial = 0; trial < 10; trial++) {
      const a = randomTerms(3, 4), b = randomTerms(3, 5)
      expectSameMatrix(
        observableMatrix(addTerms(a, scaleTerms(b, -2)), 3),
        addScaled(observableMatrix(b, 3), -2, 0, observableMatrix(a, 3)), 1e-14)
      let product = zeroMatrix(8)
      for (const { re, im, word } of multiplyTerms(a, b)) {
        product = addScaled(observableMatrix([{ coefficient: 1, word }], 3), re, im, product)
      }
      expectSameMatrix(product, multiplyMatrices(observableMatrix(a, 3), observableMatrix(b, 3)), 1e-14)
    }
  })

  it('the square of a random observable is real and the square of its matrix', () => {
    for (let trial = 0; trial < 20; trial++) {
      const terms = randomTerms(3, 5)
      const matrix = observableMatrix(terms, 3)
      expectSameMatrix(observableMatrix(squareOf(terms), 3), multiplyMatrices(matrix, matrix), 1e-14)
    }
  })

  it('anticommuting words cancel in a square: (X + Z)² = 2', () => {
    const terms: readonly Term[] = [{ coefficient: 1, word: [[0, 'X']] }, { coefficient: 1, word: [[0, 'Z']] }]
    expect(squareOf(terms)).toEqual([{ coefficient: 2, word: [] }])
  })

  it('equal words are one term whatever the order of their letters, and zero terms go', () => {
    expect(normalizeTerms([
      { coefficient: 1, word: [[1, 'X'], [0, 'Z']] }, { coefficient: 2, word: [[0, 'Z'], [1, 'X']] },
      { coefficient: 1, word: [[0, 'Y']] }, { coefficient: -1, word: [[0, 'Y']] },
    ])).toEqual([{ coefficient: 3, word: [[0, 'Z'], [1, 'X']] }])
  })

  it('a product that is not Hermitian is refused', () => {
    expect(() => realTerms(multiplyTerms([{ coefficient: 1, word: [[2, 'X']] }], [{ coefficient: 1, word: [[2, 'Y']] }])))
      .toThrow('Z(q[2])')
  })
})

describe('hamiltonian data', () => {
  it('reads one letter a qubit, on the given wires', () => {
    expect(parseHamiltonian([[0.5, 'XIZ'], [-1, 'III']], [4, 5, 6])).toEqual([
      { coefficient: 0.5, word: [[4, 'X'], [6, 'Z']] }, { coefficient: -1, word: [] }])
  })

  it.each([
    [{}, 'list'], [[1], 'entry 0'], [[[1, 'X'], ['1', 'X']], 'entry 1 of the hamiltonian: its coefficient'],
    [[[1, 2]], 'its word is no text'], [[[1, 'XX']], '2 letters for 1 qubits'], [[[1, 'Q']], '“Q” is not a Pauli letter'],
  ])('%j is refused with what is wrong', (data, message) => {
    expect(() => parseHamiltonian(data, [0])).toThrow(message)
  })
})
