import { describe, expect, it } from 'vitest'
import type { Circuit, Operation } from '../../../quantum/circuit'
import { drawText } from '../../../quantum/draw/text'
import type { Angle } from '../../../quantum/interop/angle'
import { placeGate } from '../support'

const theta: Angle = { name: 'θ', indices: [] }

function drawn(qubits: number, operations: readonly Operation[], measurements: Circuit['measurements'] = [], width?: number): string {
  return `\n${drawText({ name: 'c', qubits, operations, slots: 1, measurements }, [theta], width === undefined ? {} : { width })}`
}

describe('a circuit as text', () => {
  it('a Bell pair and its probabilities', () => {
    expect(drawn(2, [placeGate('h', [0], 0), placeGate('cx', [0, 1], 0)], [{ kind: 'probabilities', wires: [0, 1] }])).toBe(`
       ┌───┐
q[0]: ─┤ H ├─●─┤ p
       └───┘ │
             │
q[1]: ───────⊕─┤ p

reports p(q[0], q[1])
`)
  })

  it('controls on 0 and on 1, an angle, a line through a wire', () => {
    expect(drawn(3, [placeGate('ry', [2], 0, [{ wire: 0, value: 0 }]), placeGate('s', [1], 0, [], true), placeGate('cswap', [2, 0, 1], 0)])).toBe(`
q[0]: ─────○────────────×─
           │            │
           │     ┌────┐ │
q[1]: ─────┼─────┤ S† ├─×─
           │     └────┘ │
       ┌───┴───┐        │
q[2]: ─┤ Ry(θ) ├────────●─
       └───────┘
`)
  })

  it('noise as boxes: of a kind with its strength, by its operators without', () => {
    const kraus: Operation = { kind: 'kraus', wires: [0, 1], controls: [], re: Array.from({ length: 16 }, () => ({ value: 0 })), im: Array.from({ length: 16 }, () => ({ value: 0 })) }
    expect(drawn(2, [{ kind: 'channel', name: 'bit_flip', wires: [0], controls: [], parameter: { value: 0.1 } }, kraus])).toBe(`
       ┌───────────┐ ┌───────┐
q[0]: ─┤ flip(0.1) ├─┤       ├─
       └───────────┘ │ kraus │
                     │       │
q[1]: ───────────────┤       ├─
                     └───────┘
`)
  })

  it('gates on different wires share a column, gates that cross do not', () => {
    const two = drawn(4, [placeGate('cx', [0, 1], 0), placeGate('cx', [2, 3], 0)]), crossed = drawn(4, [placeGate('cx', [0, 2], 0), placeGate('cx', [1, 3], 0)])
    const wire = (text: string, at: number) => text.split('\n').find(line => line.startsWith(`q[${at}]`)) ?? ''
    expect([wire(two, 0), wire(two, 2)]).toEqual(['q[0]: ─●─', 'q[2]: ─●─'])
    expect([wire(crossed, 0), wire(crossed, 1), wire(crossed, 2), wire(crossed, 3)]).toEqual(['q[0]: ─●───', 'q[1]: ─┼─●─', 'q[2]: ─⊕─┼─', 'q[3]: ───⊕─'])
  })

  it('a rotation about a Pauli word names each letter where it acts', () => {
    const rotation: Operation = { kind: 'pauli_rotation', wires: [0, 1, 2], word: 'XIZ', controls: [], angle: { value: -Math.PI / 2 } }
    expect(drawn(3, [rotation, { kind: 'global_phase', wires: [], controls: [], angle: { value: 0.25 } }])).toBe(`
       ┌───────────┐
q[0]: ─┤ X         ├─
       │           │
       │           │
q[1]: ─┤   R(−π/2) ├─
       │           │
       │           │
q[2]: ─┤ Z         ├─
       └───────────┘

global phase: 0.25
`)
  })

  it('what is too wide goes on in another row', () => {
    const text = drawn(1, Array.from({ length: 12 }, () => placeGate('h', [0], 0)), [{ kind: 'expectation', terms: [{ coefficient: -1, word: [[0, 'X']] }] }], 50)
    const wires = text.split('\n').filter(line => line.startsWith('q[0]'))
    expect(wires).toHaveLength(2)
    expect(wires[0]).toMatch(/⋯$/)
    expect(wires[1]).toMatch(/┤ ⟨X⟩$/)
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(50)
    expect(text).toContain('reports ⟨−X(q[0])⟩')
  })

  it('a circuit without gates is its wires', () => {
    expect(drawn(2, [])).toBe('\nq[0]: ─\n\nq[1]: ─\n')
  })
})
