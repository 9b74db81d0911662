/** What a circuit needs of code and memory, collected before there is any; the states stand behind all else. */
import { ModuleWriter, type Callee } from '../../../wasm/module'
import { resultWidth, type Circuit } from '../../circuit'
import { BatchSpace, SLOPE_BYTES, writeBatch } from './batchCode'
import { planDiagonal, type DiagonalPlan } from './diagonal'
import { angledOf, GROUP, keyOf, NUMBER_BYTES, writeGroup, type GroupOptions, type StateDistances } from './groupCode'
import { DOUBLES, SINGLES, type Lanes } from './lanes'
import { Machine, type MachinePlan, type PassList } from './machine'
import { TERM_BYTES, termFunction, writeTerms, type ObservableSite, type TermCode, type TermUse, type WordTerm } from './observables'
import { fixedBut, passBytes, writePass, writePasses, type Call, type PassCalls, type PassCode } from './passes'
import { permutationBytes, permutationFunction, permutationRoom, writePermutation } from './permutations'
import type { Angles, Primitive } from './primitives'
import { writeReports, type ReadoutPlaces, type ReportCode } from './reportCode'
import { allocate, LINE, Room, ROOM_START, type Records } from './room'
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

/** Of all threads but one: states so large that they need more are better left to one. */
const MOST_BYTES_OF_IMAGES = 2 ** 26

/** A record of 32 bytes: a function's number, and up to five numbers that it reads, the first of them addresses. */
export interface MachineRecord { readonly number: number; readonly fields: readonly number[]; readonly addresses?: number }

/** Writes the numbers of an image. */
type Writer = (machine: Machine, image: number) => void

export class MachineLayout implements MachinePlan {
  readonly v: Lanes
  readonly module = new ModuleWriter()
  readonly distances: StateDistances
  readonly slots: number
  readonly angleList: number
  readonly slopes: Records
  state = 0
  private readonly room = new Room()
  private readonly bits: number
  private readonly partBytes: number
  private readonly writes: Writer[] = []
  /** Where the tables of a pass are, and what is gathered over them. */
  private readonly tables: { readonly table: number; readonly gathered: number }[] = []
  /** Room for a tile while it is rearranged. */
  private rearranged: number | undefined
  /** Of each angle, its place in the list. */
  private readonly angleOrder: readonly number[]
  private readonly rows: number
  private readonly code: PassCode & { readonly angles: Callee; readonly terms: TermCode }
  private reports: ReportCode | undefined

  /** @param angles of all primitives of the circuit */
  constructor(private readonly circuit: Circuit, readonly angles: Angles) {
    this.v = circuit.precision === 'f32' ? SINGLES : DOUBLES
    // A state of fewer amplitudes than a vector has lanes is padded with zeros.
    this.bits = Math.max(circuit.qubits, this.v.bits)
    this.partBytes = 2 ** this.bits * this.v.bytes
    // Tiles that are gathered lie behind a part.
    const part = this.partBytes + (this.bits > TILE_BITS ? 2 ** TILE_BITS * this.v.bytes : 0) + STAGGER
    this.distances = { imaginary: part, lambda: 2 * part }
    const { room, module, v, angles: { list } } = this
    this.slots = room.take(8 * circuit.slots)
    this.angleOrder = orderOf(angles)
    this.angleList = room.take((list.length + 1) * ANGLE_BYTES)
    this.rows = room.take((list.length + 1) * rowBytes(v.bytes))
    const first = room.take(8 * list.length)
    this.slopes = { first, end: first + 8 * list.length }
    this.placeAngles(room.take(8 * list.length))
    const read = writeAngles(module, v.bytes)
    this.code = { angles: read, ...writePasses(module, v, this.distances, { part: this.partBytes, row: ROW_BYTES }, read), terms: writeTerms(this.observables) }
  }

  private get observables(): ObservableSite {
    return { module: this.module, v: this.v, distances: this.distances, bytes: this.partBytes }
  }

  listOf(angle: number): number {
    return this.angleList + (this.angleOrder[angle] ?? 0) * ANGLE_BYTES
  }

  rowOf(angle: number): number {
    return this.rows + (this.angleOrder[angle] ?? 0) * rowBytes(this.v.bytes)
  }

  slopeOf(angle: number): number {
    return this.slopes.first + 8 * angle
  }

  private placeAngles(constants: number): void {
    const { angles: { list }, angleList } = this
    this.writes.push(({ view, exports }, image) => {
      list.forEach(({ operand, scale }, angle) => {
        const at = image + this.listOf(angle)
        if ('value' in operand) view.setFloat64(image + constants + 8 * angle, operand.value, true)
        view.setUint32(at, image + ('slot' in operand ? this.slots + 8 * operand.slot : constants + 8 * angle), true)
        view.setUint32(at + 4, image + this.rowOf(angle), true)
        view.setFloat64(at + 8, scale, true)
      })
      if (list.length > 0) exports.angles(image + angleList, image + angleList + list.length * ANGLE_BYTES)
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
      this.writes.push(({ view }, image) => writePass(view, image + at, pass, movedCalls(own, image), v))
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
        this.writes.push(({ view }, image) => writePermutation(view, image + numbers, v, tileBits, group.primitives, image + rearranged))
        return { number: permutationFunction(module, v, distances, direction === 'backward' ? 2 : 1, tileBytes), numbers, fixed: fixedBut(live, v) }
      }
      const number = module.number(keyOf(group, options), GROUP, f => { writeGroup(f, group, options) })
      const angled = angledOf(group)
      const numbers = room.take(angled.length * NUMBER_BYTES)
      this.writes.push(({ view }, image) => angled.forEach(({ angle }, k) => {
        view.setUint32(image + numbers + k * NUMBER_BYTES, image + this.rowOf(angle), true)
        view.setUint32(image + numbers + k * NUMBER_BYTES + 4, image + this.slopeOf(angle), true)
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
    this.writes.push(({ view }, image) => {
      const places = primitives.map(phase => ({ phase, row: image + this.rowOf(phase.angle), slope: this.hasSlope(phase.angle) ? image + this.slopeOf(phase.angle) : undefined }))
      writeTableNumbers(view, image + numbers, v, tileBytes, places, image + place.table, direction === 'backward' ? image + place.gathered : undefined)
    })
    return numbers
  }

  private hasSlope(angle: number): boolean {
    return 'slot' in (this.angles.list[angle]?.operand ?? {})
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

  /** Places records one after the other. */
  records(records: readonly MachineRecord[]): Records {
    return this.place(TERM_BYTES, records, (view, at, { number, fields, addresses = 0 }, image) => {
      [number, ...fields].forEach((field, i) => view.setUint32(at + 4 * i, field + (i > 0 && i <= addresses ? image : 0), true))
    })
  }

  /** Places records of any kind, `bytes` each. @param write told the record's address, and how far its image is from the first */
  place<R>(bytes: number, records: readonly R[], write: (view: DataView, at: number, record: R, image: number) => void): Records {
    const first = this.room.take(records.length * bytes)
    this.writes.push(({ view }, image) => records.forEach((record, k) => write(view, image + first + k * bytes, record, image)))
    return { first, end: first + records.length * bytes }
  }

  /** The code that reports what is placed so. */
  report(places: ReadoutPlaces): void {
    this.reports = writeReports({ ...this.observables, terms: this.code.terms }, places)
  }

  /**
   * @param stretch the only one of the circuit, where a batch of it may run in one call
   * @param threads whose images there is room for
   * @returns undefined where there is no memory for it
   */
  build(stretch: { readonly forward: PassList; readonly backward: PassList | undefined } | undefined, threads: number): Machine | undefined {
    const { room, circuit, distances: { imaginary: part }, reports, code } = this
    const variable = this.angles.list.filter(({ operand }) => 'slot' in operand).length
    const lists = room.take((variable + 2) * ANGLE_BYTES), wanted = room.take(variable * SLOPE_BYTES)
    this.state = room.take(4 * part, 64)
    const image = room.take(0, LINE) - ROOM_START
    const batch = new BatchSpace(room, 8 * circuit.slots, 8 * resultWidth(circuit), stretch?.backward ? 2 * part : 0, stretch !== undefined)
    // The first that is kept is the state before a shifted gate, too.
    batch.kept = room.take(Math.max(2 * part, batch.rows * batch.stateBytes), LINE)
    if (stretch && reports) {
      writeBatch({
        ...code, ...reports, module: this.module, batch,
        image: { slots: this.slots, angles: lists, state: this.state, slopes: this.slopes, wanted, forward: recordsOf(stretch.forward), backward: stretch.backward && recordsOf(stretch.backward) },
      })
    }
    const end = room.take(0, LINE)
    const isShared = threads > 1 && (threads - 1) * image <= MOST_BYTES_OF_IMAGES
    const shared = isShared ? allocate(end + (threads - 1) * image, true) : undefined
    const memory = shared ?? allocate(end, false)
    if (!memory) return undefined
    const images = [0, ...Array.from({ length: shared ? threads - 1 : 0 }, (_, thread) => end - ROOM_START + thread * image)]
    return new Machine(circuit, this, { batch, memory, images, isShared: shared !== undefined, lists, wanted })
  }

  write(machine: Machine, image: number): void {
    for (const write of this.writes) write(machine, image)
  }
}

/** The same calls, of an image. */
function movedCalls({ before, groups, after }: PassCalls, image: number): PassCalls {
  const moved = (calls: readonly Call[]) => calls.map(call => ({ ...call, numbers: image + call.numbers }))
  return { before: moved(before), groups: moved(groups), after: moved(after) }
}

const recordsOf = ({ starts }: PassList): Records => ({ first: starts[0] ?? 0, end: starts.at(-1) ?? 0 })

/** Those of slots first, so that a new row reads them alone; behind the last one more may be read, in vain. */
function orderOf({ list }: Angles): readonly number[] {
  const isConstant = (angle: number) => Number('value' in (list[angle]?.operand ?? {}))
  const place = list.map(() => 0)
  ;[...list.keys()].sort((a, b) => isConstant(a) - isConstant(b) || a - b).forEach((angle, k) => { place[angle] = k })
  return place
}
