/**
 * What an engine does with a circuit: values, and derivatives of every order.
 *
 * Write E(θ) for the reported numbers as a function of the slots θ, and D[v₁…vₘ]E for the m-th derivative along directions
 * v₁…vₘ in slot space. `values` gives D[v₁…vₘ]E, and `vjp` the gradient by θ of Σₖ ctₖ·D[v₁…vₘ]Eₖ. These two are closed
 * under differentiation, so a compiler needs no third one: the derivative of either, by any of its arguments, is one of
 * them with a direction more or fewer.
 */
import type { Circuit } from './circuit'

export const GRADIENT_METHODS = ['parameter_shift', 'adjoint', 'finite_difference', 'spsa'] as const
export type GradientMethod = (typeof GRADIENT_METHODS)[number]

/** A run that cannot be with the numbers it is given, or a derivative that there is none of; any other error of an engine is a bug. */
export class CircuitError extends Error {
  override readonly name = 'CircuitError'
}

/** Draws in [0, 1), independent and uniform. */
export type Uniform = () => number

/** Draws for each row of a batch: a row's do not depend on how many rows there are beside it. */
export type Draws = (row: number) => Uniform

/** A circuit made ready to run; keeps scratch space, so one caller at a time. */
export interface PreparedCircuit {
  readonly circuit: Circuit
  /** Where draws come from, for a circuit with shots or trajectories and for `spsa`; before any other call. Each run takes fresh ones. */
  drawFrom(draws: Draws): void
  /**
   * @param batch number of rows
   * @param slots angles in radians and entries, [batch, circuit.slots]
   * @param directions v₁…vₘ, each [batch, circuit.slots]; none for plain values
   * @param out [batch, resultWidth(circuit)], overwritten
   */
  values(batch: number, slots: Float64Array, directions: readonly Float64Array[], out: Float64Array): void
  /**
   * @param cotangents [batch, resultWidth(circuit)]
   * @param active the slots whose gradient is wanted (ascending); the others are never shifted and get 0
   * @param out [batch, circuit.slots], overwritten
   */
  vjp(
    batch: number, slots: Float64Array, directions: readonly Float64Array[], cotangents: Float64Array,
    active: readonly number[], out: Float64Array,
  ): void
  /**
   * The Fubini–Study metric of the state by some slots, F = Re⟨∂ⱼψ|∂ₖψ⟩ − Re(⟨∂ⱼψ|ψ⟩⟨ψ|∂ₖψ⟩): exact, and −½ of the Hessian of
   * |⟨ψ(θ₀)|ψ(θ)⟩|² by θ at θ₀.
   * @param active the slots j, k, ascending; no other slot costs a state
   * @param out [batch, active, active], overwritten
   * @throws CircuitError where the state is a density matrix or is projected, or active + 4 states need more than 2 GiB
   */
  metric(batch: number, slots: Float64Array, active: readonly number[], out: Float64Array): void
}

export interface Engine {
  readonly name: string
  prepare(circuit: Circuit, method: GradientMethod): PreparedCircuit
}
