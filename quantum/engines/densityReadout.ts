/** What is measured of a density matrix ρ: Tr(Oρ) for each number, and the one operator O that a cotangent makes of them. */
import { measurementWidth, type Circuit, type Control } from '../circuit'
import { checkMeasurement } from './checkCircuit'
import type { Reports } from './runnable'
import { createStatevector, type Statevector } from './step'
import { controlledSubspace, localOffsets, parity, wordMasks, type Subspace, type WordMasks } from './subspace'

/** coefficient·P restricted to a subspace, where P|i⟩ = ±phase·|i ⊕ x⟩. */
interface PlacedTerm {
  readonly result: number
  readonly coefficient: number
  readonly subspace: Subspace
  readonly word: WordMasks
}

interface PlacedLocal {
  readonly kind: 'probabilities' | 'density'
  readonly result: number
  readonly offsets: Int32Array
  readonly environment: Subspace
}

/** The matrix entry [r, c] stands at r·2^n + c. */
export class DensityReadout implements Reports {
  private readonly terms: readonly PlacedTerm[]
  private readonly locals: readonly PlacedLocal[]
  private readonly size: number
  /** O, made when first weighed. */
  private operator: Statevector | undefined

  constructor(private readonly circuit: Circuit) {
    const { qubits } = circuit
    this.size = 2 ** qubits
    const terms: PlacedTerm[] = [], locals: PlacedLocal[] = []
    let result = 0
    for (const [at, measurement] of circuit.measurements.entries()) {
      checkMeasurement(circuit, measurement, at)
      if (measurement.kind === 'expectation') {
        for (const { coefficient, word } of measurement.terms) {
          const controls = word.flatMap(([wire, letter]): readonly Control[] => letter === '0' ? [{ wire, value: 0 }] : letter === '1' ? [{ wire, value: 1 }] : [])
          terms.push({ result, coefficient, subspace: controlledSubspace(qubits, controls, 0), word: wordMasks(qubits, word) })
        }
      } else if (measurement.kind !== 'sample') {
        const offsets = localOffsets(qubits, measurement.wires)
        const environment = controlledSubspace(qubits, [], offsets.reduce((mask, bits) => mask | bits, 0))
        locals.push({ kind: measurement.kind, result, offsets, environment })
      }
      result += measurementWidth(measurement)
    }
    this.terms = terms
    this.locals = locals
  }

  add(state: Statevector, scale: number, out: Float64Array, at: number): void {
    const { re, im } = state
    const { size } = this
    for (const { result, coefficient, subspace: { free, fixed }, word: { x, z, phaseRe, phaseIm } } of this.terms) {
      // Tr(Pρ) = Σ ⟨j|P|i⟩ ρ[i, j]; the sum is real.
      let sum = 0
      let s = 0
      do {
        const i = s | fixed
        const e = i * size + (i ^ x)
        const part = phaseRe * (re[e] as number) - phaseIm * (im[e] as number)
        sum += parity(i & z) === 1 ? -part : part
        s = (s - free) & free
      } while (s !== 0)
      out[at + result] = (out[at + result] as number) + scale * coefficient * sum
    }
    for (const { kind, result, offsets, environment: { free } } of this.locals) {
      const local = offsets.length
      for (let a = 0; a < local; a++) {
        for (let b = 0; b < local; b++) {
          if (kind === 'probabilities' && a !== b) continue
          let sumRe = 0, sumIm = 0
          let s = 0
          do {
            const e = (s | (offsets[a] as number)) * size + (s | (offsets[b] as number))
            sumRe += re[e] as number
            sumIm += im[e] as number
            s = (s - free) & free
          } while (s !== 0)
          const to = at + result + (kind === 'probabilities' ? a : a * local + b)
          out[to] = (out[to] as number) + scale * sumRe
          if (kind === 'density') out[to + local * local] = (out[to + local * local] as number) + scale * sumIm
        }
      }
    }
  }

  weigh(cotangents: Float64Array, at: number): void {
    const { size } = this
    this.operator ??= createStatevector(2 * this.circuit.qubits, this.circuit.precision)
    const { re, im } = this.operator
    re.fill(0)
    im.fill(0)
    const add = (row: number, column: number, real: number, imaginary: number) => {
      const e = row * size + column
      re[e] = (re[e] as number) + real
      im[e] = (im[e] as number) + imaginary
    }
    for (const { result, coefficient, subspace: { free, fixed }, word: { x, z, phaseRe, phaseIm } } of this.terms) {
      const weight = coefficient * (cotangents[at + result] as number)
      if (weight === 0) continue
      let s = 0
      do {
        const i = s | fixed
        const signed = parity(i & z) === 1 ? -weight : weight
        add(i ^ x, i, signed * phaseRe, signed * phaseIm)
        s = (s - free) & free
      } while (s !== 0)
    }
    for (const { kind, result, offsets, environment: { free } } of this.locals) {
      const local = offsets.length
      const g = (a: number, b: number) => cotangents[at + result + a * local + b] as number
      const h = (a: number, b: number) => cotangents[at + result + local * local + a * local + b] as number
      for (let a = 0; a < local; a++) {
        for (let b = 0; b < local; b++) {
          if (kind === 'probabilities' && a !== b) continue
          // Σ (g_ab Re ρ_ab + h_ab Im ρ_ab) = Tr(Oρ) for O_ba = ½((g_ab + g_ba) + i(h_ba − h_ab)).
          const real = kind === 'probabilities' ? cotangents[at + result + a] as number : (g(a, b) + g(b, a)) / 2
          const imaginary = kind === 'probabilities' ? 0 : (h(b, a) - h(a, b)) / 2
          if (real === 0 && imaginary === 0) continue
          let s = 0
          do {
            add(s | (offsets[b] as number), s | (offsets[a] as number), real, imaginary)
            s = (s - free) & free
          } while (s !== 0)
        }
      }
    }
  }

  /** Tr(Oρ) = Σ Re(Ō ρ), entry by entry, for O is Hermitian. */
  contract(state: Statevector): number {
    const { re, im } = this.weighed()
    let sum = 0
    for (let e = 0; e < re.length; e++) sum += (re[e] as number) * (state.re[e] as number) + (im[e] as number) * (state.im[e] as number)
    return sum
  }

  /** O, after `weigh`. */
  weighed(): Statevector {
    if (!this.operator) throw new Error('a readout is weighed before it is contracted')
    return this.operator
  }
}
