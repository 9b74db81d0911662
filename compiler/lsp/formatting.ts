/** The one layout, as edits of what stands between the words: so the cursor stays, and a part of a file can be laid out alone. */
import type { Range, TextEdit } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { scan } from '../1-parse/scan'
import { DiagnosticSink } from '../diagnostics/sink'
import { format } from '../format/format'
import type { SourceFile } from '../source/source'

/** A word or comment, by its place. */
interface Piece { readonly start: number; readonly end: number; readonly text: string }

/** @returns no edits where the text has mistakes, which are reported as such */
export function formatting(document: TextDocument, range?: Range): readonly TextEdit[] {
  const before: SourceFile = { name: document.uri, text: document.getText() }
  const formatted = format(before)
  if (!formatted.ok) return []
  const after: SourceFile = { name: document.uri, text: formatted.text }
  const [old, now] = [piecesOf(before), piecesOf(after)]
  const lineEnd = before.text.includes('\r\n') ? '\r\n' : '\n'
  const [from, to] = range ? [document.offsetAt(range.start), document.offsetAt(range.end)] : [0, before.text.length]
  const edit = (start: number, end: number, text: string): readonly TextEdit[] => {
    const newText = lineEnd === '\n' ? text : text.replaceAll('\n', lineEnd)
    // The space before the first word of the range is part of it.
    const isInside = end >= from && start < Math.max(to, from + 1)
    return !isInside || before.text.slice(start, end) === newText ? [] : [{ range: { start: document.positionAt(start), end: document.positionAt(end) }, newText }]
  }
  // Formatting moves no word; where it did, only the whole can be exchanged.
  if (old.length !== now.length) return range ? [] : edit(0, before.text.length, after.text)
  const ends = [...old, { start: before.text.length, end: before.text.length, text: '' }]
  const newEnds = [...now, { start: after.text.length, end: after.text.length, text: '' }]
  return ends.flatMap((piece, at) => {
    const [last, newLast, newPiece] = [ends[at - 1], newEnds[at - 1], newEnds[at]]
    const gap = edit(last?.end ?? 0, piece.start, after.text.slice(newLast?.end ?? 0, newPiece?.start))
    return [...gap, ...(newPiece && newPiece.text !== piece.text ? edit(piece.start, piece.end, newPiece.text) : [])]
  })
}

function piecesOf(file: SourceFile): readonly Piece[] {
  const found = scan(file, new DiagnosticSink())
  if (!found) return []
  const words = found.tokens.filter(({ kind }) => kind !== 'separator')
  return [...words, ...found.comments].map(({ text, span: { start, end } }) => ({ start, end, text })).sort((a, b) => a.start - b.start)
}
