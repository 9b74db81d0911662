/** The reverse of a loop is a loop that runs the other way, reads the carries' histories and recomputes the body from them. */
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import { historyOf, LoopBuilder } from '../../ir/loop'
import { valuesLeadingTo, valuesOfBodyLeadingTo } from './paths'
import { copyInto, type NodeOf } from './rebuild'

/** A value with its cotangent: where reverse mode starts. */
export interface Seed {
  readonly value: Value
  readonly cotangent: Value
}

export interface LoopPullback {
  readonly b: GraphBuilder
  readonly node: NodeOf<'loop'>
  /** Of the node's results. */
  readonly cotangents: readonly (Value | undefined)[]
  /** By input: whether some x lies behind it. */
  readonly wanted: readonly boolean[]
  /** Reverse mode itself, for the body. */
  pullBack(b: GraphBuilder, seeds: readonly Seed[], xs: readonly Value[]): readonly (Value | undefined)[]
}

/**
 * With (h', y_t) = f(h, c, x_t) in iteration t and their cotangents ḣ', ẏ_t: (ḣ, ċ, ẋ_t) = (ḣ', ẏ_t)·∂f/∂(h, c, x_t). ḣ is a
 * carry of the reverse loop, ċ adds up in another, ẋ_t is a yield.
 */
export function pullBackLoop({ b, node, cotangents, wanted, pullBack }: LoopPullback): readonly (Value | undefined)[] {
  const { trip, reverse: backwards, carries, constants, body } = node.attributes
  const wantedFrom = (start: number, end: number) => node.inputs.map((_, at) => at)
    // Of a value that is given twice, the first place gets the whole cotangent.
    .filter(at => at >= start && at < end && wanted[at] && node.inputs.indexOf(inputAt(node, at), start) === at)
  const wantedConstants = wantedFrom(carries, carries + constants)
  const wantedSequences = wantedFrom(carries + constants, node.inputs.length)
  const moving = movingCarries(node, cotangents, wanted)

  const loop = new LoopBuilder(b, trip, [
    ...moving.map(carry => cotangents[carry] ?? zeros(b, inputAt(node, carry))),
    ...wantedConstants.map(at => zeros(b, inputAt(node, at))),
  ], !backwards)
  const histories = historyOf(body, carries)
  const forward = node.inputs.map((input, at) => {
    if (at >= carries + constants) return loop.rowOf(input)
    if (at >= carries) return loop.body.use(input)
    const history = node.results[histories[at] ?? -1]
    if (!history) throw new Error(`reverse: loop %${node.id} does not yield the history of carry ${at}`)
    return loop.rowOf(history)
  })
  const outputs = copyInto(loop.body, body, [loop.counter, ...forward])

  const xs = [...moving, ...wantedConstants, ...wantedSequences]
  const found = pullBack(loop.body, seedsOf(loop, outputs, moving, cotangents.slice(carries), carries), xs.map(at => valueAt(forward, at)))
  const cotangentOf = (at: number) => found[xs.indexOf(at)]
  const { final, yields } = loop.finish(
    [
      ...moving.map(carry => cotangentOf(carry) ?? zeros(loop.body, valueAt(forward, carry))),
      ...wantedConstants.map((at, index) => plus(loop.body, valueAt(loop.carries, moving.length + index), cotangentOf(at))),
    ],
    wantedSequences.map(at => cotangentOf(at) ?? zeros(loop.body, valueAt(forward, at))),
  )
  const results = new Map([...moving, ...wantedConstants].map((at, index) => [at, final[index]]))
  wantedSequences.forEach((at, index) => results.set(at, yields[index]))
  return node.inputs.map((_, at) => results.get(at))
}

/** Where reverse mode starts in one iteration: at the carries' next values, and at the rows that were yielded. */
function seedsOf(
  loop: LoopBuilder, outputs: readonly Value[], moving: readonly number[], yielded: readonly (Value | undefined)[], carries: number,
): readonly Seed[] {
  return [
    ...moving.map((carry, at) => ({ value: valueAt(outputs, carry), cotangent: valueAt(loop.carries, at) })),
    ...yielded.flatMap((cotangent, at) => (cotangent ? [{ value: valueAt(outputs, carries + at), cotangent: loop.rowOf(cotangent) }] : [])),
  ]
}

/** The carries through which an x that is wanted reaches a result that has a cotangent. */
function movingCarries(node: NodeOf<'loop'>, cotangents: readonly (Value | undefined)[], wanted: readonly boolean[]): readonly number[] {
  const { body, carries } = node.attributes
  const active = valuesOfBodyLeadingTo(new Set(body.inputs.filter((_, at) => at > 0 && wanted[at - 1])), body, carries)
  const behind = body.inputs.slice(1, 1 + carries)
    .map((input, carry) => ({ carry, input, leading: valuesLeadingTo(new Set([input]), body.nodes) }))
    .filter(({ input }) => active.has(input))
  // A carry's cotangent comes from its final value, from yields, and from carries of the next iteration.
  const reached = new Set(cotangents.map((_, at) => at).filter(at => cotangents[at]))
  for (let before = -1; before !== reached.size;) {
    before = reached.size
    const ends = body.outputs.filter((_, at) => reached.has(at))
    for (const { carry, leading } of behind) if (ends.some(end => leading.has(end))) reached.add(carry)
  }
  return behind.map(({ carry }) => carry).filter(carry => reached.has(carry))
}

/** By row of the first axis, the product of the rows before it (after it, where `reverse`): an exclusive product. */
export function runningProduct(b: GraphBuilder, x: Value, reverse: boolean): Value {
  const [trip = 0, ...shape] = x.type.shape
  const loop = new LoopBuilder(b, trip, [b.fill('real', shape, 1)], reverse)
  const product = valueAt(loop.carries, 0)
  return valueAt(loop.finish([loop.body.scalar('mul', product, loop.rowOf(x))], []).histories, 0)
}

const zeros = (b: GraphBuilder, like: Value) => b.fill('real', like.type.shape, 0)
const plus = (b: GraphBuilder, sum: Value, term: Value | undefined) => (term ? b.scalar('add', sum, term) : sum)
const inputAt = (node: NodeOf<'loop'>, at: number) => valueAt(node.inputs, at)

function valueAt(values: readonly Value[], at: number): Value {
  const value = values[at]
  if (!value) throw new Error(`reverse: a loop has no value ${at}`)
  return value
}
