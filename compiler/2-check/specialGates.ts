/** Gates that take something besides angles, and noise: what the reference page and an editor say of each. */

export interface SpecialRow {
  readonly name: string
  readonly kind: 'gate' | 'preparation' | 'noise'
  readonly written: string
  readonly doc: string
}

export const SPECIAL_ROWS: readonly SpecialRow[] = [
  { name: 'pauli_rotation', kind: 'gate', written: 'pauli_rotation("XYZ", θ) a, b, c', doc: 'exp(−iθP/2) for the Pauli word P, one letter of I, X, Y, Z a qubit; the rule of `rx`' },
  { name: 'gphase', kind: 'gate', written: 'gphase(γ)', doc: 'the global phase e^{iγ}, which shows under `ctrl` only; it names no qubit' },
  { name: 'unitary', kind: 'gate', written: 'unitary(re, im) a, b', doc: 'the 2^k × 2^k matrix with these real and imaginary parts; without `im` it is real. It is held to be unitary to 1e-6. Its entries may be computed, and are differentiated' },
  { name: 'evolve', kind: 'gate', written: 'evolve(H, t) q', doc: 'exp(−iHt) for an observable H, exactly; non-commuting terms on up to 7 qubits. Differentiated by t' },
  { name: 'basis_state', kind: 'preparation', written: 'basis_state("010") q', doc: 'the state of these bits; also `basis_state([0, 1, 0])`' },
  { name: 'amplitudes', kind: 'preparation', written: 'amplitudes(re, im) q', doc: 'the state with these 2^k amplitudes, divided by their norm; `im` may be left out; differentiated by both' },
  { name: 'depolarize', kind: 'noise', written: 'depolarize(p) a', doc: 'X, Y or Z, each with probability p/3; on two qubits each of the 15 words with p/15' },
  { name: 'bit_flip', kind: 'noise', written: 'bit_flip(p) a', doc: 'X with probability p' },
  { name: 'phase_flip', kind: 'noise', written: 'phase_flip(p) a', doc: 'Z with probability p' },
  { name: 'amplitude_damp', kind: 'noise', written: 'amplitude_damp(γ) a', doc: '|1⟩ decays to |0⟩ with probability γ: K₀ = diag(1, √(1−γ)), K₁ = √γ |0⟩⟨1|' },
  { name: 'phase_damp', kind: 'noise', written: 'phase_damp(λ) a', doc: 'K₀ = diag(1, √(1−λ)), K₁ = diag(0, √λ)' },
  { name: 'kraus', kind: 'noise', written: 'kraus(re, im) a, b', doc: 'ρ ↦ Σ KρK† for m operators, `real[m, 2^k, 2^k]`, on up to 3 qubits; without `im` they are real. Σ K†K is held to be 1 to 1e-6' },
]
