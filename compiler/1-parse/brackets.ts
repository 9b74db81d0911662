/**
 * The stack of open brackets, and what is said and done when they do not match: the parser behind it sees balanced
 * brackets only, and on lines where one was wrong it holds its tongue.
 */
import { createTokenInstance, type IToken, type TokenType } from 'chevrotain'
import type { Code, ParametersOf } from '../diagnostics/registry'
import type { DiagnosticSink, Extra, Related } from '../diagnostics/sink'
import type { SourceFile, Span } from '../source/source'
import { spanOf } from './lexer'
import { RightBrace, RightParen, RightSquare, Separator } from './tokens'
import type { World } from './words'

/** Newlines count in a block alone; a list is a pair of braces around names or entries. */
export type BracketKind = 'round' | 'square' | 'block' | 'list'

/** A level of nesting: the ground of a file, or what is in a pair of brackets. */
export interface Level {
  readonly kind: BracketKind | 'ground'
  readonly world: World
  /** What was begun here that needs a block: a `for`, an `if`, a declaration; and where its line begins. */
  awaits?: { readonly token: IToken; readonly indent: number }
  /** Where the statement at hand begins. */
  start?: IToken
}

export interface Bracket extends Level {
  readonly kind: BracketKind
  readonly opener: IToken
  /** After `in`, `(0, 1]` is an interval: either closer will do. */
  readonly interval: boolean
  /** Column at which the opener's line begins. */
  readonly indent: number
}

const CLOSERS: Readonly<Record<BracketKind, TokenType>> = { round: RightParen, square: RightSquare, block: RightBrace, list: RightBrace }
const SIGNS: Readonly<Record<BracketKind, string>> = { round: ')', square: ']', block: '}', list: '}' }

export class Brackets {
  readonly out: IToken[] = []
  /** Tokens that nobody wrote. */
  readonly inserted = new Set<IToken>()
  /** Where a bracket was reported: nothing more is said there. */
  readonly mended: Span[] = []
  readonly #file: SourceFile
  readonly #sink: DiagnosticSink
  readonly #ground: Level = { kind: 'ground', world: 'top' }
  readonly #stack: Bracket[] = []
  /** A block whose `}` lines up with something further out: likely the one that lacks its own. */
  #suspect: { readonly opener: IToken; readonly closer: IToken } | undefined

  /** How many blocks were taken as closed: a `}` that comes for them later is no second mistake. */
  #owed = 0

  constructor(file: SourceFile, sink: DiagnosticSink) {
    this.#file = file
    this.#sink = sink
  }

  // ------------------------------------------------------------------------------------------- where we are

  get level(): Level {
    return this.#stack.at(-1) ?? this.#ground
  }

  get top(): Bracket | undefined {
    return this.#stack.at(-1)
  }

  get outermost(): Bracket | undefined {
    return this.#stack[0]
  }

  get depth(): number {
    return this.#stack.length
  }

  /** Newlines count here. */
  get live(): boolean {
    return this.level.kind === 'ground' || this.level.kind === 'block'
  }

  get insideRound(): boolean {
    return this.level.kind === 'round' || this.level.kind === 'square'
  }

  #nearestBrace(): number {
    return this.#stack.findLastIndex(bracket => bracket.kind === 'block' || bracket.kind === 'list')
  }

  // ------------------------------------------------------------------------------------------------- tokens

  open(bracket: Bracket): void {
    if (bracket.kind === 'block' || bracket.kind === 'list') this.level.awaits = undefined
    this.#stack.push(bracket)
    this.out.push(bracket.opener)
  }

  /** A token that nobody wrote, right behind the last one that somebody did. */
  insert(type: TokenType): IToken {
    const last = this.out.at(-1)
    const at = last === undefined ? 0 : (last.endOffset ?? last.startOffset) + 1
    const line = last?.endLine ?? 1
    const column = (last?.endColumn ?? 0) + 1
    const token = createTokenInstance(type, '', at, at - 1, line, line, column, column - 1)
    // The end of a line is really there, and is spoken of.
    if (type !== Separator) this.inserted.add(token)
    return token
  }

  closeRound(token: IToken): void {
    const top = this.top
    if (top === undefined || !this.insideRound) {
      const opener = token.tokenType === RightParen ? '(' : '['
      this.say('unopened-bracket', token, { closer: token.image, opener })
      this.mend(this.level.start ?? token, token)
      return
    }
    if (CLOSERS[top.kind] !== token.tokenType && !top.interval) {
      const match = this.#stack.slice(this.#nearestBrace() + 1).findLast(bracket => CLOSERS[bracket.kind] === token.tokenType)
      if (match === undefined) {
        const related = [{ span: spanOf(this.#file, top.opener), message: 'opened here' }]
        this.say('mismatched-bracket', token, { opener: top.opener.image, found: token.image, closer: SIGNS[top.kind] }, { related })
        this.mend(top.opener, token)
        retag(token, CLOSERS[top.kind])
      } else {
        this.#closeDownTo(this.#stack.lastIndexOf(match) + 1, noticedAt(token), token)
        this.mend(match.opener, token)
      }
    }
    this.#stack.pop()
    this.out.push(token)
  }

  /** Whether the brace ended something. */
  closeBrace(token: IToken, firstOnLine: boolean): boolean {
    if (this.insideRound) {
      this.closeRounds('the braces around it end here', token)
      if (!firstOnLine) this.mend(token, token)
    }
    const top = this.top
    // `for i in 0..3 x q[i] }`: the block that this would close was never opened, which the parser will say.
    if (this.level.awaits !== undefined && !firstOnLine && top?.opener.startLine !== token.startLine) return true
    if (top === undefined) {
      if (this.#owed > 0) this.#owed--
      else this.say('unopened-bracket', token, { closer: '}', opener: '{' })
      this.mend(token, token)
      return true
    }
    this.#stack.pop()
    if (firstOnLine && (token.startColumn ?? 1) < top.indent) this.#suspect ??= { opener: top.opener, closer: token }
    this.out.push(token)
    return this.live
  }

  // ------------------------------------------------------------------------------------- what was left open

  /** Takes all round and square brackets above the nearest brace as closed, and says so. */
  closeRounds(why: string, token: IToken | undefined): void {
    this.#closeDownTo(this.#nearestBrace() + 1, why, token)
  }

  /** An unclosed string has swallowed the closers of its line. */
  closeLine(line: number, newline: IToken): void {
    const first = this.#stack.findIndex(b => b.opener.startLine === line && (b.kind === 'round' || b.kind === 'square'))
    if (first >= 0 && first > this.#nearestBrace()) this.#closeDownTo(first, undefined, newline)
  }

  #closeDownTo(depth: number, why: string | undefined, token: IToken | undefined): void {
    const open = this.#stack.splice(depth)
    const [first, ...others] = open
    if (first === undefined) return
    for (const bracket of open.toReversed()) this.out.push(this.insert(CLOSERS[bracket.kind]))
    const related = others.map(bracket => ({ span: spanOf(this.#file, bracket.opener), message: 'nor is this one' }))
    if (why !== undefined) this.#sayUnclosed(first, [...related, this.#noticed(why, token)])
    const start = this.#lineStart(first.opener)
    this.mended.push({ file: this.#file, start, end: token?.startOffset ?? this.#file.text.length + 1 })
  }

  /** Takes the braces around entries as closed; the line at hand begins something else. */
  closeList(token: IToken): void {
    const top = this.top
    if (top?.kind !== 'list') return
    this.#stack.pop()
    this.out.push(this.insert(RightBrace))
    this.#sayUnclosed(top, [this.#noticed(noticedAt(token), token)])
  }

  closeBlocks(why: string, token: IToken | undefined): void {
    this.closeRounds(why, token)
    const open = this.#stack.splice(0)
    const [first] = open
    if (first === undefined) return
    for (const _ of open) this.out.push(this.insert(RightBrace))
    this.#owed += open.length
    const suspect = this.#suspect
    this.#suspect = undefined
    if (suspect !== undefined && suspect.opener.startOffset > first.opener.startOffset) {
      const related = { span: spanOf(this.#file, suspect.closer), message: 'this `}` closes it, but lines up with something further out' }
      this.#sayUnclosed({ ...first, opener: suspect.opener }, [related])
    } else this.#sayUnclosed(first, [this.#noticed(why, token)])
  }

  // ------------------------------------------------------------------------------------------------ reports

  /** The lines of two tokens have been spoken about. */
  mend(first: IToken, last: IToken, from?: number): void {
    if (from === undefined && this.#isMended(first, last)) return
    const end = this.#file.text.indexOf('\n', last.endOffset ?? last.startOffset)
    const start = from ?? this.#lineStart(first)
    this.mended.push({ file: this.#file, start, end: end < 0 ? this.#file.text.length + 1 : end + 1 })
  }

  /** Of a line of a hundred thousand brackets each asks again. */
  #isMended(first: IToken, last: IToken): boolean {
    const { text } = this.#file
    const before = this.mended.at(-1)
    if (!before || before.start > first.startOffset || (last.endOffset ?? last.startOffset) >= before.end) return false
    return (before.start === 0 || text[before.start - 1] === '\n') && (before.end > text.length || text[before.end - 1] === '\n')
  }

  say<C extends Code>(code: C, token: IToken, params: ParametersOf<C>, extra?: Extra): void {
    const echo = this.mended.some(({ start, end }) => start <= token.startOffset && token.startOffset < end)
    if (!echo) this.#sink.report(code, spanOf(this.#file, token), params, extra)
  }

  #sayUnclosed(bracket: Bracket, related: readonly Related[]): void {
    // Its opener is on nobody's screen where it was put in for a missing one.
    if (this.inserted.has(bracket.opener)) return
    this.say('unclosed-bracket', bracket.opener, { opener: bracket.opener.image, closer: SIGNS[bracket.kind] }, { related })
  }

  #noticed(why: string, token: IToken | undefined): Related {
    const end = this.#file.text.trimEnd().length
    return { message: why, span: token === undefined ? { file: this.#file, start: end, end } : spanOf(this.#file, token) }
  }

  #lineStart(token: IToken): number {
    return this.#file.text.lastIndexOf('\n', token.startOffset - 1) + 1
  }
}

function noticedAt(token: IToken): string {
  return `noticed here, at \`${token.image}\``
}

/** Tokens come fresh from the lexer and belong to one run, so that a word's type can be settled in place. */
export function retag(token: IToken, type: TokenType): void {
  if (token.tokenType === type || type.tokenTypeIdx === undefined) return
  token.tokenType = type
  token.tokenTypeIdx = type.tokenTypeIdx
}
