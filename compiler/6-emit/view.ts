/**
 * Views: values that are only another way to look at one. A kernel reads through broadcasts, transposes and axes of one by
 * its loads, so no such value is ever stored for a kernel's sake.
 */
import { sameDim, type Dim } from '../../ir/dim'
import type { Graph, Node, Value } from '../../ir/graph'
import type { Element } from '../../ir/type'

/** `base` looked at: its axis a is axis `axes[a]` of the viewing value, or stands at 0 where that is −1. */
export interface View {
  readonly base: Value
  readonly axes: readonly number[]
}

export interface Literal {
  readonly value: number
  readonly element: Element
}

/** How the values of a graph are read by kernels. */
export interface Reading {
  view(value: Value): View
  /** The number that the value is everywhere, known now. */
  literal(value: Value): Literal | undefined
}

/** Every value read as it is: one step a node. */
export const PLAIN_READING: Reading = { view: plainView, literal: () => undefined }

/** Reads through views, and takes uniform constants as literals. */
export function foldedReading(graph: Graph): Reading {
  const views = new Map<Value, View>()
  const view = (value: Value) => views.get(value) ?? plainView(value)
  // Inputs come first, so each view's own base is resolved already.
  for (const node of graph.nodes) {
    const axes = viewAxes(node)
    const [input] = node.inputs
    const [result] = node.results
    if (!axes || !input || !result) continue
    const inner = view(input)
    views.set(result, { base: inner.base, axes: inner.axes.map(axis => (axis < 0 ? -1 : axes[axis] ?? -1)) })
  }
  return { view, literal: literalOf }
}

/** True where every axis of the viewing value is the same axis of the base. */
export const isIdentity = (axes: readonly number[], rank: number): boolean =>
  axes.length === rank && axes.every((axis, at) => axis === at)

function plainView(value: Value): View {
  return { base: value, axes: value.type.shape.map((_, axis) => axis) }
}

/** Where each axis of the node's input lies in its result; undefined for a node that is no view. */
function viewAxes(node: Node): readonly number[] | undefined {
  const from = node.inputs[0]?.type.shape ?? []
  switch (node.op) {
    case 'broadcast': return node.attributes.axes.map((axis, at) => (from[at] === 1 ? -1 : axis))
    case 'transpose': return from.map((_, axis) => node.attributes.permutation.indexOf(axis))
    case 'reshape': return unitAxes(from, node.attributes.shape)
    default: return undefined
  }
}

/** The axes of a reshape that only adds or drops axes of one. */
function unitAxes(from: readonly Dim[], to: readonly Dim[]): readonly number[] | undefined {
  const targets = to.flatMap((dim, axis) => (dim === 1 ? [] : [{ dim, axis }]))
  let next = 0
  const axes = from.map(dim => {
    if (dim === 1) return -1
    const target = targets[next++]
    return target && sameDim(target.dim, dim) ? target.axis : undefined
  })
  const found = axes.filter(axis => axis !== undefined)
  return found.length === axes.length && next === targets.length ? found : undefined
}

function literalOf({ node }: Value): Literal | undefined {
  switch (node.op) {
    case 'fill': return { value: node.attributes.value, element: node.attributes.element }
    case 'constant': {
      const [value, ...rest] = node.attributes.data
      return value === undefined || rest.length > 0 ? undefined : { value, element: node.attributes.element }
    }
    case 'size': return typeof node.attributes.value === 'number' ? { value: node.attributes.value, element: 'int' } : undefined
    default: return undefined
  }
}
