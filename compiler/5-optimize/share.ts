/**
 * A loop that computes again what an earlier one computed, as the backward pass of a recurrent model does, reads it instead:
 * the earlier loop yields it.
 *
 * Both loops see iteration i with the same rows, constants and, through the history, carries; so equal expressions over
 * these are equal values, whichever way each loop runs.
 */
import { GraphBuilder } from '../../ir/builder'
import { sameDim } from '../../ir/dim'
import type { Graph, Node, Value } from '../../ir/graph'
import { SCALARS } from '../../ir/scalar'
import { OPS, type OpKind } from '../../ir/table'
import { allKept, at, copied, mapped, rebuild, rebuildLoop, rebuildNodes, type LoopNode, type Replace } from './rebuild'
import { isModest } from './residence'
import { COMMUTATIVE } from './rules/scalar'

/** Values of a later loop's body → equal ones of an earlier loop's. */
interface Sharing {
  readonly from: LoopNode
  readonly values: ReadonlyMap<Value, Value>
}

/** The graph with such values computed once; itself where there are none. Loops in loops are left alone. */
export function share(graph: Graph): Graph {
  const loops = graph.nodes.filter((node): node is LoopNode => node.op === 'loop')
  const sharings = new Map<LoopNode, Sharing>()
  for (const later of loops) {
    const histories = new Set(later.inputs.map(input => input.node))
    for (const earlier of loops) {
      if (!histories.has(earlier) || !sameDim(earlier.attributes.trip, later.attributes.trip)) continue
      const values = sharedValues(earlier, later)
      if (values.size > 0 && !sharings.has(later)) sharings.set(later, { from: earlier, values })
    }
  }
  return sharings.size === 0 ? graph : rebuild(graph, () => shareIn(sharings))
}

function shareIn(sharings: ReadonlyMap<LoopNode, Sharing>): Replace {
  const wanted = new Map<LoopNode, readonly Value[]>()
  for (const { from, values } of sharings.values()) wanted.set(from, [...new Set([...wanted.get(from) ?? [], ...values.values()])])
  /** Of each loop, the sequences of the values that later ones read. */
  const sequences = new Map<Value, Value>()
  return (b, node, inputs) => {
    if (node.op !== 'loop') return copied(b, node, inputs)
    const { body } = node.attributes
    const sharing = sharings.get(node)
    const yielded = wanted.get(node) ?? []
    const results = rebuildLoop(b, node, inputs, allKept(node), {
      build(inner, mapping, rowOf) {
        for (const [value, source] of sharing?.values ?? []) mapping.set(value, rowOf(mapped(sequences, source)))
        const shared = new Set([...sharing?.values.keys() ?? []].map(value => value.node))
        rebuildNodes(inner, { ...body, nodes: body.nodes.filter(inBody => !shared.has(inBody)) }, mapping, copied)
        return yielded.map(value => mapped(mapping, value))
      },
    })
    yielded.forEach((value, k) => {
      const sequence = results[node.results.length + k]
      if (sequence) sequences.set(value, sequence)
    })
    return results.slice(0, node.results.length)
  }
}

/** Work that is worth keeping the result of; a chain of anything else is done again from the rows. */
const COSTLY: ReadonlySet<OpKind> = new Set(['product', 'circuit', 'reduction', 'index'])
const PASSED_ON: ReadonlySet<OpKind> = new Set(['leaf', 'movement'])

/** Done again rather than kept: movement, and arithmetic of one kept value, as 1 − z of z. */
function isPassedOn(node: Node, costly: ReadonlySet<Node>): boolean {
  if (node.op !== 'elementwise') return PASSED_ON.has(OPS[node.op].kind)
  const { fn } = node.attributes
  const isArithmetic = SCALARS[fn].elements !== 'real' && fn !== 'pow'
  return isArithmetic && new Set(node.inputs.filter(input => costly.has(input.node))).size <= 1
}

/** What the later body computes again and something else in it reads. */
function sharedValues(earlier: LoopNode, later: LoopNode): ReadonlyMap<Value, Value> {
  // One builder for both bodies: it interns, so a node of the later one that gives a known node is computed again.
  const probe = GraphBuilder.create()
  const known = new Map<Value, Value>()
  const sourceOf = new Map<Value, Value>()
  const { body } = earlier.attributes
  for (const input of body.inputs) known.set(input, probe.input('earlier', input.type))
  rebuildNodes(probe, body, known, ordered)
  for (const node of body.nodes) for (const result of node.results) sourceOf.set(mapped(known, result), result)

  const equal = new Map<Value, Value>()
  const bodyLater = later.attributes.body
  equal.set(at(bodyLater.inputs, 0), mapped(known, at(body.inputs, 0)))
  later.inputs.forEach((input, k) => {
    const source = counterpart(earlier, input, k >= later.attributes.carries + later.attributes.constants)
    if (source && k >= later.attributes.carries) equal.set(at(bodyLater.inputs, 1 + k), mapped(known, source))
  })
  const costly = new Set<Node>()
  for (const node of bodyLater.nodes) {
    if (node.op === 'input' || node.op === 'loop' || !node.inputs.every(input => equal.has(input))) continue
    const twins = ordered(probe, node, node.inputs.map(input => mapped(equal, input)))
    if (!twins.every(twin => twin && sourceOf.has(twin))) continue
    node.results.forEach((result, k) => equal.set(result, at(twins, k) ?? result))
    if (COSTLY.has(OPS[node.op].kind) || node.inputs.some(input => costly.has(input.node))) costly.add(node)
  }

  const shared = new Map<Value, Value>()
  const read = (value: Value) => {
    const { node } = value
    if (!costly.has(node) || shared.has(value)) return
    if (isPassedOn(node, costly)) node.inputs.forEach(read)
    else if (isModest(value.type.shape)) shared.set(value, mapped(sourceOf, mapped(equal, value)))
  }
  for (const node of bodyLater.nodes) if (!node.results.every(result => equal.has(result))) node.inputs.forEach(read)
  bodyLater.outputs.forEach(read)
  return shared
}

/** A copy whose operands have one order where none matters: the two bodies may have chosen differently. */
const ordered: Replace = (b, node, inputs) => copied(b, node, node.op === 'elementwise' && COMMUTATIVE.has(node.attributes.fn)
  ? [...inputs].sort((p, q) => p.node.id - q.node.id || p.index - q.index) : inputs)

/** What, in the earlier body, the later loop's input is: a row that both read, a yield, or a constant of both. */
function counterpart(earlier: LoopNode, input: Value, isSequence: boolean): Value | undefined {
  const { carries, constants, body } = earlier.attributes
  if (isSequence && input.node === earlier && input.index >= carries) return body.outputs[input.index]
  const same = earlier.inputs.findIndex((other, k) => other === input && (isSequence ? k >= carries + constants : k >= carries && k < carries + constants))
  return same < 0 ? undefined : body.inputs[1 + same]
}
