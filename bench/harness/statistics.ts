/** The arithmetic of a comparison: a quartile of interleaved samples, and a ratio that is larger the better we are. */

/**
 * The value that a quarter of the samples lie below, linear between neighbours (Hyndman and Fan's type 7). Whatever else a machine does
 * only ever adds time, so the lower quartile is nearer to what the work costs than the median, and does not rest on one lucky sample.
 * @throws RangeError without samples
 */
export function lowerQuartile(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError('there are no samples')
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (sorted.length - 1) / 4
  const low = sorted[Math.floor(at)] ?? NaN
  const high = sorted[Math.ceil(at)] ?? NaN
  return low + (high - low) * (at - Math.floor(at))
}

/** Theirs over ours, both in seconds or both in bytes: 2 is twice as good as they are, or half of what a limit allows. */
export const ratioOf = (ours: number, theirs: number): number => theirs / ours

const UNITS = [['s', 1], ['ms', 1e3], ['µs', 1e6]] as const

/** A unit of time in which the smaller of two times is a number from 1 on, where there is one. */
export function unitFor(a: number, b: number): { readonly unit: 's' | 'ms' | 'µs'; readonly perSecond: number } {
  const least = Math.min(a, b)
  const [unit, perSecond] = UNITS.find(([, each]) => least * each >= 1) ?? UNITS[2]
  return { unit, perSecond }
}

/** A number in `digits` significant digits, without an exponent. */
export function shortNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value)
  const whole = Math.abs(value) >= 10 ** digits ? Math.round(value) : Number(value.toPrecision(digits))
  return whole.toLocaleString('en-US', { maximumFractionDigits: 12, useGrouping: false })
}
