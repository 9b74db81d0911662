/** `state` and `update`: what a model remembers from one training step to the next. */
import type { StateStatement, UpdateStatement } from '../1-parse/ast'
import { suggest } from '../diagnostics/suggest'
import { printDim, sameShape } from '../../ir/dim'
import { printType, sameType, tensor, type TensorType } from '../../ir/type'
import { castNumeric } from './broadcast'
import type { Frame, ModelFrame } from './frame'
import { firstValue } from './firstValues'
import { describe, isNumeric, tensorMeaning, toValue, UNKNOWN, type Meaning } from './meaning'
import { typeOfNode } from './types'

export function declareState(frame: Frame, statement: StateStatement): void {
  const bind = (meaning: Meaning) => frame.environment.bind(statement.name.name, 'value', meaning, statement.name.span)
  bind(UNKNOWN)
  const { model } = frame
  const type = typeOfNode(frame, statement.type)
  if (!type || !model) return
  if (model.generic && type.shape.some(dim => typeof dim !== 'number')) {
    // Each call has a state of its own; by itself the layer computes with one of symbolic size.
    model.incomplete = true
    bind(tensorMeaning(model.root.add('stop', {}, [model.root.input(statement.name.name, type)])))
    return
  }
  const shape = constantShape(frame, statement, type)
  if (!shape) return
  const path = frame.pathPrefix + statement.name.name
  const known = model.states.get(path)
  if (known) { bind(tensorMeaning(known.value)); return }
  const initial = firstValue(frame, model, { name: statement.name.name, type: statement.type.span, initial: statement.initial, path, element: type.element, shape, takesInitializer: false })
  if (!initial) return
  const input = model.root.input(path, tensor(type.element, shape))
  // A state is given, so no derivative goes into it.
  const value = model.root.add('stop', {}, [input])
  model.states.set(path, { path, element: type.element, shape, doc: '', input, value, initial, span: statement.name.span })
  bind(tensorMeaning(value))
}

function constantShape(frame: Frame, statement: StateStatement, type: TensorType): readonly number[] | undefined {
  const shape = type.shape.filter((dim): dim is number => typeof dim === 'number')
  const symbolic = type.shape.find(dim => typeof dim !== 'number')
  if (symbolic === undefined) return shape
  frame.sink.report('symbolic-parameter', statement.type.span, { name: statement.name.name, size: printDim(symbolic) })
  return undefined
}

export function updateState(frame: Frame, statement: UpdateStatement): void {
  const { model } = frame
  const name = statement.name.name
  const meaning = frame.session.evaluate(frame, statement.value)
  if (!model || meaning.kind === 'unknown') return
  const state = model.states.get(frame.pathPrefix + name)
  if (!state) {
    if (model.incomplete) return
    const known = [...model.states.keys()].flatMap(path => (path.startsWith(frame.pathPrefix) ? [path.slice(frame.pathPrefix.length)] : []))
    frame.sink.report('unknown-state', statement.name.span, { name, place: frame.place, suggestion: suggest(name, known) })
    return
  }
  const expected = tensor(state.element, state.shape)
  const next = isNumeric(meaning) ? nextValue(frame, meaning, expected) : undefined
  if (!next) {
    frame.sink.report('update-mismatch', statement.value.span, { name, declared: printType(expected), found: describe(meaning) }, { related: [{ span: state.span, message: 'declared here' }] })
    return
  }
  if (!model.root.owns(next)) {
    frame.sink.report('update-in-loop', statement.span, { name })
    return
  }
  record(frame, model, state.path, next, statement)
}

function nextValue(frame: Frame, meaning: Parameters<typeof toValue>[1], expected: TensorType) {
  const value = toValue(frame.builder, expected.element === 'real' ? castNumeric(frame, meaning, 'real') : meaning)
  if (sameType(value.type, expected)) return value
  // A number fills the state.
  return value.type.element === expected.element && value.type.shape.length === 0 && !sameShape([], expected.shape) ? frame.builder.broadcastTo(value, expected.shape) : undefined
}

/** One `update` a state; the same statement evaluated again takes the place of itself. */
function record(frame: Frame, model: ModelFrame, path: string, value: ReturnType<typeof toValue>, statement: UpdateStatement): void {
  const earlier = model.updates.get(path)
  if (earlier && earlier.span.start !== statement.span.start) {
    frame.sink.report('second-update', statement.span, { name: statement.name.name, what: 'update' }, { related: [{ span: earlier.span, message: 'the first is here' }] })
    return
  }
  model.updates.set(path, { value, span: statement.span })
}
