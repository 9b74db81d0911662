/** The grammar of a file and its declarations. */
import { EOF, type IToken, type ParserMethod } from 'chevrotain'
import type {
  Annotation, Argument, Body, Const, Declaration, FileNode, Identifier, Model, Parameter, Register, RoutineKind,
  Train, TrainOption, TypeNode, Use, Expression,
} from './ast'
import type { DiagnosticSink } from '../diagnostics/sink'
import { listOf, suggest } from '../diagnostics/suggest'
import type { SourceFile, Span } from '../source/source'
import { declarationHelp, EXTRA_WORDS, FOREIGN_DECLARATIONS } from './habits'
import { stringValue } from './lexer'
import { asWritten, inWords } from './messages'
import type { ArrangedFile } from './newlines'
import { StatementGrammar } from './statements'
import {
  Arrow, At, Colon, Comma, Dot, Equal, LeftBrace, LeftParen, Name, NumberLiteral, RESERVED, RightBrace, RightParen, Separator,
  SOFT, StringLiteral,
} from './tokens'
import { DECLARATION_WORDS, isReserved } from './words'

type Rule<T> = ParserMethod<[], T>

export class Grammar extends StatementGrammar {
  /** The signature at hand is a gate's. */
  #inGate = false

  /** `validate` checks the grammar itself for ambiguities, which costs time that only tests have. */
  constructor(validate = false) {
    super(validate)
    this.performSelfAnalysis()
  }

  parse(file: SourceFile, arranged: ArrangedFile, docs: ReadonlyMap<number, string>, sink: DiagnosticSink): FileNode {
    this.begin(file, arranged, docs, sink)
    return this.fileNode()
  }

  readonly fileNode: Rule<FileNode> = this.rule('fileNode', (): FileNode => {
    const uses: Use[] = []
    const declarations: Declaration[] = []
    let precision: FileNode['precision']
    if (this.RECORDING_PHASE) {
      this.MANY(() => this.OR([{ ALT: () => this.CONSUME(Separator) }, { ALT: () => this.SUBRULE(this.item) }]))
    }
    while (!this.RECORDING_PHASE && !this.at(EOF)) {
      if (this.at(Separator)) {
        this.take()
        continue
      }
      const item = this.guarded<Item>(() => this.SUBRULE(this.item), first => this.#invalid(first))
      if (item === undefined) continue
      if (item.kind === 'use') uses.push(item)
      else if (item.kind !== 'precision') declarations.push(item)
      else if (precision === undefined && declarations.every(one => one.kind === 'invalid')) precision = { value: item.value, span: item.span }
      else this.report('misplaced-precision', item.span, {})
    }
    return { file: this.file, precision, uses, declarations }
  })

  readonly item: Rule<Item> = this.rule('item', (): Item => {
    const first = this.LA(1)
    const annotations: Annotation[] = []
    this.MANY1(() => {
      annotations.push(this.SUBRULE(this.annotation))
      this.ACTION(() => this.limitChain(annotations.length))
      this.MANY2(() => this.CONSUME(Separator))
    })
    if (!this.RECORDING_PHASE) this.#leaveOutExtraWords()
    const keyword = this.LA(1)
    const doc = this.ACTION(() => this.docAbove(first) || this.docAbove(keyword))
    if (!this.RECORDING_PHASE) this.#refuseStray(annotations)
    return this.OR<Item>([
      { ALT: () => {
        const routine = this.SUBRULE(this.routine)
        return this.ACTION((): Item => ({ ...routine, doc, ...(routine.kind === 'routine' ? { annotations } : {}) }))
      } },
      { ALT: () => this.#documented(doc, this.SUBRULE(this.model)) },
      { ALT: () => this.#documented(doc, this.SUBRULE(this.train)) },
      { ALT: () => this.#documented(doc, this.SUBRULE(this.constant)) },
      { ALT: () => this.SUBRULE(this.use) },
      { ALT: () => this.SUBRULE(this.precision) },
    ])
  })

  #documented<T extends object>(doc: string, node: T): T & { readonly doc: string } {
    return this.ACTION(() => ({ ...node, doc }))
  }

  #invalid(first: IToken, name?: Identifier): Declaration {
    return { kind: 'invalid', name, doc: '', span: this.since(first) }
  }

  // ---------------------------------------------------------------------------------------- head of the file

  readonly precision: Rule<Item> = this.rule('precision', (): Item => {
    const first = this.CONSUME1(SOFT.precision)
    const value = this.CONSUME2(Name)
    return this.ACTION((): Item => {
      const span = this.since(first)
      if (value.image === 'f32' || value.image === 'f64') return { kind: 'precision', value: value.image, span }
      if (value.image !== '') this.report('unknown-precision', this.spanOf(value), { found: value.image })
      return undefined
    })
  })

  /** The last name of a path is what is imported; a file's names follow its string. */
  readonly use: Rule<Use> = this.rule('use', (): Use => {
    const first = this.CONSUME(RESERVED.use)
    return this.OR1<Use>([
      { ALT: () => {
        const token = this.CONSUME(StringLiteral)
        this.CONSUME1(Dot)
        const names = this.SUBRULE1(this.imports)
        return this.ACTION((): Use => ({
          kind: 'use', module: { file: stringValue(token), span: this.spanOf(token) }, names, span: this.since(first),
        }))
      } },
      { ALT: () => {
        const path = [this.SUBRULE1(this.name)]
        let names: readonly Identifier[] = []
        this.AT_LEAST_ONE(() => {
          this.CONSUME2(Dot)
          names = this.SUBRULE2(this.imports)
          this.ACTION(() => {
            const [name] = names
            if (this.at(Dot) && name !== undefined) path.push(name)
          })
        })
        if (!this.RECORDING_PHASE && this.LA(1).image === 'as') this.refuse('what is used keeps its name')
        return this.ACTION((): Use => ({ kind: 'use', module: { path, span: around(path) }, names, span: this.since(first) }))
      } },
    ])
  })

  readonly imports: Rule<readonly Identifier[]> = this.rule('imports', () => this.either<readonly Identifier[]>(LeftBrace, () => {
    this.CONSUME(LeftBrace)
    const names = this.commas(RightBrace, this.name, 'some')
    this.CONSUME(RightBrace)
    return names
  }, () => [this.SUBRULE(this.name)]))

  // -------------------------------------------------------------------------------------------- declarations

  readonly constant: Rule<Const> = this.rule('constant', (): Const => {
    const first = this.CONSUME(RESERVED.const)
    const name = this.SUBRULE(this.name)
    const value = this.SUBRULE(this.definition)
    return this.ACTION(() => ({ kind: 'const', name, value, doc: '', span: this.since(first) }))
  })

  readonly model: Rule<Model> = this.rule('model', (): Model => {
    const first = this.CONSUME(RESERVED.model)
    this.returns = false
    const name = this.SUBRULE(this.name)
    const body = this.SUBRULE(this.block)
    return this.ACTION(() => ({ kind: 'model', name, body, doc: '', span: this.since(first) }))
  })

  readonly annotation: Rule<Annotation> = this.rule('annotation', (): Annotation => {
    const first = this.CONSUME(At)
    const name = this.SUBRULE(this.name)
    let args: readonly Argument[] = []
    this.OPTION(() => { args = this.SUBRULE(this.callArguments) })
    return this.ACTION(() => ({ name, arguments: args, span: this.since(first) }))
  })

  readonly routine: Rule<Declaration> = this.rule('routine', (): Declaration => {
    const first = this.OR([
      { ALT: () => this.CONSUME(RESERVED.fn) },
      { ALT: () => this.CONSUME(RESERVED.layer) },
      { ALT: () => this.CONSUME(RESERVED.gate) },
      { ALT: () => this.CONSUME(RESERVED.circuit) },
    ])
    const name = this.SUBRULE(this.name)
    if (this.RECORDING_PHASE) {
      this.SUBRULE(this.rest)
      return this.#invalid(first)
    }
    this.#inGate = first.tokenType === RESERVED.gate
    this.returns = first.tokenType === RESERVED.fn || first.tokenType === RESERVED.layer
    return this.attempt<Declaration>(() => {
      const { end, ...rest } = this.SUBRULE(this.rest)
      const routine = kindOf(first)
      const signature: Span = { file: this.file, start: first.startOffset, end }
      return { kind: 'routine', routine, name, ...rest, annotations: [], doc: '', signature, span: this.since(first) }
    }, () => this.#invalid(first, name))
  })

  /** Only a gate may leave its parentheses out, and only a gate names registers. */
  #refuseRegisters(hasParameters: boolean): void {
    const [next, before] = [this.LA(1), this.LA(0)]
    if (!hasParameters) this.complain('missing-syntax', this.placeOf(next, before), {
      expected: '`(`', after: asWritten(before), found: inWords(next), hint: 'a routine without arguments has empty parentheses',
    })
    else if (next.tokenType === Name && this.at(Colon, 2)) this.complain('misplaced-register', this.spanOf(next), {})
    else return
    if (next.tokenType === Name) this.giveUp()
  }

  readonly rest: Rule<Rest> = this.rule('rest', (): Rest => {
    let parameters: readonly Parameter[] = []
    let hasParameters = false
    const registers: Register[] = []
    let results: readonly TypeNode[] = []
    this.OPTION1(() => {
      hasParameters = true
      parameters = this.SUBRULE(this.parameters)
    })
    if (!this.RECORDING_PHASE && !this.#inGate) this.#refuseRegisters(hasParameters)
    this.OPTION2(() => {
      registers.push(this.SUBRULE1(this.register))
      this.MANY(() => {
        this.CONSUME(Comma)
        registers.push(this.SUBRULE2(this.register))
      })
    })
    this.OPTION3(() => {
      this.CONSUME(Arrow)
      results = this.SUBRULE(this.results)
    })
    const end = this.ACTION(() => this.since(this.LA(0)).end)
    const body = this.SUBRULE(this.body)
    return { parameters, registers, results, body, end }
  })

  readonly parameters: Rule<readonly Parameter[]> = this.rule('parameters', () => {
    this.CONSUME(LeftParen)
    const parameters = this.commas(RightParen, this.parameter)
    this.CONSUME(RightParen)
    return parameters
  })

  readonly parameter: Rule<Parameter> = this.rule('parameter', (): Parameter => {
    const first = this.LA(1)
    const name = this.SUBRULE(this.name)
    this.CONSUME(Colon)
    const type = this.SUBRULE(this.type)
    let value: Expression | undefined
    this.OPTION(() => {
      this.CONSUME(Equal)
      value = this.SUBRULE(this.expression)
    })
    return this.ACTION(() => ({ name, type, default: value, span: this.since(first) }))
  })

  readonly register: Rule<Register> = this.rule('register', (): Register => {
    const first = this.LA(1)
    const name = this.SUBRULE(this.name)
    this.CONSUME(Colon)
    const type = this.SUBRULE(this.type)
    return this.ACTION(() => {
      const [size, ...more] = type.shape ?? []
      const wrong = type.name.name !== 'qubit' || more.length > 0 || size?.kind === 'ellipsis' || type.range !== undefined
      if (wrong) this.report('wrong-register', type.span, { type: type.name.name, name: name.name })
      return { name, size: size?.kind === 'ellipsis' ? undefined : size, span: this.since(first) }
    })
  })

  readonly results: Rule<readonly TypeNode[]> = this.rule('results', () => this.either<readonly TypeNode[]>(LeftParen, () => {
    this.CONSUME(LeftParen)
    const types = this.commas(RightParen, this.type, 'some')
    this.CONSUME(RightParen)
    return types
  }, () => [this.SUBRULE(this.type)]))

  readonly body: Rule<Body> = this.rule('body', () => this.OR<Body>([
    { ALT: () => this.SUBRULE(this.block) },
    { ALT: () => {
      const value = this.SUBRULE(this.definition)
      return this.ACTION((): Body => ({ kind: 'expression', value, span: value.span }))
    } },
  ]))

  // ------------------------------------------------------------------------------------------------- training

  readonly train: Rule<Train> = this.rule('train', (): Train => {
    const first = this.CONSUME(RESERVED.train)
    const name = this.SUBRULE(this.name)
    const options: TrainOption[] = []
    this.CONSUME(LeftBrace)
    if (this.RECORDING_PHASE) {
      this.MANY(() => this.OR([{ ALT: () => this.CONSUME(Separator) }, { ALT: () => this.SUBRULE(this.trainOption) }]))
    }
    this.lines(() => {
      const option = this.guarded<TrainOption | undefined>(() => this.SUBRULE(this.trainOption), () => undefined)
      if (option !== undefined) options.push(option)
    })
    this.CONSUME(RightBrace)
    return this.ACTION(() => ({ kind: 'train', name, options, doc: '', span: this.since(first) }))
  })

  readonly trainOption: Rule<TrainOption> = this.rule('trainOption', (): TrainOption => {
    if (!this.RECORDING_PHASE && !this.at(Name)) {
      this.complain('not-an-option', this.spanOf(this.LA(1)), { found: inWords(this.LA(1)) })
      this.giveUp()
    }
    const first = this.CONSUME1(Name)
    this.ACTION(() => {
      if (this.at(Equal) || this.at(Colon)) {
        const sign = this.take()
        this.report('option-with-equals', this.spanOf(sign), { name: first.image, sign: sign.image })
      }
    })
    let word: Identifier | undefined
    let values: readonly Expression[] = []
    let entries: TrainOption['entries']
    this.OPTION1({ GATE: () => this.#isWord(first), DEF: () => { word = this.#joined(this.SUBRULE(this.path)) } })
    this.OPTION2({
      GATE: () => first.image === 'given',
      DEF: () => { values = [this.SUBRULE(this.definition)] },
    })
    this.OPTION3(() => { values = this.SUBRULE(this.valueRow) })
    this.OPTION4(() => { entries = this.SUBRULE(this.entries) })
    return this.ACTION(() => ({ name: this.identifier(first), word, values, entries, span: this.since(first) }))
  })

  /** `last` in `holdout last 1186`; `group` and `given` always name something. */
  #isWord(first: IToken): boolean {
    const next = this.LA(2).tokenType
    return first.image === 'group' || first.image === 'given' || next === Name || next === NumberLiteral || next === StringLiteral
  }

  #joined(path: readonly Identifier[]): Identifier {
    return this.ACTION(() => ({ name: path.map(part => part.name).join('.'), span: around(path) }))
  }

  readonly entries: Rule<NonNullable<TrainOption['entries']>> = this.rule('entries', () => {
    const entries: Entry[] = []
    this.CONSUME(LeftBrace)
    if (this.RECORDING_PHASE) {
      this.MANY(() => {
        this.SUBRULE(this.entry)
        this.OPTION(() => this.CONSUME(Comma))
      })
    }
    while (!this.RECORDING_PHASE && !this.at(RightBrace) && !this.at(EOF)) {
      const entry = this.guarded<Entry | undefined>(() => this.SUBRULE(this.entry), () => undefined, Comma)
      if (entry !== undefined) entries.push(entry)
      if (this.at(Comma) || this.at(Separator)) this.take()
    }
    this.CONSUME(RightBrace)
    return entries
  })

  /** Several lines need no comma between them. */
  readonly entry: Rule<Entry> = this.rule('entry', () => {
    const name = this.SUBRULE(this.name)
    this.CONSUME(Equal)
    const value = this.SUBRULE(this.expression)
    return { name, value }
  })

  // ----------------------------------------------------------------------------- what cannot begin a declaration

  /** `export model M`: the declaration behind is as good as any. */
  #leaveOutExtraWords(): void {
    while (EXTRA_WORDS.has(this.LA(1).image) && (EXTRA_WORDS.has(this.LA(2).image) || isReserved(this.LA(2).tokenType))) {
      const word = this.take()
      this.report('unknown-declaration', this.spanOf(word), { word: word.image, known: '' }, { help: 'leave it out: what a file declares can be used from every other' })
    }
  }

  #refuseStray(annotations: readonly Annotation[]): void {
    const [token, after] = [this.LA(1), this.LA(2)]
    const [annotation] = annotations
    const isDeclaration = DECLARATION_WORDS.includes(token.image) && isReserved(token.tokenType)
    const isRoutine = token.image === 'fn' || token.image === 'layer' || token.image === 'gate' || token.image === 'circuit'
    if (annotation !== undefined && !isRoutine && (isDeclaration || token.tokenType === EOF)) {
      const what = token.tokenType === EOF ? 'nothing' : `\`${token.image}\``
      this.report('misplaced-annotation', annotation.span, { name: annotation.name.name, what })
    }
    if (isDeclaration || token.tokenType === SOFT.precision) return
    const span = this.spanOf(token)
    if (token.tokenType === Dot && annotation !== undefined) {
      this.complain('unexpected-syntax', span, { found: '`.`', after: asWritten(this.LA(0)), hint: 'what stands before a circuit is `@gradient(adjoint)` or `@shots(1000)`, without a prefix; none is needed' })
    } else if (token.tokenType === Name && after.tokenType === Equal) {
      this.complain('outside-declaration', span, { what: 'an assignment', hint: `a constant is written \`const ${token.image} = …\`` })
    } else if (token.tokenType === Name && !SOFT_STATEMENTS.has(token.image)) {
      const suggestion = FOREIGN_DECLARATIONS.get(token.image) ?? suggest(token.image, DECLARATION_WORDS)
      this.complain('unknown-declaration', span, { word: token.image, suggestion, known: listOf([...DECLARATION_WORDS]) }, { help: declarationHelp(token.image) })
    } else if (token.tokenType !== EOF) {
      const what = token.tokenType === Name || isReserved(token.tokenType) ? `\`${token.image}\`` : inWords(token)
      const isType = token.image === 'real' || token.image === 'int' || token.image === 'bool'
      const hint = isType ? 'a function is written `fn f(x: real) -> real = …`' : token.image === 'let' || token.image === 'var' ? 'a constant is written `const name = …`' : 'it belongs inside a model or a routine'
      this.complain('outside-declaration', span, { what, hint })
    }
    this.#skipToDeclaration()
    this.giveUp()
  }

  /** One message for a stretch of text that is in no declaration. */
  #skipToDeclaration(): void {
    while (!this.at(EOF)) {
      this.skipToEnd()
      if (!this.at(Separator)) return
      const next = this.LA(2)
      if (DECLARATION_WORDS.includes(next.image) || next.tokenType === At || next.tokenType === SOFT.precision) return
      this.take()
    }
  }
}

type Item = Use | Declaration | { readonly kind: 'precision'; readonly value: 'f32' | 'f64'; readonly span: Span } | undefined
type Entry = { readonly name: Identifier; readonly value: Expression }
interface Rest {
  readonly parameters: readonly Parameter[]
  readonly registers: readonly Register[]
  readonly results: readonly TypeNode[]
  readonly body: Body
  /** Where the signature ends. */
  readonly end: number
}

/** The soft words of statements, which outside of a block are names like any other. */
const SOFT_STATEMENTS: ReadonlySet<string> = new Set(['loss', 'metric', 'state', 'update', 'rate', 'frozen', 'assert', 'qubits'])

function kindOf(keyword: IToken): RoutineKind {
  switch (keyword.tokenType) {
    case RESERVED.layer: return 'layer'
    case RESERVED.gate: return 'gate'
    case RESERVED.circuit: return 'circuit'
    default: return 'fn'
  }
}

function around(parts: readonly Identifier[]): Span {
  const [first] = parts
  if (first === undefined) throw new Error('a path has at least one name')
  return { ...first.span, end: parts.at(-1)?.span.end ?? first.span.end }
}
