import { describe, expect, it } from 'vitest'
import { compileCircuits } from '../../../compiler/compile'
import type { CompiledCircuit, Host } from '../../../compiler/host'
import { defineModel } from '../../../runtime/index'
import type { Channel, KrausChannel } from '../../../quantum/circuit'
import { pauliWordMatrix } from '../../../quantum/gates'
import { toBpCircuit } from '../../../quantum/interop/bpText'
import { scaleMatrix } from '../../../quantum/linearAlgebra'
import { numberOf } from '../../quantum/interop/circuits'
import { denseUnitary, expectClose, expectSameMatrix, finalDensity, randomCircuit, randomNumbers, randomSlots } from '../../quantum/support'

async function circuitsOf(text: string): Promise<readonly CompiledCircuit[]> {
  const host: Host = { readText: async path => (path === 'c.bp' ? text : undefined), readBytes: async () => undefined, resolve: (_, relative) => relative }
  const { diagnostics, ok, circuits } = await compileCircuits('c.bp', host)
  expect(diagnostics.map(({ message }) => message)).toEqual([])
  expect(ok).toBe(true)
  return circuits
}

describe('a circuit as data', () => {
  it('its angles as arithmetic have the values that its program computes', async () => {
    const [compiled] = await circuitsOf(`circuit c(x: real[2], w: real[2, 3]) -> real {
  qubits q[3]
  ry(2 * w[1]) q
  for l in 0..2 { rz(w[l, :] + x[l]) q; rx(-pi * x[l] / 3) q[l] }
  p(sin(x[0])^2 - tanh(w[0, 1])) q[0]
  rzz(concat([x, w[0]])[3]) q[0], q[2]
  rx(transpose(w)[2, 1]) q[1]
  ry([x[1], 0.5, w[0, 0]]) q
  return expect(Z(q[0]) * Z(q[1]) * Z(q[2]))
}
`)
    if (!compiled) throw new Error('no circuit')
    const inputs = { x: [0.3, -0.7], w: [[0.1, 0.2, 0.4], [1.1, -1.3, 1.7]] }
    const { slots } = await (await defineModel(compiled.slots).create()).predict(inputs)
    const named = Object.fromEntries([
      ...inputs.x.map((value, i) => [`x_${i}`, value] as const), ...inputs.w.flatMap((row, i) => row.map((value, j) => [`w_${i}_${j}`, value] as const)),
    ])
    const angles = compiled.angles.map(angle => numberOf(angle, named))
    expect(angles.length).toBe(compiled.circuit.slots)
    // Both evaluate the same expressions in doubles, in orders that differ by a rounding or two.
    expectClose(angles, (slots as unknown as { readonly data: Float64Array }).data, 1e-14)
  })

  it('what is no arithmetic of elements is a slot by its number', async () => {
    const [compiled] = await circuitsOf('circuit c(x: real[2], w: real[2]) -> real {\n  qubits q[2]\n  rx(dot(x, w)) q[0]\n  rx(x[1]) q[1]\n  return expect(Z(q[0]) * Z(q[1]))\n}\n')
    expect(compiled?.angles).toEqual([{ name: 'slot', indices: [0] }, { name: 'x', indices: [1] }])
  })

  it('wires have the names of the program, and calls give open sizes', async () => {
    const circuits = await circuitsOf(`circuit c(x: real[n]) -> real {
  qubits a
  qubits q[n]
  rx(x) q
  cx q[n - 1], a
  return expect(Z(a) * sum([Z(q[i]) for i in 0..n]))
}
model M {
  input x: real[batch, 3]
  input y: real[2]
  output u = c(x)
  output v = c(y)
}
`)
    expect(circuits.map(({ wireNames }) => wireNames)).toEqual([['a', 'q[0]', 'q[1]', 'q[2]'], ['a', 'q[0]', 'q[1]']])
  })

  it('noise, written as .bp and compiled, is the same noise', async () => {
    const random = randomNumbers(230)
    const plain = randomCircuit(random, 2, 5)
    // √(1−p)·(X ⊗ Z) and √p·(1 ⊗ Y), with imaginary parts.
    const operators = [scaleMatrix(pauliWordMatrix('XZ'), 0.6), scaleMatrix(pauliWordMatrix('IY'), 0.8)]
    const kraus: KrausChannel = {
      kind: 'kraus', wires: [1, 0], controls: [], re: operators.flatMap(({ re }) => Array.from(re, value => ({ value }))), im: operators.flatMap(({ im }) => Array.from(im, value => ({ value }))),
    }
    const damp: Channel = { kind: 'channel', name: 'amplitude_damp', wires: [0], controls: [], parameter: { value: 0.7 } }
    const circuit = { ...plain, operations: [...plain.operations, kraus, damp], measurements: [] }
    const slots = randomSlots(random, circuit.slots)
    const [again] = await circuitsOf(toBpCircuit(circuit, slots))
    if (!again) throw new Error('no circuit')
    expectSameMatrix(finalDensity(again.circuit, []), finalDensity(circuit, slots), 1e-13)
  })

  it.each([1, 2, 3])('random circuits of %i qubits, written as .bp and compiled, have the same matrix', async qubits => {
    const random = randomNumbers(210 + qubits)
    for (let trial = 0; trial < 8; trial++) {
      const circuit = { ...randomCircuit(random, qubits, 12), measurements: [] }
      const slots = randomSlots(random, circuit.slots)
      const [again] = await circuitsOf(toBpCircuit(circuit, slots))
      if (!again) throw new Error('no circuit')
      expect(again.circuit.slots).toBe(0)
      expectSameMatrix(denseUnitary(again.circuit.operations, qubits, []), denseUnitary(circuit.operations, qubits, slots), 1e-13)
    }
  })
})
