/**
 * The WebAssembly instructions that kernels are made of, as expressions: each function takes the code of its operands and gives
 * code that leaves one value (WebAssembly Core Specification 2.0, 5.4; relaxed SIMD: the proposal of that name, phase 4).
 */

/** Bytes, in any nesting, and functions to be numbered: they are joined once, when the module is written. */
export type Code = number | FunctionReference | Uint8Array | readonly Code[]

/** Imported functions are numbered before all others, so no number is known until the module is whole. */
export interface FunctionReference { readonly space: 'import' | 'module'; readonly at: number }

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ;) {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    if (rest === 0) return [...bytes, low]
    bytes.push(low + 128)
  }
}

/** Signed LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ;) {
    const low = rest & 127
    rest >>= 7
    if ((rest === 0 && low < 64) || (rest === -1 && low >= 64)) return [...bytes, low]
    bytes.push(low + 128)
  }
}

const bytesOf = (buffer: ArrayBuffer): number[] => [...new Uint8Array(buffer)]

const one = (opcode: number) => (x: Code): Code => [x, opcode]
const two = (opcode: number) => (x: Code, y: Code): Code => [x, y, opcode]
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)]
const vectorOne = (opcode: number) => (x: Code): Code => [x, simd(opcode)]
const vectorTwo = (opcode: number) => (x: Code, y: Code): Code => [x, y, simd(opcode)]
const vectorThree = (opcode: number) => (x: Code, y: Code, z: Code): Code => [x, y, z, simd(opcode)]
/** The alignment is a hint alone: 0 is always right. */
const memory = (offset: number): number[] => [0, ...unsigned(offset)]
const load = (opcode: Code) => (at: Code, offset = 0): Code => [at, opcode, memory(offset)]
const store = (opcode: Code) => (at: Code, value: Code, offset = 0): Code => [at, value, opcode, memory(offset)]
const extract = (opcode: number) => (x: Code, lane: number): Code => [x, simd(opcode), lane]
const replace = (opcode: number) => (x: Code, lane: number, value: Code): Code => [x, value, simd(opcode), lane]
const storeLane = (opcode: number) => (at: Code, x: Code, lane: number, offset = 0): Code => [at, x, simd(opcode), memory(offset), lane]
const loadLane = (opcode: number) => (at: Code, x: Code, lane: number, offset = 0): Code => [at, x, simd(opcode), memory(offset), lane]

export const i32 = {
  const: (value: number): Code => [0x41, signed(value | 0)],
  load: load(0x28), load8: load(0x2d), store: store(0x36), store8: store(0x3a),
  eqz: one(0x45), eq: two(0x46), ne: two(0x47), lt: two(0x48), ltUnsigned: two(0x49), gt: two(0x4a), le: two(0x4c), ge: two(0x4e),
  popcnt: one(0x69), add: two(0x6a), sub: two(0x6b), mul: two(0x6c), and: two(0x71), or: two(0x72), xor: two(0x73), shl: two(0x74), shrUnsigned: two(0x76),
  fromF64: (x: Code): Code => [x, 0xfc, 2], fromI64: one(0xa7),
}

export const i64 = {
  const: (value: number): Code => [0x42, signed(value | 0)], fromI32Unsigned: one(0xad),
  mul: two(0x7e), or: two(0x84), shl: two(0x86), shrUnsigned: two(0x88),
}

export const f32 = {
  const: (value: number): Code => [0x43, bytesOf(Float32Array.of(value).buffer)],
  load: load(0x2a), store: store(0x38),
  add: two(0x92), sub: two(0x93), mul: two(0x94), div: two(0x95), min: two(0x96), max: two(0x97),
  fromF64: one(0xb6),
}

export const f64 = {
  const: (value: number): Code => [0x44, bytesOf(Float64Array.of(value).buffer)],
  load: load(0x2b), store: store(0x39),
  eq: two(0x61), ne: two(0x62), lt: two(0x63),
  abs: one(0x99), floor: one(0x9c), add: two(0xa0), sub: two(0xa1), mul: two(0xa2), div: two(0xa3), min: two(0xa4), max: two(0xa5),
  fromI32: one(0xb7), fromI64: one(0xb9), fromF32: one(0xbb),
}

export const v128 = {
  const: (bytes: readonly number[]): Code => Uint8Array.from([0xfd, 12, ...bytes]),
  load: load(simd(0)), store: store(simd(11)),
  load32Splat: load(simd(9)), load64Splat: load(simd(10)),
  load32Zero: load(simd(92)), load64Zero: load(simd(93)),
  load32Lane: loadLane(86), load64Lane: loadLane(87),
  store16Lane: storeLane(89), store32Lane: storeLane(90), store64Lane: storeLane(91), store8Lane: storeLane(88),
  /** Lanes 0–15 are bytes of x, 16–31 of y. */
  shuffle: (x: Code, y: Code, lanes: readonly number[]): Code => [x, y, simd(13), lanes],
  not: vectorOne(77), and: vectorTwo(78), /** x and not y */ andNot: vectorTwo(79), or: vectorTwo(80), xor: vectorTwo(81),
  /** x where the mask's bits are set, else y. */
  select: vectorThree(82), anyTrue: vectorOne(83),
}

export const i8x16 = { narrow: vectorTwo(101) }
export const i16x8 = { narrow: vectorTwo(133), extendLow: vectorOne(137) }

export const i32x4 = {
  const: (value: number): Code => v128.const(bytesOf(Int32Array.of(value, value, value, value).buffer)),
  splat: vectorOne(17), extract: extract(27), replace: replace(28),
  eq: vectorTwo(55), ne: vectorTwo(56), lt: vectorTwo(57), gt: vectorTwo(59), le: vectorTwo(61), ge: vectorTwo(63),
  extendLow: vectorOne(169), abs: vectorOne(160), neg: vectorOne(161), shl: vectorTwo(171), shr: vectorTwo(172),
  add: vectorTwo(174), sub: vectorTwo(177), mul: vectorTwo(181), min: vectorTwo(182), max: vectorTwo(184),
  fromF32: vectorOne(248), fromF64: vectorOne(252),
}

export const i64x2 = {
  const: (value: bigint): Code => v128.const(bytesOf(BigInt64Array.of(value, value).buffer)),
  splat: vectorOne(18), extendLow: vectorOne(199), shl: vectorTwo(203), shrUnsigned: vectorTwo(205), add: vectorTwo(206), sub: vectorTwo(209),
}

export const f32x4 = {
  const: (value: number): Code => v128.const(bytesOf(Float32Array.of(value, value, value, value).buffer)),
  splat: vectorOne(19), extract: extract(31), replace: replace(32),
  eq: vectorTwo(65), ne: vectorTwo(66), lt: vectorTwo(67), gt: vectorTwo(68), le: vectorTwo(69), ge: vectorTwo(70),
  ceil: vectorOne(103), floor: vectorOne(104), trunc: vectorOne(105), nearest: vectorOne(106),
  abs: vectorOne(224), neg: vectorOne(225), sqrt: vectorOne(227),
  add: vectorTwo(228), sub: vectorTwo(229), mul: vectorTwo(230), div: vectorTwo(231), min: vectorTwo(232), max: vectorTwo(233),
  fromI32: vectorOne(250), fromF64: vectorOne(94), relaxedMultiplyAdd: vectorThree(261),
}

export const f64x2 = {
  const: (value: number): Code => v128.const(bytesOf(Float64Array.of(value, value).buffer)),
  splat: vectorOne(20), extract: extract(33), replace: replace(34),
  eq: vectorTwo(71), ne: vectorTwo(72), lt: vectorTwo(73), gt: vectorTwo(74), le: vectorTwo(75), ge: vectorTwo(76),
  ceil: vectorOne(116), floor: vectorOne(117), trunc: vectorOne(122), nearest: vectorOne(148),
  abs: vectorOne(236), neg: vectorOne(237), sqrt: vectorOne(239),
  add: vectorTwo(240), sub: vectorTwo(241), mul: vectorTwo(242), div: vectorTwo(243), min: vectorTwo(244), max: vectorTwo(245),
  fromI32: vectorOne(254), fromF32: vectorOne(95), relaxedMultiplyAdd: vectorThree(263),
}

export const bulk = {
  copy: (to: Code, from: Code, bytes: Code): Code => [to, from, bytes, 0xfc, 10, 0, 0],
  fill: (at: Code, byte: Code, bytes: Code): Code => [at, byte, bytes, 0xfc, 11, 0],
}
