/** Calls of `fn` and `layer`: arguments are matched to the signature, its dimensions solved, and the body evaluated in place. */
import type { Argument, Expression, Parameter, Routine, TypeNode } from '../1-parse/ast'
import type { Declared } from '../2-check/modules'
import { DiagnosticSink, type Related } from '../diagnostics/sink'
import { suggest } from '../diagnostics/suggest'
import { counted } from '../diagnostics/words'
import type { Span } from '../source/source'
import { printDim, sameShape, type Dim } from '../../ir/dim'
import { printType, tensor, type TensorType } from '../../ir/type'
import { broadcastShapes, castNumeric, isClash } from './broadcast'
import { Environment, type Frame, type RoutineCall } from './frame'
import { marked } from './loops'
import { describe, dimMeaning, dimOf, isNumeric, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning } from './meaning'
import { shortText } from './operators'
import { placesQubits } from './qubitPlacement'
import { dimOfExpression, elementOf, namesInType, patternOf, Unifier } from './types'

export interface Matched { readonly meaning: Meaning; readonly span: Span }

/** `dense(x: real[..., n], out: int)` as a person wrote it. */
export function signatureText(routine: Routine): string {
  const typeText = (type: TypeNode) => type.span.file.text.slice(type.span.start, type.span.end)
  return `${routine.name.name}(${routine.parameters.map(parameter => `${parameter.name.name}: ${typeText(parameter.type)}`).join(', ')})`
}

/** Arguments by parameter, evaluated; reports the first that does not fit. */
export function matchArguments(frame: Frame, routine: Routine, call: RoutineCall): ReadonlyMap<string, Matched> | undefined {
  const name = routine.name.name
  const related = { related: [{ span: routine.signature, message: `\`${name}\` is declared here` }] }
  const matched = new Map<string, Matched>()
  for (const [key, meaning] of call.instance?.given ?? []) matched.set(key, { meaning, span: call.span })
  const open = routine.parameters.filter(parameter => !matched.has(parameter.name.name))
  let next = 0
  let wrong = false
  const place = (argument: () => Matched) => {
    const parameter = open[next++]
    const value = argument()
    if (parameter) matched.set(parameter.name.name, value)
  }
  const evaluate = (expression: Expression): Matched => ({ meaning: frame.session.evaluate(frame, expression), span: expression.span })
  if (call.piped) { const { piped } = call; place(() => piped) }
  for (const argument of call.arguments) {
    if (!argument.name) { place(() => evaluate(argument.value)); continue }
    const key = argument.name.name
    if (!routine.parameters.some(parameter => parameter.name.name === key)) {
      frame.sink.report('unknown-argument', argument.name.span, { name, argument: key, suggestion: suggest(key, routine.parameters.map(parameter => parameter.name.name)) }, related)
      wrong = true
    } else if (matched.has(key)) {
      frame.sink.report('repeated-argument', argument.name.span, { name, argument: key }, related)
      wrong = true
    }
    // Wrong or not: the value may hold a mistake of its own.
    const value = evaluate(argument.value)
    matched.set(key, value)
  }
  if (wrong) return undefined
  if (next > open.length) {
    const given: readonly Argument[] = call.arguments
    frame.sink.report('argument-count', given.at(-1)?.span ?? call.span, { name, expected: counted(open.length, 'argument'), found: next, signature: `it is declared \`${signatureText(routine)}\`` }, related)
    return undefined
  }
  for (const parameter of open) {
    if (matched.has(parameter.name.name)) continue
    if (!parameter.default) {
      frame.sink.report('missing-argument', call.span, { name, argument: parameter.name.name, signature: `it is declared \`${signatureText(routine)}\`` }, related)
      return undefined
    }
  }
  return [...matched.values()].some(({ meaning }) => meaning.kind === 'unknown') ? undefined : matched
}

/** Parameters that must be known when the model is compiled: strings, bools, and ints whose name stands in a dimension. */
export function isStatic(routine: Routine, parameter: Parameter): boolean {
  const { type } = parameter
  if (type.name.name === 'string') return true
  if (type.shape !== undefined) return false
  if (type.name.name === 'bool') return true
  if (type.name.name !== 'int') return false
  const name = parameter.name.name
  const inTypes = [...routine.parameters.map(other => other.type), ...routine.results].some(other => namesInType(other).includes(name))
  return inTypes || usedAsSize(routine, name) || routine.parameters.some(other => other !== parameter && other.default && namesInSize(other.default).includes(name) && isStatic(routine, other))
}

/** Whether a name stands in a shape, a `qubits` size, a qubit index or a circuit's `for` and `if` of the body. */
function usedAsSize(routine: Routine, name: string): boolean {
  if (routine.routine === 'circuit' || routine.routine === 'gate') return placesQubits(routine, name)
  let found = false
  const walk = (value: unknown, sized: boolean): void => {
    if (found || value === null || typeof value !== 'object' || 'text' in value) return
    if (Array.isArray(value)) { for (const item of value) walk(item, sized); return }
    if (sized && 'kind' in value && value.kind === 'name' && 'name' in value && value.name === name) { found = true; return }
    for (const [key, child] of Object.entries(value)) {
      if (key === 'span') continue
      const isCallOfLayer = 'kind' in value && value.kind === 'call' && key === 'arguments' && routine.routine === 'layer'
      walk(child, sized || key === 'shape' || isCallOfLayer || ('kind' in value && value.kind === 'range'))
    }
  }
  walk(routine.body, false)
  return found
}

export interface BoundCall {
  readonly environment: Environment
  readonly unifier: Unifier
  /** What `...` stands for. */
  readonly lead: readonly Dim[]
}

/**
 * Binds parameters and dimension names for one call. `leads` collects leading dimensions of arguments where a circuit maps
 * over them; elsewhere only `...` takes any.
 */
export function bindCall(
  frame: Frame, routine: Routine, home: Frame, matched: ReadonlyMap<string, Matched>, callSpan: Span, markArguments: boolean,
  registerSizes: readonly number[] = [],
): BoundCall | undefined {
  const environment = new Environment()
  const unifier = new Unifier()
  const statics = new Set(routine.parameters.filter(parameter => isStatic(routine, parameter)).map(parameter => parameter.name.name))
  const open = openNames(routine, home, statics)
  const inner: Frame = { ...home, environment }
  const converted = new Map<string, Matched>()
  const bindOwn = (parameter: Parameter, meaning: Meaning) => {
    const own = markArguments && isNumeric(meaning) ? tensorMeaning(marked(frame, parameter.name.name, toValue(frame.builder, meaning))) : meaning
    environment.bind(parameter.name.name, 'value', own, parameter.name.span)
  }
  for (const parameter of routine.parameters) {
    const isKnown = statics.has(parameter.name.name)
    const given = matched.get(parameter.name.name) ?? (isKnown ? defaultOf(inner, parameter) : undefined)
    if (!given && parameter.default && !isKnown) continue
    const fitting = given && (isKnown ? bindStatic(frame, routine, parameter, given, unifier) : convert(frame, routine, parameter, given))
    if (!fitting) return undefined
    converted.set(parameter.name.name, fitting)
    if (isKnown) environment.bind(parameter.name.name, 'value', fitting.meaning, parameter.name.span)
  }
  const lead = unifyShapes(frame, routine, inner, converted, open, unifier, callSpan)
  if (!lead || !unifyRegisters(frame, routine, inner, registerSizes, open, unifier, callSpan)) return undefined
  bindSizes(environment, routine, unifier, statics)
  for (const parameter of routine.parameters) {
    if (statics.has(parameter.name.name)) continue
    const given = converted.get(parameter.name.name)
    if (given) { bindOwn(parameter, given.meaning); continue }
    // Sizes and the parameters before it are known where a default is evaluated.
    const fallback = defaultOf({ ...inner, builder: frame.builder }, parameter)
    const fitting = fallback && convert(frame, routine, parameter, fallback)
    if (!fitting || !unifyShapes(frame, routine, inner, new Map([[parameter.name.name, fitting]]), open, unifier, callSpan)) return undefined
    bindSizes(environment, routine, unifier, statics)
    bindOwn(parameter, fitting.meaning)
  }
  return { environment, unifier, lead }
}

function bindSizes(environment: Environment, routine: Routine, unifier: Unifier, statics: ReadonlySet<string>): void {
  for (const [name, dim] of unifier.sizes) {
    if (!statics.has(name)) environment.bind(name, 'dimension', dimMeaning(dim), routine.signature)
  }
}

function defaultOf(inner: Frame, parameter: Parameter): Matched | undefined {
  return parameter.default && { meaning: inner.session.evaluate(inner, parameter.default), span: parameter.default.span }
}

/** Names that a signature's shapes bind: neither constants nor static parameters. */
export function openNames(routine: Routine, home: Frame, statics: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { type } of routine.parameters) for (const name of namesInType(type)) names.add(name)
  for (const { size } of routine.registers) if (size) for (const name of namesInSize(size)) names.add(name)
  for (const name of [...names]) if (home.session.constant(home.module, name) && !statics.has(name)) names.delete(name)
  // Static ints stand in shapes too; they are known before anything is solved.
  for (const name of statics) names.add(name)
  return names
}

const namesInSize = (expression: Expression): readonly string[] =>
  namesInType({ name: { name: 'int', span: expression.span }, shape: [expression], span: expression.span })

function bindStatic(frame: Frame, routine: Routine, parameter: Parameter, given: Matched, unifier: Unifier): Matched | undefined {
  const { meaning, span } = given
  const kind = parameter.type.name.name
  const dim = kind === 'int' ? dimOf(meaning) : undefined
  if (dim !== undefined) {
    unifier.sizes.set(parameter.name.name, dim)
    return given
  }
  if ((kind === 'string' && meaning.kind === 'text') || (kind === 'bool' && meaning.kind === 'static' && meaning.element === 'bool')) return given
  // A default that went wrong was not said to be: it may ask for sizes, which are worked out after it.
  if (meaning.kind === 'unknown' && span !== parameter.default?.span) return undefined
  frame.sink.report('static-argument', span, {
    name: routine.name.name, argument: parameter.name.name, expected: kind === 'int' ? 'an int' : kind === 'string' ? 'a string' : 'a bool', found: meaning.kind === 'unknown' ? 'what is worked out from the arguments' : `${describe(meaning)}${meaning.kind === 'tensor' ? ' of run time' : ''}`,
  }, { related: [{ span: parameter.span, message: 'declared here' }] })
  return undefined
}

/** int to real where the signature says real. */
function convert(frame: Frame, routine: Routine, parameter: Parameter, given: Matched): Matched | undefined {
  const { meaning, span } = given
  if (meaning.kind === 'unknown') return undefined
  const element = elementOf(parameter.type)
  if (parameter.type.name.name === 'observable' && meaning.kind === 'observable') return given
  if (!element || !isNumeric(meaning)) {
    frame.sink.report('type-mismatch', span, { expected: parameter.type.name.name, found: describe(meaning) }, { related: [{ span: parameter.span, message: 'declared here' }] })
    return undefined
  }
  const own = typeOf(meaning).element
  if (own === element) return given
  if (element === 'real' || (element === 'int' && own === 'bool')) return { meaning: castNumeric(frame, meaning, element), span }
  frame.sink.report('shape-mismatch', span, {
    what: `\`${routine.name.name}\``, expected: typeText(parameter.type), value: `\`${shortText(span)}\``, found: describe(meaning),
  }, { related: [{ span: parameter.span, message: 'declared here' }] })
  return undefined
}

const typeText = (type: TypeNode) => type.span.file.text.slice(type.span.start, type.span.end)

/** Solves the dimension names of all parameters; returns what `...` stands for. */
function unifyShapes(
  frame: Frame, routine: Routine, inner: Frame, given: ReadonlyMap<string, Matched>, open: ReadonlySet<string>, unifier: Unifier, callSpan: Span,
): readonly Dim[] | undefined {
  const leads: (readonly Dim[])[] = []
  type Pair = { readonly pattern: Dim; readonly actual: Dim; readonly parameter: Parameter }
  let pending: Pair[] = []
  for (const parameter of routine.parameters) {
    const argument = given.get(parameter.name.name)
    if (!argument || !isNumeric(argument.meaning) || !elementOf(parameter.type)) continue
    const actual = typeOf(argument.meaning).shape
    const items = parameter.type.shape ?? []
    const hasLead = items[0]?.kind === 'ellipsis'
    const fixed = items.flatMap(item => (item.kind === 'ellipsis' ? [] : [item]))
    if (hasLead ? actual.length < fixed.length : actual.length !== fixed.length) {
      reportShape(frame, routine, parameter, argument, unifier, inner, open)
      return undefined
    }
    if (hasLead) leads.push(actual.slice(0, actual.length - fixed.length))
    fixed.forEach((item, axis) => {
      const pattern = patternOf(inner, item, open)
      if (pattern !== undefined) pending.push({ pattern, actual: actual[actual.length - fixed.length + axis] ?? 1, parameter })
    })
  }
  // Patterns like n + m wait until another argument has told n.
  for (let progress = true; pending.length > 0 && progress;) {
    progress = false
    const rest: Pair[] = []
    for (const pair of pending) {
      const argument = given.get(pair.parameter.name.name)
      const matched = unifier.match(pair.pattern, pair.actual, argument?.span)
      if (matched === undefined) { rest.push(pair); continue }
      progress = true
      if (!matched && argument) {
        reportShape(frame, routine, pair.parameter, argument, unifier, inner, open)
        return undefined
      }
    }
    pending = rest
  }
  const [stuck] = pending
  if (stuck) {
    frame.sink.report('unsolved-dimension', stuck.parameter.type.span, { type: typeText(stuck.parameter.type), name: routine.name.name })
    return undefined
  }
  const lead = broadcastShapes(...leads)
  if (!isClash(lead)) return lead
  frame.sink.report('lead-mismatch', callSpan, { name: routine.name.name, left: printDim(lead.left), right: printDim(lead.right) })
  return undefined
}

/** `q: qubit[n]` binds n, or holds it to what an argument said. */
function unifyRegisters(
  frame: Frame, routine: Routine, inner: Frame, sizes: readonly number[], open: ReadonlySet<string>, unifier: Unifier, callSpan: Span,
): boolean {
  for (const [at, register] of routine.registers.entries()) {
    const actual = sizes[at]
    if (!register.size || actual === undefined) continue
    const pattern = patternOf(inner, register.size, open)
    if (pattern === undefined || unifier.match(pattern, actual) !== false) continue
    frame.sink.report('register-size', callSpan, {
      gate: routine.name.name, register: register.name.name, expected: printDim(unifier.apply(pattern)), found: actual,
    }, { related: [{ span: register.span, message: 'declared here' }] })
    return false
  }
  return true
}

function reportShape(
  frame: Frame, routine: Routine, parameter: Parameter, { meaning, span }: Matched, unifier: Unifier, inner: Frame, open: ReadonlySet<string>,
): void {
  const shape = (parameter.type.shape ?? []).map(item => {
    if (item.kind === 'ellipsis') return '...'
    const pattern = patternOf(inner, item, open)
    return pattern === undefined ? '?' : printDim(unifier.apply(pattern))
  })
  frame.sink.report('shape-mismatch', span, {
    what: `\`${routine.name.name}\``, expected: `${parameter.type.name.name}${shape.length ? `[${shape.join(', ')}]` : ''}`,
    value: `\`${shortText(span)}\``, found: describe(meaning),
  }, { related: [...solvedElsewhere(parameter, unifier, span), { span: parameter.span, message: 'declared here' }] })
}

/** Which other arguments have told the sizes that this one is held to. */
function solvedElsewhere({ type }: Parameter, unifier: Unifier, own: Span): readonly Related[] {
  return [...new Set(namesInType(type))].flatMap(name => {
    const source = unifier.sources.get(name)
    const size = unifier.sizes.get(name)
    return source && size !== undefined && source !== own ? [{ span: source, message: `\`${name}\` is ${printDim(size)} here` }] : []
  })
}

// ----------------------------------------------------------------------------------------------- calling a routine

export function callRoutine(frame: Frame, callee: Declared<Routine>, call: RoutineCall): Meaning {
  const meaning = inlineRoutine(frame, callee, call)
  if (meaning.kind === 'unknown' && callee.node.routine === 'layer' && frame.model) frame.model.incomplete = true
  return meaning
}

function inlineRoutine(frame: Frame, callee: Declared<Routine>, call: RoutineCall): Meaning {
  const routine = callee.node
  const name = routine.name.name
  if (routine.routine === 'layer' && frame.place !== 'model' && frame.place !== 'layer') {
    frame.sink.report('misplaced-layer', call.span, { name, place: `a ${frame.place}` })
    return UNKNOWN
  }
  // Before the arguments: of f(f(x)) the outer call stands first in the source.
  const path = routine.routine === 'layer' ? layerPath(frame, name, call) : frame.pathPrefix
  const matched = matchArguments(frame, routine, call)
  if (!matched || frame.session.faulty.has(routine) || frame.within.includes(routine)) return UNKNOWN
  const sink = new DiagnosticSink()
  const inner: Frame = {
    ...frame, sink, place: routine.routine === 'layer' ? 'layer' : 'fn', module: callee.module, environment: new Environment(),
    callPath: uniquePath(frame, `${frame.callPath}/${name}`, `${frame.callPath}/#${placeKey(call.span)}`), pathPrefix: path, target: '', circuit: frame.circuit, within: [...frame.within, routine], stacks: call.instance?.stacks ?? frame.stacks,
  }
  const bound = bindCall(frame, routine, inner, matched, call.span, !frame.unrolled)
  if (!bound) return UNKNOWN
  checkDivisions({ ...inner, environment: bound.environment }, routine)
  const body: Frame = { ...inner, environment: bound.environment.inner() }
  const meanings = routine.body.kind === 'expression'
    ? [body.session.evaluate(body, routine.body.value)]
    : body.session.evaluateBlock(body, routine.body).returned?.meanings
  if (reportInside(frame, name, call.span, sink)) return UNKNOWN
  if (!meanings) {
    frame.sink.report('no-return', routine.name.span, { name })
    return UNKNOWN
  }
  const results = checkResults(frame, routine, body, bound, meanings, call.span)
  // The sizes of the results are worked out inside, too.
  if (!results) reportInside(frame, name, call.span, sink)
  if (!results) return UNKNOWN
  const [only] = results
  return results.length === 1 && only ? only : { kind: 'tuple', items: results }
}

/** Points at the call, and notes the line inside. @returns whether anything was wrong inside */
function reportInside(frame: Frame, name: string, call: Span, inside: DiagnosticSink): boolean {
  const failed = inside.all.find(diagnostic => diagnostic.severity === 'error')
  if (!failed) return false
  const inmost = failed.inner ?? failed
  const isSizeless = inmost.code === 'symbolic-parameter'
  // A size that no parameter can have is one mistake of whoever named it, not one of each layer it comes to.
  if (isSizeless && frame.session.sizeless.has(inmost.message)) return true
  if (isSizeless) frame.session.sizeless.add(inmost.message)
  frame.sink.report('inside-call', call, { name, message: inmost.message }, {
    related: [{ span: failed.span, message: 'here' }, ...failed.related], help: failed.help, inner: inmost,
  })
  return true
}

/** `n/2` in a signature: the sizes of this call must divide. */
function checkDivisions(inner: Frame, routine: Routine): void {
  const divides = (expression: Expression): boolean =>
    expression.kind === 'binary' && (expression.operator === '/' || divides(expression.left) || divides(expression.right))
  for (const { shape } of [...routine.parameters.map(parameter => parameter.type), ...routine.results]) {
    for (const item of shape ?? []) if (item.kind !== 'ellipsis' && divides(item)) dimOfExpression(inner, item)
  }
}

/** Paths of a layer's parameters: where the call stands, and the layer's name. */
function layerPath(frame: Frame, name: string, call: RoutineCall): string {
  if (call.instance) return call.instance.path
  const base = `${frame.pathPrefix}${frame.target ? `${frame.target}.` : ''}${name}`
  return `${uniquePath(frame, base, `${frame.pathPrefix}#${placeKey(call.span)}`)}.`
}

/** Tells places of the source apart. */
export const placeKey = ({ file, start, end }: Span): string => `${file.name}#${start}#${end}`

/** The same site finds its path again; another site with the same path gets a number. */
export function uniquePath(frame: Frame, base: string, site: string): string {
  const sites = frame.model?.sites
  if (!sites) return base
  const known = sites.get(site)
  if (known !== undefined) return known
  const taken = new Set(sites.values())
  let path = base
  for (let number = 2; taken.has(path); number++) path = `${base}_${number}`
  sites.set(site, path)
  return path
}

/** Results against the types that the signature states. */
export function checkResults(
  frame: Frame, routine: Routine, body: Frame, bound: Pick<BoundCall, 'unifier' | 'lead'>, meanings: readonly Meaning[], span: Span,
): readonly Meaning[] | undefined {
  const flat = meanings.length === 1 && meanings[0]?.kind === 'tuple' ? meanings[0].items : meanings
  if (flat.some(meaning => meaning.kind === 'unknown')) return undefined
  if (routine.results.length === 0) return flat
  if (routine.results.length !== flat.length) {
    frame.sink.report('return-count', routine.name.span, { name: routine.name.name, expected: routine.results.length, found: counted(flat.length, 'result') })
    return undefined
  }
  const results = flat.map((meaning, at) => {
    const type = routine.results[at]
    if (!type || !isNumeric(meaning)) return meaning
    const expected = resultType(body, type, bound, routine)
    const converted = expected?.element === 'real' ? castNumeric(frame, meaning, 'real') : meaning
    if (!expected) return undefined
    const actual = typeOf(converted)
    if (actual.element === expected.element && sameShape(actual.shape, expected.shape)) return converted
    frame.sink.report('result-mismatch', span, { name: routine.name.name, expected: printType(expected), found: printType(actual) },
      { related: [{ span: type.span, message: 'declared here' }] })
    return undefined
  })
  return results.every(result => result !== undefined) ? results : undefined
}

function resultType(body: Frame, type: TypeNode, bound: Pick<BoundCall, 'unifier' | 'lead'>, routine: Routine): TensorType | undefined {
  const element = elementOf(type)
  if (!element) return undefined
  const statics = new Set(routine.parameters.filter(parameter => isStatic(routine, parameter)).map(parameter => parameter.name.name))
  const open = openNames(routine, body, statics)
  const shape: Dim[] = []
  for (const item of type.shape ?? []) {
    if (item.kind === 'ellipsis') { shape.push(...bound.lead); continue }
    const pattern = patternOf(body, item, open)
    if (pattern === undefined) return undefined
    shape.push(bound.unifier.apply(pattern))
  }
  return tensor(element, shape)
}

