/** `+ - * / % ^ @`, comparisons, logic and `if`, over numbers, sizes and observables. */
import type { BinaryExpression, BinaryOperator, Expression, IfExpression, UnaryExpression } from '../1-parse/ast'
import { textOf, type Span } from '../source/source'
import { addDims, mulDims, powerOfTwoDim, printDim, sameDim, subDims, type Dim } from '../../ir/dim'
import type { ScalarName } from '../../ir/scalar'
import { printType, type Element } from '../../ir/type'
import { applyElementwise, broadcastShapes, castNumeric, isClash, joinElements } from './broadcast'
import type { Frame } from './frame'
import {
  describe, dimMeaning, dimOf, isNumeric, staticNumber, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning, type Numeric,
} from './meaning'
import { addObservables, multiplyObservables, observableOf, scaleObservable } from './observables'
import { columnHelp, notePairing } from './pairings'

interface Operand { readonly meaning: Meaning; readonly span: Span }

export function evaluateUnary(frame: Frame, expression: UnaryExpression): Meaning {
  const operand = frame.session.evaluate(frame, expression.operand)
  return applyUnary(frame, expression.operator, { meaning: operand, span: expression.operand.span })
}

export function applyUnary(frame: Frame, operator: UnaryExpression['operator'], { meaning, span }: Operand): Meaning {
  if (meaning.kind === 'unknown') return UNKNOWN
  if (meaning.kind === 'observable' && operator !== 'not') return operator === '-' ? scaleObservable(frame, meaning.terms, -1) : meaning
  if (!isNumeric(meaning)) return mismatch(frame, span, operator === 'not' ? 'a bool' : 'a number', meaning)
  const { element, shape } = typeOf(meaning)
  if (operator === 'not') {
    return element === 'bool' ? applyElementwise(frame, 'not', [meaning], shape) : mismatch(frame, span, 'a bool', meaning)
  }
  const number = element === 'bool' ? castNumeric(frame, meaning, 'int') : meaning
  if (operator === '+') return number
  const dim = dimOf(number)
  return dim === undefined ? applyElementwise(frame, 'neg', [number], shape) : dimMeaning(mulDims(-1, dim))
}

export function evaluateBinary(frame: Frame, expression: BinaryExpression): Meaning {
  const left = { meaning: frame.session.evaluate(frame, expression.left), span: expression.left.span }
  const right = { meaning: frame.session.evaluate(frame, expression.right), span: expression.right.span }
  return applyBinary(frame, expression.operator, left, right, expression.operatorSpan)
}

export function applyBinary(frame: Frame, operator: BinaryOperator, left: Operand, right: Operand, at: Span): Meaning {
  if (left.meaning.kind === 'unknown' || right.meaning.kind === 'unknown') return UNKNOWN
  if (left.meaning.kind === 'text' && right.meaning.kind === 'text' && (operator === '==' || operator === '!=')) {
    return staticBool((left.meaning.text === right.meaning.text) === (operator === '=='))
  }
  if (left.meaning.kind === 'observable' || right.meaning.kind === 'observable') return quantumBinary(frame, operator, left, right, at)
  for (const { meaning, span } of [left, right]) if (!isNumeric(meaning)) return mismatch(frame, span, 'a number', meaning)
  if (!isNumeric(left.meaning) || !isNumeric(right.meaning)) return UNKNOWN
  const a = { meaning: left.meaning, span: left.span }
  const b = { meaning: right.meaning, span: right.span }
  return (operator !== '@' ? sizeBinary(operator, a.meaning, b.meaning) : undefined)
    ?? (operator === '@' ? matrixProduct(frame, a, b, at) : numberBinary(frame, operator, a, b, at))
}

export interface NumericOperand { readonly meaning: Numeric; readonly span: Span }

/** Sizes stay sizes under + − · and 2^n, so that they can stand in shapes. */
function sizeBinary(operator: BinaryOperator, left: Numeric, right: Numeric): Meaning | undefined {
  const a = dimOf(left)
  const b = dimOf(right)
  if (a === undefined || b === undefined) return undefined
  switch (operator) {
    case '+': return dimMeaning(addDims(a, b))
    case '-': return dimMeaning(subDims(a, b))
    case '*': return dimMeaning(mulDims(a, b))
    case '^':
      if (a === 2 && typeof b !== 'number') return dimMeaning(powerOfTwoDim(b))
      return typeof b === 'number' && b >= 0 && b <= 64 && typeof a !== 'number'
        ? dimMeaning(Array.from({ length: b }, () => a).reduce<Dim>(mulDims, 1)) : undefined
    // Symbolic sizes that are the same polynomial compare at compile time; others are left to the run.
    case '==': return typeof a !== 'number' || typeof b !== 'number' ? (sameDim(a, b) ? staticBool(true) : undefined) : undefined
    default: return undefined
  }
}

const staticBool = (value: boolean): Meaning => ({ kind: 'static', element: 'bool', shape: [], data: [value ? 1 : 0] })

type Arithmetic = Exclude<BinaryOperator, '@'>
type Rule = { readonly fn: ScalarName; readonly elements: 'join' | 'real' | 'logic'; readonly swap?: boolean }

const RULES: { readonly [O in Arithmetic]: Rule } = {
  '+': { fn: 'add', elements: 'join' },
  '-': { fn: 'sub', elements: 'join' },
  '*': { fn: 'mul', elements: 'join' },
  '/': { fn: 'div', elements: 'real' },
  '%': { fn: 'mod', elements: 'join' },
  '^': { fn: 'pow', elements: 'real' },
  '==': { fn: 'equal', elements: 'join' },
  '!=': { fn: 'notEqual', elements: 'join' },
  '<': { fn: 'less', elements: 'join' },
  '<=': { fn: 'lessEqual', elements: 'join' },
  '>': { fn: 'less', elements: 'join', swap: true },
  '>=': { fn: 'lessEqual', elements: 'join', swap: true },
  and: { fn: 'and', elements: 'logic' },
  or: { fn: 'or', elements: 'logic' },
}

function numberBinary(frame: Frame, operator: Arithmetic, left: NumericOperand, right: NumericOperand, at: Span): Meaning {
  const rule = RULES[operator]
  const types = [typeOf(left.meaning), typeOf(right.meaning)] as const
  if (rule.elements === 'logic') {
    for (const operand of [left, right]) {
      if (typeOf(operand.meaning).element !== 'bool') return mismatch(frame, operand.span, 'a bool', operand.meaning, `\`${operator}\` joins conditions; compare first, as in \`x > 0\``)
    }
  }
  const shape = broadcastShapes(types[0].shape, types[1].shape)
  if (isClash(shape)) {
    frame.sink.report('broadcast-mismatch', at, {
      operator, left: printType(types[0]), right: printType(types[1]), a: printDim(shape.left), b: printDim(shape.right), axis: axisInWords(shape.fromLast),
    }, { related: [{ span: left.span, message: printType(types[0]) }, { span: right.span, message: printType(types[1]) }], ...columnHelp([left, right]) })
    return UNKNOWN
  }
  notePairing(frame, operator, [left, right], at)
  const joined = joinElements(types[0].element, types[1].element)
  const compares = rule.fn === 'equal' || rule.fn === 'notEqual'
  const element = elementUnder(operator, rule, joined === 'bool' && rule.elements === 'join' && !compares ? 'int' : joined, right.meaning)
  const args = [castNumeric(frame, left.meaning, element), castNumeric(frame, right.meaning, element)]
  return applyElementwise(frame, rule.fn, rule.swap ? args.reverse() : args, shape)
}

function elementUnder(operator: Arithmetic, rule: Rule, joined: Element, right: Numeric): Element {
  if (rule.elements === 'logic') return 'bool'
  if (operator === '^') {
    // int^k stays int for a literal k ≥ 0.
    const exponent = staticNumber(right)
    return joined !== 'real' && exponent !== undefined && exponent >= 0 ? 'int' : 'real'
  }
  return rule.elements === 'real' ? 'real' : joined
}

export const axisInWords = (fromLast: number): string => (fromLast === 1 ? 'the last axis' : `axis -${fromLast}`)

// ------------------------------------------------------------------------------------------------ matrix product

/** NumPy's `@`: vectors are rows on the left and columns on the right, leading axes broadcast. */
function matrixProduct(frame: Frame, left: NumericOperand, right: NumericOperand, at: Span): Meaning {
  const { builder } = frame
  for (const { meaning, span } of [left, right]) {
    if (typeOf(meaning).shape.length === 0) return mismatch(frame, span, 'a vector or a matrix', meaning, '`@` is the matrix product; a number times a tensor is `*`')
  }
  const joined = joinElements(typeOf(left.meaning).element, typeOf(right.meaning).element)
  const element = joined === 'bool' ? 'int' : joined
  let a = toValue(builder, castNumeric(frame, left.meaning, element))
  let b = toValue(builder, castNumeric(frame, right.meaning, element))
  const innerLeft = a.type.shape.at(-1) ?? 1
  const innerRight = b.type.shape.at(-2) ?? b.type.shape[0] ?? 1
  const inner = b.type.shape.length === 1 ? b.type.shape[0] ?? 1 : innerRight
  const lead = broadcastShapes(a.type.shape.slice(0, -2), b.type.shape.slice(0, -2))
  if (!sameDim(innerLeft, inner) || isClash(lead)) {
    const [x, y] = isClash(lead) ? [lead.left, lead.right] : [innerLeft, inner]
    frame.sink.report('matrix-mismatch', at, {
      left: printType(a.type), right: printType(b.type), a: printDim(x), b: printDim(y), which: isClash(lead) ? 'leading' : 'inner',
    }, { related: [{ span: left.span, message: printType(a.type) }, { span: right.span, message: printType(b.type) }] })
    return UNKNOWN
  }
  const M = -1
  const K = -2
  const N = -3
  const labelsOf = (rank: number, own: number[]) => [...Array.from({ length: Math.max(rank - 2, 0) }, (_, axis) => lead.length - (rank - 2) + axis), ...own]
  const aLabels = labelsOf(a.type.shape.length, a.type.shape.length === 1 ? [K] : [M, K])
  const bLabels = labelsOf(b.type.shape.length, b.type.shape.length === 1 ? [K] : [K, N])
  // A literal 1 that broadcasts is dropped, so that its label stands in the other operand alone.
  const drop = (value: typeof a, labels: number[]) => {
    const kept = labels.map((label, axis) => label < 0 || value.type.shape[axis] !== 1 || lead[label] === 1)
    const shape = value.type.shape.filter((_, axis) => kept[axis])
    const keptLabels = labels.filter((_, axis) => kept[axis])
    return { value: builder.reshape(value, shape), labels: keptLabels }
  }
  const l = drop(a, aLabels)
  const r = drop(b, bLabels)
  a = l.value
  b = r.value
  const used = new Set([...l.labels, ...r.labels])
  const out = [...lead.keys(), M, N].filter(label => used.has(label))
  // Labels become 0, 1, 2, … in the order of the result, the summed one last.
  const order = [...out, K]
  const number = (label: number) => order.indexOf(label)
  return tensorMeaning(builder.add('contract', { left: l.labels.map(number), right: r.labels.map(number), out: out.map(number) }, [a, b]))
}

// ---------------------------------------------------------------------------------------------------- observables

function quantumBinary(frame: Frame, operator: BinaryOperator, left: Operand, right: Operand, at: Span): Meaning {
  const a = observableOf(frame, left.meaning)
  const b = observableOf(frame, right.meaning)
  if (a && b) {
    if (operator === '+') return addObservables([a, b])
    if (operator === '-') {
      const negated = scaleObservable(frame, b, -1)
      return negated.kind === 'observable' ? addObservables([a, negated.terms]) : UNKNOWN
    }
    if (operator === '*') return multiplyObservables(frame, a, b, at)
    if (operator === '/' && right.meaning.kind === 'static' && right.meaning.shape.length === 0) {
      return scaleObservable(frame, a, 1 / (right.meaning.data[0] ?? NaN))
    }
    if (operator === '^' && staticNumber(right.meaning) === 2) return multiplyObservables(frame, a, a, at)
  }
  const help = operator === '@' && a && b ? { help: 'the product of observables is written `*`, as in `Z(q[0]) * X(q[1])`' } : {}
  frame.sink.report('observable-arithmetic', at, { operator, left: describe(left.meaning), right: describe(right.meaning) }, help)
  return UNKNOWN
}

// -------------------------------------------------------------------------------------------------------------- if

export function evaluateIf(frame: Frame, expression: IfExpression): Meaning {
  const condition = frame.session.evaluate(frame, expression.condition)
  if (condition.kind === 'unknown') return UNKNOWN
  if (!isNumeric(condition) || typeOf(condition).element !== 'bool') {
    return mismatch(frame, expression.condition.span, 'a condition', condition, 'compare something, as in `x > 0`')
  }
  const known = staticNumber(condition)
  if (known !== undefined && (frame.unrolled || condition.kind === 'static')) return frame.session.evaluate(frame, known ? expression.then : expression.otherwise)
  return choose(frame, { meaning: condition, span: expression.condition.span }, [expression.then, expression.otherwise], expression.span)
}

function choose(frame: Frame, condition: NumericOperand, branches: readonly [Expression, Expression], span: Span): Meaning {
  const [then, otherwise] = branches.map(branch => frame.session.evaluateNumeric(frame, branch))
  if (!then || !otherwise) return UNKNOWN
  return applyWhere(frame, 'if', [condition, { meaning: then, span: branches[0].span }, { meaning: otherwise, span: branches[1].span }], span)
}

/**
 * where(condition, x, y) with broadcasting among all three.
 * @param name by which it was asked for; nothing where the condition comes of the operands themselves, and what is odd about them was said there
 */
export function applyWhere(
  frame: Frame, name: 'if' | 'where' | undefined, operands: readonly [condition: NumericOperand, x: NumericOperand, y: NumericOperand], span: Span,
): Meaning {
  const [condition, x, y] = operands
  const [decided, then, otherwise] = [typeOf(condition.meaning), typeOf(x.meaning), typeOf(y.meaning)]
  const shape = broadcastShapes(decided.shape, then.shape, otherwise.shape)
  if (isClash(shape)) {
    frame.sink.report('branch-mismatch', span, {
      condition: printType(decided), left: printType(then), right: printType(otherwise), a: printDim(shape.left), b: printDim(shape.right),
    }, { related: [{ span: x.span, message: printType(then) }, { span: y.span, message: printType(otherwise) }] })
    return UNKNOWN
  }
  if (name) notePairing(frame, name, operands, span)
  const element = joinElements(then.element, otherwise.element)
  return applyElementwise(frame, 'where', [condition.meaning, castNumeric(frame, x.meaning, element), castNumeric(frame, y.meaning, element)], shape)
}

export function mismatch(frame: Frame, span: Span, expected: string, found: Meaning, hint?: string): Meaning {
  if (found.kind === 'tuple' && found.items.length === 0) frame.sink.report('no-result', span, {})
  else if (found.kind !== 'unknown') frame.sink.report('type-mismatch', span, { expected, found: `\`${shortText(span)}\`, which is ${describe(found)}`, hint })
  return UNKNOWN
}

/** The text of an expression for a message: one line, not long. */
export function shortText(span: Span): string {
  const text = textOf(span).replace(/\s+/g, ' ')
  return text.length > 40 ? `${text.slice(0, 37)}…` : text
}
