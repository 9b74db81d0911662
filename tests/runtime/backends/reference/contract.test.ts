import { describe, expect, it } from 'vitest'
import { namedDim } from '../../../../ir/dim'
import { real } from '../../../../ir/type'
import { flatIndex, indicesOf, randomArray, randomNumbers, runRoutine, sizeOfShape } from '../../support'

interface Case { left: number[]; right: number[]; out: number[] }

/** Σ over every label that is not in `out`, by brute force. */
function einsum({ left, right, out }: Case, sizes: Readonly<Record<number, number>>, a: readonly number[], b: readonly number[]): number[] {
  const shape = (labels: readonly number[]) => labels.map(label => sizes[label] ?? 1)
  const summed = left.filter(label => !out.includes(label))
  return indicesOf(shape(out)).map(index => {
    let sum = 0
    for (const inner of indicesOf(shape(summed))) {
      const at = new Map([...out.map((label, i) => [label, index[i] ?? 0] as const), ...summed.map((label, i) => [label, inner[i] ?? 0] as const)])
      const pick = (labels: readonly number[]) => flatIndex(shape(labels), labels.map(label => at.get(label) ?? 0))
      sum += (a[pick(left)] ?? 0) * (b[pick(right)] ?? 0)
    }
    return sum
  })
}

const CASES: Case[] = [
  { left: [0, 1], right: [1, 2], out: [0, 2] }, // matrix product
  { left: [0, 1], right: [2, 1], out: [0, 2] }, // by a transpose
  { left: [1, 0], right: [1, 2], out: [0, 2] },
  { left: [1, 0], right: [2, 1], out: [0, 2] },
  { left: [0, 1], right: [1, 2], out: [2, 0] },
  { left: [0, 1], right: [1], out: [0] },
  { left: [0, 1], right: [0], out: [1] },
  { left: [1], right: [1, 2], out: [2] },
  { left: [0], right: [0], out: [] },
  { left: [0], right: [1], out: [0, 1] },
  { left: [], right: [], out: [] },
  { left: [], right: [0], out: [0] },
  { left: [3, 0, 1], right: [3, 1, 2], out: [3, 0, 2] }, // batched
  { left: [0, 3, 1], right: [1, 3, 2], out: [0, 3, 2] },
  { left: [3, 0, 1], right: [1, 2], out: [3, 0, 2] },
  { left: [0, 3], right: [0, 3], out: [0, 3] },
  { left: [0, 1, 2], right: [2, 1, 3], out: [0, 3] },
  { left: [4, 0, 1, 2], right: [1, 2, 3, 4], out: [3, 4, 0] },
]
const SIZES: Readonly<Record<number, number>>[] = [
  { 0: 3, 1: 4, 2: 2, 3: 5, 4: 2 }, { 0: 1, 1: 1, 2: 1, 3: 1, 4: 1 }, { 0: 9, 1: 7, 2: 11, 3: 2, 4: 3 },
  { 0: 0, 1: 3, 2: 2, 3: 2, 4: 2 }, { 0: 2, 1: 0, 2: 3, 3: 2, 4: 2 }, { 0: 17, 1: 13, 2: 1, 3: 2, 4: 1 },
]

describe('contract', () => {
  it.each(CASES)('$left · $right → $out is the sum written out', labels => {
    for (const [round, sizes] of SIZES.entries()) {
      const shape = (side: readonly number[]) => side.map(label => sizes[label] ?? 1)
      const next = randomNumbers(round)
      const a = randomArray(sizeOfShape(shape(labels.left)), next)
      const b = randomArray(sizeOfShape(shape(labels.right)), next)
      const expected = einsum(labels, sizes, a, b)
      const inputs = [{ type: real(...shape(labels.left)), data: a }, { type: real(...shape(labels.right)), data: b }]
      const got = runRoutine('contract', labels, inputs, real(...shape(labels.out)))
      expect(got.length).toBe(expected.length)
      // Sums of at most 143 products below 4: rounding stays far below 1e-12.
      got.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-12))
      const single = runRoutine('contract', labels, inputs, real(...shape(labels.out)), { precision: 'f32' })
      // Inputs and results are rounded to 2^-24 each.
      single.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-4))
    }
  })

  it('binds symbolic sizes', () => {
    const n = namedDim('n')
    for (const size of [0, 1, 5]) {
      const x = randomArray(size * 2, randomNumbers(1))
      const expected = einsum({ left: [0, 1], right: [0, 2], out: [1, 2] }, { 0: size, 1: 2, 2: 2 }, x, x)
      const got = runRoutine('contract', { left: [0, 1], right: [0, 2], out: [1, 2] },
        [{ type: real(n, 2), data: x }, { type: real(n, 2), data: x }], real(2, 2), { sizes: { n: size } })
      got.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12))
    }
  })
})
