import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accumulate } from '../../../compiler/5-optimize/accumulate'
import { lift } from '../../../compiler/5-optimize/lift'
import { narrow } from '../../../compiler/5-optimize/narrow'
import { optimize } from '../../../compiler/5-optimize/optimize'
import { prune } from '../../../compiler/5-optimize/prune'
import { share } from '../../../compiler/5-optimize/share'
import { simplify } from '../../../compiler/5-optimize/simplify'
import { sink } from '../../../compiler/5-optimize/sink'
import { verify } from '../../../ir/verify'
import { evaluate, type Tensor } from '../../support/evaluate'
import { INPUTS, isTame, randomGraph, SIZES } from './randomGraph'

const surroundings = { sizes: SIZES }

function expectSame(actual: readonly Tensor[], expected: readonly Tensor[]): void {
  expect(actual.map(tensor => tensor.shape)).toEqual(expected.map(tensor => tensor.shape))
  actual.forEach(({ data }, k) => data.forEach((number, i) => {
    const other = expected[k]?.data[i] ?? NaN
    if (!(Math.abs(number - other) <= 1e-9 * Math.max(1, Math.abs(other)))) throw new Error(`output ${k} at ${i}: ${number} instead of ${other}`)
  }))
}

describe.each([['prune', prune], ['simplify', simplify], ['narrow', narrow], ['lift', lift], ['sink', sink], ['share', share], ['accumulate', accumulate], ['optimize', optimize]] as const)('%s', (_, pass) => {
  it('keeps every value of a random graph, and the graph well formed', () => {
    fc.assert(fc.property(randomGraph, graph => {
      const after = pass(graph)
      verify(after)
      expect(after.inputs.map(input => input.type)).toEqual(graph.inputs.map(input => input.type))
      fc.pre(isTame(graph))
      expectSame(evaluate(after, INPUTS, surroundings), evaluate(graph, INPUTS, surroundings))
    }), { numRuns: 6000, endOnFailure: true, maxSkipsPerRun: 10 })
  })
})

it('an optimised graph has nothing left to optimise', () => {
  fc.assert(fc.property(randomGraph, graph => {
    const after = optimize(graph)
    expect(optimize(after)).toBe(after)
  }), { numRuns: 5000, endOnFailure: true })
})
