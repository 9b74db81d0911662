/** exp(−iθH) for a Hamiltonian on a few wires, by its eigensystem. */
import type { Evolution, Operand } from '../circuit'
import { conjugateTranspose, hermitianEigensystem, multiplyMatrices, type ComplexMatrix } from '../linearAlgebra'
import { observableMatrix } from '../observable'
import { multiplyBlocks } from './entryKernels'
import { slotsOf } from './operands'
import { copyState, scaledDifference, type AngleStep, type Statevector } from './step'
import { controlledSubspace, localOffsets, type Subspace } from './subspace'

export class EvolutionKernel implements AngleStep {
  readonly kind = 'angle'
  readonly slots: readonly number[]
  private readonly angle: Operand
  private readonly generator: ComplexMatrix
  private readonly eigenvalues: Float64Array
  private readonly vectors: ComplexMatrix
  private unitary: ComplexMatrix
  private readonly offsets: Int32Array
  private readonly subspace: Subspace
  private readonly scratch: Statevector

  constructor(qubits: number, operation: Evolution) {
    this.angle = operation.angle
    this.slots = slotsOf([operation.angle])
    this.generator = observableMatrix(operation.hamiltonian, operation.wires.length)
    const { values, vectors } = hermitianEigensystem(this.generator)
    this.eigenvalues = values
    this.vectors = vectors
    this.offsets = localOffsets(qubits, operation.wires)
    this.subspace = controlledSubspace(qubits, operation.controls, this.offsets.reduce((mask, bits) => mask | bits, 0))
    this.scratch = { re: new Float64Array(this.offsets.length), im: new Float64Array(this.offsets.length) }
    this.unitary = this.at('value' in operation.angle ? operation.angle.value : 0)
  }

  load(values: Float64Array): void {
    if ('slot' in this.angle) this.unitary = this.at(values[this.angle.slot] as number)
  }

  apply(state: Statevector): void {
    this.multiply(state, this.unitary, false)
  }

  undo(state: Statevector): void {
    this.multiply(state, this.unitary, true)
  }

  slope(lambda: Statevector, after: Statevector): number {
    const { offsets, generator: { re, im }, subspace: { free, fixed } } = this
    const size = offsets.length
    let sum = 0
    let s = 0
    do {
      for (let r = 0; r < size; r++) {
        const i = s | fixed | (offsets[r] as number)
        const lr = lambda.re[i] as number, li = lambda.im[i] as number
        for (let c = 0; c < size; c++) {
          const j = s | fixed | (offsets[c] as number)
          const a = re[r * size + c] as number, b = im[r * size + c] as number
          const x = after.re[j] as number, y = after.im[j] as number
          // Im(λ̄ᵢ Hᵢⱼ ψⱼ)
          sum += lr * (a * y + b * x) - li * (a * x - b * y)
        }
      }
      s = (s - free) & free
    } while (s !== 0)
    return 2 * sum
  }

  /** −iHU on the subspace, nothing elsewhere. */
  differentiate(before: Statevector, out: Statevector, work: Statevector): void {
    const { re, im, size } = multiplyMatrices(this.generator, this.unitary)
    copyState(before, out)
    copyState(before, work)
    this.multiply(out, { size, re: im, im: re.map(x => -x) }, false)
    this.multiply(work, { size, re: new Float64Array(re.length), im: new Float64Array(re.length) }, false)
    scaledDifference(1, out, work)
  }

  private multiply(state: Statevector, { re, im }: ComplexMatrix, adjoint: boolean): void {
    multiplyBlocks(state, this.subspace, this.offsets, re, im, adjoint, this.scratch)
  }

  /** V exp(−iθΛ) V†. */
  private at(angle: number): ComplexMatrix {
    const { vectors, eigenvalues } = this
    const turned: ComplexMatrix = { size: vectors.size, re: vectors.re.slice(), im: vectors.im.slice() }
    for (let e = 0; e < turned.re.length; e++) {
      const phase = -angle * (eigenvalues[e % vectors.size] as number)
      const x = turned.re[e] as number, y = turned.im[e] as number
      turned.re[e] = x * Math.cos(phase) - y * Math.sin(phase)
      turned.im[e] = x * Math.sin(phase) + y * Math.cos(phase)
    }
    return multiplyMatrices(turned, conjugateTranspose(vectors))
  }
}
