/** `kraus(re, im)` from text: held to the channels with names, and its gradients to differences. */
import { describe, expect, it } from 'vitest'
import { complaints, expectClose, expectGradients, outputOf, start } from './run'

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
const VALUES = { a: 0.9, p: 0.3 }
const [X, Z] = [Math.sin(0.9), Math.cos(0.9)]
const XZ = ['[expect(X(q[0])), expect(Z(q[0]))]', 'real[2]'] as const

describe('kraus', () => {
  it.each([
    ['bit_flip', '[sqrt(1 - p) * [[1, 0], [0, 1]], sqrt(p) * [[0, 1], [1, 0]]]'],
    ['phase_flip', '[sqrt(1 - p) * [[1, 0], [0, 1]], sqrt(p) * [[1, 0], [0, -1]]]'],
    ['amplitude_damp', '[[[1, 0], [0, sqrt(1 - p)]], [[0, sqrt(p)], [0, 0]]]'],
    ['phase_damp', '[[[1, 0], [0, sqrt(1 - p)]], [[0, 0], [0, sqrt(p)]]]'],
    ['depolarize', '[sqrt(1 - p) * eye(2), sqrt(p / 3) * [[0, 1], [1, 0]], 0 * eye(2), sqrt(p / 3) * [[1, 0], [0, -1]]], [0 * eye(2), 0 * eye(2), sqrt(p / 3) * [[0, -1], [1, 0]], 0 * eye(2)]'],
  ])('that says what %s does is it, with the same gradients', async (name, operators) => {
    const [written, named] = [program(`ry(a) q\n  kraus(${operators}) q`, ...XZ), program(`ry(a) q\n  ${name}(p) q`, ...XZ)]
    expectClose(await outputOf(written, VALUES), await outputOf(named, VALUES), 1e-12)
    for (const gradient of ['parameter_shift', 'adjoint'] as const) {
      const [found, expected] = [await (await start(written, { gradient })).gradients(VALUES), await (await start(named, { gradient })).gradients(VALUES)]
      for (const path of ['a', 'p']) expectClose(found[path] ?? [], expected[path] ?? [], 1e-10)
      await expectGradients(written, VALUES, ['a'], 1e-9, { gradient })
    }
  })

  it('takes a tensor of operators, on two qubits, and knows constants: correlated flips XX with p', async () => {
    const flips = '[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], [[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]'
    const text = program(`ry(a) q[0]\n  kraus(sqrt([1 - p, p]) |> weighted) q[0], q[1]`, '[expect(Z(q[0])), expect(Z(q[1])), expect(Z(q[0]) * Z(q[1]))]', 'real[3]', 2)
    const whole = `const FLIPS = [${flips}]\nfn weighted(w: real[2]) -> real[2, 4, 4] = [w[0] * FLIPS[0], w[1] * FLIPS[1]]\n${text}`
    const kept = 1 - 2 * 0.3
    expectClose(await outputOf(whole, VALUES), [kept * Z, kept, Z], 1e-12)
    const known = program('ry(a) q[0]\n  kraus([[[0.6, 0], [0, 0.6]], [[0, 0.8], [0.8, 0]]]) q[0]', ...XZ)
    expectClose(await outputOf(known, VALUES), [X, (0.36 - 0.64) * Z], 1e-12)
  })

  it('takes a register whole, as `unitary` does', async () => {
    expect(await complaints(program('kraus([[[1, 0], [0, 1]]]) q', 'expect(Z(q[0]))', 'real', 2))).toHaveLength(1)
    const text = program('h q\n  for i in 0..2 { kraus([[[1, 0], [0, 0]], [[0, 0], [0, 1]]]) q[i] }', '[expect(X(q[0])), expect(X(q[1])), purity(q)]', 'real[3]', 2)
    expectClose(await outputOf(text, VALUES), [0, 0, 0.25], 1e-12)
  })

  it('stops a run whose operators keep no trace', async () => {
    const text = program('kraus([[[1, 0], [0, p]]]) q', 'expect(Z(q[0]))')
    // A failed run, which the command ends with 3, and no bug.
    await expect(outputOf(text, { a: 0, p: 0.5 })).rejects.toMatchObject({ name: 'RunError', kind: 'data' })
    await expect(outputOf(text, { a: 0, p: 0.5 })).rejects.toThrow('circuit c: the operators of `kraus` are no channel: Σ K†K differs from the identity by 0.750')
  })

  it('is refused with a matrix for a list, of another size, or with parts of different lengths', async () => {
    for (const operators of ['[[1, 0], [0, 1]]', '[[[1]]]', '[[[1, 0], [0, 1]]], [[[0, 0], [0, 0]], [[0, 0], [0, 0]]]']) {
      expect((await complaints(program(`kraus(${operators}) q`, 'expect(Z(q[0]))'))).map(text => text.split(' ')[0]), operators).toEqual(['type-mismatch'])
    }
  })
})
