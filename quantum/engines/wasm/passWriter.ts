/** Makes the passes of a stretch of primitives: the code of their groups, and the numbers that it reads. */
import type { ModuleWriter } from '../../../wasm/module'
import { angledOf, keyOf, NUMBER_BYTES, scalesOffset, writeGroup } from './groupCode'
import type { Lanes } from './lanes'
import { fixedBut, passBytes, writePass, type Call, type PassCalls } from './passes'
import { partDistance, permutationBytes, permutationFunction, permutationRoom, writePermutation } from './permutations'
import { SMALL_QUBITS, type Primitive } from './primitives'
import { planScales, SCALES, scalesFunction, type ScalePlan } from './scales'
import type { DiagonalGroup, Group, MixGroup, PermutationGroup } from './schedule'
import { tableBytes, tableFunctions, tableNumbersBytes, writeTableNumbers } from './tables'
import { GROUP, type StateDistances } from './tileCode'
import { planPasses, TILE_BITS, type Pass } from './tiles'

/**
 * Bits mixed at a time: what is mixed, of one state or of two, and what is computed from it, fill the 16 vector registers of a machine.
 * One more was no faster, since what is spilled costs as much as a pass, and takes twice the code.
 */
const LOCALS = { forward: { real: 3, complex: 2 }, backward: { real: 2, complex: 2 } } as const
/** Primitives of a group in registers at most: what they take in code grows with the amplitudes of each. */
const LONGEST_GROUP = 40
/** Fewest phases worth a table, and flips worth a rearrangement. */
const TABLE_PHASES = 3
const PERMUTATION_FLIPS = 3

/** Of tables that stay from row to row of a batch: what is small enough for batches. */
const MOST_OWN_BYTES = 2 ** 17

/** Passes that lie one after the other; the k-th begins at starts[k], and the last ends at the last of `starts`. */
export interface PassList { readonly passes: readonly Pass[]; readonly starts: readonly number[] }

type Direction = 'forward' | 'backward'

/** What a circuit's machine gives to it. */
export interface PassSite {
  readonly v: Lanes
  /** Of an amplitude's index. */
  readonly bits: number
  readonly module: ModuleWriter
  readonly distances: StateDistances
  /** Room in memory. */
  readonly take: (bytes: number, alignment?: number) => number
  /** Writes numbers once there is a memory: of an image, so far from the first, whose addresses all places are. */
  readonly later: (write: (view: DataView, image: number) => void) => void
  readonly rowOf: (angle: number) => number
  /** Undefined of an angle that no slot changes. */
  readonly slopeOf: (angle: number) => number | undefined
}

export class PassWriter {
  /** Where the tables of a pass are, and what is gathered over them: passes share them. */
  private readonly tables: { readonly table: number; readonly gathered: number }[] = []
  /** Of tables that have memory of their own. */
  private ownBytes = 0
  /** Room for a tile while it is rearranged. */
  private rearranged: number | undefined

  constructor(private readonly site: PassSite) {}

  write(primitives: readonly Primitive[], direction: Direction, isFirst: boolean): PassList {
    const { v, bits, take, later } = this.site
    const passes = planPasses(primitives, {
      bits, bytes: v.bytes, live: isFirst ? 0 : 2 ** bits - 1,
      groups: { laneBits: v.bits, locals: LOCALS[direction], length: LONGEST_GROUP, isSmall: bits <= SMALL_QUBITS, tablePhases: TABLE_PHASES, permutationFlips: PERMUTATION_FLIPS },
    }, direction === 'backward')
    const scales = new ScaleLists(planScales(passes.flatMap(({ groups }) => groups.map(({ group }) => group)), v.bytes), this.site)
    const calls = passes.map(pass => this.calls(pass, direction, scales))
    const starts = calls.map(() => 0)
    let first = take(calls.reduce((sum, pass) => sum + passBytes(pass), 0))
    for (const [k, pass] of passes.entries()) {
      const at = first, own = calls[k] as PassCalls
      starts[k] = at
      first += passBytes(own)
      later((view, image) => writePass(view, image + at, pass, movedCalls(own, image), v))
    }
    return { passes, starts: [...starts, first] }
  }

  private calls({ tileBits, groups }: Pass, direction: Direction, scales: ScaleLists): PassCalls {
    const { v, module, distances } = this.site
    const before: Call[] = [], after: Call[] = []
    const tileBytes = 2 ** tileBits * v.bytes
    let tables = 0, copied: number | undefined
    const calls = groups.map(({ group, live }, k): Call => {
      const fixed = fixedBut(live, v)
      switch (group.kind) {
        case 'mix': {
          const call = this.mix(group, live, direction, scales)
          const { lights, pending } = scales.plan(group)
          if (lights.length + pending.length > 0) before.push({ number: scalesFunction(module, v), numbers: call.numbers + scalesOffset(group), fixed: 0 })
          return call
        }
        case 'permutation': {
          const numbers = copied ?? this.permutation(group, tileBits)
          const number = permutationFunction(module, distances, direction === 'backward' ? 2 : 1, tileBytes, copied !== undefined)
          copied = undefined
          return { number, numbers, fixed }
        }
        case 'diagonal': {
          // Where a rearrangement follows, the products go to its room, for all that it reads.
          const next = direction === 'forward' ? groups[k + 1] : undefined
          if (next?.group.kind === 'permutation') copied = this.permutation(next.group, tileBits)
          const functions = tableFunctions(module, v, distances, direction, copied === undefined ? undefined : partDistance(tileBytes))
          const numbers = this.table(group, { tileBytes, at: tables++, rearranged: copied }, direction, scales)
          before.push({ number: functions.before, numbers, fixed: 0 })
          if (functions.after !== undefined) after.push({ number: functions.after, numbers, fixed: 0 })
          return { number: functions.act, numbers, fixed: next && copied !== undefined ? fixedBut(next.live, v) : fixed }
        }
        default: return group satisfies never
      }
    })
    return { before, groups: calls, after }
  }

  private mix(group: MixGroup, live: number, direction: Direction, scales: ScaleLists): Call {
    const { v, module, distances, take, later, rowOf, slopeOf } = this.site
    const options = { v, distances, isBackward: direction === 'backward', hasSlope: (angle: number) => slopeOf(angle) !== undefined }
    const plan = scales.plan(group)
    const number = module.number(keyOf(group, plan, options), GROUP, f => { writeGroup(f, group, plan, options) })
    const angled = angledOf(group)
    const scaleNumbers = scalesOffset(group)
    const numbers = take(scaleNumbers + SCALES.bytes)
    const own = scales.own(group), lacking = scales.lacking(group)
    later((view, image) => {
      angled.forEach(({ angle }, k) => {
        view.setUint32(image + numbers + k * NUMBER_BYTES, image + rowOf(angle), true)
        view.setUint32(image + numbers + k * NUMBER_BYTES + 4, image + (slopeOf(angle) ?? 0), true)
      })
      view.setUint32(image + numbers + scaleNumbers + SCALES.own, own === 0 ? 0 : image + own, true)
      view.setUint32(image + numbers + scaleNumbers + SCALES.lacking, lacking === 0 ? 0 : image + lacking, true)
    })
    return { number, numbers, fixed: fixedBut(live & ~group.local, v) }
  }

  /** A rearrangement's numbers. */
  private permutation({ primitives }: PermutationGroup, tileBits: number): number {
    const { v, take, later } = this.site
    const numbers = take(permutationBytes(primitives))
    const room = this.rearranged ??= take(permutationRoom(2 ** tileBits * v.bytes), 64)
    later((view, image) => writePermutation(view, image + numbers, v, tileBits, primitives, image + room))
    return numbers
  }

  /** A table's numbers. @property at which of its pass it is @property rearranged the numbers of the rearrangement into whose room it goes */
  private table(group: DiagonalGroup, { tileBytes, at, rearranged }: { readonly tileBytes: number; readonly at: number; readonly rearranged: number | undefined }, direction: Direction, scales: ScaleLists): number {
    const { v, bits, take, later, rowOf, slopeOf } = this.site
    const most = 2 ** Math.min(bits, TILE_BITS) * v.bytes
    const shared = this.tables[at] ??= { table: take(tableBytes(most), 64), gathered: take(most, 64) }
    const isOwn = this.ownBytes + tableBytes(tileBytes) <= MOST_OWN_BYTES
    if (isOwn) this.ownBytes += tableBytes(tileBytes)
    const { gathered } = shared, table = isOwn ? take(tableBytes(tileBytes), 64) : shared.table
    const numbers = take(tableNumbersBytes(group.primitives.length))
    const lacking = scales.lacking(group)
    later((view, image) => {
      const moved = (place: number | undefined) => (place === undefined ? undefined : image + place)
      const places = group.primitives.map(phase => ({ phase, row: image + rowOf(phase.angle), slope: moved(slopeOf(phase.angle)) }))
      writeTableNumbers(view, image + numbers, v, places, {
        tileBytes, table: image + table, gathered: direction === 'backward' ? image + gathered : undefined, lacking: lacking === 0 ? 0 : image + lacking, rearranged: moved(rearranged) ?? 0, isOwn,
      })
    })
    return numbers
  }
}

/** The same calls, of an image. */
function movedCalls({ before, groups, after }: PassCalls, image: number): PassCalls {
  const moved = (calls: readonly Call[]) => calls.map(call => ({ ...call, numbers: image + call.numbers }))
  return { before: moved(before), groups: moved(groups), after: moved(after) }
}

/** Lists of the cosines that groups leave to others. */
class ScaleLists {
  private readonly lists = new Map<Group, number>()

  constructor(private readonly plans: ReadonlyMap<Group, ScalePlan>, private readonly site: PassSite) {}

  plan(group: Group): ScalePlan {
    return this.plans.get(group) ?? { lights: [], pending: [], settles: false }
  }

  /** That of a group; 0 where it leaves none. */
  own(group: Group): number {
    const known = this.lists.get(group)
    if (known !== undefined) return known
    const at = this.list(this.plan(group).lights.map(({ angle }) => this.site.rowOf(angle)))
    this.lists.set(group, at)
    return at
  }

  /** A list of the lists of the groups before it. */
  lacking(group: Group): number {
    return this.list(this.plan(group).pending.map(before => this.own(before)))
  }

  private list(addresses: readonly number[]): number {
    if (addresses.length === 0) return 0
    const at = this.site.take(4 * (addresses.length + 1))
    this.site.later((view, image) => {
      view.setUint32(image + at, addresses.length, true)
      addresses.forEach((address, k) => view.setUint32(image + at + 4 * (k + 1), image + address, true))
    })
    return at
  }
}
