/**
 * What acts last and need not act: phases that commute with all that is measured, and flips, which turn words of Z into words of Z.
 *
 * With U = F·V and a measured word P, ⟨Uψ|P|Uψ⟩ = ⟨Vψ|F†PF|Vψ⟩. A diagonal F that reads none of the bits which P flips leaves P as it is, so
 * nothing that is measured depends on its angle. A flip of t where bit c is set makes Z_t into Z_c Z_t.
 */
import { readsOf, targetsOf, type Flip, type Primitive } from './primitives'
import type { WordTerm } from './observables'

/** @property result which of the reported numbers it is a part of */
export interface ReportedTerm { readonly term: WordTerm; readonly result: number; readonly coefficient: number }

export interface Measured { readonly primitives: readonly Primitive[]; readonly terms: readonly ReportedTerm[] }

/** The same expectation values, by fewer primitives. */
export function absorbTrailing({ primitives, terms }: Measured): Measured {
  const kept: Primitive[] = []
  let measured = terms
  // Of what is kept, and acts later.
  let mixed = 0, used = 0
  for (const primitive of primitives.toReversed()) {
    const targets = targetsOf(primitive), reads = readsOf(primitive)
    const isLast = (targets & used) === 0 && ((targets | reads) & mixed) === 0
    const absorbed = isLast ? absorbedBy(measured, primitive) : undefined
    if (absorbed) {
      measured = absorbed
      continue
    }
    kept.push(primitive)
    mixed |= targets
    used |= targets | reads
  }
  return { primitives: kept.reverse(), terms: measured }
}

/** The terms with the primitive in them; undefined where they cannot have it. */
function absorbedBy(terms: readonly ReportedTerm[], primitive: Primitive): readonly ReportedTerm[] | undefined {
  switch (primitive.kind) {
    case 'phase': return terms.every(({ term }) => (term.x & readsOf(primitive)) === 0) ? terms : undefined
    case 'flip': return isSingle(primitive.where.mask) && terms.every(({ term }) => term.x === 0 && term.where.mask === 0) ? terms.map(term => flipped(term, primitive)) : undefined
    case 'turn': return undefined
    default: return primitive satisfies never
  }
}

/** Whether it has one bit at most. */
const isSingle = (mask: number): boolean => (mask & (mask - 1)) === 0

/** (−1)^(t ⊕ c) = Z_t Z_c, and where the flip is for c = 0, −Z_t Z_c. */
function flipped(reported: ReportedTerm, { target, where: { mask, value } }: Flip): ReportedTerm {
  const { term, coefficient } = reported
  if ((term.z & target) === 0) return reported
  // Without a condition it always flips.
  const isNegative = mask === 0 || value === 0
  return { ...reported, coefficient: isNegative ? -coefficient : coefficient, term: { ...term, z: term.z ^ mask } }
}
