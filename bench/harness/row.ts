/** A row of the table: cases that are matches against peers, or limits. */
import type { PeerName } from '../peers/index'
import type { Work } from './work'

export interface Match {
  readonly peer: PeerName
  /** Work of equal description is prepared by us once a case. */
  readonly work: Work
  /** The least ratio that is good enough; none where there is only something to know. A peer with its own threads has none. */
  readonly goal?: number
  /** By which results may differ, relative to numbers above 1; each row says why. */
  readonly tolerance: number
  /** Why it is not run. */
  readonly skip?: string
}

export interface Case {
  readonly name: string
  /** Where the case stands in the row's chart. */
  readonly x?: number
  readonly matches: readonly Match[]
}

export interface Limit {
  readonly name: string
  readonly limit: number
  readonly unit: 'ms' | 'kB'
  /** Samples, in the unit. */
  measure(rounds: number): Promise<readonly number[]>
}

export interface Row {
  readonly name: string
  readonly title: string
  /** How our side is run. */
  readonly how: string
  readonly cases?: readonly Case[]
  readonly limits?: readonly Limit[]
  /** How its cost grows, as a picture. */
  readonly chart?: { readonly x: string; readonly isLinear?: boolean }
}
