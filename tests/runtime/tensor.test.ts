import { describe, expect, it } from 'vitest'
import { namedDim } from '../../ir/dim'
import { bool, int, real, type TensorType } from '../../ir/type'
import { readTensor, Tensor } from '../../runtime/tensor'

const batch = namedDim('batch')
const x = { role: 'input', name: 'x' } as const
const read = (value: unknown, type: TensorType) => readTensor(x, value, type, 'f64')

describe('readTensor', () => {
  it('reads nested arrays, scalars and flat data', () => {
    expect(read(3, real())).toEqual({ data: Float64Array.of(3), shape: [] })
    expect(read([[1, 2], [3, 4], [5, 6]], real(batch, 2))).toEqual({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] })
    expect(read([Float32Array.of(1, 2)], real(batch, 2))).toEqual({ data: Float64Array.of(1, 2), shape: [1, 2] })
    expect(read({ data: Float32Array.of(1, 2), shape: [1, 2] }, real(batch, 2))).toEqual({ data: Float64Array.of(1, 2), shape: [1, 2] })
    expect(read({ data: [1, 2], shape: [2] }, int(batch))).toEqual({ data: Int32Array.of(1, 2), shape: [2] })
    expect(read([true, 0, 1, false], bool(batch))).toEqual({ data: Uint8Array.of(1, 0, 1, 0), shape: [4] })
    expect(readTensor(x, [0.1], real(1), 'f32').data).toEqual(Float32Array.of(0.1))
    expect(read([], real(batch, 2))).toEqual({ data: new Float64Array(0), shape: [0, 2] })
    expect(read([[], []], real(batch, batch, 3))).toEqual({ data: new Float64Array(0), shape: [2, 0, 3] })
    expect(read(new Tensor('real', Float32Array.of(1), [1]), real(batch)).data).toEqual(Float64Array.of(1))
    expect(read([NaN, Infinity], real(2)).data).toEqual(Float64Array.of(NaN, Infinity))
  })

  it.each([
    [[[1, 2], [3]], real(batch, 2), "input 'x' at x[1]: 1 elements, but x[0] has 2: all lists of one depth must be equally long; real[batch, 2] was expected"],
    [[[1, 'abc']], real(batch, 2), "input 'x' at x[0][1]: a number was expected, found the text \"abc\"; the whole is real[batch, 2]"],
    [[1, 2], real(batch, 2), "input 'x' at x[0]: a list was expected, found 1; real[batch, 2] was expected"],
    [5, real(batch), "input 'x' at x: a list was expected, found 5"],
    [[[1]], real(batch), "input 'x' at x[0]: a number was expected, found a list of 1; the whole is real[batch]"],
    [[null], real(batch), 'x[0]: a number was expected, found null'],
    [[[1], null], real(batch, 1), 'x[1]: a list was expected, found null'],
    [[true], real(batch), 'x[0]: a number was expected, found true'],
    [[1.5], int(batch), 'x[0]: an integer of 32 bits was expected, found 1.5'],
    [[2 ** 31], int(batch), 'x[0]: an integer of 32 bits was expected'],
    [{ data: [0.5], shape: [1, 1] }, int(batch, 1), 'x[0][0]: an integer of 32 bits was expected, found 0.5'],
    [[2], bool(batch), 'x[0]: true or false was expected, found 2'],
    [{ data: [1, 2], shape: [2, 1] }, real(batch), "input 'x' has the shape [2, 1] of rank 2; real[batch] was expected"],
    [{ data: [1, 2], shape: [3] }, real(batch), "input 'x' has 2 elements, but its shape [3] needs 3"],
    [{ data: 'no', shape: [3] }, real(batch), "input 'x' has data that is not an array"],
    [{ data: [1], shape: [-1] }, real(batch), "input 'x' has a shape that is not a list of sizes"],
    ['text', real(), 'x: a number was expected, found the text "text"'],
    [{ a: 1 }, real(batch), 'x: a list was expected, found an object'],
  ])('refuses %j', (value, type, message) => {
    expect(() => read(value, type)).toThrow(message)
  })
})

describe('Tensor', () => {
  it('comes out as nested arrays', () => {
    expect(new Tensor('real', Float64Array.of(1, 2, 3, 4), [2, 2]).toArray()).toEqual([[1, 2], [3, 4]])
    expect(new Tensor('bool', Uint8Array.of(1, 0), [2]).toArray()).toEqual([true, false])
    expect(new Tensor('int', Int32Array.of(7), []).toArray()).toBe(7)
    expect(new Tensor('real', new Float64Array(0), [2, 0]).toArray()).toEqual([[], []])
  })
})
