/** What each built-in function computes, over the names of the signature table. A rule gives nothing back where it has reported. */
import type { FunctionName } from '../../2-check/functions'
import { divideDim, exactQuotient, floorDivDim, mulDims, printDim, sameCount, sameDim, type Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import type { Distribution, Reduction } from '../../../ir/op'
import type { ScalarName } from '../../../ir/scalar'
import { printType } from '../../../ir/type'
import { applyElementwise, broadcastShapes, castNumeric, isClash, joinElements } from '../broadcast'
import { NUMBERS_LIMIT } from '../budget'
import { derivative } from '../derivatives'
import { dimMeaning, dimOf, isNumeric, tensorMeaning, toValue, typeOf, type Meaning, type Numeric } from '../meaning'
import { addObservables, observableOf } from '../observables'
import { applyBinary, applyWhere, shortText } from '../operators'
import { obligeAtLeast, obligeEqual } from '../obligations'
import { notePairing, widened } from '../pairings'
import { placeKey, uniquePath } from '../routines'
import type { Arguments } from './arguments'
import { concatAlong, countOf, keepAxes, like, logSoftmaxAlong, logSumExpOver, meanOver, normOver, oneHot, varianceOver } from './compose'
import { configurations } from './configurations'
import { convolve, convolveTransposed } from './convolutions'
import { einsum } from './einsum'
import { cholesky, det, innerProduct, inverse, solve } from './linearAlgebra'
import { pool } from './pooling'
import { sortAlong } from './sorting'
import { sizeOf } from './arguments'

type Rule = (call: Arguments) => Meaning | undefined

/** A rule that gives a value of the graph. */
const given = (compute: (call: Arguments) => Value | undefined): Rule => call => {
  const value = compute(call)
  return value && tensorMeaning(value)
}

/** One argument, converted to real. */
const realUnary = (fn: ScalarName): Rule => call => {
  const x = call.numeric('x')
  return x && applyElementwise(call.frame, fn, [castNumeric(call.frame, x, 'real')], typeOf(x).shape)
}

/** One argument that keeps int or real. */
const anyUnary = (fn: ScalarName): Rule => call => {
  const x = call.numeric('x')
  return x && applyElementwise(call.frame, fn, [typeOf(x).element === 'bool' ? castNumeric(call.frame, x, 'int') : x], typeOf(x).shape)
}

function broadcastRule(call: Arguments, fn: ScalarName, names: readonly [string, string], element?: 'real' | 'int'): Meaning | undefined {
  const a = call.numeric(names[0])
  const b = call.numeric(names[1])
  if (!a || !b) return undefined
  const joined = joinElements(typeOf(a).element, typeOf(b).element)
  if (element === 'int' && joined === 'real') return call.wrong(typeOf(a).element === 'real' ? names[0] : names[1], 'ints', typeOf(a).element === 'real' ? a : b, 'divide reals with `/`')
  const shape = broadcastShapes(typeOf(a).shape, typeOf(b).shape)
  if (isClash(shape)) {
    call.frame.sink.report('broadcast-mismatch', call.span, {
      operator: call.name, left: printType(typeOf(a)), right: printType(typeOf(b)), a: printDim(shape.left), b: printDim(shape.right),
      axis: shape.fromLast === 1 ? 'the last axis' : `axis -${shape.fromLast}`,
    }, { related: names.map((name, at) => ({ span: call.spanOf(name), message: printType(typeOf(at === 0 ? a : b)) })) })
    return undefined
  }
  notePairing(call.frame, call.name, [{ meaning: a, span: call.spanOf(names[0]) }, { meaning: b, span: call.spanOf(names[1]) }], call.span)
  const to = element ?? (joined === 'bool' ? 'int' : joined)
  return applyElementwise(call.frame, fn, [castNumeric(call.frame, a, to), castNumeric(call.frame, b, to)], shape)
}

/** A reduction over axes, with `axis =` and `keepdims =`. */
const reduction = (element: 'real' | 'number' | 'any', compute: (call: Arguments, x: Value, axes: readonly number[]) => Value | undefined): Rule => call => {
  const x = element === 'real' ? call.real('x') : element === 'number' ? call.number('x') : call.value('x')
  if (!x) return undefined
  const axes = call.axes('axis', x.type.shape.length)
  const keep = call.flag('keepdims')
  if (!axes || keep === undefined) return undefined
  const result = compute(call, x, axes)
  return result && tensorMeaning(keep ? widened(call.frame, keepAxes(call.frame.builder, result, x.type.shape, axes)) : result)
}

const extreme = (fn: Reduction & ('max' | 'min')): Rule => call => {
  if (call.has('y')) return broadcastRule(call, fn, ['x', 'y'])
  return reduction('number', (inner, x, axes) => {
    if (!obligeAtLeast(inner.frame, countOf(x, axes), 1, inner.span, `\`${fn}\``)) {
      inner.frame.sink.report('empty-reduction', inner.span, { name: fn, found: printType(x.type) })
      return undefined
    }
    return inner.frame.builder.reduce(fn, x, axes)
  })(call)
}

/** A function along one axis, the last unless named. */
const along = (element: 'real' | 'number', compute: (call: Arguments, x: Value, axis: number) => Value): Rule => call => {
  const x = element === 'real' ? call.real('x') : call.number('x')
  if (!x) return undefined
  const axis = call.axis('axis', x.type.shape.length, -1)
  return axis === undefined ? undefined : tensorMeaning(compute(call, x, axis))
}

const filled = (value: number): Rule => call => {
  const shape = call.shape('shape')
  return shape && fill(call, shape, value)
}

function fill(call: Arguments, shape: readonly Dim[], value: number): Meaning {
  return tensorMeaning(call.frame.builder.fill('real', shape, value))
}

const draw = (distribution: Distribution) => (call: Arguments): Value | undefined => {
  const { frame } = call
  if (frame.unrolled) {
    frame.sink.report('misplaced-random', call.span, {})
    return undefined
  }
  const shape = call.shape('shape')
  // Numbered among the draws of its body, so that edits elsewhere do not change what it gives.
  const stream = uniquePath(frame, `${frame.callPath}:${distribution}`, `${frame.callPath}:#${placeKey(call.span)}`)
  return shape && frame.builder.add('random', { distribution, shape, stream }, frame.loops.map(({ loop }) => loop.counter))
}

const drawRule = (distribution: Distribution): Rule => call => {
  const value = draw(distribution)(call)
  return value && tensorMeaning(value)
}

export const FUNCTION_RULES: { readonly [Name in FunctionName]: Rule } = {
  exp: realUnary('exp'), expm1: realUnary('expm1'), log: realUnary('log'), log1p: realUnary('log1p'), sqrt: realUnary('sqrt'),
  sin: realUnary('sin'), cos: realUnary('cos'), tan: realUnary('tan'), asin: realUnary('asin'), acos: realUnary('acos'), atan: realUnary('atan'),
  sinh: realUnary('sinh'), cosh: realUnary('cosh'), tanh: realUnary('tanh'), asinh: realUnary('asinh'), acosh: realUnary('acosh'), atanh: realUnary('atanh'),
  sigmoid: realUnary('sigmoid'), softplus: realUnary('softplus'), erf: realUnary('erf'),
  relu: anyUnary('relu'), abs: anyUnary('abs'), sign: anyUnary('sign'), floor: anyUnary('floor'), ceil: anyUnary('ceil'), round: anyUnary('round'),
  atan2: call => broadcastRule(call, 'atan2', ['y', 'x'], 'real'),
  idiv: call => {
    const a = call.has('a') ? call.numeric('a') : undefined
    const b = call.has('b') ? call.numeric('b') : undefined
    const [over, under] = [a && dimOf(a), b && dimOf(b)]
    if (over !== undefined && typeof under === 'number' && under > 0) return dimMeaning(floorDivDim(over, under))
    return broadcastRule(call, 'idiv', ['a', 'b'], 'int')
  },
  where: call => {
    const [condition, x, y] = [call.numeric('condition'), call.numeric('x'), call.numeric('y')]
    if (!condition || !x || !y) return undefined
    if (typeOf(condition).element !== 'bool') return call.wrong('condition', 'a condition', condition, 'compare something, as in `x > 0`')
    const operand = (meaning: Numeric, name: string) => ({ meaning, span: call.spanOf(name) })
    return applyWhere(call.frame, 'where', [operand(condition, 'condition'), operand(x, 'x'), operand(y, 'y')], call.span)
  },
  clamp: call => clamp(call),

  sum: call => {
    const meaning = call.meaning('x')
    if (!meaning) return undefined
    if (!isNumeric(meaning)) return sumOfObservables(call, meaning)
    return reduction('number', (inner, x, axes) => inner.frame.builder.reduce('sum', x, axes))(call)
  },
  mean: reduction('real', (call, x, axes) => meanOver(call.frame.builder, x, axes)),
  prod: reduction('number', (call, x, axes) => call.frame.builder.reduce('prod', x, axes)),
  min: extreme('min'),
  max: extreme('max'),
  logsumexp: reduction('real', (call, x, axes) => logSumExpOver(call.frame.builder, x, axes)),
  variance: reduction('real', (call, x, axes) => varianceOver(call.frame.builder, x, axes)),
  // √ has no derivative at 0; the norm of the centred values over √n has the derivative 0 there.
  std: reduction('real', (call, x, axes) => {
    const b = call.frame.builder
    const centred = b.scalar('sub', x, b.broadcastTo(keepAxes(b, meanOver(b, x, axes), x.type.shape, axes), x.type.shape))
    const norm = normOver(b, centred, axes)
    const root = b.scalar('sqrt', b.cast(b.add('size', { value: countOf(x, axes) }, []), 'real'))
    return b.scalar('div', norm, b.broadcastTo(root, norm.type.shape))
  }),
  any: reduction('any', (call, x, axes) => logical(call, x, axes, 'any')),
  all: reduction('any', (call, x, axes) => logical(call, x, axes, 'all')),
  norm: reduction('real', (call, x, axes) => normOver(call.frame.builder, x, axes)),

  softmax: along('real', (call, x, axis) => call.frame.builder.scalar('exp', logSoftmaxAlong(call.frame.builder, x, axis))),
  log_softmax: along('real', (call, x, axis) => logSoftmaxAlong(call.frame.builder, x, axis)),
  argmax: along('number', (call, x, axis) => call.frame.builder.add('argReduce', { fn: 'argmax', axis }, [x])),
  argmin: along('number', (call, x, axis) => call.frame.builder.add('argReduce', { fn: 'argmin', axis }, [x])),
  cumsum: along('number', (call, x, axis) => call.frame.builder.add('cumulativeSum', { axis, reverse: false }, [x])),
  flip: along('number', (call, x, axis) => call.frame.builder.add('flip', { axis }, [x])),

  sort: along('number', (call, x, axis) => sortAlong(call.frame.builder, x, axis)),

  zeros: filled(0),
  ones: filled(1),
  full: call => {
    const shape = call.shape('shape')
    const value = call.number('value')
    if (!shape || !value) return undefined
    if (value.type.shape.length > 0) return call.wrong('value', 'one number', value)
    return tensorMeaning(call.frame.builder.broadcastTo(value, shape))
  },
  eye: call => {
    const size = call.dim('n')
    const b = call.frame.builder
    return size === undefined ? undefined : tensorMeaning(oneHot(b, b.add('iota', { size }, []), size))
  },
  arange: call => {
    const size = call.dim('n')
    if (size === undefined) return undefined
    return typeof size === 'number' && size <= NUMBERS_LIMIT
      ? { kind: 'static', element: 'int', shape: [size], data: Array.from({ length: size }, (_, at) => at) }
      : tensorMeaning(call.frame.builder.add('iota', { size }, []))
  },
  one_hot: call => {
    const classes = call.numeric('classes')
    const size = call.dim('n')
    if (!classes || size === undefined) return undefined
    if (typeOf(classes).element !== 'int') return call.wrong('classes', 'ints', classes)
    return tensorMeaning(oneHot(call.frame.builder, toValue(call.frame.builder, classes), size))
  },
  bits: call => configurations(call, 'bits'),
  spins: call => configurations(call, 'spins'),
  'random.normal': drawRule('normal'),
  'random.uniform': drawRule('uniform'),
  'random.bernoulli': call => {
    const uniform = draw('uniform')(call)
    const p = call.real('p')
    if (!uniform || !p) return undefined
    const shape = broadcastShapes(uniform.type.shape, p.type.shape)
    if (isClash(shape) || shape.length !== uniform.type.shape.length) return call.wrong('p', `a probability, or a tensor that broadcasts to ${printType(uniform.type)}`, p)
    const b = call.frame.builder
    return tensorMeaning(b.cast(b.scalar('less', uniform, b.broadcastTo(p, shape)), 'real'))
  },

  size: call => {
    const x = call.numeric('x')
    if (!x) return undefined
    const axis = call.axis('axis', typeOf(x).shape.length, -1)
    return axis === undefined ? undefined : dimMeaning(typeOf(x).shape[axis] ?? 1)
  },
  transpose: call => transpose(call),
  reshape: call => reshape(call),
  concat: call => concat(call),
  stack: call => stack(call),
  pad: call => pad(call),
  repeat: call => repeat(call),

  dot: call => {
    const [a, b] = [call.numeric('a'), call.numeric('b')]
    return a && b && innerProduct(call, a, b)
  },
  einsum: given(einsum),
  solve: given(solve),
  inverse: given(inverse),
  det: given(det),
  cholesky: given(cholesky),

  conv1d: given(call => convolve(call, 1)),
  conv2d: given(call => convolve(call, 2)),
  conv_transpose1d: given(call => convolveTransposed(call, 1)),
  conv_transpose2d: given(call => convolveTransposed(call, 2)),
  max_pool1d: given(call => pool(call, 1, 'max')),
  max_pool2d: given(call => pool(call, 2, 'max')),
  avg_pool1d: given(call => pool(call, 1, 'mean')),
  avg_pool2d: given(call => pool(call, 2, 'mean')),

  grad: call => derivative(call, 'grad'),
  jacobian: call => derivative(call, 'jacobian'),
  hessian: call => derivative(call, 'hessian'),
  stop: call => {
    const x = call.value('x')
    return x && tensorMeaning(call.frame.builder.add('stop', {}, [x]))
  },
}

// ------------------------------------------------------------------------------------------------- elementwise

/** min(max(x, low), high), whose derivative by x is 1 at the bounds: chosen by comparison, not by `max`, where ties halve. */
function clamp(call: Arguments): Meaning | undefined {
  const [x, low, high] = [call.numeric('x'), call.numeric('low'), call.numeric('high')]
  if (!x || !low || !high) return undefined
  const operand = (meaning: Numeric, name: string) => ({ meaning, span: call.spanOf(name) })
  const choose = (operator: '<' | '>', value: Meaning, bound: Numeric, name: string): Meaning | undefined => {
    if (!isNumeric(value)) return undefined
    const outside = applyBinary(call.frame, operator, operand(value, 'x'), operand(bound, name), call.span)
    return isNumeric(outside) ? applyWhere(call.frame, undefined, [operand(outside, 'x'), operand(bound, name), operand(value, 'x')], call.span) : undefined
  }
  const lifted = choose('<', x, low, 'low')
  return lifted && choose('>', lifted, high, 'high')
}

function logical(call: Arguments, x: Value, axes: readonly number[], which: 'any' | 'all'): Value | undefined {
  if (x.type.element !== 'bool') return call.wrong('x', 'conditions', x, 'compare first, as in `any(x > 0)`')
  const b = call.frame.builder
  // Counting holds for nothing to count, too: any of none is false, all of none true.
  const count = b.reduce('sum', b.cast(which === 'any' ? x : b.scalar('not', x), 'int'), axes)
  return b.scalar(which === 'any' ? 'notEqual' : 'equal', count, like(b, count, 0))
}

function sumOfObservables(call: Arguments, meaning: Meaning): Meaning | undefined {
  const items = meaning.kind === 'list' ? meaning.items : [meaning]
  const sums = items.map(item => observableOf(call.frame, item))
  if (sums.every(sum => sum !== undefined)) return addObservables(sums)
  return call.wrong('x', 'a tensor or a list of observables', meaning)
}

// ---------------------------------------------------------------------------------------------------- movement

function transpose(call: Arguments): Meaning | undefined {
  const x = call.value('x')
  if (!x) return undefined
  const rank = x.type.shape.length
  if (!call.has('permutation')) {
    if (rank < 2) return call.wrong('x', 'a matrix, or a tensor of more axes', x)
    const axes = [...x.type.shape.keys()]
    return tensorMeaning(call.frame.builder.transpose(x, [...axes.slice(0, -2), rank - 1, rank - 2]))
  }
  const dims = call.dims('permutation')
  if (!dims) return undefined
  const permutation = dims.map(dim => (typeof dim === 'number' && dim < 0 ? dim + rank : dim))
  const numbers = permutation.filter((axis): axis is number => typeof axis === 'number' && axis >= 0 && axis < rank)
  if (numbers.length !== rank || new Set(numbers).size !== rank || permutation.length !== rank) {
    call.frame.sink.report('not-a-permutation', call.spanOf('permutation'), { rank })
    return undefined
  }
  return tensorMeaning(call.frame.builder.transpose(x, numbers))
}

function reshape(call: Arguments): Meaning | undefined {
  const x = call.value('x')
  const wanted = x && call.dims('shape')
  if (!x || !wanted) return undefined
  const total = sizeOf(x.type.shape)
  const open = wanted.filter(dim => dim === -1).length
  const known = sizeOf(wanted.filter(dim => dim !== -1))
  // Whether symbols divide is seen when they are bound.
  const isLater = typeof total !== 'number' && typeof known === 'number' && known > 0
  const rest = open === 1 ? divideDim(total, known) ?? (isLater ? exactQuotient(total, known) : undefined) : undefined
  const shape = wanted.map(dim => (dim === -1 && rest !== undefined ? rest : dim))
  if (open > 1 || shape.includes(-1) || !sameCount(sizeOf(shape), total)) {
    call.frame.sink.report('reshape-mismatch', call.spanOf('shape'), {
      found: printType(x.type), total: printDim(total), shape: `[${wanted.map(printDim).join(', ')}]`, product: printDim(open ? known : sizeOf(shape)),
    })
    return undefined
  }
  if (!sameDim(sizeOf(shape), total)) obligeEqual(call.frame, sizeOf(shape), total, call.span, `\`${shortText(call.span)}\``)
  return tensorMeaning(widened(call.frame, call.frame.builder.reshape(x, shape)))
}

/** Items of a list as tensors of one element. */
function listed(call: Arguments): readonly Value[] | undefined {
  const items = call.items('tensors')
  if (!items) return undefined
  const numbers: Numeric[] = []
  for (const { meaning, span } of items) {
    if (!isNumeric(meaning)) {
      call.frame.sink.report('type-mismatch', span, { expected: 'a tensor', found: meaning.kind })
      return undefined
    }
    numbers.push(meaning)
  }
  if (numbers.length === 0) return call.wrong('tensors', 'at least one tensor', { kind: 'list', items: [] })
  const element = joinElements(...numbers.map(meaning => typeOf(meaning).element))
  return numbers.map(meaning => toValue(call.frame.builder, castNumeric(call.frame, meaning, element)))
}

function concat(call: Arguments): Meaning | undefined {
  const values = listed(call)
  const [first] = values ?? []
  if (!values || !first) return undefined
  const axis = call.axis('axis', first.type.shape.length, 0)
  if (axis === undefined) return undefined
  const odd = values.find(value => value.type.shape.length !== first.type.shape.length
    || value.type.shape.some((dim, at) => at !== axis && !sameDim(dim, first.type.shape[at] ?? 1)))
  if (odd) {
    call.frame.sink.report('list-mismatch', call.spanOf('tensors'), { what: `\`concat\` along axis ${axis}`, first: printType(first.type), other: printType(odd.type) })
    return undefined
  }
  return tensorMeaning(concatAlong(call.frame.builder, values, axis))
}

function stack(call: Arguments): Meaning | undefined {
  const values = listed(call)
  const [first] = values ?? []
  if (!values || !first) return undefined
  const axis = call.axis('axis', first.type.shape.length + 1, 0)
  if (axis === undefined) return undefined
  const odd = values.find(value => value.type.shape.length !== first.type.shape.length || value.type.shape.some((dim, at) => !sameDim(dim, first.type.shape[at] ?? 1)))
  if (odd) {
    call.frame.sink.report('list-mismatch', call.spanOf('tensors'), { what: '`stack`', first: printType(first.type), other: printType(odd.type) })
    return undefined
  }
  const { shape } = first.type
  const wide = [...shape.slice(0, axis), 1, ...shape.slice(axis)]
  return tensorMeaning(concatAlong(call.frame.builder, values.map(value => widened(call.frame, call.frame.builder.reshape(value, wide))), axis))
}

function pad(call: Arguments): Meaning | undefined {
  const x = call.value('x')
  const widths = x && call.meaning('widths')
  if (!x || !widths) return undefined
  const rank = x.type.shape.length
  const known = widths.kind === 'static' && widths.element === 'int' && widths.data.every(width => width >= 0) ? widths : undefined
  const fits = known && ((known.shape.length === 2 && known.shape[0] === rank && known.shape[1] === 2) || (rank === 1 && known.shape.length === 1 && known.shape[0] === 2))
  if (!known || !fits) return call.wrong('widths', `[before, after] for each of the ${rank} axes, ints from 0`, widths)
  const low = x.type.shape.map((_, axis) => known.data[2 * axis] ?? 0)
  const high = x.type.shape.map((_, axis) => known.data[2 * axis + 1] ?? 0)
  return tensorMeaning(call.frame.builder.add('pad', { low, high, interior: low.map(() => 0) }, [x]))
}

/** The whole, `times` times one after the other. */
function repeat(call: Arguments): Meaning | undefined {
  const given = call.value('x')
  const times = call.dim('times')
  if (!given || times === undefined) return undefined
  const b = call.frame.builder
  // A number is a tensor of one element here.
  const x = given.type.shape.length === 0 ? b.reshape(given, [1]) : given
  const axis = call.axis('axis', x.type.shape.length, 0)
  if (axis === undefined) return undefined
  const { shape } = x.type
  const wide = b.add('broadcast', { shape: [...shape.slice(0, axis), times, ...shape.slice(axis)], axes: shape.map((_, at) => (at < axis ? at : at + 1)) }, [x])
  return tensorMeaning(b.reshape(wide, shape.map((dim, at) => (at === axis ? mulDims(dim, times) : dim))))
}

