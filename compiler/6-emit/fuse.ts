/**
 * Decides which elementwise nodes share a kernel.
 *
 * Every node gets a level such that a value is either used within its kernel at the same level, or at a higher one. Nodes of
 * one level and shape may then share a kernel without cycles: any way out of the kernel and back climbs. Each node is in
 * exactly one kernel, so no work is done twice.
 */
import { dimKey } from '../../ir/dim'
import type { Graph, Node, Value } from '../../ir/graph'
import { OPS } from '../../ir/table'
import { isIdentity, type Reading } from './view'

/** Elementwise nodes of one iteration shape, inputs first. */
export type Group = readonly Node[]

/** Longer kernels run out of registers, and make compilers of shaders slow. */
const LONGEST_KERNEL = 64

interface Use {
  readonly by: Node
  /** The user can take the value from a register. */
  readonly inRegister: boolean
}

export const isElementwise = (node: Node): boolean => OPS[node.op].kind === 'elementwise'

/** A kernel for each elementwise node by itself. */
export function singleGroups(graph: Graph): ReadonlyMap<Node, Group> {
  return new Map(graph.nodes.filter(isElementwise).map(node => [node, [node]]))
}

/** The kernel of each elementwise node that the outputs need. */
export function fuse(graph: Graph, reading: Reading): ReadonlyMap<Node, Group> {
  const shapeOf = shapeKeys(graph)
  const uses = findUses(graph, reading, shapeOf)
  const levels = lowestLevels(graph, uses)
  raise(graph, uses, levels)
  return cut(components(graph, reading, uses, levels, shapeOf))
}

/** The values that a step for the node reads from buffers or registers. */
export function reads(node: Node, reading: Reading): Value[] {
  if (!isElementwise(node)) return [...node.inputs]
  return node.inputs.map(input => reading.view(input).base).filter(base => !reading.literal(base))
}

function shapeKeys(graph: Graph): ReadonlyMap<Node, string> {
  return new Map(graph.nodes.filter(isElementwise).map(node => [node, (node.results[0]?.type.shape ?? []).map(dimKey).join(',')]))
}

/** Users of each live node; a node that nothing reads from a buffer or register has no entry. */
function findUses(graph: Graph, reading: Reading, shapeOf: ReadonlyMap<Node, string>): ReadonlyMap<Node, readonly Use[]> {
  const uses = new Map<Node, Use[]>()
  for (const { node } of graph.outputs) uses.set(node, [])
  for (const node of [...graph.nodes].reverse()) {
    if (!uses.has(node)) continue
    const rank = node.results[0]?.type.shape.length ?? 0
    const record = (value: Value, inRegister: boolean) => {
      const known = uses.get(value.node)
      if (known) known.push({ by: node, inRegister })
      else uses.set(value.node, [{ by: node, inRegister }])
    }
    if (!isElementwise(node)) for (const input of node.inputs) record(input, false)
    else for (const input of node.inputs) {
      const { base, axes } = reading.view(input)
      if (reading.literal(base)) continue
      record(base, isElementwise(base.node) && shapeOf.get(base.node) === shapeOf.get(node) && isIdentity(axes, rank))
    }
  }
  return uses
}

function lowestLevels(graph: Graph, uses: ReadonlyMap<Node, readonly Use[]>): Map<Node, number> {
  const levels = new Map<Node, number>()
  for (const node of graph.nodes) {
    if (!uses.has(node)) continue
    const level = levels.get(node) ?? 0
    levels.set(node, level)
    for (const { by, inRegister } of uses.get(node) ?? []) {
      levels.set(by, Math.max(levels.get(by) ?? 0, inRegister ? level : level + 1))
    }
  }
  return levels
}

/**
 * Moves a node up to its first user where that needs no more stores: cos(x), which only the backward pass reads, joins the
 * backward kernel and x is read again, instead of being kept from the forward pass.
 */
function raise(graph: Graph, uses: ReadonlyMap<Node, readonly Use[]>, levels: Map<Node, number>): void {
  const outputs = new Set(graph.outputs.map(output => output.node))
  for (const node of [...graph.nodes].reverse()) {
    const users = uses.get(node)
    if (!users?.length || !isElementwise(node)) continue
    const level = levels.get(node) ?? 0
    const ceilings = users.map(({ by, inRegister }) => ({ inRegister, level: (levels.get(by) ?? 0) - (inRegister ? 0 : 1) }))
    const target = Math.min(...ceilings.map(ceiling => ceiling.level))
    if (target <= level || !ceilings.some(ceiling => ceiling.inRegister && ceiling.level === target)) continue
    const costsNothing = node.inputs.every(({ node: input }) => {
      const others = (uses.get(input) ?? []).filter(use => use.by !== node)
      return !isElementwise(input) || outputs.has(input) || others.some(use => !use.inRegister)
        || others.every(use => levels.get(use.by) === target)
    })
    if (costsNothing) levels.set(node, target)
  }
}

/** Nodes of one level and shape that hand each other values, or read the same one in full. Scalars need no such reason. */
function components(
  graph: Graph, reading: Reading, uses: ReadonlyMap<Node, readonly Use[]>, levels: ReadonlyMap<Node, number>, shapeOf: ReadonlyMap<Node, string>,
): readonly Group[] {
  const parents = new Map<Node, Node>()
  const rootOf = (node: Node): Node => {
    let root = node
    for (let parent = parents.get(root); parent; parent = parents.get(root)) root = parent
    for (let at = node; at !== root;) {
      const next = parents.get(at) ?? root
      parents.set(at, root)
      at = next
    }
    return root
  }
  const join = (a: Node, b: Node) => {
    const rootA = rootOf(a)
    const rootB = rootOf(b)
    if (rootA !== rootB) parents.set(rootB, rootA)
  }
  const readers = new Map<string, Node>()
  const live = graph.nodes.filter(node => uses.has(node) && isElementwise(node))
  for (const node of live) {
    const place = `${levels.get(node)}|${shapeOf.get(node)}`
    for (const { by, inRegister } of uses.get(node) ?? []) if (inRegister && levels.get(by) === levels.get(node)) join(node, by)
    const rank = node.results[0]?.type.shape.length ?? 0
    const shared = rank === 0 ? [place] : node.inputs.flatMap(input => {
      const { base, axes } = reading.view(input)
      return reading.literal(base) || !isIdentity(axes, rank) ? [] : [`${place}|${base.node.id}.${base.index}`]
    })
    for (const key of shared) {
      const other = readers.get(key)
      if (other) join(other, node)
      else readers.set(key, node)
    }
  }
  const groups = new Map<Node, Node[]>()
  for (const node of live) {
    const root = rootOf(node)
    const group = groups.get(root)
    if (group) group.push(node)
    else groups.set(root, [node])
  }
  return [...groups.values()]
}

/** Long groups fall into pieces in order, so that later pieces read earlier ones only. */
function cut(groups: readonly Group[]): ReadonlyMap<Node, Group> {
  const groupOf = new Map<Node, Group>()
  for (const group of groups) {
    for (let start = 0; start < group.length; start += LONGEST_KERNEL) {
      const piece = group.slice(start, start + LONGEST_KERNEL)
      for (const node of piece) groupOf.set(node, piece)
    }
  }
  return groupOf
}
