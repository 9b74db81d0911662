/** What names and calls turned out to be: a table filled while a file is elaborated, where an editor asks for it. */
import type { SourceFile, Span } from '../source/source'
import { describe, isNumeric, type Meaning } from './meaning'

export interface Seen {
  /** `real[batch, 4]`, `4 qubits`. */
  readonly type: string
  readonly isTensor: boolean
  /** Of a number that is known and always the same. */
  readonly value?: number
}

/**
 * By the place of a name, or of the name that is called. A generic routine is gone through by itself before any of its calls,
 * and then once a call: what was seen first, with its sizes open, stays.
 */
export class SeenTypes {
  readonly #found = new Map<SourceFile, Map<number, Seen>>()

  add({ file, start }: Span, meaning: Meaning): void {
    if (meaning.kind === 'unknown') return
    const own = this.#found.get(file) ?? new Map<number, Seen>()
    this.#found.set(file, own)
    const known = own.get(start)
    const value = meaning.kind === 'static' && meaning.shape.length === 0 ? meaning.data[0] : undefined
    if (!known) own.set(start, { type: meaning.kind === 'size' ? 'int' : describe(meaning), isTensor: isNumeric(meaning), value })
    else if (known.value !== undefined && known.value !== value) own.set(start, { ...known, value: undefined })
  }

  at({ file, start }: Span): Seen | undefined {
    return this.#found.get(file)?.get(start)
  }
}
