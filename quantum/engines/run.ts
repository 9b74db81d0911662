/** A circuit's steps and scratch space: what values and every gradient method work on, one row of slots at a time. */
import type { Circuit } from '../circuit'
import { addAdjointGradient } from './gradientAdjoint'
import { writeMetric } from './metric'
import { prepareSteps } from './prepareSteps'
import { Readout } from './readout'
import type { Runnable } from './runnable'
import { createStatevector, setGroundState, type Statevector, type Step } from './step'

export class CircuitRun implements Runnable {
  readonly steps: readonly Step[]
  readonly readout: Readout
  readonly state: Statevector
  /** The slots of the row being run; shifts are added to and taken back from it in place. */
  readonly slots: Float64Array
  /** The step that reads a slot, −1 for none. */
  readonly stepOfSlot: Int32Array
  /** More states, made when first asked for and kept: a plain forward run needs one state only. */
  private readonly extra: Statevector[] = []
  /** Whether matrices without slots have been checked; once is enough. */
  private constantsChecked = false

  constructor(readonly circuit: Circuit) {
    this.steps = prepareSteps(circuit)
    this.readout = new Readout(circuit)
    this.state = createStatevector(circuit.qubits)
    this.slots = new Float64Array(circuit.slots)
    this.stepOfSlot = new Int32Array(circuit.slots).fill(-1)
    this.steps.forEach((step, at) => step.slots.forEach(slot => { this.stepOfSlot[slot] = at }))
  }

  scratch(index: number): Statevector {
    for (let k = this.extra.length; k <= index; k++) this.extra.push(createStatevector(this.circuit.qubits))
    return this.extra[index] as Statevector
  }

  /** Hands `slots` to every step that reads some. */
  load(): void {
    for (const step of this.steps) if (step.slots.length > 0) step.load(this.slots)
  }

  /** state ← U(slots)|0…0⟩, after `load`. */
  forward(): void {
    setGroundState(this.state)
    for (const step of this.steps) step.apply(this.state)
  }

  addReverseGradient(wanted: Uint8Array, gradient: Float64Array): void {
    addAdjointGradient(this, wanted, gradient)
  }

  writeMetric(out: Float64Array, at: number): void {
    writeMetric(this, out, at)
  }

  /** @throws Error when the entries of a `unitary` are not those of a unitary to 1e-6 */
  check(row: number): void {
    checkUnitary(this.circuit, this.steps, row, this.constantsChecked)
    this.constantsChecked = true
  }
}

/**
 * @param row the batch row, for the message
 * @param skipConstants whether matrices without slots have been checked before
 * @throws Error when the entries of a `unitary` are not those of a unitary to 1e-6
 */
export function checkUnitary(circuit: Circuit, steps: readonly (Step | undefined)[], row: number, skipConstants: boolean): void {
  for (const [at, step] of steps.entries()) {
    if (step?.kind !== 'entries' || (skipConstants && step.slots.length === 0)) continue
    const deviation = step.deviation()
    if (deviation <= 1e-6) continue
    const wires = circuit.operations[at]?.wires.map(wire => `q[${wire}]`).join(', ')
    throw new Error(`circuit ${circuit.name}: the matrix of \`unitary\` on ${wires} (operation ${at}, batch row ${row}) `
      + `is not unitary: U†U differs from the identity by ${deviation.toPrecision(3)}, at most 1e-6 is allowed`)
  }
}
