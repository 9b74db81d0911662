import { describe, expect, it } from 'vitest'
import { int, real } from '../../../../ir/type'
import { flatIndex, indicesOf, randomArray, randomNumbers, runRoutine, sizeOfShape } from '../../support'

const CASES: [number[], number, number[]][] = [
  [[5], 0, [3]], [[5], 0, []], [[4, 3], 0, [2, 2]], [[4, 3], 1, [5]], [[2, 4, 3], 1, [2, 1]], [[4, 0], 0, [2]], [[3, 2], 0, [0]],
]

describe('gather and segmentSum', () => {
  it.each(CASES)('read from and add into %j along axis %d by an index %j', (shape, axis, indexShape) => {
    const next = randomNumbers(4)
    const size = shape[axis] ?? 0
    const index = Array.from({ length: sizeOfShape(indexShape) }, () => Math.floor(next() * 2 * size) - size)
    const gathered = shape.toSpliced(axis, 1, ...indexShape)
    const at = (full: readonly number[]) => {
      const i = index[flatIndex(indexShape, full.slice(axis, axis + indexShape.length))] ?? 0
      return flatIndex(shape, full.toSpliced(axis, indexShape.length, i < 0 ? i + size : i))
    }
    const x = randomArray(sizeOfShape(shape), next)
    const indexInput = { type: int(...indexShape), data: index }
    expect(runRoutine('gather', { axis, site: 'here' }, [{ type: real(...shape), data: x }, indexInput], real(...gathered)))
      .toEqual(indicesOf(gathered).map(full => x[at(full)]))

    const values = randomArray(sizeOfShape(gathered), next)
    const sums = Array.from({ length: sizeOfShape(shape) }, () => 0)
    indicesOf(gathered).forEach((full, i) => { sums[at(full)] = (sums[at(full)] ?? 0) + (values[i] ?? 0) })
    for (const precision of ['f64', 'f32'] as const) {
      const got = runRoutine('segmentSum', { axis, size, site: 'here' }, [{ type: real(...gathered), data: values }, indexInput], real(...shape), { precision })
      expect(got.length).toBe(sums.length)
      got.forEach((value, i) => expect(value).toBeCloseTo(sums[i] ?? NaN, precision === 'f64' ? 12 : 5))
    }
  })

  it('name the place, the index and the size of one out of range', () => {
    const run = (index: number[], size = 3) => () => runRoutine('gather', { axis: 0, site: 'm.bp:3:7 x[i]' },
      [{ type: real(size), data: randomArray(size, randomNumbers(1)) }, { type: int(index.length), data: index }], real(index.length))
    expect(run([0, 3])).toThrow('m.bp:3:7 x[i]: index 3 is out of range; the axis has 3 elements: indices go from -3 to 2')
    expect(run([-4])).toThrow('m.bp:3:7 x[i]: index -4 is out of range')
    expect(run([0], 0)).toThrow('m.bp:3:7 x[i]: index 0 is out of range; the axis has no elements')
    expect(run([-3, 2])).not.toThrow()
  })
})

describe('wrapIndex', () => {
  it('counts negatives from the end and checks the rest', () => {
    expect(runRoutine('wrapIndex', { size: 4, site: 'here' }, [{ type: int(4), data: [0, 3, -1, -4] }], int(4))).toEqual([0, 3, 3, 0])
    expect(() => runRoutine('wrapIndex', { size: 4, site: 'here' }, [{ type: int(1), data: [4] }], int(1))).toThrow('here: index 4 is out of range')
  })
})
