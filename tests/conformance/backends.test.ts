/** Every op of the table on every backend, with its gradient, as a plan runs it: against the plain evaluation. */
import { describe, expect, it } from 'vitest'
import { optimize } from '../../compiler/5-optimize/optimize'
import { programOf } from '../../compiler/6-emit/program'
import { eraseIdentity } from '../../compiler/4-differentiate'
import type { Graph, Value } from '../../ir/graph'
import type { OpName } from '../../ir/op'
import type { Precision } from '../../ir/plan'
import { OPS } from '../../ir/table'
import type { Backend } from '../../runtime/backends/backend'
import { REFERENCE } from '../../runtime/backends/reference'
import { WASM } from '../../runtime/backends/wasm'
import { buildGraph, gradients, spread, tensorFor, weightedSum } from '../support/differences'
import { evaluate, type Tensor } from '../support/evaluate'
import { SAMPLES, type Sample } from './samples'

const opNames = Object.keys(OPS) as OpName[]

/** f32 holds 2⁻²⁴ ≈ 6e−8 of a number; sums of some dozen products, and systems with condition numbers below 10, stay within 1e−5. */
const TOLERANCE: { readonly [P in Precision]: number } = { f64: 1e-11, f32: 1e-5 }

/** The sample's values, and the gradient of their weighted sum by each real input. */
function graphOf(sample: Sample): Graph {
  return buildGraph(sample.inputs.map(input => input.type), (b, inputs) => {
    const outputs = sample.build(b, inputs)
    const xs = inputs.filter((input): input is Value => input.type.element === 'real')
    return [...outputs, ...gradients(b, weightedSum(b, outputs), xs)]
  })
}

async function expectSame(backend: Backend, graph: Graph, inputs: readonly Tensor[], n: number, precision: Precision): Promise<void> {
  const sizes = new Map([['n', n]])
  const expected = evaluate(graph, inputs, { sizes })
  for (const each of [eraseIdentity(graph), optimize(eraseIdentity(graph))]) {
    const program = programOf(each, each.inputs.map((_, at) => `in${at}`), each.outputs.map((_, at) => `out${at}`))
    const executable = await backend.prepare(program, sizes, precision)
    // A program lists the inputs that it needs.
    for (const { name, data } of executable.inputs) data.set(inputs[Number(name.slice(2))]?.data ?? [])
    // The second run finds the storage as the first left it.
    await executable.run({ seed: 0, step: 0 })
    await executable.run({ seed: 0, step: 0 })
    executable.results.forEach(({ shape, data }, at) => {
      expect(shape).toEqual(expected[at]?.shape)
      expected[at]?.data.forEach((number, i) => {
        if (!Number.isFinite(number)) expect(data[i]).toBe(number)
        else expect(Math.abs((data[i] ?? NaN) - number), `output ${at}, element ${i}: ${data[i]} against ${number}`).toBeLessThan(TOLERANCE[precision] * (1 + Math.abs(number)))
      })
    })
  }
}

for (const backend of [REFERENCE, WASM]) for (const op of opNames) {
  const samples = SAMPLES[op]
  if (typeof samples === 'string' || op === 'random') continue
  describe(`${op} on the ${backend.name} backend`, () => {
    for (const sample of samples) {
      for (const precision of ['f64', 'f32'] as const) {
        it(`${sample.name}: value and gradient in ${precision} equal the plain evaluation`, async () => {
          const graph = graphOf(sample)
          for (const n of sample.sizes ?? [3, 1, 0]) {
            const inputs = sample.inputs.map(({ type, value }, at) => tensorFor(type, new Map([['n', n]]), value ?? (i => Math.fround(spread(i, at)))))
            await expectSame(backend, graph, inputs, n, precision)
          }
        })
      }
    }
  })
}
