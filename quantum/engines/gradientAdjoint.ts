/**
 * The gradient by one sweep back through the circuit: ψ is undone gate by gate, λ = Oψ follows it, and each slot's slope
 * is 2 Re⟨λ|∂U ψ⟩ between them (Jones and Gacon, “Efficient calculation of gradients in classical simulations of
 * variational quantum algorithms”, arXiv:2009.02823). Two passes for all slots together.
 *
 * Dense matrices and amplitude vectors are not undone, for they need not be invertible: ψ is kept before each.
 */
import type { Stepwise, StatevectorReports } from './runnable'
import { copyState, setGroundState, type Step } from './step'

/** A run on statevectors. */
export interface StatevectorRun extends Stepwise {
  readonly steps: readonly Step[]
  readonly readout: StatevectorReports
}

/**
 * gradient[slot] += ∂⟨ψ|O|ψ⟩/∂slot for every slot with `wanted[slot]`; O is what `run.readout` was weighed with. Needs
 * `run.load()` before.
 */
export function addAdjointGradient(run: StatevectorRun, wanted: Uint8Array, gradient: Float64Array): void {
  const { steps, state } = run
  let first = steps.length
  for (let slot = 0; slot < wanted.length; slot++) {
    const at = run.stepOfSlot[slot] as number
    if (wanted[slot] === 1 && at >= 0) first = Math.min(first, at)
  }
  if (first === steps.length) return

  let kept = 1
  setGroundState(state)
  for (const [at, step] of steps.entries()) {
    if (step.kind === 'entries' && at >= first) copyState(state, run.scratch(kept++))
    step.apply(state)
  }

  const lambda = run.scratch(0)
  run.readout.pull(state, lambda)
  for (let at = steps.length - 1; at >= first; at--) {
    const step = steps[at]
    if (step === undefined) break
    if (step.kind === 'entries') {
      copyState(run.scratch(--kept), state)
      step.addSlopes(lambda, state, wanted, gradient)
      if (at > first) step.applyAdjoint(lambda)
      continue
    }
    if (step.kind === 'angle') {
      const slot = step.slots[0]
      if (slot !== undefined && wanted[slot] === 1) {
        gradient[slot] = (gradient[slot] as number) + step.slope(lambda, state)
      }
    }
    if (at > first) {
      step.undo(state)
      step.undo(lambda)
    }
  }
}
