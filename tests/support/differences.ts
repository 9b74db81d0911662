/** Central differences of graphs: the plainest derivative there is, to hold the compiler's to. */
import { expect } from 'vitest'
import { reverse } from '../../compiler/4-differentiate'
import { GraphBuilder } from '../../ir/builder'
import { evaluateDim, productOfDims, type Sizes } from '../../ir/dim'
import type { Graph, Value } from '../../ir/graph'
import type { TensorType } from '../../ir/type'
import { verify } from '../../ir/verify'
import { evaluate, tensorOf, type Tensor } from './evaluate'

/** h = 1e−5 leaves h²·f‴/6 ≈ 1e−10 of truncation and 1e−16·|f|/h ≈ 1e−11 of rounding; 1e−7 covers third derivatives up to 1000. */
const STEP = 1e-5
export const TOLERANCE = 1e-7

/** Numbers in (−1.5, 1.5), reproducible, none within 1e−3 of another or of 0 for the first few hundred. */
export function spread(i: number, stream: number): number {
  // Weyl's sequence by the golden ratio, shifted for each stream.
  return (((i + 1) * 0.6180339887498949 + stream * 0.3819660112501051 / 7 + 0.0137) % 1) * 3 - 1.5
}

export function tensorFor(type: TensorType, sizes: Sizes, value: (i: number) => number): Tensor {
  const shape = type.shape.map(dim => evaluateDim(dim, sizes))
  return tensorOf(shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)))
}

export function buildGraph(types: readonly TensorType[], build: (b: GraphBuilder, inputs: readonly Value[]) => readonly Value[]): Graph {
  const b = GraphBuilder.create()
  const graph = b.finish(build(b, types.map((type, at) => b.input(`x${at}`, type))))
  verify(graph)
  return graph
}

/** Σ wᵢ·yᵢ with weights that tell every element apart: a scalar that depends on all of y. */
export function weighted(b: GraphBuilder, y: Value, stream: number): Value {
  // sin(1 + stream + 0.7·i) along the elements in order; any size, symbolic too.
  const flat = b.reshape(y, [productOfDims(y.type.shape)])
  const size = flat.type.shape[0] ?? 1
  const i = b.cast(b.add('iota', { size }, []), 'real')
  const number = (value: number) => b.fill('real', [size], value)
  const weights = b.scalar('sin', b.scalar('add', number(1 + stream), b.scalar('mul', number(0.7), i)))
  return b.reduce('sum', b.scalar('mul', weights, flat), [0])
}

/** A scalar that depends on every real output. */
export function weightedSum(b: GraphBuilder, outputs: readonly Value[]): Value {
  return outputs.filter(output => output.type.element === 'real')
    .map((output, at) => weighted(b, output, at))
    .reduce((sum, term) => b.scalar('add', sum, term), b.fill('real', [], 0))
}

/** The gradients of a scalar; zeros where there is no path. */
export function gradients(b: GraphBuilder, loss: Value, xs: readonly Value[]): readonly Value[] {
  return reverse(b, loss, b.fill('real', [], 1), xs).map((gradient, at) => gradient ?? b.fill('real', xs[at]?.type.shape ?? [], 0))
}

/**
 * Holds outputs 1… of a graph, one for each of the inputs `by`, to the central differences of output 0, a scalar.
 */
export function expectDifferences(graph: Graph, inputs: readonly Tensor[], by: readonly number[], options: { sizes?: Sizes; tolerance?: number } = {}): void {
  const { sizes = new Map<string, number>(), tolerance = TOLERANCE } = options
  const outputs = evaluate(graph, inputs, { sizes })
  const valueOnly = { ...graph, outputs: graph.outputs.slice(0, 1) }
  by.forEach((input, at) => {
    const x = inputs[input]
    const gradient = outputs[1 + at]
    if (!x || !gradient) throw new Error(`no gradient ${at} by input ${input}`)
    expect(gradient.shape).toEqual(x.shape)
    x.data.forEach((value, element) => {
      const valueAt = (moved: number) => evaluate(valueOnly, inputs.with(input, tensorOf(x.shape, x.data.with(element, moved))), { sizes })[0]?.data[0] ?? NaN
      const difference = (valueAt(value + STEP) - valueAt(value - STEP)) / (2 * STEP)
      const found = gradient.data[element] ?? NaN
      const allowed = tolerance * (1 + Math.abs(difference))
      expect(Math.abs(found - difference), `by element ${element} of input ${input}: ${found}, by differences ${difference}`).toBeLessThan(allowed)
    })
  })
}
