import { join } from 'node:path'
import { expect, it } from 'vitest'
import { functionsPage } from '../../scripts/reference/functions'
import { gatesPage } from '../../scripts/reference/gates'
import { SPECIAL_ROWS } from '../../compiler/2-check/specialGates'
import { ROOT } from '../cli/bpc'
import { diagnose } from '../language/run'

// `npm run reference` writes both pages anew.
it('the page of functions is what the tables of the compiler give', async () => {
  await expect(await functionsPage()).toMatchFileSnapshot(join(ROOT, 'docs/functions.md'))
})

it('the page of gates is what the table of gates gives', async () => {
  await expect(gatesPage()).toMatchFileSnapshot(join(ROOT, 'docs/gates.md'))
})

it.each(SPECIAL_ROWS)('$written compiles as it is written on the page', async ({ written, kind }) => {
  const size = written.endsWith(' q') ? 8 : 4
  const argument = kind === 'preparation' ? `real[${size}]` : kind === 'noise' ? `real[3, ${size}, ${size}]` : `real[${size}, ${size}]`
  const diagnostics = await diagnose(`circuit c(θ: real, γ: real, λ: real, p: real, t: real, re: ${argument}, im: ${argument}) -> real {
  qubits a
  qubits b
  qubits c
  qubits q[3]
  let H = X(q[0]) * Y(q[1]) + Z(q[1])
  ${written}
  return expect(Z(a) * Z(b) * Z(c) * Z(q[0]) * Z(q[1]) * Z(q[2]))
}`)
  // Warnings may come: not every row uses every argument.
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([])
})
