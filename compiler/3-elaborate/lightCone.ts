/**
 * Angles that no measurement can feel: behind the last gate that links their qubits to a measured one, or a phase of the whole
 * state. Only what the wires alone show is told, so that a warning is never wrong; a rotation about the measured axis, say, is
 * left to the gradient.
 */
import type { DiagnosticSink } from '../diagnostics/sink'
import { operandsOf, type Measurement, type Operation } from '../../quantum/circuit'
import type { CircuitFrame } from './circuitFrame'
import { shortText } from './operators'

export function warnOfUnfeltAngles(sink: DiagnosticSink, circuit: CircuitFrame): void {
  // A fidelity feels every qubit; a circuit that measures nothing says so by what it returns.
  if (circuit.overlaps.length > 0 || circuit.measurements.size === 0) return
  const felt = feltOperations(circuit.operations, [...circuit.measurements.values()].map(({ measurement }) => measurement))
  const places = new Map<string, { readonly site: CircuitFrame['sites'][number]; readonly angled: number[] }>()
  for (const site of circuit.sites) {
    const key = `${site.span.file.name}:${site.span.start}`
    const place = places.get(key) ?? { site, angled: [] }
    places.set(key, place)
    for (let at = site.from; at < site.to; at++) {
      const operation = circuit.operations[at]
      if (operation && operandsOf(operation).some(operand => 'slot' in operand)) place.angled.push(at)
    }
  }
  for (const { site: { span }, angled } of places.values()) {
    if (angled.length === 0) continue
    const operations = angled.flatMap(at => circuit.operations[at] ?? [])
    if (operations.every(isGlobalPhase)) sink.report('global-phase-angle', span, { statement: shortText(span) })
    else if (angled.every(at => !felt.has(at))) sink.report('unfelt-angle', span, { statement: shortText(span) })
  }
}

/** Positions of the operations in the light cone of the measurements, walked backwards. */
function feltOperations(operations: readonly Operation[], measurements: readonly Measurement[]): ReadonlySet<number> {
  const cone = new Set(measurements.flatMap(measurement =>
    (measurement.kind === 'expectation' ? measurement.terms.flatMap(({ word }) => word.map(([wire]) => wire)) : measurement.wires)))
  const felt = new Set<number>()
  for (let at = operations.length - 1; at >= 0; at--) {
    const operation = operations[at]
    const wires = operation ? [...operation.wires, ...operation.controls.map(({ wire }) => wire)] : []
    if (!wires.some(wire => cone.has(wire))) continue
    felt.add(at)
    for (const wire of wires) cone.add(wire)
  }
  return felt
}

function isGlobalPhase(operation: Operation): boolean {
  return operation.controls.length === 0 && (operation.kind === 'global_phase' || (operation.kind === 'pauli_rotation' && /^I*$/.test(operation.word)))
}
