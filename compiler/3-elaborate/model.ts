/** Models: inputs, parameters, equations, and what comes out, as one graph whose results have names. */
import type { Identifier, InputStatement, Model, Statement } from '../1-parse/ast'
import type { Module } from '../2-check/modules'
import type { DiagnosticSink } from '../diagnostics/sink'
import { spanBetween, type Span } from '../source/source'
import { namedDim, sameShape } from '../../ir/dim'
import type { Graph, Node, Value } from '../../ir/graph'
import { freeShape, type Obligation, type PlanInput, type PlanValue } from '../../ir/plan'
import { printType, real, type TensorType } from '../../ir/type'
import { assertedSizes, checkAssertion } from './assertions'
import { broadcastShapes, isClash } from './broadcast'
import { dependsOn, dependsOnAny } from './dependence'
import { checkEstimates } from './estimates'
import { createModelFrame, Environment, withTarget, type Frame, type ModelFrame, type ParameterEntry, type Session, type StateEntry } from './frame'
import { marked } from './loops'
import { dimMeaning, dimOf, isNumeric, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning } from './meaning'
import { mismatch } from './operators'
import { declareParameter, reportUnknownParameter } from './parameters'
import { declareState, updateState } from './states'
import { evaluateStatements } from './statements'
import { evaluateSize, namesInType, typeOfNode } from './types'
import { declareInstance } from './instances'

/** A model with every name gone: what the later phases make a plan of. */
export interface ElaboratedModel {
  readonly name: string
  readonly doc: string
  readonly inputs: readonly (PlanInput & { readonly value: Value })[]
  readonly parameters: readonly ParameterEntry[]
  readonly states: readonly StateEntry[]
  readonly outputs: readonly PlanValue[]
  readonly metrics: readonly string[]
  readonly hasLoss: boolean
  /**
   * Inputs: the model's inputs and targets, its parameters, its states, then `training`, `step` and `epoch`. Outputs: what
   * `results` names.
   */
  readonly graph: Graph
  readonly results: readonly Result[]
  /** Outputs: the first values of `parameters`, then of `states`, in their order. */
  readonly initial: Graph
  readonly obligations: readonly Obligation[]
  readonly usesCircuit: boolean
  /** What its own statements name, for drawings of it; functions and circuits have no such statements. */
  readonly written?: WrittenNames
}

export interface WrittenNames {
  /** Types of the names that its statements bind. */
  readonly types: ReadonlyMap<string, TensorType>
  /** The path of each layer that it makes, by the key of the place where the call or the instance stands. */
  readonly layers: ReadonlyMap<string, string>
}

/** An output of a model's graph. */
export interface Result {
  readonly kind: 'output' | 'metric' | 'loss' | 'rate' | 'state'
  /** Of an output or a metric; the path of a rate or state; nothing for the loss. */
  readonly name: string
  readonly usesTarget: boolean
}

interface NamedValue { readonly name: string; readonly value: Value; readonly doc: string; readonly span: Span }

interface Collected {
  readonly inputs: (PlanInput & { readonly value: Value })[]
  readonly outputs: NamedValue[]
  readonly metrics: NamedValue[]
  readonly losses: { readonly value: Value; readonly span: Span }[]
  readonly frozen: { readonly path: string; readonly span: Span }[]
  readonly rates: { readonly path: string; readonly value: Value; readonly span: Span; readonly valueSpan: Span }[]
}

/** @returns undefined where the model has errors, in this sink or among the names */
export function elaborateModel(session: Session, module: Module, model: Model, sink: DiagnosticSink): ElaboratedModel | undefined {
  const own = createModelFrame(model.name.name)
  const { root } = own
  const frame: Frame = {
    session, sink, place: 'model', module, builder: root, environment: new Environment(undefined, session.seen), unrolled: false, loops: [],
    callPath: model.name.name, pathPrefix: '', target: '', stacks: [], within: [], model: own,
  }
  const lostBefore = session.lost.length
  const collected: Collected = { inputs: [], outputs: [], metrics: [], losses: [], frozen: [], rates: [] }
  bindDimensions(frame, model)
  evaluateStatements(frame, model.body, (inner, statement) => { modelStatement(inner, statement, collected); return undefined })
  const parameters = applyFrozen(frame, own, collected)
  const rates = applyRates(frame, parameters, collected)
  checkTargets(frame, collected)
  const checked = new Set<Node>()
  for (const { value, span } of [...collected.outputs, ...collected.metrics, ...collected.losses]) checkInts(frame, value, span, checked)
  // A result that came to nothing has its mistake reported, with the names perhaps; what is left is no model to hold a train block against.
  if (sink.hasErrors || session.lost.length > lostBefore) return undefined
  const loss = collected.losses.reduce<Value | undefined>((sum, { value }) => (sum ? root.scalar('add', sum, value) : value), undefined)
  const targets = new Set(collected.inputs.filter(input => input.role === 'target').map(input => input.value))
  const named: readonly (Omit<Result, 'usesTarget'> & { readonly value: Value })[] = [
    ...collected.outputs.map(({ name, value }) => ({ kind: 'output' as const, name, value })),
    ...collected.metrics.map(({ name, value }) => ({ kind: 'metric' as const, name, value })),
    ...(loss ? [{ kind: 'loss' as const, name: '', value: loss }] : []),
    ...rates.map(({ path, value }) => ({ kind: 'rate' as const, name: path, value })),
    ...[...own.updates].map(([path, { value }]) => ({ kind: 'state' as const, name: path, value })),
  ]
  checkEstimates(frame, loss, named.map(({ value }) => value), own.estimates, parameters)
  if (sink.hasErrors) return undefined
  const states = [...own.states.values()]
  const inputs = [
    ...collected.inputs.map(input => inputNode(input.value)), ...parameters.map(parameter => parameter.input), ...states.map(state => state.input),
    own.run.training, own.run.step, own.run.epoch,
  ]
  return {
    name: model.name.name, doc: model.doc, inputs: collected.inputs, parameters, states,
    outputs: collected.outputs.map(({ name, value, doc }) => ({ name, type: value.type, doc })),
    metrics: collected.metrics.map(metric => metric.name), hasLoss: loss !== undefined,
    graph: root.finish(named.map(result => result.value), inputs),
    results: named.map(({ kind, name, value }) => ({ kind, name, usesTarget: dependsOnAny(value, targets) })),
    initial: own.initial.finish([...parameters.map(parameter => parameter.initial), ...states.map(state => state.initial)], []),
    obligations: own.obligations, usesCircuit: own.usesCircuit, written: { types: boundTypes(frame), layers: own.sites.paths },
  }
}

function boundTypes({ environment }: Frame): ReadonlyMap<string, TensorType> {
  return new Map([...environment.everything()].flatMap(([name, { kind, meaning }]) => (kind !== 'dimension' && isNumeric(meaning) ? [[name, typeOf(meaning)] as const] : [])))
}

/** The input behind the mark that expressions use. */
const inputNode = (value: Value): Value => (value.node.op === 'mark' ? value.node.inputs[0] ?? value : value)

/** Names that stand in the shapes of inputs are dimensions, whatever the order of the statements. */
function bindDimensions(frame: Frame, model: Model): void {
  const names = new Map<string, Span>()
  for (const statement of model.body.statements) {
    if (statement.kind !== 'input') continue
    for (const name of namesInType(statement.type)) {
      if (!frame.session.constant(frame.module, name) && !names.has(name)) names.set(name, statement.type.span)
    }
  }
  const sizes = assertedSizes(frame, model.body, new Set(names.keys()))
  for (const [name, span] of names) frame.environment.bind(name, 'dimension', dimMeaning(sizes.get(name) ?? namedDim(name)), span)
}

function modelStatement(frame: Frame, statement: Statement, into: Collected): void {
  // Inside a loop only these; the others have been reported.
  if (frame.loops.length > 0 && !['instance', 'update', 'assert'].includes(statement.kind)) return
  switch (statement.kind) {
    case 'input': declareInput(frame, statement, into); break
    case 'param': declareParameter(frame, statement); break
    case 'instance': declareInstance(frame, statement); break
    case 'output': {
      const meaning = statement.value ? frame.session.evaluate(withTarget(frame, statement.name), statement.value) : frame.environment.find(statement.name.name)?.meaning ?? UNKNOWN
      const value = resultValue(frame, meaning, statement.value?.span ?? statement.name.span)
      if (statement.value) frame.environment.bind(statement.name.name, 'value', value ? tensorMeaning(marked(frame, statement.name.name, value)) : UNKNOWN, statement.name.span)
      if (!value) return
      const earlier = into.outputs.find(output => output.name === statement.name.name)
      if (earlier) frame.sink.report('duplicate-name', statement.name.span, { name: statement.name.name }, { related: [{ span: earlier.span, message: 'already an output' }] })
      else into.outputs.push({ name: statement.name.name, value, doc: statement.doc, span: statement.name.span })
      break
    }
    case 'metric': {
      const earlier = into.metrics.find(metric => metric.name === statement.name.name)
      const value = resultValue(frame, frame.session.evaluate(withTarget(frame, statement.name), statement.value), statement.value.span)
      if (!value) return
      if (earlier) { frame.sink.report('duplicate-name', statement.name.span, { name: statement.name.name }, { related: [{ span: earlier.span, message: 'already a metric' }] }); return }
      if (value.type.shape.length > 0) { mismatch(frame, statement.value.span, 'a scalar', tensorMeaning(value), 'take the `mean`'); return }
      into.metrics.push({ name: statement.name.name, value: frame.builder.cast(value, 'real'), doc: '', span: statement.name.span })
      break
    }
    case 'loss': {
      const value = resultValue(frame, frame.session.evaluate(withTarget(frame, 'loss'), statement.value), statement.value.span)
      if (!value) return
      if (value.type.shape.length > 0) { mismatch(frame, statement.value.span, 'a scalar', tensorMeaning(value), 'take the `mean` or the `sum`'); return }
      into.losses.push({ value: frame.builder.cast(value, 'real'), span: statement.value.span })
      break
    }
    case 'frozen': into.frozen.push(pathOf(statement.path, statement.span)); break
    case 'rate': {
      const value = resultValue(frame, frame.session.evaluate(frame, statement.value), statement.value.span)
      if (value) into.rates.push({ ...pathOf(statement.path, statement.span), value: frame.builder.cast(value, 'real'), valueSpan: statement.value.span })
      break
    }
    case 'state': declareState(frame, statement); break
    case 'update': updateState(frame, statement); break
    case 'assert': checkAssertion(frame, statement); break
    default: // Statements of other places have been reported with the names.
  }
}

function pathOf(path: readonly Identifier[], statement: Span): { readonly path: string; readonly span: Span } {
  const [first, last] = [path[0], path.at(-1)]
  return { path: path.map(part => part.name).join('.'), span: first && last ? spanBetween(first.span, last.span) : statement }
}

function resultValue(frame: Frame, meaning: Meaning, span: Span): Value | undefined {
  if (meaning.kind === 'unknown') {
    frame.session.lost.push(span)
    return undefined
  }
  if (isNumeric(meaning)) return toValue(frame.builder, meaning)
  mismatch(frame, span, 'a number or a tensor', meaning)
  return undefined
}

function declareInput(frame: Frame, statement: InputStatement, into: Collected): void {
  frame.environment.bind(statement.name.name, 'value', UNKNOWN, statement.name.span)
  const type = typeOfNode(frame, statement.type)
  if (!type) return
  const classes = classesOf(frame, statement)
  if (classes === 'wrong') return
  const value = marked(frame, statement.name.name, frame.builder.input(statement.name.name, type))
  frame.environment.bind(statement.name.name, 'value', tensorMeaning(value), statement.name.span)
  into.inputs.push({ name: statement.name.name, role: statement.role, type, doc: statement.doc, value, ...(classes ? { classes } : {}) })
}

function classesOf(frame: Frame, { type }: InputStatement): PlanInput['classes'] | 'wrong' {
  const { range } = type
  if (!range) return undefined
  if (range.kind !== 'classes' || type.name.name !== 'int') {
    frame.sink.report('unsupported', range.span, { feature: 'a range on an input other than `int … in a..b`' })
    return 'wrong'
  }
  const [low, high] = [range.value.low, range.value.high].map(bound => {
    const dim = dimOf(evaluateSize(frame, bound))
    return typeof dim === 'number' ? dim : undefined
  })
  if (low !== undefined && high !== undefined && low < high) return { low, high }
  frame.sink.report('empty-range', range.span, { low: low ?? '?', high: high ?? '?' })
  return 'wrong'
}

/** `frozen enc.W` for parameters of layers; `frozen param` is noted where the parameter is declared. */
function applyFrozen(frame: Frame, model: ModelFrame, { frozen }: Collected): readonly ParameterEntry[] {
  const paths = new Set<string>()
  for (const { path, span } of frozen) {
    const matching = [...model.parameters.keys()].filter(known => known === path || known.startsWith(`${path}.`))
    if (matching.length === 0) reportUnknownParameter(frame, model, span, path)
    for (const match of matching) paths.add(match)
  }
  return [...model.parameters.values()].map(parameter => (paths.has(parameter.path) ? { ...parameter, frozen: true } : parameter))
}

/** Each rate in the shape of its parameter; a path may name all parameters of a layer. */
function applyRates(frame: Frame, parameters: readonly ParameterEntry[], { rates }: Collected): readonly { readonly path: string; readonly value: Value }[] {
  const given = new Map<string, Value>()
  for (const { path, value, span, valueSpan } of rates) {
    const matching = parameters.filter(parameter => parameter.path === path || parameter.path.startsWith(`${path}.`))
    if (matching.length === 0 && frame.model) reportUnknownParameter(frame, frame.model, span, path)
    for (const parameter of matching) {
      // A simplex is trained by one number fewer than it has, so only one rate for all of it makes sense.
      const shape = freeShape(parameter)
      const common = broadcastShapes(value.type.shape, shape)
      if (isClash(common) || !sameShape(common, shape)) {
        frame.sink.report('rate-shape', valueSpan, { path: parameter.path, expected: printType(real(...shape)), found: printType(value.type) })
      } else if (given.has(parameter.path)) frame.sink.report('second-update', span, { name: parameter.path, what: 'rate' })
      else given.set(parameter.path, frame.builder.broadcastTo(value, shape))
    }
  }
  return [...given].map(([path, value]) => ({ path, value }))
}

/** Ints of a run have 32 bits: one that is known now and does not fit would come out as another number. */
function checkInts(frame: Frame, value: Value, span: Span, checked: Set<Node>): void {
  const strange = strangeInt(unseenNodes(value, checked))
  if (strange !== undefined) frame.sink.report('int-range', span, Number.isNaN(strange)
    ? { value: 'undefined', hint: 'there is no remainder of a division by 0' }
    : { value: `${strange}, which does not fit into 32 bits`, hint: 'where whole numbers get this large, use a real: `1e12`, `2.0^40`' })
}

/** The nodes behind a value that no value before it has led to, now among the seen ones. */
function unseenNodes(value: Value, seen: Set<Node>): readonly Node[] {
  const found: Node[] = []
  const pending = [value.node]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    found.push(node)
    for (const input of node.inputs) pending.push(input.node)
  }
  return found
}

function strangeInt(nodes: readonly Node[]): number | undefined {
  for (const node of nodes) {
    const numbers = node.op === 'fill' ? [node.attributes.value] : node.op === 'constant' ? node.attributes.data : []
    const own = (node.op === 'fill' || node.op === 'constant') && node.attributes.element === 'int' ? numbers.find(number => !(Math.abs(number) < 2 ** 31)) : undefined
    const found = own ?? (node.op === 'loop' ? strangeInt(node.attributes.body.nodes) : undefined)
    if (found !== undefined) return found
  }
  return undefined
}

/** Targets are for the loss and metrics alone. */
function checkTargets(frame: Frame, { inputs, outputs }: Collected): void {
  for (const output of outputs) {
    const target = inputs.find(input => input.role === 'target' && dependsOn(output.value, input.value))
    if (target) frame.sink.report('output-uses-target', output.span, { output: output.name, target: target.name })
  }
}
