/** What the statevector engine needs of one operation of a circuit: to act, to be undone, and to be differentiated. */

/** Amplitudes of a state in basis order, wire 0 the most significant bit. */
export interface Statevector {
  readonly re: Float64Array
  readonly im: Float64Array
}

export function createStatevector(qubits: number): Statevector {
  return { re: new Float64Array(2 ** qubits), im: new Float64Array(2 ** qubits) }
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
  /** How far the entries are from those of a unitary, NaN if one of them is; 0 where that does not matter. */
  deviation(): number
}

export type Step = FixedStep | AngleStep | EntriesStep
