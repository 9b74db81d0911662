/** Picks the backend, and says why. */
import { RunError } from '../errors'
import type { Backend } from './backend'
import { REFERENCE } from './reference'

export type BackendName = 'reference' | 'wasm' | 'gpu'

export interface BackendChoice { readonly name: string; readonly why: string }

/** @throws RunError 'unsupported' for a backend that is not there: never another one in its place without a word */
export function chooseBackend(wanted: 'auto' | BackendName | Backend): { backend: Backend; choice: BackendChoice } {
  if (typeof wanted === 'object') return { backend: wanted, choice: { name: wanted.name, why: 'it was handed over' } }
  switch (wanted) {
    case 'auto': return { backend: REFERENCE, choice: { name: REFERENCE.name, why: 'it is the only backend of this version' } }
    case 'reference': return { backend: REFERENCE, choice: { name: REFERENCE.name, why: 'it was asked for' } }
    case 'wasm': case 'gpu': throw new RunError('unsupported', `backend '${wanted}' is not in this version; 'reference' runs every model`)
    default: {
      const unknown: string = wanted satisfies never
      throw new RunError('usage', `no backend '${unknown}'; there are: auto, reference`)
    }
  }
}
