/** Circuits of a WebAssembly program, which the reference's executors run by an engine of the quantum room. */
import type { Circuit } from '../../../quantum/circuit'
import { loadEngine } from '../../../quantum/engines/loadEngine'
import { prepareCircuit, prepareCircuitMetric, prepareCircuitVjp, preparedCircuits } from '../reference/circuit'
import type { RoutineSite } from '../reference/executor'

export const CIRCUIT_MAKERS = { circuit: prepareCircuit, circuitVjp: prepareCircuitVjp, circuitMetric: prepareCircuitMetric }

/** @param circuits all that it will be asked to prepare */
export const loadCircuits = async (circuits: readonly Circuit[]): Promise<RoutineSite['circuit']> => preparedCircuits(await loadEngine(circuits))
