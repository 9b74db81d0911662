/**
 * The engine of quantum trajectories, for circuits with noise: each run is a statevector that noise sends one way or another
 * (jumpKernel.ts), and a number is the mean over as many runs as the circuit asks for. Estimates without bias, in 2^n numbers
 * where a density matrix has 4^n.
 *
 * Derivatives are by shifts, each shifted value from runs of its own, so they are without bias, too.
 */
import { isNoise, type Circuit } from '../circuit'
import type { Engine, Uniform } from '../engine'
import { checkOperations, checkQubits } from './checkCircuit'
import { JumpKernel } from './jumpKernel'
import { PreparedRun } from './preparedRun'
import { prepareStep } from './prepareSteps'
import { Readout } from './readout'
import { slotRules } from './slotRules'
import type { Step } from './step'
import { StepwiseRun } from './stepwiseRun'

/** Prepares circuits of up to 30 qubits that name a number of trajectories; the bytes are those of a statevector. */
export const TRAJECTORIES: Engine = {
  name: 'trajectories',
  prepare(circuit, method) {
    if (circuit.trajectories === undefined || circuit.shots !== undefined) throw new Error(`circuit ${circuit.name}: this engine takes a number of trajectories, and no shots`)
    const run = new TrajectoryRun(circuit)
    return new PreparedRun(run, method, run.readout, slotRules(circuit, method))
  },
}

class TrajectoryRun extends StepwiseRun<Step | JumpKernel> {
  readonly readout: Readout
  private readonly source: { uniform: Uniform }

  constructor(circuit: Circuit) {
    checkQubits(circuit)
    checkOperations(circuit)
    const source: { uniform: Uniform } = { uniform: () => { throw new Error('draws are asked for before it is said where they come from') } }
    super(circuit, circuit.operations.map(operation => (isNoise(operation)
      ? new JumpKernel(circuit.qubits, operation, () => source.uniform()) : prepareStep(circuit.qubits, operation))), circuit.qubits)
    this.source = source
    this.readout = new Readout(circuit)
  }

  drawFrom(uniform: Uniform): void {
    this.source.uniform = uniform
  }

  /** @throws Error always: what a trajectory did cannot be undone */
  addReverseGradient(): void {
    throw new Error(`circuit ${this.circuit.name}: trajectories have gradients by shifts alone`)
  }

  /** @throws Error always: the metric here is that of pure states */
  writeMetric(): void {
    throw new Error(`circuit ${this.circuit.name} has channels, and so no metric here`)
  }
}
