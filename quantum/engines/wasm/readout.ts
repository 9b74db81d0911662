/** Expectation values by generated code. */
import type { Circuit } from '../../circuit'
import type { Reports } from '../runnable'
import { isOdd } from './registers'
import type { Machine, MachineLayout, PlacedState, PlacedTerm } from './machine'
import { TERM_BYTES } from './observables'

interface ReportedTerm extends PlacedTerm { readonly result: number; readonly coefficient: number }

/** Of a circuit all of whose measurements are expectation values. */
export class TermReadout implements Reports {
  private readonly all: readonly ReportedTerm[]
  private active: readonly { readonly placed: ReportedTerm; readonly weight: number }[] = []
  private machine: Machine | undefined

  constructor(circuit: Circuit, layout: MachineLayout) {
    this.all = circuit.measurements.flatMap((measurement, result) => (measurement.kind !== 'expectation' ? []
      : measurement.terms.map(({ coefficient, word }) => ({ result, coefficient, ...layout.term(word, ['expectation', 'product', 'sum']) }))))
  }

  connect(machine: Machine): void {
    this.machine = machine
  }

  add(state: PlacedState, scale: number, out: Float64Array, at: number): void {
    for (const term of this.all) {
      const e = at + term.result
      out[e] = (out[e] as number) + scale * term.coefficient * this.expectation(term, state)
    }
  }

  weigh(cotangents: Float64Array, at: number): void {
    const active: { placed: ReportedTerm; weight: number }[] = []
    for (const placed of this.all) {
      const weight = placed.coefficient * (cotangents[at + placed.result] as number)
      if (weight !== 0) active.push({ placed, weight })
    }
    this.active = active
  }

  contract(state: PlacedState): number {
    let sum = 0
    for (const { placed, weight } of this.active) sum += weight * this.expectation(placed, state)
    return sum
  }

  /** λ ← Oψ */
  pull(state: PlacedState, lambda: PlacedState): void {
    const { exports, doubles } = this.known
    if (this.active.length === 0) exports.clear(lambda.address)
    for (const [k, { placed: { address, term }, weight }] of this.active.entries()) {
      const record = address + (k === 0 ? 1 : 2) * TERM_BYTES
      const phase = term.phaseIm === 0 ? term.phaseRe : term.phaseIm
      doubles[record / 8 + 3] = (isOdd(term.x & term.z) ? -weight : weight) * phase
      exports.terms(record, record + TERM_BYTES, state.address)
    }
  }

  private expectation({ address, term: { phaseRe, phaseIm } }: ReportedTerm, state: PlacedState): number {
    const { exports, doubles } = this.known
    exports.terms(address, address + TERM_BYTES, state.address)
    return (doubles[address / 8 + 3] as number) * (phaseIm === 0 ? phaseRe : -phaseIm)
  }

  private get known(): Machine {
    if (!this.machine) throw new Error('the readout is asked before its machine is there')
    return this.machine
  }
}
