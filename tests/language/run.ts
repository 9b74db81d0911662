/**
 * Runs a program given as text, in f64 on the reference backend. On the way every graph is verified after elaboration,
 * expansion and optimisation, and the results are held to a plain evaluation of the graph as it was before optimisation.
 */
import { check } from '../../compiler/2-check/check'
import { loadModules } from '../../compiler/2-check/modules'
import { elaborate, type Elaborated } from '../../compiler/3-elaborate/elaborate'
import { differentiateLoss, eraseIdentity, expandDerivatives } from '../../compiler/4-differentiate'
import { optimize } from '../../compiler/5-optimize/optimize'
import { compile } from '../../compiler/compile'
import { DiagnosticSink, type Diagnostic } from '../../compiler/diagnostics/sink'
import type { CompileOptions, Host } from '../../compiler/host'
import { positionAt } from '../../compiler/source/source'
import type { Graph } from '../../ir/graph'
import { verify } from '../../ir/verify'
import { Model, type UntypedModel } from '../../runtime/model'
import type { AnyTensor } from '../../runtime/tensor'
import { evaluate, tensorOf, type Tensor } from '../support/evaluate'

export type Nested = number | boolean | readonly Nested[]
/** Nested arrays, or the elements row by row with a shape: the only way to say [0, 2]. */
export type Given = Nested | { readonly data: readonly number[]; readonly shape: readonly number[] }
export type Values = Readonly<Record<string, Given>>

export interface RunOptions extends CompileOptions {
  /** Further files, by the path as `use` names it. */
  readonly files?: Readonly<Record<string, string>>
  /** One of several models; the first by default. */
  readonly model?: string
  readonly seed?: number
  readonly draw?: number
}

export interface Outcome {
  readonly outputs: Readonly<Record<string, Nested>>
  readonly metrics: Readonly<Partial<Record<string, number>>>
  readonly loss: number | null
  readonly gradients: Readonly<Record<string, Nested>>
  readonly parameters: Readonly<Record<string, Nested>>
  readonly warnings: readonly string[]
}

/** Paths are names: files stand side by side. */
export function hostOf(files: Readonly<Record<string, string>>): Host {
  return {
    readText: path => Promise.resolve(files[path]),
    readBytes: () => Promise.resolve(undefined),
    resolve: (_, relative) => relative.replace(/^\.\//, ''),
  }
}

const ENTRY = 'main.bp'
const hostFor = (text: string, options: RunOptions) => hostOf({ ...options.files, [ENTRY]: text })

/** `code line:column: message` of everything the compiler says. */
export async function complaints(text: string, options: RunOptions = {}): Promise<string[]> {
  return (await diagnose(text, options)).map(complaint)
}

export async function diagnose(text: string, options: RunOptions = {}): Promise<readonly Diagnostic[]> {
  return (await compile(ENTRY, hostFor(text, options), options)).diagnostics
}

function complaint({ code, span, message }: Diagnostic): string {
  const { line, column } = positionAt(span.file, span.start)
  return `${span.file.name === ENTRY ? '' : `${span.file.name} `}${code} ${line}:${column}: ${message}`
}

/**
 * Values of inputs, targets and parameters by name; parameters not given keep their first values.
 * @throws Error where the program has errors, a graph breaks a rule, or the optimised program and the plain graph disagree
 */
export async function run(text: string, values: Values = {}, options: RunOptions = {}): Promise<Outcome> {
  const model = await load(text, options)
  return runModel(model, values, options)
}

export interface Loaded { readonly model: Model<UntypedModel>; readonly elaborated: Elaborated; readonly warnings: readonly string[] }

export async function load(text: string, options: RunOptions = {}): Promise<Loaded> {
  const { plans, diagnostics, ok } = await compile(ENTRY, hostFor(text, options), options)
  if (!ok) throw new Error(`the program has errors:\n${diagnostics.map(complaint).join('\n')}`)
  const elaborated = (await elaborateText(text, options)).find(each => options.model === undefined || each.model.name === options.model)
  const plan = plans.find(each => options.model === undefined || each.model === options.model)
  if (!plan || !elaborated) throw new Error('there is no such model')
  verifyPasses(elaborated)
  const model = await Model.create<UntypedModel>(plan, { backend: 'reference', precision: 'f64', seed: options.seed ?? 0 })
  return { model, elaborated, warnings: diagnostics.map(complaint) }
}

/** The models as the elaborator leaves them. */
export async function elaborateText(text: string, options: RunOptions = {}): Promise<readonly Elaborated[]> {
  const sink = new DiagnosticSink()
  const module = await loadModules(ENTRY, hostFor(text, options), sink)
  if (!module) throw new Error('no entry')
  check(module, sink)
  return elaborate(module, options, sink).models
}

function verifyPasses({ model }: Elaborated): void {
  const pass = (graph: Graph) => { verify(graph); return graph }
  for (const graph of [model.graph, model.initial]) {
    const expanded = pass(expandDerivatives(pass(graph)))
    pass(optimize(pass(eraseIdentity(expanded))))
    const loss = graph === model.graph ? expanded.outputs[model.results.findIndex(result => result.kind === 'loss')] : undefined
    if (!loss) continue
    const parameters = expanded.inputs.slice(model.inputs.length, model.inputs.length + model.parameters.length)
    pass(optimize(pass(eraseIdentity(pass(differentiateLoss(expanded, loss, parameters))))))
  }
}

export async function runModel({ model, elaborated, warnings }: Loaded, values: Values, options: RunOptions = {}): Promise<Outcome> {
  const inputs: Record<string, Given> = {}
  for (const [name, value] of Object.entries(values)) {
    if (model.parameters.paths.includes(name)) model.parameters.set(name, value as never)
    else inputs[name] = value
  }
  const { outputs, metrics, loss, gradients } = await model.evaluate(inputs, { grad: true, draw: options.draw })
  const parameters = Object.fromEntries(model.parameters.paths.map(path => [path, model.parameters.get(path)]))
  holdToPlainGraph(elaborated, inputs, parameters, { ...prefixed('output', outputs), ...prefixed('metric', metrics), loss })
  return { outputs: nested(outputs), metrics, loss, gradients: nested(gradients), parameters: nested(parameters), warnings }
}

const prefixed = <T>(role: string, values: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(values).map(([name, value]) => [`${role} ${name}`, value]))

const nested = (tensors: Readonly<Record<string, AnyTensor>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.toArray() as Nested]))

// ------------------------------------------------------------------------------------- the plain graph's results

/** The graph of the elaborator, its derivatives expanded and nothing optimised, evaluated op by op. Draws are left out. */
function holdToPlainGraph(
  { model }: Elaborated, inputs: Readonly<Record<string, Given>>, parameters: Readonly<Record<string, AnyTensor>>, compiled: Readonly<Record<string, AnyTensor | number | null | undefined>>,
): void {
  const graph = expandDerivatives(model.graph)
  if (draws(graph) || model.states.length > 0 || model.inputs.some(input => inputs[input.name] === undefined)) return
  const given = [
    ...model.inputs.map(input => plainTensor(inputs[input.name] ?? 0, input.type.shape.length)),
    ...model.parameters.map(({ path }) => plainTensor(parameters[path] ?? 0, 0)),
    // `training`, `step` and `epoch` outside of training.
    ...[0, 0, 0].map(value => plainTensor(value, 0)),
  ]
  evaluate(graph, given).forEach((plain, at) => {
    const { kind = 'output', name = '' } = model.results[at] ?? {}
    if (kind === 'rate' || kind === 'state') return
    const found = plainTensor(compiled[kind === 'loss' ? kind : `${kind} ${name}`] ?? NaN, 0)
    const same = plain.shape.join() === found.shape.join()
      // Rewrites reorder sums: 1e−9 of the size is far above their rounding and far below any mistake.
      && plain.data.every((number, i) => Object.is(number, found.data[i]) || Math.abs(number - (found.data[i] ?? NaN)) <= 1e-9 * (1 + Math.abs(number)))
    if (!same) throw new Error(`${kind} ${name}: the plan gives ${JSON.stringify(found)}, the graph ${JSON.stringify(plain)}`)
  })
}

function draws(graph: Graph): boolean {
  return graph.nodes.some(node => node.op === 'random' || (node.op === 'circuit' && node.attributes.draw !== undefined) || (node.op === 'loop' && draws(node.attributes.body)))
}

function plainTensor(value: Given | AnyTensor, rank: number): Tensor {
  if (typeof value === 'object' && 'data' in value) return tensorOf(value.shape, [...value.data])
  const shape: number[] = []
  for (let inner: Nested | undefined = value; Array.isArray(inner) && shape.length < rank; inner = (inner as readonly Nested[])[0]) shape.push(inner.length)
  return tensorOf(shape, flat(value))
}

export const flat = (value: Nested): number[] => (Array.isArray(value) ? (value as readonly Nested[]).flatMap(flat) : [Number(value)])

