import { describe, expect, it } from 'vitest'
import { ParameterStore } from '../../runtime/params'

const DECLARED = [
  { path: 'a.dense.W', shape: [2, 2], frozen: false, doc: '' },
  { path: 'fixed', shape: [3], frozen: true, doc: '' },
  { path: 'a.dense.b', shape: [], frozen: false, doc: '' },
]

describe('ParameterStore', () => {
  it('lays the trained parameters in front of the frozen ones, and lists them in the order of the plan', () => {
    const store = new ParameterStore(DECLARED, 'f64')
    expect(store.trainable).toBe(5)
    expect(store.values.length).toBe(8)
    expect(store.list.map(({ path, offset }) => [path, offset])).toEqual([['a.dense.W', 0], ['fixed', 5], ['a.dense.b', 4]])
    store.set('a.dense.b', 7)
    store.set('a.dense.W', [[1, 2], [3, 4]])
    store.set('fixed', { data: [5, 6, 7], shape: [3] })
    expect([...store.values]).toEqual([1, 2, 3, 4, 7, 5, 6, 7])
    const copy = store.get('a.dense.W')
    copy.data[0] = 100
    expect(store.values[0]).toBe(1)
    expect(copy.shape).toEqual([2, 2])
  })

  it('says what is wrong', () => {
    const store = new ParameterStore(DECLARED, 'f32')
    expect(() => store.get('a.dense.w')).toThrow("no parameter 'a.dense.w' (did you mean 'a.dense.W'?); there are: a.dense.W, fixed, a.dense.b")
    expect(() => store.set('fixed', [1, 2])).toThrow("parameter 'fixed' has the shape [3], found [2]")
    expect(() => store.set('fixed', [1, 2, 'x'])).toThrow("parameter 'fixed' at fixed[2]: a number was expected")
    expect(() => store.set('fixed', 3)).toThrow("parameter 'fixed' at fixed: a list was expected, found 3")
    expect(store.values).toBeInstanceOf(Float32Array)
  })
})
