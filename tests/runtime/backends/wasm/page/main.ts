/** Runs in a page: a product of matrices on one thread and on two, and what the backend says of its threads. */
import { real } from '../../../../../ir/type'
import { WASM } from '../../../../../runtime/backends/wasm'
import { ProgramBuilder } from '../../../support'

export interface Told { readonly threads: string; readonly isShared: boolean; readonly isSame: boolean }

async function bitsOn(threads: number): Promise<{ readonly threads: string; readonly isShared: boolean; readonly bits: string }> {
  const builder = new ProgramBuilder()
  const inputs = [builder.input('a', real(256, 256)), builder.input('b', real(256, 256))]
  builder.result('out', builder.routine('contract', { left: [0, 1], right: [1, 2], out: [0, 2] }, inputs, real(256, 256)))
  const backend = WASM.withThreads(threads)
  const executable = await backend.prepare(builder.build(), new Map(), 'f32')
  for (const { data } of executable.inputs) for (let i = 0; i < data.length; i++) data[i] = Math.sin(i)
  const [out] = executable.results
  for (let round = 0; round < 20; round++) {
    out?.data.fill(NaN)
    await executable.run({ seed: 0, step: 0 })
    // Workers start, or are refused, meanwhile.
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return { threads: backend.threads, isShared: !(out?.data.buffer instanceof ArrayBuffer), bits: new Uint32Array(out?.data.slice().buffer ?? new ArrayBuffer()).join() }
}

async function tell(): Promise<Told> {
  const one = await bitsOn(1)
  const { threads, isShared, bits } = await bitsOn(2)
  return { threads, isShared, isSame: bits === one.bits && bits !== '' }
}

declare global {
  // Where the test looks for it.
  var told: Promise<Told>
}

globalThis.told = tell()
