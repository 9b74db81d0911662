/** Where a row of tokens comes apart, and what it is. */
import { isPrefix } from './spacing'
import { firstLeaf, isBracket, type Bracket, type Leaf, type Node, type Sequence } from './tree'

export type World = 'top' | 'plain' | 'quantum' | 'train'

type IsSeparator = (node: Node, index: number) => boolean

/** @param side where the separator goes: to the end of the part before it, or to the beginning of the next */
export function split(nodes: Sequence, isSeparator: IsSeparator, side: 'behind' | 'before'): readonly Sequence[] {
  const parts: Node[][] = [[]]
  nodes.forEach((node, index) => {
    const cuts = isSeparator(node, index)
    if (cuts && side === 'before' && index > 0) parts.push([])
    parts.at(-1)?.push(node)
    if (cuts && side === 'behind' && index < nodes.length - 1) parts.push([])
  })
  return parts
}

export function isText(text: string): (node: Node) => boolean {
  return node => !isBracket(node) && node.token.text === text && node.token.kind !== 'literal'
}

export function isBlock(node: Node): node is Bracket {
  return isBracket(node) && node.kind === 'block'
}

export function firstLeafOf(node: Node | undefined): Leaf | undefined {
  return node && firstLeaf(node)
}

/** How tightly what a line may break behind binds; `..` and `^` hold together what they join. */
const LEVELS: Readonly<Record<string, number>> = {
  or: 1, and: 2, '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3, '+': 4, '-': 4, '*': 5, '/': 5, '%': 5, '@': 5,
}

/** Infinity where no line may break behind it. */
export function levelAt(nodes: Sequence, index: number): number {
  const node = nodes[index]
  const isOperator = node !== undefined && !isBracket(node) && node.token.kind === 'operator' && !isPrefix(nodes, index)
  return isOperator ? LEVELS[node.token.text] ?? Infinity : Infinity
}

/** A slice between two expressions, one of which has operators in it, takes space: `x[k : k + 2]`, but `x[2 * k:]`. */
export function isWideSlice(nodes: Sequence): boolean {
  const colon = nodes.findIndex(isText(':'))
  const last = nodes.findLastIndex(node => !isText(',')(node))
  return colon > 0 && colon < last && nodes.some((_, index) => levelAt(nodes, index) < Infinity)
}

/** A line was broken in it, inner brackets aside. */
export function breaksInside({ parts, close }: Bracket): boolean {
  const own = [...parts.flat().map(firstLeaf), close]
  return own.some(leaf => leaf.newlineBefore || leaf.above.length > 0)
}

/** What the statements are that a declaration holds. */
export function worldOf(declaration: Sequence): World {
  const [keyword] = declaration.filter(node => !isBracket(node) && node.token.kind === 'keyword')
  switch (keyword && firstLeaf(keyword).token.text) {
    case 'gate': case 'circuit': return 'quantum'
    case 'train': return 'train'
    default: return 'plain'
  }
}

/** The first qubits that a gate acts on. */
export function operandOf(statement: Sequence): Node | undefined {
  const comma = statement.findIndex(isText(','))
  const first = comma < 0 ? statement : statement.slice(0, comma)
  const at = first.findLastIndex(node => !isBracket(node) && node.token.kind === 'name')
  return at > 0 ? first[at] : undefined
}
