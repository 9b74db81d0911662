/**
 * The statevector engine in WebAssembly: code made for each circuit when it is prepared, over the same arithmetic as the TypeScript
 * engine, to rounding. That one runs where this cannot.
 */
import type { Threads } from '../../../wasm/team'
import type { Circuit } from '../../circuit'
import type { Engine, GradientMethod, PreparedCircuit } from '../../engine'
import { slotRules } from '../slotRules'
import { CircuitRun } from '../run'
import { prepareStatevector, STATEVECTOR } from '../statevector'
import { whyNoCode } from './alone'
import { WasmRun, type Beside } from './run'

const STEPS: Beside = (circuit, room, readout) => new CircuitRun(circuit, room, readout)

export const WASM_STATEVECTOR: Engine = { name: 'statevector in WebAssembly', prepare: (circuit, method) => prepareShared(circuit, method) }

/** The same. @param threads who shares the rows of batches that take long; one thread by default */
export function prepareShared(circuit: Circuit, method: GradientMethod, threads?: Threads): PreparedCircuit {
  if (whyNoCode(circuit) !== undefined) return STATEVECTOR.prepare(circuit, method)
  // Slots of entries are left to a sweep back by parameter shift, too.
  const sweepsBack = method === 'adjoint' || (method === 'parameter_shift' && slotRules(circuit, method).swept.includes(1))
  return prepareStatevector(WasmRun.of(circuit, sweepsBack, threads, STEPS) ?? new CircuitRun(circuit), method)
}
