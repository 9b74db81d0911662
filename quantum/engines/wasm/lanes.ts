/** Vectors of amplitudes' parts: two of 64 bits, or four of 32, whose lanes are the lowest bits of a basis state's index. */
import { f32, f32x4, f64, f64x2, i32, i32x4, i64, i64x2, v128, type Code } from '../../../wasm/instructions'

type Binary = (x: Code, y: Code) => Code

export interface Lanes {
  /** Of the index. */
  readonly bits: 1 | 2
  /** Of a number in memory. */
  readonly bytes: 4 | 8
  readonly add: Binary
  readonly sub: Binary
  readonly mul: Binary
  readonly div: Binary
  readonly neg: (x: Code) => Code
  readonly const: (value: number) => Code
  readonly loadSplat: (at: Code, offset?: number) => Code
  /** All lanes from a double. */
  readonly splat: (x: Code) => Code
  /** A number, as a double. */
  readonly loadDouble: (at: Code) => Code
  /** All bits of the lanes for which the test holds. */
  readonly maskOf: (test: (lane: number) => boolean) => Code
  /** The sign bits of the lanes for which the test holds. */
  readonly signsOf: (test: (lane: number) => boolean) => Code
  /** All sign bits where the integer is odd. */
  readonly oddSigns: (x: Code) => Code
  /** Lane k is lane from(k) of x, or, from `count` up, of y. */
  readonly shuffle: (x: Code, y: Code, from: (lane: number) => number) => Code
  /** The sum of the lanes as a double; x is used once a lane. */
  readonly sum: (x: Code) => Code
}

function lanesOf(bits: 1 | 2): Lanes {
  const isDouble = bits === 1
  const bytes = isDouble ? 8 : 4, count = 16 / bytes
  const real = isDouble ? f64x2 : f32x4
  const lanes = Array.from({ length: count }, (_, lane) => lane)
  const bytesOfLanes = (ofLane: (lane: number) => readonly number[]): Code => v128.const(lanes.flatMap(ofLane))
  const filled = (byte: number): number[] => Array.from({ length: bytes }, () => byte)
  const zeros = filled(0), ones = filled(255)
  const sign = [...zeros.slice(1), 0x80]
  const extract = (x: Code, lane: number): Code => (isDouble ? f64x2.extract(x, lane) : f64.fromF32(f32x4.extract(x, lane)))
  return {
    bits, bytes, add: real.add, sub: real.sub, mul: real.mul, div: real.div, neg: real.neg, const: real.const,
    splat: isDouble ? f64x2.splat : x => f32x4.splat(f32.fromF64(x)),
    loadDouble: isDouble ? at => f64.load(at) : at => f64.fromF32(f32.load(at)),
    loadSplat: isDouble ? v128.load64Splat : v128.load32Splat,
    maskOf: test => bytesOfLanes(lane => (test(lane) ? ones : zeros)),
    signsOf: test => bytesOfLanes(lane => (test(lane) ? sign : zeros)),
    oddSigns: isDouble
      ? x => i64x2.splat(i64.shl(i64.fromI32Unsigned(x), i64.const(63)))
      : x => i32x4.splat(i32.shl(x, i32.const(31))),
    shuffle: (x, y, from) => v128.shuffle(x, y, lanes.flatMap(lane => filled(0).map((_, byte) => from(lane) * bytes + byte))),
    sum: x => lanes.map(lane => extract(x, lane)).reduce(f64.add),
  }
}

export const DOUBLES = lanesOf(1)
export const SINGLES = lanesOf(2)
