/** An ONNX model as data, as far as the lowering makes one: https://onnx.ai/onnx/repo-docs/IR.html. */

export type OnnxElement = 'float' | 'double' | 'int32' | 'int64' | 'bool'

/** The numbers of TensorProto.DataType. */
export const DATA_TYPES: { readonly [Element in OnnxElement]: number } = { float: 1, int32: 6, int64: 7, bool: 9, double: 11 }

/** Row-major; bools are 0 and 1. */
export interface OnnxTensor {
  readonly name: string
  readonly element: OnnxElement
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}

/** An axis is a number, or the name of what a call binds. */
export interface OnnxValue {
  readonly name: string
  readonly element: OnnxElement
  readonly shape: readonly (number | string)[]
  readonly doc: string
}

/** An int, ints, a text, or the body of a loop; the operators that are used have no other attributes. */
export type OnnxAttribute = number | readonly number[] | string | OnnxGraph

export interface OnnxNode {
  readonly op: string
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

/** A body reads the values of the graphs around it by their names. */
export interface OnnxGraph {
  readonly name: string
  readonly doc: string
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly constants: readonly OnnxTensor[]
}

/** Bodies that a node holds. */
const bodiesOf = (node: OnnxNode): readonly OnnxGraph[] =>
  Object.values(node.attributes).filter((value): value is OnnxGraph => typeof value === 'object' && 'nodes' in value)

/** Every name that a node reads, in its bodies too; those that a body makes itself are among them, and harm nobody. */
export function namesReadBy(node: OnnxNode): readonly string[] {
  return [...node.inputs, ...bodiesOf(node).flatMap(body => [...body.nodes.flatMap(namesReadBy), ...body.outputs.map(({ name }) => name)])]
}

/** The nodes that the named values need, in their order. */
export function neededNodes(nodes: readonly OnnxNode[], names: readonly string[]): readonly OnnxNode[] {
  const needed = new Set(names)
  const kept: OnnxNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some(name => needed.has(name))) continue
    kept.push(node)
    for (const name of namesReadBy(node)) needed.add(name)
  }
  return kept.reverse()
}

/** The same nodes with other names for some values. */
export function renameValues(nodes: readonly OnnxNode[], names: ReadonlyMap<string, string>): readonly OnnxNode[] {
  const renamed = (name: string) => names.get(name) ?? name
  return nodes.map(node => ({
    ...node, inputs: node.inputs.map(renamed), outputs: node.outputs.map(renamed),
    attributes: Object.fromEntries(Object.entries(node.attributes).map(([key, value]) =>
      [key, typeof value === 'object' && 'nodes' in value ? { ...value, nodes: renameValues(value.nodes, names), outputs: value.outputs.map(each => ({ ...each, name: renamed(each.name) })) } : value])),
  }))
}
