/** The whole way: one straight function, each phase handing a fresh value to the next. */
import { parse } from './1-parse/parse'
import { check } from './2-check/check'
import { loadModules } from './2-check/modules'
import { elaborate, type Elaborated } from './3-elaborate/elaborate'
import { differentiateLoss, eraseIdentity, expandDerivatives } from './4-differentiate'
import { optimize } from './5-optimize/optimize'
import { emitModule } from './6-emit/module'
import { programOf } from './6-emit/program'
import { DiagnosticSink } from './diagnostics/sink'
import type { Compilation, CompileOptions, Host } from './host'
import type { Graph, Value } from '../ir/graph'
import { PLAN_VERSION, type Plan, type Precision, type Program } from '../ir/plan'
import { VERSION } from './version'

/**
 * Compiles a file with everything that it uses.
 * @param entry path of the file, as the host resolves it
 * @returns diagnostics always; plans and files only where none of them is an error
 * @throws Error only for a bug in the compiler, or where the entry file does not exist
 */
export async function compile(entry: string, host: Host, options: CompileOptions = {}): Promise<Compilation> {
  const sink = new DiagnosticSink()
  const module = await loadModules(entry, host, sink)
  if (!module) throw new Error(`there is no file '${entry}'`)
  check(module, sink)
  const elaborated = elaborate(module, options, sink)
  if (sink.hasErrors) return { diagnostics: sink.all, ok: false, plans: [], files: [] }
  const written = module.file.precision?.value
  const plans = elaborated.map(each => planOf(each, options.precision ?? written))
  const name = entry.replace(/^.*[\\/]/, '')
  const { js, dts } = emitModule({ sourceName: name, version: VERSION, plans })
  return { diagnostics: sink.all, ok: true, plans, files: [{ name: `${entry}.js`, text: js }, { name: `${entry}.d.ts`, text: dts }] }
}

/** Diagnostics alone: nothing is differentiated or emitted. */
export async function checkOnly(entry: string, host: Host, options: CompileOptions = {}): Promise<Pick<Compilation, 'diagnostics' | 'ok'>> {
  const sink = new DiagnosticSink()
  const module = await loadModules(entry, host, sink)
  if (!module) throw new Error(`there is no file '${entry}'`)
  check(module, sink)
  elaborate(module, options, sink)
  return { diagnostics: sink.all, ok: !sink.hasErrors }
}

export { parse }

// ------------------------------------------------------------------------------------------------------- plans

function planOf({ model, train }: Elaborated, wanted: Precision | undefined): Plan {
  const inputNames = [...model.inputs.map(input => input.name), ...model.parameters.map(parameter => parameter.path)]
  const outputNames = model.outputs.map(output => `output:${output.name}`)
  const metricNames = model.metrics.map(metric => `metric:${metric.name}`)
  const expanded = expandDerivatives(model.graph)
  const values = expanded.outputs.slice(0, outputNames.length + metricNames.length)
  const names = [...outputNames, ...metricNames]
  const loss = model.loss ? expanded.outputs.at(-1) : undefined
  const select = (wantedNames: (name: string, at: number) => boolean): { names: string[]; values: Value[] } => {
    const kept = names.flatMap((name, at) => { const value = values[at]; return value && wantedNames(name, at) ? [{ name, value }] : [] })
    return { names: kept.map(each => each.name), values: kept.map(each => each.value) }
  }
  const entry = (graph: Graph, resultNames: readonly string[]) => finish(graph, inputNames, resultNames)
  const untargeted = select((name, at) => name.startsWith('output:') || !model.metrics[at - outputNames.length]?.usesTarget)
  const evaluated = loss ? { names: [...names, 'loss'], values: [...values, loss] } : { names, values }
  return {
    version: PLAN_VERSION,
    model: model.name,
    doc: model.doc,
    precision: wanted ?? (model.usesCircuit ? 'f64' : 'f32'),
    inputs: model.inputs.map(({ value: _, ...input }) => input),
    parameters: model.parameters.map(({ path, shape, frozen, doc }) => ({ path, shape, frozen, doc })),
    outputs: model.outputs.map(({ name, value, doc }) => ({ name, type: value.type, doc })),
    metrics: model.metrics.map(metric => metric.name),
    hasLoss: model.loss !== undefined,
    obligations: model.obligations,
    entries: {
      init: finish(expandDerivatives(model.initial), [], model.parameters.map(parameter => parameter.path)),
      predict: entry({ ...expanded, outputs: untargeted.values }, untargeted.names),
      evaluate: entry({ ...expanded, outputs: evaluated.values }, evaluated.names),
      ...(loss ? gradientEntries({ model, train }, expanded, loss, evaluated, inputNames) : {}),
    },
    ...(train ? { train } : {}),
  }
}

/** `gradient` reports every parameter's; `step` those that are trained, and no outputs. */
function gradientEntries(
  { model }: Elaborated, expanded: Graph, loss: Value, evaluated: { readonly names: readonly string[]; readonly values: readonly Value[] }, inputNames: readonly string[],
): { readonly gradient: Program; readonly step: Program } {
  const inputs = expanded.inputs.slice(model.inputs.length)
  const trained = model.parameters.flatMap((parameter, at) => { const input = inputs[at]; return input && !parameter.frozen ? [{ parameter, input }] : [] })
  const stepNames = evaluated.names.filter(name => !name.startsWith('output:'))
  const stepValues = evaluated.values.filter((_, at) => !evaluated.names[at]?.startsWith('output:'))
  return {
    gradient: finish(differentiateLoss({ ...expanded, outputs: evaluated.values }, loss, inputs), inputNames, [...evaluated.names, ...model.parameters.map(parameter => `gradient:${parameter.path}`)]),
    step: finish(differentiateLoss({ ...expanded, outputs: stepValues }, loss, trained.map(({ input }) => input)), inputNames, [...stepNames, ...trained.map(({ parameter }) => `gradient:${parameter.path}`)]),
  }
}

function finish(graph: Graph, inputNames: readonly string[], outputNames: readonly string[]): Program {
  return programOf(optimize(eraseIdentity(graph)), inputNames, outputNames)
}
