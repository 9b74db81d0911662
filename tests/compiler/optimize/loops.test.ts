import { describe, expect, it } from 'vitest'
import { optimize } from '../../../compiler/5-optimize/optimize'
import { prune } from '../../../compiler/5-optimize/prune'
import { simplify } from '../../../compiler/5-optimize/simplify'
import { GraphBuilder } from '../../../ir/builder'
import { namedDim, type Dim } from '../../../ir/dim'
import type { Graph, Node, Value } from '../../../ir/graph'
import { LoopBuilder } from '../../../ir/loop'
import { real } from '../../../ir/type'
import { verify } from '../../../ir/verify'
import { evaluate, type Tensor } from '../../support/evaluate'

const T = namedDim('t')
const SEQUENCE: Tensor = { shape: [3, 2], data: [1, 2, 3, -4, 5, 6] }
const ROW: Tensor = { shape: [2], data: [0.5, -0.25] }

/** A loop over x: [t, 2] with w: [2], as `build` writes its body. */
function looping(
  build: (loop: LoopBuilder, x: Value, w: Value) => { next: readonly Value[]; yields: readonly Value[] },
  outputs: (final: readonly Value[], yields: readonly Value[], x: Value, w: Value) => readonly Value[],
  { trip = T, reverse = false, carries = 1 }: { trip?: Dim; reverse?: boolean; carries?: number } = {},
): Graph {
  const b = GraphBuilder.create()
  const x = b.input('x', real(trip, 2))
  const w = b.input('w', real(2))
  const loop = new LoopBuilder(b, trip, Array.from({ length: carries }, (_, k) => b.fill('real', [2], k)), reverse)
  const { next, yields } = build(loop, x, w)
  const done = loop.finish(next, yields)
  return b.finish(outputs(done.final, done.yields, x, w))
}

type LoopNode = Node & { op: 'loop' }
const loopsOf = (graph: Graph) => graph.nodes.filter((node): node is LoopNode => node.op === 'loop')

function onlyLoop(graph: Graph): LoopNode {
  const [loop, ...rest] = loopsOf(graph)
  if (!loop || rest.length > 0) throw new Error(`${loopsOf(graph).length} loops`)
  return loop
}

const opsIn = (graph: Graph) => graph.nodes.filter(node => node.op !== 'input').map(node => (node.op === 'elementwise' ? node.attributes.fn : node.op))

/** Runs the pass and holds it to the values. */
function after(pass: (graph: Graph) => Graph, graph: Graph, inputs: readonly Tensor[] = [SEQUENCE, ROW]): Graph {
  const result = pass(graph)
  verify(result)
  expect(evaluate(result, inputs)).toEqual(evaluate(graph, inputs))
  return result
}

describe('pruning a loop', () => {
  it('drops the history of a carry that nothing reads', () => {
    const graph = looping((loop, x, w) => {
      const next = loop.body.scalar('add', loop.carries[0] as Value, loop.body.scalar('mul', loop.rowOf(x), w))
      return { next: [next], yields: [] }
    }, final => final)
    expect(onlyLoop(graph).results).toHaveLength(2)
    expect(onlyLoop(after(prune, graph)).results).toHaveLength(1)
  })

  it('keeps the history that a reverse loop reads', () => {
    const graph = looping((loop, x, w) => ({ next: [loop.body.scalar('mul', loop.carries[0] as Value, loop.body.scalar('add', loop.rowOf(x), w))], yields: [] }),
      (final) => [(final[0] as Value).node.results[1] as Value])
    const loop = onlyLoop(after(prune, graph))
    expect(loop.results).toHaveLength(2)
    expect(loop.attributes.carries).toBe(1)
  })

  it('drops a carry that only feeds itself, and the sequence and the constant that only it used', () => {
    const graph = looping((loop, x, w) => {
      const [a, c] = loop.carries as [Value, Value]
      return { next: [loop.body.scalar('add', a, loop.rowOf(x)), loop.body.scalar('mul', c, loop.body.scalar('sub', w, c))], yields: [] }
    }, final => final.slice(0, 1), { carries: 2 })
    const loop = onlyLoop(after(prune, graph))
    expect(loop.attributes).toMatchObject({ carries: 1, constants: 0 })
    expect(loop.inputs).toHaveLength(2)
  })

  it('keeps a carry that another kept carry reads', () => {
    const graph = looping((loop, x) => {
      const [a, c] = loop.carries as [Value, Value]
      return { next: [loop.body.scalar('add', a, c), loop.body.scalar('mul', c, loop.rowOf(x))], yields: [] }
    }, final => final.slice(0, 1), { carries: 2 })
    expect(onlyLoop(after(prune, graph)).attributes.carries).toBe(2)
  })

  it('drops a loop that nothing reads', () => {
    const graph = looping((loop, x) => ({ next: [loop.body.scalar('add', loop.carries[0] as Value, loop.rowOf(x))], yields: [] }), (_final, _yields, x) => [x])
    expect(loopsOf(after(prune, graph))).toHaveLength(0)
  })

  it('reaches loops in loops', () => {
    const graph = looping((loop, x, w) => {
      const inner = new LoopBuilder(loop.body, 2, [loop.carries[0] as Value])
      const done = inner.finish([inner.body.scalar('mul', inner.carries[0] as Value, w)], [inner.body.scalar('exp', inner.carries[0] as Value)])
      return { next: [loop.body.scalar('add', done.final[0] as Value, loop.rowOf(x))], yields: [] }
    }, final => final)
    const [inner] = loopsOf(onlyLoop(after(graph_ => prune(prune(graph_)), graph)).attributes.body)
    expect(inner?.results).toHaveLength(1)
    expect(opsIn(inner?.attributes.body as Graph)).toEqual(['mul'])
  })

  it('makes anew only what reads a loop that has changed', () => {
    const graph = looping((loop, x) => ({ next: [loop.body.scalar('add', loop.carries[0] as Value, loop.rowOf(x))], yields: [] }), final => final)
    const before = new Map(graph.nodes.map(node => [node.id, node]))
    const [made, ...others] = after(prune, graph).nodes.filter(node => before.get(node.id) !== node)
    expect([made?.op, others]).toEqual(['loop', []])
  })

  it('returns the graph itself where nothing can go', () => {
    const lean = prune(looping((loop, x) => ({ next: [loop.body.scalar('add', loop.carries[0] as Value, loop.rowOf(x))], yields: [] }), final => final))
    expect(prune(lean)).toBe(lean)
  })
})

describe('simplifying a loop', () => {
  it.each([false, true])('takes what does not change out of the body (reverse: %s)', reverse => {
    const graph = looping((loop, x, w) => {
      const heavy = loop.body.scalar('exp', loop.body.scalar('mul', w, w))
      return { next: [loop.body.scalar('add', loop.carries[0] as Value, loop.body.scalar('mul', loop.rowOf(x), heavy))], yields: [] }
    }, final => final, { reverse })
    const result = after(optimize, graph)
    expect(opsIn(onlyLoop(result).attributes.body)).toEqual(['mul', 'add'])
    expect(opsIn(result)).toEqual(expect.arrayContaining(['exp', 'loop']))
  })

  it('makes constants inside instead of handing them in, a carry that never changes among them', () => {
    const graph = looping((loop, x) => {
      const [a, fixed] = loop.carries as [Value, Value]
      return { next: [loop.body.scalar('sub', loop.rowOf(x), loop.body.scalar('mul', a, fixed)), fixed], yields: [] }
    }, final => final, { carries: 2 })
    // The second carry starts as 1 everywhere and stays so.
    const result = after(optimize, graph)
    expect(onlyLoop(result).attributes).toMatchObject({ carries: 1, constants: 0 })
    expect(opsIn(onlyLoop(result).attributes.body)).toEqual(['sub'])
  })

  it.each([false, true])('passes a yielded row, constant, counter or number around the loop (reverse: %s)', reverse => {
    const graph = looping((loop, x, w) => ({
      next: [loop.body.scalar('sub', loop.rowOf(x), loop.carries[0] as Value)],
      yields: [loop.rowOf(x), w, loop.counter, loop.body.fill('real', [3], 7)],
    }), (final, yields) => [...final, ...yields], { reverse })
    const result = after(optimize, graph)
    expect(onlyLoop(result).results).toHaveLength(1)
    expect(opsIn(result)).toEqual(expect.arrayContaining(['broadcast', 'iota', 'fill']))
  })

  it('yields equal rows once', () => {
    const graph = looping((loop, x) => {
      const next = loop.body.scalar('add', loop.carries[0] as Value, loop.rowOf(x))
      return { next: [next], yields: [loop.body.scalar('exp', next), loop.body.scalar('exp', next)] }
    }, (_, yields) => yields)
    expect(onlyLoop(after(optimize, graph)).results).toHaveLength(2)
  })

  it('runs a loop of one trip inline, and one of none not at all', () => {
    const build = (trip: number) => looping((loop, x) => {
      const next = loop.body.scalar('add', loop.carries[0] as Value, loop.rowOf(x))
      return { next: [next], yields: [loop.body.scalar('exp', next)] }
    }, (final, yields) => [...final, ...yields], { trip })
    const once = after(simplify, build(1), [{ shape: [1, 2], data: [3, 4] }, ROW])
    expect(loopsOf(once)).toHaveLength(0)
    const never = after(simplify, build(0), [{ shape: [0, 2], data: [] }, ROW])
    expect(opsIn(never)).toEqual(['fill', 'fill'])
  })
})
