/** `sort`: a gather by the order of the elements, so that its derivative moves cotangents back to where values came from. */
import type { GraphBuilder } from '../../../ir/builder'
import { productOfDims } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'

/** Ascending along the axis; equal elements keep their order, NaN comes last. */
export function sortAlong(b: GraphBuilder, x: Value, axis: number): Value {
  const order = [...x.type.shape.keys()].filter(other => other !== axis).concat(axis)
  const rows = b.transpose(x, order)
  const { shape } = rows.type
  const lead = shape.slice(0, -1)
  const positions = b.add('argSort', { axis: lead.length }, [rows])
  // Row · size + position counts the elements of all rows laid end to end.
  const row = b.reshape(b.add('iota', { size: productOfDims(lead) }, []), lead)
  const size = b.add('broadcast', { shape, axes: [] }, [b.add('size', { value: shape.at(-1) ?? 1 }, [])])
  const start = b.scalar('mul', b.add('broadcast', { shape, axes: lead.map((_, at) => at) }, [row]), size)
  const sorted = b.add('gather', { axis: 0, site: 'sort' }, [b.reshape(rows, [productOfDims(shape)]), b.scalar('add', start, positions)])
  return b.transpose(sorted, order.map((_, at) => order.indexOf(at)))
}
