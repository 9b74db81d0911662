/** Loops under reverse mode, against the same recurrences written out in plain numbers or without a loop. */
import { describe, expect, it } from 'vitest'
import { differentiateLoss } from '../../../compiler/4-differentiate'
import type { GraphBuilder } from '../../../ir/builder'
import { namedDim, type Dim } from '../../../ir/dim'
import type { Graph, Value } from '../../../ir/graph'
import { LoopBuilder } from '../../../ir/loop'
import { real, type TensorType } from '../../../ir/type'
import { verify } from '../../../ir/verify'
import { buildGraph, expectDifferences, gradients, spread, tensorFor, weighted } from '../../support/differences'
import { evaluate, tensorOf } from '../../support/evaluate'

const n = namedDim('n')

const at = (values: readonly Value[], index: number): Value => {
  const value = values[index]
  if (!value) throw new Error(`no value ${index}`)
  return value
}

/** h_n of h' = tanh(w h + x_t), in a loop over the rows of x. */
function recurrence(b: GraphBuilder, h: Value, w: Value, x: Value, trip: Dim): Value {
  const loop = new LoopBuilder(b, trip, [h])
  const next = loop.body.scalar('tanh', loop.body.scalar('add', loop.body.scalar('mul', w, at(loop.carries, 0)), loop.rowOf(x)))
  return at(loop.finish([next], []).final, 0)
}

/** The same, written out. */
function unrolled(b: GraphBuilder, h: Value, w: Value, x: Value, trips: number): Value {
  let state = h
  for (let i = 0; i < trips; i++) {
    state = b.scalar('tanh', b.scalar('add', b.scalar('mul', w, state), b.reshape(b.sliceAxis(x, 0, i, 1), [])))
  }
  return state
}

/** A scalar of the inputs, differentiated `order` times, each gradient under weights. */
function nested(types: readonly TensorType[], order: number, build: (b: GraphBuilder, inputs: readonly Value[]) => Value): Graph {
  return buildGraph(types, (b, inputs) => {
    let value = build(b, inputs)
    for (let i = 1; i < order; i++) {
      value = gradients(b, value, inputs).map((gradient, at) => weighted(b, gradient, i * 5 + at)).reduce((sum, term) => b.scalar('add', sum, term))
    }
    return [value, ...gradients(b, value, inputs)]
  })
}

describe('a recurrence', () => {
  for (const trips of [0, 1, 5]) {
    for (const order of [1, 2, 3]) {
      it(`has the derivative ${order} of its unrolled form for ${trips} trips`, () => {
        const inputs = [tensorOf([], [0.3]), tensorOf([], [0.8]), tensorOf([trips], Array.from({ length: trips }, (_, i) => spread(i, 1)))]
        const looped = evaluate(nested([real(), real(), real(n)], order, (b, v) => recurrence(b, at(v, 0), at(v, 1), at(v, 2), n)), inputs)
        const plain = evaluate(nested([real(), real(), real(trips)], order, (b, v) => unrolled(b, at(v, 0), at(v, 1), at(v, 2), trips)), inputs)
        looped.forEach((tensor, output) => {
          expect(tensor.shape).toEqual(plain[output]?.shape)
          // The same sums in another order.
          tensor.data.forEach((number, i) => expect(number).toBeCloseTo(plain[output]?.data[i] ?? NaN, 12))
        })
      })
    }
  }
  it('passes the cotangent straight through for no trips', () => {
    const graph = nested([real(), real(), real(n)], 1, (b, v) => recurrence(b, at(v, 0), at(v, 1), at(v, 2), n))
    expect(evaluate(graph, [tensorOf([], [0.3]), tensorOf([], [0.8]), tensorOf([0], [])]).map(tensor => tensor.data)).toEqual([[0.3], [1], [0], []])
  })
})

describe('what a loop is differentiated by', () => {
  it('carries, constants and rows that no x lies behind add nothing to the reverse loop', () => {
    const graph = buildGraph([real(), real(), real(n)], (b, [h, w, x]) => (h && w && x ? gradients(b, recurrence(b, h, w, x, n), [x]) : []))
    const loops = graph.nodes.flatMap(node => (node.op === 'loop' ? [node] : []))
    const reverse = loops.find(node => node.attributes.reverse)
    // One carry, ḣ; no sum for w.
    expect(loops).toHaveLength(2)
    expect(reverse?.attributes.carries).toBe(1)
  })
  it('a carry whose slope is not needed by anything is not swept', () => {
    // (a, c)' = (a·w, sin c): only a reaches the result that is asked for.
    const graph = buildGraph([real(), real(), real()], (b, [a, c, w]) => {
      if (!a || !c || !w) return []
      const loop = new LoopBuilder(b, n, [a, c])
      const next = [loop.body.scalar('mul', at(loop.carries, 0), w), loop.body.scalar('sin', at(loop.carries, 1))]
      return gradients(b, at(loop.finish(next, []).final, 0), [a, c, w])
    })
    const reverse = graph.nodes.find(node => node.op === 'loop' && node.attributes.reverse)
    // ȧ and the sum for w.
    expect(reverse?.op === 'loop' && reverse.attributes.carries).toBe(2)
    const [a, c, w] = evaluate(graph, [tensorOf([], [2]), tensorOf([], [1]), tensorOf([], [3])], { sizes: new Map([['n', 4]]) })
    expect([a, c, w].map(tensor => tensor?.data[0])).toEqual([81, 0, 2 * 4 * 27])
  })
  it('a value that is carry, constant and sequence at once gets all three parts', () => {
    const graph = nested([real(3)], 1, (b, [x]) => {
      if (!x) throw new Error('one input')
      const loop = new LoopBuilder(b, 3, [x])
      const { body } = loop
      const row = body.broadcastTo(loop.rowOf(x), [3])
      return weighted(b, at(loop.finish([body.scalar('add', body.scalar('mul', at(loop.carries, 0), x), body.scalar('sin', row))], []).final, 0), 2)
    })
    expectDifferences(graph, [tensorFor(real(3), new Map(), i => spread(i, 2))], [0])
  })
  it('the same value as two constants is counted once', () => {
    // A body that was made for two constants, given one value twice.
    const graph = nested([real()], 1, (b, [x]) => {
      if (!x) throw new Error('one input')
      const body = b.nested()
      const [counter, carry, c, d] = [body.input('counter', { element: 'int', shape: [] }), body.input('carry', real()), body.input('c', real()), body.input('d', real())]
      const next = body.scalar('add', body.scalar('mul', carry, c), d)
      const { results } = b.addNode('loop', { trip: 3, reverse: false, carries: 1, constants: 2, body: body.finish([next, carry], [counter, carry, c, d]) }, [b.fill('real', [], 1), x, x])
      return at(results, 0)
    })
    // ((x + x)x + x)x + x = 2x³ + x² + x after three rounds from 1: x·1 + x, …
    expectDifferences(graph, [tensorOf([], [0.7])], [0])
  })
  it('the history of a carry has a derivative of its own', () => {
    const graph = nested([real(), real()], 2, (b, [h, w]) => {
      if (!h || !w) throw new Error('two inputs')
      const loop = new LoopBuilder(b, n, [h])
      const { histories } = loop.finish([loop.body.scalar('sin', loop.body.scalar('mul', at(loop.carries, 0), w))], [])
      return weighted(b, at(histories, 0), 1)
    })
    for (const trips of [0, 1, 4]) expectDifferences(graph, [tensorOf([], [0.4]), tensorOf([], [1.3])], [0, 1], { sizes: new Map([['n', trips]]) })
  })
  it('a body that gathers by its counter gives the rows their cotangents', () => {
    const graph = nested([real(n)], 2, (b, [x]) => {
      if (!x) throw new Error('one input')
      const loop = new LoopBuilder(b, n, [b.fill('real', [], 0.5)])
      const { body } = loop
      const element = body.add('gather', { axis: 0, site: 'here' }, [x, loop.counter])
      return at(loop.finish([body.scalar('mul', body.scalar('cos', at(loop.carries, 0)), body.scalar('exp', element))], []).final, 0)
    })
    for (const trips of [1, 4]) expectDifferences(graph, [tensorFor(real(trips), new Map(), i => spread(i, 3))], [0], { sizes: new Map([['n', trips]]) })
  })
})

describe('differentiateLoss', () => {
  const lossGraph = () => buildGraph([real(2), real(2), real()], (b, [x, w, unused]) => {
    if (!x || !w || !unused) return []
    return [b.reduce('sum', b.scalar('mul', b.scalar('mul', w, w), b.add('stop', {}, [b.scalar('mul', w, x)])), [0]), unused]
  })
  it('appends gradients; stop blocks, and what the loss does not depend on gets zeros', () => {
    const graph = lossGraph()
    const joint = differentiateLoss(graph, at(graph.outputs, 0), graph.inputs)
    verify(joint)
    expect(joint.outputs).toHaveLength(5)
    const [loss, , byX, byW, byUnused] = evaluate(joint, [tensorOf([2], [1, 2]), tensorOf([2], [3, -1]), tensorOf([], [7])])
    // Σ w²·stop(w x), so 2w·w x by w.
    expect([loss, byX, byW, byUnused].map(tensor => tensor?.data)).toEqual([[25], [0, 0], [18, 4], [0]])
  })
})
