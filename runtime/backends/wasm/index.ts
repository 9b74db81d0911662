/**
 * The WebAssembly backend: SIMD code made for each program and its sizes, in f32 and f64. What it has no code for runs by the
 * reference's executors on the same memory (routines.ts says which).
 */
import type { Backend } from '../backend'
import { hasRelaxedSimd } from '../../../wasm/support'
import { prepareProgram } from './program'

export const WASM: Backend = {
  name: 'wasm',
  prepare: (program, sizes, precision) => prepareProgram(program, { sizes, precision, isRelaxed: hasRelaxedSimd() }),
}
