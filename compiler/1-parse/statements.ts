/** The grammar of blocks and what stands in them. Which statement belongs in which block is the checker's business. */
import { EOF, type IToken, type ParserMethod, type TokenType } from 'chevrotain'
import type {
  AssertStatement, AssignStatement, Block, Expression, FrozenStatement, GateStatement, Identifier, IfStatement,
  InputStatement, InstanceStatement, LetStatement, LossStatement, MetricStatement, Modifier, OutputStatement, ParamStatement,
  QubitsStatement, RateStatement, ReturnStatement, StateStatement, Statement, TypeNode, UpdateStatement, VarStatement,
  YieldStatement,
} from './ast'
import { among } from '../diagnostics/suggest'
import { ExpressionGrammar } from './expressions'
import { statementHelp } from './habits'
import { asWritten, inWords } from './messages'
import {
  At, Caret, Colon, Comma, Dot, Equal, GateName, LeftBrace, LeftParen, LeftSquare, Minus, Name, NumberLiteral, Percent, Pipe,
  Plus, RESERVED, RightBrace, RightParen, RightSquare, Separator, Slash, SOFT, Star, StringLiteral, Tilde,
} from './tokens'
import { DECLARATION_WORDS, STATEMENT_WORDS } from './words'

type Rule<T> = ParserMethod<[], T>

const MODIFIERS: readonly Modifier['name'][] = ['ctrl', 'negctrl', 'inv', 'pow']
const UPDATE_OPERATORS: ReadonlySet<TokenType> = new Set([Plus, Minus, Star, Slash, Percent, Caret, At])

export abstract class StatementGrammar extends ExpressionGrammar {
  /** The block at hand gives something back by `return`. */
  protected returns = false

  readonly block: Rule<Block> = this.rule('block', (): Block => {
    const first = this.CONSUME(LeftBrace)
    const statements: Statement[] = []
    if (this.RECORDING_PHASE) {
      this.MANY(() => this.OR([{ ALT: () => this.CONSUME(Separator) }, { ALT: () => this.SUBRULE(this.statement) }]))
    }
    this.lines(() => statements.push(this.guarded<Statement>(
      () => this.SUBRULE(this.statement), from => ({ kind: 'invalid', span: this.since(from) }))))
    this.CONSUME(RightBrace)
    return this.ACTION(() => ({ kind: 'block', statements, span: this.since(first) }))
  })

  /** Calls `read` at each statement up to the closing brace; a read that fails is expected to have moved on. */
  protected lines(read: () => void): void {
    if (this.RECORDING_PHASE) return
    while (!this.at(RightBrace) && !this.at(EOF)) {
      if (this.at(Separator)) this.take()
      else read()
    }
  }

  readonly statement: Rule<Statement> = this.rule('statement', (): Statement => {
    if (!this.RECORDING_PHASE) this.#refuseStray()
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.inputStatement) },
      { ALT: () => this.SUBRULE(this.paramStatement) },
      { ALT: () => this.SUBRULE(this.stateStatement) },
      { ALT: () => this.SUBRULE(this.letStatement) },
      { ALT: () => this.SUBRULE(this.varStatement) },
      { ALT: () => this.SUBRULE(this.assignStatement) },
      { ALT: () => this.SUBRULE(this.outputStatement) },
      { ALT: () => this.SUBRULE(this.lossStatement) },
      { ALT: () => this.SUBRULE(this.metricStatement) },
      { ALT: () => this.SUBRULE(this.rateStatement) },
      { ALT: () => this.SUBRULE(this.frozenStatement) },
      { ALT: () => this.SUBRULE(this.updateStatement) },
      { ALT: () => this.SUBRULE(this.assertStatement) },
      { ALT: () => this.SUBRULE(this.instanceStatement) },
      { ALT: () => this.SUBRULE(this.ifStatement) },
      { ALT: () => this.SUBRULE(this.returnStatement) },
      { ALT: () => this.SUBRULE(this.yieldStatement) },
      { ALT: () => this.SUBRULE(this.qubitsStatement) },
      { ALT: () => this.SUBRULE(this.gateStatement) },
      { ALT: () => {
        const loop = this.SUBRULE(this.loop)
        return this.ACTION((): Statement => ({ kind: 'for', loop, span: loop.span }))
      } },
    ])
  })

  // ------------------------------------------------------------------------------------- parts of statements

  /** What follows `=`. Where it cannot be read the name lives on, so that its uses are no further mistakes. */
  readonly value: Rule<Expression> = this.rule('value', (): Expression => {
    if (this.RECORDING_PHASE) return this.SUBRULE(this.expression)
    const first = this.LA(1)
    return this.attempt<Expression>(() => this.SUBRULE(this.expression), () => ({ kind: 'invalid', span: this.since(first) }), Comma)
  })

  readonly definition: Rule<Expression> = this.rule('definition', () => {
    this.CONSUME(Equal)
    return this.SUBRULE(this.value)
  })

  /** `: type`, and a type without a name where none can be read. */
  protected typeUpTo(stop: TokenType): TypeNode {
    this.consume(1, Colon)
    if (this.RECORDING_PHASE) return this.subrule(1, this.type)
    return this.attempt<TypeNode>(() => this.subrule(1, this.type), () => {
      const span = this.spanOf(this.LA(0))
      return { name: { name: '', span }, span }
    }, stop)
  }

  readonly initialType: Rule<TypeNode> = this.rule('initialType', () => this.typeUpTo(Tilde))
  readonly definedType: Rule<TypeNode> = this.rule('definedType', () => this.typeUpTo(Equal))

  readonly path: Rule<readonly Identifier[]> = this.rule('path', () => {
    const path = [this.SUBRULE1(this.name)]
    this.MANY(() => {
      this.CONSUME(Dot)
      path.push(this.SUBRULE2(this.name))
    })
    return path
  })

  readonly size: Rule<Expression> = this.rule('size', () => {
    this.CONSUME(LeftSquare)
    const size = this.SUBRULE(this.expression)
    this.CONSUME(RightSquare)
    return size
  })

  readonly valueRow: Rule<readonly Expression[]> = this.rule('valueRow', () => {
    const values = [this.SUBRULE1(this.value)]
    this.MANY(() => {
      this.CONSUME(Comma)
      values.push(this.SUBRULE2(this.value))
    })
    return values
  })

  // --------------------------------------------------------------------------------------------- statements

  readonly inputStatement: Rule<InputStatement> = this.rule('inputStatement', (): InputStatement => {
    const first = this.OR([{ ALT: () => this.CONSUME(RESERVED.input) }, { ALT: () => this.CONSUME(RESERVED.target) }])
    const name = this.SUBRULE(this.name)
    const type = this.SUBRULE(this.definedType)
    if (this.at(Equal)) this.refuse('its value comes from outside; one that is fixed is a `const`, or a `let`')
    return this.ACTION(() => ({
      kind: 'input', role: first.tokenType === RESERVED.target ? 'target' : 'input', name, type, doc: this.docAbove(first), span: this.since(first),
    }))
  })

  readonly paramStatement: Rule<ParamStatement> = this.rule('paramStatement', (): ParamStatement => {
    const first = this.CONSUME(RESERVED.param)
    const name = this.SUBRULE(this.name)
    const type = this.SUBRULE(this.initialType)
    let initial: Expression | undefined
    if (this.at(Equal)) this.refuse('a first value stands behind `~`: `param w: real[3] ~ zeros()`')
    this.OPTION(() => {
      this.CONSUME(Tilde)
      initial = this.SUBRULE(this.value)
    })
    return this.ACTION(() => ({ kind: 'param', frozen: false, name, type, initial, doc: this.docAbove(first), span: this.since(first) }))
  })

  readonly frozenStatement: Rule<ParamStatement | FrozenStatement> = this.rule('frozenStatement', () => {
    const first = this.CONSUME(SOFT.frozen)
    return this.OR<ParamStatement | FrozenStatement>([
      { ALT: () => {
        const param = this.SUBRULE(this.paramStatement)
        return this.ACTION((): ParamStatement => ({ ...param, frozen: true, doc: this.docAbove(first), span: this.since(first) }))
      } },
      { ALT: () => {
        const path = this.SUBRULE(this.path)
        return this.ACTION((): FrozenStatement => ({ kind: 'frozen', path, span: this.since(first) }))
      } },
    ])
  })

  readonly stateStatement: Rule<StateStatement> = this.rule('stateStatement', (): StateStatement => {
    const first = this.CONSUME(SOFT.state)
    const name = this.SUBRULE(this.name)
    const type = this.SUBRULE(this.definedType)
    let initial: Expression | undefined
    this.OPTION(() => { initial = this.SUBRULE(this.definition) })
    return this.ACTION(() => ({ kind: 'state', name, type, initial, span: this.since(first) }))
  })

  readonly letStatement: Rule<LetStatement> = this.rule('letStatement', (): LetStatement => {
    const first = this.CONSUME(RESERVED.let)
    const { names, type, value } = this.SUBRULE(this.nameAndValue)
    return this.ACTION(() => ({ kind: 'let', names, type, value, doc: this.docAbove(first), span: this.since(first) }))
  })

  readonly varStatement: Rule<VarStatement> = this.rule('varStatement', (): VarStatement => {
    const first = this.CONSUME(RESERVED.var)
    const { names, type, value } = this.SUBRULE(this.nameAndValue)
    return this.ACTION(() => ({ kind: 'var', names, type, value, span: this.since(first) }))
  })

  readonly nameAndValue: Rule<Named> = this.rule('nameAndValue', () => {
    const names = this.SUBRULE(this.names)
    let type: TypeNode | undefined
    this.OPTION(() => { type = this.SUBRULE(this.definedType) })
    const value = this.SUBRULE(this.definition)
    return { names, type, value }
  })

  readonly assignStatement: Rule<AssignStatement> = this.rule('assignStatement', (): AssignStatement => {
    const first = this.LA(1)
    const names = this.SUBRULE(this.names)
    let indexed = false
    this.OPTION(() => {
      indexed = true
      this.SUBRULE(this.indexing)
    })
    const target = this.ACTION(() => this.since(first))
    const value = this.SUBRULE(this.definition)
    return this.ACTION(() => ({ kind: 'assign', names, indexed: indexed ? target : undefined, value, span: this.since(first) }))
  })

  readonly outputStatement: Rule<OutputStatement> = this.rule('outputStatement', (): OutputStatement => {
    const first = this.CONSUME(RESERVED.output)
    const name = this.SUBRULE(this.name)
    let value: Expression | undefined
    this.OPTION(() => { value = this.SUBRULE(this.definition) })
    return this.ACTION(() => ({ kind: 'output', name, value, doc: this.docAbove(first), span: this.since(first) }))
  })

  readonly lossStatement: Rule<LossStatement> = this.rule('lossStatement', (): LossStatement => {
    const first = this.CONSUME(SOFT.loss)
    const value = this.SUBRULE(this.value)
    return this.ACTION(() => ({ kind: 'loss', value, keyword: this.spanOf(first), span: this.since(first) }))
  })

  readonly metricStatement: Rule<MetricStatement> = this.rule('metricStatement', (): MetricStatement => {
    const first = this.CONSUME(SOFT.metric)
    const name = this.SUBRULE(this.name)
    const value = this.SUBRULE(this.definition)
    return this.ACTION(() => ({ kind: 'metric', name, value, span: this.since(first) }))
  })

  readonly rateStatement: Rule<RateStatement> = this.rule('rateStatement', (): RateStatement => {
    const first = this.CONSUME(SOFT.rate)
    const path = this.SUBRULE(this.path)
    const value = this.SUBRULE(this.definition)
    return this.ACTION(() => ({ kind: 'rate', path, value, span: this.since(first) }))
  })

  readonly updateStatement: Rule<UpdateStatement> = this.rule('updateStatement', (): UpdateStatement => {
    const first = this.CONSUME(SOFT.update)
    const name = this.SUBRULE(this.name)
    const value = this.SUBRULE(this.definition)
    return this.ACTION(() => ({ kind: 'update', name, value, span: this.since(first) }))
  })

  readonly assertStatement: Rule<AssertStatement> = this.rule('assertStatement', (): AssertStatement => {
    const first = this.CONSUME(SOFT.assert)
    const value = this.SUBRULE(this.value)
    return this.ACTION(() => ({ kind: 'assert', value, span: this.since(first) }))
  })

  readonly instanceStatement: Rule<InstanceStatement> = this.rule('instanceStatement', (): InstanceStatement => {
    const first = this.CONSUME(RESERVED.layer)
    const name = this.SUBRULE(this.name)
    let count: Expression | undefined
    this.OPTION(() => { count = this.SUBRULE(this.size) })
    const value = this.SUBRULE(this.definition)
    return this.ACTION(() => ({ kind: 'instance', name, count, value, span: this.since(first) }))
  })

  readonly ifStatement: Rule<IfStatement> = this.rule('ifStatement', (): IfStatement => {
    const first = this.CONSUME(RESERVED.if)
    const condition = this.SUBRULE(this.operation)
    const then = this.SUBRULE1(this.block)
    let otherwise: Block | IfStatement | undefined
    this.OPTION(() => {
      this.CONSUME(RESERVED.else)
      otherwise = this.OR<Block | IfStatement>([
        { ALT: () => this.SUBRULE2(this.block) },
        { ALT: () => this.nested(() => this.SUBRULE(this.ifStatement)) },
      ])
    })
    return this.ACTION(() => ({ kind: 'if', condition, then, otherwise, span: this.since(first) }))
  })

  readonly returnStatement: Rule<ReturnStatement> = this.rule('returnStatement', (): ReturnStatement => {
    const first = this.CONSUME(RESERVED.return)
    const values = this.SUBRULE(this.valueRow)
    return this.ACTION(() => ({ kind: 'return', values, span: this.since(first) }))
  })

  readonly yieldStatement: Rule<YieldStatement> = this.rule('yieldStatement', (): YieldStatement => {
    const first = this.CONSUME(RESERVED.yield)
    const values = this.SUBRULE(this.valueRow)
    return this.ACTION(() => ({ kind: 'yield', values, span: this.since(first) }))
  })

  // -------------------------------------------------------------------------------------------------- gates

  readonly qubitsStatement: Rule<QubitsStatement> = this.rule('qubitsStatement', (): QubitsStatement => {
    const first = this.CONSUME(SOFT.qubits)
    if (!this.RECORDING_PHASE && !this.at(Name) && !this.atReservedName()) this.refuse(REGISTER_HELP)
    const name = this.SUBRULE(this.name)
    let size: Expression | undefined
    this.OPTION(() => { size = this.SUBRULE(this.size) })
    if (this.at(LeftParen) || this.at(Equal)) this.refuse(REGISTER_HELP)
    return this.ACTION(() => ({ kind: 'qubits', name, size, span: this.since(first) }))
  })

  /** `ctrl(2) ry(θ) q[0], q[1], q[2]`; a modifier is a word that cannot name a gate. */
  readonly gateStatement: Rule<GateStatement> = this.rule('gateStatement', (): GateStatement => {
    const first = this.LA(1)
    const modifiers: Modifier[] = []
    let word = this.CONSUME(GateName)
    for (let name = modifierOf(word); name !== undefined || this.RECORDING_PHASE; name = modifierOf(word)) {
      const from = word
      let argument: Expression | undefined
      this.OPTION1(() => {
        this.CONSUME(LeftParen)
        argument = this.SUBRULE(this.expression)
        this.CONSUME(RightParen)
      })
      if (name === undefined) break
      modifiers.push({ name, argument, span: this.since(from) })
      this.limitChain(modifiers.length)
      if (this.at(At)) this.report('modifier-with-at', this.spanOf(this.take()), { modifier: from.image })
      word = this.CONSUME(Name)
    }
    let args: GateStatement['arguments']
    this.OPTION2(() => { args = this.SUBRULE(this.callArguments) })
    const operands = this.SUBRULE(this.operands)
    return this.ACTION(() => {
      const name = this.identifier(word)
      if (this.at(Name) && operands.length > 0) this.refuse(this.#operandHelp(name.name, operands, args !== undefined))
      if (this.at(Dot) && operands.length === 0 && args === undefined) return this.refuse('gates have no prefix, and their qubits stand behind them: `rx(θ) q[0]`')
      if (operands.length === 0 && args === undefined) this.complain('missing-operand', name.span, { gate: name.name })
      return { kind: 'gate', modifiers, name, arguments: args, operands, span: this.since(first) }
    })
  })

  /** `rx t q[0]`, `cx q[0] q[1]`: the next word belongs to the gate, but not so. */
  #operandHelp(gate: string, operands: readonly Expression[], hasAngles: boolean): string {
    const [first] = operands
    const next = this.LA(1).image
    if (operands.length === 1 && first?.kind === 'name' && !hasAngles) return `an angle stands in parentheses: \`${gate}(${first.name}) ${next}\``
    return `qubits are parted by commas: \`${gate} q[0], q[1]\``
  }

  /** Says that what comes next does not belong here, and gives the statement up. */
  protected refuse(hint: string): never {
    const [found, before] = [this.LA(1), this.LA(0)]
    this.complain('unexpected-syntax', this.placeOf(found, before), { found: inWords(found), after: asWritten(before), hint })
    this.giveUp()
  }

  readonly operands: Rule<readonly Expression[]> = this.rule('operands', () => {
    const operands: Expression[] = []
    this.OPTION(() => {
      operands.push(this.SUBRULE1(this.operand))
      this.MANY(() => {
        this.CONSUME(Comma)
        operands.push(this.SUBRULE2(this.operand))
      })
    })
    return operands
  })

  // ----------------------------------------------------------------------------- what cannot begin a statement

  /** Says what is wrong with a line that begins no statement, and gives it up. */
  #refuseStray(): void {
    const [token, after] = [this.LA(1), this.LA(2)]
    const span = this.spanOf(token)
    const word = token.image
    const isWord = token.tokenType === Name || token.tokenType === GateName
    const help = isWord && after.tokenType !== Equal && !this.#isApplied() ? statementHelp(word) : undefined
    if (help !== undefined) {
      this.complain('unknown-statement', span, { word, known: '' }, { help })
      this.#skipFurtherIn(token)
    } else if (isWord && this.at(Plus, 2) && this.at(Plus, 3) || isWord && this.at(Minus, 2) && this.at(Minus, 3)) {
      this.complain('expression-statement', span, {}, { help: `write \`${word} = ${word} ${after.image} 1\`` })
    } else if (isWord && REGISTER_WORDS.has(word) && this.#namesRegister()) {
      this.complain('unknown-statement', span, { word, known: '' }, { help: REGISTER_HELP })
    } else if (isWord && UPDATE_OPERATORS.has(after.tokenType) && this.at(Equal, 3)) {
      this.complain('update-operator', this.spanOf(after), { operator: after.image, name: word })
    } else if (token.tokenType === Name) {
      if (after.tokenType === Equal || after.tokenType === LeftSquare) return
      this.#refuseWord(token, after)
    } else if (token.tokenType !== RESERVED.layer && DECLARATION_WORDS.includes(word)) {
      this.complain('nested-declaration', span, { word, hint: word === 'const' ? 'inside a block, a name is given with `let`' : undefined })
    } else if (token.tokenType === RESERVED.layer && this.at(LeftParen, 3)) {
      this.complain('nested-declaration', span, { word, hint: 'inside a block, `layer name = …` makes an instance' })
    } else if (token.tokenType === Pipe || (this.isBinary(token) && token.tokenType !== Minus)) {
      this.complain('unexpected-start', span, { found: `\`${word}\``, hint: `to go on with the line above, end that one with \`${word}\`` })
    } else if (token.tokenType === NumberLiteral || token.tokenType === StringLiteral || token.tokenType === LeftSquare || token.tokenType === Minus) {
      this.complain('expression-statement', span, { suggestion: 'y' }, this.returns ? { help: 'give it back, `return …`, or give it a name: `let y = …`' } : {})
    } else if (!STATEMENT_WORDS.includes(word) && token.tokenType !== LeftParen && token.tokenType !== GateName) {
      this.complain('unexpected-start', span, { found: inWords(token), hint: word === '=' ? 'a name stands before it: `let y = …`' : undefined })
    } else return
    this.giveUp()
  }

  /** A word that is no keyword and is not assigned to: a slip in a keyword, a gate, or an expression. */
  #refuseWord(token: IToken, after: IToken): void {
    const span = this.spanOf(token)
    const startsMore = after.tokenType === Name || after.tokenType === NumberLiteral || after.tokenType === StringLiteral
    const { suggestion, known } = among(token.image, STATEMENT_WORDS)
    if (startsMore && suggestion !== undefined) this.complain('unknown-statement', span, { word: token.image, suggestion, known })
    else if (after.tokenType === Name || this.#isAppliedGate()) {
      this.complain('misplaced-gate', span, { hint: 'a model calls a circuit, as a function: `let y = c(x)`' })
    } else if (startsMore || after.tokenType === Colon) this.complain('unknown-statement', span, { word: token.image, suggestion, known })
    else this.complain('expression-statement', span, { suggestion: 'y' }, this.returns ? { help: 'give it back, `return …`, or give it a name: `let y = …`' } : {})
  }

  /** A gate of the file's by that name: its qubits stand behind it. */
  #isApplied(): boolean {
    if (!this.at(GateName)) return false
    const behind = this.LA(3)
    return this.#isAppliedGate() || (this.at(Name, 2) && (behind.tokenType === Separator || behind.tokenType === Comma || behind.tokenType === LeftSquare || behind.tokenType === RightBrace))
  }

  /** `qubit[2] q`, as in OpenQASM. */
  #namesRegister(): boolean {
    return this.at(LeftSquare, 2) && this.at(RightSquare, 4) && this.at(Name, 5)
  }

  /** What is indented below a line that ends in a colon is a block of another language, and goes with it. */
  #skipFurtherIn(first: IToken): void {
    const column = first.startColumn ?? 1
    this.skipToEnd()
    while (this.LA(0).tokenType === Colon && this.at(Separator) && (this.LA(2).startColumn ?? 0) > column && !this.at(RightBrace, 2) && !this.at(EOF, 2)) {
      do {
        this.take()
        this.skipToEnd()
      } while (this.at(Separator) && (this.LA(2).startColumn ?? 0) > column && !this.at(RightBrace, 2) && !this.at(EOF, 2))
    }
  }

  /** `ry(θ) q`: a name right behind the parentheses. */
  #isAppliedGate(): boolean {
    if (!this.at(LeftParen, 2)) return false
    let open = 0
    for (let ahead = 2; !this.at(EOF, ahead); ahead++) {
      if (this.at(LeftParen, ahead)) open++
      if (this.at(RightParen, ahead) && --open === 0) return this.at(Name, ahead + 1)
    }
    return false
  }
}

const REGISTER_HELP = 'qubits are declared as `qubits q[2]`, and a single one as `qubits q`'
const REGISTER_WORDS: ReadonlySet<string> = new Set(['qubit', 'qreg', 'bit', 'creg'])

function modifierOf(word: IToken): Modifier['name'] | undefined {
  return MODIFIERS.find(modifier => modifier === word.image)
}

interface Named { readonly names: readonly Identifier[]; readonly type?: TypeNode; readonly value: Expression }
