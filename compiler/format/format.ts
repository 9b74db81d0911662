/** The one layout of a file. It moves no token and loses no comment, or gives nothing at all. */
import type { Comment } from '../1-parse/lexer'
import { scan, type Scan } from '../1-parse/scan'
import { DiagnosticSink, type Diagnostic } from '../diagnostics/sink'
import type { SourceFile } from '../source/source'
import { align } from './columns'
import { print } from './doc'
import { layoutOf } from './layout'
import { treeOf } from './tree'

export type Formatted =
  | { readonly ok: true; readonly text: string }
  /** The text has mistakes, and stays as it is. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/**
 * Two spaces a level, one between words, lines of up to 120 characters that end in a line feed.
 * Columns that were lined up stay so, and so do blocks and brackets that were on several lines.
 */
export function format(file: SourceFile): Formatted {
  const sink = new DiagnosticSink()
  if (scan(file, sink) === undefined) return { ok: false, diagnostics: sink.all }
  const before = { name: file.name, text: file.text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n') }
  const scanned = scan(before, sink)
  if (scanned === undefined) return refusal(file, 'the file reads otherwise with other line ends')
  let text = before.text
  for (let pass = 0, last = scanned; pass < PASSES; pass++) {
    const next = textOf(text, last)
    if (next === text) break
    const again = scan({ name: file.name, text: next }, sink)
    const difference = again === undefined ? 'a text that cannot be read' : differenceOf(last, again)
    if (again === undefined || difference !== undefined) return refusal(file, `formatting gave ${difference}`)
    last = again
    text = next
  }
  return { ok: true, text }
}

/** A comment that has been moved can stand where the next pass would put it a little further; nothing else needs a second one. */
const PASSES = 4

function textOf(text: string, scanned: Scan): string {
  const lines = align(print(layoutOf(treeOf(text, scanned))))
  return lines.length === 1 && lines[0] === '' ? '' : `${lines.join('\n')}\n`
}

function refusal(file: SourceFile, what: string): Formatted {
  const sink = new DiagnosticSink()
  sink.report('internal-error', { file, start: 0, end: 0 }, { what })
  return { ok: false, diagnostics: sink.all }
}

function differenceOf(before: Scan, after: Scan): string | undefined {
  if (wordsOf(before) !== wordsOf(after)) return 'other tokens'
  if (commentsOf(before.comments) !== commentsOf(after.comments)) return 'other comments'
  return shapeOf(before) === shapeOf(after) ? undefined : 'another meaning'
}

function wordsOf({ tokens }: Scan): string {
  return tokens.filter(token => token.kind !== 'separator').map(token => token.text).join('\n')
}

function commentsOf(comments: readonly Comment[]): string {
  return comments.map(comment => comment.text.replace(/[ \t]+$/gm, '').trimEnd()).join('\n')
}

/** The tree with its documentation, and without places. */
function shapeOf({ tree }: Scan): string {
  return JSON.stringify(tree, (key, value: unknown) => (['span', 'file', 'operatorSpan', 'signature', 'keyword', 'indexed'].includes(key) ? undefined : value))
}
