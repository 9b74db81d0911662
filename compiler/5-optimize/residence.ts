/** What may be kept for every iteration of a loop. */
import { productOfDims, type Dim } from '../../ir/dim'

/** Known sizes multiply to at most this; named ones, such as the batch, are those of the carries' histories as well. */
const MOST_ELEMENTS = 2 ** 16

/** Small enough to have one of for each iteration. */
export const isModest = (shape: readonly Dim[]): boolean =>
  Number(productOfDims(shape.filter(dim => typeof dim === 'number'))) <= MOST_ELEMENTS
