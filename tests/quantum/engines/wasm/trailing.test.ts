/** What acts last and need not: by closed forms for single gates, and against the TypeScript engine, which runs all. */
import { describe, expect, it } from 'vitest'
import type { Circuit, Control, Letter, Measurement, Operation } from '../../../../quantum/circuit'
import { STATEVECTOR } from '../../../../quantum/engines/statevector'
import { WASM_STATEVECTOR } from '../../../../quantum/engines/wasm'
import { Angles, primitivesOf } from '../../../../quantum/engines/wasm/primitives'
import { wordTerm } from '../../../../quantum/engines/wasm/observables'
import { absorbTrailing } from '../../../../quantum/engines/wasm/trailing'
import { expectClose, pick, placeGate, randomNumbers, randomSlots } from '../../support'

type Word = readonly (readonly [number, Letter | '0' | '1'])[]

const QUBITS = 3

/** What is left of the operations, and of the words as masks of Z with their signs. */
function absorbed(operations: readonly Operation[], words: readonly Word[]) {
  const angles = new Angles()
  const primitives = operations.flatMap(operation => primitivesOf(QUBITS, operation, angles) ?? [])
  const terms = words.map((word, result) => ({ term: wordTerm(QUBITS, word), result, coefficient: 1 }))
  const { primitives: left, terms: found } = absorbTrailing({ primitives, terms })
  return { kinds: left.map(({ kind }) => kind), words: found.map(({ term: { z }, coefficient }) => [z, coefficient]) }
}

const on = (wire: number, value: 0 | 1): Control => ({ wire, value })

// Wire 0 is the highest bit, 4.
describe('flips that act last', () => {
  it('make Z of the target Z of both: a CNOT, one for |0⟩, an X', () => {
    expect(absorbed([placeGate('cx', [0, 1], 0)], [[[1, 'Z']], [[0, 'Z']]])).toEqual({ kinds: [], words: [[6, 1], [4, 1]] })
    expect(absorbed([placeGate('x', [1], 0, [on(0, 0)])], [[[1, 'Z']]])).toEqual({ kinds: [], words: [[6, -1]] })
    expect(absorbed([placeGate('x', [1], 0)], [[[1, 'Z']], [[2, 'Z']]])).toEqual({ kinds: [], words: [[2, -1], [1, 1]] })
  })

  it('go one after the other, the last first', () => {
    // Z₂ → Z₁Z₂ by the second, and → Z₀Z₁Z₂ by the first.
    expect(absorbed([placeGate('cx', [0, 1], 0), placeGate('cx', [1, 2], 0)], [[[2, 'Z']]])).toEqual({ kinds: [], words: [[7, 1]] })
    expect(absorbed([placeGate('swap', [0, 1], 0)], [[[0, 'Z']]])).toEqual({ kinds: [], words: [[2, 1]] })
  })

  it('stay where a word has X or a projector, and under two controls', () => {
    expect(absorbed([placeGate('cx', [0, 1], 0)], [[[2, 'X']]]).kinds).toEqual(['flip'])
    expect(absorbed([placeGate('cx', [0, 1], 0)], [[[2, '1']]]).kinds).toEqual(['flip'])
    expect(absorbed([placeGate('ccx', [0, 1, 2], 0)], [[[2, 'Z']]]).kinds).toEqual(['flip'])
  })
})

describe('phases that act last', () => {
  it('are left out unless a word flips a bit that they read', () => {
    expect(absorbed([placeGate('rz', [0], 0), placeGate('cz', [1, 2], 0)], [[[0, 'Z'], [1, '1']]]).kinds).toEqual([])
    expect(absorbed([placeGate('rz', [0], 0), placeGate('rz', [1], 1)], [[[0, 'X']]]).kinds).toEqual(['phase'])
  })

  it('are left out past what they commute with, and stay before what they do not', () => {
    expect(absorbed([placeGate('rz', [0], 0), placeGate('ry', [1], 1)], [[[0, 'Z'], [1, 'Z']]]).kinds).toEqual(['turn'])
    expect(absorbed([placeGate('rz', [0], 0), placeGate('ry', [0], 1)], [[[0, 'Z']]]).kinds).toEqual(['phase', 'turn'])
    expect(absorbed([placeGate('rz', [1], 0), placeGate('cx', [0, 1], 0), placeGate('ry', [0], 1)], [[[1, 'Z']]]).kinds).toEqual(['phase', 'flip', 'turn'])
  })
})

describe('circuits that end in phases and flips', () => {
  it('have the values and gradients of all their gates, and by the phases left out none', () => {
    const EXACT = 1e-12
    for (let seed = 0; seed < 150; seed++) {
      const random = randomNumbers(11_000 + seed)
      const qubits = 2 + seed % 4
      let slots = 0
      const mixed: Operation[] = Array.from({ length: qubits }, (_, wire) => [placeGate('ry', [wire], slots++), placeGate('rx', [wire], slots++)]).flat()
      const first = slots
      const last: Operation[] = Array.from({ length: 12 }, () => {
        const [a = 0, b = 1] = pick(random, qubits, 2)
        const kind = random()
        if (kind < 0.3) return placeGate('rz', [a], slots++)
        if (kind < 0.4) return placeGate('rzz', [a, b], slots++)
        if (kind < 0.5) return placeGate('x', [a], 0)
        if (kind < 0.6) return placeGate('cz', [a, b], 0)
        return placeGate('x', [a], 0, [on(b, random() < 0.3 ? 0 : 1)])
      })
      const measurements: Measurement[] = Array.from({ length: 3 }, () => ({
        kind: 'expectation',
        terms: Array.from({ length: 2 }, () => ({ coefficient: random() - 0.5, word: pick(random, qubits, 1 + Math.floor(random() * qubits)).map((wire): readonly [number, Letter] => [wire, 'Z']) })),
      }))
      const circuit: Circuit = { name: `seed ${seed}`, qubits, slots, operations: [...mixed, ...last], measurements }
      const angles = randomSlots(random, slots)
      const [a, b] = [WASM_STATEVECTOR, STATEVECTOR].map(engine => {
        const prepared = engine.prepare(circuit, seed % 2 ? 'adjoint' : 'parameter_shift')
        const values = new Float64Array(3), gradient = new Float64Array(slots)
        prepared.values(1, angles, [], values)
        prepared.vjp(1, angles, [], Float64Array.of(1, -0.5, 0.3), Array.from({ length: slots }, (_, slot) => slot), gradient)
        return { values, gradient }
      }) as [{ values: Float64Array; gradient: Float64Array }, { values: Float64Array; gradient: Float64Array }]
      expectClose(a.values, b.values, EXACT, `of values, seed ${seed}`)
      expectClose(a.gradient, b.gradient, EXACT, `of the gradient, seed ${seed}`)
      expect(a.gradient.slice(first)).toEqual(new Float64Array(slots - first))
    }
  })
})
