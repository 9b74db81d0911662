import { describe, expect, it } from 'vitest'
import { flat, run, type Nested } from '../language/run'
import { at, entry, expectClose, expectGradients, outputsOf, spreadMatrix, sumOf, times, valueOf } from './support'

describe('equivariant layers', () => {
  const [atoms, features] = [4, 2]
  const text = `use std.physics.{equivariant_message, equivariant_update}
model M {
  input r: real[n, 3]
  input kinds: real[n, ${features}]
  layer first = equivariant_message(basis = 4, cutoff = 5)
  layer mix = equivariant_update()
  layer second = equivariant_message(basis = 4, cutoff = 5)
  let (s1, v1) = first(kinds, zeros([n, ${features}, 3]), r)
  let (s2, v2) = mix(s1, v1)
  let (s, v) = second(s2, v2, r)
  let energy = sum(s)
  output s
  output v
  output energy
  output force = -grad(energy, r)
  loss sum(sin(s)) + sum(sin(v))
}`
  const r = spreadMatrix(atoms, 3).map(row => row.map(x => 1.5 * x))
  const kinds = spreadMatrix(atoms, features, 1)
  // Rodrigues' rotation by 1.1 about (1, 2, 2)/3, and a reflection behind it.
  const axis = [1 / 3, 2 / 3, 2 / 3]
  const rotation = [0, 1, 2].map(i => [0, 1, 2].map(j => {
    const cross = i === j ? 0 : ((j - i + 3) % 3 === 1 ? -1 : 1) * at(axis, 3 - i - j)
    return Math.cos(1.1) * (i === j ? 1 : 0) + Math.sin(1.1) * cross + (1 - Math.cos(1.1)) * at(axis, i) * at(axis, j)
  }))
  const turn = (vectors: Nested): Nested => (Array.isArray(vectors[0 as never]) ? (vectors as readonly Nested[]).map(turn) : times(vectors as number[], rotation))

  it('give turned vectors and the same scalars for turned places', async () => {
    expectClose(rotation.map(row => rotation.map(other => sumOf(row.map((x, k) => x * at(other, k))))), [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    const before = await outputsOf(text, { r, kinds })
    const after = await outputsOf(text, { r: r.map(row => times(row, rotation)), kinds })
    expectClose(after.s, before.s ?? [], 1e-12)
    expectClose(after.v, turn(before.v ?? []), 1e-12)
    expectClose(after.force, turn(before.force ?? []), 1e-12)
    expect(Math.max(...flat(before.v ?? []).map(Math.abs))).toBeGreaterThan(1e-3)
  })

  it('turn over with a mirror, and do not see a translation', async () => {
    const before = await outputsOf(text, { r, kinds })
    const mirrored = await outputsOf(text, { r: r.map(([x = 0, y = 0, z = 0]) => [x + 3, y - 1, 5 - z]), kinds })
    expectClose(mirrored.s, before.s ?? [], 1e-12)
    expectClose(flat(mirrored.v ?? []), flat(before.v ?? []).map((x, i) => (i % 3 === 2 ? -x : x)), 1e-12)
  })

  it('permute with the particles', async () => {
    const order = [2, 0, 3, 1]
    const before = await outputsOf(text, { r, kinds })
    const after = await outputsOf(text, { r: order.map(i => r[i] ?? []), kinds: order.map(i => kinds[i] ?? []) })
    for (const name of ['s', 'v', 'force']) expectClose(after[name], order.map(i => (before[name] as readonly Nested[])[i] ?? NaN), 1e-12)
  })

  it('do not see a particle beyond the cutoff', async () => {
    const far = await outputsOf(text, { r: [...r, [0, 0, 40]], kinds: [...kinds, [1, 1]] })
    const near = await outputsOf(text, { r, kinds })
    expectClose((far.s as readonly Nested[]).slice(0, atoms), near.s ?? [], 1e-12)
    expectClose((far.force as readonly Nested[])[atoms], [0, 0, 0])
  })

  it('have forces that sum to zero and do not twist', async () => {
    const { force } = await outputsOf(text, { r, kinds })
    const forces = force as number[][]
    expectClose([0, 1, 2].map(i => sumOf(forces.map(f => at(f, i)))), [0, 0, 0], 1e-12)
    const torque = [0, 1, 2].map(i => sumOf(forces.map((f, k) => entry(r, k, (i + 1) % 3) * at(f, (i + 2) % 3) - entry(r, k, (i + 2) % 3) * at(f, (i + 1) % 3))))
    expectClose(torque, [0, 0, 0], 1e-12)
  })

  it('have the gradients of central differences', () => expectGradients(text, { r, kinds }))

  it('radial functions are orthonormal within the cutoff, under r² dr', async () => {
    const r5 = Array.from({ length: 2000 }, (_, i) => (i + 1) * 5 / 2000)
    const values = await valueOf('std.physics.radial_bessel', 'radial_bessel(r, 3, 5)', { r: 'real[n]' }, { r: r5 }) as number[][]
    // Σ over the grid of u_j u_k with u = r·f: sines, for which the trapezoidal rule is exact.
    const overlap = [0, 1, 2].map(j => [0, 1, 2].map(k => sumOf(values.map((row, i) => at(row, j) * at(row, k) * at(r5, i) ** 2)) * 5 / 2000))
    expectClose(overlap, [[1, 0, 0], [0, 1, 0], [0, 0, 1]], 1e-12)
  })

  it('the cutoff ends with value and slope 0', async () => {
    const { outputs } = await run(`use std.physics.cosine_cutoff
model M {
  input r: real[4]
  output y = cosine_cutoff(r, 5)
  output slope = grad(sum(cosine_cutoff(r, 5)), r)
}`, { r: [0, 2.5, 5, 6] })
    expectClose(outputs.y, [1, 0.5, 0, 0])
    expectClose(outputs.slope, [0, -Math.PI / 10, 0, 0])
  })
})
