/** A circuit with shared structure, two frequencies and two measurements, small enough for third derivatives by hand. */
import type { Circuit } from '../../quantum/circuit'

export const SAMPLE_CIRCUIT: Circuit = {
  name: 'sample',
  qubits: 2,
  slots: 3,
  operations: [
    { kind: 'gate', name: 'ry', wires: [0], controls: [], angles: [{ slot: 0 }], inverse: false },
    { kind: 'gate', name: 'rx', wires: [1], controls: [], angles: [{ slot: 1 }], inverse: false },
    { kind: 'gate', name: 'ry', wires: [1], controls: [{ wire: 0, value: 1 }], angles: [{ slot: 2 }], inverse: false },
  ],
  measurements: [
    { kind: 'expectation', terms: [{ coefficient: 1, word: [[1, 'Z']] }] },
    { kind: 'expectation', terms: [{ coefficient: 0.5, word: [[0, 'X'], [1, 'X']] }, { coefficient: -0.3, word: [[0, 'Z']] }] },
  ],
}
