/** The scalar functions as vector code, one row each: what the reference computes an element at a time. */
import { SCALARS, type ScalarName } from '../../../ir/scalar'
import type { Element } from '../../../ir/type'
import { f64, i32, i32x4, v128, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, ModuleWriter } from '../../../wasm/module'
import { circularOf, exp, log, sigmoid, softplus, tanh } from './transcendental'
import type { Vectors } from './vectors'

/** Where code is written, for vectors of the kernel's precision. */
export interface ScalarSite {
  readonly module: ModuleWriter
  readonly f: FunctionWriter
  readonly v: Vectors
  /** Vectors of f64, for what floats compute through doubles. */
  readonly wide: Vectors
}

/** @param elements of the arguments */
type Row = (site: ScalarSite, args: readonly Code[], elements: readonly Element[]) => Code

/** Arguments are the code of variables, so rows may use them more than once. */
const at = (args: readonly Code[], index: number): Code => args[index] ?? []

type Pick = 'add' | 'sub' | 'mul' | 'min' | 'max'
const arithmetic = (name: Pick): Row => ({ v }, args, [element]) => (element === 'int' ? i32x4[name] : v.real[name])(at(args, 0), at(args, 1))
const realUnary = (name: 'sqrt'): Row => ({ v }, args) => v.real[name](at(args, 0))
/** Ints are whole already. */
const rounding = (name: 'floor' | 'ceil' | 'nearest'): Row => ({ v }, args, [element]) => (element === 'int' ? at(args, 0) : v.real[name](at(args, 0)))
const called = (make: (module: ModuleWriter, v: Vectors) => Callee): Row => ({ module, v }, args) => make(module, v)(at(args, 0))
const circular = (name: 'sin' | 'cos' | 'tan'): Row => ({ module, v, wide }, args) => circularOf(module, v, wide, name)(at(args, 0))

const compare = (real: 'eq' | 'ne' | 'lt' | 'le'): Row => ({ v }, args, [element]) => {
  const [x, y] = [at(args, 0), at(args, 1)]
  switch (element) {
    case 'real': case undefined: return v.real[real](x, y)
    case 'int': return v.widenMask(i32x4[real](x, y))
    // Masks are −1 where true, and true is the greater.
    case 'bool': return real === 'eq' ? v128.not(v128.xor(x, y)) : real === 'ne' ? v128.xor(x, y) : real === 'lt' ? v128.andNot(y, x) : v128.or(y, v128.not(x))
    default: return element satisfies never
  }
}

/** One lane after the other, in doubles, by a function of them: for what is rare, or must be exact to the last digit. */
function laneByLane({ f, v }: ScalarSite, args: readonly Code[], elements: readonly Element[], result: Element, apply: (lanes: readonly Code[]) => Code): Code {
  const isSingle = v.precision === 'f32'
  const out = f.local('v128', v.constant(result === 'bool' ? 'int' : result, 0))
  for (let lane = 0; lane < v.lanes; lane++) {
    const numbers = args.map((arg, i) => {
      if (elements[i] === 'int') return f64.fromI32(i32x4.extract(arg, lane))
      return isSingle ? f64.fromF32(v.real.extract(arg, lane)) : v.real.extract(arg, lane)
    })
    const value = apply(numbers)
    f.set(out, result === 'int' ? i32x4.replace(out.get, lane, i32.fromF64(value)) : v.real.replace(out.get, lane, isSingle ? [value, 0xb6] : value))
  }
  return out.get
}

type Numeric = (...numbers: number[]) => number

/** By the reference's own function, which is Math's where Math has one. */
const hosted = (name: ScalarName): Row => (site, args, elements) => {
  const value = (Math as unknown as Readonly<Record<string, Numeric | undefined>>)[name] ?? SCALARS[name].value as Numeric
  const call = site.module.host(name, { parameters: args.map(() => 'f64' as const), result: 'f64' }, value)
  return laneByLane(site, args, elements, elements[0] === 'int' ? 'int' : 'real', lanes => call(...lanes))
}

/** @returns undefined where the vectors are doubles already */
function inDoubles(site: ScalarSite, args: readonly Code[], elements: readonly Element[], apply: (lanes: readonly Code[]) => Code): Code | undefined {
  const isInt = elements[0] === 'int'
  return isInt || site.v.precision === 'f32' ? laneByLane(site, args, elements, isInt ? 'int' : 'real', apply) : undefined
}

/** Of ints: 0 where the divisor is 0, and −2³¹ by −1 wraps around; the conversion from doubles would keep to the nearest int. */
function intQuotient(site: ScalarSite, args: readonly Code[], elements: readonly Element[]): Code | undefined {
  if (elements[0] !== 'int') return undefined
  const [x, y] = [at(args, 0), at(args, 1)]
  const quotient = laneByLane(site, args, elements, 'int', lanes => floorQuotient(at(lanes, 0), at(lanes, 1)))
  return v128.and(v128.select(i32x4.neg(x), quotient, i32x4.eq(y, i32x4.const(-1))), i32x4.ne(y, i32x4.const(0)))
}

const floorQuotient = (x: Code, y: Code) => f64.floor(f64.div(x, y))

export const SCALAR_CODE: { readonly [Name in ScalarName]: Row } = {
  neg: ({ v }, args, [element]) => (element === 'int' ? i32x4.neg : v.real.neg)(at(args, 0)),
  abs: ({ v }, args, [element]) => (element === 'int' ? i32x4.abs : v.real.abs)(at(args, 0)),
  sign: ({ v }, args, [element]) => {
    const x = at(args, 0)
    // The masks of ints are −1 and 0.
    if (element === 'int') return i32x4.sub(i32x4.lt(x, i32x4.const(0)), i32x4.gt(x, i32x4.const(0)))
    const { real } = v
    const negative = v128.select(real.const(-1), x, real.lt(x, real.const(0)))
    return v128.select(real.const(1), negative, real.gt(x, real.const(0)))
  },
  exp: called(exp),
  expm1: hosted('expm1'),
  log: called(log),
  log1p: hosted('log1p'),
  sqrt: realUnary('sqrt'),
  sin: circular('sin'),
  cos: circular('cos'),
  tan: circular('tan'),
  asin: hosted('asin'),
  acos: hosted('acos'),
  atan: hosted('atan'),
  sinh: hosted('sinh'),
  cosh: hosted('cosh'),
  tanh: called(tanh),
  asinh: hosted('asinh'),
  acosh: hosted('acosh'),
  atanh: hosted('atanh'),
  sigmoid: called(sigmoid),
  softplus: called(softplus),
  relu: ({ v }, args, [element]) => (element === 'int' ? i32x4.max(at(args, 0), i32x4.const(0)) : v.real.max(at(args, 0), v.real.const(0))),
  floor: rounding('floor'),
  ceil: rounding('ceil'),
  round: rounding('nearest'),
  erf: hosted('erf'),
  not: (_, args) => v128.not(at(args, 0)),
  real: ({ v }, args, [element]) => (element === 'real' ? at(args, 0) : element === 'int' ? v.intToReal(at(args, 0)) : v128.and(at(args, 0), v.real.const(1))),
  int: ({ v }, args, [element]) =>
    (element === 'int' ? at(args, 0) : element === 'real' ? v.realToInt(at(args, 0)) : v128.and(v.narrowMask(at(args, 0)), i32x4.const(1))),
  bool: ({ v }, args, [element]) => (element === 'bool' ? at(args, 0)
    : element === 'real' ? v.real.ne(at(args, 0), v.real.const(0)) : v.widenMask(i32x4.ne(at(args, 0), i32x4.const(0)))),

  add: arithmetic('add'),
  sub: arithmetic('sub'),
  mul: arithmetic('mul'),
  div: ({ v }, args) => v.real.div(at(args, 0), at(args, 1)),
  // A float's quotient may round up to the next whole number, so floats are divided as doubles.
  idiv: (site, args, elements) => intQuotient(site, args, elements) ?? inDoubles(site, args, elements, lanes => floorQuotient(at(lanes, 0), at(lanes, 1)))
    ?? site.v.real.floor(site.v.real.div(at(args, 0), at(args, 1))),
  mod: (site, args, elements) => inDoubles(site, args, elements, lanes => f64.sub(at(lanes, 0), f64.mul(at(lanes, 1), floorQuotient(at(lanes, 0), at(lanes, 1)))))
    ?? site.v.real.sub(at(args, 0), site.v.real.mul(at(args, 1), site.v.real.floor(site.v.real.div(at(args, 0), at(args, 1))))),
  pow: hosted('pow'),
  min: arithmetic('min'),
  max: arithmetic('max'),
  atan2: hosted('atan2'),
  chain: ({ v }, args) => v128.andNot(v.real.mul(at(args, 0), at(args, 1)), v.real.eq(at(args, 0), v.real.const(0))),
  equal: compare('eq'),
  notEqual: compare('ne'),
  less: compare('lt'),
  lessEqual: compare('le'),
  and: (_, args) => v128.and(at(args, 0), at(args, 1)),
  or: (_, args) => v128.or(at(args, 0), at(args, 1)),

  where: ({ v }, args, elements) =>
    v128.select(at(args, 1), at(args, 2), elements[1] === 'int' ? v.narrowMask(at(args, 0)) : at(args, 0)),
}

/** Functions of the host that are ours: worker threads have Math's alone. */
export const OWN_FUNCTIONS: ReadonlySet<ScalarName> = new Set<ScalarName>(['erf'])

/** What the lines of a kernel take for an element, about: functions of reals, the quotient among them, ten times what others do. */
export const nanosecondsOf = (lines: readonly { readonly fn: ScalarName }[], { lanes }: Vectors): number =>
  lines.reduce((sum, { fn }) => sum + (SCALARS[fn].elements === 'real' ? 4 : 0.4) / lanes, 0)

/** Powers whose exponent is written in the program: products, which the general power costs tens of times. */
export function powerCode({ v }: ScalarSite, x: Code, exponent: number): Code | undefined {
  switch (exponent) {
    case -1: return v.real.div(v.real.const(1), x)
    case -2: return v.real.div(v.real.const(1), v.real.mul(x, x))
    case 1: return x
    case 2: return v.real.mul(x, x)
    case 3: return v.real.mul(v.real.mul(x, x), x)
    case 4: return v.real.mul(v.real.mul(x, x), v.real.mul(x, x))
    default: return undefined
  }
}
