/**
 * The pass between lexer and parser. With a stack of brackets it decides which newlines end a statement and which words
 * are keywords, and it reports and mends every bracket mistake: the parser sees balanced brackets only.
 */
import { createTokenInstance, type IToken, type TokenType } from 'chevrotain'
import type { DiagnosticSink, Related } from '../diagnostics/sink'
import type { SourceFile, Span } from '../source/source'
import { spanOf, type LexedFile } from './lexer'
import {
  Arrow, At, Caret, Comma, DotDot, EqualEqual, Equal, Greater, GreaterEqual, LeftBrace, LeftParen, LeftSquare, Less,
  LessEqual, Minus, Name, Newline, NotEqual, Percent, Pipe, Plus, RESERVED, RightBrace, RightParen, RightSquare, Separator, Slash,
  Star, Tilde,
} from './tokens'
import { leadingWord, reservedWord, standsApart, startsDeclaration, startsStatement, type World } from './words'

export const NESTING_LIMIT = 200

export interface ArrangedFile {
  readonly tokens: readonly IToken[]
  /** Tokens that nobody wrote: what goes wrong at them has been said already. */
  readonly inserted: ReadonlySet<IToken>
  /** From an opener that was reported to where it was taken as closed: nothing more is said about what is in between. */
  readonly mended: readonly Span[]
}

/** A newline after one of these does not count: something must follow. */
const CONTINUES_AFTER: ReadonlySet<TokenType> = new Set<TokenType>([
  Plus, Minus, Star, Slash, Percent, At, Caret, EqualEqual, NotEqual, Less, LessEqual, Greater, GreaterEqual, DotDot,
  RESERVED.and, RESERVED.or, Equal, Arrow, Tilde, Comma, Pipe, RESERVED.then, RESERVED.else, RESERVED.in,
])
/** Nor does one before these: they cannot begin a statement. */
const CONTINUES_BEFORE: ReadonlySet<TokenType> = new Set<TokenType>([Pipe, RESERVED.then, RESERVED.else, Tilde, Arrow])

interface Bracket {
  readonly opener: IToken
  /** Newlines count in a block alone; a list is a pair of braces around names or entries. */
  readonly kind: 'round' | 'square' | 'block' | 'list'
  readonly world: World
  /** After `in`, `(0, 1]` is an interval: either closer will do. */
  readonly interval: boolean
  /** Column at which the opener's line begins. */
  readonly indent: number
  /** How many `for` within wait for their block. */
  loops: number
}

const CLOSERS: Readonly<Record<Bracket['kind'], TokenType>> = { round: RightParen, square: RightSquare, block: RightBrace, list: RightBrace }

export function arrange(file: SourceFile, lexed: LexedFile, sink: DiagnosticSink): ArrangedFile {
  return new Arrangement(file, lexed, sink).run()
}

class Arrangement {
  readonly #file: SourceFile
  readonly #lexed: LexedFile
  readonly #sink: DiagnosticSink
  readonly #out: IToken[] = []
  readonly #stack: Bracket[] = []
  readonly #inserted = new Set<IToken>()
  readonly #mended: Span[] = []
  /** A newline was read since the last token. */
  #newline = true
  /** A `}` was written that ends a statement. */
  #ended = false
  #indent = 1
  /** The keyword of the declaration that is being read, outside of all brackets. */
  #head: TokenType | undefined
  /** A block whose `}` lines up with something further out: likely the one that lacks its own. */
  #suspect: { readonly opener: IToken; readonly closer: IToken } | undefined

  constructor(file: SourceFile, lexed: LexedFile, sink: DiagnosticSink) {
    this.#file = file
    this.#lexed = lexed
    this.#sink = sink
  }

  run(): ArrangedFile {
    const tokens = this.#lexed.tokens
    const solid = tokens.filter(token => token.tokenType !== Newline)
    let index = 0
    for (const token of tokens) {
      if (token.tokenType === Newline) {
        this.#newline = true
        this.#mendBrokenLine(token)
        continue
      }
      this.#step(solid, index++, token)
      if (this.#stack.length > NESTING_LIMIT) {
        this.#sink.report('nesting-too-deep', spanOf(this.#file, token), { limit: NESTING_LIMIT })
        return { tokens: [], inserted: this.#inserted, mended: [] }
      }
    }
    this.#finish()
    return { tokens: this.#out, inserted: this.#inserted, mended: this.#mended }
  }

  #step(solid: readonly IToken[], index: number, token: IToken): void {
    const [before, after, second] = [solid[index - 1], solid[index + 1], solid[index + 2]]
    if (this.#newline) this.#indent = token.startColumn ?? 1
    retag(token, reservedWord(token, before, after, this.#amongArguments(before)))
    this.#noticeUnclosed(token, after, second, this.#newline && this.#insideRound() && standsApart(solid, index))
    this.#separate(token, after)
    if (this.#startsHere()) retag(token, leadingWord(token, after, second, this.#world()))
    if (this.#stack.length === 0 && startsDeclaration(token, after, second)) this.#head = token.tokenType
    this.#put(token, before)
    this.#newline = false
  }

  #put(token: IToken, before: IToken | undefined): void {
    const top = this.#stack.at(-1)
    switch (token.tokenType) {
      case LeftParen: return this.#open(token, 'round', before)
      case LeftSquare: return this.#open(token, 'square', before)
      case LeftBrace: {
        if (top !== undefined && top.loops > 0) top.loops--
        const isList = top === undefined ? this.#head === RESERVED.use : top.world === 'train'
        return this.#open(token, isList ? 'list' : 'block', before)
      }
      case RightParen: case RightSquare: return this.#closeRound(token)
      case RightBrace: return this.#closeBrace(token)
      case Separator: {
        if (this.#live() && !this.#startsHere()) this.#out.push(token)
        else if (!this.#live()) this.#out.push(token)
        return
      }
    }
    if (token.tokenType === RESERVED.for && top !== undefined) top.loops++
    this.#out.push(token)
  }

  // ------------------------------------------------------------------------------------------- where we are

  /** Newlines count here. */
  #live(): boolean {
    const top = this.#stack.at(-1)
    return top === undefined || top.kind === 'block'
  }

  #world(): World {
    return this.#stack.at(-1)?.world ?? 'top'
  }

  #insideRound(): boolean {
    const kind = this.#stack.at(-1)?.kind
    return kind === 'round' || kind === 'square'
  }

  #amongArguments(before: IToken | undefined): boolean {
    const kind = this.#stack.at(-1)?.kind
    if (kind === 'list') return true
    return kind === 'round' && (before?.tokenType === LeftParen || before?.tokenType === Comma)
  }

  /** The next token is the first of a statement. */
  #startsHere(): boolean {
    if (!this.#live()) return false
    const last = this.#out.at(-1)
    return last === undefined || last.tokenType === Separator || (last.tokenType === LeftBrace && last === this.#stack.at(-1)?.opener)
  }

  // ---------------------------------------------------------------------------------------------- separators

  #separate(token: IToken, after: IToken | undefined): void {
    const ended = this.#ended
    this.#ended = false
    const last = this.#out.at(-1)
    if (this.#entryStarts(token, after)) this.#insert(Separator, last)
    if (!this.#live() || this.#startsHere()) return
    const newlineCounts = this.#newline && (last === undefined || !CONTINUES_AFTER.has(last.tokenType) || startsStatement(token, after))
    if (!newlineCounts && !ended) return
    if (token.tokenType === LeftBrace && this.#newline && !ended) {
      this.#sink.report('brace-on-own-line', spanOf(this.#file, token), {})
      return
    }
    if (CONTINUES_BEFORE.has(token.tokenType) || token.tokenType === RightBrace || token.tokenType === Separator) return
    this.#insert(Separator, last)
  }

  /** In the braces of `data` and `group` an entry on a line of its own needs no comma before it. */
  #entryStarts(token: IToken, after: IToken | undefined): boolean {
    const top = this.#stack.at(-1)
    if (top?.kind !== 'list' || top.world !== 'train' || !this.#newline) return false
    const last = this.#out.at(-1)
    return last !== top.opener && last?.tokenType !== Comma && token.tokenType === Name && after?.tokenType === Equal
  }

  /** A token that nobody wrote, right behind the last one that somebody did. */
  #insert(type: TokenType, last: IToken | undefined): void {
    const at = last === undefined ? 0 : (last.endOffset ?? last.startOffset) + 1
    const line = last?.endLine ?? 1
    const column = (last?.endColumn ?? 0) + 1
    const token = createTokenInstance(type, '', at, at - 1, line, line, column, column - 1)
    if (type !== Separator) this.#inserted.add(token)
    this.#out.push(token)
  }

  // ------------------------------------------------------------------------------------------------- brackets

  #open(token: IToken, kind: Bracket['kind'], before: IToken | undefined): void {
    const world = this.#worldWithin()
    const interval = before?.tokenType === RESERVED.in
    this.#stack.push({ opener: token, kind, world, interval, indent: this.#indent, loops: 0 })
    this.#out.push(token)
  }

  #worldWithin(): World {
    const world = this.#world()
    if (world !== 'top') return world
    if (this.#head === RESERVED.train) return 'train'
    return this.#head === RESERVED.gate || this.#head === RESERVED.circuit ? 'quantum' : 'plain'
  }

  /** Where what follows cannot stand inside the brackets that are open, they were forgotten. */
  #noticeUnclosed(token: IToken, after: IToken | undefined, second: IToken | undefined, apart: boolean): void {
    if (this.#insideRound()) {
      const assigns = this.#stack.at(-1)?.kind === 'square' && after?.tokenType === Equal
      const newStatement = this.#newline && (apart || assigns || startsStatement(token, after) || token.tokenType === RightBrace)
      const block = token.tokenType === LeftBrace && this.#stack.at(-1)?.loops === 0
      if (newStatement || block || token.tokenType === Arrow) this.#closeRounds(noticedAt(token), token)
    }
    const outermost = this.#stack[0]
    if (outermost === undefined || !this.#newline || (token.startColumn ?? 1) > outermost.indent) return
    const annotation = token.tokenType === At && this.#live() && !CONTINUES_AFTER.has(this.#out.at(-1)?.tokenType ?? Newline)
    if (startsDeclaration(token, after, second) || annotation) this.#closeBlocks('a new declaration starts here', token)
  }

  #closeRound(token: IToken): void {
    const top = this.#stack.at(-1)
    if (top === undefined || !this.#insideRound()) {
      const opener = token.tokenType === RightParen ? '(' : '['
      this.#sink.report('unopened-bracket', spanOf(this.#file, token), { closer: token.image, opener })
      return
    }
    if (CLOSERS[top.kind] !== token.tokenType && !top.interval) {
      const match = this.#stack.slice(this.#nearestBrace() + 1).findLast(bracket => CLOSERS[bracket.kind] === token.tokenType)
      if (match === undefined) {
        this.#reportMismatch(top, token)
        retag(token, CLOSERS[top.kind])
      } else this.#closeDownTo(this.#stack.lastIndexOf(match) + 1, noticedAt(token), token)
    }
    this.#stack.pop()
    this.#out.push(token)
  }

  #closeBrace(token: IToken): void {
    if (this.#insideRound()) this.#closeRounds('the braces around it end here', token)
    const top = this.#stack.pop()
    if (top === undefined) {
      this.#sink.report('unopened-bracket', spanOf(this.#file, token), { closer: '}', opener: '{' })
      return
    }
    const column = token.startColumn ?? 1
    if (this.#newline && column < top.indent) this.#suspect ??= { opener: top.opener, closer: token }
    this.#out.push(token)
    this.#ended = this.#live()
  }

  /** An unclosed string has swallowed the closers of its line. */
  #mendBrokenLine(newline: IToken): void {
    const line = newline.startLine ?? 0
    if (!this.#lexed.brokenLines.has(line)) return
    const first = this.#stack.findIndex(b => b.opener.startLine === line && (b.kind === 'round' || b.kind === 'square'))
    if (first >= 0 && first > this.#nearestBrace()) this.#closeDownTo(first, undefined, newline)
  }

  #nearestBrace(): number {
    return this.#stack.findLastIndex(bracket => bracket.kind === 'block' || bracket.kind === 'list')
  }

  /** Takes all round and square brackets above the nearest brace as closed, and says so. */
  #closeRounds(why: string, token: IToken | undefined): void {
    this.#closeDownTo(this.#nearestBrace() + 1, why, token)
  }

  #closeDownTo(depth: number, why: string | undefined, token: IToken | undefined): void {
    const open = this.#stack.splice(depth)
    const [first, ...others] = open
    if (first === undefined) return
    for (const bracket of open.toReversed()) this.#insert(CLOSERS[bracket.kind], this.#out.at(-1))
    const span = spanOf(this.#file, first.opener)
    this.#mended.push({ ...span, end: token?.startOffset ?? this.#file.text.length })
    if (why === undefined) return
    const related = others.map(bracket => ({ span: spanOf(this.#file, bracket.opener), message: 'nor is this one' }))
    this.#reportUnclosed(first.opener, CLOSERS[first.kind], [...related, this.#noticed(why, token)])
  }

  #closeBlocks(why: string, token: IToken | undefined): void {
    this.#closeRounds(why, token)
    const open = this.#stack.splice(0)
    const [first] = open
    if (first === undefined) return
    for (const _ of open) this.#insert(RightBrace, this.#out.at(-1))
    this.#ended = true
    const suspect = this.#suspect
    this.#suspect = undefined
    if (suspect !== undefined && suspect.opener.startOffset > first.opener.startOffset) {
      const related = { span: spanOf(this.#file, suspect.closer), message: 'this `}` closes it, but lines up with something further out' }
      this.#reportUnclosed(suspect.opener, RightBrace, [related])
    } else this.#reportUnclosed(first.opener, RightBrace, [this.#noticed(why, token)])
  }

  #noticed(why: string, token: IToken | undefined): Related {
    const end = this.#file.text.trimEnd().length
    return { message: why, span: token === undefined ? { file: this.#file, start: end, end } : spanOf(this.#file, token) }
  }

  #reportUnclosed(opener: IToken, closer: TokenType, related: readonly Related[]): void {
    const sign = closer === RightParen ? ')' : closer === RightSquare ? ']' : '}'
    this.#sink.report('unclosed-bracket', spanOf(this.#file, opener), { opener: opener.image, closer: sign }, { related })
  }

  #reportMismatch(top: Bracket, token: IToken): void {
    const closer = top.kind === 'round' ? ')' : ']'
    const related = [{ span: spanOf(this.#file, top.opener), message: 'opened here' }]
    this.#sink.report('mismatched-bracket', spanOf(this.#file, token), { opener: top.opener.image, found: token.image, closer }, { related })
  }

  #finish(): void {
    this.#closeRounds('the file ends here', undefined)
    this.#closeBlocks('the file ends here', undefined)
  }
}

function noticedAt(token: IToken): string {
  return `noticed here, at \`${token.image}\``
}

/** Tokens come fresh from the lexer and belong to this run, so that a word's type can be settled in place. */
function retag(token: IToken, type: TokenType): void {
  if (token.tokenType === type || type.tokenTypeIdx === undefined) return
  token.tokenType = type
  token.tokenTypeIdx = type.tokenTypeIdx
}
