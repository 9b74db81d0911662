/**
 * Circuits that are trained by many shifted runs where one sweep back would do. Only where it counts: parameter shift was not asked
 * for, the sweep gives the same gradient, and the state is large enough for a run to take time.
 */
import { ownModules, type Module } from '../../2-check/modules'
import type { DiagnosticSink } from '../../diagnostics/sink'
import { reachableNodes, type Value } from '../../../ir/graph'
import type { Circuit, Operation } from '../../../quantum/circuit'
import { slotRules } from '../../../quantum/engines/slotRules'
import { dependsOnAny } from '../dependence'
import type { ElaboratedModel } from '../model'

/** A sweep back is about three runs: one forward, and two states on the way back. */
const SWEEP_RUNS = 3
/** Shifted runs share what stands before the shift, so twenty times the runs are ten times the work. */
const WORTH_SAYING = 20
/** Below this a run is a matter of microseconds. */
const FEWEST_QUBITS = 8
/** All others are noise, whose sweep goes over density matrices. */
const PURE: ReadonlySet<Operation['kind']> = new Set(['gate', 'pauli_rotation', 'global_phase', 'unitary', 'evolution', 'amplitudes'])

export function noteShiftCosts(entry: Module, model: ElaboratedModel, sink: DiagnosticSink): void {
  const loss = model.graph.outputs[model.results.findIndex(({ kind }) => kind === 'loss')]
  if (!loss) return
  const trained = new Set(model.parameters.filter(({ frozen }) => !frozen).map(({ input }) => input))
  const routines = ownModules(entry).flatMap(({ file }) => file.declarations).flatMap(declaration => (declaration.kind === 'routine' && declaration.routine === 'circuit' ? [declaration] : []))
  for (const node of reachableNodes([loss])) {
    const [slots] = node.inputs
    if (node.op !== 'circuit' || node.attributes.method !== 'parameter_shift' || !slots) continue
    const { circuit } = node.attributes
    if (circuit.shots !== undefined || circuit.qubits < FEWEST_QUBITS || !circuit.operations.every(({ kind }) => PURE.has(kind))) continue
    const routine = routines.find(({ name }) => name.name === circuit.name)
    if (!routine || routine.annotations.some(({ name }) => name.name === 'gradient')) continue
    const runs = shiftedRuns(circuit, trainedSlots(slots, trained))
    if (runs >= WORTH_SAYING * SWEEP_RUNS) sink.report('shift-cost', routine.name.span, { name: circuit.name, runs, sweep: SWEEP_RUNS })
  }
}

/** Positions along the last axis that parameters reach: what is computed alike lies in one piece. */
function trainedSlots(slots: Value, trained: ReadonlySet<Value>): readonly number[] {
  const pieces = slots.node.op === 'concat' && slots.node.attributes.axis === slots.type.shape.length - 1 ? slots.node.inputs : [slots]
  let low = 0
  return pieces.flatMap(piece => {
    const size = Number(piece.type.shape.at(-1))
    const from = low
    low += size
    return dependsOnAny(piece, trained) ? Array.from({ length: size }, (_, at) => from + at) : []
  })
}

function shiftedRuns(circuit: Circuit, slots: readonly number[]): number {
  const { rules, swept } = slotRules(circuit, 'parameter_shift')
  return slots.reduce((sum, slot) => sum + (swept[slot] === 1 ? 0 : rules[slot]?.length ?? 0), 0)
}
