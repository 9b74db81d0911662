/** Amplitudes and dense matrices of known entries as rotations under controls: exact, for formats that have neither. */
import type { Amplitudes, Control, DenseGate, UnitaryOperation } from '../circuit'

/** Below this an angle does nothing that a double can show. */
const NOTHING = 1e-15

interface Complex { readonly re: number; readonly im: number }

const rotation = (name: 'ry' | 'rz' | 'p', wire: number, angle: number, controls: readonly Control[]): readonly UnitaryOperation[] =>
  Math.abs(angle) < NOTHING ? [] : [{ kind: 'gate', name, wires: [wire], controls, angles: [{ value: angle }], inverse: false }]

const phase = (angle: number, controls: readonly Control[]): readonly UnitaryOperation[] =>
  Math.abs(angle) < NOTHING ? [] : [{ kind: 'global_phase', wires: [], controls, angle: { value: angle } }]

/** The wires carry the bits of `value`, the first wire the most significant. */
const carrying = (wires: readonly number[], value: number): readonly Control[] =>
  wires.map((wire, at) => ({ wire, value: (value >> (wires.length - 1 - at)) & 1 ? 1 : 0 }))

/**
 * |0…0⟩ to the given state: from the most significant qubit down, each is rotated by what the weights of its two halves say,
 * under the bits before it; then the phases (Möttönen et al., “Transformation of quantum states using uniformly controlled
 * rotations”, 2005, without their Gray-code saving).
 *
 * @param re, im 2^k numbers of norm 1
 */
export function prepareAmplitudes({ wires }: Pick<Amplitudes, 'wires'>, re: readonly number[], im: readonly number[]): readonly UnitaryOperation[] {
  const count = wires.length
  const norm = (from: number, to: number): number => Math.sqrt(re.slice(from, to).reduce((sum, x, i) => sum + x * x + (im[from + i] ?? 0) ** 2, 0))
  const operations = wires.flatMap((wire, level) => {
    const half = 2 ** (count - level - 1)
    return Array.from({ length: 2 ** level }, (_, prefix) => {
      const start = prefix * 2 * half
      return rotation('ry', wire, 2 * Math.atan2(norm(start + half, start + 2 * half), norm(start, start + half)), carrying(wires.slice(0, level), prefix))
    }).flat()
  })
  const last = wires.at(-1) ?? 0
  const argument = (i: number) => Math.atan2(im[i] ?? 0, re[i] ?? 0)
  const phases = Array.from({ length: 2 ** (count - 1) }, (_, prefix) => {
    const before = carrying(wires.slice(0, -1), prefix)
    return [...phase(argument(2 * prefix), before), ...rotation('p', last, argument(2 * prefix + 1) - argument(2 * prefix), before)]
  })
  return [...operations, ...phases.flat()]
}

/**
 * A unitary as rotations of two basis states each, which differ in one bit because columns are cleared along the Gray code
 * (Nielsen and Chuang, section 4.5.2; the code makes their swaps unnecessary).
 *
 * @param re, im 4^k entries, row-major
 */
export function splitUnitary({ wires, controls }: Pick<DenseGate, 'wires' | 'controls'>, re: readonly number[], im: readonly number[]): readonly UnitaryOperation[] {
  const size = 2 ** wires.length
  const rows = Array.from({ length: size }, (_, r) => Array.from({ length: size }, (__, c): Complex => ({ re: re[r * size + c] ?? 0, im: im[r * size + c] ?? 0 })))
  const gray = (i: number) => i ^ (i >> 1)
  const undone: (readonly UnitaryOperation[])[] = []
  for (let i = 0; i < size - 1; i++) {
    for (let j = size - 1; j > i; j--) {
      const upper = rows[gray(j - 1)], lower = rows[gray(j)]
      const a = upper?.[gray(i)], b = lower?.[gray(i)]
      const isLast = j === i + 1
      if (!upper || !lower || !a || !b || (Math.hypot(b.re, b.im) < NOTHING && !(isLast && Math.abs(Math.atan2(a.im, a.re)) >= NOTHING))) continue
      clear(upper, lower, a, b)
      undone.push(turnBack(wires, controls, gray(j - 1), gray(j), a, b))
    }
  }
  const corner = gray(size - 1)
  const left = rows[corner]?.[corner] ?? { re: 1, im: 0 }
  return [...cornerPhase(wires, controls, corner, Math.atan2(left.im, left.re)), ...undone.reverse().flat()]
}

/** Rows (u, l) ← V (u, l) with V = [[a*, b*], [−b, a]]/|(a, b)|, which takes the column (a, b) to (norm, 0). */
function clear(upper: Complex[], lower: Complex[], a: Complex, b: Complex): void {
  const norm = Math.hypot(a.re, a.im, b.re, b.im)
  upper.forEach((u, c) => {
    const l = lower[c] ?? { re: 0, im: 0 }
    upper[c] = {
      re: (a.re * u.re + a.im * u.im + b.re * l.re + b.im * l.im) / norm,
      im: (a.re * u.im - a.im * u.re + b.re * l.im - b.im * l.re) / norm,
    }
    lower[c] = {
      re: (a.re * l.re - a.im * l.im - b.re * u.re + b.im * u.im) / norm,
      im: (a.re * l.im + a.im * l.re - b.re * u.im - b.im * u.re) / norm,
    }
  })
}

/** V† = [[a, −b*], [b, a*]]/norm between two basis states that differ in one bit. */
function turnBack(wires: readonly number[], controls: readonly Control[], upper: number, lower: number, a: Complex, b: Complex): readonly UnitaryOperation[] {
  const place = wires.length - 1 - Math.log2(upper ^ lower)
  const wire = wires[place] ?? 0
  const around = [...controls, ...carrying(wires, upper).filter(control => control.wire !== wire)]
  // With the states in the other order, [[a*, b], [−b*, a]]: again of the form [[α, −β*], [β, α*]].
  const isSwapped = (upper & (upper ^ lower)) !== 0
  const alpha = isSwapped ? { re: a.re, im: -a.im } : a
  const beta = isSwapped ? { re: -b.re, im: b.im } : b
  const theta = 2 * Math.atan2(Math.hypot(beta.re, beta.im), Math.hypot(alpha.re, alpha.im))
  const sum = -2 * Math.atan2(alpha.im, alpha.re), difference = 2 * Math.atan2(beta.im, beta.re)
  // RZ(φ) RY(θ) RZ(λ): α = cos(θ/2) e^{−i(φ+λ)/2}, β = sin(θ/2) e^{i(φ−λ)/2}.
  return [
    ...rotation('rz', wire, (sum - difference) / 2, around), ...rotation('ry', wire, theta, around), ...rotation('rz', wire, (sum + difference) / 2, around),
  ]
}

function cornerPhase(wires: readonly number[], controls: readonly Control[], state: number, angle: number): readonly UnitaryOperation[] {
  return phase(angle, [...controls, ...carrying(wires, state)])
}
