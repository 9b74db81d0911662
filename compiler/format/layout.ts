/**
 * From brackets and words to a layout. Lines break where the author broke them, as far as a break is of use there: behind an
 * operator, a comma or a `=`, before `|>`, `then`, `else` and a comprehension's `for`, inside brackets. Blocks and comments keep
 * their lines; everything else is a matter of width.
 */
import { line, newline, type Continued, type Doc, type Stop, type StopKind } from './doc'
import { breaksInside, firstLeafOf, isBlock, isText, isWideSlice, levelAt, operandOf, split, worldOf, type World } from './parts'
import { spaceBefore } from './spacing'
import { isBracket, type Bracket, type Leaf, type Node, type Remark, type Sequence, type Tree } from './tree'

export function layoutOf(tree: Tree): Doc {
  return new Layout().file(tree)
}

/** Statements whose first word may have a column of its own behind it. */
const WORDS: ReadonlySet<string> = new Set(['input', 'target', 'param', 'output', 'loss', 'metric', 'state', 'update', 'rate', 'assert', 'frozen'])

class Layout {
  /** How many statements there have been, and which one is at hand. */
  #count = 0
  #statement = 0
  /** Column at which it was written. */
  #start = 0
  #world: World = 'top'
  readonly #stops = new Map<Leaf, StopKind>()

  file({ statements, end }: Tree): Doc {
    const docs = statements.flatMap((statement, index) => [...this.#leading(statement, index === 0), this.#row(statement)])
    return [...docs, ...this.#above(end, statements.length === 0)].slice(1)
  }

  // --------------------------------------------------------------------------------------------- statements

  /** The new line before a statement, and the comments above it. */
  #leading(statement: Sequence, isFirst: boolean): readonly Doc[] {
    const leaf = firstLeafOf(statement[0])
    if (leaf === undefined) return []
    const blank = leaf.blankBefore && (!isFirst || leaf.above.length > 0)
    return [...this.#above(leaf.above, isFirst), { kind: 'newline', blank }]
  }

  #above(remarks: readonly Remark[], isFirst: boolean): readonly Doc[] {
    return remarks.flatMap((remark, index): Doc[] => [{ kind: 'newline', blank: remark.blankBefore && !(isFirst && index === 0) }, remark.text])
  }

  /** A statement, or an entry, on a line that may line up with its neighbours. */
  #row(nodes: Sequence): Doc {
    const outer = { statement: this.#statement, start: this.#start, world: this.#world }
    if (outer.world === 'top') this.#world = worldOf(nodes)
    const statement = ++this.#count
    this.#statement = statement
    this.#start = firstLeafOf(nodes[0])?.column ?? 0
    this.#markStops(nodes, outer.world)
    const [option, value] = outer.world === 'train' && !nodes.some(isText('=')) ? nodes : []
    const doc = option === undefined || value === undefined ? this.#items(nodes)
      : [this.#one(option), this.#stray(value), ' ', this.#items(nodes.slice(1))]
    this.#statement = outer.statement
    this.#start = outer.start
    this.#world = outer.world
    return [{ kind: 'row', row: { statement } }, doc]
  }

  #markStops(nodes: Sequence, world: World): void {
    const [first, second] = nodes
    if (first === undefined || isBracket(first)) return
    const mark = (kind: StopKind, node: Node | undefined) => {
      const leaf = firstLeafOf(node)
      if (leaf !== undefined && !this.#stops.has(leaf)) this.#stops.set(leaf, kind)
    }
    const { text, kind } = first.token
    const isWord = kind === 'keyword' && WORDS.has(text)
    const isEntry = nodes.some(isText('='))
    if (world === 'train' && !isEntry && !nodes.some(node => isBracket(node) && node.kind === 'entries')) mark('word', second)
    if (isWord) mark('word', second && text === 'frozen' && isText('param')(second) ? nodes[2] : second)
    const colon = nodes.findIndex(isText(':'))
    if (colon > 0 && (isWord || text === 'let' || text === 'var')) mark('type', nodes[colon + 1])
    mark('tilde', nodes.find(isText('~')))
    mark(kind === 'keyword' || world === 'train' ? 'equal' : 'assignment', nodes.find(isText('=')))
    if (world === 'quantum' && kind === 'name' && !isEntry) mark('operand', operandOf(nodes))
  }

  #stopOf(leaf: Leaf): Stop | undefined {
    const kind = leaf.before.length === 0 ? this.#stops.get(leaf) : undefined
    return kind && { kind, statement: this.#statement, column: leaf.column - this.#start, gap: leaf.gap }
  }

  // ------------------------------------------------------------------------------------------------ sequences

  /** `return a, b`, `cx q[0], q[1]`: what stands behind a comma is further in where it takes a line of its own. */
  #items(nodes: Sequence): Doc {
    const parts = split(nodes, isText(','), 'behind')
    return this.#filled(parts.map(part => this.#part(part, 1)), parts, 1)
  }

  /** @param ahead leaves before each part's first that count as standing in the same gap */
  #filled(docs: readonly Doc[], parts: readonly Sequence[], levels: number, ahead: readonly (Leaf | undefined)[] = []): Doc {
    const [first = '', ...others] = docs
    if (others.length === 0) return first
    const rest = others.map((content, index): Continued => ({ line: this.#gap(ahead[index + 1], parts[index + 1]?.[0]) ?? line, content }))
    return { kind: 'nest', levels, doc: { kind: 'fill', first, rest } }
  }

  /** What follows the first each begins a line, or none does. */
  #chained(docs: readonly Doc[], gaps: readonly (Doc | undefined)[]): Doc {
    const [first = '', ...others] = docs
    if (others.length === 0) return first
    const tail = others.flatMap((doc, index) => [gaps[index] ?? line, doc])
    return { kind: 'group', broken: gaps.some(gap => gap !== undefined), doc: [first, { kind: 'nest', levels: 1, doc: tail }] }
  }

  /** What stands between two commas: a definition, an initialiser, or an expression. */
  #part(nodes: Sequence, levels: number, isIndex = false): Doc {
    const equal = nodes.findIndex(isText('='))
    if (equal > 0 && equal < nodes.length - 1) {
      const value = nodes.slice(equal + 1)
      const head = this.#words(nodes.slice(0, equal + 1))
      const gap = this.#gap(undefined, value[0])
      const doc = this.#expression(value, levels)
      return gap === undefined ? [head, { kind: 'hang', doc }] : [head, { kind: 'nest', levels: 1, doc: [gap, doc] }]
    }
    const parts = split(nodes, isText('~'), 'before')
    if (parts.length > 1) {
      const docs = parts.map((part, index) => (index === 0 ? this.#words(part) : [this.#one(part[0]), this.#stray(part[1]), ' ', this.#expression(part.slice(1), levels)]))
      return this.#filled(docs, parts, levels, parts.map(part => firstLeafOf(part[1])))
    }
    return this.#expression(nodes, levels, isIndex)
  }

  #expression(nodes: Sequence, levels: number, isIndex = false): Doc {
    const parts = split(nodes, isText('|>'), 'before')
    const docs = parts.map((part, index) => (index === 0 ? this.#choice(part, levels, isIndex) : [this.#one(part[0]), this.#stray(part[1]), ' ', this.#choice(part.slice(1), levels)]))
    return this.#chained(docs, parts.slice(1).map(part => this.#gap(firstLeafOf(part[1]), part[0])))
  }

  /** `if c then a else b`: every `else` begins a line or none does, a `then` where it must. */
  #choice(nodes: Sequence, levels: number, isIndex = false): Doc {
    const branches = nodes.some(isText('then')) ? split(nodes, isText('else'), 'before') : [nodes]
    const docs = branches.map(branch => {
      const parts = split(branch, isText('then'), 'before')
      return this.#filled(parts.map(part => this.#comprehension(part, levels, isIndex)), parts, levels, parts.map(part => firstLeafOf(part[1])))
    })
    return this.#chained(docs, branches.slice(1).map(branch => this.#gap(firstLeafOf(branch[1]), branch[0])))
  }

  #comprehension(nodes: Sequence, levels: number, isIndex: boolean): Doc {
    const parts = nodes.some(isBlock) ? [nodes] : split(nodes, isText('for'), 'before')
    return this.#filled(parts.map(part => this.#blocks(part, levels, isIndex)), parts, levels)
  }

  /** `for … { … }`, `if … { … } else { … }`: what stands around blocks by itself. */
  #blocks(nodes: Sequence, levels: number, isIndex: boolean): Doc {
    const runs = split(nodes, isBlock, 'behind')
    return runs.map((run, index) => {
      const block = run.at(-1)
      const space = index === 0 ? '' : [this.#stray(run[0]), ' ']
      if (block === undefined || !isBlock(block)) return [space, this.#operators(run, levels, isIndex)]
      if (run.length === 1) return [space, this.#bracket(block)]
      return [space, this.#operators(run.slice(0, -1), levels, isIndex), this.#stray(block), ' ', this.#bracket(block)]
    })
  }

  /** Taken apart where binding is loosest, the parts again in their turn. */
  #operators(nodes: Sequence, levels: number, isIndex: boolean): Doc {
    const loosest = Math.min(...nodes.map((_, index) => levelAt(nodes, index)))
    if (loosest === Infinity || (isIndex && nodes.some(isText(':')))) return this.#words(nodes, isIndex)
    const parts = split(nodes, (_, index) => levelAt(nodes, index) === loosest, 'behind')
    const docs = parts.map((part, index) => {
      if (index === parts.length - 1) return this.#operators(part, levels, isIndex)
      return [this.#operators(part.slice(0, -1), levels, isIndex), this.#stray(part.at(-1)), ' ', this.#one(part.at(-1))]
    })
    // A break before an operator is one behind it.
    return this.#filled(docs, parts, levels, parts.map((_, index) => firstLeafOf(parts[index - 1]?.at(-1))))
  }

  /** In one line, which only brackets may break. */
  #words(nodes: Sequence, isIndex = false): Doc {
    const around = { isIndex, isWideSlice: isIndex && isWideSlice(nodes) }
    return nodes.map((node, index) => (index === 0 ? this.#one(node) : [this.#stray(node), spaceBefore(nodes, index, around), this.#one(node)]))
  }

  #one(node: Node | undefined): Doc {
    if (node === undefined) return ''
    return isBracket(node) ? this.#bracket(node) : this.#leaf(node)
  }

  #leaf(leaf: Leaf): Doc {
    const text = [...leaf.before, leaf.token.text].join(' ')
    const stop = this.#stopOf(leaf)
    const behind = leaf.behind.map((remark): Doc =>
      ({ kind: 'trailing', text: remark.text, stop: { kind: 'comment', statement: this.#statement, column: remark.column - this.#start, gap: remark.gap } }))
    return [stop === undefined ? text : { kind: 'stop', text, stop }, behind]
  }

  // ------------------------------------------------------------------------------------------------- brackets

  #bracket(bracket: Bracket): Doc {
    const { kind, parts } = bracket
    if (kind === 'block') return this.#block(bracket)
    const [open, close] = [this.#leaf(bracket.open), this.#leaf(bracket.close)]
    const pad = kind === 'entries' && parts.length > 0 ? ' ' : ''
    const docs = parts.map(part => (kind === 'entries' ? this.#row(part) : this.#part(part, parts.length > 1 ? 1 : 0, kind === 'square')))
    const broken = breaksInside(bracket)
    const isSmall = parts.length < 2 && (parts[0]?.length ?? 0) < 4 && !parts[0]?.some(isBracket)
    if (isSmall && !broken) return [open, pad, docs, pad, close]
    const [first = '', ...others] = docs
    const rest = others.map((content, index): Continued => ({ line: this.#gap(undefined, parts[index + 1]?.[0]) ?? line, content }))
    const above = this.#remarks(firstLeafOf(parts[0]?.[0])?.above ?? [])
    const body = [above, { kind: 'fill', first, rest } as const, this.#closing(bracket.close, parts.length === 0)]
    return { kind: 'bracket', open, body, close, pad, broken, isBlock: false }
  }

  #block({ parts, open, close }: Bracket): Doc {
    const [opened, closed] = [this.#leaf(open), this.#leaf(close)]
    const oneLine = open.token.line === close.token.line
    if (parts.length === 0 && close.above.length === 0 && (oneLine || open.behind.length === 0)) return [opened, closed]
    const docs = parts.map((statement, index): Doc => {
      // The bracket itself begins the first line.
      const leading = this.#leading(statement, index === 0).slice(index === 0 ? 1 : 0)
      const between: Doc = !oneLine ? leading : index === 0 ? '' : { kind: 'line', flat: '; ' }
      return [between, this.#row(statement)]
    })
    const body = [docs, this.#closing(close, parts.length === 0)]
    return { kind: 'bracket', open: opened, body, close: closed, pad: ' ', broken: !oneLine, isBlock: true }
  }

  /** Comments above a closer stand where the parts do. */
  #closing(close: Leaf, isFirst: boolean): Doc {
    return this.#above(close.above, isFirst).slice(isFirst ? 1 : 0)
  }

  // ------------------------------------------------------------------------------------------- gaps and comments

  /** What stands where a line may break, if the author broke it there or before `ahead`, or if there are comments. */
  #gap(ahead: Leaf | undefined, node: Node | undefined): Doc | undefined {
    const leaf = firstLeafOf(node)
    if (leaf !== undefined && leaf.above.length > 0) return [newline, this.#remarks(leaf.above)]
    return leaf?.newlineBefore || ahead?.newlineBefore ? newline : undefined
  }

  #remarks(remarks: readonly Remark[]): readonly Doc[] {
    return remarks.flatMap(({ text }) => [text, newline])
  }

  /** Comments where no line breaks go to the end of the line that they interrupted. */
  #stray(node: Node | undefined): Doc {
    const above = firstLeafOf(node)?.above ?? []
    return above.map(({ text }): Doc => ({ kind: 'trailing', text, stop: { kind: 'comment', statement: this.#statement, column: 0, gap: 0 } }))
  }
}
