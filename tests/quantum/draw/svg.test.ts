import { describe, expect, it } from 'vitest'
import type { Circuit, Operation } from '../../../quantum/circuit'
import { drawSvg, placeCircuit } from '../../../quantum/draw/svg'
import { pick, placeGate, PRIMITIVE_NAMES, randomCircuit, randomNumbers, randomSlots } from '../support'
import { PRIMITIVE_GATES } from '../../../quantum/gates'
import { shortNumber } from '../../../quantum/draw/labels'

/** Names of the elements in order, where every one is closed in its turn; an error where not. */
function elements(xml: string): readonly string[] {
  const open: string[] = [], found: string[] = []
  const rest = xml.replace(/<(\/?)([a-z]+)((?: [\w:-]+="[^"<>]*")*)(\/?)>/g, (_, closing: string, name: string, __: string, empty: string) => {
    if (closing) expect(open.pop()).toBe(name)
    else {
      found.push(name)
      if (!empty) open.push(name)
    }
    return ''
  })
  expect(open).toEqual([])
  // No tag is left, and no ampersand that is not a reference.
  expect(rest).not.toMatch(/<|&(?!amp;|lt;|gt;)/)
  return found
}

describe('a circuit as SVG', () => {
  it.each([1, 2, 3, 5])('random circuits of %i qubits are well-formed, with one group a gate and no overlaps', qubits => {
    const random = randomNumbers(190 + qubits)
    for (let trial = 0; trial < 6; trial++) {
      const circuit = randomCircuit(random, qubits, 25)
      const slots = randomSlots(random, circuit.slots)
      const text = drawSvg(circuit, slots, { width: 500 })
      elements(text)
      const onWires = circuit.operations.filter(({ wires, controls }) => wires.length + controls.length > 0)
      expect(text.match(/<g class="gate/g)).toHaveLength(onWires.length)
      const { placed, width, height } = placeCircuit(circuit, slots, { width: 500 })
      expect(placed).toHaveLength(onWires.length)
      placed.forEach((a, at) => {
        expect(a.left).toBeGreaterThan(0)
        expect(a.top).toBeGreaterThanOrEqual(0)
        expect(a.right).toBeLessThan(width)
        expect(a.bottom).toBeLessThanOrEqual(height)
        for (const b of placed.slice(at + 1)) expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top).toBe(true)
      })
    }
  })

  it('each gate stands in the first column that its wires leave free', () => {
    const random = randomNumbers(200)
    const circuit = randomCircuit(random, 4, 30)
    const items = placeCircuit(circuit, randomSlots(random, circuit.slots)).layout.items
    items.forEach((item, at) => {
      if (item.column === 0) return
      const before = items.slice(0, at).filter(other => other.column === item.column - 1 && other.top <= item.bottom && item.top <= other.bottom)
      expect(before.length, `operation ${at}`).toBeGreaterThan(0)
    })
  })

  it('every gate, under controls on 0 and 1 too, has a box, a target, a cross or dots', () => {
    for (const name of PRIMITIVE_NAMES) {
      const width = PRIMITIVE_GATES[name].qubits
      const circuit: Circuit = {
        name, qubits: 6, slots: 1, measurements: [],
        operations: [placeGate(name, pick(randomNumbers(1), 4, width), 0), placeGate(name, pick(randomNumbers(2), 4, width), 0, [{ wire: 4, value: 1 }, { wire: 5, value: 0 }])],
      }
      const [plain = '', controlled = ''] = drawSvg(circuit, [0.3]).split('\n').filter(line => line.startsWith('<g class="gate'))
      expect(plain).toMatch(/<rect|class="target"|class="link"|class="dot"/)
      expect(controlled).toContain('class="dot"')
      expect(controlled).toContain('class="ring"')
    }
  })

  it('text from outside is escaped', () => {
    const operations: readonly Operation[] = [placeGate('rx', [0], 0)]
    const text = drawSvg({ name: 'a<b&c', qubits: 1, operations, slots: 1, measurements: [] }, [{ name: 'x<y', indices: [] }], { wireNames: ['q&r'] })
    elements(text)
    expect(text).toContain('q&amp;r')
    expect(text).toContain('x&lt;y')
  })

  it('has colours for light and for dark, and a name for readers of screens', () => {
    const text = drawSvg({ name: 'bell', qubits: 1, operations: [], slots: 0, measurements: [] }, [])
    expect(text).toContain('prefers-color-scheme: dark')
    expect(text).toContain('<title>circuit bell</title>')
    expect(text).toContain('role="img"')
  })

  it.each([
    [Math.PI, 'π'], [-Math.PI / 2, '−π/2'], [(3 * Math.PI) / 4, '3π/4'], [0, '0'], [0.5, '0.5'], [-1.23456, '−1.23'], [1e-9, '1e−9'], [3.14, '3.14'],
  ])('writes %f as %s', (value, text) => {
    expect(shortNumber(value)).toBe(text)
  })
})
