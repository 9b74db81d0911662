/** What the rows of the mapping table share: what they are given, and how leading axes are put where an op wants them. */
import type { GraphBuilder } from './builder'
import { productOfDims, type Dim } from './dim'
import type { Node, Value } from './graph'
import type { OpName } from './op'

export interface MapArgument {
  readonly value: Value
  readonly mapped: boolean
}

export type NodeOf<Op extends OpName> = Extract<Node, { readonly op: Op }>

export interface Mapping<Op extends OpName> {
  readonly b: GraphBuilder
  readonly node: NodeOf<Op>
  /** At least one of them is mapped. */
  readonly inputs: readonly MapArgument[]
  readonly lead: readonly Dim[]
}

export const own = (lead: readonly Dim[]): readonly number[] => lead.map((_, axis) => axis)
export const shifted = (axes: readonly number[], lead: readonly Dim[]): readonly number[] => axes.map(axis => axis + lead.length)
export const same = (lead: readonly Dim[], value: number): readonly number[] => lead.map(() => value)

/** The value as a mapped one, repeated where it is not. */
export function spread(b: GraphBuilder, input: MapArgument | undefined, lead: readonly Dim[]): Value {
  const value = given(input)
  const { shape } = value.type
  return input?.mapped ? value : b.add('broadcast', { shape: [...lead, ...shape], axes: shape.map((_, axis) => axis + lead.length) }, [value])
}

/** `count` axes from `from` put before what is then axis `to` of the others. */
export function moveAxes(b: GraphBuilder, x: Value, from: number, count: number, to: number): Value {
  const axes = x.type.shape.map((_, axis) => axis)
  const moved = axes.splice(from, count)
  axes.splice(to, 0, ...moved)
  return b.transpose(x, axes)
}

/** Leading axes made part of an axis of the value itself, counted without them: [lead, …, n, …] → […, lead·n, …]. */
export function foldLead(b: GraphBuilder, x: Value, lead: readonly Dim[], axis: number): Value {
  const moved = moveAxes(b, x, 0, lead.length, axis)
  const { shape } = moved.type
  const end = axis + lead.length + 1
  return b.reshape(moved, [...shape.slice(0, axis), productOfDims(shape.slice(axis, end)), ...shape.slice(end)])
}

/** The other way round. @param size of the axis without the leading ones */
export function unfoldLead(b: GraphBuilder, x: Value, lead: readonly Dim[], axis: number, size: Dim): Value {
  const { shape } = x.type
  return moveAxes(b, b.reshape(x, [...shape.slice(0, axis), ...lead, size, ...shape.slice(axis + 1)]), axis, lead.length, 0)
}

export function given(input: MapArgument | undefined): Value {
  return input?.value ?? fail('an input is missing')
}

export function dimAt(shape: readonly Dim[], axis: number): Dim {
  return shape[axis] ?? fail(`no axis ${axis}`)
}

export function fail(what: string): never {
  throw new Error(`map: ${what}`)
}
