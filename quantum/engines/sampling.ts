/**
 * Finite sampling: numbers as a machine with n shots would report them, drawn from the exact final state.
 *
 * Words that agree letter by letter wherever both act are measured together, in one group of n shots; every call draws afresh,
 * so rows, shifts and groups are independent. Each estimate is a mean over shots, hence unbiased, and so is every gradient that
 * a shift rule makes of them.
 */
import { measurementWidth, resultWidth, type Circuit, type Measurement, type TableGate } from '../circuit'
import type { Uniform } from '../engine'
import { basisOf, joinGroup, type Basis, type GroupBasis } from '../sampleGroups'
import { checkMeasurement } from './checkCircuit'
import type { Reports } from './runnable'
import { copyState, type Statevector } from './step'
import { bitOf, parity } from './subspace'

/** What sampling asks of a kind of state. */
export interface Measurable {
  turn(gate: TableGate, state: Statevector): void
  /** Probability of each basis state. */
  probabilities(state: Statevector, out: Float64Array): void
}

/** A product of signs and projectors in the group's basis: (−1)^{|i & z|} where i has the bits `fixed` under `mask`. */
interface SampledTerm { readonly result: number; readonly coefficient: number; readonly z: number; readonly mask: number; readonly fixed: number }
/** Of each outcome the index on these wires: counted for probabilities, listed for samples. */
interface SampledWires { readonly kind: 'probabilities' | 'sample'; readonly result: number; readonly bits: readonly number[] }

interface Group {
  readonly basis: GroupBasis
  readonly terms: SampledTerm[]
  readonly wires: SampledWires[]
}

export class SamplingReadout implements Reports {
  private readonly width: number
  private readonly groups: readonly Group[]
  /** Coefficients of the identity, which need no shots. */
  private readonly constants: readonly { readonly result: number; readonly coefficient: number }[]
  private readonly cumulative: Float64Array
  private readonly outcomes: Int32Array
  private readonly weights: Float64Array
  private readonly estimates: Float64Array
  private uniform: Uniform = () => { throw new Error('draws are asked for before it is said where they come from') }

  /** @param scratch of the state's size, for what is turned into a basis */
  constructor(
    circuit: Circuit, private readonly shots: number, private readonly scratch: Statevector, private readonly measurable: Measurable,
  ) {
    this.width = resultWidth(circuit)
    this.cumulative = new Float64Array(2 ** circuit.qubits)
    this.outcomes = new Int32Array(shots)
    this.weights = new Float64Array(this.width)
    this.estimates = new Float64Array(this.width)
    const groups: Group[] = [], constants: { result: number; coefficient: number }[] = []
    let result = 0
    for (const [at, measurement] of circuit.measurements.entries()) {
      checkMeasurement(circuit, measurement, at)
      placeMeasurement(circuit, measurement, result, groups, constants)
      result += measurementWidth(measurement)
    }
    this.groups = groups
    this.constants = constants
  }

  drawFrom(uniform: Uniform): void {
    this.uniform = uniform
  }

  add(state: Statevector, scale: number, out: Float64Array, at: number): void {
    const estimates = this.measure(state, () => true)
    for (let k = 0; k < this.width; k++) out[at + k] = (out[at + k] as number) + scale * (estimates[k] as number)
  }

  weigh(cotangents: Float64Array, at: number): void {
    for (let k = 0; k < this.width; k++) this.weights[k] = cotangents[at + k] as number
  }

  contract(state: Statevector): number {
    const { weights } = this
    const wanted = (result: number, width: number) => weights.subarray(result, result + width).some(weight => weight !== 0)
    const estimates = this.measure(state, wanted)
    let sum = 0
    for (let k = 0; k < this.width; k++) if (weights[k] !== 0) sum += (weights[k] as number) * (estimates[k] as number)
    return sum
  }

  /** Fresh estimates of every number in a group of which some are wanted. */
  private measure(state: Statevector, wanted: (result: number, width: number) => boolean): Float64Array {
    const { estimates, shots, outcomes } = this
    estimates.fill(0)
    for (const { result, coefficient } of this.constants) estimates[result] = (estimates[result] as number) + coefficient
    for (const { basis, terms, wires } of this.groups) {
      const isWanted = terms.some(({ result }) => wanted(result, 1))
        || wires.some(({ kind, result, bits }) => wanted(result, kind === 'probabilities' ? 2 ** bits.length : shots * bits.length))
      if (!isWanted) continue
      this.draw(state, basis)
      for (const { result, coefficient, z, mask, fixed } of terms) {
        let sum = 0
        for (let shot = 0; shot < shots; shot++) {
          const outcome = outcomes[shot] as number
          if ((outcome & mask) === fixed) sum += parity(outcome & z) === 1 ? -1 : 1
        }
        estimates[result] = (estimates[result] as number) + coefficient * sum / shots
      }
      for (const { kind, result, bits } of wires) {
        for (let shot = 0; shot < shots; shot++) {
          const outcome = outcomes[shot] as number
          let index = 0
          for (const [k, bit] of bits.entries()) {
            const value = (outcome & bit) === 0 ? 0 : 1
            index = 2 * index + value
            if (kind === 'sample') estimates[result + shot * bits.length + k] = value
          }
          if (kind === 'probabilities') estimates[result + index] = (estimates[result + index] as number) + 1 / shots
        }
      }
    }
    return estimates
  }

  /** Outcomes in a basis, by inverting the cumulated probabilities. */
  private draw(state: Statevector, basis: ReadonlyMap<number, Basis>): void {
    const { cumulative, outcomes, scratch, measurable } = this
    copyState(state, scratch)
    for (const [wire, letter] of basis) {
      const gate = (name: 'h' | 'sdg') => measurable.turn({ kind: 'gate', name, wires: [wire], controls: [], angles: [], inverse: false }, scratch)
      // X = HZH and Y = (HS†)†Z(HS†).
      if (letter === 'Y') gate('sdg')
      if (letter !== 'Z') gate('h')
    }
    measurable.probabilities(scratch, cumulative)
    let total = 0
    for (let i = 0; i < cumulative.length; i++) {
      total += Math.max(0, cumulative[i] as number)
      cumulative[i] = total
    }
    for (let shot = 0; shot < outcomes.length; shot++) outcomes[shot] = firstAbove(cumulative, this.uniform() * total)
  }
}

/** The first index whose cumulated probability is above `value`. */
function firstAbove(cumulative: Float64Array, value: number): number {
  let low = 0, high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cumulative[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}

function placeMeasurement(
  circuit: Circuit, measurement: Measurement, result: number, groups: Group[], constants: { result: number; coefficient: number }[],
): void {
  const { qubits } = circuit
  switch (measurement.kind) {
    case 'expectation':
      for (const { coefficient, word } of measurement.terms) {
        if (word.length === 0) { constants.push({ result, coefficient }); continue }
        const group = groupFor(groups, basisOf(word))
        let z = 0, mask = 0, fixed = 0
        for (const [wire, letter] of word) {
          const bit = bitOf(qubits, wire)
          if (letter === '0' || letter === '1') mask |= bit
          else z |= bit
          if (letter === '1') fixed |= bit
        }
        group.terms.push({ result, coefficient, z, mask, fixed })
      }
      return
    case 'probabilities':
    case 'sample':
      groupFor(groups, measurement.wires.map(wire => [wire, 'Z'])).wires.push({ kind: measurement.kind, result, bits: measurement.wires.map(wire => bitOf(qubits, wire)) })
      return
    case 'density':
      throw new Error(`circuit ${circuit.name}: a density matrix cannot be had from samples`)
    default: measurement satisfies never
  }
}

function groupFor(groups: Group[], letters: readonly (readonly [number, Basis])[]): Group {
  const bases = groups.map(({ basis }) => basis)
  const at = joinGroup(bases, letters)
  const group = groups[at] ?? { basis: bases[at] ?? new Map<number, Basis>(), terms: [], wires: [] }
  groups[at] = group
  return group
}
