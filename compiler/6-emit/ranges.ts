/**
 * From the unconstrained value that is trained to the constrained one that a model sees, as graph: the training step starts
 * with it, so gradients reach the unconstrained value by the chain rule. The runtime has the same formulas and their
 * inverses as numbers; a test holds the two to each other.
 */
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import type { ParameterRange } from '../../ir/plan'

export function constrain(b: GraphBuilder, range: ParameterRange | undefined, free: Value): Value {
  if (!range) return free
  const { shape } = free.type
  if (range.kind === 'simplex') return softmaxWithZero(b, free)
  const { low, high } = range
  const number = (value: number) => b.fill('real', shape, value)
  if (high === Infinity) return b.scalar('add', number(low), b.scalar('softplus', free))
  if (low === -Infinity) return b.scalar('sub', number(high), b.scalar('softplus', free))
  return b.scalar('add', number(low), b.scalar('mul', number(high - low), b.scalar('sigmoid', free)))
}

/** softmax of (u, 0) along the last axis, shifted by its greatest element. */
function softmaxWithZero(b: GraphBuilder, free: Value): Value {
  const axis = free.type.shape.length - 1
  const lead = free.type.shape.slice(0, -1)
  const logits = b.add('concat', { axis }, [free, b.fill('real', [...lead, 1], 0)])
  const spread = (value: Value) => b.broadcastTo(b.reshape(value, [...lead, 1]), logits.type.shape)
  const greatest = b.add('stop', {}, [b.reduce('max', logits, [axis])])
  const powers = b.scalar('exp', b.scalar('sub', logits, spread(greatest)))
  return b.scalar('div', powers, spread(b.reduce('sum', powers, [axis])))
}
