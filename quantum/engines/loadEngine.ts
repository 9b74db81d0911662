/**
 * What is loaded for a circuit, so that a page has no more than its circuits need: generated code for batches at first; what takes
 * derivatives of any kind of it; the TypeScript engine where that does some of the work, or all of it; the engines for noise.
 */
import type { Threads } from '../../wasm/team'
import { stateKind, type Circuit } from '../circuit'
import type { GradientMethod, PreparedCircuit } from '../engine'
import { prepareBatched } from './wasm/batched'

/** What will be asked of a circuit, besides its values. */
export interface CircuitUses {
  /** First derivatives. */
  readonly gradients: boolean
  /** Values and gradients along directions, too. */
  readonly directions: boolean
  readonly metric: boolean
}

/**
 * The same as `BY_CONTENT.prepare`, and no more than what is asked.
 * @param circuit made by the compiler
 * @param threads who shares the rows of batches
 */
export async function loadPrepared(circuit: Circuit, method: GradientMethod, { gradients, directions, metric }: CircuitUses, threads?: Threads): Promise<PreparedCircuit> {
  const isBatched = !metric && !directions && (!gradients || method === 'adjoint')
  const batched = isBatched ? prepareBatched(circuit, gradients, threads) : undefined
  if (batched) return batched
  const alone = metric ? undefined : (await import('./wasm/alone')).prepareAlone(circuit, method, threads)
  if (alone) return alone
  const engine = stateKind(circuit) === 'statevector' ? (await import('./wasm')).WASM_STATEVECTOR : (await import('./engineFor')).BY_CONTENT
  return engine.prepare(circuit, method, threads)
}
