/** The rows of an epoch in their order: `permutation` of random.ts, bit by bit, by words of 64 bits. It is what a step of a small network takes longest for, else. */
import { f64, i32, i64, type Code } from '../wasm/instructions'
import { ModuleWriter, type FunctionWriter, type Local } from '../wasm/module'
import { MULTIPLIER_0, MULTIPLIER_1, ROUNDS, WEYL_0, WEYL_1, type Key } from './random'

const PAGE = 65536
const WORD = 4

/** @returns the rows in the order of an epoch; the array is written anew with the next one */
export async function shuffling(rows: Int32Array, key: Key): Promise<(epoch: number) => Int32Array> {
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(WORD * rows.length / PAGE)) })
  const module = new ModuleWriter()
  module.export('shuffle', f => writeShuffle(f, rows.length, key), { parameters: ['i32'] })
  const { instance } = await WebAssembly.instantiate(module.finish(), module.importsWith(memory))
  const shuffle = instance.exports['shuffle'] as (epoch: number) => void
  const order = new Int32Array(memory.buffer, 0, rows.length)
  return epoch => {
    order.set(rows)
    shuffle(epoch)
    return order
  }
}

/** Fisher and Yates's shuffle of the words at 0. */
function writeShuffle(f: FunctionWriter, count: number, key: Key): void {
  const [epoch] = f.parameters as [Local]
  const i = f.local('i32', i32.const(count - 1))
  f.repeat(count - 1, () => {
    const [high, low] = writePhilox(f, i.get, epoch.get, key)
    // uniform53 of the words: exact in 64 bits.
    const bits = i64.or(i64.shl(i64.fromI32Unsigned(i32.shrUnsigned(high, i32.const(5))), i64.const(26)), i64.fromI32Unsigned(i32.shrUnsigned(low, i32.const(6))))
    const uniform = f64.mul(f64.fromI64(bits), f64.const(2 ** -53))
    const j = i32.fromF64(f64.mul(uniform, f64.fromI32(i32.add(i.get, i32.const(1)))))
    const here = f.local('i32', i32.mul(i.get, i32.const(WORD))).get
    const there = f.local('i32', i32.mul(j, i32.const(WORD))).get
    const kept = f.local('i32', i32.load(here)).get
    f.emit(i32.store(here, i32.load(there)), i32.store(there, kept))
    f.advance(i, -1)
  })
}

/** The first two words of `philox` for the counter (c0, c1, 0, 0): see random.ts. */
function writePhilox(f: FunctionWriter, c0: Code, c1: Code, { low, high }: Key): readonly [Code, Code] {
  const words = [c0, c1, i32.const(0), i32.const(0)].map(word => f.local('i32', word)) as [Local, Local, Local, Local]
  const products = [f.local('i64'), f.local('i64')] as const
  for (let round = 0; round < ROUNDS; round++) {
    products.forEach((product, at) => f.set(product, i64.mul(i64.fromI32Unsigned((words[2 * at] as Local).get), i64.fromI32Unsigned(i32.const(at === 0 ? MULTIPLIER_0 : MULTIPLIER_1)))))
    const [product0, product1] = products
    const upper = ({ get }: Local) => i32.fromI64(i64.shrUnsigned(get, i64.const(32)))
    const [w0, w1, w2, w3] = words
    f.set(w0, i32.xor(i32.xor(upper(product1), w1.get), i32.const(low + round * WEYL_0)))
    f.set(w1, i32.fromI64(product1.get))
    f.set(w2, i32.xor(i32.xor(upper(product0), w3.get), i32.const(high + round * WEYL_1)))
    f.set(w3, i32.fromI64(product0.get))
  }
  return [words[0].get, words[1].get]
}
