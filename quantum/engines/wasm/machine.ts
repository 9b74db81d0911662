/** A circuit's code and memory: everything that its runs do, as functions over addresses. */
import { ModuleWriter } from '../../../wasm/module'
import type { Circuit } from '../../circuit'
import type { RealArray, Statevector } from '../step'
import { angledOf, GROUP, keyOf, NUMBER_BYTES, writeGroup, type GroupOptions, type StateDistances } from './groupCode'
import { DOUBLES, SINGLES, type Lanes } from './lanes'
import { planDiagonal, type DiagonalPlan } from './diagonal'
import { TERM_BYTES, termFunction, writeTerms, type ObservableSite, type TermUse, type WordTerm } from './observables'
import { fixedBut, passBytes, writePass, writePasses, type Call, type PassCalls } from './passes'
import { permutationBytes, permutationFunction, permutationRoom, writePermutation } from './permutations'
import type { Angles, Primitive } from './primitives'
import type { DiagonalGroup } from './schedule'
import { tableBytes, tableFunctions, tableNumbersBytes, writeTableNumbers } from './tables'
import { planPasses, ROW_BYTES, TILE_BITS, type Pass } from './tiles'
import { ANGLE_BYTES, rowBytes, writeAngles } from './trigonometry'

/**
 * Bits mixed at a time: what is mixed, of one state or of two, and what is computed from it, fill the 16 vector registers of a machine.
 * One more was no faster, since what is spilled costs as much as a pass, and takes twice the code.
 */
const LOCALS = { forward: { real: 3, complex: 2 }, backward: { real: 2, complex: 2 } } as const
/** Primitives of a group in registers at most: what they take in code grows with the amplitudes of each. */
const LONGEST_GROUP = 40
/** States up to this size are not worth a table or a rearrangement. */
const SMALL_BITS = 5
/** Fewest phases worth a table, and flips worth a rearrangement. */
const TABLE_PHASES = 3
const PERMUTATION_FLIPS = 3

/** Lines of the cache by which the parts of states are apart beyond a power of two, so that they do not fall on the same ones. */
const STAGGER = 5 * 64

/** A state in the memory. */
export interface PlacedState extends Statevector { readonly address: number }

/** Passes that lie one after the other; the k-th begins at starts[k], and the last ends at the last of `starts`. */
export interface PassList { readonly passes: readonly Pass[]; readonly starts: readonly number[] }

/** A record of 32 bytes: a function's number, and up to five numbers that it reads. */
export interface MachineRecord { readonly number: number; readonly fields: readonly number[] }

interface Exports {
  readonly angles: (list: number, end: number, rows: number) => void
  readonly launch: (pass: number, end: number, state: number) => void
  readonly shifted: (list: number, rows: number, prefix: number, pass: number, end: number, state: number) => void
  readonly run: (pass: number, end: number, state: number) => void
  /** The same, back through two states. */
  readonly sweep: (pass: number, end: number, state: number) => void
  readonly start: (state: number) => void
  readonly copy: (from: number, to: number) => void
  readonly terms: (first: number, end: number, state: number) => void
  readonly clear: (state: number) => void
}

/** Takes room in memory before there is one. */
class Room {
  private bytes = 1024
  take(bytes: number, alignment = 16): number {
    const address = Math.ceil(this.bytes / alignment) * alignment
    this.bytes = address + bytes
    return address
  }

  get end(): number {
    return this.bytes
  }
}

export class Machine {
  readonly v: Lanes
  readonly slots: Float64Array
  /** ψ, λ, and the state before a shifted gate. */
  readonly states: readonly [PlacedState, PlacedState, PlacedState]
  readonly exports: Exports
  readonly view: DataView
  readonly doubles: Float64Array
  /** The same memory as numbers of the state's precision. */
  readonly reals: RealArray
  /** Of a vector, and bytes of each. */
  readonly lanes: number
  readonly bytes: number
  readonly angleList: number
  readonly rows: number
  readonly slopes: number
  private readonly angleOrder: readonly number[]
  private readonly variable: number

  constructor(circuit: Circuit, private readonly layout: MachineLayout, memory: WebAssembly.Memory) {
    const { v, module, angles } = layout
    this.v = v
    const states = layout.stateAddresses
    const { buffer } = memory
    this.view = new DataView(buffer)
    this.doubles = new Float64Array(buffer, 0, Math.floor(states[0] / 8))
    this.reals = v.bytes === 8 ? this.doubles : new Float32Array(buffer, 0, Math.floor(states[0] / 4))
    this.lanes = 1 << v.bits
    this.bytes = v.bytes
    this.slots = new Float64Array(buffer, layout.slots, circuit.slots)
    const reals = (address: number): RealArray => (v.bytes === 8 ? new Float64Array(buffer, address, 2 ** circuit.qubits) : new Float32Array(buffer, address, 2 ** circuit.qubits))
    const placed = (address: number): PlacedState => ({ address, re: reals(address), im: reals(address + layout.distances.imaginary) })
    this.states = [placed(states[0]), placed(states[1]), placed(states[2])]
    this.angleList = layout.angleList
    this.rows = layout.rows
    this.slopes = layout.slopes
    this.angleOrder = layout.angleOrder
    this.variable = angles.list.filter(({ operand }) => 'slot' in operand).length
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), module.importsWith(memory)).exports as unknown as Exports
    layout.write(this)
  }

  /** Reads all slots. */
  load(): void {
    if (this.variable > 0) this.exports.angles(this.angleList, this.angleList + this.variable * ANGLE_BYTES, this.rows)
  }

  /** Reads one angle's slot, and its neighbour's. */
  loadAngle(angle: number): void {
    const list = this.listOf(angle)
    this.exports.angles(list, list + ANGLE_BYTES, this.rowOf(angle))
  }

  listOf(angle: number): number {
    return this.angleList + (this.angleOrder[angle] ?? 0) * ANGLE_BYTES
  }

  rowOf(angle: number): number {
    return this.rows + (this.angleOrder[angle] ?? 0) * rowBytes(this.bytes === 8 ? 8 : 4)
  }

  /** Σ of an angle's slope, as the passes back leave it. */
  slope(angle: number): number {
    return this.doubles[this.slopes / 8 + angle] as number
  }

  clearSlopes(): void {
    this.doubles.fill(0, this.slopes / 8, this.slopes / 8 + this.layout.angles.list.length)
  }
}

/** Collects what a circuit needs of code and memory, and then places the states behind it. */
export class MachineLayout {
  readonly v: Lanes
  readonly module = new ModuleWriter()
  readonly room = new Room()
  readonly angles: Angles
  readonly distances: StateDistances
  readonly slots: number
  private readonly bits: number
  private readonly partBytes: number
  private readonly writes: ((machine: Machine) => void)[] = []
  /** Where the tables of a pass are, and what is gathered over them. */
  private readonly tables: { readonly table: number; readonly gathered: number }[] = []
  /** Room for a tile while it is rearranged. */
  private rearranged: number | undefined
  angleList = 0
  rows = 0
  slopes = 0
  angleOrder: readonly number[] = []
  stateAddresses: readonly [number, number, number] = [0, 0, 0]

  /** @param angles of all primitives of the circuit */
  constructor(private readonly circuit: Circuit, angles: Angles) {
    this.angles = angles
    this.v = circuit.precision === 'f32' ? SINGLES : DOUBLES
    // A state of fewer amplitudes than a vector has lanes is padded with zeros.
    this.bits = Math.max(circuit.qubits, this.v.bits)
    this.partBytes = 2 ** this.bits * this.v.bytes
    // Tiles that are gathered lie behind a part.
    const part = this.partBytes + (this.bits > TILE_BITS ? 2 ** TILE_BITS * this.v.bytes : 0) + STAGGER
    this.distances = { imaginary: part, lambda: 2 * part }
    this.slots = this.room.take(8 * circuit.slots)
    this.placeAngles()
    writePasses(this.module, this.v, this.distances, { part: this.partBytes, row: ROW_BYTES }, writeAngles(this.module, this.v.bytes))
    writeTerms(this.observables)
  }

  private get observables(): ObservableSite {
    return { module: this.module, v: this.v, distances: this.distances, bytes: this.partBytes }
  }

  private placeAngles(): void {
    const { room, angles: { list } } = this
    // Those of slots first, so that a new row reads them alone; behind the last one more is read in vain.
    const order = [...list.keys()].sort((a, b) => Number('value' in (list[a]?.operand ?? {})) - Number('value' in (list[b]?.operand ?? {})) || a - b)
    const place = list.map(() => 0)
    order.forEach((angle, k) => { place[angle] = k })
    this.angleOrder = place
    this.angleList = room.take((list.length + 1) * ANGLE_BYTES)
    this.rows = room.take((list.length + 1) * rowBytes(this.v.bytes))
    this.slopes = room.take(8 * list.length)
    const constants = room.take(8 * list.length)
    this.writes.push(({ view, exports }) => {
      list.forEach(({ operand, scale }, angle) => {
        const at = this.angleList + (place[angle] ?? 0) * ANGLE_BYTES
        if ('value' in operand) view.setFloat64(constants + 8 * angle, operand.value, true)
        view.setUint32(at, 'slot' in operand ? this.slots + 8 * operand.slot : constants + 8 * angle, true)
        view.setFloat64(at + 8, scale, true)
      })
      if (list.length > 0) exports.angles(this.angleList, this.angleList + list.length * ANGLE_BYTES, this.rows)
    })
  }

  /**
   * Passes through primitives, or, of their reverse, back through them.
   * @param isFirst whether they find the state at |0…0⟩
   */
  passes(primitives: readonly Primitive[], direction: 'forward' | 'backward', isFirst: boolean): PassList {
    const { v, room } = this
    const passes = planPasses(primitives, {
      bits: this.bits, bytes: v.bytes, live: isFirst ? 0 : 2 ** this.bits - 1,
      groups: { laneBits: v.bits, locals: LOCALS[direction], length: LONGEST_GROUP, isSmall: this.bits <= SMALL_BITS, tablePhases: TABLE_PHASES, permutationFlips: PERMUTATION_FLIPS },
    }, direction === 'backward')
    const calls = passes.map(pass => this.callsOf(pass, direction))
    const starts = calls.map(() => 0)
    let first = room.take(calls.reduce((sum, pass) => sum + passBytes(pass), 0))
    for (const [k, pass] of passes.entries()) {
      const at = first, own = calls[k] as PassCalls
      starts[k] = at
      first += passBytes(own)
      this.writes.push(({ view }) => writePass(view, at, pass, own, v))
    }
    return { passes, starts: [...starts, first] }
  }

  /** Code and numbers of a pass's groups. */
  private callsOf({ tileBits, groups }: Pass, direction: 'forward' | 'backward'): PassCalls {
    const { v, distances, module, room } = this
    const options: GroupOptions = { v, distances, isBackward: direction === 'backward', hasSlope: angle => this.hasSlope(angle) }
    const before: Call[] = [], after: Call[] = []
    let tables = 0
    const calls = groups.map(({ group, live }): Call => {
      if (group.kind === 'diagonal') {
        const functions = tableFunctions(module, v, distances, direction)
        const numbers = this.tableNumbers(group, 2 ** tileBits * v.bytes, tables++, direction)
        before.push({ number: functions.before, numbers, fixed: 0 })
        if (functions.after !== undefined) after.push({ number: functions.after, numbers, fixed: 0 })
        return { number: functions.act, numbers, fixed: fixedBut(live, v) }
      }
      if (group.kind === 'permutation') {
        const tileBytes = 2 ** tileBits * v.bytes
        const numbers = room.take(permutationBytes(group.primitives))
        this.rearranged ??= room.take(permutationRoom(tileBytes), 64)
        const { rearranged } = this
        this.writes.push(({ view }) => writePermutation(view, numbers, v, tileBits, group.primitives, rearranged))
        return { number: permutationFunction(module, v, distances, direction === 'backward' ? 2 : 1, tileBytes), numbers, fixed: fixedBut(live, v) }
      }
      const number = module.number(keyOf(group, options), GROUP, f => { writeGroup(f, group, options) })
      const angled = angledOf(group)
      const numbers = room.take(angled.length * NUMBER_BYTES)
      this.writes.push(({ view }) => angled.forEach(({ angle }, k) => {
        view.setUint32(numbers + k * NUMBER_BYTES, this.rowOf(angle), true)
        view.setUint32(numbers + k * NUMBER_BYTES + 4, this.slopes + 8 * angle, true)
      }))
      return { number, numbers, fixed: fixedBut(live & ~group.local, v) }
    })
    return { before, groups: calls, after }
  }

  /** @param at which table of its pass it is: passes share their memory */
  private tableNumbers({ primitives }: DiagonalGroup, tileBytes: number, at: number, direction: 'forward' | 'backward'): number {
    const { v, room, tables } = this
    const place = tables[at] ?? { table: room.take(tableBytes(2 ** Math.min(this.bits, TILE_BITS) * v.bytes), 64), gathered: room.take(2 ** Math.min(this.bits, TILE_BITS) * v.bytes, 64) }
    tables[at] = place
    const numbers = room.take(tableNumbersBytes(primitives.length))
    this.writes.push(({ view }) => {
      const places = primitives.map(phase => ({ phase, row: this.rowOf(phase.angle), slope: this.hasSlope(phase.angle) ? this.slopes + 8 * phase.angle : undefined }))
      writeTableNumbers(view, numbers, v, tileBytes, places, place.table, direction === 'backward' ? place.gathered : undefined)
    })
    return numbers
  }

  private hasSlope(angle: number): boolean {
    return 'slot' in (this.angles.list[angle]?.operand ?? {})
  }

  private rowOf(angle: number): number {
    return this.rows + (this.angleOrder[angle] ?? 0) * rowBytes(this.v.bytes)
  }

  /** What acts a term. */
  term(term: WordTerm, use: TermUse): MachineRecord {
    // Lanes have no offsets in bytes: code knows them.
    const offset = (mask: number) => (mask * this.v.bytes) & -16
    return { number: termFunction(this.observables, use, term), fields: [offset(term.x), offset(term.z), offset(term.where.mask), offset(term.where.value)] }
  }

  diagonal(words: readonly number[]): DiagonalPlan {
    return planDiagonal(this.observables, this.bits, words, bytes => this.room.take(bytes))
  }

  /** Places records one after the other. @returns where the first is */
  records(records: readonly MachineRecord[]): number {
    const address = this.room.take(records.length * TERM_BYTES)
    this.writes.push(({ view }) => {
      records.forEach(({ number, fields }, k) => [number, ...fields].forEach((field, i) => view.setUint32(address + k * TERM_BYTES + 4 * i, field, true)))
    })
    return address
  }

  /** @returns undefined where there is no memory for it */
  build(): Machine | undefined {
    const part = this.distances.imaginary
    const first = this.room.take(0, 64)
    this.stateAddresses = [first, first + 2 * part, first + 4 * part]
    this.room.take(6 * part)
    const memory = allocate(this.room.end)
    return memory && new Machine(this.circuit, this, memory)
  }

  write(machine: Machine): void {
    for (const write of this.writes) write(machine)
  }
}

function allocate(bytes: number): WebAssembly.Memory | undefined {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) + 1 })
  } catch (error) {
    // Hosts reserve gigabytes of addresses for each, and may be out of them long before they are out of memory.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
