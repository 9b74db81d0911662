/**
 * Quantum mechanics written out again: gates as full complex matrices from their definitions in language.md and the OpenQASM
 * specification, a state as 2^n amplitudes. It shares nothing with the product, so agreement means something.
 */

/** Row-major; [re, im] an entry. */
export interface Matrix { readonly size: number; readonly entries: readonly Complex[] }
export type Complex = readonly [re: number, im: number]

export const add = (a: Complex, b: Complex): Complex => [a[0] + b[0], a[1] + b[1]]
export const times = (a: Complex, b: Complex): Complex => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
export const phase = (angle: number): Complex => [Math.cos(angle), Math.sin(angle)]
const ZERO: Complex = [0, 0]
const ONE: Complex = [1, 0]

const entry = (matrix: Matrix, row: number, column: number): Complex => matrix.entries[row * matrix.size + column] ?? ZERO

export function matrixOf(size: number, at: (row: number, column: number) => Complex): Matrix {
  return { size, entries: Array.from({ length: size * size }, (_, e) => at(Math.floor(e / size), e % size)) }
}

const rows = (...given: readonly (readonly (number | Complex)[])[]): Matrix =>
  matrixOf(given.length, (r, c) => { const value = given[r]?.[c] ?? 0; return typeof value === 'number' ? [value, 0] : value })

export const identity = (size: number): Matrix => matrixOf(size, (r, c) => (r === c ? ONE : ZERO))

export function product(a: Matrix, b: Matrix): Matrix {
  return matrixOf(a.size, (r, c) => {
    let sum: Complex = ZERO
    for (let k = 0; k < a.size; k++) sum = add(sum, times(entry(a, r, k), entry(b, k, c)))
    return sum
  })
}

export const combine = (a: Matrix, x: Complex, b: Matrix, y: Complex): Matrix => matrixOf(a.size, (r, c) => add(times(x, entry(a, r, c)), times(y, entry(b, r, c))))

export const dagger = (a: Matrix): Matrix => matrixOf(a.size, (r, c) => { const [re, im] = entry(a, c, r); return [re, -im] })

export const kron = (a: Matrix, b: Matrix): Matrix =>
  matrixOf(a.size * b.size, (r, c) => times(entry(a, Math.floor(r / b.size), Math.floor(c / b.size)), entry(b, r % b.size, c % b.size)))

/** diag(I, U). */
export const underControl = (u: Matrix): Matrix => matrixOf(2 * u.size, (r, c) => (r >= u.size && c >= u.size ? entry(u, r - u.size, c - u.size) : r === c ? ONE : ZERO))

/**
 * Principal power of a unitary whose eigenvalues are eighth roots of 1, as those of every gate without an angle are:
 * Σ λ^k Π_{μ≠λ} (U − μ)/(λ − μ), −1 counting as e^{iπ}.
 */
export function principalPower(u: Matrix, k: number): Matrix {
  const roots = Array.from({ length: 8 }, (_, j) => (j - 3) * Math.PI / 4)
  let sum = matrixOf(u.size, () => ZERO)
  for (const root of roots) {
    let projector = identity(u.size)
    for (const other of roots) {
      if (other === root) continue
      const [re, im] = add(phase(root), [-phase(other)[0], -phase(other)[1]])
      const inverse: Complex = [re / (re * re + im * im), -im / (re * re + im * im)]
      projector = product(projector, combine(u, inverse, identity(u.size), times([-1, 0], times(inverse, phase(other)))))
    }
    sum = combine(sum, ONE, projector, phase(root * k))
  }
  return sum
}

// --------------------------------------------------------------------------------------------------------- gates

const I = identity(2)
const X = rows([0, 1], [1, 0])
const Y = rows([0, [0, -1]], [[0, 1], 0])
const Z = rows([1, 0], [0, -1])
const LETTERS: Readonly<Record<string, Matrix>> = { I, X, Y, Z, 0: rows([1, 0], [0, 0]), 1: rows([0, 0], [0, 1]) }

export const word = (letters: string): Matrix => [...letters].map(letter => LETTERS[letter] ?? I).reduce(kron)

/** exp(−iθP/2) = cos(θ/2) − i sin(θ/2) P, for P² = 1. */
export const rotation = (letters: string, angle: number): Matrix =>
  combine(identity(2 ** letters.length), [Math.cos(angle / 2), 0], word(letters), [0, -Math.sin(angle / 2)])

const diagonal = (...angles: readonly number[]): Matrix => matrixOf(angles.length, (r, c) => (r === c ? phase(angles[r] ?? 0) : ZERO))

/** c|a⟩ − s|b⟩ for |a⟩ and c|b⟩ + s|a⟩ for |b⟩. */
function givens(size: number, a: number, b: number, angle: number): Matrix {
  const [cos, sin] = [Math.cos(angle / 2), Math.sin(angle / 2)]
  return matrixOf(size, (r, c) => (r === a && c === a) || (r === b && c === b) ? [cos, 0] : r === b && c === a ? [-sin, 0] : r === a && c === b ? [sin, 0] : r === c ? ONE : ZERO)
}

const euler = (phi: number, theta: number, omega: number): Matrix => product(product(rotation('Z', omega), rotation('Y', theta)), rotation('Z', phi))

/** U(θ, φ, λ) of OpenQASM 3: ½[[1 + e^{iθ}, −ie^{iλ}(1 − e^{iθ})], [ie^{iφ}(1 − e^{iθ}), e^{i(φ+λ)}(1 + e^{iθ})]]. */
function universal(theta: number, phi: number, lambda: number): Matrix {
  const plus = times([0.5, 0], add(ONE, phase(theta)))
  const minus = times([0.5, 0], add(ONE, times([-1, 0], phase(theta))))
  return rows([plus, times(times([0, -1], phase(lambda)), minus)], [times(times([0, 1], phase(phi)), minus), times(phase(phi + lambda), plus)])
}

const h = rows([Math.SQRT1_2, Math.SQRT1_2], [Math.SQRT1_2, -Math.SQRT1_2])
const sx = rows([[0.5, 0.5], [0.5, -0.5]], [[0.5, -0.5], [0.5, 0.5]])
const swap = rows([1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1])
const iswap = rows([1, 0, 0, 0], [0, 0, [0, 1], 0], [0, [0, 1], 0, 0], [0, 0, 0, 1])

export interface GateRow { readonly qubits: number; readonly angles: number; matrix(...angles: readonly number[]): Matrix }

const fixed = (matrix: Matrix): GateRow => ({ qubits: Math.log2(matrix.size), angles: 0, matrix: () => matrix })
const one = (qubits: number, matrix: (angle: number) => Matrix): GateRow => ({ qubits, angles: 1, matrix: (angle = NaN) => matrix(angle) })
const three = (qubits: number, matrix: (a: number, b: number, c: number) => Matrix): GateRow => ({ qubits, angles: 3, matrix: (a = NaN, b = NaN, c = NaN) => matrix(a, b, c) })

/** Every gate that language.md §6 lists. */
export const GATES: Readonly<Record<string, GateRow>> = {
  id: fixed(I), x: fixed(X), y: fixed(Y), z: fixed(Z), h: fixed(h),
  s: fixed(diagonal(0, Math.PI / 2)), sdg: fixed(diagonal(0, -Math.PI / 2)), t: fixed(diagonal(0, Math.PI / 4)), tdg: fixed(diagonal(0, -Math.PI / 4)), sx: fixed(sx),
  rx: one(1, angle => rotation('X', angle)), ry: one(1, angle => rotation('Y', angle)), rz: one(1, angle => rotation('Z', angle)),
  p: one(1, angle => diagonal(0, angle)), u: three(1, universal), rot: three(1, euler),
  cx: fixed(underControl(X)), cy: fixed(underControl(Y)), cz: fixed(underControl(Z)), ch: fixed(underControl(h)),
  swap: fixed(swap), iswap: fixed(iswap), ccx: fixed(underControl(underControl(X))), cswap: fixed(underControl(swap)),
  crx: one(2, angle => underControl(rotation('X', angle))), cry: one(2, angle => underControl(rotation('Y', angle))), crz: one(2, angle => underControl(rotation('Z', angle))),
  cp: one(2, angle => diagonal(0, 0, 0, angle)), crot: three(2, (a, b, c) => underControl(euler(a, b, c))),
  rxx: one(2, angle => rotation('XX', angle)), ryy: one(2, angle => rotation('YY', angle)), rzz: one(2, angle => rotation('ZZ', angle)), rzx: one(2, angle => rotation('ZX', angle)),
  single_excitation: one(2, angle => givens(4, 0b10, 0b01, angle)), double_excitation: one(4, angle => givens(16, 0b1100, 0b0011, angle)),
}

// --------------------------------------------------------------------------------------------------------- states

/** A matrix on wires, the first most significant; `controls` as [wire, value]. */
export interface Placed { readonly matrix: Matrix; readonly wires: readonly number[]; readonly controls?: readonly (readonly [number, number])[] }

const bitOf = (index: number, qubits: number, wire: number): number => (index >> (qubits - 1 - wire)) & 1

export class Dense {
  state: readonly Complex[]

  constructor(readonly qubits: number) {
    this.state = Array.from({ length: 2 ** qubits }, (_, index) => (index === 0 ? ONE : ZERO))
  }

  apply({ matrix, wires, controls = [] }: Placed): this {
    const local = (index: number) => wires.reduce((bits, wire) => 2 * bits + bitOf(index, this.qubits, wire), 0)
    const masks = wires.map(wire => 1 << (this.qubits - 1 - wire))
    const replaced = (index: number, bits: number) =>
      masks.reduce((result, mask, at) => ((bits >> (wires.length - 1 - at)) & 1 ? result | mask : result & ~mask), index)
    this.state = this.state.map((amplitude, index) => {
      if (controls.some(([wire, value]) => bitOf(index, this.qubits, wire) !== value)) return amplitude
      let sum: Complex = ZERO
      for (let column = 0; column < matrix.size; column++) {
        sum = add(sum, times(entry(matrix, local(index), column), this.state[replaced(index, column)] ?? ZERO))
      }
      return sum
    })
    return this
  }

  gate(name: string, wires: readonly number[], ...angles: readonly number[]): this {
    const row = GATES[name]
    if (!row) throw new Error(`no gate ${name}`)
    return this.apply({ matrix: row.matrix(...angles), wires })
  }

  /** ⟨ψ|P|ψ⟩ for letters of I, X, Y, Z, 0, 1 at wires. */
  expect(letters: string, wires: readonly number[]): number {
    const moved = new Dense(this.qubits)
    moved.state = this.state
    moved.apply({ matrix: word(letters), wires })
    return this.state.reduce((sum, [re, im], index) => sum + re * (moved.state[index]?.[0] ?? 0) + im * (moved.state[index]?.[1] ?? 0), 0)
  }

  /** Of the 2^k outcomes of wires, the first most significant. */
  probs(wires: readonly number[]): number[] {
    const sums = Array.from({ length: 2 ** wires.length }, () => 0)
    this.state.forEach(([re, im], index) => {
      const outcome = wires.reduce((bits, wire) => 2 * bits + bitOf(index, this.qubits, wire), 0)
      sums[outcome] = (sums[outcome] ?? 0) + re * re + im * im
    })
    return sums
  }
}

/** Uniform in [0, 1), by mulberry32, so that a failure can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
