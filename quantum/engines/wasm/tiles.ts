/**
 * Which groups run one after the other on one tile of the state after the next, a tile being as much of it as stays in the cache:
 * a block of it, or, where bits beyond a block are mixed, rows gathered from all over it.
 */
import { bitsOf, readsOf, renamed, targetsOf, type Primitive } from './primitives'
import { scheduleGroups, Waiting, type Group, type GroupLimits } from './schedule'

/** Of 2^12 amplitudes, in doubles 64 KiB. */
export const TILE_BITS = 12
/** Bytes of real parts in a row that is gathered: two lines of the cache, which processors fetch together. */
export const ROW_BYTES = 128
/** How many primitives may wait for a later pass before a pass is closed. */
const MOST_WAITING = 2048

/** Groups of a pass, whose bits are named by their places in the tile, those outside of it behind them. */
export interface Pass {
  readonly tileBits: number
  /** The state's bits that differ from row to row of a tile; 0 where tiles lie in one piece. */
  readonly rows: number
  /** The state's bits that differ from tile to tile. */
  readonly outer: number
  /** Bits outside of the tile, as `outer` has them and by their new names, of which some amplitude is not 0 yet. */
  readonly live: { readonly outer: number; readonly renamed: number }
  readonly groups: readonly PlacedGroup[]
}

/** @property live bits within the tile that are set in some amplitude that is not 0 when the group is through */
export interface PlacedGroup { readonly group: Group; readonly live: number }

export interface TileLimits {
  readonly bits: number
  /** Of a number. */
  readonly bytes: 4 | 8
  readonly groups: Omit<GroupLimits, 'tableBits'>
  /** The bits that are set in some amplitude that is not 0 before the first primitive acts, in the direction of the circuit. */
  readonly live: number
}

/** A pass before it is known which amplitudes are 0. */
interface Draft { readonly tile: number; readonly tileBits: number; readonly primitives: readonly Primitive[]; readonly groups: readonly Group[] }

/**
 * @param primitives in the order in which they act
 * @param isBackward whether they are those of the sweep back, the last first
 */
export function planPasses(primitives: readonly Primitive[], limits: TileLimits, isBackward: boolean): readonly Pass[] {
  const drafts = draftsOf(primitives, limits)
  // A state of |0…0⟩ fills up as bits are mixed, and the sweep back leaves it in the same order.
  const order = isBackward ? drafts.toReversed() : drafts
  let live = limits.live
  const passes = order.map(draft => {
    const place = placesOf(draft, limits.bits)
    const before = live
    const groups = (isBackward ? draft.groups.toReversed() : draft.groups).map((group): PlacedGroup => {
      for (const primitive of group.primitives) live |= place.original(targetsOf(primitive))
      return { group, live: place.renamed(live & draft.tile) }
    })
    const outer = (2 ** limits.bits - 1) & ~draft.tile
    return {
      tileBits: draft.tileBits, rows: place.isBlock ? 0 : draft.tile & ~rowMask(limits), outer,
      live: { outer: before & outer, renamed: place.renamed(before & outer) }, groups: isBackward ? groups.toReversed() : groups,
    }
  })
  return isBackward ? passes.toReversed() : passes
}

const rowMask = ({ bytes }: TileLimits): number => ROW_BYTES / bytes - 1

function draftsOf(primitives: readonly Primitive[], limits: TileLimits): readonly Draft[] {
  const { bits } = limits
  const groupsOf = (own: readonly Primitive[], tileBits: number) => scheduleGroups(own, { ...limits.groups, tableBits: 2 ** tileBits - 1 })
  if (bits <= TILE_BITS) {
    // Each group is a pass, so that runs may start at it; but a rearrangement takes over what a table multiplies.
    const draft = (groups: readonly Group[]): Draft => ({ tile: 2 ** bits - 1, tileBits: bits, primitives: groups.flatMap<Primitive>(group => group.primitives), groups })
    const drafts: Draft[] = []
    for (const group of groupsOf(primitives, bits)) {
      const last = drafts.at(-1)
      if (group.kind === 'permutation' && last?.groups.at(-1)?.kind === 'diagonal') drafts[drafts.length - 1] = draft([...last.groups, group])
      else drafts.push(draft([group]))
    }
    return drafts
  }
  const waiting = new Waiting(primitives)
  const drafts: Draft[] = []
  while (waiting.first !== undefined) {
    let tile = rowMask(limits)
    const own = waiting.take((primitive): primitive is Primitive => {
      const reads = readsOf(primitive)
      // Phases are worth a table of the tile, unless they read more bits than it has.
      const needed = primitive.kind === 'phase' && bitsOf(reads | rowMask(limits)).length <= TILE_BITS ? reads : targetsOf(primitive)
      if (bitsOf(tile | needed).length > TILE_BITS) return false
      tile |= needed
      return true
    }, MOST_WAITING)
    for (let bit = 1; bitsOf(tile).length < TILE_BITS; bit *= 2) tile |= bit
    const draft = { tile, tileBits: TILE_BITS, primitives: own, groups: [] }
    const { renamed: place } = placesOf(draft, bits)
    drafts.push({ ...draft, groups: groupsOf(own.map(primitive => renamed(primitive, place)), TILE_BITS) })
  }
  return drafts
}

/** The places of the state's bits while a tile is worked on: its own first, in their order, then the others in theirs. */
function placesOf({ tile, tileBits }: Pick<Draft, 'tile' | 'tileBits'>, bits: number) {
  const all = bitsOf(2 ** bits - 1)
  const order = [...all.filter(bit => (tile & bit) !== 0), ...all.filter(bit => (tile & bit) === 0)]
  const placed = new Map(order.map((bit, at) => [bit, 1 << at]))
  return {
    isBlock: tile === 2 ** tileBits - 1,
    renamed: (mask: number) => bitsOf(mask).reduce((sum, bit) => sum | (placed.get(bit) ?? 0), 0),
    original: (mask: number) => order.reduce((sum, bit, at) => ((mask & (1 << at)) === 0 ? sum : sum | bit), 0),
  }
}
