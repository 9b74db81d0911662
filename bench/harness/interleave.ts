/** Interleaved timing: A B C A B C …, so that whatever the machine does meanwhile happens to all. */
import type { Contender } from './contender'

export interface Patience {
  /** Seconds that one sample should take, at least: far above what a clock resolves. */
  readonly sample: number
  /** Seconds for all samples of a case together, about. */
  readonly budget: number
  readonly rounds: { readonly least: number; readonly most: number }
}

export const PATIENT: Patience = { sample: 0.02, budget: 3.5, rounds: { least: 3, most: 25 } }
/** To see that a row works. */
export const QUICK: Patience = { sample: 0.003, budget: 0.2, rounds: { least: 1, most: 3 } }

/** Between two contenders, so that threads of the one that wait for more work, spinning, have gone to sleep. */
const REST = 4

/** @returns seconds a repetition, by contender, one a round */
export async function interleave(contenders: readonly Contender[], patience: Patience): Promise<readonly (readonly number[])[]> {
  const plans: { readonly repetitions: number; readonly seconds: number }[] = []
  for (const contender of contenders) plans.push(await calibrate(contender, patience.sample))
  const perRound = plans.reduce((sum, { seconds }) => sum + seconds, 0)
  const { least, most } = patience.rounds
  const rounds = Math.max(least, Math.min(most, Math.floor(patience.budget / perRound)))
  const samples = contenders.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [at, contender] of contenders.entries()) {
      const { repetitions } = plans[at] ?? { repetitions: 1 }
      await new Promise(resolve => setTimeout(resolve, REST))
      samples[at]?.push(await contender.time(repetitions) / repetitions)
    }
  }
  return samples
}

/** How many repetitions fill a sample; running them warms caches and compilers up. */
async function calibrate(contender: Contender, sample: number): Promise<{ readonly repetitions: number; readonly seconds: number }> {
  let repetitions = 1
  let seconds = await contender.time(repetitions)
  while (seconds < sample * 0.7) {
    repetitions = Math.ceil(repetitions * Math.min(20, Math.max(1.5, sample * 1.1 / Math.max(seconds, 1e-9))))
    seconds = await contender.time(repetitions)
  }
  return { repetitions, seconds }
}
