/**
 * The rows of a batch in one call: from slots to reported numbers, and from cotangents to gradients by a sweep back. A call is cut into
 * pieces, which threads may share: each row is computed by one of them alone, in its own image of the circuit's numbers (machine.ts).
 */
import { bulk, f64, i32, v128, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter } from '../../../wasm/module'
import type { PassCode } from './passes'
import { moved, type ReportCode } from './reportCode'
import type { Records, Room } from './room'

/** What a call is told, as 32-bit numbers: addresses are those of the first image. */
export const TASK_BYTES = 48
export const TASK = {
  rows: 0, /** Of a piece. */ each: 4,
  /** Angles that are the same in all rows, and then those that differ. */
  sharedEnd: 8, ownFirst: 12, ownEnd: 16,
  /** From one kept state to the next, or 0 where none is kept; and whether those of this batch are there already. */
  keptStride: 20, isKept: 24,
  /** Where the sweep back ends, and the slopes that are wanted. */
  backwardEnd: 28, slopesEnd: 32,
} as const

/** A slope that is wanted: its address, where in a row of the gradient it goes, and its factor. */
export const SLOPE_BYTES = 16
export const SLOPE = { slope: 0, gradient: 4, factor: 8 } as const

/** Rows that fit into a call at most: as many as divide a batch well, in few megabytes. */
const MOST_ROWS = 256
const MOST_BYTES = 2 ** 23

/** Of all rows of a call: what goes in and out, and the states that a way back starts from. */
export class BatchSpace {
  readonly rows: number
  readonly task: number
  readonly marks: number
  readonly slots: number
  readonly cotangents: number
  readonly results: number
  readonly gradient: number
  kept = 0

  /**
   * @param slotBytes of a row, as `resultBytes`
   * @param stateBytes of a state that is kept
   * @param isBatched whether there will be more than one row at a time
   */
  constructor(room: Room, readonly slotBytes: number, readonly resultBytes: number, readonly stateBytes: number, isBatched: boolean) {
    const rowBytes = 2 * (slotBytes + resultBytes) + stateBytes
    this.rows = isBatched ? Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_BYTES / Math.max(1, rowBytes)))) : 1
    const each = (bytes: number) => room.take(this.rows * bytes)
    this.task = room.take(TASK_BYTES)
    this.marks = room.take(slotBytes)
    this.slots = each(slotBytes)
    this.cotangents = each(resultBytes)
    this.results = each(resultBytes)
    this.gradient = each(slotBytes)
  }
}

/** Of an image. */
export interface ImagePlaces {
  /** The slots of the row that is run. */
  readonly slots: number
  readonly angles: number
  readonly state: number
  readonly slopes: Records
  readonly wanted: number
  readonly forward: Records
  readonly backward: Records | undefined
}

interface Site extends PassCode, ReportCode {
  readonly module: ModuleWriter
  readonly angles: Callee
  readonly batch: BatchSpace
  readonly image: ImagePlaces
}

/** Exports `job0(piece, image)`, values, and where there is a way back `job1`, gradients. */
export function writeBatch(site: Site): void {
  const job = { parameters: ['i32', 'i32'] } as const
  site.module.export('job0', f => writeValues(f, site), job)
  writeComparisons(site)
  const { backward } = site.image
  if (backward) site.module.export('job1', f => writeGradients(f, site, backward), job)
}

/**
 * Exports `same(a, b, end)`, whether the doubles from a to the end are the bits of those from b; and `compare(marks)`, which marks with
 * bits that are not 0 the slots in which the rows of a batch differ.
 */
function writeComparisons({ module, batch, batch: { slotBytes } }: Site): void {
  const difference = (a: Code, b: Code) => v128.xor(v128.load64Zero(a), v128.load64Zero(b))
  module.export('same', f => {
    const [a, b, end] = f.parameters as [Local, Local, Local]
    const isSame = f.local('i32')
    f.doWhile(() => {
      f.set(isSame, i32.eqz(v128.anyTrue(difference(a.get, b.get))))
      f.advance(a, 8)
      f.advance(b, 8)
      return i32.and(isSame.get, i32.ltUnsigned(a.get, end.get))
    })
    f.emit(isSame.get)
  }, { parameters: ['i32', 'i32', 'i32'], result: 'i32' })
  module.export('compare', f => {
    const [mark] = f.parameters as [Local]
    const first = f.local('i32', i32.const(batch.slots)), row = f.local('i32'), seen = f.local('v128'), left = f.local('i32')
    f.doWhile(() => {
      f.set(seen, v128.xor(seen.get, seen.get))
      f.set(row, first.get)
      f.set(left, word(batch, 'rows'))
      f.doWhile(() => {
        f.set(seen, v128.or(seen.get, difference(first.get, row.get)))
        f.advance(row, slotBytes)
        f.set(left, i32.sub(left.get, i32.const(1)))
        return left.get
      })
      f.emit(v128.store64Lane(mark.get, seen.get, 0))
      f.advance(first, 8)
      f.advance(mark, 8)
      return i32.ltUnsigned(first.get, i32.const(batch.slots + slotBytes))
    })
  }, { parameters: ['i32'] })
}

function writeValues(f: FunctionWriter, site: Site): void {
  const { batch, image: { forward }, start, run, report } = site
  overRows(f, site, ({ image, row, own }) => {
    const stride = f.local('i32', word(batch, 'keptStride')).get
    const state = f.local('i32', own)
    f.when(stride, () => f.set(state, i32.add(i32.const(batch.kept), i32.mul(row, stride))))
    f.emit(start(state.get), run(moved(image, forward.first), moved(image, forward.end), state.get))
    f.emit(report(image.get, state.get, i32.add(i32.const(batch.results), i32.mul(row, i32.const(batch.resultBytes)))))
  })
}

function writeGradients(f: FunctionWriter, site: Site, backward: Records): void {
  const { batch, image: places, start, run, sweep, copy, pull } = site
  overRows(f, site, ({ image, row, own }) => {
    const isKept = f.local('i32', word(batch, 'isKept')).get
    f.when(isKept, () => f.emit(copy(i32.add(i32.const(batch.kept), i32.mul(row, word(batch, 'keptStride'))), own)))
    f.when(i32.eqz(isKept), () => f.emit(start(own), run(moved(image, places.forward.first), moved(image, places.forward.end), own)))
    f.emit(pull(image.get, i32.add(i32.const(batch.cotangents), i32.mul(row, i32.const(batch.resultBytes))), own))
    const { first, end } = places.slopes
    f.emit(bulk.fill(moved(image, first), i32.const(0), i32.const(end - first)))
    f.emit(sweep(moved(image, backward.first), i32.add(image.get, word(batch, 'backwardEnd')), own))
    const gradient = f.local('i32', i32.add(i32.const(batch.gradient), i32.mul(row, i32.const(batch.slotBytes)))).get
    const at = f.local('i32', moved(image, places.wanted))
    f.doWhile(() => {
      const place = f.local('i32', i32.add(gradient, i32.load(at.get, SLOPE.gradient))).get
      f.emit(f64.store(place, f64.add(f64.load(place), f64.mul(f64.load(at.get, SLOPE.factor), f64.load(i32.load(at.get, SLOPE.slope))))))
      f.advance(at, SLOPE_BYTES)
      return i32.ltUnsigned(at.get, i32.add(image.get, word(batch, 'slopesEnd')))
    })
  })
}

const word = ({ task }: BatchSpace, name: keyof typeof TASK): Code => i32.load(i32.const(task), TASK[name])

interface Row { readonly image: Local; readonly row: Code; /** The state of the image. */ readonly own: Code }

/** The rows of a piece, with the numbers of their angles ready. */
function overRows(f: FunctionWriter, { batch, batch: { slotBytes }, image: places, angles }: Site, body: (row: Row) => void): void {
  const [piece, image] = f.parameters as [Local, Local]
  const row = f.local('i32', i32.mul(piece.get, word(batch, 'each')))
  const last = f.local('i32', i32.add(row.get, word(batch, 'each')))
  f.when(i32.lt(word(batch, 'rows'), last.get), () => f.set(last, word(batch, 'rows')))
  const own = f.local('i32', moved(image, places.state)).get
  const takeSlots = () => f.emit(bulk.copy(moved(image, places.slots), i32.add(i32.const(batch.slots), i32.mul(row.get, i32.const(slotBytes))), i32.const(slotBytes)))
  const takeAngles = (first: Code, end: Code) => f.when(i32.ltUnsigned(first, end), () => f.emit(angles(i32.add(image.get, first), i32.add(image.get, end))))
  takeSlots()
  takeAngles(i32.const(places.angles), word(batch, 'sharedEnd'))
  f.doWhile(() => {
    takeSlots()
    takeAngles(word(batch, 'ownFirst'), word(batch, 'ownEnd'))
    body({ image, row: row.get, own })
    f.advance(row, 1)
    return i32.lt(row.get, last.get)
  })
}
