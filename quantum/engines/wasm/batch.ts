/** Rows of a batch many at a time: what goes in and out is copied once a call, and each row is run by the code of batchCode.ts. */
import { cutOf } from '../../../wasm/cut'
import type { SharedProgram, Threads } from '../../../wasm/team'
import { resultWidth, type Circuit } from '../../circuit'
import type { Batched } from '../runnable'
import { SLOPE, SLOPE_BYTES, TASK, TASK_BYTES } from './batchCode'
import type { Machine } from './machine'
import type { PassList } from './passWriter'
import { ANGLE_BYTES } from './trigonometry'

/** @property pass which one it acts in */
export interface SlotAngle { readonly slot: number; readonly angle: number; readonly scale: number; readonly pass: number }

/** All operations of a circuit. */
export interface WholeStretch {
  readonly forward: PassList
  /** Undefined where nothing sweeps back. */
  readonly backward: PassList | undefined
  /** The slots whose angles act in each pass forward. */
  readonly forwardAngles: readonly (readonly SlotAngle[])[]
  /** Those of all passes back. */
  readonly backwardAngles: readonly SlotAngle[]
}

/** Nanoseconds that a primitive takes for an amplitude, and those of a row besides: as measured, and good enough to tell whether threads are worth it. */
const FORWARD = 0.15, BACKWARD = 0.5, ROW = 300

/** Whether threads may be worth it for so many rows, by their number of operations: before there is code. */
export const mayShare = ({ operations, qubits }: Circuit, rows: number, worth: number): boolean =>
  rows > 1 && rows * (ROW + BACKWARD * operations.length * 2 ** qubits) >= worth

/** The two jobs of the code. */
const VALUES = 0, GRADIENTS = 1

export class BatchRun implements Batched {
  private readonly task: Int32Array
  private readonly slots: Float64Array
  private readonly cotangents: Float64Array
  private readonly results: Float64Array
  private readonly gradient: Float64Array
  private readonly marks: Int32Array
  /** Primitives of a row, times amplitudes. */
  private readonly work: number
  /** Rows of the last call whose states are kept. */
  private kept = 0
  /** By slot, whether rows differ in it: as the lists of angles have it. */
  private readonly differs: Uint8Array
  /** Whose slopes are listed, and whether there are any. */
  private active: readonly number[] | undefined
  private hasSlopes = false
  private shared: SharedProgram | undefined

  /** @param threads who shares rows that take long; undefined for one thread */
  constructor(private readonly circuit: Circuit, private readonly machine: Machine, private readonly stretch: WholeStretch, private readonly threads: Threads | undefined) {
    const { memory: { buffer }, batch: { rows, task, marks, slots, gradient, cotangents, results, slotBytes, resultBytes } } = machine.room
    const doubles = (address: number, bytes: number) => new Float64Array(buffer, address, rows * bytes / 8)
    this.task = new Int32Array(buffer, task, TASK_BYTES / 4)
    this.slots = doubles(slots, slotBytes)
    this.gradient = doubles(gradient, slotBytes)
    this.cotangents = doubles(cotangents, resultBytes)
    this.results = doubles(results, resultBytes)
    this.marks = new Int32Array(buffer, marks, 2 * circuit.slots)
    this.work = stretch.forward.passes.flatMap(({ groups }) => groups).reduce((sum, { group }) => sum + group.primitives.length, 0) * 2 ** circuit.qubits
    this.differs = new Uint8Array(circuit.slots)
    this.listAngles()
  }

  /** The states of the last call are no longer there. */
  forget(): void {
    this.kept = 0
  }

  values(batch: number, slots: Float64Array, out: Float64Array): void {
    const { results, stretch: { backward }, machine: { room: { batch: { rows, stateBytes } } } } = this
    const width = resultWidth(this.circuit)
    // A batch in several calls would find the states of the last one.
    const isKept = backward !== undefined && batch <= rows
    this.forEachCall(batch, (first, count) => {
      this.takeSlots(slots, first, count)
      this.tell('keptStride', isKept ? stateBytes : 0)
      results.fill(0, 0, count * width)
      this.run(VALUES, count, FORWARD)
      out.set(results.subarray(0, count * width), first * width)
    })
    this.kept = isKept ? batch : 0
  }

  gradients(batch: number, slots: Float64Array, cotangents: Float64Array, active: readonly number[], out: Float64Array): void {
    const { gradient, circuit, machine: { room: { batch: { stateBytes } } } } = this
    const width = resultWidth(circuit)
    if (!this.listSlopes(active)) return void out.fill(0)
    this.forEachCall(batch, (first, count) => {
      const isKept = this.hasStatesOf(slots, count, batch)
      if (!isKept) this.takeSlots(slots, first, count)
      this.tell('isKept', isKept ? 1 : 0)
      this.tell('keptStride', stateBytes)
      this.cotangents.set(cotangents.subarray(first * width, (first + count) * width))
      gradient.fill(0, 0, count * circuit.slots)
      this.run(GRADIENTS, count, BACKWARD)
      out.set(gradient.subarray(0, count * circuit.slots), first * circuit.slots)
    })
  }

  private forEachCall(batch: number, call: (first: number, count: number) => void): void {
    const { rows } = this.machine.room.batch
    for (let first = 0; first < batch; first += rows) call(first, Math.min(rows, batch - first))
  }

  private run(job: typeof VALUES | typeof GRADIENTS, rows: number, nanoseconds: number): void {
    const { threads, machine: { exports, room: { isShared } } } = this
    const cut = threads && isShared ? cutOf({ units: rows, nanoseconds: rows * (ROW + nanoseconds * this.work) }, threads.worth) : undefined
    this.tell('each', cut?.each ?? rows)
    if (!threads || !cut) return exports[`job${job}`](0, 0)
    const shared = this.shared ??= this.enlist(threads)
    shared.during(() => shared.run(job, cut.pieces))
  }

  private enlist({ team, count }: Threads): SharedProgram {
    const { exports: { job0, job1 }, compiled, room: { memory, images } } = this.machine
    return team.enlist({ module: compiled, memory, jobs: [job0, job1], threads: count, scratchOf: thread => images[thread] ?? 0 })
  }

  /** Whether the states that a batch starts back from are there: it has the slots of the batch before, to the bit. */
  private hasStatesOf(slots: Float64Array, count: number, batch: number): boolean {
    if (this.kept !== count || count !== batch) return false
    const { exports, room: { batch: { slots: own, gradient, slotBytes } } } = this.machine
    // The gradient has the same room, and is not there yet.
    this.gradient.set(slots)
    return exports.same(own, gradient, own + count * slotBytes) === 1
  }

  private takeSlots(slots: Float64Array, first: number, count: number): void {
    const { marks, differs, machine: { exports, room: { batch } }, circuit } = this
    this.kept = 0
    this.slots.set(slots.subarray(first * circuit.slots, (first + count) * circuit.slots))
    this.tell('rows', count)
    if (circuit.slots === 0) return
    exports.compare(batch.marks)
    let isNew = false
    for (let slot = 0; slot < differs.length; slot++) {
      const mark = ((marks[2 * slot] as number) | (marks[2 * slot + 1] as number)) === 0 ? 0 : 1
      if (mark === differs[slot]) continue
      differs[slot] = mark
      isNew = true
    }
    if (isNew) this.listAngles()
  }

  /** Angles that all rows share come first; those that differ are read anew for each row. */
  private listAngles(): void {
    const { differs, stretch: { forwardAngles }, machine: { room: { lists } } } = this
    const angles = forwardAngles.flat().map(({ slot, angle }) => ({ angle, isOwn: differs[slot] === 1 }))
    const end = (first: number, isOwn: boolean): number => {
      const chosen = angles.filter(each => each.isOwn === isOwn).map(({ angle }) => angle)
      // They are read two at a time.
      const even = chosen.length % 2 === 1 ? [...chosen, ...chosen.slice(-1)] : chosen
      even.forEach((angle, k) => this.machine.writeAngle(angle, first + k * ANGLE_BYTES))
      return first + even.length * ANGLE_BYTES
    }
    const sharedEnd = end(lists, false)
    this.tell('sharedEnd', sharedEnd)
    this.tell('ownFirst', sharedEnd)
    this.tell('ownEnd', end(sharedEnd, true))
  }

  /** @returns whether there is a slope to be found */
  private listSlopes(active: readonly number[]): boolean {
    const { stretch: { backwardAngles, backward }, machine: { view, layout, room: { images, wanted } } } = this
    if (active === this.active) return this.hasSlopes
    this.active = active
    const chosen = backwardAngles.filter(({ slot }) => active.includes(slot))
    for (const image of images) {
      chosen.forEach(({ slot, angle, scale }, k) => {
        const at = image + wanted + k * SLOPE_BYTES
        view.setUint32(at + SLOPE.slope, image + layout.slopeOf(angle), true)
        view.setUint32(at + SLOPE.gradient, 8 * slot, true)
        view.setFloat64(at + SLOPE.factor, 2 * scale, true)
      })
    }
    this.tell('slopesEnd', wanted + chosen.length * SLOPE_BYTES)
    this.tell('backwardEnd', backward?.starts[Math.max(-1, ...chosen.map(({ pass }) => pass)) + 1] ?? 0)
    this.hasSlopes = chosen.length > 0
    return this.hasSlopes
  }

  private tell(name: keyof typeof TASK, value: number): void {
    this.task[TASK[name] / 4] = value
  }
}
