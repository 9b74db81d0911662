/** Closed-form steps through circuits: which frequencies a program's numbers have, and where a variational eigensolver ends. */
import { describe, expect, it } from 'vitest'
import { load } from '../run'

const block = (options = 'epochs 30') => `train M {\n  optimizer rotosolve()\n  ${options}\n}`
const angles = (count: number) => `param t: real[${count}] ~ uniform(0.1, 6)`

/** How one number of t turns the loss: [unit, count] of each element. */
async function spectrum(circuits: string, body: string): Promise<readonly (readonly [number, number])[]> {
  const { model } = await load(`${circuits}\nmodel M {\n  ${body}\n}\n${block()}`)
  const [spectra] = model.plan.train?.spectra ?? []
  return spectra?.units.map((unit, at) => [Number(unit.toPrecision(10)), spectra.counts[at] ?? NaN] as const) ?? []
}

const onGates = (gates: string) => `circuit c(t: real[4]) -> real {\n  qubits q[2]\n  h q\n  ${gates}\n  return expect(Z(q[0]) + X(q[1]))\n}`

describe('the frequencies of a loss', () => {
  it.each([
    ['one for each rotation', 'ry(t[0]) q[0]\n rxx(t[1]) q[0], q[1]\n pauli_rotation("XY", t[2]) q[0], q[1]\n p(t[3]) q[1]', [[1, 1], [1, 1], [1, 1], [1, 1]]],
    ['½ and 1 under a control', 'crx(t[0]) q[0], q[1]\n ctrl ry(t[1]) q[1], q[0]\n cp(t[2]) q[0], q[1]', [[0.5, 2], [0.5, 2], [1, 1], [1, 0]]],
    ['sums of those of all rotations that share a number', 'ry(t[0]) q[0]\n ry(t[0]) q[1]\n rzz(t[0] + t[1]) q[0], q[1]', [[1, 3], [1, 1], [1, 0], [1, 0]]],
    ['multiples by integer coefficients', 'ry(2 * t[0] - 0.4) q[0]\n rx(-3 * t[1] / 1) q[1]\n ry(2 * (t[2] + t[3])) q[0]', [[2, 1], [3, 1], [2, 1], [2, 1]]],
    ['½ and 1 of an excitation', 'single_excitation(t[0]) q[0], q[1]', [[0.5, 2], [1, 0], [1, 0], [1, 0]]],
  ])('are %s', async (_, gates, expected) => {
    expect(await spectrum(onGates(gates), `${angles(4)}\n  loss c(t)`)).toEqual(expected)
  })

  it('follow slices, transposes, gathers, sums and concatenations element by element', async () => {
    const c = 'circuit c(t: real[4]) -> real {\n  qubits q[1]\n  for i in 0..4 { ry(t[i]) q[0] }\n  return expect(Z(q[0]))\n}'
    expect(await spectrum(c, `${angles(3)}\n  let s = concat([t[1:3], [sum(t), 2 * t[0]]])\n  loss c(flip(s))`)).toEqual([[1, 3], [1, 2], [1, 2]])
    expect(await spectrum(c, `param t: real[2, 2] ~ uniform(0, 6)\n  let i = [0, 0, 1, 0]\n  loss c(reshape(transpose(t), [4])[i])`)).toEqual([[1, 3], [1, 0], [1, 1], [1, 0]])
    expect(await spectrum(c, `param t: real[2, 2] ~ uniform(0, 6)\n  loss c(reshape([2, 1] * t, [4]))`)).toEqual([[2, 1], [1, 1], [2, 1], [1, 1]])
  })

  it('are those of any run of a circuit that is mapped, or called in a loop', async () => {
    const c = 'circuit c(t: real, x: real) -> real {\n  qubits q[1]\n  ry(t + x) q[0]\n  return expect(Z(q[0]))\n}'
    expect(await spectrum(c, `input x: real[batch]\n  param t: real ~ zeros()\n  loss mean(c(t, x))`)).toEqual([[1, 1]])
    expect(await spectrum(c, `${angles(3)}\n  var e = 0.0\n  for i in 0..3 { e = e + 0.5 * c(t[i], 0.1) }\n  loss e`)).toEqual([[1, 1], [1, 1], [1, 1]])
  })
})

const numbers = (data: ArrayLike<unknown> | undefined): number[] => Array.from(data ?? [], Number)

describe('training with rotosolve', () => {
  it('steps as the closed form of three losses does, through the compiled circuit', async () => {
    const { model } = await load(`circuit c(t: real[3]) -> real {
  qubits q[2]
  ry(t[0]) q[0]
  rx(t[1]) q[1]
  rzz(t[2]) q[0], q[1]
  ry(0.7) q[1]
  return expect(Z(q[0]) * X(q[1]) + 0.3 * Y(q[1]))
}
model M {
  param t: real[3] ~ uniform(0.1, 6)
  loss c(t)
}
${block('steps 1')}`)
    const by = numbers(model.parameters.get('t').data)
    const before = model.parameters.get('t')
    for (let p = 0; p < by.length; p++) {
      const phi = by[p] ?? NaN
      const m = async (shift: number) => {
        by[p] = phi + shift
        model.parameters.set('t', by)
        return (await model.evaluate({})).loss ?? NaN
      }
      const [here, up, down] = [await m(0), await m(Math.PI / 2), await m(-Math.PI / 2)]
      by[p] = phi - Math.PI / 2 - Math.atan2(2 * here - up - down, up - down)
    }
    model.parameters.set('t', before)
    await model.fit({})
    numbers(model.parameters.get('t').data).forEach((value, i) => expect(Math.cos(value - (by[i] ?? NaN))).toBeCloseTo(1, 12))
  })

  it('finds the ground state of a two-qubit Hamiltonian', async () => {
    // H₂ in the minimal basis at 0.7414 Å, two qubits (O'Malley et al., Phys. Rev. X 6, 031007 (2016), table I, R = 0.75 Å).
    const [g0, g1, g2, g3, g4, g5] = [0.2252, 0.3435, -0.4347, 0.5716, 0.0910, 0.0910]
    const { model } = await load(`circuit energy(t: real[4]) -> real {
  qubits q[2]
  ry(t[0]) q[0]
  ry(t[1]) q[1]
  cx q[0], q[1]
  ry(t[2]) q[0]
  ry(t[3]) q[1]
  return expect(${g0} + ${g1} * Z(q[0]) - ${-g2} * Z(q[1]) + ${g3} * Z(q[0]) * Z(q[1]) + ${g4} * X(q[0]) * X(q[1]) + ${g5} * Y(q[0]) * Y(q[1]))
}
model M {
  param t: real[4] ~ uniform(0.1, 3)
  loss energy(t)
}
${block('epochs 100')}`, { seed: 1 })
    const history = await model.fit({})
    // In |01⟩, |10⟩ the Hamiltonian is [[g0 + g1 − g2 − g3, g4 + g5], [g4 + g5, g0 − g1 + g2 − g3]]; the ground state is there.
    const middle = g0 - g3, half = Math.hypot(g1 - g2, g4 + g5)
    const { loss } = await model.evaluate({})
    // Convergence ends at gains below 1e-10 a sweep.
    expect(loss).toBeCloseTo(middle - half, 8)
    expect(history.stopped).toBe('converged')
    expect(history.steps).toBeLessThan(60)
    history.epochs.forEach(({ loss: each }, i) => expect(each).toBeLessThanOrEqual((history.epochs[i - 1]?.loss ?? Infinity) + 1e-12))
  })

  it('is refused by a plan that was compiled for another optimizer, and so are batches', async () => {
    const { model } = await load('model M {\n  param w: real ~ zeros()\n  loss (w - 1)^2\n}\ntrain M {\n  epochs 3\n}')
    await expect(model.fit({}, { optimizer: { name: 'rotosolve' } })).rejects.toThrow('rotosolve needs the frequencies of its loss, which M was compiled without: name it in the train block')
    const rows = await load(`circuit c(t: real, x: real) -> real {\n  qubits q[1]\n  ry(t + x) q[0]\n  return expect(Z(q[0]))\n}\nmodel M {\n  input x: real[n]\n  param t: real ~ zeros()\n  loss mean(c(t, x))\n}\n${block()}`)
    await expect(rows.model.fit({ x: [0, 1, 2] }, { batch: 2 })).rejects.toThrow('rotosolve takes all rows at once')
  })
})
