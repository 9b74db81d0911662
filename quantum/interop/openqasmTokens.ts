/** The words of OpenQASM 2 and 3 text, and the error that says where one is wrong. */

/** What is wrong with an OpenQASM text, and where. Lines and columns count from 1. */
export class OpenQasmError extends Error {
  override readonly name = 'OpenQasmError'

  constructor(readonly line: number, readonly column: number, readonly what: string) {
    super(`line ${line}, column ${column}: ${what}`)
  }
}

export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'symbol' | 'end'
  readonly text: string
  readonly line: number
  readonly column: number
}

const TOKEN = new RegExp([
  String.raw`(?<space>[ \t\r]+|//[^\n]*|/\*[^]*?\*/|\n)`,
  // A pragma or an annotation tells a tool something, for the rest of its line.
  String.raw`(?<note>(?:#pragma|pragma\b|@[A-Za-z_])[^\n]*)`,
  String.raw`(?<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`,
  String.raw`(?<name>[\p{L}_][\p{L}\p{Nd}_]*)`,
  String.raw`(?<text>"[^"\n]*"|'[^'\n]*')`,
  String.raw`(?<symbol>->|==|!=|<=|>=|&&|\|\||\*\*|\+\+|<<|>>|[-+*/%^=<>!~&|@:;,.?$(){}[\]])`,
].join('|'), 'uy')

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let line = 1, lineStart = 0, at = 0
  const pattern = new RegExp(TOKEN)
  while (at < text.length) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    const column = at - lineStart + 1
    const groups = found?.groups
    if (!found || !groups) throw new OpenQasmError(line, column, `'${String.fromCodePoint(text.codePointAt(at) ?? 0)}' is no part of OpenQASM`)
    const [whole] = found
    for (const kind of ['name', 'number', 'text', 'symbol'] as const) if (groups[kind] !== undefined) tokens.push({ kind, text: whole, line, column })
    const breaks = whole.split('\n').length - 1
    line += breaks
    if (breaks > 0) lineStart = at + whole.lastIndexOf('\n') + 1
    at += whole.length
  }
  return [...tokens, { kind: 'end', text: 'the end', line, column: at - lineStart + 1 }]
}
