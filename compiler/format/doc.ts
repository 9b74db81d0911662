/**
 * A layout with its choices still open, and the printer that makes them: a line breaks only where what follows does not fit.
 * After Wadler, "A prettier printer" (2003), in its strict form by a stack; indentation counts from the line at hand, so that
 * a bracket opened at its end is closed below its beginning.
 */

export const WIDTH = 120
const INDENT = 2

export type Doc =
  | string
  | readonly Doc[]
  /** Text that may be moved to a column: see columns.ts. */
  | { readonly kind: 'stop'; readonly text: string; readonly stop: Stop }
  /** A statement begins. */
  | { readonly kind: 'row'; readonly row: Row }
  /** A new line, or what stands in its place where there is none. */
  | { readonly kind: 'line'; readonly flat: '' | ' ' | '; ' }
  /** A new line in any case, with an empty one before it or not. */
  | { readonly kind: 'newline'; readonly blank: boolean }
  /** A comment for the end of the line. */
  | { readonly kind: 'trailing'; readonly text: string; readonly stop: Stop }
  /** Lines in it break all or none. */
  | { readonly kind: 'group'; readonly doc: Doc; readonly broken: boolean }
  /** Each line breaks by itself, where the content behind it does not fit. */
  | { readonly kind: 'fill'; readonly first?: Doc; readonly rest: readonly Continued[]; /** How many of the rest are done. */ readonly from?: number }
  /** Further in than the line at hand, by so many levels. */
  | { readonly kind: 'nest'; readonly levels: number; readonly doc: Doc }
  /** Behind a `=`: on the same line, or on the next where it then fits. */
  | { readonly kind: 'hang'; readonly doc: Doc }
  /** Brackets around something that stands on lines of its own or on none. */
  | { readonly kind: 'bracket'; readonly open: Doc; readonly body: Doc; readonly close: Doc; readonly pad: '' | ' '; readonly broken: boolean; readonly isBlock: boolean }

export interface Continued { readonly line: Doc; readonly content: Doc }

export interface Row { readonly statement: number }

/** Where neighbours may line up. `statement` names the row that it belongs to. */
export interface Stop {
  readonly kind: StopKind
  readonly statement: number
  /** As it was written: how far behind the beginning of its statement, and how much space stood before it. */
  readonly column: number
  readonly gap: number
}
export type StopKind = 'word' | 'type' | 'equal' | 'assignment' | 'tilde' | 'operand' | 'comment'

/** What the printer notes of where things came to stand, for columns.ts. */
export interface Printed {
  readonly lines: readonly string[]
  readonly rows: readonly { readonly statement: number; readonly line: number; readonly indent: number }[]
  readonly stops: readonly { readonly stop: Stop; readonly line: number; readonly offset: number }[]
}

type Mode = 'flat' | 'broken'
interface Command { readonly doc: Doc; readonly mode: Mode; readonly indent: number }

export const line: Doc = { kind: 'line', flat: ' ' }
export const newline: Doc = { kind: 'newline', blank: false }

const PLAIN = /^[ -~]*$/

/** Characters as they are counted in columns: marks stand above letters. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : [...text.replace(/\p{M}/gu, '')].length
}

export function print(doc: Doc): Printed {
  return new Printer().run(doc)
}

class Printer {
  readonly #lines: string[] = []
  readonly #rows: Printed['rows'][number][] = []
  readonly #stops: Printed['stops'][number][] = []
  readonly #stack: Command[] = []
  #line = ''
  /** Of the line at hand. */
  #width = 0
  /** Of the line at hand. */
  #indent = 0
  #trailing: Extract<Doc, { kind: 'trailing' }>[] = []

  run(doc: Doc): Printed {
    this.#stack.push({ doc, mode: 'broken', indent: 0 })
    for (let command = this.#stack.pop(); command !== undefined; command = this.#stack.pop()) this.#execute(command)
    this.#flush()
    this.#lines.push(this.#line.trimEnd())
    return { lines: this.#lines, rows: this.#rows, stops: this.#stops }
  }

  #execute({ doc, mode, indent }: Command): void {
    if (typeof doc === 'string') return this.#write(doc)
    if (isList(doc)) {
      for (const part of doc.toReversed()) this.#stack.push({ doc: part, mode, indent })
      return
    }
    switch (doc.kind) {
      case 'stop': {
        this.#stops.push({ stop: doc.stop, line: this.#lines.length, offset: this.#line.length })
        return this.#write(doc.text)
      }
      case 'row': {
        if (this.#line.trim() === '') this.#rows.push({ statement: doc.row.statement, line: this.#lines.length, indent: this.#indent })
        return
      }
      case 'line': return mode === 'flat' ? this.#write(doc.flat) : this.#newline(indent, false)
      case 'newline': return this.#newline(indent, doc.blank)
      case 'trailing': {
        this.#trailing.push(doc)
        return
      }
      case 'group': {
        const next: Command = { doc: doc.doc, mode: 'flat', indent }
        return this.#push({ ...next, mode: !doc.broken && (mode === 'flat' || this.#fits(next)) ? 'flat' : 'broken' })
      }
      case 'fill': return this.#fill(doc, mode, indent)
      case 'nest': return this.#push({ doc: doc.doc, mode, indent: this.#indent + doc.levels * INDENT })
      case 'hang': return this.#hang(doc, mode)
      case 'bracket': return this.#bracket(doc, mode, indent)
      default: return doc satisfies never
    }
  }

  /** In the order in which they are to be executed. */
  #push(...commands: readonly Command[]): void {
    for (const command of commands.toReversed()) this.#stack.push(command)
  }

  #bracket(doc: Extract<Doc, { kind: 'bracket' }>, mode: Mode, indent: number): void {
    const flat: Command = { doc: [doc.open, doc.pad, doc.body, doc.pad, doc.close], mode: 'flat', indent }
    if (!doc.broken && (mode === 'flat' || this.#fits(flat))) return this.#push(flat)
    const outer = this.#indent
    const inner = outer + INDENT
    this.#push(
      { doc: doc.open, mode: 'broken', indent: outer }, { doc: newline, mode: 'broken', indent: inner }, { doc: doc.body, mode: 'broken', indent: inner },
      { doc: newline, mode: 'broken', indent: outer }, { doc: doc.close, mode: 'broken', indent: outer },
    )
  }

  #hang(doc: Extract<Doc, { kind: 'hang' }>, mode: Mode): void {
    const indent = this.#indent + INDENT
    const flat: Command = { doc: [' ', doc.doc], mode: 'flat', indent }
    if (mode === 'flat') return this.#push(flat)
    if (!this.#fits(flat) && this.#fits({ ...flat, doc: doc.doc }, indent)) this.#push({ doc: newline, mode: 'broken', indent }, { doc: doc.doc, mode: 'broken', indent })
    else this.#push({ doc: [' ', doc.doc], mode: 'broken', indent: this.#indent })
  }

  #fill({ first, rest, from = 0 }: Extract<Doc, { kind: 'fill' }>, mode: Mode, indent: number): void {
    if (first !== undefined) {
      const flat: Command = { doc: first, mode: 'flat', indent }
      const fits = mode === 'flat' || this.#fits(flat, undefined, rest.length === 0)
      return this.#push(fits ? flat : { ...flat, mode: 'broken' }, { doc: { kind: 'fill', rest, from }, mode, indent })
    }
    const next = rest[from]
    if (next === undefined) return
    const fits = mode === 'flat' || this.#fits({ doc: [next.line, next.content], mode: 'flat', indent }, undefined, from + 1 === rest.length)
    this.#push({ doc: next.line, mode: fits ? 'flat' : 'broken', indent }, { doc: { kind: 'fill', first: next.content, rest, from: from + 1 }, mode, indent })
  }

  // ----------------------------------------------------------------------------------------------- writing

  #write(text: string): void {
    const [first = '', ...more] = text.split('\n')
    this.#line += first
    this.#width += widthOf(first)
    for (const next of more) {
      this.#lines.push(this.#line.trimEnd())
      this.#line = next
      this.#width = widthOf(next)
    }
  }

  #newline(indent: number, blank: boolean): void {
    this.#flush(indent)
    this.#lines.push(this.#line.trimEnd(), ...(blank ? [''] : []))
    this.#line = ' '.repeat(indent)
    this.#width = indent
    this.#indent = indent
  }

  #flush(indent = this.#indent): void {
    const [first, ...more] = this.#trailing
    this.#trailing = []
    if (first === undefined) return
    this.#line = `${this.#line.trimEnd()}  `
    this.#width = widthOf(this.#line)
    this.#stops.push({ stop: first.stop, line: this.#lines.length, offset: this.#line.length })
    this.#write(first.text)
    for (const { text } of more) this.#write(`\n${' '.repeat(Math.max(indent, this.#indent))}${text}`)
  }

  // ----------------------------------------------------------------------------------------------- measuring

  /** Whether it fits on what is left of the line, up to where a line can break anyhow. */
  #fits(command: Command, from = this.#width, withRest = true): boolean {
    let left = WIDTH - from
    let below = this.#stack.length
    const ahead: Command[] = [command]
    for (;;) {
      const next = ahead.pop() ?? (withRest && below > 0 ? this.#stack[--below] : undefined)
      if (next === undefined) return left >= 0
      const { doc, mode } = next
      const text = typeof doc === 'string' ? doc : !isList(doc) && doc.kind === 'stop' ? doc.text : undefined
      if (text !== undefined) {
        const end = text.indexOf('\n')
        left -= widthOf(end < 0 ? text : text.slice(0, end))
        if (end >= 0 || left < 0) return left >= 0
        continue
      }
      const more = typeof doc === 'string' ? [] : upcoming(doc, mode)
      if (more === 'newline') return left >= 0
      for (const part of more.toReversed()) ahead.push({ ...next, ...part })
    }
  }
}

type Measured = Pick<Command, 'doc' | 'mode'>

/** What it puts on the line at hand, or a new one. What is broken already ends the line; in what is yet to be decided nothing does. */
function upcoming(doc: Exclude<Doc, string>, mode: Mode): readonly Measured[] | 'newline' {
  const flat = (...docs: readonly Doc[]): readonly Measured[] => docs.map(each => ({ doc: each, mode: 'flat' }))
  if (isList(doc)) return doc.map(each => ({ doc: each, mode }))
  switch (doc.kind) {
    case 'line': return mode === 'flat' ? flat(doc.flat) : 'newline'
    case 'newline': return 'newline'
    case 'fill': {
      // Piece by piece: a long one ends the line before most of it is looked at.
      const { first, rest, from = 0 } = doc
      const next = rest[from]
      const start = flat(first ?? '')
      return next === undefined ? start : [...start, { doc: next.line, mode }, { doc: next.content, mode }, { doc: { kind: 'fill', rest, from: from + 1 }, mode }]
    }
    case 'nest': return [{ doc: doc.doc, mode }]
    case 'group': return [{ doc: doc.doc, mode: doc.broken ? 'broken' : 'flat' }]
    case 'hang': return mode === 'broken' ? 'newline' : flat(' ', doc.doc)
    case 'bracket': {
      if (doc.broken || (doc.isBlock && mode === 'broken')) return flat(doc.open, newline)
      return flat(doc.open, doc.pad, doc.body, doc.pad, doc.close)
    }
    case 'row': case 'trailing': case 'stop': return []
    default: return doc satisfies never
  }
}

function isList(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc)
}
