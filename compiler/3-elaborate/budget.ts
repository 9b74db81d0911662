/** What elaboration may take: it writes calls, constants and gates out, and a short program can ask for more than any time or memory. */
import { GivenUp } from '../diagnostics/contain'
import type { Span } from '../source/source'
import { HugeGraph } from '../../ir/builder'
import { HugeDim } from '../../ir/dim'
import type { Graph } from '../../ir/graph'

/** Enough for a million gates with an angle and two indices each; what is refused for it has taken about two seconds. */
const STEPS = 40_000_000
/** Expressions that are open at a time; four times as many fill the stack. */
const DEPTH = 1200
const CALLS = 100
/** Loops around each other while a model runs, through calls: each is a graph within a graph. */
const LOOPS = 32
/** Of one tensor that is known now; as text in the plan, 10 MB. */
export const NUMBERS_LIMIT = 1_000_000
/** Nodes of a model's graph; every later phase goes through them several times. */
const OPERATIONS = 50_000

/** What steps cost that are more than one expression. */
export const COSTS = { turn: 15, gate: 5, call: 400, loop: 1000 } as const

export class Budget {
  /** What is being evaluated, for a mistake without a place of its own. */
  at: Span | undefined
  #steps = 0
  #depth = 0

  /** An expression begins. @returns what it stands in, for `leave` */
  enter(span: Span): Span | undefined {
    const outer = this.at
    this.at = span
    if (++this.#depth > DEPTH) throw GivenUp.with('too-deep', span, { what: 'expressions, through calls and constants,', limit: DEPTH })
    if (++this.#steps > STEPS) this.#refuse(span)
    return outer
  }

  leave(outer: Span | undefined): void {
    this.#depth--
    this.at = outer
  }

  spend(steps: number, span: Span | undefined = this.at): void {
    this.#steps += steps
    if (this.#steps > STEPS && span) this.#refuse(span)
  }

  /** @param depth how many calls lead here */
  call(depth: number, span: Span): void {
    if (depth >= CALLS) throw GivenUp.with('too-deep', span, { what: 'calls', limit: CALLS })
    this.spend(COSTS.call, span)
  }

  /** @param depth how many loops stand around this one */
  loop(depth: number, span: Span): void {
    if (depth >= LOOPS) throw GivenUp.with('too-deep', span, { what: 'loops', limit: LOOPS })
    this.spend(COSTS.loop, span)
  }

  /** Numbers known now, of which `what` is about to have so many. */
  numbers(shape: readonly number[], what = 'this constant'): void {
    const count = shape.reduce((product, size) => product * size, 1)
    if (count > NUMBERS_LIMIT && this.at) throw GivenUp.with('too-many-numbers', this.at, { what, count, limit: NUMBERS_LIMIT })
    this.spend(count)
  }

  operations(graph: Graph, span: Span): void {
    const count = nodesOf(graph)
    if (count > OPERATIONS) throw GivenUp.with('too-many-operations', span, { what: 'this model', limit: OPERATIONS })
  }

  #refuse(span: Span): never {
    throw GivenUp.with('too-many-steps', span, { limit: STEPS })
  }
}

/** With the bodies of its loops. */
function nodesOf({ nodes }: Graph): number {
  return nodes.reduce((sum, node) => sum + 1 + (node.op === 'loop' ? nodesOf(node.attributes.body) : 0), 0)
}

/** A size or a graph that has grown too large is the program's mistake, wherever it comes up. */
export function withinBounds<Made>(place: () => Span, work: () => Made): Made {
  try {
    return work()
  } catch (error) {
    if (error instanceof HugeDim) throw GivenUp.with('size-too-long', place(), { limit: error.limit })
    if (error instanceof HugeGraph) throw GivenUp.with('too-many-operations', place(), { what: 'with its derivatives, this model', limit: error.limit })
    throw error
  }
}
