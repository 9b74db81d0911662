/**
 * Identities of scalar functions. They hold for NaN and infinities too, so x·0 stays; the sign of a zero is given up. A sum
 * of paddings, which the derivative of slices gives, becomes a concatenation.
 */
import { addDims, sameDim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import type { ScalarName } from '../../../ir/scalar'
import { at } from '../rebuild'
import { argumentsOf, isUniform, nodeOf, uniform, type Maker, type Rule } from '../maker'

export const COMMUTATIVE: ReadonlySet<ScalarName> = new Set(['add', 'mul', 'min', 'max', 'equal', 'notEqual', 'and', 'or'])

/** One order for what has none, so that a + b and b + a become one; a uniform operand comes last. */
export const orderOperands: Rule<'elementwise'> = (make, { fn }, [x, y]) => {
  if (!COMMUTATIVE.has(fn) || !x || !y) return undefined
  const xUniform = x.node.op === 'fill'
  const yUniform = y.node.op === 'fill'
  const swap = xUniform !== yUniform ? xUniform : x.node.id > y.node.id || (x.node === y.node && x.index > y.index)
  return swap ? make.scalar(fn, y, x) : undefined
}

/** Operands come in the order that `orderOperands` gives. */
export const scalarIdentity: Rule<'elementwise'> = (make, { fn }, inputs) => {
  const x = at(inputs, 0)
  const y = inputs[1] ?? x
  switch (fn) {
    case 'add': return addition(make, x, y)
    case 'sub': {
      if (isUniform(y, 0)) return x
      if (isUniform(x, 0)) return make.scalar('neg', y)
      const [negated] = argumentsOf(y, 'neg') ?? []
      return negated && make.scalar('add', x, negated)
    }
    case 'mul': {
      if (isUniform(y, 1)) return x
      if (isUniform(y, -1)) return make.scalar('neg', x)
      const [p] = argumentsOf(x, 'neg') ?? []
      const [q] = argumentsOf(y, 'neg') ?? []
      return p && q && make.scalar('mul', p, q)
    }
    case 'div': return division(make, x, uniform(y))
    case 'pow': return power(make, x, uniform(y))
    case 'neg': {
      const [negated] = argumentsOf(x, 'neg') ?? []
      if (negated) return negated
      const [p, q] = argumentsOf(x, 'sub') ?? []
      return p && q && make.isOnlyRead(x) ? make.scalar('sub', q, p) : undefined
    }
    case 'abs': {
      const [negated] = argumentsOf(x, 'neg') ?? []
      return argumentsOf(x, 'abs') ? x : negated && make.scalar('abs', negated)
    }
    case 'relu': return argumentsOf(x, 'relu') ? x : undefined
    case 'min': case 'max': return x === y ? x : undefined
    case 'chain': return chain(make, x, y)
    case 'where': return choice(make, x, y, at(inputs, 2))
    case 'not': return argumentsOf(x, 'not')?.[0]
    case 'and': return x === y || isUniform(y, 1) ? x : isUniform(y, 0) ? y : undefined
    case 'or': return x === y || isUniform(y, 0) ? x : isUniform(y, 1) ? y : undefined
    case 'lessEqual': return x === y && x.type.element !== 'real' ? make.fill('bool', x.type.shape, 1) : undefined
    case 'less': return x === y && x.type.element !== 'real' ? make.fill('bool', x.type.shape, 0) : undefined
    case 'equal': return equality(make, x, y, true)
    case 'notEqual': return equality(make, x, y, false)
    case 'real': case 'int': case 'bool': return conversion(make, fn, x)
    default: return undefined
  }
}

function addition(make: Maker, x: Value, y: Value): Value | undefined {
  if (isUniform(y, 0)) return x
  const [minusY] = argumentsOf(y, 'neg') ?? []
  if (minusY) return make.scalar('sub', x, minusY)
  const [minusX] = argumentsOf(x, 'neg') ?? []
  if (minusX) return make.scalar('sub', y, minusX)
  return joined(make, x, y) ?? joined(make, y, x)
}

/** pad(a) + pad(b) where b begins right where a ends: their concatenation, padded around. */
function joined(make: Maker, x: Value, y: Value): Value | undefined {
  const p = nodeOf(x, 'pad')
  const q = nodeOf(y, 'pad')
  const a = p?.inputs[0]
  const b = q?.inputs[0]
  if (!p || !q || !a || !b) return undefined
  const axes = x.type.shape.map((_, axis) => axis)
  const differing = axes.filter(axis => !sameDim(at(p.attributes.low, axis), at(q.attributes.low, axis))
    || !sameDim(at(p.attributes.high, axis), at(q.attributes.high, axis)) || at(p.attributes.interior, axis) !== at(q.attributes.interior, axis))
  const [axis] = differing
  if (axis === undefined || differing.length !== 1 || p.attributes.interior[axis] !== 0 || q.attributes.interior[axis] !== 0) return undefined
  const end = addDims(at(p.attributes.low, axis), at(a.type.shape, axis))
  if (!sameDim(end, at(q.attributes.low, axis))) return undefined
  return make.add('pad', { ...p.attributes, high: p.attributes.high.map((high, k) => (k === axis ? at(q.attributes.high, axis) : high)) }, [
    make.add('concat', { axis }, [a, b]),
  ])
}

/** A power of two has an exact reciprocal, in 32 bits as well. */
function division(make: Maker, x: Value, divisor: number | undefined): Value | undefined {
  if (divisor === undefined) return undefined
  if (divisor === 1) return x
  const exponent = Math.log2(Math.abs(divisor))
  if (!Number.isInteger(exponent) || Math.abs(exponent) > 100) return undefined
  return make.scalar('mul', x, make.fill('real', x.type.shape, 1 / divisor))
}

function power(make: Maker, x: Value, exponent: number | undefined): Value | undefined {
  if (x.type.element === 'int' && exponent !== undefined && exponent > 4) return intPower(make, x, exponent)
  const square = () => make.scalar('mul', x, x)
  switch (exponent) {
    case 0: return make.fill(x.type.element, x.type.shape, 1)
    case 1: return x
    case 2: return square()
    case 3: return make.scalar('mul', square(), x)
    case 4: return make.scalar('mul', square(), square())
    case -1: return x.type.element === 'real' ? make.scalar('div', make.fill('real', x.type.shape, 1), x) : undefined
    default: return undefined
  }
}

/** By squaring: products wrap around in 32 bits where a power of floats would have lost the digits that are kept. */
function intPower(make: Maker, x: Value, exponent: number): Value {
  if (exponent === 1) return x
  const half = intPower(make, x, Math.floor(exponent / 2))
  const even = make.scalar('mul', half, half)
  return exponent % 2 === 0 ? even : make.scalar('mul', even, x)
}

/** A zero cotangent gives zero by definition; against a partial that is surely finite the product gives it too. */
function chain(make: Maker, cotangent: Value, partial: Value): Value | undefined {
  if (isUniform(cotangent, 0)) return cotangent
  if (isUniform(partial, 1)) return cotangent
  return isFinite(partial, 8) ? make.scalar('mul', cotangent, partial) : undefined
}

function isFinite(value: Value, depth: number): boolean {
  const { node, type } = value
  if (type.element === 'bool') return true
  if (depth === 0) return false
  switch (node.op) {
    case 'size': case 'iota': case 'random': return true
    case 'fill': return Number.isFinite(node.attributes.value)
    case 'constant': return node.attributes.data.every(Number.isFinite)
    case 'broadcast': case 'reshape': case 'transpose': case 'slice': case 'flip': case 'pad': return isFinite(at(node.inputs, 0), depth - 1)
    case 'elementwise': {
      switch (node.attributes.fn) {
        case 'real': case 'int': case 'neg': case 'abs': case 'sign': case 'sin': case 'cos': case 'tanh': case 'sigmoid': case 'atan': return isFinite(at(node.inputs, 0), depth - 1)
        case 'where': return node.inputs.slice(1).every(input => isFinite(input, depth - 1))
        case 'min': case 'max': return node.inputs.every(input => isFinite(input, depth - 1))
        default: return false
      }
    }
    default: return false
  }
}

function choice(make: Maker, condition: Value, x: Value, y: Value): Value | undefined {
  if (x === y) return x
  const known = uniform(condition)
  if (known !== undefined) return known !== 0 ? x : y
  const [opposite] = argumentsOf(condition, 'not') ?? []
  return opposite && make.scalar('where', opposite, y, x)
}

/** Whether a bool, as a number, is or is not another: compared to 0 or 1 it is the bool itself or its opposite. */
function equality(make: Maker, x: Value, y: Value, wanted: boolean): Value | undefined {
  const known = (answer: boolean) => make.fill('bool', x.type.shape, answer === wanted ? 1 : 0)
  if (x === y && x.type.element !== 'real') return known(true)
  const number = uniform(y)
  const [bool] = x.type.element === 'bool' ? [x] : argumentsOf(x, 'real') ?? argumentsOf(x, 'int') ?? []
  if (number === undefined || bool?.type.element !== 'bool') return undefined
  if (number !== 0 && number !== 1) return known(false)
  return (number === 1) === wanted ? bool : make.scalar('not', bool)
}

/** A conversion of a conversion that lost nothing. */
function conversion(make: Maker, to: 'real' | 'int' | 'bool', x: Value): Value | undefined {
  if (x.type.element === to) return x
  const node = nodeOf(x, 'elementwise')
  const [from] = node?.inputs ?? []
  if (!from || (node?.attributes.fn !== 'real' && node?.attributes.fn !== 'int')) return undefined
  const lossless = from.type.element === 'bool' || (from.type.element === 'int' && node.attributes.fn === 'real')
  return lossless ? (from.type.element === to ? from : make.scalar(to, from)) : undefined
}

// ------------------------------------------------------------------------------------------------- less work

/** A function of values that repeat along the same axes is computed once and then repeated. */
export const beforeBroadcast: Rule<'elementwise'> = (make, { fn }, inputs) => {
  const shape = at(inputs, 0).type.shape
  const operands = inputs.map(input => ({ input, broadcast: nodeOf(input, 'broadcast'), fill: nodeOf(input, 'fill') }))
  if (!operands.every(({ broadcast, fill }) => broadcast ?? fill) || !operands.some(({ broadcast }) => broadcast)) return undefined
  const kept = shape.flatMap((_, axis) => (operands.some(({ broadcast }) => broadcast?.attributes.axes.includes(axis)) ? [axis] : []))
  if (kept.length === shape.length) return undefined
  const inner = kept.map(axis => at(shape, axis))
  const narrowed = operands.map(({ input, broadcast }) => {
    const source = broadcast?.inputs[0]
    if (!broadcast || !source) return make.fill(input.type.element, inner, uniform(input) ?? NaN)
    return make.broadcast(source, inner, broadcast.attributes.axes.map(axis => kept.indexOf(axis)))
  })
  return make.broadcast(make.scalar(fn, ...narrowed), shape, kept)
}

