/** Many rows in one call: the bits of row after row, whoever computes them, and whatever was asked before. */
import { describe, expect, it, vi } from 'vitest'
import { resultWidth, type Circuit } from '../../../../quantum/circuit'
import type { GradientMethod, PreparedCircuit } from '../../../../quantum/engine'
import { prepareShared, WASM_STATEVECTOR } from '../../../../quantum/engines/wasm'
import { startWorker } from '../../../../runtime/backends/wasm/workers'
import { Team, type Threads } from '../../../../wasm/team'
import { IdleLeader } from '../../../support/idleLeader'
import { everyMeasurement, placeGate, randomCircuit, randomNumbers, randomSlots } from '../../support'

interface Answers { readonly values: Float64Array; readonly gradient: Float64Array }

const all = ({ slots }: Circuit): readonly number[] => Array.from({ length: slots }, (_, slot) => slot)

/** All measurements that have code of their own. */
const expectations = (circuit: Circuit): Circuit => ({ ...circuit, measurements: circuit.measurements.filter(({ kind }) => kind === 'expectation') })

function cotangentsOf(circuit: Circuit, batch: number): Float64Array {
  return Float64Array.from({ length: batch * resultWidth(circuit) }, (_, k) => (k % 5 === 3 ? 0 : Math.cos(k)))
}

function valuesOf(prepared: PreparedCircuit, batch: number, slots: Float64Array): Float64Array {
  const out = new Float64Array(batch * resultWidth(prepared.circuit)).fill(NaN)
  prepared.values(batch, slots, [], out)
  return out
}

function gradientOf(prepared: PreparedCircuit, batch: number, slots: Float64Array, active = all(prepared.circuit)): Float64Array {
  const out = new Float64Array(batch * prepared.circuit.slots).fill(NaN)
  prepared.vjp(batch, slots, [], cotangentsOf(prepared.circuit, batch), active, out)
  return out
}

const answers = (prepared: PreparedCircuit, batch: number, slots: Float64Array): Answers => ({ values: valuesOf(prepared, batch, slots), gradient: gradientOf(prepared, batch, slots) })

/** Each row by a call of its own, and the gradients without values before them. */
function rowByRow(circuit: Circuit, method: GradientMethod, batch: number, slots: Float64Array): Answers {
  const prepared = WASM_STATEVECTOR.prepare(circuit, method), fresh = WASM_STATEVECTOR.prepare(circuit, method)
  const width = resultWidth(circuit)
  const values = new Float64Array(batch * width), gradient = new Float64Array(batch * circuit.slots)
  const cotangents = cotangentsOf(circuit, batch)
  for (let row = 0; row < batch; row++) {
    const own = slots.slice(row * circuit.slots, (row + 1) * circuit.slots)
    values.set(valuesOf(prepared, 1, own), row * width)
    const out = new Float64Array(circuit.slots)
    fresh.vjp(1, own, [], cotangents.slice(row * width, (row + 1) * width), all(circuit), out)
    gradient.set(out, row * circuit.slots)
  }
  return { values, gradient }
}

/** Rows of which some slots have the same number in all, as weights have. */
function rowsOf(random: () => number, circuit: Circuit, batch: number): Float64Array {
  const slots = randomSlots(random, batch * circuit.slots)
  for (let slot = 0; slot < circuit.slots; slot++) {
    const kind = random()
    for (let row = 0; row < batch; row++) {
      const at = row * circuit.slots + slot
      if (kind < 0.4) slots[at] = slots[slot] as number
      // Differs in its sign alone; or is so far from 0 that the host computes its sine, in some rows.
      else if (kind < 0.5) slots[at] = row % 2 === 0 ? 0 : -0
      else if (kind < 0.6 && row % 3 === 1) slots[at] = 2e6 + row
    }
  }
  return slots
}

/** The bits, so that −0 is not 0, and NaN is NaN. */
const bits = ({ values, gradient }: Answers): readonly BigUint64Array[] => [values, gradient].map(({ buffer }) => new BigUint64Array(buffer as ArrayBuffer))

describe('a batch has the bits of its rows one by one,', () => {
  it('of random circuits, in 64 bits and in 32, with angles that rows share and angles of their own', () => {
    for (let seed = 0; seed < 120; seed++) {
      const random = randomNumbers(9000 + seed)
      const circuit: Circuit = { ...expectations(randomCircuit(random, 1 + seed % 8, Math.floor(random() * 30))), ...seed % 3 === 0 ? { precision: 'f32' } : {} }
      const batch = 1 + Math.floor(random() * 9)
      const slots = rowsOf(random, circuit, batch)
      const method = seed % 4 === 0 ? 'parameter_shift' : 'adjoint'
      expect(bits(answers(WASM_STATEVECTOR.prepare(circuit, method), batch, slots)), `seed ${seed}`).toEqual(bits(rowByRow(circuit, method, batch, slots)))
    }
  })

  it('when it has more rows than one call takes', () => {
    const random = randomNumbers(9200)
    const circuit = expectations(randomCircuit(random, 3, 12))
    const slots = rowsOf(random, circuit, 600)
    expect(bits(answers(WASM_STATEVECTOR.prepare(circuit, 'adjoint'), 600, slots))).toEqual(bits(rowByRow(circuit, 'adjoint', 600, slots)))
  })

  it('when a row is broken: the others do not notice', () => {
    const random = randomNumbers(9201)
    const circuit = expectations(randomCircuit(random, 4, 20))
    const slots = rowsOf(random, circuit, 5)
    const clean = answers(WASM_STATEVECTOR.prepare(circuit, 'adjoint'), 5, slots)
    slots.fill(NaN, 2 * circuit.slots, 3 * circuit.slots)
    const broken = answers(WASM_STATEVECTOR.prepare(circuit, 'adjoint'), 5, slots)
    const width = resultWidth(circuit)
    for (const [from, to] of [[0, 2], [3, 5]] as const) {
      expect(broken.values.slice(from * width, to * width)).toEqual(clean.values.slice(from * width, to * width))
      expect(broken.gradient.slice(from * circuit.slots, to * circuit.slots)).toEqual(clean.gradient.slice(from * circuit.slots, to * circuit.slots))
    }
    expect(broken.values.slice(2 * width, 3 * width).every(Number.isNaN)).toBe(true)
  })

  it('without slots, and without anything that is measured', () => {
    const still: Circuit = { name: 'still', qubits: 2, slots: 0, operations: [placeGate('h', [0], 0), placeGate('cx', [0, 1], 0)], measurements: expectations({ name: '', qubits: 2, slots: 0, operations: [], measurements: everyMeasurement(2) }).measurements }
    const slots = new Float64Array(0)
    expect(bits(answers(WASM_STATEVECTOR.prepare(still, 'adjoint'), 3, slots))).toEqual(bits(rowByRow(still, 'adjoint', 3, slots)))
    const blind = { ...expectations(randomCircuit(randomNumbers(9202), 2, 5)), measurements: [] }
    expect(answers(WASM_STATEVECTOR.prepare(blind, 'adjoint'), 3, new Float64Array(3 * blind.slots)).gradient).toEqual(new Float64Array(3 * blind.slots))
  })
})

describe('what was asked before makes no difference:', () => {
  const random = randomNumbers(9300)
  const circuit = expectations(randomCircuit(random, 4, 25))
  const [one, other] = [rowsOf(random, circuit, 6), rowsOf(random, circuit, 6)]
  const expected = gradientOf(WASM_STATEVECTOR.prepare(circuit, 'adjoint'), 6, one)

  it('values of the same rows, of others, of fewer or of more', () => {
    for (const before of [one, other, one.slice(0, 3 * circuit.slots), Float64Array.from([...one, ...other])]) {
      const prepared = WASM_STATEVECTOR.prepare(circuit, 'adjoint')
      valuesOf(prepared, before.length / circuit.slots, before)
      expect(gradientOf(prepared, 6, one)).toEqual(expected)
    }
  })

  it('rows that differ in the sign of 0 alone', () => {
    const single: Circuit = { name: 'sign', qubits: 1, slots: 2, operations: [placeGate('ry', [0], 0), placeGate('rx', [0], 1)], measurements: [{ kind: 'expectation', terms: [{ coefficient: 1, word: [[0, 'Y']] }] }] }
    const prepared = WASM_STATEVECTOR.prepare(single, 'adjoint')
    valuesOf(prepared, 1, Float64Array.of(0.3, 0))
    const after = gradientOf(prepared, 1, Float64Array.of(0.3, -0))
    expect(new BigUint64Array(after.buffer)).toEqual(new BigUint64Array(gradientOf(WASM_STATEVECTOR.prepare(single, 'adjoint'), 1, Float64Array.of(0.3, -0)).buffer))
  })

  it('derivatives along a direction, which run shifted rows on the same memory', () => {
    const prepared = WASM_STATEVECTOR.prepare(circuit, 'adjoint')
    valuesOf(prepared, 6, one)
    prepared.values(6, one, [other], new Float64Array(6 * resultWidth(circuit)))
    expect(gradientOf(prepared, 6, one)).toEqual(expected)
  })

  it('the gradient of the same rows by other slots, which alone are not 0', () => {
    const prepared = WASM_STATEVECTOR.prepare(circuit, 'adjoint')
    valuesOf(prepared, 6, one)
    for (const active of [[3], [0, circuit.slots - 1], all(circuit), []]) {
      const gradient = gradientOf(prepared, 6, one, active)
      expect(gradient).toEqual(expected.map((slope, at) => (active.includes(at % circuit.slots) ? slope : 0)))
    }
  })
})

describe('threads', () => {
  it('compute the bits of one', () => {
    const idle = new IdleLeader(startWorker)
    const busy = new Team(startWorker)
    const teams: Readonly<Record<string, Threads>> = {
      'one worker': { team: idle, count: 2, worth: 0 }, 'two workers': { team: idle, count: 3, worth: 0 }, 'two workers and the leader': { team: busy, count: 3, worth: 0 },
    }
    for (let seed = 0; seed < 24; seed++) {
      const random = randomNumbers(9400 + seed)
      const circuit: Circuit = { ...expectations(randomCircuit(random, 1 + seed % 6, 20)), ...seed % 3 === 0 ? { precision: 'f32' } : {} }
      const batch = 2 + Math.floor(random() * 40)
      const slots = rowsOf(random, circuit, batch)
      const expected = bits(answers(WASM_STATEVECTOR.prepare(circuit, 'adjoint'), batch, slots))
      for (const [name, threads] of Object.entries(teams)) {
        const prepared = prepareShared(circuit, 'adjoint', threads)
        for (let time = 0; time < 2; time++) expect(bits(answers(prepared, batch, slots)), `${name}, seed ${seed}`).toEqual(expected)
      }
    }
    expect(idle.left).toBeGreaterThan(400)
    expect(idle.lacks).toBeUndefined()
  })

  it('are none where rows are too little work, or where memory cannot be shared', () => {
    const circuit = expectations(randomCircuit(randomNumbers(9500), 3, 12))
    const slots = rowsOf(randomNumbers(9501), circuit, 8)
    const expected = bits(answers(WASM_STATEVECTOR.prepare(circuit, 'adjoint'), 8, slots))
    const none = new Team(() => { throw new Error('a worker is started') })
    expect(bits(answers(prepareShared(circuit, 'adjoint', { team: none, count: 2, worth: 1e9 }), 8, slots))).toEqual(expected)
    const { Memory } = WebAssembly
    const memory = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function unshared(descriptor: WebAssembly.MemoryDescriptor): WebAssembly.Memory {
      if (descriptor.shared === true) throw new RangeError('WebAssembly.Memory(): could not allocate memory')
      return new Memory(descriptor)
    })
    try {
      expect(bits(answers(prepareShared(circuit, 'adjoint', { team: none, count: 2, worth: 0 }), 8, slots))).toEqual(expected)
    } finally {
      memory.mockRestore()
    }
    expect(none.lacks).toBeUndefined()
  })
})
