/** Picks the backend, and says why. */
import { wasmLacks } from '../../wasm/support'
import { RunError } from '../errors'
import type { Backend } from './backend'
import { REFERENCE } from './reference'
import { WASM } from './wasm'

export type BackendName = 'reference' | 'wasm' | 'gpu'

export interface BackendChoice { readonly name: string; readonly why: string }

/** @throws RunError 'unsupported' for a backend that is not there: never another one in its place without a word */
export function chooseBackend(wanted: 'auto' | BackendName | Backend): { backend: Backend; choice: BackendChoice } {
  if (typeof wanted === 'object') return { backend: wanted, choice: { name: wanted.name, why: 'it was handed over' } }
  switch (wanted) {
    case 'auto': {
      const lack = wasmLacks()
      if (lack === undefined) return { backend: WASM, choice: { name: WASM.name, why: 'WebAssembly with SIMD is here' } }
      return { backend: REFERENCE, choice: { name: REFERENCE.name, why: `not wasm: ${lack}` } }
    }
    case 'reference': return { backend: REFERENCE, choice: { name: REFERENCE.name, why: 'it was asked for' } }
    case 'wasm': {
      const lack = wasmLacks()
      if (lack !== undefined) throw new RunError('unsupported', `backend 'wasm' cannot run here: ${lack}; 'reference' runs every model`)
      return { backend: WASM, choice: { name: WASM.name, why: 'it was asked for' } }
    }
    case 'gpu': throw new RunError('unsupported', "backend 'gpu' is not in this version; 'wasm' and 'reference' run every model")
    default: {
      const unknown: string = wanted satisfies never
      throw new RunError('usage', `no backend '${unknown}'; there are: auto, wasm, reference`)
    }
  }
}
