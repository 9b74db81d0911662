/**
 * Circuits that generated code runs by itself: without noise, of gates and rotations, reporting exact expectation values. Most are
 * such, and nothing of the TypeScript engine is loaded for them.
 */
import { wasmLacks } from '../../../wasm/support'
import type { Threads } from '../../../wasm/team'
import { stateKind, type Circuit } from '../../circuit'
import type { GradientMethod, PreparedCircuit } from '../../engine'
import { PreparedRun } from '../preparedRun'
import { rulesOfSlots } from '../rulesOfSlots'
import { MOST_QUBITS, WasmRun } from './run'

/** Why no code is made for a circuit, which then runs by the TypeScript engines; undefined where it is. */
export function whyNoCode(circuit: Circuit): string | undefined {
  const kind = stateKind(circuit)
  const most = MOST_QUBITS[circuit.precision ?? 'f64']
  switch (kind) {
    case 'density': return 'its state is a density matrix'
    case 'trajectories': return 'its state is a random history'
    case 'statevector': return circuit.qubits > most ? `more than ${most} qubits are beyond the addresses of WebAssembly` : wasmLacks()
    default: return kind satisfies never
  }
}

/** What of a circuit with code the TypeScript engine does beside it: kinds of operations and measurements, and `shots`. */
export function besideCode({ operations, measurements, shots }: Circuit): readonly string[] {
  const found = new Set<string>()
  for (const { kind } of operations) if (kind !== 'gate' && kind !== 'pauli_rotation' && kind !== 'global_phase') found.add(kind)
  for (const { kind } of measurements) if (kind !== 'expectation') found.add(kind)
  if (shots !== undefined) found.add('shots')
  return [...found]
}

/**
 * @param threads who shares the rows of batches
 * @returns undefined where it takes more than generated code, and where there is no memory for that; it has no metric
 */
export function prepareAlone(circuit: Circuit, method: GradientMethod, threads?: Threads): PreparedCircuit | undefined {
  if (whyNoCode(circuit) !== undefined || besideCode(circuit).length > 0) return undefined
  const run = WasmRun.of(circuit, method === 'adjoint', threads)
  return run && new PreparedRun(run, method, run.readout, rulesOfSlots(circuit, method, () => { throw new Error('a circuit with evolutions is not alone') }))
}
