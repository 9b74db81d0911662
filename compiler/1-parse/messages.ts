/** What the parser says when it stops: what was expected, after what, and what stood there, in the user's own words. */
import { EOF, tokenLabel, type IParserErrorMessageProvider, type IToken, type TokenType } from 'chevrotain'
import {
  Colon, Comma, Dot, Equal, GateName, Greater, LeftBrace, LeftSquare, Less, Minus, Name, NumberLiteral, Pipe, RESERVED, RightBrace, RightParen, RightSquare, Separator, Star, StringLiteral,
} from './tokens'
import { isReserved } from './words'

/** What a rule stands for when none of its beginnings is there. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  primary: 'an expression', conditional: 'an expression', operation: 'an expression', expression: 'an expression',
  indexItem: 'an index, a slice such as `1:3`, or `...`', typeName: 'a type such as `real[3]`', dimension: 'a size',
  binding: 'a name, or names in brackets as in `[i, j]`', names: 'a name', body: '`{` or `=`', use: 'a module or a file',
  imports: 'a name, or names in braces as in `{dense, gru}`', intervalEnd: '`)` or `]`', ifStatement: '`{` or `if`', register: 'a register as in `q: qubit[n]`',
}

const TYPES: ReadonlySet<TokenType> = new Set<TokenType>([RESERVED.real, RESERVED.int, RESERVED.bool])

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
    if (/^[_\d]+$/.test(found.image)) return `digits stand together: \`${before.image}${found.image.replaceAll('_', '')}\``
    if (/^[xX][0-9a-fA-F]+$/.test(found.image) && before.image === '0') return `numbers are decimal: \`${Number(`0${found.image}`)}\``
    if (/^[eE]$/.test(found.image)) return 'an exponent has digits: `1e-3`'
    return `a product needs its sign: \`${before.image} * ${found.image}\``
  }
  if (expected === '`then`' && found.tokenType === LeftBrace) return 'a choice between values is `if c then a else b`'
  if (expected === '`else`') return 'an `if` that gives a value has both sides: `if c then a else b`'
  if (expected === '`{` or `=`' && isLineEnd(found)) return 'the `{` stands on the same line'
  if (expected !== undefined) {
    const known = expectedInstead(expected, before, found)
    if (known !== undefined) return known
  }
  if (/^[XYZ]$/.test(before.image) && found.tokenType === Name) return `an observable takes its qubit in parentheses: \`${before.image}(${found.image}[0])\``
  if (expected === '`:`' && found.tokenType !== Separator) return 'a type is written after a colon: `x: real[3]`'
  if (before.image === 'lambda' || before.image === 'function') return 'functions have names, and are declared at the top of a file: `fn f(x: real) -> real = x + 1`'
  if (found.tokenType === Equal && expected === undefined) return 'equality is `==`'
  if (found.image === 'xor' && expected === undefined) return 'of two conditions, one alone holds: `a != b`'
  if ((found.tokenType === Less || found.tokenType === Greater) && TYPES.has(before.tokenType)) return 'the range of a value stands behind `in`: `real in (0, inf)`'
  if (found.tokenType === Comma && expected === undefined) return 'a statement ends with its line, without a comma'
  if (found.tokenType === RESERVED.if && expected === undefined) return 'a choice is written `if c then a else b`'
  if (found.tokenType === RESERVED.for && expected === undefined) return 'a list over a range stands in brackets: `[i^2 for i in 0..n]`'
  if (before.tokenType === GateName && found.tokenType === Dot) return 'gates have no prefix, and their qubits stand behind them: `rx(θ) q[0]`'
  const startsMore = found.tokenType === Name || found.tokenType === NumberLiteral || found.tokenType === StringLiteral
  if (expected === undefined && startsMore) return 'something is missing between them: an operator, a `,` or a new line'
  return undefined
}

/** Habits that show in what stands where something else must. */
function expectedInstead(expected: string, before: IToken, { tokenType: found, image }: IToken): string | undefined {
  switch (expected) {
    case '`{` or `=`':
      if (found === Comma) return 'several results stand in parentheses: `-> (real, real)`'
      return found === Colon || TYPES.has(found) ? 'a result type stands behind an arrow: `-> real`' : undefined
    case 'a name':
      if (TYPES.has(found)) return 'the name comes first, then a colon and its type: `x: real`'
      if (before.tokenType === RESERVED.for) return 'a loop is written `for i in 0..n { … }`'
      if (before.tokenType === RESERVED.let && found === LeftSquare) return TAKEN_APART
      if (before.tokenType === RESERVED.train) return 'training is described by a block: `train M { epochs 10 }`'
      return before.tokenType === Dot && found === Star ? 'what is used is named: `use std.nn.{dense, gru}`' : undefined
    case '`=`': return found === Comma ? TAKEN_APART : undefined
    case '`in`': return found === Equal ? 'a loop is written `for i in 0..n { … }`' : undefined
    case '`else`': return /^els?e?if$/.test(image) ? 'it is written `else if`' : undefined
    case '`then`': return found === Equal || image === 'is' ? 'equality is `==`' : found === RESERVED.in ? 'compare one by one: `x == 1 or x == 2`' : undefined
    case '`(`': return found === Less ? 'sizes need no list of their own: `fn f(x: real[n])` is for every n' : undefined
    case '`.`': return before.tokenType === StringLiteral ? 'say what is used from that file: `use "./layers.bp".block`, or `.{block, head}`' : undefined
    case '`:`': return found === Minus ? `a name has letters, digits and \`_\`: \`${before.image}_…\`` : undefined
    case '`)` or `]`': return found === Comma ? 'an interval has two ends, `(0, 1)`; classes are a range, `0..3`' : undefined
    case '`,` or `)`':
      if (found === RESERVED.for) return 'a list over a range stands in brackets: `sum([x[i] for i in 0..n])`'
      return found === Colon ? `an argument is named with \`=\`: \`${before.image} = …\`` : undefined
    case 'an expression': return found === LeftBrace ? 'braces hold statements; a tensor is written `[1, 2]`' : undefined
    default: return undefined
  }
}

const TAKEN_APART = 'several results are taken apart in parentheses: `let (a, b) = …`'

function isLineEnd(token: IToken): boolean {
  return token.tokenType === Separator || token.tokenType === EOF
}

export function isPipeInsideIf(expected: string, found: IToken): boolean {
  return expected === tokenLabel(RESERVED.else) && found.tokenType === Pipe
}
