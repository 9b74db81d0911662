/** What every run of a circuit has, whatever its steps do: the state, the row of slots, and scratch space. */
import type { Circuit } from '../circuit'
import { CircuitError } from '../engine'
import type { ShiftRule } from '../shiftRule'
import { sweepShifts } from './gradientShift'
import type { Reports, Runnable, Stepwise } from './runnable'
import { createStatevector, setGroundState, type Acting, type Statevector } from './step'

export abstract class StepwiseRun<S extends Acting> implements Stepwise {
  abstract readonly readout: Reports
  readonly state: Statevector
  readonly slots: Float64Array
  readonly stepOfSlot: Int32Array
  /** More states, made when first asked for and kept: a plain forward run needs one state only. */
  private readonly extra: Statevector[] = []
  /** The steps that may have something to complain of. */
  private readonly checked: readonly { readonly at: number; readonly step: S }[]
  /** Whether what has no slots has been checked; once is enough. */
  private constantsChecked = false

  /**
   * @param bits of the state's index: twice the qubits for a density matrix
   * @param room where the state and the slots are, for whoever keeps them
   */
  constructor(readonly circuit: Circuit, readonly steps: readonly S[], private readonly bits: number, room?: Pick<Runnable, 'state' | 'slots'>) {
    this.state = room?.state ?? createStatevector(bits, circuit.precision)
    this.slots = room?.slots ?? new Float64Array(circuit.slots)
    this.checked = [...steps.entries()].flatMap(([at, step]) => (step.complaint ? [{ at, step }] : []))
    this.stepOfSlot = new Int32Array(circuit.slots).fill(-1)
    steps.forEach((step, at) => step.slots.forEach(slot => { this.stepOfSlot[slot] = at }))
  }

  scratch(index: number): Statevector {
    for (let k = this.extra.length; k <= index; k++) this.extra.push(createStatevector(this.bits, this.circuit.precision))
    return this.extra[index] as Statevector
  }

  load(): void {
    for (const step of this.steps) if (step.slots.length > 0) step.load(this.slots)
  }

  /** |0…0⟩, or as a matrix |0…0⟩⟨0…0|, and then each step. */
  forward(): void {
    setGroundState(this.state)
    for (const step of this.steps) step.apply(this.state)
  }

  check(row: number): void {
    for (const { at, step } of this.checked) {
      if (this.constantsChecked && step.slots.length === 0) continue
      const complaint = step.complaint?.()
      if (complaint === undefined) continue
      const wires = this.circuit.operations[at]?.wires.map(wire => `q[${wire}]`).join(', ')
      throw new CircuitError(`circuit ${this.circuit.name}: ${complaint} (operation ${at} on ${wires}, batch row ${row})`)
    }
    this.constantsChecked = true
  }

  sweepShifts(rules: readonly ShiftRule[], wanted: Uint8Array, visit: (slot: number, coefficient: number) => void): void {
    sweepShifts(this, rules, wanted, visit)
  }

  abstract addReverseGradient(wanted: Uint8Array, gradient: Float64Array): void
  abstract writeMetric(active: readonly number[], out: Float64Array, at: number): void
}
