/** `BY_CONTENT` for pages, where bytes count: the engines for noise are loaded when a circuit has some. */
import { stateKind, type Circuit } from '../circuit'
import type { Engine } from '../engine'
import { WASM_STATEVECTOR } from './wasm'

/** @param circuits all that it will be asked to prepare */
export async function loadEngine(circuits: readonly Circuit[]): Promise<Engine> {
  return circuits.every(circuit => stateKind(circuit) === 'statevector') ? WASM_STATEVECTOR : (await import('./engineFor')).BY_CONTENT
}
