/** Text to tree: lexer, newlines and brackets, grammar. Every mistake is reported to the sink; nothing throws. */
import type { IToken } from 'chevrotain'
import { contained } from '../diagnostics/contain'
import { DiagnosticSink, type Diagnostic } from '../diagnostics/sink'
import { positionAt, type SourceFile } from '../source/source'
import type { FileNode } from './ast'
import { Grammar } from './grammar'
import { createLexer, lex, type Comment } from './lexer'
import { arrange } from './newlines'

/**
 * Built at the first parse, since building costs more than parsing a file, and a command that parses nothing should not
 * pay. A parse leaves nothing behind in them: both start afresh with each text.
 */
const tools = once(() => ({ lexer: createLexer(), grammar: new Grammar() }))

export function parse(file: SourceFile, sink: DiagnosticSink): FileNode {
  return read(file, sink)?.tree ?? { file, uses: [], declarations: [] }
}

/** The tree with what it was read from; undefined where the file is no text. */
export function read(
  file: SourceFile, sink: DiagnosticSink,
): { readonly tree: FileNode; readonly tokens: readonly IToken[]; readonly comments: readonly Comment[] } | undefined {
  const zero = file.text.indexOf('\0')
  if (zero >= 0) {
    sink.report('not-text', { file, start: zero, end: zero + 1 }, {})
    return undefined
  }
  const { lexer, grammar } = tools()
  const characters = new DiagnosticSink()
  const sentences = new DiagnosticSink()
  const lexed = lex(lexer, file, characters)
  const arranged = arrange(file, lexed, sentences)
  // Where it is given up, what was found on the way is told all the same.
  const tree = contained(sentences, () => ({ file, start: 0, end: 0 }), () => grammar.parse(file, arranged, lexed.docs, sentences))
  for (const diagnostic of [...characters.all, ...independentOf(characters.all, sentences.all)]) sink.add(diagnostic)
  return tree && { tree, tokens: arranged.tokens, comments: lexed.comments }
}

/**
 * Sentences that are wrong of themselves. Where characters could not be read, what is left of their line makes no sentence,
 * and behind a comment that never ends no bracket can be closed.
 */
function independentOf(characters: readonly Diagnostic[], sentences: readonly Diagnostic[]): readonly Diagnostic[] {
  if (characters.length === 0) return sentences
  const lineOf = ({ span }: Diagnostic) => positionAt(span.file, span.start).line
  const broken = new Set(characters.map(lineOf))
  const comment = characters.find(diagnostic => diagnostic.code === 'unclosed-comment')
  return sentences.filter(diagnostic => !broken.has(lineOf(diagnostic))
    && !(comment && diagnostic.code === 'unclosed-bracket' && diagnostic.span.start < comment.span.start))
}

function once<T>(build: () => T): () => T {
  let built: { readonly value: T } | undefined
  return () => (built ??= { value: build() }).value
}
