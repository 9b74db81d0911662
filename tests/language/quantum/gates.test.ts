import { describe, expect, it } from 'vitest'
import { GATE_NAMES } from '../../../quantum/gates'
import { dagger, Dense, GATES, identity, principalPower, product, randomNumbers, rotation, type Matrix, type Placed } from './dense'
import { expectClose, outputOf, spread, start } from './run'

const QUBITS = 5

/** A state with no symmetry: what acts on it shows. */
const PREPARATION = `
  for i in 0..${QUBITS} { u(0.3 + 0.41 * i, 0.7 * i, 1.1 - 0.2 * i) q[i] }
  for i in 0..${QUBITS - 1} { cx q[i], q[i + 1] }
  for i in 0..${QUBITS} { rx(0.9 - 0.37 * i) q[i] }`

function prepared(): Dense {
  const dense = new Dense(QUBITS)
  const wires = [...Array(QUBITS).keys()]
  for (const i of wires) dense.gate('u', [i], 0.3 + 0.41 * i, 0.7 * i, 1.1 - 0.2 * i)
  for (const i of wires.slice(1)) dense.gate('cx', [i - 1, i])
  for (const i of wires) dense.gate('rx', [i], 0.9 - 0.37 * i)
  return dense
}

/** Words on all qubits, one of them for every phase that a gate on few qubits could get wrong. */
const random = randomNumbers(5)
const WORDS = Array.from({ length: 24 }, () => Array.from({ length: QUBITS }, () => 'IXYZ'[Math.floor(random() * 4)] ?? 'I').join(''))
  .filter(word => word !== 'I'.repeat(QUBITS))

const observable = (word: string): string => [...word].flatMap((letter, at) => (letter === 'I' ? [] : [`${letter}(q[${at}])`])).join(' * ')

const program = (gate: string): string => `
circuit c(w: real[6], v: real[${QUBITS}]) -> (real[${2 ** QUBITS}], real[${WORDS.length}]) {
  qubits q[${QUBITS}]
  ${PREPARATION}
  ${gate}
  return probs(q), [${WORDS.map(word => `expect(${observable(word)})`).join(', ')}]
}
model M {
  param w: real[6] ~ zeros()
  param v: real[${QUBITS}] ~ zeros()
  let (p, e) = c(w, v)
  output all = concat([p, e])
}`

const W = spread(6)
const V = spread(QUBITS, 3)

/** A statement against matrices placed on the prepared state. 1e−12: some thirty gates' rounding on amplitudes below 1. */
async function check(statement: string, ...placed: readonly Placed[]): Promise<void> {
  const dense = prepared()
  for (const each of placed) dense.apply(each)
  const wires = [...Array(QUBITS).keys()]
  const found = await outputOf(program(statement), { w: W, v: V })
  expectClose(found, [...dense.probs(wires), ...WORDS.map(word => dense.expect(word, wires))], 1e-12, statement)
}

const PLACES = [3, 0, 4, 2]
const operands = (wires: readonly number[]): string => wires.map(wire => `q[${wire}]`).join(', ')
const arguments_ = (count: number): string => (count === 0 ? '' : `(${Array.from({ length: count }, (_, at) => `w[${at}]`).join(', ')})`)
const row = (name: string) => GATES[name] ?? { qubits: 0, angles: 0, matrix: () => identity(1) }
const names = Object.keys(GATES)

describe('gates of the table', () => {
  it('are those that the language lists', () => {
    expect([...GATE_NAMES].sort()).toEqual([...names].sort())
  })

  it.each(names)('%s acts as its definition says', async name => {
    const { qubits, angles, matrix } = row(name)
    const wires = PLACES.slice(0, qubits)
    await check(`${name}${arguments_(angles)} ${operands(wires)}`, { matrix: matrix(...W), wires })
  })

  it.each(names)('inv %s is its adjoint', async name => {
    const { qubits, angles, matrix } = row(name)
    const wires = PLACES.slice(0, qubits)
    await check(`inv ${name}${arguments_(angles)} ${operands(wires)}`, { matrix: dagger(matrix(...W)), wires })
  })

  it.each(names)('ctrl %s acts where the first qubit is 1, global phase and all', async name => {
    const { qubits, angles, matrix } = row(name)
    const wires = PLACES.slice(0, qubits)
    await check(`ctrl ${name}${arguments_(angles)} q[1], ${operands(wires)}`, { matrix: matrix(...W), wires, controls: [[1, 1]] })
  })

  it.each(names)('pow(3) and pow(-2) of %s repeat it and its adjoint', async name => {
    const { qubits, angles, matrix } = row(name)
    const wires = PLACES.slice(0, qubits)
    const once = matrix(...W)
    const text = `${name}${arguments_(angles)} ${operands(wires)}`
    await check(`pow(3) ${text}`, { matrix: product(once, product(once, once)), wires })
    await check(`pow(-2) ${text}`, { matrix: product(dagger(once), dagger(once)), wires })
  })

  it.each(names.filter(name => row(name).angles < 2))('pow(0.3) and pow(-1.7) of %s are principal powers, or scale its angle', async name => {
    const { qubits, angles, matrix } = row(name)
    const wires = PLACES.slice(0, qubits)
    for (const k of [0.3, -1.7]) {
      const power: Matrix = angles === 1 ? matrix(k * (W[0] ?? 0)) : principalPower(matrix(), k)
      await check(`pow(${k}) ${name}${arguments_(angles)} ${operands(wires)}`, { matrix: power, wires })
      if (qubits < 4) await check(`negctrl pow(${k}) ${name}${arguments_(angles)} q[1], ${operands(wires)}`, { matrix: power, wires, controls: [[1, 0]] })
    }
  })
})

describe('modifiers', () => {
  const theta = W[0] ?? 0
  const ry = (angle: number) => rotation('Y', angle)

  it('stack, the nearest to the gate first, controls in the order in which they are written', async () => {
    await check('ctrl negctrl ry(w[0]) q[1], q[2], q[4]', { matrix: ry(theta), wires: [4], controls: [[1, 1], [2, 0]] })
    await check('negctrl ctrl(2) ry(w[0]) q[3], q[1], q[2], q[4]', { matrix: ry(theta), wires: [4], controls: [[3, 0], [1, 1], [2, 1]] })
    await check('ctrl inv pow(2) ry(w[0]) q[1], q[4]', { matrix: ry(-2 * theta), wires: [4], controls: [[1, 1]] })
    // x is its own adjoint, so the inner `inv` leaves −1 = e^{iπ} where it was.
    await check('inv ctrl pow(0.5) inv x q[1], q[4]', { matrix: dagger(principalPower(row('x').matrix(), 0.5)), wires: [4], controls: [[1, 1]] })
    await check('pow(2) ctrl rot(w[0], w[1], w[2]) q[1], q[4]', { matrix: product(row('rot').matrix(...W), row('rot').matrix(...W)), wires: [4], controls: [[1, 1]] })
    await check('pow(0.5) pow(0.5) x q[4]', { matrix: principalPower(row('x').matrix(), 0.25), wires: [4] })
    await check('pow(0) rot(w[0], w[1], w[2]) q[4]')
    await check('ctrl(2) negctrl cx q[4], q[0], q[3], q[1], q[2]', { matrix: row('x').matrix(), wires: [2], controls: [[4, 1], [0, 1], [3, 0], [1, 1]] })
  })

  it('change global phases, pauli rotations and matrices alike', async () => {
    const phaseOf = (angle: number): Placed['matrix'] => ({ size: 1, entries: [[Math.cos(angle), Math.sin(angle)]] })
    await check('gphase(w[0])')
    await check('ctrl gphase(w[0]) q[2]', { matrix: phaseOf(theta), wires: [], controls: [[2, 1]] })
    await check('inv negctrl ctrl pow(2) gphase(w[0]) q[2], q[0]', { matrix: phaseOf(-2 * theta), wires: [], controls: [[2, 0], [0, 1]] })
    await check('ctrl pauli_rotation("XIY", w[0]) q[1], q[4], q[0], q[2]', { matrix: rotation('XIY', theta), wires: [4, 0, 2], controls: [[1, 1]] })
    await check('pow(-0.5) pauli_rotation("ZZ", w[0]) q[1], q[4]', { matrix: rotation('ZZ', -theta / 2), wires: [1, 4] })
    const s = '[[1, 0], [0, 0]], [[0, 0], [0, 1]]'
    await check(`inv unitary(${s}) q[3]`, { matrix: row('sdg').matrix(), wires: [3] })
    await check(`ctrl pow(0.5) unitary(${s}) q[0], q[3]`, { matrix: row('t').matrix(), wires: [3], controls: [[0, 1]] })
    await check(`pow(-3) unitary(${s}) q[3]`, { matrix: row('s').matrix(), wires: [3] })
    const turn = '[[cos(w[0]), -sin(w[0])], [sin(w[0]), cos(w[0])]]'
    await check(`ctrl inv unitary(${turn}) q[0], q[3]`, { matrix: ry(-2 * theta), wires: [3], controls: [[0, 1]] })
    await check(`pow(2) unitary(re = ${turn}) q[3]`, { matrix: ry(4 * theta), wires: [3] })
  })

  it('change declared gates as a whole', async () => {
    const declared = (statement: string) => `gate step(a: real, b: real[2]) c: qubit, r: qubit[2] {
  ry(a) c
  rot(b[0], a * b[1], 0.4) r[0]
  cx c, r
}
${program(statement)}`
    const one = (): Placed[] => [
      { matrix: ry(theta), wires: [1] },
      { matrix: row('rot').matrix(W[1] ?? 0, theta * (W[2] ?? 0), 0.4), wires: [2] },
      { matrix: row('cx').matrix(), wires: [1, 2] },
      { matrix: row('cx').matrix(), wires: [1, 3] },
    ]
    const inverse = () => one().reverse().map(each => ({ ...each, matrix: dagger(each.matrix) }))
    const controlled = (placed: readonly Placed[]) => placed.map((each): Placed => ({ ...each, controls: [[0, 0]] }))
    const all = [...Array(QUBITS).keys()]
    for (const [text, placed] of [
      ['step(w[0], w[1:3]) q[1], q[2:4]', one()],
      ['inv step(w[0], b = w[1:3]) q[1], q[2:4]', inverse()],
      ['pow(2) step(w[0], w[1:3]) q[1], q[2:4]', [...one(), ...one()]],
      ['negctrl inv step(w[0], w[1:3]) q[0], q[1], q[2:4]', controlled(inverse())],
      ['inv negctrl pow(-2) step(w[0], w[1:3]) q[0], q[1], q[2:4]', controlled([...one(), ...one()])],
    ] as const) {
      const dense = prepared()
      for (const each of placed) dense.apply(each)
      const found = await outputOf(declared(text), { w: W, v: V })
      expectClose(found, [...dense.probs(all), ...WORDS.map(word => dense.expect(word, all))], 1e-12, text)
    }
  })
})

describe('registers', () => {
  const x = row('x').matrix()
  const on = (matrix: Matrix, ...wires: readonly number[]): Placed => ({ matrix, wires })

  it('are gone through qubit by qubit, with slices, negative indices and lists of indices', async () => {
    await check('x q', ...[0, 1, 2, 3, 4].map(wire => on(x, wire)))
    await check('x q[1:3]', on(x, 1), on(x, 2))
    await check('x q[-1]', on(x, 4))
    await check('x q[-2:]', on(x, 3), on(x, 4))
    await check('x q[[0, 3]]', on(x, 0), on(x, 3))
    await check('x q[1:1]')
  })

  it('pair up, and a single qubit goes with each of a register', async () => {
    await check('cx q[0:2], q[2:4]', on(row('cx').matrix(), 0, 2), on(row('cx').matrix(), 1, 3))
    await check('cx q[0], q[1:4]', ...[1, 2, 3].map(wire => on(row('cx').matrix(), 0, wire)))
    await check('ctrl z q[0:2], q[4]', on(row('cz').matrix(), 0, 4), on(row('cz').matrix(), 1, 4))
  })

  it('take an angle each from a vector of their length', async () => {
    await check('rx(v) q', ...V.map((angle, wire) => on(rotation('X', angle), wire)))
    await check('crx(2 * v[0:3]) q[0:3], q[4]', ...[0, 1, 2].map(at => on(row('crx').matrix(2 * (V[at] ?? 0)), at, 4)))
    await check('rot(v, 0.3, w[0]) q', ...V.map((angle, wire) => on(row('rot').matrix(angle, 0.3, W[0] ?? 0), wire)))
    await check('pow(0.5) rzz(v[0:2]) q[0:2], q[2:4]', on(rotation('ZZ', (V[0] ?? 0) / 2), 0, 2), on(rotation('ZZ', (V[1] ?? 0) / 2), 1, 3))
    await check('ry([0.1, w[1]]) q[2:4]', on(rotation('Y', 0.1), 2), on(rotation('Y', W[1] ?? 0), 3))
  })

  it('concatenate in the order of their declarations', async () => {
    const text = `circuit c(t: real) -> real[8] {
  qubits a
  qubits b[2]
  x a
  ry(t) b[1]
  return probs(a, b)
}
model M { input t: real
 output p = c(t) }`
    const dense = new Dense(3).gate('x', [0]).gate('ry', [2], 0.7)
    expectClose(await outputOf(text, { t: 0.7 }), dense.probs([0, 1, 2]), 1e-14)
  })
})

describe('layout at compile time', () => {
  it('unrolls loops over ranges and over the rows of a constant, and takes branches', async () => {
    const text = `const EDGES = [[0, 1], [1, 2], [2, 0]]
circuit c(t: real, mixer: string = "X", deep: bool = true) -> real[8] {
  qubits q[3]
  h q
  for [i, j] in EDGES { rzz(t) q[i], q[j] }
  for i in 0..3 {
    let double = 2 * i
    if mixer == "X" { rx(t + double) q[i] } else if mixer == "Y" { ry(t) q[i] } else { rz(t) q[i] }
    if i == 1 and deep { z q[i] }
  }
  return probs(q)
}
model M { input t: real
 output p = concat([c(t), c(t, mixer = "Y"), c(t, deep = false, mixer = "Q")]) }`
    const t = 0.6
    const start = () => [[0, 1], [1, 2], [2, 0]].reduce((dense, wires) => dense.gate('rzz', wires, t), new Dense(3).gate('h', [0]).gate('h', [1]).gate('h', [2]))
    const first = start()
    const second = start()
    const third = start()
    for (const i of [0, 1, 2]) {
      first.gate('rx', [i], t + 2 * i)
      second.gate('ry', [i], t)
      third.gate('rz', [i], t)
    }
    const all = [0, 1, 2]
    expectClose(await outputOf(text, { t }), [...first.gate('z', [1]).probs(all), ...second.gate('z', [1]).probs(all), ...third.probs(all)], 1e-13)
  })

  it('lays a gate out for the sizes of its call, gates inside gates', async () => {
    const text = `gate ladder(a: real[k, n]) r: qubit[n] {
  for l in 0..k { turn(a[l]) r
    for i in 0..n - 1 { cx r[i], r[i + 1] } }
}
gate turn(a: real[n]) r: qubit[n] { ry(a) r }
circuit c(w: real[2, 3]) -> real[8] {
  qubits q[3]
  ladder(w) q
  ladder(w[:, 0:2]) q[1:]
  ladder([[0.3]]) q[0:1]
  return probs(q)
}
model M { param w: real[2, 3] ~ zeros()
 output p = c(w) }`
    const w = [[0.1, 0.7, -0.4], [1.2, 0.3, 0.9]]
    const dense = new Dense(3)
    for (const angles of w) { angles.forEach((angle, i) => dense.gate('ry', [i], angle)); dense.gate('cx', [0, 1]).gate('cx', [1, 2]) }
    for (const angles of w) dense.gate('ry', [1], angles[0] ?? 0).gate('ry', [2], angles[1] ?? 0).gate('cx', [1, 2])
    dense.gate('ry', [0], 0.3)
    expectClose(await outputOf(text, { w }), dense.probs([0, 1, 2]), 1e-13)
  })

  it('takes sizes from the call, and ints that lay nothing out from data', async () => {
    const text = `circuit c(x: real, n: int, k: int) -> real[n] {
  qubits q[n]
  for i in 0..n { rx(x * k + i) q[i] }
  return [expect(Z(q[i])) for i in 0..n]
}
model M { input x: real
 input k: int
 output a = c(x, 3, k)
 output b = c(x, n = 1, k = 2) }`
    const outputs = await (await start(text)).outputs({ x: 0.4, k: 3 })
    expectClose(outputs['a'] ?? [], [0, 1, 2].map(i => Math.cos(1.2 + i)), 1e-14)
    expectClose(outputs['b'] ?? [], [Math.cos(0.8)], 1e-14)
  })

  it('keeps gates, functions and values apart by where they stand', async () => {
    const text = `circuit h(x: real, z: real) -> real {
  qubits q[2]
  x q[0]
  h q[1]
  rz(z) q[1]
  let y = expect(X(q[1]))
  return y + x
}
model M { input t: real
 output e = h(2, t) }`
    expectClose(await outputOf(text, { t: 0.7 }), [Math.cos(0.7) + 2], 1e-14)
  })
})
