/**
 * Which measured words share their samples: those that agree letter by letter wherever both act. Words are taken in order, each into
 * the first group that it agrees with, and groups only grow, so a word that is measured again falls into its group again.
 */
import type { Measurement, Term } from './circuit'

export type Basis = 'X' | 'Y' | 'Z'

/** What a group measures on the wires that its words act on. */
export type GroupBasis = Map<number, Basis>

/** Projectors are read off in the computational basis. */
export const basisOf = (word: Term['word']): readonly (readonly [number, Basis])[] =>
  word.map(([wire, letter]) => [wire, letter === '0' || letter === '1' ? 'Z' : letter])

/** The first group that measures nothing else on these wires, or a new one; it takes the letters in. @returns its position */
export function joinGroup(groups: GroupBasis[], letters: readonly (readonly [number, Basis])[]): number {
  const known = groups.findIndex(basis => letters.every(([wire, letter]) => (basis.get(wire) ?? letter) === letter))
  const at = known < 0 ? groups.push(new Map()) - 1 : known
  for (const [wire, letter] of letters) groups[at]?.set(wire, letter)
  return at
}

/** The groups of a list of measurements. */
export function sampleGroups(measurements: Iterable<Measurement>): GroupBasis[] {
  const groups: GroupBasis[] = []
  for (const measurement of measurements) {
    switch (measurement.kind) {
      case 'expectation':
        for (const { word } of measurement.terms) if (word.length > 0) joinGroup(groups, basisOf(word))
        break
      case 'probabilities':
      case 'sample':
      case 'density': joinGroup(groups, measurement.wires.map(wire => [wire, 'Z'])); break
      default: measurement satisfies never
    }
  }
  return groups
}
