/**
 * Flips at the start or the end of a group as other places to load from or store to: local ones say which register an amplitude
 * goes to, and those under outer conditions exchange addresses.
 */
import { i32, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local } from '../../../wasm/module'
import type { Lanes } from './lanes'
import type { Condition, Flip } from './primitives'
import { holds, subsetsOf, type Registers } from './registers'

/** Setting s is at the place places(s), xor the differences of all terms whose condition holds. */
export interface Exchange {
  readonly places: ReadonlyMap<number, number>
  readonly terms: readonly { readonly outer: Condition; readonly difference: number }[]
}

const identity = (registers: Registers): Exchange => ({ places: new Map(registers.settings.map(s => [s, s])), terms: [] })

/** How many of the first primitives, all flips, loads can take over. */
export function leadingExchange(flips: readonly Flip[], registers: Registers, local: number): { readonly exchange: Exchange; readonly taken: number } {
  let exchange = identity(registers)
  for (const [taken, flip] of flips.entries()) {
    const next = loadAfter(exchange, flip, registers, local)
    if (!next) return { exchange, taken }
    exchange = next
  }
  return { exchange, taken: flips.length }
}

/** How many of the last primitives, all flips, stores can take over. */
export function trailingExchange(flips: readonly Flip[], registers: Registers, local: number): { readonly exchange: Exchange; readonly taken: number } {
  for (let start = 0; start < flips.length; start++) {
    const exchange = flips.slice(start).reduce<Exchange | undefined>((sum, flip) => sum && storeAfter(sum, flip, registers, local), identity(registers))
    if (exchange) return { exchange, taken: flips.length - start }
  }
  return { exchange: identity(registers), taken: 0 }
}

/** Undefined where the flip mixes lanes, or is under conditions both local and outer. */
function partsOf(flip: Flip, registers: Registers, local: number): { readonly inner: Condition; readonly outer: Condition } | undefined {
  const { lane, local: inner, outer } = registers.split(flip.where)
  return (flip.target & local) === 0 || lane.mask !== 0 || (inner.mask !== 0 && outer.mask !== 0) ? undefined : { inner, outer }
}

/** The amplitude that has setting s after the flip had setting s ⊕ target before, where the condition holds. */
function loadAfter({ places, terms }: Exchange, flip: Flip, registers: Registers, local: number): Exchange | undefined {
  const parts = partsOf(flip, registers, local)
  if (!parts) return undefined
  const place = (s: number) => places.get(s) ?? s
  if (parts.outer.mask === 0) {
    return { places: new Map(registers.settings.map(s => [s, place(holds(parts.inner, s) ? s ^ flip.target : s)])), terms }
  }
  const difference = place(0) ^ place(flip.target)
  if (!registers.settings.every(s => (place(s) ^ place(s ^ flip.target)) === difference)) return undefined
  return { places, terms: [...terms, { outer: parts.outer, difference }] }
}

function storeAfter({ places, terms }: Exchange, flip: Flip, registers: Registers, local: number): Exchange | undefined {
  const parts = partsOf(flip, registers, local)
  if (!parts) return undefined
  if (parts.outer.mask !== 0) return { places, terms: [...terms, { outer: parts.outer, difference: flip.target }] }
  const moved = (s: number) => (holds(parts.inner, s) ? s ^ flip.target : s)
  const differences = terms.map(({ outer, difference }) => ({ outer, difference: moved(0) ^ moved(difference) }))
  const isLinear = terms.every(({ difference }, k) => registers.settings.every(s => (moved(s) ^ moved(s ^ difference)) === differences[k]?.difference))
  if (!isLinear) return undefined
  return { places: new Map(registers.settings.map(s => [s, moved(places.get(s) ?? s)])), terms: differences }
}

/** Addresses of settings under an exchange: code of a base, and what the instruction adds to it. */
export function addressesOf(
  f: FunctionWriter, v: Lanes, base: Local, registers: Registers, { places, terms }: Exchange,
): (setting: number) => { readonly base: Code; readonly offset: number } {
  const moving = terms.reduce((mask, { difference }) => mask | difference, 0)
  const bases = new Map<number, Code>([[0, base.get]])
  if (moving !== 0) {
    const change = terms.map(({ outer, difference }) => i32.mul(registers.test(outer), i32.const(difference * v.bytes))).reduce(i32.xor)
    const changed = f.local('i32', change)
    for (const subset of subsetsOf(moving)) {
      bases.set(subset, f.local('i32', i32.add(base.get, i32.xor(changed.get, i32.const(subset * v.bytes)))).get)
    }
  }
  return setting => {
    const place = places.get(setting) ?? setting
    return { base: bases.get(place & moving) ?? base.get, offset: (place & ~moving) * v.bytes }
  }
}
