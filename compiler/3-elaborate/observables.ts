/** Observables as sums of Pauli words whose coefficients may be known now or computed by the graph. */
import type { Span } from '../source/source'
import { multiplyTerms } from '../../quantum/observable'
import type { Term } from '../../quantum/circuit'
import { applyElementwise, castNumeric } from './broadcast'
import type { Frame } from './frame'
import { isNumeric, staticReal, typeOf, UNKNOWN, type Meaning, type ObservableTerm } from './meaning'

type Coefficient = ObservableTerm['coefficient']

/** An observable, or a number as that multiple of the identity. */
export function observableOf(frame: Frame, meaning: Meaning): readonly ObservableTerm[] | undefined {
  if (meaning.kind === 'observable') return meaning.terms
  if (!isNumeric(meaning) || typeOf(meaning).shape.length > 0) return undefined
  const coefficient = castNumeric(frame, meaning, 'real')
  return coefficient.kind === 'size' ? undefined : [{ coefficient, word: [] }]
}

export function addObservables(sums: readonly (readonly ObservableTerm[])[]): Meaning {
  return { kind: 'observable', terms: sums.flat() }
}

export function scaleObservable(frame: Frame, terms: readonly ObservableTerm[], factor: number): Meaning {
  return { kind: 'observable', terms: terms.map(({ coefficient, word }) => ({ coefficient: multiply(frame, coefficient, staticReal(factor)), word })) }
}

/** The product, which must be an observable again: factors on shared qubits may not leave anything imaginary. */
export function multiplyObservables(frame: Frame, a: readonly ObservableTerm[], b: readonly ObservableTerm[], at: Span): Meaning {
  // Terms of the product by coefficient: the words of one pair of coefficients combine, and imaginary parts cancel or not.
  const products: { coefficient: Coefficient; real: { word: Term['word']; re: number }[] }[] = []
  const imaginary = new Map<string, number>()
  for (const left of a) {
    for (const right of b) {
      const coefficient = multiply(frame, left.coefficient, right.coefficient)
      const real: { word: Term['word']; re: number }[] = []
      for (const term of multiplyTerms([{ coefficient: 1, word: left.word }], [{ coefficient: 1, word: right.word }])) {
        if (term.re !== 0) real.push({ word: term.word, re: term.re })
        if (term.im !== 0) {
          // Static coefficients add up (Z·X + X·Z = 0); others count as they are.
          const scale = coefficient.kind === 'static' ? coefficient.data[0] ?? 0 : 1
          const key = `${coefficient.kind === 'static' ? '' : `%${coefficient.value.node.id}`} ${term.word.map(([wire, letter]) => letter + wire).join(' ')}`
          imaginary.set(key, (imaginary.get(key) ?? 0) + scale * term.im)
        }
      }
      products.push({ coefficient, real })
    }
  }
  if ([...imaginary.values()].some(value => Math.abs(value) > 1e-12)) {
    frame.sink.report('not-hermitian', at, {})
    return UNKNOWN
  }
  return {
    kind: 'observable',
    terms: products.flatMap(({ coefficient, real }) => real.map(({ word, re }) => ({ coefficient: re === 1 ? coefficient : multiply(frame, coefficient, staticReal(re)), word }))),
  }
}

/** Factors stand in one order, so that a·b and b·a are one node of the graph, and what anticommutes is seen to cancel. */
function multiply(frame: Frame, a: Coefficient, b: Coefficient): Coefficient {
  const ordered = a.kind === 'tensor' && b.kind === 'tensor' && a.value.node.id > b.value.node.id ? [b, a] : [a, b]
  const product = applyElementwise(frame, 'mul', ordered, [])
  return product.kind === 'size' ? a : product
}
