import { describe, expect, it } from 'vitest'
import {
  checkShiftRule, differenceRule, ENTRY_RULE, frequenciesOf, shiftRuleFor, shiftRuleOfSpectrum, type ShiftRule,
} from '../../quantum/shiftRule'
import { PRIMITIVE_GATES, type PrimitiveGateName } from '../../quantum/gates'
import { ANGLE_NAMES, expectClose, randomNumbers } from './support'

const random = randomNumbers(3)

function apply(rule: ShiftRule, f: (x: number) => number, x: number): number {
  return rule.reduce((sum, { shift, coefficient }) => sum + coefficient * f(x + shift), 0)
}

/** How many terms a gate's rule has: two for each frequency. */
const TERMS: Readonly<Partial<Record<PrimitiveGateName, number>>> = {
  rx: 2, ry: 2, rz: 2, p: 2, rxx: 2, ryy: 2, rzz: 2, rzx: 2, cp: 2, crx: 4, cry: 4, crz: 4,
  single_excitation: 4, double_excitation: 4,
}

describe('frequencies', () => {
  it('are all positive differences of eigenvalues, merged', () => {
    expect(frequenciesOf([-0.5, 0.5], false)).toEqual([1])
    expect(frequenciesOf([-0.5, 0.5], true)).toEqual([0.5, 1])
    expect(frequenciesOf([0, -1], true)).toEqual([1])
    expect(frequenciesOf([-1], false)).toEqual([])
    expectClose(frequenciesOf([0, 0.3, 1], false), [0.3, 0.7, 1], 1e-15)
  })
})

describe('shift rules', () => {
  it.each(ANGLE_NAMES)('%s has two terms for each frequency', name => {
    const gate = PRIMITIVE_GATES[name]
    expect(gate.kind === 'angle' && shiftRuleOfSpectrum(gate.spectrum, false).length).toBe(TERMS[name])
  })

  it('the rule of a rotation is the familiar ½[f(θ+π/2) − f(θ−π/2)]', () => {
    const rule = shiftRuleFor([1])
    expectClose(rule.map(term => term.shift), [Math.PI / 2, -Math.PI / 2], 1e-15)
    expectClose(rule.map(term => term.coefficient), [0.5, -0.5], 1e-15)
  })

  it('the rule of a controlled rotation has the coefficients (√2 ± 1)/(4√2) of the literature', () => {
    const rule = shiftRuleFor([0.5, 1])
    expectClose(rule.map(term => term.shift), [Math.PI / 2, -Math.PI / 2, 3 * Math.PI / 2, -3 * Math.PI / 2], 1e-14)
    const plus = (Math.SQRT2 + 1) / (4 * Math.SQRT2), minus = (Math.SQRT2 - 1) / (4 * Math.SQRT2)
    expectClose(rule.map(term => term.coefficient), [plus, -plus, -minus, minus], 1e-14)
  })

  it.each([
    { frequencies: [1] }, { frequencies: [0.5, 1] }, { frequencies: [1, 2, 3, 4, 5, 6] },
    // Not equidistant: the closed form would be wrong here.
    { frequencies: [0.3, 0.7, 1] }, { frequencies: [1, 3] }, { frequencies: [0.5, 1, 1.5, 2.5] },
    { frequencies: [1, Math.SQRT2, Math.PI] }, { frequencies: [0.9, 1, 1.1] },
  ])('the derivative is exact for every trigonometric polynomial with frequencies $frequencies', ({ frequencies }) => {
    const rule = shiftRuleFor(frequencies)
    const size = rule.reduce((sum, { coefficient }) => sum + Math.abs(coefficient), 0)
    for (let trial = 0; trial < 20; trial++) {
      const terms = frequencies.map(w => ({ w, a: random() - 0.5, b: random() - 0.5 }))
      const constant = random()
      const f = (x: number) => terms.reduce((sum, { w, a, b }) => sum + a * Math.cos(w * x) + b * Math.sin(w * x), constant)
      const slope = (x: number) =>
        terms.reduce((sum, { w, a, b }) => sum - a * w * Math.sin(w * x) + b * w * Math.cos(w * x), 0)
      const x = 10 * (random() - 0.5)
      // Rounding of f, at most a few, enlarged by Σ|c|.
      expect(Math.abs(apply(rule, f, x) - slope(x))).toBeLessThan(1e-14 * (10 + size) * frequencies.length)
    }
  })

  it('a rule for well separated frequencies does not enlarge errors much', () => {
    for (const frequencies of [[1], [0.5, 1], [1, 2, 3, 4, 5, 6], [0.3, 0.7, 1], [1, 3], [1, Math.SQRT2, Math.PI]]) {
      // For one frequency ω, the least possible Σ|c| is ω; 3·max ω leaves room for close ones.
      const size = shiftRuleFor(frequencies).reduce((sum, { coefficient }) => sum + Math.abs(coefficient), 0)
      expect(size).toBeLessThan(3 * Math.max(...frequencies))
    }
  })

  it('a rule that fails for one of its frequencies is an internal error', () => {
    expect(() => checkShiftRule(shiftRuleFor([1]), [0.5, 1])).toThrow('internal')
  })

  it('the order of the frequencies does not matter', () => {
    expect(shiftRuleFor([1, 0.5])).toEqual(shiftRuleFor([0.5, 1]))
  })

  it('without frequencies the derivative is zero', () => {
    expect(shiftRuleFor([])).toEqual([])
  })

  it('entries: the central difference is exact for quadratics', () => {
    const f = (x: number) => 0.3 - 1.7 * x + 2.2 * x * x
    expect(apply(ENTRY_RULE, f, 0.4)).toBeCloseTo(-1.7 + 4.4 * 0.4, 14)
  })

  it('differences: the error for a sine is that of step and rounding', () => {
    expect(Math.abs(apply(differenceRule(undefined), Math.sin, 0.4) - Math.cos(0.4))).toBeLessThan(1e-10)
    // h²/6 with h = 2⁻⁷, and at most 2⁻²⁴/h for the rounding of a value to 32 bits.
    expect(Math.abs(apply(differenceRule('f32'), x => Math.fround(Math.sin(x)), 0.4) - Math.cos(0.4))).toBeLessThan(2 ** -14 / 6 + 2 ** -17)
  })
})
