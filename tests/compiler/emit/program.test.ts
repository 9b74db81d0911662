import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { optimize } from '../../../compiler/5-optimize/optimize'
import { programOf } from '../../../compiler/6-emit/program'
import { GraphBuilder } from '../../../ir/builder'
import { namedDim } from '../../../ir/dim'
import type { Graph, Value } from '../../../ir/graph'
import { LoopBuilder } from '../../../ir/loop'
import type { KernelStep, Program, Step } from '../../../ir/plan'
import { bool, int, real } from '../../../ir/type'
import { runByName } from '../../../runtime/backends/backend'
import { REFERENCE } from '../../../runtime/backends/reference'
import { evaluate } from '../../support/evaluate'
import { INPUTS, isTame, randomGraph, SIZES } from '../optimize/randomGraph'

function program(graph: Graph, fuse = true): Program {
  return programOf(graph, graph.inputs.map((_, at) => `in${at}`), graph.outputs.map((_, at) => `out${at}`), { fuse })
}

async function run(graph: Graph, fuse: boolean): Promise<readonly (readonly number[])[]> {
  const executable = await REFERENCE.prepare(program(graph, fuse), SIZES, 'f64')
  const results = await runByName(executable, new Map(INPUTS.map(({ data }, at) => [`in${at}`, data])))
  return graph.outputs.map((_, at) => [...results.get(`out${at}`)?.data ?? []])
}

function expectClose(actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(actual.map(data => data.length)).toEqual(expected.map(data => data.length))
  actual.forEach((data, k) => data.forEach((number, i) => {
    const other = expected[k]?.[i] ?? NaN
    if (!(Math.abs(number - other) <= 1e-9 * Math.max(1, Math.abs(other)))) throw new Error(`output ${k} at ${i}: ${number} instead of ${other}`)
  }))
}

describe('a program computes what its graph does', () => {
  it.each([['one step a node', false], ['fused', true]] as const)('%s', async (_, fuse) => {
    await fc.assert(fc.asyncProperty(randomGraph, async graph => {
      fc.pre(isTame(graph))
      expectClose(await run(graph, fuse), evaluate(graph, INPUTS, { sizes: SIZES }).map(({ data }) => data))
    }), { numRuns: 700 })
  })

  it('fused after optimising', async () => {
    await fc.assert(fc.asyncProperty(randomGraph, async graph => {
      fc.pre(isTame(graph))
      expectClose(await run(optimize(graph), true), evaluate(graph, INPUTS, { sizes: SIZES }).map(({ data }) => data))
    }), { numRuns: 700 })
  })
})

// --------------------------------------------------------------------------------------------------- structure

const N = namedDim('n')

/** The steps of what `build` makes of x: [n, 4], y: [n, 4], w: [4] and c: []. */
function steps(build: (b: GraphBuilder, x: Value, y: Value, w: Value, c: Value) => readonly Value[]): readonly Step[] {
  const b = GraphBuilder.create()
  return program(b.finish(build(b, b.input('x', real(N, 4)), b.input('y', real(N, 4)), b.input('w', real(4)), b.input('c', real())))).steps
}

const kinds = (all: readonly Step[]) => all.map(step => (step.kind === 'routine' ? step.op : step.kind === 'kernel' ? step.code.map(line => line.fn).join('+') : step.kind))

const kernels = (all: readonly Step[]): readonly KernelStep[] => all.filter(step => step.kind === 'kernel')

describe('fusion', () => {
  it('makes one kernel of a chain, with a store for its end only', () => {
    const all = steps((b, x, y) => [b.scalar('tanh', b.scalar('mul', b.scalar('add', x, y), x))])
    expect(kinds(all)).toEqual(['add+mul+tanh'])
    expect(kernels(all)[0]?.stores).toHaveLength(1)
    expect(kernels(all)[0]?.loads).toHaveLength(2)
  })

  it('reads broadcasts, transposes and axes of one by loads', () => {
    const all = steps((b, x, y, w, c) => {
      const t = b.transpose(b.scalar('exp', b.transpose(y, [1, 0])), [1, 0])
      const row = b.broadcastTo(b.reshape(w, [1, 4]), [N, 4])
      return [b.scalar('add', b.scalar('add', x, t), b.scalar('mul', row, b.broadcastTo(c, [N, 4])))]
    })
    expect(kinds(all)).toEqual(['exp', 'add+mul+add'])
    expect(kernels(all).map(kernel => kernel.loads.map(load => load.axes))).toEqual([[[1, 0]], [[0, 1], [1, 0], [1], []]])
  })

  it('makes literals of fills and scalar constants, one of equal ones', () => {
    const all = steps((b, x) => {
      const two = b.fill('real', [N, 4], 2)
      const three = b.broadcastTo(b.constant('real', [], [3]), [N, 4])
      return [b.scalar('add', b.scalar('mul', x, two), b.scalar('div', two, three))]
    })
    expect(kinds(all)).toEqual(['mul+div+add'])
    expect(kernels(all)[0]?.literals).toEqual([{ value: 2, element: 'real' }, { value: 3, element: 'real' }])
  })

  it('reads a size that only a call knows from a buffer', () => {
    const all = steps((b, x) => [b.scalar('div', x, b.broadcastTo(b.scalar('real', b.add('size', { value: N }, [])), [N, 4]))])
    expect(kinds(all)).toEqual(['size', 'real', 'div'])
  })

  it('stores a value that a routine and a kernel read, once', () => {
    const all = steps((b, x) => {
      const e = b.scalar('exp', x)
      return [b.scalar('add', e, x), b.reduce('sum', e, [0])]
    })
    expect(kinds(all)).toEqual(['exp+add', 'reduce'])
    expect(kernels(all)[0]?.stores).toHaveLength(2)
  })

  it('makes no kernel that needs its own result', () => {
    // exp feeds the reduction, which feeds the division beside exp: one kernel of both would wait for itself.
    const all = steps((b, x) => {
      const e = b.scalar('exp', x)
      return [b.scalar('div', e, b.broadcastTo(b.reshape(b.reduce('sum', e, [1]), [N, 1]), [N, 4]))]
    })
    expect(kinds(all)).toEqual(['exp', 'reduce', 'div'])
  })

  it('computes what only a later kernel reads there, and keeps its input instead', () => {
    // x is kept for the reduction anyway, so cos(x) need not be.
    const all = steps((b, x, y) => {
      const s = b.scalar('sin', x)
      const total = b.broadcastTo(b.reduce('sum', s, [0]), [N, 4])
      return [b.scalar('mul', b.scalar('cos', x), b.scalar('mul', total, y))]
    })
    expect(kinds(all)).toEqual(['sin', 'reduce', 'cos+mul+mul'])
    expect(kernels(all).map(kernel => kernel.stores.length)).toEqual([1, 1])
  })

  it('computes kernels side by side that read the same array, and scalars in one', () => {
    const all = steps((b, x, y, _, c) => [b.scalar('exp', x), b.scalar('log', x), b.scalar('sin', y), b.scalar('exp', c), b.scalar('neg', b.reduce('sum', x, [0, 1]))])
    expect(kinds(all).sort()).toEqual(['exp', 'exp+log', 'neg', 'reduce', 'sin'])
  })

  it('cuts a long chain into kernels of at most 64 lines', () => {
    const all = steps((b, x) => {
      let h = x
      for (let i = 0; i < 100; i++) h = b.scalar(i % 2 ? 'sin' : 'cos', h)
      return [h]
    })
    expect(kernels(all).map(kernel => kernel.code.length)).toEqual([64, 36])
  })

  it('has no step for what nothing needs', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', real(N))
    const graph = b.finish([x])
    expect(program({ ...graph, nodes: [...graph.nodes, b.scalar('exp', x).node] }).steps).toEqual([])
  })
})

describe('buffers', () => {
  it('are the input’s where a result is an input, and shared where two results are one value', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', real(N))
    const e = b.scalar('exp', x)
    const { results, inputs } = program(b.finish([x, e, e]))
    expect(results[0]?.buffer).toBe(inputs[0]?.buffer)
    expect(results[1]?.buffer).toBe(results[2]?.buffer)
  })

  it('are not kept for inputs that nothing reads, as the targets of a prediction', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', real(N))
    const y = b.input('y', int(namedDim('m')))
    const graph = b.finish([b.scalar('exp', x)], [y, x])
    expect(program(graph)).toMatchObject({ inputs: [{ name: 'in1', buffer: 0 }], buffers: [real(N), real(N)] })
  })

  it('of a loop body stand in the order counter, carries, constants, rows', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', real(3, 2))
    const w = b.input('w', real(2))
    const loop = new LoopBuilder(b, 3, [b.fill('real', [2], 0), b.fill('real', [2], 1)])
    const [p, q] = loop.carries as [Value, Value]
    // The carries swap, so each next one is the other's buffer.
    const { final } = loop.finish([q, loop.body.scalar('add', p, loop.body.scalar('mul', loop.rowOf(x), w))], [])
    const step = program(b.finish(final)).steps.find(other => other.kind === 'loop')
    expect(step?.body.inputs.map(input => input.name)).toEqual(['counter', 'carry0', 'carry1', 'constant0', 'row0'])
    expect(step?.body.results.map(result => result.name)).toEqual(['next0', 'next1', 'yield0', 'yield1'])
    expect(step?.body.results[0]?.buffer).toBe(step?.body.inputs[2]?.buffer)
  })

  it('hold what kernels compute, ints and bools too', () => {
    const b = GraphBuilder.create()
    const k = b.input('k', int(N))
    const { buffers, steps: [step] } = program(b.finish([b.scalar('less', k, b.fill('int', [N], 3))]))
    expect(buffers.at(-1)).toEqual(bool(N))
    expect(step).toMatchObject({ kind: 'kernel', code: [{ fn: 'less', args: [0, 1], element: 'bool' }], literals: [{ element: 'int', value: 3 }] })
  })
})
