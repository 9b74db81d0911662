/** Every op of the table, and every scalar function, in ONNX Runtime: against the plain evaluation of the graph. */
import { describe, expect, it } from 'vitest'
import { eraseIdentity } from '../../compiler/4-differentiate'
import { optimize } from '../../compiler/5-optimize/optimize'
import { onnxGraph } from '../../compiler/onnx/export'
import { ONNX_LOWERINGS } from '../../compiler/onnx/lower'
import { namedDim } from '../../ir/dim'
import type { Graph, Value } from '../../ir/graph'
import type { OpName } from '../../ir/op'
import type { Precision } from '../../ir/plan'
import { scalarElement, SCALARS, type ScalarName } from '../../ir/scalar'
import { OPS } from '../../ir/table'
import { real, type Element, type TensorType } from '../../ir/type'
import { SAMPLES, type Sample } from '../conformance/samples'
import { buildGraph, spread, tensorFor } from '../support/differences'
import { evaluate, type Tensor } from '../support/evaluate'
import { openGraph } from './runtime'

const opNames = Object.keys(OPS) as OpName[]

/** f32 holds 2⁻²⁴ ≈ 6e−8 of a number; sums of some dozen products stay within 1e−5. */
const TOLERANCE: { readonly [P in Precision]: number } = { f64: 1e-11, f32: 1e-5 }

function exported(graph: Graph, precision: Precision) {
  const inputNames = graph.inputs.map((_, at) => `x${at}`)
  const outputNames = graph.outputs.map((_, at) => `y${at}`)
  const values = (names: readonly string[], of: readonly Value[]) => names.map((name, at) => ({ name, type: of[at]?.type ?? real(), doc: '', role: 'input' as const }))
  const plan = { model: 'M', doc: '', inputs: values(inputNames, graph.inputs), parameters: [], states: [], outputs: values(outputNames, graph.outputs) }
  return onnxGraph({ plan, graph, inputNames, outputNames }, { precision, values: new Map(), standardization: new Map() })
}

async function expectSame(graph: Graph, types: readonly TensorType[], values: (n: number) => readonly Tensor[], ns: readonly number[], precision: Precision): Promise<void> {
  for (const each of [eraseIdentity(graph), optimize(eraseIdentity(graph))]) {
    const session = await openGraph(exported(each, precision), precision)
    for (const n of ns) {
      const inputs = values(n)
      const expected = evaluate(graph, inputs, { sizes: new Map([['n', n]]) })
      const feeds = Object.fromEntries(inputs.flatMap(({ shape, data }, at) => (session.inputNames.includes(`x${at}`) ? [[`x${at}`, { shape, data, element: types[at]?.element ?? 'real' }]] : [])))
      const found = await session.run(feeds)
      expected.forEach(({ shape, data }, at) => {
        const output = found[`y${at}`]
        expect(output?.shape).toEqual(shape)
        data.map(number => stored(number, graph.outputs[at]?.type.element, precision)).forEach((number, i) => {
          if (!Number.isFinite(number)) expect(output?.data[i]).toBe(number)
          else expect(Math.abs((output?.data[i] ?? NaN) - number), `n = ${n}, output ${at}, element ${i}: ${output?.data[i]} against ${number}`).toBeLessThan(TOLERANCE[precision] * (1 + Math.abs(number)))
        })
      })
    }
  }
}

/** What a tensor of the type holds of a number. */
function stored(number: number, element: Element | undefined, precision: Precision): number {
  if (element === 'int') return Int32Array.of(number)[0] ?? NaN
  // Beyond 2¹²⁸ there is no f32.
  return precision === 'f32' && Math.fround(number) === Math.sign(number) * Infinity ? Math.fround(number) : number
}

/** An input that says how large n is, where the sample itself has none. */
const SIZED = real(namedDim('n'))

function sampled(sample: Sample): { readonly types: readonly TensorType[]; readonly graph: Graph; values(n: number): readonly Tensor[] } {
  const types = [...sample.inputs.map(input => input.type), SIZED]
  return {
    types,
    graph: buildGraph(types, (b, inputs) => sample.build(b, inputs.slice(0, -1))),
    values: n => [...sample.inputs.map(({ type, value }, at) => tensorFor(type, new Map([['n', n]]), value ?? (i => Math.fround(spread(i, at))))), tensorFor(SIZED, new Map([['n', n]]), () => 0)],
  }
}

/** What ONNX Runtime 1.30 has not: operators without a kernel for f64, and empty tensors that it does not take. */
const NO_F64_KERNEL: ReadonlySet<string> = new Set(['convolve', 'determinant', ...['tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh', 'softplus', 'erf', 'atan2']])
const NO_EMPTY: Readonly<Record<string, string>> = {
  'argSort the last axis': 'TopK of no elements divides by zero',
  'convolve output over two axes, dilated': 'Conv refuses an output without elements',
  'convolve kernel over two axes': 'Conv over no channels does not end',
}

async function itHolds(what: string, kind: string, precision: Precision, holds: () => Promise<void>): Promise<void> {
  if (precision === 'f32' || !NO_F64_KERNEL.has(kind)) return await holds()
  // Fails as soon as there is a kernel, so that the list stays true.
  await expect(holds(), what).rejects.toThrow(/Could not find an implementation for/)
}

for (const op of opNames) {
  const samples = SAMPLES[op]
  if (typeof samples === 'string' || typeof ONNX_LOWERINGS[op] === 'object') continue
  describe(op, () => {
    for (const sample of samples) {
      for (const precision of ['f64', 'f32'] as const) {
        it(`${sample.name} in ${precision}`, async () => {
          const { types, graph, values } = sampled(sample)
          const sizes = (sample.sizes ?? [3, 1, 0]).filter(n => n > 0 || NO_EMPTY[`${op} ${sample.name}`] === undefined)
          await itHolds(sample.name, op, precision, () => expectSame(graph, types, values, sizes, precision))
        })
      }
    }
  })
}

describe('refused operations', () => {
  const refused = opNames.filter(op => typeof ONNX_LOWERINGS[op] === 'object')

  it('are those of which ONNX has nothing, and those that are gone before', () => {
    expect(refused.toSorted()).toEqual(['cholesky', 'circuit', 'circuitMetric', 'circuitVjp', 'cofactors', 'derivative', 'entropy', 'input', 'mark', 'random', 'solve', 'stop'])
  })
})

describe('scalar functions', () => {
  for (const fn of Object.keys(SCALARS) as ScalarName[]) {
    for (const precision of ['f64', 'f32'] as const) {
      for (const element of ['real', 'int', 'bool'] as const) {
        const { arity, elements } = SCALARS[fn]
        const types = Array.from({ length: arity }, (_, at): TensorType => ({ element: elements === 'choose' && at === 0 ? 'bool' : element, shape: [namedDim('n')] }))
        if (scalarElement(fn, types.map(type => type.element)) === undefined || (element !== 'real' && precision === 'f64')) continue
        it(`${fn} of ${element} in ${precision}, at ordinary numbers and at the edges`, async () => {
          const graph = buildGraph(types, (b, inputs) => [b.scalar(fn, ...inputs)])
          const edges = argumentsFor(types, fn)
          await itHolds(fn, fn, precision, () => expectSame(graph, types, () => types.map((_, at) => ({ shape: [edges.length], data: edges.map(args => args[at] ?? 0) })), [edges.length], precision))
        })
      }
    }
  }
})

/** Every combination of these, which f32 holds as they are. */
function argumentsFor(types: readonly TensorType[], fn: ScalarName): readonly (readonly number[])[] {
  const reals = [-Infinity, -7.25, -2.5, -1, -0.5, -(2 ** -10), -(2 ** -30), 0, 2 ** -30, 2 ** -10, 0.5, 1, 1.5, 2.5, 7.25, Infinity, NaN]
  const numbers = { real: reals, int: [-7, -2, -1, 0, 1, 2, 3, 7], bool: [0, 1] }
  const combined = types.reduce<readonly (readonly number[])[]>((rows, { element }) => rows.flatMap(row => numbers[element].map(number => [...row, number])), [[]])
  return combined.filter(args => isDefined(fn, args))
}

/** C, which ONNX goes by, and JavaScript agree on all but these. */
function isDefined(fn: ScalarName, [x = 0, y = 0]: readonly number[]): boolean {
  switch (fn) {
    // 1 to the power of NaN and ±1 to that of ±∞ are 1 in C.
    case 'pow': return !(Math.abs(x) === 1 && !Number.isFinite(y)) && !(Number.isInteger(x) && x === 0 && y < 0)
    case 'int': return Number.isFinite(x)
    default: return true
  }
}
