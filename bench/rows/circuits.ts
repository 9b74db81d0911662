/** Forward runs of circuits: the layered ansatz, and gates in no order. */
import { layeredAnsatz, unstructured } from '../harness/circuits'
import type { Match, Row } from '../harness/row'
import type { CircuitText } from '../harness/work'

/** 64-bit states: 1e-16 · √gates is below 1e-14 here; a wrong gate is off by 1e-3 and more. */
export const F64 = 1e-10
/** 32-bit states: some 1e-6 · √gates on either side. */
const F32 = 1e-4

const HOW = 'the `predict` entry of a plan compiled from bp, run as a model runs it: angles in, ⟨Z₀⟩ out, trigonometry included'

/** Beyond this a run takes a minute and more. */
const MOST_OF_QUANTUM_CIRCUIT = 12

const matches = (circuit: CircuitText, goals: { readonly qulacs: number; readonly qsim: number }, isOptimised: boolean): readonly Match[] => [
  { peer: 'qulacs', work: { kind: 'expectation', circuit, precision: 'f64', ...isOptimised ? { isOptimised } : {} }, goal: goals.qulacs, tolerance: F64 },
  { peer: 'qsim', work: { kind: 'expectation', circuit, precision: 'f32' }, goal: goals.qsim, tolerance: F32 },
]

export const FORWARD: Row = {
  name: 'forward', title: 'Forward run of the layered ansatz: RY and RZ on each qubit, CNOT ring, 4 layers', how: HOW, chart: { x: 'qubits', isLinear: true },
  cases: [4, 8, 12, 16, 20].map(n => {
    const circuit = layeredAnsatz(n)
    const work = { kind: 'expectation', circuit, precision: 'f64' } as const
    return {
      name: `n=${n}`, x: n,
      matches: [
        ...matches(circuit, { qulacs: 3, qsim: 1.2 }, false),
        {
          peer: 'quantum-circuit', work, goal: 1000, tolerance: F64,
          ...n > MOST_OF_QUANTUM_CIRCUIT ? { skip: `a run at ${n} qubits takes it a minute or more` } : {},
        },
        ...n === 4 ? [{ peer: 'qulacs-wasm', work, tolerance: F64 }, { peer: 'ket', work, tolerance: F64 }] as const : [],
      ],
    }
  }),
}

export const RANDOM: Row = {
  name: 'random', title: 'Forward run of 20 n gates in no order, a third of them CX and CZ on any two qubits', how: HOW, chart: { x: 'qubits', isLinear: true },
  cases: [12, 16, 20].map(n => ({ name: `n=${n}`, x: n, matches: matches(unstructured(n), { qulacs: 1, qsim: 1 / 2.5 }, true) })),
}
