/** Runs exported models in ONNX Runtime, an implementation of the standard that is not ours. */
import * as ort from 'onnxruntime-web'
import { serializeModel } from '../../compiler/onnx/serialize'
import type { OnnxGraph } from '../../compiler/onnx/model'
import type { Element } from '../../ir/type'
import type { Precision } from '../../ir/plan'
import type { Tensor } from '../support/evaluate'

// Without threads, which would keep a process alive. Errors come as exceptions: what it logs besides are hints on speed.
ort.env.wasm.numThreads = 1
ort.env.logLevel = 'fatal'

export interface OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** @param inputs with the elements of their types in the language */
  run(inputs: Readonly<Record<string, Tensor & { readonly element: Element }>>): Promise<Readonly<Record<string, Tensor>>>
}

export async function openGraph(graph: OnnxGraph, precision: Precision): Promise<OnnxSession> {
  return await openModel(await serializeModel(graph, 'test'), precision)
}

export async function openModel(bytes: Uint8Array, precision: Precision): Promise<OnnxSession> {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 4 })
  return {
    inputNames: session.inputNames, outputNames: session.outputNames,
    async run(inputs) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { element, shape, data }]) => [name, feed(element, shape, data, precision)]))
      const results = await session.run(feeds)
      return Object.fromEntries(Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: Array.from(data as ArrayLike<number>, Number) }]))
    },
  }
}

function feed(element: Element, shape: readonly number[], data: readonly number[], precision: Precision): ort.Tensor {
  switch (element) {
    case 'real': return precision === 'f32' ? new ort.Tensor('float32', Float32Array.from(data), shape) : new ort.Tensor('float64', Float64Array.from(data), shape)
    case 'int': return new ort.Tensor('int32', Int32Array.from(data), shape)
    case 'bool': return new ort.Tensor('bool', Uint8Array.from(data), shape)
    default: return element satisfies never
  }
}
