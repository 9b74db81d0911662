/** What could be written in a train block: options, optimizers and what they take, inputs of the model, columns of the data. */
import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver'
import type { Model, Statement } from '../1-parse/ast'
import { namesDeclaredBy } from '../2-check/walk'
import { isInvalid } from '../2-check/modules'
import { DEFAULT_OPTIMIZER } from '../../ir/training'
import { builtInsOf, type Described } from './builtIns'
import { openCall, type Context } from './context'
import { callable, word } from './items'
import type { Place, Project } from './project'

export async function trainItems(context: Context, place: Place, project: Project): Promise<readonly CompletionItem[]> {
  const { frames, statement } = context
  const name = frames[0]?.statement[1]?.text ?? frames[1]?.before[1]?.text
  const models = place.inspection.module.models
  if (frames.length === 1) return statement.length === 1 ? models.map(model => ({ label: model.name.name, kind: CompletionItemKind.Class })) : []
  const model = models.find(each => each.name.name === name)
  const inner = frames.at(-1)
  if (frames.length === 2 && statement.length === 0) return builtInsOf('train').map(each => ({ ...callable(each), kind: CompletionItemKind.Keyword }))
  const call = openCall(context)
  const option = frames[2]?.before[0]?.text ?? statement[0]?.text
  if (call && (option === 'optimizer' || option === 'schedule')) return rowItems(builtInsOf(option).find(each => each.name === call.name), call.given)
  if (inner?.opener === '{' && frames.length > 2) return await entryItems(context, model, place, project)
  switch (option) {
    case 'optimizer': case 'schedule': case 'clip': return builtInsOf(option).map(callable)
    case 'data': return frames.length > 2 ? await columnItems(context, place, project) : []
    case 'standardize': case 'given': return inputItems(model, ['input', 'target'])
    case 'group': return statement.length === 1 ? parameterItems(model, place) : []
    case 'holdout': return ['last'].map(word)
    default: return []
  }
}

/** `data "…" { x = [a, b] }`, `group w { rate = 0.1 }`. */
async function entryItems(context: Context, model: Model | undefined, place: Place, project: Project): Promise<readonly CompletionItem[]> {
  const { frames, statement } = context
  const [head] = frames.at(-1)?.before ?? []
  const isValue = statement.findLastIndex(({ text }) => text === '=') > statement.findLastIndex(({ text }) => text === ',')
  if (head?.text === 'data') return isValue ? await columnItems(context, place, project) : inputItems(model, ['input', 'target'])
  if (head?.text !== 'group' || isValue) return []
  // The options of a group are those of the optimizer, which stands anywhere in the block.
  return rowItems(optimizerOf(model, place), [])
}

function optimizerOf(model: Model | undefined, { inspection: { module } }: Place): Described | undefined {
  const options = module.trains.find(each => each.name.name === model?.name.name)?.options ?? []
  const value = options.find(({ name }) => name.name === 'optimizer')?.values[0]
  const callee = value?.kind === 'call' ? value.callee : value
  return builtInsOf('optimizer').find(({ name }) => name === (callee?.kind === 'name' ? callee.name : DEFAULT_OPTIMIZER))
}

function rowItems(described: Described | undefined, given: readonly string[]): readonly CompletionItem[] {
  return (described?.parameters ?? []).filter(({ name }) => !given.includes(name)).map(({ name, doc }) => ({ label: `${name} = `, filterText: name, kind: CompletionItemKind.Property, detail: doc }))
}

function inputItems(model: Model | undefined, roles: readonly string[]): readonly CompletionItem[] {
  return (model?.body.statements ?? []).flatMap(statement => (statement.kind === 'input' && roles.includes(statement.role) ? [{ label: statement.name.name, kind: CompletionItemKind.Variable, detail: statement.role }] : []))
}

/** Parameters of the model itself, instances, and names that layers are called for. */
function parameterItems(model: Model | undefined, { inspection: { module } }: Place): readonly CompletionItem[] {
  const owns = ({ kind }: Statement) => kind === 'param' || kind === 'instance' || kind === 'let'
  const hasLayers = [...module.callables.values()].some(({ node }) => node.routine === 'layer' && !isInvalid(node))
  return (model?.body.statements ?? []).filter(statement => owns(statement) && (statement.kind !== 'let' || hasLayers)).flatMap(namesDeclaredBy)
    .map(({ name }) => ({ label: name, kind: CompletionItemKind.Field }))
}

// ---------------------------------------------------------------------------------------------------------- columns

async function columnItems({ frames }: Context, { file }: Place, project: Project): Promise<readonly CompletionItem[]> {
  const path = frames.flatMap(({ before }) => before).find(({ text }) => text.startsWith('"'))?.text.slice(1, -1)
  const columns = path === undefined ? [] : await columnsOf(project.workspace.resolve(file.name, path), project)
  const functions = ['columns', 'chars', 'one_hot']
  return [...columns.map(name => ({ label: isName(name) ? name : `"${name}"`, filterText: name, kind: CompletionItemKind.Field, detail: 'a column' })), ...functions.map(label => ({ label, kind: CompletionItemKind.Function }))]
}

const isName = (text: string): boolean => /^[\p{L}_][\p{L}\p{M}\p{Nd}_₀-₉]*$/u.test(text)

/** The header of a table of text, as the first line has it; quoted names may hold separators, but no line breaks here. */
async function columnsOf(path: string, project: Project): Promise<readonly string[]> {
  if (!/\.[ct]sv$/i.test(path)) return []
  const [header = ''] = (await project.workspace.readHead(path).catch(() => undefined))?.replace(/^\ufeff/, '').split(/\r?\n/) ?? []
  const separator = /\.tsv$/i.test(path) ? '\t' : ','
  const fields = header.match(new RegExp(`"(?:[^"]|"")*"|[^${separator}]+`, 'g')) ?? []
  const names = fields.map(field => field.trim().replace(/^"(.*)"$/, '$1').replaceAll('""', '"'))
  // Numbers in the first line: the file has no header.
  return names.every(name => name !== '' && Number.isNaN(Number(name))) ? names : []
}
