import { describe, expect, it } from 'vitest'
import { differentiateLoss, eraseIdentity } from '../../../compiler/4-differentiate'
import { optimize } from '../../../compiler/5-optimize/optimize'
import { GraphBuilder } from '../../../ir/builder'
import { namedDim } from '../../../ir/dim'
import type { Graph, Node, Value } from '../../../ir/graph'
import { LoopBuilder } from '../../../ir/loop'
import { real } from '../../../ir/type'
import { verify } from '../../../ir/verify'
import { spread } from '../../support/differences'
import { evaluate, type Tensor } from '../../support/evaluate'

const B = namedDim('batch')
const T = namedDim('time')
const FEATURES = 3
const HIDDEN = 2
const SIZES = new Map([['batch', 2], ['time', 4]])

/** What one iteration of a recurrent model is made of. */
interface Cell {
  readonly b: GraphBuilder
  readonly h: Value
  /** row @ W of a parameter for the features, h @ W of one for the state. */
  byInput(parameter: number): Value
  byState(state: Value, parameter: number): Value
  bias(): Value
}

/** The loss and its gradients of a model that reads x: [batch, time, 3] through the cell, with three pairs of weights and a bias. */
function recurrent(next: (cell: Cell) => Value, reverse = false): { readonly graph: Graph; readonly inputs: readonly Tensor[] } {
  const b = GraphBuilder.create()
  const x = b.input('x', real(B, T, FEATURES))
  const forInput = [0, 1, 2].map(k => b.input(`W${k}`, real(FEATURES, HIDDEN)))
  const forState = [0, 1, 2].map(k => b.input(`U${k}`, real(HIDDEN, HIDDEN)))
  const bias = b.input('b', real(HIDDEN))
  const loop = new LoopBuilder(b, T, [b.fill('real', [B, HIDDEN], 0.1)], reverse)
  const row = loop.rowOf(b.transpose(x, [1, 0, 2]))
  const product = (left: Value, right: Value | undefined) => loop.body.add('contract', { left: [0, 1], right: [1, 2], out: [0, 2] }, [left, right as Value])
  const h = loop.carries[0] as Value
  const after = next({
    b: loop.body, h,
    byInput: k => product(row, forInput[k]),
    byState: (state, k) => product(state, forState[k]),
    bias: () => loop.body.broadcastTo(loop.body.use(bias), [B, HIDDEN]),
  })
  const { final, yields } = loop.finish([after], [after])
  const squared = (value: Value) => b.reduce('sum', b.scalar('mul', value, value), value.type.shape.map((_, axis) => axis))
  const loss = b.scalar('add', squared(final[0] as Value), squared(yields[0] as Value))
  const forward = b.finish([loss])
  const graph = eraseIdentity(differentiateLoss(forward, forward.outputs[0] as Value, forward.inputs))
  verify(graph)
  const inputs = graph.inputs.map(({ type }, stream): Tensor => {
    const shape = type.shape.map(dim => (typeof dim === 'number' ? dim : dim === type.shape[0] ? 2 : 4))
    return { shape, data: Array.from({ length: shape.reduce((p, q) => p * q, 1) }, (_, i) => spread(i, stream)) }
  })
  return { graph, inputs }
}

const rnn = ({ b, h, byInput, byState, bias }: Cell) => b.scalar('tanh', b.scalar('add', b.scalar('add', byInput(0), byState(h, 0)), bias()))

function gru({ b, h, byInput, byState, bias }: Cell): Value {
  const z = b.scalar('sigmoid', b.scalar('add', b.scalar('add', byInput(0), byState(h, 0)), bias()))
  const r = b.scalar('sigmoid', b.scalar('add', byInput(1), byState(h, 1)))
  const n = b.scalar('tanh', b.scalar('add', byInput(2), byState(b.scalar('mul', r, h), 2)))
  const one = b.fill('real', h.type.shape, 1)
  return b.scalar('add', b.scalar('mul', b.scalar('sub', one, z), n), b.scalar('mul', z, h))
}

type LoopNode = Node & { op: 'loop' }
const loopsOf = (graph: Graph) => graph.nodes.filter((node): node is LoopNode => node.op === 'loop')
const productsIn = (graph: Graph) => graph.nodes.filter(node => node.op === 'contract').length
const functionsIn = (graph: Graph) => graph.nodes.flatMap(node => (node.op === 'elementwise' ? [node.attributes.fn] : []))

describe.each([['a simple recurrent model', rnn, 1], ['a gated recurrent unit', gru, 3]] as const)('%s', (_, cell, perStep) => {
  it.each([false, true])('has the same loss and gradients after optimising (run in reverse: %s)', reverse => {
    const { graph, inputs } = recurrent(cell, reverse)
    const optimised = optimize(graph)
    verify(optimised)
    const expected = evaluate(graph, inputs, { sizes: SIZES })
    evaluate(optimised, inputs, { sizes: SIZES }).forEach(({ shape, data }, k) => {
      expect(shape).toEqual(expected[k]?.shape)
      // Sums are taken in another order: a few units in the last place of numbers around 1.
      data.forEach((number, i) => expect(number).toBeCloseTo(expected[k]?.data[i] ?? NaN, 12))
    })
  })

  it('has in its loops the products with the state only, once forward and once backward', () => {
    const [forward, backward, ...others] = loopsOf(optimize(recurrent(cell).graph))
    expect(others).toEqual([])
    expect(productsIn((forward as LoopNode).attributes.body)).toBe(perStep)
    expect(productsIn((backward as LoopNode).attributes.body)).toBe(perStep)
  })

  it('computes no tanh again in the backward loop, and sums no gradient of a weight there', () => {
    const backward = loopsOf(optimize(recurrent(cell).graph))[1] as LoopNode
    expect(functionsIn(backward.attributes.body)).not.toContain('tanh')
    expect(backward.attributes.carries).toBe(1)
  })

  it('has the same value whether optimised once or twice', () => {
    const once = optimize(recurrent(cell).graph)
    expect(optimize(once)).toBe(once)
  })
})

describe('work for all iterations at once', () => {
  /** A loop over x: [time, 2, 3] with W: [3, 2] that carries h: [2, 2]. */
  function looping(build: (loop: LoopBuilder, row: Value, W: Value) => { next: Value; yields: readonly Value[] }) {
    const b = GraphBuilder.create()
    const x = b.input('x', real(T, 2, FEATURES))
    const W = b.input('W', real(FEATURES, HIDDEN))
    const loop = new LoopBuilder(b, T, [b.fill('real', [2, HIDDEN], 0)])
    const { next, yields } = build(loop, loop.rowOf(x), W)
    const done = loop.finish([next], yields)
    const graph = b.finish([...done.final, ...done.yields])
    const optimised = optimize(graph)
    verify(optimised)
    const inputs = graph.inputs.map(({ type }, stream): Tensor => {
      const shape = type.shape.map(dim => (typeof dim === 'number' ? dim : 4))
      return { shape, data: Array.from({ length: shape.reduce((p, q) => p * q, 1) }, (_, i) => spread(i, stream)) }
    })
    const expected = evaluate(graph, inputs)
    evaluate(optimised, inputs).forEach(({ data }, k) => data.forEach((number, i) => expect(number).toBeCloseTo(expected[k]?.data[i] ?? NaN, 12)))
    return optimised
  }

  const product = (b: GraphBuilder, left: Value, right: Value) => b.add('contract', { left: [0, 1], right: [1, 2], out: [0, 2] }, [left, right])

  it('is what depends on rows only, with what feeds it, before the loop', () => {
    const result = looping(({ body, carries }, row, W) => {
      const fed = product(body, body.scalar('tanh', body.add('flip', { axis: 1 }, [row])), W)
      return { next: body.scalar('sin', body.scalar('add', carries[0] as Value, fed)), yields: [] }
    })
    expect(result.nodes.filter(node => node.op !== 'input' && node.op !== 'fill').map(node => node.op)).toEqual(['flip', 'elementwise', 'contract', 'loop'])
    expect(productsIn((loopsOf(result)[0] as LoopNode).attributes.body)).toBe(0)
  })

  it('is what only yields read, with what follows it, after the loop', () => {
    const result = looping(({ body, carries }, row, W) => {
      const h = body.scalar('sin', body.scalar('add', carries[0] as Value, body.sliceAxis(row, 1, 1, 2)))
      const decoded = body.scalar('exp', product(body, h, body.sliceAxis(W, 0, 0, 2)))
      return { next: h, yields: [decoded, h] }
    })
    expect(result.nodes.slice(result.nodes.findIndex(node => node.op === 'loop') + 1).map(node => node.op)).toEqual(['contract', 'elementwise'])
    expect(productsIn((loopsOf(result)[0] as LoopNode).attributes.body)).toBe(0)
  })

  it('is a sum of products, but not a sum of anything else', () => {
    const products = looping(({ body, carries }, row) => ({ next: body.scalar('add', carries[0] as Value,
      body.add('contract', { left: [0, 1], right: [2, 1], out: [0, 2] }, [row, body.scalar('exp', row)])), yields: [] }))
    expect(loopsOf(products)).toEqual([])
    expect(productsIn(products)).toBe(1)
    const others = looping(({ body, carries }, row) => ({
      next: body.scalar('add', carries[0] as Value, body.scalar('sin', body.sliceAxis(row, 1, 0, 2))), yields: [],
    }))
    expect((loopsOf(others)[0] as LoopNode).attributes.carries).toBe(1)
  })
})
