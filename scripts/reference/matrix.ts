/** A gate's matrix in symbols. They are found from its numbers: each entry is the one term that has its values at several angles. */
import type { ComplexMatrix } from '../../quantum/linearAlgebra'

interface Complex { readonly re: number; readonly im: number }

const times = (a: Complex, b: Complex): Complex => ({ re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re })
const phase = (angle: number): Complex => ({ re: Math.cos(angle), im: Math.sin(angle) })
const isClose = (a: Complex, b: Complex): boolean => Math.hypot(a.re - b.re, a.im - b.im) < 1e-12

interface Term { readonly text: string; value(angles: readonly number[]): Complex }

const UNITS: readonly (readonly [sign: string, value: Complex])[] = [
  ['', { re: 1, im: 0 }], ['−', { re: -1, im: 0 }], ['i ', { re: 0, im: 1 }], ['−i ', { re: 0, im: -1 }],
]

/** Angles at which no two terms agree by accident. */
const SAMPLES: readonly (readonly number[])[] = [[0.731, 1.913, -2.417], [-1.277, 0.491, 0.883], [2.961, -1.639, 1.371]]

/**
 * Rows of entries such as `cos θ/2`.
 * @param angles names of the angles
 * @throws Error for an entry that is no such term
 */
export function symbolicMatrix(matrix: (angles: readonly number[]) => ComplexMatrix, angles: readonly string[]): readonly (readonly string[])[] {
  const terms = [...constants(), ...functions(angles)]
  const samples = SAMPLES.map(sample => ({ angles: sample, matrix: matrix(sample.slice(0, angles.length)) }))
  const size = samples[0]?.matrix.size ?? 0
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (__, column) => {
    const at = row * size + column
    const term = terms.find(({ value }) => samples.every(sample => isClose(value(sample.angles), { re: sample.matrix.re[at] ?? NaN, im: sample.matrix.im[at] ?? NaN })))
    if (!term) throw new Error(`no term for the entry ${row}, ${column} of a gate of ${angles.join(', ')}`)
    return term.text
  }))
}

function constants(): readonly Term[] {
  const constant = (text: string, value: Complex): Term => ({ text, value: () => value })
  const r = Math.SQRT1_2
  return [
    constant('0', { re: 0, im: 0 }),
    ...([['1', 1], ['1/√2', r]] as const).flatMap(([text, size]) => UNITS.map(([sign, unit]) =>
      constant(text === '1' && sign.includes('i') ? sign.trim() : sign + text, { re: unit.re * size, im: unit.im * size }))),
    constant('(1 + i)/2', { re: 0.5, im: 0.5 }), constant('(1 − i)/2', { re: 0.5, im: -0.5 }),
    constant('e^{iπ/4}', phase(Math.PI / 4)), constant('e^{−iπ/4}', phase(-Math.PI / 4)),
  ]
}

/** ±1, ±i, times cos or sin of half of an angle or nothing, times a phase of whole and half angles. */
function functions(angles: readonly string[]): readonly Term[] {
  const phases = phasesOf(angles)
  const parts: readonly Term[] = [
    { text: '', value: () => ({ re: 1, im: 0 }) },
    ...angles.flatMap((name, at): readonly Term[] => [
      { text: `cos ${name}/2`, value: sample => ({ re: Math.cos((sample[at] ?? NaN) / 2), im: 0 }) },
      { text: `sin ${name}/2`, value: sample => ({ re: Math.sin((sample[at] ?? NaN) / 2), im: 0 }) },
    ]),
  ]
  // The plainest first: without a phase, then of the fewest angles.
  return phases.flatMap(factor => parts.flatMap(part => UNITS.map(([sign, unit]): Term => ({
    text: `${sign}${[factor.text, part.text].filter(Boolean).join(' ')}`.trim(),
    value: sample => times(unit, times(factor.value(sample), part.value(sample))),
  }))))
}

function phasesOf(angles: readonly string[]): readonly Term[] {
  const multiples = angles.reduce<readonly (readonly number[])[]>((all, _) => all.flatMap(row => [0, 1, -1, 0.5, -0.5].map(k => [...row, k])), [[]])
  const used = (row: readonly number[]) => row.filter(k => k !== 0).length
  return [...multiples].sort((a, b) => used(a) - used(b)).map(row => ({
    text: used(row) === 0 ? '' : `e^{${sumOf(row, angles)}}`,
    value: sample => phase(row.reduce((sum, k, at) => sum + k * (sample[at] ?? NaN), 0)),
  }))
}

/** `i(φ + λ)`, `iθ/2`, `−i(φ + ω)/2`. */
function sumOf(row: readonly number[], names: readonly string[]): string {
  const present = row.flatMap((k, at) => (k === 0 ? [] : [{ k, name: names[at] ?? '' }]))
  const [first] = present
  if (!first) return ''
  const isHalf = present.every(({ k }) => Math.abs(k) === 0.5)
  const lead = first.k < 0 ? -1 : 1
  const terms = present.map(({ k, name }, at) => `${at === 0 ? '' : k * lead < 0 ? ' − ' : ' + '}${name}${!isHalf && Math.abs(k) === 0.5 ? '/2' : ''}`).join('')
  const whole = present.length > 1 ? `(${terms})` : terms
  return `${lead < 0 ? '−' : ''}i${whole}${isHalf ? '/2' : ''}`
}

/** Rows under each other, columns aligned, in brackets. */
export function printMatrix(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => [...row[column] ?? ''].length)))
  const bracket = (at: number): readonly [string, string] =>
    rows.length === 1 ? ['[', ']'] : at === 0 ? ['⎡', '⎤'] : at === rows.length - 1 ? ['⎣', '⎦'] : ['⎢', '⎥']
  return rows.map((row, at) => {
    const [open, close] = bracket(at)
    return `${open} ${row.map((entry, column) => entry + ' '.repeat((widths[column] ?? 0) - [...entry].length)).join('   ')} ${close}`
  }).join('\n')
}
