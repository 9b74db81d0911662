/** Where a reduction has no derivative in the strict sense, the stated one: the first of ties, exact zeros, empty axes. */
import { describe, expect, it } from 'vitest'
import type { GraphBuilder } from '../../../ir/builder'
import { namedDim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import type { Reduction } from '../../../ir/op'
import { real } from '../../../ir/type'
import { buildGraph, gradients } from '../../support/differences'
import { evaluate, tensorOf } from '../../support/evaluate'

const n = namedDim('n')

/** The gradient of the sum of a result by x of shape [n, 2]. */
function gradientOf(build: (b: GraphBuilder, x: Value) => Value, rows: readonly (readonly number[])[]): readonly number[] {
  const graph = buildGraph([real(n, 2)], (b, [x]) => {
    if (!x) return []
    const y = build(b, x)
    return gradients(b, b.reduce('sum', y, y.type.shape.map((_, axis) => axis)), [x])
  })
  return evaluate(graph, [tensorOf([rows.length, 2], rows.flat())])[0]?.data ?? []
}
const reduced = (fn: Reduction, ...axes: readonly number[]) => (b: GraphBuilder, x: Value) => b.reduce(fn, x, axes)

describe('ties of max and min', () => {
  it('the first along an axis takes the whole cotangent', () => {
    expect(gradientOf(reduced('max', 0), [[1, 5], [3, 5], [3, 2]])).toEqual([0, 1, 1, 0, 0, 0])
    expect(gradientOf(reduced('min', 1), [[4, 4], [2, 1]])).toEqual([1, 0, 0, 1])
  })
  it('the first in row-major order over two axes, however they are listed', () => {
    expect(gradientOf(reduced('max', 0, 1), [[1, 7], [7, 7]])).toEqual([0, 1, 0, 0])
    expect(gradientOf(reduced('max', 1, 0), [[1, 7], [7, 7]])).toEqual([0, 1, 0, 0])
  })
  it('an infinite value that was not chosen gets exactly 0', () => {
    expect(gradientOf(reduced('min', 1), [[Infinity, 2]])).toEqual([0, 1])
  })
})

describe('products', () => {
  it('with one zero: all of the slope is there; with two: none', () => {
    expect(gradientOf(reduced('prod', 0, 1), [[2, 0], [3, 4]])).toEqual([0, 24, 0, 0])
    expect(gradientOf(reduced('prod', 0, 1), [[2, 0], [0, 4]])).toEqual([0, 0, 0, 0])
  })
  it('of few factors need no loop', () => {
    const graph = buildGraph([real(16)], (b, [x]) => (x ? gradients(b, b.reduce('prod', x, [0]), [x]) : []))
    expect(graph.nodes.some(node => node.op === 'loop')).toBe(false)
  })
  it('of a symbolic number of factors are running products', () => {
    const factors = Array.from({ length: 20 }, (_, i) => 1 + i / 30)
    const product = factors.reduce((a, b) => a * b, 1)
    const slopes = gradientOf(reduced('prod', 0), factors.map(factor => [factor, 2]))
    factors.forEach((factor, i) => {
      expect(slopes[2 * i]).toBeCloseTo(product / factor, 12)
      expect(slopes[2 * i + 1]).toBe(2 ** 19)
    })
  })
})

describe('zero cotangents', () => {
  it('win over slopes that are not finite: √x at 0 under a factor 0', () => {
    expect(gradientOf((b, x) => b.scalar('mul', b.scalar('sqrt', x), b.fill('real', x.type.shape, 0)), [[0, 1]])).toEqual([0, 0])
  })
  it('an empty tensor has an empty gradient', () => {
    for (const fn of ['sum', 'prod', 'max', 'min'] as const) expect(gradientOf(reduced(fn, 1), [])).toEqual([])
    expect(gradientOf(reduced('prod', 0), [])).toEqual([])
  })
})
