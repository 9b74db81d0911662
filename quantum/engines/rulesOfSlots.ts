/** The shift rule of each slot of a circuit, and which slots are better left to a sweep back, by the spectra of its operations. */
import { operandsOf, type Circuit, type Evolution, type Operation } from '../circuit'
import type { GradientMethod } from '../engine'
import { GATE_SHAPES } from '../gateShapes'
import { differenceRule, ENTRY_RULE, frequenciesOf, shiftRuleFor, type ShiftRule } from '../shiftRule'
import { slotsOf } from './operands'

/**
 * A rule with more frequencies is solved from equations that are too close to singular, and costs two runs for each.
 */
const MOST_FREQUENCIES = 12

export interface SlotRules {
  /** Without a term where there is none: see `swept`. */
  readonly rules: readonly ShiftRule[]
  /** 1 for slots that every exact method leaves to the sweep back: entries, which come 4^k at a time, and evolutions without a rule. */
  readonly swept: Uint8Array
  /** 1 for slots that have no rule: they have first derivatives only. */
  readonly ruleless: Uint8Array
  /** 1 for slots by which there is no gradient from samples or trajectories: shifted, they are no state, or no channel. */
  readonly exactOnly: Uint8Array
}

/** The eigenvalues of H. */
export type EvolutionSpectrum = (evolution: Evolution) => readonly number[]

/** @param spectrum asked for where the circuit has evolutions */
export function rulesOfSlots(circuit: Circuit, method: GradientMethod, spectrum: EvolutionSpectrum): SlotRules {
  const rules: ShiftRule[] = Array.from({ length: circuit.slots }, () => [])
  const swept = new Uint8Array(circuit.slots), ruleless = new Uint8Array(circuit.slots)
  const exactOnly = new Uint8Array(circuit.slots)
  // A circuit has many gates of few kinds; one rule for each kind.
  const known = new Map<string, ShiftRule | undefined>()
  for (const operation of circuit.operations) {
    const slots = slotsOf(operandsOf(operation))
    if (slots.length === 0) continue
    const isEntry = operation.kind === 'unitary' || operation.kind === 'amplitudes' || operation.kind === 'kraus'
    const rule = method === 'finite_difference' || method === 'spsa' ? differenceRule(circuit.precision)
      // A channel is a polynomial of degree 2 in its parameter, as a state's density matrix is in an entry.
      : isEntry || operation.kind === 'channel' ? ENTRY_RULE
        : ruleOf(operation, known, spectrum)
    for (const slot of slots) {
      rules[slot] = rule ?? []
      if (rule === undefined) ruleless[slot] = 1
      if (isEntry || rule === undefined) swept[slot] = 1
      if (swept[slot] === 1 || operation.kind === 'channel') exactOnly[slot] = 1
    }
  }
  return { rules, swept, ruleless, exactOnly }
}

function ruleOf(operation: Operation, known: Map<string, ShiftRule | undefined>, spectrum: EvolutionSpectrum): ShiftRule | undefined {
  const kind = rotationOf(operation)
  if (kind !== undefined && known.has(kind)) return known.get(kind)
  const frequencies = frequenciesOf(spectrumOf(operation, spectrum), operation.controls.length > 0)
  const rule = frequencies.length > MOST_FREQUENCIES ? undefined : solvable(frequencies)
  if (kind !== undefined) known.set(kind, rule)
  return rule
}

/** Operations of one name here have one spectrum; undefined for those whose spectrum is their own. */
function rotationOf(operation: Operation): string | undefined {
  const name = operation.kind === 'gate' ? operation.name : operation.kind === 'pauli_rotation' ? (/^I*$/.test(operation.word) ? 'identity' : 'word') : undefined
  return name === undefined || operation.controls.length === 0 ? name : `${name}, controlled`
}

/** Frequencies of an evolution may lie as they like, so that no rule passes its own check; those of gates never do. */
function solvable(frequencies: readonly number[]): ShiftRule | undefined {
  try {
    return shiftRuleFor(frequencies)
  } catch (error) {
    if (frequencies.length <= 2) throw error
    return undefined
  }
}

/** The eigenvalues of the generator, at least once each; none for what is no rotation. */
export function spectrumOf(operation: Operation, spectrum: EvolutionSpectrum): readonly number[] {
  switch (operation.kind) {
    case 'gate': return GATE_SHAPES[operation.name].spectrum ?? []
    // G = P/2; the word of identities is a phase e^{−iθ/2}.
    case 'pauli_rotation': return /^I*$/.test(operation.word) ? [0.5] : [-0.5, 0.5]
    case 'global_phase': return [-1]
    case 'evolution': return spectrum(operation)
    case 'unitary': case 'amplitudes': case 'channel': case 'kraus': return []
    default: return operation satisfies never
  }
}
