/** ONNX models as bytes: the one file that knows the `onnx-proto` package, which holds the protocol buffers of the format. */
import type { onnx } from 'onnx-proto'
import { DATA_TYPES, type OnnxAttribute, type OnnxElement, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue } from './model'

/** The operator set that the nodes are of; ONNX 1.12 brought it, and with it version 8 of the format. */
export const OPSET = 17
const IR_VERSION = 8

/** Protocol buffers end there, and so does what a runtime can read as one file. */
export const MOST_BYTES = 2 ** 31 - 1

/**
 * @param version of the compiler
 * @returns the content of an `.onnx` file
 */
export async function serializeModel(graph: OnnxGraph, version: string): Promise<Uint8Array> {
  const { default: { onnx: { ModelProto } } } = await import('onnx-proto')
  const model: onnx.IModelProto = {
    irVersion: IR_VERSION, opsetImport: [{ domain: '', version: OPSET }], producerName: 'bpc', producerVersion: version, docString: graph.doc,
    graph: graphProto(graph),
  }
  // A view into the writer's own pool would keep all of it alive.
  return ModelProto.encode(model).finish().slice()
}

function graphProto({ name, doc, nodes, inputs, outputs, constants }: OnnxGraph): onnx.IGraphProto {
  return { name, docString: doc, node: nodes.map(nodeProto), input: inputs.map(valueProto), output: outputs.map(valueProto), initializer: constants.map(tensorProto) }
}

function nodeProto({ op, inputs, outputs, attributes }: OnnxNode): onnx.INodeProto {
  return { opType: op, name: outputs[0] ?? '', input: [...inputs], output: [...outputs], attribute: Object.entries(attributes).map(attributeProto) }
}

/** AttributeProto.AttributeType: INT 2, STRING 3, GRAPH 5, INTS 7. */
function attributeProto([name, value]: readonly [string, OnnxAttribute]): onnx.IAttributeProto {
  if (typeof value === 'number') return { name, type: 2, i: value }
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) }
  return 'nodes' in value ? { name, type: 5, g: graphProto(value) } : { name, type: 7, ints: [...value] }
}

function valueProto({ name, element, shape, doc }: OnnxValue): onnx.IValueInfoProto {
  const dim = shape.map(size => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, docString: doc, type: { tensorType: { elemType: DATA_TYPES[element], shape: { dim } } } }
}

function tensorProto({ name, element, shape, data }: OnnxTensor): onnx.ITensorProto {
  return { name, dataType: DATA_TYPES[element], dims: [...shape], rawData: new Uint8Array(rawData(element, data).buffer) }
}

/** Little-endian, as every machine is that runs JavaScript. */
function rawData(element: OnnxElement, data: ArrayLike<number>): { readonly buffer: ArrayBuffer } {
  switch (element) {
    case 'float': return Float32Array.from(data)
    case 'double': return Float64Array.from(data)
    case 'int32': return Int32Array.from(data)
    case 'int64': return BigInt64Array.from(Array.from(data), BigInt)
    case 'bool': return Uint8Array.from(data)
    default: return element satisfies never
  }
}
