/** Ints of a run have 32 bits and wrap around, alike on every backend: held to integers of any size, taken modulo 2³². */
import { describe, expect, it } from 'vitest'
import { Model, type UntypedModel } from '../../runtime/model'
import { compile } from '../../compiler/compile'
import { complaints, flat, hostOf, type Nested } from './run'

const PROGRAM = `model M {
  input k: int[n]
  input j: int[n]
  output plus = k + j
  output minus = k - j
  output negated = -k
  output distance = abs(k - j)
  output square = k^2
  output seventh = k^7
  output remainder = (k * j) % 1000
  output quotient = idiv(k * j, 1000)
  output less = k * j < 0
  output halved = (k * j) / 2
  output greater = max(k * j, k + j)
  output total = sum(k * j)
  output along = sum(stack([k, j, k * j]), axis = 0)
  output running = cumsum(k * j)
  output product = prod(k)
  output products = prod(stack([k, j, k + j]), axis = 0)
  output inner = dot(k, j)
  output gram = stack([k, j]) @ transpose(stack([j, k, k * j]))
  var power = 1
  for i in 0..n { power = power * k[i] + i }
  output power
}
`

const K = [2147483647, -2147483648, 2000003, -46341, 99991, 1, -7, 0, 123456789]
const J = [2147483629, -1, 2000003, 46341, -99989, -2147483648, 2147483647, 13, -987654321]

const wrapped = (x: bigint): number => Number(BigInt.asIntN(32, x))
const floored = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b
const sumOf = (all: readonly bigint[]): bigint => all.reduce((a, b) => a + b, 0n)
const productOf = (all: readonly bigint[]): bigint => all.reduce((a, b) => a * b, 1n)

/** By BigInt; each operation of the program rounds to 32 bits, which shows where a quotient or comparison follows. */
function expected(): Readonly<Record<string, readonly (number | boolean)[]>> {
  const k = K.map(BigInt), j = J.map(BigInt)
  const both = k.map((x, i) => [x, j[i] ?? 0n] as const)
  const kj = both.map(([x, y]) => BigInt.asIntN(32, x * y))
  const each = (f: (x: bigint, y: bigint) => bigint) => both.map(([x, y]) => wrapped(f(x, y)))
  const dot = (x: readonly bigint[], y: readonly bigint[]) => wrapped(sumOf(x.map((a, i) => a * (y[i] ?? 0n))))
  const distance = (x: bigint) => (x < 0n ? -x : x)
  return {
    plus: each((x, y) => x + y), minus: each((x, y) => x - y), negated: each(x => -x), square: each(x => x * x), seventh: each(x => x ** 7n),
    distance: each((x, y) => distance(BigInt.asIntN(32, x - y))),
    remainder: kj.map(x => Number(((x % 1000n) + 1000n) % 1000n)), quotient: kj.map(x => Number(floored(x, 1000n))),
    less: kj.map(x => x < 0n), halved: kj.map(x => Number(x) / 2),
    greater: both.map(([x, y], i) => Math.max(Number(kj[i]), wrapped(x + y))),
    total: [wrapped(sumOf(kj))], along: both.map(([x, y], i) => wrapped(x + y + (kj[i] ?? 0n))),
    running: kj.map((_, i) => wrapped(sumOf(kj.slice(0, i + 1)))), product: [wrapped(productOf(k))],
    products: both.map(([x, y]) => wrapped(x * y * (x + y))), inner: [dot(k, j)],
    gram: [dot(k, j), dot(k, k), dot(k, kj), dot(j, j), dot(j, k), dot(j, kj)],
    power: [wrapped(k.reduce((power, x, i) => power * x + BigInt(i), 1n))],
  }
}

async function outputsOf(text: string, inputs: Readonly<Record<string, Nested>>, backend: 'reference' | 'wasm') {
  const { plans: [plan] } = await compile('main.bp', hostOf({ 'main.bp': text }), {})
  if (!plan) throw new Error('the program has errors')
  const model = await Model.create<UntypedModel>(plan, { backend, precision: 'f64' })
  const { outputs } = await model.evaluate(inputs as never)
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, flat(tensor.toArray() as Nested)]))
}

describe.each(['reference', 'wasm'] as const)('ints on the backend %s', backend => {
  it('wrap around in 32 bits, operation by operation', async () => {
    const found = await outputsOf(PROGRAM, { k: K, j: J }, backend)
    for (const [name, values] of Object.entries(expected())) expect(found[name], name).toEqual(values.map(Number))
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected()).sort())
  })

  it('give 0 as quotient and remainder by 0, and wrap −2³¹ around by −1', async () => {
    const text = 'model M {\n  input k: int[n]\n  input j: int[n]\n  output q = idiv(k, j)\n  output r = k % j\n  output more = k % j + 1\n}\n'
    expect(await outputsOf(text, { k: [7, -7, 0, -(2 ** 31)], j: [0, 0, 0, -1] }, backend)).toEqual({ q: [0, 0, 0, -(2 ** 31)], r: [0, 0, 0, 0], more: [1, 1, 1, 1] })
  })

  it('that are given must fit', async () => {
    await expect(outputsOf('model M {\n  input k: int\n  output y = k\n}\n', { k: 2 ** 31 }, backend)).rejects.toThrow('an integer of 32 bits')
  })
})

describe('ints that the compiler knows', () => {
  it('do not wrap around: one that does not fit is an error', async () => {
    expect((await complaints('const N = 50000\nmodel M {\n  output y = N * N\n}\n')).map(text => text.split(' ')[0])).toEqual(['int-range'])
    expect(await complaints('const N = 50000\nmodel M {\n  output y = 1.0 * N * N\n}\n')).toEqual([])
  })
})
