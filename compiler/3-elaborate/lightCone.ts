/**
 * Angles that no measurement can feel: behind the last gate that links their qubits to a measured one, or a phase of the whole
 * state. Only what the wires alone show is told, so that a warning is never wrong; a rotation about the measured axis, say, is
 * left to the gradient.
 */
import type { DiagnosticSink } from '../diagnostics/sink'
import type { Span } from '../source/source'
import { operandsOf, type Measurement, type Operation } from '../../quantum/circuit'
import type { CircuitFrame } from './circuitFrame'
import { shortText } from './operators'

export function warnOfUnfeltAngles(sink: DiagnosticSink, circuit: CircuitFrame): void {
  // A fidelity feels every qubit; a circuit that measures nothing says so by what it returns.
  if (circuit.overlaps.length > 0 || circuit.measurements.size === 0) return
  const sites = Array.from(circuit.sites, ([span]): Site => ({ span, hasAngle: false, isPhase: true, isFelt: false }))
  const cone = measuredWires([...circuit.measurements.values()].map(({ measurement }) => measurement))
  // Backwards: an operation is felt where it meets the light cone, which then grows by its wires.
  for (let at = circuit.operations.length - 1; at >= 0; at--) {
    const operation = circuit.operations[at]
    if (!operation) continue
    const isFelt = meets(operation, cone)
    if (isFelt) widen(cone, operation)
    const site = sites[circuit.origins[at] ?? -1]
    if (!site || !operandsOf(operation).some(operand => 'slot' in operand)) continue
    site.hasAngle = true
    site.isFelt ||= isFelt
    site.isPhase &&= isGlobalPhase(operation)
  }
  for (const { span, hasAngle, isPhase, isFelt } of sites) {
    if (!hasAngle) continue
    if (isPhase) sink.report('global-phase-angle', span, { statement: shortText(span) })
    else if (!isFelt) sink.report('unfelt-angle', span, { statement: shortText(span) })
  }
}

/** A gate statement, with what all operations with an angle that came of it have in common. */
interface Site { readonly span: Span; hasAngle: boolean; isPhase: boolean; isFelt: boolean }

function measuredWires(measurements: readonly Measurement[]): Set<number> {
  return new Set(measurements.flatMap(measurement =>
    (measurement.kind === 'expectation' ? measurement.terms.flatMap(({ word }) => word.map(([wire]) => wire)) : measurement.wires)))
}

function meets({ wires, controls }: Operation, cone: ReadonlySet<number>): boolean {
  return wires.some(wire => cone.has(wire)) || controls.some(({ wire }) => cone.has(wire))
}

function widen(cone: Set<number>, { wires, controls }: Operation): void {
  for (const wire of wires) cone.add(wire)
  for (const { wire } of controls) cone.add(wire)
}

function isGlobalPhase(operation: Operation): boolean {
  return operation.controls.length === 0 && (operation.kind === 'global_phase' || (operation.kind === 'pauli_rotation' && /^I*$/.test(operation.word)))
}
