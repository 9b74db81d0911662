/**
 * Simpler loops: what does not change from one iteration to the next is taken out, what the loop only passes through goes
 * around it, and a loop of one iteration or none is no loop.
 */
import type { GraphBuilder } from '../../ir/builder'
import { sameDim } from '../../ir/dim'
import { computedFor, type Graph, type Node, type Value } from '../../ir/graph'
import { OPS, type OpKind } from '../../ir/table'
import { nodeOf, type Maker, type Tally } from './maker'
import { at, mapped, rebuildLoop, rebuildNodes, type LoopNode, type Mapping, type Replace } from './rebuild'
import { draws } from './together'

type ReplaceIn = (body: Graph) => Replace

/** What stands for the results of a loop that runs once or never. */
export function knownLoop(make: Maker, { attributes, results }: LoopNode, inputs: readonly Value[], tally: Tally, replaceIn: ReplaceIn): readonly Value[] | undefined {
  const { trip, carries, constants, body } = attributes
  if (trip === 0) {
    tally.fired++
    return results.map(({ type }, k) => (k < carries ? at(inputs, k) : make.fill(type.element, type.shape, 0)))
  }
  if (trip !== 1) return undefined
  tally.fired++
  const mapping: Mapping = new Map([[at(body.inputs, 0), make.fill('int', [], 0)]])
  inputs.forEach((input, k) => {
    const stand = at(body.inputs, k + 1)
    mapping.set(stand, k < carries + constants ? input : make.reshape(input, stand.type.shape))
  })
  rebuildNodes(make.b, body, mapping, replaceIn(body))
  return body.outputs.map((output, k) => {
    const value = mapped(mapping, output)
    return k < carries ? value : make.reshape(value, at(results, k).type.shape)
  })
}

/** The loop rebuilt with a simpler body, inputs and results. */
export function simplerBody(make: Maker, node: LoopNode, inputs: readonly Value[], tally: Tally, replaceIn: ReplaceIn): readonly (Value | undefined)[] {
  const { b } = make
  const { carries, constants, body } = node.attributes
  const isFixed = (carry: number) => body.outputs[carry] === body.inputs[1 + carry]
  /** Body inputs that are the same in every iteration, by the outer value. */
  const fixed: Mapping = new Map()
  inputs.forEach((input, k) => {
    if (k < carries ? isFixed(k) : k < carries + constants) fixed.set(at(body.inputs, 1 + k), input)
  })
  const around = node.results.map((_, k) => (k < carries ? (isFixed(k) ? at(inputs, k) : undefined) : aroundLoop(make, node, inputs, fixed, k)))
  const firstOf = (k: number) => body.outputs.findIndex((output, other) => other >= carries && output === body.outputs[k])
  const kept = {
    carries: Array.from({ length: carries }, (_, k) => k).filter(k => !around[k]),
    yields: Array.from({ length: node.results.length - carries }, (_, k) => k).filter(k => !around[carries + k] && firstOf(carries + k) === carries + k),
  }
  const hoisted = hoistable(body, fixed)
  tally.fired += node.results.length - kept.carries.length - kept.yields.length + hoisted.roots.size

  const results = rebuildLoop(b, node, inputs, kept, {
    constant: (inner, outer) => remade(inner, outer, tally),
    row: (inner, counter, outer) => remadeRow(inner, counter, outer, tally),
    build(inner, mapping) {
      const replace = replaceIn(body)
      for (const [stand, outer] of fixed) if (!mapping.has(stand)) mapping.set(stand, remade(inner, outer, tally) ?? inner.use(outer))
      for (const inBody of body.nodes) {
        if (inBody.op === 'input') continue
        const build = (builder: GraphBuilder, values: Mapping) => {
          const made = replace(builder, inBody, inBody.inputs.map(input => mapped(values, input)))
          inBody.results.forEach((result, k) => {
            const value = made[k]
            if (value) values.set(result, value)
          })
        }
        if (hoisted.outside.has(inBody)) build(b, fixed)
        if (hoisted.roots.has(inBody)) for (const result of inBody.results) mapping.set(result, inner.use(mapped(fixed, result)))
        else build(inner, mapping)
      }
    },
  })
  return results.map((result, k) => around[k] ?? result ?? results[firstOf(k)])
}

/** What stands for a yield that needs no loop: a sequence, a value repeated, or the count itself. */
function aroundLoop(make: Maker, node: LoopNode, inputs: readonly Value[], fixed: Mapping, result: number): Value | undefined {
  const { trip, carries, constants, body } = node.attributes
  const output = at(body.outputs, result)
  const type = at(node.results, result).type
  const from = body.inputs.indexOf(output)
  if (from === 0) return make.add('iota', { size: trip }, [])
  if (from > carries + constants) return at(inputs, from - 1)
  const same = fixed.get(output)
  if (same) return make.broadcast(same, type.shape, output.type.shape.map((_, axis) => axis + 1))
  const fill = nodeOf(output, 'fill')
  return fill && make.fill(type.element, type.shape, fill.attributes.value)
}

// ------------------------------------------------------------------------------------------------------ hoisting

/** Kinds of work worth doing once. Movement is not: kernels read through it. Indices may be out of range, and stop a run. */
const HOISTED: ReadonlySet<OpKind> = new Set(['elementwise', 'reduction', 'product', 'circuit'])
const CARRIED_ALONG: ReadonlySet<OpKind> = new Set(['leaf', 'movement'])

/** Nodes of a body that depend on nothing that changes: `roots` to be read from outside, `outside` with what they need. */
function hoistable(body: Graph, fixed: ReadonlyMap<Value, Value>): { readonly roots: ReadonlySet<Node>; readonly outside: ReadonlySet<Node> } {
  const invariant = new Set<Node>([...fixed.keys()].map(value => value.node))
  const roots = new Set<Node>()
  for (const node of body.nodes) {
    const { kind } = OPS[node.op]
    const isMovable = HOISTED.has(kind) || CARRIED_ALONG.has(kind)
    if (node.op === 'input' || draws(node) || !isMovable || !node.inputs.every(input => invariant.has(input.node))) continue
    invariant.add(node)
    if (HOISTED.has(kind)) roots.add(node)
  }
  return { roots, outside: computedFor(roots) }
}

/** A constant that is cheaper made again inside than handed in. */
function remade(inner: GraphBuilder, outer: Value, tally: Tally): Value | undefined {
  const { node } = outer
  switch (node.op) {
    case 'fill': case 'size': {
      tally.fired++
      return inner.add(node.op, node.attributes, [])
    }
    case 'broadcast': {
      tally.fired++
      const source = at(node.inputs, 0)
      return inner.add('broadcast', node.attributes, [remade(inner, source, tally) ?? inner.use(source)])
    }
    default: return undefined
  }
}

/** A row of a sequence whose rows are all alike, or the count. */
function remadeRow(inner: GraphBuilder, counter: Value, outer: Value, tally: Tally): Value | undefined {
  const { node, type } = outer
  switch (node.op) {
    case 'iota': {
      tally.fired++
      return counter
    }
    case 'fill': {
      tally.fired++
      return inner.fill(type.element, type.shape.slice(1), node.attributes.value)
    }
    case 'broadcast': {
      const { axes } = node.attributes
      const source = at(node.inputs, 0)
      if (axes[0] === 0 || source.type.shape.some((dim, axis) => !sameDim(dim, at(type.shape, at(axes, axis))))) return undefined
      tally.fired++
      return inner.add('broadcast', { shape: type.shape.slice(1), axes: axes.map(axis => axis - 1) }, [inner.use(source)])
    }
    default: return undefined
  }
}
