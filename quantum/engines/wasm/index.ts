/**
 * The statevector engine in WebAssembly: code made for each circuit when it is prepared, over the same arithmetic as the TypeScript
 * engine, to rounding. That one runs where this cannot.
 */
import { wasmLacks } from '../../../wasm/support'
import { stateKind, type Circuit } from '../../circuit'
import type { Engine } from '../../engine'
import { slotRules } from '../slotRules'
import { CircuitRun } from '../run'
import { prepareStatevector, STATEVECTOR } from '../statevector'
import { MOST_QUBITS, WasmRun } from './run'

export const WASM_STATEVECTOR: Engine = {
  name: 'statevector in WebAssembly',
  prepare(circuit, method) {
    if (whyNoCode(circuit) !== undefined) return STATEVECTOR.prepare(circuit, method)
    // Slots of entries are left to a sweep back by parameter shift, too.
    const sweepsBack = method === 'adjoint' || (method === 'parameter_shift' && slotRules(circuit, method).swept.includes(1))
    return prepareStatevector(WasmRun.of(circuit, sweepsBack) ?? new CircuitRun(circuit), method)
  },
}

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
