/** Makes nodes that are simple already: every node goes through the rules of its op before it is built. */
import type { GraphBuilder } from '../../ir/builder'
import { sameShape, type Dim } from '../../ir/dim'
import type { Node, Value } from '../../ir/graph'
import type { OpAttributes, OpName, Reduction } from '../../ir/op'
import type { ScalarName } from '../../ir/scalar'
import type { Element } from '../../ir/type'

export type SimpleOp = Exclude<OpName, 'loop' | 'input'>

/** What may stand in place of a node; undefined where the rule has nothing to say. Never the node itself. */
export type Rule<Op extends OpName> = (make: Maker, attributes: OpAttributes[Op], inputs: readonly Value[]) => Value | undefined

export type Rules = { readonly [Op in SimpleOp]: readonly Rule<Op>[] }

/** Rules that keep finding something would be a bug; this many in a row end the search. */
const DEEPEST = 200

/** Counted across the graphs of one pass. */
export interface Tally { fired: number }

export class Maker {
  private depth = 0
  private readonly uses = new Map<Value, number>()

  constructor(readonly b: GraphBuilder, private readonly rules: Rules, private readonly tally: Tally) {}

  add<Op extends SimpleOp>(op: Op, attributes: OpAttributes[Op], inputs: readonly Value[]): Value {
    return this.simpler(op, attributes, inputs) ?? this.b.add(op, attributes, inputs)
  }

  /** What a rule puts in the place of such a node. */
  simpler<Op extends SimpleOp>(op: Op, attributes: OpAttributes[Op], inputs: readonly Value[]): Value | undefined {
    if (this.depth >= DEEPEST) return undefined
    this.depth++
    try {
      for (const rule of this.rules[op]) {
        const found = rule(this, attributes, inputs)
        if (found) {
          this.tally.fired++
          return found
        }
      }
      return undefined
    } finally {
      this.depth--
    }
  }

  /** Records that the value stands for one that was read so many times. */
  readTimes(value: Value, times: number): void {
    this.uses.set(value, (this.uses.get(value) ?? 0) + times)
  }

  /** True where nobody else reads the value, so that it goes when its reader does without. */
  isOnlyRead(value: Value): boolean {
    return (this.uses.get(value) ?? 1) <= 1
  }

  fill(element: Element, shape: readonly Dim[], value: number): Value {
    return this.add('fill', { element, shape, value }, [])
  }

  scalar(fn: ScalarName, ...inputs: readonly Value[]): Value {
    return this.add('elementwise', { fn }, inputs)
  }

  broadcast(x: Value, shape: readonly Dim[], axes: readonly number[]): Value {
    return this.add('broadcast', { shape, axes }, [x])
  }

  reshape(x: Value, shape: readonly Dim[]): Value {
    return sameShape(x.type.shape, shape) ? x : this.add('reshape', { shape }, [x])
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    return this.add('transpose', { permutation }, [x])
  }

  reduce(fn: Reduction, x: Value, axes: readonly number[]): Value {
    return axes.length === 0 ? x : this.add('reduce', { fn, axes }, [x])
  }

  /** The size as a number everywhere. */
  sizeLike(dim: Dim, like: Value): Value {
    const { element, shape } = like.type
    if (typeof dim === 'number') return this.fill(element, shape, dim)
    const size = this.add('size', { value: dim }, [])
    return this.broadcast(element === 'int' ? size : this.scalar('real', size), shape, [])
  }
}

// --------------------------------------------------------------------------------------------- what a value is

/** The value's node where it is one of that op. */
export function nodeOf<Op extends OpName>(value: Value | undefined, op: Op): (Node & { readonly op: Op }) | undefined {
  // The comparison narrows; TypeScript does not see it through the generic.
  return value?.node.op === op ? (value.node as Node & { readonly op: Op }) : undefined
}

/** The arguments of the scalar function that the value is. */
export function argumentsOf(value: Value | undefined, fn: ScalarName): readonly Value[] | undefined {
  const node = nodeOf(value, 'elementwise')
  return node?.attributes.fn === fn ? node.inputs : undefined
}

/** The number that the value is everywhere. */
export const uniform = (value: Value | undefined): number | undefined => nodeOf(value, 'fill')?.attributes.value

export const isUniform = (value: Value | undefined, number: number): boolean => uniform(value) === number

/** Sizes that are all known. */
export const knownShape = (shape: readonly Dim[]): shape is readonly number[] => shape.every(dim => typeof dim === 'number')

export const isKnown = (dim: Dim | undefined): dim is number => typeof dim === 'number'
