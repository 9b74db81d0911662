/**
 * `assert`: what the user promises about sizes. An equation among dimension names makes one of them another's expression for
 * the whole body, so that shapes agree at compile time and data is held to it when it comes in. Other conditions become
 * obligations of the plan, or are decided now.
 */
import type { AssertStatement, BinaryExpression, Block, Expression } from '../1-parse/ast'
import { addDims, namesOfDim, printDim, solveDim, subDims, substituteDim, type Dim } from '../../ir/dim'
import type { Frame } from './frame'
import { describe, dimOf } from './meaning'
import { obligeAtLeast, obligeDivides, obligeEqual } from './obligations'
import { shortText } from './operators'
import { patternOf } from './types'

/** Names that the assertions of a body solve, with what they stand for. */
export function assertedSizes(frame: Frame, body: Block, names: ReadonlySet<string>): ReadonlyMap<string, Dim> {
  const sizes = new Map<string, Dim>()
  for (const statement of body.statements) {
    if (statement.kind !== 'assert' || statement.value.kind !== 'binary' || statement.value.operator !== '==') continue
    const { left, right } = statement.value
    if (!isSize(left, names) || !isSize(right, names)) continue
    const [a, b] = [left, right].map(side => patternOf(frame, side, names))
    if (a === undefined || b === undefined) continue
    const gap = substituteDim(subDims(a, b), sizes)
    // The last name gives way to those that stood before it: `assert batch == n` makes n the batch.
    for (const name of [...namesOfDim(gap)].sort((x, y) => [...names].indexOf(y) - [...names].indexOf(x))) {
      const solved = solveDim(gap, 0, new Set([...names].filter(other => other !== name)))
      if (!solved) continue
      for (const [known, value] of sizes) sizes.set(known, substituteDim(value, new Map([[name, solved.value]])))
      sizes.set(name, solved.value)
      break
    }
  }
  return sizes
}

/** Sums and products of numbers and names of dimensions. */
function isSize(expression: Expression, names: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'name': return names.has(expression.name)
    case 'number': return expression.integer
    case 'binary': return '+-*'.includes(expression.operator) && isSize(expression.left, names) && isSize(expression.right, names)
    default: return false
  }
}

export function checkAssertion(frame: Frame, statement: AssertStatement): void {
  const { value } = statement
  const holds = value.kind === 'binary' ? checkComparison(frame, value, statement) : undefined
  const found = value.kind === 'binary' ? sidesOf(frame, value) : undefined
  if (holds !== undefined) {
    if (!holds) frame.sink.report('assertion-fails', value.span, { condition: shortText(value.span), found })
    return
  }
  const meaning = frame.session.evaluate(frame, value)
  if (meaning.kind === 'unknown') return
  if (meaning.kind === 'static' && meaning.element === 'bool' && meaning.shape.length === 0) {
    if (!meaning.data[0]) frame.sink.report('assertion-fails', value.span, { condition: shortText(value.span), found })
  } else frame.sink.report('assertion-of-values', value.span, { found: describe(meaning) })
}

/** `N` is 3: what the sides come to that are more than a number. */
function sidesOf(frame: Frame, { left, right }: BinaryExpression): string | undefined {
  const told = [left, right].flatMap(side => {
    const size = side.kind === 'number' ? undefined : dimOf(frame.session.evaluate(frame, side))
    return size === undefined || printDim(size) === shortText(side.span) ? [] : [`\`${shortText(side.span)}\` is ${printDim(size)}`]
  })
  return told.length > 0 ? told.join(', ') : undefined
}

/** Conditions on sizes; undefined for anything else. */
function checkComparison(frame: Frame, comparison: BinaryExpression, statement: AssertStatement): boolean | undefined {
  const { operator, left, right } = comparison
  if (!['==', '>=', '<=', '>', '<'].includes(operator)) return undefined
  const why = `\`assert ${shortText(statement.value.span)}\``
  // `n % k == 0`: n is a multiple of k.
  if (operator === '==' && left.kind === 'binary' && left.operator === '%') {
    const [n, k, rest] = [left.left, left.right, right].map(side => dimOf(frame.session.evaluate(frame, side)))
    return n !== undefined && k !== undefined && rest === 0 ? obligeDivides(frame, k, n, statement.span, why) : undefined
  }
  const [a, b] = [left, right].map(side => dimOf(frame.session.evaluate(frame, side)))
  if (a === undefined || b === undefined) return undefined
  switch (operator) {
    case '==': return obligeEqual(frame, a, b, statement.span, why)
    case '>=': return obligeAtLeast(frame, a, b, statement.span, why)
    case '<=': return obligeAtLeast(frame, b, a, statement.span, why)
    case '>': return obligeAtLeast(frame, a, addDims(b, 1), statement.span, why)
    default: return obligeAtLeast(frame, b, addDims(a, 1), statement.span, why)
  }
}
