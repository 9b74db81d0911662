/**
 * The cosines and sines of a circuit's angles, two at a time: a row [cos φ, sin φ, −sin φ, cos φ] for each φ = scale·slot.
 *
 * The angle is reduced by multiples of π/2 in three parts (Cody and Waite) to |r| ≤ π/4, where a Taylor series of each function
 * to the last bit follows; exact to about 1e-16 up to |φ| = 1e6, beyond which the host's functions are called.
 */
import { f32x4, f64, f64x2, i32, i32x4, i64x2, v128, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter, Signature } from '../../../wasm/module'

/** Bytes of an angle in a list: its slot's address, its row's, and its scale. */
export const ANGLE_BYTES = 16
/** Bytes of a row. */
export const rowBytes = (bytes: 4 | 8): number => 4 * bytes

/** π/2 in three parts; the first two have 33 and at most 20 bits, so their products with integers below 2^20 are exact. */
const HALF_PI_FIRST = Math.floor((Math.PI / 2) * 2 ** 32) / 2 ** 32
// π/2 = Math.PI/2 + 6.123233995736766e-17 …
const HALF_PI = [HALF_PI_FIRST, Math.PI / 2 - HALF_PI_FIRST, 6.123233995736766e-17] as const
const FARTHEST_ANGLE = 1e6

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))
/** Coefficients of r², r⁴, … after the first term: the last one is below 2^−54 of it at r = π/4. */
const SINE = Array.from({ length: 8 }, (_, i) => (i % 2 ? 1 : -1) / factorial(2 * i + 3))
const COSINE = Array.from({ length: 8 }, (_, i) => (i % 2 ? -1 : 1) / factorial(2 * i + 4))

const ANGLES: Signature = { parameters: ['i32', 'i32'] }

/** Exports `angles(list, end)`: the rows of a list of angles, which has an even number, or one more that may be read. */
export function writeAngles(module: ModuleWriter, bytes: 4 | 8): Callee {
  const angles = module.define('angles', ANGLES, f => {
    const [list, end] = f.parameters as [Local, Local]
    f.doWhile(() => {
      const angle = (k: number): Code => f64.mul(f64.load(i32.load(list.get, k * ANGLE_BYTES)), f64.load(list.get, k * ANGLE_BYTES + 8))
      const row = (k: number): Code => i32.load(list.get, k * ANGLE_BYTES + 4)
      const { cosine, sine } = circular(module, f, f64x2.replace(f64x2.splat(angle(0)), 1, angle(1)))
      storeRows(f, [row(0), row(1)], bytes, cosine, sine)
      f.advance(list, 2 * ANGLE_BYTES)
      return i32.ltUnsigned(list.get, end.get)
    })
  })
  module.export('angles', f => f.emit(angles(...f.parameters.map(({ get }) => get))), ANGLES)
  return angles
}

function storeRows(f: FunctionWriter, rows: readonly [Code, Code], bytes: 4 | 8, cosine: Code, sine: Code): void {
  const negative = f.local('v128', f64x2.neg(sine)).get
  if (bytes === 8) {
    const pair = (x: Code, y: Code, lane: number) => v128.shuffle(x, y, lane === 0 ? LOW : HIGH)
    rows.forEach((row, lane) => {
      const { get } = f.local('i32', row)
      f.emit(v128.store(get, pair(cosine, sine, lane)), v128.store(get, pair(negative, cosine, lane), 16))
    })
    return
  }
  // Two floats in the low half of each.
  const floats = [cosine, sine, negative].map(x => f.local('v128', f32x4.fromF64(x)).get) as [Code, Code, Code]
  const [c, s, m] = floats
  const low = f.local('v128', v128.shuffle(c, s, [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23])).get
  const high = f.local('v128', v128.shuffle(m, c, [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23])).get
  f.emit(v128.store(rows[0], v128.shuffle(low, high, LOW)), v128.store(rows[1], v128.shuffle(low, high, HIGH)))
}

const LOW = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
const HIGH = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31]

function circular(module: ModuleWriter, f: FunctionWriter, angles: Code): { readonly cosine: Code; readonly sine: Code } {
  const { add, sub, mul } = f64x2
  const x = f.local('v128', angles).get
  const n = f.local('v128', f64x2.nearest(mul(x, f64x2.const(2 / Math.PI)))).get
  const r = f.local('v128', HALF_PI.reduce<Code>((rest, part) => sub(rest, mul(n, f64x2.const(part))), x)).get
  const square = f.local('v128', mul(r, r)).get
  const series = (coefficients: readonly number[]) => coefficients.reduceRight<Code | undefined>((sum, c) => (sum ? add(mul(sum, square), f64x2.const(c)) : f64x2.const(c)), undefined) ?? []
  const sine = f.local('v128', add(mul(mul(r, square), series(SINE)), r)).get
  const cosine = f.local('v128', add(sub(f64x2.const(1), mul(square, f64x2.const(0.5))), mul(mul(square, square), series(COSINE)))).get
  const quadrant = f.local('v128', i64x2.extendLow(i32x4.fromF64(n))).get
  const isOdd = f.local('v128', i64x2.sub(i64x2.const(0n), v128.and(quadrant, i64x2.const(1n)))).get
  const sign = (turns: bigint) => i64x2.shl(v128.and(i64x2.add(quadrant, i64x2.const(turns)), i64x2.const(2n)), i32.const(62))
  const sines = f.local('v128', v128.xor(v128.select(cosine, sine, isOdd), sign(0n)))
  const cosines = f.local('v128', v128.xor(v128.select(sine, cosine, isOdd), sign(1n)))
  const isFar = f.local('v128', v128.not(f64x2.lt(f64x2.abs(x), f64x2.const(FARTHEST_ANGLE)))).get
  f.when(v128.anyTrue(isFar), () => {
    const far = (name: 'sin' | 'cos') => {
      const host = module.host(name, { parameters: ['f64'], result: 'f64' }, Math[name])
      return f64x2.replace(f64x2.splat(host(f64x2.extract(x, 0))), 1, host(f64x2.extract(x, 1)))
    }
    // An angle's numbers do not depend on which other one stands beside it.
    f.set(sines, v128.select(far('sin'), sines.get, isFar))
    f.set(cosines, v128.select(far('cos'), cosines.get, isFar))
  })
  return { cosine: cosines.get, sine: sines.get }
}
