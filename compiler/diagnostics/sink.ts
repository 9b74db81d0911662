/** Where every phase puts what it has to say about the user's program. */
import type { Span } from '../source/source'
import { fill, REGISTRY, REPLACED_BY, type Code, type ParametersOf, type Row, type Severity, type Value } from './registry'

export interface Related {
  readonly span: Span
  readonly message: string
}

export interface Diagnostic {
  readonly code: Code
  readonly id: `BP${number}`
  readonly severity: Severity
  readonly message: string
  readonly span: Span
  readonly related: readonly Related[]
  readonly help?: string
  /** Words under the primary span; the message itself is not repeated there. */
  readonly label?: string
  /** What the text at the place was meant to be, where a suggestion says so. */
  readonly replacement?: string
  /** Of a mistake inside a routine that is reported at its call: the mistake itself. */
  readonly inner?: Diagnostic
  /** Of a bug of the compiler: what was thrown. */
  readonly cause?: unknown
}

/** Nobody mends more at once, and each takes its time to word. */
export const MISTAKES_LIMIT = 1000

export interface Extra {
  readonly related?: readonly Related[]
  /** Takes the place of the help in the registry. */
  readonly help?: string
  readonly label?: string
  readonly inner?: Diagnostic
  readonly cause?: unknown
}

export class DiagnosticSink {
  /** Made with the first: there is a sink for every turn of a loop that is written out. */
  #found: Map<string, Diagnostic> | undefined
  #files: Map<Span['file'], number> | undefined
  #errors = 0

  report<C extends Code>(code: C, span: Span, params: ParametersOf<C>, extra: Extra = {}): void {
    const row: Row = REGISTRY[code]
    const values: Readonly<Record<string, Value | undefined>> = params
    const message = fill(row.message, values) ?? row.message
    const help = extra.help ?? filled(row.help, values) ?? filled(row.otherwise, values)
    const meant = values[REPLACED_BY[code] ?? '']
    const replacement = meant === undefined ? undefined : String(meant)
    this.add({ code, id: row.id, severity: row.severity, message, span, related: extra.related ?? [], help, label: extra.label, replacement, inner: extra.inner, ...('cause' in extra ? { cause: extra.cause } : {}) })
  }

  /** Takes over what another sink collected; exact repeats are dropped, and so is everything behind the last mistake that is told. */
  add(diagnostic: Diagnostic): void {
    if (this.isFull) return
    const { code, span, message } = diagnostic
    const key = `${code}|${this.#numberOf(span)}|${span.start}|${span.end}|${message}`
    this.#found ??= new Map()
    if (this.#found.has(key)) return
    this.#found.set(key, diagnostic)
    if (diagnostic.severity === 'error' && ++this.#errors === MISTAKES_LIMIT) this.report('too-many-mistakes', span, { limit: MISTAKES_LIMIT })
  }

  /** How many different diagnostics there are so far. */
  get size(): number {
    return this.#found?.size ?? 0
  }

  /** Whether nothing more will be told. */
  get isFull(): boolean {
    return this.#errors > MISTAKES_LIMIT
  }

  get hasErrors(): boolean {
    return this.#errors > 0
  }

  /** By file name, then by place; equal places stay in the order in which they were reported. */
  get all(): readonly Diagnostic[] {
    return [...this.#found?.values() ?? []].sort((a, b) =>
      compare(a.span.file.name, b.span.file.name) || a.span.start - b.span.start || a.span.end - b.span.end)
  }

  #numberOf(span: Span): number {
    this.#files ??= new Map()
    const known = this.#files.get(span.file)
    if (known !== undefined) return known
    this.#files.set(span.file, this.#files.size)
    return this.#files.size - 1
  }
}

function filled(template: string | undefined, values: Readonly<Record<string, Value | undefined>>): string | undefined {
  return template === undefined ? undefined : fill(template, values)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
