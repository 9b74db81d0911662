/** The grammar of expressions and types. Rows in brackets are read by `commas`, operators are given their shape by precedence.ts. */
import { EOF, type IToken, type ParserMethod, type TokenType } from 'chevrotain'
import type {
  Argument, Binding, Block, Ellipsis as EllipsisNode, Expression, Identifier, IfExpression, ForExpression, IndexItem,
  RangeNode, TypeNode,
} from './ast'
import { stringValue } from './lexer'
import { shapeRow, type RowItem, type RowProblem } from './precedence'
import { RecoveringParser } from './recovery'
import { textOf } from '../source/source'
import {
  BinaryOperator, Colon, Comma, Dot, DotDot, Ellipsis, Equal, LeftParen, LeftSquare, Name, NumberLiteral, Pipe,
  PrefixOperator, RESERVED, RightParen, RightSquare, SingleQuoted, StringLiteral,
} from './tokens'

type Rule<T> = ParserMethod<[], T>

export abstract class ExpressionGrammar extends RecoveringParser {
  abstract readonly block: Rule<Block>

  // ------------------------------------------------------------------------------------------------- names

  readonly name: Rule<Identifier> = this.rule('name', () => {
    if (!this.RECORDING_PHASE && this.atReservedName()) {
      const word = this.take()
      this.complain('reserved-word', this.spanOf(word), { word: word.image, suggestion: `${word.image}_` })
      return this.identifier(word)
    }
    const token = this.CONSUME(Name)
    return this.ACTION(() => this.identifier(token))
  })

  /** `a`, or `(a, b)` where several results are taken apart. */
  readonly names: Rule<readonly Identifier[]> = this.rule('names', () => this.either<readonly Identifier[]>(LeftParen, () => {
    this.CONSUME(LeftParen)
    const names = this.commas(RightParen, this.name, 'some')
    this.CONSUME(RightParen)
    return names
  }, () => [this.SUBRULE(this.name)]))

  /** One of two, by the first token; the other way is taken blindly, so that it complains in its own words. */
  protected either<T>(opener: TokenType, bracketed: () => T, plain: () => T): T {
    if (this.RECORDING_PHASE) return this.OR<T>([{ ALT: bracketed }, { ALT: plain }])
    return this.at(opener) ? bracketed() : plain()
  }

  // ------------------------------------------------------------------------------------------- expressions

  /** Pipes are the loosest: their right side is a callable or a call, nothing more. */
  readonly expression: Rule<Expression> = this.rule('expression', () => {
    const first = this.LA(1)
    let value = this.SUBRULE(this.conditional)
    let length = 0
    this.MANY(() => {
      const pipe = this.CONSUME(Pipe)
      if (!this.RECORDING_PHASE && first.tokenType === RESERVED.if && value.kind === 'if') {
        this.report('pipe-after-if', this.spanOf(pipe), {})
      }
      const call = this.SUBRULE(this.operand)
      this.ACTION(() => {
        this.limitChain(++length)
        this.#checkPipe(call)
        value = { kind: 'pipe', value, call, span: this.since(first) }
      })
    })
    return value
  })

  #checkPipe(call: Expression): void {
    const callable = call.kind === 'name' || call.kind === 'call' || call.kind === 'member' || call.kind === 'index'
    if (!callable) this.report('not-a-pipe-target', call.span, {})
    const next = this.LA(1)
    if (!this.isBinary(next) || next.tokenType === DotDot) return
    this.complain('operator-after-pipe', this.spanOf(next), { operator: next.image })
    this.giveUp()
  }

  protected isBinary(token: IToken): boolean {
    return token.tokenType.CATEGORIES?.includes(BinaryOperator) ?? false
  }

  /** What may stand in a branch of an `if`: anything but a bare pipe. */
  readonly conditional: Rule<Expression> = this.rule('conditional', () => this.OR<Expression>({
    // An `if` or `for` could also be an operand, where it is read to be refused; here it is at home.
    IGNORE_AMBIGUITIES: true,
    DEF: [
      { ALT: () => this.SUBRULE(this.choice) },
      { ALT: () => this.SUBRULE(this.loop) },
      { ALT: () => this.SUBRULE(this.operation) },
    ],
  }))

  readonly choice: Rule<IfExpression> = this.rule('choice', (): IfExpression => {
    const first = this.CONSUME(RESERVED.if)
    const condition = this.SUBRULE(this.operation)
    this.CONSUME(RESERVED.then)
    const then = this.SUBRULE1(this.branch)
    this.CONSUME(RESERVED.else)
    const otherwise = this.SUBRULE2(this.branch)
    return this.ACTION(() => ({ kind: 'if', condition, then, otherwise, span: this.since(first) }))
  })

  /** A chain of `else if` nests, so it is counted. */
  readonly branch: Rule<Expression> = this.rule('branch', () => this.nested(() => this.SUBRULE(this.conditional)))

  readonly loop: Rule<ForExpression> = this.rule('loop', (): ForExpression => {
    const first = this.CONSUME(RESERVED.for)
    const binding = this.SUBRULE(this.binding)
    this.CONSUME(RESERVED.in)
    const source = this.nested(() => this.SUBRULE(this.expression))
    const body = this.SUBRULE(this.block)
    return this.ACTION(() => ({ kind: 'for', binding, source, body, span: this.since(first) }))
  })

  readonly binding: Rule<Binding> = this.rule('binding', () => {
    const first = this.LA(1)
    return this.either<Binding>(LeftSquare, () => {
      this.CONSUME(LeftSquare)
      const names = this.commas(RightSquare, this.name, 'some')
      this.CONSUME(RightSquare)
      return this.ACTION(() => ({ names, rows: true, span: this.since(first) }))
    }, () => {
      const name = this.SUBRULE(this.name)
      return this.ACTION(() => ({ names: [name], rows: false, span: this.since(first) }))
    })
  })

  readonly operation: Rule<Expression> = this.rule('operation', () => {
    const row: RowItem[] = []
    const operator = (token: IToken) => this.ACTION(() => {
      row.push({ kind: 'operator', type: token.tokenType, span: this.spanOf(token) })
      this.limitChain(row.length / 2)
    })
    this.MANY1(() => operator(this.CONSUME1(PrefixOperator)))
    row.push({ kind: 'operand', value: this.SUBRULE1(this.operand) })
    this.MANY2(() => {
      operator(this.CONSUME2(BinaryOperator))
      this.MANY3(() => operator(this.CONSUME3(PrefixOperator)))
      row.push({ kind: 'operand', value: this.SUBRULE2(this.operand) })
    })
    return this.ACTION(() => shapeRow(row, problem => this.#reportRow(problem)))
  })

  #reportRow({ code, span, parts }: RowProblem): void {
    if (code === 'needs-parentheses') return this.report(code, span, { word: 'not' })
    if (code === 'chained-range') return this.report(code, span, {})
    const [a = '', b = '', c = ''] = parts.map(oneLine)
    const first = parts[1]?.span
    const operator = first === undefined ? '<' : this.file.text.slice(parts[0]?.span.end ?? 0, first.start).trim()
    const fixed = a.length + b.length + c.length < 60 ? `\`${a} ${operator} ${b} and ${b} ${textOf(span)} ${c}\`` : 'two comparisons joined by `and`'
    this.report(code, span, { fixed })
  }

  // ---------------------------------------------------------------------------------------------- operands

  readonly operand: Rule<Expression> = this.rule('operand', () => {
    const first = this.LA(1)
    let value = this.SUBRULE(this.primary)
    let length = 0
    this.MANY({
      // On a later line, `(` and `[` begin something new.
      GATE: () => this.LA(1).startLine === this.LA(0).endLine,
      DEF: () => {
        this.ACTION(() => this.limitChain(++length))
        this.OR([
          { ALT: () => {
            const args = this.SUBRULE(this.callArguments)
            this.ACTION(() => { value = { kind: 'call', callee: value, arguments: args, span: this.since(first) } })
          } },
          { ALT: () => {
            const items = this.SUBRULE(this.indexing)
            this.ACTION(() => { value = { kind: 'index', value, items, span: this.since(first) } })
          } },
          { ALT: () => {
            this.CONSUME(Dot)
            const member = this.SUBRULE(this.name)
            this.ACTION(() => { value = { kind: 'member', value, member, span: this.since(first) } })
          } },
        ])
      },
    })
    return value
  })

  readonly primary: Rule<Expression> = this.rule('primary', (): Expression => this.OR<Expression>([
    { ALT: () => {
      const token = this.CONSUME(NumberLiteral)
      return this.ACTION((): Expression => ({ kind: 'number', value: Number(token.image), integer: /^\d+$/.test(token.image), span: this.spanOf(token) }))
    } },
    { ALT: () => {
      const token = this.CONSUME(Name)
      return this.ACTION((): Expression => ({ kind: 'name', ...this.identifier(token) }))
    } },
    { ALT: () => this.SUBRULE(this.parenthesised) },
    { ALT: () => this.SUBRULE(this.bracketed) },
    { ALT: () => this.#string(this.CONSUME(StringLiteral)) },
    { ALT: () => this.#string(this.CONSUME(SingleQuoted)) },
    { ALT: () => this.#boolean(this.CONSUME(RESERVED.true), true) },
    { ALT: () => this.#boolean(this.CONSUME(RESERVED.false), false) },
    { ALT: () => {
      const token = this.CONSUME(RESERVED.inf)
      return this.ACTION((): Expression => ({ kind: 'infinity', span: this.spanOf(token) }))
    } },
    { ALT: () => {
      const choice = this.nested(() => this.SUBRULE(this.choice))
      this.ACTION(() => this.report('needs-parentheses', { ...choice.span, end: choice.span.start + 2 }, { word: 'if' }))
      return choice
    } },
  ]))

  #string(token: IToken): Expression {
    return this.ACTION(() => ({ kind: 'string', value: stringValue(token), span: this.spanOf(token) }))
  }

  #boolean(token: IToken, value: boolean): Expression {
    return this.ACTION(() => ({ kind: 'boolean', value, span: this.spanOf(token) }))
  }

  /** The span of what stands in parentheses takes them in. */
  readonly parenthesised: Rule<Expression> = this.rule('parenthesised', () => {
    const first = this.CONSUME(LeftParen)
    const items = this.nested(() => this.commas(RightParen, this.expression, 'some'))
    const trailing = this.LA(0).tokenType === Comma
    this.CONSUME(RightParen)
    return this.ACTION((): Expression => {
      const [single] = items
      const span = this.since(first)
      return single !== undefined && items.length === 1 && !trailing ? { ...single, span } : { kind: 'tuple', items, span }
    })
  })

  /** `[a, b]`, or `[e for i in xs]`. */
  readonly bracketed: Rule<Expression> = this.rule('bracketed', () => {
    const first = this.CONSUME(LeftSquare)
    let binding: Binding | undefined
    let source: Expression | undefined
    const items = this.nested(() => this.commas(RightSquare, this.expression))
    this.OPTION({
      GATE: () => items.length === 1 && this.LA(0).tokenType !== Comma,
      DEF: () => {
        this.CONSUME(RESERVED.for)
        binding = this.SUBRULE(this.binding)
        this.CONSUME(RESERVED.in)
        source = this.SUBRULE(this.expression)
      },
    })
    this.CONSUME(RightSquare)
    return this.ACTION((): Expression => {
      const [value] = items
      const span = this.since(first)
      if (value === undefined || binding === undefined || source === undefined) return { kind: 'list', items, span }
      return { kind: 'comprehension', value, binding, source, span }
    })
  })

  readonly callArguments: Rule<readonly Argument[]> = this.rule('callArguments', () => {
    this.CONSUME(LeftParen)
    const args = this.nested(() => this.commas(RightParen, this.argument))
    this.CONSUME(RightParen)
    this.ACTION(() => {
      const firstNamed = args.findIndex(argument => argument.name !== undefined)
      const late = firstNamed < 0 ? undefined : args.slice(firstNamed).find(argument => argument.name === undefined)
      if (late !== undefined) this.report('positional-after-named', late.span, {})
    })
    return args
  })

  readonly argument: Rule<Argument> = this.rule('argument', () => {
    const first = this.LA(1)
    let name: Identifier | undefined
    this.OPTION({
      GATE: () => this.at(Equal, 2),
      DEF: () => {
        name = this.SUBRULE(this.name)
        this.CONSUME(Equal)
      },
    })
    const value = this.SUBRULE(this.expression)
    return this.ACTION(() => ({ name, value, span: this.since(first) }))
  })

  readonly indexing: Rule<readonly IndexItem[]> = this.rule('indexing', () => {
    this.CONSUME(LeftSquare)
    const items = this.nested(() => this.commas(RightSquare, this.indexItem, 'some'))
    this.CONSUME(RightSquare)
    return items
  })

  readonly indexItem: Rule<IndexItem> = this.rule('indexItem', () => {
    const first = this.LA(1)
    return this.OR1<IndexItem>([
      { ALT: () => this.SUBRULE(this.ellipsis) },
      { ALT: () => {
        const rest = this.SUBRULE1(this.sliceRest)
        return this.ACTION(() => ({ kind: 'slice', ...rest, span: this.since(first) }))
      } },
      { ALT: () => {
        const low = this.SUBRULE(this.expression)
        let rest: SliceRest | undefined
        this.OPTION(() => { rest = this.SUBRULE2(this.sliceRest) })
        return this.ACTION((): IndexItem => rest === undefined
          ? { kind: 'at', value: low, span: this.since(first) }
          : { kind: 'slice', low, ...rest, span: this.since(first) })
      } },
    ])
  })

  /** `:high:step`, each of which may be left out. */
  readonly sliceRest: Rule<SliceRest> = this.rule('sliceRest', () => {
    let high: Expression | undefined
    let step: Expression | undefined
    this.CONSUME1(Colon)
    this.OPTION1(() => { high = this.SUBRULE1(this.expression) })
    this.OPTION2(() => {
      this.CONSUME2(Colon)
      this.OPTION3(() => { step = this.SUBRULE2(this.expression) })
    })
    return { high, step }
  })

  readonly ellipsis: Rule<EllipsisNode> = this.rule('ellipsis', (): EllipsisNode => {
    const token = this.CONSUME(Ellipsis)
    return this.ACTION(() => ({ kind: 'ellipsis', span: this.spanOf(token) }))
  })

  // ------------------------------------------------------------------------------------------------- types

  readonly type: Rule<TypeNode> = this.rule('type', () => {
    const first = this.LA(1)
    let shape: TypeNode['shape']
    let range: RangeNode | undefined
    const name = this.SUBRULE(this.typeName)
    this.OPTION1({
      GATE: () => this.LA(1).startLine === this.LA(0).endLine,
      DEF: () => { shape = this.SUBRULE(this.shape) },
    })
    this.OPTION2(() => {
      this.CONSUME(RESERVED.in)
      range = this.SUBRULE(this.range)
    })
    return this.ACTION(() => ({ name, shape, range, span: this.since(first) }))
  })

  readonly typeName: Rule<Identifier> = this.rule('typeName', () => {
    const token = this.OR([
      { ALT: () => this.CONSUME(RESERVED.real) },
      { ALT: () => this.CONSUME(RESERVED.int) },
      { ALT: () => this.CONSUME(RESERVED.bool) },
      { ALT: () => this.CONSUME(Name) },
    ])
    return this.ACTION(() => this.identifier(token))
  })

  readonly shape: Rule<readonly (Expression | EllipsisNode)[]> = this.rule('shape', () => {
    this.CONSUME(LeftSquare)
    const sizes = this.commas(RightSquare, this.dimension)
    this.CONSUME(RightSquare)
    return sizes
  })

  readonly dimension: Rule<Expression | EllipsisNode> = this.rule('dimension', () => this.OR<Expression | EllipsisNode>([
    { ALT: () => this.SUBRULE(this.ellipsis) },
    { ALT: () => this.SUBRULE(this.expression) },
  ]))

  /** After `in`, a bracket opens an interval, never a value in parentheses. */
  readonly range: Rule<RangeNode | undefined> = this.rule('range', () => this.OR<RangeNode | undefined>({
    IGNORE_AMBIGUITIES: true,
    DEF: [
      { ALT: () => this.SUBRULE(this.interval) },
      { ALT: () => {
        const value = this.SUBRULE(this.operation)
        return this.ACTION((): RangeNode | undefined => {
          if (value.kind === 'range') return { kind: 'classes', value, span: value.span }
          if (value.kind === 'name' && value.name === 'simplex') return { kind: 'simplex', span: value.span }
          this.report('unknown-range', value.span, {})
          return undefined
        })
      } },
    ],
  }))

  readonly interval: Rule<RangeNode> = this.rule('interval', (): RangeNode => {
    const first = this.OR1([{ ALT: () => this.CONSUME(LeftParen) }, { ALT: () => this.CONSUME(LeftSquare) }])
    const low = this.SUBRULE1(this.expression)
    this.CONSUME(Comma)
    const high = this.SUBRULE2(this.expression)
    const last = this.SUBRULE(this.intervalEnd)
    return this.ACTION(() => ({
      kind: 'interval', low, high, closedLow: first.tokenType === LeftSquare, closedHigh: last.tokenType === RightSquare, span: this.since(first),
    }))
  })

  readonly intervalEnd: Rule<IToken> = this.rule('intervalEnd', () => this.OR([
    { ALT: () => this.CONSUME(RightParen) },
    { ALT: () => this.CONSUME(RightSquare) },
  ]))

  // -------------------------------------------------------------------------------------------------- rows

  /**
   * A row with commas up to a closer, which stays; a comma may end it. Read by a loop, so that a wrong item is an error in
   * its own words; while Chevrotain records the grammar, the same row in its terms.
   */
  protected commas<T>(closer: TokenType, item: Rule<T>, least: 'none' | 'some' = 'none'): readonly T[] {
    if (this.RECORDING_PHASE) {
      this.option(8, () => {
        this.subrule(8, item)
        this.many(8, () => {
          this.consume(8, Comma)
          this.option(9, () => this.subrule(9, item))
        })
      })
      return []
    }
    const items: T[] = []
    if (least === 'some' && this.at(closer)) items.push(this.subrule(8, item))
    while (!this.at(closer) && !this.at(EOF)) {
      items.push(this.subrule(items.length === 0 ? 8 : 9, item))
      if (!this.at(Comma)) break
      this.consume(8, Comma)
    }
    return items
  }
}

interface SliceRest { readonly high?: Expression; readonly step?: Expression }

function oneLine(expression: Expression): string {
  return textOf(expression.span).replace(/\s+/g, ' ')
}
