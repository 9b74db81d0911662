/** Text to tokens: what is wrong with single characters and words is reported here, and mended so that parsing can go on. */
import { createTokenInstance, Lexer, type IToken } from 'chevrotain'
import type { DiagnosticSink } from '../diagnostics/sink'
import type { SourceFile, Span } from '../source/source'
import {
  BlockComment, DocComment, FAT_ARROW, FOREIGN, ForeignSign, HashComment, LeftBrace, LEXED, Newline, NumberLiteral, SingleQuoted, StringLiteral, TripleQuoted,
} from './tokens'

export interface Comment {
  readonly text: string
  readonly span: Span
}

export interface LexedFile {
  /** All words are names here, and every newline is a token. */
  readonly tokens: readonly IToken[]
  readonly comments: readonly Comment[]
  /** The text of a run of `///` lines, by the line that it ends above. */
  readonly docs: ReadonlyMap<number, string>
  /** Lines on which a string was never closed: a bracket that it swallowed is not the user's second mistake. */
  readonly brokenLines: ReadonlySet<number>
}

export function createLexer(validate = false): Lexer {
  return new Lexer([...LEXED], { ensureOptimizations: validate, skipValidations: !validate, positionTracking: 'full' })
}

export function spanOf(file: SourceFile, token: IToken): Span {
  return { file, start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1 }
}

export function lex(lexer: Lexer, file: SourceFile, sink: DiagnosticSink): LexedFile {
  const result = lexer.tokenize(file.text)
  const told = new Set<string>()
  for (const { offset, length, line } of result.errors) {
    // The second bar of `|x|` is no second mistake.
    const key = `${line ?? 0} ${file.text.charAt(offset)}`
    if (!told.has(key)) reportUnknown(file, offset, length, sink)
    told.add(key)
  }
  const brokenLines = new Set<number>()
  const tokens = result.tokens.flatMap(token => {
    if (token.tokenType === ForeignSign) return mendSign(file, token, sink)
    if (token.tokenType === SingleQuoted) reportQuotes(file, token, sink)
    if (token.tokenType === NumberLiteral) checkNumber(file, token, sink)
    if (token.tokenType === StringLiteral && !checkString(file, token, sink)) {
      brokenLines.add(token.startLine ?? 0)
      return [token, ...swallowedBrace(token)]
    }
    return token
  })
  const comments = [...(result.groups['comments'] ?? [])].sort((a, b) => a.startOffset - b.startOffset)
  for (const comment of comments) checkComment(file, comment, sink)
  return {
    tokens: withCommentNewlines(tokens, comments),
    comments: comments.map(comment => ({ text: comment.image, span: spanOf(file, comment) })),
    docs: docsByLine(file, comments),
    brokenLines,
  }
}

// ---------------------------------------------------------------------------------------------------- characters

const HINTS: Readonly<Record<string, string>> = {
  '“': 'strings stand in straight quotes, `"`', '”': 'strings stand in straight quotes, `"`', '‘': 'strings stand in straight quotes, `"`',
  '\'': 'strings stand in double quotes; a prime cannot be part of a name',
  '′': 'a prime cannot be part of a name: `x_prime`, perhaps',
  '²': 'a power is written `^2`', '³': 'a power is written `^3`', '√': 'write `sqrt(…)`', '∑': 'write `sum(…)`',
  '`': 'names and strings need none', '&': '"and" is written `and`', '|': '"or" is written `or`, a pipe `|>`, and an absolute value `abs(x)`',
  '?': 'a choice is written `if c then a else b`; an argument that may be left out has a default, `y: real = 0`', '$': 'names have letters, digits and `_`', '\\': 'a line goes on after an operator or a comma without a `\\`',
  '⟩': 'write `>`', '≈': 'compare with a tolerance: `abs(a - b) < 1e-6`', '∈': 'write `in`', '⊗': 'write `*` between observables',
}

function reportUnknown(file: SourceFile, offset: number, length: number, sink: DiagnosticSink): void {
  const [first = ''] = file.text.slice(offset, offset + length)
  const shown = first === '`' ? 'a backquote' : /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(first) ? `\`${first}\`` : `the character U+${hex(first)}`
  sink.report('unknown-character', { file, start: offset, end: offset + length }, { character: shown, hint: HINTS[first] })
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}

function mendSign(file: SourceFile, token: IToken, sink: DiagnosticSink): IToken | readonly IToken[] {
  if (token.image === FAT_ARROW) {
    sink.report('unknown-character', spanOf(file, token), { character: `\`${FAT_ARROW}\`` }, { help: 'a function is declared at the top of a file, `fn f(x: real) = 2 * x`; a comparison is `>=`' })
    return []
  }
  const known = FOREIGN[token.image]
  if (known === undefined) return token
  sink.report('foreign-operator', spanOf(file, token), { found: token.image, expected: known.written })
  return createTokenInstance(
    known.type, known.written, token.startOffset, token.endOffset ?? token.startOffset,
    token.startLine ?? 1, token.endLine ?? 1, token.startColumn ?? 1, token.endColumn ?? 1,
  )
}

// ------------------------------------------------------------------------------------------------------ literals

function checkNumber(file: SourceFile, token: IToken, sink: DiagnosticSink): void {
  const number = token.image
  const span = spanOf(file, token)
  if (number.startsWith('.')) sink.report('number-form', span, { number, fixed: `0${number}` })
  else if (number.endsWith('.')) sink.report('number-form', span, { number, fixed: `${number}0` })
  else if (!Number.isFinite(Number(number))) {
    sink.report('number-too-large', span, { number: short(number), why: 'beyond the largest 64-bit float', hint: 'infinity is written `inf`' })
  } else if (/^\d+$/.test(number) && !Number.isSafeInteger(Number(number))) {
    sink.report('number-too-large', span, { number: short(number), why: 'too large to be an exact integer', hint: 'write it as a float: `1e20`' })
  }
}

function short(text: string): string {
  return text.length > 24 ? `${text.slice(0, 20)}…` : text
}

/** Whether the string ends where it should. */
function checkString(file: SourceFile, token: IToken, sink: DiagnosticSink): boolean {
  const text = token.image
  const closed = /^"(?:[^"\\]|\\.)*"$/u.test(text)
  if (!closed) {
    sink.report('unclosed-string', spanOf(file, token), {})
    return false
  }
  for (const escape of text.matchAll(/\\(?:u\{[0-9a-fA-F]{1,6}\}|(?<simple>[\s\S]))/gu)) {
    const start = token.startOffset + escape.index
    const simple = escape.groups?.['simple']
    const fine = simple === undefined ? parseInt(escape[0].slice(3, -1), 16) <= 0x10ffff : 'nrt"\\0'.includes(simple)
    if (!fine) sink.report('unknown-escape', { file, start, end: start + escape[0].length }, { escape: escape[0] })
  }
  return true
}

/** The block that a line opens is not part of the string that was left open before it. */
function swallowedBrace(token: IToken): readonly IToken[] {
  if (!/\{\s*$/.test(token.image)) return []
  const end = token.endOffset ?? token.startOffset
  const [line, column] = [token.startLine ?? 1, token.endColumn ?? 1]
  return [createTokenInstance(LeftBrace, '{', end, end, line, line, column, column)]
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' }

/** What a string literal stands for; takes what could be read of a broken one. */
export function stringValue(token: IToken): string {
  const inner = token.image.replace(/^./u, '').replace(token.image.startsWith('"') ? /(?<!\\)"$/ : /.$/u, '')
  return inner.replace(/\\(?:u\{([0-9a-fA-F]{1,6})\}|([\s\S]))/gu, (whole, code?: string, simple?: string) => {
    if (code === undefined) return ESCAPES[simple ?? ''] ?? simple ?? ''
    const point = parseInt(code, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole
  })
}

function reportQuotes(file: SourceFile, token: IToken, sink: DiagnosticSink): void {
  sink.report('single-quotes', spanOf(file, token), { fixed: `"${short(token.image.slice(1, -1))}"` })
}

// ------------------------------------------------------------------------------------------------------ comments

function checkComment(file: SourceFile, comment: IToken, sink: DiagnosticSink): void {
  const span = spanOf(file, comment)
  if (comment.tokenType === HashComment) sink.report('foreign-comment', span, { found: '#' })
  if (comment.tokenType === TripleQuoted) {
    sink.report('foreign-comment', { ...span, end: span.start + 3 }, { found: comment.image.slice(0, 3) }, { help: 'what documents a declaration stands above it, behind `///`' })
  }
  if (comment.tokenType === BlockComment && (comment.image.length < 4 || !comment.image.endsWith('*/'))) {
    sink.report('unclosed-comment', { ...span, end: span.start + 2 }, {})
  }
}

/** A comment over several lines ends a statement as the newline in it would. */
function withCommentNewlines(tokens: readonly IToken[], comments: readonly IToken[]): readonly IToken[] {
  const breaks = comments.filter(comment => (comment.tokenType === BlockComment || comment.tokenType === TripleQuoted) && comment.startLine !== comment.endLine)
  if (breaks.length === 0) return tokens
  const newlines = breaks.map(c => createTokenInstance(
    Newline, '', c.startOffset, c.startOffset, c.startLine ?? 1, c.startLine ?? 1, c.startColumn ?? 1, c.startColumn ?? 1))
  return [...tokens, ...newlines].sort((a, b) => a.startOffset - b.startOffset)
}

/** A blank line parts documentation from what follows; the slashes and one space after them go. */
function docsByLine(file: SourceFile, comments: readonly IToken[]): ReadonlyMap<number, string> {
  const docs = new Map<number, string>()
  for (const comment of comments) {
    // Searched backwards: a pattern anchored at the end would be tried at every place before it.
    const lineStart = file.text.lastIndexOf('\n', comment.startOffset - 1) + 1
    const before = comment.startOffset === 0 ? '' : file.text.slice(lineStart, comment.startOffset).replace(/^[^]*\r/, '')
    if (comment.tokenType !== DocComment || before.trim() !== '') continue
    const line = comment.startLine ?? 1
    const text = comment.image.slice(3).replace(/^ /, '').trimEnd()
    const above = docs.get(line)
    docs.delete(line)
    docs.set(line + 1, above === undefined ? text : `${above}\n${text}`)
  }
  return docs
}
