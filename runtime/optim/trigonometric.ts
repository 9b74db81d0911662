/** Trigonometric polynomials of one variable: through given values, and where they are least. */

/** a₀ + Σ aₖ cos(kx) + bₖ sin(kx); both arrays start at k = 0. */
export interface TrigonometricPolynomial { readonly cosines: readonly number[]; readonly sines: readonly number[] }

/**
 * The one of degree R with these values at x = 2πj/(2R + 1), j = 0 … 2R: the cosines and sines are orthogonal there.
 * @param values an odd number of them
 */
export function interpolate(values: readonly number[]): TrigonometricPolynomial {
  const n = values.length
  const part = (wave: (x: number) => number, k: number) => values.reduce((sum, value, j) => sum + value * wave(2 * Math.PI * ((k * j) % n) / n), 0) * (k === 0 ? 1 : 2) / n
  const degrees = Array.from({ length: (n + 1) / 2 }, (_, k) => k)
  return { cosines: degrees.map(k => part(Math.cos, k)), sines: degrees.map(k => (k === 0 ? 0 : part(Math.sin, k))) }
}

interface Jet { readonly value: number; readonly slope: number; readonly curvature: number }

function evaluate({ cosines, sines }: TrigonometricPolynomial, x: number): Jet {
  let value = 0, slope = 0, curvature = 0
  for (let k = 0; k < cosines.length; k++) {
    const a = cosines[k] as number, b = sines[k] as number
    const cos = Math.cos(k * x), sin = Math.sin(k * x)
    value += a * cos + b * sin
    slope += k * (b * cos - a * sin)
    curvature -= k * k * (a * cos + b * sin)
  }
  return { value, slope, curvature }
}

/**
 * The least value, and where it is in (−π, π], the nearest to 0 of equal ones.
 *
 * Of degree 1 in closed form. Otherwise by halving intervals: on one of half width h around c nothing is below
 * f(c) − |f′(c)| h − M h²/2 with M = Σ k² √(aₖ² + bₖ²) ≥ |f″|, so most of them are soon out; Newton's steps then end in the last bits.
 */
export function minimumOf(polynomial: TrigonometricPolynomial): { readonly x: number; readonly value: number } {
  const { cosines, sines } = polynomial
  const sizes = cosines.map((a, k) => Math.hypot(a, sines[k] ?? 0))
  const swing = sizes.slice(1).reduce((sum, size) => sum + size, 0)
  const at = (x: number) => ({ x, value: evaluate(polynomial, x).value })
  // Nothing but rounding turns with it.
  if (!(swing > 4 * Number.EPSILON * (sizes[0] ?? 0))) return at(0)
  if (cosines.length === 2) return at(Math.atan2(-(sines[1] ?? 0), -(cosines[1] ?? 0)))
  const bound = sizes.reduce((sum, size, k) => sum + k * k * size, 0)
  const rounding = 8 * Number.EPSILON * swing
  let best = at(0)
  let width = Math.PI / (2 * cosines.length)
  let centres = Array.from({ length: 2 * cosines.length }, (_, i) => -Math.PI + (2 * i + 1) * width)
  while (centres.length > 0 && bound * width * width > rounding) {
    const jets = centres.map(x => ({ x, ...evaluate(polynomial, x) }))
    for (const { x, value } of jets) if (value < best.value - rounding) best = { x, value }
    const half = width / 2
    centres = jets.filter(({ value, slope }) => value - Math.abs(slope) * width - bound * width * width / 2 < best.value - rounding)
      .flatMap(({ x }) => [x - half, x + half])
    width = half
  }
  return polished(polynomial, best.x)
}

/** At a minimum values are flat, slopes are not: Newton's steps on these find the last half of the digits. */
function polished(polynomial: TrigonometricPolynomial, start: number): { readonly x: number; readonly value: number } {
  let x = start
  for (let i = 0; i < 8; i++) {
    const { slope, curvature } = evaluate(polynomial, x)
    const step = curvature > 0 ? -slope / curvature : 0
    if (!(Math.abs(step) > Number.EPSILON * Math.max(1, Math.abs(x)))) break
    const next = x + step
    if (evaluate(polynomial, next).value > evaluate(polynomial, x).value + 1e-15 * Math.abs(evaluate(polynomial, x).value)) break
    x = next
  }
  return { x, value: evaluate(polynomial, x).value }
}
