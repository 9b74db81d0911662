/** What the statevector engine needs of one operation of a circuit: to act, to be undone, and to be differentiated. */

import type { Circuit } from '../circuit'

/** Numbers of a state: what is computed from them is rounded to them, in 64 bits before. */
export type RealArray = Float32Array | Float64Array

/** Amplitudes of a state in basis order, wire 0 the most significant bit. */
export interface Statevector {
  readonly re: RealArray
  readonly im: RealArray
}

export function createReals(length: number, precision: Circuit['precision']): RealArray {
  return precision === 'f32' ? new Float32Array(length) : new Float64Array(length)
}

export function createStatevector(qubits: number, precision: Circuit['precision']): Statevector {
  return { re: createReals(2 ** qubits, precision), im: createReals(2 ** qubits, precision) }
}

export function setGroundState(state: Statevector): void {
  state.re.fill(0)
  state.im.fill(0)
  state.re[0] = 1
}

export function copyState(from: Statevector, to: Statevector): void {
  to.re.set(from.re)
  to.im.set(from.im)
}

/** a ← scale·(a − b) */
export function scaledDifference(scale: number, a: Statevector, b: Statevector): void {
  for (let i = 0; i < a.re.length; i++) {
    a.re[i] = scale * ((a.re[i] as number) - (b.re[i] as number))
    a.im[i] = scale * ((a.im[i] as number) - (b.im[i] as number))
  }
}

/** What every operation does, one that is not unitary included. */
export interface Acting {
  /** The slots that the operation reads. */
  readonly slots: readonly number[]
  /** Takes over the values of `slots`; comes before any other call when one of them has changed. */
  load(values: Float64Array): void
  /** ψ ← Uψ */
  apply(state: Statevector): void
  /** What is wrong with the numbers it has, as the program calls them; undefined where nothing is. */
  complaint?(): string | undefined
}

/** An operation without slots that `undo` inverts. */
export interface FixedStep extends Acting {
  readonly kind: 'fixed'
  undo(state: Statevector): void
}

/** exp(−iθG) with one slot or a constant, on some subspace. */
export interface AngleStep extends Acting {
  readonly kind: 'angle'
  undo(state: Statevector): void
  /** 2 Re⟨λ|∂U/∂θ ψ⟩ where `after` is Uψ; that is 2 Im⟨λ|G|after⟩. */
  slope(lambda: Statevector, after: Statevector): number
  /** out ← ∂U/∂θ ψ, where `before` is ψ. */
  differentiate(before: Statevector, out: Statevector, work: Statevector): void
}

/** An operation given by its entries: linear in them, not necessarily invertible, so it is never undone. */
export interface EntriesStep extends Acting {
  readonly kind: 'entries'
  /** λ ← U†λ */
  applyAdjoint(lambda: Statevector): void
  /** Adds 2 Re⟨λ|∂U/∂x ψ⟩ to `gradient[x]` for each slot x of its own with `wanted[x]`; `before` is ψ. */
  addSlopes(lambda: Statevector, before: Statevector, wanted: Uint8Array, gradient: Float64Array): void
  /** out ← ∂U/∂x ψ for the slot x, where `before` is ψ. */
  differentiate(slot: number, before: Statevector, out: Statevector): void
}

/** Noise, as a linear map of density matrices. */
export interface NoiseStep extends Acting {
  readonly kind: 'noise'
  /** λ ← S†λ, the map on observables. */
  applyAdjoint(lambda: Statevector): void
  /** Adds Re⟨λ|∂S/∂x ρ⟩ to `gradient[x]` for each slot x of its own with `wanted[x]`; `before` is ρ. */
  addSlopes(lambda: Statevector, before: Statevector, wanted: Uint8Array, gradient: Float64Array): void
}

export type Step = FixedStep | AngleStep | EntriesStep
