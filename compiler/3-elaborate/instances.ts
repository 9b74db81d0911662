/** Named instances of layers: `layer enc = dense(16)`, `layer blocks[L] = block(64)`. */
import type { Expression, InstanceStatement, Parameter } from '../1-parse/ast'
import { isFunction } from '../2-check/functions'
import { isInvalid } from '../2-check/modules'
import type { Frame } from './frame'
import { dimOf, UNKNOWN } from './meaning'
import { mismatch } from './operators'
import { placeKey, uniquePath } from './routines'
import { isStatic, matchArguments } from './signatures'

/** `layer enc = dense(16)`: what is no tensor is given here, tensors with each call. */
export function declareInstance(frame: Frame, statement: InstanceStatement): void {
  frame.environment.bind(statement.name.name, 'value', UNKNOWN, statement.name.span)
  const count = statement.count ? stackCount(frame, statement.count) : undefined
  if (statement.count && count === undefined) return
  const { value } = statement
  const name = value.kind === 'call' && value.callee.kind === 'name' ? value.callee.name : undefined
  const routine = name === undefined ? undefined : frame.module.callables.get(name)
  if (value.kind !== 'call' || !routine || routine.node.routine !== 'layer') {
    // An unknown name has been reported with the names.
    const isReported = value.kind === 'invalid' || (value.kind === 'call' && name === undefined) || (name !== undefined && (routine ? isInvalid(routine.node) : !isFunction(name)))
    if (!isReported) frame.sink.report('not-a-layer', value.span, {})
    return
  }
  // What is no tensor: static parameters, and plain ints and bools, which a call may give as well; reals without a shape by name only.
  const named = new Set(value.arguments.map(argument => argument.name?.name))
  const scalars = routine.node.parameters.filter(({ type }) => type.shape === undefined)
  const plain = [
    ...scalars.filter(({ type }) => type.name.name !== 'real'), ...scalars.filter(({ type, name: { name: own } }) => type.name.name === 'real' && named.has(own)),
  ].map((parameter): Parameter =>
    isStatic(routine.node, parameter) || parameter.default ? parameter : { ...parameter, default: { kind: 'invalid', span: parameter.span } })
  const only = { ...routine.node, parameters: plain }
  const matched = matchArguments(frame, only, { span: value.span, arguments: value.arguments })
  if (!matched) return
  const path = `${uniquePath(frame, frame.pathPrefix + statement.name.name, `${frame.pathPrefix}#${placeKey(statement.span)}`)}.`
  const given = new Map([...matched].map(([key, { meaning }]) => [key, meaning]))
  frame.environment.bind(statement.name.name, 'value', { kind: 'instance', routine, given, path, count, stacks: frame.stacks }, statement.name.span)
}

function stackCount(frame: Frame, expression: Expression): number | undefined {
  const meaning = frame.session.evaluate(frame, expression)
  const count = dimOf(meaning)
  if (typeof count === 'number' && count >= 1) return count
  mismatch(frame, expression.span, 'a number of instances from 1, known when the model is compiled', meaning)
  return undefined
}
