/** Simultaneous perturbation (Spall 1998, "Implementation of the simultaneous perturbation algorithm"): losses alone. */
import type { FloatArray } from '../params'
import { philox, streamKey } from '../random'
import { zerosLike, type OracleOptimizer, type Options } from './optimizer'

/**
 * At step t = 1, 2, … with Δ of independent signs ±1:
 *
 *     a_t = a/(A + t)^α        c_t = c/t^γ
 *     g = (L(θ + c_t Δ) − L(θ − c_t Δ)) / (2 c_t) · Δ
 *     θ ← θ − a_t g
 *
 * The signs are a function of the seed and the step, so a run can go on from any step.
 *
 * @param like an array of the parameters' kind and length
 */
export function spsa({ rate, perturbation, stability, alpha, gamma }: Options<'spsa'>, like: FloatArray): OracleOptimizer {
  const start = zerosLike(like)
  const signs = new Int8Array(like.length)
  return { state: new Map(), async step({ parameters, oracle, step, seed }) {
    start.set(parameters)
    drawSigns(signs, seed, step)
    const width = perturbation / step ** gamma
    const lossAt = async (distance: number): Promise<number> => {
      for (let i = 0; i < signs.length; i++) parameters[i] = (start[i] as number) + distance * (signs[i] as number)
      return await oracle.loss()
    }
    const difference = await lossAt(width) - await lossAt(-width)
    const move = rate / (stability + step) ** alpha * difference / (2 * width)
    for (let i = 0; i < signs.length; i++) parameters[i] = (start[i] as number) - move * (signs[i] as number)
    return 'moved'
  } }
}

/** One bit an element. */
function drawSigns(signs: Int8Array, seed: number, step: number): void {
  const key = streamKey(seed, 'bp:spsa')
  const words = new Uint32Array(4)
  for (let i = 0; i < signs.length; i++) {
    const bit = i % 128
    if (bit === 0) philox(i / 128, step, 0, 0, key.low, key.high, words)
    signs[i] = ((words[bit >> 5] as number) >>> (bit & 31)) & 1 ? 1 : -1
  }
}
