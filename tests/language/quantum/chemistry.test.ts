/** Templates made of evolutions, against exponentials of whole matrices and of fermion operators. */
import { describe, expect, it } from 'vitest'
import { combine, Dense, identity, kron, matrixOf, product, rotation, word, dagger, type Matrix } from './dense'
import { expectClose, expectGradients, outputOf } from './run'

/** exp(A) for small ‖A‖: by 2^20 squarings of six terms, whose rounding adds up to some 1e-10. */
function exponential(a: Matrix): Matrix {
  let term = identity(a.size), sum = term
  for (let k = 1; k <= 6; k++) { term = combine(product(term, a), [2 ** -20 / k, 0], term, [0, 0]); sum = combine(sum, [1, 0], term, [1, 0]) }
  for (let k = 0; k < 20; k++) sum = product(sum, sum)
  return sum
}

const program = (use: string, body: string, returns: string, type: string, qubits: number, w = 'real[3]') => `use std.quantum.{${use}}
circuit c(w: ${w}) -> ${type} {
  qubits q[${qubits}]
  ${body}
  return ${returns}
}
model M {
  param w: ${w} ~ zeros()
  output e = c(w)
  loss sum(sin(c(w)))
}`
const W = [0.7, -0.4, 1.1]
const all = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('trotter', () => {
  const H = 'Z(q[0]) * Z(q[1]) + 0.5 * X(q[0]) - w[1] * X(q[1])'
  const step = (dense: Dense, t: number, order: 1 | -1) => {
    const terms: readonly (readonly [string, number])[] = [['ZZ', 1], ['XI', 0.5], ['IX', 0.4]]
    for (const [letters, c] of order === 1 ? terms : terms.toReversed()) dense.apply({ matrix: rotation(letters, 2 * c * t), wires: [0, 1] })
    return dense
  }

  it('of order 1 goes through the terms in their order, step by step', async () => {
    const dense = new Dense(2).gate('h', [0])
    for (let k = 0; k < 3; k++) step(dense, 0.7 / 3, 1)
    const text = program('trotter', `h q[0]\n  trotter(${H}, w[0], 3) q`, 'probs(q)', 'real[4]', 2)
    expectClose(await outputOf(text, { w: W }), dense.probs([0, 1]), 1e-12)
    await expectGradients(text, { w: W }, ['w'])
  })

  it('of order 2 goes there by half and back', async () => {
    const dense = new Dense(2).gate('h', [0])
    for (let k = 0; k < 2; k++) { step(dense, 0.7 / 4, 1); step(dense, 0.7 / 4, -1) }
    expectClose(await outputOf(program('trotter', `h q[0]\n  trotter(${H}, w[0], steps = 2, order = 2) q`, 'probs(q)', 'real[4]', 2), { w: W }), dense.probs([0, 1]), 1e-12)
  })
})

describe('qaoa_layer', () => {
  it('turns by the cost and then about X', async () => {
    const dense = new Dense(3)
    for (const i of all(3)) dense.gate('h', [i])
    for (const [i, j] of [[0, 1], [1, 2]] as const) dense.apply({ matrix: rotation('ZZ', 2 * 0.5 * 0.7), wires: [i, j] })
    for (const i of all(3)) dense.apply({ matrix: rotation('X', 2 * -0.4), wires: [i] })
    const text = program('qaoa_layer', 'h q\n  qaoa_layer(w[0], w[1], sum([0.5 * Z(q[i]) * Z(q[i + 1]) for i in 0..2])) q', 'probs(q)', 'real[8]', 3)
    expectClose(await outputOf(text, { w: W }), dense.probs(all(3)), 1e-12)
  })
})

/** c_j = Z ⊗ … ⊗ |0⟩⟨1| ⊗ 1 …: Jordan and Wigner. */
function annihilator(j: number, n: number): Matrix {
  const lower = matrixOf(2, (r, c) => [r === 0 && c === 1 ? 1 : 0, 0])
  return all(n).map(i => (i < j ? word('Z') : i === j ? lower : identity(2))).reduce(kron)
}

const excitation = (n: number, from: readonly number[], to: readonly number[], theta: number): Matrix => {
  const a = [...to.map(p => dagger(annihilator(p, n))), ...from.map(r => annihilator(r, n))].reduce(product)
  return exponential(combine(a, [theta, 0], dagger(a), [-theta, 0]))
}

describe('fermionic excitations', () => {
  /** Nothing special about the state, so that signs show. */
  const mixed = (dense: Dense) => { for (const i of all(5)) dense.gate('ry', [i], 0.3 + 0.5 * i); return dense.gate('cx', [0, 3]).gate('rx', [2], 0.7).gate('cx', [4, 1]) }
  const MIXED = 'for i in 0..5 { ry(0.3 + 0.5 * i) q[i] }\n  cx q[0], q[3]\n  rx(0.7) q[2]\n  cx q[4], q[1]'

  it('are exponentials of c†c − h.c. and c†c†cc − h.c., with the sign of the orbitals between', async () => {
    const single = mixed(new Dense(5)).apply({ matrix: excitation(5, [0], [3], 0.7), wires: all(5) })
    const one = program('fermionic_single_excitation', `${MIXED}\n  fermionic_single_excitation(w[0], 0, 3) q`, '[expect(X(q[0]) * Z(q[3])), expect(Y(q[3])), expect(Z(q[0])), expect(X(q[0]) * X(q[1]))]', 'real[4]', 5)
    expectClose(await outputOf(one, { w: W }), [single.expect('XZ', [0, 3]), single.expect('Y', [3]), single.expect('Z', [0]), single.expect('XX', [0, 1])], 1e-8)
    // c†_p c†_q c_r c_s with s, r, q, p = 0, 2, 3, 4.
    const double = mixed(new Dense(5)).apply({ matrix: excitation(5, [2, 0], [4, 3], -0.4), wires: all(5) })
    const two = program('fermionic_double_excitation', `${MIXED}\n  fermionic_double_excitation(w[1], 0, 2, 3, 4) q`, '[expect(Z(q[0])), expect(X(q[0]) * X(q[2]) * Y(q[3]) * X(q[4])), expect(X(q[1]) * Z(q[3])), expect(Y(q[2]) * Y(q[4]))]', 'real[4]', 5)
    expectClose(await outputOf(two, { w: W }), [double.expect('Z', [0]), double.expect('XXYX', [0, 2, 3, 4]), double.expect('XZ', [1, 3]), double.expect('YY', [2, 4])], 1e-8)
  })

  it('make up uccsd: filled orbitals, doubles, then singles', async () => {
    const dense = new Dense(4).gate('x', [0]).gate('x', [1])
      .apply({ matrix: excitation(4, [1, 0], [3, 2], 1.1), wires: all(4) })
      .apply({ matrix: excitation(4, [0], [2], 0.7), wires: all(4) }).apply({ matrix: excitation(4, [1], [3], -0.4), wires: all(4) })
    const text = program('uccsd', 'uccsd(w, [[0, 2], [1, 3]], [[0, 1, 2, 3]], 2) q', '[expect(Z(q[i])) for i in 0..4]', 'real[4]', 4)
    expectClose(await outputOf(text, { w: W }), all(4).map(i => dense.expect('Z', [i])), 1e-8)
    // The number of electrons stays.
    const z = await outputOf(text, { w: W })
    expect(z.reduce((sum, x) => sum + (1 - x) / 2, 0)).toBeCloseTo(2, 10)
    await expectGradients(text, { w: W }, ['w'])
  })
})
