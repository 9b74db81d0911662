/** From an elaborated model to its plan: one graph becomes a program for each purpose. */
import type { Elaborated } from '../3-elaborate/elaborate'
import type { ElaboratedModel, Result } from '../3-elaborate/model'
import { copyInto, differentiateLoss, eraseIdentity, expandDerivatives } from '../4-differentiate'
import { optimize } from '../5-optimize/optimize'
import { GraphBuilder } from '../../ir/builder'
import type { Graph, Value } from '../../ir/graph'
import { EPOCH_INPUT, freeShape, PLAN_VERSION, STEP_INPUT, type Entries, type Plan, type Precision, type Program } from '../../ir/plan'
import { OPTIMIZER_KINDS, type OptimizerName } from '../../ir/training'
import { int, real, tensor } from '../../ir/type'
import { circuitCallsOf, metricBy } from './metric'
import { programOf } from './program'
import { constrain } from './ranges'

/** @param wanted in the place of the default: 64-bit for a model that calls a circuit, else 32-bit */
export function planOf({ model, train }: Elaborated, wanted: Precision | undefined): Plan {
  return {
    version: PLAN_VERSION,
    model: model.name,
    doc: model.doc,
    precision: wanted ?? (model.usesCircuit ? 'f64' : 'f32'),
    inputs: model.inputs.map(({ value: _, ...input }) => input),
    parameters: model.parameters.map(({ path, shape, frozen, range, doc }) => ({ path, shape, frozen, ...(range ? { range } : {}), doc })),
    states: model.states.map(({ path, element, shape, doc }) => ({ path, element, shape, doc })),
    outputs: model.outputs,
    metrics: model.metrics,
    hasLoss: model.hasLoss,
    obligations: model.obligations,
    entries: entriesOf(model, train?.optimizer.name),
    ...(train ? { train } : {}),
  }
}

/** @param optimizer of the train block: some ask for entries of their own */
function entriesOf(model: ElaboratedModel, optimizer: OptimizerName | undefined): Entries {
  const expanded = expandDerivatives(model.graph)
  const kinds = (...wanted: readonly Result['kind'][]) => (result: Result) => wanted.includes(result.kind)
  const evaluating = instantiate(model, expanded, false)
  const training = instantiate(model, expanded, true)
  const isTrained = (at: number) => !model.parameters[at]?.frozen
  const needs = model.hasLoss && optimizer ? OPTIMIZER_KINDS[optimizer] : undefined
  return {
    init: finish({ graph: expandDerivatives(model.initial), names: [] }, [...model.parameters, ...model.states].map(({ path }) => path)),
    // A metric that needs no target is there in prediction too.
    predict: entry(evaluating, model.results, result => kinds('output', 'metric')(result) && !result.usesTarget),
    evaluate: entry(evaluating, model.results, kinds('output', 'metric', 'loss')),
    ...(model.hasLoss ? {
      gradient: entry(evaluating, model.results, kinds('output', 'metric', 'loss'), () => true),
      step: entry(training, model.results, kinds('metric', 'loss', 'rate'), isTrained),
    } : {}),
    ...(needs === 'loss' || needs === 'sinusoid' ? { objective: entry(training, model.results, kinds('metric', 'loss', 'rate')) } : {}),
    ...(needs === 'hessian' ? { hessian: hessianEntry(model, expanded) } : {}),
    ...(needs === 'metric' ? { metric: metricEntry(model) } : {}),
    ...(model.results.some(kinds('state')) ? { update: entry(instantiate(model, expanded, true, false), model.results, kinds('state')) } : {}),
  }
}

/** A model's graph for one purpose, its inputs named. */
interface Instance {
  readonly graph: Graph
  readonly names: readonly string[]
  /** What gradients are taken by, one for each parameter. */
  readonly parameters: readonly { readonly path: string; readonly value: Value }[]
}

/**
 * In training the parameters come in unconstrained, and `training`, `step` and `epoch` are what they are; outside they are
 * false, 0 and 0.
 */
function instantiate(model: ElaboratedModel, expanded: Graph, training: boolean, unconstrained = training): Instance {
  const b = GraphBuilder.create()
  const inputs = model.inputs.map(({ name, type }) => b.input(name, type))
  const parameters = model.parameters.map(parameter => b.input(parameter.path, real(...(unconstrained ? freeShape(parameter) : parameter.shape))))
  const states = model.states.map(({ path, element, shape }) => b.input(path, tensor(element, shape)))
  const values = model.parameters.map(({ range }, at) => {
    const parameter = parameters[at]
    if (!parameter) throw new Error('plan: a parameter without its input')
    return unconstrained ? constrain(b, range, parameter) : parameter
  })
  const counters = training ? [b.input(STEP_INPUT, int()), b.input(EPOCH_INPUT, int())] : [b.fill('int', [], 0), b.fill('int', [], 0)]
  const outputs = copyInto(b, expanded, [...inputs, ...values, ...states, b.fill('bool', [], training ? 1 : 0), ...counters])
  return {
    graph: b.finish(outputs),
    names: [...model.inputs.map(input => input.name), ...model.parameters.map(({ path }) => path), ...model.states.map(({ path }) => path), ...(training ? [STEP_INPUT, EPOCH_INPUT] : [])],
    parameters: model.parameters.map(({ path }, at) => ({ path, value: parameters[at] ?? never() })),
  }
}

function entry(instance: Instance, results: readonly Result[], wanted: (result: Result) => boolean, differentiated?: (at: number) => boolean): Program {
  const { graph, names, resultNames } = draft(instance, results, wanted, differentiated)
  return finish({ graph, names }, resultNames)
}

/** An entry that is not optimised yet. */
function draft(
  { graph, names, parameters }: Instance, results: readonly Result[], wanted: (result: Result) => boolean, differentiated?: (at: number) => boolean,
): Pick<Instance, 'graph' | 'names'> & { readonly resultNames: readonly string[] } {
  const kept = results.flatMap((result, at) => { const value = graph.outputs[at]; return value && wanted(result) ? [{ result, value }] : [] })
  const selected: Graph = { ...graph, outputs: kept.map(({ value }) => value) }
  const resultNames = kept.map(({ result }) => nameOf(result))
  const loss = graph.outputs[results.findIndex(result => result.kind === 'loss')]
  if (!differentiated || !loss) return { graph: selected, names, resultNames }
  const by = parameters.filter((_, at) => differentiated(at))
  return {
    graph: differentiateLoss(selected, loss, by.map(({ value }) => value)), names, resultNames: [...resultNames, ...by.map(({ path }) => `gradient:${path}`)],
  }
}

/** A graph on the way to a plan, for whoever looks at it. */
export interface Stage { readonly title: string; readonly graph: Graph; readonly outputNames: readonly string[] }

/** A model's graph, and that of its training step with gradients (none without a loss): each as it is made, and optimised. */
export function stagesOf(model: ElaboratedModel): { readonly graph: readonly Stage[]; readonly grad: readonly Stage[] } {
  const expanded = expandDerivatives(model.graph)
  const evaluate = draft(instantiate(model, expanded, false), model.results, ({ kind }) => kind === 'output' || kind === 'metric' || kind === 'loss')
  const optimized = (title: string, { graph, resultNames }: ReturnType<typeof draft>): Stage => ({ title, graph: optimize(eraseIdentity(graph)), outputNames: resultNames })
  const graph = [{ title: 'elaborated', graph: model.graph, outputNames: model.results.map(nameOf) }, optimized('evaluate, optimised', evaluate)]
  if (!model.hasLoss) return { graph, grad: [] }
  const wanted = ({ kind }: Result) => kind === 'metric' || kind === 'loss' || kind === 'rate'
  const step = draft(instantiate(model, expanded, true), model.results, wanted, at => !model.parameters[at]?.frozen)
  return { graph, grad: [{ title: 'step, differentiated', graph: step.graph, outputNames: step.resultNames }, optimized('step, optimised', step)] }
}

/** What `predict` computes for the outputs, optimised and before it becomes a program. */
export function predictionOf(model: ElaboratedModel): { readonly graph: Graph; readonly inputNames: readonly string[]; readonly outputNames: readonly string[] } {
  const { graph, names } = draft(instantiate(model, expandDerivatives(model.graph), false), model.results, ({ kind }) => kind === 'output')
  const read = readInputs(optimize(eraseIdentity(graph)), names)
  return { graph: read.graph, inputNames: read.names, outputNames: model.outputs.map(({ name }) => name) }
}

/** The second derivatives of the loss by all trained numbers together. */
function hessianEntry(model: ElaboratedModel, expanded: Graph): Program {
  const instance = instantiate(model, expanded, true)
  const loss = instance.graph.outputs[model.results.findIndex(result => result.kind === 'loss')]
  const graph = { ...instance.graph, outputs: loss ? [loss] : [] }
  return byTrained(model, { ...instance, graph }, 'hessian', (b, [y], point) => b.add('derivative', { kind: 'hessian' }, [y ?? never(), point]))
}

/** The metric of the states of the circuits that the loss calls. */
function metricEntry(model: ElaboratedModel): Program {
  const { graph, circuits } = circuitCallsOf(model.graph, model.results.findIndex(result => result.kind === 'loss'))
  const instance = instantiate(model, expandDerivatives(graph), true)
  return byTrained(model, instance, 'metric', (b, slots, point) => metricBy(b, circuits, slots, point))
}

/**
 * A matrix by all trained numbers together: the parameters are cut out of one vector, which is put together from the
 * program's inputs.
 */
function byTrained(
  model: ElaboratedModel, { graph, names, parameters }: Instance, name: string,
  build: (b: GraphBuilder, outputs: readonly Value[], point: Value) => Value,
): Program {
  const b = GraphBuilder.create()
  const inputs = graph.inputs.map(({ node, type }) => b.input(node.op === 'input' ? node.attributes.name : '', type))
  const trained = parameters.flatMap(({ value }, at) => (model.parameters[at]?.frozen ? [] : [{ at: graph.inputs.indexOf(value), size: sizeOf(value) }]))
  const flat = trained.map(({ at, size }) => b.reshape(inputs[at] ?? never(), [size]))
  const point = b.add('mark', { name: 'point', id: 0 }, [b.add('concat', { axis: 0 }, flat)])
  let low = 0
  const replaced = [...inputs]
  for (const { at, size } of trained) {
    const part = b.add('slice', { starts: [low], sizes: [size], steps: [1] }, [point])
    replaced[at] = b.reshape(part, graph.inputs[at]?.type.shape ?? [])
    low += size
  }
  const matrix = build(b, copyInto(b, graph, replaced), point)
  return finish({ graph: expandDerivatives(b.finish([matrix], inputs)), names }, [name])
}

const sizeOf = (value: Value): number => value.type.shape.reduce<number>((product, size) => product * (typeof size === 'number' ? size : never()), 1)

const nameOf = ({ kind, name }: Result): string => (kind === 'loss' ? 'loss' : `${kind}:${name}`)

function finish({ graph, names }: Pick<Instance, 'graph' | 'names'>, resultNames: readonly string[]): Program {
  const read = readInputs(optimize(eraseIdentity(graph)), names)
  return programOf(read.graph, read.names, resultNames)
}

/** Inputs that nothing reads are left out: whoever runs the program need not give them. */
function readInputs(graph: Graph, names: readonly string[]): Pick<Instance, 'graph' | 'names'> {
  const read = new Set([...graph.nodes.flatMap(node => node.inputs), ...graph.outputs])
  const kept = graph.inputs.flatMap((input, at) => (read.has(input) ? [{ input, name: names[at] ?? never() }] : []))
  return { graph: { ...graph, inputs: kept.map(({ input }) => input) }, names: kept.map(({ name }) => name) }
}

function never(): never {
  throw new Error('plan: an input without a name')
}
