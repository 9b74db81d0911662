/**
 * Flips that follow each other, as one rearrangement of a tile's vectors. Under no more than one condition each they are linear over the
 * bits of a place, so that where a vector comes from is the exclusive or of two entries of short tables.
 *
 * A group's numbers are the address of room for a tile of each part, what all places are changed by, the last term's end, and the two
 * tables; then the terms, which change all places in those tiles that their condition holds for.
 */
import { i32, v128, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local, ModuleWriter } from '../../../wasm/module'
import type { Lanes } from './lanes'
import { GROUP, nextOf, type StateDistances } from './tileCode'
import { bitsOf, type Condition, type Flip } from './primitives'
import { holds } from './registers'

/** Vectors whose places the first table has, as a power of two. */
const LOW_BITS = 6
/** A tile has at most 2^12 vectors. */
const HIGH_BITS = 6
const HEADER = { room: 0, constant: 4, end: 8, low: 12, high: 12 + 4 * 2 ** LOW_BITS, bytes: 12 + 4 * (2 ** LOW_BITS + 2 ** HIGH_BITS) } as const
const TERM = { mask: 0, value: 4, difference: 8, bytes: 12 } as const

/** Bytes of room for the parts of two states, each tile moved on by some lines of the cache. */
export const permutationRoom = (tileBytes: number): number => 4 * partDistance(tileBytes)
export const partDistance = (tileBytes: number): number => tileBytes + 320

/** Amplitude i after the flips is the one at `of(i)` before them, its place in the tile; terms have bits outside of it. */
interface Origin {
  readonly of: (place: number) => number
  readonly constant: number
  readonly terms: readonly { readonly outer: Condition; readonly difference: number }[]
}

function originOf(flips: readonly Flip[], tileBits: number): Origin {
  const tile = 2 ** tileBits - 1
  const inner = flips.filter(({ where: { mask } }) => (mask & ~tile) === 0)
  // The last flip is the first that a place goes back through.
  const back = (own: readonly Flip[], place: number) => own.reduceRight((at, { target, where }) => (holds(where, at) ? at ^ target : at), place)
  const constant = back(inner, 0)
  const terms = flips.flatMap((flip, k) => {
    if ((flip.where.mask & ~tile) === 0) return []
    const before = inner.slice(0, flips.slice(0, k).filter(({ where: { mask } }) => (mask & ~tile) === 0).length)
    return [{ outer: flip.where, difference: back(before, flip.target) ^ back(before, 0) }]
  })
  return { of: place => back(inner, place) ^ constant, constant, terms }
}

export const permutationBytes = (flips: readonly Flip[]): number => HEADER.bytes + flips.length * TERM.bytes

/** Writes a group's numbers. @param room of `permutationRoom` */
export function writePermutation(view: DataView, at: number, v: Lanes, tileBits: number, flips: readonly Flip[], room: number): void {
  const { of, constant, terms } = originOf(flips, tileBits)
  const put = (offset: number, value: number) => view.setUint32(at + offset, value, true)
  const images = new Map(bitsOf(2 ** tileBits - 1).map(bit => [bit, of(bit)]))
  const image = (place: number) => bitsOf(place).reduce((sum, bit) => sum ^ (images.get(bit) ?? 0), 0) * v.bytes
  put(HEADER.room, room)
  put(HEADER.constant, constant * v.bytes)
  put(HEADER.end, at + HEADER.bytes + terms.length * TERM.bytes)
  for (let k = 0; k < 2 ** LOW_BITS; k++) put(HEADER.low + 4 * k, image((k << v.bits) & (2 ** tileBits - 1)))
  for (let k = 0; k < 2 ** HIGH_BITS; k++) put(HEADER.high + 4 * k, image((k << (v.bits + LOW_BITS)) & (2 ** tileBits - 1)))
  terms.forEach(({ outer, difference }, k) => {
    const term = HEADER.bytes + k * TERM.bytes
    put(term + TERM.mask, outer.mask * v.bytes)
    put(term + TERM.value, outer.value * v.bytes)
    put(term + TERM.difference, difference * v.bytes)
  })
}

/**
 * The function that rearranges a state, or two: its number in the table of the module's functions.
 * @param isCopied whether what is rearranged is in its room already
 */
export function permutationFunction(module: ModuleWriter, { imaginary, lambda }: StateDistances, states: 1 | 2, tileBytes: number, isCopied: boolean): number {
  return module.number(`permutation ${states} ${tileBytes} ${isCopied}`, GROUP, f => {
    const [numbers, begin, state, fixed] = f.parameters as [Local, Local, Local, Local]
    const parts = [0, imaginary, ...(states === 2 ? [lambda, lambda + imaginary] : [])].map((part, k) => ({ part, copy: k * partDistance(tileBytes) }))
    const room = f.local('i32', roomOf(numbers.get)), moving = f.local('i32', i32.xor(fixed.get, i32.const(-1)))
    const at = f.local('i32')
    const eachVector = (body: (address: Code, offset: Code) => void) => {
      f.set(at, begin.get)
      f.doWhile(() => {
        body(f.local('i32', i32.add(state.get, at.get)).get, f.local('i32', i32.sub(at.get, begin.get)).get)
        f.set(at, nextOf(at, begin, fixed, moving))
        return i32.ne(at.get, begin.get)
      })
    }
    if (!isCopied) {
      eachVector((address, offset) => {
        const to = f.local('i32', i32.add(room.get, offset)).get
        for (const { part, copy } of parts) f.emit(v128.store(to, v128.load(address, part), copy))
      })
    }
    const change = placeChange(f, numbers, begin)
    eachVector((address, offset) => {
      const entry = (table: number, index: Code) => i32.load(i32.add(numbers.get, i32.shl(index, i32.const(2))), table)
      const vector = f.local('i32', i32.shrUnsigned(offset, i32.const(4))).get
      const low = entry(HEADER.low, i32.and(vector, i32.const(2 ** LOW_BITS - 1))), high = entry(HEADER.high, i32.shrUnsigned(vector, i32.const(LOW_BITS)))
      const origin = f.local('i32', i32.add(room.get, i32.xor(i32.xor(low, high), change.get))).get
      for (const { part, copy } of parts) f.emit(v128.store(address, v128.load(origin, copy), part))
    })
  })
}

/** From a group's numbers, where its room is; the parts of states follow each other at `partDistance`. */
export const roomOf = (numbers: Code): Code => i32.load(numbers, HEADER.room)

/** What the places of this tile are changed by. */
function placeChange(f: FunctionWriter, numbers: Local, begin: Local): Local {
  const change = f.local('i32', i32.load(numbers.get, HEADER.constant)), term = f.local('i32', i32.add(numbers.get, i32.const(HEADER.bytes)))
  const last = f.local('i32', i32.load(numbers.get, HEADER.end))
  f.whileTrue(() => i32.ltUnsigned(term.get, last.get), () => {
    f.when(i32.eq(i32.and(begin.get, i32.load(term.get, TERM.mask)), i32.load(term.get, TERM.value)), () => {
      f.set(change, i32.xor(change.get, i32.load(term.get, TERM.difference)))
    })
    f.advance(term, TERM.bytes)
  })
  return change
}
