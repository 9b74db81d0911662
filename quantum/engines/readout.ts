/**
 * What is measured at the end: the numbers themselves, and the one Hermitian operator O = Σₖ ctₖ Oₖ that a cotangent makes
 * of them. Every reported number is linear in |ψ⟩⟨ψ|, so contracting with a cotangent is ⟨ψ|O|ψ⟩ and its gradient starts
 * from λ = Oψ.
 */
import { measurementWidth, resultWidth, type Circuit, type Control, type Term } from '../circuit'
import { checkMeasurement } from './checkCircuit'
import type { Reports } from './runnable'
import { createReals, type RealArray, type Statevector } from './step'
import { controlledSubspace, localOffsets, parity, wordMasks, type Subspace, type WordMasks } from './subspace'

/** A word that is diagonal, (−1)^{|i & z|} on a subspace; `result` says which number it counts towards. */
interface DiagonalTerm {
  readonly result: number
  readonly coefficient: number
  readonly subspace: Subspace
  readonly z: number
}

/** A word with an X or a Y, as pairs i, j = i ⊕ x with one bit of x at 0 in the subspace. */
interface PairTerm {
  readonly result: number
  readonly coefficient: number
  readonly subspace: Subspace
  readonly word: WordMasks
}

/** Probabilities or a density matrix of some wires. */
interface LocalReport {
  readonly kind: 'probabilities' | 'density'
  readonly result: number
  readonly offsets: Int32Array
  readonly environment: Subspace
}

export class Readout implements Reports {
  readonly width: number
  private readonly diagonals: readonly DiagonalTerm[]
  private readonly pairs: readonly PairTerm[]
  private readonly locals: readonly LocalReport[]
  /** After `weigh` the diagonal of O; `add` keeps |ψᵢ|² in it. One array, since no caller wants both at a time. */
  private readonly diagonal: RealArray
  /** The cotangent that `weigh` took. */
  private readonly weights: Float64Array

  constructor(circuit: Circuit) {
    this.width = resultWidth(circuit)
    const diagonals: DiagonalTerm[] = [], pairs: PairTerm[] = [], locals: LocalReport[] = []
    let result = 0
    for (const [at, measurement] of circuit.measurements.entries()) {
      checkMeasurement(circuit, measurement, at)
      if (measurement.kind === 'expectation') {
        for (const term of measurement.terms) placeTerm(circuit.qubits, term, result, diagonals, pairs)
      } else if (measurement.kind !== 'sample') {
        const offsets = localOffsets(circuit.qubits, measurement.wires)
        const environment = controlledSubspace(circuit.qubits, [], offsets.reduce((mask, bits) => mask | bits, 0))
        locals.push({ kind: measurement.kind, result, offsets, environment })
      }
      result += measurementWidth(measurement)
    }
    this.diagonals = diagonals
    this.pairs = pairs
    this.locals = locals
    this.diagonal = createReals(2 ** circuit.qubits, circuit.precision)
    this.weights = new Float64Array(this.width)
  }

  /** Adds `scale` times each reported number of ψ to out[at + k]; forgets what `weigh` made. */
  add(state: Statevector, scale: number, out: Float64Array, at: number): void {
    const { re, im } = state
    const probability = this.diagonal
    if (this.diagonals.length > 0 || this.locals.length > 0) {
      for (let i = 0; i < probability.length; i++) {
        const x = re[i] as number, y = im[i] as number
        probability[i] = x * x + y * y
      }
    }
    for (const term of this.diagonals) {
      const e = at + term.result
      out[e] = (out[e] as number) + scale * term.coefficient * signedSum(probability, term.subspace, term.z)
    }
    for (const term of this.pairs) {
      const e = at + term.result
      out[e] = (out[e] as number) + scale * term.coefficient * pairExpectation(state, term)
    }
    for (const report of this.locals) {
      if (report.kind === 'probabilities') this.addProbabilities(report, scale, out, at + report.result)
      else addDensity(state, report, scale, out, at + report.result)
    }
  }

  private addProbabilities(report: LocalReport, scale: number, out: Float64Array, at: number): void {
    for (let local = 0; local < report.offsets.length; local++) {
      const sum = signedSum(
        this.diagonal,
        { free: report.environment.free, fixed: report.offsets[local] as number }, 0)
      out[at + local] = (out[at + local] as number) + scale * sum
    }
  }

  /** Makes O = Σₖ ctₖ Oₖ from `cotangents` at `at`, for `contract` and `pull` until the next `weigh` or `add`. */
  weigh(cotangents: Float64Array, at: number): void {
    const { diagonal, weights } = this
    for (let k = 0; k < this.width; k++) weights[k] = cotangents[at + k] as number
    diagonal.fill(0)
    for (const { result, coefficient, subspace: { free, fixed }, z } of this.diagonals) {
      const weight = coefficient * (weights[result] as number)
      if (weight === 0) continue
      let s = 0
      do {
        const i = s | fixed
        diagonal[i] = (diagonal[i] as number) + (parity(i & z) === 1 ? -weight : weight)
        s = (s - free) & free
      } while (s !== 0)
    }
    for (const { kind, result, offsets, environment: { free } } of this.locals) {
      if (kind !== 'probabilities') continue
      for (let local = 0; local < offsets.length; local++) {
        const weight = weights[result + local] as number
        let s = 0
        do {
          const i = s | (offsets[local] as number)
          diagonal[i] = (diagonal[i] as number) + weight
          s = (s - free) & free
        } while (s !== 0)
      }
    }
  }

  /** ⟨ψ|O|ψ⟩ = Σₖ ctₖ·(the k-th number of ψ). */
  contract(state: Statevector): number {
    const { re, im } = state
    const { diagonal, weights } = this
    let sum = 0
    for (let i = 0; i < diagonal.length; i++) {
      const x = re[i] as number, y = im[i] as number
      sum += (diagonal[i] as number) * (x * x + y * y)
    }
    for (const term of this.pairs) {
      const weight = term.coefficient * (weights[term.result] as number)
      if (weight !== 0) sum += weight * pairExpectation(state, term)
    }
    for (const report of this.locals) {
      if (report.kind === 'density') sum += contractDensity(state, report, weights)
    }
    return sum
  }

  /** λ ← Oψ */
  pull(state: Statevector, lambda: Statevector): void {
    const { diagonal, weights } = this
    for (let i = 0; i < diagonal.length; i++) {
      lambda.re[i] = (diagonal[i] as number) * (state.re[i] as number)
      lambda.im[i] = (diagonal[i] as number) * (state.im[i] as number)
    }
    for (const term of this.pairs) {
      const weight = term.coefficient * (weights[term.result] as number)
      if (weight !== 0) addWord(state, lambda, term, weight)
    }
    for (const report of this.locals) {
      if (report.kind === 'density') addDensityOperator(state, lambda, report, weights)
    }
  }
}

function placeTerm(
  qubits: number, term: Term, result: number, diagonals: DiagonalTerm[], pairs: PairTerm[],
): void {
  // A projector restricts the states as a control does.
  const controls = term.word.flatMap(([wire, letter]): readonly Control[] =>
    letter === '0' ? [{ wire, value: 0 }] : letter === '1' ? [{ wire, value: 1 }] : [])
  const word = wordMasks(qubits, term.word)
  const { coefficient } = term
  if (word.x === 0) {
    diagonals.push({ result, coefficient, subspace: controlledSubspace(qubits, controls, 0), z: word.z })
  } else {
    pairs.push({ result, coefficient, subspace: controlledSubspace(qubits, controls, word.x & -word.x), word })
  }
}

function signedSum(values: RealArray, { free, fixed }: Subspace, z: number): number {
  let sum = 0
  let s = 0
  do {
    const i = s | fixed
    const value = values[i] as number
    sum += parity(i & z) === 1 ? -value : value
    s = (s - free) & free
  } while (s !== 0)
  return sum
}

/** ⟨ψ|P|ψ⟩ = Σ over pairs of 2 Re(ψ̄ⱼ p ψᵢ), with p = ⟨j|P|i⟩. */
function pairExpectation({ re, im }: Statevector, { subspace: { free, fixed }, word }: PairTerm): number {
  const { x, z, phaseRe, phaseIm } = word
  let sum = 0
  let s = 0
  do {
    const i = s | fixed, j = i ^ x
    const xr = re[i] as number, xi = im[i] as number, yr = re[j] as number, yi = im[j] as number
    const term = phaseRe * (yr * xr + yi * xi) - phaseIm * (yr * xi - yi * xr)
    sum += parity(i & z) === 1 ? -term : term
    s = (s - free) & free
  } while (s !== 0)
  return 2 * sum
}

/** λ ← λ + weight·Pψ: λⱼ gains p·ψᵢ, and λᵢ gains p̄·ψⱼ. */
function addWord(state: Statevector, lambda: Statevector, { subspace: { free, fixed }, word }: PairTerm, weight: number): void {
  const { x, z, phaseRe, phaseIm } = word
  let s = 0
  do {
    const i = s | fixed, j = i ^ x
    const signed = parity(i & z) === 1 ? -weight : weight
    const pr = signed * phaseRe, pi = signed * phaseIm
    const xr = state.re[i] as number, xi = state.im[i] as number, yr = state.re[j] as number, yi = state.im[j] as number
    lambda.re[j] = (lambda.re[j] as number) + pr * xr - pi * xi
    lambda.im[j] = (lambda.im[j] as number) + pr * xi + pi * xr
    lambda.re[i] = (lambda.re[i] as number) + pr * yr + pi * yi
    lambda.im[i] = (lambda.im[i] as number) + pr * yi - pi * yr
    s = (s - free) & free
  } while (s !== 0)
}

/** ρ_ab = Σₑ ψ_ae ψ̄_be; the real parts stand first, then the imaginary ones. */
function addDensity(
  { re, im }: Statevector, { offsets, environment: { free } }: LocalReport, scale: number, out: Float64Array, at: number,
): void {
  const size = offsets.length
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      let sumRe = 0, sumIm = 0
      let s = 0
      do {
        const i = s | (offsets[a] as number), j = s | (offsets[b] as number)
        const xr = re[i] as number, xi = im[i] as number, yr = re[j] as number, yi = im[j] as number
        sumRe += xr * yr + xi * yi
        sumIm += xi * yr - xr * yi
        s = (s - free) & free
      } while (s !== 0)
      const e = at + a * size + b, f = e + size * size
      out[e] = (out[e] as number) + scale * sumRe
      out[f] = (out[f] as number) + scale * sumIm
    }
  }
}

function contractDensity(
  { re, im }: Statevector, { offsets, environment: { free }, result }: LocalReport, weights: Float64Array,
): number {
  const size = offsets.length
  let sum = 0
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      const g = weights[result + a * size + b] as number, h = weights[result + size * size + a * size + b] as number
      if (g === 0 && h === 0) continue
      let s = 0
      do {
        const i = s | (offsets[a] as number), j = s | (offsets[b] as number)
        const xr = re[i] as number, xi = im[i] as number, yr = re[j] as number, yi = im[j] as number
        sum += g * (xr * yr + xi * yi) + h * (xi * yr - xr * yi)
        s = (s - free) & free
      } while (s !== 0)
    }
  }
  return sum
}

/**
 * Σ (g_ab Re ρ_ab + h_ab Im ρ_ab) = Re Σ (g_ab − i h_ab) ψ_a ψ̄_b = ⟨ψ|O|ψ⟩ for the Hermitian part O of K,
 * K_ba = g_ab − i h_ab. So O_ba = ½((g_ab + g_ba) + i(h_ba − h_ab)).
 */
function addDensityOperator(
  state: Statevector, lambda: Statevector, { offsets, environment: { free }, result }: LocalReport, weights: Float64Array,
): void {
  const size = offsets.length
  const g = (a: number, b: number) => weights[result + a * size + b] as number
  const h = (a: number, b: number) => weights[result + size * size + a * size + b] as number
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      const or = (g(a, b) + g(b, a)) / 2, oi = (h(b, a) - h(a, b)) / 2
      if (or === 0 && oi === 0) continue
      let s = 0
      do {
        const i = s | (offsets[a] as number), j = s | (offsets[b] as number)
        const xr = state.re[i] as number, xi = state.im[i] as number
        lambda.re[j] = (lambda.re[j] as number) + or * xr - oi * xi
        lambda.im[j] = (lambda.im[j] as number) + or * xi + oi * xr
        s = (s - free) & free
      } while (s !== 0)
    }
  }
}
