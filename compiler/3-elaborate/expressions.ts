/** Evaluates an expression to what it means; one case a kind, the larger ones in files of their own. */
import type { Argument, CallExpression, Expression, IndexExpression, MemberExpression, PipeExpression } from '../1-parse/ast'
import { RUN_VALUES } from '../2-check/knownNames'
import { isFunction } from '../2-check/functions'
import { isInvalid } from '../2-check/modules'
import { textOf, type Span } from '../source/source'
import { evaluateIndex } from './indexing'
import type { Frame, FunctionCall, RoutineCall, RunValues } from './frame'
import { joinMeanings } from './lists'
import { evaluateComprehension, evaluateFor } from './loops'
import { isNumeric, staticInt, staticNumber, staticReal, staticScalar, tensorMeaning, typeOf, UNKNOWN, type Meaning, type Numeric } from './meaning'
import { reportUnknownParameter } from './parameters'
import { evaluateBinary, evaluateIf, evaluateUnary, mismatch, shortText } from './operators'

export function evaluateExpression(frame: Frame, expression: Expression): Meaning {
  switch (expression.kind) {
    case 'number': return expression.integer ? staticInt(expression.value) : staticReal(expression.value)
    case 'string': return { kind: 'text', text: expression.value }
    case 'boolean': return staticScalar('bool', expression.value ? 1 : 0)
    case 'infinity': return staticReal(Infinity)
    case 'invalid': return UNKNOWN
    case 'name': return nameMeaning(frame, expression.name)
    case 'unary': return evaluateUnary(frame, expression)
    case 'binary': return evaluateBinary(frame, expression)
    case 'if': return evaluateIf(frame, expression)
    case 'pipe': return evaluatePipe(frame, expression)
    case 'call': return evaluateCall(frame, expression)
    case 'index': return evaluateIndex(frame, expression)
    case 'member': return memberMeaning(frame, expression)
    case 'list': return joinMeanings(frame, expression.items.map(item => ({ meaning: frame.session.evaluate(frame, item), span: item.span })), expression.span)
    case 'tuple': return { kind: 'tuple', items: expression.items.map(item => frame.session.evaluate(frame, item)) }
    case 'comprehension': return evaluateComprehension(frame, expression)
    case 'for': return evaluateFor(frame, expression)
    case 'range':
      frame.sink.report('misplaced-range', expression.span, {})
      return UNKNOWN
    default: return expression satisfies never
  }
}

export function evaluateNumeric(frame: Frame, expression: Expression): Numeric | undefined {
  const meaning = frame.session.evaluate(frame, expression)
  if (isNumeric(meaning)) return meaning
  mismatch(frame, expression.span, 'a number or a tensor', meaning)
  return undefined
}

/** An unknown name has been reported with the names; here it only absorbs. */
function nameMeaning(frame: Frame, name: string): Meaning {
  const binding = frame.environment.find(name)
  if (binding) return binding.meaning
  const constant = frame.session.constant(frame.module, name)
  if (constant) return constant
  if (name === 'pi') return staticReal(Math.PI)
  const { model, place } = frame
  if (!model || (place !== 'model' && place !== 'layer') || !isRunValue(name)) return UNKNOWN
  return tensorMeaning(model.run[name])
}

const isRunValue = (name: string): name is keyof RunValues => RUN_VALUES.has(name)

/** `enc.W`, `features.dense.W`: a parameter by its path. */
function memberMeaning(frame: Frame, expression: MemberExpression): Meaning {
  const parts = pathOf(expression)
  if (!parts || !frame.model) {
    if (!parts || frame.session.constant(frame.module, parts[0] ?? '')) frame.sink.report('unknown-parameter', expression.span, { name: shortText(expression.span), known: 'a dot stands in paths of parameters, as in `enc.W`' })
    return UNKNOWN
  }
  const path = frame.pathPrefix + parts.join('.')
  const entry = frame.model.parameters.get(path)
  if (entry) return tensorMeaning(entry.value)
  // An unknown name has been reported with the names.
  if (!frame.environment.find(parts[0] ?? '')) return UNKNOWN
  reportUnknownParameter(frame, frame.model, expression.span, parts.join('.'))
  return UNKNOWN
}

function pathOf(expression: Expression): readonly string[] | undefined {
  if (expression.kind === 'name') return [expression.name]
  if (expression.kind !== 'member') return undefined
  const before = pathOf(expression.value)
  return before && [...before, expression.member.name]
}

// ------------------------------------------------------------------------------------------------------- calls

function evaluatePipe(frame: Frame, expression: PipeExpression): Meaning {
  const { call } = expression
  const piped = { meaning: frame.session.evaluate(frame, expression.value), span: expression.value.span, expression: expression.value }
  if (call.kind === 'call') return noted(frame, call.callee, apply(frame, call.callee, call.arguments, call.span, piped))
  return noted(frame, call, apply(frame, call, [], call.span, piped))
}

function evaluateCall(frame: Frame, expression: CallExpression): Meaning {
  return noted(frame, expression.callee, apply(frame, expression.callee, expression.arguments, expression.span, undefined))
}

/** What a call gives, by the name that is called. */
function noted(frame: Frame, callee: Expression, meaning: Meaning): Meaning {
  frame.session.seen?.add(callee.span, meaning)
  return meaning
}

function apply(frame: Frame, callee: Expression, args: readonly Argument[], span: Span, piped: FunctionCall['piped']): Meaning {
  // The value went wrong: the call's own arguments may hold other mistakes.
  if (piped?.meaning.kind === 'unknown') {
    for (const { value } of args) frame.session.evaluate(frame, value)
    if (frame.model) frame.model.incomplete = true
    return UNKNOWN
  }
  if (callee.kind === 'index') return callStacked(frame, callee, { span, arguments: args, piped })
  const name = callee.kind === 'name' ? callee.name
    : callee.kind === 'member' && callee.value.kind === 'name' ? `${callee.value.name}.${callee.member.name}` : undefined
  if (name === undefined) return UNKNOWN
  const call: RoutineCall = { span, arguments: args, piped }
  const local = frame.environment.find(name)?.meaning
  if (local?.kind === 'instance') {
    if (local.count === undefined) return frame.session.callRoutine(frame, local.routine, { ...call, instance: local })
    frame.sink.report('stacked-instance', span, { name, count: local.count })
    return UNKNOWN
  }
  const routine = frame.module.callables.get(name)
  if (routine) {
    if (isInvalid(routine.node)) {
      for (const { value } of args) frame.session.evaluate(frame, value)
      return UNKNOWN
    }
    return routine.node.routine === 'circuit' ? frame.session.callCircuit(frame, routine, call) : frame.session.callRoutine(frame, routine, call)
  }
  if (isFunction(name) || frame.circuit) return frame.session.callFunction(frame, name, { span, name: callee.span, arguments: args, piped })
  for (const { value } of args) frame.session.evaluate(frame, value)
  return UNKNOWN
}

/** `blocks[i](h)`: one of several instances whose parameters are stacked. */
function callStacked(frame: Frame, callee: IndexExpression, call: RoutineCall): Meaning {
  const instance = callee.value.kind === 'name' ? frame.environment.find(callee.value.name)?.meaning : undefined
  const [item] = callee.items
  if (instance?.kind !== 'instance' || instance.count === undefined || callee.items.length !== 1 || item?.kind !== 'at') {
    if (instance?.kind !== 'unknown') frame.sink.report('not-callable', callee.span, { name: textOf(callee.span), what: 'a value', hint: 'one of several instances is called as `blocks[i](x)`' })
    return UNKNOWN
  }
  const index = frame.session.evaluate(frame, item.value)
  if (index.kind === 'unknown') return UNKNOWN
  if (!isNumeric(index) || typeOf(index).element !== 'int' || typeOf(index).shape.length > 0) return mismatch(frame, item.span, 'an int', index)
  const known = staticNumber(index)
  if (known !== undefined && (known < -instance.count || known >= instance.count)) {
    frame.sink.report('index-out-of-range', item.span, { index: known, size: instance.count, low: -instance.count, high: instance.count - 1 })
    return UNKNOWN
  }
  return frame.session.callRoutine(frame, instance.routine, { ...call, instance: { ...instance, stacks: [...instance.stacks, { count: instance.count, index }] } })
}
