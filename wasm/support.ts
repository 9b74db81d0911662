/** What the machine lets a WebAssembly module do, asked by trying. */

/** Why the machine, or the page's content-security policy, does not let modules with SIMD run; undefined where it does. */
export function wasmLacks(): string | undefined {
  if (typeof WebAssembly !== 'object') return 'there is no WebAssembly'
  if (!WebAssembly.validate(SIMD)) return 'its WebAssembly has no SIMD'
  try {
    // A policy without 'wasm-unsafe-eval' refuses this.
    return WebAssembly.Module.exports(new WebAssembly.Module(SIMD)).length === 1 ? undefined : 'its WebAssembly does not compile modules'
  } catch (error) {
    return `the page may not compile WebAssembly (${(error as Error).message})`
  }
}

/** Whether x·y + z may be one instruction. */
export const hasRelaxedSimd = (): boolean => typeof WebAssembly === 'object' && WebAssembly.validate(RELAXED_SIMD)

/** i32.const 0, i32x4.splat */
const ZEROS = [0x41, 0, 0xfd, 17]
const SIMD = moduleOf(ZEROS)
/** f32x4.relaxed_madd */
const RELAXED_SIMD = moduleOf([...ZEROS, ...ZEROS, ...ZEROS, 0xfd, 0x85, 2])

/** A module of one exported function, which gives a vector. Bytes by hand: a page asks before it loads the writer of modules. */
function moduleOf(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...code, 0x0b]
  return Uint8Array.of(
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, body.length + 2, 1, body.length, ...body,
  )
}
