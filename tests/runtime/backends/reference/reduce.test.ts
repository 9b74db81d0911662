import { describe, expect, it } from 'vitest'
import { namedDim } from '../../../../ir/dim'
import type { Reduction } from '../../../../ir/op'
import { int, real } from '../../../../ir/type'
import { flatIndex, indicesOf, randomArray, randomNumbers, runRoutine, sizeOfShape } from '../../support'

const SHAPES = [[5], [1], [0], [3, 4], [4, 0], [0, 4], [2, 3, 5], [3, 1, 2, 4], [150, 7], [7, 300], [2, 200, 3]]
const FOLDS: { readonly [Fn in Reduction]: { start: number; fold: (a: number, b: number) => number } } = {
  sum: { start: 0, fold: (a, b) => a + b },
  prod: { start: 1, fold: (a, b) => a * b },
  max: { start: -Infinity, fold: Math.max },
  min: { start: Infinity, fold: Math.min },
}

/** Subsets of the axes of a shape. */
const axisSets = (rank: number) => Array.from({ length: 2 ** rank }, (_, set) => Array.from({ length: rank }, (_, axis) => axis).filter(axis => set & (1 << axis)))

describe('reduce', () => {
  it.each(SHAPES.flatMap(shape => (Object.keys(FOLDS) as Reduction[]).map(fn => [fn, shape] as const)))('%s over every set of axes of %j', (fn, shape) => {
    const { start, fold } = FOLDS[fn]
    for (const axes of axisSets(shape.length)) {
      const out = shape.filter((_, axis) => !axes.includes(axis))
      const x = randomArray(sizeOfShape(shape), randomNumbers(5))
      const expected = Array.from({ length: sizeOfShape(out) }, () => start)
      indicesOf(shape).forEach((index, i) => {
        const to = flatIndex(out, index.filter((_, axis) => !axes.includes(axis)))
        expected[to] = fold(expected[to] ?? 0, x[i] ?? 0)
      })
      const got = runRoutine('reduce', { fn, axes }, [{ type: real(...shape), data: x }], real(...out))
      expect(got.length).toBe(expected.length)
      // Only the order of additions and multiplications differs.
      got.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN)) <= 1e-12 * Math.max(1, Math.abs(expected[i] ?? 0)) || value === expected[i]).toBe(true))
    }
  })

  it('max and min let NaN through, wherever it stands', () => {
    for (const fn of ['max', 'min'] as const) {
      for (const x of [[NaN, 1, 2], [1, NaN, 2], [1, 2, NaN]]) {
        expect(runRoutine('reduce', { fn, axes: [0] }, [{ type: real(3), data: x }], real())).toEqual([NaN])
        expect(runRoutine('reduce', { fn, axes: [0] }, [{ type: real(3, 2), data: x.flatMap(v => [v, 7]) }], real(2))).toEqual([NaN, 7])
      }
    }
  })

  it('a sum of ten million tenths in f64 is right to 1e-12, and in f32 to its rounding', () => {
    const count = 1e7
    const x = new Float64Array(count).fill(0.1)
    for (const [shape, axes] of [[[count], [0]], [[count / 2, 2], [0]]] as const) {
      const [sum = 0] = runRoutine('reduce', { fn: 'sum', axes }, [{ type: real(...shape), data: x }], real(...shape.slice(1)))
      const exact = 0.1 * count / (sizeOfShape(shape.slice(1)))
      expect(Math.abs(sum - exact) / exact).toBeLessThan(1e-12)
      const [sum32 = 0] = runRoutine('reduce', { fn: 'sum', axes }, [{ type: real(...shape), data: x }], real(...shape.slice(1)), { precision: 'f32' })
      const exact32 = Math.fround(0.1) * count / (sizeOfShape(shape.slice(1)))
      expect(Math.abs(sum32 - exact32) / exact32).toBeLessThan(2 ** -24)
    }
  })

  it('symbolic sizes and integers', () => {
    const n = namedDim('n')
    for (const size of [0, 1, 9]) {
      const x = Array.from({ length: size }, (_, i) => i - 3)
      const [sum] = runRoutine('reduce', { fn: 'sum', axes: [0] }, [{ type: int(n), data: x }], int(), { sizes: { n: size } })
      expect(sum).toBe(x.reduce((a, b) => a + b, 0))
    }
  })
})

describe('argReduce', () => {
  it.each([[[6], 0], [[3, 4], 0], [[3, 4], 1], [[2, 5, 3], 1], [[0, 3], 1], [[1], 0]] as const)('over %j along %d picks the first', (shape, axis) => {
    const next = randomNumbers(2)
    const x = Array.from({ length: sizeOfShape(shape) }, () => Math.floor(next() * 3))
    const out = shape.filter((_, i) => i !== axis)
    for (const fn of ['argmax', 'argmin'] as const) {
      const expected = indicesOf(out).map(index => {
        const row = Array.from({ length: shape[axis] ?? 0 }, (_, i) => x[flatIndex(shape, index.toSpliced(axis, 0, i))] ?? 0)
        return row.indexOf(fn === 'argmax' ? Math.max(...row) : Math.min(...row))
      })
      expect(runRoutine('argReduce', { fn, axis }, [{ type: real(...shape), data: x }], int(...out))).toEqual(expected)
    }
  })

  it('takes the first NaN for the greatest and the least', () => {
    for (const fn of ['argmax', 'argmin'] as const) {
      expect(runRoutine('argReduce', { fn, axis: 0 }, [{ type: real(4), data: [5, NaN, 9, NaN] }], int())).toEqual([1])
    }
  })

  it('says when there is nothing to choose from', () => {
    expect(() => runRoutine('argReduce', { fn: 'argmax', axis: 0 }, [{ type: real(0), data: [] }], int()))
      .toThrow('argmax has nothing to choose from: its axis 0 has no elements')
  })
})

describe('cumulativeSum', () => {
  it.each([[[5], 0], [[0], 0], [[3, 4], 0], [[3, 4], 1], [[2, 3, 4], 1]] as const)('over %j along %d, both ways', (shape, axis) => {
    const x = randomArray(sizeOfShape(shape), randomNumbers(8))
    for (const reverse of [false, true]) {
      const expected = indicesOf(shape).map(index => {
        let sum = 0
        for (let i = 0; i < (shape[axis] ?? 0); i++) {
          if (reverse ? i >= (index[axis] ?? 0) : i <= (index[axis] ?? 0)) sum += x[flatIndex(shape, index.with(axis, i))] ?? 0
        }
        return sum
      })
      const got = runRoutine('cumulativeSum', { axis, reverse }, [{ type: real(...shape), data: x }], real(...shape))
      got.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12))
      expect(got.length).toBe(expected.length)
    }
  })
})
