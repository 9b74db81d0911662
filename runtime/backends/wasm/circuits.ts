/** Circuits of a WebAssembly program, which the reference's executors run by engines of the quantum room. */
import type { Circuit } from '../../../quantum/circuit'
import type { GradientMethod, PreparedCircuit } from '../../../quantum/engine'
import { loadPrepared, type LateThreads } from '../../../quantum/engines/loadEngine'
import { failedRun, METRIC_METHOD, prepareCircuit, prepareCircuitMetric, prepareCircuitVjp } from '../reference/circuit'
import type { RoutineSite } from '../reference/executor'
import { countOf } from '../reference/layout'
import type { HostStep } from './site'

export const CIRCUIT_MAKERS = { circuit: prepareCircuit, circuitVjp: prepareCircuitVjp, circuitMetric: prepareCircuitMetric }

/**
 * Makes ready, each once, the circuits of some steps, and loads what they need for it.
 * @param threads who may share the rows of batches
 * @throws RunError 'data' for a circuit that no engine can hold
 */
export async function loadCircuits(steps: readonly HostStep[], threads: LateThreads | undefined): Promise<RoutineSite['circuit']> {
  const hasMetric = steps.some(({ step }) => step.op === 'circuitMetric')
  const ready = new Map<Circuit, Map<GradientMethod, PreparedCircuit>>()
  const rowsOf = (circuit: Circuit) => Math.max(1, ...steps.map(({ step, shape }) => ('circuit' in step.attributes && step.attributes.circuit === circuit ? countOf(shape.slice(0, -1)) : 1)))
  for (const { step: { attributes } } of steps) {
    if (!('circuit' in attributes)) continue
    const { circuit } = attributes
    const method = 'method' in attributes ? attributes.method : METRIC_METHOD
    const byMethod = ready.get(circuit) ?? new Map<GradientMethod, PreparedCircuit>()
    ready.set(circuit, byMethod)
    if (!byMethod.has(method)) byMethod.set(method, await loadPrepared(circuit, method, hasMetric, { rows: rowsOf(circuit), threads }).catch((error: unknown) => { throw failedRun(error) }))
  }
  return (circuit, method) => {
    const prepared = ready.get(circuit)?.get(method)
    if (!prepared) throw new Error(`the host was asked for circuit ${circuit.name}, which it has not`)
    return prepared
  }
}
