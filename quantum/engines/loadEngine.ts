/**
 * What is loaded for a circuit, so that a page has no more than its circuits need: generated code alone for most; the TypeScript
 * engine where that does some of the work, or all of it; the engines for noise where there is some.
 */
import type { Team, Threads } from '../../wasm/team'
import { stateKind, type Circuit } from '../circuit'
import type { GradientMethod, PreparedCircuit } from '../engine'
import { prepareAlone } from './wasm/alone'
import { mayShare } from './wasm/batch'

/** Threads that are there when they have been loaded. */
export interface LateThreads extends Omit<Threads, 'team'> { readonly team: { readonly load: () => Promise<Team> } }

/** @property rows that it will be run with, at most; @property threads who may share them, if they take long */
export interface Batches { readonly rows: number; readonly threads: LateThreads | undefined }

/**
 * The same as `BY_CONTENT.prepare`.
 * @param hasMetric whether it will be asked for its metric
 */
export async function loadPrepared(circuit: Circuit, method: GradientMethod, hasMetric: boolean, { rows, threads: late }: Batches = { rows: 1, threads: undefined }): Promise<PreparedCircuit> {
  const threads = late && mayShare(circuit, rows, late.worth) ? { ...late, team: await late.team.load() } : undefined
  const alone = hasMetric ? undefined : prepareAlone(circuit, method, threads)
  if (alone) return alone
  if (stateKind(circuit) === 'statevector') return (await import('./stepwiseEngines')).prepareShared(circuit, method, threads)
  return (await import('./engineFor')).BY_CONTENT.prepare(circuit, method)
}
