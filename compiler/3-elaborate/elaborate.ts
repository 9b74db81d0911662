/**
 * Elaboration: the one evaluator of the compiler. It knows types and shapes, folds constants, instantiates routines with their
 * sizes, flattens circuits, names parameters, and builds the graph as it goes. Generic routines are checked by evaluating
 * them once with symbols for sizes, so the typing rules exist once.
 */
import type { Block, Parameter, Routine, Statement } from '../1-parse/ast'
import { FUNCTIONS, isCircuitFunction, isFunction } from '../2-check/functions'
import { ownModules, type Module } from '../2-check/modules'
import { DiagnosticSink } from '../diagnostics/sink'
import type { CompileOptions, ConstantValue } from '../host'
import { textOf } from '../source/source'
import { GraphBuilder } from '../../ir/builder'
import { namedDim, substituteDim, type Dim } from '../../ir/dim'
import type { TrainPlan } from '../../ir/plan'
import { tensor } from '../../ir/type'
import { assertedSizes, checkAssertion } from './assertions'
import { callCircuit, CircuitCache, type CircuitTemplate } from './circuits'
import { circuitStatement } from './circuitStatements'
import { constantValue } from './constantValue'
import { evaluateExpression, evaluateNumeric } from './expressions'
import { createModelFrame, Environment, type BlockResult, type Frame, type Session } from './frame'
import { functionModel } from './functionModels'
import { Arguments } from './functions/arguments'
import { FUNCTION_RULES } from './functions/table'
import { joinElements } from './broadcast'
import { checkGate } from './gates'
import { marked } from './loops'
import { dimMeaning, staticScalar, tensorMeaning, UNKNOWN, type Meaning } from './meaning'
import { callCircuitFunction } from './measurements'
import { declareInstance, elaborateModel, type ElaboratedModel } from './model'
import { declareParameter } from './parameters'
import { callRoutine, checkResults, isStatic, openNames } from './routines'
import { declareState, updateState } from './states'
import { evaluateStatements } from './statements'
import { elaborateTrain } from './train'
import { elementOf, patternOf, typeOfNode, Unifier } from './types'

export interface Elaborated {
  readonly model: ElaboratedModel
  readonly train?: TrainPlan
}

/** What a file holds for the later phases. */
export interface ElaboratedFile {
  readonly models: readonly Elaborated[]
  /** Functions and circuits that are exported as such. */
  readonly functions: readonly ElaboratedModel[]
  /** Every circuit that has constant sizes or is called, once for each set of sizes. */
  readonly circuits: readonly CircuitTemplate[]
}

export function elaborate(module: Module, options: CompileOptions, sink: DiagnosticSink): ElaboratedFile {
  const circuits = new CircuitCache()
  const session = createSession(options, circuits, sink)
  checkConstants(session, module, options, sink)
  // What a file uses is checked before the file, so that a mistake is reported in the file that has it.
  for (const each of [...ownModules(module)].reverse()) {
    for (const declaration of each.file.declarations) if (declaration.kind === 'routine') checkRoutine(session, each, declaration, sink)
  }
  const models = module.models.flatMap(node => {
    const own = new DiagnosticSink()
    const model = elaborateModel(session, module, node, own)
    for (const diagnostic of own.all) sink.add(diagnostic)
    return model ? [model] : []
  })
  // Nothing may go missing in silence: what has no value must have been reported.
  const [lost] = session.lost
  if (lost && !sink.hasErrors) sink.report('internal-error', lost, { what: 'this has no value, and no mistake in it was found' })
  const trains = new Map<string, TrainPlan>()
  for (const train of module.trains) {
    const model = models.find(each => each.name === train.name.name)
    const isWhole = module.models.every(node => node.name.name !== train.name.name || node.body.statements.every(statement => statement.kind !== 'invalid'))
    if (model && isWhole) trains.set(model.name, elaborateTrain(session, module, train, model, sink))
  }
  const functions = sink.hasErrors ? [] : module.file.declarations.flatMap(declaration => {
    // Mistakes were found when the routine was checked by itself; what a call alone shows is no mistake here.
    const function_ = declaration.kind === 'routine' ? functionModel(session, module, declaration, new DiagnosticSink()) : undefined
    return function_ ? [function_] : []
  })
  return { models: models.map(model => ({ model, train: trains.get(model.name) })), functions, circuits: circuits.templates }
}

// ------------------------------------------------------------------------------------------------------ session

function createSession(options: CompileOptions, circuits: CircuitCache, sink: DiagnosticSink): Session {
  const constants = new Map<Module, Map<string, Meaning>>()
  const open = new Set<string>()
  const session: Session = {
    options,
    faulty: new Set(),
    sizeless: new Set(),
    lost: [],
    evaluate: evaluateExpression,
    evaluateNumeric,
    evaluateBlock: (frame, block) => evaluateBlock(frame, block),
    callRoutine,
    callCircuit: (frame, callee, call) => callCircuit(frame, circuits, callee, call),
    callFunction: (frame, name, call) => callFunction(frame, name, call),
    typeOf: typeOfNode,
    constant(module, name) {
      const declared = module.constants.get(name)
      if (!declared) return undefined
      const own = constants.get(declared.module) ?? new Map<string, Meaning>()
      constants.set(declared.module, own)
      const known = own.get(declared.node.name.name)
      if (known) return known
      const key = `${declared.module.path} ${declared.node.name.name}`
      if (open.has(key)) {
        sink.report('constant-cycle', declared.node.name.span, { name })
        return UNKNOWN
      }
      open.add(key)
      const replaced = declared.module === module ? options.constants?.[declared.node.name.name] : undefined
      const meaning = replaced === undefined ? evaluateConstant(session, declared.module, declared.node.value, sink) : constantMeaning(replaced)
      open.delete(key)
      own.set(declared.node.name.name, meaning)
      return meaning
    },
  }
  return session
}

function evaluateConstant(session: Session, module: Module, expression: Parameters<Session['evaluate']>[1], sink: DiagnosticSink): Meaning {
  const frame = staticFrame(session, module, sink, 'const')
  const meaning = session.evaluate(frame, expression)
  if (meaning.kind !== 'tensor') return meaning
  const known = constantValue(meaning.value)
  if (!known) sink.report('not-constant', expression.span, {})
  return known ?? UNKNOWN
}

function staticFrame(session: Session, module: Module, sink: DiagnosticSink, place: Frame['place']): Frame {
  return {
    session, sink, place, module, builder: GraphBuilder.create(), environment: new Environment(), unrolled: true, loops: [],
    callPath: '', pathPrefix: '', target: '', stacks: [], within: [],
  }
}

/** A value given from outside for a `const`. */
function constantMeaning(value: ConstantValue): Meaning {
  if (typeof value === 'string') return { kind: 'text', text: value }
  if (typeof value === 'boolean') return staticScalar('bool', value ? 1 : 0)
  if (typeof value === 'number') return staticScalar(Number.isInteger(value) ? 'int' : 'real', value)
  const items = value.map(constantMeaning)
  const numbers = items.filter(item => item.kind === 'static')
  const [first] = numbers
  if (!first || numbers.length !== items.length) return UNKNOWN
  return {
    kind: 'static', element: joinElements(...numbers.map(item => item.element)), shape: [items.length, ...first.shape], data: numbers.flatMap(item => item.data),
  }
}

/** Every constant is evaluated once, used or not; one replaced from outside must be there. */
function checkConstants(session: Session, module: Module, options: CompileOptions, sink: DiagnosticSink): void {
  for (const [name, { module: home }] of module.constants) if (home === module) session.constant(module, name)
  for (const name of Object.keys(options.constants ?? {})) {
    if (!module.constants.has(name)) {
      sink.report('unknown-constant', { file: module.file.file, start: 0, end: 0 }, { name, known: [...module.constants.keys()].join(', ') || 'none' })
    }
  }
}

function evaluateBlock(frame: Frame, block: Block): BlockResult {
  return evaluateStatements(frame, block, frame.circuit ? circuitStatement : layerStatement)
}

/** Statements that layers have beyond those of functions. */
function layerStatement(frame: Frame, statement: Statement): undefined {
  switch (statement.kind) {
    case 'param': declareParameter(frame, statement); break
    case 'state': declareState(frame, statement); break
    case 'update': updateState(frame, statement); break
    case 'instance': declareInstance(frame, statement); break
    case 'assert': checkAssertion(frame, statement); break
    case 'frozen':
      frame.sink.report('unsupported', statement.span, { feature: `\`${statement.kind}\`` })
      break
    default: // Statements of other places have been reported with the names.
  }
  return undefined
}

function callFunction(frame: Frame, name: string, call: Parameters<Session['callFunction']>[2]): Meaning {
  if (frame.circuit && isCircuitFunction(name) && (name !== 'variance' || isOfObservable(frame, call))) return callCircuitFunction(frame, name, call)
  if (!isFunction(name)) {
    for (const { value } of call.arguments) frame.session.evaluate(frame, value)
    return UNKNOWN
  }
  const args = Arguments.match(frame, name, FUNCTIONS[name], call)
  return (args && FUNCTION_RULES[name](args)) ?? UNKNOWN
}

/** `variance` is of numbers or of an observable. */
function isOfObservable(frame: Frame, call: Parameters<Session['callFunction']>[2]): boolean {
  const [first] = call.arguments
  const meaning = call.piped?.meaning ?? (first && frame.session.evaluate(frame, first.value))
  return meaning?.kind === 'observable'
}

// --------------------------------------------------------------------------------------- routines by themselves

/**
 * Evaluates a function or layer with a symbol for every size, so that its mistakes are found whether or not it is called.
 * Gates and circuits are flat only for known sizes; those are checked where they are called, and circuits whose signature
 * leaves no size open here.
 */
function checkRoutine(session: Session, module: Module, routine: Routine, sink: DiagnosticSink): void {
  const own = new DiagnosticSink()
  checkTypeNames(routine, own)
  routine.annotations.forEach((annotation, at) => {
    checkAnnotation(routine, annotation, own)
    const earlier = routine.annotations.slice(0, at).find(other => other.name.name === annotation.name.name)
    if (earlier) own.report('duplicate-name', annotation.span, { name: `@${annotation.name.name}` }, { related: [{ span: earlier.span, message: 'the first is here' }], help: 'leave one of them out' })
  })
  if (routine.routine === 'gate') {
    if (!own.hasErrors) checkGate({ ...staticFrame(session, module, own, 'gate'), callPath: routine.name.name }, routine)
    finish(session, routine, own, sink)
    return
  }
  const isCircuit = routine.routine === 'circuit'
  const model = createModelFrame(routine.name.name, true)
  const builder = model.root
  const environment = new Environment()
  const frame: Frame = {
    session, sink: own, place: routine.routine, module, builder, environment, unrolled: false, loops: [],
    callPath: routine.name.name, pathPrefix: '', target: '', stacks: [], within: [], model,
  }
  const statics = new Set(routine.parameters.filter(parameter => isStatic(routine, parameter)).map(parameter => parameter.name.name))
  const names = openNames(routine, frame, statics)
  if (isCircuit) {
    if (names.size === 0 && routine.parameters.every(parameter => elementOf(parameter.type))) callByItself(frame, routine)
    finish(session, routine, own, sink)
    return
  }
  const sizes = routine.body.kind === 'block' ? assertedSizes(frame, routine.body, names) : new Map<string, Dim>()
  for (const name of names) environment.bind(name, 'dimension', dimMeaning(sizes.get(name) ?? namedDim(name)), routine.signature)
  const lead: readonly Dim[] = [namedDim('...')]
  for (const parameter of routine.parameters) environment.bind(parameter.name.name, 'value', argumentByItself(frame, parameter, statics, { names, sizes, lead }), parameter.name.span)
  const body: Frame = { ...frame, environment: environment.inner() }
  const meanings = routine.body.kind === 'expression' ? [session.evaluate(body, routine.body.value)] : evaluateBlock(body, routine.body).returned?.meanings
  if (!meanings) {
    // The return may be in what could not be read.
    if (routine.body.kind === 'block' && routine.body.statements.some(statement => statement.kind === 'invalid')) session.faulty.add(routine)
    else own.report('no-return', routine.name.span, { name: routine.name.name })
  } else if (!own.hasErrors) {
    const unifier = new Unifier()
    for (const name of names) unifier.sizes.set(name, sizes.get(name) ?? namedDim(name))
    const span = routine.body.kind === 'expression' ? routine.body.value.span : routine.body.statements.find(statement => statement.kind === 'return')?.span ?? routine.name.span
    checkResults(frame, routine, body, { unifier, lead }, meanings, span)
  }
  finish(session, routine, own, sink)
}

function checkTypeNames(routine: Routine, sink: DiagnosticSink): void {
  // Circuits call functions of observables; a layer has nothing quantum about it.
  const isQuantum = routine.routine !== 'layer'
  const check = (type: Parameter['type'], more: readonly string[]) => {
    const { name, span } = type.name
    if (!elementOf(type) && name !== '' && !more.includes(name)) sink.report('unknown-type', span, { name })
  }
  for (const { type } of routine.parameters) check(type, isQuantum ? ['string', 'observable'] : ['string'])
  for (const type of routine.results) check(type, isQuantum ? ['observable'] : [])
}

function finish(session: Session, routine: Routine, own: DiagnosticSink, sink: DiagnosticSink): void {
  if (own.hasErrors) session.faulty.add(routine)
  for (const diagnostic of own.all) sink.add(diagnostic)
}

/** What the names of a signature stand for while it is checked by itself. */
interface Symbols { readonly names: ReadonlySet<string>; readonly sizes: ReadonlyMap<string, Dim>; readonly lead: readonly Dim[] }

function argumentByItself(frame: Frame, parameter: Parameter, statics: ReadonlySet<string>, { names, sizes, lead }: Symbols): Meaning {
  const name = parameter.name.name
  if (statics.has(name)) return parameter.type.name.name === 'int' ? dimMeaning(namedDim(name)) : UNKNOWN
  const element = elementOf(parameter.type)
  if (!element) return UNKNOWN
  const shape: Dim[] = []
  for (const item of parameter.type.shape ?? []) {
    const pattern = item.kind === 'ellipsis' ? undefined : patternOf(frame, item, names)
    if (item.kind === 'ellipsis') shape.push(...lead)
    else if (pattern === undefined) return UNKNOWN
    else shape.push(substituteDim(pattern, sizes))
  }
  return tensorMeaning(marked(frame, name, frame.builder.input(name, tensor(element, shape))))
}

/** A circuit of constant sizes, called on inputs of its declared types. */
function callByItself(frame: Frame, routine: Routine): void {
  const matched = routine.parameters.map(parameter => {
    const type = typeOfNode(frame, parameter.type)
    return type && { parameter, meaning: tensorMeaning(frame.builder.input(parameter.name.name, type)) }
  })
  if (!matched.every(argument => argument !== undefined)) return
  for (const { parameter, meaning } of matched) frame.environment.bind(`${parameter.name.name}`, 'value', meaning, parameter.name.span)
  const inside = new DiagnosticSink()
  const caller: Frame = { ...frame, sink: inside, place: 'fn' }
  frame.session.callCircuit(caller, { node: routine, module: frame.module }, {
    span: routine.name.span,
    arguments: routine.parameters.map(parameter => ({ value: { kind: 'name', name: parameter.name.name, span: parameter.name.span }, span: parameter.span })),
  })
  // The mistake inside is what is reported; the call was ours.
  for (const diagnostic of inside.all) {
    frame.sink.add(diagnostic.inner ?? diagnostic)
  }
}

function checkAnnotation(routine: Routine, annotation: Routine['annotations'][number], sink: DiagnosticSink): void {
  const name = annotation.name.name
  const [argument] = annotation.arguments
  const known = ['parameter_shift', 'adjoint', 'finite_difference']
  if (routine.routine !== 'circuit') sink.report('misplaced-annotation', annotation.span, { name, what: `a ${routine.routine}` })
  else if (['shots', 'trajectories', 'precision'].includes(name)) sink.report('unsupported', annotation.span, { feature: `\`@${name}\`` })
  else if (name !== 'gradient') sink.report('unknown-annotation', annotation.span, { name })
  else if (argument?.value.kind === 'name' && argument.value.name === 'spsa') sink.report('unsupported', argument.span, { feature: '`@gradient(spsa)`' })
  else if (annotation.arguments.length > 1) sink.report('argument-count', annotation.arguments[1]?.span ?? annotation.span, { name: '@gradient', expected: '1 argument', found: annotation.arguments.length, signature: 'it is written `@gradient(adjoint)`' })
  else if (argument?.value.kind !== 'name' || !known.includes(argument.value.name)) sink.report('unknown-gradient', argument?.span ?? annotation.span, { found: argument ? textOf(argument.span) : 'nothing', known: known.join(', ') })
}

