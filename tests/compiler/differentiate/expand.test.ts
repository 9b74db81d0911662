/** `derivative` nodes: grad, jacobian and hessian, nested in each other, in losses and in the bodies of loops. */
import { describe, expect, it } from 'vitest'
import { dependsOn, differentiateLoss, eraseIdentity, expandDerivatives } from '../../../compiler/4-differentiate'
import { GraphBuilder } from '../../../ir/builder'
import { namedDim } from '../../../ir/dim'
import type { Graph, Value } from '../../../ir/graph'
import { LoopBuilder } from '../../../ir/loop'
import type { OpAttributes } from '../../../ir/op'
import { int, real, type TensorType } from '../../../ir/type'
import { verify } from '../../../ir/verify'
import { buildGraph, expectDifferences, spread, tensorFor } from '../../support/differences'
import { evaluate, tensorOf, type Tensor } from '../../support/evaluate'

const n = namedDim('n')

const at = (values: readonly Value[], index: number): Value => {
  const value = values[index]
  if (!value) throw new Error(`no value ${index}`)
  return value
}
const derivative = (b: GraphBuilder, kind: OpAttributes['derivative']['kind'], y: Value, x: Value) => b.add('derivative', { kind }, [y, x])
const sum = (b: GraphBuilder, x: Value) => b.reduce('sum', x, x.type.shape.map((_, axis) => axis))
const square = (b: GraphBuilder, x: Value) => b.scalar('mul', x, x)
let marks = 0
const mark = (b: GraphBuilder, x: Value) => b.add('mark', { name: 'x', id: marks++ }, [x])

function expanded(types: readonly TensorType[], build: (b: GraphBuilder, inputs: readonly Value[]) => readonly Value[]): Graph {
  const graph = expandDerivatives(buildGraph(types, build))
  verify(graph)
  expect(operations(graph)).not.toContain('derivative')
  const erased = eraseIdentity(graph)
  verify(erased)
  expect(operations(erased)).not.toContain('mark')
  expect(operations(erased)).not.toContain('stop')
  return erased
}

function operations(graph: Graph): readonly string[] {
  return graph.nodes.flatMap(node => (node.op === 'loop' ? ['loop', ...operations(node.attributes.body)] : [node.op]))
}

const dataOf = (tensors: readonly Tensor[]) => tensors.map(tensor => tensor.data.map(number => number + 0))

describe('grad', () => {
  it('is 3x² for x³, 6x when nested, 6 when nested twice', () => {
    const graph = expanded([real()], (b, [x]) => {
      if (!x) return []
      const first = derivative(b, 'grad', b.scalar('mul', x, square(b, x)), x)
      const second = derivative(b, 'grad', first, x)
      return [first, second, derivative(b, 'grad', second, x)]
    })
    expect(dataOf(evaluate(graph, [tensorOf([], [2])]))).toEqual([[12], [12], [6]])
  })
  it('treats x as independent: what x was made of is not x, and equal expressions elsewhere are not x', () => {
    const graph = expanded([real()], (b, [w]) => {
      if (!w) return []
      const x = mark(b, square(b, w))
      const twin = mark(b, square(b, w))
      const y = b.scalar('mul', b.scalar('mul', x, w), twin)
      // w⁵ in all; by x = w²: w·w², by w: 5w⁴.
      return [derivative(b, 'grad', y, x), derivative(b, 'grad', y, w)]
    })
    expect(dataOf(evaluate(graph, [tensorOf([], [2])]))).toEqual([[8], [80]])
  })
  it('counts paths through a later name of the same value, and gives 1 by itself and 0 by what it does not use', () => {
    const graph = expanded([real(), real()], (b, [x, z]) => {
      if (!x || !z) return []
      const a = mark(b, x)
      const y = square(b, a)
      return [derivative(b, 'grad', y, x), derivative(b, 'grad', y, a), derivative(b, 'grad', y, y), derivative(b, 'grad', y, z)]
    })
    expect(dataOf(evaluate(graph, [tensorOf([], [3]), tensorOf([], [1])]))).toEqual([[6], [6], [1], [0]])
  })
  it('stops at stop, and dependsOn says so', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', real())
    const blocked = b.add('stop', {}, [square(b, x)])
    expect([dependsOn(square(b, x), x), dependsOn(blocked, x), dependsOn(b.scalar('floor', x), x)]).toEqual([true, false, false])
  })
  it('that is zero for want of a path is told of, in bodies too, and only that', () => {
    const told: Value[] = []
    const graph = buildGraph([real(), real()], (b, [x, z]) => {
      if (!x || !z) return []
      const loop = new LoopBuilder(b, 2, [b.fill('real', [], 0)])
      const y = square(loop.body, x)
      const inBody = [derivative(loop.body, 'grad', y, x), derivative(loop.body, 'grad', y, z)]
      const next = inBody.reduce((sum, term) => loop.body.scalar('add', sum, term), at(loop.carries, 0))
      return [...loop.finish([next], []).final, derivative(b, 'hessian', x, x), derivative(b, 'jacobian', x, z)]
    })
    expandDerivatives(graph, node => told.push(at(node.inputs, 1)))
    expect(told.map(x => x.node.op === 'input' && x.node.attributes.name)).toEqual(['captured', 'x1'])
  })
  it('in a loss: the loss is differentiated through it', () => {
    // Σ (d Σ sin(w x)/dx)² = Σ (w cos(w x))².
    const graph = expandDerivatives(buildGraph([real(3), real(3)], (b, [x, w]) => {
      if (!x || !w) return []
      return [sum(b, square(b, derivative(b, 'grad', sum(b, b.scalar('sin', b.scalar('mul', w, x))), x)))]
    }))
    const joint = eraseIdentity(differentiateLoss(graph, at(graph.outputs, 0), graph.inputs))
    expectDifferences(joint, [0, 1].map(stream => tensorFor(real(3), new Map(), i => spread(i, stream))), [0, 1])
  })
})

describe('jacobian and hessian', () => {
  for (const size of [3, 1, 0]) {
    it(`of a map between symbolic shapes has shape y ++ x and the right entries, n = ${size}`, () => {
      // y[i, k] = x_i^(k+1)·Σx
      const graph = expanded([real(n)], (b, [x]) => {
        if (!x) return []
        const total = b.broadcastTo(sum(b, x), [n])
        const columns = [b.scalar('mul', x, total), b.scalar('mul', square(b, x), total)].map(column => b.reshape(column, [n, 1]))
        return [derivative(b, 'jacobian', b.add('concat', { axis: 1 }, columns), x)]
      })
      const x = Array.from({ length: size }, (_, i) => spread(i, 4))
      const total = x.reduce((a, b) => a + b, 0)
      const expected = x.flatMap((xi, i) => [1, 2].flatMap(power => x.map((_, j) => xi ** power + (i === j ? power * xi ** (power - 1) * total : 0))))
      const [jacobian] = evaluate(graph, [tensorOf([size], x)])
      expect(jacobian?.shape).toEqual([size, 2, size])
      expected.forEach((entry, i) => expect(jacobian?.data[i]).toBeCloseTo(entry, 12))
    })
    it(`hessian of Σ xᵢ³ + (Σ x)² is 6 diag(x) + 2, n = ${size}`, () => {
      const graph = expanded([real(n)], (b, [x]) => (x
        ? [derivative(b, 'hessian', b.scalar('add', sum(b, b.scalar('mul', x, square(b, x))), square(b, sum(b, x))), x)] : []))
      const x = Array.from({ length: size }, (_, i) => spread(i, 4))
      const [hessian] = evaluate(graph, [tensorOf([size], x)])
      expect(hessian?.shape).toEqual([size, size])
      x.forEach((xi, i) => x.forEach((_, j) => expect(hessian?.data[i * size + j]).toBeCloseTo(2 + (i === j ? 6 * xi : 0), 12)))
    })
  }
  it('of a scalar is its gradient; by what is not used, zeros of both shapes', () => {
    const graph = expanded([real(2), real(3)], (b, [x, z]) => (x && z
      ? [derivative(b, 'jacobian', sum(b, square(b, x)), x), derivative(b, 'jacobian', square(b, x), z)] : []))
    const [gradient, zeros] = evaluate(graph, [tensorOf([2], [1, 2]), tensorOf([3], [0, 0, 0])])
    expect(gradient).toEqual(tensorOf([2], [2, 4]))
    expect(zeros).toEqual(tensorOf([2, 3], [0, 0, 0, 0, 0, 0]))
  })
  it('of a loop equals the jacobian of its unrolled form', () => {
    const body = (b: GraphBuilder, h: Value, x: Value) => b.scalar('sin', b.scalar('add', h, b.scalar('mul', h, x)))
    const build = (looped: boolean) => expanded([real(2), real(2)], (b, [h, x]) => {
      if (!h || !x) return []
      if (!looped) return [derivative(b, 'jacobian', body(b, body(b, body(b, h, x), x), x), x)]
      const loop = new LoopBuilder(b, 3, [h])
      return [derivative(b, 'jacobian', at(loop.finish([body(loop.body, at(loop.carries, 0), x)], []).final, 0), x)]
    })
    const inputs = [tensorOf([2], [0.3, -0.8]), tensorOf([2], [0.5, 1.1])]
    const [looped, plain] = [true, false].map(looped => evaluate(build(looped), inputs)[0])
    looped?.data.forEach((entry, i) => expect(entry).toBeCloseTo(plain?.data[i] ?? NaN, 12))
  })
  it('of a gather, whose indices are not mapped', () => {
    const graph = expanded([real(3), int(4)], (b, [x, index]) => (x && index
      ? [derivative(b, 'jacobian', square(b, b.add('gather', { axis: 0, site: 'here' }, [x, index])), x)] : []))
    const [jacobian] = evaluate(graph, [tensorOf([3], [1, 2, 3]), tensorOf([4], [2, 0, -1, 0])])
    expect(jacobian).toEqual(tensorOf([4, 3], [0, 0, 6, 2, 0, 0, 0, 0, 6, 2, 0, 0]))
  })
})

describe('in the body of a loop', () => {
  it('by the present value of a carry: Newton steps find the root of x³ − a, and differentiate', () => {
    // x' = x − f(x)/f'(x); after convergence d(a^(1/3))/da = a^(−2/3)/3.
    const graph = expandDerivatives(buildGraph([real()], (b, [a]) => {
      if (!a) return []
      const loop = new LoopBuilder(b, n, [b.fill('real', [], 1)])
      const { body } = loop
      const x = mark(body, at(loop.carries, 0))
      const f = body.scalar('sub', body.scalar('mul', x, square(body, x)), a)
      return loop.finish([body.scalar('sub', x, body.scalar('div', f, derivative(body, 'grad', f, x)))], []).final
    }))
    const joint = eraseIdentity(differentiateLoss(graph, at(graph.outputs, 0), graph.inputs))
    const [root, slope] = evaluate(joint, [tensorOf([], [2])], { sizes: new Map([['n', 9]]) })
    expect(root?.data[0]).toBeCloseTo(2 ** (1 / 3), 14)
    expect(slope?.data[0]).toBeCloseTo(2 ** (-2 / 3) / 3, 12)
  })
  it('by a value from outside, along paths that leave the body: captured values and rows', () => {
    // s += dy/dx with y = a·t·x + r_t², a = x², r = rows of x·c: (3x² t + 2x c_t²) summed.
    const graph = expanded([real(), real(n)], (b, [x, c]) => {
      if (!x || !c) return []
      const a = square(b, x)
      const rows = b.scalar('mul', b.broadcastTo(x, [n]), c)
      const loop = new LoopBuilder(b, n, [b.fill('real', [], 0)])
      const { body } = loop
      const t = body.cast(loop.counter, 'real')
      const y = body.scalar('add', body.scalar('mul', body.scalar('mul', a, t), x), square(body, loop.rowOf(rows)))
      const { final, yields } = loop.finish([body.scalar('add', at(loop.carries, 0), derivative(body, 'grad', y, x))], [derivative(body, 'jacobian', y, a)])
      return [...final, ...yields]
    })
    const [x, c] = [1.5, [0.5, -1, 2]]
    const [total, byA] = evaluate(graph, [tensorOf([], [x]), tensorOf([3], c)])
    expect(total?.data[0]).toBeCloseTo(c.reduce((s, ct, t) => s + 3 * x * x * t + 2 * x * ct * ct, 0), 12)
    expect(byA?.data).toEqual([0, x, 2 * x])
  })
  it('two bodies deep, and a jacobian there', () => {
    // J of (sin(x u), with u from outside) by x, in an inner loop: cos(x u)·u, added up.
    const graph = expanded([real(2)], (b, [x]) => {
      if (!x) return []
      const u = square(b, x)
      const outer = new LoopBuilder(b, 2, [b.fill('real', [2, 2], 0)])
      const inner = new LoopBuilder(outer.body, 3, [at(outer.carries, 0)])
      const jacobian = derivative(inner.body, 'jacobian', inner.body.scalar('sin', inner.body.scalar('mul', x, u)), x)
      const sums = inner.finish([inner.body.scalar('add', at(inner.carries, 0), jacobian)], []).final
      return outer.finish(sums, []).final
    })
    const x = [0.4, -0.9]
    const [total] = evaluate(graph, [tensorOf([2], x)])
    const expected = x.map(value => 6 * Math.cos(value ** 3) * 3 * value * value)
    expect(total?.data[1]).toBe(0)
    expect([total?.data[0], total?.data[3]].map((entry, i) => Math.abs((entry ?? NaN) - (expected[i] ?? 0)))).toSatisfy((errors: number[]) => errors.every(error => error < 1e-13))
  })
})
