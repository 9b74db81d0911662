import { describe, expect, it } from 'vitest'
import { flat, run } from '../language/run'
import { at, entry, expectClose, expectGradients, outputsOf, plus, spread, spreadMatrix, sumOf, times, valueOf } from './support'

describe('dense', () => {
  const text = (rank: string) => `use std.nn.dense
model M {
  input x: real[${rank}3]
  let y = x |> dense(2)
  output y
  loss sum(sin(y))
}`
  const weights = { 'y.dense.W': spreadMatrix(3, 2, 1), 'y.dense.b': spread(2, 2) }

  it('is x W + b along the last axis, whatever leads', async () => {
    const x = spreadMatrix(4, 3)
    const expected = x.map(row => plus(times(row, weights['y.dense.W']), weights['y.dense.b']))
    expectClose((await outputsOf(text('batch, '), { x, ...weights })).y, expected)
    expectClose((await outputsOf(text('a, b, '), { x: [x, x], ...weights })).y, [expected, expected])
    expectClose((await outputsOf(text(''), { x: x[0] ?? [], ...weights })).y, expected[0] ?? [])
  })

  it('has the gradients of central differences', () => expectGradients(text('batch, '), { x: spreadMatrix(4, 3), ...weights }))
})

describe('embedding', () => {
  const text = `use std.nn.embedding
model M {
  input tokens: int[batch, time]
  let y = embedding(tokens, 5, 2)
  output y
  loss sum(sin(y))
}`
  const W = spreadMatrix(5, 2, 1)
  const tokens = [[0, 4, 4], [2, 1, 4]]

  it('is the row of each token', async () => {
    const { y } = await outputsOf(text, { tokens, 'y.embedding.W': W })
    expectClose(y, tokens.map(row => row.map(token => W[token] ?? [])))
  })

  it('has the gradients of central differences, where a token stands several times and where none', () =>
    expectGradients(text, { tokens, 'y.embedding.W': W }))

  it('of a token outside the vocabulary is an error of the run', async () => {
    await expect(run(text, { tokens: [[0, 5]] })).rejects.toThrow(/5/)
  })
})

it('positional_encoding is the sine and cosine of t / 10000^(2i / width), also of an odd width', async () => {
  const text = (width: number) => `use std.nn.positional_encoding
model M {
  input x: real[time]
  output y = positional_encoding(time, ${width})
}`
  for (const width of [4, 5]) {
    const { y } = await outputsOf(text(width), { x: [0, 0, 0] })
    expectClose(y, [0, 1, 2].map(t => Array.from({ length: width }, (_, i) => {
      const angle = t / 10000 ** ((i - i % 2) / width)
      return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    })))
  }
})

describe('activations', () => {
  const x = [-2, -1, 0, 1, 2]
  const value = (expression: string) => valueOf(`std.nn.{gelu, silu, leaky_relu, elu}`, expression, { x: 'real[n]' }, { x })

  it('gelu is x Φ(x)', async () => {
    // Φ(1) = 0.841344746068542949 and Φ(2) = 0.977249868051820793: Abramowitz and Stegun, table 26.1.
    const [Φ1, Φ2] = [0.841344746068542949, 0.977249868051820793]
    expectClose(await value('gelu(x)'), [-2 * (1 - Φ2), -(1 - Φ1), 0, Φ1, 2 * Φ2])
  })

  it('silu is x / (1 + e^−x)', async () => {
    expectClose(await value('silu(x)'), x.map(each => each / (1 + Math.exp(-each))))
  })

  it('leaky_relu and elu are x above zero', async () => {
    expectClose(await value('leaky_relu(x)'), [-0.02, -0.01, 0, 1, 2])
    expectClose(await value('leaky_relu(x, 0.2)'), [-0.4, -0.2, 0, 1, 2])
    expectClose(await value('elu(x)'), [Math.expm1(-2), Math.expm1(-1), 0, 1, 2])
    expectClose(await value('elu(x, 0.5)'), [Math.expm1(-2) / 2, Math.expm1(-1) / 2, 0, 1, 2])
  })

  it('elu has no overflow far above zero, nor has its derivative', async () => {
    const { outputs } = await run(`use std.nn.elu
model M {
  input x: real
  output y = elu(x)
  output slope = grad(elu(x), x)
}`, { x: 1000 })
    expect(outputs).toEqual({ y: 1000, slope: 1 })
  })
})

describe('layer_norm', () => {
  const text = `use std.nn.layer_norm
model M {
  input x: real[batch, n, 3]
  let y = layer_norm(x)
  output y
  loss sum(sin(y))
}`
  const x = [spreadMatrix(2, 3), spreadMatrix(2, 3, 1)]

  it('of 1, 2, 3 is −1, 0, 1 over √(2/3 + ε), at first', async () => {
    const edge = 1 / Math.sqrt(2 / 3 + 1e-5)
    expectClose((await outputsOf(text, { x: [[[1, 2, 3]]] })).y, [[[-edge, 0, edge]]])
  })

  it('has the mean `bias` and the deviation `gain` where both are one number', async () => {
    const { y } = await outputsOf(text.replace('layer_norm(x)', 'layer_norm(x, epsilon = 0)'), { x, 'y.layer_norm.gain': [3, 3, 3], 'y.layer_norm.bias': [0.5, 0.5, 0.5] })
    const rows = flat(y ?? [])
    for (let row = 0; row < 4; row++) {
      const values = rows.slice(3 * row, 3 * row + 3)
      expectClose([sumOf(values) / 3, Math.sqrt(sumOf(values.map(v => (v - 0.5) ** 2)) / 3)], [0.5, 3])
    }
  })

  it('has the gradients of central differences', () =>
    expectGradients(text, { x, 'y.layer_norm.gain': spread(3, 2), 'y.layer_norm.bias': spread(3, 3) }))
})

it('rms_norm divides by the root mean square', async () => {
  const text = `use std.nn.rms_norm
model M {
  input x: real[batch, 2]
  let y = rms_norm(x, epsilon = 0.5)
  output y
  loss sum(sin(y))
}`
  // √((9 + 16)/2 + 1/2) = √13
  expectClose((await outputsOf(text, { x: [[3, 4]], 'y.rms_norm.gain': [2, 1] })).y, [[6 / Math.sqrt(13), 4 / Math.sqrt(13)]])
  await expectGradients(text, { x: spreadMatrix(3, 2), 'y.rms_norm.gain': [2, -1] })
})

describe('attention', () => {
  const softmaxOf = (scores: readonly number[]) => {
    const weights = scores.map(Math.exp)
    return weights.map(weight => weight / sumOf(weights))
  }
  const [q, k, v] = [spreadMatrix(3, 2, 1), spreadMatrix(4, 2, 2), spreadMatrix(4, 5, 3)]
  const types = { q: 'real[t, 2]', k: 'real[s, 2]', v: 'real[s, 5]' }
  const use = 'std.nn.scaled_dot_product_attention'
  const expected = (causal: boolean) => q.map((query, i) => {
    const seen = k.map(key => sumOf(key.map((each, f) => each * at(query, f))) / Math.SQRT2).filter((_, j) => !causal || j <= i)
    return times(softmaxOf(seen), v.slice(0, seen.length))
  })

  it('scaled dot product is softmax(Q Kᵀ / √d) V', async () => {
    expectClose(await valueOf(use, 'scaled_dot_product_attention(q, k, v)', types, { q, k, v }), expected(false))
  })

  it('causal: query i sees the keys up to i', async () => {
    expectClose(await valueOf(use, 'scaled_dot_product_attention(q, k, v, causal = true)', types, { q, k, v }), expected(true))
  })

  const layer = (call: string) => `use std.nn.{attention, transformer_block}
model M {
  input x: real[batch, time, 4]
  let y = ${call}
  output y
  loss sum(sin(y))
}`
  const x = [spreadMatrix(3, 4, 1), spreadMatrix(3, 4, 2)]

  it('with several heads is each head by itself, joined and projected', async () => {
    const [heads, width] = [2, 3]
    const names = ['Wq', 'Wk', 'Wv', 'bq', 'bk', 'bv', 'bo', 'Wo']
    const shapes = [[4, 6], [4, 6], [4, 6], [6], [6], [6], [4], [6, 4]]
    const weights = names.map((name, i) => {
      const [rows = 1, cols] = shapes[i] ?? []
      return [name, cols === undefined ? [spread(rows, 10 + i)] : spreadMatrix(rows, cols, 10 + i)] as const
    })
    const w = Object.fromEntries(weights) as Record<(typeof names)[number], number[][]>
    const given = Object.fromEntries(weights.map(([name, value]) => [`y.attention.${name}`, name.startsWith('b') ? value[0] ?? [] : value]))
    const project = (rows: number[][], letter: string) => rows.map(row => plus(times(row, w[`W${letter}`] ?? []), (w[`b${letter}`] ?? [])[0] ?? []))
    const expectedRows = x.map(rows => {
      const [qs, ks, vs] = ['q', 'k', 'v'].map(letter => project(rows, letter)) as [number[][], number[][], number[][]]
      return qs.map((query, i) => {
        const joined = Array.from({ length: heads }, (_, head) => {
          const own = (row: readonly number[]) => row.slice(head * width, (head + 1) * width)
          const weightsOf = softmaxOf(ks.slice(0, i + 1).map(key => sumOf(own(key).map((each, f) => each * at(own(query), f))) / Math.sqrt(width)))
          return times(weightsOf, vs.slice(0, i + 1).map(own))
        }).flat()
        return plus(times(joined, w.Wo ?? []), w.bo?.[0] ?? [])
      })
    })
    expectClose((await outputsOf(layer('attention(x, x, 2, 3, causal = true)'), { x, ...given })).y, expectedRows)
  })

  it('turns permuted inputs into permuted outputs', async () => {
    const permuted = x.map(rows => [rows[2] ?? [], rows[0] ?? [], rows[1] ?? []])
    const y = (await outputsOf(layer('attention(x, x, 2, 3)'), { x })).y as number[][][]
    const z = (await outputsOf(layer('attention(x, x, 2, 3)'), { x: permuted })).y
    expectClose(z, y.map(rows => [rows[2] ?? [], rows[0] ?? [], rows[1] ?? []]))
  })

  it('a causal transformer block gives the same at t whatever comes after t', async () => {
    const changed = x.map(rows => [rows[0] ?? [], rows[1] ?? [], [9, -9, 9, 0]])
    const text = layer('transformer_block(x, 2, 3, causal = true)')
    const [y, z] = [(await outputsOf(text, { x })).y, (await outputsOf(text, { x: changed })).y] as [number[][][], number[][][]]
    expectClose(z.map(rows => rows.slice(0, 2)), y.map(rows => rows.slice(0, 2)))
    expect(Math.abs(entry(y[0] ?? [], 2, 0) - entry(z[0] ?? [], 2, 0))).toBeGreaterThan(1e-3)
  })

  it('a transformer block has the gradients of central differences', () => expectGradients(layer('transformer_block(x, 2, 3, expansion = 2)'), { x }))

  it('a transformer block whose last projections are zero hands its input through', async () => {
    const { y } = await outputsOf(layer('transformer_block(x, 2, 3)'), {
      x, 'y.transformer_block.mix.Wo': spreadMatrix(6, 4).map(row => row.map(() => 0)), 'y.transformer_block.narrow.W': spreadMatrix(16, 4).map(row => row.map(() => 0)),
    })
    expectClose(y, x)
  })
})
