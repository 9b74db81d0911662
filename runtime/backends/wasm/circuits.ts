/** Circuits of a WebAssembly program, which the reference's executors run by engines of the quantum room. */
import type { RoutineStep } from '../../../ir/plan'
import type { Circuit } from '../../../quantum/circuit'
import type { GradientMethod, PreparedCircuit } from '../../../quantum/engine'
import { loadPrepared } from '../../../quantum/engines/loadEngine'
import { failedRun, METRIC_METHOD, prepareCircuit, prepareCircuitMetric, prepareCircuitVjp } from '../reference/circuit'
import type { RoutineSite } from '../reference/executor'

export const CIRCUIT_MAKERS = { circuit: prepareCircuit, circuitVjp: prepareCircuitVjp, circuitMetric: prepareCircuitMetric }

/**
 * Makes ready, each once, the circuits of some steps, and loads what they need for it.
 * @throws RunError 'data' for a circuit that no engine can hold
 */
export async function loadCircuits(steps: readonly RoutineStep[]): Promise<RoutineSite['circuit']> {
  const hasMetric = steps.some(({ op }) => op === 'circuitMetric')
  const ready = new Map<Circuit, Map<GradientMethod, PreparedCircuit>>()
  for (const { attributes } of steps) {
    if (!('circuit' in attributes)) continue
    const { circuit } = attributes
    const method = 'method' in attributes ? attributes.method : METRIC_METHOD
    const byMethod = ready.get(circuit) ?? new Map<GradientMethod, PreparedCircuit>()
    ready.set(circuit, byMethod)
    if (!byMethod.has(method)) byMethod.set(method, await loadPrepared(circuit, method, hasMetric).catch((error: unknown) => { throw failedRun(error) }))
  }
  return (circuit, method) => {
    const prepared = ready.get(circuit)?.get(method)
    if (!prepared) throw new Error(`the host was asked for circuit ${circuit.name}, which it has not`)
    return prepared
  }
}
