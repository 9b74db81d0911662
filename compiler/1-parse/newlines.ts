/**
 * The pass between lexer and parser: which newlines end a statement, which words are keywords, and where a bracket was
 * forgotten, all of which depend on the brackets that are open.
 */
import type { IToken, TokenType } from 'chevrotain'
import type { DiagnosticSink } from '../diagnostics/sink'
import type { SourceFile, Span } from '../source/source'
import { Brackets, retag, type BracketKind } from './brackets'
import { spanOf, type LexedFile } from './lexer'
import {
  Arrow, At, Caret, Colon, Comma, DotDot, Equal, EqualEqual, Greater, GreaterEqual, LeftBrace, LeftParen, LeftSquare, Less,
  LessEqual, Minus, Name, Newline, NotEqual, Percent, Pipe, Plus, RESERVED, RightBrace, RightParen, RightSquare, Separator,
  Slash, Star, Tilde,
} from './tokens'
import { isLeader, leadingWord, opensBody, reservedWord, standsApart, startsDeclaration, startsStatement, type World } from './words'

export const NESTING_LIMIT = 64

export interface ArrangedFile {
  readonly tokens: readonly IToken[]
  /** Tokens that nobody wrote: what goes wrong at them has been said already. */
  readonly inserted: ReadonlySet<IToken>
  /** Where a bracket was reported: what else is wrong there likely follows from it. */
  readonly mended: readonly Span[]
}

/** A newline after one of these does not count: something must follow. */
const CONTINUES_AFTER: ReadonlySet<TokenType> = new Set<TokenType>([
  Plus, Minus, Star, Slash, Percent, At, Caret, EqualEqual, NotEqual, Less, LessEqual, Greater, GreaterEqual, DotDot,
  RESERVED.and, RESERVED.or, Equal, Arrow, Tilde, Comma, Pipe, RESERVED.then, RESERVED.else, RESERVED.in,
])
/** Nor does one before these: they cannot begin a statement. */
const CONTINUES_BEFORE: ReadonlySet<TokenType> = new Set<TokenType>([Pipe, RESERVED.then, RESERVED.else, Tilde, Arrow])

export function arrange(file: SourceFile, lexed: LexedFile, sink: DiagnosticSink): ArrangedFile {
  return new Arrangement(file, lexed, sink).run()
}

class Arrangement {
  readonly #file: SourceFile
  readonly #lexed: LexedFile
  readonly #sink: DiagnosticSink
  readonly #brackets: Brackets
  /** A newline was read since the last token. */
  #newline = true
  /** A `}` was written that ends a statement. */
  #ended = false
  /** Column at which the line at hand begins. */
  #indent = 1
  /** The keyword of the declaration at hand. */
  #head: TokenType | undefined

  constructor(file: SourceFile, lexed: LexedFile, sink: DiagnosticSink) {
    this.#file = file
    this.#lexed = lexed
    this.#sink = sink
    this.#brackets = new Brackets(file, sink)
  }

  run(): ArrangedFile {
    const { tokens, brokenLines } = this.#lexed
    const brackets = this.#brackets
    const solid = tokens.filter(token => token.tokenType !== Newline)
    let index = 0
    for (const token of tokens) {
      if (token.tokenType === Newline) {
        this.#newline = true
        const line = token.startLine ?? 0
        if (brokenLines.has(line)) brackets.closeLine(line, token)
        continue
      }
      this.#step(solid, index++, token)
      if (brackets.depth > NESTING_LIMIT) {
        this.#sink.report('nesting-too-deep', spanOf(this.#file, token), { limit: NESTING_LIMIT })
        return { tokens: [], inserted: brackets.inserted, mended: [] }
      }
    }
    brackets.closeRounds('the file ends here', undefined)
    brackets.closeBlocks('the file ends here', undefined)
    return { tokens: brackets.out, inserted: brackets.inserted, mended: brackets.mended }
  }

  #step(solid: readonly IToken[], index: number, token: IToken): void {
    const brackets = this.#brackets
    const [before, after, second] = [solid[index - 1], solid[index + 1], solid[index + 2]]
    retag(token, reservedWord(token, before, after, this.#amongArguments(before)))
    this.#noticeUnclosed(solid, index, token)
    this.#separate(token, after)
    if (this.#newline) this.#indent = token.startColumn ?? 1
    const starts = this.#startsHere()
    if (starts) {
      retag(token, leadingWord(token, after, second, brackets.level.world))
      brackets.level.start = token
    }
    if (brackets.depth === 0 && startsDeclaration(token, after, second)) this.#head = token.tokenType
    this.#await(token, starts, startsDeclaration(token, after, second))
    this.#put(token, before)
    this.#newline = false
  }

  #put(token: IToken, before: IToken | undefined): void {
    const brackets = this.#brackets
    switch (token.tokenType) {
      case LeftParen: return this.#open(token, 'round', before)
      case LeftSquare: return this.#open(token, 'square', before)
      case LeftBrace: return this.#open(token, this.#braceKind(), before)
      case RightParen: case RightSquare: return brackets.closeRound(token)
      case RightBrace: {
        this.#ended = brackets.closeBrace(token, this.#newline)
        return
      }
      case Separator: {
        if (!this.#startsHere()) brackets.out.push(token)
        brackets.level.awaits = undefined
        return
      }
      default: brackets.out.push(token)
    }
  }

  #open(opener: IToken, kind: BracketKind, before: IToken | undefined): void {
    const interval = before?.tokenType === RESERVED.in
    this.#brackets.open({ opener, kind, world: this.#worldWithin(kind), interval, indent: this.#indent })
  }

  // ------------------------------------------------------------------------------------------- where we are

  #braceKind(): BracketKind {
    const { kind, world } = this.#brackets.level
    if (kind === 'ground') return this.#head === RESERVED.use ? 'list' : 'block'
    return world === 'train' ? 'list' : 'block'
  }

  #worldWithin(kind: BracketKind): World {
    const { world } = this.#brackets.level
    if (world !== 'top') return world
    // What is in a signature's parentheses has statements only if it has a loop, which no world minds.
    if (kind === 'round' || kind === 'square') return 'plain'
    if (this.#head === RESERVED.train) return 'train'
    return this.#head === RESERVED.gate || this.#head === RESERVED.circuit ? 'quantum' : 'plain'
  }

  #amongArguments(before: IToken | undefined): boolean {
    const { kind } = this.#brackets.level
    if (kind === 'list') return true
    return kind === 'round' && (before?.tokenType === LeftParen || before?.tokenType === Comma)
  }

  /** The next token is the first of a statement. */
  #startsHere(): boolean {
    const brackets = this.#brackets
    if (!brackets.live) return false
    const last = brackets.out.at(-1)
    return last === undefined || last.tokenType === Separator || last === brackets.top?.opener
  }

  /** Keeps in mind what needs a block, to know that a brace is missing. */
  #await(token: IToken, starts: boolean, declares: boolean): void {
    const { level, depth, out } = this.#brackets
    const otherwise = token.tokenType === RESERVED.else && out.at(-1)?.tokenType === RightBrace
    const opens = token.tokenType === RESERVED.for || (starts && token.tokenType === RESERVED.if) || otherwise
      || (depth === 0 && declares && opensBody(token) && out.at(-1)?.tokenType !== Name) || (starts && level.world === 'train' && /^(?:data|group)$/.test(token.image))
    if (opens) level.awaits = { token, indent: this.#indent }
    else if (depth === 0 && token.tokenType === Equal) level.awaits = undefined
  }

  // ---------------------------------------------------------------------------------------------- separators

  #separate(token: IToken, after: IToken | undefined): void {
    const ended = this.#ended
    this.#ended = false
    const brackets = this.#brackets
    if (this.#entryStarts(token, after)) brackets.out.push(brackets.insert(Separator))
    if (!brackets.live || this.#startsHere()) return
    const last = brackets.out.at(-1)
    const newlineCounts = this.#newline && (last === undefined || !CONTINUES_AFTER.has(last.tokenType) || isLeader(token) || startsStatement(token, after))
    if (!newlineCounts && !ended) return
    if (CONTINUES_BEFORE.has(token.tokenType) || token.tokenType === RightBrace || token.tokenType === Separator) return
    if (newlineCounts && !ended && this.#continuesWrongly(token)) return
    brackets.level.awaits = undefined
    brackets.out.push(brackets.insert(Separator))
  }

  /** In the braces of `data` and `group` an entry on a line of its own needs no comma before it. */
  #entryStarts(token: IToken, after: IToken | undefined): boolean {
    const { level, top, out } = this.#brackets
    if (level.kind !== 'list' || level.world !== 'train' || !this.#newline) return false
    const last = out.at(-1)
    return last !== top?.opener && last?.tokenType !== Comma && token.tokenType === Name && after?.tokenType === Equal
  }

  /** A body whose `{` or `=` begins the next line, or whose `{` is missing and the next line is further in. */
  #continuesWrongly(token: IToken): boolean {
    const brackets = this.#brackets
    const { out, level: { awaits } } = brackets
    if (awaits === undefined) return false
    const last = out.at(-1)
    if (token.tokenType === LeftBrace || (token.tokenType === Equal && brackets.depth === 0)) {
      brackets.say('sign-on-own-line', token, { sign: token.image })
      return true
    }
    if (last === undefined || (token.startColumn ?? 1) <= awaits.indent) return false
    // `for i in 0..n:` as in Python: the colon is what stands in the brace's place.
    const beforeColon = last.tokenType === Colon ? out.at(-2) : undefined
    if (beforeColon) {
      brackets.say('missing-syntax', last, { expected: '`{`', after: `\`${beforeColon.image}\``, found: '`:`', hint: 'a block stands in braces: `{ … }`' })
      out.pop()
    } else brackets.say('missing-syntax', last, { expected: '`{`', after: `\`${last.image}\``, found: 'the end of the line' })
    brackets.mend(awaits.token, last)
    this.#open(brackets.insert(LeftBrace), this.#braceKind(), undefined)
    return true
  }

  // ------------------------------------------------------------------------------------------ forgotten closers

  /** Where what follows cannot stand inside the brackets that are open, they were forgotten. */
  #noticeUnclosed(solid: readonly IToken[], index: number, token: IToken): void {
    const brackets = this.#brackets
    const [after, second] = [solid[index + 1], solid[index + 2]]
    if (brackets.insideRound) {
      const assigns = brackets.level.kind === 'square' && token.tokenType === Name && after?.tokenType === Equal
      const newStatement = this.#newline
        && (assigns || startsStatement(token, after) || token.tokenType === RightBrace || standsApart(solid, index))
      const block = token.tokenType === LeftBrace && brackets.level.awaits === undefined
      if (newStatement || block || token.tokenType === Arrow) {
        brackets.closeRounds(`noticed here, at \`${token.image}\``, token)
        if (!newStatement) brackets.mend(token, token, token.startOffset)
      }
    }
    const last = brackets.out.at(-1)
    const atEntry = brackets.level.kind === 'list' && brackets.level.world === 'train' && this.#newline && token.tokenType === Name
    if (atEntry && after?.tokenType !== Equal && last !== brackets.top?.opener && (last?.tokenType === Comma || !CONTINUES_AFTER.has(last?.tokenType ?? Newline))) {
      brackets.closeList(token)
      this.#ended = true
    }
    const { outermost } = brackets
    if (outermost === undefined || !this.#newline || (token.startColumn ?? 1) > outermost.indent) return
    const annotation = token.tokenType === At && brackets.live && !CONTINUES_AFTER.has(brackets.out.at(-1)?.tokenType ?? Newline)
    if (!annotation && !startsDeclaration(token, after, second)) return
    brackets.closeBlocks('a new declaration starts here', token)
    this.#ended = true
  }
}
