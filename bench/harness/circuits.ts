/** The circuits of the table, gate by gate. */
import { spread, STREAM, type CircuitText, type GateText } from './work'

/** Each layer RY and RZ on every qubit and then a closed ring of CNOTs. 2 n layers angles. */
export function layeredAnsatz(qubits: number, layers = 4): CircuitText {
  const gates = Array.from({ length: layers }, (_, layer) => [
    ...wires(qubits).flatMap((qubit): GateText[] => {
      const first = 2 * (layer * qubits + qubit)
      return [['ry', [qubit], [first]], ['rz', [qubit], [first + 1]]]
    }),
    ...wires(qubits).map((qubit): GateText => ['cx', [qubit, (qubit + 1) % qubits], []]),
  ]).flat()
  return { qubits, gates, angles: anglesFor(2 * qubits * layers) }
}

/** Schuld, Bocharov, Svore and Wiebe (2018): general rotations, then CNOTs whose range grows from layer to layer. */
export function stronglyEntangling(qubits: number, layers = 4): CircuitText {
  const gates = Array.from({ length: layers }, (_, layer) => [
    ...wires(qubits).map((qubit): GateText => {
      const first = 3 * (layer * qubits + qubit)
      return ['rot', [qubit], [first, first + 1, first + 2]]
    }),
    ...wires(qubits).map((qubit): GateText => ['cx', [qubit, (qubit + layer % (qubits - 1) + 1) % qubits], []]),
  ]).flat()
  return { qubits, gates, angles: anglesFor(3 * qubits * layers), template: { name: 'strongly_entangling', layers } }
}

const ONE_QUBIT = ['rx', 'ry', 'rz', 'h', 't'] as const

/** 20 n gates in no order: every third one entangles two qubits that are drawn, the others turn one. */
export function unstructured(qubits: number): CircuitText {
  const draw = generator(qubits)
  const gates: GateText[] = []
  let angles = 0
  for (let i = 0; i < 20 * qubits; i++) {
    const first = draw(qubits)
    if (i % 3 === 2) {
      gates.push([draw(2) === 0 ? 'cx' : 'cz', [first, (first + 1 + draw(qubits - 1)) % qubits], []])
    } else {
      const name = ONE_QUBIT[draw(ONE_QUBIT.length)] ?? 'h'
      gates.push([name, [first], name.startsWith('r') ? [angles++] : []])
    }
  }
  return { qubits, gates, angles: anglesFor(angles) }
}

const wires = (qubits: number): readonly number[] => Array.from({ length: qubits }, (_, qubit) => qubit)

const anglesFor = (count: number): readonly number[] => [...spread(STREAM.angles, count, Math.PI)]

/** Whole numbers below a bound: xorshift (Marsaglia, 2003) with shifts 13, 17, 5. */
function generator(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % below
  }
}
