import { describe, expect, it } from 'vitest'
import { groundEnergy } from '../../examples/vqe/exact'
import { pauliSum } from '../../examples/vqe/hamiltonian'
import { example, runProgram, train } from './example'

describe('vqe', () => {
  it('finds the ground energy of H₂ to 1e-6 hartree of exact diagonalisation', async () => {
    const { loss } = await train(await example('vqe'))
    expect(Math.abs(loss - groundEnergy(pauliSum(0.7414)))).toBeLessThan(1e-6)
  })

  it('says so itself', async () => {
    const gap = Number(/^gap +(\S+)$/m.exec(await runProgram(await example('vqe')))?.[1])
    expect(Math.abs(gap)).toBeLessThan(1e-6)
  })

  it('has a Hamiltonian whose energies are the published ones', () => {
    // Full configuration interaction in STO-3G, as Qiskit's documentation has it for 0.7 and 0.735 Å.
    expect(groundEnergy(pauliSum(0.7))).toBeCloseTo(-1.13618945, 8)
    expect(groundEnergy(pauliSum(0.735))).toBeCloseTo(-1.13730604, 8)
    expect(groundEnergy(pauliSum(0.7414))).toBeCloseTo(-1.13727017, 8)
    // Two hydrogen atoms far apart, each −0.466581849 hartree in this basis.
    expect(groundEnergy(pauliSum(50))).toBeCloseTo(2 * -0.466581849, 6)
  })
})
