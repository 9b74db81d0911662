/** Schedules against their closed forms and against PyTorch's step-by-step rules. */
import { describe, expect, it } from 'vitest'
import type { SchedulePlan } from '../../../ir/training'
import { RateSchedule, type RunLength } from '../../../runtime/optim/schedule'

const RUN = { steps: 100, stepsPerEpoch: 10, unit: 'epochs' } as const

const factors = (plans: readonly SchedulePlan[], run: RunLength = RUN): number[] => {
  const schedule = new RateSchedule(plans, run)
  return Array.from({ length: run.steps }, (_, i) => schedule.factor(i + 1))
}

describe('a schedule', () => {
  it('constant, or none, leaves the rate', () => {
    expect(factors([])).toEqual(factors([{ name: 'constant' }]))
    expect(new Set(factors([]))).toEqual(new Set([1]))
  })

  it('step multiplies after every so many epochs', () => {
    factors([{ name: 'step', every: 3, factor: 0.5 }]).forEach((factor, i) => expect(factor).toBe(0.5 ** Math.floor(i / 30)))
  })

  it('step multiplies after every so many steps where the run is so many steps long', () => {
    factors([{ name: 'step', every: 30, factor: 0.5 }], { ...RUN, unit: 'steps' }).forEach((factor, i) => expect(factor).toBe(0.5 ** Math.floor(i / 30)))
    const after = factors([{ name: 'warmup', steps: 10 }, { name: 'step', every: 30, factor: 0.5 }], { ...RUN, unit: 'steps' })
    after.slice(10).forEach((factor, i) => expect(factor).toBe(0.5 ** Math.floor(i / 30)))
  })

  it('cosine goes from 1 to its floor over the run, and stays there', () => {
    factors([{ name: 'cosine', floor: 0.2 }]).forEach((factor, i) => expect(factor).toBeCloseTo(0.2 + 0.8 * (1 + Math.cos(Math.PI * i / 100)) / 2, 14))
    const short = factors([{ name: 'cosine', epochs: 4, floor: 0.2 }])
    expect(short[20]).toBeCloseTo(0.6, 14)
    expect(short.slice(40).every(factor => Math.abs(factor - 0.2) < 1e-15)).toBe(true)
  })

  it('warmup rises by equal parts, and what follows begins when it ends', () => {
    const both = factors([{ name: 'warmup', steps: 20 }, { name: 'cosine', floor: 0 }])
    both.slice(0, 20).forEach((factor, i) => expect(factor).toBeCloseTo((i + 1) / 20, 15))
    both.slice(20).forEach((factor, i) => expect(factor).toBeCloseTo((1 + Math.cos(Math.PI * i / 80)) / 2, 14))
    expect(factors([{ name: 'warmup', epochs: 2 }]).slice(18)).toEqual([0.95, ...Array.from({ length: 81 }, () => 1)])
  })

  it.each([[100, 0.3], [37, 0.25], [10, 0.5]])('one_cycle is PyTorch\'s OneCycleLR (%d steps, rise %d)', (steps, rise) => {
    const [start, end] = [1 / 25, 1 / 250_000]
    const got = factors([{ name: 'one_cycle', rise, start, end }], { ...RUN, steps })
    // torch.optim.lr_scheduler.OneCycleLR.get_lr, with anneal_strategy='cos' and three_phase=False.
    const anneal = (from: number, to: number, part: number) => to + (from - to) / 2 * (Math.cos(Math.PI * part) + 1)
    got.forEach((factor, step) => {
      const peak = rise * steps - 1
      const expected = step <= peak ? anneal(start, 1, step / peak) : anneal(1, end, (step - peak) / (steps - 1 - peak))
      expect(factor).toBeCloseTo(expected, 12)
    })
    expect(got.at(-1)).toBeCloseTo(end, 14)
  })

  it('plateau waits for its patience, then multiplies, as ReduceLROnPlateau does', () => {
    const schedule = new RateSchedule([{ name: 'plateau', factor: 0.5, patience: 2, threshold: 0.01, floor: 0.2 }], RUN)
    const losses = [10, 9, 8.95, 9, 9.2, 9, 9, 9, 1, 2, 2, 2, 2, 2, 2]
    // 8.95 is not better by the threshold: three bad epochs after 9, again three, a better one, and so on down to the floor.
    const expected = [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2]
    expect(losses.map(loss => { schedule.endEpoch(loss); return schedule.factor(1) })).toEqual(expected)
  })

  it('plateau knows better from worse below zero', () => {
    const schedule = new RateSchedule([{ name: 'plateau', factor: 0.5, patience: 1, threshold: 0.01, floor: 0 }], RUN)
    expect([-1, -2, -3, -4, -4, -4].map(loss => { schedule.endEpoch(loss); return schedule.factor(1) })).toEqual([1, 1, 1, 1, 1, 0.5])
  })

  it('that needs the end of a run asks for a length where there is none', () => {
    expect(() => new RateSchedule([{ name: 'cosine', floor: 0 }], { steps: Infinity, stepsPerEpoch: 1, unit: 'epochs' })).toThrow('cosine needs a length, as in cosine(epochs = 10): this run has no end')
    expect(() => new RateSchedule([{ name: 'cosine', floor: 0, steps: 5 }], { steps: Infinity, stepsPerEpoch: 1, unit: 'epochs' })).not.toThrow()
  })
})
