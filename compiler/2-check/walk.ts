/** A tree gone through without regard to what its nodes are. */
import type { Expression, Identifier, Statement } from '../1-parse/ast'

export type TreeNode = Expression | Statement

/** Every statement and expression below, in the order of the text. */
export function nodesIn(value: unknown): readonly TreeNode[] {
  const found: TreeNode[] = []
  collect(value, found)
  return found
}

function collect(value: unknown, found: TreeNode[]): void {
  if (Array.isArray(value)) { for (const child of value) collect(child, found); return }
  // Of the objects in a tree only files have a text.
  if (value === null || typeof value !== 'object' || 'text' in value) return
  if ('kind' in value && 'span' in value && NODE_KINDS.has(String(value.kind))) found.push(value as TreeNode)
  for (const [key, child] of Object.entries(value)) if (typeof child === 'object' && key !== 'span' && key !== 'signature') collect(child, found)
}

/** The words of statements and expressions; a tree also holds types, ranges, items of an index and declarations. */
const NODE_KINDS: ReadonlySet<string> = new Set<TreeNode['kind']>([
  'input', 'param', 'state', 'let', 'var', 'assign', 'output', 'loss', 'metric', 'rate', 'frozen', 'update', 'assert', 'instance', 'if', 'return', 'yield',
  'qubits', 'gate', 'for', 'number', 'string', 'boolean', 'infinity', 'name', 'unary', 'binary', 'pipe', 'call', 'index', 'member', 'list',
  'comprehension', 'range', 'tuple',
])

/** Names that a node declares for what stands behind it, or inside it. */
export function namesDeclaredBy(node: TreeNode): readonly Identifier[] {
  switch (node.kind) {
    case 'let': case 'var': return node.names
    case 'input': case 'param': case 'state': case 'instance': case 'qubits': return [node.name]
    case 'output': return node.value ? [node.name] : []
    case 'comprehension': return node.binding.names
    // A `for` is a statement around an expression of the same kind.
    case 'for': return 'binding' in node ? node.binding.names : []
    default: return []
  }
}
