/**
 * Parameter-shift rules: a derivative as a finite sum of values at shifted angles, exact and not an approximation.
 *
 * With U(θ) = exp(−iθG), every number a circuit reports is a trigonometric polynomial in θ whose frequencies are the
 * differences Ω of eigenvalues of G. A sum Σ c·f(θ+s) is f′ for all of them when Σ c·sin(ωs) = ω and Σ c·cos(ωs) = 0 for
 * each frequency ω, and Σ c = 0. Shifts in pairs ±s with coefficients ±b leave only Σ 2b·sin(ωs) = ω, one linear equation a
 * frequency. Derivation: Wierichs, Izaac, Wang, Lin, “General parameter-shift rules for quantum gradients”, Quantum 6, 677
 * (2022).
 */
import type { Circuit } from './circuit'

/** One term c·f(θ + s). */
export interface ShiftTerm {
  /** s, in radians (for an entry of a vector or a matrix: in its own unit). */
  readonly shift: number
  readonly coefficient: number
}

/** f′(θ) = Σ coefficient·f(θ + shift). */
export type ShiftRule = readonly ShiftTerm[]

/** Frequencies closer than this are one. */
const RESOLUTION = 1e-9

/**
 * The frequencies of exp(−iθG): all positive differences of the eigenvalues, ascending.
 *
 * @param spectrum eigenvalues of G, in any order
 * @param controlled whether the gate is under controls; the states it leaves alone add the eigenvalue 0
 */
export function frequenciesOf(spectrum: readonly number[], controlled: boolean): readonly number[] {
  const eigenvalues = controlled ? [...spectrum, 0] : spectrum
  const differences = eigenvalues.flatMap(a => eigenvalues.map(b => a - b)).filter(d => d > RESOLUTION)
  const ascending = differences.sort((a, b) => a - b)
  return ascending.filter((d, i) => i === 0 || d - (ascending[i - 1] as number) > RESOLUTION)
}

/**
 * The rule for trigonometric polynomials with the given frequencies, two terms for each.
 *
 * Σ|c| is by how much a rule enlarges errors of f. For equidistant frequencies Δ, 2Δ, …, RΔ it is least at the shifts
 * (2r−1)π/(2RΔ); for others, shifts of the same pattern are tried over a range of spacings. The coefficients come from the
 * linear equations either way, never from the closed form, which is wrong for other frequencies.
 *
 * @param unordered positive and distinct frequencies
 * @throws Error (a bug in bpc) when the rule fails its own check
 */
export function shiftRuleFor(unordered: readonly number[]): ShiftRule {
  const frequencies = [...unordered].sort((a, b) => a - b)
  const count = frequencies.length
  if (count === 0) return []
  const largest = Math.max(...frequencies)
  let best: ShiftRule = [], bestSum = Infinity
  // Spacings between those that fit the largest frequency and, generously, the smallest frequency or difference.
  const smallest = Math.min(...frequencies.flatMap(a => [a, ...frequencies.map(b => Math.abs(a - b)).filter(d => d > 0)]))
  const steps = equidistant(frequencies) ? 0 : 400
  for (let k = 0; k <= steps; k++) {
    const unit = steps === 0 ? largest / count : (largest / count) * (smallest * count / (2 * largest)) ** (k / steps)
    const shifts = frequencies.map((_, r) => (2 * r + 1) * Math.PI / (2 * count * unit))
    const halves = solve(frequencies.map(w => shifts.map(s => 2 * Math.sin(w * s))), frequencies)
    if (halves === undefined) continue
    const sum = halves.reduce((total, b) => total + 2 * Math.abs(b), 0)
    if (sum < bestSum * (1 - 1e-9)) {
      bestSum = sum
      best = shifts.flatMap((shift, r) => {
        const coefficient = halves[r] as number
        return [{ shift, coefficient }, { shift: -shift, coefficient: -coefficient }]
      })
    }
  }
  checkShiftRule(best, frequencies)
  return best
}

/** The rule for a gate occurrence exp(−iθG); see `frequenciesOf`. */
export function shiftRuleOfSpectrum(spectrum: readonly number[], controlled: boolean): ShiftRule {
  return shiftRuleFor(frequenciesOf(spectrum, controlled))
}

/**
 * The rule for an entry of an amplitude vector or a matrix. The state is linear in it, so every reported number is a
 * quadratic, for which the central difference is exact at any step.
 */
export const ENTRY_RULE: ShiftRule = [{ shift: 0.5, coefficient: 1 }, { shift: -0.5, coefficient: -1 }]

/**
 * An ordinary central difference. Its error h²f‴/6 + ε|f|/h is least near h = (3ε)^{1/3} for f of size 1: about 1e-10, and 2e-5 of a
 * state in 32 bits.
 */
export const differenceRule = (precision: Circuit['precision']): ShiftRule => (precision === 'f32'
  ? [{ shift: 2 ** -7, coefficient: 64 }, { shift: -(2 ** -7), coefficient: -64 }]
  : [{ shift: 1e-5, coefficient: 5e4 }, { shift: -1e-5, coefficient: -5e4 }])

/**
 * Holds a rule to Σ c·sin(ωs) = ω and Σ c·cos(ωs) = 0 for each of the frequencies and Σ c = 0.
 *
 * @throws Error (a bug in bpc) when one fails
 */
export function checkShiftRule(rule: ShiftRule, frequencies: readonly number[]): void {
  const size = rule.reduce((sum, { coefficient }) => sum + Math.abs(coefficient), 0)
  for (const w of [0, ...frequencies]) {
    const sine = rule.reduce((sum, { shift, coefficient }) => sum + coefficient * Math.sin(w * shift), 0)
    const cosine = rule.reduce((sum, { shift, coefficient }) => sum + coefficient * Math.cos(w * shift), 0)
    if (!(Math.abs(sine - w) <= 1e-12 * (1 + size) && Math.abs(cosine) <= 1e-12 * (1 + size))) {
      throw new Error(`internal: the shift rule for frequencies ${frequencies.join(', ')} is off at ${w}: `
        + `Σ c sin(ωs) = ${sine}, Σ c cos(ωs) = ${cosine}`)
    }
  }
}

function equidistant(ascending: readonly number[]): boolean {
  const unit = ascending[0] as number
  return ascending.every((w, r) => Math.abs(w - (r + 1) * unit) <= RESOLUTION)
}

/** Gauss elimination with partial pivoting; undefined for a matrix that is singular to working precision. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] | undefined {
  const n = right.length
  const rows = matrix.map((row, r) => [...row, right[r] as number])
  for (let p = 0; p < n; p++) {
    let pivot = p
    for (let r = p + 1; r < n; r++) if (Math.abs(at(rows, r, p)) > Math.abs(at(rows, pivot, p))) pivot = r
    const pivotRow = rows[pivot] as number[]
    if (Math.abs(at(rows, pivot, p)) < 1e-10) return undefined
    rows[pivot] = rows[p] as number[]
    rows[p] = pivotRow
    for (let r = 0; r < n; r++) {
      if (r === p) continue
      const factor = at(rows, r, p) / at(rows, p, p)
      rows[r] = (rows[r] as number[]).map((x, c) => x - factor * (pivotRow[c] as number))
    }
  }
  return rows.map((row, r) => (row[n] as number) / (row[r] as number))
}

function at(rows: readonly (readonly number[])[], row: number, column: number): number {
  return (rows[row] as readonly number[])[column] as number
}
