/** Quantum programs as their users meet them: several files, mistakes in numbers, precisions, sizes at the edge. */
import { describe, expect, it } from 'vitest'
import { compile } from '../../../compiler/compile'
import { Model, type UntypedModel } from '../../../runtime/model'
import { hostOf } from '../run'
import { complaints, expectClose, outputOf, planOf, start } from './run'

describe('several mistakes', () => {
  it('in one circuit are all told, each in its place', async () => {
    const text = `circuit c(t: real[2]) -> real {
  qubits q[2]
  rx(t[5]) q[3]
  cx q[0], q[0]
  for i in 0..2 { ry(t) q[i] }
  hh q[1]
  pow(0.5) rot(t[0], t[1], 0) q[1]
  let e = Z(q[0]) / X(q[1])
  return expect(e) + expect(X(q[0]) * Z(q[0]))
}`
    expect((await complaints(text)).map(line => line.replace(/: .*/, ''))).toEqual([
      'index-out-of-range 3:8', 'qubit-out-of-range 3:14', 'repeated-qubit 4:3', 'type-mismatch 5:22', 'unknown-gate 6:3', 'power-of-several 7:3',
      'observable-arithmetic 8:19', 'not-hermitian 9:37',
    ])
  })

  it('in several circuits and gates are all told, and a wrong gate once, however often it is used', async () => {
    const text = `gate one(t: real) a: qubit { rx(t, t) a }
gate two(t: real) a: qubit { one(t) a
  ry a }
circuit c(t: real) -> real {
  qubits q[2]
  one(t) q[0]
  two(t) q[0]
  one(t) q[1]
  h q[2]
  return expect(Z(q[0]))
}
circuit d(t: real) -> real {
  qubits q[2]
  two(t) q[7]
  return c(t)
}
model M {
  param t: real ~ zeros()
  loss c(t) + c(2 * t) + d(t)
}`
    expect((await complaints(text)).map(line => line.replace(/: .*/, ''))).toEqual(['angle-count 1:30', 'angle-count 3:3', 'qubit-out-of-range 9:7', 'qubit-out-of-range 14:12', 'misplaced-circuit-call 15:10'])
  })

  it('inside a generic circuit point at the call, each with the line inside', async () => {
    const text = `circuit c(t: real[n]) -> real {
  qubits q[n]
  cx q[0], q[2]
  ry(t) q[0]
  return expect(Z(q[0]))
}
model M {
  param w: real[2] ~ zeros()
  loss c(w)
}`
    expect(await complaints(text)).toEqual([
      'inside-call 9:8: in this call of `c`: qubit 2 is out of range: `q` has 2 qubits',
      'inside-call 9:8: in this call of `c`: expected one angle in radians, found `t`, which is real[2]',
    ])
  })
})

describe('files', () => {
  it('share gates and circuits, which keep the constants of their own file', async () => {
    const files = {
      'main.bp': `use "./parts.bp".{ring, energy}
const N = 2
circuit c(t: real) -> real {
  qubits q[3]
  ring(t) q
  return expect(Z(q[0]))
}
model M { input t: real
 output e = [c(t), energy(t)] }`,
      'parts.bp': `const EDGES = [[0, 1], [1, 2]]
const N = 3
gate ring(t: real) q: qubit[N] {
  rx(t) q
  for [i, j] in EDGES { cz q[i], q[j] }
  ry(t) q
}
circuit energy(t: real) -> real {
  qubits q[N]
  ring(t) q
  return expect(Z(q[0]))
}`,
    }
    const { plans, diagnostics } = await compile('main.bp', hostOf(files))
    expect(diagnostics).toEqual([])
    const [plan] = plans
    if (!plan) throw new Error('no plan')
    const { outputs } = await (await Model.create<UntypedModel>(plan)).evaluate({ t: 0.7 })
    const [a, b] = Array.from(outputs['e']?.data ?? [])
    // Dense: ry(t) after cz(0, 1) after rx(t): ⟨Z₀⟩ = cos²t − sin t·⟨X₀⟩, and cz leaves ⟨X₀⟩ of an rx-turned qubit at 0.
    expect(a).toBeCloseTo(Math.cos(0.7) ** 2, 12)
    expect(b).toBe(a)
  })
})

describe('precision', () => {
  const text = `circuit c(t: real[batch_]) -> real {
  qubits q[3]
  rx(t) q
  return expect(Z(q[0]) * Z(q[1]) * Z(q[2]))
}
model M { param t: real[3] ~ zeros()
 output e = c(t)
 loss c(t) }`

  it('is f64 in a model that calls a circuit, unless the file says otherwise', async () => {
    expect((await planOf(text)).precision).toBe('f64')
    expect((await planOf(`precision f32\n${text}`)).precision).toBe('f32')
  })

  it('f32 rounds angles and results, and the state in between stays f64', async () => {
    const plan = await planOf(`precision f32\n${text}`)
    const model = await Model.create<UntypedModel>(plan, { backend: 'reference' })
    model.parameters.set('t', [0.3, 0.5, 0.7])
    const { outputs, gradients } = await model.evaluate({}, { grad: true })
    const [x, y, z] = [0.3, 0.5, 0.7]
    // 2⁻²⁴ of relative rounding of each angle and of the result.
    expect(outputs['e']?.data[0]).toBeCloseTo(Math.cos(x) * Math.cos(y) * Math.cos(z), 6)
    expect(gradients['t']?.data[1]).toBeCloseTo(-Math.cos(x) * Math.sin(y) * Math.cos(z), 6)
  })
})

describe('sizes at the edge', () => {
  it('are circuits without gates, measurements or arguments', async () => {
    const text = `circuit nothing(t: real) -> real {
  qubits q
  rx(t) q
  return 2 * t
}
circuit ground() -> real[4] {
  qubits q[2]
  return probs(q)
}
model M { input t: real[batch]
 output e = concat([nothing(t), ground()]) }`
    expectClose(await outputOf(text, { t: [0.5, 1] }), [1, 2, 1, 0, 0, 0], 0)
  })

  it('are batches of no rows', async () => {
    const text = `circuit c(t: real) -> real {
  qubits q
  rx(t) q
  return expect(Z(q))
}
model M { input t: real[batch]
 param w: real ~ ones()
 output e = c(w * t)
 loss sum(c(w * t)) }`
    const program = await start(text)
    expect(await program.outputs({ t: [] })).toEqual({ e: [] })
    expect(await program.gradients({ t: [] })).toEqual({ w: [0] })
  })

  it('are twenty thousand gates, laid out in seconds', async () => {
    const begun = performance.now()
    const plan = await planOf(`gate brick(w: real[n]) q: qubit[n] {
  ry(w) q
  for i in 0..n - 1 { cz q[i], q[i + 1] }
}
circuit c(w: real[500, 20]) -> real {
  qubits q[20]
  for l in 0..500 { brick(2 * w[l]) q }
  return expect(Z(q[0]))
}
model M { param w: real[500, 20] ~ zeros()
 loss c(w) }`)
    // About half a second; growth with the square of the gates would take minutes.
    expect(performance.now() - begun).toBeLessThan(20_000)
    expect(plan.entries.gradient?.steps.length).toBeLessThan(20)
  })
})
