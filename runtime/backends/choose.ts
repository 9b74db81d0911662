/** Picks the backend, says why, and loads that one alone. */
import { wasmLacks } from '../../wasm/support'
import { RunError } from '../errors'
import type { Backend } from './backend'
import type { ReferenceBackend } from './reference'
import type { WasmBackend } from './wasm'

export type BackendName = 'reference' | 'wasm' | 'gpu'

/** `why` tells of threads, too, as far as they are known by then: a worker may turn out to be forbidden. */
export interface BackendChoice { readonly name: string; readonly why: string }

interface Chosen { readonly backend: Backend; readonly choice: BackendChoice }

/**
 * @param threads at most; as BP_THREADS says, or as many as there are cores, by default
 * @throws RunError 'unsupported' for a backend that is not there: never another one in its place without a word
 */
export async function chooseBackend(wanted: 'auto' | BackendName | Backend, threads?: number): Promise<Chosen> {
  if (typeof wanted === 'object') return { backend: wanted, choice: { name: wanted.name, why: 'it was handed over' } }
  switch (wanted) {
    case 'auto': {
      const lack = wasmLacks()
      return lack === undefined ? await onThreads(threads, 'WebAssembly with SIMD is here') : await onReference(`not wasm: ${lack}`)
    }
    case 'reference': return await onReference('it was asked for')
    case 'wasm': {
      const lack = wasmLacks()
      if (lack !== undefined) throw new RunError('unsupported', `backend 'wasm' cannot run here: ${lack}; 'reference' runs every model`)
      return await onThreads(threads, 'it was asked for')
    }
    case 'gpu': throw new RunError('unsupported', "backend 'gpu' is not in this version; 'wasm' and 'reference' run every model")
    default: {
      const unknown: string = wanted satisfies never
      throw new RunError('usage', `no backend '${unknown}'; there are: auto, wasm, reference`)
    }
  }
}

async function onThreads(threads: number | undefined, why: string): Promise<Chosen> {
  const count = threadsFrom(threads)
  const { WASM } = await import('./wasm')
  const backend: WasmBackend = count === undefined ? WASM : WASM.withThreads(count)
  return { backend, choice: { name: backend.name, get why() { return `${why}; ${backend.threads}` } } }
}

/** @throws RunError 'usage' for what is no number of threads */
function threadsFrom(option: number | undefined): number | undefined {
  const given = option ?? (typeof process === 'object' ? process.env?.['BP_THREADS'] : undefined)
  if (given === undefined || given === '') return undefined
  const count = Number(given)
  if (Number.isInteger(count) && count >= 1) return count
  throw new RunError('usage', `${option === undefined ? 'BP_THREADS' : 'threads'} is ${given}; a whole number from 1 on was expected`)
}

const onReference = async (why: string): Promise<Chosen> => ({ backend: await loadReference(), choice: { name: 'reference', why } })

/** The reference backend, which runs every program in plain TypeScript and answers at once. */
export const loadReference = async (): Promise<ReferenceBackend> => (await import('./reference')).REFERENCE
