import { describe, expect, it } from 'vitest'
import { narrow } from '../../../compiler/5-optimize/narrow'
import { optimize } from '../../../compiler/5-optimize/optimize'
import { GraphBuilder } from '../../../ir/builder'
import { namedDim } from '../../../ir/dim'
import type { Graph, Value } from '../../../ir/graph'
import { real } from '../../../ir/type'
import { verify } from '../../../ir/verify'
import type { Circuit } from '../../../quantum/circuit'
import { evaluate } from '../../support/evaluate'

const SLOTS = 4

/** A rotation a slot on two qubits, entangled in between. */
const CIRCUIT: Circuit = {
  name: 'four',
  qubits: 2,
  slots: SLOTS,
  operations: [
    ...[0, 1, 2, 3].map(slot => ({ kind: 'gate', name: slot < 2 ? 'ry' : 'rx', wires: [slot % 2], controls: [], angles: [{ slot }], inverse: false } as const)),
    { kind: 'gate', name: 'x', wires: [1], controls: [{ wire: 0, value: 1 }], angles: [], inverse: false },
    ...[0, 1].map(slot => ({ kind: 'pauli_rotation', word: 'Y', wires: [slot], controls: [], angle: { value: 0.3 } } as const)),
  ],
  measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Z']] }] }, { kind: 'expectation', terms: [{ coefficient: 1, word: [[1, 'Z']] }] }],
}

const B = namedDim('batch')
const INPUTS = [
  { shape: [2, SLOTS], data: [0.1, 0.7, -0.4, 1.2, 0.9, -0.3, 0.2, 0.6] },
  { shape: [2, 2], data: [1, -0.5, 0.25, 2] },
]

/** The gradient of the circuit by its slots: [batch, 4], and what `build` makes of it. */
function gradient(build: (b: GraphBuilder, slots: Value) => readonly Value[]): Graph {
  const b = GraphBuilder.create()
  const angles = b.input('angles', real(B, SLOTS))
  const cotangent = b.input('cotangent', real(B, 2))
  const slots = b.add('circuitVjp', { circuit: CIRCUIT, method: 'adjoint', active: [0, 1, 2, 3] }, [angles, cotangent])
  return b.finish(build(b, slots))
}

const activeIn = (graph: Graph) => graph.nodes.flatMap(node => (node.op === 'circuitVjp' ? [node.attributes.active] : []))

function narrowed(build: (b: GraphBuilder, slots: Value) => readonly Value[], pass = narrow) {
  const graph = gradient(build)
  const result = pass(graph)
  verify(result)
  const expected = evaluate(graph, INPUTS)
  evaluate(result, INPUTS).forEach(({ data }, k) => data.forEach((number, i) => expect(number).toBeCloseTo(expected[k]?.data[i] ?? NaN, 12)))
  return activeIn(result)
}

const column = (b: GraphBuilder, slots: Value, start: number, size = 1) => b.sliceAxis(slots, 1, start, size)

describe('the gradient of a circuit is narrowed to', () => {
  it('the slots of a slice', () => {
    expect(narrowed((b, slots) => [column(b, slots, 1, 2)])).toEqual([[1, 2]])
  })

  it('the union of what several users read', () => {
    expect(narrowed((b, slots) => [column(b, slots, 0), b.scalar('exp', column(b, slots, 3))])).toEqual([[0, 3]])
  })

  it('the slots of a slice with steps', () => {
    expect(narrowed((b, slots) => [b.add('slice', { starts: [0, 3], sizes: [B, 2], steps: [1, -2] }, [slots])])).toEqual([[1, 3]])
  })

  it('the slots that a constant index gathers, negative ones from the end', () => {
    expect(narrowed((b, slots) => [b.add('gather', { axis: 1, site: 'here' }, [slots, b.constant('int', [3], [2, -1, 2])])])).toEqual([[2, 3]])
  })

  it('the slots whose segment is read', () => {
    expect(narrowed((b, slots) => {
      const segments = b.add('segmentSum', { axis: 1, size: 3, site: 'here' }, [slots, b.constant('int', [4], [2, 0, 2, 1])])
      return [column(b, segments, 2)]
    })).toEqual([[0, 2]])
  })

  it('the slots read after a sum over the batch, a scaling and a reshape of the lead', () => {
    expect(narrowed((b, slots) => {
      const scaled = b.scalar('mul', slots, b.fill('real', [B, SLOTS], 0.5))
      const summed = b.reshape(b.reduce('sum', scaled, [0]), [1, SLOTS])
      return [column(b, summed, 3)]
    })).toEqual([[3]])
  })

  it('the slots read through a padding, a concatenation and a transpose of the lead', () => {
    expect(narrowed((b, slots) => {
      const padded = b.add('pad', { low: [0, 1], high: [0, 0], interior: [0, 1] }, [slots])
      const joined = b.add('concat', { axis: 1 }, [b.fill('real', [B, 2], 1), padded])
      // Slot s stands at 2 + 1 + 2s.
      return [column(b, joined, 5, 2)]
    })).toEqual([[1]])
  })

  it('all of them where somebody reads all', () => {
    const graph = gradient((b, slots) => [column(b, slots, 0), b.reduce('sum', slots, [1])])
    expect(narrow(graph)).toBe(graph)
  })

  it('nothing, and is zeros, where the slots that are read were never active', () => {
    const b = GraphBuilder.create()
    const slots = b.add('circuitVjp', { circuit: CIRCUIT, method: 'adjoint', active: [0, 1] }, [b.input('angles', real(B, SLOTS)), b.input('cotangent', real(B, 2))])
    const result = narrow(b.finish([b.sliceAxis(slots, 1, 2, 2)]))
    expect(activeIn(result)).toEqual([])
    expect(evaluate(result, INPUTS)[0]?.data).toEqual([0, 0, 0, 0])
  })

  it('the slots of the parameters, where the others come from data', () => {
    // slots = concat(features[batch, 2], weights[2] for each row); only the weights' gradient is asked for.
    expect(narrowed((b, slots) => [b.reduce('sum', column(b, slots, 2, 2), [0])], optimize)).toEqual([[2, 3]])
  })
})
