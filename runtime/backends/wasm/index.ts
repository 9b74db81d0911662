/**
 * The WebAssembly backend: SIMD code made for each program and its sizes, in f32 and f64. What it has no code for runs by the
 * reference's executors on the same memory (routines.ts says which).
 */
import type { Engine } from '../../../quantum/engine'
import { BY_CONTENT } from '../../../quantum/engines/engineFor'
import type { Backend } from '../backend'
import { preparedCircuits } from '../reference/program'
import { f32x4, v128 } from './instructions'
import { ModuleWriter } from './module'
import { prepareProgram } from './program'

/** @param engine runs the circuits */
export const createWasm = (engine: Engine): Backend => ({
  name: 'wasm',
  prepare: (program, sizes, precision) => prepareProgram(program, { sizes, precision, circuit: preparedCircuits(engine), isRelaxed: hasRelaxedSimd() }),
})

export const WASM: Backend = createWasm(BY_CONTENT)

/** Whether the machine can run what this backend writes. */
export const hasSimd = (): boolean => typeof WebAssembly === 'object' && validates(() => v128.const(new Array<number>(16).fill(0)))

const hasRelaxedSimd = (): boolean => validates(() => f32x4.relaxedMultiplyAdd(f32x4.const(0), f32x4.const(0), f32x4.const(0)))

function validates(code: () => ReturnType<typeof f32x4.const>): boolean {
  const module = new ModuleWriter()
  module.export('probe', f => { f.local('v128', code()) })
  return WebAssembly.validate(module.finish())
}
