/** The shape of a document: symbols, parts that fold, types beside names, kinds of names. All of it from the tree as it is. */
import {
  FoldingRangeKind, InlayHintKind, SemanticTokensBuilder, SymbolKind, type DocumentSymbol, type FoldingRange, type InlayHint, type Range, type SemanticTokens,
} from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Declaration, FileNode, Statement } from '../1-parse/ast'
import type { NameUse, Role } from '../2-check/names'
import type { Inspection } from '../compile'
import type { Span } from '../source/source'
import type { Project } from './project'

// ---------------------------------------------------------------------------------------------------------- symbols

export function documentSymbols({ module, seen }: Inspection, project: Project): readonly DocumentSymbol[] {
  const symbol = (name: string, kind: SymbolKind, span: Span, own: Span, detail = '', children: readonly DocumentSymbol[] = []): DocumentSymbol =>
    ({ name, kind, detail, range: project.rangeOf(span), selectionRange: project.rangeOf(own), children: [...children] })
  const inside = (statements: readonly Statement[]): readonly DocumentSymbol[] => statements.flatMap(statement => {
    const kind = STATEMENT_SYMBOLS[statement.kind]
    if (kind === undefined) return []
    const names = 'names' in statement ? statement.names : 'name' in statement ? [statement.name] : []
    return names.filter(({ name }) => name !== '').map(name => symbol(name.name, kind, statement.span, name.span, seen.at(name.span)?.type ?? statement.kind))
  })
  const ofDeclaration = (declaration: Declaration): readonly DocumentSymbol[] => {
    if (declaration.kind === 'invalid' || declaration.name.name === '') return []
    const { name, span } = declaration
    switch (declaration.kind) {
      case 'const': return [symbol(name.name, SymbolKind.Constant, span, name.span, seen.at(name.span)?.type)]
      case 'routine': return [symbol(name.name, declaration.routine === 'layer' ? SymbolKind.Class : SymbolKind.Function, span, name.span, declaration.routine, declaration.body.kind === 'block' ? inside(declaration.body.statements) : [])]
      case 'model': return [symbol(name.name, SymbolKind.Class, span, name.span, 'model', inside(declaration.body.statements))]
      case 'train': return [symbol(name.name, SymbolKind.Event, span, name.span, 'train')]
      default: return declaration satisfies never
    }
  }
  return module.file.declarations.flatMap(ofDeclaration)
}

const STATEMENT_SYMBOLS: { readonly [K in Statement['kind']]?: SymbolKind } = {
  input: SymbolKind.Field, param: SymbolKind.Property, state: SymbolKind.Property, let: SymbolKind.Variable, var: SymbolKind.Variable, output: SymbolKind.Field,
  metric: SymbolKind.Field, instance: SymbolKind.Object, qubits: SymbolKind.Array,
}

// ---------------------------------------------------------------------------------------------------------- folding

export function foldingRanges(file: FileNode, project: Project): readonly FoldingRange[] {
  const scan = project.scanOf(file.file)
  if (!scan) return []
  const lines = (span: Span) => project.rangeOf(span)
  const open: Span[] = []
  const brackets = scan.tokens.flatMap(({ kind, span }): FoldingRange[] => {
    if (kind === 'open') open.push(span)
    const start = kind === 'close' ? open.pop() : undefined
    if (!start) return []
    const [from, to] = [lines(start).start.line, lines(span).start.line - 1]
    return to > from ? [{ startLine: from, endLine: to }] : []
  })
  const comments = scan.comments.map(({ span }) => lines(span))
  const runs: { start: number; end: number }[] = []
  for (const { start, end } of comments) {
    const last = runs.at(-1)
    if (last && start.line === last.end + 1) last.end = end.line
    else runs.push({ start: start.line, end: end.line })
  }
  const [first, last] = [file.uses[0], file.uses.at(-1)]
  const imports = first && last && lines(first.span).start.line < lines(last.span).start.line
    ? [{ startLine: lines(first.span).start.line, endLine: lines(last.span).start.line, kind: FoldingRangeKind.Imports }] : []
  return [...brackets, ...runs.filter(({ start, end }) => end > start).map(({ start, end }) => ({ startLine: start, endLine: end, kind: FoldingRangeKind.Comment })), ...imports]
}

// ------------------------------------------------------------------------------------------------------ inlay hints

/** The type of what a line names, where no type is written. */
export function inlayHints({ module, names, seen }: Inspection, range: Range, document: TextDocument, project: Project): readonly InlayHint[] {
  const { file } = module.file
  const [from, to] = [document.offsetAt(range.start), document.offsetAt(range.end)]
  return names.declarationsOf(file).flatMap(({ name: { span }, role }) => {
    const found = seen.at(span)
    const isTyped = /^\s*:/.test(file.text.slice(span.end, span.end + 20))
    if (!HINTED.has(role) || !found?.isTensor || isTyped || span.start < from || span.start > to) return []
    return [{ position: project.rangeOf(span).end, label: `: ${found.type}`, kind: InlayHintKind.Type, paddingLeft: false }]
  })
}

const HINTED: ReadonlySet<Role> = new Set<Role>(['let', 'var', 'output'])

// -------------------------------------------------------------------------------------------------- semantic tokens

export const TOKEN_TYPES = ['variable', 'parameter', 'property', 'function', 'class', 'method', 'typeParameter', 'macro'] as const
export const TOKEN_MODIFIERS = ['declaration', 'readonly', 'defaultLibrary'] as const

export function semanticTokens({ module, names }: Inspection, project: Project): SemanticTokens {
  const builder = new SemanticTokensBuilder()
  for (const use of names.of(module.file.file)) {
    const type = typeOf(use)
    const { start, end } = project.rangeOf(use.span)
    if (type !== undefined && start.line === end.line) builder.push(start.line, start.character, end.character - start.character, TOKEN_TYPES.indexOf(type), modifiersOf(use))
  }
  return builder.build()
}

function modifiersOf({ span, declaration, builtIn }: NameUse): number {
  const isHere = declaration?.name.span.file === span.file && declaration.name.span.start === span.start
  return (isHere ? 1 : 0) + (declaration?.role === 'const' ? 2 : 0) + (builtIn || declaration?.isStandard ? 4 : 0)
}

function typeOf({ declaration, builtIn }: NameUse): (typeof TOKEN_TYPES)[number] | undefined {
  if (declaration) return ROLE_TOKENS[declaration.role]
  switch (builtIn?.table) {
    case 'gate': return 'method'
    // The grammar tells pi and step from what the user named.
    case 'value': case 'train': case undefined: return undefined
    default: return 'function'
  }
}

const ROLE_TOKENS: { readonly [R in Role]: (typeof TOKEN_TYPES)[number] } = {
  const: 'variable', fn: 'function', layer: 'class', gate: 'method', circuit: 'function', model: 'class', input: 'parameter', target: 'parameter', param: 'property',
  state: 'property', let: 'variable', var: 'variable', output: 'variable', instance: 'class', qubits: 'variable', argument: 'parameter', dimension: 'typeParameter', counter: 'variable',
}
