/** What is timed: one piece of work, made ready by us or by a peer. */
import type { Work } from './work'

export interface Contender {
  /** What it computed, to be held against the others' before anything is timed. */
  readonly values: ArrayLike<number>
  /** How it does it, where it had a choice. */
  readonly detail?: string
  /**
   * Does the work so many times over.
   * @returns seconds, measured as near to the work as can be: without start-up, transport or preparation
   */
  time(repetitions: number): number | Promise<number>
  close?(): void | Promise<void>
}

/** One, or as many as somebody takes by itself. */
export type Threads = 1 | 'its own'

export const threadsName = (threads: Threads): string => (threads === 1 ? '1 thread' : 'its own threads')

/** Someone who can be asked to do work. One that cannot do a kind of work throws. */
export interface Peer {
  readonly title: string
  /** Package and version, one each. */
  readonly versions: Readonly<Record<string, string>>
  prepare(work: Work): Promise<Contender>
  close(): void | Promise<void>
}

/** A peer, or a piece of work, that is left out; the message says why. */
export class LeftOut extends Error {
  override readonly name = 'LeftOut'
}

/** Times a synchronous piece of work in this process. */
export function timed(run: () => void): Contender['time'] {
  return repetitions => {
    const start = performance.now()
    for (let i = 0; i < repetitions; i++) run()
    return (performance.now() - start) / 1000
  }
}
