/** Expectation values by generated code: words of Z together (diagonal.ts), others word by word (observables.ts). */
import type { Circuit } from '../../circuit'
import { checkMeasurement } from '../checkCircuit'
import type { Reports } from '../runnable'
import type { DiagonalPlan } from './diagonal'
import type { Machine, MachineLayout, PlacedState } from './machine'
import { TERM_BYTES, wordTerm, type WordTerm } from './observables'
import { isOdd } from './registers'

interface ReportedTerm {
  readonly term: WordTerm
  readonly result: number
  readonly coefficient: number
  /** In the cotangent that was weighed last. */
  weight: number
}

/** Records that lie one after the other. */
interface Records { readonly first: number; readonly end: number }

/** Of a circuit all of whose measurements are expectation values. */
export class TermReadout implements Reports {
  private readonly words: readonly ReportedTerm[]
  private readonly singles: readonly ReportedTerm[]
  private readonly plan: DiagonalPlan | undefined
  /** The words', and those of single terms behind them, in one list. */
  private readonly measure: Records
  private readonly multiply: Records
  /** Of each single term: to set λ, and to add to it. */
  private readonly products: number

  private connected: Machine | undefined

  constructor(circuit: Circuit, layout: MachineLayout) {
    for (const [at, measurement] of circuit.measurements.entries()) checkMeasurement(circuit, measurement, at)
    const terms = circuit.measurements.flatMap((measurement, result): ReportedTerm[] => (measurement.kind !== 'expectation' ? []
      : measurement.terms.map(({ coefficient, word }) => ({ result, coefficient, term: wordTerm(circuit.qubits, word), weight: 0 }))))
    const isWord = ({ term }: ReportedTerm) => term.x === 0 && term.where.mask === 0
    // One word alone is as quick by itself.
    const hasPlan = terms.filter(isWord).length > 1
    this.words = hasPlan ? terms.filter(isWord) : []
    this.singles = hasPlan ? terms.filter(term => !isWord(term)) : terms
    this.plan = hasPlan ? layout.diagonal(this.words.map(({ term }) => term.z)) : undefined
    const place = (records: Parameters<MachineLayout['records']>[0]): Records => {
      const first = layout.records(records)
      return { first, end: first + records.length * TERM_BYTES }
    }
    this.measure = place([...this.plan?.measure ?? [], ...this.singles.map(({ term }) => layout.term(term, 'expectation'))])
    this.multiply = place(this.plan?.multiply ?? [])
    this.products = place(this.singles.flatMap(({ term }) => [layout.term(term, 'product'), layout.term(term, 'sum')])).first
  }

  /** @param machine what the layout has become */
  connect(machine: Machine): void {
    this.connected = machine
  }

  private get machine(): Machine {
    if (!this.connected) throw new Error('the readout is asked before its machine is there')
    return this.connected
  }

  add(state: PlacedState, scale: number, out: Float64Array, at: number): void {
    this.forEachExpectation(state, ({ result, coefficient }, value) => {
      out[at + result] = (out[at + result] as number) + scale * coefficient * value
    })
  }

  weigh(cotangents: Float64Array, at: number): void {
    for (const term of this.words) term.weight = term.coefficient * (cotangents[at + term.result] as number)
    for (const term of this.singles) term.weight = term.coefficient * (cotangents[at + term.result] as number)
  }

  contract(state: PlacedState): number {
    let sum = 0
    this.forEachExpectation(state, ({ weight }, value) => { sum += weight * value })
    return sum
  }

  /** λ ← Oψ */
  pull(state: PlacedState, lambda: PlacedState): void {
    const { machine, machine: { exports, doubles } } = this
    const hasWords = this.plan !== undefined && this.words.some(({ weight }) => weight !== 0)
    if (hasWords) {
      this.setWeights(machine)
      exports.terms(this.multiply.first, this.multiply.end, state.address)
    }
    let isSet = hasWords
    for (const [k, { term, weight }] of this.singles.entries()) {
      if (weight === 0) continue
      const record = this.products + (2 * k + (isSet ? 1 : 0)) * TERM_BYTES
      doubles[record / 8 + 3] = (isOdd(term.x & term.z) ? -weight : weight) * (term.phaseIm === 0 ? term.phaseRe : term.phaseIm)
      exports.terms(record, record + TERM_BYTES, state.address)
      isSet = true
    }
    if (!isSet) exports.clear(lambda.address)
  }

  private forEachExpectation(state: PlacedState, visit: (term: ReportedTerm, value: number) => void): void {
    const { machine: { exports, doubles, reals, lanes, bytes } } = this
    const { first, end } = this.measure
    if (end === first) return
    exports.terms(first, end, state.address)
    if (this.plan) {
      for (const { cell, words } of this.plan.leaves) {
        for (let w = 0; w < words.length; w++) {
          const term = this.words[words[w] as number] as ReportedTerm
          let value = 0
          for (let lane = 0; lane < lanes; lane++) {
            const part = reals[cell / bytes + lane] as number
            value += isOdd(lane & term.term.z) ? -part : part
          }
          visit(term, value)
        }
      }
    }
    const singles = end - this.singles.length * TERM_BYTES
    for (let k = 0; k < this.singles.length; k++) {
      const term = this.singles[k] as ReportedTerm
      const { phaseRe, phaseIm } = term.term
      visit(term, (doubles[(singles + k * TERM_BYTES) / 8 + 3] as number) * (phaseIm === 0 ? phaseRe : -phaseIm))
    }
  }

  private setWeights({ reals, lanes, bytes }: Machine): void {
    for (const { cell, words } of this.plan?.leaves ?? []) {
      for (let lane = 0; lane < lanes; lane++) {
        let sum = 0
        for (const w of words) {
          const { term, weight } = this.words[w] as ReportedTerm
          sum += isOdd(lane & term.z) ? -weight : weight
        }
        reals[cell / bytes + lane] = sum
      }
    }
  }
}
