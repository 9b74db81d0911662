/** Circuits in graphs: derivatives of every order through the two circuit ops. */
import { describe, expect, it } from 'vitest'
import { expandDerivatives } from '../../../compiler/4-differentiate'
import type { GraphBuilder } from '../../../ir/builder'
import { namedDim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { real } from '../../../ir/type'
import type { GradientMethod } from '../../../quantum/engine'
import { buildGraph, expectDifferences, gradients, spread, tensorFor, weighted } from '../../support/differences'
import { evaluate, tensorOf } from '../../support/evaluate'
import { SAMPLE_CIRCUIT } from '../../conformance/sampleCircuits'

const batch = namedDim('batch')
const { slots } = SAMPLE_CIRCUIT

/** Angles p_k·x_i + k per row i and slot k, through the circuit: every parameter in every row. */
function results(b: GraphBuilder, p: Value, x: Value, method: GradientMethod): Value {
  const shape = [batch, slots]
  const angles = b.scalar('mul', b.add('broadcast', { shape, axes: [1] }, [p]), b.add('broadcast', { shape, axes: [0] }, [x]))
  return b.add('circuit', { circuit: SAMPLE_CIRCUIT, method }, [b.scalar('sin', angles)])
}

describe('a circuit between classical nodes', () => {
  for (const method of ['adjoint', 'parameter_shift'] as const) {
    for (const order of [1, 2, 3]) {
      it(`${method}: derivative ${order} equals central differences`, () => {
        const graph = buildGraph([real(slots), real(batch)], (b, [p, x]) => {
          if (!p || !x) return []
          let value = weighted(b, results(b, p, x, method), 0)
          for (let i = 1; i < order; i++) {
            value = gradients(b, value, [p, x]).map((gradient, at) => weighted(b, gradient, i * 5 + at)).reduce((sum, term) => b.scalar('add', sum, term))
          }
          return [value, ...gradients(b, value, [p, x])]
        })
        for (const size of [2, 1, 0]) {
          const sizes = new Map([['batch', size]])
          expectDifferences(graph, [real(slots), real(batch)].map((type, at) => tensorFor(type, sizes, i => spread(i, at))), [0, 1], { sizes })
        }
      })
    }
  }
  it('the two methods give the same third derivatives to rounding', () => {
    const third = (method: GradientMethod) => {
      const graph = buildGraph([real(slots)], (b, [p]) => {
        if (!p) return []
        let value = weighted(b, b.add('circuit', { circuit: SAMPLE_CIRCUIT, method }, [p]), 0)
        for (let i = 0; i < 3; i++) value = weighted(b, gradients(b, value, [p])[0] ?? value, i)
        return [value]
      })
      return evaluate(graph, [tensorOf([slots], [0.3, 1.1, -0.7])])[0]?.data[0] ?? NaN
    }
    expect(third('adjoint')).toBeCloseTo(third('parameter_shift'), 12)
  })
  it('jacobian and hessian map the circuit over cotangents', () => {
    const graph = expandDerivatives(buildGraph([real(slots)], (b, [p]) => {
      if (!p) return []
      const y = b.add('circuit', { circuit: SAMPLE_CIRCUIT, method: 'adjoint' }, [p])
      return [b.add('derivative', { kind: 'jacobian' }, [y, p]), b.add('derivative', { kind: 'hessian' }, [b.reduce('sum', y, [0]), p])]
    }))
    const at = (p: readonly number[]) => evaluate({ ...plain, outputs: plain.outputs }, [tensorOf([slots], p)])[0]?.data ?? []
    const plain = buildGraph([real(slots)], (b, inputs) => [b.add('circuit', { circuit: SAMPLE_CIRCUIT, method: 'adjoint' }, inputs)])
    const p = [0.3, 1.1, -0.7]
    const [jacobian, hessian] = evaluate(graph, [tensorOf([slots], p)])
    const h = 1e-4
    p.forEach((_, k) => {
      const moved = (shift: number) => p.with(k, (p[k] ?? 0) + shift)
      at(p).forEach((_, i) => {
        // h²/6 times third derivatives of at most 2.
        expect(jacobian?.data[i * slots + k]).toBeCloseTo(((at(moved(h))[i] ?? NaN) - (at(moved(-h))[i] ?? NaN)) / (2 * h), 7)
      })
      const total = (q: readonly number[]) => at(q).reduce((a, b) => a + b, 0)
      // Rounding 1e−16/h² = 1e−8, truncation h²/12 = 1e−9.
      expect(hessian?.data[k * slots + k]).toBeCloseTo((total(moved(h)) - 2 * total(p) + total(moved(-h))) / (h * h), 6)
    })
    p.forEach((_, i) => p.forEach((_, j) => expect(hessian?.data[i * slots + j]).toBeCloseTo(hessian?.data[j * slots + i] ?? NaN, 13)))
  })
})
