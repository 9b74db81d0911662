/** Which of a file's models a verb works on. */
import type { Plan } from '../../ir/plan'
import { suggest } from '../diagnostics/suggest'
import { wrongUse } from './outcome'

/** @param preferred picks among several where no name is given */
export function pickModel(plans: readonly Plan[], file: string, name: string | undefined, preferred?: (plan: Plan) => boolean): Plan {
  const names = plans.map(plan => plan.model)
  if (name !== undefined) {
    const named = plans.find(plan => plan.model === name)
    if (named) return named
    const near = suggest(name, names)
    throw wrongUse(`${file} has no model '${name}'`, near ? `did you mean '${near}'?` : listed(names))
  }
  const candidates = preferred && plans.length > 1 ? plans.filter(preferred) : plans
  const [only, ...others] = candidates
  if (only && others.length === 0) return only
  if (plans.length === 0) throw wrongUse(`${file} has no model`)
  throw wrongUse(`${file} has several models: say which one with --model`, listed(names))
}

const listed = (names: readonly string[]): string => `there are: ${names.join(', ')}`
