/** A team of threads that is loaded, and made, when a program has a step that is worth sharing. */
import type { Team } from '../../../wasm/team'

/** Whom heavy steps are shared with. */
export interface TeamSource {
  /** Loads and makes it, the first time. */
  load(): Promise<Team>
  /** Undefined before. */
  readonly there: Team | undefined
}

export function lateTeam(): TeamSource {
  let there: Team | undefined
  let loading: Promise<Team> | undefined
  return {
    get there() { return there },
    load: () => loading ??= import('./workers').then(({ startTeam }) => there = startTeam()),
  }
}
