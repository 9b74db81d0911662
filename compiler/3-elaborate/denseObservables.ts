/** Observables that are given as a whole: `hermitian`, a matrix, and `hamiltonian`, a Pauli sum in a data file. */
import type { Span } from '../source/source'
import { wordMasks } from '../../quantum/engines/subspace'
import { parseHamiltonian } from '../../quantum/observable'
import type { Term } from '../../quantum/circuit'
import { castNumeric } from './broadcast'
import type { Frame } from './frame'
import { isNumeric, staticReal, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning, type Numeric, type ObservableTerm } from './meaning'
import { needsExactState, wiresOf, type Given } from './measure'
import { mismatch } from './operators'

/** 4^k Pauli words, each an expectation value of its own where its coefficient is computed by the graph. */
const MAXIMAL_KNOWN = 6, MAXIMAL_COMPUTED = 4

/** `hermitian(re, im, q[0], …)`: a 2^k × 2^k matrix, as the sum of Pauli words that it is. `im` may be left out. */
export function hermitian(frame: Frame, given: readonly Given[], span: Span): Meaning {
  const parts = given.filter(({ meaning }, at) => at < 2 && meaning.kind !== 'wires')
  const wires = wiresOf(frame, 'hermitian', given.slice(parts.length), span)
  if (!wires || !needsExactState(frame, 'hermitian', span, true)) return UNKNOWN
  const size = 2 ** wires.length
  const matrices: Numeric[] = []
  for (const { meaning, span: at } of parts) {
    const matrix = isNumeric(meaning) ? castNumeric(frame, meaning, 'real') : undefined
    if (!matrix || typeOf(matrix).shape.length !== 2 || typeOf(matrix).shape.some(dim => dim !== size)) {
      return mismatch(frame, at, `a ${size} × ${size} matrix for ${wires.length === 1 ? 'one qubit' : `${wires.length} qubits`}`, meaning)
    }
    matrices.push(matrix)
  }
  const [re, im] = matrices
  if (!re || wires.length === 0) {
    frame.sink.report('argument-count', span, { name: 'hermitian', expected: 'a matrix and its qubits', found: given.length, signature: 'it is written `hermitian(re, im, q[0], …)`' })
    return UNKNOWN
  }
  const isKnown = re.kind === 'static' && (im === undefined || im.kind === 'static')
  const limit = isKnown ? MAXIMAL_KNOWN : MAXIMAL_COMPUTED
  if (wires.length > limit) {
    frame.sink.report('reduced-state-size', span, { name: 'hermitian', limit, found: wires.length })
    return UNKNOWN
  }
  if (isKnown) {
    const data = [re.data, im?.kind === 'static' ? im.data : re.data.map(() => 0)] as const
    return knownMatrix(frame, data, wires, span)
  }
  return computedMatrix(frame, re, im, wires)
}

/** The word's entries ⟨i ⊕ x|P|i⟩ = phase·(−1)^{|i & z|}: c_P = Tr(PH)/2^k = Σᵢ phase·± H[i, i ⊕ x] / 2^k. */
interface Word { readonly word: Term['word']; readonly masks: ReturnType<typeof wordMasks> }

function wordsOn(wires: readonly number[]): readonly Word[] {
  let words: readonly (readonly (readonly [number, 'X' | 'Y' | 'Z'])[])[] = [[]]
  wires.forEach((_, at) => { words = words.flatMap(word => [word, ...(['X', 'Y', 'Z'] as const).map(letter => [...word, [at, letter] as const])]) })
  return words.map(word => ({ word: word.map(([at, letter]) => [wires[at] ?? -1, letter] as const), masks: wordMasks(wires.length, word) }))
}

const isOdd = (bits: number): boolean => [...bits.toString(2)].filter(bit => bit === '1').length % 2 === 1

function knownMatrix(frame: Frame, [re, im]: readonly [readonly number[], readonly number[]], wires: readonly number[], span: Span): Meaning {
  const size = 2 ** wires.length
  const at = (part: readonly number[], row: number, column: number) => part[row * size + column] ?? NaN
  const scale = Math.max(...re.map(Math.abs), ...im.map(Math.abs))
  let deviation = 0
  for (let r = 0; r < size; r++) for (let c = 0; c <= r; c++) {
    deviation = Math.max(deviation, Math.abs(at(re, r, c) - at(re, c, r)), Math.abs(at(im, r, c) + at(im, c, r)))
  }
  // Entries written with seven digits may differ in the last.
  if (!(deviation <= 1e-6 * scale)) {
    frame.sink.report('matrix-not-hermitian', span, { deviation: deviation.toPrecision(2) })
    return UNKNOWN
  }
  const terms = wordsOn(wires).map(({ word, masks: { x, z, phaseRe, phaseIm } }): ObservableTerm => {
    let sum = 0
    for (let i = 0; i < size; i++) sum += (isOdd(i & z) ? -1 : 1) * (phaseRe * at(re, i, i ^ x) - phaseIm * at(im, i, i ^ x))
    return { coefficient: staticReal(sum / size), word }
  })
  // What is left of cancelled entries is rounding.
  return { kind: 'observable', terms: terms.filter(({ coefficient }) => coefficient.kind !== 'static' || Math.abs(coefficient.data[0] ?? 0) > 1e-15 * scale) }
}

/** Coefficients are linear in the entries, so they are differentiable by them; what is not Hermitian of a matrix does not count. */
function computedMatrix(frame: Frame, re: Numeric, im: Numeric | undefined, wires: readonly number[]): Meaning {
  const { builder } = frame
  const size = 2 ** wires.length
  const entries = size * size
  const words = wordsOn(wires)
  const flat = [re, im ?? { kind: 'static', element: 'real', shape: [size, size], data: Array.from({ length: entries }, () => 0) } as const]
    .map(part => builder.reshape(toValue(builder, part), [entries]))
  const positions: number[] = [], signs: number[] = []
  for (const { masks: { x, z, phaseRe, phaseIm } } of words) {
    for (let i = 0; i < size; i++) {
      positions.push((phaseRe === 0 ? entries : 0) + i * size + (i ^ x))
      signs.push((isOdd(i & z) ? -1 : 1) * (phaseRe === 0 ? -phaseIm : phaseRe) / size)
    }
  }
  const shape = [words.length, size]
  const picked = builder.add('gather', { axis: 0, site: 'a matrix' }, [builder.add('concat', { axis: 0 }, flat), builder.constant('int', shape, positions)])
  const coefficients = builder.reduce('sum', builder.scalar('mul', picked, builder.constant('real', shape, signs)), [1])
  return { kind: 'observable', terms: words.map(({ word }, at) => ({ coefficient: tensorMeaning(builder.reshape(builder.sliceAxis(coefficients, 0, at, 1), [])), word })) }
}

/** `hamiltonian("h2.json", q)`: `[[c, "XXYZ"], …]`, one letter a qubit. */
export function hamiltonian(frame: Frame, given: readonly Given[], span: Span): Meaning {
  const [file, ...registers] = given
  if (file?.meaning.kind !== 'text') return mismatch(frame, file?.span ?? span, 'the name of a data file, such as "h2.json"', file?.meaning ?? UNKNOWN)
  const wires = wiresOf(frame, 'hamiltonian', registers, span)
  if (!wires) return UNKNOWN
  const name = file.meaning.text
  const text = frame.module.texts.get(name)
  if (text === undefined) {
    frame.sink.report('missing-file', file.span, { file: name })
    return UNKNOWN
  }
  try {
    const data: unknown = JSON.parse(text)
    return { kind: 'observable', terms: parseHamiltonian(data, wires).map(({ coefficient, word }) => ({ coefficient: staticReal(coefficient), word })) }
  } catch (error) {
    frame.sink.report('data-file', file.span, { file: name, complaint: error instanceof Error ? error.message : String(error) })
    return UNKNOWN
  }
}
