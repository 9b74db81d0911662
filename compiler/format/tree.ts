/** Tokens in the order of their brackets, each with the comments that go with it. */
import type { Scan, SourceToken } from '../1-parse/scan'
import { widthOf } from './doc'

/** A comment, or several that share a line. */
export interface Remark {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly blankBefore: boolean
  /** 1-based, and how much space stood before it. */
  readonly column: number
  readonly gap: number
}

export interface Leaf {
  readonly token: SourceToken
  /** On lines of their own above it. */
  readonly above: readonly Remark[]
  /** Before it on its line. */
  readonly before: readonly string[]
  /** Behind it, to the end of its line. */
  readonly behind: readonly Remark[]
  readonly newlineBefore: boolean
  /** An empty line stands right above it. */
  readonly blankBefore: boolean
  /** 1-based, in characters as they are seen, and the space on its line before it. */
  readonly column: number
  readonly gap: number
}

/**
 * `block` holds statements, `entries` what `data` and `group` have in braces, `names` those of a `use`. A part of a row ends
 * in its comma.
 */
export interface Bracket {
  readonly kind: 'round' | 'square' | 'block' | 'entries' | 'names'
  readonly open: Leaf
  readonly parts: readonly Sequence[]
  readonly close: Leaf
}

export type Node = Leaf | Bracket
export type Sequence = readonly Node[]

export interface Tree {
  readonly statements: readonly Sequence[]
  /** Comments behind the last token. */
  readonly end: readonly Remark[]
}

export function isBracket(node: Node): node is Bracket {
  return 'parts' in node
}

export function firstLeaf(node: Node): Leaf {
  return isBracket(node) ? node.open : node
}

export function treeOf(text: string, { tokens, comments }: Pick<Scan, 'tokens' | 'comments'>): Tree {
  const { leaves, end } = withComments(text, tokens.filter(token => token.kind !== 'separator'), comments)
  const separated = new Set<SourceToken>()
  tokens.forEach((token, index) => {
    const next = tokens[index + 1]
    if (token.kind === 'separator' && next) separated.add(next)
  })
  return { statements: new Reader(leaves, separated).statements(), end }
}

class Reader {
  readonly #leaves: readonly Leaf[]
  readonly #separated: ReadonlySet<SourceToken>
  #next = 0
  /** Within `train`, braces in braces hold entries. */
  #train = false
  #depth = 0

  constructor(leaves: readonly Leaf[], separated: ReadonlySet<SourceToken>) {
    this.#leaves = leaves
    this.#separated = separated
  }

  statements(): readonly Sequence[] {
    return this.#parts(undefined)
  }

  /** Up to the closing bracket, which stays; parts end with a comma or before what a separator stands before. */
  #parts(kind: Bracket['kind'] | undefined): readonly Sequence[] {
    const parts: Node[][] = []
    const hasCommas = kind !== undefined && kind !== 'block'
    let part: Node[] = []
    for (let leaf = this.#leaves[this.#next]; leaf !== undefined && leaf.token.kind !== 'close'; leaf = this.#leaves[this.#next]) {
      if (part.length > 0 && this.#separated.has(leaf.token)) part = finish(parts, part)
      if (kind === undefined && part.length === 0) this.#train = leaf.token.kind === 'keyword' && leaf.token.text === 'train'
      part.push(this.#node(leaf, part.at(-1)))
      if (hasCommas && leaf.token.text === ',') part = finish(parts, part)
    }
    finish(parts, part)
    return parts
  }

  #node(leaf: Leaf, before: Node | undefined): Node {
    this.#next++
    if (leaf.token.kind !== 'open') return leaf
    const kind = this.#kindOf(leaf.token.text, before)
    this.#depth++
    const parts = this.#parts(kind)
    this.#depth--
    const close = this.#leaves[this.#next++]
    if (close === undefined) throw new Error('brackets match behind the parser')
    return { kind, open: leaf, parts, close }
  }

  #kindOf(text: string, before: Node | undefined): Bracket['kind'] {
    if (text === '(') return 'round'
    if (text === '[') return 'square'
    if (before && !isBracket(before) && before.token.text === '.') return 'names'
    return this.#train && this.#depth > 0 ? 'entries' : 'block'
  }
}

function finish(parts: Node[][], part: Node[]): Node[] {
  if (part.length > 0) parts.push(part)
  return []
}

// ------------------------------------------------------------------------------------------------------ comments

function withComments(text: string, tokens: readonly SourceToken[], comments: Scan['comments']): { leaves: readonly Leaf[]; end: readonly Remark[] } {
  const newlines = lineCounter(text)
  const place = placer(text)
  const remarks = remarksOf(text, comments, newlines)
  const leaves: { -readonly [K in keyof Leaf]: Leaf[K] }[] = []
  let next = 0
  for (const token of tokens) {
    const gathered: Remark[] = []
    const before = leaves.at(-1)
    const from = before?.token.span.end ?? 0
    for (let remark = remarks[next]; remark && remark.start < token.span.start; remark = remarks[++next]) {
      const follows = before !== undefined && newlines(from, remark.start) === 0
      if (follows && newlines(remark.end, token.span.start) > 0) before.behind = [...before.behind, remark]
      else gathered.push(remark)
    }
    const isInline = ({ end }: Remark) => newlines(end, token.span.start) === 0
    leaves.push({
      token, behind: [],
      above: gathered.filter(remark => !isInline(remark)),
      before: gathered.filter(isInline).map(remark => remark.text),
      newlineBefore: before === undefined || newlines(from, token.span.start) > 0,
      blankBefore: newlines(Math.max(from, remarks[next - 1]?.end ?? 0), token.span.start) > 1,
      ...place(token.span.start),
    })
  }
  const last = leaves.at(-1)
  const rest = remarks.slice(next)
  const behind = rest.filter(({ start }) => last !== undefined && newlines(last.token.span.end, start) === 0)
  if (last) last.behind = [...last.behind, ...behind]
  return { leaves, end: rest.slice(behind.length) }
}

/** Comments that share a line stay together: a `///` behind another one documents nothing. */
function remarksOf(text: string, comments: Scan['comments'], newlines: ReturnType<typeof lineCounter>): readonly Remark[] {
  const remarks: Remark[] = []
  const place = placer(text)
  comments.forEach((comment, index) => {
    const { start, end } = comment.span
    const last = comments[index - 1]?.span.end
    const between = last === undefined ? text.slice(0, start) : text.slice(last, start)
    const above = remarks.at(-1)
    if (above && last !== undefined && between.trim() === '' && newlines(last, start) === 0) {
      remarks[remarks.length - 1] = { ...above, text: `${above.text} ${comment.text.trimEnd()}`, end }
    } else {
      const blankBefore = newlines(start - between.length + between.trimEnd().length, start) > 1
      remarks.push({ text: comment.text.trimEnd(), start, end, ...place(start), blankBefore })
    }
  })
  return remarks
}

/** How many lines end between two places. */
function lineCounter(text: string): (from: number, to: number) => number {
  const ends: number[] = []
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) ends.push(at)
  const before = (place: number) => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < place) low = middle + 1
      else high = middle
    }
    return low
  }
  return (from, to) => before(to) - before(from)
}

/** Where on its line something stands. Places are asked for in their order, so that a line of a million characters is gone through once. */
function placer(text: string): (start: number) => { readonly column: number; readonly gap: number } {
  let last = 0
  let width = 0
  return start => {
    const since = text.slice(last, start)
    const line = since.slice(since.lastIndexOf('\n') + 1)
    width = line.length === since.length ? width + widthOf(line) : widthOf(line)
    last = start
    let from = start
    while (from > 0 && text[from - 1] !== '\n' && text[from - 1]?.trim() === '') from--
    return { column: width + 1, gap: start - from }
  }
}
