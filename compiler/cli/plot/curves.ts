/** The curves of a training run: one panel for the loss and one for each metric, over its epochs. */
import type { EpochRecord } from 'bp-lang'

/** Epoch and value. */
export type Point = readonly [x: number, y: number]

export interface Curve {
  readonly role: 'training' | 'held out'
  /** By epoch, ascending; values may be no numbers. */
  readonly points: readonly Point[]
}

export interface Panel {
  readonly title: string
  readonly curves: readonly Curve[]
  /** Whether equal ratios, not equal differences, should look alike. */
  readonly isLog: boolean
}

/** A linear axis hides what happens below a fiftieth of its range. */
const LOG_RATIO = 50

export function panelsOf(epochs: readonly EpochRecord[]): readonly Panel[] {
  const metrics = [...new Set(epochs.flatMap(({ metrics: own }) => Object.keys(own)))]
  return [
    panel('loss', epochs, measured => measured.loss),
    ...metrics.map(name => panel(name, epochs, measured => measured.metrics[name] ?? NaN)),
  ]
}

type Measured = Pick<EpochRecord, 'loss' | 'metrics'>

function panel(title: string, epochs: readonly EpochRecord[], value: (measured: Measured) => number): Panel {
  const training = epochs.map((record): Point => [record.epoch, value(record)])
  const held = epochs.flatMap(({ epoch, holdout }): Point[] => (holdout ? [[epoch, value(holdout)]] : []))
  const curves: Curve[] = [{ role: 'training', points: training }, ...held.length > 0 ? [{ role: 'held out', points: held } as const] : []]
  const [low, high] = rangeOf(curves)
  return { title, curves, isLog: low > 0 && high / low >= LOG_RATIO }
}

/** Least and greatest of the finite values; infinite and reversed where there is none. */
export function rangeOf(curves: readonly Curve[]): readonly [low: number, high: number] {
  let low = Infinity, high = -Infinity
  for (const { points } of curves) for (const [, y] of points) if (Number.isFinite(y)) [low, high] = [Math.min(low, y), Math.max(high, y)]
  return [low, high]
}

/**
 * At most four points of each of `buckets` stretches: its first, least, greatest and last. Drawn no wider than a pixel a stretch, they look like
 * all of them.
 */
export function thinned(points: readonly Point[], buckets: number): readonly Point[] {
  if (points.length <= 4 * buckets) return points
  return Array.from({ length: buckets }, (_, bucket) => {
    const stretch = points.slice(Math.floor(bucket * points.length / buckets), Math.floor((bucket + 1) * points.length / buckets))
    const extreme = (isBetter: (a: number, b: number) => boolean) => stretch.reduce((best, point) => (isBetter(point[1], best[1]) ? point : best), stretch[0] ?? [0, NaN])
    const kept = new Set([stretch[0], extreme((a, b) => a < b), extreme((a, b) => a > b), stretch.at(-1)])
    return stretch.filter(point => kept.has(point))
  }).flat()
}
