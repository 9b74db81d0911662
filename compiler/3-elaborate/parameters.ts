/** `param` statements: the shape, the first value, and the input of the model's graph that stands for it. */
import type { Expression, ParamStatement } from '../1-parse/ast'
import { INITIALIZERS, isInitializer, parametersOf, type InitializerName } from '../2-check/functions'
import { suggest } from '../diagnostics/suggest'
import type { Span } from '../source/source'
import { printDim, sameShape } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import { printType, real } from '../../ir/type'
import { broadcastShapes, castNumeric, isClash } from './broadcast'
import { Environment, type Frame, type ModelFrame } from './frame'
import { marked } from './loops'
import { describe, isNumeric, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning } from './meaning'
import { typeOfNode } from './types'

export function declareParameter(frame: Frame, statement: ParamStatement): void {
  const bind = (meaning: Meaning) => frame.environment.bind(statement.name.name, 'value', meaning, statement.name.span)
  bind(UNKNOWN)
  const { model } = frame
  if (!model) return
  if (statement.type.range) {
    frame.sink.report('unsupported', statement.type.range.span, { feature: 'a range on a parameter' })
    return
  }
  const type = typeOfNode(frame, statement.type)
  if (!type) return
  if (type.element !== 'real') {
    frame.sink.report('type-mismatch', statement.type.span, { expected: 'a real parameter', found: printType(type), hint: 'only reals are trained; a fixed number is a `const` or a `let`' })
    return
  }
  const shape = type.shape.filter((dim): dim is number => typeof dim === 'number')
  const symbolic = type.shape.find(dim => typeof dim !== 'number')
  if (symbolic !== undefined) {
    frame.sink.report('symbolic-parameter', statement.type.span, { name: statement.name.name, size: printDim(symbolic) })
    return
  }
  const path = frame.pathPrefix + statement.name.name
  const known = model.parameters.get(path)
  if (known) {
    // The same call site evaluated once more: its shape must be what it was.
    if (sameShape(known.shape, shape)) bind(tensorMeaning(known.value))
    else frame.sink.report('parameter-shape', statement.type.span, { path, first: `[${known.shape.join(', ')}]`, now: `[${shape.join(', ')}]` })
    return
  }
  const initial = initialValue(frame, model, statement, path, shape)
  if (!initial) return
  const input = model.root.input(path, real(...shape))
  const value = marked({ ...frame, builder: model.root }, statement.name.name, input)
  model.parameters.set(path, { path, shape, frozen: statement.frozen, doc: statement.doc, input, value, initial, span: statement.name.span })
  bind(tensorMeaning(value))
}

// ---------------------------------------------------------------------------------------------------- first values

function initialValue(frame: Frame, model: ModelFrame, statement: ParamStatement, path: string, shape: readonly number[]): Value | undefined {
  const expression = statement.initial
  const builder = model.initial
  if (!expression) return builder.fill('real', shape, 0)
  // First values are computed apart from the model: they see constants, dimensions and static arguments.
  const inner: Frame = { ...frame, place: 'initial', builder, loops: [], callPath: `initial:${path}`, environment: staticPart(frame) }
  const call = initializerCall(expression)
  if (call) return initialize(inner, call.name, call.expression, path, shape)
  const meaning = frame.session.evaluate(inner, expression)
  if (meaning.kind === 'unknown') return undefined
  if (isNumeric(meaning)) {
    const value = toValue(builder, castNumeric(inner, meaning, 'real'))
    const common = broadcastShapes(value.type.shape, shape)
    if (!isClash(common) && sameShape(common, shape)) return builder.broadcastTo(value, shape)
  }
  frame.sink.report('shape-mismatch', expression.span, { what: `\`${statement.name.name}\``, expected: printType(real(...shape)), value: 'its first value', found: describe(meaning) },
    { related: [{ span: statement.type.span, message: 'declared here' }] })
  return undefined
}

function initializerCall(expression: Expression): { readonly name: InitializerName; readonly expression: Expression & { kind: 'call' } } | undefined {
  if (expression.kind !== 'call' || expression.callee.kind !== 'name' || !isInitializer(expression.callee.name)) return undefined
  return { name: expression.callee.name, expression }
}

/** Static values in sight; tensors of the model are not there yet when parameters get their first values. */
function staticPart(frame: Frame): Environment {
  const environment = new Environment()
  for (const [name, binding] of frame.environment.everything()) {
    if (binding.meaning.kind !== 'tensor') environment.bind(name, binding.kind, binding.meaning, binding.span)
  }
  return environment
}

function initialize(frame: Frame, name: InitializerName, call: Expression & { kind: 'call' }, path: string, shape: readonly number[]): Value | undefined {
  const { builder } = frame
  const given = initializerArguments(frame, name, call)
  if (!given) return undefined
  const filled = (value: number) => builder.fill('real', shape, value)
  const spread = (value: Value): Value => builder.broadcastTo(value, shape)
  const argument = (key: string, fallback: number): Value => given.get(key) ?? builder.fill('real', [], fallback)
  const draw = (distribution: 'uniform' | 'normal') => builder.add('random', { distribution, shape, stream: `initial:${path}` }, [])
  /** low + (high − low) · u */
  const between = (low: Value, high: Value) => builder.scalar('add', spread(low), builder.scalar('mul', spread(builder.scalar('sub', high, low)), draw('uniform')))
  const symmetric = (bound: number) => between(builder.fill('real', [], -bound), builder.fill('real', [], bound))
  const { fanIn, fanOut } = fansOf(shape)
  switch (name) {
    case 'zeros': return filled(0)
    case 'ones': return filled(1)
    case 'constant': return spread(argument('value', 0))
    case 'uniform': return between(argument('low', 0), argument('high', 1))
    case 'normal': return builder.scalar('add', spread(argument('mean', 0)), builder.scalar('mul', spread(argument('std', 1)), draw('normal')))
    case 'glorot': return symmetric(Math.sqrt(6 / Math.max(fanIn + fanOut, 1)))
    case 'he': return symmetric(Math.sqrt(6 / Math.max(fanIn, 1)))
    default: return name satisfies never
  }
}

/** Matrices are [in, out]; from rank 3 on, as PyTorch's kernels [out, in, …], the rest being the field of each. */
function fansOf(shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  const [first = 1, second = first] = shape
  if (shape.length <= 2) return { fanIn: first, fanOut: second }
  const field = shape.slice(2).reduce((a, b) => a * b, 1)
  return { fanIn: second * field, fanOut: first * field }
}

/** Real scalars by name. */
function initializerArguments(frame: Frame, name: InitializerName, call: Expression & { kind: 'call' }): ReadonlyMap<string, Value> | undefined {
  const parameters = parametersOf(INITIALIZERS[name])
  const given = new Map<string, Value>()
  let next = 0
  for (const argument of call.arguments) {
    const parameter = argument.name ? parameters.find(each => each.name === argument.name?.name) : parameters[next++]
    if (!parameter) {
      if (argument.name) frame.sink.report('unknown-argument', argument.name.span, { name, argument: argument.name.name, suggestion: suggest(argument.name.name, parameters.map(each => each.name)) })
      else reportCount(frame, name, call.span, parameters.length, call.arguments.length)
      return undefined
    }
    const meaning = frame.session.evaluate(frame, argument.value)
    if (meaning.kind === 'unknown') return undefined
    if (!isNumeric(meaning) || typeOf(meaning).shape.length > 0) {
      frame.sink.report('type-mismatch', argument.span, { expected: 'a number', found: describe(meaning), hint: 'after `~` an initialiser takes no shape: it fills the declared one' })
      return undefined
    }
    given.set(parameter.name, toValue(frame.builder, castNumeric(frame, meaning, 'real')))
  }
  const missing = parameters.find(parameter => !parameter.optional && !given.has(parameter.name))
  if (missing) reportCount(frame, name, call.span, parameters.length, call.arguments.length)
  return missing ? undefined : given
}

function reportCount(frame: Frame, name: InitializerName, span: Span, expected: number, found: number): void {
  frame.sink.report('argument-count', span, {
    name, expected, found, signature: `it is written \`~ ${name}${INITIALIZERS[name].text}\`; an initialiser takes no shape, it fills the declared one`,
  })
}

