/** What values and gradients need of a circuit made ready to run, whatever its state is: a vector, or a density matrix. */
import type { Circuit } from '../circuit'
import type { Uniform } from '../engine'
import type { ShiftRule } from '../shiftRule'
import type { Acting, Statevector } from './step'

/** What is measured at the end. Every number is linear in the density matrix, so contracted with a cotangent it is one observable. */
export interface Reports {
  /** Adds `scale` times each reported number of the state to out[at + k]; forgets what `weigh` made. */
  add(state: Statevector, scale: number, out: Float64Array, at: number): void
  /** Takes Σₖ ctₖ Oₖ from `cotangents` at `at`, for `contract` until the next `weigh` or `add`. */
  weigh(cotangents: Float64Array, at: number): void
  /** Σₖ ctₖ·(the k-th number of the state). */
  contract(state: Statevector): number
  /** Of reports by sampling: where the draws of a row come from. */
  drawFrom?(uniform: Uniform): void
}

/** Of a statevector ψ. */
export interface StatevectorReports extends Reports {
  /** λ ← Oψ, O being what was weighed. */
  pull(state: Statevector, lambda: Statevector): void
}

/** Whole batches at a time, to the bit what row after row gives; without directions. */
export interface Batched {
  values(batch: number, slots: Float64Array, out: Float64Array): void
  /** By a sweep back. */
  gradients(batch: number, slots: Float64Array, cotangents: Float64Array, active: readonly number[], out: Float64Array): void
}

export interface Runnable {
  readonly circuit: Circuit
  readonly readout: Reports
  readonly state: Statevector
  /** The slots of the row being run; shifts are added to and taken back from it in place. */
  readonly slots: Float64Array
  /** Where there is a way that is faster than row after row; it reads the state as `readout` does. */
  readonly batched?: Batched | undefined
  /** Hands `slots` to every step that reads some. */
  load(): void
  /** state ← the circuit's, after `load`; one of its random histories where it has such. */
  forward(): void
  /** Of a run with random histories: where the draws of a row come from. */
  drawFrom?(uniform: Uniform): void
  /**
   * @param row the batch row, for the message
   * @throws CircuitError when the row's numbers are none that the circuit can run with
   */
  check(row: number): void
  /**
   * Calls `visit(slot, coefficient)` for each term of each wanted slot's rule, with `state` at the shifted slot. Needs `load`, and
   * leaves all as it found it, `state` apart.
   */
  sweepShifts(rules: readonly ShiftRule[], wanted: Uint8Array, visit: (slot: number, coefficient: number) => void): void
  /** gradient[slot] += the derivative of what `readout.weigh` took, for every slot with `wanted[slot]`, by a sweep back. Needs `load`. */
  addReverseGradient(wanted: Uint8Array, gradient: Float64Array): void
  /** out[at…] ← the metric, [active, active] (quantum/engine.ts). Needs `load`. */
  writeMetric(active: readonly number[], out: Float64Array, at: number): void
}

/** A run whose operations are steps that act one after the other. */
export interface Stepwise extends Runnable {
  readonly steps: readonly Acting[]
  /** The step that reads a slot, −1 for none. */
  readonly stepOfSlot: Int32Array
  /** More states, made when first asked for and kept. */
  scratch(index: number): Statevector
}

/** Calls `visit` with `run.state` at each state that an answer is the mean of: random histories, or the one state there is. */
export function forEachState(run: Runnable, visit: (share: number) => void): void {
  const count = run.circuit.trajectories ?? 1
  for (let k = 0; k < count; k++) {
    run.forward()
    visit(1 / count)
  }
}
