/** The syntax tree as compact s-expressions, and small ways to parse a piece of text in a test. */
import type {
  Annotation, Argument, Binding, Body, Declaration, Expression, FileNode, Identifier, IndexItem, Modifier, RangeNode, Statement,
  TrainOption, TypeNode, Use,
} from '../../../compiler/1-parse/ast'
import { parse } from '../../../compiler/1-parse/parse'
import { DiagnosticSink, type Diagnostic } from '../../../compiler/diagnostics/sink'
import { positionAt } from '../../../compiler/source/source'

export interface Parsed { readonly tree: FileNode; readonly diagnostics: readonly Diagnostic[] }

export function parseText(text: string, name = 'test.bp'): Parsed {
  const sink = new DiagnosticSink()
  const tree = parse({ name, text }, sink)
  return { tree, diagnostics: sink.all }
}

/** `2:5 reserved-word: message`, one a line. */
export function messagesOf(text: string): readonly string[] {
  return parseText(text).diagnostics.map(d => {
    const { line, column } = positionAt(d.span.file, d.span.start)
    return `${line}:${column} ${d.code}: ${d.message}`
  })
}

/** The file's tree; throws where the text has mistakes. */
export function treeOf(text: string): string {
  const { tree, diagnostics } = parseText(text)
  if (diagnostics.length > 0) throw new Error(messagesOf(text).join('\n'))
  return showFile(tree)
}

export function expressionOf(text: string): string {
  const { tree, diagnostics } = parseText(`const e = ${text}`)
  if (diagnostics.length > 0) throw new Error(messagesOf(`const e = ${text}`).join('\n'))
  const [declaration] = tree.declarations
  return declaration?.kind === 'const' ? show(declaration.value) : 'no constant'
}

/** The statements of a block of the given kind. */
export function statementsOf(text: string, around: 'model' | 'circuit' = 'model'): string {
  const head = around === 'model' ? 'model M' : 'circuit c()'
  const { tree, diagnostics } = parseText(`${head} {\n${text}\n}`)
  if (diagnostics.length > 0) throw new Error(messagesOf(`${head} {\n${text}\n}`).join('\n'))
  const [declaration] = tree.declarations
  if (declaration?.kind === 'model') return declaration.body.statements.map(showStatement).join('\n')
  return declaration?.kind === 'routine' && declaration.body.kind === 'block'
    ? declaration.body.statements.map(showStatement).join('\n') : 'no block'
}

// ------------------------------------------------------------------------------------------------------- printer

const list = (head: string, ...parts: readonly (string | undefined | readonly string[])[]): string =>
  `(${[head, ...parts.flat().filter(part => part !== undefined && part !== '')].join(' ')})`
const row = (parts: readonly string[]): string => `[${parts.join(' ')}]`
const id = (identifier: Identifier): string => identifier.name === '' ? '<none>' : identifier.name
const path = (parts: readonly Identifier[]): string => parts.map(id).join('.')

export function showFile(file: FileNode): string {
  return [
    ...(file.precision === undefined ? [] : [list('precision', file.precision.value)]),
    ...file.uses.map(showUse), ...file.declarations.map(showDeclaration),
  ].join('\n')
}

function showUse(use: Use): string {
  const module = 'file' in use.module ? JSON.stringify(use.module.file) : path(use.module.path)
  return list('use', module, row(use.names.map(id)))
}

export function showDeclaration(node: Declaration): string {
  const doc = node.doc === '' ? undefined : JSON.stringify(node.doc)
  switch (node.kind) {
    case 'const': return list('const', doc, id(node.name), show(node.value))
    case 'routine': return list(node.routine, doc, ...node.annotations.map(showAnnotation), id(node.name),
      row(node.parameters.map(p => list(id(p.name), showType(p.type), p.default && `= ${show(p.default)}`))),
      node.registers.length > 0 ? row(node.registers.map(r => list(id(r.name), 'qubit', r.size && show(r.size)))) : undefined,
      node.results.length > 0 ? `-> ${node.results.map(showType).join(' ')}` : undefined, showBody(node.body))
    case 'model': return list('model', doc, id(node.name), showBody(node.body))
    case 'train': return list('train', doc, id(node.name), ...node.options.map(showOption))
    case 'invalid': return list('invalid', node.name && id(node.name))
    default: return node satisfies never
  }
}

function showAnnotation(node: Annotation): string {
  return list(`@${id(node.name)}`, ...node.arguments.map(showArgument))
}

function showBody(body: Body): string {
  return body.kind === 'expression' ? `= ${show(body.value)}` : `{${body.statements.map(showStatement).join(' ')}}`
}

function showOption(option: TrainOption): string {
  return list(id(option.name), option.word && `'${id(option.word)}`, ...option.values.map(show),
    option.entries && `{${option.entries.map(entry => `${id(entry.name)}=${show(entry.value)}`).join(' ')}}`)
}

export function showType(type: TypeNode): string {
  const shape = type.shape === undefined ? '' : row(type.shape.map(size => size.kind === 'ellipsis' ? '...' : show(size)))
  return `${id(type.name)}${shape}${type.range === undefined ? '' : ` in ${showRange(type.range)}`}`
}

function showRange(range: RangeNode): string {
  switch (range.kind) {
    case 'interval': return `${range.closedLow ? '[' : '('}${show(range.low)} ${show(range.high)}${range.closedHigh ? ']' : ')'}`
    case 'classes': return show(range.value)
    case 'simplex': return 'simplex'
    default: return range satisfies never
  }
}

const names = (parts: readonly Identifier[]): string => parts.length === 1 ? parts.map(id).join('') : row(parts.map(id))
const typed = (type: TypeNode | undefined): string | undefined => type && `: ${showType(type)}`

export function showStatement(node: Statement): string {
  switch (node.kind) {
    case 'input': return list(node.role, id(node.name), showType(node.type))
    case 'param': return list(node.frozen ? 'frozen-param' : 'param', id(node.name), showType(node.type), node.initial && `~ ${show(node.initial)}`)
    case 'state': return list('state', id(node.name), showType(node.type), node.initial && show(node.initial))
    case 'let': case 'var': return list(node.kind, names(node.names), typed(node.type), show(node.value))
    case 'assign': return list(node.indexed === undefined ? 'assign' : 'assign-element', names(node.names), show(node.value))
    case 'output': return list('output', id(node.name), node.value && show(node.value))
    case 'loss': return list('loss', show(node.value))
    case 'metric': return list('metric', id(node.name), show(node.value))
    case 'rate': return list('rate', path(node.path), show(node.value))
    case 'frozen': return list('frozen', path(node.path))
    case 'update': return list('update', id(node.name), show(node.value))
    case 'assert': return list('assert', show(node.value))
    case 'instance': return list('instance', id(node.name), node.count && `[${show(node.count)}]`, show(node.value))
    case 'for': return show(node.loop)
    case 'if': return list('if', show(node.condition), showBody(node.then),
      node.otherwise && (node.otherwise.kind === 'block' ? showBody(node.otherwise) : showStatement(node.otherwise)))
    case 'return': case 'yield': return list(node.kind, ...node.values.map(show))
    case 'qubits': return list('qubits', id(node.name), node.size && show(node.size))
    case 'gate': return list('gate', ...node.modifiers.map(showModifier), id(node.name),
      node.arguments && `(${node.arguments.map(showArgument).join(' ')})`, ...node.operands.map(show))
    case 'invalid': return '<invalid>'
    default: return node satisfies never
  }
}

function showModifier(node: Modifier): string {
  return node.argument === undefined ? `${node.name}:` : `${node.name}(${show(node.argument)}):`
}

function showArgument(argument: Argument): string {
  return argument.name === undefined ? show(argument.value) : `${id(argument.name)}=${show(argument.value)}`
}

function showBinding(binding: Binding): string {
  return binding.rows ? row(binding.names.map(id)) : names(binding.names)
}

function showItem(item: IndexItem): string {
  if (item.kind === 'ellipsis') return '...'
  if (item.kind === 'at') return show(item.value)
  const part = (expression: Expression | undefined): string => expression === undefined ? '' : show(expression)
  return `${part(item.low)}:${part(item.high)}${item.step === undefined ? '' : `:${show(item.step)}`}`
}

export function show(node: Expression): string {
  switch (node.kind) {
    case 'number': return node.integer ? String(node.value) : `${node.value}f`
    case 'string': return JSON.stringify(node.value)
    case 'boolean': return String(node.value)
    case 'infinity': return 'inf'
    case 'name': return node.name
    case 'unary': return list(node.operator, show(node.operand))
    case 'binary': return list(node.operator, show(node.left), show(node.right))
    case 'if': return list('if', show(node.condition), show(node.then), show(node.otherwise))
    case 'pipe': return list('|>', show(node.value), show(node.call))
    case 'call': return list('call', show(node.callee), ...node.arguments.map(showArgument))
    case 'index': return list('index', show(node.value), ...node.items.map(showItem))
    case 'member': return `${show(node.value)}.${id(node.member)}`
    case 'list': return row(node.items.map(show))
    case 'comprehension': return list('each', showBinding(node.binding), show(node.source), show(node.value))
    case 'range': return list('..', show(node.low), show(node.high))
    case 'for': return list('for', showBinding(node.binding), show(node.source), showBody(node.body))
    case 'tuple': return list('tuple', ...node.items.map(show))
    case 'invalid': return '<invalid>'
    default: return node satisfies never
  }
}
