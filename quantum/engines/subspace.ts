/**
 * The subspaces of basis states on which operations act, as bit masks.
 *
 * Kernels walk a subspace by counting through the bits that are free: the states are `s | fixed`, where s runs through all
 * subsets of `free` in ascending order by s ← (s − free) & free, back to 0 at the end.
 */
import type { Control } from '../circuit'

/** Basis states whose bits outside `free` are those of `fixed`. */
export interface Subspace {
  readonly free: number
  readonly fixed: number
}

/** The bit of a wire in a basis state's index: wire 0 is the most significant. */
export function bitOf(qubits: number, wire: number): number {
  return 1 << (qubits - 1 - wire)
}

/** All basis states that satisfy the controls, with the bits of `excluded` (0 in `fixed`) left to the caller. */
export function controlledSubspace(qubits: number, controls: readonly Control[], excluded: number): Subspace {
  let mask = excluded, fixed = 0
  for (const control of controls) {
    const bit = bitOf(qubits, control.wire)
    mask |= bit
    if (control.value === 1) fixed |= bit
  }
  return { free: (2 ** qubits - 1) & ~mask, fixed }
}

/** The index bits of the 2^k basis states of `wires`, the first wire most significant. */
export function localOffsets(qubits: number, wires: readonly number[]): Int32Array {
  return Int32Array.from({ length: 2 ** wires.length }, (_, local) =>
    wires.reduce((bits, wire, w) => (local >> (wires.length - 1 - w)) & 1 ? bits | bitOf(qubits, wire) : bits, 0))
}

/** 1 when an odd number of bits is set: 0x6996 holds the answer for 4 bits. */
export function parity(bits: number): number {
  let v = bits ^ (bits >>> 16)
  v ^= v >>> 8
  v ^= v >>> 4
  return (0x6996 >>> (v & 15)) & 1
}

/**
 * A Pauli word as masks: P|i⟩ = i^ys (−1)^{|i & z|} |i ⊕ x⟩, from Y = iXZ. A wire of X sets its bit in `x`, of Z in `z`, of
 * Y in both.
 */
export interface WordMasks {
  readonly x: number
  readonly z: number
  /** i^ys, one of 1, i, −1, −i. */
  readonly phaseRe: number
  readonly phaseIm: number
}

export function wordMasks(qubits: number, word: Iterable<readonly [wire: number, letter: string]>): WordMasks {
  let x = 0, z = 0, ys = 0
  for (const [wire, letter] of word) {
    const bit = bitOf(qubits, wire)
    if (letter === 'X' || letter === 'Y') x |= bit
    if (letter === 'Z' || letter === 'Y') z |= bit
    if (letter === 'Y') ys++
  }
  const [phaseRe, phaseIm] = ([[1, 0], [0, 1], [-1, 0], [0, -1]] as const)[(ys & 3) as 0 | 1 | 2 | 3]
  return { x, z, phaseRe, phaseIm }
}
