/** What comes out of a row, and how it is written for programs: one JSON object a line. */
import { lowerQuartile, ratioOf, unitFor } from './statistics'

export interface Measured {
  readonly kind: 'measured'
  /** The row and its case. */
  readonly row: string
  readonly against: string
  /** Theirs, or the limit, over ours. */
  readonly ratio: number
  readonly goal: number | null
  readonly ours: number
  readonly theirs: number
  readonly unit: string
  readonly detail?: string
}

/** A peer that computes something else, or broke: the row has failed. */
export interface Failed {
  readonly kind: 'failed'
  readonly row: string
  readonly against: string
  readonly problem: string
}

/** A peer that is not there, or a case that is not run. */
export interface Omitted {
  readonly kind: 'omitted'
  readonly row: string
  readonly against: string
  readonly reason: string
}

export type Outcome = Measured | Failed | Omitted

/** From seconds a repetition, in interleaved rounds. */
export function measuredFrom(
  row: string, against: string, ours: readonly number[], theirs: readonly number[], goal: number | null, detail?: string,
): Measured {
  const [mine, other] = [lowerQuartile(ours), lowerQuartile(theirs)]
  const { unit, perSecond } = unitFor(mine, other)
  return { kind: 'measured', row, against, ratio: ratioOf(mine, other), goal, ours: mine * perSecond, theirs: other * perSecond, unit, detail }
}

export function withinLimit(row: string, samples: readonly number[], limit: number, unit: string): Measured {
  const ours = lowerQuartile(samples)
  return { kind: 'measured', row, against: `at most ${limit} ${unit}`, ratio: ratioOf(ours, limit), goal: 1, ours, theirs: limit, unit }
}

/** Whether a goal was met; null where there is none. */
export const isMet = ({ ratio, goal }: Measured): boolean | null => (goal === null ? null : ratio >= goal)

/** One line, without its newline. A failure has null for its numbers and says what is wrong. */
export function jsonLine(outcome: Measured | Failed): string {
  const { row, against } = outcome
  if (outcome.kind === 'failed') return JSON.stringify({ row, against, ratio: null, goal: null, ours: null, theirs: null, unit: null, problem: outcome.problem })
  const { ratio, goal, ours, theirs, unit } = outcome
  return JSON.stringify({ row, against, ratio, goal, ours, theirs, unit })
}
