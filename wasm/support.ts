/** What the machine lets a WebAssembly module do, asked by trying. */
import { f32x4, i32x4, type Code } from './instructions'
import { ModuleWriter } from './module'

/** Why the machine, or the page's content-security policy, does not let modules with SIMD run; undefined where it does. */
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

/** Whether x·y + z may be one instruction. */
export const hasRelaxedSimd = (): boolean => typeof WebAssembly === 'object' && WebAssembly.validate(RELAXED_PROBE)

function probe(code: Code): Uint8Array<ArrayBuffer> {
  const module = new ModuleWriter()
  module.export('probe', f => { f.local('v128', code) })
  return module.finish()
}
