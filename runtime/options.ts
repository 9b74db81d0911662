/** Options of optimizers and schedules: the rows of a table, filled in from what was given. */
import type { OptionKind, OptionRow } from '../ir/training'
import { RunError } from './errors'
import { suggestName } from './suggest'

const EXPECTED: { readonly [Kind in OptionKind]: string } = {
  positive: 'a positive number', nonnegative: 'a number from 0 on', fraction: 'a number from 0 to below 1', count: 'a whole number from 1 on', flag: 'true or false',
}

/**
 * @param owner whose options they are, for messages
 * @throws RunError 'usage' for an unknown option or a value that it does not take
 */
export function fillOptions(
  owner: string, rows: Readonly<Record<string, OptionRow>>, given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, number | boolean>> {
  for (const [key, value] of Object.entries(given)) {
    const row = Object.hasOwn(rows, key) ? rows[key] : undefined
    if (!row) throw new RunError('usage', `${owner} has no option '${key}'${suggestName(key, Object.keys(rows))}`)
    if (value !== undefined && !takes(row.kind, value)) throw new RunError('usage', `${owner}: ${key} is ${String(value)}; ${EXPECTED[row.kind]} was expected`)
  }
  return Object.fromEntries(Object.entries(rows).flatMap(([key, { fallback }]) => {
    const value = given[key] ?? fallback
    return value === undefined ? [] : [[key, value as number | boolean]]
  }))
}

function takes(kind: OptionKind, value: unknown): boolean {
  if (kind === 'flag') return typeof value === 'boolean'
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  switch (kind) {
    case 'positive': return value > 0
    case 'nonnegative': return value >= 0
    case 'fraction': return value >= 0 && value < 1
    case 'count': return Number.isSafeInteger(value) && value >= 1
    default: return kind satisfies never
  }
}
