/** A model's prediction as an ONNX graph: outputs from inputs, with the parameters and states as constants. */
import { reachableNodes, type Graph, type Node, type Value } from '../../ir/graph'
import type { OpName } from '../../ir/op'
import type { Plan, PlanInput, PlanParameter, PlanState, Precision } from '../../ir/plan'
import { lowerGraph, ONNX_LOWERINGS, type Refusal } from './lower'
import { namesReadBy, neededNodes, renameValues, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue } from './model'
import { Constants, Names } from './names'
import { Scope } from './scope'
import { SizeWriter } from './sizes'

/** What is computed from what, by the names of the plan. */
export interface Prediction {
  readonly plan: Pick<Plan, 'model' | 'doc' | 'inputs' | 'parameters' | 'states' | 'outputs'>
  readonly graph: Graph
  /** One an input of the graph: an input of the model, or the path of a parameter or state. */
  readonly inputNames: readonly string[]
  /** One an output of the graph. */
  readonly outputNames: readonly string[]
}

/** A model's numbers, by path. */
export interface Numbers {
  readonly precision: Precision
  readonly values: ReadonlyMap<string, ArrayLike<number>>
  /** What the named inputs are standardised by: one number for each feature, as training measured it. */
  readonly standardization: ReadonlyMap<string, { readonly mean: readonly number[]; readonly deviation: readonly number[] }>
}

/** What keeps a model from being exported, a sentence each: `output p needs circuit c, and ONNX has …`. */
export function refusals({ graph, outputNames }: Prediction): readonly string[] {
  const outputsOf = new Map<string, string[]>()
  graph.outputs.forEach((output, at) => {
    for (const said of new Set(refusedAmong(reachableNodes([output])))) outputsOf.set(said, [...outputsOf.get(said) ?? [], outputNames[at] ?? ''])
  })
  return [...outputsOf].map(([said, names]) => `${names.length === 1 ? 'output' : 'outputs'} ${names.join(', ')} ${names.length === 1 ? 'needs' : 'need'} ${said}`)
}

function refusedAmong(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap(node => {
    if (node.op === 'input') return []
    if (node.op === 'loop') return refusedAmong(node.attributes.body.nodes)
    const row = ONNX_LOWERINGS[node.op]
    if (typeof row !== 'object') return []
    // The row belongs to the node's own operation, which TypeScript cannot follow through the lookup.
    const { what, why } = row as Refusal<OpName>
    return [`${what(node.attributes)}, and ${why}`]
  })
}

/**
 * @param prediction one without `refusals`
 * @returns a graph whose inputs are those of the model that its outputs need, for their values or for their sizes
 */
export function onnxGraph(prediction: Prediction, numbers: Numbers): OnnxGraph {
  const { plan, graph, outputNames } = prediction
  const names = new Names()
  const inputs = plan.inputs.filter(({ role }) => role === 'input')
  const inputNames = new Map(inputs.map(({ name }) => [name, names.unique(name)]))
  const outputs = outputNames.map((name, at) => ({ name, value: graph.outputs[at] }))
  const constants = new Constants(names)
  const sizes = new SizeWriter(names, constants, readFirst(inputs, prediction).map(({ name, type }) => ({ name, shape: type.shape })))
  const scope = new Scope({ precision: numbers.precision, names, constants, sizes })
  // Before any node is named, so that none is called what an output is.
  const wanted = outputs.map(({ name }) => (inputNames.has(name) ? name : names.unique(name)))
  const stored = [...plan.parameters.map(parameter => ({ ...parameter, element: 'real' as const })), ...plan.states]
  const tensors = new Map(stored.flatMap(each => {
    const data = numbers.values.get(each.path)
    return data ? [[each.path, tensorOf(scope, each, wanted.includes(each.path) ? each.path : names.unique(each.path), data)] as const] : []
  }))
  graph.inputs.forEach((value, at) => hold(scope, value, prediction.inputNames[at] ?? '', numbers, inputNames, tensors))
  lowerGraph(scope, graph)
  return assemble(prediction, scope, wanted, inputs, [...tensors.values()])
}

/** Those that the graph reads, then the others. */
function readFirst(inputs: readonly PlanInput[], { inputNames }: Prediction): readonly PlanInput[] {
  return inputs.toSorted((a, b) => Number(inputNames.includes(b.name)) - Number(inputNames.includes(a.name)))
}

function tensorOf(scope: Scope, { element, shape }: Pick<PlanState, 'element'> & Pick<PlanParameter, 'shape'>, name: string, data: ArrayLike<number>): OnnxTensor {
  return { name, element: scope.elementOf(element), shape, data }
}

function hold(
  scope: Scope, value: Value, given: string, { standardization }: Numbers, inputNames: ReadonlyMap<string, string>, tensors: ReadonlyMap<string, OnnxTensor>,
): void {
  const { shape } = value.type
  const name = inputNames.get(given) ?? tensors.get(given)?.name
  if (name === undefined) throw new Error(`onnx: '${given}' has no value`)
  const statistics = inputNames.has(given) ? standardization.get(given) : undefined
  if (!statistics) return scope.hold(value, { name, shape })
  // A feature is an element of the axes of fixed size behind the rows.
  const features = shape.slice(1).map(size => (typeof size === 'number' ? size : 1))
  const [mean, deviation] = [statistics.mean, statistics.deviation].map(numbers => scope.shared.constants.of(scope.elementOf('real'), features, numbers))
  scope.hold(value, { name: scope.emit('Div', [scope.emit('Sub', [name, mean ?? '']), deviation ?? '']), shape })
}

/** The graph of what has been written: outputs under their names, and nothing that they do not need. */
function assemble({ plan, graph }: Prediction, scope: Scope, wanted: readonly string[], inputs: readonly PlanInput[], stored: readonly OnnxTensor[]): OnnxGraph {
  const { sizes, constants, names } = scope.shared
  const computed = new Set([...scope.nodes, ...sizes.nodes].flatMap(node => node.outputs))
  const renamed = new Map<string, string>()
  const outputs = graph.outputs.map((value, at): OnnxValue => {
    const [name, free] = [scope.read(value), wanted[at] ?? '']
    const typed = (as: string) => scope.typed(as, value.type, plan.outputs.find(output => output.name === free)?.doc)
    // An input or a parameter that is shown as it is.
    if (name === free) return typed(name)
    // The name of an input, for something else.
    const own = inputs.some(input => input.name === free) ? names.unique(free) : free
    if (computed.has(name) && !renamed.has(name)) {
      renamed.set(name, own)
      return typed(own)
    }
    const copy = scope.emit('Identity', [name])
    renamed.set(copy, own)
    return typed(own)
  })
  const nodes: readonly OnnxNode[] = neededNodes(renameValues([...sizes.nodes, ...scope.nodes], renamed), outputs.map(({ name }) => name))
  const read = new Set([...nodes.flatMap(namesReadBy), ...outputs.map(({ name }) => name)])
  return {
    name: plan.model, doc: plan.doc, nodes, outputs,
    inputs: inputs.filter(({ name }) => read.has(name)).map(({ name, type, doc }) => scope.typed(name, type, doc)),
    constants: [...stored, ...constants.all].filter(({ name }) => read.has(name)),
  }
}
