/**
 * Which primitives run together: groups that mix few bits, so that the amplitudes they mix fit into registers and one pass over
 * memory serves all of them.
 */
import { bitsOf, readsOf, targetsOf, type Primitive } from './primitives'

export interface Group {
  /** The bits that are mixed, those within a vector aside. */
  readonly local: number
  /** In an order in which they may act. */
  readonly primitives: readonly Primitive[]
}

export interface GroupLimits {
  /** Bits below this one stand within a vector: mixing them takes no more amplitudes. */
  readonly laneBits: number
  /** Most bits mixed beside those. */
  readonly locals: number
  /** Most primitives of a group, which bounds its code. */
  readonly length: number
}

/** How many primitives may wait for a later group before a group is closed. */
const MOST_WAITING = 192

/**
 * Greedily, in order: a group takes every primitive that it has room for and that commutes with all that it has passed over.
 * Two commute if neither mixes a bit that the other uses.
 */
export function scheduleGroups(primitives: readonly Primitive[], { laneBits, locals, length }: GroupLimits): readonly Group[] {
  const lanes = (1 << laneBits) - 1
  const waiting = new Waiting(primitives)
  const groups: Group[] = []
  while (waiting.first !== undefined) {
    let local = 0, mixed = 0, used = 0, passed = 0
    const taken: Primitive[] = []
    waiting.sweep(primitive => {
      const targets = targetsOf(primitive), reads = readsOf(primitive)
      const widened = local | (targets & ~lanes)
      const commutes = (targets & used) === 0 && ((targets | reads) & mixed) === 0
      if (commutes && taken.length < length && bitsOf(widened).length <= locals) {
        local = widened
        taken.push(primitive)
        return 'take'
      }
      mixed |= targets
      used |= targets | reads
      passed++
      return passed >= MOST_WAITING || taken.length >= length ? 'stop' : 'leave'
    })
    groups.push({ local, primitives: taken })
  }
  return groups
}

/** Primitives not taken yet, as a list with links, since most are taken from near its start. */
class Waiting {
  private readonly next: Int32Array
  private head = 0

  constructor(private readonly primitives: readonly Primitive[]) {
    this.next = Int32Array.from(primitives, (_, at) => at + 1)
  }

  get first(): Primitive | undefined {
    return this.primitives[this.head]
  }

  sweep(visit: (primitive: Primitive) => 'take' | 'leave' | 'stop'): void {
    let before = -1
    for (let at = this.head; at < this.primitives.length; at = this.next[at] as number) {
      const verdict = visit(this.primitives[at] as Primitive)
      if (verdict === 'stop') return
      if (verdict === 'leave') before = at
      else if (before < 0) this.head = this.next[at] as number
      else this.next[before] = this.next[at] as number
    }
  }
}
