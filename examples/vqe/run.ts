/** Trains the circuit, and holds its energy against the lowest eigenvalue of the same Hamiltonian. */
import { Hydrogen } from './model.bp.js'
import { groundEnergy } from './exact'
import { pauliSum } from './hamiltonian'

const model = await Hydrogen.create()
await model.fit({})
const { ground } = await model.predict({})
const trained = Number(ground.toArray())
const exact = groundEnergy(pauliSum(0.7414))
console.log(`circuit  ${trained.toFixed(9)} hartree`)
console.log(`exact    ${exact.toFixed(9)} hartree`)
console.log(`gap      ${(trained - exact).toExponential(1)}`)
