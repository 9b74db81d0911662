import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layoutBoxes, type BoxSize } from '../../../compiler/cli/modelGraph/layout'

const GAPS = { between: 20, layers: 40 }

/** Boxes that use some of those before them. */
const graphs = fc.array(fc.record({ width: fc.integer({ min: 20, max: 200 }), height: fc.integer({ min: 20, max: 90 }), draws: fc.array(fc.nat(), { maxLength: 3 }) }), { minLength: 1, maxLength: 24 })
  .map(list => list.map(({ width, height, draws }, at): BoxSize => ({ width, height, from: at === 0 ? [] : [...new Set(draws.map(draw => draw % at))] })))

const box = (from: readonly number[]): BoxSize => ({ width: 60, height: 40, from })

/** Places add up some dozens of numbers of a thousand. */
const EPSILON = 1e-6

describe('a layout', () => {
  it('has no two boxes over each other, every box below what it uses, and all within its size', () => {
    fc.assert(fc.property(graphs, boxes => {
      const { corners, edges, width, height } = layoutBoxes(boxes, GAPS)
      const rectangles = boxes.map((each, at) => ({ ...each, x: corners[at]?.x ?? NaN, y: corners[at]?.y ?? NaN }))
      for (const [at, a] of rectangles.entries()) {
        expect(a.x).toBeGreaterThanOrEqual(-EPSILON)
        expect(a.x + a.width).toBeLessThanOrEqual(width + EPSILON)
        expect(a.y + a.height).toBeLessThanOrEqual(height + EPSILON)
        for (const b of rectangles.slice(at + 1)) {
          const isApart = a.y !== b.y || a.x + a.width + GAPS.between <= b.x + EPSILON || b.x + b.width + GAPS.between <= a.x + EPSILON
          expect(isApart).toBe(true)
        }
        for (const source of a.from) expect(a.y).toBeGreaterThan((rectangles[source]?.y ?? NaN) + (rectangles[source]?.height ?? NaN))
      }
      expect(edges).toHaveLength(boxes.reduce((sum, { from }) => sum + from.length, 0))
      for (const { points } of edges) expect(points.map(({ y }) => y)).toEqual(points.map(({ y }) => y).toSorted((a, b) => a - b))
    }))
  })

  it('puts a chain into one column', () => {
    const { corners } = layoutBoxes([box([]), box([0]), box([1]), box([2])], GAPS)
    for (const { x } of corners) expect(x).toBeCloseTo(0, 6)
    expect(corners.map(({ y }) => y)).toEqual([0, 80, 160, 240])
  })

  it('puts what uses nothing right above its first use', () => {
    const { corners } = layoutBoxes([box([]), box([]), box([0]), box([2]), box([3, 1])], GAPS)
    expect(corners[1]?.y).toBe(corners[3]?.y)
  })

  it('finds the order without crossings where there is one', () => {
    // 0 → 3, 1 → 2: straight when the two below are exchanged.
    const { corners, edges } = layoutBoxes([box([]), box([]), box([1]), box([0])], GAPS)
    expect(edges.every(({ points }) => Math.abs((points[0]?.x ?? 0) - (points.at(-1)?.x ?? 1)) < EPSILON)).toBe(true)
    expect((corners[0]?.x ?? 0) < (corners[1]?.x ?? 0)).toBe((corners[3]?.x ?? 0) < (corners[2]?.x ?? 0))
  })

  it('leads an edge past the boxes of the layers between', () => {
    fc.assert(fc.property(graphs, boxes => {
      const { corners, edges } = layoutBoxes(boxes, GAPS)
      for (const { from, to, points } of edges) {
        for (const [at, { width, height }] of boxes.entries()) {
          const { x, y } = corners[at] ?? { x: NaN, y: NaN }
          const isThrough = at !== from && at !== to && points.some(point => point.x > x && point.x < x + width && point.y > y && point.y < y + height)
          expect(isThrough).toBe(false)
        }
      }
    }))
  })
})
