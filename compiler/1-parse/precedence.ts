/**
 * How tightly operators bind. The grammar reads operands and operators as one flat row, which keeps it small and its
 * recursion shallow; this file gives the row its shape.
 */
import type { TokenType } from 'chevrotain'
import type { BinaryOperator, Expression } from './ast'
import type { Span } from '../source/source'
import {
  At, Caret, DotDot, EqualEqual, Greater, GreaterEqual, Less, LessEqual, Minus, NotEqual, Percent, Plus, RESERVED, Slash, Star,
} from './tokens'

export interface OperatorItem { readonly kind: 'operator'; readonly type: TokenType; readonly span: Span }
export interface OperandItem { readonly kind: 'operand'; readonly value: Expression }
export type RowItem = OperatorItem | OperandItem

/** A row that has no single reading; the first span is the operator that is one too many. */
export interface RowProblem {
  readonly code: 'chained-comparison' | 'chained-range' | 'needs-parentheses'
  readonly span: Span
  readonly parts: readonly Expression[]
}

interface Binding { readonly level: number; readonly operator: BinaryOperator | '..'; readonly chains: 'left' | 'right' | 'never' }

const NOT_LEVEL = 3
const UNARY_LEVEL = 8

const binding = (level: number, operator: Binding['operator'], chains: Binding['chains'] = 'left'): Binding => ({ level, operator, chains })

const BINDINGS: ReadonlyMap<TokenType, Binding> = new Map<TokenType, Binding>([
  [RESERVED.or, binding(1, 'or')],
  [RESERVED.and, binding(2, 'and')],
  // 3: not
  [EqualEqual, binding(4, '==', 'never')], [NotEqual, binding(4, '!=', 'never')], [Less, binding(4, '<', 'never')],
  [LessEqual, binding(4, '<=', 'never')], [Greater, binding(4, '>', 'never')], [GreaterEqual, binding(4, '>=', 'never')],
  [DotDot, binding(5, '..', 'never')],
  [Plus, binding(6, '+')], [Minus, binding(6, '-')],
  [Star, binding(7, '*')], [Slash, binding(7, '/')], [Percent, binding(7, '%')], [At, binding(7, '@')],
  // 8: unary minus
  [Caret, binding(9, '^', 'right')],
])

export function shapeRow(items: readonly RowItem[], complain: (problem: RowProblem) => void): Expression {
  return new Row(items, complain).read(0)
}

class Row {
  readonly #items: readonly RowItem[]
  readonly #complain: (problem: RowProblem) => void
  #next = 0

  constructor(items: readonly RowItem[], complain: (problem: RowProblem) => void) {
    this.#items = items
    this.#complain = complain
  }

  /** Everything from here on whose operators bind at `level` or tighter. */
  read(level: number): Expression {
    let left = this.#prefixed(level)
    let last: { readonly binding: Binding; readonly middle: Expression; readonly outer: Expression } | undefined
    for (;;) {
      const item = this.#items[this.#next]
      const found = item?.kind === 'operator' ? BINDINGS.get(item.type) : undefined
      if (item?.kind !== 'operator' || found === undefined || found.level < level) return left
      this.#next++
      const right = this.read(found.chains === 'right' ? found.level : found.level + 1)
      if (found.chains === 'never' && last?.binding.level === found.level) {
        const code = found.operator === '..' ? 'chained-range' : 'chained-comparison'
        this.#complain({ code, span: item.span, parts: [last.outer, last.middle, right] })
      }
      last = { binding: found, middle: right, outer: left }
      left = join(found.operator, left, right, item.span)
    }
  }

  /** `-x^2` is `-(x^2)` and `2^-1` is legal: a sign takes what binds tighter than signs do, wherever it stands. */
  #prefixed(level: number): Expression {
    const item = this.#items[this.#next++]
    if (item === undefined) throw new Error('a row of operators ends in an operand')
    if (item.kind === 'operand') return item.value
    const isNot = item.type === RESERVED.not
    if (isNot && level > NOT_LEVEL) this.#complain({ code: 'needs-parentheses', span: item.span, parts: [] })
    const operand = this.read(isNot ? NOT_LEVEL : UNARY_LEVEL)
    const operator = isNot ? 'not' : item.type === Minus ? '-' : '+'
    return { kind: 'unary', operator, operand, span: { ...item.span, end: operand.span.end } }
  }
}

function join(operator: BinaryOperator | '..', left: Expression, right: Expression, operatorSpan: Span): Expression {
  const span = { ...left.span, end: right.span.end }
  if (operator === '..') return { kind: 'range', low: left, high: right, span }
  return { kind: 'binary', operator, left, right, operatorSpan, span }
}
