/** Source text and places in it. A `Span` is the one link that every later phase keeps back to what the user wrote. */

export interface SourceFile {
  /** As the user named it, or `std.nn` for a module of the standard library. */
  readonly name: string
  readonly text: string
}

/** A half-open range of UTF-16 offsets. */
export interface Span {
  readonly file: SourceFile
  readonly start: number
  readonly end: number
}

/** 1-based line and column, columns in UTF-16 units as editors count them. */
export interface Position {
  readonly line: number
  readonly column: number
}

export function positionAt(file: SourceFile, offset: number): Position {
  const before = file.text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let i = before.indexOf('\n'); i >= 0; i = before.indexOf('\n', i + 1)) line++
  return { line, column: offset - lineStart + 1 }
}

export function spanBetween(first: Span, last: Span): Span {
  return { file: first.file, start: first.start, end: last.end }
}

export function textOf(span: Span): string {
  return span.file.text.slice(span.start, span.end)
}
