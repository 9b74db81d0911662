/**
 * Derivatives by shifted runs.
 *
 * The state before an operation is the same for every shift of its slots, so one sweep keeps it and runs only the rest of
 * the circuit for each shifted value: half the work of running all, on average. Trajectories are no such state: each shifted
 * value is from runs of its own.
 */
import type { ShiftRule } from '../shiftRule'
import { forEachState, type Stepwise } from './runnable'
import { copyState, setGroundState } from './step'

/** What `Runnable` says of it, step by step. */
export function sweepShifts(
  run: Stepwise, rules: readonly ShiftRule[], wanted: Uint8Array, visit: (slot: number, coefficient: number) => void,
): void {
  if (run.circuit.trajectories !== undefined) {
    shiftWholeRuns(run, rules, wanted, visit)
    return
  }
  const { steps, slots, state } = run
  const prefix = run.scratch(0)
  setGroundState(prefix)
  let last = -1
  for (let slot = 0; slot < wanted.length; slot++) {
    if (wanted[slot] === 1) last = Math.max(last, run.stepOfSlot[slot] as number)
  }
  for (let at = 0; at <= last; at++) {
    const step = steps[at]
    if (step === undefined) break
    for (const slot of step.slots) {
      if (wanted[slot] !== 1) continue
      const given = slots[slot] as number
      for (const { shift, coefficient } of rules[slot] ?? []) {
        slots[slot] = given + shift
        step.load(slots)
        copyState(prefix, state)
        for (let rest = at; rest < steps.length; rest++) steps[rest]?.apply(state)
        visit(slot, coefficient)
      }
      slots[slot] = given
      step.load(slots)
    }
    step.apply(prefix)
  }
}

function shiftWholeRuns(
  run: Stepwise, rules: readonly ShiftRule[], wanted: Uint8Array, visit: (slot: number, coefficient: number) => void,
): void {
  const { steps, slots } = run
  for (let slot = 0; slot < wanted.length; slot++) {
    const step = steps[run.stepOfSlot[slot] as number]
    if (wanted[slot] !== 1 || !step) continue
    const given = slots[slot] as number
    for (const { shift, coefficient } of rules[slot] ?? []) {
      slots[slot] = given + shift
      step.load(slots)
      forEachState(run, share => visit(slot, coefficient * share))
    }
    slots[slot] = given
    step.load(slots)
  }
}
