/**
 * The WebAssembly backend: SIMD code made for each program and its sizes, in f32 and f64. What it has no code for runs by the
 * reference's executors on the same memory (routines.ts says which).
 */
import type { Engine } from '../../../quantum/engine'
import { BY_CONTENT } from '../../../quantum/engines/engineFor'
import type { Backend } from '../backend'
import { preparedCircuits } from '../reference/program'
import { f32x4, i32x4, type Code } from '../../../wasm/instructions'
import { ModuleWriter } from '../../../wasm/module'
import { prepareProgram } from './program'

/** @param engine runs the circuits */
export const createWasm = (engine: Engine): Backend => ({
  name: 'wasm',
  prepare: (program, sizes, precision) => prepareProgram(program, { sizes, precision, circuit: preparedCircuits(engine), isRelaxed: hasRelaxedSimd() }),
})

export const WASM: Backend = createWasm(BY_CONTENT)

/** Why the machine, or the page's content-security policy, does not let this backend run; undefined where it does. */
export function wasmLacks(): string | undefined {
  if (typeof WebAssembly !== 'object') return 'there is no WebAssembly'
  if (!WebAssembly.validate(PROBE)) return 'its WebAssembly has no SIMD'
  try {
    // A policy without 'wasm-unsafe-eval' refuses this.
    return WebAssembly.Module.exports(new WebAssembly.Module(PROBE)).length === 1 ? undefined : 'its WebAssembly does not compile modules'
  } catch (error) {
    return `the page may not compile WebAssembly (${(error as Error).message})`
  }
}

const PROBE = probe(i32x4.const(0))
const RELAXED_PROBE = probe(f32x4.relaxedMultiplyAdd(f32x4.const(0), f32x4.const(0), f32x4.const(0)))

const hasRelaxedSimd = (): boolean => WebAssembly.validate(RELAXED_PROBE)

function probe(code: Code): Uint8Array<ArrayBuffer> {
  const module = new ModuleWriter()
  module.export('probe', f => { f.local('v128', code) })
  return module.finish()
}
