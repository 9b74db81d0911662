/** Cuts the text of a JSON file, as it is read, into pieces that are JSON by themselves: some elements of an array, or of the arrays in an object. */

export interface Piece {
  readonly json: string
  /** The column whose values the piece goes on with, where it begins within one. */
  readonly column: string | undefined
  /** Whether an element must stand in it, since a comma came before. */
  readonly isAfterComma: boolean
  /** Whether the text ends with it. */
  readonly isLast: boolean
  /** Whether all that was opened is closed, at the end of the text. */
  readonly isClosed: boolean
}

/** Characters; about what a text may have at all. */
const LONGEST = 1 << 28

/** @param tooLong what to throw where one element is longer than a text may be */
export async function* piecesOf(text: AsyncIterable<string>, tooLong: () => Error): AsyncGenerator<Piece> {
  const scanner = new Scanner()
  let rest = '', before = ''
  let column: string | undefined
  for await (const chunk of text) {
    rest += chunk
    const cut = scanner.scan(rest)
    if (!cut) {
      if (rest.length > LONGEST) throw tooLong()
      continue
    }
    const { at, after, before: next, column: nextColumn } = cut
    yield { json: before + rest.slice(0, at) + after, column, isAfterComma: before !== '', isLast: false, isClosed: false }
    rest = rest.slice(at + 1)
    scanner.drop(at + 1)
    before = next
    column = nextColumn
  }
  yield { json: before + rest, column, isAfterComma: before !== '', isLast: true, isClosed: scanner.isClosed }
}

/** A comma to cut at: what closes the piece that ends there, and opens the one that begins. */
interface Cut { readonly at: number; readonly after: string; readonly before: string; readonly column: string | undefined }

/** Looks for commas between elements; texts are passed over. */
class Scanner {
  private at = 0
  private depth = 0
  private isText = false
  /** Whether the outermost bracket is that of an object, and the one within it that of an array. */
  private isObject = false
  private isColumn = false
  /** The last text of the outermost object, as it is written: the name of the column that begins after it. */
  private name = ''
  private nameStart = 0

  get isClosed(): boolean {
    return this.depth === 0 && !this.isText
  }

  /** Goes on from where it was. @returns the last comma to cut at */
  scan(text: string): Cut | undefined {
    let last = -1, isWithin = false, name = this.name
    for (; this.at < text.length; this.at++) {
      const code = text.charCodeAt(this.at)
      if (code === QUOTE) this.passQuote(text)
      else if (this.isText) {
        // What is escaped ends no text.
        if (code === BACKSLASH) this.at++
      } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) this.open(code === OPEN_OBJECT)
      else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) this.depth--
      else if (code === COMMA && (this.depth === 1 || (this.depth === 2 && this.isColumn))) {
        last = this.at
        isWithin = this.depth === 2
        name = this.name
      }
    }
    if (last < 0) return undefined
    if (!isWithin) return { at: last, ...this.isObject ? { after: '}', before: '{' } : { after: ']', before: '[' }, column: undefined }
    return { at: last, after: ']}', before: `{${name}:[`, column: nameIn(name) }
  }

  private passQuote(text: string): void {
    this.isText = !this.isText
    if (this.depth !== 1 || !this.isObject) return
    if (this.isText) this.nameStart = this.at
    else this.name = text.slice(this.nameStart, this.at + 1)
  }

  private open(isObject: boolean): void {
    this.depth++
    if (this.depth === 1) this.isObject = isObject
    if (this.depth === 2) this.isColumn = this.isObject && !isObject
  }

  /** So many characters have been taken from the front. */
  drop(count: number): void {
    this.at -= count
    this.nameStart -= count
  }
}

const [QUOTE, BACKSLASH, COMMA, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 44, 91, 93, 123, 125]

/** Damaged texts are for whoever parses the piece. */
function nameIn(json: string): string | undefined {
  try {
    return String(JSON.parse(json))
  } catch {
    return undefined
  }
}
