/** Every op of the table: values, first and second derivatives against central differences. */
import { describe, expect, it } from 'vitest'
import { VJP } from '../../compiler/4-differentiate/vjp'
import type { GraphBuilder } from '../../ir/builder'
import type { Graph, Value } from '../../ir/graph'
import type { OpName } from '../../ir/op'
import { OPS } from '../../ir/table'
import { verify } from '../../ir/verify'
import { buildGraph, expectDifferences, gradients, spread, tensorFor, weighted, weightedSum } from '../support/differences'
import { evaluate, type Tensor } from '../support/evaluate'
import { SAMPLES, type Sample } from './samples'

const opNames = Object.keys(OPS) as OpName[]

const valuesOf = (sample: Sample, n: number): readonly Tensor[] => sample.inputs.map(({ type, value }, at) =>
  tensorFor(type, new Map([['n', n]]), value ?? (i => spread(i, at))))

/** The sample under weights, and gradients by each of its real inputs. */
function differentiated(sample: Sample, order: 1 | 2): { readonly graph: Graph; readonly by: readonly number[] } {
  const by = sample.inputs.map((_, at) => at).filter(at => sample.inputs[at]?.type.element === 'real')
  const graph = buildGraph(sample.inputs.map(input => input.type), (b, inputs) => {
    const xs = by.map(at => inputs[at]).filter((x): x is Value => x !== undefined)
    let value = weightedSum(b, sample.build(b, squared(b, inputs)))
    if (order === 2) value = gradients(b, value, xs).map((gradient, at) => weighted(b, gradient, 3 + at)).reduce((sum, term) => b.scalar('add', sum, term))
    return [value, ...gradients(b, value, xs)]
  })
  return { graph, by }
}

/** x + x²/8 in front, so that ops that are linear have second derivatives to get wrong. */
function squared(b: GraphBuilder, inputs: readonly Value[]): readonly Value[] {
  return inputs.map(x => (x.type.element === 'real'
    ? b.scalar('add', x, b.scalar('mul', b.fill('real', x.type.shape, 0.125), b.scalar('mul', x, x))) : x))
}

for (const op of opNames) {
  const samples = SAMPLES[op]
  describe(op, () => {
    if (typeof samples === 'string') {
      it(`has no sample: ${samples}`, () => expect(samples).not.toBe(''))
      return
    }
    for (const sample of samples) {
      for (const n of sample.sizes ?? [3, 1, 0]) {
        const sizes = new Map([['n', n]])
        const plain = buildGraph(sample.inputs.map(input => input.type), (b, inputs) => sample.build(b, inputs))
        it(`${sample.name}: finite for n = ${n}`, () => {
          verify(plain)
          const random: () => readonly number[] = () => Array.from({ length: n }, (_, i) => spread(i, 0))
          for (const output of evaluate(plain, valuesOf(sample, n), { sizes, random })) {
            expect(output.data.every(number => Number.isFinite(number))).toBe(true)
          }
        })
        // A row that says why it has no derivative is held to that below.
        if (typeof VJP[op] === 'string') continue
        for (const order of [1, 2] as const) {
          it(`${sample.name}: derivative ${order} equals central differences for n = ${n}`, () => {
            const { graph, by } = differentiated(sample, order)
            expectDifferences(graph, valuesOf(sample, n), by, { sizes })
          })
        }
      }
    }
  })
}

describe('rows without a derivative', () => {
  const reasons: Partial<Record<OpName, unknown>> = VJP
  for (const op of opNames) {
    const row = reasons[op]
    if (typeof row !== 'string') continue
    it(`${op} says why: ${row}`, () => {
      expect(row.length).toBeGreaterThan(10)
      const samples = SAMPLES[op]
      if (typeof samples === 'string') return
      for (const sample of samples) {
        const graph = buildGraph(sample.inputs.map(input => input.type), (b, inputs) => {
          const outputs = sample.build(b, inputs)
          const xs = inputs.filter(input => input.type.element === 'real')
          return gradients(b, weightedSum(b, outputs), xs)
        })
        for (const gradient of evaluate(graph, valuesOf(sample, 3), { sizes: new Map([['n', 3]]) })) {
          expect(gradient.data.every(number => number === 0)).toBe(true)
        }
      }
    })
  }
})
