/** Calls of `fn` and `layer`: arguments are matched to the signature, its dimensions solved, and the body evaluated in place. */
import type { Expression, Routine, TypeNode } from '../1-parse/ast'
import type { Declared } from '../2-check/modules'
import { DiagnosticSink } from '../diagnostics/sink'
import { counted } from '../diagnostics/words'
import type { Span } from '../source/source'
import { sameShape, type Dim } from '../../ir/dim'
import { printType, tensor, type TensorType } from '../../ir/type'
import { castNumeric } from './broadcast'
import { Environment, type Frame, type RoutineCall } from './frame'
import { isNumeric, typeOf, UNKNOWN, type Meaning } from './meaning'
import { dimOfExpression, elementOf, patternOf } from './types'
import { isStatic, matchArguments, openNames } from './signatures'
import { bindCall, type BoundCall } from './binding'

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
  frame.session.budget.call(frame.within.length, call.span)
  const sink = new DiagnosticSink()
  const inner: Frame = {
    ...frame, sink, place: routine.routine === 'layer' ? 'layer' : 'fn', module: callee.module, environment: new Environment(),
    callPath: uniquePath(frame, `${frame.callPath}/${name}`, `${frame.callPath}/#${placeKey(call.span)}`), pathPrefix: path, target: '', circuit: frame.circuit, within: [...frame.within, routine], stacks: call.instance?.stacks ?? frame.stacks,
  }
  const bound = bindCall(frame, routine, inner, matched, call.span, !frame.unrolled)
  if (!bound) {
    // A default may be wrong by itself.
    reportInside(frame, name, call.span, sink)
    return UNKNOWN
  }
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

export const uniquePath = (frame: Frame, base: string, site: string): string => frame.model?.sites.pathOf(base, site) ?? base

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
