/** Which words are keywords where: the reserved ones always are names after a dot, the soft ones only lead a statement. */
import type { IToken, TokenType } from 'chevrotain'
import { Dot, Equal, GateName, LeftParen, LeftSquare, Name, RESERVED, RightParen, SOFT, StringLiteral } from './tokens'

/** What the statements of a block are about: gates have a namespace of their own, and `train` has options instead. */
export type World = 'top' | 'plain' | 'quantum' | 'train'

export const RESERVED_WORDS: ReadonlyMap<string, TokenType> = new Map(Object.entries(RESERVED))
const SOFT_WORDS: ReadonlyMap<string, TokenType> = new Map(Object.entries(SOFT))

export const DECLARATION_WORDS: readonly string[] = ['use', 'const', 'fn', 'layer', 'gate', 'circuit', 'model', 'train']
export const STATEMENT_WORDS: readonly string[] = [
  'input', 'target', 'param', 'let', 'var', 'output', 'loss', 'metric', 'return', 'yield', 'for', 'if', 'qubits', 'state',
  'update', 'rate', 'frozen', 'assert', 'layer',
]

const DECLARATIONS: ReadonlySet<TokenType> = new Set([
  RESERVED.use, RESERVED.const, RESERVED.fn, RESERVED.gate, RESERVED.circuit, RESERVED.model, RESERVED.train, RESERVED.layer,
])
const LEADERS: ReadonlySet<TokenType> = new Set([
  ...DECLARATIONS, RESERVED.input, RESERVED.target, RESERVED.param, RESERVED.let, RESERVED.var, RESERVED.output,
])
/** Declarations whose body is a block, or may be. */
const WITH_BODIES: ReadonlySet<TokenType> = new Set([
  RESERVED.fn, RESERVED.layer, RESERVED.gate, RESERVED.circuit, RESERVED.model, RESERVED.train,
])
const RESERVED_TYPES: ReadonlySet<TokenType> = new Set(Object.values(RESERVED))

export function opensBody(token: IToken): boolean {
  return WITH_BODIES.has(token.tokenType)
}

export function isReserved(type: TokenType): boolean {
  return RESERVED_TYPES.has(type)
}

/** After a dot, and before `=` among arguments and entries, any word is a name. */
export function reservedWord(token: IToken, before: IToken | undefined, after: IToken | undefined, amongArguments: boolean): TokenType {
  const keyword = token.tokenType === Name ? RESERVED_WORDS.get(token.image) : undefined
  if (keyword === undefined) return token.tokenType
  if (before?.tokenType === Dot && before.endLine === token.startLine) return Name
  return amongArguments && after?.tokenType === Equal ? Name : keyword
}

/** What a name is that stands first in a statement. */
export function leadingWord(token: IToken, after: IToken | undefined, second: IToken | undefined, world: World): TokenType {
  if (token.tokenType !== Name || after?.tokenType === Equal) return token.tokenType
  const soft = SOFT_WORDS.get(token.image)
  switch (world) {
    case 'top': return soft === SOFT.precision ? soft : Name
    case 'plain': return soft === undefined || soft === SOFT.precision || after?.tokenType === LeftSquare ? Name : soft
    case 'quantum': {
      if (soft === SOFT.qubits || soft === SOFT.assert) return soft
      if (soft !== undefined && isMisplacedStatement(after, second)) return soft
      return after?.tokenType === LeftSquare ? Name : GateName
    }
    case 'train': return Name
    default: return world satisfies never
  }
}

/** `metric m = …`, `state m: …`, `frozen param …` cannot be gates, so they are read as what they are meant to be. */
function isMisplacedStatement(after: IToken | undefined, second: IToken | undefined): boolean {
  if (after?.tokenType === RESERVED.param) return true
  return after?.tokenType === Name && ['=', ':', '.'].includes(second?.image ?? '')
}

/** Whether a line that begins so can only be a new statement or declaration, whatever was left open above it. */
export function startsStatement(token: IToken, after: IToken | undefined): boolean {
  if (after?.tokenType === Equal) return false
  if (token.tokenType === RESERVED.return || token.tokenType === RESERVED.yield) return true
  const beforeName = after !== undefined && (after.tokenType === Name || isReserved(after.tokenType))
  if (LEADERS.has(token.tokenType)) {
    return beforeName || after?.tokenType === StringLiteral || after?.tokenType === LeftParen
  }
  return token.tokenType === Name && SOFT_WORDS.has(token.image) && beforeName && !JOINING.has(after.image)
}

/** Outside of arguments, where `=` may follow any word, a statement's word alone is enough. */
export function isLeader(token: IToken): boolean {
  return LEADERS.has(token.tokenType) || token.tokenType === RESERVED.return || token.tokenType === RESERVED.yield
}

/** Words that stand between two expressions: `loss if …` and `rate and …` are no statements. */
const JOINING: ReadonlySet<string> = new Set(['if', 'then', 'else', 'and', 'or', 'in', 'for', 'not'])

/**
 * Whether a name is followed by another as only a statement's can be: `h q`, `ry(θ) q`. Nothing inside brackets looks so.
 * The tokens are those of the lexer, all words names.
 */
export function standsApart(tokens: readonly IToken[], index: number): boolean {
  const [first, next] = [tokens[index], tokens[index + 1]]
  if (first?.tokenType !== Name || RESERVED_WORDS.has(first.image) || next?.startLine !== first.startLine) return false
  if (next?.tokenType === Name) return !JOINING.has(next.image)
  if (next?.tokenType !== LeftParen) return false
  let open = 0
  for (let i = index + 1; i < tokens.length; i++) {
    const token = tokens[i]
    if (token?.startLine !== first.startLine) return false
    if (token?.tokenType === LeftParen) open++
    if (token?.tokenType !== RightParen || --open > 0) continue
    const behind = tokens[i + 1]
    return behind?.tokenType === Name && behind.startLine === first.startLine && !JOINING.has(behind.image)
  }
  return false
}

/** `layer` opens a declaration where parentheses follow the name, an instance elsewhere. */
export function startsDeclaration(token: IToken, after: IToken | undefined, second: IToken | undefined): boolean {
  if (!DECLARATIONS.has(token.tokenType) || after?.tokenType === Equal) return false
  return token.tokenType !== RESERVED.layer || second?.tokenType === LeftParen
}
