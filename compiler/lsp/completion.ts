/** What could be written at the cursor: what the place allows, with the names that are known there. */
import { CompletionItemKind, type CompletionItem, type TextEdit } from 'vscode-languageserver'
import { ALLOWED } from '../2-check/placement'
import { isInvalid } from '../2-check/modules'
import { textOf } from '../source/source'
import { GRADIENT_METHODS } from '../../quantum/engine'
import { builtInsOf } from './builtIns'
import { describedCall } from './callables'
import { contextAt, openCall, type Context } from './context'
import { importEdit, standardModules, standardNames, type StandardName } from './imports'
import { fileItems } from './fileCompletion'
import { callable, named, word } from './items'
import type { Place, Project } from './project'
import { trainItems } from './trainCompletion'

export async function completion(place: Place, project: Project): Promise<readonly CompletionItem[]> {
  const { file, offset } = place
  const scan = project.scanOf(file)
  if (!scan) return []
  const context = contextAt(scan, offset)
  if (context.isComment) return []
  if (context.string) return await fileItems(context, place, project)
  const items = await itemsAt(context, place, project)
  // In order: what this place alone takes (0), values in sight (1), own routines (2), the language (5), what would be imported (9).
  const range = project.rangeOf({ file, start: context.word?.span.start ?? offset, end: offset })
  return items.map(item => ({ ...item, sortText: item.sortText ?? `5${item.label}`, textEdit: { range, newText: item.label } }))
}

async function itemsAt(context: Context, place: Place, project: Project): Promise<readonly CompletionItem[]> {
  const { frames, statement, place: where } = context
  const [first, last] = [statement[0], statement.at(-1)]
  if (where === 'use') return importItems(context, place)
  if (where === 'train') return await trainItems(context, place, project)
  if (frames[0]?.statement.at(-1)?.text === '@' && frames.length === 1) return ['gradient', 'shots', 'trajectories', 'precision'].map(word)
  const call = openCall(context)
  if (call?.name === 'gradient' && frames.at(-1)?.before.at(-2)?.text === '@') return GRADIENT_METHODS.map(word)
  if (where === 'top') return first === undefined ? ['use', 'const', 'fn', 'layer', 'gate', 'circuit', 'model', 'train', 'precision'].map(word) : first.text === 'precision' ? ['f32', 'f64'].map(word) : []
  if (last?.text === '.') return memberItems(context, place)
  if (frames.length === 1 || (frames.length === 2 && frames[1]?.opener === '(')) {
    if (isTypePlace(context)) return typeItems(where)
    // A name that is being given to an argument, or to a declaration.
    if (!statement.some(({ text }) => text === '=') && frames.length > 1) return []
    if (frames.length === 1 && !statement.some(({ text }) => text === '=')) return []
  }
  if (isSize(context)) return valueItems(place).filter(({ kind }) => kind !== CompletionItemKind.Function)
  const isStatement = frames.at(-1)?.opener === '{' && statement.every(({ text }) => MODIFIERS.has(text))
  if (isStatement && where !== 'const') return statementItems(where, context, place, project)
  if (isNaming(context)) return []
  if (isTypePlace(context)) return typeItems(where)
  if (last?.text === 'in' && statement.some(({ text }) => text === ':')) return ['simplex'].map(word)
  if (last?.text === '~') return [...builtInsOf('initializer').map(each => ({ ...callable(each), sortText: `0${each.name}` })), ...expressionItems(where, place, project)]
  return [...argumentItems(context, place), ...expressionItems(where, place, project)]
}

const MODIFIERS: ReadonlySet<string> = new Set(['ctrl', 'negctrl', 'inv'])
const NAMING: ReadonlySet<string> = new Set(['let', 'var', 'input', 'target', 'param', 'state', 'metric', 'for', 'qubits', 'layer'])

/** Behind the word that declares a name. */
const isNaming = ({ statement }: Context): boolean => statement.length === 1 && NAMING.has(statement[0]?.text ?? '')

function isTypePlace({ statement, frames }: Context): boolean {
  const last = statement.at(-1)
  if (last?.text === '->') return true
  return last?.text === ':' && frames.at(-1)?.opener !== '['
}

/** Inside the brackets of a type. */
function isSize({ frames }: Context): boolean {
  const frame = frames.at(-1)
  const before = frame?.before.at(-1)
  return frame?.opener === '[' && ['real', 'int', 'bool', 'qubit', 'qubits'].includes(before?.text ?? '')
}

// ------------------------------------------------------------------------------------------------------ statements

/** The word of each statement; what has none begins with a name. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  input: ['input', 'target'], param: ['param', 'frozen param'], instance: ['layer'], invalid: [], assign: [], gate: [],
}

function statementItems(where: keyof typeof ALLOWED, { statement, frames }: Context, place: Place, project: Project): readonly CompletionItem[] {
  const isQuantum = where === 'circuit' || where === 'gate'
  // Options of a line such as `for … {` stand in a frame of their own, which holds statements again.
  const inLoop = frames.filter(({ opener }) => opener === '{').length > 1
  const words = statement.length > 0 ? [] : [...ALLOWED[where]].filter(kind => inLoop || kind !== 'yield').flatMap(kind => WORDS[kind] ?? [kind])
  const vars = place.inspection.names.inSight(place.file, place.offset).filter(({ role }) => role === 'var')
  const items = [...words.map(word), ...(isQuantum ? [] : vars.map(each => named(each, place)))]
  return isQuantum ? [...items, ...gateItems(place, project), ...['ctrl', 'negctrl', 'inv', 'pow'].map(word)] : items
}

function gateItems(place: Place, project: Project): readonly CompletionItem[] {
  const { module } = place.inspection
  const own = [...module.gates].map(([name, { node }]): CompletionItem => ({
    label: name, kind: CompletionItemKind.Method, detail: textOf(node.signature).replace(/\s+/g, ' '), documentation: node.doc, sortText: `2${name}`,
  }))
  return [...own, ...builtInsOf('gate').map(gate => ({ ...callable(gate), kind: CompletionItemKind.Method })), ...importable(place, project, kind => kind === 'gate')]
}

// ----------------------------------------------------------------------------------------------------- expressions

function expressionItems(where: Context['place'], place: Place, project: Project): readonly CompletionItem[] {
  const isQuantum = where === 'circuit' || where === 'gate'
  const ownsLayers = where === 'model' || where === 'layer'
  const { module } = place.inspection
  const routines = [...module.callables].flatMap(([name, { node }]): CompletionItem[] => (isInvalid(node) || (node.routine === 'layer' && !ownsLayers) ? [] : [{
    label: name, kind: node.routine === 'layer' ? CompletionItemKind.Class : CompletionItemKind.Function, detail: textOf(node.signature).replace(/\s+/g, ' '), documentation: node.doc,
    sortText: `2${name}`,
  }]))
  const values = builtInsOf('value').filter(({ name }) => ownsLayers || name === 'pi')
  return [
    ...valueItems(place), ...routines,
    ...values.map(each => ({ ...callable(each), kind: CompletionItemKind.Constant })),
    ...(isQuantum ? builtInsOf('measurement').map(callable) : []), ...builtInsOf('function').map(callable),
    ...['if', 'then', 'else', 'for', 'in', 'not', 'and', 'or', 'true', 'false', 'inf'].map(word),
    ...importable(place, project, kind => kind === 'fn' || kind === 'const' || kind === 'circuit' || (kind === 'layer' && ownsLayers)),
  ]
}

/** Values in sight, the innermost first, and constants from other files. */
function valueItems(place: Place): readonly CompletionItem[] {
  const { names, module } = place.inspection
  const local = names.inSight(place.file, place.offset).filter(({ node, role }) => node === undefined || role === 'const' || role === 'instance')
  const known = new Map([...local].reverse().map(declaration => [declaration.name.name, named(declaration, place)]))
  for (const [name, { node }] of module.constants) if (!known.has(name)) known.set(name, { label: name, kind: CompletionItemKind.Constant, documentation: node.doc })
  return [...known.values()].map((item, at) => ({ ...item, sortText: `1${String(at).padStart(4, '0')}` }))
}

function argumentItems(context: Context, place: Place): readonly CompletionItem[] {
  const call = openCall(context)
  const last = context.statement.at(-1)
  if (!call || (last !== undefined && last.text !== ',')) return []
  const described = describedCall(call, context, place.offset, place.file, place.inspection)
  return (described?.parameters ?? []).filter(({ name, byName }) => !call.given.includes(name) && (byName || place.inspection.module.callables.has(call.name)))
    .map(({ name, doc }) => ({ label: `${name} = `, filterText: name, kind: CompletionItemKind.Property, detail: doc, sortText: `0${name}` }))
}

/** `enc.`: what the layer owns; `random.`: the draws. */
function memberItems({ statement }: Context, place: Place): readonly CompletionItem[] {
  const owner = statement.at(-2)?.text ?? ''
  if (owner === 'random') return builtInsOf('function').filter(({ name }) => name.startsWith('random.')).map(each => ({ ...callable(each), label: each.name.slice('random.'.length) }))
  const node = place.inspection.names.inSight(place.file, place.offset).findLast(({ name }) => name.name === owner)?.node
  if (node?.kind !== 'routine' || node.body.kind !== 'block') return []
  return node.body.statements.flatMap(statement => (statement.kind === 'param' ? [{ label: statement.name.name, kind: CompletionItemKind.Field, detail: textOf(statement.span), documentation: statement.doc }] : []))
}

function typeItems(where: Context['place']): readonly CompletionItem[] {
  const types = ['real', 'int', 'bool', ...(where === 'gate' ? ['qubit', 'observable'] : []), ...(where === 'circuit' || where === 'fn' ? ['observable'] : []), ...(where === 'model' ? [] : ['string'])]
  return types.map(label => ({ label, kind: CompletionItemKind.TypeParameter }))
}

// ---------------------------------------------------------------------------------------------------------- imports

function importItems({ frames }: Context, { inspection: { module } }: Place): readonly CompletionItem[] {
  const [root, braces] = frames
  const tokens = (braces?.before ?? root?.statement ?? []).slice(1)
  const [first] = tokens
  if (first?.text.startsWith('"')) {
    const from = module.imports.find(each => !each.isStandard && `"${each.path}"`.endsWith(first.text.replace(/^"(?:\.\/)?/, '/'))) ?? module.imports.find(each => !each.isStandard && each.path.endsWith(first.text.replace(/^"(?:\.\/)?|"$/g, '')))
    return from ? [...from.constants.keys(), ...from.callables.keys(), ...from.gates.keys()].map(label => ({ label, kind: CompletionItemKind.Reference })) : []
  }
  const path = tokens.filter(({ text }) => text !== '.').map(({ text }) => text)
  if (path.length === 0) return [{ label: 'std', kind: CompletionItemKind.Module }]
  if (path.length === 1) return standardModules().map(name => ({ label: name.slice('std.'.length), kind: CompletionItemKind.Module }))
  return standardNames(path.slice(0, 2).join('.')).map(({ name, kind, title, doc }) => ({ label: name, kind: STANDARD_KINDS[kind], detail: title, documentation: doc }))
}

/** Names of the standard library that the file does not have yet; choosing one imports it. */
function importable({ inspection: { module } }: Place, project: Project, takes: (kind: string) => boolean): readonly CompletionItem[] {
  return standardNames().filter(({ name, kind }) => takes(kind) && !module.callables.has(name) && !module.gates.has(name) && !module.constants.has(name)).map(({ module: home, name, kind, title, doc }) => {
    const edit: TextEdit = importEdit(module.file, home, name, project)
    return { label: name, kind: STANDARD_KINDS[kind], detail: title, labelDetails: { description: home }, documentation: doc, sortText: `9${name}`, additionalTextEdits: [edit] }
  })
}

const STANDARD_KINDS: { readonly [K in StandardName['kind']]: CompletionItemKind } = {
  const: CompletionItemKind.Constant, fn: CompletionItemKind.Function, layer: CompletionItemKind.Class, gate: CompletionItemKind.Method, circuit: CompletionItemKind.Function,
}
