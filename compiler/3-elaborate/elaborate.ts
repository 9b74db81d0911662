/**
 * Elaboration: the one evaluator of the compiler. It knows types and shapes, folds constants, instantiates routines with their
 * sizes, flattens circuits, names parameters, and builds the graph as it goes. Generic routines are checked by evaluating
 * them once with symbols for sizes, so the typing rules exist once.
 */
import type { Block, Statement } from '../1-parse/ast'
import { FUNCTIONS, isCircuitFunction, isFunction } from '../2-check/functions'
import { ownModules, type Module } from '../2-check/modules'
import { calleesFirst } from '../2-check/recursion'
import { contained } from '../diagnostics/contain'
import { DiagnosticSink } from '../diagnostics/sink'
import type { CompileOptions, ConstantValue } from '../host'
import type { TrainPlan } from '../../ir/plan'
import { checkAssertion } from './assertions'
import { Budget, withinBounds } from './budget'
import { callCircuit, CircuitCache, type CircuitTemplate } from './circuits'
import { circuitStatement } from './circuitStatements'
import { constantValue } from './constantValue'
import { evaluateExpression, evaluateNumeric } from './expressions'
import { type BlockResult, type Frame, type Session, staticFrame } from './frame'
import { functionModel } from './functionModels'
import { Arguments } from './functions/arguments'
import { FUNCTION_RULES } from './functions/table'
import { joinElements } from './broadcast'
import { staticScalar, UNKNOWN, type Meaning } from './meaning'
import { callCircuitFunction } from './measurements'
import { declareInstance } from './instances'
import { elaborateModel, type ElaboratedModel } from './model'
import { declareParameter } from './parameters'
import { callRoutine } from './routines'
import { declareState, updateState } from './states'
import type { SeenTypes } from './seen'
import { evaluateStatements } from './statements'
import { checkTrainAlone, elaborateTrain } from './train'
import { typeOfNode } from './types'
import { checkRoutine } from './routineCheck'
import { takeNotes } from './notes'

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

/**
 * Never throws: a program that is too much, and a bug in here, are reported where they came up, and what was found before is kept.
 * @param seen takes down what names and calls are, where an editor asks for it
 */
export function elaborate(module: Module, options: CompileOptions, sink: DiagnosticSink, seen?: SeenTypes): ElaboratedFile {
  const circuits = new CircuitCache()
  const session = createSession(options, circuits, sink, seen)
  const place = () => session.budget.at ?? module.models[0]?.name.span ?? { file: module.file.file, start: 0, end: 0 }
  return contained(sink, place, () => withinBounds(place, () => elaborateFile(session, circuits, module, sink))) ?? { models: [], functions: [], circuits: [] }
}

function elaborateFile(session: Session, circuits: CircuitCache, module: Module, sink: DiagnosticSink): ElaboratedFile {
  const { options } = session
  checkConstants(session, module, options, sink)
  // What a file uses is checked before the file, and what a routine calls before the routine: a mistake is reported where it is, once.
  for (const each of [...ownModules(module)].reverse()) for (const routine of calleesFirst(each)) checkRoutine(session, each, routine, sink)
  const models = module.models.flatMap(node => {
    const own = new DiagnosticSink()
    try {
      const model = elaborateModel(session, module, node, own)
      if (model) session.budget.operations(model.graph, node.name.span)
      return model ? [model] : []
    } finally {
      for (const diagnostic of own.all) sink.add(diagnostic)
    }
  })
  // Nothing may go missing in silence: what has no value must have been reported.
  const [lost] = session.lost
  if (lost && !sink.hasErrors) sink.report('internal-error', lost, { what: 'this has no value, and no mistake in it was found' })
  const trains = new Map<string, TrainPlan>()
  for (const train of module.trains) {
    const model = models.find(each => each.name === train.name.name)
    const isWhole = module.models.every(node => node.name.name !== train.name.name || node.body.statements.every(statement => statement.kind !== 'invalid'))
    if (!model || !isWhole) checkTrainAlone(session, module, train, sink)
    else trains.set(model.name, elaborateTrain(session, module, train, model, sink))
  }
  // An editor emits nothing, and making models of what has been checked finds no more mistakes.
  const functions = sink.hasErrors || session.seen ? [] : module.file.declarations.flatMap(declaration => {
    // Mistakes were found when the routine was checked by itself; what a call alone shows is no mistake here.
    const function_ = declaration.kind === 'routine' ? functionModel(session, module, declaration, new DiagnosticSink()) : undefined
    return function_ ? [function_] : []
  })
  if (!sink.hasErrors) takeNotes(module, models, sink)
  return { models: models.map(model => ({ model, train: trains.get(model.name) })), functions, circuits: circuits.templates }
}

// ------------------------------------------------------------------------------------------------------ session

function createSession(options: CompileOptions, circuits: CircuitCache, sink: DiagnosticSink, seen: SeenTypes | undefined): Session {
  const constants = new Map<Module, Map<string, Meaning>>()
  const open = new Set<string>()
  const budget = new Budget()
  const session: Session = {
    options,
    seen,
    faulty: new Set(),
    sizeless: new Set(),
    widened: new Set(),
    lost: [],
    budget,
    evaluate(frame, expression) {
      const outer = budget.enter(expression.span)
      const meaning = evaluateExpression(frame, expression)
      budget.leave(outer)
      return meaning
    },
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
        const cycle = [...open].slice([...open].indexOf(key)).concat(key).map(each => each.slice(each.lastIndexOf(' ') + 1))
        sink.report('constant-cycle', declared.node.name.span, { name, cycle: cycle.join(' → ') })
        return UNKNOWN
      }
      open.add(key)
      const replaced = declared.module === module ? options.constants?.[declared.node.name.name] : undefined
      const meaning = replaced === undefined ? evaluateConstant(session, declared.module, declared.node.value, sink) : constantMeaning(replaced)
      open.delete(key)
      own.set(declared.node.name.name, meaning)
      seen?.add(declared.node.name.span, meaning)
      return meaning
    },
  }
  return session
}

function evaluateConstant(session: Session, module: Module, expression: Parameters<Session['evaluate']>[1], sink: DiagnosticSink): Meaning {
  const frame = staticFrame(session, module, sink, 'const')
  const meaning = session.evaluate(frame, expression)
  if (meaning.kind !== 'tensor') return meaning
  const outer = session.budget.enter(expression.span)
  const known = constantValue(meaning.value, session.budget)
  session.budget.leave(outer)
  if (!known) sink.report('not-constant', expression.span, {})
  return known ?? UNKNOWN
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
