/** Records of a run whose values are functions of the epoch. */
import type { EpochRecord } from 'bp-lang'

interface Shape {
  readonly loss: (epoch: number) => number
  readonly metrics?: Readonly<Record<string, (epoch: number) => number>>
  readonly isHeld?: boolean
}

export function epochs(count: number, { loss, metrics = {}, isHeld = false }: Shape): readonly EpochRecord[] {
  return Array.from({ length: count }, (_, at) => {
    const epoch = at + 1
    const measured = { loss: loss(epoch), metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value(epoch)])) }
    return { epoch, steps: epoch, seconds: epoch / 10, ...measured, ...isHeld ? { holdout: measured } : {} }
  })
}
