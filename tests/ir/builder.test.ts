/** The builder: interning, captures, what a finished graph keeps, and loops. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder, named, only } from '../../ir/builder'
import { namedDim } from '../../ir/dim'
import type { Graph } from '../../ir/graph'
import { reachableNodes } from '../../ir/graph'
import { historyOf, LoopBuilder } from '../../ir/loop'
import { int, real } from '../../ir/type'
import { verify } from '../../ir/verify'

const n = namedDim('n')
const count = (graph: Graph, op: string) => graph.nodes.filter(node => node.op === op).length

describe('interning', () => {
  it('equal pure nodes are one node', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', named('real', 'n', 2))
    expect(b.scalar('sin', x)).toBe(b.scalar('sin', x))
    expect(b.add('slice', { starts: [0, 0], sizes: [n, 1], steps: [1, 1] }, [x])).toBe(b.sliceAxis(x, 1, 0, 1))
  })
  it('attributes tell nodes apart: −0 from 0, ∞ from NaN, int from real', () => {
    const b = GraphBuilder.create()
    const fills = [b.fill('real', [], 0), b.fill('real', [], -0), b.fill('real', [], Infinity), b.fill('real', [], NaN), b.fill('int', [], 0)]
    expect(new Set(fills).size).toBe(5)
  })
  it('long rows of the same numbers are one node, whichever array holds them; one number makes two', () => {
    const b = GraphBuilder.create()
    const row = (last: number) => b.constant('real', [100], Array.from({ length: 100 }, (_, at) => (at < 99 ? at / 3 : last)))
    expect(row(0)).toBe(row(0))
    // The last three differ by less than any digest of numbers need show.
    expect(new Set([row(0), row(-0), row(5e-324), row(NaN)]).size).toBe(4)
  })
  it('inputs and marks are never merged; draws of one site are, of two are not', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', real())
    expect(b.input('x', real())).not.toBe(x)
    expect(b.add('mark', { name: 'a', id: 1 }, [x])).not.toBe(b.add('mark', { name: 'a', id: 1 }, [x]))
    const draw = (stream: string) => b.add('random', { distribution: 'normal', shape: [2], stream }, [])
    expect(draw('s')).toBe(draw('s'))
    expect(draw('s')).not.toBe(draw('t'))
  })
})

describe('shorthands', () => {
  it('leave no node where nothing happens', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', named('real', 'n', 2))
    expect(b.broadcastTo(x, [n, 2])).toBe(x)
    expect(b.reshape(x, [n, 2])).toBe(x)
    expect(b.transpose(x, [0, 1])).toBe(x)
    expect(b.reduce('sum', x, [])).toBe(x)
    expect(b.cast(x, 'real')).toBe(x)
  })
})

describe('a finished graph', () => {
  it('keeps inputs and what the outputs need, in order', () => {
    const b = GraphBuilder.create()
    const [x, y] = [b.input('x', real()), b.input('y', real())]
    b.scalar('cos', x)
    const graph = b.finish([b.scalar('sin', b.scalar('exp', x))])
    expect(graph.nodes.map(node => node.op)).toEqual(['input', 'input', 'elementwise', 'elementwise'])
    expect(graph.inputs).toEqual([x, y])
    expect(reachableNodes(graph.outputs).map(node => node.id)).toEqual([...reachableNodes(graph.outputs).map(node => node.id)].sort((a, b) => a - b))
    verify(graph)
  })
  it('can be gone on from: nodes that are kept are themselves and in their place, and new ones read them', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', real())
    const sum = b.scalar('add', b.scalar('sin', x), b.scalar('cos', x))
    const graph = b.finish([sum])
    const [input, sine, cosine] = graph.nodes
    const c = GraphBuilder.after(graph)
    for (const node of [input, sine]) if (node) c.keep(node)
    const exp = c.scalar('exp', x)
    if (cosine) c.keep(cosine)
    const after = c.finish([c.scalar('mul', exp, cosine?.results[0] ?? x), sine?.results[0] ?? x], graph.inputs)
    verify(after)
    expect(after.nodes.slice(0, 4)).toEqual([input, sine, exp.node, cosine])
    expect(exp.node.id).toBeGreaterThan(sum.node.id)
  })
  it('has no values of another graph', () => {
    const other = GraphBuilder.create().input('x', real())
    expect(() => GraphBuilder.create().scalar('sin', other)).toThrow('belongs to another graph')
  })
  it('is refused where a row of the table does not allow it', () => {
    const b = GraphBuilder.create()
    const [x, k] = [b.input('x', real(2)), b.input('k', int(2))]
    expect(() => b.scalar('add', x, k)).toThrow('elementwise add over (real[2], int[2])')
    expect(() => b.scalar('add', x, b.input('y', real(3)))).toThrow('elementwise add')
    expect(() => b.add('reshape', { shape: [3] }, [x])).toThrow('reshape of [2] to [3]')
    // Sizes that both share say nothing where they may be 0.
    expect(b.add('reshape', { shape: [3, n, 0] }, [b.input('z', real(0, n))]).type.shape).toEqual([3, n, 0])
    expect(() => b.add('reshape', { shape: [3, n] }, [b.input('z', real(n, 2))])).toThrow('reshape of [n, 2] to [3, n]')
    expect(() => b.add('contract', { left: [0], right: [1], out: [0] }, [x, x])).toThrow('every label is shared or kept')
  })
})

describe('loops', () => {
  it('capture outer values as constants, once each, through two bodies', () => {
    const b = GraphBuilder.create()
    const [x, w] = [b.input('x', real()), b.input('w', real())]
    const outer = new LoopBuilder(b, n, [x])
    const inner = new LoopBuilder(outer.body, 2, [outer.carries[0] ?? x])
    const next = inner.body.scalar('add', inner.body.scalar('mul', inner.carries[0] ?? x, w), w)
    const { final } = outer.finish(inner.finish([next], []).final, [])
    const graph = b.finish(final)
    verify(graph)
    const [loop] = graph.nodes.filter(node => node.op === 'loop')
    expect(loop?.inputs).toEqual([x, w])
    const within = loop?.op === 'loop' ? loop.attributes.body.nodes.find(node => node.op === 'loop') : undefined
    expect(within?.op === 'loop' && within.attributes.constants).toBe(1)
  })
  it('yield the history of every carry after the yields', () => {
    const b = GraphBuilder.create()
    const [x, xs] = [b.input('x', real()), b.input('xs', named('real', 'n', 3))]
    const loop = new LoopBuilder(b, n, [x, x])
    const [h, c] = loop.carries
    if (!h || !c) throw new Error('two carries')
    const { final, yields, histories } = loop.finish([c, h], [loop.rowOf(xs)])
    expect([final, yields, histories].map(results => results.map(({ type }) => type.shape))).toEqual([[[], []], [[n, 3]], [[n], [n]]])
    const node = final[0]?.node
    expect(node?.op === 'loop' && historyOf(node.attributes.body, 2)).toEqual([3, 4])
    expect(() => node && only(node)).toThrow('loop has 5 results')
  })
  it('take a sequence once, and leave outside what the body asked for and does not use', () => {
    const b = GraphBuilder.create()
    const [x, xs, unused] = [b.input('x', real()), b.input('xs', real(n)), b.input('unused', real(n))]
    const loop = new LoopBuilder(b, n, [x])
    expect(loop.rowOf(xs)).toBe(loop.rowOf(xs))
    loop.body.scalar('sin', loop.rowOf(unused))
    loop.body.use(unused)
    const graph = b.finish(loop.finish([loop.body.scalar('add', loop.carries[0] ?? x, loop.rowOf(xs))], []).final)
    verify(graph)
    expect(graph.nodes.find(node => node.op === 'loop')?.inputs).toEqual([x, xs])
    expect(count(graph, 'input')).toBe(3)
  })
  it('refuse a carry that changes its type', () => {
    const b = GraphBuilder.create()
    const loop = new LoopBuilder(b, n, [b.input('x', real())])
    expect(() => loop.finish([loop.counter], [])).toThrow('carry 0 is real, its next value int')
  })
})
