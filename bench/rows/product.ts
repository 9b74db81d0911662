/** The matrix product alone. */
import type { Row } from '../harness/row'
import type { WorkOf } from '../harness/work'

/** Sums of up to 1024 products within ±1, in 32 bits: some 1e-5, in another order each. */
const F32 = 1e-4

/** Places of c, spread over all of it. */
const places = (n: number): readonly number[] => Array.from({ length: 16 }, (_, i) => (i * 4099 * (n + 1) + i) % (n * n))

export const PRODUCT: Row = {
  name: 'product', title: 'Matrix product n×n, f32', how: 'the `predict` entry of a plan compiled from `c = a @ b`, its inputs in place', chart: { x: 'n' },
  cases: [256, 512, 1024].map(n => {
    const work: WorkOf<'product'> = { kind: 'product', n, samples: places(n) }
    return {
      name: `n=${n}`, x: n,
      matches: [
        { peer: 'tfjs-wasm', work, goal: 1.2, tolerance: F32 }, { peer: 'numpy', work, goal: 0.33, tolerance: F32 },
        { peer: 'gpu.js', work, tolerance: F32, ...n > 512 ? { skip: 'it takes seconds a product' } : {} },
      ],
    }
  }),
}
