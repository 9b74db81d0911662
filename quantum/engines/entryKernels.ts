/**
 * Operations given by their entries: dense matrices and amplitude vectors.
 *
 * They are linear in their entries, so an expectation value is a quadratic of each one; at shifted entries they are not
 * unitary, which is why nothing here is ever undone.
 */
import type { Amplitudes, DenseGate } from '../circuit'
import { MAX_DEVIATION, unitaryDeviation } from '../linearAlgebra'
import { OperandVector, slotsOf } from './operands'
import type { EntriesStep, Statevector } from './step'
import { controlledSubspace, localOffsets, type Subspace } from './subspace'

/**
 * ψ ← Mψ, or M†ψ where `adjoint`, for the row-major matrix M over the basis states s|offsets.
 * @param scratch one number for each offset
 */
export function multiplyBlocks(
  { re, im }: Statevector, { free, fixed }: Subspace, offsets: Int32Array, mr: Float64Array, mi: Float64Array,
  adjoint: boolean, scratch: Statevector,
): void {
  const size = offsets.length
  const rowStride = adjoint ? 1 : size, columnStride = adjoint ? size : 1, sign = adjoint ? -1 : 1
  let s = 0
  do {
    const base = s | fixed
    for (let c = 0; c < size; c++) {
      const i = base | (offsets[c] as number)
      scratch.re[c] = re[i] as number
      scratch.im[c] = im[i] as number
    }
    for (let r = 0; r < size; r++) {
      let sumRe = 0, sumIm = 0
      for (let c = 0; c < size; c++) {
        const e = r * rowStride + c * columnStride
        const a = mr[e] as number, b = sign * (mi[e] as number)
        const x = scratch.re[c] as number, y = scratch.im[c] as number
        sumRe += a * x - b * y
        sumIm += a * y + b * x
      }
      const i = base | (offsets[r] as number)
      re[i] = sumRe
      im[i] = sumIm
    }
    s = (s - free) & free
  } while (s !== 0)
}

/** out[s|row] ← f·ψ[s|column], 0 elsewhere; f is 1, or ±i where `imaginary` is ±1. */
function moveEntries(before: Statevector, out: Statevector, { free, fixed }: Subspace, row: number, column: number, imaginary: -1 | 0 | 1): void {
  out.re.fill(0)
  out.im.fill(0)
  let s = 0
  do {
    const i = s | fixed | row, j = s | fixed | column
    const x = before.re[j] as number, y = before.im[j] as number
    out.re[i] = imaginary === 0 ? x : -imaginary * y
    out.im[i] = imaginary === 0 ? y : imaginary * x
    s = (s - free) & free
  } while (s !== 0)
}

/** A dense matrix on k wires, under controls. */
export class DenseKernel implements EntriesStep {
  readonly kind = 'entries'
  readonly slots: readonly number[]
  private readonly re: OperandVector
  private readonly im: OperandVector
  private readonly offsets: Int32Array
  private readonly subspace: Subspace
  private readonly scratch: Statevector

  constructor(qubits: number, gate: DenseGate) {
    this.slots = slotsOf([...gate.re, ...gate.im])
    this.re = new OperandVector(gate.re)
    this.im = new OperandVector(gate.im)
    this.offsets = localOffsets(qubits, gate.wires)
    this.subspace = controlledSubspace(qubits, gate.controls, this.offsets.reduce((mask, bits) => mask | bits, 0))
    this.scratch = { re: new Float64Array(this.offsets.length), im: new Float64Array(this.offsets.length) }
  }

  load(values: Float64Array): void {
    this.re.load(values)
    this.im.load(values)
  }

  complaint(): string | undefined {
    const deviation = unitaryDeviation({ size: this.offsets.length, re: this.re.values, im: this.im.values })
    return deviation <= MAX_DEVIATION ? undefined
      : `the matrix of \`unitary\` is not unitary: U†U differs from the identity by ${deviation.toPrecision(3)}, at most 1e-6 is allowed`
  }

  apply(state: Statevector): void {
    multiplyBlocks(state, this.subspace, this.offsets, this.re.values, this.im.values, false, this.scratch)
  }

  applyAdjoint(lambda: Statevector): void {
    multiplyBlocks(lambda, this.subspace, this.offsets, this.re.values, this.im.values, true, this.scratch)
  }

  differentiate(slot: number, before: Statevector, out: Statevector): void {
    const size = this.offsets.length
    const real = this.re.slots.indexOf(slot)
    const entry = real >= 0 ? real : this.im.slots.indexOf(slot)
    moveEntries(before, out, this.subspace, this.offsets[Math.floor(entry / size)] as number, this.offsets[entry % size] as number, real >= 0 ? 0 : 1)
  }

  addSlopes(lambda: Statevector, before: Statevector, wanted: Uint8Array, gradient: Float64Array): void {
    const size = this.offsets.length
    for (let r = 0; r < size; r++) {
      for (let c = 0; c < size; c++) {
        const realSlot = this.re.slots[r * size + c] as number, imaginarySlot = this.im.slots[r * size + c] as number
        const real = realSlot >= 0 && wanted[realSlot] === 1
        const imaginary = imaginarySlot >= 0 && wanted[imaginarySlot] === 1
        if (!real && !imaginary) continue
        addOverlap(
          lambda, before, this.subspace, this.offsets[r] as number, this.offsets[c] as number,
          real ? realSlot : -1, imaginary ? imaginarySlot : -1, gradient)
      }
    }
  }
}

/**
 * With z = Σₛ λ̄[s|row]·ψ[s|column]: the entry in (row, column) has the slope 2 Re z by its real part and 2 Re(iz) = −2 Im z
 * by its imaginary one.
 */
function addOverlap(
  lambda: Statevector, before: Statevector, subspace: Subspace, row: number, column: number,
  realSlot: number, imaginarySlot: number, gradient: Float64Array,
): void {
  const { free, fixed } = subspace
  let re = 0, im = 0
  let s = 0
  do {
    const i = s | fixed | row, j = s | fixed | column
    const lr = lambda.re[i] as number, li = lambda.im[i] as number
    const xr = before.re[j] as number, xi = before.im[j] as number
    re += lr * xr + li * xi
    im += lr * xi - li * xr
    s = (s - free) & free
  } while (s !== 0)
  if (realSlot >= 0) gradient[realSlot] = (gradient[realSlot] as number) + 2 * re
  if (imaginarySlot >= 0) gradient[imaginarySlot] = (gradient[imaginarySlot] as number) - 2 * im
}

/** |a⟩⟨0…0| on k wires that are still in |0…0⟩. */
export class AmplitudesKernel implements EntriesStep {
  readonly kind = 'entries'
  readonly slots: readonly number[]
  private readonly re: OperandVector
  private readonly im: OperandVector
  private readonly offsets: Int32Array
  private readonly subspace: Subspace

  constructor(qubits: number, operation: Amplitudes) {
    this.slots = slotsOf([...operation.re, ...operation.im])
    this.re = new OperandVector(operation.re)
    this.im = new OperandVector(operation.im)
    this.offsets = localOffsets(qubits, operation.wires)
    this.subspace = controlledSubspace(qubits, [], this.offsets.reduce((mask, bits) => mask | bits, 0))
  }

  load(values: Float64Array): void {
    this.re.load(values)
    this.im.load(values)
  }

  apply({ re, im }: Statevector): void {
    const { offsets, re: { values: ar }, im: { values: ai } } = this
    const { free } = this.subspace
    let s = 0
    do {
      const x = re[s] as number, y = im[s] as number
      for (let local = 0; local < offsets.length; local++) {
        const i = s | (offsets[local] as number)
        const a = ar[local] as number, b = ai[local] as number
        re[i] = a * x - b * y
        im[i] = a * y + b * x
      }
      s = (s - free) & free
    } while (s !== 0)
  }

  applyAdjoint({ re, im }: Statevector): void {
    const { offsets, re: { values: ar }, im: { values: ai } } = this
    const { free } = this.subspace
    let s = 0
    do {
      let sumRe = 0, sumIm = 0
      for (let local = 0; local < offsets.length; local++) {
        const i = s | (offsets[local] as number)
        const a = ar[local] as number, b = ai[local] as number
        const x = re[i] as number, y = im[i] as number
        sumRe += a * x + b * y
        sumIm += a * y - b * x
        re[i] = 0
        im[i] = 0
      }
      re[s] = sumRe
      im[s] = sumIm
      s = (s - free) & free
    } while (s !== 0)
  }

  differentiate(slot: number, before: Statevector, out: Statevector): void {
    const real = this.re.slots.indexOf(slot)
    const local = real >= 0 ? real : this.im.slots.indexOf(slot)
    moveEntries(before, out, this.subspace, this.offsets[local] as number, 0, real >= 0 ? 0 : 1)
  }

  /** The same of the adjoint, |0…0⟩⟨a|. */
  differentiateAdjoint(slot: number, before: Statevector, out: Statevector): void {
    const real = this.re.slots.indexOf(slot)
    const local = real >= 0 ? real : this.im.slots.indexOf(slot)
    moveEntries(before, out, this.subspace, 0, this.offsets[local] as number, real >= 0 ? 0 : -1)
  }

  addSlopes(lambda: Statevector, before: Statevector, wanted: Uint8Array, gradient: Float64Array): void {
    for (let local = 0; local < this.offsets.length; local++) {
      const realSlot = this.re.slots[local] as number, imaginarySlot = this.im.slots[local] as number
      const real = realSlot >= 0 && wanted[realSlot] === 1
      const imaginary = imaginarySlot >= 0 && wanted[imaginarySlot] === 1
      if (!real && !imaginary) continue
      addOverlap(
        lambda, before, this.subspace, this.offsets[local] as number, 0,
        real ? realSlot : -1, imaginary ? imaginarySlot : -1, gradient)
    }
  }
}

/** |0…0⟩⟨a|: the other way round, and so with the same slopes, since Re⟨λ|A†ψ⟩ = Re⟨ψ|Aλ⟩. */
export class OverlapKernel implements EntriesStep {
  readonly kind = 'entries'
  private readonly preparation: AmplitudesKernel

  constructor(qubits: number, operation: Amplitudes) {
    this.preparation = new AmplitudesKernel(qubits, operation)
  }

  get slots(): readonly number[] {
    return this.preparation.slots
  }

  load(values: Float64Array): void {
    this.preparation.load(values)
  }

  apply(state: Statevector): void {
    this.preparation.applyAdjoint(state)
  }

  applyAdjoint(lambda: Statevector): void {
    // A preparation reads the states with all its bits at 0 and overwrites the others.
    this.preparation.apply(lambda)
  }

  differentiate(slot: number, before: Statevector, out: Statevector): void {
    this.preparation.differentiateAdjoint(slot, before, out)
  }

  addSlopes(lambda: Statevector, before: Statevector, wanted: Uint8Array, gradient: Float64Array): void {
    this.preparation.addSlopes(before, lambda, wanted, gradient)
  }
}
