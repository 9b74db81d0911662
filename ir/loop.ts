/**
 * Builds a loop op. What the body uses from outside becomes its constants, and the value of every carry at the start of
 * each iteration is yielded too, after the caller's yields: reverse mode reads that history, and where nothing does the
 * optimiser drops it.
 */
import type { Dim } from './dim'
import type { GraphBuilder } from './builder'
import { reachableNodes, type Graph, type Value } from './graph'
import { int, tensor } from './type'

export interface LoopResults {
  /** The carries after the last iteration. */
  readonly final: readonly Value[]
  /** Of shape [trip, …]. */
  readonly yields: readonly Value[]
  /** Every carry at the start of each iteration, [trip, …]. */
  readonly histories: readonly Value[]
}

export class LoopBuilder {
  readonly body: GraphBuilder
  readonly counter: Value
  readonly carries: readonly Value[]
  private readonly sequences: { readonly outer: Value; readonly row: Value }[] = []

  /** @param initial first values of the carries, in `outer` or around it */
  constructor(
    readonly outer: GraphBuilder,
    readonly trip: Dim,
    private readonly initial: readonly Value[],
    private readonly reverse = false,
  ) {
    this.body = outer.nested()
    this.counter = this.body.input('counter', int())
    this.carries = initial.map((value, at) => this.body.input(`carry${at}`, value.type))
  }

  /** One row, in the body, of an outer value of shape [trip, …]. */
  rowOf(sequence: Value): Value {
    const outer = this.outer.use(sequence)
    const known = this.sequences.find(other => other.outer === outer)
    if (known) return known.row
    const row = this.body.input('row', tensor(outer.type.element, outer.type.shape.slice(1)))
    this.sequences.push({ outer, row })
    return row
  }

  /**
   * @param next the carries after one iteration, with the types of the initial ones
   * @param yields one row each, in the body
   */
  finish(next: readonly Value[], yields: readonly Value[]): LoopResults {
    const outputs = [...next, ...yields, ...this.carries].map(value => this.body.use(value))
    // What was captured and then not used stays outside: reverse mode recomputes more than it reads.
    const used = new Set(reachableNodes(outputs))
    const captures = [...this.body.captures()].filter(([, stand]) => used.has(stand.node))
    const sequences = this.sequences.filter(({ row }) => used.has(row.node))
    const body = this.body.finish(outputs, [
      this.counter, ...this.carries, ...captures.map(([, stand]) => stand), ...sequences.map(({ row }) => row),
    ])
    const { results } = this.outer.addNode(
      'loop',
      { trip: this.trip, reverse: this.reverse, carries: next.length, constants: captures.length, body },
      [...this.initial, ...captures.map(([value]) => value), ...sequences.map(({ outer }) => outer)],
    )
    const histories = next.length + yields.length
    return { final: results.slice(0, next.length), yields: results.slice(next.length, histories), histories: results.slice(histories) }
  }
}

/** The yield of a loop that holds the history of each carry. */
export function historyOf(body: Graph, carries: number): readonly (number | undefined)[] {
  return Array.from({ length: carries }, (_, carry) => {
    const at = body.outputs.findIndex((output, index) => index >= carries && output === body.inputs[1 + carry])
    return at < 0 ? undefined : at
  })
}
