import { describe, expect, it } from 'vitest'
import { addDims, mulDims, namedDim } from '../../../../ir/dim'
import { bool, int, real, tensor } from '../../../../ir/type'
import { flatIndex, indicesOf, randomArray, randomNumbers, runRoutine, sizeOfShape } from '../../support'

const SHAPES = [[], [1], [0], [6], [3, 4], [2, 0, 3], [2, 3, 5], [1, 20, 1, 3], [2, 3, 1, 40]]
const n = namedDim('n')
const data = (shape: readonly number[]) => randomArray(sizeOfShape(shape), randomNumbers(shape.length + 1))

describe('makers', () => {
  it('constant, fill, size and iota', () => {
    expect(runRoutine('constant', { element: 'real', shape: [2, 2], data: [1, 2.5, -3, 4] }, [], real(2, 2))).toEqual([1, 2.5, -3, 4])
    expect(runRoutine('constant', { element: 'bool', shape: [3], data: [1, 0, 1] }, [], bool(3))).toEqual([1, 0, 1])
    expect(runRoutine('fill', { element: 'int', shape: [n], value: 7 }, [], int(n), { sizes: { n: 3 } })).toEqual([7, 7, 7])
    expect(runRoutine('fill', { element: 'real', shape: [n], value: 7 }, [], real(n), { sizes: { n: 0 } })).toEqual([])
    expect(runRoutine('size', { value: addDims(mulDims(2, n), 1) }, [], int(), { sizes: { n: 5 } })).toEqual([11])
    expect(runRoutine('iota', { size: n }, [], int(n), { sizes: { n: 4 } })).toEqual([0, 1, 2, 3])
    expect(runRoutine('iota', { size: n }, [], int(n), { sizes: { n: 0 } })).toEqual([])
  })
})

describe('movement', () => {
  it.each(SHAPES.map(shape => [shape]))('transpose by every rotation of %j', shape => {
    for (let turn = 0; turn < Math.max(1, shape.length); turn++) {
      const permutation = shape.map((_, i) => (i + turn) % shape.length).reverse()
      const out = permutation.map(axis => shape[axis] ?? 1)
      const x = data(shape)
      const expected = indicesOf(out).map(index => {
        const from = shape.map(() => 0)
        permutation.forEach((axis, i) => { from[axis] = index[i] ?? 0 })
        return x[flatIndex(shape, from)]
      })
      expect(runRoutine('transpose', { permutation }, [{ type: real(...shape), data: x }], real(...out))).toEqual(expected)
    }
  })

  it.each([
    [[3], [2, 3], [1]], [[3], [3, 2], [0]], [[3, 1], [3, 4], [0, 1]], [[], [2, 2], []], [[1, 5], [4, 2, 5], [0, 2]],
    [[2, 3], [2, 40, 3], [0, 2]], [[0], [3, 0], [1]], [[3], [0, 3], [1]], [[1, 1], [1, 1], [0, 1]],
  ])('broadcast %j to %j along %j', (shape, out, axes) => {
    const x = data(shape)
    const expected = indicesOf(out).map(index => x[flatIndex(shape, axes.map((axis, i) => (shape[i] === 1 ? 0 : (index[axis] ?? 0))))])
    for (const precision of ['f32', 'f64'] as const) {
      const got = runRoutine('broadcast', { shape: out, axes }, [{ type: real(...shape), data: x }], real(...out), { precision })
      expect(got).toEqual(expected.map(v => (precision === 'f32' ? Math.fround(v ?? 0) : v)))
    }
  })

  it.each([
    [[6], [1], [3], [2]], [[6], [5], [6], [-1]], [[4, 5], [1, 4], [2, 3], [2, -2]], [[3, 4], [0, 0], [0, 4], [1, 1]],
    [[2, 3, 20], [0, 1, 2], [2, 2, 18], [1, 1, 1]], [[0], [0], [0], [1]],
  ])('slice %j from %j, %j elements, steps %j', (shape, starts, sizes, steps) => {
    const x = data(shape)
    const expected = indicesOf(sizes).map(index => x[flatIndex(shape, index.map((i, axis) => (starts[axis] ?? 0) + i * (steps[axis] ?? 1)))])
    expect(runRoutine('slice', { starts, sizes, steps }, [{ type: real(...shape), data: x }], real(...sizes))).toEqual(expected)
  })

  it('a slice with symbolic ends follows the sizes, and refuses to leave its input', () => {
    const attributes = { starts: [addDims(n, -2)], sizes: [2], steps: [1] }
    expect(runRoutine('slice', attributes, [{ type: real(n), data: [1, 2, 3, 4] }], real(2), { sizes: { n: 4 } })).toEqual([3, 4])
    expect(() => runRoutine('slice', attributes, [{ type: real(n), data: [1] }], real(2), { sizes: { n: 1 } }))
      .toThrow('a slice reads indices -1 to 0 of axis 0, which has 1 elements')
  })

  it.each([
    [[3], [1], [2], [0]], [[3], [0], [0], [2]], [[2, 3], [1, 0], [0, 2], [1, 0]], [[0], [2], [1], [0]], [[4], [-1], [0], [0]],
    [[4], [-2], [-1], [1]], [[2, 2, 20], [0, 1, 0], [0, 1, 1], [0, 0, 0]], [[3, 0], [1, 1], [1, 1], [0, 3]], [[5], [-3], [4], [1]],
  ])('pad %j by %j before, %j after and %j between', (shape, low, high, interior) => {
    const out = shape.map((size, axis) => Math.max(0, size + Math.max(0, size - 1) * (interior[axis] ?? 0) + (low[axis] ?? 0) + (high[axis] ?? 0)))
    const x = data(shape).map(v => v + 5)
    const expected = Array.from({ length: sizeOfShape(out) }, () => 0)
    indicesOf(shape).forEach((index, i) => {
      const to = index.map((at, axis) => at * ((interior[axis] ?? 0) + 1) + (low[axis] ?? 0))
      if (to.every((at, axis) => at >= 0 && at < (out[axis] ?? 0))) expected[flatIndex(out, to)] = x[i] ?? 0
    })
    expect(runRoutine('pad', { low, high, interior }, [{ type: real(...shape), data: x }], real(...out))).toEqual(expected)
  })

  it.each([[[[2, 3], [1, 3], [0, 3]], 0], [[[2, 3], [2, 1], [2, 0]], 1], [[[2, 1, 4], [2, 2, 4]], 1], [[[0], [0]], 0]] as const)(
    'concat %j along axis %d', (shapes, axis) => {
      const out = (shapes[0] ?? []).map((size: number, i: number) => (i === axis ? shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0) : size))
      const pieces = shapes.map((shape, i) => randomArray(sizeOfShape(shape), randomNumbers(i)))
      const expected = indicesOf(out).map(index => {
        let at = index[axis] ?? 0
        for (let piece = 0; ; piece++) {
          const shape = shapes[piece] ?? []
          if (at < (shape[axis] ?? 0)) return pieces[piece]?.[flatIndex(shape, index.map((v, i) => (i === axis ? at : v)))]
          at -= shape[axis] ?? 0
        }
      })
      expect(runRoutine('concat', { axis }, shapes.map((shape, i) => ({ type: real(...shape), data: pieces[i] ?? [] })), real(...out))).toEqual(expected)
    })

  it.each(SHAPES.filter(shape => shape.length > 0).map(shape => [shape]))('flip %j along each axis', shape => {
    for (const axis of shape.keys()) {
      const x = data(shape).map(Math.round).map(v => v + 0)
      const expected = indicesOf(shape).map(index => x[flatIndex(shape, index.map((i, a) => (a === axis ? (shape[a] ?? 0) - 1 - i : i)))])
      for (const element of ['real', 'int'] as const) {
        expect(runRoutine('flip', { axis }, [{ type: tensor(element, shape), data: x }], tensor(element, shape))).toEqual(expected)
      }
    }
  })
})
