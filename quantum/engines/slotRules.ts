/** Shift rules and frequencies of the slots of any circuit, evolutions included, whose spectra are computed. */
import { operandsOf, type Circuit } from '../circuit'
import type { GradientMethod } from '../engine'
import { hermitianEigensystem } from '../linearAlgebra'
import { observableMatrix } from '../observable'
import { frequenciesOf } from '../shiftRule'
import { slotsOf } from './operands'
import { rulesOfSlots, spectrumOf, type EvolutionSpectrum, type SlotRules } from './rulesOfSlots'

const evolutionSpectrum: EvolutionSpectrum = ({ hamiltonian, wires }) => Array.from(hermitianEigensystem(observableMatrix(hamiltonian, wires.length)).values)

export const slotRules = (circuit: Circuit, method: GradientMethod): SlotRules => rulesOfSlots(circuit, method, evolutionSpectrum)

/**
 * The frequencies of what a circuit reports, by each of its slots; undefined for a slot that is no angle of a rotation: an entry
 * of a matrix or of amplitudes, or the parameter of a channel.
 */
export function slotFrequencies(circuit: Circuit): readonly (readonly number[] | undefined)[] {
  const found: (readonly number[] | undefined)[] = Array.from({ length: circuit.slots }, () => [])
  for (const operation of circuit.operations) {
    const isRotation = operation.kind === 'gate' || operation.kind === 'pauli_rotation' || operation.kind === 'global_phase' || operation.kind === 'evolution'
    const slots = slotsOf(operandsOf(operation))
    if (slots.length === 0) continue
    const frequencies = isRotation ? frequenciesOf(spectrumOf(operation, evolutionSpectrum), operation.controls.length > 0) : undefined
    for (const slot of slots) found[slot] = frequencies
  }
  return found
}
