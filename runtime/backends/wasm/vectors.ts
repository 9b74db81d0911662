/**
 * Vectors of real numbers in one precision: four lanes of f32, or two of f64. Beside them stand ints, 32 bits wide in as many
 * lanes (the low half of the vector beside f64), and masks, lanes of all ones or zeros as wide as a real.
 */
import type { Precision } from '../../../ir/plan'
import type { Element } from '../../../ir/type'
import { f32x4, f64x2, i16x8, i32, i32x4, i64x2, i8x16, v128, type Code } from '../../../wasm/instructions'

type Unary = (x: Code) => Code
type Binary = (x: Code, y: Code) => Code

/** The instructions that f32x4 and f64x2 both have. */
interface RealInstructions {
  readonly const: (value: number) => Code
  readonly splat: Unary
  readonly extract: (x: Code, lane: number) => Code
  readonly replace: (x: Code, lane: number, value: Code) => Code
  readonly eq: Binary; readonly ne: Binary; readonly lt: Binary; readonly gt: Binary; readonly le: Binary; readonly ge: Binary
  readonly ceil: Unary; readonly floor: Unary; readonly trunc: Unary; readonly nearest: Unary
  readonly abs: Unary; readonly neg: Unary; readonly sqrt: Unary
  readonly add: Binary; readonly sub: Binary; readonly mul: Binary; readonly div: Binary; readonly min: Binary; readonly max: Binary
}

export interface Vectors {
  readonly precision: Precision
  readonly lanes: 2 | 4
  readonly real: RealInstructions
  /** x·y + z, in one rounding where the machine has that. */
  readonly multiplyAdd: (x: Code, y: Code, z: Code) => Code
  /** A vector of elements that lie one after the other. */
  readonly load: (element: Element, at: Code, offset?: number) => Code
  /** The lane of one element in all lanes. */
  readonly loadSplat: (element: Element, at: Code, offset?: number) => Code
  readonly store: (element: Element, at: Code, value: Code, offset?: number) => Code
  /** Stores one lane. */
  readonly storeLane: (element: Element, at: Code, value: Code, lane: number, offset?: number) => Code
  /** x with one lane read from memory; of ints and reals alone. */
  readonly loadLane: (element: 'int' | 'real', at: Code, x: Code, lane: number, offset?: number) => Code
  readonly replaceInt: (x: Code, lane: number, value: Code) => Code
  /** The mask of ints that are not 0. */
  readonly maskOfInts: Unary
  readonly constant: (element: Element, value: number) => Code
  readonly intToReal: Unary
  readonly realToInt: Unary
  /** From the mask of a comparison of ints to one as wide as a real. */
  readonly widenMask: Unary
  /** The other way: for a choice between ints. */
  readonly narrowMask: Unary
}

export const bytesOf = (element: Element, precision: Precision): 1 | 4 | 8 => (element === 'bool' ? 1 : element === 'real' && precision === 'f64' ? 8 : 4)

const isSet = (x: Code) => i32x4.ne(x, i32x4.const(0))
const ONES = i32x4.const(-1)
const ZEROS = i32x4.const(0)
/** Byte order that brings the low words of both halves together. */
const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]

function vectorsOf(precision: Precision, isRelaxed: boolean): Vectors {
  const isSingle = precision === 'f32'
  const real: RealInstructions = isSingle ? f32x4 : f64x2
  const relaxed = isSingle ? f32x4.relaxedMultiplyAdd : f64x2.relaxedMultiplyAdd
  const widenMask: Unary = isSingle ? mask => mask : mask => i64x2.extendLow(mask)
  const narrowMask: Unary = isSingle ? mask => mask : mask => v128.shuffle(mask, mask, LOW_WORDS)
  /** Bytes of 0 and 1 in the low lanes, to a mask. */
  const maskOf = (bytes: Code) => widenMask(isSet(i32x4.extendLow(i16x8.extendLow(bytes))))
  /** The other way. */
  const bytesOfMask = (mask: Code) => {
    const words = v128.and(narrowMask(mask), i32x4.const(1))
    const halves = i16x8.narrow(words, words)
    return i8x16.narrow(halves, halves)
  }
  const lanes = isSingle ? 4 : 2
  return {
    precision, lanes, real, widenMask, narrowMask,
    multiplyAdd: isRelaxed ? relaxed : (x, y, z) => real.add(real.mul(x, y), z),
    load(element, at, offset = 0) {
      if (element === 'bool') return maskOf(v128.load32Zero(at, offset))
      return element === 'real' || isSingle ? v128.load(at, offset) : v128.load64Zero(at, offset)
    },
    loadSplat(element, at, offset = 0) {
      if (element === 'bool') return i32x4.splat(i32.sub(i32.const(0), i32.load8(at, offset)))
      return element === 'real' && !isSingle ? v128.load64Splat(at, offset) : v128.load32Splat(at, offset)
    },
    store(element, at, value, offset = 0) {
      if (element === 'bool') return isSingle ? v128.store32Lane(at, bytesOfMask(value), 0, offset) : v128.store16Lane(at, bytesOfMask(value), 0, offset)
      return element === 'real' || isSingle ? v128.store(at, value, offset) : v128.store64Lane(at, value, 0, offset)
    },
    storeLane(element, at, value, lane, offset = 0) {
      if (element === 'bool') return v128.store8Lane(at, bytesOfMask(value), lane, offset)
      return element === 'real' && !isSingle ? v128.store64Lane(at, value, lane, offset) : v128.store32Lane(at, value, lane, offset)
    },
    loadLane: (element, at, x, lane, offset = 0) =>
      (element === 'real' && !isSingle ? v128.load64Lane(at, x, lane, offset) : v128.load32Lane(at, x, lane, offset)),
    replaceInt: i32x4.replace,
    maskOfInts: words => widenMask(isSet(words)),
    constant: (element, value) => (element === 'real' ? real.const(value) : element === 'int' ? i32x4.const(value) : value ? ONES : ZEROS),
    intToReal: isSingle ? f32x4.fromI32 : f64x2.fromI32,
    realToInt: isSingle ? i32x4.fromF32 : i32x4.fromF64,
  }
}

/** The vectors of a precision. @param isRelaxed whether x·y + z may be one instruction of relaxed SIMD */
export const vectorsFor = (precision: Precision, isRelaxed: boolean): Vectors => VECTORS[precision][isRelaxed ? 1 : 0]

const VECTORS = {
  f32: [vectorsOf('f32', false), vectorsOf('f32', true)],
  f64: [vectorsOf('f64', false), vectorsOf('f64', true)],
} as const
