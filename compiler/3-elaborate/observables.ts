/** Observables as sums of Pauli words whose coefficients may be known now or computed by the graph. */
import type { Span } from '../source/source'
import { imaginaryParts, multiplyTerms } from '../../quantum/observable'
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

/** As products of two terms; each is a word and a coefficient of its own before equal words are brought together. */
const PRODUCT_LIMIT = 1_000_000

/** The product, which must be an observable again: factors on shared qubits may not leave anything imaginary. */
export function multiplyObservables(frame: Frame, a: readonly ObservableTerm[], b: readonly ObservableTerm[], at: Span): Meaning {
  const terms: ObservableTerm[] = []
  if (a.length * b.length > PRODUCT_LIMIT) {
    frame.sink.report('too-many-terms', at, { terms: a.length * b.length, limit: PRODUCT_LIMIT })
    return UNKNOWN
  }
  /** What is left imaginary, by coefficient and word: parts cancel (Z·X + X·Z = 0) or not. */
  const imaginary = new Map<string, number>()
  for (const left of a) {
    for (const right of b) {
      const products = multiplyTerms([{ coefficient: 1, word: left.word }], [{ coefficient: 1, word: right.word }])
      const coefficient = multiply(frame, left.coefficient, right.coefficient)
      for (const { re, word } of products) if (re !== 0) terms.push({ coefficient: re === 1 ? coefficient : multiply(frame, coefficient, staticReal(re)), word })
      if (products.every(({ im }) => im === 0)) continue
      const { scale, factors } = monomial(coefficient)
      for (const { im, word } of imaginaryParts(products)) {
        const key = `${factors} ${word.map(([wire, letter]) => letter + wire).join(' ')}`
        imaginary.set(key, (imaginary.get(key) ?? 0) + scale * im)
      }
    }
  }
  if ([...imaginary.values()].some(value => Math.abs(value) > 1e-12)) {
    frame.sink.report('not-hermitian', at, {})
    return UNKNOWN
  }
  return { kind: 'observable', terms }
}

/** A coefficient as a number times factors in one order, so that a·(b·2) and (2·b)·a are seen to be equal. */
function monomial(coefficient: Coefficient): { readonly scale: number; readonly factors: string } {
  if (coefficient.kind === 'static') return { scale: coefficient.data[0] ?? NaN, factors: '' }
  let scale = 1
  const factors: string[] = []
  const pending = [coefficient.value]
  for (let value = pending.pop(); value; value = pending.pop()) {
    const { node } = value
    if (node.op === 'fill') scale *= node.attributes.value
    else if (node.op === 'elementwise' && node.attributes.fn === 'mul') pending.push(...node.inputs)
    else if (node.op === 'elementwise' && node.attributes.fn === 'neg') { scale = -scale; pending.push(...node.inputs) } else factors.push(`%${node.id}.${value.index}`)
  }
  return { scale, factors: factors.sort().join('·') }
}

function multiply(frame: Frame, a: Coefficient, b: Coefficient): Coefficient {
  const product = applyElementwise(frame, 'mul', [a, b], [])
  return product.kind === 'size' ? a : product
}
