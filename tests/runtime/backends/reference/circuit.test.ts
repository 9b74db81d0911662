import { describe, expect, it } from 'vitest'
import { namedDim } from '../../../../ir/dim'
import { real } from '../../../../ir/type'
import type { Circuit } from '../../../../quantum'
import { runRoutine } from '../../support'

const batch = namedDim('batch')

/** rx(θ₀) on one qubit, then ry(θ₁) on another: reports ⟨Z₀⟩ = cos θ₀ and ⟨Z₁⟩ = cos θ₁. */
const CIRCUIT: Circuit = {
  name: 'pair', qubits: 2, slots: 2,
  operations: [
    { kind: 'gate', name: 'rx', wires: [0], controls: [], angles: [{ slot: 0 }], inverse: false },
    { kind: 'gate', name: 'ry', wires: [1], controls: [], angles: [{ slot: 1 }], inverse: false },
  ],
  measurements: [0, 1].map(wire => ({ kind: 'expectation' as const, terms: [{ coefficient: 1, word: [[wire, 'Z']] as const }] })),
}
const ANGLES = [0.3, 1.1, -2, 0.5, 3, 0]

describe.each(['adjoint', 'parameter_shift'] as const)('circuits by %s', method => {
  for (const precision of ['f64', 'f32'] as const) {
    // Slots of f32 programs are rounded to 2^-24 before the engine, results after it.
    const digits = precision === 'f64' ? 12 : 6
    const run = (op: 'circuit' | 'circuitVjp', active: readonly number[], ...inputs: readonly (readonly number[])[]) => runRoutine(
      op, { circuit: CIRCUIT, method, active }, inputs.map(data => ({ type: real(batch, 2), data })), real(batch, 2),
      { sizes: { batch: (inputs[0]?.length ?? 0) / 2 }, precision })

    it(`gives values, gradients and their derivatives along directions in ${precision}`, () => {
      const close = (got: readonly number[], expected: readonly number[]) => {
        expect(got.length).toBe(expected.length)
        got.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, digits))
      }
      const direction = ANGLES.map((_, i) => i - 2)
      const cotangent = ANGLES.map((_, i) => 0.5 * i - 1)
      close(run('circuit', [], ANGLES), ANGLES.map(Math.cos))
      close(run('circuit', [], ANGLES, direction), ANGLES.map((angle, i) => -Math.sin(angle) * (direction[i] ?? 0)))
      close(run('circuitVjp', [0, 1], ANGLES, cotangent), ANGLES.map((angle, i) => -Math.sin(angle) * (cotangent[i] ?? 0)))
      close(run('circuitVjp', [1], ANGLES, cotangent), ANGLES.map((angle, i) => (i % 2 ? -Math.sin(angle) * (cotangent[i] ?? 0) : 0)))
      close(run('circuitVjp', [0, 1], ANGLES, cotangent, direction),
        ANGLES.map((angle, i) => -Math.cos(angle) * (cotangent[i] ?? 0) * (direction[i] ?? 0)))
    })

    it(`runs no rows in ${precision}`, () => {
      expect(run('circuit', [], [])).toEqual([])
      expect(run('circuitVjp', [0, 1], [], [])).toEqual([])
    })
  }

  it('without leading dimensions runs once', () => {
    const got = runRoutine('circuit', { circuit: CIRCUIT, method }, [{ type: real(2), data: [0.2, 0.4] }], real(2))
    got.forEach((value, i) => expect(value).toBeCloseTo(Math.cos([0.2, 0.4][i] ?? 0), 12))
  })

  it('refuses tensors that do not fit', () => {
    expect(() => runRoutine('circuit', { circuit: CIRCUIT, method }, [{ type: real(3), data: [1, 2, 3] }], real(2)))
      .toThrow("circuit 'pair' is run with tensors that do not fit its 2 slots and 2 results")
  })
})
