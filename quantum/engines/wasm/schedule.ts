/**
 * Which primitives run together: groups that mix few bits, so that the amplitudes they mix fit into registers and one pass over
 * memory serves all of them, and runs of phases, whose product is a table.
 */
import { bitsOf, isLinear, isReal, readsOf, targetsOf, type Flip, type Phase, type Primitive } from './primitives'

/** Primitives that act on amplitudes while they are in registers. */
export interface MixGroup {
  readonly kind: 'mix'
  /** The bits that are mixed, those within a vector aside. */
  readonly local: number
  /** In an order in which they may act. */
  readonly primitives: readonly Primitive[]
  /** Whether their matrices are, so that real and imaginary parts do not mix. */
  readonly isReal: boolean
}

/** Phases on bits of a tile, as one factor for each of its amplitudes. */
export interface DiagonalGroup { readonly kind: 'diagonal'; readonly primitives: readonly Phase[] }

/** Flips that rearrange a tile's vectors, each under one condition at most. */
export interface PermutationGroup { readonly kind: 'permutation'; readonly primitives: readonly Flip[] }

export type Group = MixGroup | DiagonalGroup | PermutationGroup

export interface GroupLimits {
  /** Bits below this one stand within a vector: mixing them takes no more amplitudes. */
  readonly laneBits: number
  /** Most bits mixed beside those, where parts are apart and where they are not. */
  readonly locals: { readonly real: number; readonly complex: number }
  /** Most primitives of a group in registers, which bounds its code. */
  readonly length: number
  /** The bits that a table may be over. */
  readonly tableBits: number
  /** Whether the state is so small that everything acts in registers. */
  readonly isSmall: boolean
  /** Fewest phases that are worth a table. */
  readonly tablePhases: number
  /** Fewest flips that are worth a rearrangement. */
  readonly permutationFlips: number
}

/** How many primitives may wait for a later group before a group is closed. */
const MOST_WAITING = 192

/** Greedily, in order: a group takes every primitive that it has room for and that commutes with all that it has passed over. */
export function scheduleGroups(primitives: readonly Primitive[], limits: GroupLimits): readonly Group[] {
  const waiting = new Waiting(primitives)
  const groups: Group[] = []
  while (waiting.first !== undefined) groups.push(nextGroup(waiting, limits))
  return groups
}

function nextGroup(waiting: Waiting, limits: GroupLimits): Group {
  if (limits.isSmall) return mixGroup(waiting, false, limits)
  const lanes = (1 << limits.laneBits) - 1
  const isFlip = (primitive: Primitive): primitive is Flip => primitive.kind === 'flip' && isLinear(primitive) && ((primitive.target | primitive.where.mask) & lanes) === 0
  if (waiting.find(isFlip, MOST_WAITING).length >= limits.permutationFlips) return { kind: 'permutation', primitives: waiting.take(isFlip, MOST_WAITING) }
  // Real parts and imaginary ones apart as long as there is anything to mix, so that phases come together.
  if (waiting.find(isRealOne, MOST_WAITING).length > 0) return mixGroup(waiting, true, limits)
  const isTabled = (primitive: Primitive): primitive is Phase => primitive.kind === 'phase' && !primitive.isSign && (readsOf(primitive) & ~limits.tableBits) === 0
  if (waiting.find(isTabled, MOST_WAITING).length >= limits.tablePhases) return { kind: 'diagonal', primitives: waiting.take(isTabled, MOST_WAITING) }
  return mixGroup(waiting, false, limits)
}

const isRealOne = (primitive: Primitive): primitive is Primitive => isReal(primitive)

function mixGroup(waiting: Waiting, isRealGroup: boolean, { laneBits, locals, length }: GroupLimits): MixGroup {
  const lanes = (1 << laneBits) - 1
  const most = isRealGroup ? locals.real : locals.complex
  let local = 0, count = 0
  const primitives = waiting.take((primitive): primitive is Primitive => {
    const widened = local | (targetsOf(primitive) & ~lanes)
    if ((isRealGroup && !isReal(primitive)) || count >= length || bitsOf(widened).length > most) return false
    local = widened
    count++
    return true
  }, MOST_WAITING)
  return { kind: 'mix', local, primitives, isReal: isRealGroup }
}

/** Primitives not taken yet, as a list with links, since most are taken from near its start. */
export class Waiting {
  private readonly next: Int32Array
  private head = 0

  constructor(private readonly primitives: readonly Primitive[]) {
    this.next = Int32Array.from(primitives, (_, at) => at + 1)
  }

  get first(): Primitive | undefined {
    return this.primitives[this.head]
  }

  /**
   * Those that may act before all others: each is accepted, and commutes with all that were passed over, since neither mixes a bit
   * that the other uses.
   * @param most how many may be passed over
   */
  find<P extends Primitive>(accepts: (primitive: Primitive) => primitive is P, most: number): readonly P[] {
    const found: P[] = []
    this.sweep(accepts, most, primitive => { found.push(primitive) })
    return found
  }

  /** The same, and they wait no longer. */
  take<P extends Primitive>(accepts: (primitive: Primitive) => primitive is P, most: number): readonly P[] {
    const taken: P[] = []
    this.sweep(accepts, most, (primitive, at, before) => {
      taken.push(primitive)
      if (before < 0) this.head = this.next[at] as number
      else this.next[before] = this.next[at] as number
    })
    return taken
  }

  /** @param found told where it is, and where the last one passed over is */
  private sweep<P extends Primitive>(accepts: (primitive: Primitive) => primitive is P, most: number, found: (primitive: P, at: number, before: number) => void): void {
    let before = -1, mixed = 0, used = 0, passed = 0
    for (let at = this.head; at < this.primitives.length && passed < most; at = this.next[at] as number) {
      const primitive = this.primitives[at] as Primitive
      const targets = targetsOf(primitive), reads = readsOf(primitive)
      if ((targets & used) === 0 && ((targets | reads) & mixed) === 0 && accepts(primitive)) {
        found(primitive, at, before)
        continue
      }
      mixed |= targets
      used |= targets | reads
      passed++
      before = at
    }
  }
}
