/**
 * Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3",
 * SC'11). A draw is a function of a key and a counter, so any element of any stream can be had on its own, in any order.
 */

/** 64 bits, as two unsigned 32-bit words. */
export interface Key { readonly low: number; readonly high: number }

export const MULTIPLIER_0 = 0xd2511f53
export const MULTIPLIER_1 = 0xcd9e8d57
/** Fractions of the golden ratio and of √3 − 1, added to the key each round. */
export const WEYL_0 = 0x9e3779b9
export const WEYL_1 = 0xbb67ae85
export const ROUNDS = 10

/** Ten rounds over the counter c0…c3 with the key k0, k1, all 32 bits wide; writes four words to the front of `out`. */
export function philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array): void {
  // Words are kept as signed ones, which the machine has; the array takes them as unsigned.
  c0 |= 0
  c1 |= 0
  c2 |= 0
  c3 |= 0
  k0 |= 0
  k1 |= 0
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highWord(MULTIPLIER_0 >>> 16, MULTIPLIER_0 & 0xffff, c0)
    const high1 = highWord(MULTIPLIER_1 >>> 16, MULTIPLIER_1 & 0xffff, c2)
    const low0 = Math.imul(MULTIPLIER_0, c0)
    const low1 = Math.imul(MULTIPLIER_1, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + WEYL_0) | 0
    k1 = (k1 + WEYL_1) | 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** The upper 32 bits of the product of two unsigned 32-bit words, of the first its halves; no sum of halves is over 32 bits. */
function highWord(aHigh: number, aLow: number, b: number): number {
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = (Math.imul(aLow, bHigh) + (Math.imul(aLow, bLow) >>> 16)) | 0
  const carry = (Math.imul(aHigh, bLow) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0
}

/** The key of a named stream under a seed; the seed may be any integer up to 2^53. */
export function streamKey(seed: number, stream: string): Key {
  // The two words of the name are FNV-1a hashes from different starts, mixed so that similar names differ in all bits.
  return {
    low: (mix(hash(stream, 0x811c9dc5)) ^ seed) >>> 0,
    high: (mix(hash(stream, 0x050c5d1f)) ^ Math.floor(seed / 2 ** 32)) >>> 0,
  }
}

function hash(text: string, start: number): number {
  let state = start
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    state = Math.imul(state ^ (unit & 0xff), 0x01000193)
    state = Math.imul(state ^ (unit >>> 8), 0x01000193)
  }
  return state
}

/** The finaliser of MurmurHash3. */
export function mix(word: number): number {
  let state = word
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return (state ^ (state >>> 16)) >>> 0
}

/** In [0, 1), from the upper 24 bits of a word: every value is a 32-bit float. */
export const uniform24 = (word: number): number => (word >>> 8) * 2 ** -24

/** In [0, 1), from 53 bits of two words. */
export const uniform53 = (high: number, low: number): number => ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53

/**
 * A permutation of 0 … count − 1: Fisher and Yates's shuffle, drawing from the stream's words.
 * @param round separates shuffles of one stream, such as epochs
 */
export function permutation(count: number, key: Key, round: number): Int32Array {
  const order = new Int32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  const words = new Uint32Array(4)
  for (let i = count - 1; i > 0; i--) {
    philox(i, round, 0, 0, key.low, key.high, words)
    const j = Math.floor(uniform53(words[0] as number, words[1] as number) * (i + 1))
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
  return order
}
