/**
 * Where the nodes of an ONNX graph are written: a scope for the main graph, and one for each body of a loop.
 *
 * ONNX broadcasts as NumPy does, while every value of ours has its full shape. So a scope holds a value under a shape that
 * still broadcasts to its own: x + b stays one `Add`, and only an operator that needs all elements has them repeated.
 */
import { productOfDims, sameShape, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import type { Precision } from '../../ir/plan'
import type { Element } from '../../ir/type'
import { neededNodes, type OnnxAttribute, type OnnxElement, type OnnxGraph, type OnnxNode, type OnnxValue } from './model'
import type { Constants, Names } from './names'
import type { SizeWriter } from './sizes'

/** A tensor by its name; `shape` broadcasts to that of the value that it is. */
export interface Held { readonly name: string; readonly shape: readonly Dim[] }

/** What all scopes of a model share. */
export interface Shared {
  readonly precision: Precision
  readonly names: Names
  readonly constants: Constants
  readonly sizes: SizeWriter
}

export class Scope {
  readonly nodes: OnnxNode[] = []
  private readonly held = new Map<Value, Held>()
  /** Where a value came out of its operator in another shape with the same elements. */
  private readonly flat = new Map<Value, Held>()

  constructor(readonly shared: Shared) {}

  nested(): Scope {
    return new Scope(this.shared)
  }

  // ---------------------------------------------------------------------------------------------------- writing

  /** Adds a node with one output. */
  emit(op: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string {
    const [output = ''] = this.emitMany(op, inputs, attributes, 1)
    return output
  }

  emitMany(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>>, count: number): readonly string[] {
    const outputs = Array.from({ length: count }, () => this.shared.names.unique(op.toLowerCase()))
    this.nodes.push({ op, inputs, outputs, attributes })
    return outputs
  }

  elementOf(element: Element): OnnxElement {
    switch (element) {
      case 'real': return this.shared.precision === 'f32' ? 'float' : 'double'
      case 'int': return 'int32'
      case 'bool': return 'bool'
      default: return element satisfies never
    }
  }

  /** A scalar. */
  number(value: number, element: Element): string {
    return this.shared.constants.of(this.elementOf(element), [], [value])
  }

  /** A list of ints, as operators take axes and shapes. */
  list(numbers: readonly number[]): string {
    return this.shared.constants.of('int64', [numbers.length], numbers)
  }

  typed(name: string, { element, shape }: Value['type'], doc = ''): OnnxValue {
    return { name, element: this.elementOf(element), shape: shape.map(dim => this.shared.sizes.label(dim)), doc }
  }

  /**
   * The graph of what has been written, with these outputs; what they do not need is left out. An output that comes from
   * elsewhere, or a second time, goes through a node of its own.
   */
  body(name: string, inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): OnnxGraph {
    const own = new Set(this.nodes.flatMap(node => node.outputs))
    const given = outputs.map(output => {
      const isFree = own.delete(output.name)
      return isFree ? output : { ...output, name: this.emit('Identity', [output.name]) }
    })
    return { name, doc: '', nodes: neededNodes(this.nodes, given.map(output => output.name)), inputs, outputs: given, constants: [] }
  }

  // ----------------------------------------------------------------------------------------------------- values

  hold(value: Value, held: Held): void {
    this.held.set(value, held)
  }

  /** A result in another shape with the same elements; the one that it has is made where something needs it. */
  holdReshaped(value: Value, flat: Held): void {
    this.flat.set(value, flat)
    this.hold(value, { name: this.reshape(flat, value.type.shape), shape: value.type.shape })
  }

  /** As it is, perhaps still to be broadcast. */
  heldOf(value: Value): Held {
    const held = this.held.get(value)
    if (!held) throw new Error(`onnx: %${value.node.id} ${value.node.op} has not been written`)
    return held
  }

  /** With all its elements. */
  read(value: Value): string {
    const { name, shape } = this.heldOf(value)
    if (sameShape(shape, value.type.shape)) return name
    const full = { name: this.emit('Expand', [name, this.shared.sizes.shape(value.type.shape)]), shape: value.type.shape }
    this.hold(value, full)
    return full.name
  }

  /** The value in another shape, by its shortest way there. */
  readAs(value: Value, shape: readonly Dim[]): string {
    return this.reshape(this.sourceOf(value), shape)
  }

  /** What a reshape of the value best starts from. */
  sourceOf(value: Value): Held {
    return this.flat.get(value) ?? { name: this.read(value), shape: value.type.shape }
  }

  reshape({ name, shape: from }: Held, to: readonly Dim[]): string {
    if (sameShape(from, to)) return name
    const open = to.filter(dim => typeof dim !== 'number')
    const rest = to.filter((dim): dim is number => typeof dim === 'number')
    // A 0 would copy an axis, and beside it −1 could be anything.
    if (open.length <= 1 && !rest.includes(0)) return this.emit('Reshape', [name, this.list(to.map(dim => (typeof dim === 'number' ? dim : -1)))])
    return this.emit('Reshape', [name, this.shared.sizes.shape(to)], { allowzero: 1 })
  }
}

// ---------------------------------------------------------------------------------------------------- broadcasting

/** The shape without its leading ones. */
export function trimmed(shape: readonly Dim[]): readonly Dim[] {
  const first = shape.findIndex(dim => dim !== 1)
  return first < 0 ? [] : shape.slice(first)
}

/** Aligned at the right, as in NumPy. */
export function jointShape(shapes: readonly (readonly Dim[])[]): readonly Dim[] {
  const rank = Math.max(0, ...shapes.map(shape => shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map(shape => shape[axis - rank + shape.length] ?? 1)
    return sizes.find(size => size !== 1) ?? 1
  })
}

/** One axis in the place of `count` from `first` on. */
export const mergedAxes = (shape: readonly Dim[], first: number, count: number): readonly Dim[] =>
  [...shape.slice(0, first), productOfDims(shape.slice(first, first + count)), ...shape.slice(first + count)]
