/** Type expressions as tensor types, and matching the types of a signature with those of a call. */
import type { CallExpression, Expression, TypeNode } from '../1-parse/ast'
import { typeOfForeign } from '../2-check/foreignFunctions'
import { suggest } from '../diagnostics/suggest'
import type { Span } from '../source/source'
import { addDims, divideDim, floorDivDim, mulDims, namedDim, powerOfTwoDim, printDim, sameDim, solveDim, subDims, substituteDim, type Dim } from '../../ir/dim'
import { tensor, type Element, type TensorType } from '../../ir/type'
import type { Frame } from './frame'
import { describe, dimMeaning, dimOf, UNKNOWN, type Meaning } from './meaning'
import { obligeDivides } from './obligations'
import { applyBinary, shortText } from './operators'

const ELEMENTS: ReadonlyMap<string, Element> = new Map([['real', 'real'], ['int', 'int'], ['bool', 'bool']])

export const ELEMENT_NAMES: readonly string[] = [...ELEMENTS.keys()]

export const elementOf = (type: TypeNode): Element | undefined => ELEMENTS.get(type.name.name)

/** The type as written, names of dimensions as the frame binds them. Reports what is no type here. */
export function typeOfNode(frame: Frame, type: TypeNode): TensorType | undefined {
  const element = elementOf(type)
  if (!element) {
    if (type.name.name !== '') frame.sink.report('unknown-type', type.name.span, { name: type.name.name, suggestion: typeOfForeign(type.name.name, ELEMENT_NAMES) ?? suggest(type.name.name, ELEMENT_NAMES) })
    return undefined
  }
  const shape: Dim[] = []
  for (const item of type.shape ?? []) {
    if (item.kind === 'ellipsis') {
      frame.sink.report('misplaced-ellipsis', item.span, {})
      return undefined
    }
    const dim = dimOfExpression(frame, item)
    if (dim === undefined) return undefined
    if (typeof dim === 'number' && (dim < 0 || !Number.isSafeInteger(dim))) {
      frame.sink.report('negative-size', item.span, { size: printDim(dim) })
      return undefined
    }
    shape.push(dim)
  }
  return tensor(element, shape)
}

/** A size that must be known, symbolic or not. */
export function dimOfExpression(frame: Frame, expression: Expression): Dim | undefined {
  const meaning = evaluateSize(frame, expression)
  const dim = dimOf(meaning)
  if (dim === undefined && meaning.kind !== 'unknown') {
    notStatic(frame, expression.span, meaning, 'a size is an int, a const, a dimension, or a sum or product of them')
  }
  return dim
}

/** Reports what is no int that is known now. */
export function notStatic(frame: Frame, span: Span, found: Meaning, hint?: string): void {
  if (found.kind === 'unknown') return
  const late = found.kind === 'tensor' && found.type.element === 'int' ? ', known at run time only' : ''
  frame.sink.report('type-mismatch', span, {
    expected: 'an int that is known when the model is compiled', found: `\`${shortText(span)}\`, which is ${describe(found)}${late}`,
    hint: hint ?? (late === '' ? '`idiv(a, b)` divides ints, `floor` gives a real' : undefined),
  })
}

/** Evaluates where a size may stand: there `/` of sizes divides exactly and gives a size. What is no size is as anywhere. */
export function evaluateSize(frame: Frame, expression: Expression): Meaning {
  if (expression.kind !== 'binary' || !'+-*/'.includes(expression.operator)) return frame.session.evaluate(frame, expression)
  const left = { meaning: evaluateSize(frame, expression.left), span: expression.left.span }
  const right = { meaning: evaluateSize(frame, expression.right), span: expression.right.span }
  const [over, under] = [dimOf(left.meaning), dimOf(right.meaning)]
  if (expression.operator !== '/' || over === undefined || under === undefined) return applyBinary(frame, expression.operator, left, right, expression.operatorSpan)
  const quotient = divideDim(over, under)
  if (quotient !== undefined) return dimMeaning(quotient)
  if (typeof over !== 'number' && typeof under === 'number' && under > 0) {
    // Whether symbols divide is seen when they are bound.
    const floor = floorDivDim(over, under)
    obligeDivides(frame, under, over, expression.span, `\`${shortText(expression.span)}\``)
    return dimMeaning(floor)
  }
  // A routine that is checked by itself has symbols for its ints; each call brings the numbers.
  if (typeof under !== 'number' && frame.model?.generic) return UNKNOWN
  frame.sink.report('inexact-size', expression.span, { left: printDim(over), right: printDim(under) })
  return UNKNOWN
}

// -------------------------------------------------------------------------------------------------- signatures

/** A size as a signature writes it, over the names of the signature. */
export function patternOf(frame: Frame, expression: Expression, open: ReadonlySet<string>): Dim | undefined {
  switch (expression.kind) {
    case 'name': return open.has(expression.name) ? namedDim(expression.name) : dimOfExpression(frame, expression)
    case 'number': return expression.integer ? expression.value : dimOfExpression(frame, expression)
    case 'binary': {
      const left = patternOf(frame, expression.left, open)
      const right = patternOf(frame, expression.right, open)
      if (left === undefined || right === undefined) return undefined
      switch (expression.operator) {
        case '+': return addDims(left, right)
        case '-': return subDims(left, right)
        case '*': return mulDims(left, right)
        case '/': {
          const quotient = divideDim(left, right) ?? (typeof left !== 'number' && typeof right === 'number' && right > 0 ? floorDivDim(left, right) : undefined)
          if (quotient === undefined) frame.sink.report('inexact-size', expression.span, { left: printDim(left), right: printDim(right) })
          return quotient
        }
        case '^':
          if (left === 2 && (typeof right !== 'number' || right >= 0)) return powerOfTwoDim(right)
          if (typeof right === 'number' && right >= 0 && right <= 64) return Array.from({ length: right }, () => left).reduce<Dim>(mulDims, 1)
          break
        default: // Nothing else gives sizes.
      }
      frame.sink.report('type-mismatch', expression.span, { expected: 'a size', found: `\`${shortText(expression.span)}\``, hint: 'sizes are sums, products, exact quotients and powers of ints and dimensions' })
      return undefined
    }
    case 'call': {
      const [over, under] = isFloorDivision(expression) ? expression.arguments.map(argument => patternOf(frame, argument.value, open)) : []
      return over !== undefined && typeof under === 'number' && under > 0 ? floorDivDim(over, under) : dimOfExpression(frame, expression)
    }
    default: return dimOfExpression(frame, expression)
  }
}

const isFloorDivision = ({ callee, arguments: given }: CallExpression) => callee.kind === 'name' && callee.name === 'idiv' && given.length === 2

/** What the names of a signature stand for in one call. */
export class Unifier {
  readonly sizes = new Map<string, Dim>()
  /** The arguments that have told them. */
  readonly sources = new Map<string, Span>()

  /** @returns false where the sizes differ, true where they are equal, undefined where a name is still open */
  match(pattern: Dim, actual: Dim, source?: Span): boolean | undefined {
    const known = substituteDim(pattern, this.sizes)
    const solved = solveDim(pattern, actual, new Set(this.sizes.keys()))
    if (solved) {
      this.sizes.set(solved.name, substituteDim(solved.value, this.sizes))
      if (source) this.sources.set(solved.name, source)
      return true
    }
    if (isOpen(pattern, this.sizes)) return undefined
    return sameDim(known, actual)
  }

  apply(pattern: Dim): Dim {
    return substituteDim(pattern, this.sizes)
  }
}

function isOpen(pattern: Dim, sizes: ReadonlyMap<string, Dim>): boolean {
  if (typeof pattern === 'number') return false
  return pattern.terms.some(term => term.atoms.some(atom => (typeof atom === 'string' ? !sizes.has(atom) : isOpen('power' in atom ? atom.power : atom.floor, sizes))))
}

/** Names of dimensions that a type's shape mentions, in order. */
export function namesInType(type: TypeNode): readonly string[] {
  const names: string[] = []
  const walk = (expression: Expression): void => {
    switch (expression.kind) {
      case 'name': names.push(expression.name); break
      case 'binary': walk(expression.left); walk(expression.right); break
      case 'unary': walk(expression.operand); break
      case 'call': for (const { value } of expression.arguments) walk(value); break
      default: // Nothing else in a shape names a dimension.
    }
  }
  for (const item of type.shape ?? []) if (item.kind !== 'ellipsis') walk(item)
  return names
}
