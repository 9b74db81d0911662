/** Inputs and targets drawn from a seed, where nobody gives them. */
import { evaluateDim, type Sizes } from '../../ir/dim'
import type { PlanInput } from '../../ir/plan'

export interface DrawnTensor { readonly data: Float64Array | Int32Array | Uint8Array; readonly shape: readonly number[] }

/** Uniform in [0, 1). */
export type Draw = () => number

/**
 * Standard normal reals; ints evenly from their classes, 0 and 1 where they have none, which are indices into all but the
 * smallest axes; fair bools.
 */
export function drawInput({ type, classes }: PlanInput, sizes: Sizes, draw: Draw): DrawnTensor {
  const shape = type.shape.map(dim => evaluateDim(dim, sizes))
  const count = shape.reduce((product, size) => product * size, 1)
  switch (type.element) {
    case 'real': return { shape, data: Float64Array.from({ length: count }, () => normal(draw)) }
    case 'int': {
      const { low, high } = classes ?? { low: 0, high: 2 }
      return { shape, data: Int32Array.from({ length: count }, () => low + Math.floor(draw() * (high - low))) }
    }
    case 'bool': return { shape, data: Uint8Array.from({ length: count }, () => (draw() < 0.5 ? 1 : 0)) }
    default: return type.element satisfies never
  }
}

/** Box and Muller, “A note on the generation of random normal deviates”, Ann. Math. Statist. 29, 610 (1958). */
function normal(draw: Draw): number {
  // 1 − u is never 0.
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
}

/** `count` different whole numbers below `total`, ascending: Fan et al.'s sequential selection (Knuth, TAOCP 2, algorithm 3.4.2 S). */
export function sampleIndices(total: number, count: number, draw: Draw): readonly number[] {
  const chosen: number[] = []
  for (let at = 0; at < total && chosen.length < count; at++) if ((total - at) * draw() < count - chosen.length) chosen.push(at)
  return chosen
}

/** splitmix32: a Weyl sequence through the finalizer of MurmurHash3. Enough for test inputs, and the same everywhere. */
export function drawsFrom(seed: number): Draw {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x85ebca6b)
    mixed ^= mixed >>> 13
    mixed = Math.imul(mixed, 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}
