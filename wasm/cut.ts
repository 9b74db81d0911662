/** Into how many pieces work is cut that threads share: by the work alone, never by how many threads there are (team.ts). */

/** What a step does, in units that are computed independently of each other: rows, images, vectors. */
export interface Work {
  readonly units: number
  /** A piece takes a multiple of so many; 1 by default. */
  readonly grain?: number
  /** Estimated, for one thread. */
  readonly nanoseconds: number
}

/** A step cut into pieces of `each` units; the last may have fewer. */
export interface Cut { readonly pieces: number; readonly each: number }

/** Pieces of a step that is just worth it: so many that threads that come late, or are taken away for a while, hold up little. */
const LEAST_PIECES = 5

/** Pieces of the heaviest: each is claimed on its own. */
const MOST_PIECES = 64

/** @returns undefined where the work is too little, or one piece */
export function cutOf({ units, grain = 1, nanoseconds }: Work, worth: number): Cut | undefined {
  if (nanoseconds < worth) return undefined
  const wanted = worth > 0 ? Math.min(MOST_PIECES, Math.floor((LEAST_PIECES * nanoseconds) / worth)) : MOST_PIECES
  const grains = Math.ceil(units / grain)
  const each = Math.ceil(grains / Math.max(1, wanted)) * grain
  const pieces = Math.ceil(units / each)
  return pieces > 1 ? { pieces, each } : undefined
}
