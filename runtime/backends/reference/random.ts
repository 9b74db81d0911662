/**
 * Random draws: element i is a function of the run's seed, the call site, the step, the loop counters and i alone, so a
 * backend may draw in any order. Normal draws are Box and Muller's, in pairs of neighbouring elements.
 */
import type { Distribution, OpAttributes } from '../../../ir/op'
import type { Precision } from '../../../ir/plan'
import { mix, philox, streamKey, uniform24, uniform53, type Key } from '../../random'
import type { TypedArray } from '../backend'
import type { Executor, RoutineSite } from './executor'

/** What one block of four words gives: `words.length` is 4; writes `perBlock` elements from `at` on, fewer at the end. */
interface Drawing {
  readonly perBlock: number
  readonly draw: (words: Uint32Array, out: TypedArray, at: number) => void
}

export function prepareRandom({ distribution, stream }: OpAttributes['random'], site: RoutineSite): Executor {
  const out = site.output.data
  const counters = site.inputs.map(input => input.data)
  const { perBlock, draw } = DRAWINGS[distribution][site.precision]
  const words = new Uint32Array(4)
  let key: Key = streamKey(0, stream)
  let keySeed = 0
  return ({ seed, step }) => {
    if (seed !== keySeed) {
      key = streamKey(seed, stream)
      keySeed = seed
    }
    const outer = (counters[0]?.[0] ?? 0) >>> 0
    // Two counters stand as they are; those of deeper loops are folded into the second word.
    let inner = (counters[1]?.[0] ?? 0) >>> 0
    for (let c = 2; c < counters.length; c++) inner = mix(inner ^ mix((counters[c]?.[0] ?? 0) + c))
    for (let block = 0, at = 0; at < out.length; block++, at += perBlock) {
      philox(block, step >>> 0, outer, inner, key.low, key.high, words)
      draw(words, out, at)
    }
  }
}

const DRAWINGS: { readonly [D in Distribution]: { readonly [P in Precision]: Drawing } } = {
  uniform: {
    f32: { perBlock: 4, draw: (words, out, at) => {
      const count = Math.min(4, out.length - at)
      for (let i = 0; i < count; i++) out[at + i] = uniform24(words[i] as number)
    } },
    f64: { perBlock: 2, draw: (words, out, at) => {
      out[at] = uniform53(words[0] as number, words[1] as number)
      if (at + 1 < out.length) out[at + 1] = uniform53(words[2] as number, words[3] as number)
    } },
  },
  normal: {
    f32: { perBlock: 4, draw: (words, out, at) => {
      normalPair(halfOpen32(words[0] as number), halfOpen32(words[1] as number), out, at)
      normalPair(halfOpen32(words[2] as number), halfOpen32(words[3] as number), out, at + 2)
    } },
    f64: { perBlock: 2, draw: (words, out, at) => {
      normalPair(
        1 - uniform53(words[0] as number, words[1] as number), uniform53(words[2] as number, words[3] as number), out, at,
      )
    } },
  },
}

/** In (0, 1): all 32 bits, moved off zero by half a step. */
const halfOpen32 = (word: number): number => (word + 0.5) * 2 ** -32

/** √(−2 ln u) · (cos 2πv, sin 2πv), for u in (0, 1]. Writes past the end of a typed array are dropped. */
function normalPair(u: number, v: number, out: TypedArray, at: number): void {
  const radius = Math.sqrt(-2 * Math.log(u))
  out[at] = radius * Math.cos(2 * Math.PI * v)
  out[at + 1] = radius * Math.sin(2 * Math.PI * v)
}
