/** The note that a sweep back would be many times cheaper: said where it is, and nowhere else. */
import { describe, expect, it } from 'vitest'
import { complaints } from './run'

const program = ({ annotation = '', qubits = 8, layers = 3, more = '', returns = 'expect(Z(q[0]))', loss = 'mean(y^2)', param = 'param' }) => `use std.quantum.{angle_embedding, strongly_entangling}
${annotation}
circuit c(x: real[${qubits}], w: real[${layers}, ${qubits}, 3]) -> real {
  qubits q[${qubits}]
  angle_embedding(x) q
  strongly_entangling(w) q
  ${more}
  return ${returns}
}
model M {
  input x: real[batch, ${qubits}]
  ${param} w: real[${layers}, ${qubits}, 3] ~ uniform(0, 2 * pi)
  param s: real ~ ones()
  output y = s * c(x, w)
  loss ${loss}
}`
const said = async (options: Parameters<typeof program>[0]) => (await complaints(program(options))).filter(line => line.startsWith('shift-cost'))

describe('the note of what parameter shift costs', () => {
  it('counts the runs that parameters ask for, and not those of the data', async () => {
    expect(await said({})).toEqual([expect.stringContaining('takes 144 shifted runs a row')])
    expect(await said({ layers: 2, more: 'for i in 0..8 { crx(w[0, i, 0]) q[i], q[(i + 1) % 8] }' })).toEqual([expect.stringContaining(`takes ${96 + 4 * 8} shifted runs`)])
  })

  it.each([
    ['a sweep is used', { annotation: '@gradient(adjoint)' }],
    ['shifts are asked for', { annotation: '@gradient(parameter_shift)' }],
    ['values are sampled', { annotation: '@shots(100)' }],
    ['there is noise', { more: 'depolarize(0.1) q[0]' }],
    ['the state is small', { qubits: 7 }],
    ['there are few angles', { layers: 1 }],
    ['the angles are frozen', { param: 'frozen param' }],
    ['the loss does not ask the circuit', { loss: 's^2' }],
  ])('is not there where %s', async (_, options) => expect(await said(options)).toEqual([]))
})
