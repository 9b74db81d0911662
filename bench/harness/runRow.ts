/** Runs a row: everybody prepares, results are compared, and only those who agree are timed, interleaved. */
import { prepareOurs, variantOf } from '../ours/index'
import type { Peers } from '../peers/index'
import { describeDisagreement, disagreement } from './agreement'
import { LeftOut, threadsName, type Contender, type Threads } from './contender'
import { interleave, type Patience } from './interleave'
import { measuredFrom, withinLimit, type Outcome } from './record'
import type { Case, Match, Row } from './row'
import { lowerQuartile } from './statistics'
import type { Work } from './work'

/** A point of a chart: what a contender took where, in seconds. */
export interface Point { readonly series: string; readonly x: number; readonly seconds: number }

export interface RowResult { readonly row: Row; readonly outcomes: readonly Outcome[]; readonly points: readonly Point[] }

export interface RunOptions { readonly patience: Patience; readonly progress: (text: string) => void }

export async function runRow(row: Row, peers: Peers, options: RunOptions): Promise<RowResult> {
  const outcomes: Outcome[] = []
  const points: Point[] = []
  for (const { name, limit, unit, measure } of row.limits ?? []) {
    options.progress(`${row.name} ${name}`)
    try {
      outcomes.push(withinLimit(`${row.name} ${name}`, await measure(options.patience.rounds.most), limit, unit))
    } catch (error) {
      outcomes.push({ kind: 'failed', row: `${row.name} ${name}`, against: `at most ${limit} ${unit}`, problem: messageOf(error) })
    }
  }
  for (const each of row.cases ?? []) {
    options.progress(`${row.name} ${each.name}`)
    const result = await runCase(`${row.name} ${each.name}`, each, peers, options.patience)
    outcomes.push(...result.outcomes)
    points.push(...result.points)
  }
  return { row, outcomes, points }
}

interface Ours { readonly work: Work; readonly threads: Threads; readonly contender: Contender }
interface Theirs { readonly match: Match; readonly title: string; readonly hasOwnThreads: boolean; readonly contender: Contender; readonly ours: Ours }

async function runCase(name: string, { matches, x }: Case, peers: Peers, patience: Patience): Promise<Omit<RowResult, 'row'>> {
  const outcomes: Outcome[] = []
  const ours = new Map<string, Ours>()
  const theirs: Theirs[] = []
  for (const match of matches) {
    if (match.skip !== undefined) {
      outcomes.push({ kind: 'omitted', row: name, against: match.peer, reason: match.skip })
      continue
    }
    for (const threads of peers.hasThreads(match.peer) ? [1, 'its own'] as const : [1] as const) {
      const key = JSON.stringify([match.work, threads])
      const mine = ours.get(key) ?? await ourOwn(match.work, threads)
      if (typeof mine === 'string') {
        outcomes.push({ kind: 'failed', row: name, against: match.peer, problem: mine })
        continue
      }
      ours.set(key, mine)
      const found = await prepareTheirs(name, match, threads, mine, peers)
      if ('kind' in found) outcomes.push(found)
      else theirs.push(found)
      // Who is not there is not there with other threads either.
      if ('kind' in found && found.kind === 'omitted') break
    }
  }
  if (theirs.length === 0) return { outcomes, points: [] }
  const mine = [...ours.values()]
  let samples: readonly (readonly number[])[] = []
  try {
    samples = await interleave([...mine, ...theirs].map(({ contender }) => contender), patience)
  } catch (error) {
    // Whose fault it is cannot be told from here: the case has no figures.
    return { outcomes: [...outcomes, { kind: 'failed', row: name, against: 'all', problem: messageOf(error) }], points: [] }
  }
  const samplesOf = (one: Ours | Theirs): readonly number[] => samples[[...mine, ...theirs].indexOf(one)] ?? []
  for (const one of theirs) {
    const { match, title, hasOwnThreads, contender } = one
    outcomes.push(measuredFrom(name, title, samplesOf(one.ours), samplesOf(one), hasOwnThreads ? null : match.goal ?? null, contender.detail))
  }
  const points = x === undefined ? [] : [
    ...mine.map((one): Point => ({ series: variantOf(one.work, one.threads), x, seconds: lowerQuartile(samplesOf(one)) })),
    ...theirs.map((one): Point => ({ series: one.title, x, seconds: lowerQuartile(samplesOf(one)) })),
  ]
  for (const { contender } of [...mine, ...theirs]) await contender.close?.()
  return { outcomes, points }
}

/** @returns in words what is wrong where we cannot do it */
async function ourOwn(work: Work, threads: Threads): Promise<Ours | string> {
  try {
    return { work, threads, contender: await prepareOurs(work, threads) }
  } catch (error) {
    return `ours does not run: ${messageOf(error)}`
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function prepareTheirs(row: string, match: Match, threads: Threads, ours: Ours, peers: Peers): Promise<Theirs | Outcome> {
  const against: string = match.peer
  try {
    const peer = await peers.open(match.peer, threads)
    const contender = await peer.prepare(match.work)
    const found = disagreement(ours.contender.values, contender.values, match.tolerance)
    if (found) return { kind: 'failed', row, against: peer.title, problem: describeDisagreement(found) }
    return { match, title: peer.title, hasOwnThreads: threads !== 1, contender, ours }
  } catch (error) {
    return error instanceof LeftOut ? { kind: 'omitted', row, against, reason: error.message } : { kind: 'failed', row, against: `${against}, ${threadsName(threads)}`, problem: messageOf(error) }
  }
}
