/**
 * What the grammar does about mistakes. A single missing or superfluous token is mended in place (Chevrotain's in-rule
 * recovery); anything else gives up its statement or declaration, no more, and is reported once.
 */
import {
  createTokenInstance, EmbeddedActionsParser, EOF, isRecognitionException, MismatchedTokenException,
  type IRecognitionException, type IToken, type ParserMethod, type TokenType,
} from 'chevrotain'
import { GivenUp } from '../diagnostics/contain'
import type { Code, ParametersOf } from '../diagnostics/registry'
import { DiagnosticSink, type Extra } from '../diagnostics/sink'
import type { SourceFile, Span } from '../source/source'
import type { Identifier } from './ast'
import { spanOf } from './lexer'
import { asWritten, EXPECTED_ONLY, foundInstead, hintFor, inWords, isPipeInsideIf } from './messages'
import type { ArrangedFile } from './newlines'
import {
  ALL_TOKENS, Arrow, Colon, Comma, Equal, LeftBrace, LeftParen, LeftSquare, Name, RESERVED, RightBrace,
  RightParen, RightSquare, Separator,
} from './tokens'
import { isReserved } from './words'

/** Deeper `if` chains and brackets than anyone writes; what they cost in stack stays far below Node's default. */
const DEPTH_LIMIT = 80
/** Operators, pipes or postfixes in one expression: each is a level of the tree that later phases walk. */
const CHAIN_LIMIT = 500

const OPENERS: ReadonlySet<TokenType> = new Set([LeftParen, LeftSquare, LeftBrace])
const CLOSERS: ReadonlySet<TokenType> = new Set([RightParen, RightSquare, RightBrace])
const INSERTABLE: ReadonlySet<TokenType> = new Set<TokenType>([Name, Equal, Colon, Comma, Arrow, RESERVED.in, RESERVED.then])
/** What may follow a name: a reserved word before one of these was meant as a name. */
const AFTER_NAMES: ReadonlySet<TokenType> = new Set([Equal, Colon, Comma, LeftParen, LeftSquare, LeftBrace, RightParen, RightSquare, Separator])

const NO_FILE: SourceFile = { name: '', text: '' }

export abstract class RecoveringParser extends EmbeddedActionsParser {
  // Chevrotain has these, but leaves them out of its types.
  declare protected consumeToken: () => void
  declare protected attemptInRepetitionRecovery: () => void
  declare protected readonly currIdx: number

  protected file = NO_FILE
  protected docs: ReadonlyMap<number, string> = new Map()
  #sink = new DiagnosticSink()
  #inserted: ReadonlySet<IToken> = new Set()
  #mended: readonly Span[] = []
  /** The statement at hand has been reported already. */
  #spoken = false
  #depth = 0
  /** How many brackets are open around each token; an opener and its closer count as outside. */
  #brackets: readonly number[] = []
  /** How many are open around the statement at hand. */
  #level = 0

  constructor(validate: boolean) {
    super([...ALL_TOKENS], {
      recoveryEnabled: true, maxLookahead: 1, nodeLocationTracking: 'none', skipValidations: !validate, errorMessageProvider: EXPECTED_ONLY,
    })
    // Skipping ahead inside a list knows nothing of brackets; rows and blocks are read by loops of our own.
    this.attemptInRepetitionRecovery = () => {}
  }

  /** Rules do not skip ahead by themselves: `guarded` knows where a statement ends. */
  protected rule<T>(name: string, read: () => T): ParserMethod<[], T> {
    return this.RULE(name, read, { resyncEnabled: false })
  }

  protected begin(file: SourceFile, arranged: ArrangedFile, docs: ReadonlyMap<number, string>, sink: DiagnosticSink): void {
    this.file = file
    this.docs = docs
    this.#sink = sink
    this.#inserted = arranged.inserted
    this.#mended = arranged.mended
    this.#spoken = false
    this.#depth = 0
    this.#level = 0
    this.#brackets = bracketLevels(arranged.tokens)
    this.input = [...arranged.tokens]
  }

  // ------------------------------------------------------------------------------------------------- tokens

  protected at(type: TokenType, howFar = 1): boolean {
    return this.LA(howFar).tokenType === type
  }

  protected atEnd(): boolean {
    return this.at(Separator) || this.at(RightBrace) || this.at(EOF)
  }

  protected take(): IToken {
    const token = this.LA(1)
    this.consumeToken()
    return token
  }

  protected spanOf(token: IToken): Span {
    return spanOf(this.file, token)
  }

  /** From a token to the last one that was read. */
  protected since(first: IToken): Span {
    const last = this.LA(0)
    const end = last.tokenType === EOF ? first.startOffset : (last.endOffset ?? last.startOffset) + 1
    return { file: this.file, start: first.startOffset, end: Math.max(end, first.startOffset) }
  }

  /** NFC, so that names that look alike are alike; the micro sign of keyboards is the Greek letter. */
  protected identifier(token: IToken): Identifier {
    const name = token.image.normalize('NFC').replaceAll('µ', 'μ')
    return { name: name === 'π' ? 'pi' : name, span: this.spanOf(token) }
  }

  protected docAbove(token: IToken): string {
    return this.docs.get(token.startLine ?? 0) ?? ''
  }

  // ------------------------------------------------------------------------------------------------ reports

  /** Says it, wherever it is not the echo of a bracket that was reported. */
  protected report<C extends Code>(code: C, span: Span, params: ParametersOf<C>, extra?: Extra): void {
    const echo = this.#mended.some(({ start, end }) => start <= span.start && span.start < end)
    if (!echo) this.#sink.report(code, span, params, extra)
  }

  /** For what derails the parser: the first in a statement is said, the rest likely follow from it. */
  protected complain<C extends Code>(code: C, span: Span, params: ParametersOf<C>, extra?: Extra): void {
    if (this.#sink.isFull) throw new GivenUp(() => undefined)
    if (!this.#spoken) this.report(code, span, params, extra)
    this.#spoken = true
  }

  protected complainExpected(expected: string, found: IToken, before: IToken): void {
    if (this.#inserted.has(found) || this.#inserted.has(before)) this.#spoken = true
    if (isPipeInsideIf(expected, found)) return this.complain('pipe-after-if', this.spanOf(found), {})
    const hint = hintFor(expected, before, found)
    this.complain('missing-syntax', this.placeOf(found, before), { expected, after: asWritten(before), found: foundInstead(expected, found, before), hint })
  }

  protected complainUnexpected(found: IToken, before: IToken): void {
    if (this.#inserted.has(found) || this.#inserted.has(before)) this.#spoken = true
    const hint = hintFor(undefined, before, found)
    this.complain('unexpected-syntax', this.placeOf(found, before), { found: inWords(found), after: asWritten(before), hint })
  }

  /** Where nothing is written, the token before; so too where the next one stands on a later line. */
  protected placeOf(found: IToken, before: IToken): Span {
    const visible = found.tokenType !== EOF && !(found.tokenType === Separator && found.image !== ';')
    const sameLine = before.tokenType === EOF || found.startLine === before.endLine
    return this.spanOf(visible && sameLine ? found : before)
  }

  /** Chevrotain hands its exceptions here; the message is what was expected. */
  protected SAVE_ERROR(error: IRecognitionException & { readonly previousToken?: IToken }): IRecognitionException {
    const before = error.previousToken ?? this.LA(0)
    this.complainExpected(error.message, error.token, before)
    return error
  }

  // ----------------------------------------------------------------------------------------------- recovery

  /** Runs one statement; a mistake in it gives `fallback` and leaves the parser at its end. */
  protected guarded<T>(read: () => T, fallback: (first: IToken) => T, stop?: TokenType): T {
    const outer = { spoken: this.#spoken, level: this.#level }
    this.#spoken = false
    this.#level = this.#levelHere()
    const first = this.LA(1)
    const result = this.attempt(read, () => fallback(first), stop)
    if (!this.#stopped(stop)) {
      this.complainUnexpected(this.LA(1), this.LA(0))
      this.skipToEnd(stop)
    }
    this.#spoken = outer.spoken
    this.#level = outer.level
    return result
  }

  protected attempt<T>(read: () => T, fallback: () => T, stop?: TokenType): T {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Error) || !isRecognitionException(error)) throw error
      this.skipToEnd(stop)
      return fallback()
    }
  }

  /** To the end of the statement, over whole bracketed parts, or to a sign in it. */
  protected skipToEnd(stop?: TokenType): void {
    while (!this.#stopped(stop)) this.consumeToken()
  }

  #stopped(stop: TokenType | undefined): boolean {
    const type = this.LA(1).tokenType
    const level = this.#levelHere()
    if (type === EOF || level < this.#level) return true
    return level === this.#level && (type === Separator || type === stop)
  }

  #levelHere(): number {
    return this.#brackets[this.currIdx + 1] ?? 0
  }

  /** Gives up what is being read. */
  protected giveUp(): never {
    throw new MismatchedTokenException('given up', this.LA(1), this.LA(0))
  }

  protected nested<T>(read: () => T): T {
    if (this.#depth >= DEPTH_LIMIT) {
      this.complain('nesting-too-deep', this.spanOf(this.LA(1)), { limit: DEPTH_LIMIT })
      this.giveUp()
    }
    this.#depth++
    try {
      return read()
    } finally {
      this.#depth--
    }
  }

  protected limitChain(length: number): void {
    if (length <= CHAIN_LIMIT) return
    this.complain('chain-too-long', this.spanOf(this.LA(0)), { limit: CHAIN_LIMIT })
    this.giveUp()
  }

  /** Whether the next token is a reserved word where only a name makes sense. */
  protected atReservedName(): boolean {
    const after = this.LA(2)
    return isReserved(this.LA(1).tokenType) && (AFTER_NAMES.has(after.tokenType) || after.tokenType === EOF)
  }

  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return INSERTABLE.has(type)
  }

  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    const next = this.LA(1)
    return next.tokenType !== Separator && !OPENERS.has(next.tokenType) && !CLOSERS.has(next.tokenType)
  }

  protected override getTokenToInsert(type: TokenType): IToken {
    const last = this.LA(0)
    const at = (last.endOffset ?? last.startOffset) + 1
    const line = last.endLine ?? 1
    return { ...createTokenInstance(type, '', at, at - 1, line, line, at, at), isInsertedInRecovery: true }
  }
}

function bracketLevels(tokens: readonly IToken[]): readonly number[] {
  let level = 0
  return tokens.map(({ tokenType }) => {
    if (OPENERS.has(tokenType)) return level++
    return CLOSERS.has(tokenType) ? --level : level
  })
}
