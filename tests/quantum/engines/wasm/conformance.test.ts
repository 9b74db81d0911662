/**
 * The generated code against the TypeScript engine, which shares with it the circuit and the shift rules alone. The two round in other
 * orders: each of some hundred gates by about 1e-16 of a state of norm 1, so 1e-12 is far above what rounding does and far below any mistake.
 */
import { describe, expect, it, vi } from 'vitest'
import { resultWidth, type Circuit, type Control, type Letter, type Measurement, type Operation } from '../../../../quantum/circuit'
import type { GradientMethod } from '../../../../quantum/engine'
import { BY_CONTENT } from '../../../../quantum/engines/engineFor'
import { STATEVECTOR } from '../../../../quantum/engines/statevector'
import { WASM_STATEVECTOR } from '../../../../quantum/engines/wasm'
import { whyNoCode } from '../../../../quantum/engines/wasm/alone'
import { PRIMITIVE_GATES } from '../../../../quantum/gates'
import { everyMeasurement, expectClose, pick, placeGate, PRIMITIVE_NAMES, randomCircuit, randomNumbers, randomSlots } from '../../support'

const EXACT = 1e-12
const METHODS = ['adjoint', 'parameter_shift'] as const satisfies readonly GradientMethod[]

interface Answers { readonly values: Float64Array; readonly gradient: Float64Array }

/** Values, and the gradient of their sum with weights cos k. */
function answers(engine: typeof STATEVECTOR, circuit: Circuit, method: GradientMethod, slots: Float64Array, batch: number, directions: readonly Float64Array[] = []): Answers {
  const prepared = engine.prepare(circuit, method)
  const width = resultWidth(circuit)
  const values = new Float64Array(batch * width), gradient = new Float64Array(batch * circuit.slots)
  prepared.values(batch, slots, directions, values)
  const cotangents = values.map((_, k) => Math.cos(k))
  prepared.vjp(batch, slots, directions, cotangents, Array.from({ length: circuit.slots }, (_, slot) => slot), gradient)
  return { values, gradient }
}

function expectSame(circuit: Circuit, method: GradientMethod, slots: Float64Array, options: { batch?: number; directions?: readonly Float64Array[]; tolerance?: number; what?: string } = {}): void {
  expect(whyNoCode(circuit)).toBeUndefined()
  const { batch = 1, directions = [], tolerance = EXACT, what = '' } = options
  const [a, b] = [WASM_STATEVECTOR, STATEVECTOR].map(engine => answers(engine, circuit, method, slots, batch, directions)) as [Answers, Answers]
  expectClose(a.values, b.values, tolerance, `of values ${what}`)
  expectClose(a.gradient, b.gradient, tolerance, `of the gradient by ${method} ${what}`)
}

/** Layers as people write them: turns of every qubit, rings of gates on two, and now and then a gate under conditions. */
function layeredCircuit(random: () => number, qubits: number): Circuit {
  const operations: Operation[] = []
  let slots = 0
  const any = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T
  for (let layer = 0; layer < 6; layer++) {
    const range = 1 + Math.floor(random() * (qubits - 1))
    const turn = any(['rx', 'ry', 'rz', 'p', 'h', 't', 'x', 'y'] as const), pair = any(['cx', 'cx', 'cz', 'rzz', 'crz', 'cp', 'cry', 'swap', 'rxx'] as const)
    for (const name of random() < 0.3 ? [turn, any(['ry', 'rz'] as const)] : ['ry', 'rz', turn] as const) {
      for (let wire = 0; wire < qubits; wire++) operations.push(placeGate(name, [wire], slots++))
    }
    for (let wire = 0; wire < qubits; wire++) if (random() < 0.8) operations.push(placeGate(pair, [wire, (wire + range) % qubits], slots++))
    const [a = 0, b = 1, c = 2] = pick(random, qubits, 3)
    operations.push(placeGate(any(['ccx', 'cswap'] as const), [a, b, c], slots++), placeGate('ry', [a], slots++, [{ wire: b, value: 0 }]))
  }
  return { name: 'layers', qubits, operations, slots, measurements: everyMeasurement(qubits).filter(({ kind }) => kind === 'expectation') }
}

const onlyExpectations = (circuit: Circuit): Circuit => ({ ...circuit, measurements: circuit.measurements.filter(({ kind }) => kind === 'expectation') })

describe('every gate', () => {
  const QUBITS = 5
  const ANGLES = [0, Math.PI, 2 * Math.PI, -Math.PI / 2, 1.234]

  it.each(PRIMITIVE_NAMES)('%s on every choice of wires, with and without controls, gives what the steps give', name => {
    const random = randomNumbers(1 + PRIMITIVE_NAMES.indexOf(name))
    const count = PRIMITIVE_GATES[name].qubits
    // All pairs of wires, and random choices of more.
    const places = count <= 2
      ? Array.from({ length: QUBITS ** count }, (_, k) => [Math.floor(k / QUBITS), k % QUBITS].slice(2 - count)).filter(wires => new Set(wires).size === count)
      : Array.from({ length: 20 }, () => pick(random, QUBITS, count))
    for (const wires of places) {
      const controls: Control[] = Array.from({ length: QUBITS }, (_, wire) => wire).filter(wire => !wires.includes(wire))
        .slice(0, Math.floor(random() * 3)).map(wire => ({ wire, value: random() < 0.5 ? 0 : 1 }))
      const prepared = Array.from({ length: QUBITS }, (_, wire) => [placeGate('ry', [wire], 2 * wire), placeGate('rz', [wire], 2 * wire + 1)]).flat()
      for (const inverse of [false, true]) {
        const circuit: Circuit = {
          name, qubits: QUBITS, slots: 2 * QUBITS + 2, measurements: everyMeasurement(QUBITS),
          operations: [...prepared, placeGate(name, wires, 2 * QUBITS, controls, inverse), placeGate('rx', [0], 2 * QUBITS + 1), placeGate('h', [4], 0)],
        }
        const slots = randomSlots(random, circuit.slots)
        slots[2 * QUBITS] = ANGLES[Math.floor(random() * ANGLES.length)] as number
        const what = `${name} on ${wires.join()} under ${JSON.stringify(controls)}, inverse: ${inverse}`
        expectSame(circuit, 'adjoint', slots, { what })
      }
    }
  })
})

describe('random circuits', () => {
  it('of 1 to 8 qubits have the same values and gradients', () => {
    for (let seed = 0; seed < 1000; seed++) {
      const random = randomNumbers(1000 + seed)
      const circuit = randomCircuit(random, 1 + seed % 8, Math.floor(random() * 30))
      const method = METHODS[Math.floor(seed / 8) % 2] as GradientMethod
      expectSame(seed % 3 === 0 ? circuit : onlyExpectations(circuit), method, randomSlots(random, circuit.slots), { what: `seed ${seed}` })
    }
  })

  it('of more qubits than a tile holds have the same values and gradients', () => {
    for (const qubits of [9, 11, 12, 13, 14]) {
      const random = randomNumbers(2000 + qubits)
      const circuit = onlyExpectations(randomCircuit(random, qubits, 60))
      expectSame(circuit, 'adjoint', randomSlots(random, circuit.slots), { what: `of ${qubits} qubits` })
    }
  })

  it('in layers, which become tables and rearrangements, have the same values and gradients', () => {
    for (let seed = 0; seed < 90; seed++) {
      const random = randomNumbers(6000 + seed)
      // Two of each ten are of more qubits than a tile holds.
      const circuit = layeredCircuit(random, [6, 7, 8, 9, 6, 7, 8, 10, 13, 14][seed % 10] as number)
      const method: GradientMethod = circuit.qubits > 7 || seed % 2 === 0 ? 'adjoint' : 'parameter_shift'
      expectSame(circuit, method, randomSlots(random, circuit.slots), { what: `seed ${seed}` })
    }
  })

  it.each([Math.PI, -Math.PI, 3 * Math.PI, Math.PI - 1e-9, Math.PI + 1e-5, Math.PI - 1e-3, Math.PI / 2, 2 * Math.PI, 0])(
    'in layers at the angle %f, half of which may have no tangent, have the same values and gradients', angle => {
      for (let seed = 0; seed < 6; seed++) {
        const random = randomNumbers(7000 + seed)
        const circuit = layeredCircuit(random, [6, 7, 13][seed % 3] as number)
        const mixed = randomSlots(random, circuit.slots)
        // All slots at the angle, and every third.
        for (let slot = 0; slot < circuit.slots; slot += seed < 3 ? 1 : 3) mixed[slot] = angle
        expectSame(circuit, circuit.qubits === 6 ? 'parameter_shift' : 'adjoint', mixed, { what: `seed ${seed}` })
        const single = answers(WASM_STATEVECTOR, { ...circuit, precision: 'f32' }, 'adjoint', mixed, 1), double = answers(STATEVECTOR, circuit, 'adjoint', mixed, 1)
        const promised = 1e-6 * Math.sqrt(circuit.operations.length)
        expectClose(single.values, double.values, promised, `seed ${seed} in 32 bits`)
        expectClose(single.gradient, double.gradient, 6 * promised, `the gradient of seed ${seed} in 32 bits`)
      }
    })

  it('have the same derivatives along directions, of the second and the third order', () => {
    for (let seed = 0; seed < 12; seed++) {
      const random = randomNumbers(3000 + seed)
      const circuit = randomCircuit(random, 1 + seed % 4, 5)
      const slots = randomSlots(random, circuit.slots)
      const directions = Array.from({ length: 1 + seed % 2 }, () => randomSlots(random, circuit.slots))
      // Of the third order are sums of thousands of values of size 1, with weights up to π².
      for (const method of METHODS) expectSame(circuit, method, slots, { directions, tolerance: 1e-10, what: `seed ${seed}` })
    }
  })

  it('have rows that do not depend on each other', () => {
    const random = randomNumbers(41)
    const circuit = randomCircuit(random, 4, 30)
    const slots = randomSlots(random, 32 * circuit.slots)
    for (const method of METHODS) {
      expectSame(circuit, method, slots, { batch: 32 })
      const all = answers(WASM_STATEVECTOR, circuit, method, slots, 32)
      const last = answers(WASM_STATEVECTOR, circuit, method, slots.slice(31 * circuit.slots), 1)
      expect(all.values.slice(31 * resultWidth(circuit))).toEqual(last.values)
    }
  })

  it('have the same bits each time', () => {
    const random = randomNumbers(43)
    const circuit = randomCircuit(random, 12, 60)
    const slots = randomSlots(random, circuit.slots)
    expect(answers(WASM_STATEVECTOR, circuit, 'adjoint', slots, 1)).toEqual(answers(WASM_STATEVECTOR, circuit, 'adjoint', slots, 1))
  })

  it('in 32 bits are within 1e-6·√gates of those in 64', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = randomNumbers(4000 + seed)
      const circuit = onlyExpectations(randomCircuit(random, 1 + seed % 8, 30))
      const slots = randomSlots(random, circuit.slots)
      const single = answers(WASM_STATEVECTOR, { ...circuit, precision: 'f32' }, 'adjoint', slots, 1)
      const double = answers(STATEVECTOR, circuit, 'adjoint', slots, 1)
      const promised = 1e-6 * Math.sqrt(circuit.operations.length)
      expectClose(single.values, double.values, promised, `seed ${seed}`)
      // A slope is made from as many gates again, on the way back, and adds up what six weighted numbers give.
      expectClose(single.gradient, double.gradient, 6 * promised, `seed ${seed}`)
    }
  })

  it('have the same metric', () => {
    const random = randomNumbers(47)
    const circuit = randomCircuit(random, 4, 12)
    const slots = randomSlots(random, circuit.slots)
    const active = Array.from({ length: circuit.slots }, (_, slot) => slot)
    const [a, b] = [WASM_STATEVECTOR, STATEVECTOR].map(engine => {
      const out = new Float64Array(circuit.slots ** 2)
      engine.prepare(circuit, 'adjoint').metric(1, slots, active, out)
      return out
    }) as [Float64Array, Float64Array]
    expectClose(a, b, EXACT)
  })
})

describe('observables', () => {
  /** Sums of words over I, Z and, where `letters` says so, others. */
  function randomSum(random: () => number, qubits: number, letters: string): Measurement {
    return {
      kind: 'expectation',
      terms: Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({
        coefficient: random() - 0.5,
        word: Array.from({ length: qubits }, (_, wire) => [wire, letters[Math.floor(random() * letters.length)] as Letter | 'I'] as const)
          .filter((factor): factor is readonly [number, Letter] => factor[1] !== 'I'),
      })),
    }
  }

  it.each(['IZ', 'IIXYZ', 'IZ01', 'XYZ01'])('that are sums of words over %s are the same, and so are their gradients', letters => {
    for (let seed = 0; seed < 40; seed++) {
      const random = randomNumbers(5000 + seed)
      const qubits = 1 + seed % 7
      const measurements = Array.from({ length: 1 + Math.floor(random() * 4) }, () => randomSum(random, qubits, letters))
      const circuit: Circuit = { ...randomCircuit(random, qubits, 8), measurements }
      const slots = randomSlots(random, circuit.slots)
      for (const method of METHODS) expectSame(circuit, method, slots, { what: `seed ${seed}` })
    }
  })

  it('of four million amplitudes are summed without losing digits', () => {
    const qubits = 22
    const circuit: Circuit = {
      name: 'large', qubits, slots: qubits, operations: Array.from({ length: qubits }, (_, wire) => placeGate('ry', [wire], wire)),
      measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[qubits - 1, 'Z']] }] }],
    }
    const out = new Float64Array(1)
    WASM_STATEVECTOR.prepare(circuit, 'parameter_shift').values(1, new Float64Array(qubits).fill(0.3), [], out)
    // Of a product state ⟨Z⟩ = cos θ. Each number goes through at most 256 sums of its block and 8192 of blocks, each rounding by up to
    // 2^−53: 9.4e-13. One sum after the other it would be 2^21 roundings, 2e-10.
    expectClose(out, [Math.cos(0.3)], 1e-12)
  })

  it('without a cotangent have no gradient, and none at all no values', () => {
    const circuit: Circuit = { ...randomCircuit(randomNumbers(71), 3, 10), measurements: [randomSum(randomNumbers(72), 3, 'IXYZ'), randomSum(randomNumbers(73), 3, 'IZ')] }
    const active = Array.from({ length: circuit.slots }, (_, slot) => slot)
    for (const method of METHODS) {
      const prepared = WASM_STATEVECTOR.prepare(circuit, method)
      const gradient = new Float64Array(circuit.slots).fill(1)
      // A gradient before it must leave nothing behind.
      prepared.vjp(1, randomSlots(randomNumbers(74), circuit.slots), [], Float64Array.of(1, 1), active, gradient)
      prepared.vjp(1, randomSlots(randomNumbers(74), circuit.slots), [], Float64Array.of(0, 0), active, gradient)
      expect(gradient).toEqual(new Float64Array(circuit.slots))
    }
    WASM_STATEVECTOR.prepare({ ...circuit, measurements: [] }, 'adjoint').values(1, new Float64Array(circuit.slots), [], new Float64Array(0))
  })
})

describe('what there is no code for', () => {
  const slot = (at: number) => ({ slot: at })
  const constant = (value: number) => ({ value })

  it('acts by steps between stretches of code, forward, back and shifted', () => {
    const amplitudes: Operation = { kind: 'amplitudes', wires: [0], controls: [], re: [slot(0), slot(1)], im: [constant(0), constant(0)] }
    const dense: Operation = { kind: 'unitary', wires: [1], controls: [{ wire: 2, value: 0 }], re: [slot(2), constant(0), constant(0), constant(0)], im: [constant(0), constant(0), constant(0), constant(1)] }
    const evolve: Operation = { kind: 'evolution', wires: [2, 0], controls: [], hamiltonian: [{ coefficient: 0.8, word: [[0, 'X'], [1, 'Z']] }, { coefficient: -0.4, word: [[1, 'Y']] }], angle: slot(3) }
    const turns = (from: number): Operation[] => [placeGate('ry', [0], from), placeGate('crx', [0, 1], from + 1), placeGate('rzz', [1, 2], from + 2), placeGate('cx', [2, 0], 0)]
    const circuit: Circuit = { name: 'mixed', qubits: 3, slots: 13, operations: [amplitudes, ...turns(4), dense, ...turns(7), evolve, ...turns(10)], measurements: everyMeasurement(3) }
    const random = randomNumbers(53)
    for (let trial = 0; trial < 5; trial++) {
      const slots = randomSlots(random, circuit.slots)
      slots.set([Math.cos(trial), Math.sin(trial), 1])
      for (const method of METHODS) {
        expectSame(circuit, method, slots)
        expectSame(onlyExpectations(circuit), method, slots)
      }
    }
  })

  it('is noise, and too many qubits, which run by the TypeScript engines', () => {
    const plain = randomCircuit(randomNumbers(59), 2, 3)
    const noise: Operation = { kind: 'channel', name: 'bit_flip', wires: [0], controls: [], parameter: { value: 0.1 } }
    expect(whyNoCode(plain)).toBeUndefined()
    expect(whyNoCode({ ...plain, operations: [noise] })).toBe('its state is a density matrix')
    expect(whyNoCode({ ...plain, operations: [noise], trajectories: 5 })).toBe('its state is a random history')
    expect(whyNoCode({ ...plain, qubits: 30 })).toMatch('beyond the addresses')
  })

  it('is any circuit while the host has no addresses left for a memory', () => {
    const memory = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function full(): never { throw new RangeError('WebAssembly.Memory(): could not allocate memory') })
    try {
      const circuit = randomCircuit(randomNumbers(67), 3, 20)
      const slots = randomSlots(randomNumbers(68), circuit.slots)
      expect(answers(WASM_STATEVECTOR, circuit, 'adjoint', slots, 1)).toEqual(answers(STATEVECTOR, circuit, 'adjoint', slots, 1))
      expect(memory).toHaveBeenCalled()
    } finally {
      memory.mockRestore()
    }
  })

  it('is chosen by content where a circuit has no noise', () => {
    const circuit = randomCircuit(randomNumbers(61), 3, 20)
    const slots = randomSlots(randomNumbers(62), circuit.slots)
    expect(answers(BY_CONTENT, circuit, 'adjoint', slots, 1)).toEqual(answers(WASM_STATEVECTOR, circuit, 'adjoint', slots, 1))
  })
})

describe('a circuit', () => {
  it('of nothing at all runs, and one that breaks the contract is refused by the same words', () => {
    const empty: Circuit = { name: 'empty', qubits: 2, slots: 3, operations: [], measurements: [] }
    for (const method of METHODS) expectSame(empty, method, new Float64Array(3))
    expectSame({ ...empty, measurements: everyMeasurement(2) }, 'adjoint', new Float64Array(3))
    const wrong: readonly Circuit[] = [
      { ...empty, operations: [placeGate('cx', [0, 0], 0)] }, { ...empty, operations: [placeGate('x', [7], 0)] }, { ...empty, qubits: 0 }, { ...empty, qubits: 31 },
      { ...empty, measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[9, 'Z']] }] }] },
    ]
    for (const circuit of wrong) {
      const complaint = (engine: typeof STATEVECTOR): string => {
        try {
          engine.prepare(circuit, 'adjoint')
          return 'none'
        } catch (error) {
          return (error as Error).message
        }
      }
      expect(complaint(STATEVECTOR)).toMatch(/^circuit empty/)
      expect(complaint(WASM_STATEVECTOR)).toBe(complaint(STATEVECTOR))
    }
  })
})

describe('angles', () => {
  it('far from 0 are those of the host', () => {
    const circuit: Circuit = { name: 'far', qubits: 1, slots: 1, operations: [placeGate('ry', [0], 0)], measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Z']] }] }] }
    const angles = Float64Array.of(0, -0, 1e-300, 3, 4.5, -100, 12345.678, 1.9e6, 2.1e6, -1e9, 1e15, Math.PI, 2 * Math.PI)
    const out = new Float64Array(angles.length)
    WASM_STATEVECTOR.prepare(circuit, 'adjoint').values(angles.length, angles, [], out)
    expectClose(out, angles.map(angle => Math.cos(angle / 2) ** 2 - Math.sin(angle / 2) ** 2), 1e-15)
  })
})
