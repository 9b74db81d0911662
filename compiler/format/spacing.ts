/** Which tokens of a line touch, and which have a space between them. */
import type { SourceToken } from '../1-parse/scan'
import { firstLeaf, isBracket, type Node } from './tree'

export interface Surroundings {
  /** Directly within the square brackets of an index, where `:` is a slice. */
  readonly isIndex: boolean
  /** The `:` of this slice stands between operators. */
  readonly isWideSlice: boolean
}

const TIGHT: ReadonlySet<string> = new Set(['.', '..', '^'])

/** @param index of `after` among its neighbours */
export function spaceBefore(nodes: readonly Node[], index: number, around: Surroundings): '' | ' ' {
  const [before, after] = [nodes[index - 1], nodes[index]]
  if (before === undefined || after === undefined) return ''
  const next = firstLeaf(after).token
  if (isBracket(before)) return isPostfix(next) || touches(next, around) ? '' : ' '
  const last = before.token
  if (last.kind === 'annotation' || touches(next, around)) return ''
  if (isPrefix(nodes, index - 1)) return last.text === 'not' ? ' ' : ''
  if (last.kind === 'sign' || last.kind === 'operator') {
    if (last.text === ':') return around.isIndex && !around.isWideSlice ? '' : ' '
    return TIGHT.has(last.text) ? '' : ' '
  }
  const isApplied = (last.kind === 'name' || last.kind === 'literal')
  return isApplied && isPostfix(next) ? '' : ' '
}

function isPostfix(token: SourceToken): boolean {
  return token.text === '(' || token.text === '['
}

function touches({ text }: SourceToken, { isIndex, isWideSlice }: Surroundings): boolean {
  return text === ',' || TIGHT.has(text) || (text === ':' && !(isIndex && isWideSlice))
}

/** A sign that belongs to what follows: nothing stands before it that an operator could join. */
export function isPrefix(nodes: readonly Node[], index: number): boolean {
  const [before, node] = [nodes[index - 1], nodes[index]]
  if (node === undefined || isBracket(node) || node.token.kind !== 'operator') return false
  if (node.token.text === 'not') return true
  if (before === undefined) return true
  if (isBracket(before)) return false
  return before.token.kind !== 'name' && before.token.kind !== 'literal'
}
