/** What a circuit reports: `expect`, `variance`, `probs` and more, and the Pauli letters that observables are made of. */
import { CIRCUIT_FUNCTIONS, parametersOf, type CircuitFunctionName } from '../2-check/functions'
import { counted } from '../diagnostics/words'
import type { Span } from '../source/source'
import type { Letter, Term } from '../../quantum/circuit'
import { normalizeTerms } from '../../quantum/observable'
import { basisOf, joinGroup, sampleGroups } from '../../quantum/sampleGroups'
import { applyElementwise } from './broadcast'
import { hamiltonian, hermitian } from './denseObservables'
import type { Frame, FunctionCall } from './frame'
import { bitsOf, countOf } from './gateOperands'
import { isNumeric, staticReal, tensorMeaning, toValue, UNKNOWN, type Meaning, type Numeric, type ObservableTerm } from './meaning'
import { measure, needsExactState, wiresOf, type Given } from './measure'
import { multiplyObservables, observableOf } from './observables'
import { mismatch, shortText } from './operators'
import { fidelity, sample, stateFunction } from './stateMeasurements'
import { stackScalars } from './stackScalars'

/** These take any number of qubits behind what else they take. */
const VARIADIC: ReadonlySet<CircuitFunctionName> = new Set(['probs', 'purity', 'entropy', 'sample', 'hermitian', 'hamiltonian'])

export function callCircuitFunction(frame: Frame, name: CircuitFunctionName, call: FunctionCall): Meaning {
  // Its argument is a circuit, which is not called here.
  if (name === 'fidelity') return fidelity(frame, call)
  const given: Given[] = call.piped ? [call.piped] : []
  for (const argument of call.arguments) {
    if (argument.name) {
      frame.sink.report('unknown-argument', argument.name.span, { name, argument: argument.name.name })
      return UNKNOWN
    }
    given.push({ meaning: frame.session.evaluate(frame, argument.value), span: argument.span })
  }
  if (given.some(({ meaning }) => meaning.kind === 'unknown')) return UNKNOWN
  const expected = parametersOf(CIRCUIT_FUNCTIONS[name]).length
  const [first, second] = given
  if (!first || (VARIADIC.has(name) ? given.length < (name === 'hamiltonian' ? 2 : 1) : given.length !== expected)) {
    frame.sink.report('argument-count', call.span, { name, expected: counted(expected, 'argument'), found: given.length, signature: `it is written \`${name}${CIRCUIT_FUNCTIONS[name].text}\`` })
    return UNKNOWN
  }
  switch (name) {
    case 'X': case 'Y': case 'Z': return pauli(frame, name, first)
    case 'projector': return second ? projector(frame, first, second) : UNKNOWN
    case 'expect': return expectation(frame, first)
    case 'variance': return varianceOf(frame, first)
    case 'probs': return probabilities(frame, given, call.span)
    case 'purity': case 'entropy': return stateFunction(frame, name, given, call.span)
    case 'sample': return sample(frame, given, call.span)
    case 'hermitian': return hermitian(frame, given, call.span)
    case 'hamiltonian': return hamiltonian(frame, given, call.span)
    default: return name satisfies never
  }
}

function pauli(frame: Frame, letter: Letter, { meaning, span }: Given): Meaning {
  const [wire] = meaning.kind === 'wires' ? meaning.wires : []
  if (meaning.kind !== 'wires' || wire === undefined) return mismatch(frame, span, 'a qubit', meaning, isNumeric(meaning) ? `qubits are named by their register, as in \`${letter}(${frame.circuit?.registers[0]?.name ?? 'q'}[0])\`` : undefined)
  if (meaning.wires.length > 1) {
    frame.sink.report('gate-arity', span, { gate: letter, expected: 'one qubit', found: meaning.wires.length, hint: `name one qubit, as in \`${letter}(${meaning.register}[0])\`` })
    return UNKNOWN
  }
  return { kind: 'observable', terms: [{ coefficient: staticReal(1), word: [[wire, letter]] }] }
}

/** `projector(q, "01")`: a letter 0 or 1 on each qubit. */
function projector(frame: Frame, { meaning, span }: Given, bits: Given): Meaning {
  if (meaning.kind !== 'wires') return mismatch(frame, span, 'a qubit or a register', meaning)
  const digits = bitsOf(bits.meaning)
  if (!digits) return mismatch(frame, bits.span, 'bits that are known when the circuit is compiled, such as "01"', bits.meaning)
  if (digits.length !== meaning.wires.length) {
    frame.sink.report('gate-arity', bits.span, { gate: `projector(…, ${shortText(bits.span)})`, expected: countOf(digits.length, 'qubit'), found: meaning.wires.length, hint: 'one bit a qubit' })
    return UNKNOWN
  }
  const word = meaning.wires.map((wire, at): Term['word'][number] => [wire, digits[at] === 1 ? '1' : '0'])
  return { kind: 'observable', terms: [{ coefficient: staticReal(1), word }] }
}

// ------------------------------------------------------------------------------------------------- expectation

function expectation(frame: Frame, { meaning, span }: Given): Meaning {
  const terms = observableOf(frame, meaning)
  if (!terms) return mismatchedObservable(frame, meaning, span)
  return expectationOf(frame, terms)
}

/**
 * Terms with static coefficients are one measurement. A coefficient that the graph computes multiplies its own: the words
 * that share it are measured together, and the product is ordinary graph, so coefficients are differentiable.
 * @param isHeld leaves the derivative by what is measured out, and that by coefficients in
 */
function expectationOf(frame: Frame, terms: readonly ObservableTerm[], isHeld = false): Numeric {
  const fixed: Term[] = []
  const computed = new Map<string, { readonly coefficient: ObservableTerm['coefficient']; readonly terms: Term[] }>()
  for (const { coefficient, word } of terms) {
    if (coefficient.kind === 'static') { fixed.push({ coefficient: coefficient.data[0] ?? 0, word }); continue }
    const key = `${coefficient.value.node.id}.${coefficient.value.index}`
    const group = computed.get(key) ?? { coefficient, terms: [] }
    group.terms.push({ coefficient: 1, word })
    computed.set(key, group)
  }
  const known = fixed.length > 0 || computed.size === 0 ? measureTerms(frame, fixed, isHeld) : undefined
  if (computed.size === 0) return known ?? staticReal(0)
  // Σ coefficient · measured, as one product of two vectors.
  const { builder } = frame
  const groups = [...computed.values()]
  const coefficients = stackScalars(builder, groups.map(({ coefficient }) => toValue(builder, coefficient)))
  const measured = stackScalars(builder, groups.map(group => toValue(builder, measureTerms(frame, group.terms, isHeld))))
  const sum = tensorMeaning(builder.reduce('sum', builder.scalar('mul', coefficients, measured), [0]))
  return known ? applyElementwise(frame, 'add', [known, sum], []) : sum
}

/** A multiple of the identity needs no measurement. */
function measureTerms(frame: Frame, terms: readonly Term[], isHeld: boolean): Numeric {
  const normal = normalizeTerms(terms)
  const constant = normal.filter(term => term.word.length === 0).reduce((sum, term) => sum + term.coefficient, 0)
  const words = normal.filter(term => term.word.length > 0)
  if (words.length === 0) return staticReal(constant)
  const measured = measure(frame, { kind: 'expectation', terms: normal })
  return isHeld ? tensorMeaning(frame.builder.add('stop', {}, [toValue(frame.builder, measured)])) : measured
}

/** ⟨O²⟩ − ⟨O⟩², with O² expanded; of samples its unbiased estimate. */
function varianceOf(frame: Frame, { meaning, span }: Given): Meaning {
  const terms = observableOf(frame, meaning)
  if (!terms) return mismatchedObservable(frame, meaning, span)
  if (frame.circuit?.shots === undefined && !needsExactState(frame, 'variance', span, false)) return UNKNOWN
  if (frame.circuit?.shots === 1) {
    frame.sink.report('single-shot', span, {})
    return UNKNOWN
  }
  const plain = spread(frame, terms, span)
  const excess = plain && varianceOfMean(frame, terms, span)
  return plain && excess ? applyElementwise(frame, 'add', [plain, excess], []) : plain ?? UNKNOWN
}

/** ⟨O²⟩ − ⟨O⟩² of what is measured; undefined where O² has been refused. */
function spread(frame: Frame, terms: readonly ObservableTerm[], span: Span, isHeld = false): Numeric | undefined {
  const square = multiplyObservables(frame, terms, terms, span)
  if (square.kind !== 'observable') return undefined
  const mean = expectationOf(frame, terms, isHeld)
  return applyElementwise(frame, 'sub', [expectationOf(frame, square.terms, isHeld), applyElementwise(frame, 'mul', [mean, mean], [])], [])
}

/**
 * What the square of a sampled mean is too large by, E[m²] = ⟨O⟩² + Σ_g Var(O_g)/n for the groups g of words that share their n shots,
 * estimated by Σ_g (⟨O_g²⟩ − ⟨O_g⟩²)/(n − 1): Bessel's correction, once for each group. Undefined where values are exact.
 *
 * It is held fixed against what is measured: shifted runs draw anew, independent of the m that they are multiplied by, so
 * the gradient of m² is unbiased without it.
 */
function varianceOfMean(frame: Frame, terms: readonly ObservableTerm[], span: Span): Numeric | undefined {
  const { circuit } = frame
  if (circuit?.shots === undefined) return undefined
  const groups = sampleGroups([...circuit.measurements.values()].map(({ measurement }) => measurement))
  const parts = new Map<number, ObservableTerm[]>()
  for (const term of terms) {
    if (term.word.length === 0) continue
    const group = joinGroup(groups, basisOf(term.word))
    parts.set(group, [...parts.get(group) ?? [], term])
  }
  let sum: Numeric = staticReal(0)
  for (const part of parts.values()) {
    const own = spread(frame, part, span, true)
    if (own) sum = applyElementwise(frame, 'add', [sum, applyElementwise(frame, 'mul', [own, staticReal(1 / (circuit.shots - 1))], [])], [])
  }
  return sum
}

/** What is given instead of an observable; a list of them is measured one by one. */
function mismatchedObservable(frame: Frame, meaning: Meaning, span: Span): Meaning {
  const isList = meaning.kind === 'list' && meaning.items.every(item => item.kind === 'observable')
  return mismatch(frame, span, 'an observable, such as `Z(q[0])`', meaning, isList ? `measure each: \`[expect(o) for o in ${shortText(span)}]\`` : meaning.kind === 'text' ? 'a word of Pauli letters is a product: `Z(q[0]) * Z(q[1])`' : undefined)
}

function probabilities(frame: Frame, given: readonly Given[], span: Span): Meaning {
  const wires = wiresOf(frame, 'probs', given, span)
  return wires ? measure(frame, { kind: 'probabilities', wires }) : UNKNOWN
}
