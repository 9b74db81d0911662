/** Walking what was written, for notes on it: every node of a body, and what a name in it stands for. */
import type { Argument, Expression, Model, Routine } from '../../1-parse/ast'
import { isFunction } from '../../2-check/functions'
import type { Module } from '../../2-check/modules'
import { namesDeclaredBy, nodesIn, type TreeNode } from '../../2-check/walk'
import type { Span } from '../../source/source'

/** A model or a routine: names in it are its own. */
export type Owner = Model | Routine

/** What a note is about: one body, and the module whose names it sees. */
export interface Written {
  readonly module: Module
  readonly owner: Owner
  readonly nodes: readonly TreeNode[]
  readonly applications: readonly Application[]
}

export function written(module: Module, owner: Owner): Written {
  const nodes = [...nodesIn(owner)]
  return { module, owner, nodes, applications: applicationsAmong(nodes) }
}

/** `f(a, b)` and `a |> f(b)` alike. */
export interface Application { readonly name: string; readonly given: readonly Given[]; readonly span: Span }
export interface Given { readonly name?: string; readonly value: Expression }

export function applicationsAmong(nodes: readonly TreeNode[]): readonly Application[] {
  // The call on the right of a pipe has one argument more than its parentheses.
  const piped = new Set<TreeNode>(nodes.flatMap(node => (node.kind === 'pipe' ? [node.call] : [])))
  return nodes.flatMap(node => (piped.has(node) ? [] : applicationOf(node) ?? []))
}

function applicationOf(node: TreeNode): Application | undefined {
  const plain = (given: readonly Argument[]): readonly Given[] => given.map(({ name, value }) => ({ name: name?.name, value }))
  if (node.kind === 'call' && node.callee.kind === 'name') return { name: node.callee.name, given: plain(node.arguments), span: node.span }
  if (node.kind !== 'pipe') return undefined
  if (node.call.kind === 'name') return { name: node.call.name, given: [{ value: node.value }], span: node.span }
  if (node.call.kind !== 'call' || node.call.callee.kind !== 'name') return undefined
  return { name: node.call.callee.name, given: [{ value: node.value }, ...plain(node.call.arguments)], span: node.span }
}

/** The function of the language or of the standard library that is applied, as `log` or `std.loss.mse`. */
export function meantFunction({ module }: Written, name: string): string | undefined {
  const declared = module.callables.get(name)
  if (declared) return declared.module.isStandard ? `${declared.module.path}.${declared.node.name.name}` : undefined
  return isFunction(name) ? name : undefined
}

/** The expression itself, or, of a name with one `let` or `output` behind it in this body, what stands there. */
export function resolve({ nodes }: Written, expression: Expression): Expression {
  if (expression.kind !== 'name') return expression
  // A `var` that is assigned has several values.
  const declaring = nodes.filter(node => [...namesDeclaredBy(node), ...(node.kind === 'assign' ? node.names : [])].some(({ name }) => name === expression.name))
  const [only] = declaring
  const isPlain = declaring.length === 1 && only && (only.kind === 'let' || only.kind === 'output') && (only.kind === 'output' || only.names.length === 1)
  return isPlain && only.value ? only.value : expression
}

/** The one function that an expression is an application of, with its argument. */
export function applied(within: Written, expression: Expression): { readonly name: string; readonly to: Expression } | undefined {
  const application = applicationOf(resolve(within, expression))
  const [first] = application?.given ?? []
  const name = application && meantFunction(within, application.name)
  return name !== undefined && first ? { name, to: first.value } : undefined
}
