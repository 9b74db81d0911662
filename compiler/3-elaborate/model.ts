/** Models: inputs, parameters, equations, and what comes out, as one graph whose results have names. */
import type { InputStatement, InstanceStatement, Model, Statement } from '../1-parse/ast'
import type { Module } from '../2-check/modules'
import type { DiagnosticSink } from '../diagnostics/sink'
import type { Span } from '../source/source'
import { GraphBuilder } from '../../ir/builder'
import { namedDim } from '../../ir/dim'
import type { Graph, Value } from '../../ir/graph'
import type { Obligation, PlanInput } from '../../ir/plan'
import { dependsOn, dependsOnAny } from './dependence'
import { Environment, withTarget, type Frame, type ModelFrame, type ParameterEntry, type Session } from './frame'
import { marked } from './loops'
import { dimMeaning, dimOf, isNumeric, tensorMeaning, toValue, UNKNOWN, type Meaning } from './meaning'
import { mismatch } from './operators'
import { declareParameter } from './parameters'
import { isStatic, matchArguments, uniquePath } from './routines'
import { evaluateStatements } from './statements'
import { namesInType, typeOfNode } from './types'

/** A model with every name gone: what the later phases make a plan of. */
export interface ElaboratedModel {
  readonly name: string
  readonly doc: string
  readonly inputs: readonly (PlanInput & { readonly value: Value })[]
  readonly parameters: readonly ParameterEntry[]
  readonly outputs: readonly NamedValue[]
  readonly metrics: readonly NamedValue[]
  readonly loss: Value | undefined
  /** Inputs: the model's inputs and targets, then its parameters. Outputs: `outputs`, `metrics`, then the loss if any. */
  readonly graph: Graph
  /** Outputs: the first values of `parameters`, in their order. */
  readonly initial: Graph
  readonly obligations: readonly Obligation[]
  readonly usesCircuit: boolean
}

export interface NamedValue { readonly name: string; readonly value: Value; readonly doc: string; readonly span: Span; readonly usesTarget: boolean }

interface Collected {
  readonly inputs: (PlanInput & { readonly value: Value })[]
  readonly outputs: NamedValue[]
  readonly metrics: NamedValue[]
  readonly losses: Value[]
  readonly frozen: { readonly path: string; readonly span: Span }[]
}

/** @returns undefined where the sink has errors of this model */
export function elaborateModel(session: Session, module: Module, model: Model, sink: DiagnosticSink): ElaboratedModel | undefined {
  const root = GraphBuilder.create()
  const initial = GraphBuilder.create()
  const own: ModelFrame = { name: model.name.name, root, initial, parameters: new Map(), sites: new Map(), obligations: [], usesCircuit: false }
  const frame: Frame = {
    session, sink, place: 'model', module, builder: root, environment: new Environment(), unrolled: false, loops: [],
    callPath: model.name.name, pathPrefix: '', target: '', model: own,
  }
  const collected: Collected = { inputs: [], outputs: [], metrics: [], losses: [], frozen: [] }
  bindDimensions(frame, model)
  evaluateStatements(frame, model.body, (inner, statement) => modelStatement(inner, statement, collected))
  const parameters = applyFrozen(frame, own, collected)
  checkTargets(frame, collected)
  if (sink.hasErrors) return undefined
  const loss = collected.losses.reduce<Value | undefined>((sum, value) => (sum ? root.scalar('add', sum, value) : value), undefined)
  const results = [...collected.outputs, ...collected.metrics].map(result => result.value)
  return {
    name: model.name.name, doc: model.doc, inputs: collected.inputs, parameters, outputs: collected.outputs, metrics: collected.metrics, loss,
    graph: root.finish(loss ? [...results, loss] : results, [...collected.inputs.map(input => inputNode(input.value)), ...parameters.map(parameter => parameter.input)]),
    initial: initial.finish(parameters.map(parameter => parameter.initial), []),
    obligations: own.obligations, usesCircuit: own.usesCircuit,
  }
}

/** The input behind the mark that expressions use. */
const inputNode = (value: Value): Value => (value.node.op === 'mark' ? value.node.inputs[0] ?? value : value)

/** Names that stand in the shapes of inputs are dimensions, whatever the order of the statements. */
function bindDimensions(frame: Frame, model: Model): void {
  for (const statement of model.body.statements) {
    if (statement.kind !== 'input') continue
    for (const name of namesInType(statement.type)) {
      if (frame.session.constant(frame.module, name) || frame.environment.find(name)) continue
      frame.environment.bind(name, 'dimension', dimMeaning(namedDim(name)), statement.type.span)
    }
  }
}

function modelStatement(frame: Frame, statement: Statement, into: Collected): void {
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
      else into.outputs.push({ name: statement.name.name, value, doc: statement.doc, span: statement.name.span, usesTarget: false })
      break
    }
    case 'metric': {
      const value = resultValue(frame, frame.session.evaluate(withTarget(frame, statement.name), statement.value), statement.value.span)
      if (!value) return
      if (value.type.shape.length > 0) { mismatch(frame, statement.value.span, 'a scalar', tensorMeaning(value), 'take the `mean`'); return }
      const targets = new Set(into.inputs.filter(input => input.role === 'target').map(input => input.value))
      into.metrics.push({ name: statement.name.name, value: frame.builder.cast(value, 'real'), doc: '', span: statement.name.span, usesTarget: dependsOnAny(value, targets) })
      break
    }
    case 'loss': {
      const value = resultValue(frame, frame.session.evaluate(withTarget(frame, 'loss'), statement.value), statement.value.span)
      if (!value) return
      if (value.type.shape.length > 0) { mismatch(frame, statement.value.span, 'a scalar', tensorMeaning(value), 'take the `mean` or the `sum`'); return }
      into.losses.push(frame.builder.cast(value, 'real'))
      break
    }
    case 'frozen': into.frozen.push({ path: statement.path.map(part => part.name).join('.'), span: statement.span }); break
    case 'rate': case 'state': case 'update': case 'assert':
      frame.sink.report('unsupported', statement.span, { feature: `\`${statement.kind}\`` })
      break
    default: // Statements of other places have been reported with the names.
  }
}

function resultValue(frame: Frame, meaning: Meaning, span: Span): Value | undefined {
  if (meaning.kind === 'unknown') return undefined
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
    const dim = dimOf(frame.session.evaluate(frame, bound))
    return typeof dim === 'number' ? dim : undefined
  })
  if (low !== undefined && high !== undefined && low < high) return { low, high }
  frame.sink.report('empty-range', range.span, { low: low ?? '?', high: high ?? '?' })
  return 'wrong'
}

/** `layer enc = dense(16)`: what is no tensor is given here, tensors with each call. */
export function declareInstance(frame: Frame, statement: InstanceStatement): void {
  frame.environment.bind(statement.name.name, 'value', UNKNOWN, statement.name.span)
  if (statement.count) {
    frame.sink.report('unsupported', statement.span, { feature: 'stacked layer instances' })
    return
  }
  const { value } = statement
  const name = value.kind === 'call' && value.callee.kind === 'name' ? value.callee.name : undefined
  const routine = name === undefined ? undefined : frame.module.callables.get(name)
  if (value.kind !== 'call' || !routine || routine.node.routine !== 'layer') {
    if (!routine || routine.node.routine !== 'layer') frame.sink.report('not-a-layer', value.span, {})
    return
  }
  const statics = routine.node.parameters.filter(parameter => isStatic(routine.node, parameter) || !['real', 'int', 'bool'].includes(parameter.type.name.name))
  const only = { ...routine.node, parameters: statics }
  const matched = matchArguments(frame, only, { span: value.span, arguments: value.arguments })
  if (!matched) return
  const path = `${uniquePath(frame, frame.pathPrefix + statement.name.name, `${frame.pathPrefix}#${statement.span.file.name}#${statement.span.start}`)}.`
  const given = new Map([...matched].map(([key, { meaning }]) => [key, meaning]))
  frame.environment.bind(statement.name.name, 'value', { kind: 'instance', routine, given, path }, statement.name.span)
}

/** `frozen enc.W` for parameters of layers; `frozen param` is noted where the parameter is declared. */
function applyFrozen(frame: Frame, model: ModelFrame, { frozen }: Collected): readonly ParameterEntry[] {
  const paths = new Set<string>()
  for (const { path, span } of frozen) {
    const matching = [...model.parameters.keys()].filter(known => known === path || known.startsWith(`${path}.`))
    if (matching.length === 0) frame.sink.report('unknown-parameter', span, { name: path, known: `known here: ${[...model.parameters.keys()].join(', ')}` })
    for (const match of matching) paths.add(match)
  }
  return [...model.parameters.values()].map(parameter => (paths.has(parameter.path) ? { ...parameter, frozen: true } : parameter))
}

/** Targets are for the loss and metrics alone. */
function checkTargets(frame: Frame, { inputs, outputs }: Collected): void {
  for (const output of outputs) {
    const target = inputs.find(input => input.role === 'target' && dependsOn(output.value, input.value))
    if (target) frame.sink.report('output-uses-target', output.span, { output: output.name, target: target.name })
  }
}
