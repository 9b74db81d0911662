/** Where a name is declared, where it is used, and another name for it; across the files of a project. */
import { ErrorCodes, ResponseError, type DocumentHighlight, type Location, type Range, type TextEdit, type WorkspaceEdit } from 'vscode-languageserver'
import type { NameDeclaration, Role } from '../2-check/names'
import { RESERVED_WORDS } from '../1-parse/words'
import { inspect, type Inspection } from '../compile'
import type { Span } from '../source/source'
import type { Place, Project } from './project'

export function definition({ inspection, file, offset }: Place, project: Project): Location | undefined {
  const declaration = inspection.names.at(file, offset)?.declaration
  if (declaration) return project.locationOf(declaration.name.span)
  return moduleAt(inspection, offset, project)
}

/** The file that a `use` names. */
function moduleAt({ module }: Inspection, offset: number, project: Project): Location | undefined {
  const use = module.file.uses.find(({ module: { span } }) => span.start <= offset && offset <= span.end)
  if (!use) return undefined
  const path = 'file' in use.module ? project.workspace.resolve(module.path, use.module.file) : use.module.path.map(part => part.name).join('.')
  const found = module.imports.find(each => each.path === path)
  return found && project.locationOf({ file: found.file.file, start: 0, end: 0 })
}

export function highlights({ inspection, file, offset }: Place, project: Project): readonly DocumentHighlight[] {
  const declaration = inspection.names.at(file, offset)?.declaration
  return declaration ? inspection.names.placesOf(declaration).filter(span => span.file === file).map(span => ({ range: project.rangeOf(span) })) : []
}

export async function references(place: Place, project: Project, folders: readonly string[], withDeclaration: boolean): Promise<readonly Location[]> {
  const declaration = place.inspection.names.at(place.file, place.offset)?.declaration
  if (!declaration) return []
  const found = await placesEverywhere(declaration, place, project, folders)
  return found.filter(span => withDeclaration || !isSamePlace(span, declaration.name.span)).flatMap(span => project.locationOf(span) ?? [])
}

/** In the files that reach the declaration, open or not; each place once. */
async function placesEverywhere(declaration: NameDeclaration, place: Place, project: Project, folders: readonly string[]): Promise<readonly Span[]> {
  const found = new Map<string, Span>()
  const add = ({ names }: Inspection) => {
    const same = names.files.flatMap(file => names.declarationsOf(file)).find(other => isSamePlace(other.name.span, declaration.name.span))
    for (const span of same ? names.placesOf(same) : []) found.set(`${span.file.name}\n${span.start}`, span)
  }
  add(place.inspection)
  if (declaration.known.start === 0 || NAMED_FROM_OUTSIDE.has(declaration.role)) for (const path of await sourcesThatName(declaration.name.name, project, folders)) {
    const inspection = path === place.file.name ? undefined : await project.inspection(path)
    if (inspection) add(inspection)
  }
  return [...found.values()]
}

async function sourcesThatName(name: string, project: Project, folders: readonly string[]): Promise<readonly string[]> {
  const paths = new Set((await Promise.all(folders.map(folder => project.workspace.sourcesBelow(folder)))).flat())
  const texts = await Promise.all([...paths].map(async path => [path, await project.host.readText(path).catch(() => undefined)] as const))
  return texts.flatMap(([path, text]) => (text?.includes(name) ? [path] : []))
}

/** Of what a body declares: arguments by name, and what the paths of a layer hold. */
const NAMED_FROM_OUTSIDE: ReadonlySet<Role> = new Set<Role>(['argument', 'param', 'state', 'instance'])

const isSamePlace = (a: Span, b: Span): boolean => a.file.name === b.file.name && a.start === b.start

// -------------------------------------------------------------------------------------------------------- rename

/** @throws ResponseError where the name is not the user's to change */
export function renamed({ inspection, file, offset }: Place, project: Project): { readonly range: Range; readonly placeholder: string } {
  const use = inspection.names.at(file, offset)
  if (use?.builtIn) throw refusal(`\`${use.builtIn.name}\` is a name of the language`)
  if (!use?.declaration) throw refusal('there is no name here')
  if (use.declaration.isStandard) throw refusal(`\`${use.declaration.name.name}\` is a name of the standard library`)
  return { range: project.rangeOf(use.span), placeholder: use.declaration.name.name }
}

/** @throws ResponseError where the new name is none, or already means something where the old one is used */
export async function rename(place: Place, project: Project, folders: readonly string[], newName: string): Promise<WorkspaceEdit> {
  renamed(place, project)
  const declaration = place.inspection.names.at(place.file, place.offset)?.declaration
  if (!declaration) throw refusal('there is no name here')
  if (!/^[\p{L}_][\p{L}\p{M}\p{Nd}_₀-₉]*$/u.test(newName)) throw refusal(`\`${newName}\` is no name: letters, digits and \`_\`, a letter first`)
  if (RESERVED_WORDS.has(newName)) throw refusal(`\`${newName}\` is a reserved word`)
  const spans = await placesEverywhere(declaration, place, project, folders)
  await holdMeaning(place, project, spans, newName)
  const changes: Record<string, TextEdit[]> = {}
  for (const span of spans) {
    const uri = project.uriOf(span.file)
    if (uri !== undefined) (changes[uri] ??= []).push({ range: project.rangeOf(span), newText: newName })
  }
  return { changes }
}

/** The renamed files are compiled before anybody sees them: the new name must mean at each place what the old one did, and no other place may. */
async function holdMeaning(place: Place, project: Project, spans: readonly Span[], newName: string): Promise<void> {
  const paths = [...new Set(spans.map(span => span.file.name))]
  const texts = new Map(paths.map(path => [path, withNames(spans.filter(span => span.file.name === path), newName)]))
  const host = project.host
  for (const entry of new Set([place.file.name, ...paths])) {
    const before = await project.inspection(entry)
    const after = await inspect(entry, { ...host, readText: async path => texts.get(path) ?? await host.readText(path) })
    if (!before || !after) continue
    const [old, now] = [before, after].map(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error'))
    const [first] = (now?.length ?? 0) > (old?.length ?? 0) ? now?.filter(({ message }) => message.includes(newName)) ?? [] : []
    if (first) throw refusal(`\`${newName}\` would not do: ${first.message}`)
    if (meanings(before) !== meanings(after)) throw refusal(`\`${newName}\` already means something else where it would stand`)
  }
}

/** Which name of the entry's file means which, by their order in the text. */
function meanings({ names, module }: Inspection): string {
  const { file } = module.file
  const uses = names.of(file)
  const order = new Map(uses.map(({ span }, at) => [span.start, at]))
  return uses.map(({ declaration, builtIn }) => {
    if (builtIn) return builtIn.table
    return declaration?.name.span.file === file ? order.get(declaration.name.span.start) : 'elsewhere'
  }).join(' ')
}

function withNames(spans: readonly Span[], newName: string): string {
  const [first] = spans
  let text = first?.file.text ?? ''
  for (const { start, end } of [...spans].sort((a, b) => b.start - a.start)) text = text.slice(0, start) + newName + text.slice(end)
  return text
}

const refusal = (message: string): ResponseError<void> => new ResponseError(ErrorCodes.InvalidRequest, message)
