import { describe, expect, it } from 'vitest'
import { Dense } from './dense'
import { circuitSteps, complaints, expectClose, expectGradients, outputOf, planOf, start } from './run'

const ALL = [0, 1, 2]
/** A state of three qubits with nothing special about it. */
const STATE = `
  for i in 0..3 { u(0.3 + 0.41 * i, 0.7 * i, 1.1 - 0.2 * i) q[i] }
  cx q[0], q[1]
  cx q[1], q[2]
  rx([0.9, 0.53, 0.16]) q`

function state(): Dense {
  const dense = new Dense(3)
  for (const i of ALL) dense.gate('u', [i], 0.3 + 0.41 * i, 0.7 * i, 1.1 - 0.2 * i)
  dense.gate('cx', [0, 1]).gate('cx', [1, 2])
  ;[0.9, 0.53, 0.16].forEach((angle, i) => dense.gate('rx', [i], angle))
  return dense
}

/** What a circuit with arguments g: real[3] and k: real returns. */
const measured = (returns: string, type = 'real', before = '') => `
circuit c(g: real[3], k: real) -> ${type} {
  qubits q[3]
  ${STATE}
  ${before}
  return ${returns}
}
model M {
  param g: real[3] ~ zeros()
  param k: real ~ zeros()
  output e = c(g, k)
  loss sum(sin(c(g, k)))
}`

const VALUES = { g: [0.7, -1.2, 0.4], k: 0.8 }
const [G0, G1, G2] = VALUES.g as [number, number, number]
const K = VALUES.k

/** Value by dense matrices, gradient by differences. */
async function check(returns: string, expected: readonly number[], type = 'real', before = ''): Promise<void> {
  const text = measured(returns, type, before)
  expectClose(await outputOf(text, VALUES), expected, 1e-12, returns)
  await expectGradients(text, VALUES, ['g', 'k'])
}

describe('expectation values', () => {
  const dense = state()
  const z0 = dense.expect('Z', [0])
  const x1 = dense.expect('X', [1])
  const zx = dense.expect('ZX', [0, 1])

  it('are of sums of words with constant coefficients', async () => {
    await check('expect(0.5 * Z(q[0]) * X(q[1]) - 2 * Y(q[2]) + X(q[1]) / 4)', [0.5 * zx - 2 * dense.expect('Y', [2]) + x1 / 4])
    await check('expect(-(Z(q[0]) - 3))', [3 - z0])
    await check('expect(+Z(q[0])) + expect(X(q[1])^2)', [z0 + 1])
  })

  it('take coefficients from arguments, and have gradients by them', async () => {
    await check('expect(g[0] * Z(q[0]) - X(q[1]) * k + sin(g[1]) * Z(q[0]) * X(q[1]))', [G0 * z0 - x1 * K + Math.sin(G1) * zx])
    await check('expect((g[0] * Z(q[0]) + k) * (X(q[1]) - g[2]))', [G0 * zx - G0 * G2 * z0 + K * x1 - K * G2])
  })

  it('count a number as that multiple of the identity', async () => {
    await check('expect(2.5 + k * Z(q[0]))', [2.5 + K * z0])
    await check('expect(3) + expect(k)', [3 + K])
    await check('expect(Z(q[0]) - Z(q[0]))', [0])
  })

  it('are of long sums, empty sums, products by hand and observables with names', async () => {
    await check('expect(sum([g[i] * Z(q[i]) * Z(q[(i + 1) % 3]) for i in 0..3]))',
      [G0 * dense.expect('ZZ', [0, 1]) + G1 * dense.expect('ZZ', [1, 2]) + G2 * dense.expect('ZZ', [2, 0])])
    await check('expect(sum([Z(q[i]) for i in 0..0]) + k)', [K])
    await check('expect(h) * expect(k * h)', [K * (z0 + x1) ** 2], 'real', 'let a = Z(q[0])\n  let h = a + X(q[1])')
  })

  it('come from functions of observables', async () => {
    const text = `fn weighted(o: observable, p: observable, k: real) -> observable = k * o * p + o\n${measured('expect(weighted(Z(q[0]), X(q[1]), k))')}`
    expectClose(await outputOf(text, VALUES), [K * zx + z0], 1e-12)
  })

  it('are of projectors, whose first qubit is the most significant', async () => {
    const probs = dense.probs([2, 0])
    await check('expect(projector(q, "010"))', [dense.probs(ALL)[0b010] ?? NaN])
    await check('expect(k * projector(q[[2, 0]], "10") - Y(q[1]) * projector(q[0], "1"))', [K * (probs[0b10] ?? NaN) - dense.expect('Y1', [1, 0])])
    await check('expect(projector(q[0:2], "11") * Z(q[1]))', [-dense.expect('11', [0, 1])])
  })

  it('multiply Pauli letters on one qubit where the product is an observable', async () => {
    await check('expect(X(q[0]) * X(q[0]) * Z(q[1]))', [dense.expect('Z', [1])])
    await check('expect((X(q[0]) * Y(q[1])) * (Y(q[0]) * X(q[1])))', [dense.expect('ZZ', [0, 1])])
    await check('expect((X(q[0]) + Z(q[0])) * (X(q[0]) + Z(q[0])))', [2])
  })
})

describe('variances', () => {
  const dense = state()
  const z0 = dense.expect('Z', [0])
  const x1 = dense.expect('X', [1])

  it('are ⟨O²⟩ − ⟨O⟩² with the square expanded', async () => {
    await check('variance(Z(q[0]))', [1 - z0 ** 2])
    await check('variance(Z(q[0]) + 2 * X(q[1]) - 5)', [5 + 4 * dense.expect('ZX', [0, 1]) - (z0 + 2 * x1) ** 2])
    await check('variance(projector(q[0], "1"))', [dense.expect('1', [0]) * (1 - dense.expect('1', [0]))])
  })

  it('take coefficients from arguments, though the words anticommute', async () => {
    // (aX + bY − cZ)² = a² + b² + c².
    const mean = G0 * dense.expect('X', [0]) + 2 * K * dense.expect('Y', [0]) - 0.3 * G1 * z0
    await check('variance(g[0] * X(q[0]) + 2 * k * Y(q[0]) - g[1] * 0.3 * Z(q[0]))', [G0 ** 2 + 4 * K ** 2 + 0.09 * G1 ** 2 - mean ** 2])
    await check('variance(k * (g[0] * X(q[0]) + Z(q[0])))', [K ** 2 * (G0 ** 2 + 1 - (G0 * dense.expect('X', [0]) + z0) ** 2)])
  })

  it('are zero of numbers, and of tensors what they are elsewhere', async () => {
    await check('variance(k + 0 * Z(q[0]))', [0])
    await check('variance([expect(Z(q[0])), expect(X(q[1])), k])', [[z0, x1, K].reduce((s, v) => s + (v - (z0 + x1 + K) / 3) ** 2, 0) / 3])
  })
})

describe('probabilities', () => {
  const dense = state()

  it('are of registers, slices and qubits in the order in which they are named', async () => {
    await check('probs(q)', dense.probs(ALL), 'real[8]')
    await check('probs(q[2], q[0])', dense.probs([2, 0]), 'real[4]')
    await check('probs(q[1:], q[0])', dense.probs([1, 2, 0]), 'real[8]')
    await check('probs(q[-1])', dense.probs([2]), 'real[2]')
  })
})

describe('what a circuit returns', () => {
  const dense = state()
  const z0 = dense.expect('Z', [0])
  const x1 = dense.expect('X', [1])

  it('is any expression of measurements and arguments', async () => {
    await check('exp(expect(Z(q[0])) * k) + g[0] * log(probs(q)[3]) + sum(g)', [Math.exp(z0 * K) + G0 * Math.log(dense.probs(ALL)[3] ?? NaN) + G0 + G1 + G2])
    await check('a * g - [b, 1, b]', [z0 * G0 - x1, z0 * G1 - 1, z0 * G2 - x1], 'real[3]', 'let a = expect(Z(q[0]))\n  let b = expect(X(q[1]))')
    await check('if k > 0.5 then expect(Z(q[0])) else g[0]', [z0])
    await check('[[expect(Z(q[i])) * g[j] for j in 0..2] for i in 0..3]', ALL.flatMap(i => [G0, G1].map(g => dense.expect('Z', [i]) * g)), 'real[3, 2]')
  })

  it('may be several results, numbers alone, or what a branch says', async () => {
    const text = `circuit c(k: real, deep: bool) -> (real, real[2]) {
  qubits q[1]
  ry(k) q
  if deep { return expect(Z(q[0])), probs(q) }
  return k, [1, 0]
}
model M { param k: real ~ zeros()
 let (a, b) = c(k, true)
 let (d, e) = c(k, false)
 output all = concat([[a], b, [d], e]) }`
    expectClose(await outputOf(text, { k: 0.6 }), [Math.cos(0.6), Math.cos(0.3) ** 2, Math.sin(0.3) ** 2, 0.6, 1, 0], 1e-15)
  })

  it('measures each thing once, however often it is written', async () => {
    const plan = await planOf(measured('expect(Z(q[0])) + expect(Z(q[0])) * expect(1 * Z(q[0])) + variance(Z(q[0]))'))
    const [run] = circuitSteps(plan.entries.predict)
    expect(run?.circuit.measurements).toHaveLength(1)
  })

  it('is one product of vectors for a long sum, whose plan does not grow with its terms', async () => {
    const ising = (n: number) => `circuit c(w: real[${n}], J: real[${n}, ${n}]) -> real[${n + 1}] {
  qubits q[${n}]
  ry(w) q
  let energy = sum([sum([J[i, j] * Z(q[i]) * Z(q[j]) for j in i + 1..${n}]) for i in 0..${n}])
  return concat([[expect(energy)], [expect(X(q[i])) for i in 0..${n}]])
}
model M {
  param w: real[${n}] ~ zeros()
  param J: real[${n}, ${n}] ~ zeros()
  loss sum(c(w, J))
}`
    const [few, many] = [await planOf(ising(3)), await planOf(ising(9))]
    expect(many.entries.gradient?.steps.length).toBe(few.entries.gradient?.steps.length)
    await expectGradients(ising(3), { w: [0.3, -0.8, 1.2], J: [[0, 0.5, -1], [0.2, 0, 0.7], [0.1, 0.4, 0]] }, ['w', 'J'])
  })

  it('closes the circuit: no gate follows a measurement', async () => {
    expect(await complaints(measured('e', 'real', 'let e = expect(Z(q[0]))\n  h q[0]'))).toEqual(['gate-after-measurement 10:3: a gate after a measurement'])
  })
})

describe('a list of observables', () => {
  const dense = state()
  const [z0, x1, zx] = [dense.expect('Z', [0]), dense.expect('X', [1]), dense.expect('ZX', [0, 1])]
  const list = 'let all = [Z(q[0]), X(q[1]), k * Z(q[0]) * X(q[1])]'

  it('is measured one by one, by index, from the end, and in part', async () => {
    await check('[expect(o) for o in all]', [z0, x1, K * zx], 'real[3]', list)
    await check('[expect(all[i]) for i in 0..3]', [z0, x1, K * zx], 'real[3]', list)
    await check('expect(all[-1] + all[0])', [K * zx + z0], 'real', list)
    await check('[variance(o) for o in all[0:2]]', [1 - z0 * z0, 1 - x1 * x1], 'real[2]', list)
    await check('expect(sum(all[1:3]))', [x1 + K * zx], 'real', list)
    await check('[expect(o) for o in all[::2]]', [z0, K * zx], 'real[2]', list)
  })
})

describe('state preparation', () => {
  it('sets constant amplitudes, divided by their norm', async () => {
    const text = `circuit c(k: real) -> real[8] {
  qubits q[3]
  h q[0]
  amplitudes([1, 2, 0, -2], im = [0, 0, 4, 0]) q[1:]
  ctrl rx(k) q[2], q[0]
  return probs(q)
}
model M { param k: real ~ zeros()
 output p = c(k) }`
    const dense = new Dense(3).gate('h', [0])
    const [a, b] = [[1, 2, 0, -2], [0, 0, 4, 0]]
    dense.state = dense.state.map((_, index) => [Math.SQRT1_2 * (a[index % 4] ?? 0) / 5, Math.SQRT1_2 * (b[index % 4] ?? 0) / 5])
    dense.apply({ matrix: rx(0.7), wires: [0], controls: [[2, 1]] })
    expectClose(await outputOf(text, { k: 0.7 }), dense.probs(ALL), 1e-14)
  })

  it.each(['parameter_shift', 'adjoint'])('differentiates amplitudes from arguments through the normalisation (%s)', async method => {
    const text = `@gradient(${method})
circuit c(a: real[4], b: real[4], k: real) -> real[2] {
  qubits q[2]
  amplitudes(a, b) q
  rxx(k) q[0], q[1]
  ry(a[0]) q[0]
  return [expect(Z(q[0]) + 0.5 * X(q[0]) * Y(q[1])), expect(Y(q[1]))]
}
model M {
  param a: real[4] ~ ones()
  param b: real[4] ~ ones()
  param k: real ~ zeros()
  let e = c(a, b, k)
  output e
  loss e[0] * e[1] + sum(c(sin(a), zeros([4]), k))
}`
    const values = { a: [0.3, -0.8, 1.1, 0.4], b: [0.9, 0.2, -0.5, 0.7], k: 0.6 }
    const norm = Math.hypot(...values.a, ...values.b)
    const dense = new Dense(2)
    dense.state = values.a.map((re, at) => [re / norm, (values.b[at] ?? 0) / norm])
    dense.gate('rxx', [0, 1], values.k).gate('ry', [0], values.a[0] ?? 0)
    expectClose(await outputOf(text, values), [dense.expect('Z', [0]) + 0.5 * dense.expect('XY', [0, 1]), dense.expect('Y', [1])], 1e-13)
    await expectGradients(text, values, ['a', 'b', 'k'])
  })

  it('sets basis states from text or bits', async () => {
    const text = `circuit c(k: real) -> real[8] {
  qubits q[3]
  basis_state("10") q[0:2]
  basis_state([1]) q[2]
  crx(k) q[2], q[1]
  return probs(q)
}
model M { param k: real ~ zeros()
 output p = c(k) }`
    expectClose(await outputOf(text, { k: 0.7 }), new Dense(3).gate('x', [0]).gate('x', [2]).gate('crx', [2, 1], 0.7).probs(ALL), 1e-15)
  })

  it.each(['parameter_shift', 'adjoint'])('differentiates the entries of a matrix that is computed (%s)', async method => {
    const text = `@gradient(${method})
circuit c(t: real, k: real) -> real {
  qubits q[2]
  h q
  ctrl unitary([[cos(t), 0], [0, cos(t)]], [[-sin(t), 0], [0, sin(t)]]) q[0], q[1]
  rx(k) q[0]
  return expect(Y(q[0]) * X(q[1]))
}
model M { param t: real ~ zeros()
 param k: real ~ zeros()
 loss c(t, k) }`
    const values = { t: 0.4, k: 0.9 }
    const dense = new Dense(2).gate('h', [0]).gate('h', [1]).gate('crz', [0, 1], 0.8).gate('rx', [0], 0.9)
    expectClose([await (await start(text)).loss(values)], [dense.expect('YX', [0, 1])], 1e-14)
    await expectGradients(text, values, ['t', 'k'])
  })

  it('holds a computed matrix to being unitary when it runs', async () => {
    const text = `circuit c(t: real) -> real {
  qubits q[1]
  unitary([[t, 0], [0, 1]]) q
  return expect(Z(q[0]))
}
model M { input t: real
 output e = c(t) }`
    await expect((await start(text)).outputs({ t: 1 })).resolves.toBeDefined()
    await expect((await start(text)).outputs({ t: 1.1 })).rejects.toThrow('not unitary')
  })
})

const rx = (angle: number) => ({ size: 2, entries: [[Math.cos(angle / 2), 0], [0, -Math.sin(angle / 2)], [0, -Math.sin(angle / 2)], [Math.cos(angle / 2), 0]] as const })
