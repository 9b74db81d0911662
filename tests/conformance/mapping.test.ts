/** mapGraph of every op, for every choice of mapped inputs, against evaluating each row by itself. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../ir/builder'
import { evaluateDim, namedDim, type Dim } from '../../ir/dim'
import { mapGraph } from '../../ir/map'
import type { OpName } from '../../ir/op'
import { OPS } from '../../ir/table'
import { tensor } from '../../ir/type'
import { verify } from '../../ir/verify'
import { buildGraph, spread, tensorFor } from '../support/differences'
import { evaluate, tensorOf, type Tensor } from '../support/evaluate'
import { SAMPLES, type Sample } from './samples'

const opNames = Object.keys(OPS) as OpName[]
const LEADS: readonly (readonly Dim[])[] = [[3], [namedDim('m'), 2], [namedDim('m'), 0]]
const M = 2

/** Every non-empty choice of the inputs. */
function choices(count: number): readonly (readonly boolean[])[] {
  return Array.from({ length: 2 ** count - 1 }, (_, bits) => Array.from({ length: count }, (_, at) => ((bits + 1) >> at) % 2 === 1))
}

/** The values of an input in one row: each row sees the sample's values from another place on. */
const rowValues = (sample: Sample, input: number, row: number, n: number): Tensor => {
  const { type, value } = sample.inputs[input] ?? { type: tensor('real') }
  return tensorFor(type, new Map([['n', n]]), i => (value ? value(i + row) : spread(i + 31 * row, input)))
}

function expectMapped(sample: Sample, mapped: readonly boolean[], lead: readonly Dim[], n: number): void {
  const sizes = new Map([['n', n], ['m', M]])
  const graph = buildGraph(sample.inputs.map(input => input.type), (b, inputs) => sample.build(b, inputs))
  const b = GraphBuilder.create()
  const args = sample.inputs.map(({ type }, at) => ({
    value: b.input(`x${at}`, mapped[at] ? tensor(type.element, [...lead, ...type.shape]) : type), mapped: mapped[at] === true,
  }))
  const outputs = mapGraph(b, graph, args, lead)
  const whole = b.finish(outputs.map(output => output.value))
  verify(whole)

  const shape = lead.map(dim => evaluateDim(dim, sizes))
  const rows = shape.reduce((a, b) => a * b, 1)
  const together = evaluate(whole, sample.inputs.map((_, at) => {
    if (!mapped[at]) return rowValues(sample, at, 0, n)
    const each = Array.from({ length: rows }, (_, row) => rowValues(sample, at, row, n))
    return tensorOf([...shape, ...rowValues(sample, at, 0, n).shape], each.flatMap(row => row.data))
  }), { sizes })
  outputs.forEach((output, at) => {
    const result = together[at]
    if (!result) throw new Error('no result')
    const inner = output.mapped ? result.shape.slice(lead.length) : result.shape
    const size = inner.reduce((a, b) => a * b, 1)
    for (let row = 0; row < rows; row++) {
      const alone = evaluate(graph, sample.inputs.map((_, input) => rowValues(sample, input, mapped[input] ? row : 0, n)), { sizes })[at]
      const found = output.mapped ? result.data.slice(row * size, (row + 1) * size) : result.data
      expect(inner).toEqual(alone?.shape)
      // The same operations on the same numbers; only sums may be taken in another order.
      found.forEach((number, i) => expect(number).toBeCloseTo(alone?.data[i] ?? NaN, 12))
    }
  })
}

for (const op of opNames) {
  const samples = SAMPLES[op]
  if (typeof samples === 'string' || op === 'random' || samples.every(sample => sample.inputs.length === 0)) continue
  describe(op, () => {
    for (const sample of samples) {
      for (const mapped of choices(sample.inputs.length)) {
        it(`${sample.name}, mapped inputs [${mapped.map(Number)}]: each row equals its own evaluation`, () => {
          for (const lead of LEADS) for (const n of sample.sizes ?? [3, 1, 0]) expectMapped(sample, mapped, lead, n)
        })
      }
    }
  })
}

describe('what is never mapped', () => {
  const mapOver = (op: 'random' | 'derivative') => {
    const b = GraphBuilder.create()
    const type = tensor(op === 'random' ? 'int' : 'real')
    const graph = buildGraph([type], (inner, inputs) => [op === 'random'
      ? inner.add('random', { distribution: 'normal', shape: [], stream: 's' }, inputs)
      : inner.add('derivative', { kind: 'grad' }, [...inputs, ...inputs])])
    return () => mapGraph(b, graph, [{ value: b.input('x', tensor(type.element, [2])), mapped: true }], [2])
  }
  it('a draw by its counters', () => expect(mapOver('random')).toThrow('the counters of loops are the same for all'))
  it('a derivative node', () => expect(mapOver('derivative')).toThrow('expanded before their graph is mapped'))
  it('a node without mapped inputs: it is copied as it is', () => {
    const graph = buildGraph([tensor('real'), tensor('real')], (b, [x, y]) => (x && y ? [b.scalar('sin', x), b.scalar('mul', x, y)] : []))
    const b = GraphBuilder.create()
    const [x, y] = [b.input('x', tensor('real')), b.input('y', tensor('real', [4]))]
    const outputs = mapGraph(b, graph, [{ value: x, mapped: false }, { value: y, mapped: true }], [4])
    expect(outputs.map(output => [output.mapped, output.value.type.shape])).toEqual([[false, []], [true, [4]]])
  })
})
