/** `repeat`, `reshape` and `dot`, as the page of functions says them, against sums and copies written out. */
import { describe, expect, it } from 'vitest'
import { complaints, run } from '../run'
import { expectGradients, expectOutputs } from '../expect'

describe('repeat', () => {
  it('puts the whole behind itself, along the first axis unless another is named', async () => {
    await expectOutputs(`model M {
      input x: real[n, 2]
      input k: int
      output rows = repeat(x, 2)
      output columns = repeat(x, 3, axis = 1)
      output last = repeat(x, 2, axis = -1)
      output none = repeat(x, 0)
      output as_often = repeat([1, 2], n)
      output number = repeat(k, 3)
    }`, { x: [[1, 2], [3, 4]], k: 7 }, {
      rows: [[1, 2], [3, 4], [1, 2], [3, 4]], columns: [[1, 2, 1, 2, 1, 2], [3, 4, 3, 4, 3, 4]], last: [[1, 2, 1, 2], [3, 4, 3, 4]], none: [],
      as_often: [1, 2, 1, 2], number: [7, 7, 7],
    })
  })

  it('adds the gradients of the copies up', async () => {
    const { gradients } = await expectGradients('model M {\n  param x: real[2]\n  loss sum(repeat(x, 3) * [1, 2, 3, 4, 5, 6])\n}\n', { x: [0.5, -1] })
    expect(gradients).toEqual({ x: [9, 12] })
  })
})

describe('reshape', () => {
  it('leaves to the call whether sizes divide, with -1 and with quotients of names', async () => {
    const text = `fn pairs(x: real[n]) -> real[n / 2, 2] = reshape(x, [-1, 2])
    model M {
      input x: real[time, 3]
      param w: real[2]
      output a = pairs(x[:, 0])
      output b = reshape(x, [time / 2, 6])
      output c = reshape(reshape(x, [-1, 2, 3]) * 2, [time, 3]) + x
      output d = mean(reshape(x[:, 1], [-1, 2]), axis = 1)
      loss sum(tanh(reshape(x, [-1, 2]) @ w)) + sum(pairs(x[:, 2]) @ w)
    }`
    const x = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 0, 1]]
    await expectOutputs(text, { x, w: [0.1, -0.2] }, {
      a: [[1, 4], [7, 1]], b: [[1, 2, 3, 4, 5, 6], [7, 8, 9, 1, 0, 1]], c: x.map(row => row.map(number => 3 * number)), d: [3.5, 4],
    })
    await expectGradients(text, { x, w: [0.1, -0.2] })
    await expect(run(text, { x: x.slice(0, 3) })).rejects.toThrow('needs time to be a multiple of 2 (here time = 3)')
    await expect(run('model M {\n  input x: real[n]\n  output y = reshape(x, [-1, 2])\n}\n', { x: [1, 2, 3] })).rejects.toThrow('needs 2*floor((n)/2) = n')
  })

  it('refuses what no call could make fit', async () => {
    const complaintOf = async (shape: string) => (await complaints(`model M {\n  input x: real[n, 3]\n  output y = reshape(x, ${shape})\n}\n`)).map(text => text.split(' ')[0])
    for (const shape of ['[n, 2]', '[n / 2, 3]', '[-1, 0]', '[-1, m]', '[3 * n + 1]']) expect(await complaintOf(shape.replace('m', 'n + 1')), shape).toEqual(['reshape-mismatch'])
    expect(await complaintOf('[-1, 3 * n]')).toEqual([])
  })
})

describe('dot', () => {
  it('sums products along the last axis, leading axes broadcast', async () => {
    await expectOutputs(`model M {
      input a: real[n, 2]
      input b: real[n, 2]
      input v: real[2]
      input c: real[3, 1, 2]
      input k: int[2]
      output rows = dot(a, b)
      output left = dot(v, a)
      output right = dot(a, v)
      output pairs = dot(c, a)
      output number = dot(v, v)
      output ints = dot(k, k)
    }`, { a: [[1, 2], [3, 4]], b: [[5, 6], [7, 8]], v: [10, 1], c: [[[1, 0]], [[0, 1]], [[1, 1]]], k: [2, 3] }, {
      rows: [17, 53], left: [12, 34], right: [12, 34], pairs: [[1, 3], [2, 4], [3, 7]], number: 101, ints: 13,
    })
    await expectGradients('model M {\n  param a: real[2, 3]\n  param b: real[2, 3]\n  loss sum(dot(a, b)^2) + sum(dot(a[0], b))\n}\n', { a: [[1, 2, 3], [0.5, -1, 2]], b: [[-1, 0, 2], [1, 1, 0.25]] })
  })

  it('says what does not fit', async () => {
    expect(await complaints('model M {\n  input a: real[2, 3]\n  input b: real[2]\n  output y = dot(a, b)\n  output z = dot(1, a)\n  output w = dot(a, ones([4, 3]))\n}\n')).toEqual([
      'type-mismatch 4:21: expected 3 elements along the last axis, as `a` has, found real[2]',
      'type-mismatch 5:18: expected a vector, or a tensor of vectors, found int',
      'type-mismatch 6:21: expected leading axes that broadcast with [2], found real[4, 3]',
    ])
  })
})
