/** A file as a row of tokens and comments beside its tree, for whoever prints it anew: nothing of the parser's library shows. */
import type { IToken, TokenType } from 'chevrotain'
import { DiagnosticSink } from '../diagnostics/sink'
import type { SourceFile, Span } from '../source/source'
import type { FileNode } from './ast'
import { spanOf, type Comment } from './lexer'
import { read } from './parse'
import {
  At, BinaryOperator, GateName, LeftBrace, LeftParen, LeftSquare, Name, NumberLiteral, PrefixOperator, RESERVED, RightBrace, RightParen,
  RightSquare, Separator, SOFT, StringLiteral,
} from './tokens'

/** A `separator` ends a statement: a `;`, or nothing where a newline does. `annotation` is the `@` before a declaration. */
export type TokenKind = 'name' | 'keyword' | 'literal' | 'operator' | 'annotation' | 'open' | 'close' | 'separator' | 'sign'

export interface SourceToken {
  readonly kind: TokenKind
  readonly text: string
  readonly span: Span
  /** 1-based. */
  readonly line: number
}

export interface Scan {
  readonly tree: FileNode
  readonly tokens: readonly SourceToken[]
  readonly comments: readonly Comment[]
}

/** @returns undefined where the text has mistakes, which are in the sink then */
export function scan(file: SourceFile, sink: DiagnosticSink): Scan | undefined {
  const found = read(file, sink)
  if (found === undefined || sink.hasErrors) return undefined
  return { tree: found.tree, comments: found.comments, tokens: sourceTokens(file, found.tokens) }
}

/** The tokens of a text that is being written: mistakes and all. Nothing of what is no text. */
export function tokensOf(file: SourceFile): Scan | undefined {
  const found = read(file, new DiagnosticSink())
  return found && { tree: found.tree, comments: found.comments, tokens: sourceTokens(file, found.tokens) }
}

function sourceTokens(file: SourceFile, tokens: readonly IToken[]): readonly SourceToken[] {
  let depth = 0
  // Between the first `@` of a declaration and its keyword; elsewhere the sign is a matrix product.
  let annotates = false
  return tokens.map((token, index) => {
    const kind = kindOf(token.tokenType)
    if (kind === 'open') depth++
    if (kind === 'close') depth--
    const before = tokens[index - 1]
    if (depth === 0 && (before === undefined || before.tokenType === Separator)) annotates ||= token.tokenType === At
    if (depth === 0 && kind === 'keyword') annotates = false
    const isAnnotation = annotates && depth === 0 && token.tokenType === At
    return { kind: isAnnotation ? 'annotation' : kind, text: token.image, span: spanOf(file, token), line: token.startLine ?? 1 }
  })
}

const OPENERS: ReadonlySet<TokenType> = new Set([LeftParen, LeftSquare, LeftBrace])
const CLOSERS: ReadonlySet<TokenType> = new Set([RightParen, RightSquare, RightBrace])
const LITERALS: ReadonlySet<TokenType> = new Set([NumberLiteral, StringLiteral, RESERVED.true, RESERVED.false, RESERVED.inf])
const NAMES: ReadonlySet<TokenType> = new Set([Name, GateName, RESERVED.real, RESERVED.int, RESERVED.bool])
const KEYWORDS: ReadonlySet<TokenType> = new Set([...Object.values(RESERVED), ...Object.values(SOFT)])

function kindOf(type: TokenType): TokenKind {
  if (type === Separator) return 'separator'
  if (OPENERS.has(type)) return 'open'
  if (CLOSERS.has(type)) return 'close'
  if (LITERALS.has(type)) return 'literal'
  if (NAMES.has(type)) return 'name'
  if (type.CATEGORIES?.some(category => category === BinaryOperator || category === PrefixOperator)) return 'operator'
  return KEYWORDS.has(type) ? 'keyword' : 'sign'
}
