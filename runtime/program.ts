/** Binds the names of dimensions to sizes: each call's inputs say what `batch` is, and all must say the same. */
import { evaluateDim, namesOfDim, printDim, solveDim, type Dim, type Sizes } from '../ir/dim'
import type { Obligation } from '../ir/plan'
import { printType, type TensorType } from '../ir/type'
import { RunError } from './errors'
import { printLabel, type Label } from './tensor'

/** A given tensor's shape beside its declaration. */
export interface GivenShape {
  readonly label: Label
  readonly type: TensorType
  readonly shape: readonly number[]
}

/**
 * Solves the dimension names from the shapes given; every axis of every shape is then checked.
 * @throws RunError 'sizes' where two shapes disagree, naming both, the dimension and both sizes
 */
export function bindSizes(given: readonly GivenShape[]): Sizes {
  const sizes = new Map<string, number>()
  /** Which input said so first. */
  const origins = new Map<string, GivenShape>()
  const axes = given.flatMap(one => one.type.shape.map((dim, axis) => ({ one, dim, size: one.shape[axis] ?? 0 })))
  for (let solved = true; solved;) {
    solved = false
    for (const { one, dim, size } of axes) {
      const solution = solveDim(dim, size, new Set(sizes.keys()))
      if (!solution) continue
      const value = evaluateDim(solution.value, sizes)
      if (value < 0) throw shapeError(one, `axis of size ${printDim(dim)} would make ${solution.name} = ${value}`)
      sizes.set(solution.name, value)
      origins.set(solution.name, one)
      solved = true
    }
  }
  for (const { one, dim, size } of axes) checkAxis(one, dim, size, sizes, origins)
  return sizes
}

function checkAxis(one: GivenShape, dim: Dim, size: number, sizes: Sizes, origins: ReadonlyMap<string, GivenShape>): void {
  const names = [...namesOfDim(dim)]
  const open = names.find(name => !sizes.has(name))
  if (open !== undefined) throw shapeError(one, `the size of '${open}' cannot be worked out from the inputs given`)
  const expected = evaluateDim(dim, sizes)
  if (size === expected) return
  const [name] = names
  const origin = name === undefined ? undefined : origins.get(name)
  if (!origin || name === undefined) throw shapeError(one, `${size} where ${printDim(dim)} was expected`)
  if (printDim(dim) === name) {
    throw new RunError('sizes', `sizes disagree: dimension '${name}' is ${expected} in ${printShapeOf(origin)} and ${size} in ${printShapeOf(one)}`)
  }
  const known = names.map(other => `${other} = ${sizes.get(other)} from ${printLabel((origins.get(other) ?? origin).label)}`).join(', ')
  throw shapeError(one, `${size} where ${printDim(dim)} = ${expected} was expected (${known})`)
}

const printShapeOf = ({ label, type, shape }: GivenShape) => `${printLabel(label)} (shape [${shape.join(', ')}], declared ${printType(type)})`

function shapeError(one: GivenShape, what: string): RunError {
  return new RunError('sizes', `${printLabel(one.label)} has the shape [${one.shape.join(', ')}], but ${printType(one.type)} was expected: ${what}`)
}

/**
 * Checks what only a call can decide; conditions on names that this call does not bind are left out.
 * @throws RunError 'sizes' with the obligation's own message
 */
export function checkObligations(obligations: readonly Obligation[], sizes: Sizes): void {
  for (const { left, relation, right, message } of obligations) {
    const names = namesOfDim(right, namesOfDim(left))
    if ([...names].some(name => !sizes.has(name))) continue
    if (holds(relation, evaluateDim(left, sizes), evaluateDim(right, sizes))) continue
    const bound = [...names].map(name => `${name} = ${sizes.get(name)}`).join(', ')
    throw new RunError('sizes', bound ? `${message} (here ${bound})` : message)
  }
}

function holds(relation: Obligation['relation'], left: number, right: number): boolean {
  switch (relation) {
    case '==': return left === right
    case '>=': return left >= right
    case 'divides': return left === 0 ? right === 0 : right % left === 0
    default: return relation satisfies never
  }
}
