/** Every scalar function of the table: values, partials to third order against central differences, and what holds at kinks. */
import { describe, expect, it } from 'vitest'
import { PARTIALS } from '../../compiler/4-differentiate/partials'
import type { GraphBuilder } from '../../ir/builder'
import type { Graph, Value } from '../../ir/graph'
import { SCALARS, applyScalar, type ScalarName } from '../../ir/scalar'
import { bool, real, type TensorType } from '../../ir/type'
import { buildGraph, expectDifferences, gradients, spread, weighted } from '../support/differences'
import { evaluate, tensorOf, type Tensor } from '../support/evaluate'
import { SCALAR_SAMPLES, type ScalarSample } from './scalarSamples'

const names = Object.keys(SCALARS) as ScalarName[]
const POINTS = 12

const typesOf = (name: ScalarName, size: number): readonly TensorType[] =>
  Array.from({ length: SCALARS[name].arity }, (_, at) => (SCALARS[name].elements === 'choose' && at === 0 ? bool(size) : real(size)))

/** Points spread over the domain of each argument. */
function points(sample: ScalarSample): readonly Tensor[] {
  return sample.domain.map(([low, high], at) => tensorOf([POINTS], Array.from({ length: POINTS }, (_, i) =>
    low + (spread(i, at * 5) / 3 + 0.5) * (high - low))))
}

const realsOf = (values: readonly Value[]) => values.filter(value => value.type.element === 'real')

/** Σ wᵢ f(xᵢ…), differentiated `order − 1` times under weights, and its gradients. */
function differentiated(name: ScalarName, order: number): Graph {
  return buildGraph(typesOf(name, POINTS), (b, inputs) => {
    const xs = realsOf(inputs)
    let value = weighted(b, b.scalar(name, ...inputs), 0)
    for (let i = 1; i < order; i++) {
      value = gradients(b, value, xs).map((gradient, at) => weighted(b, gradient, i * 5 + at)).reduce((sum, term) => b.scalar('add', sum, term))
    }
    return [value, ...gradients(b, value, xs)]
  })
}

function partialsAt(name: ScalarName, args: readonly number[]): readonly number[] {
  const graph = buildGraph(typesOf(name, 1), (b, inputs) => gradients(b, b.reduce('sum', b.scalar(name, ...inputs), [0]), realsOf(inputs)))
  return evaluate(graph, args.map(arg => tensorOf([1], [arg]))).map(({ data }) => data[0] ?? NaN)
}

for (const name of names) {
  const sample = SCALAR_SAMPLES[name]
  describe(name, () => {
    if (typeof sample === 'string') {
      it(`has no derivative: ${sample}`, () => expect(PARTIALS[name]).toBe(sample))
      return
    }
    it('is finite over its domain', () => {
      const inputs = points(sample)
      for (let i = 0; i < POINTS; i++) expect(applyScalar(name, inputs.map(input => input.data[i] ?? NaN))).toSatisfy(Number.isFinite)
    })
    for (const order of [1, 2, 3]) {
      it(`derivative ${order} equals central differences`, () => {
        const by = typesOf(name, POINTS).map((_, at) => at).filter(at => typesOf(name, POINTS)[at]?.element === 'real')
        // Third derivatives near the edges of a domain have fifth ones of up to 1e5, times h²/6.
        expectDifferences(differentiated(name, order), points(sample), by, { tolerance: order === 3 ? 1e-6 : 1e-7 })
      })
    }
    for (const { args, partials } of sample.kinks ?? []) {
      it(`has the partials (${partials.join(', ')}) at (${args.join(', ')})`, () => {
        partialsAt(name, args).forEach((partial, at) => {
          const expected = partials[at] ?? NaN
          if (Number.isFinite(expected)) expect(Math.abs(partial - expected)).toBeLessThanOrEqual(1e-15 * Math.abs(expected))
          else expect(partial).toBe(expected)
        })
      })
    }
  })
}

describe('powers with a constant exponent', () => {
  const slopes = (exponent: number, x: number, order: number): number => {
    const graph = buildGraph([real()], (b, [x]) => {
      if (!x) return []
      let value = b.scalar('pow', x, b.fill('real', [], exponent))
      for (let i = 0; i < order; i++) value = gradients(b, value, [x])[0] ?? value
      return [value]
    })
    return evaluate(graph, [tensorOf([], [x])])[0]?.data[0] ?? NaN
  }
  it('x³ has the slopes 3x², 6x, 6, 0 for negative x and at 0', () => {
    for (const x of [-2, 0, 1.5]) {
      expect([0, 1, 2, 3, 4].map(order => slopes(3, x, order) + 0)).toEqual([x ** 3, 3 * x * x, 6 * x, 6, 0].map(value => value + 0))
    }
  })
  it('x⁰ has the slope 0 at 0 and at infinity', () => {
    expect(slopes(0, 0, 1)).toBe(0)
    expect(slopes(0, Infinity, 1)).toBe(0)
  })
  it('x^(1/2) has an infinite slope at 0, x^(3/2) none', () => {
    expect(slopes(0.5, 0, 1)).toBe(Infinity)
    expect(slopes(1.5, 0, 1)).toBe(0)
  })
})

describe('the side of a choice that was not taken', () => {
  const inner: Record<string, (b: GraphBuilder, x: Value) => Value> = {
    'sqrt x': (b, x) => b.scalar('sqrt', x),
    'log x': (b, x) => b.scalar('log', x),
    'sin(1/x)': (b, x) => b.scalar('sin', b.scalar('div', b.fill('real', [], 1), x)),
    'sin(√x)·√x': (b, x) => b.scalar('mul', b.scalar('sin', b.scalar('sqrt', x)), b.scalar('sqrt', x)),
    'x^√x': (b, x) => b.scalar('pow', x, b.scalar('sqrt', x)),
  }
  for (const [text, build] of Object.entries(inner)) {
    it(`if x > 0 then ${text} else x² has the derivatives 2x, 2, 0 at −2 and 0`, () => {
      const graph = buildGraph([real()], (b, [x]) => {
        if (!x) return []
        const positive = b.scalar('less', b.fill('real', [], 0), x)
        let value = b.scalar('where', positive, build(b, x), b.scalar('mul', x, x))
        return [1, 2, 3].map(() => (value = gradients(b, value, [x])[0] ?? value))
      })
      for (const x of [-2, 0]) expect(evaluate(graph, [tensorOf([], [x])]).map(({ data }) => (data[0] ?? NaN) + 0)).toEqual([2 * x + 0, 2, 0])
    })
  }
})
