/** Routines by themselves: each is evaluated once with symbols for its sizes, so that its mistakes are found whether or not it is called. */
import type { Parameter, Routine } from '../1-parse/ast'
import type { Module } from '../2-check/modules'
import { DiagnosticSink } from '../diagnostics/sink'
import { typeOfForeign } from '../2-check/foreignFunctions'
import { listOf, suggest } from '../diagnostics/suggest'
import { textOf } from '../source/source'
import { namedDim, substituteDim, type Dim } from '../../ir/dim'
import { tensor } from '../../ir/type'
import { GRADIENT_METHODS } from '../../quantum/engine'
import { assertedSizes } from './assertions'
import { createModelFrame, Environment, type Frame, type Session, staticFrame } from './frame'
import { checkGate } from './gates'
import { marked } from './loops'
import { dimMeaning, tensorMeaning, UNKNOWN, type Meaning } from './meaning'
import { checkResults } from './routines'
import { hasBroken, isStatic, openNames } from './signatures'
import { ELEMENT_NAMES, elementOf, patternOf, typeOfNode, Unifier } from './types'

/**
 * Evaluates a function or layer with a symbol for every size, so that its mistakes are found whether or not it is called.
 * Gates and circuits are flat only for known sizes; those are checked where they are called, and circuits whose signature
 * leaves no size open here.
 */
export function checkRoutine(session: Session, module: Module, routine: Routine, sink: DiagnosticSink): void {
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
  const environment = new Environment(undefined, session.seen)
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
  const meanings = routine.body.kind === 'expression' ? [session.evaluate(body, routine.body.value)] : session.evaluateBlock(body, routine.body).returned?.meanings
  if (!meanings) {
    // The return may be in what could not be read.
    if (hasBroken(routine)) session.faulty.add(routine)
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
    if (!elementOf(type) && name !== '' && !more.includes(name)) sink.report('unknown-type', span, { name, suggestion: typeOfForeign(name, [...ELEMENT_NAMES, ...more]) ?? suggest(name, [...ELEMENT_NAMES, ...more]) })
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

const ANNOTATIONS = ['gradient', 'shots', 'trajectories', 'precision']

function checkAnnotation(routine: Routine, annotation: Routine['annotations'][number], sink: DiagnosticSink): void {
  const name = annotation.name.name
  const [argument] = annotation.arguments
  const known: readonly string[] = GRADIENT_METHODS
  const method = argument?.value.kind === 'name' ? argument.value.name : undefined
  const by = ['shots', 'trajectories'].find(way => routine.annotations.some(other => other.name.name === way))
  const count = (example: string) => {
    if (annotation.arguments.length === 1) return
    sink.report('argument-count', annotation.arguments[1]?.span ?? annotation.span, { name: `@${name}`, expected: '1 argument', found: annotation.arguments.length || 'none', signature: `it is written \`@${name}(${example})\`` })
  }
  if (routine.routine !== 'circuit') { sink.report('misplaced-annotation', annotation.span, { name, what: `a ${routine.routine}` }); return }
  switch (name) {
    // The number itself is evaluated with the circuit.
    case 'shots':
    case 'trajectories': count('1000'); return
    case 'precision': {
      count('f32')
      const [given] = annotation.arguments
      const value = given?.value.kind === 'name' ? given.value.name : undefined
      if (given && value !== 'f32' && value !== 'f64') sink.report('unknown-precision', given.span, { found: textOf(given.span) })
      return
    }
    case 'gradient':
      if (annotation.arguments.length > 1) count('adjoint')
      else if (method === undefined || !known.includes(method)) sink.report('unknown-gradient', argument?.span ?? annotation.span, { found: argument ? textOf(argument.span) : 'nothing', known: known.join(', '), suggestion: argument && suggest(textOf(argument.span), known) })
      else if (by !== undefined && (method === 'adjoint' || method === 'finite_difference')) sink.report('shots-method', annotation.span, { method, by: `@${by}` })
      return
    default: sink.report('unknown-annotation', annotation.span, { name, suggestion: suggest(name, ANNOTATIONS), known: listOf(ANNOTATIONS.map(each => `@${each}`)) })
  }
}
