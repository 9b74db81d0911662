/** Angles as arithmetic over the parameters of a circuit: what a drawing shows, and what a format with parameters writes. */

/** A number, a parameter or an element of one, or a function of angles. */
export type Angle = number | AngleParameter | AngleCall

export interface AngleParameter {
  readonly name: string
  /** Empty for a scalar. */
  readonly indices: readonly number[]
}

export interface AngleCall {
  readonly fn: AngleFunction
  readonly args: readonly Angle[]
}

/** What each slot of a circuit holds: numbers, or angles with parameters. */
export type SlotAngles = ArrayLike<Angle>

type Value = (...args: number[]) => number

const functionOf = (value: Value, openQasm?: string): { readonly value: Value; readonly openQasm?: string } => ({ value, ...(openQasm ? { openQasm } : {}) })

/** Functions of angles beside arithmetic, with the name of those that OpenQASM 3 has ("Built-in constant expression functions"). */
const FUNCTIONS = {
  sin: functionOf(Math.sin, 'sin'), cos: functionOf(Math.cos, 'cos'), tan: functionOf(Math.tan, 'tan'),
  asin: functionOf(Math.asin, 'arcsin'), acos: functionOf(Math.acos, 'arccos'), atan: functionOf(Math.atan, 'arctan'),
  exp: functionOf(Math.exp, 'exp'), log: functionOf(Math.log, 'log'), sqrt: functionOf(Math.sqrt, 'sqrt'),
  floor: functionOf(Math.floor, 'floor'), ceil: functionOf(Math.ceil, 'ceiling'),
  abs: functionOf(Math.abs), sign: functionOf(Math.sign), sinh: functionOf(Math.sinh), cosh: functionOf(Math.cosh), tanh: functionOf(Math.tanh),
  asinh: functionOf(Math.asinh), acosh: functionOf(Math.acosh), atanh: functionOf(Math.atanh),
  sigmoid: functionOf(x => 1 / (1 + Math.exp(-x))), relu: functionOf(x => Math.max(x, 0)),
  softplus: functionOf(x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  min: functionOf(Math.min), max: functionOf(Math.max), atan2: functionOf(Math.atan2),
} as const

/** How tightly an operator binds; a power's right side is a power again, the others' left sides are. */
const OPERATORS = {
  add: { text: ' + ', level: 1, value: (x: number, y: number) => x + y },
  sub: { text: ' - ', level: 1, value: (x: number, y: number) => x - y },
  mul: { text: '*', level: 2, value: (x: number, y: number) => x * y },
  div: { text: '/', level: 2, value: (x: number, y: number) => x / y },
  neg: { text: '-', level: 3, value: (x: number) => -x },
  pow: { text: '**', level: 4, value: (x: number, y: number) => x ** y },
} as const

type OperatorName = keyof typeof OPERATORS
export type AngleFunction = OperatorName | keyof typeof FUNCTIONS

const isOperator = (fn: AngleFunction): fn is OperatorName => Object.hasOwn(OPERATORS, fn)

export function isAngleFunction(name: string): name is AngleFunction {
  return Object.hasOwn(OPERATORS, name) || Object.hasOwn(FUNCTIONS, name)
}

/** Whether an OpenQASM 3 expression can say it. */
export function isOpenQasmAngle(angle: Angle): boolean {
  if (typeof angle === 'number' || !('fn' in angle)) return true
  const isKnown = isOperator(angle.fn) || 'openQasm' in FUNCTIONS[angle.fn]
  return isKnown && angle.args.every(isOpenQasmAngle)
}

/** OpenQASM's name of a function, back to ours. */
export function angleFunctionOfOpenQasm(name: string): AngleFunction | undefined {
  // OpenQASM 2 writes ln and asin.
  const old: Readonly<Record<string, AngleFunction>> = { ln: 'log', asin: 'asin', acos: 'acos', atan: 'atan', pow: 'pow' }
  if (Object.hasOwn(old, name)) return old[name]
  return (Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[]).find(fn => {
    const row: { readonly openQasm?: string } = FUNCTIONS[fn]
    return row.openQasm === name
  })
}

/** A function of angles, folded where its arguments are numbers. Products by 1 and sums with 0 are dropped. */
export function applyAngle(fn: AngleFunction, ...args: readonly Angle[]): Angle {
  const numbers = args.filter(arg => typeof arg === 'number')
  if (numbers.length === args.length) {
    const value: Value = isOperator(fn) ? OPERATORS[fn].value : FUNCTIONS[fn].value
    return value(...numbers)
  }
  const [left, right] = args
  if (left !== undefined && (fn === 'mul' || fn === 'div') && right === 1) return left
  if (right !== undefined && fn === 'mul' && left === 1) return right
  if (left !== undefined && (fn === 'add' || fn === 'sub') && right === 0) return left
  if (right !== undefined && fn === 'add' && left === 0) return right
  if (fn === 'mul' && left === -1 && right !== undefined) return applyAngle('neg', right)
  if (fn === 'neg' && typeof left === 'object' && 'fn' in left && left.fn === 'neg') return left.args[0] ?? 0
  return { fn, args }
}

/** The angle with its parameters replaced. */
export function substituteAngle(angle: Angle, replace: (parameter: AngleParameter) => Angle): Angle {
  if (typeof angle === 'number') return angle
  return 'fn' in angle ? applyAngle(angle.fn, ...angle.args.map(arg => substituteAngle(arg, replace))) : replace(angle)
}

/** Every parameter in it, as often as it stands there. */
export function parametersOf(angle: Angle): readonly AngleParameter[] {
  if (typeof angle === 'number') return []
  return 'fn' in angle ? angle.args.flatMap(parametersOf) : [angle]
}

// ------------------------------------------------------------------------------------------------------- printing

export interface AngleStyle {
  number(value: number): string
  parameter(parameter: AngleParameter): string
  /** A function's name; `pow` only where `power` is absent. */
  fn?(name: AngleFunction): string
  /** The operators `*` and `**`, where they are written otherwise. */
  readonly times?: string
  readonly power?: string
}

export function printAngle(angle: Angle, style: AngleStyle): string {
  return printAt(angle, style, 0)
}

function printAt(angle: Angle, style: AngleStyle, level: number): string {
  if (typeof angle === 'number') {
    const text = style.number(angle)
    // A sign binds like a minus, and a fraction of π like its quotient.
    const own = text.startsWith('-') ? 3 : text.includes('*') || text.includes('/') ? 2 : 9
    return own < level || (text.startsWith('-') && level > 1) ? `(${text})` : text
  }
  if (!('fn' in angle)) return style.parameter(angle)
  const { fn, args } = angle
  const [left = 0, right = 0] = args
  if (!isOperator(fn)) return `${style.fn?.(fn) ?? fn}(${args.map(arg => printAt(arg, style, 0)).join(', ')})`
  const { level: own, text } = OPERATORS[fn]
  const inside = fn === 'neg' ? `-${printAt(left, style, own)}`
    : fn === 'pow' ? `${printAt(left, style, own + 1)}${style.power ?? text}${printAt(right, style, own + 1)}`
    : `${printAt(left, style, own)}${fn === 'mul' ? style.times ?? text : text}${printAt(right, style, own + 1)}`
  return own < level || (fn === 'neg' && level > 1) ? `(${inside})` : inside
}

/** Denominators that gate angles have. */
const DENOMINATORS = [1, 2, 3, 4, 5, 6, 8, 12, 16, 32, 64, 128, 256, 512, 1024]

/**
 * The number as a fraction of π, `-3*pi/4`, where that expression, read from left to right, is exactly the same double.
 * @param tolerance relative; 0 for text that is read back
 */
export function piFraction(value: number, tolerance = 0): { readonly numerator: number; readonly denominator: number } | undefined {
  if (value === 0 || !Number.isFinite(value)) return undefined
  for (const denominator of DENOMINATORS) {
    const numerator = Math.round((value * denominator) / Math.PI)
    const again = (numerator * Math.PI) / denominator
    if (numerator !== 0 && Math.abs(numerator) <= 64 && Math.abs(again - value) <= tolerance * Math.abs(value)) return { numerator, denominator }
  }
  return undefined
}

/** A number as an expression that reads back as the same one: `pi/2`, `-3*pi/4`, `0.1`. */
export function exactNumber(value: number, pi = 'pi'): string {
  const fraction = piFraction(value)
  if (!fraction) return String(value)
  const { numerator, denominator } = fraction
  const size = Math.abs(numerator)
  return `${numerator < 0 ? '-' : ''}${size === 1 ? '' : `${size}*`}${pi}${denominator === 1 ? '' : `/${denominator}`}`
}
