/**
 * Channels with a name as linear maps of a density matrix ρ that is kept as a vector: entry ρ[r, c] stands at r·2^n + c, so a map
 * ρ ↦ Σ KρK† of k wires is a 4^k matrix on 2k "wires", k of the rows and k of the columns. Each is a polynomial
 * S(x) = S₀ + xS₁ + x²S₂ in its parameter.
 */
import type { Channel, ChannelName, Operand } from '../circuit'
import { pauliWordMatrix } from '../gates'
import type { ComplexMatrix } from '../linearAlgebra'
import { slotsOf } from './operands'
import type { NoiseStep, Statevector } from './step'
import { controlledSubspace, localOffsets, type Subspace } from './subspace'

/** S₀, S₁, S₂, row-major; all real, for Pauli matrices and damping alike. */
type Polynomial = readonly [Float64Array, Float64Array, Float64Array]

/** Adds weight·(K ⊗ K̄), whose entry [(r, c), (r′, c′)] is K[r, r′]·K̄[c, c′]. */
function addKraus(map: Float64Array, weight: number, { size, re, im }: ComplexMatrix): void {
  const width = size * size
  for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) for (let rr = 0; rr < size; rr++) for (let cc = 0; cc < size; cc++) {
    const k = r * size + rr, l = c * size + cc
    const product = (re[k] as number) * (re[l] as number) + (im[k] as number) * (im[l] as number)
    const e = (r * size + c) * width + rr * size + cc
    map[e] = (map[e] as number) + weight * product
  }
}

/** (1 − p)ρ + p/m Σ PρP over m Pauli words P. */
function pauliChannel(words: readonly string[], wires: number): Polynomial {
  const width = 4 ** wires
  const map: Polynomial = [new Float64Array(width * width), new Float64Array(width * width), new Float64Array(width * width)]
  const identity = pauliWordMatrix('I'.repeat(wires))
  addKraus(map[0], 1, identity)
  addKraus(map[1], -1, identity)
  for (const word of words) addKraus(map[1], 1 / words.length, pauliWordMatrix(word))
  return map
}

/** Rows and columns in the order ρ00, ρ01, ρ10, ρ11. */
function damping(entries: readonly (readonly [row: number, column: number, power: 0 | 1 | 2, factor: number])[]): Polynomial {
  const map: Polynomial = [new Float64Array(16), new Float64Array(16), new Float64Array(16)]
  for (const [row, column, power, factor] of entries) map[power][row * 4 + column] = factor
  return map
}

function polynomialOf(name: ChannelName, wires: number): Polynomial {
  switch (name) {
    case 'depolarize': {
      const letters = [...'IXYZ']
      const words = wires === 1 ? letters : letters.flatMap(a => letters.map(b => a + b))
      return pauliChannel(words.slice(1), wires)
    }
    case 'bit_flip': return pauliChannel(['X'], 1)
    case 'phase_flip': return pauliChannel(['Z'], 1)
    // With c = √(1 − γ): K₀ = diag(1, c), K₁ = √(1 − c²)|0⟩⟨1|.
    case 'amplitude_damp': return damping([[0, 0, 0, 1], [1, 1, 1, 1], [2, 2, 1, 1], [3, 3, 2, 1], [0, 3, 0, 1], [0, 3, 2, -1]])
    // With c = √(1 − λ): K₀ = diag(1, c), K₁ = √(1 − c²)|1⟩⟨1|.
    case 'phase_damp': return damping([[0, 0, 0, 1], [1, 1, 1, 1], [2, 2, 1, 1], [3, 3, 0, 1]])
    default: return name satisfies never
  }
}

/** What is wrong with a channel's parameter, as the program has it; undefined where nothing is. */
export function parameterComplaint(name: ChannelName, value: number): string | undefined {
  if (value >= 0 && value <= 1) return undefined
  const isDamping = name === 'amplitude_damp' || name === 'phase_damp'
  const strength = isDamping ? 1 - value ** 2 : value
  return `${name} takes a ${isDamping ? 'strength' : 'probability'} between 0 and 1, not ${Number.isNaN(strength) ? 'one above 1 (or NaN)' : strength}`
}

export class ChannelKernel implements NoiseStep {
  readonly kind = 'noise'
  readonly slots: readonly number[]
  private readonly polynomial: Polynomial
  private readonly matrix: Float64Array
  private readonly slopes: Float64Array
  private readonly offsets: Int32Array
  private readonly subspace: Subspace
  private readonly scratch: Float64Array
  private readonly parameter: Operand
  private value = NaN

  /** @param qubits of the circuit: the vector has twice as many bits */
  constructor(qubits: number, private readonly channel: Channel) {
    this.parameter = channel.parameter
    this.slots = slotsOf([channel.parameter])
    this.polynomial = polynomialOf(channel.name, channel.wires.length)
    this.matrix = new Float64Array(this.polynomial[0].length)
    this.slopes = new Float64Array(this.matrix.length)
    this.offsets = localOffsets(2 * qubits, [...channel.wires, ...channel.wires.map(wire => qubits + wire)])
    this.subspace = controlledSubspace(2 * qubits, [], this.offsets.reduce((mask, bits) => mask | bits, 0))
    this.scratch = new Float64Array(2 * this.offsets.length)
    if ('value' in this.parameter) this.set(this.parameter.value)
  }

  load(values: Float64Array): void {
    if ('slot' in this.parameter) this.set(values[this.parameter.slot] as number)
  }

  complaint(): string | undefined {
    return parameterComplaint(this.channel.name, this.value)
  }

  apply(state: Statevector): void {
    this.multiply(state, false)
  }

  applyAdjoint(lambda: Statevector): void {
    this.multiply(lambda, true)
  }

  addSlopes(lambda: Statevector, before: Statevector, wanted: Uint8Array, gradient: Float64Array): void {
    const [slot] = this.slots
    if (slot !== undefined && wanted[slot] === 1) gradient[slot] = (gradient[slot] as number) + this.slope(lambda, before)
  }

  private slope(lambda: Statevector, before: Statevector): number {
    const { offsets, slopes, subspace: { free, fixed } } = this
    const size = offsets.length
    let sum = 0
    let s = 0
    do {
      for (let r = 0; r < size; r++) {
        const i = s | fixed | (offsets[r] as number)
        for (let c = 0; c < size; c++) {
          const slope = slopes[r * size + c] as number
          if (slope === 0) continue
          const j = s | fixed | (offsets[c] as number)
          sum += slope * ((lambda.re[i] as number) * (before.re[j] as number) + (lambda.im[i] as number) * (before.im[j] as number))
        }
      }
      s = (s - free) & free
    } while (s !== 0)
    return sum
  }

  private set(value: number): void {
    const [constant, linear, square] = this.polynomial
    this.value = value
    for (let e = 0; e < this.matrix.length; e++) {
      this.matrix[e] = (constant[e] as number) + value * (linear[e] as number) + value * value * (square[e] as number)
      this.slopes[e] = (linear[e] as number) + 2 * value * (square[e] as number)
    }
  }

  private multiply({ re, im }: Statevector, adjoint: boolean): void {
    const { offsets, matrix, scratch, subspace: { free, fixed } } = this
    const size = offsets.length
    const rowStride = adjoint ? 1 : size, columnStride = adjoint ? size : 1
    let s = 0
    do {
      const base = s | fixed
      for (let c = 0; c < size; c++) {
        scratch[c] = re[base | (offsets[c] as number)] as number
        scratch[size + c] = im[base | (offsets[c] as number)] as number
      }
      for (let r = 0; r < size; r++) {
        let sumRe = 0, sumIm = 0
        for (let c = 0; c < size; c++) {
          const factor = matrix[r * rowStride + c * columnStride] as number
          if (factor === 0) continue
          sumRe += factor * (scratch[c] as number)
          sumIm += factor * (scratch[size + c] as number)
        }
        re[base | (offsets[r] as number)] = sumRe
        im[base | (offsets[r] as number)] = sumIm
      }
      s = (s - free) & free
    } while (s !== 0)
  }
}
