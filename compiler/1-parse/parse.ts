/** Text to tree: lexer, newlines and brackets, grammar. Every mistake is reported to the sink; nothing throws. */
import type { DiagnosticSink } from '../diagnostics/sink'
import type { SourceFile } from '../source/source'
import type { FileNode } from './ast'
import { Grammar } from './grammar'
import { createLexer, lex } from './lexer'
import { arrange } from './newlines'

/**
 * Built at the first parse, since building costs more than parsing a file, and a command that parses nothing should not
 * pay. A parse leaves nothing behind in them: both start afresh with each text.
 */
const tools = once(() => ({ lexer: createLexer(), grammar: new Grammar() }))

export function parse(file: SourceFile, sink: DiagnosticSink): FileNode {
  const zero = file.text.indexOf('\0')
  if (zero >= 0) {
    sink.report('not-text', { file, start: zero, end: zero + 1 }, {})
    return { file, uses: [], declarations: [] }
  }
  const { lexer, grammar } = tools()
  const lexed = lex(lexer, file, sink)
  return grammar.parse(file, arrange(file, lexed, sink), lexed.docs, sink)
}

function once<T>(build: () => T): () => T {
  let built: { readonly value: T } | undefined
  return () => (built ??= { value: build() }).value
}
