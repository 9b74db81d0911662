/** Routines of random shapes and attributes: the WebAssembly backend against the reference. */
import { describe, expect, it } from 'vitest'
import type { OpAttributes } from '../../../../ir/op'
import type { Precision, RoutineName } from '../../../../ir/plan'
import { int, real, tensor, type Element, type TensorType } from '../../../../ir/type'
import { runByName } from '../../../../runtime/backends/backend'
import { REFERENCE } from '../../../../runtime/backends/reference'
import { WASM } from '../../../../runtime/backends/wasm'
import { ProgramBuilder, randomArray, randomNumbers, sizeOfShape } from '../../support'

interface Given { readonly type: TensorType; readonly data: readonly number[] }
interface Case<Op extends RoutineName> { readonly attributes: OpAttributes[Op]; readonly inputs: readonly Given[]; readonly type: TensorType }

type Random = ReturnType<typeof draws>

function draws(seed: number) {
  const next = randomNumbers(seed)
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  const shuffled = <T>(items: readonly T[]): T[] => items.map(item => ({ item, key: next() })).sort((a, b) => a.key - b.key).map(({ item }) => item)
  const shape = (rank: number, largest = 9) => Array.from({ length: rank }, () => whole(next() < 0.1 ? 0 : 1, largest))
  const reals = (size: readonly number[]): Given => ({ type: real(...size), data: randomArray(sizeOfShape(size), next) })
  const ints = (size: readonly number[], low: number, high: number): Given => ({ type: int(...size), data: Array.from({ length: sizeOfShape(size) }, () => whole(low, high)) })
  return { next, whole, shuffled, shape, reals, ints }
}

const sizesOf = ({ type }: Given): number[] => type.shape.map(Number)

const CASES: { readonly [Op in RoutineName]?: (random: Random) => Case<Op> } = {
  contract: ({ whole, shuffled, shape, reals }) => {
    const labels = [0, 1, 2, 3, 4, 5]
    // One long axis at most: all six stand in one loop of the reference.
    const sizes = shape(labels.length, 4).with(whole(0, 5), whole(1, 40))
    const groups = labels.map(() => whole(0, 3))
    const left = shuffled(labels.filter(label => groups[label] !== 1))
    const right = shuffled(labels.filter(label => groups[label] !== 0))
    const out = shuffled(labels.filter(label => groups[label] !== 3))
    const of = (own: readonly number[]) => own.map(label => sizes[label] ?? 1)
    return { attributes: { left, right, out }, inputs: [reals(of(left)), reals(of(right))], type: real(...of(out)) }
  },
  reduce: ({ whole, shape, reals, ints, next }) => {
    // Long axes too: their sums are taken in pieces.
    const size = whole(0, 4) === 0 ? shape(1, 3).concat(whole(500, 1200), shape(whole(0, 1), 5)) : shape(whole(1, 4), 6)
    const axes = size.map((_, axis) => axis).filter(() => next() < 0.5)
    const fn = (['sum', 'prod', 'max', 'min'] as const)[whole(0, 3)] ?? 'sum'
    const input = next() < 0.7 ? reals(size) : ints(size, -3, 3)
    return { attributes: { fn, axes }, inputs: [input], type: tensor(input.type.element, size.filter((_, axis) => !axes.includes(axis))) }
  },
  argReduce: ({ whole, shape, ints, reals, next }) => {
    const size = shape(whole(1, 3)).map(length => length || 1)
    const axis = whole(0, size.length - 1)
    // Ties, and a NaN now and then.
    const input = next() < 0.5 ? ints(size, 0, 2) : reals(size)
    const data = input.data.map(x => (input.type.element === 'real' && next() < 0.02 ? NaN : x))
    return { attributes: { fn: next() < 0.5 ? 'argmax' : 'argmin', axis }, inputs: [{ ...input, data }], type: int(...size.filter((_, at) => at !== axis)) }
  },
  transpose: ({ whole, shape, reals, shuffled }) => {
    const size = shape(whole(1, 4))
    const permutation = shuffled(size.map((_, axis) => axis))
    return { attributes: { permutation }, inputs: [reals(size)], type: real(...permutation.map(axis => size[axis] ?? 1)) }
  },
  broadcast: ({ whole, shape, reals, next }) => {
    const size = shape(whole(1, 4))
    const axes = size.map((_, axis) => axis).filter(() => next() < 0.6)
    const input = axes.map(axis => (next() < 0.2 ? 1 : size[axis] ?? 1))
    return { attributes: { shape: size, axes }, inputs: [reals(input)], type: real(...size) }
  },
  slice: ({ whole, shape, reals }) => {
    const size = shape(whole(1, 3))
    const kept = size.map(length => {
      const step = whole(0, 1) ? whole(1, 3) : -whole(1, 2)
      const first = length ? whole(0, length - 1) : 0
      const most = length === 0 ? 0 : 1 + Math.floor((step > 0 ? length - 1 - first : first) / Math.abs(step))
      return { step, first, count: whole(0, most) }
    })
    const attributes = { starts: kept.map(axis => axis.first), sizes: kept.map(axis => axis.count), steps: kept.map(axis => axis.step) }
    return { attributes, inputs: [reals(size)], type: real(...attributes.sizes) }
  },
  pad: ({ whole, shape, reals }) => {
    const size = shape(whole(1, 3))
    const low = size.map(() => whole(-2, 3))
    const interior = size.map(() => whole(0, 2))
    const high = size.map((length, axis) => Math.max(whole(-2, 3), -(length + Math.max(0, length - 1) * (interior[axis] ?? 0) + (low[axis] ?? 0))))
    const out = size.map((length, axis) => (low[axis] ?? 0) + (high[axis] ?? 0) + length + Math.max(0, length - 1) * (interior[axis] ?? 0))
    return { attributes: { low, high, interior }, inputs: [reals(size)], type: real(...out) }
  },
  flip: ({ whole, shape, reals }) => {
    const size = shape(whole(1, 3))
    return { attributes: { axis: whole(0, size.length - 1) }, inputs: [reals(size)], type: real(...size) }
  },
  concat: ({ whole, shape, reals }) => {
    const size = shape(whole(1, 3))
    const axis = whole(0, size.length - 1)
    const parts = Array.from({ length: whole(1, 3) }, () => reals(size.with(axis, whole(0, 5))))
    return { attributes: { axis }, inputs: parts, type: real(...size.with(axis, parts.reduce((sum, part) => sum + (sizesOf(part)[axis] ?? 0), 0))) }
  },
  gather: ({ whole, shape, reals, ints }) => {
    const size = shape(whole(1, 3)).map(length => length || 1)
    const axis = whole(0, size.length - 1)
    const index = ints(shape(whole(0, 2)), -(size[axis] ?? 1), (size[axis] ?? 1) - 1)
    return { attributes: { axis, site: 'here' }, inputs: [reals(size), index], type: real(...size.slice(0, axis), ...sizesOf(index), ...size.slice(axis + 1)) }
  },
  segmentSum: ({ whole, shape, reals, ints }) => {
    const [before, after, along] = [shape(whole(0, 1)), shape(whole(0, 1)), shape(whole(1, 2))]
    const size = whole(1, 6)
    return {
      attributes: { axis: before.length, size, site: 'here' }, type: real(...before, size, ...after),
      inputs: [reals([...before, ...along, ...after]), ints(along, -size, size - 1)],
    }
  },
  wrapIndex: ({ whole, shape, ints }) => {
    const size = whole(1, 9)
    const index = ints(shape(whole(0, 2)), -size, size - 1)
    return { attributes: { size, site: 'here' }, inputs: [index], type: index.type }
  },
  convolve: ({ whole, reals }) => {
    const rank = whole(1, 2)
    const each = (make: () => number) => Array.from({ length: rank }, make)
    const [batch, groups, inChannels, outChannels] = [whole(1, 3), whole(1, 2), whole(1, 3), whole(1, 5)]
    const [kernel, output, stride, dilation, low] = [each(() => whole(1, 3)), each(() => whole(1, 6)), each(() => whole(1, 3)), each(() => whole(1, 2)), each(() => whole(-1, 3))]
    // Larger or smaller than what the patches read.
    const image = output.map((places, axis) =>
      Math.max(1, (places - 1) * (stride[axis] ?? 1) + ((kernel[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1 - (low[axis] ?? 0) + whole(-2, 2)))
    const shapes = {
      image: [batch, groups, inChannels, ...image], kernel: [groups, outChannels, inChannels, ...kernel], output: [batch, groups, outChannels, ...output],
    }
    const part = (['image', 'kernel', 'output'] as const)[whole(0, 2)] ?? 'output'
    const size = { image, kernel, output }[part]
    const inputs = (['image', 'kernel', 'output'] as const).filter(name => name !== part).map(name => reals(shapes[name]))
    return { attributes: { part, stride, dilation, low, size }, inputs, type: real(...shapes[part]) }
  },
}

/** Sums of some hundred products of numbers up to 2: f32 keeps 2⁻²⁴ of each partial sum. */
const TOLERANCE: { readonly [P in Precision]: number } = { f64: 1e-12, f32: 1e-4 }

const ROUNDS = 150

describe('the WebAssembly backend gives what the reference gives, for random shapes, of', () => {
  for (const [op, make] of Object.entries(CASES) as [RoutineName, (random: Random) => Case<RoutineName>][]) {
    it(op, async () => {
      const random = draws(op.length * 1000)
      for (let round = 0; round < ROUNDS; round++) {
        const { attributes, inputs, type } = make(random)
        const builder = new ProgramBuilder()
        const buffers = inputs.map((input, i) => builder.input(`in${i}`, input.type))
        builder.result('out', builder.routine(op, attributes as never, buffers, type))
        const program = builder.build()
        const values = new Map(program.inputs.map(({ name }, i) => [name, inputs[i]?.data ?? []]))
        for (const precision of ['f64', 'f32'] as const) {
          const expected = (await runByName(REFERENCE.prepare(program, new Map(), precision), values)).get('out')?.data ?? []
          const actual = (await runByName(await WASM.prepare(program, new Map(), precision), values)).get('out')?.data ?? []
          const isSame = actual.length === expected.length && Array.from(expected).every((number, i) =>
            Object.is(actual[i], number) || Math.abs((actual[i] ?? NaN) - number) <= TOLERANCE[precision] * (1 + Math.abs(number)))
          expect(isSame, `${JSON.stringify(attributes)} of ${inputs.map(input => `[${sizesOf(input)}]`).join(' and ')} in ${precision}`).toBe(true)
        }
      }
    })
  }
})

/** Elements are moved without being looked at. */
describe('movements of ints and bools', () => {
  for (const element of ['int', 'bool'] as const satisfies readonly Element[]) {
    it(`keep every ${element}`, async () => {
      const builder = new ProgramBuilder()
      const input = builder.input('in', tensor(element, [3, 5]))
      builder.result('out', builder.routine('transpose', { permutation: [1, 0] }, [input], tensor(element, [5, 3])))
      const data = Array.from({ length: 15 }, (_, i) => (element === 'bool' ? i % 2 : i - 7))
      const { data: out } = (await runByName(await WASM.prepare(builder.build(), new Map(), 'f64'), new Map([['in', data]]))).get('out') ?? { data: [] }
      expect([...out]).toEqual([0, 1, 2, 3, 4].flatMap(column => [0, 1, 2].map(row => data[row * 5 + column])))
    })
  }
})
