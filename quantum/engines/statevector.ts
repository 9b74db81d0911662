/**
 * The statevector engine: the state as 2^n complex doubles, gate by gate.
 *
 * Without shots, values and derivatives are exact to rounding; `parameter_shift` and `adjoint` give the same numbers by independent ways.
 */
import type { Engine, GradientMethod, PreparedCircuit } from '../engine'
import { PreparedRun } from './preparedRun'
import { prepareStep } from './prepareSteps'
import { CircuitRun } from './run'
import type { Runnable } from './runnable'
import { SamplingReadout } from './sampling'
import { slotRules } from './slotRules'
import { createStatevector } from './step'

/**
 * Prepares circuits of up to 30 qubits without channels; 16·2^n bytes a state (half of that in 32 bits), of which plain values need one and a half,
 * `parameter_shift` two and a half, and `adjoint` the same and one more for each `unitary` and `amplitudes`.
 */
export const STATEVECTOR: Engine = {
  name: 'statevector',
  prepare: (circuit, method) => prepareStatevector(new CircuitRun(circuit), method),
}

/** @param run of a circuit without noise */
export function prepareStatevector(run: Runnable, method: GradientMethod): PreparedCircuit {
  const { circuit } = run
  return new PreparedRun(run, method, circuit.shots === undefined ? run.readout : new SamplingReadout(circuit, circuit.shots, createStatevector(circuit.qubits, circuit.precision), {
    turn: (gate, state) => prepareStep(circuit.qubits, gate).apply(state),
    probabilities({ re, im }, out) {
      for (let i = 0; i < out.length; i++) out[i] = (re[i] as number) ** 2 + (im[i] as number) ** 2
    },
  }), slotRules(circuit, method))
}
