/**
 * The Hamiltonian of H₂ in the STO-3G basis as a sum of Pauli words, from nothing but the basis set: Gaussian integrals
 * after Szabo and Ostlund, "Modern Quantum Chemistry", appendix A; then Jordan and Wigner's mapping. Symmetry makes the
 * molecular orbitals g = (a + b)/√(2 + 2S) and u = (a − b)/√(2 − 2S); qubits are g↑, g↓, u↑, u↓.
 */

export interface PauliTerm { readonly coefficient: number; readonly word: string }

const BOHR = 0.529177210903 // Å, CODATA 2018

/** Exponents and coefficients of hydrogen's 1s in STO-3G (Basis Set Exchange), the primitives normalised. */
const PRIMITIVES = [
  { exponent: 3.425250914, weight: 0.1543289673 },
  { exponent: 0.6239137298, weight: 0.5353281423 },
  { exponent: 0.168855404, weight: 0.4446345422 },
].map(({ exponent, weight }) => ({ exponent, weight: weight * ((2 * exponent) / Math.PI) ** 0.75 }))

/** @param bondLength Å */
export function pauliSum(bondLength: number): readonly PauliTerm[] {
  const distance = bondLength / BOHR
  const { overlap, core, repulsion } = atomicIntegrals(distance)
  const signs = { g: [1, 1], u: [1, -1] } as const
  const norm = { g: 1 / Math.sqrt(2 + 2 * overlap), u: 1 / Math.sqrt(2 - 2 * overlap) }
  type Orbital = keyof typeof signs

  const one = (p: Orbital) => sumOver(2, ([i = 0, j = 0]) => (signs[p][i] ?? 0) * (signs[p][j] ?? 0) * core(i, j)) * norm[p] ** 2
  /** (pq|rs) in chemists' order. */
  const two = (p: Orbital, q: Orbital, r: Orbital, s: Orbital) => norm[p] * norm[q] * norm[r] * norm[s] * sumOver(4, indices => {
    const sign = [p, q, r, s].reduce((product, orbital, n) => product * (signs[orbital][indices[n] ?? 0] ?? 0), 1)
    return sign * repulsion(indices)
  })

  const exchange = two('g', 'u', 'g', 'u')
  const energies = [one('g'), one('g'), one('u'), one('u')]
  const opposite = two('g', 'g', 'u', 'u')
  /** V of n_p n_q for each pair of spin orbitals. */
  const pairs: readonly (readonly [p: number, q: number, energy: number])[] = [
    [0, 1, two('g', 'g', 'g', 'g')], [2, 3, two('u', 'u', 'u', 'u')],
    [0, 2, opposite - exchange], [1, 3, opposite - exchange], [0, 3, opposite], [1, 2, opposite],
  ]

  // n = (1 − Z)/2 turns h n into h/2 − h/2 Z, and V n n' into V/4 (1 − Z − Z' + Z Z').
  const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0)
  const words: PauliTerm[] = [{ word: 'IIII', coefficient: 1 / distance + total(energies) / 2 + total(pairs.map(([, , v]) => v)) / 4 }]
  energies.forEach((energy, p) => {
    const shared = total(pairs.filter(([a, b]) => a === p || b === p).map(([, , v]) => v))
    words.push({ word: wordOfZ([p]), coefficient: -energy / 2 - shared / 4 })
  })
  for (const [p, q, v] of pairs) words.push({ word: wordOfZ([p, q]), coefficient: v / 4 })
  // What moves both electrons from g to u and back.
  for (const [word, sign] of [['XXYY', -1], ['YYXX', -1], ['XYYX', 1], ['YXXY', 1]] as const) {
    words.push({ word, coefficient: (sign * exchange) / 4 })
  }
  return words
}

function wordOfZ(qubits: readonly number[]): string {
  return [0, 1, 2, 3].map(qubit => qubits.includes(qubit) ? 'Z' : 'I').join('')
}

/** Integrals between the 1s functions of atom 0 at the origin and atom 1 at `distance` on an axis, in atomic units. */
function atomicIntegrals(distance: number) {
  const at = (atom: number) => atom * distance
  /** Products of two primitives are one Gaussian: exponent p, centre P, weight. */
  const products = (i: number, j: number) => PRIMITIVES.flatMap(a => PRIMITIVES.map(b => {
    const p = a.exponent + b.exponent, reduced = (a.exponent * b.exponent) / p, square = (at(i) - at(j)) ** 2
    return {
      p, reduced, square, centre: (a.exponent * at(i) + b.exponent * at(j)) / p,
      weight: a.weight * b.weight * Math.exp(-reduced * square),
    }
  }))
  const sum = <T>(items: readonly T[], value: (item: T) => number) => items.reduce((total, item) => total + value(item), 0)
  const between = products(0, 1)
  return {
    overlap: sum(between, ({ p, weight }) => weight * (Math.PI / p) ** 1.5),
    /** Kinetic energy and the attraction of both nuclei. */
    core: (i: number, j: number) => sum(products(i, j), ({ p, reduced, square, centre, weight }) =>
      weight * (reduced * (3 - 2 * reduced * square) * (Math.PI / p) ** 1.5
        - sum([0, 1], nucleus => ((2 * Math.PI) / p) * boys(p * (centre - at(nucleus)) ** 2)))),
    repulsion: ([i = 0, j = 0, k = 0, l = 0]: readonly number[]) => sum(products(i, j), left => sum(products(k, l), right => {
      const both = left.p + right.p
      return left.weight * right.weight * ((2 * Math.PI ** 2.5) / (left.p * right.p * Math.sqrt(both)))
        * boys(((left.p * right.p) / both) * (left.centre - right.centre) ** 2)
    })),
  }
}

/** F₀(t) = ∫₀¹ exp(−t u²) du = e^−t Σ (2t)ⁿ / (2n + 1)!!, whose terms are all positive; for large t the integral to ∞. */
function boys(t: number): number {
  if (t > 40) return Math.sqrt(Math.PI / t) / 2
  let sum = 0
  for (let n = 0, term = 1; term > 1e-18 * sum; term *= (2 * t) / (2 * n + 3), n++) sum += term
  return Math.exp(-t) * sum
}

/** Σ over `count` indices, each 0 or 1. */
function sumOver(count: number, value: (indices: readonly number[]) => number): number {
  let sum = 0
  for (let bits = 0; bits < 2 ** count; bits++) sum += value(Array.from({ length: count }, (_, n) => (bits >> n) & 1))
  return sum
}
