/** Measurements of a circuit's final state as parts of what a run of it reports. */
import type { Span } from '../source/source'
import { hasNoise, measurementWidth, type Measurement } from '../../quantum/circuit'
import { qubitName } from './circuitFrame'
import type { Frame } from './frame'
import { staticReal, tensorMeaning, type Meaning, type StaticMeaning, type TensorMeaning } from './meaning'
import { mismatch } from './operators'

export interface Given { readonly meaning: Meaning; readonly span: Span }

/** Equal measurements are made once; samples are drawn anew. */
export function measure(frame: Frame, measurement: Measurement): StaticMeaning | TensorMeaning {
  const { circuit } = frame
  if (!circuit) return staticReal(NaN)
  const key = JSON.stringify(measurement)
  const known = circuit.measurements.get(key)
  if (known) return tensorMeaning(known.value)
  const offset = [...circuit.measurements.values()].reduce((sum, earlier) => sum + measurementWidth(earlier.measurement), 0)
  const part = frame.builder.sliceAxis(circuit.reported, 0, offset, measurementWidth(measurement))
  const value = measurement.kind === 'expectation' ? frame.builder.reshape(part, []) : part
  circuit.measurements.set(key, { measurement, value })
  return tensorMeaning(value)
}

/** All the qubits named, each once; reports anything else. */
export function wiresOf(frame: Frame, name: string, given: readonly Given[], span: Span): readonly number[] | undefined {
  const wires: number[] = []
  for (const { meaning, span: at } of given) {
    if (meaning.kind !== 'wires') { mismatch(frame, at, 'a qubit or a register', meaning); return undefined }
    wires.push(...meaning.wires)
  }
  const repeated = wires.find((wire, at) => wires.indexOf(wire) !== at)
  if (repeated === undefined) return wires
  frame.sink.report('repeated-qubit', span, { gate: name, qubit: frame.circuit ? qubitName(frame.circuit, repeated) : repeated }, { help: 'name each qubit once' })
  return undefined
}

/**
 * Reports what estimates cannot tell, in a circuit that has nothing else: samples what is no Pauli observable, and trajectories
 * what is not linear in the density matrix.
 */
export function needsExactState(frame: Frame, name: string, span: Span, isLinear: boolean): boolean {
  const { circuit } = frame
  const by = circuit?.shots !== undefined ? '@shots' : circuit?.trajectories !== undefined && hasNoise(circuit) && !isLinear ? '@trajectories' : undefined
  if (by === undefined) return true
  frame.sink.report('exact-only', span, { name, by, instead: by === '@shots' ? 'measure Pauli observables' : 'measure means' })
  return false
}
