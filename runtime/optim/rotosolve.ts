/**
 * One parameter after the other to its best value, in closed form: Ostaszewski, Grant and Benedetti, Quantum 5, 391 (2021), and for
 * several frequencies Wierichs, Izaac, Wang and Lin, Quantum 6, 677 (2022).
 */
import type { OracleOptimizer, Options } from './optimizer'
import { interpolate, minimumOf } from './trigonometric'

/**
 * With the other parameters fixed, the loss is L(θ + x) = a₀ + Σ aₖ cos(kux) + bₖ sin(kux), k = 1 … R. For each parameter in turn
 *
 *     its coefficients from L at x = 2πj/(u(2R + 1)), j = 0 … 2R
 *     θ ← θ + x at the least value of that sum, −π/u < x ≤ π/u
 *
 * A step goes once through all parameters, with Σ (2R + 1) losses. For R = 1 the least value is at ux = atan2(−b₁, −a₁).
 */
export function rotosolve({ tolerance }: Options<'rotosolve'>): OracleOptimizer {
  return { state: new Map(), async step({ parameters, oracle, loss }) {
    const start = parameters.slice()
    const spectra = oracle.spectra()
    let last = loss
    for (let p = 0; p < spectra.length; p++) {
      const { unit = 1, count = 0 } = spectra[p] ?? {}
      if (count === 0) continue
      const here = parameters[p] as number
      const values: number[] = []
      for (let j = 0; j < 2 * count + 1; j++) {
        parameters[p] = here + 2 * Math.PI * j / (unit * (2 * count + 1))
        values.push(await oracle.loss())
      }
      const { x, value } = minimumOf(interpolate(values))
      parameters[p] = here + x / unit
      last = value
    }
    // What is not finite has its message from the loop, at the next loss.
    if (!(loss - last <= tolerance)) return 'moved'
    parameters.set(start)
    return 'converged'
  } }
}
