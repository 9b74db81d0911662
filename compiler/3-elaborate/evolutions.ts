/**
 * `evolve(H, t) q`: exp(−iHt), exactly. Words that commute with all others are Pauli rotations of their own; those that do not are
 * gathered in clusters that commute with each other, each one exponential of a small matrix.
 */
import type { GateStatement } from '../1-parse/ast'
import { MAX_EVOLUTION_WIRES, type Letter, type Term } from '../../quantum/circuit'
import { normalizeTerms } from '../../quantum/observable'
import { applyElementwise } from './broadcast'
import { addOperation, qubitName } from './circuitFrame'
import type { Frame } from './frame'
import { countOf, scalarOf, slotOf, type Scalar } from './gateOperands'
import { staticReal, type ObservableTerm } from './meaning'
import { observableOf } from './observables'
import { mismatch } from './operators'
import { argumentsOf } from './specialGates'

export function evolve(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  const [observable, time] = argumentsOf(frame, statement, ['H', 't']) ?? []
  const { circuit } = frame
  if (!observable || !time || !circuit) return
  const given = observableOf(frame, observable.meaning)
  if (!given) { mismatch(frame, observable.span, 'an observable, such as `Z(q[0]) * Z(q[1])`', observable.meaning); return }
  const duration = scalarOf(frame, time.meaning, time.span)
  if (!duration) return
  const outside = given.flatMap(({ word }) => word.map(([wire]) => wire)).find(wire => !wires.includes(wire))
  if (outside !== undefined) {
    frame.sink.report('evolve-outside', observable.span, { qubit: qubitName(circuit, outside) })
    return
  }
  for (const cluster of clustersOf(pauliTerms(frame, given))) {
    if (!addCluster(frame, statement, cluster, duration)) return
  }
}

function addCluster(frame: Frame, statement: GateStatement, cluster: readonly ObservableTerm[], duration: Scalar): boolean {
  const { circuit } = frame
  const [only] = cluster
  if (!circuit || !only) return true
  if (cluster.length === 1) {
    const { word, coefficient } = only
    // exp(−ict P) is a rotation by 2ct, and of the identity a phase by −ct.
    const angle = slotOf(circuit, product(frame, product(frame, coefficient, duration), staticReal(word.length === 0 ? -1 : 2)))
    addOperation(circuit, word.length === 0
      ? { kind: 'global_phase', wires: [], controls: [], angle }
      : { kind: 'pauli_rotation', wires: word.map(([wire]) => wire), word: word.map(([, letter]) => letter).join(''), controls: [], angle })
    return true
  }
  const hamiltonian: Term[] = []
  const wires = [...new Set(cluster.flatMap(({ word }) => word.map(([wire]) => wire)))].sort((a, b) => a - b)
  for (const { coefficient, word } of cluster) {
    if (coefficient.kind !== 'static') {
      frame.sink.report('evolve-coefficients', statement.span, {})
      return false
    }
    hamiltonian.push({ coefficient: coefficient.data[0] ?? NaN, word: word.map(([wire, letter]) => [wires.indexOf(wire), letter] as const) })
  }
  if (wires.length > MAX_EVOLUTION_WIRES) {
    frame.sink.report('evolve-size', statement.span, { found: countOf(wires.length, 'qubit'), limit: MAX_EVOLUTION_WIRES })
    return false
  }
  addOperation(circuit, { kind: 'evolution', wires, controls: [], hamiltonian, angle: slotOf(circuit, duration) })
  return true
}

function product(frame: Frame, a: Scalar, b: Scalar): Scalar {
  const value = applyElementwise(frame, 'mul', [a, b], [])
  return value.kind === 'size' ? a : value
}

/** Projectors written out, |0⟩⟨0| = ½(1 + Z) and |1⟩⟨1| = ½(1 − Z); words with known coefficients merged. */
function pauliTerms(frame: Frame, terms: readonly ObservableTerm[]): readonly ObservableTerm[] {
  const expanded = terms.flatMap(({ coefficient, word }) => {
    let parts: readonly { readonly factor: number; readonly word: Term['word'] }[] = [{ factor: 1, word: [] }]
    for (const [wire, letter] of word) {
      parts = parts.flatMap(part => {
        if (letter !== '0' && letter !== '1') return [{ ...part, word: [...part.word, [wire, letter] as const] }]
        const half = part.factor / 2
        return [{ factor: half, word: part.word }, { factor: letter === '0' ? half : -half, word: [...part.word, [wire, 'Z' satisfies Letter] as const] }]
      })
    }
    return parts.map((part): ObservableTerm => ({ coefficient: part.factor === 1 ? coefficient : product(frame, coefficient, staticReal(part.factor)), word: part.word }))
  })
  const known = expanded.flatMap(({ coefficient, word }): Term[] => (coefficient.kind === 'static' ? [{ coefficient: coefficient.data[0] ?? NaN, word }] : []))
  return [
    ...normalizeTerms(known).map(({ coefficient, word }): ObservableTerm => ({ coefficient: staticReal(coefficient), word })),
    ...expanded.filter(({ coefficient }) => coefficient.kind !== 'static'),
  ]
}

/** Words that are linked by words that do not commute. */
function clustersOf(terms: readonly ObservableTerm[]): readonly (readonly ObservableTerm[])[] {
  const left = new Set(terms)
  const clusters: ObservableTerm[][] = []
  for (const start of terms) {
    if (!left.delete(start)) continue
    const cluster = [start]
    for (const term of cluster) {
      for (const other of left) {
        if (commute(term.word, other.word)) continue
        left.delete(other)
        cluster.push(other)
      }
    }
    clusters.push(cluster)
  }
  return clusters
}

/** Pauli words commute where they differ on an even number of the qubits on which both act. */
function commute(a: Term['word'], b: Term['word']): boolean {
  const letters = new Map(b)
  return a.filter(([wire, letter]) => (letters.get(wire) ?? letter) !== letter).length % 2 === 0
}
