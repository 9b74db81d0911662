/** Binds the parameters of a routine for one call: conversions, and the dimensions of its signature solved from the arguments. */
import type { Parameter, Routine } from '../1-parse/ast'
import type { DiagnosticSink, Related } from '../diagnostics/sink'
import { nodesIn } from '../2-check/walk'
import type { Span } from '../source/source'
import { namesOfDim, printDim, type Dim } from '../../ir/dim'
import { printType } from '../../ir/type'
import { broadcastShapes, castNumeric, isClash } from './broadcast'
import { Environment, type Frame } from './frame'
import { marked } from './loops'
import { describe, dimMeaning, dimOf, isNumeric, tensorMeaning, toValue, typeOf, type Meaning, type Numeric } from './meaning'
import { shortText } from './operators'
import { columnHelp, notePairing } from './pairings'
import { elementOf, namesInType, patternOf, Unifier } from './types'
import { isStatic, type Matched, openNames, typeText } from './signatures'

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
  const environment = new Environment(undefined, frame.session.seen)
  const unifier = new Unifier()
  const statics = new Set(routine.parameters.filter(parameter => isStatic(routine, parameter)).map(parameter => parameter.name.name))
  const open = openNames(routine, home, statics)
  const inner: Frame = { ...home, environment }
  const converted = new Map<string, Matched>()
  // Static parameters whose defaults ask for sizes: what mentions them waits until the other arguments have told these.
  const held = new Set<string>()
  const bindOwn = (parameter: Parameter, meaning: Meaning) => {
    const own = markArguments && isNumeric(meaning) ? tensorMeaning(marked(frame, parameter.name.name, toValue(frame.builder, meaning))) : meaning
    environment.bind(parameter.name.name, 'value', own, parameter.name.span)
  }
  for (const parameter of routine.parameters) {
    const isKnown = statics.has(parameter.name.name)
    const isHeld = isKnown && !matched.has(parameter.name.name) && asksForSizes(routine, parameter, environment, open)
    if (isHeld) { held.add(parameter.name.name); continue }
    const given = matched.get(parameter.name.name) ?? (isKnown ? defaultOf(inner, parameter) : undefined)
    if (!given && parameter.default && !isKnown) continue
    const fitting = given && (isKnown ? bindStatic(frame, routine, parameter, given, unifier, home.sink) : convert(frame, routine, parameter, given))
    if (!fitting) return undefined
    converted.set(parameter.name.name, fitting)
    if (isKnown) environment.bind(parameter.name.name, 'value', fitting.meaning, parameter.name.span)
  }
  const unify = () => {
    const found = unifyShapes(frame, routine, inner, converted, open, unifier, callSpan, held)
    if (!found || !unifyRegisters(frame, routine, inner, registerSizes, open, unifier, callSpan, held)) return undefined
    bindSizes(environment, routine, unifier, statics)
    return found
  }
  const lead = unify()
  if (!lead) return undefined
  for (const parameter of routine.parameters) {
    if (held.has(parameter.name.name)) {
      const fallback = defaultOf(inner, parameter)
      const fitting = fallback && bindStatic(frame, routine, parameter, fallback, unifier, home.sink)
      if (!fitting) return undefined
      environment.bind(parameter.name.name, 'value', fitting.meaning, parameter.name.span)
      held.delete(parameter.name.name)
      if (held.size === 0 && !unify()) return undefined
      continue
    }
    if (statics.has(parameter.name.name)) continue
    const given = converted.get(parameter.name.name)
    if (given) { bindOwn(parameter, given.meaning); continue }
    // Sizes and the parameters before it are known where a default is evaluated.
    const fallback = defaultOf({ ...inner, builder: frame.builder }, parameter)
    const fitting = fallback && convert(frame, routine, parameter, fallback)
    if (!fitting || !unifyShapes(frame, routine, inner, new Map([[parameter.name.name, fitting]]), open, unifier, callSpan, held)) return undefined
    bindSizes(environment, routine, unifier, statics)
    bindOwn(parameter, fitting.meaning)
  }
  return { environment, unifier, lead }
}

/** Whether a default mentions what only the arguments tell: a size, or a parameter that is not bound yet. */
function asksForSizes(routine: Routine, { default: value }: Parameter, environment: Environment, open: ReadonlySet<string>): boolean {
  if (!value) return false
  const isLate = (name: string) => (open.has(name) || routine.parameters.some(other => other.name.name === name)) && !environment.find(name)
  return [...nodesIn(value)].some(node => node.kind === 'name' && isLate(node.name))
}

function bindSizes(environment: Environment, routine: Routine, unifier: Unifier, statics: ReadonlySet<string>): void {
  for (const [name, dim] of unifier.sizes) {
    if (!statics.has(name)) environment.bind(name, 'dimension', dimMeaning(dim), routine.signature)
  }
}

function defaultOf(inner: Frame, parameter: Parameter): Matched | undefined {
  return parameter.default && { meaning: inner.session.evaluate(inner, parameter.default), span: parameter.default.span }
}

function bindStatic(frame: Frame, routine: Routine, parameter: Parameter, given: Matched, unifier: Unifier, inside: DiagnosticSink): Matched | undefined {
  const { meaning, span } = given
  const kind = parameter.type.name.name
  const dim = kind === 'int' ? dimOf(meaning) : undefined
  if (dim !== undefined) {
    unifier.sizes.set(parameter.name.name, dim)
    return given
  }
  if ((kind === 'string' && meaning.kind === 'text') || (kind === 'bool' && meaning.kind === 'static' && meaning.element === 'bool')) return given
  // A default of no meaning asks for sizes that nothing tells, if nothing is wrong with it.
  if (meaning.kind === 'unknown' && (span !== parameter.default?.span || inside.hasErrors)) return undefined
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

/** Solves the dimension names of all parameters, but for what mentions a `held` one; returns what `...` stands for. */
function unifyShapes(
  frame: Frame, routine: Routine, inner: Frame, given: ReadonlyMap<string, Matched>, open: ReadonlySet<string>, unifier: Unifier, callSpan: Span,
  held: ReadonlySet<string>,
): readonly Dim[] | undefined {
  const leads: (readonly Dim[])[] = []
  const led: Related[] = []
  const elementwise: { readonly meaning: Numeric; readonly span: Span }[] = []
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
    if (hasLead) {
      leads.push(actual.slice(0, actual.length - fixed.length))
      led.push({ span: argument.span, message: printType(typeOf(argument.meaning)) })
      if (fixed.length === 0) elementwise.push({ meaning: argument.meaning, span: argument.span })
    }
    fixed.forEach((item, axis) => {
      const pattern = patternOf(inner, item, open)
      if (pattern !== undefined && !mentions(pattern, held)) pending.push({ pattern, actual: actual[actual.length - fixed.length + axis] ?? 1, parameter })
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
  if (!isClash(lead)) {
    notePairing(frame, routine.name.name, elementwise, callSpan)
    return lead
  }
  frame.sink.report('lead-mismatch', callSpan, { name: routine.name.name, left: printDim(lead.left), right: printDim(lead.right) }, { related: led, ...columnHelp(elementwise) })
  return undefined
}

/** `q: qubit[n]` binds n, or holds it to what an argument said. */
function unifyRegisters(
  frame: Frame, routine: Routine, inner: Frame, sizes: readonly number[], open: ReadonlySet<string>, unifier: Unifier, callSpan: Span,
  held: ReadonlySet<string>,
): boolean {
  for (const [at, register] of routine.registers.entries()) {
    const actual = sizes[at]
    if (!register.size || actual === undefined) continue
    const pattern = patternOf(inner, register.size, open)
    if (pattern === undefined || mentions(pattern, held) || unifier.match(pattern, actual) !== false) continue
    frame.sink.report('register-size', callSpan, {
      gate: routine.name.name, register: register.name.name, expected: printDim(unifier.apply(pattern)), found: actual,
    }, { related: [{ span: register.span, message: 'declared here' }] })
    return false
  }
  return true
}

const mentions = (pattern: Dim, names: ReadonlySet<string>): boolean => names.size > 0 && [...namesOfDim(pattern)].some(name => names.has(name))

function reportShape(
  frame: Frame, routine: Routine, parameter: Parameter, { meaning, span, found }: Matched, unifier: Unifier, inner: Frame, open: ReadonlySet<string>,
): void {
  const shape = (parameter.type.shape ?? []).map(item => {
    if (item.kind === 'ellipsis') return '...'
    const pattern = patternOf(inner, item, open)
    return pattern === undefined ? '?' : printDim(unifier.apply(pattern))
  })
  frame.sink.report('shape-mismatch', span, {
    what: `\`${routine.name.name}\``, expected: `${parameter.type.name.name}${shape.length ? `[${shape.join(', ')}]` : ''}`,
    value: `\`${shortText(span)}\``, found: found ?? describe(meaning),
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
