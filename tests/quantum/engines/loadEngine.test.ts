/** What is loaded for a circuit gives what the engine by content gives, and the least that does. */
import { describe, expect, it } from 'vitest'
import type { Circuit, Measurement, Operation } from '../../../quantum/circuit'
import type { GradientMethod, PreparedCircuit } from '../../../quantum/engine'
import { BY_CONTENT } from '../../../quantum/engines/engineFor'
import { loadPrepared } from '../../../quantum/engines/loadEngine'
import { besideCode, prepareAlone, whyNoCode } from '../../../quantum/engines/wasm/alone'

const ry = (wire: number, slot: number): Operation => ({ kind: 'gate', name: 'ry', wires: [wire], controls: [], angles: [{ slot }], inverse: false })
const cx: Operation = { kind: 'gate', name: 'cx', wires: [0, 1], controls: [], angles: [], inverse: false }
const Z: Measurement = { kind: 'expectation', terms: [{ coefficient: 1, word: [[1, 'Z']] }] }
const values = (numbers: readonly number[]) => numbers.map(value => ({ value }))

const circuitOf = (operations: readonly Operation[], measurements: readonly Measurement[] = [Z], more: Partial<Circuit> = {}): Circuit =>
  ({ name: 'c', qubits: 2, slots: 2, operations: [ry(0, 0), cx, ry(1, 1), ...operations], measurements, ...more })

const ALONE: readonly (readonly [string, Circuit])[] = [
  ['gates', circuitOf([])],
  ['Pauli rotations and phases', circuitOf([
    { kind: 'pauli_rotation', word: 'XY', wires: [0, 1], controls: [], angle: { value: 0.4 } },
    { kind: 'global_phase', wires: [], controls: [{ wire: 0, value: 1 }], angle: { value: 0.3 } },
  ])],
]

const BESIDE: readonly (readonly [string, Circuit])[] = [
  ['unitary', circuitOf([{ kind: 'unitary', wires: [0], controls: [], re: values([0, 1, 1, 0]), im: values([0, 0, 0, 0]) }])],
  ['amplitudes', circuitOf([{ kind: 'amplitudes', wires: [0, 1], controls: [], re: values([1, 0, 0, 0]), im: values([0, 0, 0, 0]), inverse: true }])],
  ['evolution', circuitOf([{ kind: 'evolution', wires: [0, 1], controls: [], angle: { value: 0.7 }, hamiltonian: [{ coefficient: 1, word: [[0, 'X']] }, { coefficient: 0.5, word: [[0, 'Z'], [1, 'Z']] }] }])],
  ['probabilities', circuitOf([], [{ kind: 'probabilities', wires: [0, 1] }])],
  ['density', circuitOf([], [{ kind: 'density', wires: [1] }])],
  ['shots', circuitOf([], [Z], { shots: 100 })],
]

const NOISY: readonly (readonly [string, Circuit])[] = [
  ['channels', circuitOf([{ kind: 'channel', name: 'depolarize', wires: [0], controls: [], parameter: { value: 0.1 } }])],
]

const SLOTS = Float64Array.of(0.3, -1.1)

function answers(prepared: PreparedCircuit, width: number): readonly (readonly number[])[] {
  prepared.drawFrom(() => { let k = 0; return () => (k++ * 0.618) % 1 })
  const out = new Float64Array(width), gradient = new Float64Array(2)
  prepared.values(1, SLOTS, [], out)
  prepared.vjp(1, SLOTS, [], new Float64Array(width).fill(1), [0, 1], gradient)
  return [[...out], [...gradient]]
}

const widthOf = ({ measurements: [measurement] }: Circuit): number => (measurement?.kind === 'probabilities' ? 4 : measurement?.kind === 'density' ? 8 : 1)

describe('a circuit that is loaded', () => {
  const METHODS: readonly GradientMethod[] = ['parameter_shift', 'adjoint']
  it.each([...ALONE, ...BESIDE, ...NOISY].flatMap(([what, circuit]) => METHODS.map(method => [what, method, circuit] as const)))(
    'with %s answers with the bits of the engine by content, by %s', async (what, method, circuit) => {
      // Estimates have gradients by shifts alone.
      const suited = what === 'shots' ? 'parameter_shift' : method
      expect(answers(await loadPrepared(circuit, suited, false), widthOf(circuit))).toEqual(answers(BY_CONTENT.prepare(circuit, suited), widthOf(circuit)))
    })

  it.each(ALONE)('of %s is generated code alone', (_, circuit) => {
    expect(whyNoCode(circuit)).toBeUndefined()
    expect(besideCode(circuit)).toEqual([])
    expect(prepareAlone(circuit, 'adjoint')).toBeDefined()
  })

  it.each(BESIDE)('with %s has the TypeScript engine beside its code', (what, circuit) => {
    expect(whyNoCode(circuit)).toBeUndefined()
    expect(besideCode(circuit)).toEqual([what])
    expect(prepareAlone(circuit, 'parameter_shift')).toBeUndefined()
  })

  it.each(NOISY)('with %s has no code', (_, circuit) => {
    expect(whyNoCode(circuit)).toBe('its state is a density matrix')
    expect(prepareAlone(circuit, 'parameter_shift')).toBeUndefined()
  })

  it('has its metric where it is said that one will be asked for', async () => {
    const circuit = circuitOf([])
    const metricOf = (prepared: PreparedCircuit) => {
      const out = new Float64Array(4)
      prepared.metric(1, SLOTS, [0, 1], out)
      return [...out]
    }
    const metric = metricOf(await loadPrepared(circuit, 'parameter_shift', true))
    expect(metric).toEqual(metricOf(BY_CONTENT.prepare(circuit, 'parameter_shift')))
    // RY turns by exp(−iθY/2), so ⟨G²⟩ − ⟨G⟩² = ¼ of a real state.
    expect(metric[0]).toBeCloseTo(0.25, 14)
  })
})
