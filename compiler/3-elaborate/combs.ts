/** Multiples of a unit up to a largest one: coefficients of angles, and frequencies, kept so that nothing is missed. */

export interface Comb {
  readonly unit: number
  readonly top: number
  /** Why it is no comb after all; told where it becomes an angle. */
  readonly broken?: string
}

/** By trained number. */
export type Combs = ReadonlyMap<number, Comb>
export const NONE: Combs = new Map()

/** Of a sum, in which the largest ones add up. */
export const sumOf = (all: readonly Combs[]): Combs => joined(all, (a, b) => a + b)

/** Of what is one or the other. */
export const eitherCombs = (all: readonly Combs[]): Combs => joined(all, Math.max)

function joined(all: readonly Combs[], top: (a: number, b: number) => number): Combs {
  const [first = NONE] = all
  if (all.length <= 1) return first
  const found = new Map<number, Comb>()
  for (const combs of all) {
    for (const [number, comb] of combs) {
      const before = found.get(number)
      const broken = before?.broken ?? comb.broken
      found.set(number, before ? { unit: commonUnit(before.unit, comb.unit), top: top(before.top, comb.top), ...broken === undefined ? {} : { broken } } : comb)
    }
  }
  return found
}

export const mapCombs = (combs: Combs, change: (comb: Comb) => Comb): Combs => new Map([...combs].map(([number, comb]) => [number, change(comb)]))

/** Greatest common divisor by Euclid's algorithm; of numbers without one, something tiny. */
export function commonUnit(a: number, b: number): number {
  const least = 1e-9 * Math.max(a, b)
  let [x, y] = [Math.max(a, b), Math.min(a, b)]
  while (y > least) [x, y] = [y, Math.abs(x - y * Math.round(x / y))]
  return x
}
