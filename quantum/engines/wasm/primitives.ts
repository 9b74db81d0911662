/**
 * Operations as the few primitives that code is generated for: every gate of the table is made of flips, turns about X or Y, and
 * diagonal phases, up to a global phase, which no number that a circuit reports can see.
 */
import type { Control, Operand, Operation, TableGate } from '../../circuit'
import { builtInControls } from '../../gateShapes'
import { bitOf, wordMasks } from '../subspace'

/** Basis states i with i & mask = value. */
export interface Condition { readonly mask: number; readonly value: number }

export interface Flip { readonly kind: 'flip'; readonly target: number; readonly where: Condition }

/** exp(−iσφ·X) or exp(−iσφ·Y) on the bit `target`, with σ = (−1)^|i & z|. */
export interface Turn { readonly kind: 'turn'; readonly axis: 'x' | 'y'; readonly target: number; readonly z: number; readonly where: Condition; readonly angle: number }

/** e^{−iσφ} with σ = (−1)^|i & z|, or without z e^{iφ}. */
export interface Phase { readonly kind: 'phase'; readonly z: number; readonly where: Condition; readonly angle: number; /** φ is ±π and z is 0. */ readonly isSign: boolean }

/** All masks are over the bits of a basis state's index. */
export type Primitive = Flip | Turn | Phase

/** φ = scale·θ, from a slot or a constant. */
export interface Angle { readonly operand: Operand; readonly scale: number }

/** Collects the angles of primitives; constants that are equal are one. */
export class Angles {
  readonly list: Angle[] = []
  private readonly constants = new Map<number, number>()

  of(operand: Operand, scale: number): number {
    if ('slot' in operand) return this.list.push({ operand, scale }) - 1
    const value = operand.value * scale
    const known = this.constants.get(value)
    if (known !== undefined) return known
    const at = this.list.push({ operand: { value }, scale: 1 }) - 1
    this.constants.set(value, at)
    return at
  }
}

/** The primitives of an operation in the order in which they act; undefined where there are none for it. */
export function primitivesOf(qubits: number, operation: Operation, angles: Angles): readonly Primitive[] | undefined {
  const writer = new PrimitiveWriter(qubits, conditionOf(qubits, operation.controls), angles)
  switch (operation.kind) {
    case 'gate': writer.gate(operation); break
    case 'pauli_rotation': writer.word(operation.wires, operation.word, operation.angle); break
    case 'global_phase': writer.phase(0, operation.angle); break
    case 'unitary': case 'amplitudes': case 'evolution': case 'channel': case 'kraus': return undefined
    default: return operation satisfies never
  }
  return writer.primitives
}

function conditionOf(qubits: number, controls: readonly Control[]): Condition {
  return controls.reduce((where, { wire, value }) => also(where, bitOf(qubits, wire), value), { mask: 0, value: 0 })
}

const also = ({ mask, value }: Condition, bits: number, carries = 1): Condition => ({ mask: mask | bits, value: carries === 1 ? value | bits : value })

/** The primitives of a state up to this size act in registers alone. */
export const SMALL_QUBITS = 5

class PrimitiveWriter {
  readonly primitives: Primitive[] = []

  constructor(private readonly qubits: number, private where: Condition, private readonly angles: Angles) {}

  gate(gate: TableGate): void {
    const { base, controls } = builtInControls(gate.name)
    const bits = gate.wires.map(wire => bitOf(this.qubits, wire))
    for (const bit of bits.slice(0, controls)) this.where = also(this.where, bit)
    const wires = gate.wires.slice(controls)
    const [first = 0, second = 0, third = 0, fourth = 0] = bits.slice(controls)
    const [angle = { value: 0 }] = gate.angles
    const sign = gate.inverse ? -1 : 1
    const phase = (bit: number, value: number) => this.phase(bit, { value: sign * value })
    switch (base) {
      case 'id': return
      case 'x': return this.flip(first)
      // Y = iXZ
      case 'y': this.phase(0, { value: Math.PI / 2 }); phase(first, Math.PI); return this.flip(first)
      case 'z': return phase(first, Math.PI)
      // H = RY(π/2)·Z
      case 'h': phase(first, Math.PI); return this.turn('y', first, 0, { value: Math.PI / 2 }, 0.5)
      case 's': return phase(first, Math.PI / 2)
      case 'sdg': return phase(first, -Math.PI / 2)
      case 't': return phase(first, Math.PI / 4)
      case 'tdg': return phase(first, -Math.PI / 4)
      // √X = e^{iπ/4}·RX(π/2)
      case 'sx': phase(0, Math.PI / 4); return this.turn('x', first, 0, { value: sign * Math.PI / 2 }, 0.5)
      case 'swap': return this.swap(first, second)
      // SWAP·CZ·(S⊗S)
      case 'iswap':
        phase(first, Math.PI / 2)
        phase(second, Math.PI / 2)
        phase(first | second, Math.PI)
        return this.swap(first, second)
      case 'rx': return this.turn('x', first, 0, angle, 0.5)
      case 'ry': return this.turn('y', first, 0, angle, 0.5)
      case 'rz': return this.parity(first, angle, 0.5)
      case 'p': return this.phase(first, angle)
      case 'rxx': return this.word(wires, 'XX', angle)
      case 'ryy': return this.word(wires, 'YY', angle)
      case 'rzz': return this.word(wires, 'ZZ', angle)
      case 'rzx': return this.word(wires, 'ZX', angle)
      // In the plane of |10⟩ and |01⟩: the flip by the first takes |10⟩ to |11⟩, so the first turns where the second is 1.
      case 'single_excitation': return this.plane(first, [second], angle, { mask: second, value: second })
      // |1100⟩ goes to |1011⟩, which differs from |0011⟩ in the first alone.
      case 'double_excitation': return this.plane(first, [second, third, fourth], angle, { mask: second | third | fourth, value: third | fourth })
      default: base satisfies never
    }
  }

  /** exp(−iθP/2) for the word P = i^ys·XˣZᶻ: flips by one bit of x leave that bit as the only one, where X or Y acts. */
  word(wires: readonly number[], word: string, angle: Operand): void {
    const letters = wires.map((wire, w) => [wire, word[w] ?? 'I'] as const).filter(([, letter]) => letter !== 'I')
    const { x, z } = wordMasks(this.qubits, letters)
    if (x === 0) return z === 0 ? this.phase(0, angle, -0.5) : this.parity(z, angle, 0.5)
    const pivot = highestBit(x)
    const others = bitsOf(x & ~pivot)
    // The flips turn Zᶻ of the others into as many Z on the pivot.
    const moved = others.filter(bit => (z & bit) !== 0).length
    const hasZ = (moved + ((z & pivot) === 0 ? 0 : 1)) % 2 === 1
    const ys = letters.filter(([, letter]) => letter === 'Y').length
    // What is left is i^ys·X, or i^ys·XZ = i^{ys−1}·Y: ±1 times it, since it is Hermitian.
    const sign = (ys - (hasZ ? 1 : 0)) % 4 === 0 ? 1 : -1
    for (const bit of others) this.flipBy(pivot, bit)
    this.turn(hasZ ? 'y' : 'x', pivot, z & ~pivot, angle, sign * 0.5)
    for (const bit of others) this.flipBy(pivot, bit)
  }

  phase(bits: number, angle: Operand, scale = 1): void {
    const where = also(this.where, bits)
    // A global phase.
    if (where.mask === 0) return
    const isSign = 'value' in angle && Math.abs(angle.value * scale) === Math.PI
    this.primitives.push({ kind: 'phase', z: 0, where, angle: this.angles.of(angle, scale), isSign })
  }

  private flip(target: number): void {
    this.primitives.push({ kind: 'flip', target, where: this.where })
  }

  /** What conjugates needs no controls. */
  private flipBy(control: number, target: number): void {
    this.primitives.push({ kind: 'flip', target, where: { mask: control, value: control } })
  }

  private turn(axis: 'x' | 'y', target: number, z: number, angle: Operand, scale: number): void {
    if (axis === 'x' && this.qubits > SMALL_QUBITS) {
      // RZ(π/2)·X·RZ(−π/2) = Y, and what conjugates needs no controls; phases meet others in tables, and Y leaves parts alone.
      const { where } = this
      const conjugate = (angle: number) => {
        this.where = { mask: 0, value: 0 }
        this.parity(target, { value: angle }, 0.5)
        this.where = where
      }
      conjugate(Math.PI / 2)
      this.turn('y', target, z, angle, scale)
      return conjugate(-Math.PI / 2)
    }
    this.primitives.push({ kind: 'turn', axis, target, z, where: this.where, angle: this.angles.of(angle, scale) })
  }

  private parity(z: number, angle: Operand, scale: number): void {
    this.primitives.push({ kind: 'phase', z, where: this.where, angle: this.angles.of(angle, scale), isSign: false })
  }

  private swap(a: number, b: number): void {
    this.flipBy(a, b)
    this.primitives.push({ kind: 'flip', target: a, where: also(this.where, b) })
    this.flipBy(a, b)
  }

  private plane(first: number, others: readonly number[], angle: Operand, within: Condition): void {
    for (const bit of others) this.flipBy(first, bit)
    const { where } = this
    this.where = { mask: where.mask | within.mask, value: where.value | within.value }
    this.turn('y', first, 0, angle, 0.5)
    this.where = where
    for (const bit of others) this.flipBy(first, bit)
  }
}

const highestBit = (mask: number): number => 1 << (31 - Math.clz32(mask))

export function bitsOf(mask: number): readonly number[] {
  const bits: number[] = []
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits.push(rest & -rest)
  return bits
}

/** Bits that a primitive mixes or exchanges; all others it only reads. */
export const targetsOf = (primitive: Primitive): number => (primitive.kind === 'phase' ? 0 : primitive.target)

export const readsOf = (primitive: Primitive): number => primitive.where.mask | (primitive.kind === 'flip' ? 0 : primitive.z)

/** Whether its matrix is. */
export const isReal = (primitive: Primitive): boolean => (primitive.kind === 'phase' ? primitive.isSign : primitive.kind === 'flip' || primitive.axis === 'y')

/** Whether where a flip takes an amplitude is linear over the bits of where it was, or linear up to a constant. */
export const isLinear = ({ where: { mask } }: Flip): boolean => (mask & (mask - 1)) === 0

/** The same primitive where bits have other places. @param place of a mask */
export function renamed(primitive: Primitive, place: (mask: number) => number): Primitive {
  const where = { mask: place(primitive.where.mask), value: place(primitive.where.value) }
  switch (primitive.kind) {
    case 'flip': return { ...primitive, where, target: place(primitive.target) }
    case 'turn': return { ...primitive, where, target: place(primitive.target), z: place(primitive.z) }
    case 'phase': return { ...primitive, where, z: place(primitive.z) }
    default: return primitive satisfies never
  }
}

/** The same backwards: turns and phases by the negated angle, which the code that undoes them takes care of. */
export const reversed = (primitives: readonly Primitive[]): readonly Primitive[] => [...primitives].reverse()
