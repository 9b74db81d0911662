/** Which values depend on which: within one graph, and along the paths of gradients in the bodies of its loops, too. */
import type { Graph, Node, Value } from '../../ir/graph'

/** True where `y` is computed from `x`. */
export function dependsOn(y: Value, x: Value): boolean {
  return dependsOnAny(y, new Set([x]))
}

/** What gradients can pass on their way back from some values, loops gone through. */
export class GradientPaths {
  /** By input of a loop's body: what it stands for around the loop and, a carry, at the end of the iteration before. */
  private readonly origins = new Map<Value, readonly Value[]>()
  /** Every node behind the values, those in bodies too. */
  readonly nodes: ReadonlySet<Node>

  constructor(from: readonly Value[]) {
    const nodes = new Set<Node>()
    const pending = from.map(value => value.node)
    for (let node = pending.pop(); node; node = pending.pop()) {
      if (nodes.has(node)) continue
      nodes.add(node)
      pending.push(...node.inputs.map(input => input.node))
      if (node.op !== 'loop') continue
      const { body, carries } = node.attributes
      pending.push(...body.outputs.map(output => output.node))
      node.inputs.forEach((input, at) => this.noteOrigin(body, at, at < carries ? [input, body.outputs[at]] : [input]))
    }
    this.nodes = nodes
  }

  /** Only reals have gradients, and `stop` keeps them back. */
  pass(y: Value, x: Value): boolean {
    const seen = new Set<Value>()
    const pending = [y]
    for (let value = pending.pop(); value; value = pending.pop()) {
      if (value === x) return true
      if (seen.has(value) || value.node.op === 'stop' || value.type.element !== 'real') continue
      seen.add(value)
      pending.push(...this.behind(value))
    }
    return false
  }

  /** The value around all loops that one in a body stands for. */
  outermost(value: Value): Value {
    const [around] = this.origins.get(value) ?? []
    return around ? this.outermost(around) : value
  }

  private behind(value: Value): readonly Value[] {
    const { node, index } = value
    if (node.op !== 'loop') return this.origins.get(value) ?? node.inputs
    const { body, carries } = node.attributes
    const last = body.outputs[index]
    // Of a loop of no trips, the result is what went in.
    const first = index < carries ? node.inputs[index] : undefined
    return [last, first].filter(each => each !== undefined)
  }

  private noteOrigin(body: Graph, at: number, values: readonly (Value | undefined)[]): void {
    const input = body.inputs[1 + at]
    if (input) this.origins.set(input, values.filter(value => value !== undefined))
  }
}

export function dependsOnAny(y: Value, xs: ReadonlySet<Value>): boolean {
  const seen = new Set<Node>()
  const pending = [y]
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (xs.has(value)) return true
    if (seen.has(value.node)) continue
    seen.add(value.node)
    pending.push(...value.node.inputs)
  }
  return false
}
