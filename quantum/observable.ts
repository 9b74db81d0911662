/**
 * Observables as sums of words over X, Y, Z and the projectors 0 = |0⟩⟨0| and 1 = |1⟩⟨1|: their algebra.
 *
 * A product of two observables can have imaginary coefficients on the way (XY = iZ), though an observable's own are real;
 * `ComplexTerm` carries them and `realTerms` takes them off at the end.
 */
import type { Letter, Term } from './circuit'
import { identityMatrix, kronecker, matrixFromRows, addScaled, zeroMatrix, type ComplexMatrix } from './linearAlgebra'
import { pauliWordMatrix } from './gates'

/** A term with a complex coefficient. */
export interface ComplexTerm {
  readonly re: number
  readonly im: number
  readonly word: Term['word']
}

/** The product of two one-qubit letters as a sum of letters (undefined: the identity) with complex coefficients. */
type LetterSum = readonly { readonly re: number; readonly im: number; readonly letter: Letter | undefined }[]

const LETTERS: readonly Letter[] = ['X', 'Y', 'Z', '0', '1']

/** The Pauli matrices' product: cyclic XY = iZ, YZ = iX, ZX = iY. */
function multiplyLetters(a: Letter, b: Letter): LetterSum {
  if (a === b) return [{ re: 1, im: 0, letter: a === '0' || a === '1' ? a : undefined }]
  const aIsProjector = a === '0' || a === '1', bIsProjector = b === '0' || b === '1'
  if (aIsProjector && bIsProjector) return []
  // Z is diagonal: Z|0⟩⟨0| = |0⟩⟨0| and Z|1⟩⟨1| = −|1⟩⟨1|.
  if (aIsProjector && b === 'Z') return [{ re: a === '0' ? 1 : -1, im: 0, letter: a }]
  if (bIsProjector && a === 'Z') return [{ re: b === '0' ? 1 : -1, im: 0, letter: b }]
  if (aIsProjector || bIsProjector) {
    // |0⟩⟨0| = ½(I + Z) and |1⟩⟨1| = ½(I − Z), on whichever side it stands.
    const sign = (aIsProjector ? a : b) === '0' ? 0.5 : -0.5
    const pauli = aIsProjector ? b : a
    const rest = aIsProjector ? multiplyLetters('Z', b) : multiplyLetters(a, 'Z')
    return [{ re: 0.5, im: 0, letter: pauli }, ...rest.map(({ re, im, letter }) => ({ re: sign * re, im: sign * im, letter }))]
  }
  const order = LETTERS.indexOf(b) - LETTERS.indexOf(a)
  const third = LETTERS.find((letter, k) => k < 3 && letter !== a && letter !== b)
  return [{ re: 0, im: order === 1 || order === -2 ? 1 : -1, letter: third }]
}

export function scaleTerms(terms: readonly Term[], factor: number): readonly Term[] {
  return terms.map(({ coefficient, word }) => ({ coefficient: coefficient * factor, word }))
}

/** The sum of observables, equal words merged. */
export function addTerms(...sums: readonly (readonly Term[])[]): readonly Term[] {
  return normalizeTerms(sums.flat())
}

/** One term a word, words sorted by wire; words whose coefficients cancel exactly are left out. */
export function normalizeTerms(terms: readonly Term[]): readonly Term[] {
  const complex = mergeTerms(terms.map(({ coefficient, word }) => ({ re: coefficient, im: 0, word })))
  return complex.map(({ re, word }) => ({ coefficient: re, word }))
}

function mergeTerms(terms: readonly ComplexTerm[]): readonly ComplexTerm[] {
  const merged = new Map<string, ComplexTerm>()
  for (const { re, im, word } of terms) {
    const sorted = [...word].sort(([a], [b]) => a - b)
    const key = sorted.map(([wire, letter]) => `${letter}${wire}`).join(' ')
    const known = merged.get(key)
    merged.set(key, { re: re + (known?.re ?? 0), im: im + (known?.im ?? 0), word: sorted })
  }
  return [...merged.values()].filter(({ re, im }) => re !== 0 || im !== 0)
}

/** The product a·b as operators, with complex coefficients. */
export function multiplyTerms(a: readonly Term[], b: readonly Term[]): readonly ComplexTerm[] {
  return mergeTerms(a.flatMap(x => b.flatMap(y => multiplyWords(x, y))))
}

function multiplyWords(a: Term, b: Term): readonly ComplexTerm[] {
  const right = new Map(b.word)
  let products: readonly ComplexTerm[] = [{ re: a.coefficient * b.coefficient, im: 0, word: [] }]
  for (const [wire, letter] of a.word) {
    const other = right.get(wire)
    right.delete(wire)
    const factor: LetterSum = other === undefined ? [{ re: 1, im: 0, letter }] : multiplyLetters(letter, other)
    products = products.flatMap(({ re, im, word }) => factor.map(f => ({
      re: re * f.re - im * f.im,
      im: re * f.im + im * f.re,
      word: f.letter === undefined ? word : [...word, [wire, f.letter] as const],
    })))
  }
  return products.map(({ re, im, word }) => ({ re, im, word: [...word, ...right] }))
}

/** i·Σ im·word over Pauli words, which are independent; words with projectors are not (|0⟩⟨0| + |1⟩⟨1| = I). */
export function imaginaryParts(terms: readonly ComplexTerm[]): readonly ComplexTerm[] {
  return mergeTerms(terms.flatMap(term => (term.im === 0 ? [] : expandProjectors({ ...term, re: 0 }))))
}

/**
 * The terms of a product that is Hermitian, such as of commuting observables.
 *
 * @throws Error when an imaginary part is left, above rounding: the product is no observable
 */
export function realTerms(terms: readonly ComplexTerm[]): readonly Term[] {
  const size = terms.reduce((sum, { re, im }) => sum + Math.hypot(re, im), 0)
  const left = imaginaryParts(terms).find(({ im }) => Math.abs(im) > 1e-12 * size)
  if (left !== undefined) {
    const word = left.word.map(([wire, letter]) => `${letter}(q[${wire}])`).join(' ')
    throw new Error(`this product of observables is not Hermitian: its term ${word} has an imaginary coefficient`)
  }
  return terms.filter(({ re }) => re !== 0).map(({ re, word }) => ({ coefficient: re, word }))
}

/** |0⟩⟨0| = ½(I + Z), |1⟩⟨1| = ½(I − Z). */
function expandProjectors({ re, im, word }: ComplexTerm): readonly ComplexTerm[] {
  let words: readonly ComplexTerm[] = [{ re, im, word: [] }]
  for (const [wire, letter] of word) {
    words = words.flatMap(term => {
      if (letter !== '0' && letter !== '1') return [{ ...term, word: [...term.word, [wire, letter] as const] }]
      const sign = letter === '0' ? 0.5 : -0.5
      return [
        { re: term.re / 2, im: term.im / 2, word: term.word },
        { re: term.re * sign, im: term.im * sign, word: [...term.word, [wire, 'Z'] as const] },
      ]
    })
  }
  return words
}

/** O², for a variance ⟨O²⟩ − ⟨O⟩². Words that anticommute cancel, so it is often much shorter than all pairs. */
export function squareOf(terms: readonly Term[]): readonly Term[] {
  return realTerms(multiplyTerms(terms, terms))
}

/**
 * The Pauli sum of a data file: `[[c, "XXYZ"], …]`, one letter of I, X, Y, Z a wire.
 *
 * @param data the parsed JSON
 * @param wires the wire of each letter
 * @throws Error that says which entry is not of this form
 */
export function parseHamiltonian(data: unknown, wires: readonly number[]): readonly Term[] {
  if (!Array.isArray(data)) throw new Error('a hamiltonian is a list [[coefficient, "XXYZ"], …]')
  const entries: readonly unknown[] = data
  return normalizeTerms(entries.map((entry, at) => {
    const where = `entry ${at} of the hamiltonian`
    if (!Array.isArray(entry) || entry.length !== 2) throw new Error(`${where} is not a pair [coefficient, "XXYZ"]`)
    const [coefficient, word]: readonly unknown[] = entry
    if (typeof coefficient !== 'number' || !Number.isFinite(coefficient)) throw new Error(`${where}: its coefficient is no number`)
    if (typeof word !== 'string') throw new Error(`${where}: its word is no text`)
    if (word.length !== wires.length) {
      throw new Error(`${where}: “${word}” has ${word.length} letters for ${wires.length} qubits`)
    }
    return { coefficient, word: [...word].flatMap((letter, w) => pauliFactor(letter, wires[w] as number, where)) }
  }))
}

function pauliFactor(letter: string, wire: number, where: string): Term['word'] {
  switch (letter) {
    case 'I': return []
    case 'X': case 'Y': case 'Z': return [[wire, letter]]
    default: throw new Error(`${where}: “${letter}” is not a Pauli letter (I, X, Y or Z)`)
  }
}

/** The observable as a dense 2^n matrix, wire 0 most significant; for tests and small reports. */
export function observableMatrix(terms: readonly Term[], qubits: number): ComplexMatrix {
  let sum = zeroMatrix(2 ** qubits)
  for (const { coefficient, word } of terms) {
    const letters = new Map(word)
    let product = identityMatrix(1)
    for (let wire = 0; wire < qubits; wire++) {
      const letter = letters.get(wire)
      product = kronecker(product, letter === undefined ? identityMatrix(2) : letterMatrix(letter))
    }
    sum = addScaled(product, coefficient, 0, sum)
  }
  return sum
}

function letterMatrix(letter: Letter): ComplexMatrix {
  switch (letter) {
    case 'X': case 'Y': case 'Z': return pauliWordMatrix(letter)
    case '0': return matrixFromRows([[1, 0], [0, 0]])
    case '1': return matrixFromRows([[0, 0], [0, 1]])
    default: return letter satisfies never
  }
}
