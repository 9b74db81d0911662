/** Names that other quantum frameworks have for what is here under another, so that a message can say which. */

/** PennyLane, Qiskit, Cirq and OpenQASM 2, in small letters without underscores. */
const GATE_NAMES: Readonly<Record<string, string>> = {
  cnot: 'cx', hadamard: 'h', i: 'id', identity: 'id', paulix: 'x', pauliy: 'y', pauliz: 'z', not: 'x', xgate: 'x', v: 'sx', sxdg: 'inv sx', sqrtx: 'sx',
  phase: 'p', phaseshift: 'p', u1: 'p', u3: 'u', cphase: 'cp', cu1: 'cp', controlledphaseshift: 'cp', cu3: 'ctrl u', cu: 'ctrl u', cs: 'ctrl s', csx: 'ctrl sx',
  ccz: 'ctrl(2) z', toffoli: 'ccx', ccnot: 'ccx', mcx: 'ctrl(n) x', fredkin: 'cswap', isingxx: 'rxx', isingyy: 'ryy', isingzz: 'rzz',
  paulirot: 'pauli_rotation', qubitunitary: 'unitary', stateprep: 'amplitudes', initialize: 'amplitudes', basisstate: 'basis_state', basisembedding: 'basis_state',
  singleexcitation: 'single_excitation', doubleexcitation: 'double_excitation', globalphase: 'gphase', adjoint: 'inv', dagger: 'inv', controlled: 'ctrl', power: 'pow',
  depolarizingchannel: 'depolarize', amplitudedamping: 'amplitude_damp', phasedamping: 'phase_damp', bitflip: 'bit_flip', phaseflip: 'phase_flip',
}

const MEASURING_NAMES: Readonly<Record<string, string>> = {
  expval: 'expect', expectation: 'expect', var: 'variance', probabilities: 'probs', probability: 'probs', counts: 'sample', vnentropy: 'entropy',
  paulix: 'X', pauliy: 'Y', pauliz: 'Z', sigmax: 'X', sigmay: 'Y', sigmaz: 'Z',
}

/** What has no name here because it is done in another way. */
const OTHER_WAYS: Readonly<Record<string, string>> = {
  measure: 'a circuit measures in what it returns: `return expect(Z(q[0]))`, `return probs(q)`',
  reset: 'there is no reset: a circuit starts in |0…0⟩ and measures at its end',
  qubit: 'registers are declared by `qubits q[2]`, and a single one by `qubits q`',
  qreg: 'registers are declared by `qubits q[2]`',
  barrier: 'leave it out: gates keep their order',
}

const plain = (name: string) => name.toLowerCase().replaceAll('_', '')
const lookUp = (table: Readonly<Record<string, string>>, name: string) => (Object.hasOwn(table, plain(name)) ? table[plain(name)] : undefined)

/** Our gate, preparation, modifier or channel, for one of theirs. */
export const gateOfForeign = (name: string): string | undefined => lookUp(GATE_NAMES, name)

/** Our measurement or Pauli letter. */
export const measurementOfForeign = (name: string): string | undefined => lookUp(MEASURING_NAMES, name)

export const otherWayOf = (name: string): string | undefined => lookUp(OTHER_WAYS, name)
