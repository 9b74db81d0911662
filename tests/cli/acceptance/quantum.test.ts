import { describe, it } from 'vitest'
import { accept, type Numbers } from './accept'

const { cos, sin, tanh } = Math

/** A model that is one circuit of some angles; its loss is the sum of what the circuit returns. */
function circuit(angles: string, results: string, body: string): string {
  return `circuit c(t: real${angles}) -> real${results} {\n${body}\n}
    model M { param t: real${angles} ~ zeros()
      let e = c(t)
      output e
      loss sum(e) }`
}

describe('quantum programs equal their closed forms', () => {
  it('two rotations: ⟨Z⟩ = cos a cos b', () => accept(circuit('[2]', '', `
    qubits q[1]
    rx(t[0]) q[0]
    ry(t[1]) q[0]
    return expect(Z(q[0]))`), { t: [0.4, 1.1] }, {
    loss: cos(0.4) * cos(1.1), gradients: { t: [-sin(0.4) * cos(1.1), -cos(0.4) * sin(1.1)] },
  }))

  it('a scaled, shifted and shared angle: the chain rule is exact', () => accept(circuit('', '', `
    qubits q[2]
    rx(3 * t + 0.2) q[0]
    ry(t^2) q[1]
    return expect(Z(q[0]) * Z(q[1]))`), { t: 0.7 }, {
    loss: cos(2.3) * cos(0.49), gradients: { t: -3 * sin(2.3) * cos(0.49) - 1.4 * cos(2.3) * sin(0.49) },
  }))

  it('a controlled rotation, whose shift rule has four terms: ⟨Z₁⟩ = (1 + cos t)/2', () => accept(circuit('', '', `
    qubits q[2]
    h q[0]
    crx(t) q[0], q[1]
    return expect(Z(q[1]))`), { t: 0.9 }, { loss: (1 + cos(0.9)) / 2, gradients: { t: -sin(0.9) / 2 } }))

  it('modifiers: ctrl of ry is cry, inv undoes, pow repeats', () => accept(circuit('', '[2]', `
    qubits q[3]
    x q[0]
    ctrl ry(t) q[0], q[1]
    s q[2]
    inv s q[2]
    pow(2) x q[2]
    return [expect(Z(q[1])), expect(Z(q[2]))]`), { t: 0.9 }, { outputs: { e: [cos(0.9), 1] }, gradients: { t: -sin(0.9) } }))

  it('probabilities, qubit 0 most significant', () => accept(circuit('', '[4]', `
    qubits q[2]
    ry(t) q[0]
    cx q[0], q[1]
    return probs(q)`), { t: 0.8 }, { outputs: { e: [cos(0.4) ** 2, 0, 0, sin(0.4) ** 2] }, loss: 1, gradients: { t: 0 } }))

  it('a variance and its derivative: Var Z = sin² t', () => accept(circuit('', '', `
    qubits q[1]
    rx(t) q[0]
    return variance(Z(q[0]))`), { t: 0.6 }, { loss: sin(0.6) ** 2, gradients: { t: sin(1.2) } }))

  it('coefficients of an observable are differentiable', () => accept(circuit('', '', `
    qubits q[1]
    rx(t) q[0]
    return expect(t * Z(q[0]) - 0.5 * Y(q[0]) + 2)`), { t: 0.6 }, {
    // RX turns Z towards −Y: ⟨Y⟩ = −sin t
    loss: 0.6 * cos(0.6) + 0.5 * sin(0.6) + 2, gradients: { t: cos(0.6) - 0.6 * sin(0.6) + 0.5 * cos(0.6) },
  }))

  it('a double excitation: ⟨Z₀⟩ = −cos t from |1100⟩', () => accept(circuit('', '', `
    qubits q[4]
    x q[0:2]
    double_excitation(t) q[0], q[1], q[2], q[3]
    return expect(Z(q[0]))`), { t: 0.6 }, { loss: -cos(0.6), gradients: { t: sin(0.6) } }))

  it('a batch maps over a circuit', () => accept(`
    circuit c(x: real, w: real) -> real {
      qubits q[1]
      rx(x + w) q[0]
      return expect(Z(q[0]))
    }
    model M { input x: real[batch]
      param w: real ~ zeros()
      let e = c(x, w)
      output e
      loss mean(e) }`, { x: [0.1, 0.2, 0.3], w: 0.5 }, {
    outputs: { e: [cos(0.6), cos(0.7), cos(0.8)] }, gradients: { w: -(sin(0.6) + sin(0.7) + sin(0.8)) / 3 },
  }))

  it('a circuit between layers: one chain rule', () => accept(`
    circuit c(x: real) -> real {
      qubits q[1]
      ry(x) q[0]
      return expect(Z(q[0]))
    }
    model M { input x: real
      target y: real
      param a: real ~ zeros()
      param b: real ~ zeros()
      let e = b * c(tanh(a * x))
      loss (e - y)^2 }`, { x: 0.5, y: 0.2, a: 1.4, b: 0.8 }, {
    loss: (0.8 * cos(tanh(0.7)) - 0.2) ** 2,
    gradients: {
      a: 2 * (0.8 * cos(tanh(0.7)) - 0.2) * -0.8 * sin(tanh(0.7)) * (1 - tanh(0.7) ** 2) * 0.5,
      b: 2 * (0.8 * cos(tanh(0.7)) - 0.2) * cos(tanh(0.7)),
    },
  }))
})

/** After RX or RY layers, Z measures independent bits, and CNOTs add them: ⟨Z⟩ is a product of the cosines that were added. */
describe('templates equal their definitions', () => {
  const template = (name: string, shape: string, qubits: number, t: Numbers, e: readonly number[]) => accept(`
    use std.quantum.${name}
    ${circuit(shape, `[${qubits}]`, `qubits q[${qubits}]\n${name}(t) q\nreturn [expect(Z(q[i])) for i in 0..${qubits}]`)}`, { t }, { outputs: { e } })
  const [a, b, c] = [0.3, 0.7, 1.2] as const

  it('angle_embedding rotates about X; fewer features leave qubits alone', () => template('angle_embedding', '[2]', 3, [a, b], [cos(a), cos(b), 1]))

  it('angle_embedding rotates about Z on request', () => accept(`
    use std.quantum.angle_embedding
    ${circuit('[2]', '', `qubits q[2]\nh q\nangle_embedding(t, rotation = "Z") q\nreturn expect(X(q[0]) * X(q[1]))`)}`, { t: [a, b] }, { loss: cos(a) * cos(b) }))

  it('basic_entangler on one qubit has no CNOT', () => template('basic_entangler', '[1, 1]', 1, [[a]], [cos(a)]))

  it('basic_entangler on two qubits has one', () => template('basic_entangler', '[1, 2]', 2, [[a, b]], [cos(a), cos(a) * cos(b)]))

  it('basic_entangler on three closes the ring', () =>
    template('basic_entangler', '[1, 3]', 3, [[a, b, c]], [cos(b) * cos(c), cos(a) * cos(b), cos(a) * cos(b) * cos(c)]))

  it('strongly_entangling on two qubits closes the ring too', () =>
    template('strongly_entangling', '[1, 2, 3]', 2, [[[0, a, 0], [0, b, 0]]], [cos(b), cos(a) * cos(b)]))

  it('strongly_entangling has range 1 in its first layer and 2 in its second', () => {
    const ry = (angle: number) => [0, angle, 0]
    return template('strongly_entangling', '[2, 3, 3]', 3, [[ry(a), ry(b), ry(c)], [ry(0), ry(0), ry(0)]], [cos(a) * cos(c), cos(b), cos(a)])
  })
})
