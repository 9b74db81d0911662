/**
 * Gates exp(−iθG) as loops over amplitudes: phases, rotations in a plane, Pauli words.
 *
 * Each keeps cos and sin of its angle (halved, for a rotation) until its slot changes. The inverse is the same kernel with
 * the sine negated, and the slope is 2 Im⟨λ|G|ψ⟩ with the state after the gate, since ∂U/∂θ ψ = −iG Uψ.
 */
import type { Operand } from '../circuit'
import { slotsOf } from './operands'
import { copyState, scaledDifference, type AngleStep, type Statevector } from './step'
import { parity, type Subspace, type WordMasks } from './subspace'

abstract class AngleKernel implements AngleStep {
  readonly kind = 'angle'
  readonly slots: readonly number[]
  protected cosine = 1
  protected sine = 0

  /** @param scale what multiplies θ inside cos and sin: ½ for a rotation, 1 for a phase */
  constructor(private readonly angle: Operand, private readonly scale: number) {
    this.slots = slotsOf([angle])
    if ('value' in angle) this.setAngle(angle.value)
  }

  load(values: Float64Array): void {
    if ('slot' in this.angle) this.setAngle(values[this.angle.slot] as number)
  }

  apply(state: Statevector): void {
    this.turn(state, this.sine)
  }

  undo(state: Statevector): void {
    this.turn(state, -this.sine)
  }

  /** The kernel is 1 − Π + cos·Π + sin·K with cos and sin of scale·θ, so its derivative is scale·(−sin·Π + cos·K). */
  differentiate(before: Statevector, out: Statevector, work: Statevector): void {
    const { cosine, sine } = this
    copyState(before, out)
    copyState(before, work)
    this.cosine = -sine
    this.turn(out, cosine)
    this.cosine = 0
    this.turn(work, 0)
    this.cosine = cosine
    scaledDifference(this.scale, out, work)
  }

  abstract slope(lambda: Statevector, after: Statevector): number
  protected abstract turn(state: Statevector, sine: number): void

  private setAngle(angle: number): void {
    this.cosine = Math.cos(angle * this.scale)
    this.sine = Math.sin(angle * this.scale)
  }
}

/** e^{iθ} on a subspace, G = −1 there: p, z, s, t and their controlled kin, and a global phase. */
export class PhaseKernel extends AngleKernel {
  constructor(angle: Operand, private readonly subspace: Subspace) {
    super(angle, 1)
  }

  protected turn({ re, im }: Statevector, sine: number): void {
    const { free, fixed } = this.subspace
    const cosine = this.cosine
    let s = 0
    do {
      const i = s | fixed
      const x = re[i] as number, y = im[i] as number
      re[i] = cosine * x - sine * y
      im[i] = cosine * y + sine * x
      s = (s - free) & free
    } while (s !== 0)
  }

  slope(lambda: Statevector, after: Statevector): number {
    const { free, fixed } = this.subspace
    let sum = 0
    let s = 0
    do {
      const i = s | fixed
      sum += (lambda.im[i] as number) * (after.re[i] as number) - (lambda.re[i] as number) * (after.im[i] as number)
      s = (s - free) & free
    } while (s !== 0)
    return 2 * sum
  }
}

/** exp(−iθX/2) in the plane of s|a and s|b: rx. */
export class RotationXKernel extends AngleKernel {
  constructor(
    angle: Operand, private readonly subspace: Subspace, private readonly a: number, private readonly b: number,
  ) {
    super(angle, 0.5)
  }

  protected turn({ re, im }: Statevector, sine: number): void {
    const { free, fixed } = this.subspace
    const first = fixed | this.a, second = fixed | this.b
    const cosine = this.cosine
    let s = 0
    do {
      const i = s | first, j = s | second
      const xr = re[i] as number, xi = im[i] as number, yr = re[j] as number, yi = im[j] as number
      re[i] = cosine * xr + sine * yi
      im[i] = cosine * xi - sine * yr
      re[j] = cosine * yr + sine * xi
      im[j] = cosine * yi - sine * xr
      s = (s - free) & free
    } while (s !== 0)
  }

  slope(lambda: Statevector, after: Statevector): number {
    const { free, fixed } = this.subspace
    const first = fixed | this.a, second = fixed | this.b
    let sum = 0
    let s = 0
    do {
      const i = s | first, j = s | second
      sum += (lambda.re[i] as number) * (after.im[j] as number) - (lambda.im[i] as number) * (after.re[j] as number)
        + (lambda.re[j] as number) * (after.im[i] as number) - (lambda.im[j] as number) * (after.re[i] as number)
      s = (s - free) & free
    } while (s !== 0)
    return sum
  }
}

/** exp(−iθY/2) in the plane of s|a and s|b: ry, and the Givens rotations. */
export class RotationYKernel extends AngleKernel {
  constructor(
    angle: Operand, private readonly subspace: Subspace, private readonly a: number, private readonly b: number,
  ) {
    super(angle, 0.5)
  }

  protected turn({ re, im }: Statevector, sine: number): void {
    const { free, fixed } = this.subspace
    const first = fixed | this.a, second = fixed | this.b
    const cosine = this.cosine
    let s = 0
    do {
      const i = s | first, j = s | second
      const xr = re[i] as number, xi = im[i] as number, yr = re[j] as number, yi = im[j] as number
      re[i] = cosine * xr - sine * yr
      im[i] = cosine * xi - sine * yi
      re[j] = cosine * yr + sine * xr
      im[j] = cosine * yi + sine * xi
      s = (s - free) & free
    } while (s !== 0)
  }

  slope(lambda: Statevector, after: Statevector): number {
    const { free, fixed } = this.subspace
    const first = fixed | this.a, second = fixed | this.b
    let sum = 0
    let s = 0
    do {
      const i = s | first, j = s | second
      sum += (lambda.re[j] as number) * (after.re[i] as number) + (lambda.im[j] as number) * (after.im[i] as number)
        - (lambda.re[i] as number) * (after.re[j] as number) - (lambda.im[i] as number) * (after.im[j] as number)
      s = (s - free) & free
    } while (s !== 0)
    return sum
  }
}

/** exp(−iθZ/2) on the bit b: rz. */
export class RotationZKernel extends AngleKernel {
  constructor(angle: Operand, private readonly subspace: Subspace, private readonly b: number) {
    super(angle, 0.5)
  }

  protected turn({ re, im }: Statevector, sine: number): void {
    const { free, fixed } = this.subspace
    const second = fixed | this.b
    const cosine = this.cosine
    let s = 0
    do {
      const i = s | fixed, j = s | second
      const xr = re[i] as number, xi = im[i] as number, yr = re[j] as number, yi = im[j] as number
      re[i] = cosine * xr + sine * xi
      im[i] = cosine * xi - sine * xr
      re[j] = cosine * yr - sine * yi
      im[j] = cosine * yi + sine * yr
      s = (s - free) & free
    } while (s !== 0)
  }

  slope(lambda: Statevector, after: Statevector): number {
    const { free, fixed } = this.subspace
    const second = fixed | this.b
    let sum = 0
    let s = 0
    do {
      const i = s | fixed, j = s | second
      sum += (lambda.re[i] as number) * (after.im[i] as number) - (lambda.im[i] as number) * (after.re[i] as number)
        - (lambda.re[j] as number) * (after.im[j] as number) + (lambda.im[j] as number) * (after.re[j] as number)
      s = (s - free) & free
    } while (s !== 0)
    return sum
  }
}

/** exp(−iθP/2) for a diagonal word P, on a subspace: rzz, and rotations by the identity. */
export class DiagonalWordKernel extends AngleKernel {
  constructor(angle: Operand, private readonly subspace: Subspace, private readonly z: number) {
    super(angle, 0.5)
  }

  protected turn({ re, im }: Statevector, sine: number): void {
    const { free, fixed } = this.subspace
    const cosine = this.cosine, z = this.z
    let s = 0
    do {
      const i = s | fixed
      const signed = parity(i & z) === 1 ? sine : -sine
      const x = re[i] as number, y = im[i] as number
      re[i] = cosine * x - signed * y
      im[i] = cosine * y + signed * x
      s = (s - free) & free
    } while (s !== 0)
  }

  slope(lambda: Statevector, after: Statevector): number {
    const { free, fixed } = this.subspace
    let sum = 0
    let s = 0
    do {
      const i = s | fixed
      const term = (lambda.re[i] as number) * (after.im[i] as number) - (lambda.im[i] as number) * (after.re[i] as number)
      sum += parity(i & this.z) === 1 ? -term : term
      s = (s - free) & free
    } while (s !== 0)
    return sum
  }
}

/**
 * exp(−iθP/2) for a word P with an X or a Y. It pairs i with j = i ⊕ x: with p = ⟨j|P|i⟩, ψᵢ ← c·ψᵢ − is·p̄·ψⱼ and
 * ψⱼ ← c·ψⱼ − is·p·ψᵢ. The subspace fixes one bit of x at 0, so that each pair is met once.
 */
export class WordKernel extends AngleKernel {
  constructor(angle: Operand, private readonly subspace: Subspace, private readonly word: WordMasks) {
    super(angle, 0.5)
  }

  protected turn({ re, im }: Statevector, sine: number): void {
    const { free, fixed } = this.subspace
    const { x, z, phaseRe, phaseIm } = this.word
    const cosine = this.cosine
    let s = 0
    do {
      const i = s | fixed, j = i ^ x
      const signed = parity(i & z) === 1 ? -sine : sine
      // g = −is·p
      const gr = signed * phaseIm, gi = -signed * phaseRe
      const xr = re[i] as number, xi = im[i] as number, yr = re[j] as number, yi = im[j] as number
      re[i] = cosine * xr - gr * yr - gi * yi
      im[i] = cosine * xi - gr * yi + gi * yr
      re[j] = cosine * yr + gr * xr - gi * xi
      im[j] = cosine * yi + gr * xi + gi * xr
      s = (s - free) & free
    } while (s !== 0)
  }

  slope(lambda: Statevector, after: Statevector): number {
    const { free, fixed } = this.subspace
    const { x, z, phaseRe, phaseIm } = this.word
    let sum = 0
    let s = 0
    do {
      const i = s | fixed, j = i ^ x
      const lir = lambda.re[i] as number, lii = lambda.im[i] as number
      const ljr = lambda.re[j] as number, lji = lambda.im[j] as number
      const xr = after.re[i] as number, xi = after.im[i] as number, yr = after.re[j] as number, yi = after.im[j] as number
      // Im(λ̄ᵢ p̄ ψⱼ + λ̄ⱼ p ψᵢ)
      const term = phaseRe * (lir * yi - lii * yr + ljr * xi - lji * xr)
        + phaseIm * (ljr * xr + lji * xi - lir * yr - lii * yi)
      sum += parity(i & z) === 1 ? -term : term
      s = (s - free) & free
    } while (s !== 0)
    return sum
  }
}
