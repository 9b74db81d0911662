import { describe, expect, it } from 'vitest'
import { namedDim } from '../../../../ir/dim'
import { applyScalar, SCALARS, scalarElement, type ScalarName } from '../../../../ir/scalar'
import { bool, int, real, tensor, type Element } from '../../../../ir/type'
import { flatIndex, indicesOf, ProgramBuilder, randomArray, randomNumbers, runProgram, sizeOfShape } from '../../support'

const NAMES = Object.keys(SCALARS) as ScalarName[]
const SPECIAL = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 1e-9, 40, -40, 800, -800, NaN, Infinity, -Infinity]

/** Elements that each function takes, the same for all arguments but the condition of a choice. */
function argumentElements(name: ScalarName): Element[] {
  const { arity, elements } = SCALARS[name]
  const all = (element: Element) => Array.from({ length: arity }, () => element)
  return elements === 'logic' ? all('bool') : elements === 'choose' ? ['bool', 'real', 'real'] : all('real')
}

describe('scalar functions', () => {
  it.each(NAMES)('%s gives in a kernel what its table row gives', name => {
    const elements = argumentElements(name)
    const values = (element: Element) => (element === 'bool' ? [0, 1, 1, 0] : SPECIAL)
    let rows: number[][] = [[]]
    for (const element of elements) rows = rows.flatMap(row => values(element).map(value => [...row, value]))
    const builder = new ProgramBuilder()
    const out = scalarElement(name, elements) ?? 'real'
    const args = elements.map((element, i) => builder.input(`a${i}`, tensor(element, [rows.length])))
    builder.result('out', builder.map(name, args, tensor(out, [rows.length])))
    const given = Object.fromEntries(elements.map((_, i) => [`a${i}`, rows.map(row => row[i] ?? 0)]))
    const data = runProgram(builder.build(), given).out?.data ?? []
    // Through a typed array of the result's kind: int and bool results cannot hold NaN.
    const expected = out === 'real' ? new Float64Array(rows.length) : out === 'int' ? new Int32Array(rows.length) : new Uint8Array(rows.length)
    rows.forEach((row, i) => { expected[i] = applyScalar(name, row) })
    expect([...data]).toEqual([...expected])
  })

  it.each(NAMES)('%s gives the same for every mix of tensor and scalar operands, in both precisions', name => {
    const next = randomNumbers(7)
    const elements = argumentElements(name)
    const count = 1300
    for (const precision of ['f32', 'f64'] as const) {
      for (let mix = 0; mix < 2 ** elements.length; mix++) {
        const builder = new ProgramBuilder()
        const isScalar = (i: number) => (mix & (1 << i)) !== 0
        const args = elements.map((element, i) => {
          const load = builder.input(`a${i}`, tensor(element, isScalar(i) ? [] : [count]))
          return { load, axes: isScalar(i) ? [] : [0] }
        })
        const out = scalarElement(name, elements) ?? 'real'
        builder.result('out', builder.map(name, args, tensor(out, [count])))
        const given = elements.map((element, i) => {
          const drawn = randomArray(isScalar(i) ? 1 : count, next)
          return element === 'bool' ? drawn.map(x => (x > 0 ? 1 : 0)) : precision === 'f32' ? drawn.map(Math.fround) : drawn
        })
        const data = runProgram(builder.build(), Object.fromEntries(given.map((x, i) => [`a${i}`, x])), { precision }).out?.data ?? []
        for (let i = 0; i < count; i += 37) {
          const value = applyScalar(name, given.map(x => x[x.length === 1 ? 0 : i] ?? 0))
          const expected = out === 'int' ? Math.trunc(value) : out === 'real' && precision === 'f32' ? Math.fround(value) : value
          expect(data[i]).toBe(expected === 0 && out === 'int' ? 0 : expected)
        }
      }
    }
  })

  it('squares and reciprocals by a literal exponent', () => {
    const builder = new ProgramBuilder()
    const x = builder.input('x', real(3))
    const [square] = builder.kernel([3], [{ fn: 'pow', args: [{ load: x }, 2] }])
    const [inverse] = builder.kernel([3], [{ fn: 'pow', args: [{ load: x }, -1] }])
    builder.result('square', square ?? -1).result('inverse', inverse ?? -1)
    const { square: s, inverse: i } = runProgram(builder.build(), { x: [3, -4, 0] })
    expect([...s?.data ?? []]).toEqual([9, 16, 0])
    expect([...i?.data ?? []]).toEqual([1 / 3, -0.25, Infinity])
  })
})

describe('loads', () => {
  const shapes = [[5], [1], [0], [3, 4], [2, 1, 3], [2, 0, 3], [40, 30], [7, 3, 20], [2, 3, 4, 5]]
  it.each(shapes.map(shape => [shape]))('reads broadcast, permuted and diagonal views over %j', shape => {
    const next = randomNumbers(11)
    const rank = shape.length
    const views = [[...shape.keys()], [...shape.keys()].reverse(), [rank - 1], [0], [-1, ...shape.keys()], [], [rank - 1, -1, 0], [0, 0]]
    for (const axes of views) {
      for (const element of ['real', 'int', 'bool'] as const) {
        for (const precision of ['f32', 'f64'] as const) {
          const viewShape = axes.map(axis => (axis < 0 ? 1 : (shape[axis] ?? 1)))
          const builder = new ProgramBuilder()
          const load = builder.input('a', tensor(element, viewShape))
          const other = builder.input('b', real(...shape))
          const [out] = builder.kernel(shape, [
            { fn: 'real', args: [{ load, axes }] },
            { fn: 'add', args: [{ line: 0 }, { load: other }] },
          ])
          builder.result('out', out ?? -1)
          const a = randomArray(sizeOfShape(viewShape), next).map(x => (element === 'bool' ? (x > 0 ? 1 : 0) : Math.round(x * 8) + 0))
          const b = randomArray(sizeOfShape(shape), next).map(x => Math.round(x * 8) + 0)
          const data = runProgram(builder.build(), { a, b }, { precision }).out?.data ?? []
          const expected = indicesOf(shape).map((index, i) => (a[flatIndex(viewShape, axes.map(axis => (axis < 0 ? 0 : (index[axis] ?? 0))))] ?? 0) + (b[i] ?? 0))
          expect([...data]).toEqual(expected)
        }
      }
    }
  })

  it('refuses a load that does not fit the kernel', () => {
    const builder = new ProgramBuilder()
    const x = builder.input('x', real(3))
    builder.result('out', builder.map('neg', [x], real(4)))
    expect(() => runProgram(builder.build(), { x: [1, 2, 3] })).toThrow('kernel over [4] loads buffer 0 of [3]')
  })
})

describe('kernels', () => {
  it('store several lines, of several elements, over symbolic sizes', () => {
    const n = namedDim('n')
    const builder = new ProgramBuilder()
    const x = builder.input('x', real(n))
    const [double, big, rounded, one] = builder.kernel([n], [
      { fn: 'mul', args: [{ load: x }, 2] },
      { fn: 'less', args: [1, { line: 0 }], element: 'bool' },
      { fn: 'int', args: [{ line: 0 }], element: 'int' },
      { fn: 'add', args: [0.5, 0.5] },
    ], [0, 1, 2, 3])
    builder.result('double', double ?? -1).result('big', big ?? -1).result('rounded', rounded ?? -1).result('one', one ?? -1)
    for (const size of [0, 1, 3, 512, 513, 2000]) {
      const data = randomArray(size, randomNumbers(size))
      const got = runProgram(builder.build(), { x: data }, { sizes: { n: size } })
      expect([...got.double?.data ?? []]).toEqual(data.map(v => 2 * v))
      expect([...got.big?.data ?? []]).toEqual(data.map(v => (2 * v > 1 ? 1 : 0)))
      expect([...got.rounded?.data ?? []]).toEqual(data.map(v => Math.trunc(2 * v) + 0))
      expect([...got.one?.data ?? []]).toEqual(data.map(() => 1))
      expect(got.big?.data).toBeInstanceOf(Uint8Array)
      expect(got.rounded?.data).toBeInstanceOf(Int32Array)
    }
  })

  it('long code agrees with the same code step by step', () => {
    const next = randomNumbers(3)
    const count = 700
    const fns = ['add', 'sub', 'mul', 'max'] as const
    for (let round = 0; round < 20; round++) {
      const builder = new ProgramBuilder()
      const inputs = [0, 1, 2].map(i => builder.input(`x${i}`, i === 1 ? int(count) : real(count)))
      const data = inputs.map((_, i) => randomArray(count, next).map(v => (i === 1 ? Math.round(v) + 0 : v)))
      const lines: { fn: ScalarName; args: ({ load: number } | { line: number })[] }[] = inputs.map(load => ({ fn: 'real' as const, args: [{ load }] }))
      const values: number[][] = data.map(x => [...x])
      for (let l = 3; l < 15; l++) {
        const fn = fns[Math.floor(next() * fns.length)] ?? 'add'
        const [p, q] = [Math.floor(next() * l), Math.floor(next() * l)]
        lines.push({ fn, args: [{ line: p }, { line: q }] })
        values.push(Array.from({ length: count }, (_, i) => applyScalar(fn, [values[p]?.[i] ?? 0, values[q]?.[i] ?? 0])))
      }
      const stored = [4, 9, 14]
      const buffers = builder.kernel([count], lines, stored)
      buffers.forEach((buffer, i) => builder.result(`r${i}`, buffer))
      const got = runProgram(builder.build(), { x0: data[0] ?? [], x1: data[1] ?? [], x2: data[2] ?? [] })
      stored.forEach((line, i) => expect([...got[`r${i}`]?.data ?? []]).toEqual(values[line]))
    }
  })

  it('booleans go through logic', () => {
    const builder = new ProgramBuilder()
    const [a, b] = [builder.input('a', bool(4)), builder.input('b', bool(4))]
    const [out] = builder.kernel([4], [
      { fn: 'and', args: [{ load: a }, { load: b }], element: 'bool' },
      { fn: 'not', args: [{ line: 0 }], element: 'bool' },
    ])
    expect([...runProgram(builder.result('out', out ?? -1).build(), { a: [0, 0, 1, 1], b: [0, 1, 0, 1] }).out?.data ?? []]).toEqual([1, 1, 1, 0])
  })
})
