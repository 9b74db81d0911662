/**
 * Noise by its Kraus operators as a linear map of a density matrix that is kept as a vector (channelKernel.ts): the matrix
 * S = Σ K ⊗ K̄, whose entry [(r, c), (r′, c′)] is Σ K[r, r′]·K̄[c, c′].
 */
import type { KrausChannel } from '../circuit'
import type { ComplexMatrix } from '../linearAlgebra'
import { multiplyBlocks } from './entryKernels'
import { GivenOperators } from './krausOperators'
import { createStatevector, type NoiseStep, type Statevector } from './step'
import { controlledSubspace, localOffsets, type Subspace } from './subspace'

export class KrausKernel implements NoiseStep {
  readonly kind = 'noise'
  private readonly given: GivenOperators
  /** S. */
  private readonly map: ComplexMatrix
  private readonly offsets: Int32Array
  private readonly subspace: Subspace
  private readonly scratch: Statevector

  /** @param qubits of the circuit: the vector has twice as many bits */
  constructor(qubits: number, noise: KrausChannel) {
    this.given = new GivenOperators(noise)
    this.offsets = localOffsets(2 * qubits, [...noise.wires, ...noise.wires.map(wire => qubits + wire)])
    this.subspace = controlledSubspace(2 * qubits, [], this.offsets.reduce((mask, bits) => mask | bits, 0))
    this.scratch = createStatevector(2 * noise.wires.length, undefined)
    const size = this.offsets.length
    this.map = { size, re: new Float64Array(size * size), im: new Float64Array(size * size) }
    this.sumUp()
  }

  get slots(): readonly number[] {
    return this.given.slots
  }

  load(values: Float64Array): void {
    this.given.load(values)
    this.sumUp()
  }

  complaint(): string | undefined {
    return this.given.complaint()
  }

  apply(state: Statevector): void {
    multiplyBlocks(state, this.subspace, this.offsets, this.map.re, this.map.im, false, this.scratch)
  }

  applyAdjoint(lambda: Statevector): void {
    multiplyBlocks(lambda, this.subspace, this.offsets, this.map.re, this.map.im, true, this.scratch)
  }

  /**
   * With G[(r, c), (r′, c′)] = Σₛ λ̄[(r, c), s]·ρ[(r′, c′), s] the number is Re Σ G·S. Both matrices are Hermitian, so G with rows
   * and columns exchanged is Ḡ, and z = Σ G[(r, c), (r′, c′)]·K̄[c, c′] over c, c′ gives the slope 2 Re z by the real part of
   * K[r, r′] and −2 Im z by its imaginary part.
   */
  addSlopes(lambda: Statevector, before: Statevector, wanted: Uint8Array, gradient: Float64Array): void {
    if (!this.slots.some(slot => wanted[slot] === 1)) return
    const g = this.overlaps(lambda, before)
    const { operators, re, im } = this.given
    const add = (slot: number, slope: number) => { if (slot >= 0 && wanted[slot] === 1) gradient[slot] = (gradient[slot] as number) + slope }
    for (const [m, { size, re: kr, im: ki }] of operators.entries()) {
      for (let r = 0; r < size; r++) for (let rr = 0; rr < size; rr++) {
        let x = 0, y = 0
        for (let c = 0; c < size; c++) for (let cc = 0; cc < size; cc++) {
          const at = (r * size + c) * g.size + rr * size + cc, k = c * size + cc
          const a = g.re[at] as number, b = g.im[at] as number, u = kr[k] as number, v = ki[k] as number
          x += a * u + b * v
          y += b * u - a * v
        }
        const entry = (m * size + r) * size + rr
        add(re.slots[entry] as number, 2 * x)
        add(im.slots[entry] as number, -2 * y)
      }
    }
  }

  private overlaps(lambda: Statevector, before: Statevector): ComplexMatrix {
    const { offsets, subspace: { free, fixed } } = this
    const size = offsets.length
    const re = new Float64Array(size * size), im = new Float64Array(size * size)
    let s = 0
    do {
      for (let r = 0; r < size; r++) {
        const i = s | fixed | (offsets[r] as number)
        const lr = lambda.re[i] as number, li = lambda.im[i] as number
        for (let c = 0; c < size; c++) {
          const j = s | fixed | (offsets[c] as number)
          const x = before.re[j] as number, y = before.im[j] as number
          re[r * size + c] = (re[r * size + c] as number) + lr * x + li * y
          im[r * size + c] = (im[r * size + c] as number) + lr * y - li * x
        }
      }
      s = (s - free) & free
    } while (s !== 0)
    return { size, re, im }
  }

  private sumUp(): void {
    const { map } = this
    map.re.fill(0)
    map.im.fill(0)
    for (const { size, re, im } of this.given.operators) {
      for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) for (let rr = 0; rr < size; rr++) for (let cc = 0; cc < size; cc++) {
        const k = r * size + rr, l = c * size + cc, e = (r * size + c) * map.size + rr * size + cc
        const a = re[k] as number, b = im[k] as number, u = re[l] as number, v = im[l] as number
        map.re[e] = (map.re[e] as number) + a * u + b * v
        map.im[e] = (map.im[e] as number) + b * u - a * v
      }
    }
  }
}
