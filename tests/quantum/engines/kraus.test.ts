/** Noise by its Kraus operators, held to the channels with names, to sums over whole matrices, and to differences. */
import { describe, expect, it } from 'vitest'
import { CHANNEL_NAMES, resultWidth, type Circuit, type KrausChannel, type Operand, type Operation } from '../../../quantum/circuit'
import type { GradientMethod } from '../../../quantum/engine'
import { DENSITY } from '../../../quantum/engines/density'
import { krausDeviation, type ComplexMatrix } from '../../../quantum/linearAlgebra'
import { denseUnitary, denseValues, expectClose, krausOperators, pick, placeGate, randomCircuit, randomNumbers, randomSlots } from '../support'

/** Two exact ways: rounding over some tens of steps. */
const EXACT = 1e-10

const constants = (values: ArrayLike<number>): Operand[] => Array.from(values, value => ({ value }))

function krausOf(operators: readonly ComplexMatrix[], wires: readonly number[]): KrausChannel {
  return { kind: 'kraus', wires, controls: [], re: operators.flatMap(({ re }) => constants(re)), im: operators.flatMap(({ im }) => constants(im)) }
}

/** The same with a slot for each entry, from `first` on: real parts, then imaginary ones. */
function slotted(channel: KrausChannel, first: number): { readonly channel: KrausChannel; readonly values: readonly number[] } {
  const { re, im } = channel
  const values = [...re, ...im].map(operand => ('value' in operand ? operand.value : NaN))
  return { values, channel: { ...channel, re: re.map((_, at) => ({ slot: first + at })), im: im.map((_, at) => ({ slot: first + re.length + at })) } }
}

/** m operators on k wires from the first 2^k columns of a random unitary on k + log₂m, whose blocks of rows satisfy Σ K†K = 1. */
function randomOperators(random: () => number, wires: number, ancillas: number): readonly ComplexMatrix[] {
  const { operations, slots } = randomCircuit(random, wires + ancillas, 12)
  const whole = denseUnitary(operations, wires + ancillas, randomSlots(random, slots))
  const size = 2 ** wires
  const block = (part: Float64Array, m: number) => Float64Array.from({ length: size * size }, (_, e) => part[(m * size + Math.floor(e / size)) * whole.size + e % size] as number)
  return Array.from({ length: 2 ** ancillas }, (_, m) => ({ size, re: block(whole.re, m), im: block(whole.im, m) }))
}

function values(circuit: Circuit, slots: Float64Array, directions: readonly Float64Array[] = []): Float64Array {
  const out = new Float64Array(resultWidth(circuit))
  DENSITY.prepare(circuit, 'adjoint').values(1, slots, directions, out)
  return out
}

function vjp(circuit: Circuit, method: GradientMethod, slots: Float64Array, cotangents: Float64Array, directions: readonly Float64Array[] = []): Float64Array {
  const out = new Float64Array(circuit.slots)
  DENSITY.prepare(circuit, method).vjp(1, slots, directions, cotangents, Array.from(slots, (_, slot) => slot), out)
  return out
}

describe('kraus', () => {
  const random = randomNumbers(77)

  it.each([...CHANNEL_NAMES.map(name => [name, 1] as const), ['depolarize', 2] as const])('with the operators of %s on %i qubits is that channel', (name, count) => {
    for (const x of [0, 0.3, 1]) {
      const plain = randomCircuit(random, 3, 6)
      const wires = pick(random, 3, count)
      const slots = randomSlots(random, plain.slots)
      const within = (noise: Operation): Circuit => ({ ...plain, operations: [...plain.operations.slice(0, 6), noise, ...plain.operations.slice(6)] })
      const named = within({ kind: 'channel', name, wires, controls: [], parameter: { value: x } })
      const written = within(krausOf(krausOperators(name, count, x), wires))
      expectClose(values(written, slots), values(named, slots), EXACT)
      const cotangents = randomSlots(random, resultWidth(plain))
      for (const method of ['adjoint', 'parameter_shift'] as const) expectClose(vjp(written, method, slots, cotangents), vjp(named, method, slots, cotangents), EXACT)
    }
  })

  it('with diag(1, √(1−γ)) and √γ|0⟩⟨1| damps as in Nielsen and Chuang, eq. 8.108: ρ₁₁ → (1−γ)ρ₁₁, ρ₀₁ → √(1−γ)ρ₀₁', () => {
    const [theta, phi, gamma] = [0.9, 0.4, 0.35]
    const operators = [
      { size: 2, re: Float64Array.of(1, 0, 0, Math.sqrt(1 - gamma)), im: new Float64Array(4) }, { size: 2, re: Float64Array.of(0, Math.sqrt(gamma), 0, 0), im: new Float64Array(4) },
    ]
    const circuit: Circuit = {
      name: 'damped', qubits: 1, slots: 2, operations: [placeGate('ry', [0], 0), placeGate('rz', [0], 1), krausOf(operators, [0])], measurements: [{ kind: 'density', wires: [0] }],
    }
    const one = Math.sin(theta / 2) ** 2
    // ρ₀₁ = ½ sin θ e^{−iφ}
    const kept = Math.sqrt(1 - gamma) * Math.sin(theta) / 2
    const [re, im] = [kept * Math.cos(phi), -kept * Math.sin(phi)]
    expectClose(values(circuit, Float64Array.of(theta, phi)), [1 - (1 - gamma) * one, re, re, (1 - gamma) * one, 0, im, -im, 0], 1e-14)
  })

  it.each([[1, 1], [1, 2], [2, 1], [2, 3], [3, 1]])('on %i qubits with 2^%i random operators is Σ KρK†, with gradients by every entry that differences confirm', (count, ancillas) => {
    const operators = randomOperators(random, count, ancillas)
    expect(krausDeviation(operators)).toBeLessThan(1e-13)
    const plain = randomCircuit(random, 3, 6)
    const { channel, values: entries } = slotted(krausOf(operators, pick(random, 3, count)), plain.slots)
    const circuit: Circuit = { ...plain, slots: plain.slots + entries.length, operations: [...plain.operations.slice(0, 6), channel, ...plain.operations.slice(6)] }
    const slots = Float64Array.of(...randomSlots(random, plain.slots), ...entries)
    expectClose(values(circuit, slots), denseValues(circuit, slots), EXACT)
    const cotangents = randomSlots(random, resultWidth(circuit))
    const adjoint = vjp(circuit, 'adjoint', slots, cotangents)
    expectClose(vjp(circuit, 'parameter_shift', slots, cotangents), adjoint, EXACT)
    const prepared = DENSITY.prepare(circuit, 'adjoint')
    const slopes = new Float64Array(resultWidth(circuit))
    // By shifts of ½, which are exact for the quadratic that every number is of an entry, and share nothing with the sweep.
    for (let trial = 0; trial < 12; trial++) {
      const slot = Math.floor(random() * circuit.slots)
      prepared.values(1, slots, [slots.map((_, other) => Number(other === slot))], slopes)
      expect(Math.abs(slopes.reduce((sum, x, k) => sum + x * (cotangents[k] ?? NaN), 0) - (adjoint[slot] ?? NaN)), `slot ${slot}`).toBeLessThan(EXACT)
    }
  })

  it('has directional derivatives of its gradient that differences confirm', () => {
    const plain = randomCircuit(random, 2, 4)
    const { channel, values: entries } = slotted(krausOf(randomOperators(random, 1, 1), [1]), plain.slots)
    const circuit: Circuit = { ...plain, slots: plain.slots + entries.length, operations: [...plain.operations.slice(0, 4), channel, ...plain.operations.slice(4)] }
    const slots = Float64Array.of(...randomSlots(random, plain.slots), ...entries)
    const cotangents = randomSlots(random, resultWidth(circuit)), v = randomSlots(random, circuit.slots)
    // Along v the operators leave Σ K†K = 1 by h·|v|, 5e-7, which is still let pass; truncation is h²|v|³ ~ 1e-12, rounding 1e-16/h·100.
    const h = 5e-8
    const along = (t: number) => vjp(circuit, 'adjoint', slots.map((x, k) => x + t * (v[k] ?? NaN)), cotangents)
    const [above, below] = [along(h), along(-h)]
    const expected = above.map((x, k) => (x - (below[k] ?? NaN)) / (2 * h))
    for (const method of ['adjoint', 'parameter_shift'] as const) expectClose(vjp(circuit, method, slots, cotangents, [v]), expected, 1e-5)
  })

  it('stops a run with operators that keep no trace, by circuit, qubit and row', () => {
    const { channel, values: entries } = slotted(krausOf(krausOperators('bit_flip', 1, 0.2), [0]), 0)
    const circuit: Circuit = { name: 'lossy', qubits: 1, slots: entries.length, operations: [channel], measurements: [{ kind: 'probabilities', wires: [0] }] }
    const run = (...rows: readonly (readonly number[])[]) => DENSITY.prepare(circuit, 'adjoint').values(rows.length, Float64Array.from(rows.flat()), [], new Float64Array(2 * rows.length))
    const scaled = (factor: number) => entries.map(x => factor * x)
    expect(() => run(entries, scaled(Math.sqrt(1.1)))).toThrow('circuit lossy: the operators of `kraus` are no channel: Σ K†K differs from the identity by 0.100, at most 1e-6 is allowed (operation 0 on q[0], batch row 1)')
    expect(() => run(scaled(NaN))).toThrow('by NaN')
    expect(() => run(scaled(1 + 4e-7))).not.toThrow()
  })

  it('keeps to its contract: 1 to 3 wires, no controls, whole operators', () => {
    const prepare = (channel: KrausChannel) => () => DENSITY.prepare({ name: 'k', qubits: 4, slots: 0, operations: [channel], measurements: [] }, 'adjoint')
    const channel = krausOf(krausOperators('bit_flip', 1, 0.2), [0])
    expect(prepare({ ...channel, wires: [0, 1, 2, 3] })).toThrow('kraus takes 1 to 3 wires')
    expect(prepare({ ...channel, controls: [{ wire: 1, value: 1 }] })).toThrow('a channel cannot be controlled')
    expect(prepare({ ...channel, re: channel.re.slice(1) })).toThrow('each operator on 1 wires has 4 entries, real and imaginary')
  })
})
