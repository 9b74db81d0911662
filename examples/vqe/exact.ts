/** The lowest eigenvalue of a real Pauli sum, by building the matrix and diagonalising it: what VQE is compared with. */
import type { PauliTerm } from './hamiltonian'

export function groundEnergy(terms: readonly PauliTerm[]): number {
  return Math.min(...eigenvalues(matrixOf(terms)))
}

/** ⟨r|P|c⟩ is not zero only where r differs from c by the flips of P; the first letter is the most significant bit. */
function matrixOf(terms: readonly PauliTerm[]): number[][] {
  const qubits = terms[0]?.word.length ?? 0
  const matrix = Array.from({ length: 2 ** qubits }, () => Array.from({ length: 2 ** qubits }, () => 0))
  for (const { coefficient, word } of terms) {
    const letters = [...word]
    if (letters.filter(letter => letter === 'Y').length % 2) throw new Error(`${word} is not real`)
    const flips = parseInt(letters.map(letter => letter === 'X' || letter === 'Y' ? '1' : '0').join(''), 2)
    matrix.forEach((row, r) => {
      const c = r ^ flips
      row[c] = (row[c] ?? 0) + coefficient * signOf(letters, c)
    })
  }
  return matrix
}

/** Y|0⟩ = i|1⟩ and Y|1⟩ = −i|0⟩; an even number of them gives i² for each two. */
function signOf(letters: readonly string[], state: number): number {
  let sign = 1, imaginary = 0
  letters.forEach((letter, position) => {
    const bit = (state >> (letters.length - 1 - position)) & 1
    if (letter === 'Y') imaginary++
    if ((letter === 'Y' || letter === 'Z') && bit) sign = -sign
  })
  return imaginary % 4 === 2 ? -sign : sign
}

/** Jacobi's method: rotate every off-diagonal element away, again and again. */
function eigenvalues(matrix: number[][]): number[] {
  const n = matrix.length, a = matrix.map(row => Float64Array.from(row))
  const at = (r: number, c: number) => a[r]?.[c] ?? 0
  const set = (r: number, c: number, value: number) => { const row = a[r]; if (row) row[c] = value }
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue
        const ratio = (at(q, q) - at(p, p)) / (2 * at(p, q))
        const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1))
        const cosine = 1 / Math.hypot(tangent, 1), sine = tangent * cosine
        for (let k = 0; k < n; k++) {
          const [kp, kq] = [at(k, p), at(k, q)]
          set(k, p, cosine * kp - sine * kq)
          set(k, q, sine * kp + cosine * kq)
        }
        for (let k = 0; k < n; k++) {
          const [pk, qk] = [at(p, k), at(q, k)]
          set(p, k, cosine * pk - sine * qk)
          set(q, k, sine * pk + cosine * qk)
        }
      }
    }
  }
  return a.map((_, i) => at(i, i))
}
