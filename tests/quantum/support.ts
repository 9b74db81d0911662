/**
 * An independent, slow description of circuits for tests: whole 2^n matrices, applied one after the other. It shares with
 * the engine the table of matrices alone, and those are held to exponential series and to written-out actions elsewhere.
 */
import { expect } from 'vitest'
import { resultWidth, type ChannelName, type Circuit, type Control, type Measurement, type Operand, type Operation } from '../../quantum/circuit'
import { PRIMITIVE_GATES, pauliWordMatrix, type PrimitiveGateName } from '../../quantum/gates'
import {
  addScaled, conjugateTranspose, identityMatrix, matrixFromRows, multiplyMatrices, scaleMatrix, zeroMatrix, type ComplexMatrix,
} from '../../quantum/linearAlgebra'
import { observableMatrix } from '../../quantum/observable'

/** Uniform numbers in [0, 1) from a seed (mulberry32), so that a failure can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const PRIMITIVE_NAMES = Object.keys(PRIMITIVE_GATES) as PrimitiveGateName[]
export const ANGLE_NAMES = PRIMITIVE_NAMES.filter(name => PRIMITIVE_GATES[name].kind === 'angle')

/** exp(A) by scaling to norm ≤ ½, 20 Taylor terms (2^−20/20! is below rounding), and squaring back. */
export function matrixExponential(matrix: ComplexMatrix): ComplexMatrix {
  const norm = Math.sqrt(matrix.re.reduce((sum, x, e) => sum + x * x + (matrix.im[e] as number) ** 2, 0))
  const halvings = Math.max(0, Math.ceil(Math.log2(norm + 1e-300)) + 1)
  const small = scaleMatrix(matrix, 2 ** -halvings)
  let term = identityMatrix(matrix.size), sum = identityMatrix(matrix.size)
  for (let k = 1; k <= 20; k++) {
    term = scaleMatrix(multiplyMatrices(term, small), 1 / k)
    sum = addScaled(term, 1, 0, sum)
  }
  for (let k = 0; k < halvings; k++) sum = multiplyMatrices(sum, sum)
  return sum
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = ''): void {
  expect(actual.length).toBe(expected.length)
  let worst = 0
  for (let k = 0; k < actual.length; k++) {
    const difference = Math.abs((actual[k] as number) - (expected[k] as number))
    if (!(difference <= worst)) worst = difference
  }
  expect(worst, `largest difference ${what}`).toBeLessThanOrEqual(tolerance)
}

export function expectSameMatrix(actual: ComplexMatrix, expected: ComplexMatrix, tolerance: number, what = ''): void {
  expectClose(actual.re, expected.re, tolerance, `${what} (real parts)`)
  expectClose(actual.im, expected.im, tolerance, `${what} (imaginary parts)`)
}

export function valueOf(operand: Operand, slots: ArrayLike<number>): number {
  return 'value' in operand ? operand.value : slots[operand.slot] as number
}

function bit(index: number, qubits: number, wire: number): number {
  return (index >> (qubits - 1 - wire)) & 1
}

/** The 2^n matrix that acts with `local` on `wires` where the controls hold, entry by entry. */
export function embed(
  local: ComplexMatrix, wires: readonly number[], controls: readonly Control[], qubits: number,
): ComplexMatrix {
  const full = zeroMatrix(2 ** qubits)
  const localIndex = (index: number) => wires.reduce((bits, wire) => 2 * bits + bit(index, qubits, wire), 0)
  const others = Array.from({ length: qubits }, (_, wire) => wire).filter(wire => !wires.includes(wire))
  for (let column = 0; column < full.size; column++) {
    const on = controls.every(control => bit(column, qubits, control.wire) === control.value)
    for (let row = 0; row < full.size; row++) {
      if (others.some(wire => bit(row, qubits, wire) !== bit(column, qubits, wire))) continue
      const e = row * full.size + column, from = localIndex(row) * local.size + localIndex(column)
      full.re[e] = on ? local.re[from] as number : Number(row === column)
      full.im[e] = on ? local.im[from] as number : 0
    }
  }
  return full
}

function localMatrix(operation: Operation, slots: ArrayLike<number>): ComplexMatrix {
  const values = (operands: readonly Operand[]) => Float64Array.from(operands, operand => valueOf(operand, slots))
  switch (operation.kind) {
    case 'gate': {
      const matrix = PRIMITIVE_GATES[operation.name].matrix(operation.angles.map(angle => valueOf(angle, slots)))
      return operation.inverse ? conjugateTranspose(matrix) : matrix
    }
    case 'pauli_rotation':
      return matrixExponential(scaleMatrix(pauliWordMatrix(operation.word), 0, -valueOf(operation.angle, slots) / 2))
    case 'global_phase': {
      const angle = valueOf(operation.angle, slots)
      return { size: 1, re: Float64Array.of(Math.cos(angle)), im: Float64Array.of(Math.sin(angle)) }
    }
    case 'unitary':
      return { size: 2 ** operation.wires.length, re: values(operation.re), im: values(operation.im) }
    case 'evolution':
      return matrixExponential(scaleMatrix(observableMatrix(operation.hamiltonian, operation.wires.length), 0, -valueOf(operation.angle, slots)))
    case 'channel': case 'kraus': throw new Error('noise is no matrix: see operatorsOf')
    case 'amplitudes': {
      // |a⟩⟨0…0|
      const size = 2 ** operation.wires.length
      const matrix = zeroMatrix(size)
      values(operation.re).forEach((x, r) => { matrix.re[r * size] = x })
      values(operation.im).forEach((x, r) => { matrix.im[r * size] = x })
      return operation.inverse === true ? conjugateTranspose(matrix) : matrix
    }
    default: return operation satisfies never
  }
}

/** The whole circuit as a matrix, or of some operations. */
export function denseUnitary(operations: readonly Operation[], qubits: number, slots: ArrayLike<number>): ComplexMatrix {
  return operations.reduce(
    (product, operation) => multiplyMatrices(
      embed(localMatrix(operation, slots), operation.wires, operation.controls, qubits), product),
    identityMatrix(2 ** qubits))
}

/** K₀, K₁, … of a channel on its wires, as PennyLane defines them (Nielsen and Chuang, §8.3); `x` is the operand. */
export function krausOperators(name: ChannelName, wires: number, x: number): readonly ComplexMatrix[] {
  const scaled = (weight: number, matrix: ComplexMatrix) => scaleMatrix(matrix, Math.sqrt(weight))
  const gamma = 1 - x * x
  switch (name) {
    case 'bit_flip': return [scaled(1 - x, pauliWordMatrix('I')), scaled(x, pauliWordMatrix('X'))]
    case 'phase_flip': return [scaled(1 - x, pauliWordMatrix('I')), scaled(x, pauliWordMatrix('Z'))]
    case 'depolarize': {
      const words = wires === 1 ? [...'IXYZ'] : [...'IXYZ'].flatMap(a => [...'IXYZ'].map(b => a + b))
      return words.map((word, k) => scaled(k === 0 ? 1 - x : x / (words.length - 1), pauliWordMatrix(word)))
    }
    case 'amplitude_damp': return [matrixFromRows([[1, 0], [0, Math.sqrt(1 - gamma)]]), matrixFromRows([[0, Math.sqrt(gamma)], [0, 0]])]
    case 'phase_damp': return [matrixFromRows([[1, 0], [0, Math.sqrt(1 - gamma)]]), matrixFromRows([[0, 0], [0, Math.sqrt(gamma)]])]
    default: return name satisfies never
  }
}

function operatorsOf(operation: Operation, slots: ArrayLike<number>): readonly ComplexMatrix[] {
  if (operation.kind === 'channel') return krausOperators(operation.name, operation.wires.length, valueOf(operation.parameter, slots))
  if (operation.kind !== 'kraus') return [localMatrix(operation, slots)]
  const { wires, re, im } = operation
  const size = 2 ** wires.length, area = size * size
  const values = (operands: readonly Operand[], m: number) => Float64Array.from(operands.slice(m * area, (m + 1) * area), operand => valueOf(operand, slots))
  return Array.from({ length: re.length / area }, (_, m) => ({ size, re: values(re, m), im: values(im, m) }))
}

/** The final state's density matrix, Σ KρK† one operation after the other. */
export function finalDensity(circuit: Circuit, slots: ArrayLike<number>): ComplexMatrix {
  const { qubits } = circuit
  let density = zeroMatrix(2 ** qubits)
  density.re[0] = 1
  for (const operation of circuit.operations) {
    density = operatorsOf(operation, slots).map(local => embed(local, operation.wires, operation.controls, qubits))
      .map(k => multiplyMatrices(multiplyMatrices(k, density), conjugateTranspose(k)))
      .reduce((a, b) => addScaled(a, 1, 0, b))
  }
  return density
}

function measureDense(density: ComplexMatrix, measurement: Measurement, qubits: number): readonly number[] {
  if (measurement.kind === 'expectation') {
    const product = multiplyMatrices(density, observableMatrix(measurement.terms, qubits))
    return [Array.from({ length: product.size }, (_, i) => product.re[i * product.size + i] as number)
      .reduce((a, b) => a + b, 0)]
  }
  if (measurement.kind === 'sample') throw new Error('samples have no one value')
  const { wires } = measurement
  const size = 2 ** wires.length
  const re = new Float64Array(size * size), im = new Float64Array(size * size)
  const local = (index: number) => wires.reduce((bits, wire) => 2 * bits + bit(index, qubits, wire), 0)
  const mask = wires.reduce((bits, wire) => bits | (1 << (qubits - 1 - wire)), 0)
  for (let row = 0; row < density.size; row++) {
    for (let column = 0; column < density.size; column++) {
      if ((row & ~mask) !== (column & ~mask)) continue
      const e = local(row) * size + local(column)
      re[e] = (re[e] as number) + (density.re[row * density.size + column] as number)
      im[e] = (im[e] as number) + (density.im[row * density.size + column] as number)
    }
  }
  return measurement.kind === 'density' ? [...re, ...im] : Array.from({ length: size }, (_, i) => re[i * size + i] as number)
}

/** What a circuit reports, by whole matrices. */
export function denseValues(circuit: Circuit, slots: ArrayLike<number>): Float64Array {
  const density = finalDensity(circuit, slots)
  const values = circuit.measurements.flatMap(measurement => measureDense(density, measurement, circuit.qubits))
  expect(values.length).toBe(resultWidth(circuit))
  return Float64Array.from(values)
}

/** One gate with its angle, if it has one, in `slot`. */
export function placeGate(
  name: PrimitiveGateName, wires: readonly number[], slot: number, controls: readonly Control[] = [], inverse = false,
): Operation {
  const isAngle = PRIMITIVE_GATES[name].kind === 'angle'
  return { kind: 'gate', name, wires, controls, angles: isAngle ? [{ slot }] : [], inverse: inverse && !isAngle }
}

/** Some of the numbers 0 … count−1, in random order. */
export function pick(random: () => number, count: number, wanted: number): number[] {
  const all = Array.from({ length: count }, (_, k) => k)
  return Array.from({ length: wanted }, () => all.splice(Math.floor(random() * all.length), 1)[0] as number)
}

/** A random circuit of table gates, Pauli rotations and phases, some under controls, with every kind of measurement. */
export function randomCircuit(random: () => number, qubits: number, length: number, plain = false): Circuit {
  const operations: Operation[] = Array.from({ length: qubits }, (_, wire) => placeGate('ry', [wire], wire))
  let slots = qubits
  for (let k = 0; k < length; k++) {
    const spare = (used: number): Control[] => plain ? [] : pick(random, qubits, Math.floor(random() * 3))
      .slice(0, qubits - used).map(wire => ({ wire, value: random() < 0.5 ? 0 : 1 }))
    const without = (controls: readonly Control[], count: number): number[] =>
      pick(random, qubits, qubits).filter(wire => controls.every(control => control.wire !== wire)).slice(0, count)
    const choice = plain ? 0 : random()
    if (choice < 0.7) {
      const fitting = PRIMITIVE_NAMES.filter(name => PRIMITIVE_GATES[name].qubits <= qubits)
      const name = fitting[Math.floor(random() * fitting.length)] as PrimitiveGateName
      const controls = spare(PRIMITIVE_GATES[name].qubits)
      operations.push(placeGate(name, without(controls, PRIMITIVE_GATES[name].qubits), slots, controls, random() < 0.5))
    } else if (choice < 0.9) {
      const controls = spare(1)
      const wires = without(controls, 1 + Math.floor(random() * 3))
      const word = wires.map(() => 'IXYZ'[Math.floor(random() * 4)]).join('')
      operations.push({ kind: 'pauli_rotation', wires, controls, word, angle: { slot: slots } })
    } else operations.push({ kind: 'global_phase', wires: [], controls: spare(0), angle: { slot: slots } })
    slots++
  }
  return { name: 'random', qubits, operations, slots, measurements: everyMeasurement(qubits) }
}

/** Expectations with every letter, probabilities, and a density matrix. */
export function everyMeasurement(qubits: number): readonly Measurement[] {
  const last = qubits - 1
  return [
    { kind: 'expectation', terms: [{ coefficient: 0.7, word: [[0, 'Z']] }, { coefficient: -0.4, word: [] }] },
    { kind: 'expectation', terms: [{ coefficient: 1.1, word: [[last, 'X']] }, { coefficient: 0.3, word: [[0, 'Y']] }] },
    ...(qubits < 2 ? [] : [
      { kind: 'expectation', terms: [
        { coefficient: 0.9, word: [[last, 'Y'], [0, 'Y']] }, { coefficient: -0.5, word: [[0, 'X'], [last, 'Z']] },
        { coefficient: 0.8, word: [[0, '1'], [last, 'X']] }, { coefficient: 0.6, word: [[0, '0'], [last, '1']] },
      ] } as const,
      { kind: 'density', wires: [last, 0] } as const,
      { kind: 'probabilities', wires: [last, 0] } as const,
    ]),
    { kind: 'density', wires: [0] },
    { kind: 'probabilities', wires: [last] },
  ]
}

export function randomSlots(random: () => number, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => (random() - 0.5) * 2 * Math.PI)
}
