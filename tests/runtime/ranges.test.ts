import { describe, expect, it } from 'vitest'
import type { ParameterRange } from '../../ir/plan'
import { ParameterStore } from '../../runtime/params'
import { transformOf } from '../../runtime/ranges'

const EPSILON = 2 ** -52
const interval = (low: number, high: number): ParameterRange => ({ kind: 'interval', low, high })

describe('intervals', () => {
  it.each([
    [interval(0, Infinity), [1e-12, 0.1, 1, 30, 800], (u: number) => Math.log(1 + Math.exp(u))],
    [interval(-2, Infinity), [-1.9, 0, 5], (u: number) => -2 + Math.log(1 + Math.exp(u))],
    [interval(-Infinity, 3), [2.9, 0, -50], (u: number) => 3 - Math.log(1 + Math.exp(u))],
    [interval(0, 1), [0.001, 0.5, 0.999], (u: number) => 1 / (1 + Math.exp(-u))],
    [interval(-Math.PI, Math.PI), [-3, 0, 3], (u: number) => -Math.PI + 2 * Math.PI / (1 + Math.exp(-u))],
  ] as const)('%j: values follow the formula, and come back from the free numbers', (range, values, formula) => {
    const transform = transformOf(range, [values.length], EPSILON)
    const free = new Float64Array(values.length)
    const back = new Float64Array(values.length)
    transform.release(Float64Array.from(values), free)
    transform.constrain(free, back)
    values.forEach((value, i) => expect(Math.abs((back[i] ?? NaN) - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value))))
    for (const u of [-3, 0, 2]) {
      const one = new Float64Array(1)
      transformOf(range, [1], EPSILON).constrain(Float64Array.of(u), one)
      expect(one[0]).toBeCloseTo(formula(u), 12)
    }
  })

  it('ends and NaN are outside, and a value rounded onto an end has a finite free number', () => {
    const transform = transformOf(interval(0, 1), [1], EPSILON)
    for (const value of [0, 1, -0.5, 2, NaN]) expect(transform.outside([value])).toEqual({ at: 0, expected: 'a number between 0 and 1' })
    expect(transform.outside([0.5])).toBeUndefined()
    const free = new Float64Array(1)
    for (const end of [0, 1]) {
      transform.release(Float64Array.of(end), free)
      expect(Number.isFinite(free[0])).toBe(true)
    }
    transformOf(interval(0, Infinity), [1], EPSILON).release(Float64Array.of(0), free)
    expect(Number.isFinite(free[0])).toBe(true)
  })
})

describe('simplex', () => {
  const transform = transformOf({ kind: 'simplex' }, [2, 3], EPSILON)

  it('is the softmax with the last logit 0, and comes back', () => {
    expect(transform.freeShape).toEqual([2, 2])
    const values = new Float64Array(6)
    transform.constrain(Float64Array.of(1, 2, 500, -500), values)
    const sum = Math.E + Math.E ** 2 + 1
    ;[Math.E / sum, Math.E ** 2 / sum, 1 / sum].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 12))
    expect([...values.subarray(3)].every(Number.isFinite)).toBe(true)
    const free = new Float64Array(4)
    transform.release(Float64Array.of(0.2, 0.3, 0.5, 0.6, 0.3, 0.1), free)
    transform.constrain(free, values)
    ;[0.2, 0.3, 0.5, 0.6, 0.3, 0.1].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 12))
  })

  it('refuses rows that do not add up to 1, or are not positive', () => {
    expect(transform.outside([0.2, 0.3, 0.5, 0.6, 0.3, 0.1])).toBeUndefined()
    expect(transform.outside([0.2, 0.3, 0.5, 0.6, 0.3, 0.2])?.expected).toMatch(/^numbers that sum to 1 \(these sum to 1\.\d/)
    expect(transform.outside([0.5, 0.5, 0, 0.6, 0.3, 0.1])).toEqual({ at: 2, expected: 'a positive number of a simplex' })
  })
})

describe('ParameterStore with ranges', () => {
  it('holds values and the free numbers behind them', () => {
    const store = new ParameterStore([
      { path: 'p', shape: [3], frozen: false, range: { kind: 'simplex' }, doc: '' },
      { path: 'w', shape: [2], frozen: false, doc: '' },
      { path: 'k', shape: [], frozen: true, range: interval(0, Infinity), doc: '' },
    ], 'f64')
    expect(store.values.length).toBe(5)
    expect(store.trainable).toBe(4)
    store.set('p', [0.2, 0.3, 0.5])
    store.set('w', [1, 2])
    expect(store.get('p').toArray()).toEqual([0.2, 0.3, 0.5])
    expect(store.values[0]).toBeCloseTo(Math.log(0.4), 12)
    store.values[0] = 0
    store.constrain()
    const sum = 1 + 0.6 + 1
    store.get('p').data.forEach((value, i) => expect(value).toBeCloseTo(([1, 0.6, 1][i] ?? 0) / sum, 12))
    expect([...store.parameter('w').view]).toEqual([1, 2])
    expect(() => store.set('k', -1)).toThrow("parameter 'k' at k: a number above 0 was expected, found -1")
    expect(() => store.set('p', [0.5, 0.5, 0.5])).toThrow("parameter 'p' at p[0]: numbers that sum to 1 (these sum to 1.5) was expected")
  })
})
