/** Expectation values by generated code: words of Z together (diagonal.ts), others word by word (observables.ts). */
import type { Circuit } from '../../circuit'
import { checkMeasurement } from '../checkCircuit'
import type { StatevectorReports } from '../runnable'
import type { MachineLayout } from './layout'
import type { Machine, PlacedState } from './machine'
import { TERM_BYTES, wordTerm } from './observables'
import { isOdd } from './registers'
import { SINGLE, SINGLE_BYTES, WORD, WORD_BYTES } from './reportCode'
import type { ReportedTerm } from './trailing'

/**
 * The terms of a circuit all of whose measurements are expectation values; undefined for others.
 * @throws Error for a measurement that breaks the contract of circuit.ts
 */
export function reportedTerms(circuit: Circuit): readonly ReportedTerm[] | undefined {
  if (!circuit.measurements.every(({ kind }) => kind === 'expectation')) return undefined
  for (const [at, measurement] of circuit.measurements.entries()) checkMeasurement(circuit, measurement, at)
  return circuit.measurements.flatMap((measurement, result): ReportedTerm[] => (measurement.kind !== 'expectation' ? []
    : measurement.terms.map(({ coefficient, word }) => ({ result, coefficient, term: wordTerm(circuit.qubits, word) }))))
}

/** Reads the terms. */
export class TermReadout implements StatevectorReports {
  private connected: { readonly machine: Machine; readonly results: Float64Array; readonly cotangents: Float64Array } | undefined

  constructor(terms: readonly ReportedTerm[], layout: MachineLayout) {
    const isWord = ({ term }: ReportedTerm) => term.x === 0 && term.where.mask === 0
    // One word alone is as quick by itself.
    const hasPlan = terms.filter(isWord).length > 1
    place(layout, hasPlan ? terms.filter(isWord) : [], hasPlan ? terms.filter(term => !isWord(term)) : terms)
  }

  /** @param machine what the layout has become */
  connect(machine: Machine): void {
    const { memory: { buffer }, batch } = machine.room
    const width = batch.resultBytes / 8
    this.connected = { machine, results: new Float64Array(buffer, batch.results, width), cotangents: new Float64Array(buffer, batch.cotangents, width) }
  }

  private get parts() {
    if (!this.connected) throw new Error('the readout is asked before its machine is there')
    return this.connected
  }

  add(state: PlacedState, scale: number, out: Float64Array, at: number): void {
    const results = this.report(state)
    for (let k = 0; k < results.length; k++) out[at + k] = (out[at + k] as number) + scale * (results[k] as number)
  }

  weigh(from: Float64Array, at: number): void {
    const { cotangents } = this.parts
    for (let k = 0; k < cotangents.length; k++) cotangents[k] = from[at + k] as number
  }

  contract(state: PlacedState): number {
    const { cotangents } = this.parts
    return this.report(state).reduce((sum, value, k) => sum + (cotangents[k] as number) * value, 0)
  }

  /** λ ← Oψ, at its distance from ψ. */
  pull(state: PlacedState): void {
    const { machine: { exports, room: { batch } } } = this.parts
    exports.pull(0, batch.cotangents, state.address)
  }

  private report(state: PlacedState): Float64Array {
    const { machine: { exports, room: { batch } }, results } = this.parts
    results.fill(0)
    exports.report(0, state.address, batch.results)
    return results
  }
}

function place(layout: MachineLayout, words: readonly ReportedTerm[], singles: readonly ReportedTerm[]): void {
  const plan = words.length > 0 ? layout.diagonal(words.map(({ term }) => term.z)) : undefined
  const diagonal = (records: readonly Parameters<MachineLayout['records']>[0][number][] = []) => records.map(record => ({ ...record, addresses: 2 }))
  const measured = layout.records([...diagonal(plan?.measure), ...singles.map(({ term }) => layout.term(term, 'expectation'))])
  const expectations = measured.end - singles.length * TERM_BYTES
  // Of each term: to set λ, and to add to it.
  const products = layout.records(singles.flatMap(({ term }) => [layout.term(term, 'product'), layout.term(term, 'sum')])).first
  const { v } = layout
  const leaves = (plan?.leaves ?? []).flatMap(({ cell, words: chosen }) => chosen.map((word, k) => ({ cell, word, isMore: k > 0 })))
  layout.report({
    measure: measured, multiply: layout.records(diagonal(plan?.multiply)),
    words: layout.place(WORD_BYTES, leaves, (view, at, { cell, word, isMore }, image) => {
      const { term, result, coefficient } = words[word] as ReportedTerm
      view.setUint32(at + WORD.cell, image + cell, true)
      view.setUint32(at + WORD.result, 8 * result, true)
      view.setFloat64(at + WORD.coefficient, coefficient, true)
      view.setUint32(at + WORD.isMore, Number(isMore), true)
      for (let lane = 0; lane < 1 << v.bits; lane++) view.setUint32(at + WORD.signs + (lane + 1) * v.bytes - 4, isOdd(lane & term.z) ? 2 ** 31 : 0, true)
    }),
    singles: layout.place(SINGLE_BYTES, singles.map((term, k) => ({ ...term, k })), (view, at, { term, result, coefficient, k }, image) => {
      const { x, z, phaseRe, phaseIm } = term
      const isReal = phaseIm === 0
      view.setUint32(at + SINGLE.expectation, image + expectations + k * TERM_BYTES, true)
      view.setUint32(at + SINGLE.products, image + products + 2 * k * TERM_BYTES, true)
      view.setUint32(at + SINGLE.result, 8 * result, true)
      view.setFloat64(at + SINGLE.factor, coefficient * (isReal ? phaseRe : -phaseIm), true)
      view.setFloat64(at + SINGLE.productFactor, coefficient * (isOdd(x & z) ? -1 : 1) * (isReal ? phaseRe : phaseIm), true)
    }),
  })
}
