import { describe, expect, it } from 'vitest'
import { namedDim } from '../../../../ir/dim'
import type { Program } from '../../../../ir/plan'
import { int, real } from '../../../../ir/type'
import { RunError } from '../../../../runtime/errors'
import { REFERENCE } from '../../../../runtime/backends/reference'
import { ProgramBuilder, randomArray, randomNumbers, runProgram } from '../../support'

const n = namedDim('n')

describe('storage', () => {
  it('buffers of a long chain share storage and the result is right', () => {
    const builder = new ProgramBuilder()
    let x = builder.input('x', real(1000))
    for (let i = 0; i < 50; i++) x = builder.routine('flip', { axis: 0 }, [builder.map('neg', [x], real(1000))], real(1000))
    builder.result('out', x)
    const executable = REFERENCE.prepare(builder.build(), new Map(), 'f64')
    // Input, result and two buffers that take turns.
    expect(executable.bytes).toBeLessThanOrEqual(4 * 8000)
    const data = randomArray(1000, randomNumbers(1))
    expect([...runProgram(builder.build(), { x: data }).out?.data ?? []]).toEqual(data)
  })

  it('a random program gives the same with shared storage as node by node', () => {
    const next = randomNumbers(9)
    for (let round = 0; round < 30; round++) {
      const builder = new ProgramBuilder()
      const x = randomArray(12, next)
      const buffers = [builder.input('x', real(12))]
      const values = [x]
      for (let step = 0; step < 25; step++) {
        const pick = Math.floor(next() * buffers.length)
        const [from, value] = [buffers[pick] ?? 0, values[pick] ?? []]
        switch (Math.floor(next() * 4)) {
          case 0:
            buffers.push(builder.routine('flip', { axis: 0 }, [from], real(12)))
            values.push(value.toReversed())
            break
          case 1:
            buffers.push(builder.reshape(builder.reshape(from, [3, 4]), [12]))
            values.push(value)
            break
          case 2: {
            const other = Math.floor(next() * buffers.length)
            buffers.push(builder.map('sub', [from, buffers[other] ?? 0], real(12)))
            values.push(value.map((v, i) => v - (values[other]?.[i] ?? 0)))
            break
          }
          default:
            buffers.push(builder.routine('constant', { element: 'real', shape: [12], data: x.toReversed() }, [], real(12)))
            values.push(x.toReversed())
        }
      }
      for (let k = 0; k < 4; k++) builder.result(`r${k}`, buffers[buffers.length - 1 - 3 * k] ?? 0)
      const executable = REFERENCE.prepare(builder.build(), new Map(), 'f64')
      // Twice: constants and inputs must survive a run.
      for (let run = 0; run < 2; run++) {
        if (run === 0) executable.inputs[0]?.data.set(x)
        executable.run({ seed: 0, step: 0 })
        executable.results.forEach(({ data }, k) => expect([...data]).toEqual(values[values.length - 1 - 3 * k]))
      }
    }
  })

  it('says what does not fit in memory', () => {
    const builder = new ProgramBuilder()
    const x = builder.input('x', real(n, n))
    builder.result('out', builder.map('neg', [x], real(n, n)))
    const prepare = (size: number) => () => REFERENCE.prepare(builder.build(), new Map([['n', size]]), 'f64')
    expect(prepare(2 ** 20)).toThrow('out of memory: a tensor of shape [1048576, 1048576] needs 8,388,608 MiB; take a smaller batch')
    expect(prepare(-1)).toThrow(RunError)
  })
})

describe('reshape', () => {
  it('is the same elements under another shape, also of inputs and results', () => {
    const builder = new ProgramBuilder()
    const x = builder.input('x', real(2, n))
    const flat = builder.reshape(x, [{ terms: [{ coefficient: 2, atoms: ['n'] }] }])
    builder.result('out', flat)
    const { out } = runProgram(builder.build(), { x: [1, 2, 3, 4, 5, 6] }, { sizes: { n: 3 } })
    expect(out?.shape).toEqual([6])
    expect([...out?.data ?? []]).toEqual([1, 2, 3, 4, 5, 6])
  })
})

describe('loop', () => {
  /** (counter, a, b, k, row) → next a = b·k, next b = a + row + counter; yields a. */
  function body(): Program {
    const builder = new ProgramBuilder()
    const counter = builder.input('t', int())
    const [a, b, k, row] = ['a', 'b', 'k', 'row'].map(name => builder.input(name, real(2)))
    const t = builder.map('real', [counter], real())
    const nextA = builder.map('mul', [b ?? 0, k ?? 0], real(2))
    const [nextB] = builder.kernel([2], [
      { fn: 'add', args: [{ load: a ?? 0 }, { load: row ?? 0 }] },
      { fn: 'add', args: [{ line: 0 }, { load: t, axes: [] }] },
    ])
    return builder.result('a', nextA).result('b', nextB ?? 0).result('y', a ?? 0).build()
  }

  it.each([0, 1, 2, 7])('carries, reads rows and yields over %d trips, both ways', trip => {
    for (const reverse of [false, true]) {
      const builder = new ProgramBuilder()
      const inputs = [builder.input('a', real(2)), builder.input('b', real(2)), builder.input('k', real(2)), builder.input('rows', real(n, 2))]
      const [a, b, y] = builder.loop({ trip: n, reverse, carries: 2, constants: 1, body: body() }, inputs, [real(2), real(2), real(n, 2)])
      builder.result('a', a ?? 0).result('b', b ?? 0).result('y', y ?? 0)
      const rows = randomArray(2 * trip, randomNumbers(3))
      const got = runProgram(builder.build(), { a: [1, 2], b: [3, 4], k: [0.5, -1], rows }, { sizes: { n: trip } })
      let [p, q] = [[1, 2], [3, 4]]
      const yields = Array.from({ length: trip }, (): number[] => [])
      for (let i = 0; i < trip; i++) {
        const t = reverse ? trip - 1 - i : i
        yields[t] = p
        const next = [(q[0] ?? 0) * 0.5, -(q[1] ?? 0)]
        q = p.map((v, j) => v + (rows[2 * t + j] ?? 0) + t)
        p = next
      }
      expect([...got.a?.data ?? []]).toEqual(p)
      expect([...got.b?.data ?? []]).toEqual(q)
      expect([...got.y?.data ?? []]).toEqual(yields.flat())
    }
  })

  it('exchanges carries that are handed through', () => {
    const swap = new ProgramBuilder()
    swap.input('t', int())
    const [a, b, c] = [swap.input('a', real(1)), swap.input('b', real(1)), swap.input('c', real(1))]
    const program = swap.result('a', b).result('b', swap.reshape(c, [1])).result('c', a).build()
    const builder = new ProgramBuilder()
    const inputs = ['a', 'b', 'c'].map(name => builder.input(name, real(1)))
    const out = builder.loop({ trip: n, carries: 3, constants: 0, body: program }, inputs, [real(1), real(1), real(1)])
    out.forEach((buffer, i) => builder.result(`r${i}`, buffer))
    for (const [trip, expected] of [[0, [1, 2, 3]], [1, [2, 3, 1]], [2, [3, 1, 2]], [3, [1, 2, 3]]] as const) {
      const got = runProgram(builder.build(), { a: [1], b: [2], c: [3] }, { sizes: { n: trip } })
      expect([0, 1, 2].map(i => got[`r${i}`]?.data[0])).toEqual(expected)
    }
  })

  it('nests, and draws anew in each iteration of each loop', () => {
    const inner = new ProgramBuilder()
    const j = inner.input('j', int())
    const i = inner.input('i', int())
    inner.result('y', inner.routine('random', { distribution: 'uniform', shape: [], stream: 's' }, [i, j], real()))
    const outer = new ProgramBuilder()
    const counter = outer.input('i', int())
    const [row] = outer.loop({ trip: 3, carries: 0, constants: 1, body: inner.build() }, [counter], [real(3)])
    outer.result('row', row ?? 0)
    const builder = new ProgramBuilder()
    const [all] = builder.loop({ trip: 4, carries: 0, constants: 0, body: outer.build() }, [], [real(4, 3)])
    const data = runProgram(builder.result('out', all ?? 0).build()).out?.data ?? []
    expect(new Set(data).size).toBe(12)
  })
})
