/** Simultaneous perturbation (Spall 1998, "Implementation of the simultaneous perturbation algorithm"): losses alone. */
import type { FloatArray } from '../params'
import { philox, streamKey } from '../random'
import { zerosLike, type OracleOptimizer, type Options, type Part } from './optimizer'

/**
 * At step t = 1, 2, … with Δ of independent signs ±1:
 *
 *     a_t = a/(A + t)^α        c_t = c/t^γ
 *     g = (L(θ + c_t Δ) − L(θ − c_t Δ)) / (2 c_t) · Δ            element by element, where parts have gains of their own
 *     θ ← θ − a_t g
 *
 * The signs are a function of the seed and the step, so a run can go on from any step.
 *
 * @param like an array of the parameters' kind and length
 */
export function spsa(
  options: Options<'spsa'>, like: FloatArray, parts: readonly Part<'spsa'>[] = [{ options, start: 0, end: like.length }],
): OracleOptimizer {
  const start = zerosLike(like)
  const signs = new Int8Array(like.length)
  const gains = new Float64Array(like.length), widths = new Float64Array(like.length)
  return { state: new Map(), async step({ parameters, oracle, step, seed }) {
    start.set(parameters)
    drawSigns(signs, seed, step)
    for (const { options: { rate, perturbation, stability, alpha, gamma }, ...part } of parts) {
      gains.fill(rate / (stability + step) ** alpha, part.start, part.end)
      widths.fill(perturbation / step ** gamma, part.start, part.end)
    }
    const lossAt = async (side: 1 | -1): Promise<number> => {
      for (let i = 0; i < signs.length; i++) parameters[i] = (start[i] as number) + side * (widths[i] as number) * (signs[i] as number)
      return await oracle.loss()
    }
    const difference = await lossAt(1) - await lossAt(-1)
    for (let i = 0; i < signs.length; i++) {
      const move = (gains[i] as number) * difference / (2 * (widths[i] as number))
      parameters[i] = (start[i] as number) - move * (signs[i] as number)
    }
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
