/** What a rule of the table is given, and how it reads the node. */
import type { GraphBuilder } from '../../ir/builder'
import type { Dim } from '../../ir/dim'
import type { Node, Value } from '../../ir/graph'
import type { OpName } from '../../ir/op'
import type { NodeOf } from './rebuild'

/** A node with one result, and that result's cotangent. */
export interface Pullback<Op extends OpName> {
  readonly b: GraphBuilder
  readonly node: NodeOf<Op>
  readonly result: Value
  readonly cotangent: Value
}

/** @returns one cotangent an input; `undefined` is zero, and what nobody asked for is dropped */
export type VjpRule<Op extends OpName> = (pullback: Pullback<Op>) => readonly (Value | undefined)[]

export function inputAt(node: Node, at: number): Value {
  const input = node.inputs[at]
  if (!input) throw new Error(`vjp: ${node.op} %${node.id} has no input ${at}`)
  return input
}

export const inputShape = (node: Node): readonly Dim[] => inputAt(node, 0).type.shape

export function dimAt(dims: readonly Dim[], axis: number): Dim {
  const dim = dims[axis]
  if (dim === undefined) throw new Error(`vjp: no axis ${axis}`)
  return dim
}
