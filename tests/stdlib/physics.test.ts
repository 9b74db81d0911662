import { describe, expect, it } from 'vitest'
import { flat, run } from '../language/run'
import { at, entry, expectClose, expectGradients, integral, outputsOf, spread, spreadMatrix, sumOf, valueOf, type Matrix } from './support'

describe('ising_energy', () => {
  const n = 5
  const J = spreadMatrix(n, n).map((row, i) => row.map((_, j) => (i === j ? 0 : Math.cos(1 + i * j + i + j))))
  const h = spread(n, 1)
  const spins = Array.from({ length: 2 ** n }, (_, bits) => Array.from({ length: n }, (__, i) => ((bits >> i) & 1) * 2 - 1))
  const energies = (coupling: Matrix, field: readonly number[]) =>
    valueOf('std.physics.ising_energy', 'ising_energy(s, J, h)', { s: 'real[states, n]', J: 'real[n, n]', h: 'real[n]' }, { s: spins, J: coupling, h: field })

  it('is −Σ over pairs of J s s − Σ h s', async () => {
    expectClose(await energies(J, h), spins.map(s => {
      let energy = 0
      for (let i = 0; i < n; i++) {
        energy -= at(h, i) * at(s, i)
        for (let j = i + 1; j < n; j++) energy -= entry(J, i, j) * at(s, i) * at(s, j)
      }
      return energy
    }))
  })

  it('of a ring gives the partition function of the transfer matrix', async () => {
    // Z = λ₊ⁿ + λ₋ⁿ, λ± = e^K cosh H ± √(e^2K sinh² H + e^−2K): Ising, 1925.
    const [K, H] = [0.7, 0.3]
    const ring = J.map((row, i) => row.map((_, j) => ((i + 1) % n === j || (j + 1) % n === i ? K : 0)))
    const Z = sumOf(flat(await energies(ring, h.map(() => H))).map(energy => Math.exp(-energy)))
    const root = Math.sqrt(Math.exp(2 * K) * Math.sinh(H) ** 2 + Math.exp(-2 * K))
    const λ = [Math.exp(K) * Math.cosh(H) + root, Math.exp(K) * Math.cosh(H) - root]
    expectClose(Z, sumOf(λ.map(each => each ** n)))
  })
})

describe('ising_log_partition', () => {
  it('of a ring is that of the transfer matrix, at any temperature', async () => {
    const [n, K, H, β] = [6, 0.7, 0.3, 1.3]
    const ring = spreadMatrix(n, n).map((row, i) => row.map((_, j) => ((i + 1) % n === j || (j + 1) % n === i ? K : 0)))
    const root = Math.sqrt(Math.exp(2 * β * K) * Math.sinh(β * H) ** 2 + Math.exp(-2 * β * K))
    const λ = [Math.exp(β * K) * Math.cosh(β * H) + root, Math.exp(β * K) * Math.cosh(β * H) - root]
    expectClose(await valueOf('std.physics.ising_log_partition', `ising_log_partition(J, h, ${β})`, { J: 'real[6, 6]', h: 'real[6]' }, { J: ring, h: ring.map(() => H) }),
      Math.log(sumOf(λ.map(each => each ** n))))
  })

  it('of free spins is Σ log(2 cosh h), whose gradient is the magnetisation tanh h', async () => {
    const h = spread(4)
    const { loss, gradients } = await run(`use std.physics.ising_log_partition
model M {
  param h: real[4]
  param J: real[4, 4]
  loss ising_log_partition(J, h)
}`, { h, J: spreadMatrix(4, 4).map(row => row.map(() => 0)) })
    expectClose(loss ?? NaN, sumOf(h.map(each => Math.log(2 * Math.cosh(each)))))
    expectClose(gradients.h, h.map(Math.tanh))
    // Half a correlation, ⟨s s′⟩ = tanh h tanh h′, for each of J and its mirror image; a spin with itself is 1.
    expectClose(gradients.J, h.map((a, i) => h.map((b, j) => (i === j ? 1 : Math.tanh(a) * Math.tanh(b)) / 2)))
  })
})

describe('scalar_action', () => {
  const n = 8
  it('of a wave on the ring is ½ (m² + 4 sin²(k/2)) Σ φ²', async () => {
    for (const j of [0, 1, 3, 4]) {
      const φ = Array.from({ length: n }, (_, x) => Math.cos(2 * Math.PI * j * x / n + 0.2))
      const expected = (0.3 ** 2 + 4 * Math.sin(Math.PI * j / n) ** 2) * sumOf(φ.map(each => each ** 2)) / 2
      expectClose(await valueOf('std.physics.scalar_action', 'scalar_action(φ, 0.3)', { φ: 'real[n]' }, { φ }), expected)
    }
  })

  it('of an even field is its potential alone, m²φ²/2 + λφ⁴/4! a site', async () => {
    const site = 0.5 ** 2 * 9 / 2 + 0.8 * 81 / 24
    expectClose(await valueOf('std.physics.scalar_action', 'scalar_action(φ, 0.5, 0.8)', { φ: 'real[batch, n]' }, { φ: [[3, 3, 3], [0, 0, 0]] }), [3 * site, 0])
    expectClose(await valueOf('std.physics.scalar_action_torus', 'scalar_action_torus(φ, 0.5, 0.8)', { φ: 'real[a, b]' }, { φ: [[3, 3, 3], [3, 3, 3]] }), 6 * site)
  })

  it('of a wave on the torus has both directions in its momentum', async () => {
    const [a, b] = [4, 6]
    const φ = Array.from({ length: a }, (_, x) => Array.from({ length: b }, (__, y) => Math.cos(2 * Math.PI * (x / a + 2 * y / b))))
    const momentum = 4 * Math.sin(Math.PI / a) ** 2 + 4 * Math.sin(2 * Math.PI / b) ** 2
    expectClose(await valueOf('std.physics.scalar_action_torus', 'scalar_action_torus(φ, 0.3)', { φ: 'real[a, b]' }, { φ }), (0.09 + momentum) * sumOf(φ.flat().map(each => each ** 2)) / 2)
  })

  it('has the gradients of central differences', () => expectGradients(`use std.physics.scalar_action
model M {
  param φ: real[6]
  param mass: real
  param coupling: real
  loss scalar_action(φ, mass, coupling)
}`, { φ: spread(6), mass: 0.7, coupling: 1.3 }))
})

describe('pairs', () => {
  const r = [[0, 0, 0], [3, 4, 0], [3, 4, 12]]

  it('displacements go from i to j, distances are their lengths', async () => {
    const displacements = await valueOf('std.physics.pair_displacements', 'pair_displacements(r)', { r: 'real[n, 3]' }, { r })
    expectClose(displacements, r.map(from => r.map(to => to.map((x, axis) => x - at(from, axis)))))
    expectClose(await valueOf('std.physics.pair_distances', 'pair_distances(r)', { r: 'real[n, 3]' }, { r }), [[0, 5, 13], [5, 0, 12], [13, 12, 0]])
  })

  it('the distance to oneself has the derivative 0', async () => {
    const { outputs } = await run(`use std.physics.pair_distances
model M {
  input r: real[2, 3]
  output force = grad(sum(pair_distances(r)), r)
}`, { r: [[0, 0, 0], [0, 0, 2]] })
    expectClose(outputs.force, [[0, 0, -2], [0, 0, 2]])
  })

  it('Lennard-Jones: two, three and four at rest have −1, −3 and −6 of the depth, and no force', async () => {
    const a = 2 ** (1 / 6)
    // A regular tetrahedron of edge a, and its first two and three corners: the global minima of 2, 3 and 4 particles.
    const corners = [[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 1]].map(corner => corner.map(x => x * a / Math.SQRT2 * 1.5))
    for (const [count, energy] of [[2, -1], [3, -3], [4, -6]]) {
      const { outputs } = await run(`use std.physics.lennard_jones_energy
model M {
  input r: real[n, 3]
  let energy = lennard_jones_energy(r, depth = 2, diameter = 1.5)
  output energy
  output force = grad(energy, r)
}`, { r: corners.slice(0, count) })
      expectClose(outputs.energy, 2 * (energy ?? NaN))
      expectClose(outputs.force, corners.slice(0, count).map(() => [0, 0, 0]), 1e-12)
    }
  })
})

describe('Gaussian orbitals', () => {
  it('s, p and d are orthonormal within and between each other', async () => {
    const side = Array.from({ length: 29 }, (_, i) => (i - 14) * 0.4)
    const d = side.flatMap(x => side.flatMap(y => side.map(z => [x, y, z])))
    const { outputs } = await run(`use std.physics.{gaussian_s, gaussian_p, gaussian_d}
model M {
  input d: real[n, 3]
  let all = concat([stack([gaussian_s(d, 0.7)], axis = -1), gaussian_p(d, 0.7), gaussian_d(d, 0.7)], axis = -1)
  output overlap = transpose(all) @ all
}`, { d })
    // The trapezoidal rule with step h is off by e^(−π²/(p h²)) for e^(−p x²): e^−44 here, and e^−1.4·5.6² = 1e−19 lies outside.
    const cell = 0.4 ** 3
    expectClose((outputs.overlap as number[][]).map(row => row.map(each => each * cell)), Array.from({ length: 9 }, (_, i) => Array.from({ length: 9 }, (__, j) => (i === j ? 1 : 0))), 1e-12)
  })

  it('take any leading axes, of places and of exponents', async () => {
    const d = spreadMatrix(3, 3)
    const values = await valueOf('std.physics.gaussian_s', 'gaussian_s(stack([d], axis = 1), α)', { d: 'real[n, 3]', α: 'real[k]' }, { d, α: [0.5, 2] })
    expectClose(values, d.map(row => [0.5, 2].map(α => (2 * α / Math.PI) ** 0.75 * Math.exp(-α * sumOf(row.map(x => x * x))))))
  })
})

describe('integrals of s orbitals', () => {
  // H2 in STO-3G at 1.4 bohr: Szabo and Ostlund, Modern Quantum Chemistry, section 3.5.2; exponents and coefficients (3.221), ζ = 1.24.
  const text = `use std.physics.{gaussian_overlap, gaussian_kinetic, gaussian_attraction, gaussian_repulsion}
const EXPONENTS = [0.168856, 0.623913, 3.42525]
const WEIGHTS = [0.444635, 0.535328, 0.154329]
fn overlap(A: real[3], B: real[3]) -> real = WEIGHTS @ gaussian_overlap(stack([EXPONENTS], axis = 1), A, EXPONENTS, B) @ WEIGHTS
fn kinetic(A: real[3], B: real[3]) -> real = WEIGHTS @ gaussian_kinetic(stack([EXPONENTS], axis = 1), A, EXPONENTS, B) @ WEIGHTS
fn attraction(A: real[3], B: real[3], C: real[3]) -> real = WEIGHTS @ gaussian_attraction(stack([EXPONENTS], axis = 1), A, EXPONENTS, B, C) @ WEIGHTS
fn repulsion(A: real[3], B: real[3], C: real[3], D: real[3]) -> real {
  let a = reshape(EXPONENTS, [3, 1, 1, 1])
  let b = reshape(EXPONENTS, [3, 1, 1])
  let c = reshape(EXPONENTS, [3, 1])
  return WEIGHTS @ (WEIGHTS @ (gaussian_repulsion(a, A, b, B, c, C, EXPONENTS, D) @ WEIGHTS @ WEIGHTS))
}
model Hydrogen {
  input A: real[3]
  input B: real[3]
  output S = [overlap(A, A), overlap(A, B)]
  output T = [kinetic(A, A), kinetic(A, B)]
  output V = [attraction(A, A, A), attraction(A, B, A), attraction(B, B, A)]
  output pairs = [repulsion(A, A, A, A), repulsion(A, A, B, B), repulsion(B, A, A, A), repulsion(B, A, B, A)]
}`

  it('of molecular hydrogen are the published ones to 4 digits', async () => {
    const { S, T, V, pairs } = await outputsOf(text, { A: [0, 0, 0], B: [0, 0, 1.4] })
    const published = [1, 0.6593, 0.76, 0.2365, -1.2266, -0.5974, -0.6538, 0.7746, 0.5697, 0.4441, 0.297]
    const found = [S, T, V, pairs].flatMap(each => flat(each ?? []))
    // Rounded to four digits, and made from constants of six.
    published.forEach((value, i) => expect(Math.abs(at(found, i) - value), `${i}: ${found[i]}`).toBeLessThan(6e-5))
  })

  it('give one Gaussian for hydrogen the energy −4/(3π) at the exponent 8/(9π)', async () => {
    const { outputs, gradients } = await run(`use std.physics.{gaussian_kinetic, gaussian_attraction}
model M {
  param a: real
  let O = [0.0, 0.0, 0.0]
  let energy = gaussian_kinetic(a, O, a, O) + gaussian_attraction(a, O, a, O, O)
  output energy
  loss energy
}`, { a: 8 / (9 * Math.PI) })
    expectClose(outputs.energy, -4 / (3 * Math.PI))
    expectClose(gradients.a, 0)
  })

  it('have the gradients of central differences, by exponents and centres', () => expectGradients(`use std.physics.{gaussian_overlap, gaussian_kinetic, gaussian_attraction, gaussian_repulsion}
model M {
  param a: real
  param b: real
  param A: real[3]
  param B: real[3]
  loss gaussian_overlap(a, A, b, B) + gaussian_kinetic(a, A, b, B) + gaussian_attraction(a, A, b, B, [0.1, 0.2, 0.3]) + gaussian_repulsion(a, A, b, B, b, B, a, A) + gaussian_repulsion(a, A, a, A, b, B, b, B)
}`, { a: 0.6, b: 1.1, A: [0.1, -0.4, 0.3], B: [0.5, 0.7, -0.2] }))

  it('the product of two lies between them, by their exponents', async () => {
    expectClose(await valueOf('std.physics.product_centre', 'product_centre(1, A, 3, B)', { A: 'real[3]', B: 'real[3]' }, { A: [0, 4, 0], B: [4, 0, 8] }), [3, 1, 6])
  })

  it('boys is ∫ e^(−tu²) du, on both sides of where its series ends, and so is its derivative', async () => {
    const t = [0, 1e-8, 0.01, 0.05 - 1e-9, 0.05 + 1e-9, 0.5, 3, 40]
    const { outputs } = await run(`use std.physics.boys
model M {
  input t: real[n]
  output value = boys(t)
  output slope = grad(sum(boys(t)), t)
}`, { t })
    expectClose(outputs.value, t.map(each => integral(u => Math.exp(-each * u * u), 0, 1, 2000)), 1e-12)
    // Its closed form divides by t: rounding grows to 1e−16/0.05 there.
    expectClose(outputs.slope, t.map(each => -integral(u => u * u * Math.exp(-each * u * u), 0, 1, 2000)), 1e-11)
  })
})
