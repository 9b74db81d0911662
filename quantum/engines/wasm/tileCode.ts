/** What all functions share that go through a tile. */
import { i32, type Code } from '../../../wasm/instructions'
import type { Local, Signature } from '../../../wasm/module'

/**
 * A function is given the address of its numbers, where the tile begins in bytes from the start of the state, where that is, and the
 * bits of an amplitude's offset that stay as they are in `begin`.
 */
export const GROUP: Signature = { parameters: ['i32', 'i32', 'i32', 'i32'] }

/** Bytes from the real parts of a state to its imaginary ones, and from ψ to λ. */
export interface StateDistances { readonly imaginary: number; readonly lambda: number }

/** The next offset: adding with the fixed bits set carries over them, and behind the last the first follows. */
export const nextOf = (at: Local, begin: Local, fixed: Local, moving: Local): Code => i32.or(i32.and(i32.add(i32.or(at.get, fixed.get), i32.const(1)), moving.get), begin.get)
