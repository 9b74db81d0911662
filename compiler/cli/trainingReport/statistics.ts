/** What is told of many numbers: their range, mean and deviation, and how they are spread. */

export interface Summary {
  /** Of the finite ones; NaN where there is none. */
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Of all of them, divided by their count. */
  readonly deviation: number
  /** How many are NaN or infinite. */
  readonly strange: number
}

export function summarize(values: ArrayLike<number>): Summary {
  let count = 0, mean = 0, squares = 0, min = Infinity, max = -Infinity, strange = 0
  // Welford, “Note on a method for calculating corrected sums of squares and products”, Technometrics 4, 419 (1962).
  // By index, and without a copy: data sets are large.
  for (let at = 0; at < values.length; at++) {
    const value = Number(values[at])
    if (!Number.isFinite(value)) { strange++; continue }
    count++
    const difference = value - mean
    mean += difference / count
    squares += difference * (value - mean)
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  return count === 0 ? { min: NaN, max: NaN, mean: NaN, deviation: NaN, strange } : { min, max, mean, deviation: Math.sqrt(squares / count), strange }
}

/** How many of the finite values fall into each of `bins` equal parts of their range; the last one has its upper end. */
export function histogram(values: ArrayLike<number>, bins: number): readonly number[] {
  const { min, max } = summarize(values)
  const counts = Array.from({ length: bins }, () => 0)
  for (let at = 0; at < values.length; at++) {
    const value = Number(values[at])
    if (!Number.isFinite(value)) continue
    // By halves: the whole range of 64-bit numbers has no 64-bit width.
    const bin = max > min ? Math.min(bins - 1, Math.floor((value / 2 - min / 2) / (max / 2 - min / 2) * bins)) : Math.floor(bins / 2)
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts
}

/** Four digits are enough to look at. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4))).replaceAll('-', '−')
}
