/** A diagnostic as text with a code frame, and as the JSON object of `--json`. */
import { positionAt, type SourceFile, type Span } from '../source/source'
import type { Severity } from './registry'
import type { Diagnostic, Related } from './sink'

/** How to colour; each is left out where there are no colours. */
export interface Style {
  readonly bold?: Paint
  readonly dim?: Paint
  readonly red?: Paint
  readonly yellow?: Paint
  readonly cyan?: Paint
}
export type Paint = (text: string) => string

const plain: Paint = text => text

/** Lines wider than this are shown in part. */
const WIDTH_LIMIT = 160
const TAB = 4
/** Of a line of a million characters only so many on either side are looked at: taking text apart costs more than its length. */
const REACH = 1000

export function renderDiagnostic(diagnostic: Diagnostic, style: Style = {}): string {
  const { span, severity, id, code, message } = diagnostic
  const { line, column } = positionAt(span.file, span.start)
  const bold = style.bold ?? plain
  const tone = toneOf(severity, style)
  const head = `${bold(`${span.file.name}:${line}:${column}`)} - ${tone(severity)} ${bold(id)} ${code}: ${message}`
  const primary: Mark = { span, label: diagnostic.label ?? '', sign: '^', paint: tone }
  const marks = [primary, ...diagnostic.related.map(related => markOf(related, style))]
  const here = frame(marks.filter(mark => mark.span.file === span.file), primary, style)
  const others = [...new Set(diagnostic.related.map(related => related.span.file))].filter(file => file !== span.file)
  const elsewhere = others.flatMap(file => {
    const within = marks.filter(mark => mark.span.file === file)
    const [first] = within
    if (first === undefined) return []
    const at = positionAt(file, first.span.start)
    return [`  ${bold(`${file.name}:${at.line}:${at.column}`)}`, ...frame(within, first, style)]
  })
  const help = diagnostic.help === undefined ? [] : [`  ${bold('help')}: ${diagnostic.help}`]
  return [head, ...here, ...elsewhere, ...help].join('\n')
}

export function renderDiagnostics(diagnostics: readonly Diagnostic[], style: Style = {}): string {
  return diagnostics.map(diagnostic => renderDiagnostic(diagnostic, style)).join('\n\n')
}

function toneOf(severity: Severity, style: Style): Paint {
  switch (severity) {
    case 'error': return style.red ?? plain
    case 'warning': return style.yellow ?? plain
    case 'note': return style.cyan ?? plain
    default: return severity satisfies never
  }
}

// --------------------------------------------------------------------------------------------------------- JSON

export interface DiagnosticJson {
  readonly code: string
  readonly id: string
  readonly severity: Severity
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly related: readonly { readonly message: string; readonly file: string; readonly line: number; readonly column: number }[]
  readonly help?: string
}

export function diagnosticJson(diagnostic: Diagnostic): DiagnosticJson {
  const { code, id, severity, message, span, related, help } = diagnostic
  const place = ({ file, start }: Span) => ({ file: file.name, ...positionAt(file, start) })
  return {
    code, id, severity, message, ...place(span),
    related: related.map(item => ({ message: item.message, ...place(item.span) })),
    ...(help === undefined ? {} : { help }),
  }
}

// -------------------------------------------------------------------------------------------------------- frames

interface Mark {
  readonly span: Span
  readonly label: string
  readonly sign: '^' | '-'
  readonly paint: Paint
}

function markOf({ span, message }: Related, style: Style): Mark {
  return { span, label: message, sign: '-', paint: style.cyan ?? plain }
}

/** The lines that the marks begin on, each once, with its marks below it. */
function frame(marks: readonly Mark[], focus: Mark, style: Style): readonly string[] {
  const dim = style.dim ?? plain
  const byLine = new Map<number, Mark[]>()
  for (const mark of marks) {
    const { line } = positionAt(mark.span.file, mark.span.start)
    byLine.set(line, [...(byLine.get(line) ?? []), mark])
  }
  const lines = [...byLine].sort(([a], [b]) => a - b)
  const gutter = Math.max(5, String(lines.at(-1)?.[0] ?? 0).length + 2)
  return lines.flatMap(([line, onLine]) => {
    const source = cellsOf(focus.span.file, (onLine.includes(focus) ? focus : onLine[0] ?? focus).span)
    const shown = `${dim(`${String(line).padStart(gutter)} |`)} ${source.cells.map(cell => cell.text).join('')}`.trimEnd()
    const below = [...onLine].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
      .map(mark => `${dim(`${' '.repeat(gutter)} |`)} ${underline(source, mark)}`)
    return [shown, ...below]
  })
}

/** What one character of a line looks like on a terminal. */
interface Cell {
  readonly text: string
  readonly width: number
  readonly offset: number
}

interface Line {
  readonly cells: readonly Cell[]
  /** Where the text of the line ends. */
  readonly end: number
}

function underline({ cells, end }: Line, mark: Mark): string {
  const to = Math.min(Math.max(mark.span.end, mark.span.start + 1), Math.max(end, mark.span.start + 1))
  const before = sum(cells.filter(cell => cell.offset < mark.span.start))
  const under = sum(cells.filter(cell => cell.offset >= mark.span.start && cell.offset < to))
  const label = mark.label === '' ? '' : ` ${mark.label}`
  return ' '.repeat(before) + mark.paint(mark.sign.repeat(Math.max(1, under)) + label)
}

function sum(cells: readonly Cell[]): number {
  return cells.reduce((total, cell) => total + cell.width, 0)
}

function cellsOf(file: SourceFile, span: Span): Line {
  const start = file.text.lastIndexOf('\n', span.start - 1) + 1
  const newline = file.text.indexOf('\n', span.start)
  const whole = file.text.slice(start, newline < 0 ? undefined : newline).replace(/\r$/, '')
  const from = Math.max(0, span.start - start - REACH)
  const text = whole.slice(from, span.start - start + REACH)
  const cells: Cell[] = []
  let column = 0
  for (const { segment, index } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    const [shown, width] = segment === '\t' ? tab(column) : appearance(segment)
    cells.push({ text: shown, width, offset: start + from + index })
    column += width
  }
  return { cells: column > WIDTH_LIMIT ? windowed(cells, span.start) : cells, end: start + whole.length }
}

function tab(column: number): readonly [string, number] {
  const width = TAB - column % TAB
  return [' '.repeat(width), width]
}

/** Control characters and those that turn the direction of text would let a source file repaint the terminal. */
function appearance(character: string): readonly [string, number] {
  if (/^(?:\p{Cc}|(?!\u200d)\p{Cf})/u.test(character)) return ['\ufffd', 1]
  if (/^\p{M}+$/u.test(character)) return [` ${character}`, 1]
  const wide = /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f000}-\u{1faff}]|[\u{20000}-\u{3fffd}])/u
  return [character, wide.test(character) ? 2 : 1]
}

/** The part of a long line around a place, its cut ends marked. */
function windowed(cells: readonly Cell[], place: number): readonly Cell[] {
  const at = Math.max(0, cells.findLastIndex(cell => cell.offset <= place))
  const from = Math.max(0, at - 60)
  const part = cells.slice(from, from + WIDTH_LIMIT - 40)
  const [first, last] = [part[0], part.at(-1)]
  if (first === undefined || last === undefined) return part
  return [
    ...(from > 0 ? [{ text: '…', width: 1, offset: first.offset - 1 }] : []),
    ...part,
    ...(from + part.length < cells.length ? [{ text: '…', width: 1, offset: last.offset + 1 }] : []),
  ]
}
