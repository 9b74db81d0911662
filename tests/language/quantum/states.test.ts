/** Purity, entropy and fidelity of states, dense observables and exact evolution: closed forms, whole matrices, and differences. */
import { describe, expect, it } from 'vitest'
import { load } from '../run'
import { combine, Dense, identity, product, rotation, word, type Complex, type Matrix } from './dense'
import { complaints, expectClose, expectGradients, outputOf, start } from './run'

/** A circuit of g: real[2] and k: real, as output and under a loss that is not linear in it. */
const program = (body: string, returns: string, type = 'real', more = '', qubits = 2) => `
${more}
circuit c(g: real[2], k: real) -> ${type} {
  qubits q[${qubits}]
  ${body}
  return ${returns}
}
model M {
  param g: real[2] ~ zeros()
  param k: real ~ zeros()
  output e = c(g, k)
  loss sum(sin(c(g, k)))
}`
const VALUES = { g: [0.7, -1.2], k: 0.8 }

/** cos(θ/2)|00⟩ + sin(θ/2)|11⟩: each half has the eigenvalues cos² and sin² of θ/2. */
const PAIR = 'ry(k) q[0]\n  cx q[0], q[1]'
const shannon = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p)

describe('the reduced state', () => {
  const p = Math.cos(VALUES.k / 2) ** 2

  it('of half an entangled pair has the purity and the entropy of its eigenvalues, and the whole is pure', async () => {
    const text = program(PAIR, '[purity(q[0]), entropy(q[1]), purity(q), entropy(q), purity(q[1], q[0])]', 'real[5]')
    expectClose(await outputOf(text, VALUES), [p * p + (1 - p) * (1 - p), shannon(p), 1, 0, 1], 1e-12)
  })

  it.each(['purity(q[0])', 'entropy(q[0])', 'entropy(q[0]) * purity(q[1], q[2])', 'entropy(q[2], q[0])'])('has gradients of %s by either method', async returns => {
    const text = program(`ry(g) q[0:2]\n  cx q[0], q[1]\n  rx(k) q[1]\n  cx q[1], q[2]\n  ry(g[0] * k) q[2]`, returns, 'real', '', 3)
    for (const gradient of ['parameter_shift', 'adjoint'] as const) await expectGradients(text, VALUES, ['g', 'k'], 1e-8, { gradient })
  })

  it('has second derivatives of its entropy', async () => {
    // S(p(k)) with p = cos²(k/2): dp/dk = −½ sin k, S′ = log((1 − p)/p), S″ = −1/(p(1 − p)).
    const text = `${program(PAIR, 'entropy(q[0])').replace('output e = c(g, k)', 'output e = hessian(c(g, k), k)')}`
    const slope = -Math.sin(VALUES.k) / 2, bend = -Math.cos(VALUES.k) / 2
    expectClose(await outputOf(text, VALUES), [Math.log((1 - p) / p) * bend - slope * slope / (p * (1 - p))], 1e-9)
  })

  it('of a product state has entropy 0 with gradient 0, never NaN', async () => {
    const running = await start(program('ry(g) q', 'entropy(q[0])'))
    const { g } = await running.gradients(VALUES)
    expectClose(g ?? [], [0, 0], 1e-12)
    const pair = await start(program(PAIR, 'entropy(q[0])'))
    const at = await pair.gradients({ ...VALUES, k: 0 })
    expectClose(at['k'] ?? [], [0], 1e-12)
  })

  it('is mapped over leading dimensions', async () => {
    const text = `
circuit c(k: real) -> real[2] {
  qubits q[2]
  ${PAIR}
  return [entropy(q[0]), purity(q[0])]
}
model M {
  input k: real[batch]
  output e = c(k)
}`
    const angles = [0.3, 1.1, 2.5]
    expectClose(await outputOf(text, { k: angles }), angles.flatMap(k => { const x = Math.cos(k / 2) ** 2; return [shannon(x), x * x + (1 - x) * (1 - x)] }), 1e-12)
  })
})

describe('fidelity', () => {
  const OTHER = `
circuit other(a: real, b: real = 0.3) -> real {
  qubits r[2]
  ry(a) r[0]
  cx r[0], r[1]
  u(b, a, 0.4) r[1]
  return expect(Z(r[0]))
}`
  const own = () => new Dense(2).gate('ry', [0], 0.7).gate('rx', [1], -1.2).gate('cz', [0, 1])
  const other = (a: number, b: number) => new Dense(2).gate('ry', [0], a).gate('cx', [0, 1]).gate('u', [1], b, a, 0.4)
  const BODY = 'ry(g[0]) q[0]\n  rx(g[1]) q[1]\n  cz q[0], q[1]'
  const overlap = (x: Dense, y: Dense) => {
    const [re, im] = x.state.reduce<Complex>(([re, im], [a, b], i) => {
      const [c, d] = y.state[i] ?? [0, 0]
      return [re + a * c + b * d, im + a * d - b * c]
    }, [0, 0])
    return re * re + im * im
  }

  it('is the squared overlap of two states, beside other measurements, and with defaults', async () => {
    const text = program(BODY, '[fidelity(other(k)), expect(Z(q[0])), fidelity(other(g[1], k))]', 'real[3]', OTHER)
    expectClose(await outputOf(text, VALUES), [overlap(own(), other(0.8, 0.3)), own().expect('Z', [0]), overlap(own(), other(-1.2, 0.8))], 1e-12)
  })

  it('has gradients by the arguments of both sides', async () => {
    const text = program(BODY, 'fidelity(other(k * g[0], k)) * expect(X(q[1]))', 'real', OTHER)
    for (const gradient of ['parameter_shift', 'adjoint'] as const) await expectGradients(text, VALUES, ['g', 'k'], 1e-9, { gradient })
  })

  it('takes states prepared by amplitudes on either side', async () => {
    const prepared = 'circuit other(a: real) -> real {\n  qubits r[2]\n  amplitudes([a, 0.5, 0, 1]) r\n  return 0\n}'
    const text = program('amplitudes(g) q[0]\n  ry(k) q[1]', 'fidelity(other(k))', 'real', prepared)
    const norm = Math.hypot(0.7, 1.2), length = Math.hypot(0.8, 0.5, 1)
    const [x, y] = [Math.cos(0.4), Math.sin(0.4)]
    expectClose(await outputOf(text, VALUES), [((0.7 * x * 0.8 + 0.7 * y * 0.5 - 1.2 * y) / norm / length) ** 2], 1e-12)
    await expectGradients(text, VALUES, ['g', 'k'])
  })

  it('reports what goes wrong in the other circuit at the call', async () => {
    const text = program(BODY, 'fidelity(other(k))', 'real', 'circuit other(a: real, n: int = 5) -> real {\n  qubits r[2]\n  ry(a) r[n]\n  return 0\n}')
    expect((await complaints(text)).some(message => message.includes('inside-call') && message.includes('qubit 5 is out of range'))).toBe(true)
  })
})

describe('dense observables', () => {
  it('of known entries are sums of Pauli words, in products too', async () => {
    // [[1, 2 − i], [2 + i, −3]] = −1 + 2X + Y + 2Z.
    const H = 'hermitian([[1, 2], [2, -3]], [[0, -1], [1, 0]], q[0])'
    const dense = new Dense(2).gate('ry', [0], 0.7).gate('rx', [1], -1.2).gate('cx', [0, 1])
    const text = program('ry(g[0]) q[0]\n  rx(g[1]) q[1]\n  cx q[0], q[1]', `[expect(${H}), expect(${H} * Z(q[1])), variance(${H})]`, 'real[3]')
    const mean = -1 + 2 * dense.expect('X', [0]) + dense.expect('Y', [0]) + 2 * dense.expect('Z', [0])
    const joint = -dense.expect('Z', [1]) + 2 * dense.expect('XZ', [0, 1]) + dense.expect('YZ', [0, 1]) + 2 * dense.expect('ZZ', [0, 1])
    // O² = 10 − 2(2X + Y + 2Z), because (2X + Y + 2Z)² = 9.
    expectClose(await outputOf(text, VALUES), [mean, joint, 10 - 2 * (mean + 1) - mean * mean], 1e-12)
    await expectGradients(program('ry(g) q\n  cx q[0], q[1]', `expect(${H} * Z(q[1]))`), VALUES, ['g'])
  })

  it('of computed entries are differentiable by them', async () => {
    const H = 'hermitian([[g[0], k], [k, g[1]]], [[0, k * g[0]], [-k * g[0], 0]], q[1])'
    const text = program('ry(g) q\n  cx q[0], q[1]\n  rx(0.4) q[1]', `expect(${H}) + expect(Z(q[0]) * ${H})`)
    const dense = new Dense(2).gate('ry', [0], 0.7).gate('ry', [1], -1.2).gate('cx', [0, 1]).gate('rx', [1], 0.4)
    // ½(a + d) + ½(a − d)Z + bX − cY for [[a, b + ic], [b − ic, d]].
    const at = (rest: string) => {
      const e = (letters: string) => dense.expect(letters + rest, rest === '' ? [1] : [1, 0])
      return -0.25 * (rest === '' ? 1 : dense.expect('Z', [0])) + 0.95 * e('Z') + 0.8 * e('X') - 0.56 * e('Y')
    }
    expectClose(await outputOf(text, VALUES), [at('') + at('Z')], 1e-12)
    await expectGradients(text, VALUES, ['g', 'k'])
  })

  it('on two qubits take the first as the most significant', async () => {
    const text = program('x q[1]', '[expect(hermitian([[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 4]], q[0], q[1])), expect(hermitian([[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 4]], q[1], q[0]))]', 'real[2]')
    expectClose(await outputOf(text, VALUES), [2, 3], 1e-12)
  })

  it('come from a data file beside the program', async () => {
    const text = program('ry(g) q\n  cx q[0], q[1]', 'expect(k * hamiltonian("h.json", q) + hamiltonian("h.json", q[1], q[0]))')
    const { model } = await load(text, { files: { 'h.json': '[[0.5, "ZI"], [-0.25, "XX"], [2, "II"]]' } })
    model.parameters.set('g', VALUES.g)
    model.parameters.set('k', VALUES.k)
    const { outputs } = await model.evaluate({})
    const { e } = outputs
    const dense = new Dense(2).gate('ry', [0], 0.7).gate('ry', [1], -1.2).gate('cx', [0, 1])
    const xx = -0.25 * dense.expect('XX', [0, 1])
    expect(e?.data[0]).toBeCloseTo(0.8 * (0.5 * dense.expect('Z', [0]) + xx + 2) + 0.5 * dense.expect('Z', [1]) + xx + 2, 12)
  })
})

/** exp(−itH) by 20 squarings of six terms of the series at t/2^20; the squarings leave 2^20 roundings, some 1e-10. */
function exponential(h: Matrix, t: number): Matrix {
  const small: Complex = [0, -t / 2 ** 20]
  let term = identity(h.size), sum = term
  for (let k = 1; k <= 6; k++) { term = combine(product(term, h), [small[0] / k, small[1] / k], term, [0, 0]); sum = combine(sum, [1, 0], term, [1, 0]) }
  for (let k = 0; k < 20; k++) sum = product(sum, sum)
  return sum
}

describe('evolve', () => {
  const NOT_COMMUTING = 'Z(q[0]) * X(q[1]) - 0.5 * Y(q[0]) + 0.3 * Z(q[1])'
  const h = combine(combine(word('ZX'), [1, 0], word('YI'), [-0.5, 0]), [1, 0], word('IZ'), [0.3, 0])

  it('of terms that do not commute is the exponential of their sum', async () => {
    const text = program(`ry(g) q\n  evolve(${NOT_COMMUTING}, k) q`, '[expect(X(q[0])), expect(Z(q[1])), expect(Y(q[0]) * Y(q[1]))]', 'real[3]')
    const dense = new Dense(2).gate('ry', [0], 0.7).gate('ry', [1], -1.2).apply({ matrix: exponential(h, 0.8), wires: [0, 1] })
    expectClose(await outputOf(text, VALUES), [dense.expect('X', [0]), dense.expect('Z', [1]), dense.expect('YY', [0, 1])], 1e-9)
    for (const gradient of ['parameter_shift', 'adjoint'] as const) await expectGradients(text, VALUES, ['g', 'k'], 1e-9, { gradient })
  })

  it('of terms that commute is a product of rotations, with coefficients from arguments', async () => {
    const text = program('h q\n  evolve(g[0] * Z(q[0]) * Z(q[1]) + 0.5 * Z(q[0]) + g[1], k) q', '[expect(X(q[0])), expect(Y(q[0]) * Z(q[1]))]', 'real[2]')
    const dense = new Dense(2).gate('h', [0]).gate('h', [1])
      .apply({ matrix: rotation('ZZ', 2 * 0.7 * 0.8), wires: [0, 1] }).apply({ matrix: rotation('ZI', 0.8), wires: [0, 1] })
    expectClose(await outputOf(text, VALUES), [dense.expect('X', [0]), dense.expect('YZ', [0, 1])], 1e-12)
    await expectGradients(text, VALUES, ['g', 'k'])
  })

  it('keeps its global phase under a control, and has an inverse and powers', async () => {
    // h, ctrl exp(−ik·1), h: ⟨Z⟩ = cos k.
    expectClose(await outputOf(program('h q[0]\n  ctrl evolve(1, k) q[0], q[1]\n  h q[0]', 'expect(Z(q[0]))'), VALUES), [Math.cos(0.8)], 1e-12)
    const back = program(`ry(g) q\n  evolve(${NOT_COMMUTING}, k) q\n  pow(0.5) evolve(${NOT_COMMUTING}, 2 * k) q\n  inv evolve(${NOT_COMMUTING}, 2 * k) q`, '[expect(Z(q[0])), expect(Z(q[1]))]', 'real[2]')
    expectClose(await outputOf(back, VALUES), [Math.cos(0.7), Math.cos(-1.2)], 1e-12)
  })

  it('takes projectors', async () => {
    // exp(−it|1⟩⟨1|) is a phase: ⟨X⟩ of |+⟩ becomes cos t.
    expectClose(await outputOf(program('h q[0]\n  evolve(projector(q[0], "1"), k) q[0]', 'expect(X(q[0]))'), VALUES), [Math.cos(0.8)], 1e-12)
  })
})
