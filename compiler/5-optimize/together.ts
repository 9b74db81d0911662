/** Nodes of a loop's body computed for all iterations at once, along a first axis. */
import type { GraphBuilder } from '../../ir/builder'
import type { Dim } from '../../ir/dim'
import type { Node, Value } from '../../ir/graph'
import { OPS, type OpKind } from '../../ir/table'
import { at, copied } from './rebuild'

/** Work that gains from being done together; what feeds or follows it may come along. */
const TOGETHER: ReadonlySet<OpKind> = new Set(['product', 'circuit'])
const CARRIED_ALONG: ReadonlySet<OpKind> = new Set(['product', 'circuit', 'elementwise', 'movement', 'reduction', 'leaf'])

export const gainsTogether = (node: Node): boolean => !draws(node) && TOGETHER.has(OPS[node.op].kind)

/** Whether each evaluation gives something else: it may not be done once for all iterations, nor for all of them in one turn. */
export const draws = (node: Node): boolean =>
  node.op === 'random' || ((node.op === 'circuit' || node.op === 'circuitVjp') && node.attributes.draw !== undefined)

export const mayLeaveLoop = (node: Node): boolean => node.op !== 'input' && !draws(node) && CARRIED_ALONG.has(OPS[node.op].kind)

/** A value of a body, outside. */
export interface Whole {
  readonly value: Value
  /** It has a first axis of iterations. */
  readonly varies: boolean
}

/** The value with an axis of iterations, repeated if it has none of its own. */
export function forAll(b: GraphBuilder, trip: Dim, { value, varies }: Whole): Value {
  const { shape } = value.type
  return varies ? value : b.add('broadcast', { shape: [trip, ...shape], axes: shape.map((_, axis) => axis + 1) }, [value])
}

/** The node for all iterations at once; or for none in particular, where nothing of it varies. */
export function together(b: GraphBuilder, trip: Dim, node: Node, inputs: readonly Whole[]): Whole {
  if (!inputs.some(input => input.varies)) return { value: at(copied(b, node, inputs.map(input => input.value)) as readonly Value[], 0), varies: false }
  const [x] = inputs
  const shift = (axes: readonly number[]) => axes.map(axis => axis + 1)
  const full = (input: Whole) => forAll(b, trip, input)
  const one = () => full(x ?? fail(node))
  const varying = (value: Value): Whole => ({ value, varies: true })
  switch (node.op) {
    case 'elementwise': case 'circuit': case 'circuitVjp': case 'circuitMetric': return varying(at(copied(b, node, inputs.map(full)) as readonly Value[], 0))
    case 'broadcast': return varying(b.add('broadcast', { shape: [trip, ...node.attributes.shape], axes: [0, ...shift(node.attributes.axes)] }, [one()]))
    case 'reshape': return varying(b.add('reshape', { shape: [trip, ...node.attributes.shape] }, [one()]))
    case 'transpose': return varying(b.add('transpose', { permutation: [0, ...shift(node.attributes.permutation)] }, [one()]))
    case 'slice': {
      const { starts, sizes, steps } = node.attributes
      return varying(b.add('slice', { starts: [0, ...starts], sizes: [trip, ...sizes], steps: [1, ...steps] }, [one()]))
    }
    case 'pad': {
      const { low, high, interior } = node.attributes
      return varying(b.add('pad', { low: [0, ...low], high: [0, ...high], interior: [0, ...interior] }, [one()]))
    }
    case 'concat': return varying(b.add('concat', { axis: node.attributes.axis + 1 }, inputs.map(full)))
    case 'flip': return varying(b.add('flip', { axis: node.attributes.axis + 1 }, [one()]))
    case 'reduce': return varying(b.add('reduce', { ...node.attributes, axes: shift(node.attributes.axes) }, [one()]))
    case 'argReduce': return varying(b.add('argReduce', { ...node.attributes, axis: node.attributes.axis + 1 }, [one()]))
    case 'cumulativeSum': return varying(b.add('cumulativeSum', { ...node.attributes, axis: node.attributes.axis + 1 }, [one()]))
    case 'contract': {
      const { left, right, out } = node.attributes
      const [p, q] = inputs
      if (!p || !q) return fail(node)
      const iteration = Math.max(0, ...left, ...right) + 1
      const label = (labels: readonly number[], { varies }: Whole) => (varies ? [iteration, ...labels] : labels)
      return varying(b.add('contract', { left: label(left, p), right: label(right, q), out: [iteration, ...out] }, [p.value, q.value]))
    }
    default: return fail(node)
  }
}

function fail(node: Node): never {
  throw new Error(`optimize: ${node.op} %${node.id} cannot leave its loop`)
}
