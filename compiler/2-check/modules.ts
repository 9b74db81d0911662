/** Reads the entry file and everything it uses, and ties imported names to their declarations. */
import { parse } from '../1-parse/parse'
import type { Argument, Const, Declaration, Expression, FileNode, Identifier, InvalidDeclaration, Model, Routine, Train, Use } from '../1-parse/ast'
import type { DiagnosticSink } from '../diagnostics/sink'
import { among, listOf, suggest } from '../diagnostics/suggest'
import type { Host } from '../host'
import type { Span } from '../source/source'
import { namesWithin, withoutBroken } from './broken'
import { excerpt } from './excerpt'
import { STANDARD_LIBRARY } from './standardLibrary'

/** A declaration with the module whose names its body sees. */
export interface Declared<D> { readonly node: D; readonly module: Module }

export interface Module {
  readonly path: string
  readonly isStandard: boolean
  readonly file: FileNode
  /** Data files that its circuits name, by the name as it is written; without those that are not there. */
  readonly texts: ReadonlyMap<string, string>
  /** Values, callables and gates are three namespaces; imported names stand here like own ones. */
  readonly constants: ReadonlyMap<string, Declared<Const>>
  readonly callables: ReadonlyMap<string, Declared<Routine>>
  readonly gates: ReadonlyMap<string, Declared<Routine>>
  readonly models: readonly Model[]
  readonly trains: readonly Train[]
  /** Modules that its `use` lines name. */
  readonly imports: readonly Module[]
}

/** A module and all that it reaches, each once, without the standard library, which has no mistakes to report. */
export function ownModules(entry: Module): readonly Module[] {
  const found = new Set<Module>()
  const visit = (module: Module): void => {
    if (found.has(module) || module.isStandard) return
    found.add(module)
    module.imports.forEach(visit)
  }
  visit(entry)
  return [...found]
}

interface Loading extends Module {
  readonly texts: Map<string, string>
  readonly constants: Map<string, Declared<Const>>
  readonly callables: Map<string, Declared<Routine>>
  readonly gates: Map<string, Declared<Routine>>
  readonly imports: Module[]
}

/** @returns undefined where the entry file does not exist */
export async function loadModules(entry: string, host: Host, sink: DiagnosticSink): Promise<Module | undefined> {
  const text = await host.readText(entry)
  if (text === undefined) return undefined
  return await new Loader(host, sink).module(entry, text, false)
}

class Loader {
  private readonly modules = new Map<string, Loading>()
  /** Modules whose imports are being followed, outermost first. */
  private readonly open: string[] = []

  constructor(private readonly host: Host, private readonly sink: DiagnosticSink) {}

  async module(path: string, text: string, isStandard: boolean): Promise<Loading> {
    const parsed = parse({ name: path, text }, this.sink)
    const file = withoutBroken(parsed, this.sink.all.flatMap(({ span }) => (span.file === parsed.file ? [span] : [])))
    const module: Loading = {
      path, isStandard, file, texts: new Map(), constants: new Map(), callables: new Map(), gates: new Map(), imports: [],
      models: file.declarations.filter(declaration => declaration.kind === 'model'),
      trains: file.declarations.filter(declaration => declaration.kind === 'train'),
    }
    this.modules.set(path, module)
    this.open.push(path)
    this.declare(module)
    for (const name of dataFilesOf(file)) {
      const data = isStandard ? undefined : await this.host.readText(this.host.resolve(path, name))
      if (data !== undefined) module.texts.set(name, data)
    }
    for (const use of file.uses) await this.import(module, use)
    this.open.pop()
    return module
  }

  private declare(module: Loading): void {
    const names = new Map<string, Span>()
    for (const declaration of module.file.declarations) {
      if (declaration.kind === 'invalid') {
        // Its mistake is reported; its uses are none.
        for (const name of namesOf(declaration)) module.callables.set(name.name, { node: invalidRoutine(name), module })
        continue
      }
      // A name of no letters was missing, and is reported too.
      if (declaration.kind === 'train' || declaration.name.name === '') continue
      const space = spaceOf(declaration)
      const earlier = names.get(`${space} ${declaration.name.name}`)
      if (earlier) {
        this.sink.report('duplicate-name', declaration.name.span, { name: declaration.name.name },
          { related: [{ span: earlier, message: 'first declared here' }] })
        continue
      }
      names.set(`${space} ${declaration.name.name}`, declaration.name.span)
      enter(module, declaration.name.name, declaration, module)
    }
  }

  private async import(into: Loading, use: Use): Promise<void> {
    const source = await this.source(into, use)
    if (!source) {
      // Reported: the names stand for what was meant, so that their uses are no further mistakes.
      for (const name of use.names) into.callables.set(name.name, { node: invalidRoutine(name), module: into })
      return
    }
    into.imports.push(source)
    for (const name of use.names) this.importName(into, name, source)
  }

  private importName(into: Loading, name: Identifier, from: Loading): void {
    const found = [from.constants.get(name.name), from.callables.get(name.name), from.gates.get(name.name)].filter(entry => entry !== undefined)
    if (found.length === 0) {
      const { suggestion, known } = among(name.name, [...from.constants.keys(), ...from.callables.keys(), ...from.gates.keys()])
      this.sink.report('unknown-import', name.span, { module: from.path, name: name.name, suggestion, known })
      // Stands for what was meant, so that its uses are not reported again.
      for (const meant of [name.name, suggestion]) {
        if (meant !== undefined && !into.callables.has(meant)) into.callables.set(meant, { node: invalidRoutine(name), module: from })
      }
      return
    }
    for (const { node, module } of found) {
      const clash = [into.constants, into.callables, into.gates][['const', 'callable', 'gate'].indexOf(spaceOf(node))]?.get(name.name)
      const isSame = clash?.node === node || (clash?.node.kind === 'routine' && isInvalid(clash.node)) || (clash?.module.isStandard && clash.module.path === module.path)
      if (clash && !isSame) {
        this.sink.report('duplicate-name', name.span, { name: name.name },
          { related: [{ span: clash.node.name.span, message: 'also declared here' }] })
      } else enter(into, name.name, node, module)
    }
  }

  private async source(into: Loading, use: Use): Promise<Loading | undefined> {
    const isFile = 'file' in use.module
    const path = 'file' in use.module ? this.host.resolve(into.path, use.module.file) : use.module.path.map(part => part.name).join('.')
    const standard = isFile ? undefined : STANDARD_LIBRARY.get(path)
    if (standard !== undefined) return await this.standardModule(path, standard, use)
    const known = this.modules.get(path)
    if (known) {
      const at = this.open.indexOf(path)
      if (at < 0) return known
      this.sink.report('import-cycle', use.span, { cycle: [...this.open.slice(at), path].join(' → ') })
      return undefined
    }
    const text = isFile ? await this.host.readText(path) : undefined
    if (text === undefined) {
      const suggestion = isFile ? undefined : suggest(path, [...STANDARD_LIBRARY.keys()])
      const hint = isFile ? 'a path is relative to the file that names it' : `the modules are ${listOf([...STANDARD_LIBRARY.keys()]) ?? ''}; a file of your own is named in quotes: \`use "./file.bp".{…}\``
      this.sink.report('unknown-module', use.module.span, { module: path, suggestion, hint })
      return undefined
    }
    return this.module(path, text, false)
  }

  /** As much of a standard module as the line asks for. */
  private async standardModule(path: string, text: string, use: Use): Promise<Loading> {
    const names = [...new Set(use.names.map(name => name.name))].sort()
    const key = `${path} ${names.join(' ')}`
    const known = this.modules.get(key)
    if (known) return known
    const module = await this.module(path, excerpt(text, names), true)
    this.modules.set(key, module)
    return module
  }
}

/** What it declares; of a broken `use`, any name on its line. */
function namesOf({ name, span }: InvalidDeclaration): readonly Identifier[] {
  if (name) return [name]
  const line = span.file.text.indexOf('\n', span.start)
  return namesWithin({ ...span, end: line < 0 ? span.end : Math.max(span.end, line) })
}

function spaceOf(declaration: Declaration): 'const' | 'callable' | 'gate' | 'model' | 'other' {
  if (declaration.kind === 'const') return 'const'
  if (declaration.kind === 'routine') return declaration.routine === 'gate' ? 'gate' : 'callable'
  return declaration.kind === 'model' ? 'model' : 'other'
}

function enter(into: Loading, name: string, node: Declaration, module: Module): void {
  if (node.kind === 'const') into.constants.set(name, { node, module })
  else if (node.kind === 'routine') (node.routine === 'gate' ? into.gates : into.callables).set(name, { node, module })
}

/** A routine whose calls are absorbed: it has no body to check. */
function invalidRoutine(name: Identifier): Routine {
  return {
    kind: 'routine', routine: 'fn', name, parameters: [], registers: [], results: [], annotations: [], doc: '',
    body: { kind: 'expression', value: { kind: 'invalid', span: name.span }, span: name.span }, signature: name.span, span: name.span,
  }
}

export const isInvalid = (routine: Routine): boolean =>
  routine.body.kind === 'expression' && routine.body.value.kind === 'invalid'

/** Files that `hamiltonian("…")` names: read before anything is evaluated, which waits for nothing. */
function dataFilesOf(file: FileNode): ReadonlySet<string> {
  const names = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) { value.forEach(walk); return }
    if (value === null || typeof value !== 'object' || 'text' in value) return
    const node = value as { readonly kind?: unknown; readonly callee?: Expression; readonly arguments?: readonly Argument[] }
    const first = node.arguments?.[0]?.value
    if (node.kind === 'call' && node.callee?.kind === 'name' && node.callee.name === 'hamiltonian' && first?.kind === 'string') names.add(first.value)
    for (const [key, child] of Object.entries(value)) if (key !== 'span' && key !== 'signature') walk(child)
  }
  walk(file.declarations)
  return names
}
