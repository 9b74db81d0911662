/**
 * Writes moons.csv: two interleaving half circles, 200 points each, with Gaussian noise of 0.1 (the set that scikit-learn
 * calls `make_moons`). The same file comes out every time.
 */
import { writeFileSync } from 'node:fs'

const POINTS_EACH = 200
const NOISE = 0.1

/** Mulberry32: 32 bits of state are plenty for 800 draws. */
function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const uniform = uniforms(7)
/** Box and Muller. */
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())

const rows = Array.from({ length: POINTS_EACH }, (_, i) => {
  const angle = (Math.PI * i) / (POINTS_EACH - 1)
  return [
    [Math.cos(angle), Math.sin(angle), 0],
    [1 - Math.cos(angle), 0.5 - Math.sin(angle), 1],
  ]
}).flat().map(([x = 0, y = 0, label = 0]) =>
  [(x + NOISE * normal()).toFixed(4), (y + NOISE * normal()).toFixed(4), label].join(','))

writeFileSync(new URL('moons.csv', import.meta.url), ['x1,x2,label', ...rows, ''].join('\n'))
