/** Sizes for dimensions that a file leaves open: as the command line says, as given values say, and small ones for the rest. */
import { evaluateDim, namesOfDim, solveDim, type Sizes } from '../../ir/dim'
import type { Obligation, Plan } from '../../ir/plan'
import { suggest } from '../diagnostics/suggest'
import { readAssignment } from './constants'
import { wrongUse } from './outcome'

export interface SizeFlags {
  readonly size?: readonly string[]
  /** Of the leading dimension of the first input. */
  readonly rows?: number
}

/** Every name of a dimension, in the order in which the inputs have them. */
export function dimensionNames(plan: Plan): readonly string[] {
  const names = new Set<string>()
  for (const { type } of plan.inputs) for (const dim of type.shape) namesOfDim(dim, names)
  return [...names]
}

/** What counts rows: the leading dimension of the first input that has one, where it is a name. */
export function rowsName(plan: Plan): string | undefined {
  const leading = plan.inputs.find(({ type }) => type.shape.length > 0)?.type.shape[0]
  const names = leading === undefined ? [] : [...namesOfDim(leading)]
  return names.length === 1 && typeof leading === 'object' && leading.terms.length === 1 && leading.terms[0]?.coefficient === 1 ? names[0] : undefined
}

/** `--size batch=32` and `--rows 32`. */
export function readSizes(plan: Plan, { size = [], rows }: SizeFlags): Map<string, number> {
  const known = dimensionNames(plan)
  const sizes = new Map<string, number>()
  if (rows !== undefined) {
    const name = rowsName(plan)
    if (name === undefined) throw wrongUse(`--rows: the inputs of ${plan.model} have no leading dimension with a name`, known.length > 0 ? '--size NAME=N sets any other' : undefined)
    sizes.set(name, rows)
  }
  for (const setting of size) {
    const { name, text } = readAssignment('--size', setting)
    if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(Number(text))) throw wrongUse(`--size ${name} takes a whole number from 1, not '${text}'`)
    if (!known.includes(name)) {
      const near = suggest(name, known)
      throw wrongUse(`model ${plan.model} has no dimension '${name}'`, near ? `did you mean '${near}'?` : `there are: ${known.join(', ') || 'none'}`)
    }
    sizes.set(name, Number(text))
  }
  return sizes
}

/** Adds what the shapes of given values say; whether they fit is for the runtime to check. */
export function solveSizes(plan: Plan, shapes: ReadonlyMap<string, readonly number[]>, into: Map<string, number>): void {
  for (const { name, type } of plan.inputs) {
    const shape = shapes.get(name)
    type.shape.forEach((dim, axis) => {
      const size = shape?.[axis]
      const solved = size === undefined ? undefined : solveDim(dim, size, new Set(into.keys()))
      if (solved) into.set(solved.name, evaluateDim(solved.value, into))
    })
  }
}

/**
 * Sizes for all names: those that are known, and for the others the first of their candidates with which every obligation of
 * the model holds.
 * @param areDistinct so that no two axes are mistaken for each other
 */
export function completeSizes(plan: Plan, known: Sizes, candidatesFor: (name: string) => readonly number[], areDistinct: boolean): Sizes {
  const open = dimensionNames(plan).filter(name => !known.has(name))
  const search = (at: number, sizes: Sizes): Sizes | undefined => {
    if (!plan.obligations.every(obligation => mayHold(obligation, sizes))) return undefined
    const name = open[at]
    if (name === undefined) return sizes
    for (const candidate of candidatesFor(name)) {
      if (areDistinct && [...sizes.values()].includes(candidate)) continue
      const found = search(at + 1, new Map([...sizes, [name, candidate]]))
      if (found) return found
    }
    return undefined
  }
  const found = search(0, known)
  const conditions = plan.obligations.map(({ message }) => message).join('; ')
  if (!found) throw wrongUse(`no small sizes fit model ${plan.model}: ${conditions}`, `say what ${open.join(', ') || 'they'} are, with --size NAME=N`)
  return found
}

function mayHold({ left, relation, right }: Obligation, sizes: Sizes): boolean {
  if ([...namesOfDim(right, namesOfDim(left))].some(name => !sizes.has(name))) return true
  const [a, b] = [evaluateDim(left, sizes), evaluateDim(right, sizes)]
  switch (relation) {
    case '==': return a === b
    case '>=': return a >= b
    case 'divides': return a === 0 ? b === 0 : b % a === 0
    default: return relation satisfies never
  }
}

export const printSizes = (sizes: Sizes): string => [...sizes].map(([name, size]) => `${name} = ${size}`).join(', ')
