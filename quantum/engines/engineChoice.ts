/** Which engine runs a circuit, and why, in words: for whoever asks, since each gives the same numbers to rounding, only sooner or later. */
import type { Circuit } from '../circuit'
import { besideCode, whyNoCode } from './wasm/alone'

export interface EngineChoice {
  /** `wasm`: code made for the circuit; `wasm and typescript`: the same, and steps beside it; `typescript`: steps alone. */
  readonly name: 'wasm' | 'wasm and typescript' | 'typescript'
  readonly why: string
}

/** What `besideCode` names, as programs write it. */
const WRITTEN: Readonly<Record<string, string>> = { evolution: '`evolve`', shots: '`@shots`', density: 'parts of the density matrix' }

export function engineChoice(circuit: Circuit): EngineChoice {
  const lack = whyNoCode(circuit)
  if (lack !== undefined) return { name: 'typescript', why: lack }
  const beside = besideCode(circuit)
  if (beside.length === 0) return { name: 'wasm', why: 'there is code for all of it' }
  return { name: 'wasm and typescript', why: `there is no code for ${beside.map(kind => WRITTEN[kind] ?? `\`${kind}\``).join(', ')}` }
}
