/** A run of a circuit without noise: a statevector, one step after the other. */
import type { Circuit } from '../circuit'
import { addAdjointGradient } from './gradientAdjoint'
import { writeMetric } from './metric'
import { prepareSteps } from './prepareSteps'
import { Readout } from './readout'
import type { Runnable, StatevectorReports } from './runnable'
import type { Step } from './step'
import { StepwiseRun } from './stepwiseRun'

export class CircuitRun extends StepwiseRun<Step> {
  readonly readout: StatevectorReports

  /** @param room where the state and the slots are, for whoever keeps them, and who reads the state */
  constructor(circuit: Circuit, room?: Pick<Runnable, 'state' | 'slots'>, readout?: StatevectorReports) {
    super(circuit, prepareSteps(circuit), circuit.qubits, room)
    this.readout = readout ?? new Readout(circuit)
  }

  addReverseGradient(wanted: Uint8Array, gradient: Float64Array): void {
    addAdjointGradient(this, wanted, gradient)
  }

  writeMetric(active: readonly number[], out: Float64Array, at: number): void {
    writeMetric(this, active, out, at)
  }
}
