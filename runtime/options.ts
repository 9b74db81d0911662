/** Options of optimizers and schedules: the rows of a table, filled in from what was given. */
import { OPTIMIZERS, OPTION_KINDS, takesOption, type OptimizerName, type OptimizerPlan, type OptionRow } from '../ir/training'
import { RunError } from './errors'
import { suggestName } from './suggest'

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
    if (value !== undefined && !takesOption(row.kind, value)) throw new RunError('usage', `${owner}: ${key} is ${String(value)}; ${OPTION_KINDS[row.kind].words} was expected`)
  }
  return Object.fromEntries(Object.entries(rows).flatMap(([key, { fallback }]) => {
    const value = given[key] ?? fallback
    return value === undefined ? [] : [[key, value as number | boolean]]
  }))
}

/** @throws RunError 'usage' for an optimizer that there is none of, or an option that it does not take */
export function fillOptimizer({ name, ...options }: { readonly name: OptimizerName }): OptimizerPlan {
  if (!Object.hasOwn(OPTIMIZERS, name)) throw new RunError('usage', `no optimizer '${name as string}'${suggestName(name, Object.keys(OPTIMIZERS))}`)
  return { name, ...fillOptions(name, OPTIMIZERS[name], options) } as OptimizerPlan
}
