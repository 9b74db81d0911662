/**
 * The WebAssembly backend: SIMD code made for each program and its sizes, in f32 and f64. What it has no code for runs by the
 * reference's executors on the same memory (routines.ts says which).
 */
import type { Backend } from '../backend'
import { hasRelaxedSimd } from '../../../wasm/support'
import { lateTeam, type TeamSource } from './lateTeam'
import { prepareProgram } from './program'
import { WORTH_SHARING } from './sharing'
import { threadsByDefault, threadsLack } from './threads'

export interface WasmBackend extends Backend {
  /** How many threads share heavy steps, and, where it is one, why. */
  readonly threads: string
  /** The same backend with another number of threads at most, among the same workers. */
  withThreads(count: number): WasmBackend
}

export interface ThreadOptions {
  /** At most; as threadsByDefault says, by default. */
  readonly threads?: number
  /** Nanoseconds of work from which on a step is shared. */
  readonly worth?: number
  readonly team?: TeamSource
}

export function createWasm(options: ThreadOptions = {}): WasmBackend {
  const { threads, worth = WORTH_SHARING, team = lateTeam() } = options
  const count = () => (threadsLack() === undefined ? threads ?? threadsByDefault() : 1)
  return {
    name: 'wasm',
    get threads() {
      const wanted = count()
      if (wanted === 1) return withReason('one thread', threadsLack())
      // Workers start with the first program that has work for them; which are lacking is known from then on.
      const { lacks, size = wanted } = team.there ?? {}
      const there = lacks === undefined ? wanted : Math.min(wanted, size)
      return withReason(there === 1 ? 'one thread' : `${there} threads`, lacks)
    },
    withThreads: other => createWasm({ worth, team, threads: other }),
    prepare: (program, sizes, precision) => prepareProgram(program, {
      sizes, precision, isRelaxed: hasRelaxedSimd(), threads: count() > 1 ? { team, count: count(), worth } : undefined,
    }),
  }
}

const withReason = (what: string, reason: string | undefined): string => (reason === undefined ? what : `${what}: ${reason}`)

export const WASM: WasmBackend = createWasm()
