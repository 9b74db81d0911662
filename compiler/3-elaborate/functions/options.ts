/** Options of convolutions and pooling that are one int for all axes, or a list with one for each. */
import { printDim } from '../../../ir/dim'
import type { Arguments } from './arguments'

/** Number of spatial axes. */
export type Spatial = 1 | 2

/** For messages, by the number of spatial axes. */
export const SPATIAL_AXES: { readonly [Rank in Spatial]: readonly string[] } = { 1: ['length'], 2: ['height', 'width'] }

/**
 * @param least the smallest number that makes sense
 * @returns one a spatial axis; nothing where it is reported, or where a routine that is checked by itself leaves it open
 */
export function perAxis(call: Arguments, name: string, rank: Spatial, least: number, fallback?: readonly number[]): readonly number[] | undefined {
  if (!call.has(name) && fallback) return fallback
  const dims = call.dims(name)
  if (!dims) return undefined
  const wrong = (found: string): undefined => {
    const expected = `${rank === 1 ? 'an int' : `an int, or [${SPATIAL_AXES[rank].join(', ')}],`} from ${least} for \`${name}\``
    call.frame.sink.report('type-mismatch', call.spanOf(name), { expected, found })
    return undefined
  }
  if (dims.length !== 1 && dims.length !== rank) return wrong(`a list of ${dims.length}`)
  const open = dims.find(dim => typeof dim !== 'number')
  // By itself a routine has symbols for its ints; each call brings the numbers.
  if (open !== undefined) return call.frame.model?.generic ? undefined : wrong(`the size ${printDim(open)}, which is not known when the model is compiled`)
  const numbers = dims.map(Number)
  const low = numbers.find(number => number < least)
  if (low !== undefined) return wrong(String(low))
  return numbers.length === rank ? numbers : Array.from({ length: rank }, () => numbers[0] ?? least)
}

/** A single int. */
export function oneInt(call: Arguments, name: string, least: number, fallback: number): number | undefined {
  return perAxis(call, name, 1, least, [fallback])?.[0]
}
