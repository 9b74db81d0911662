/** exp(−iθH) by its eigensystem, held to the exponential series of whole matrices, and its gradients to differences. */
import { describe, expect, it } from 'vitest'
import { resultWidth, type Circuit, type Operation, type Term } from '../../../quantum/circuit'
import type { GradientMethod } from '../../../quantum/engine'
import { DENSITY } from '../../../quantum/engines/density'
import { STATEVECTOR } from '../../../quantum/engines/statevector'
import { denseValues, everyMeasurement, expectClose, placeGate, randomNumbers, randomSlots } from '../support'

/** ZX + Y: frequencies 2√2 alone, though neither word is the other's. */
const TWO: readonly Term[] = [{ coefficient: 0.7, word: [[0, 'Z'], [1, 'X']] }, { coefficient: -1.3, word: [[0, 'Y']] }]
/** Eight different eigenvalues, 28 frequencies: no shift rule, so the sweep back. */
const MANY: readonly Term[] = [
  { coefficient: 0.31, word: [[0, 'Z'], [1, 'X']] }, { coefficient: -0.87, word: [[1, 'Y'], [2, 'Z']] }, { coefficient: 0.53, word: [[2, 'X']] },
  { coefficient: 1.07, word: [[0, 'X'], [2, 'X']] }, { coefficient: 0.23, word: [[1, 'Z']] },
]

function circuitOf(hamiltonian: readonly Term[], wires: readonly number[], controls: Operation['controls'] = []): Circuit {
  const turns = (from: number) => [0, 1, 2].map(wire => placeGate(wire === 1 ? 'rx' : 'ry', [wire], from + wire))
  const evolution: Operation = { kind: 'evolution', wires, controls, hamiltonian, angle: { slot: 0 } }
  return { name: 'evolved', qubits: 3, operations: [...turns(1), evolution, ...turns(4)], slots: 7, measurements: everyMeasurement(3) }
}

function vjp(circuit: Circuit, method: GradientMethod, slots: Float64Array, cotangents: Float64Array, directions: readonly Float64Array[] = []): Float64Array {
  const out = new Float64Array(circuit.slots)
  STATEVECTOR.prepare(circuit, method).vjp(1, slots, directions, cotangents, [0, 1, 2, 3, 4, 5, 6], out)
  return out
}

describe('an evolution under a Hamiltonian', () => {
  const random = randomNumbers(51)
  const cases: readonly (readonly [string, Circuit])[] = [
    ['two terms', circuitOf(TWO, [2, 0])],
    ['two terms under a control on 0', circuitOf(TWO, [0, 2], [{ wire: 1, value: 0 }])],
    ['many frequencies', circuitOf(MANY, [1, 2, 0])],
  ]

  it.each(cases)('of %s is the exponential series, as a vector and as a density matrix', (_, circuit) => {
    const slots = randomSlots(random, 7)
    const out = new Float64Array(resultWidth(circuit))
    for (const engine of [STATEVECTOR, DENSITY]) {
      engine.prepare(circuit, 'adjoint').values(1, slots, [], out)
      expectClose(out, denseValues(circuit, slots), 1e-12)
    }
  })

  it.each(cases)('of %s has gradients by either method that differences confirm', (_, circuit) => {
    const slots = randomSlots(random, 7)
    const cotangents = randomSlots(random, resultWidth(circuit))
    const swept = vjp(circuit, 'adjoint', slots, cotangents)
    expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), swept, 1e-10)
    const h = 1e-5
    const value = (angle: number) => denseValues(circuit, slots.map((x, k) => (k === 0 ? angle : x))).reduce((sum, x, k) => sum + x * (cotangents[k] ?? NaN), 0)
    // h²·f‴ with frequencies up to 5 and 1e-16/h: about 1e-8.
    expect(Math.abs((swept[0] ?? NaN) - (value((slots[0] ?? NaN) + h) - value((slots[0] ?? NaN) - h)) / (2 * h))).toBeLessThan(1e-7)
  })

  it('has second derivatives where it has a shift rule, and says so where it has none', () => {
    const slots = randomSlots(random, 7)
    const along = Float64Array.of(1, 0, 0, 0, 0, 0, 0)
    const [two, many] = [circuitOf(TWO, [2, 0]), circuitOf(MANY, [1, 2, 0])]
    const cotangents = randomSlots(random, resultWidth(two))
    const h = 1e-5
    const at = (angle: number) => vjp(two, 'adjoint', slots.map((x, k) => (k === 0 ? angle : x)), cotangents)
    const [plus, minus] = [at((slots[0] ?? NaN) + h), at((slots[0] ?? NaN) - h)]
    expectClose(vjp(two, 'adjoint', slots, cotangents, [along]), plus.map((x, k) => (x - (minus[k] ?? NaN)) / (2 * h)), 1e-7)
    expect(() => vjp(many, 'adjoint', slots, cotangents, [along])).toThrow('too many frequencies')
  })
})
