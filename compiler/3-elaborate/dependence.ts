/** Which values depend on which, within one graph. */
import type { Node, Value } from '../../ir/graph'

/** True where `y` is computed from `x`. */
export function dependsOn(y: Value, x: Value): boolean {
  return dependsOnAny(y, new Set([x]))
}

/** The same without what `stop` keeps back. */
export function passesGradient(y: Value, x: Value): boolean {
  const seen = new Set<Node>()
  const pending = [y]
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (value === x) return true
    if (seen.has(value.node) || value.node.op === 'stop') continue
    seen.add(value.node)
    pending.push(...value.node.inputs)
  }
  return false
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
