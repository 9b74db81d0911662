/**
 * Cuts heavy steps into pieces that several threads run (wasm/team.ts).
 *
 * The cut goes by the step alone, never by how many threads there are, and every element of a result is computed by one piece,
 * by the same instructions in the same order as if the step were whole: so any number of threads gives the same bits.
 */
import { cutOf, type Work } from '../../../wasm/cut'
import { i32, type Code } from '../../../wasm/instructions'
import type { FunctionWriter } from '../../../wasm/module'
import type { ProgramSite } from './site'

/** Nanoseconds from which on a step is shared: waking the threads and waiting for the last takes a few thousand. */
export const WORTH_SHARING = 50_000

/** Units [first, first + count). */
export interface Part {
  readonly first: Code
  readonly count: number
  /** Room for numbers that only this step uses, at a multiple of 16: of each thread its own. */
  readonly scratch: (bytes: number) => Code
}

/**
 * The code of a step, as a function of its own: in pieces where it is worth it and there are threads, else whole.
 * @param write writes the code of some of the units; called for each size of a piece
 */
export function inPieces(site: ProgramSite, name: string, work: Work, write: (f: FunctionWriter, part: Part) => void): Code {
  const cut = site.sharing && cutOf(work, site.sharing.worth)
  if (!site.sharing || !cut) {
    const scratch = (bytes: number) => i32.const(site.scratch(bytes))
    return site.module.define(`${name} ${site.nextKernel()}`, { parameters: [] }, f => write(f, { first: i32.const(0), count: work.units, scratch }))()
  }
  const { pieces, each } = cut
  const last = work.units - (pieces - 1) * each
  return site.sharing.job(pieces, (f, piece, scratch) => {
    const part = (count: number): Part => ({ first: f.local('i32', i32.mul(piece, i32.const(each))).get, count, scratch })
    if (last === each) return write(f, part(each))
    f.when(i32.ne(piece, i32.const(pieces - 1)), () => write(f, part(each)))
    f.when(i32.eq(piece, i32.const(pieces - 1)), () => write(f, part(last)))
  })
}

/** An address, moved on by some units of `bytes` each. */
export const moved = (address: number, first: Code, bytes: number): Code => i32.add(i32.const(address), i32.mul(first, i32.const(bytes)))
