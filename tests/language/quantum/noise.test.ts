/** Channels on a qubit in cos(θ/2)|0⟩ + sin(θ/2)|1⟩, against what each does to ⟨X⟩ and ⟨Z⟩ (Nielsen and Chuang, §8.3). */
import { describe, expect, it } from 'vitest'
import { complaints, expectClose, expectGradients, outputOf } from './run'

const program = (body: string, returns: string, type = 'real', qubits = 1) => `
circuit c(a: real, p: real) -> ${type} {
  qubits q[${qubits}]
  ${body}
  return ${returns}
}
model M {
  param a: real ~ zeros()
  param p: real ~ zeros()
  output e = c(a, p)
  loss sum(sin(c(a, p)))
}`
const A = 0.9, P = 0.3
const VALUES = { a: A, p: P }
const [X, Z] = [Math.sin(A), Math.cos(A)]
const KEPT = Math.sqrt(1 - P)

describe('a channel', () => {
  it.each([
    ['bit_flip', X, (1 - 2 * P) * Z],
    ['phase_flip', (1 - 2 * P) * X, Z],
    ['depolarize', (1 - 4 * P / 3) * X, (1 - 4 * P / 3) * Z],
    ['amplitude_damp', KEPT * X, P + (1 - P) * Z],
    ['phase_damp', KEPT * X, Z],
  ])('%s scales and shifts ⟨X⟩ and ⟨Z⟩ as it should, with gradients by its parameter and by the angle', async (name, x, z) => {
    const text = program(`ry(a) q\n  ${name}(p) q`, '[expect(X(q[0])), expect(Z(q[0]))]', 'real[2]')
    expectClose(await outputOf(text, VALUES), [x, z], 1e-12)
    for (const gradient of ['parameter_shift', 'adjoint'] as const) await expectGradients(text, VALUES, ['a', 'p'], 1e-9, { gradient })
  })

  it('depolarize on two qubits takes each of 15 Pauli words with p/15', async () => {
    const text = program('ry(a) q\n  depolarize(p) q[0], q[1]', '[expect(Z(q[0]) * Z(q[1])), expect(X(q[0])), purity(q)]', 'real[3]', 2)
    const kept = 1 - 16 * P / 15
    // ρ = kept·ψ + (1 − kept)·1/4.
    expectClose(await outputOf(text, VALUES), [kept * Z * Z, kept * X, kept * kept + (1 - kept * kept) / 4], 1e-12)
    await expectGradients(text, VALUES, ['a', 'p'])
  })

  it('zips over registers, with a parameter for each qubit where there are several', async () => {
    const text = program('x q\n  bit_flip([p, 0, 1]) q\n  phase_flip(p) q', '[expect(Z(q[i])) for i in 0..3]', 'real[3]', 3)
    expectClose(await outputOf(text, VALUES), [-(1 - 2 * P), -1, 1], 1e-12)
  })

  it('stands in gates, among conditions, and before every measurement there is', async () => {
    const text = `gate noisy(p: real) q: qubit[n] {\n  h q\n  phase_flip(p) q\n}\n${program('noisy(p) q', '[entropy(q[0]), purity(q[1]), variance(X(q[0])), probs(q[0])[1]]', 'real[4]', 2)}`
    const shannon = -P * Math.log(P) - (1 - P) * Math.log(1 - P)
    expectClose(await outputOf(text, VALUES), [shannon, P * P + (1 - P) * (1 - P), 1 - (1 - 2 * P) ** 2, 0.5], 1e-12)
    await expectGradients(text, VALUES, ['p'])
  })

  it('has second derivatives by its parameter', async () => {
    // d²/dp² of √(1 − p) sin a.
    const text = program('ry(a) q\n  amplitude_damp(p) q', 'expect(X(q[0]))').replace('output e = c(a, p)', 'output e = hessian(c(a, p), p)')
    expectClose(await outputOf(text, VALUES), [-0.25 * (1 - P) ** -1.5 * X], 1e-10)
  })

  it('is mapped over rows of its parameter', async () => {
    const text = 'circuit c(p: real) -> real {\n  qubits q\n  bit_flip(p) q\n  return expect(Z(q))\n}\nmodel M {\n  input p: real[n]\n  output e = c(p)\n}'
    expectClose(await outputOf(text, { p: [0, 0.25, 1] }), [1, 0.5, -1], 1e-12)
    await expect(outputOf(text, { p: [0.5, 1.25] })).rejects.toThrow('bit_flip takes a probability between 0 and 1, not 1.25')
  })

  it('takes one qubit or register, and one parameter', async () => {
    expect((await complaints(program('bit_flip(p) q[0], q[1]', 'expect(Z(q[0]))', 'real', 2))).map(text => text.split(' ')[0])).toEqual(['gate-arity'])
    expect((await complaints(program('bit_flip q', 'expect(Z(q[0]))'))).map(text => text.split(' ')[0])).toEqual(['angle-count'])
  })
})
