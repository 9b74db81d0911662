/** Names that are declared and never used. One whose name begins with `_` is meant to be. */
import type { Identifier } from '../../1-parse/ast'
import type { Module } from '../../2-check/modules'
import type { DiagnosticSink } from '../../diagnostics/sink'
import { nodesIn, type TreeNode } from '../../2-check/walk'
import type { Written } from './tree'

/** @returns the names that were reported: what else is to be said of them follows from that */
export function noteUnused({ nodes }: Written, sink: DiagnosticSink): ReadonlySet<string> {
  const used = usesOf(nodes)
  const found = new Set<string>()
  for (const node of nodes) {
    const declaration = declarationOf(node)
    // Of `let (h, c) = …` one is often wanted without the other.
    if (!declaration || declaration.names.some(({ name }) => name === '' || name.startsWith('_') || used.has(name))) continue
    for (const { name, span } of declaration.names) {
      found.add(name)
      sink.report('unused-name', span, { what: declaration.what, name })
    }
  }
  return found
}

interface Declaration { readonly what: string; readonly names: readonly Identifier[] }

function declarationOf(node: TreeNode): Declaration | undefined {
  switch (node.kind) {
    case 'input': return { what: node.role, names: [node.name] }
    case 'param': return { what: 'parameter', names: [node.name] }
    case 'let': case 'var': return { what: `\`${node.kind}\``, names: node.names }
    case 'instance': return { what: 'layer', names: [node.name] }
    default: return undefined
  }
}

/** Names that stand where a value, a path, or a function is asked for; `h = 2 * h` alone uses nothing. */
function usesOf(nodes: readonly TreeNode[]): ReadonlySet<string> {
  const own = new Set<TreeNode>()
  for (const node of nodes) {
    if (node.kind !== 'assign') continue
    for (const inner of nodesIn(node.value)) if (inner.kind === 'name' && node.names.some(({ name }) => name === inner.name)) own.add(inner)
  }
  const used = new Set<string>()
  for (const node of nodes) {
    if (node.kind === 'name' && !own.has(node)) used.add(node.name)
    if (node.kind === 'output' && !node.value) used.add(node.name.name)
    // An instance may be made for its path alone: `frozen enc.W`, `rate enc.W = 0.1`.
    if ((node.kind === 'rate' || node.kind === 'frozen') && node.path.length > 1) used.add(node.path[0]?.name ?? '')
  }
  return used
}

/** Names of `use` lines that nothing in the file is. */
export function noteUnusedImports({ file }: Module, sink: DiagnosticSink): void {
  const used = new Set<string>()
  for (const node of nodesIn(file.declarations)) {
    if (node.kind === 'name') used.add(node.name)
    if (node.kind === 'gate') used.add(node.name.name)
  }
  for (const { names } of file.uses) {
    for (const { name, span } of names) if (!used.has(name)) sink.report('unused-name', span, { what: 'import', name }, { help: 'take it out of the `use` line' })
  }
}
