/**
 * The optimiser: graph to graph, the same values for less work. Gradients exist before it runs, so no rewrite here knows of
 * training.
 */
import type { Graph } from '../../ir/graph'
import { accumulate } from './accumulate'
import { lift } from './lift'
import { narrow } from './narrow'
import { prune } from './prune'
import { share } from './share'
import { simplify } from './simplify'
import { sink } from './sink'

/** Rounds end when nothing changes; each is one pass over all nodes. */
const MOST_ROUNDS = 8

const PASSES = [prune, simplify, prune, narrow, share, lift, sink, accumulate] as const

/** The graph with the same inputs and outputs. */
export function optimize(graph: Graph): Graph {
  let current = graph
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = current
    for (const pass of PASSES) current = pass(current)
    if (current === before) break
  }
  return current
}
