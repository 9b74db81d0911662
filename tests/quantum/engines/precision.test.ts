/**
 * States in 32 bits, held to the same in 64: each gate rounds each amplitude by at most 2^−24 of itself, in directions that chance
 * upon each other, so a number of size 1 is off by about 2^−24·√gates; 1e-6·√gates is what is promised.
 */
import { describe, expect, it } from 'vitest'
import { resultWidth, stateBytes, type Circuit, type Operation } from '../../../quantum/circuit'
import { BY_CONTENT } from '../../../quantum/engines/engineFor'
import { CircuitRun } from '../../../quantum/engines/run'
import { expectClose, randomCircuit, randomNumbers, randomSlots } from '../support'

const inSingles = (circuit: Circuit): Circuit => ({ ...circuit, precision: 'f32' })
const everySlot = ({ slots }: Circuit) => Array.from({ length: slots }, (_, slot) => slot)

function both(circuit: Circuit, run: (circuit: Circuit) => Float64Array): readonly [Float64Array, Float64Array] {
  return [run(inSingles(circuit)), run(circuit)]
}

function largestDifference([a, b]: readonly [Float64Array, Float64Array]): number {
  return a.reduce((most, x, k) => Math.max(most, Math.abs(x - (b[k] ?? NaN))), 0)
}

describe('a circuit in 32 bits', () => {
  it('has a state of half the bytes', () => {
    const circuit = randomCircuit(randomNumbers(1), 4, 5)
    expect(new CircuitRun(inSingles(circuit)).state.re).toBeInstanceOf(Float32Array)
    expect(new CircuitRun(circuit).state.re).toBeInstanceOf(Float64Array)
    expect([stateBytes(inSingles(circuit)), stateBytes(circuit)]).toEqual([8 * 16, 16 * 16])
  })

  it.each([[2, 10], [4, 100], [6, 400], [10, 400]])('of %i qubits and %i gates gives numbers and gradients within 1e-6·√gates, but not the same', (qubits, gates) => {
    const random = randomNumbers(10 * qubits + gates)
    const circuit = randomCircuit(random, qubits, gates)
    const slots = randomSlots(random, circuit.slots)
    const promised = 1e-6 * Math.sqrt(circuit.operations.length)
    const values = both(circuit, each => {
      const out = new Float64Array(resultWidth(each))
      BY_CONTENT.prepare(each, 'adjoint').values(1, slots, [], out)
      return out
    })
    expectClose(values[0], values[1], promised)
    expect(largestDifference(values)).toBeGreaterThan(0)
    // Of one number of size 1, by 10 of the angles: each slope is made from as many gates again, on the way back.
    const cotangents = new Float64Array(resultWidth(circuit))
    cotangents[0] = 1
    const active = everySlot(circuit).filter(slot => slot % Math.ceil(circuit.slots / 10) === 0)
    for (const method of ['adjoint', 'parameter_shift'] as const) {
      if (method === 'parameter_shift' && qubits > 6) continue
      const gradients = both(circuit, each => {
        const out = new Float64Array(each.slots)
        BY_CONTENT.prepare(each, method).vjp(1, slots, [], cotangents, active, out)
        return out
      })
      expectClose(gradients[0], gradients[1], 2 * promised, method)
    }
  })

  it('takes wider steps for finite differences: within h²/6·Σ|f‴| + 2⁻²⁴·√gates/h of the gradient, h = 2⁻⁷', () => {
    const random = randomNumbers(33)
    const circuit = randomCircuit(random, 3, 20)
    const slots = randomSlots(random, circuit.slots)
    const cotangents = new Float64Array(resultWidth(circuit))
    cotangents[0] = 1
    const gradient = (each: Circuit, method: 'adjoint' | 'finite_difference') => {
      const out = new Float64Array(each.slots)
      BY_CONTENT.prepare(each, method).vjp(1, slots, [], cotangents, everySlot(each), out)
      return out
    }
    // The number is 0.7⟨Z⟩ − 0.4 with frequencies of at most 1, so |f‴| ≤ 0.7; roundings of the states add up to 1e-6·√gates at most.
    expectClose(gradient(inSingles(circuit), 'finite_difference'), gradient(circuit, 'adjoint'), 2 ** -14 / 6 + 1e-6 * Math.sqrt(23) * 2 ** 7)
  })

  it('has a metric, a density matrix and trajectories alike', () => {
    const random = randomNumbers(21)
    const plain = randomCircuit(random, 3, 20)
    const slots = randomSlots(random, plain.slots)
    const promised = 1e-6 * Math.sqrt(plain.operations.length)
    const metrics = both(plain, each => {
      const out = new Float64Array(each.slots ** 2)
      BY_CONTENT.prepare(each, 'adjoint').metric(1, slots, everySlot(each), out)
      return out
    })
    expectClose(metrics[0], metrics[1], promised)
    const damp: Operation = { kind: 'channel', name: 'amplitude_damp', wires: [1], controls: [], parameter: { value: 0.8 } }
    for (const more of [{}, { trajectories: 20 }]) {
      const noisy: Circuit = { ...plain, operations: [...plain.operations.slice(0, 10), damp, ...plain.operations.slice(10)], ...more }
      const values = both(noisy, each => {
        const out = new Float64Array(resultWidth(each))
        const prepared = BY_CONTENT.prepare(each, 'parameter_shift')
        prepared.drawFrom(() => randomNumbers(4))
        prepared.values(1, slots, [], out)
        return out
      })
      expectClose(values[0], values[1], promised)
    }
  })
})
