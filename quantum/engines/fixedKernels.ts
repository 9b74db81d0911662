/** Gates without angles as loops over amplitude pairs: permutations, and constant 2×2 matrices. */
import type { FixedStep, Statevector } from './step'
import type { Subspace } from './subspace'

/** Exchanges the amplitudes of s|a and s|b: x and swap, under any controls. */
export class ExchangeKernel implements FixedStep {
  readonly kind = 'fixed'
  readonly slots: readonly number[] = []
  constructor(private readonly subspace: Subspace, private readonly a: number, private readonly b: number) {}

  load(): void {}

  apply({ re, im }: Statevector): void {
    const { free, fixed } = this.subspace
    const first = fixed | this.a, second = fixed | this.b
    let s = 0
    do {
      const i = s | first, j = s | second
      const x = re[i] as number, y = im[i] as number
      re[i] = re[j] as number
      im[i] = im[j] as number
      re[j] = x
      im[j] = y
      s = (s - free) & free
    } while (s !== 0)
  }

  undo(state: Statevector): void {
    this.apply(state)
  }
}

/** A constant 2×2 unitary: [m00, m01, m10, m11], real and imaginary parts. */
export interface PairMatrix {
  readonly re: readonly [number, number, number, number]
  readonly im: readonly [number, number, number, number]
}

/** A constant 2×2 unitary on the amplitudes of s|a and s|b: y, h, sx, iswap, under any controls. */
export class PairKernel implements FixedStep {
  readonly kind = 'fixed'
  readonly slots: readonly number[] = []
  private readonly inverse: PairMatrix

  constructor(
    private readonly subspace: Subspace, private readonly a: number, private readonly b: number,
    private readonly matrix: PairMatrix,
  ) {
    const { re, im } = matrix
    this.inverse = { re: [re[0], re[2], re[1], re[3]], im: [-im[0], -im[2], -im[1], -im[3]] }
  }

  load(): void {}

  apply(state: Statevector): void {
    this.multiply(state, this.matrix)
  }

  undo(state: Statevector): void {
    this.multiply(state, this.inverse)
  }

  private multiply({ re, im }: Statevector, matrix: PairMatrix): void {
    const { free, fixed } = this.subspace
    const first = fixed | this.a, second = fixed | this.b
    const [r00, r01, r10, r11] = matrix.re
    const [i00, i01, i10, i11] = matrix.im
    let s = 0
    do {
      const i = s | first, j = s | second
      const xr = re[i] as number, xi = im[i] as number, yr = re[j] as number, yi = im[j] as number
      re[i] = r00 * xr - i00 * xi + r01 * yr - i01 * yi
      im[i] = r00 * xi + i00 * xr + r01 * yi + i01 * yr
      re[j] = r10 * xr - i10 * xi + r11 * yr - i11 * yi
      im[j] = r10 * xi + i10 * xr + r11 * yi + i11 * yr
      s = (s - free) & free
    } while (s !== 0)
  }
}
