/** What a circuit needs of code and memory, collected before there is any; the states stand behind all else. */
import { ModuleWriter, type Callee } from '../../../wasm/module'
import { resultWidth, type Circuit } from '../../circuit'
import { BatchSpace, SLOPE_BYTES, writeBatch } from './batchCode'
import { planDiagonal, type DiagonalPlan } from './diagonal'
import type { StateDistances } from './tileCode'
import { DOUBLES, SINGLES, type Lanes } from './lanes'
import { Machine, type MachinePlan } from './machine'
import { TERM_BYTES, termFunction, writeTerms, type ObservableSite, type TermCode, type TermUse, type WordTerm } from './observables'
import { writePasses, type PassCode } from './passes'
import { PassWriter, type PassList } from './passWriter'
import type { Angles, Primitive } from './primitives'
import { writeReports, type ReadoutPlaces, type ReportCode } from './reportCode'
import { allocate, LINE, Room, ROOM_START, type Records } from './room'
import { ROW_BYTES, TILE_BITS } from './tiles'
import { ANGLE_BYTES, rowBytes, writeAngles } from './trigonometry'

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
  private readonly passWriter: PassWriter
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
    this.passWriter = new PassWriter({
      v, bits: this.bits, module, distances: this.distances, take: (bytes, alignment) => room.take(bytes, alignment),
      later: write => { this.writes.push(({ view }, image) => write(view, image)) },
      rowOf: angle => this.rowOf(angle), slopeOf: angle => ('slot' in (list[angle]?.operand ?? {}) ? this.slopeOf(angle) : undefined),
    })
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
    return this.passWriter.write(primitives, direction, isFirst)
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

const recordsOf = ({ starts }: PassList): Records => ({ first: starts[0] ?? 0, end: starts.at(-1) ?? 0 })

/** Those of slots first, so that a new row reads them alone; behind the last one more may be read, in vain. */
function orderOf({ list }: Angles): readonly number[] {
  const isConstant = (angle: number) => Number('value' in (list[angle]?.operand ?? {}))
  const place = list.map(() => 0)
  ;[...list.keys()].sort((a, b) => isConstant(a) - isConstant(b) || a - b).forEach((angle, k) => { place[angle] = k })
  return place
}
