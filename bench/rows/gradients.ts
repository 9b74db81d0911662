/** Gradients of circuits by all their angles. */
import { layeredAnsatz, stronglyEntangling } from '../harness/circuits'
import type { Match, Row } from '../harness/row'
import type { CircuitText } from '../harness/work'
import { F64 } from './circuits'

const HOW = 'the `gradient` entry of a plan compiled from bp: angles in, ⟨Z₀⟩ and its gradient by all of them out'

const adjoint = (circuit: CircuitText): readonly Match[] => {
  const work = { kind: 'gradient', circuit, method: 'adjoint' } as const
  return [
    { peer: 'qulacs', work, goal: 5, tolerance: F64 },
    { peer: 'pennylane', work, goal: circuit.qubits <= 12 ? 10 : 5, tolerance: F64 },
  ]
}

export const GRADIENT: Row = {
  name: 'gradient', title: 'Gradient of the layered ansatz, adjoint: 8 n angles', how: HOW, chart: { x: 'qubits', isLinear: true },
  cases: [4, 8, 12, 16, 20].map(n => ({ name: `n=${n}`, x: n, matches: adjoint(layeredAnsatz(n)) })),
}

export const ENTANGLING: Row = {
  name: 'entangling', title: 'Gradient of strongly entangling layers, adjoint: 12 n angles', how: HOW, chart: { x: 'qubits', isLinear: true },
  cases: [4, 8, 12, 16, 20].map(n => ({ name: `n=${n}`, x: n, matches: adjoint(stronglyEntangling(n)) })),
}

export const SHIFT: Row = {
  name: 'shift', title: 'Gradient of the layered ansatz by parameter shift', how: HOW, chart: { x: 'qubits', isLinear: true },
  cases: [4, 8, 12, 16, 20].map(n => ({
    name: `n=${n}`, x: n,
    matches: [{
      peer: 'pennylane', work: { kind: 'gradient', circuit: layeredAnsatz(n), method: 'parameter_shift' }, tolerance: F64,
      ...n > 16 ? { skip: `${16 * n} runs of ${n} qubits a gradient take minutes` } : {},
    }],
  })),
}

export const LAYERS: Row = {
  name: 'layers', title: 'Gradient of the layered ansatz on 8 qubits, adjoint, by the number of layers', how: HOW, chart: { x: 'layers' },
  cases: [1, 2, 4, 8, 16, 32].map(layers => ({
    name: `layers=${layers}`, x: layers, matches: adjoint(layeredAnsatz(8, layers)).map(({ peer, work, tolerance }) => ({ peer, work, tolerance })),
  })),
}
