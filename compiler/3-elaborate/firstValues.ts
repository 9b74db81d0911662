/** First values of parameters and states: initialisers, or any expression of what is known when the model is compiled. */
import type { Expression } from '../1-parse/ast'
import { INITIALIZERS, isInitializer, parametersOf, type InitializerName } from '../2-check/functions'
import { argumentHelp } from '../diagnostics/suggest'
import { counted } from '../diagnostics/words'
import type { Span } from '../source/source'
import { sameShape } from '../../ir/dim'
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import { LoopBuilder } from '../../ir/loop'
import { printType, tensor, type Element } from '../../ir/type'
import { broadcastShapes, castNumeric, isClash } from './broadcast'
import type { Frame, ModelFrame } from './frame'
import { keepAxes, normOver } from './functions/compose'
import { describe, isNumeric, toValue, typeOf } from './meaning'

export interface Declared {
  readonly name: string
  /** Where the type is written. */
  readonly type: Span
  readonly initial: Expression | undefined
  readonly path: string
  readonly element: Element
  /** Shape of the whole; of a stacked parameter with one leading axis for each stack. */
  readonly shape: readonly number[]
  /** How many leading axes of the shape are stacks, which fans do not count. */
  readonly stacks?: number
  /** Behind `~` an initialiser may stand; behind `=` only an expression. */
  readonly takesInitializer: boolean
  /** What stands in the place of a missing initialiser. */
  readonly fallback?: number
}

/** The first value of a parameter or state, in the graph of first values. Reports what does not fit. */
export function firstValue(frame: Frame, model: ModelFrame, declared: Declared): Value | undefined {
  const { initial: expression, path, element, shape } = declared
  const builder = model.initial
  if (!expression) return builder.fill(element, shape, declared.fallback ?? 0)
  // First values are computed apart from the model, whose tensors are not there yet: they see constants, dimensions and static arguments.
  const inner: Frame = { ...frame, place: 'initial', builder, loops: [], callPath: `initial:${path}`, environment: frame.environment.known() }
  const call = declared.takesInitializer ? initializerCall(expression) : undefined
  if (call) {
    const value = initialize(inner, call.name, call.expression, path, shape, shape.slice(declared.stacks ?? 0))
    return value && builder.cast(value, element)
  }
  const meaning = frame.session.evaluate(inner, expression)
  if (meaning.kind === 'unknown') return undefined
  if (isNumeric(meaning) && (element === 'real' || typeOf(meaning).element === element)) {
    const value = toValue(builder, element === 'real' ? castNumeric(inner, meaning, 'real') : meaning)
    const common = broadcastShapes(value.type.shape, shape)
    if (!isClash(common) && sameShape(common, shape)) return builder.broadcastTo(value, shape)
  }
  frame.sink.report('shape-mismatch', expression.span, { what: `\`${declared.name}\``, expected: printType(tensor(element, shape)), value: 'its first value', found: describe(meaning) },
    { related: [{ span: declared.type, message: 'declared here' }] })
  return undefined
}

function initializerCall(expression: Expression): { readonly name: InitializerName; readonly expression: Expression & { kind: 'call' } } | undefined {
  if (expression.kind !== 'call' || expression.callee.kind !== 'name' || !isInitializer(expression.callee.name)) return undefined
  return { name: expression.callee.name, expression }
}

function initialize(frame: Frame, name: InitializerName, call: Expression & { kind: 'call' }, path: string, shape: readonly number[], own: readonly number[]): Value | undefined {
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
  const { fanIn, fanOut } = fansOf(own)
  switch (name) {
    case 'zeros': return filled(0)
    case 'ones': return filled(1)
    case 'constant': return spread(argument('value', 0))
    case 'uniform': return between(argument('low', 0), argument('high', 1))
    case 'normal': return builder.scalar('add', spread(argument('mean', 0)), builder.scalar('mul', spread(argument('std', 1)), draw('normal')))
    case 'glorot': return symmetric(Math.sqrt(6 / Math.max(fanIn + fanOut, 1)))
    case 'he': return symmetric(Math.sqrt(6 / Math.max(fanIn, 1)))
    case 'orthogonal': {
      if (own.length < 2) {
        frame.sink.report('initializer-rank', call.span, { name, shape: `[${own.join(', ')}]` })
        return undefined
      }
      const rows = own[0] ?? 1
      const columns = own.slice(1).reduce((a, b) => a * b, 1)
      const lead = shape.slice(0, shape.length - own.length)
      const matrix = orthogonalFactor(builder, builder.reshape(draw('normal'), [...lead, rows, columns]))
      return builder.scalar('mul', spread(argument('gain', 1)), builder.reshape(matrix, shape))
    }
    default: return name satisfies never
  }
}

/** Enough for the smallest singular value that a Gaussian matrix of thousands of rows may have: each step takes it × 1.5. */
const POLAR_STEPS = 64

/**
 * The orthogonal factor of the polar decomposition of each matrix, by Newton and Schulz: X ← (3X − X Xᵀ X)/2 from
 * X₀ = A/‖A‖. That of a Gaussian matrix is uniform over all orthogonal ones, and no step divides by anything small.
 */
function orthogonalFactor(builder: GraphBuilder, matrices: Value): Value {
  const { shape } = matrices.type
  const rank = shape.length
  const lead = Array.from({ length: rank - 2 }, (_, axis) => axis)
  const [ROW, COLUMN, OTHER] = [rank - 2, rank - 1, rank]
  const isTall = Number(shape[ROW]) >= Number(shape[COLUMN])
  const norm = normOver(builder, matrices, [ROW, COLUMN])
  const scaled = builder.scalar('div', matrices, builder.broadcastTo(keepAxes(builder, norm, shape, [ROW, COLUMN]), shape))
  const loop = new LoopBuilder(builder, POLAR_STEPS, [scaled])
  const { body } = loop
  const [x] = loop.carries
  if (!x) throw new Error('orthogonal: the loop has no carry')
  // X (Xᵀ X) or (X Xᵀ) X: the smaller square in the middle.
  const square = isTall
    ? body.add('contract', { left: [...lead, OTHER, ROW], right: [...lead, OTHER, COLUMN], out: [...lead, ROW, COLUMN] }, [x, x])
    : body.add('contract', { left: [...lead, ROW, OTHER], right: [...lead, COLUMN, OTHER], out: [...lead, ROW, COLUMN] }, [x, x])
  const product = body.add('contract', { left: [...lead, ROW, OTHER], right: [...lead, OTHER, COLUMN], out: [...lead, ROW, COLUMN] }, isTall ? [x, square] : [square, x])
  const half = (value: Value, factor: number) => body.scalar('mul', body.fill('real', shape, factor), value)
  const [final] = loop.finish([body.scalar('sub', half(x, 1.5), half(product, 0.5))], []).final
  return final ?? scaled
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
      if (argument.name) frame.sink.report('unknown-argument', argument.name.span, { name, argument: argument.name.name, ...argumentHelp(argument.name.name, parameters.map(each => each.name)) })
      else reportCount(frame, name, call.span, parameters.length, call.arguments.length)
      return undefined
    }
    if (given.has(parameter.name)) {
      frame.sink.report('repeated-argument', argument.span, { name, argument: parameter.name })
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
    name, expected: counted(expected, 'argument'), found: found || 'none', signature: `it is written \`~ ${name}${INITIALIZERS[name].text}\`; an initialiser takes no shape, it fills the declared one`,
  })
}

