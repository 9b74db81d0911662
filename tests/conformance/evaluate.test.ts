/** The evaluator that others are held to, itself against results worked out by hand: one case an op at least. */
import { describe, expect, it } from 'vitest'
import type { GraphBuilder } from '../../ir/builder'
import { namedDim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import { LoopBuilder } from '../../ir/loop'
import type { OpName } from '../../ir/op'
import { int, real, type TensorType } from '../../ir/type'
import { buildGraph } from '../support/differences'
import { evaluate, tensorOf, type Tensor } from '../support/evaluate'
import { SAMPLE_CIRCUIT } from './sampleCircuits'

interface Case {
  readonly inputs?: readonly (readonly [TensorType, readonly number[]])[]
  build(b: GraphBuilder, x: Value, y: Value, z: Value): Value
  readonly gives: Tensor
}

const matrix = [real(2, 3), [1, 2, 3, 4, 5, 6]] as const
const square = [real(2, 2), [2, 1, 1, 3]] as const
const vector = [real(4), [1, 2, 3, 4]] as const
const pair = [int(2), [2, -1]] as const
const angles = [0.3, 1.1, -0.7] as const
// ⟨Z₁⟩ after ry(θ₀) on 0, rx(θ₁) on 1 and crx-like ry(θ₂): cos θ₁ (cos²(θ₀/2) + sin²(θ₀/2) cos θ₂), as ry turns ⟨Z⟩ into cos θ₂ ⟨Z⟩ − sin θ₂ ⟨X⟩, and ⟨X⟩ = 0.
const [z, byAngle] = ((): [number, readonly number[]] => {
  const [a, b, c] = angles
  const [cos2, sin2] = [Math.cos(a / 2) ** 2, Math.sin(a / 2) ** 2]
  const mixed = cos2 + sin2 * Math.cos(c)
  return [Math.cos(b) * mixed, [Math.cos(b) * Math.sin(a) / 2 * (Math.cos(c) - 1), -Math.sin(b) * mixed, -Math.cos(b) * sin2 * Math.sin(c)]]
})()

const CASES: { readonly [Op in OpName]: readonly Case[] | string } = {
  input: 'given, not computed',
  constant: [{ build: b => b.constant('int', [2], [3, 4]), gives: tensorOf([2], [3, 4]) }],
  fill: [{ build: b => b.fill('real', [2], 0.5), gives: tensorOf([2], [0.5, 0.5]) }],
  size: [{ build: b => b.add('size', { value: namedDim('n') }, []), gives: tensorOf([], [7]) }],
  iota: [{ build: b => b.add('iota', { size: 3 }, []), gives: tensorOf([3], [0, 1, 2]) }],
  random: [{
    inputs: [[int(), [4]]], build: (b, x) => b.add('random', { distribution: 'normal', shape: [2], stream: 's' }, [x]), gives: tensorOf([2], [4, 4]),
  }],
  elementwise: [{ inputs: [vector], build: (b, x) => b.scalar('sub', b.scalar('mul', x, x), x), gives: tensorOf([4], [0, 2, 6, 12]) }],
  broadcast: [
    { inputs: [[real(2), [1, 2]]], build: (b, x) => b.add('broadcast', { shape: [2, 3], axes: [0] }, [x]), gives: tensorOf([2, 3], [1, 1, 1, 2, 2, 2]) },
    { inputs: [[real(1, 2), [1, 2]]], build: (b, x) => b.add('broadcast', { shape: [2, 2], axes: [0, 1] }, [x]), gives: tensorOf([2, 2], [1, 2, 1, 2]) },
  ],
  reshape: [{ inputs: [matrix], build: (b, x) => b.reshape(x, [3, 2]), gives: tensorOf([3, 2], [1, 2, 3, 4, 5, 6]) }],
  transpose: [
    { inputs: [matrix], build: (b, x) => b.transpose(x, [1, 0]), gives: tensorOf([3, 2], [1, 4, 2, 5, 3, 6]) },
    { inputs: [[real(2, 1, 3), [1, 2, 3, 4, 5, 6]]], build: (b, x) => b.transpose(x, [2, 0, 1]), gives: tensorOf([3, 2, 1], [1, 4, 2, 5, 3, 6]) },
  ],
  slice: [{ inputs: [matrix], build: (b, x) => b.add('slice', { starts: [1, 2], sizes: [1, 2], steps: [1, -2] }, [x]), gives: tensorOf([1, 2], [6, 4]) }],
  pad: [{ inputs: [[real(2), [1, 2]]], build: (b, x) => b.add('pad', { low: [1], high: [2], interior: [1] }, [x]), gives: tensorOf([6], [0, 1, 0, 2, 0, 0]) }],
  concat: [{ inputs: [matrix, [real(2, 1), [7, 8]]], build: (b, x, y) => b.add('concat', { axis: 1 }, [x, y]), gives: tensorOf([2, 4], [1, 2, 3, 7, 4, 5, 6, 8]) }],
  flip: [{ inputs: [matrix], build: (b, x) => b.add('flip', { axis: 1 }, [x]), gives: tensorOf([2, 3], [3, 2, 1, 6, 5, 4]) }],
  reduce: [
    { inputs: [matrix], build: (b, x) => b.reduce('sum', x, [0]), gives: tensorOf([3], [5, 7, 9]) },
    { inputs: [matrix], build: (b, x) => b.reduce('prod', x, [1]), gives: tensorOf([2], [6, 120]) },
    { inputs: [matrix], build: (b, x) => b.reduce('max', x, [1, 0]), gives: tensorOf([], [6]) },
    { inputs: [matrix], build: (b, x) => b.reduce('min', x, [1]), gives: tensorOf([2], [1, 4]) },
    { inputs: [[real(0), []]], build: (b, x) => b.reduce('max', x, [0]), gives: tensorOf([], [-Infinity]) },
  ],
  argReduce: [
    { inputs: [[real(2, 3), [1, 5, 5, 2, 2, 0]]], build: (b, x) => b.add('argReduce', { fn: 'argmax', axis: 1 }, [x]), gives: tensorOf([2], [1, 0]) },
    { inputs: [[real(2, 3), [1, 5, 5, 2, 2, 0]]], build: (b, x) => b.add('argReduce', { fn: 'argmin', axis: 0 }, [x]), gives: tensorOf([3], [0, 1, 1]) },
  ],
  cumulativeSum: [
    { inputs: [vector], build: (b, x) => b.add('cumulativeSum', { axis: 0, reverse: false }, [x]), gives: tensorOf([4], [1, 3, 6, 10]) },
    { inputs: [vector], build: (b, x) => b.add('cumulativeSum', { axis: 0, reverse: true }, [x]), gives: tensorOf([4], [10, 9, 7, 4]) },
  ],
  argSort: [
    { inputs: [[real(5), [2, NaN, 1, 2, -1]]], build: (b, x) => b.add('argSort', { axis: 0 }, [x]), gives: tensorOf([5], [4, 2, 0, 3, 1]) },
    { inputs: [[real(2, 2), [1, 0, 0, 1]]], build: (b, x) => b.add('argSort', { axis: 0 }, [x]), gives: tensorOf([2, 2], [1, 0, 0, 1]) },
  ],
  contract: [
    { inputs: [matrix, [real(3), [1, 0, -1]]], build: (b, x, y) => b.add('contract', { left: [0, 1], right: [1], out: [0] }, [x, y]), gives: tensorOf([2], [-2, -2]) },
    { inputs: [[real(2), [1, 2]], [real(2), [3, 4]]], build: (b, x, y) => b.add('contract', { left: [0], right: [1], out: [1, 0] }, [x, y]), gives: tensorOf([2, 2], [3, 6, 4, 8]) },
  ],
  // 1·4 + 2·5, 2·4 + 3·5, 3·4; and the same numbers the other way round.
  convolve: [
    {
      inputs: [[real(1, 1, 1, 3), [1, 2, 3]], [real(1, 1, 1, 2), [4, 5]]], gives: tensorOf([1, 1, 1, 3], [14, 23, 12]),
      build: (b, x, y) => b.add('convolve', { part: 'output', stride: [1], dilation: [1], low: [0], size: [3] }, [x, y]),
    },
    {
      inputs: [[real(1, 1, 1, 2), [4, 5]], [real(1, 1, 1, 2), [1, 2]]], gives: tensorOf([1, 1, 1, 5], [5, 8, 10, 0, 0]),
      build: (b, x, y) => b.add('convolve', { part: 'image', stride: [2], dilation: [1], low: [1], size: [5] }, [x, y]),
    },
    {
      inputs: [[real(1, 1, 1, 4), [1, 2, 3, 4]], [real(1, 1, 1, 2), [1, 10]]], gives: tensorOf([1, 1, 1, 2], [21, 43]),
      build: (b, x, y) => b.add('convolve', { part: 'kernel', stride: [1], dilation: [2], low: [0], size: [2] }, [x, y]),
    },
  ],
  solve: [{ inputs: [square, [real(2, 1), [5, 10]]], build: (b, x, y) => b.add('solve', { site: '' }, [x, y]), gives: tensorOf([2, 1], [1, 3]) }],
  cholesky: [{ inputs: [[real(2, 2), [4, 99, 2, 10]]], build: (b, x) => b.add('cholesky', { site: '' }, [x]), gives: tensorOf([2, 2], [2, 0, 1, 3]) }],
  determinant: [
    { inputs: [square], build: (b, x) => b.add('determinant', { site: '' }, [x]), gives: tensorOf([], [5]) },
    { inputs: [[real(0, 0), []]], build: (b, x) => b.add('determinant', { site: '' }, [x]), gives: tensorOf([], [1]) },
  ],
  cofactors: [
    { inputs: [square], build: (b, x) => b.add('cofactors', { site: '' }, [x]), gives: tensorOf([2, 2], [3, -1, -1, 2]) },
    { inputs: [[real(1, 1), [7]]], build: (b, x) => b.add('cofactors', { site: '' }, [x]), gives: tensorOf([1, 1], [1]) },
  ],
  entropy: [
    // diag(½, ½): log 2, and −log ½ − 1 on the diagonal.
    { inputs: [[real(8), [0.5, 0, 0, 0.5, 0, 0, 0, 0]]], build: (b, x) => b.add('entropy', { part: 'value' }, [x]), gives: tensorOf([], [Math.LN2]) },
    {
      inputs: [[real(8), [0.5, 0, 0, 0.5, 0, 0, 0, 0]]], build: (b, x) => b.add('entropy', { part: 'gradient' }, [x]),
      gives: tensorOf([8], [Math.LN2 - 1, 0, 0, Math.LN2 - 1, 0, 0, 0, 0]),
    },
  ],
  gather: [{ inputs: [matrix, pair], build: (b, x, y) => b.add('gather', { axis: 1, site: '' }, [x, y]), gives: tensorOf([2, 2], [3, 3, 6, 6]) }],
  segmentSum: [{ inputs: [vector, [int(4), [1, 0, 1, 2]]], build: (b, x, y) => b.add('segmentSum', { axis: 0, size: 4, site: '' }, [x, y]), gives: tensorOf([4], [2, 4, 4, 0]) }],
  wrapIndex: [{ inputs: [pair], build: (b, x) => b.add('wrapIndex', { size: 3, site: '' }, [x]), gives: tensorOf([2], [2, 2]) }],
  loop: [
    // Running 2h + x, forwards and backwards; yields in the order of the counter.
    { inputs: [[real(), [1]], [real(3), [1, 2, 3]]], build: (b, x, y) => doubling(b, x, y, false), gives: tensorOf([4], [19, 1, 3, 8]) },
    { inputs: [[real(), [1]], [real(3), [1, 2, 3]]], build: (b, x, y) => doubling(b, x, y, true), gives: tensorOf([4], [25, 12, 5, 1]) },
  ],
  circuit: [{
    inputs: [[real(3), angles]],
    build: (b, x) => b.sliceAxis(b.add('circuit', { circuit: SAMPLE_CIRCUIT, method: 'adjoint' }, [x]), 0, 0, 1), gives: tensorOf([1], [z]),
  }],
  circuitVjp: [{
    inputs: [[real(3), angles], [real(2), [1, 0]]],
    build: (b, x, y) => b.add('circuitVjp', { circuit: SAMPLE_CIRCUIT, method: 'adjoint', active: [0, 2] }, [x, y]),
    gives: tensorOf([3], [byAngle[0] ?? NaN, 0, byAngle[2] ?? NaN]),
  }],
  circuitMetric: [{
    // Variances of the generators: ¼ of each first rotation, and of the controlled Y/2 ¼(p − p²⟨Y⟩²), p = sin²(θ₀/2), ⟨Y⟩ = −sin θ₁; no covariances.
    inputs: [[real(3), angles]],
    build: (b, x) => b.add('circuitMetric', { circuit: SAMPLE_CIRCUIT, active: [0, 1, 2] }, [x]),
    gives: tensorOf([3, 3], [0.25, 0, 0, 0, 0.25, 0, 0, 0, (Math.sin(angles[0] / 2) ** 2 - Math.sin(angles[0] / 2) ** 4 * Math.sin(angles[1]) ** 2) / 4]),
  }],
  mark: [{ inputs: [vector], build: (b, x) => b.add('mark', { name: 'x', id: 0 }, [x]), gives: tensorOf([4], [1, 2, 3, 4]) }],
  stop: [{ inputs: [vector], build: (b, x) => b.add('stop', {}, [x]), gives: tensorOf([4], [1, 2, 3, 4]) }],
  derivative: 'expanded before a graph is evaluated',
}

/** [h_n, h_0 … h_{n−1}] of h' = 2h + x_t. */
function doubling(b: GraphBuilder, h: Value, x: Value, reverse: boolean): Value {
  const loop = new LoopBuilder(b, 3, [h], reverse)
  const next = loop.carries.map(carry => loop.body.scalar('add', loop.body.scalar('add', carry, carry), loop.rowOf(x)))
  const { final, histories } = loop.finish(next, [])
  return b.add('concat', { axis: 0 }, [...final.map(value => b.reshape(value, [1])), ...histories])
}

for (const [op, cases] of Object.entries(CASES)) {
  describe(op, () => {
    if (typeof cases === 'string') {
      it(`has no case: ${cases}`, () => expect(cases).not.toBe(''))
      return
    }
    cases.forEach(({ inputs = [], build, gives }, at) => it(`case ${at + 1} gives [${gives.data.map(number => Number(number.toFixed(3))).join(', ')}]`, () => {
      const graph = buildGraph(inputs.map(([type]) => type), (b, values) => [build(b, ...values as [Value, Value, Value])])
      const [result] = evaluate(graph, inputs.map(([type, data]) => tensorOf(type.shape.map(Number), data)), {
        sizes: new Map([['n', 7]]), random: (_, counters, shape) => Array.from({ length: shape[0] ?? 0 }, () => counters[0] ?? NaN),
      })
      expect(result?.shape).toEqual(gives.shape)
      gives.data.forEach((number, i) => (Number.isFinite(number) ? expect(result?.data[i]).toBeCloseTo(number, 14) : expect(result?.data[i]).toBe(number)))
    }))
  })
}

describe('what stops an evaluation', () => {
  const run = (index: number, op: 'gather' | 'segmentSum' | 'wrapIndex') => () => evaluate(buildGraph([real(1), int(1)], (b, [x, i]) => (x && i ? [
    op === 'gather' ? b.add('gather', { axis: 0, site: 'here' }, [x, i])
      : op === 'segmentSum' ? b.add('segmentSum', { axis: 0, size: 1, site: 'here' }, [x, i]) : b.add('wrapIndex', { size: 1, site: 'here' }, [i]),
  ] : [])), [tensorOf([1], [5]), tensorOf([1], [index])])
  it('an index out of range, with its place', () => {
    for (const op of ['gather', 'segmentSum', 'wrapIndex'] as const) expect(run(1, op)).toThrow('here: index 1 of 1')
    expect(run(-2, 'gather')).toThrow('here: index -2 of 1')
  })
  it('a draw without a source of draws', () => {
    const graph = buildGraph([], b => [b.add('random', { distribution: 'normal', shape: [], stream: 's' }, [])])
    expect(() => evaluate(graph, [])).toThrow('no draws')
  })
})
