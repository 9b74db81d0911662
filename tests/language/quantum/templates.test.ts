/** std.quantum against PennyLane's definitions, written out on dense states, and against values in its documentation. */
import { describe, expect, it } from 'vitest'
import { Dense } from './dense'
import { complaints, expectClose, expectGradients, outputOf, shaped, spread } from './run'

const count = (n: number) => [...Array(n).keys()]

/** Probabilities of all outcomes after `body`, which sees `w` under its shape. */
async function probabilities(use: string, qubits: number, type: string, body: string, w: Parameters<typeof outputOf>[1]): Promise<readonly number[]> {
  return outputOf(`use std.quantum.{${use}}
circuit c(w: ${type}) -> real[${2 ** qubits}] {
  qubits q[${qubits}]
  h q[0:1]
  ${body}
  return probs(q)
}
model M {
  param w: ${type} ~ zeros()
  output p = c(w)
}`, w)
}

const start = (qubits: number) => new Dense(qubits).gate('h', [0])

describe('angle_embedding', () => {
  it.each(['X', 'Y', 'Z'])('rotates about %s, one feature a qubit', async letter => {
    const x = spread(2)
    const dense = start(3)
    x.forEach((angle, i) => dense.gate(`r${letter.toLowerCase()}`, [i], angle))
    dense.gate('h', [0])
    expectClose(await probabilities('angle_embedding', 3, 'real[2]', `angle_embedding(w, rotation = "${letter}") q\n  h q[0]`, { w: x }), dense.probs(count(3)), 1e-14)
  })

  it('rotates about X when nothing is said, and refuses more features than qubits', async () => {
    const x = spread(3)
    const dense = start(3)
    x.forEach((angle, i) => dense.gate('rx', [i], angle))
    expectClose(await probabilities('angle_embedding', 3, 'real[3]', 'angle_embedding(w) q', { w: x }), dense.probs(count(3)), 1e-14)
    const [said] = await complaints('use std.quantum.angle_embedding\ncircuit c(x: real[3]) -> real {\n  qubits q[2]\n  angle_embedding(x) q\n  return expect(Z(q[0]))\n}')
    expect(said).toContain('inside-call 4:3: in this call of `angle_embedding`: qubit 2 is out of range')
  })
})

describe('basic_entangler', () => {
  it.each([1, 2, 3, 4])('rotates and closes a ring of CNOTs over %i qubits', async qubits => {
    const w = spread(2 * qubits)
    const dense = start(qubits)
    for (const layer of [0, 1]) {
      for (const i of count(qubits)) dense.gate('rx', [i], w[layer * qubits + i] ?? 0)
      if (qubits === 2) dense.gate('cx', [0, 1])
      if (qubits > 2) for (const i of count(qubits)) dense.gate('cx', [i, (i + 1) % qubits])
    }
    const values = { w: shaped(w, 2, qubits) }
    expectClose(await probabilities('basic_entangler', qubits, `real[2, ${qubits}]`, 'basic_entangler(w) q', values), dense.probs(count(qubits)), 1e-14)
  })

  it('gives the expectation values in PennyLane\'s documentation', async () => {
    // docs.pennylane.ai, BasicEntanglerLayers: [[π, π, π]] → [1, 1, −1]; without the closing CNOT, [[π, π]] → [−1, 1].
    for (const [angles, values] of [[[Math.PI, Math.PI, Math.PI], [1, 1, -1]], [[Math.PI, Math.PI], [-1, 1]]] as const) {
      const n = angles.length
      const text = `use std.quantum.basic_entangler
circuit c(w: real[1, ${n}]) -> real[${n}] {
  qubits q[${n}]
  basic_entangler(w) q
  return [expect(Z(q[i])) for i in 0..${n}]
}
model M { param w: real[1, ${n}] ~ zeros()
 output e = c(w) }`
      expectClose(await outputOf(text, { w: [[...angles]] }), values, 1e-14)
    }
  })
})

describe('strongly_entangling', () => {
  it.each([1, 2, 3, 4])('turns every qubit and entangles over a growing range, on %i qubits', async qubits => {
    const layers = 5
    const w = spread(layers * qubits * 3)
    const dense = start(qubits)
    for (const layer of count(layers)) {
      for (const i of count(qubits)) dense.gate('rot', [i], ...w.slice((layer * qubits + i) * 3, (layer * qubits + i) * 3 + 3))
      const range = qubits > 1 ? (layer % (qubits - 1)) + 1 : 0
      if (range > 0) for (const i of count(qubits)) dense.gate('cx', [i, (i + range) % qubits])
    }
    const values = { w: shaped(w, layers, qubits, 3) }
    expectClose(await probabilities('strongly_entangling', qubits, `real[${layers}, ${qubits}, 3]`, 'strongly_entangling(w) q', values), dense.probs(count(qubits)), 1e-13)
  })
})

describe('hardware_efficient', () => {
  it.each([['cx', 1], ['cx', 2], ['cz', 3], ['cx', 4]] as const)('has layers of ry and rz with a chain of %s between them, on %i qubits', async (entangler, qubits) => {
    const layers = 3
    const w = spread(layers * qubits * 2)
    const dense = start(qubits)
    for (const layer of count(layers)) {
      for (const i of count(qubits)) dense.gate('ry', [i], w[(layer * qubits + i) * 2] ?? 0).gate('rz', [i], w[(layer * qubits + i) * 2 + 1] ?? 0)
      if (layer < layers - 1) for (const i of count(qubits - 1)) dense.gate(entangler, [i, i + 1])
    }
    dense.gate('h', [0])
    const text = `hardware_efficient(w${entangler === 'cx' ? '' : ', entangler = "cz"'}) q\n  h q[0]`
    expectClose(await probabilities('hardware_efficient', qubits, `real[${layers}, ${qubits}, 2]`, text, { w: shaped(w, layers, qubits, 2) }), dense.probs(count(qubits)), 1e-13)
  })
})

describe('quantum kernels', () => {
  const x = shaped(spread(6), 2, 3) as readonly (readonly number[])[]
  const y = shaped(spread(9, 1), 3, 3) as readonly (readonly number[])[]
  const gram = (name: string, more = '') => `use std.quantum.${name}
model M {
  param x: real[2, 3] ~ zeros()
  param y: real[3, 3] ~ zeros()
  output k = ${name}(reshape(x, [2, 1, 3]), y${more})
  loss sum(${name}(reshape(x, [2, 1, 3]), y${more})^2)
}`

  it('of angles are Π cos²((xᵢ − yᵢ)/2), and make a Gram matrix over leading dimensions', async () => {
    const expected = x.flatMap(a => y.map(b => a.reduce((product, angle, i) => product * Math.cos((angle - (b[i] ?? NaN)) / 2) ** 2, 1)))
    expectClose(await outputOf(gram('angle_kernel'), { x, y }), expected, 1e-13)
    await expectGradients(gram('angle_kernel'), { x, y }, ['x', 'y'])
  })

  it('of instantaneous polynomials are the mean of their phases, |2⁻ⁿ Σ_s exp(i(f(x, s) − f(y, s)))|², for one repetition', async () => {
    // rz and rzz are diagonal: a basis state of signs s has the phase f(x, s) = −½(Σ xᵢsᵢ + Σ xᵢxⱼsᵢsⱼ).
    const phase = (v: readonly number[], s: readonly number[]) => -v.reduce((sum, a, i) => sum + a * (s[i] ?? 0) + v.slice(i + 1).reduce((rest, b, k) => rest + a * b * (s[i] ?? 0) * (s[i + 1 + k] ?? 0), 0), 0) / 2
    const signs = count(8).map(z => [2, 1, 0].map(bit => 1 - 2 * ((z >> bit) & 1)))
    const expected = x.flatMap(a => y.map(b => {
      const angles = signs.map(s => phase(a, s) - phase(b, s))
      const mean = (f: (angle: number) => number) => angles.reduce((sum, angle) => sum + f(angle), 0) / 8
      return mean(Math.cos) ** 2 + mean(Math.sin) ** 2
    }))
    expectClose(await outputOf(gram('iqp_kernel'), { x, y }), expected, 1e-13)
    await expectGradients(gram('iqp_kernel'), { x, y }, ['x', 'y'])
  })

  it('is 1 of equal features, for several repetitions too', async () => {
    const text = 'use std.quantum.iqp_kernel\nmodel M {\n  input x: real[n, 3]\n  output k = iqp_kernel(x, x, repeats = 2)\n}'
    expectClose(await outputOf(text, { x }), [1, 1], 1e-13)
  })
})

describe('iqp_embedding', () => {
  it.each([1, 2])('applies H, rz(xᵢ) and rzz(xᵢxⱼ) %i times', async repeats => {
    const x = spread(3)
    const dense = start(3)
    for (const _ of count(repeats)) {
      for (const i of count(3)) dense.gate('h', [i]).gate('rz', [i], x[i] ?? 0)
      for (const [i, j] of [[0, 1], [0, 2], [1, 2]] as const) dense.gate('rzz', [i, j], (x[i] ?? 0) * (x[j] ?? 0))
    }
    for (const i of count(3)) dense.gate('h', [i])
    expectClose(await probabilities('iqp_embedding', 3, 'real[3]', `iqp_embedding(w, repeats = ${repeats}) q\n  h q`, { w: x }), dense.probs(count(3)), 1e-14)
  })
})

describe('amplitude_embedding', () => {
  it('sets the amplitudes, normalised', async () => {
    const w = [0.3, -1, 2, 0.7]
    const norm = w.reduce((sum, v) => sum + v * v, 0)
    const found = await outputOf(`use std.quantum.amplitude_embedding
circuit c(w: real[4]) -> real[4] {
  qubits q[2]
  amplitude_embedding(w) q
  return probs(q)
}
model M { param w: real[4] ~ ones()
 output p = c(w) }`, { w })
    expectClose(found, w.map(v => v * v / norm), 1e-15)
  })
})

describe('simplified_two_design', () => {
  it.each([2, 3, 4, 5])('entangles even and odd pairs in turn, on %i qubits', async qubits => {
    const layers = 2
    const [initial, w] = [spread(qubits, 1), spread(layers * (qubits - 1) * 2, 2)]
    const dense = new Dense(qubits)
    initial.forEach((angle, i) => dense.gate('ry', [i], angle))
    let next = 0
    for (const _ of count(layers)) {
      for (const offset of [0, 1]) {
        for (let i = offset; i < qubits - 1; i += 2) dense.gate('cz', [i, i + 1]).gate('ry', [i], w[next++] ?? 0).gate('ry', [i + 1], w[next++] ?? 0)
      }
    }
    const text = `use std.quantum.simplified_two_design
circuit c(a: real[n], w: real[L, n - 1, 2]) -> real[2^n] {
  qubits q[n]
  simplified_two_design(a, w) q
  return probs(q)
}
model M {
  param a: real[${qubits}] ~ zeros()
  param w: real[${layers}, ${qubits - 1}, 2] ~ zeros()
  output p = c(a, w)
}`
    expectClose(await outputOf(text, { a: initial, w: shaped(w, layers, qubits - 1, 2) }), dense.probs(count(qubits)), 1e-13)
  })
})

describe('qft', () => {
  it.each([1, 2, 3, 4])('is the Fourier transform of the amplitudes, and inv undoes it, on %i qubits', async qubits => {
    const size = 2 ** qubits
    const w = spread(size)
    const norm = Math.hypot(...w)
    const transformed = count(size).map(k => {
      const sum = w.reduce(([re, im], a, j) => [re + a * Math.cos(2 * Math.PI * j * k / size), im + a * Math.sin(2 * Math.PI * j * k / size)] as const, [0, 0] as readonly [number, number])
      return (sum[0] ** 2 + sum[1] ** 2) / size / norm ** 2
    })
    const text = (more: string) => `use std.quantum.qft
circuit c(w: real[${size}]) -> real[${size}] {
  qubits q[${qubits}]
  amplitudes(w) q
  qft q
  ${more}
  return probs(q)
}
model M { param w: real[${size}] ~ ones()
 output p = c(w) }`
    expectClose(await outputOf(text(''), { w }), transformed, 1e-13)
    expectClose(await outputOf(text('inv qft q'), { w }), w.map(a => (a / norm) ** 2), 1e-13)
    // The transform of an untransformed |j⟩ is not its conjugate: phases show after a second, shifted transform.
    const shifted = text('p(0.7) q[0]\n  inv qft q')
    const dense = new Dense(qubits)
    dense.state = count(size).map(k => w.reduce(([re, im], a, j) => [re + a / norm * Math.cos(2 * Math.PI * j * k / size) / Math.sqrt(size), im + a / norm * Math.sin(2 * Math.PI * j * k / size) / Math.sqrt(size)], [0, 0] as readonly [number, number]))
    dense.gate('p', [0], 0.7)
    const back = count(size).map(j => dense.state.reduce(([re, im], [x, y], k) => {
      const [cos, sin] = [Math.cos(2 * Math.PI * j * k / size) / Math.sqrt(size), -Math.sin(2 * Math.PI * j * k / size) / Math.sqrt(size)]
      return [re + x * cos - y * sin, im + x * sin + y * cos] as const
    }, [0, 0] as readonly [number, number]))
    expectClose(await outputOf(shifted, { w }), back.map(([re, im]) => re * re + im * im), 1e-13)
  })
})
