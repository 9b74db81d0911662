/** The whole way: one straight function, each phase handing a fresh value to the next. */
import type { Plan } from '../ir/plan'
import type { FileNode, Model, RoutineKind } from './1-parse/ast'
import { check } from './2-check/check'
import { loadModules, type Module } from './2-check/modules'
import { NameTable } from './2-check/names'
import { withinBounds } from './3-elaborate/budget'
import { elaborate, type ElaboratedFile } from './3-elaborate/elaborate'
import type { ElaboratedModel } from './3-elaborate/model'
import { SeenTypes } from './3-elaborate/seen'
import { compiledCircuit } from './6-emit/circuit'
import { checkOrders, hasFirstOrderCircuit } from './6-emit/orders'
import { emitModule } from './6-emit/module'
import { planOf, predictionOf, stagesOf, type Stage } from './6-emit/plan'
import { contained } from './diagnostics/contain'
import { DiagnosticSink } from './diagnostics/sink'
import type { CircuitCompilation, Compilation, CompileOptions, Host } from './host'
import type { Prediction } from './onnx/export'
import type { Span } from './source/source'
import { VERSION } from './version'

/**
 * Compiles a file with everything that it uses.
 * @param entry path of the file, as the host resolves it
 * @returns diagnostics always; plans and files only where none of them is an error
 * @throws Error where the entry file does not exist, and what the host throws; a bug of the compiler is a diagnostic, too
 */
export async function compile(entry: string, host: Host, options: CompileOptions = {}): Promise<Compilation> {
  const { sink, module, elaborated: { models, functions } } = await front(entry, host, options)
  const made = finished(sink, module, () => {
    const precision = options.precision ?? module.file.precision?.value
    const plans = models.map(each => planOf(each, precision))
    const functionPlans = functions.map(model => planOf({ model }, precision))
    checkOrders([...plans, ...functionPlans], module, sink)
    const name = entry.replace(/^.*[\\/]/, '')
    return { plans, functions: functionPlans, ...emitModule({ sourceName: name, version: VERSION, plans, functions: functionPlans }) }
  })
  if (!made) return { diagnostics: sink.all, ok: false, plans: [], functions: [], files: [] }
  const { plans, functions: functionPlans, js, dts } = made
  return { diagnostics: sink.all, ok: true, plans, functions: functionPlans, files: [{ name: `${entry}.js`, text: js }, { name: `${entry}.d.ts`, text: dts }] }
}

/** What every way through the compiler begins with: text to graphs. */
async function front(entry: string, host: Host, options: CompileOptions): Promise<{ readonly sink: DiagnosticSink; readonly module: Module; readonly elaborated: ElaboratedFile }> {
  const sink = new DiagnosticSink()
  const module = await loadModules(entry, host, sink)
  if (!module) throw new Error(`there is no file '${entry}'`)
  contained(sink, () => beginningOf(module), () => { check(module, sink) })
  return { sink, module, elaborated: elaborate(module, options, sink) }
}

const beginningOf = ({ file: { file } }: Module): Span => ({ file, start: 0, end: 0 })

/** What the later phases make of a file. @returns undefined where it has errors, before or then */
function finished<Made>(sink: DiagnosticSink, module: Module, make: () => Made): Made | undefined {
  if (sink.hasErrors) return undefined
  const [model] = module.models
  const place = () => model?.name.span ?? beginningOf(module)
  const made = contained(sink, place, () => withinBounds(place, make))
  return sink.hasErrors ? undefined : made
}

/** Diagnostics alone: nothing is emitted, and nothing differentiated but where only that shows a mistake. */
export async function checkOnly(entry: string, host: Host, options: CompileOptions = {}): Promise<Pick<Compilation, 'diagnostics' | 'ok'>> {
  const sink = new DiagnosticSink()
  const module = await loadModules(entry, host, sink)
  if (!module) throw new Error(`there is no file '${entry}'`)
  checkModules(module, options, sink)
  return { diagnostics: sink.all, ok: !sink.hasErrors }
}

function checkModules(module: Module, options: CompileOptions, sink: DiagnosticSink, names?: NameTable, seen?: SeenTypes): void {
  contained(sink, () => beginningOf(module), () => { check(module, sink, names) })
  const { models } = elaborate(module, options, sink, seen)
  if (hasFirstOrderCircuit(module)) finished(sink, module, () => { checkOrders(models.map(each => planOf(each, undefined)), module, sink) })
}

/** What an editor asks: the diagnostics of `checkOnly`, and beside them what every name means and what it turned out to be. */
export interface Inspection {
  readonly diagnostics: Compilation['diagnostics']
  readonly module: Module
  readonly names: NameTable
  readonly seen: SeenTypes
}

/** @returns undefined where the entry file does not exist */
export async function inspect(entry: string, host: Host, options: CompileOptions = {}): Promise<Inspection | undefined> {
  const sink = new DiagnosticSink()
  const module = await loadModules(entry, host, sink)
  if (!module) return undefined
  const [names, seen] = [new NameTable(), new SeenTypes()]
  checkModules(module, options, sink, names, seen)
  return { diagnostics: sink.all, module, names, seen }
}

/**
 * The circuits of a file as data, for drawings and other formats; models are checked, and not made.
 * @returns circuits only where no diagnostic is an error
 */
export async function compileCircuits(
  entry: string, host: Host, options: CompileOptions = {},
): Promise<CircuitCompilation> {
  const { sink, module, elaborated } = await front(entry, host, options)
  const circuits = finished(sink, module, () => elaborated.circuits.map(compiledCircuit)) ?? []
  const known = new Set(circuits.map(({ circuit }) => circuit.name))
  const declared = module.file.declarations.flatMap(declaration => (declaration.kind === 'routine' && declaration.routine === 'circuit' ? [declaration.name.name] : []))
  return {
    diagnostics: sink.all, ok: !sink.hasErrors, circuits, models: module.models.map(({ name }) => name.name), open: declared.filter(name => !known.has(name)),
  }
}

/** What `compilePredictions` gives. */
export interface Predictions {
  readonly diagnostics: Compilation['diagnostics']
  /** False where any diagnostic is an error; then there are no models. */
  readonly ok: boolean
  readonly models: readonly (Prediction & { readonly plan: Plan })[]
  /** Those that the file declares. */
  readonly circuits: readonly string[]
}

/** The models of a file with the graphs of their predictions, for other formats. */
export async function compilePredictions(entry: string, host: Host, options: CompileOptions = {}): Promise<Predictions> {
  const { sink, module, elaborated: { models } } = await front(entry, host, options)
  const precision = options.precision ?? module.file.precision?.value
  const made = finished(sink, module, () => models.map(each => ({ plan: planOf(each, precision), ...predictionOf(each.model) })))
  if (!made) return { diagnostics: sink.all, ok: false, models: [], circuits: [] }
  const circuits = module.file.declarations.flatMap(each => (each.kind === 'routine' && each.routine === 'circuit' ? [each.name.name] : []))
  return { diagnostics: sink.all, ok: true, circuits, models: made }
}

/** What the phases hand on, for `--emit`. */
export interface Stages {
  readonly file: FileNode
  /** One a model, in the order of the file. */
  readonly models: readonly { readonly name: string; readonly graph: readonly Stage[]; readonly grad: readonly Stage[] }[]
}

/** @returns stages only where no diagnostic is an error */
export async function compileStages(entry: string, host: Host, options: CompileOptions = {}): Promise<Pick<Compilation, 'diagnostics' | 'ok'> & { readonly stages?: Stages }> {
  const { sink, module, elaborated: { models } } = await front(entry, host, options)
  const made = finished(sink, module, () => models.map(({ model }) => ({ name: model.name, ...stagesOf(model) })))
  return made ? { diagnostics: sink.all, ok: true, stages: { file: module.file, models: made } } : { diagnostics: sink.all, ok: false }
}

/** A model as it is written beside what it was elaborated to, for drawings of it. */
export interface Outline {
  readonly node: Model
  readonly model: ElaboratedModel
}

/** @returns outlines of the file's models, in its order, only where no diagnostic is an error; and which circuits and functions its names are */
export async function compileOutlines(
  entry: string, host: Host, options: CompileOptions = {},
): Promise<Pick<Compilation, 'diagnostics' | 'ok'> & { readonly outlines: readonly Outline[]; readonly routines: ReadonlyMap<string, RoutineKind> }> {
  const { sink, module, elaborated: { models } } = await front(entry, host, options)
  const outlines = sink.hasErrors ? [] : module.models.flatMap(node => {
    const found = models.find(({ model }) => model.name === node.name.name)
    return found ? [{ node, model: found.model }] : []
  })
  return { diagnostics: sink.all, ok: !sink.hasErrors, outlines, routines: new Map([...module.callables].map(([name, { node }]) => [name, node.routine])) }
}
