/**
 * Noise as a choice: ψ becomes Kψ/‖Kψ‖ for one of the Kraus operators, each with its probability ‖Kψ‖² (Dalibard, Castin, Mølmer,
 * “Wave-function approach to dissipative processes in quantum optics”, Phys. Rev. Lett. 68, 580 (1992)). The mean of |ψ⟩⟨ψ| over
 * the choices is Σ KρK†.
 */
import type { Noise } from '../circuit'
import type { Uniform } from '../engine'
import { conjugateTranspose, multiplyMatrices, type ComplexMatrix } from '../linearAlgebra'
import { multiplyBlocks } from './entryKernels'
import { krausSource, type KrausSource } from './krausOperators'
import { createStatevector, type Acting, type Statevector } from './step'
import { controlledSubspace, localOffsets, type Subspace } from './subspace'

interface Branch {
  readonly operator: ComplexMatrix
  /** K†K. */
  readonly effect: ComplexMatrix
  /** c where K†K = c·1: the branch's probability whatever the state. */
  readonly constant: number | undefined
  /** Whether K is a multiple of the identity, which leaves the state as it is. */
  readonly isIdle: boolean
}

export class JumpKernel implements Acting {
  readonly kind = 'jump'
  private readonly source: KrausSource
  private branches: readonly Branch[]
  private readonly offsets: Int32Array
  private readonly subspace: Subspace
  private readonly scratch: Statevector
  private readonly probabilities: Float64Array

  constructor(qubits: number, noise: Noise, private readonly uniform: Uniform) {
    this.source = krausSource(noise)
    this.branches = this.source.operators.map(branchOf)
    this.probabilities = new Float64Array(Math.max(this.branches.length, 4 ** noise.wires.length))
    this.offsets = localOffsets(qubits, noise.wires)
    this.subspace = controlledSubspace(qubits, [], this.offsets.reduce((mask, bits) => mask | bits, 0))
    this.scratch = createStatevector(noise.wires.length, undefined)
  }

  get slots(): readonly number[] {
    return this.source.slots
  }

  load(values: Float64Array): void {
    this.source.load(values)
    this.branches = this.source.operators.map(branchOf)
  }

  complaint(): string | undefined {
    return this.source.complaint()
  }

  /** One draw, and one pass over the state; another before it where the probabilities depend on the state. */
  apply(state: Statevector): void {
    const { branches, probabilities } = this
    const local = branches.every(({ constant }) => constant !== undefined) ? undefined : this.reduced(state)
    let total = 0
    for (const [at, { effect, constant }] of branches.entries()) {
      probabilities[at] = local ? Math.max(0, overlap(effect, local)) : constant ?? 0
      total += probabilities[at]
    }
    const value = this.uniform() * total
    let cumulated = 0, chosen = 0
    for (let at = 0; at < branches.length; at++) {
      const probability = probabilities[at] as number
      if (probability === 0) continue
      chosen = at
      cumulated += probability
      if (cumulated > value) break
    }
    const branch = branches[chosen]
    if (!branch || branch.isIdle) return
    const { re, im } = branch.operator
    // The norm stays what it is.
    const factor = Math.sqrt(total / (probabilities[chosen] as number))
    multiplyBlocks(state, this.subspace, this.offsets, re.map(x => factor * x), im.map(x => factor * x), false, this.scratch)
  }

  /** ρ_ab = Σₛ ψ[s|a]·ψ̄[s|b] of the wires. */
  private reduced({ re, im }: Statevector): ComplexMatrix {
    const { offsets, subspace: { free, fixed } } = this
    const size = offsets.length
    const out = { size, re: new Float64Array(size * size), im: new Float64Array(size * size) }
    let s = 0
    do {
      for (let a = 0; a < size; a++) {
        const i = s | fixed | (offsets[a] as number)
        const x = re[i] as number, y = im[i] as number
        for (let b = 0; b < size; b++) {
          const j = s | fixed | (offsets[b] as number)
          const u = re[j] as number, v = im[j] as number
          out.re[a * size + b] = (out.re[a * size + b] as number) + x * u + y * v
          out.im[a * size + b] = (out.im[a * size + b] as number) + y * u - x * v
        }
      }
      s = (s - free) & free
    } while (s !== 0)
    return out
  }
}

function branchOf(operator: ComplexMatrix): Branch {
  const effect = multiplyMatrices(conjugateTranspose(operator), operator)
  const [scale = 0] = effect.re
  return {
    operator, effect, isIdle: isMultiple(operator),
    constant: isMultiple(effect) ? scale : undefined,
  }
}

/** Whether a matrix is a multiple of the identity, to rounding. */
function isMultiple({ size, re, im }: ComplexMatrix): boolean {
  return re.every((x, e) => {
    const isDiagonal = e % (size + 1) === 0
    return Math.abs(x - (isDiagonal ? re[0] as number : 0)) <= 1e-15 && Math.abs((im[e] as number) - (isDiagonal ? im[0] as number : 0)) <= 1e-15
  })
}

/** Tr(EρT) for Hermitian E and ρ: Σ Re(Ē ρ), entry by entry. */
function overlap(effect: ComplexMatrix, density: ComplexMatrix): number {
  let sum = 0
  for (let e = 0; e < effect.re.length; e++) sum += (effect.re[e] as number) * (density.re[e] as number) + (effect.im[e] as number) * (density.im[e] as number)
  return sum
}
