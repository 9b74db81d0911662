/** How a name looks in a list of completions. */
import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver'
import type { NameDeclaration, Role } from '../2-check/names'
import type { Described } from './builtIns'
import { markup, titleOf } from './hover'
import type { Place } from './project'

export const word = (label: string): CompletionItem => ({ label, kind: CompletionItemKind.Keyword })

export function callable({ name, title, doc }: Described): CompletionItem {
  return { label: name, kind: CompletionItemKind.Function, detail: title, documentation: doc }
}

export function named(declaration: NameDeclaration, { inspection }: Place): CompletionItem {
  return { label: declaration.name.name, kind: KINDS[declaration.role], detail: titleOf(declaration, inspection), documentation: declaration.doc === '' ? undefined : markup(titleOf(declaration, inspection), declaration.doc) }
}

const KINDS: { readonly [R in Role]: CompletionItemKind } = {
  const: CompletionItemKind.Constant, fn: CompletionItemKind.Function, layer: CompletionItemKind.Class, gate: CompletionItemKind.Method,
  circuit: CompletionItemKind.Function, model: CompletionItemKind.Class, input: CompletionItemKind.Variable, target: CompletionItemKind.Variable,
  param: CompletionItemKind.Field, state: CompletionItemKind.Field, let: CompletionItemKind.Variable, var: CompletionItemKind.Variable,
  output: CompletionItemKind.Variable, instance: CompletionItemKind.Class, qubits: CompletionItemKind.Variable, argument: CompletionItemKind.Variable,
  dimension: CompletionItemKind.TypeParameter, counter: CompletionItemKind.Variable,
}
