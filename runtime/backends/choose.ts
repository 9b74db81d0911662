/** Picks the backend, says why, and loads that one alone. */
import { wasmLacks } from '../../wasm/support'
import { RunError } from '../errors'
import type { Backend } from './backend'
import type { ReferenceBackend } from './reference'

export type BackendName = 'reference' | 'wasm' | 'gpu'

export interface BackendChoice { readonly name: string; readonly why: string }

/** @throws RunError 'unsupported' for a backend that is not there: never another one in its place without a word */
export async function chooseBackend(wanted: 'auto' | BackendName | Backend): Promise<{ backend: Backend; choice: BackendChoice }> {
  if (typeof wanted === 'object') return { backend: wanted, choice: { name: wanted.name, why: 'it was handed over' } }
  switch (wanted) {
    case 'auto': {
      const lack = wasmLacks()
      return lack === undefined ? await chosen('wasm', 'WebAssembly with SIMD is here') : await chosen('reference', `not wasm: ${lack}`)
    }
    case 'reference': return await chosen('reference', ASKED_FOR)
    case 'wasm': {
      const lack = wasmLacks()
      if (lack !== undefined) throw new RunError('unsupported', `backend 'wasm' cannot run here: ${lack}; 'reference' runs every model`)
      return await chosen('wasm', ASKED_FOR)
    }
    case 'gpu': throw new RunError('unsupported', "backend 'gpu' is not in this version; 'wasm' and 'reference' run every model")
    default: {
      const unknown: string = wanted satisfies never
      throw new RunError('usage', `no backend '${unknown}'; there are: auto, wasm, reference`)
    }
  }
}

const ASKED_FOR = 'it was asked for'

async function chosen(name: 'reference' | 'wasm', why: string) {
  return { backend: name === 'wasm' ? (await import('./wasm')).WASM : await loadReference(), choice: { name, why } }
}

/** The reference backend, which runs every program in plain TypeScript and answers at once. */
export const loadReference = async (): Promise<ReferenceBackend> => (await import('./reference')).REFERENCE
