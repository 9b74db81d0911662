/**
 * What is loaded for a circuit, so that a page has no more than its circuits need: generated code alone for most; the TypeScript
 * engine where that does some of the work, or all of it; the engines for noise where there is some.
 */
import type { Threads } from '../../wasm/team'
import { stateKind, type Circuit } from '../circuit'
import type { GradientMethod, PreparedCircuit } from '../engine'
import { prepareAlone } from './wasm/alone'

/**
 * The same as `BY_CONTENT.prepare`.
 * @param hasMetric whether it will be asked for its metric
 * @param threads who shares the rows of batches
 */
export async function loadPrepared(circuit: Circuit, method: GradientMethod, hasMetric: boolean, threads?: Threads): Promise<PreparedCircuit> {
  const alone = hasMetric ? undefined : prepareAlone(circuit, method, threads)
  if (alone) return alone
  const engine = stateKind(circuit) === 'statevector' ? (await import('./wasm')).WASM_STATEVECTOR : (await import('./engineFor')).BY_CONTENT
  return engine.prepare(circuit, method, threads)
}
