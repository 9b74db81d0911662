/** The scalar functions in operators of ONNX; what has none is composed so that it is right at the edges too. */
import type { ScalarName } from '../../ir/scalar'
import type { Element } from '../../ir/type'
import { DATA_TYPES } from './model'
import type { Scope } from './scope'

interface Operands {
  readonly scope: Scope
  /** Of the first operand. */
  readonly element: Element
  readonly isChoiceOfBools: boolean
  readonly x: string
  readonly y: string
  readonly z: string
}

type ScalarLowering = (operands: Operands) => string

/** An operator that is the function. */
const unary = (op: string): ScalarLowering => ({ scope, x }) => scope.emit(op, [x])
const binary = (op: string): ScalarLowering => ({ scope, x, y }) => scope.emit(op, [x, y])
/** Whole already where it is an int. */
const rounding = (op: string): ScalarLowering => ({ scope, element, x }) => (element === 'int' ? x : scope.emit(op, [x]))
const castTo = (to: Element): ScalarLowering => ({ scope, x }) => scope.emit('Cast', [x], { to: DATA_TYPES[scope.elementOf(to)] })

/** Ordering operators take no bools. */
const comparison = (op: string): ScalarLowering => ({ scope, element, x, y }) => {
  const number = (name: string) => (element === 'bool' ? scope.emit('Cast', [name], { to: DATA_TYPES.int32 }) : name)
  return scope.emit(op, [number(x), number(y)])
}

export const SCALAR_LOWERINGS: { readonly [Name in ScalarName]: ScalarLowering } = {
  neg: unary('Neg'),
  abs: unary('Abs'),
  sign: unary('Sign'),
  exp: unary('Exp'),
  // e^x − 1 = tanh(x/2) (e^x + 1), which loses nothing near 0.
  expm1: ({ scope, x }) => scope.emit('Mul', [
    scope.emit('Tanh', [scope.emit('Mul', [x, scope.number(0.5, 'real')])]),
    scope.emit('Add', [scope.emit('Exp', [x]), scope.number(1, 'real')]),
  ]),
  log: unary('Log'),
  log1p: logOnePlus,
  sqrt: unary('Sqrt'),
  sin: unary('Sin'),
  cos: unary('Cos'),
  tan: unary('Tan'),
  asin: unary('Asin'),
  acos: unary('Acos'),
  atan: unary('Atan'),
  sinh: unary('Sinh'),
  cosh: unary('Cosh'),
  tanh: unary('Tanh'),
  asinh: unary('Asinh'),
  acosh: unary('Acosh'),
  atanh: unary('Atanh'),
  sigmoid: unary('Sigmoid'),
  softplus: unary('Softplus'),
  relu: ({ scope, element, x }) => (element === 'int' ? scope.emit('Max', [x, scope.number(0, 'int')]) : scope.emit('Relu', [x])),
  floor: rounding('Floor'),
  ceil: rounding('Ceil'),
  round: rounding('Round'),
  erf: unary('Erf'),
  not: unary('Not'),
  real: castTo('real'),
  int: castTo('int'),
  bool: castTo('bool'),

  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('Div'),
  idiv: operands => {
    const { scope, element, x, y } = operands
    if (element !== 'int') return scope.emit('Floor', [scope.emit('Div', [x, y])])
    // `Div` of ints cuts towards zero, `Mod` takes the sign of the divisor: ⌊x / y⌋ = (x − x mod y) / y.
    return byNonZero(operands, divisor => scope.emit('Div', [scope.emit('Sub', [x, scope.emit('Mod', [x, divisor])]), divisor]))
  },
  mod: operands => {
    const { scope, element, x, y } = operands
    if (element === 'int') return byNonZero(operands, divisor => scope.emit('Mod', [x, divisor]))
    return scope.emit('Sub', [x, scope.emit('Mul', [y, scope.emit('Floor', [scope.emit('Div', [x, y])])])])
  },
  pow: binary('Pow'),
  min: binary('Min'),
  max: binary('Max'),
  atan2: angle,
  chain: ({ scope, x, y }) => {
    const zero = scope.number(0, 'real')
    return scope.emit('Where', [scope.emit('Equal', [x, zero]), zero, scope.emit('Mul', [x, y])])
  },
  equal: binary('Equal'),
  notEqual: ({ scope, x, y }) => scope.emit('Not', [scope.emit('Equal', [x, y])]),
  less: comparison('Less'),
  lessEqual: comparison('LessOrEqual'),
  and: binary('And'),
  or: binary('Or'),

  where: ({ scope, isChoiceOfBools, x, y, z }) => (isChoiceOfBools
    // Of bools there is seldom a `Where`.
    ? scope.emit('Or', [scope.emit('And', [x, y]), scope.emit('And', [scope.emit('Not', [x]), z])])
    : scope.emit('Where', [x, y, z])),
}

/**
 * log(1 + x) = log(u) · x / (u − 1) with u = 1 + x as it is rounded, x where u is 1, and log(u) where u is x: what is lost in
 * u is lost in u − 1 as well (Goldberg, What every computer scientist should know about floating-point arithmetic, 1991,
 * theorem 4).
 */
function logOnePlus({ scope, x }: Operands): string {
  const one = scope.number(1, 'real')
  const u = scope.emit('Add', [x, one])
  const lost = scope.emit('Where', [scope.emit('Equal', [u, x]), one, scope.emit('Div', [x, scope.emit('Sub', [u, one])])])
  return scope.emit('Where', [scope.emit('Equal', [u, one]), x, scope.emit('Mul', [scope.emit('Log', [u]), lost])])
}

/** An int by 0 is 0, and must not be divided. */
function byNonZero({ scope, y }: Operands, divide: (divisor: string) => string): string {
  const zero = scope.number(0, 'int')
  const isZero = scope.emit('Equal', [y, zero])
  return scope.emit('Where', [isZero, zero, divide(scope.emit('Where', [isZero, scope.number(1, 'int'), y]))])
}

/** The angle of (y, x), here called (x, y): of the smaller over the greater in the first octant, then mirrored out of it. */
function angle({ scope, x: y, y: x }: Operands): string {
  const number = (value: number) => scope.number(value, 'real')
  const zero = number(0)
  const [across, up] = [scope.emit('Abs', [x]), scope.emit('Abs', [y])]
  const [least, most] = [scope.emit('Min', [across, up]), scope.emit('Max', [across, up])]
  // 0/0 is 0 here, and ∞/∞ is 1.
  const ratio = scope.emit('Where', [scope.emit('Equal', [least, most]), scope.emit('Sign', [most]), scope.emit('Div', [least, most])])
  const octant = scope.emit('Atan', [ratio])
  const quadrant = scope.emit('Where', [scope.emit('Less', [across, up]), scope.emit('Sub', [number(Math.PI / 2), octant]), octant])
  // −0 is not less than 0, but 1/−0 is.
  const isNegative = (name: string) => scope.emit('Less', [scope.emit('Where', [scope.emit('Equal', [name, zero]), scope.emit('Div', [number(1), name]), name]), zero])
  const half = scope.emit('Where', [isNegative(x), scope.emit('Sub', [number(Math.PI), quadrant]), quadrant])
  return scope.emit('Where', [isNegative(y), scope.emit('Neg', [half]), half])
}
