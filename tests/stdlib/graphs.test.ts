import { describe, expect, it } from 'vitest'
import { run } from '../language/run'
import { at, expectClose, expectGradients, outputsOf, plus, spread, spreadMatrix, times, valueOf, type Vector } from './support'

const [NODES, IN, OUT] = [4, 2, 3]
const h = spreadMatrix(NODES, IN)
/** A path 0 – 1 – 2, one edge of a direction only, and node 3 alone but for a loop. */
const edges = [[0, 1], [1, 0], [1, 2], [2, 1], [0, 2], [3, 3]]
const zero = (n: number): Vector => Array.from({ length: n }, () => 0)

describe('scatter_sum', () => {
  const values = spreadMatrix(5, 2)
  const index = [2, 0, 2, 2, 3]
  const text = `use std.nn.scatter_sum
model M {
  input index: int[5]
  param values: real[5, 2]
  let y = scatter_sum(values, index, 4)
  output y
  loss sum(sin(y))
}`

  it('adds the values of each index, and is 0 where there is none', async () => {
    const { y } = await outputsOf(text, { values, index })
    expectClose(y, zero(4).map((_, row) => values.filter((__, i) => at(index, i) === row).reduce<Vector>(plus, zero(2))))
  })

  it('has the gradients of central differences', () => expectGradients(text, { values, index }))

  it('of an index past the end is an error of the run', async () => {
    await expect(run(text, { values, index: [0, 1, 2, 3, 4] })).rejects.toThrow(/4/)
  })

  it('counts with ones', async () => {
    expectClose(await valueOf('std.nn.scatter_sum', 'scatter_sum(ones([5, 1]), index, 4)', { index: 'int[5]' }, { index }), [[1], [0], [3], [1]])
  })
})

describe('message_passing', () => {
  const text = `use std.nn.message_passing
model M {
  input edges: int[e, 2]
  input h: real[n, ${IN}]
  let y = message_passing(h, edges, ${OUT})
  output y
  loss sum(sin(y))
}`
  const weights = {
    'y.message_passing.Wm': spreadMatrix(2 * IN, OUT, 1), 'y.message_passing.bm': spread(OUT, 2),
    'y.message_passing.Wu': spreadMatrix(IN + OUT, OUT, 3), 'y.message_passing.bu': spread(OUT, 4),
  }

  it('sums relu([hⱼ, hᵢ] Wm + bm) over the edges into i', async () => {
    const expected = h.map((own, i) => {
      let sum = zero(OUT)
      for (const [from = 0, to] of edges) {
        if (to === i) sum = plus(sum, plus(times([...h[from] ?? [], ...own], weights['y.message_passing.Wm']), weights['y.message_passing.bm']).map(m => Math.max(m, 0)))
      }
      return plus(times([...own, ...sum], weights['y.message_passing.Wu']), weights['y.message_passing.bu'])
    })
    expectClose((await outputsOf(text, { edges, h, ...weights })).y, expected)
  })

  it('has the gradients of central differences', () => expectGradients(text, { edges, h, ...weights }))

  it('of renamed nodes is the renamed result, whatever the order of the edges', async () => {
    const rename = [2, 0, 3, 1]
    const moved = rename.map((_, to) => h[rename.indexOf(to)] ?? [])
    const { y } = await outputsOf(text, { edges, h, ...weights })
    const { y: z } = await outputsOf(text, { edges: edges.toReversed().map(([a = 0, b = 0]) => [at(rename, a), at(rename, b)]), h: moved, ...weights })
    expectClose(z, rename.map((_, to) => (y as number[][])[rename.indexOf(to)] ?? []))
  })

  it('without any edge is a dense layer of the node alone', async () => {
    const { y } = await outputsOf(text, { edges: { data: [], shape: [0, 2] }, h, ...weights })
    expectClose(y, h.map(own => plus(times([...own, ...zero(OUT)], weights['y.message_passing.Wu']), weights['y.message_passing.bu'])))
  })
})

describe('graph_convolution', () => {
  const text = `use std.nn.graph_convolution
model M {
  input edges: int[e, 2]
  input h: real[n, ${IN}]
  let y = graph_convolution(h, edges, ${OUT})
  output y
  loss sum(sin(y))
}`
  const undirected = [[0, 1], [1, 0], [1, 2], [2, 1]]
  const weights = { 'y.graph_convolution.W': spreadMatrix(IN, OUT, 1), 'y.graph_convolution.b': spread(OUT, 2) }

  it('is D^−½ (A + I) D^−½ h W + b', async () => {
    const adjacency = h.map((_, i) => h.map((__, j) => (i === j || undirected.some(([a, b]) => a === j && b === i) ? 1 : 0)))
    const degree = adjacency.map(row => row.reduce<number>((a, b) => a + b, 0))
    const normalised = adjacency.map((row, i) => row.map((a, j) => a / Math.sqrt(at(degree, i) * at(degree, j))))
    const expected = normalised.map(row => plus(times(times(row, h), weights['y.graph_convolution.W']), weights['y.graph_convolution.b']))
    expectClose((await outputsOf(text, { edges: undirected, h, ...weights })).y, expected)
  })

  it('has the gradients of central differences', () => expectGradients(text, { edges: undirected, h, ...weights }))
})
