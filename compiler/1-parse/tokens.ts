/**
 * The words and signs of the language, as a table for Chevrotain. Every word is lexed as a name; newlines.ts then decides
 * which ones are keywords, since that depends on where they stand.
 */
import { createToken, Lexer, type CustomPatternMatcherFunc, type TokenType } from 'chevrotain'

/** What may stand between two operands, and before one. Which binds how tightly is precedence.ts's business. */
export const BinaryOperator = createToken({ name: 'BinaryOperator', pattern: Lexer.NA, label: 'an operator' })
export const PrefixOperator = createToken({ name: 'PrefixOperator', pattern: Lexer.NA, label: 'an operator' })

/** How a token is called in messages to people: never by its type's name. */
const sign = (name: string, pattern: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, pattern, categories, label: `\`${pattern}\`` })
const keyword = (word: string, ...categories: TokenType[]): TokenType =>
  createToken({ name: `Keyword_${word}`, pattern: Lexer.NA, categories, label: `\`${word}\`` })

/** Chevrotain drops the `u` flag of a pattern, so those that need it match by themselves. */
const sticky = (source: string): CustomPatternMatcherFunc => {
  const pattern = new RegExp(source, 'uy')
  return (text, offset) => {
    pattern.lastIndex = offset
    return pattern.exec(text)
  }
}

// ------------------------------------------------------------------------------------------------------- names

/** A character code of every bucket in which Chevrotain sorts what lies beyond Latin-1, and the letters of Latin-1. */
const letterStarts: readonly number[] = [
  ...Array.from({ length: 256 }, (_, code) => code).filter(code => /[\p{L}_]/u.test(String.fromCharCode(code))),
  ...Array.from({ length: 510 }, (_, step) => 256 + 128 * step),
]

/** Letters of any script, digits, `_`; marks above letters and subscript digits (`θ₀`) may follow. */
export const Name = createToken({
  name: 'Name', label: 'a name', line_breaks: false, start_chars_hint: [...letterStarts],
  pattern: sticky('[\\p{L}_][\\p{L}\\p{M}\\p{Nd}_₀-₉]*'),
})
/** A name that opens a statement of a gate or circuit. */
export const GateName = createToken({ name: 'GateName', pattern: Lexer.NA, label: 'a gate' })

export const RESERVED = {
  use: keyword('use'), const: keyword('const'), fn: keyword('fn'), layer: keyword('layer'), gate: keyword('gate'),
  circuit: keyword('circuit'), model: keyword('model'), train: keyword('train'), input: keyword('input'),
  target: keyword('target'), param: keyword('param'), let: keyword('let'), var: keyword('var'), output: keyword('output'),
  for: keyword('for'), in: keyword('in'), if: keyword('if'), then: keyword('then'), else: keyword('else'),
  yield: keyword('yield'), return: keyword('return'), and: keyword('and', BinaryOperator), or: keyword('or', BinaryOperator), not: keyword('not', PrefixOperator),
  true: keyword('true'), false: keyword('false'), inf: keyword('inf'), real: keyword('real'), int: keyword('int'),
  bool: keyword('bool'),
} as const

/** Keywords only first in a statement, and only where no `=` follows. */
export const SOFT = {
  precision: keyword('precision'), state: keyword('state'), update: keyword('update'), loss: keyword('loss'),
  metric: keyword('metric'), rate: keyword('rate'), frozen: keyword('frozen'), assert: keyword('assert'),
  qubits: keyword('qubits'),
} as const

// ---------------------------------------------------------------------------------------------------- literals

const startsWithDigit = sticky('\\d+(?:\\.\\d+(?:[eE][+-]?\\d+)?|[eE][+-]?\\d+|\\.(?![.\\d\\p{L}_]))?')
const startsWithDot = sticky('\\.\\d+(?:[eE][+-]?\\d+)?')

/** A float needs a digit after the dot, so that `0..4` is a range; `1.` and `.5` are taken in and corrected. */
export const NumberLiteral = createToken({
  name: 'NumberLiteral', label: 'a number', line_breaks: false, start_chars_hint: [...'.0123456789'],
  pattern: (text, offset, tokens, groups) => text.charAt(offset) !== '.' ? startsWithDigit(text, offset, tokens, groups)
    : /[\p{L}\p{N}_)\]."]/u.test(text.charAt(offset - 1)) ? null
    : startsWithDot(text, offset, tokens, groups),
})
/** Up to the closing quote or, where there is none, to the end of the line. */
export const StringLiteral = createToken({ name: 'StringLiteral', label: 'a string', pattern: /"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*(?:"|\\?)/ })
/** Another language's string, taken in and corrected. */
export const SingleQuoted = createToken({ name: 'SingleQuoted', label: 'a string', line_breaks: false, start_chars_hint: [..."'“”„«"], pattern: sticky("'[^'\\r\\n]*'|[“”„«][^“”»\\r\\n]*[“”»]") })

// ----------------------------------------------------------------------------------------------------- brackets

export const LeftParen = sign('LeftParen', '(')
export const RightParen = sign('RightParen', ')')
export const LeftSquare = sign('LeftSquare', '[')
export const RightSquare = sign('RightSquare', ']')
export const LeftBrace = sign('LeftBrace', '{')
export const RightBrace = sign('RightBrace', '}')

// -------------------------------------------------------------------------------------------------------- signs

export const Ellipsis = sign('Ellipsis', '...')
export const DotDot = sign('DotDot', '..', BinaryOperator)
export const Dot = sign('Dot', '.')
export const Comma = sign('Comma', ',')
export const Colon = sign('Colon', ':')
export const Arrow = sign('Arrow', '->')
export const Pipe = sign('Pipe', '|>')
export const Tilde = sign('Tilde', '~')
export const EqualEqual = sign('EqualEqual', '==', BinaryOperator)
export const NotEqual = sign('NotEqual', '!=', BinaryOperator)
export const LessEqual = sign('LessEqual', '<=', BinaryOperator)
export const GreaterEqual = sign('GreaterEqual', '>=', BinaryOperator)
export const Less = sign('Less', '<', BinaryOperator)
export const Greater = sign('Greater', '>', BinaryOperator)
export const Equal = sign('Equal', '=')
export const Plus = sign('Plus', '+', BinaryOperator, PrefixOperator)
export const Minus = sign('Minus', '-', BinaryOperator, PrefixOperator)
export const Star = sign('Star', '*', BinaryOperator)
export const Slash = sign('Slash', '/', BinaryOperator)
export const Percent = sign('Percent', '%', BinaryOperator)
export const At = sign('At', '@', BinaryOperator)
export const Caret = sign('Caret', '^', BinaryOperator)

/** The end of a statement: a newline that counts, or `;`. */
export const Separator = createToken({ name: 'Separator', pattern: /;/, label: 'the end of the line' })
export const Newline = createToken({ name: 'Newline', pattern: /\r\n|\n|\r/, line_breaks: true, label: 'the end of the line' })

/** Signs of other languages, taken for ours after a correction. */
export const FOREIGN: Readonly<Record<string, { readonly type: TokenType; readonly written: string }>> = {
  '&&': { type: RESERVED.and, written: 'and' }, '||': { type: RESERVED.or, written: 'or' },
  '!': { type: RESERVED.not, written: 'not' }, '**': { type: Caret, written: '^' },
  '≤': { type: LessEqual, written: '<=' }, '≥': { type: GreaterEqual, written: '>=' },
  '≠': { type: NotEqual, written: '!=' }, '×': { type: Star, written: '*' }, '·': { type: Star, written: '*' },
  '÷': { type: Slash, written: '/' }, '−': { type: Minus, written: '-' }, '–': { type: Minus, written: '-' },
  '→': { type: Arrow, written: '->' }, '…': { type: Ellipsis, written: '...' }, '∞': { type: RESERVED.inf, written: 'inf' },
  ':=': { type: Equal, written: '=' }, '===': { type: EqualEqual, written: '==' }, '!==': { type: NotEqual, written: '!=' }, '<>': { type: NotEqual, written: '!=' },
  // Where a keyboard writes Chinese or Japanese, signs are as wide as its letters.
  '（': { type: LeftParen, written: '(' }, '）': { type: RightParen, written: ')' }, '［': { type: LeftSquare, written: '[' }, '］': { type: RightSquare, written: ']' },
  '｛': { type: LeftBrace, written: '{' }, '｝': { type: RightBrace, written: '}' }, '，': { type: Comma, written: ',' }, '、': { type: Comma, written: ',' },
  '：': { type: Colon, written: ':' }, '；': { type: Separator, written: ';' }, '＝': { type: Equal, written: '=' }, '＋': { type: Plus, written: '+' },
  '－': { type: Minus, written: '-' }, '＊': { type: Star, written: '*' }, '／': { type: Slash, written: '/' }, '＜': { type: Less, written: '<' }, '＞': { type: Greater, written: '>' },
  '＾': { type: Caret, written: '^' }, '～': { type: Tilde, written: '~' }, '．': { type: Dot, written: '.' }, '＠': { type: At, written: '@' },
}
/** Of a function without a name, or of a comparison: what was meant is not known, so it is said and left out. */
export const FAT_ARROW = '=>'
export const ForeignSign = createToken({
  name: 'ForeignSign', label: 'a sign', line_breaks: false, start_chars_hint: [...'&|!*<≤≥≠×·÷−–→…∞:=（）［］｛｝，、：；＝＋－＊／＜＞＾～．＠'],
  pattern: sticky('&&|\\|\\||!==|!(?!=)|\\*\\*|[≤≥≠×·÷−–→…∞（）［］｛｝，、：；＝＋－＊／＜＞＾～．＠]|:=|===|=>|<>'),
})

// -------------------------------------------------------------------------------------------- space and comments

const Space = createToken({ name: 'Space', pattern: /[ \t\f\v\u00a0\ufeff\u2000-\u200b\u202f\u205f\u3000]+/, group: Lexer.SKIPPED })
export const DocComment = createToken({ name: 'DocComment', pattern: /\/\/\/(?!\/)[^\r\n]*/, group: 'comments' })
export const LineComment = createToken({ name: 'LineComment', pattern: /\/\/[^\r\n]*/, group: 'comments' })
/** To the end of the file where it is never closed. */
export const BlockComment = createToken({ name: 'BlockComment', pattern: /\/\*[\s\S]*?\*\/|\/\*[\s\S]*/, line_breaks: true, group: 'comments' })
/** Another language's documentation, left out after a correction. */
export const TripleQuoted = createToken({ name: 'TripleQuoted', pattern: /"""[\s\S]*?"""|'''[\s\S]*?'''/, line_breaks: true, group: 'comments' })
/** Another language's comment, left out after a correction. */
export const HashComment = createToken({ name: 'HashComment', pattern: /#[^\r\n]*/, group: 'comments' })

/** In the order in which they are tried: a longer sign before its beginning. */
export const LEXED: readonly TokenType[] = [
  Space, Newline, DocComment, LineComment, BlockComment, HashComment, TripleQuoted, Name, NumberLiteral, StringLiteral, SingleQuoted,
  ForeignSign, Ellipsis, DotDot, Dot, Comma, Colon, Arrow, Pipe, Tilde, EqualEqual, NotEqual, LessEqual, GreaterEqual,
  Less, Greater, Equal, Plus, Minus, Star, Slash, Percent, At, Caret, Separator,
  LeftParen, RightParen, LeftSquare, RightSquare, LeftBrace, RightBrace,
]

export const ALL_TOKENS: readonly TokenType[] = [BinaryOperator, PrefixOperator, ...LEXED, GateName, ...Object.values(RESERVED), ...Object.values(SOFT)]
