/** What the parser says when it stops: what was expected, after what, and what stood there, in the user's own words. */
import { EOF, tokenLabel, type IParserErrorMessageProvider, type IToken } from 'chevrotain'
import {
  Equal, LeftBrace, Name, NumberLiteral, Pipe, RESERVED, RightBrace, RightParen, RightSquare, Separator, StringLiteral,
} from './tokens'
import { isReserved } from './words'

/** What a rule stands for when none of its beginnings is there. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  primary: 'an expression', conditional: 'an expression', operation: 'an expression', expression: 'an expression',
  indexItem: 'an index, a slice such as `1:3`, or `...`', typeName: 'a type such as `real[3]`', dimension: 'a size',
  binding: 'a name, or names in brackets as in `[i, j]`', names: 'a name', body: '`{` or `=`', use: 'a module or a file',
  imports: 'a name, or names in braces as in `{dense, gru}`', intervalEnd: '`)` or `]`', ifStatement: '`{` or `if`', register: 'a register as in `q: qubit[n]`',
}

/** Rules in which a closer ends a row that a comma would carry on. */
const ROWS: ReadonlySet<string> = new Set(['callArguments', 'indexing', 'bracketed', 'parenthesised', 'parameters', 'shape', 'results', 'names', 'imports', 'binding'])

/** The message of an exception is the expected thing alone; the rest is put around it where it is reported. */
export const EXPECTED_ONLY: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) =>
    (expected === RightParen || expected === RightSquare) && ROWS.has(ruleName) ? `\`,\` or ${tokenLabel(expected)}` : tokenLabel(expected),
  buildNoViableAltMessage: ({ ruleName }) => CONSTRUCTS[ruleName] ?? 'something else',
  buildEarlyExitMessage: () => '`.` and what to import',
  buildNotAllInputParsedMessage: () => 'the end of the file',
}

/** A token as it is named in a sentence. */
export function inWords(token: IToken): string {
  if (token.tokenType === EOF) return 'the end of the file'
  if (token.tokenType === Separator && token.image !== ';') return 'the end of the line'
  return asWritten(token)
}

/** A word that looks like a name and is none is called what it is where a name was expected. */
export function foundInstead(expected: string, token: IToken, before: IToken): string {
  // The statement ended with its line; that its block ends too is by the way.
  if (token.tokenType === RightBrace && token.startLine !== before.endLine) return 'the end of the line'
  const mistaken = isReserved(token.tokenType) && (expected === 'a name' || expected === 'an expression')
  return mistaken ? `the reserved word \`${token.image}\`` : inWords(token)
}

/** The text alone, for what stands before: `after =`, not `after the sign =`. */
export function asWritten(token: IToken): string {
  return `\`${token.image.length > 32 ? `${token.image.slice(0, 30)}…` : token.image}\``
}

/** Advice for slips that are common enough to be known by their two tokens. */
export function hintFor(expected: string | undefined, before: IToken, found: IToken): string | undefined {
  const adjacent = found.startOffset === (before.endOffset ?? 0) + 1
  if (before.tokenType === NumberLiteral && found.tokenType === Name && adjacent) {
    return `a product needs its sign: \`${before.image} * ${found.image}\``
  }
  if (expected === '`then`' && found.tokenType === LeftBrace) return 'a choice between values is `if c then a else b`'
  if (expected === '`else`') return 'an `if` that gives a value has both sides: `if c then a else b`'
  if (expected === '`{` or `=`' && isLineEnd(found)) return 'the `{` stands on the same line'
  if (expected === '`:`' && found.tokenType !== Separator) return 'a type is written after a colon: `x: real[3]`'
  if (found.tokenType === Equal && expected === undefined) return 'equality is `==`'
  const startsMore = found.tokenType === Name || found.tokenType === NumberLiteral || found.tokenType === StringLiteral
  if (expected === undefined && startsMore) return 'something is missing between them: an operator, a `,` or a new line'
  return undefined
}

function isLineEnd(token: IToken): boolean {
  return token.tokenType === Separator || token.tokenType === EOF
}

export function isPipeInsideIf(expected: string, found: IToken): boolean {
  return expected === tokenLabel(RESERVED.else) && found.tokenType === Pipe
}

/** What other languages call our declarations. */
export const FOREIGN_DECLARATIONS: ReadonlyMap<string, string> = new Map([
  ['def', 'fn'], ['function', 'fn'], ['func', 'fn'], ['fun', 'fn'], ['import', 'use'], ['from', 'use'], ['include', 'use'],
  ['class', 'model'], ['struct', 'model'], ['module', 'layer'], ['qreg', 'circuit'], ['opaque', 'gate'], ['static', 'const'],
])
