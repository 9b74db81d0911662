/**
 * Runs of phases as a table: one complex factor for each amplitude of a tile, made once a pass, so that any number of phases costs
 * one multiplication of each amplitude. On the way back Im(λ̄ψ) of each is gathered, from which all their slopes are sums.
 *
 * A group's numbers are the addresses of its table, of what it gathers (0 where no slope is wanted), of its last record's end, and of
 * the lists of cosines that the states lack, for which it makes up (scales.ts), their product, the bytes of the tile, and where there is one
 * the address of the numbers of the rearrangement that follows (permutations.ts); then a record for each phase, by the highest bit that it
 * reads. A table whose memory is its own is made anew only where a row is not the one that it was made from, as the rows of a batch share
 * those of weights.
 */
import { bulk, f64, i32, v128, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter, Signature } from '../../../wasm/module'
import type { Lanes } from './lanes'
import { GROUP, nextOf, type StateDistances } from './tileCode'
import { roomOf } from './permutations'
import { scaleFunctions } from './scales'
import { readsOf, type Phase } from './primitives'
import { holds, isOdd } from './registers'

const HEADER = { table: 0, gathered: 4, end: 8, tile: 12, lacking: 16, rearranged: 20, scale: 24, isOwn: 32, bytes: 48 } as const
const RECORD = { row: 0, slope: 4, mask: 8, value: 12, z: 16, half: 20, isSimple: 24, laneSigns: 32, laneHolds: 48, known: 64, bytes: 80 } as const

export const tableNumbersBytes = (phases: number): number => HEADER.bytes + phases * RECORD.bytes
/** Bytes of a table, and of what is gathered. */
export const tableBytes = (tileBytes: number): number => 2 * tileBytes

/** Where a phase's row is, and its slope if that is wanted. */
export interface PhasePlace { readonly phase: Phase; readonly row: number; readonly slope: number | undefined }

/**
 * What is known of a group's table.
 * @property gathered undefined forwards @property lacking lists of the cosines that the states lack; 0 for none
 * @property isOwn whether no other table has its memory
 * @property rearranged numbers of the rearrangement into whose room it goes; 0 for none
 */
export interface TablePlace { readonly tileBytes: number; readonly table: number; readonly gathered: number | undefined; readonly lacking: number; readonly rearranged: number; readonly isOwn: boolean }

/** Writes a group's numbers. */
export function writeTableNumbers(view: DataView, at: number, v: Lanes, places: readonly PhasePlace[], { tileBytes, table, gathered, lacking, rearranged, isOwn }: TablePlace): void {
  const hasSlopes = places.some(({ slope }) => slope !== undefined)
  const put = (address: number, value: number) => view.setUint32(address, value, true)
  put(at + HEADER.table, table)
  put(at + HEADER.gathered, hasSlopes ? gathered ?? 0 : 0)
  put(at + HEADER.end, at + tableNumbersBytes(places.length))
  put(at + HEADER.tile, tileBytes)
  put(at + HEADER.lacking, lacking)
  put(at + HEADER.rearranged, rearranged)
  put(at + HEADER.isOwn, isOwn ? 1 : 0)
  view.setFloat64(at + HEADER.scale, 1, true)
  const lanes = (1 << v.bits) - 1
  const halfOf = ({ phase }: PhasePlace) => highestBit(readsOf(phase) & ~lanes)
  const doubled = new Set<number>()
  // Of one highest bit the first that reads nothing else doubles the table, so it comes before all others.
  const order = [...places].sort((a, b) => halfOf(a) - halfOf(b) || Number(isSingle(b.phase)) - Number(isSingle(a.phase)))
  for (const [k, place] of order.entries()) {
    const { phase, row, slope } = place
    const { where, z } = phase
    const half = halfOf(place), record = at + HEADER.bytes + k * RECORD.bytes
    const isSimple = half > 0 && isSingle(phase) && !doubled.has(half)
    if (isSimple) doubled.add(half)
    put(record + RECORD.row, row)
    put(record + RECORD.slope, slope ?? 0)
    put(record + RECORD.mask, (where.mask & ~lanes) * v.bytes)
    put(record + RECORD.value, (where.value & ~lanes) * v.bytes)
    put(record + RECORD.z, (z & ~lanes) * v.bytes)
    put(record + RECORD.half, half * v.bytes)
    // Of e^{−iσφ} and of e^{iφ}.
    put(record + RECORD.isSimple, isSimple ? (z === 0 ? 2 : 1) : 0)
    const laneCondition = { mask: where.mask & lanes, value: where.value & lanes }
    for (let lane = 0; lane <= lanes; lane++) {
      // With z the exponent is −iσφ, and without iφ.
      const isNegative = isOdd(lane & z & lanes) !== (z !== 0)
      put(record + RECORD.laneSigns + lane * v.bytes + v.bytes - 4, isNegative ? 0x80000000 : 0)
      for (let byte = 0; byte < v.bytes; byte += 4) put(record + RECORD.laneHolds + lane * v.bytes + byte, holds(laneCondition, lane) ? 0xffffffff : 0)
    }
  }
}

const highestBit = (mask: number): number => (mask === 0 ? 0 : 1 << (31 - Math.clz32(mask)))

/** Whether it reads one bit, as RZ and P do. */
const isSingle = ({ where, z }: Phase): boolean => ((where.mask | z) & ((where.mask | z) - 1)) === 0 && (z === 0 ? where.value === where.mask : where.mask === 0)

/** The functions of a direction: numbers in the table of the module's functions. */
export interface TableFunctions { readonly before: number; readonly act: number; readonly after: number | undefined }

/** @param room how far parts are apart in the room of a rearrangement, where it goes to one; forwards alone */
export function tableFunctions(module: ModuleWriter, v: Lanes, { imaginary, lambda }: StateDistances, direction: 'forward' | 'backward', room: number | undefined): TableFunctions {
  const number = (name: string, write: (f: FunctionWriter) => void) => module.number(`table ${name}`, GROUP, write)
  const code = new TableCode(module, v)
  const before = number('make', f => code.make(f))
  if (direction === 'forward') return { before, act: number(`act ${room ?? ''}`, f => code.act(f, imaginary, room)), after: undefined }
  return { before, act: number('undo', f => code.undo(f, imaginary, lambda)), after: number('slopes', f => code.slopes(f)) }
}

const REGION: Signature = { parameters: ['i32', 'i32'] }

class TableCode {
  constructor(private readonly module: ModuleWriter, private readonly v: Lanes) {}

  make(f: FunctionWriter): void {
    const [numbers] = f.parameters as [Local]
    const table = f.local('i32', i32.load(numbers.get, HEADER.table)), tile = f.local('i32', i32.load(numbers.get, HEADER.tile))
    const gathered = f.local('i32', i32.load(numbers.get, HEADER.gathered))
    f.when(gathered.get, () => f.emit(bulk.fill(gathered.get, i32.const(0), tile.get)))
    f.when(this.isNew(f, numbers), () => this.fill(f, numbers, table, tile))
  }

  /** Whether a table is to be made: it is not its own, or a row or what the states lack is another than when it was. Both are known then. */
  private isNew(f: FunctionWriter, numbers: Local): Code {
    const isNew = f.local('i32', i32.eqz(i32.load(numbers.get, HEADER.isOwn))), lacking = f.local('i32', i32.load(numbers.get, HEADER.lacking))
    f.when(lacking.get, () => {
      const scale = f.local('f64', scaleFunctions(this.module, this.v).all(lacking.get)).get
      f.set(isNew, i32.or(isNew.get, f64.ne(scale, f64.load(numbers.get, HEADER.scale))))
      f.emit(f64.store(numbers.get, scale, HEADER.scale))
    })
    const record = f.local('i32', i32.add(numbers.get, i32.const(HEADER.bytes))), last = f.local('i32', i32.load(numbers.get, HEADER.end))
    f.doWhile(() => {
      const row = f.local('v128', v128.load(i32.load(record.get, RECORD.row))).get
      f.set(isNew, i32.or(isNew.get, v128.anyTrue(v128.xor(row, v128.load(record.get, RECORD.known)))))
      f.emit(v128.store(record.get, row, RECORD.known))
      f.advance(record, RECORD.bytes)
      return i32.ltUnsigned(record.get, last.get)
    })
    return isNew.get
  }

  /** The table, from one vector of what the states lack: it doubles with each bit that is read, and each phase multiplies what it holds for. */
  private fill(f: FunctionWriter, numbers: Local, table: Local, tile: Local): void {
    const { v } = this
    f.emit(v128.store(table.get, v.splat(f64.load(numbers.get, HEADER.scale))), v128.store(i32.add(table.get, tile.get), v.const(0)))
    const size = f.local('i32', i32.const(16)), record = f.local('i32', i32.add(numbers.get, i32.const(HEADER.bytes)))
    const last = f.local('i32', i32.load(numbers.get, HEADER.end)), half = f.local('i32')
    const growTo = (bytes: Code) => f.whileTrue(() => i32.ltUnsigned(size.get, bytes), () => {
      for (const part of [table.get, i32.add(table.get, tile.get)]) f.emit(bulk.copy(i32.add(part, size.get), part, size.get))
      f.set(size, i32.shl(size.get, i32.const(1)))
    })
    f.doWhile(() => {
      f.set(half, i32.load(record.get, RECORD.half))
      const kind = f.local('i32', i32.load(record.get, RECORD.isSimple))
      f.when(kind.get, () => {
        growTo(half.get)
        f.emit(this.doubling(table.get, tile.get, record.get))
        f.set(size, i32.shl(half.get, i32.const(1)))
      })
      f.when(i32.eqz(kind.get), () => {
        growTo(i32.shl(half.get, i32.const(1)))
        f.emit(this.multiplying(table.get, tile.get, record.get, size.get))
      })
      f.advance(record, RECORD.bytes)
      return i32.ltUnsigned(record.get, last.get)
    })
    growTo(tile.get)
  }

  /** The upper half is the lower one times e^{2iφ} of a σ, whose lower half has the phase that all amplitudes share, or e^{iφ}. */
  private get doubling(): Callee {
    const { v } = this
    return this.module.define('table doubling', { parameters: ['i32', 'i32', 'i32'] }, f => {
      const [table, tile, record] = f.parameters as [Local, Local, Local]
      const row = f.local('i32', i32.load(record.get, RECORD.row)), half = f.local('i32', i32.load(record.get, RECORD.half))
      const c = f.local('v128', v.loadSplat(row.get)), s = f.local('v128', v.loadSplat(row.get, v.bytes))
      f.when(i32.eq(i32.load(record.get, RECORD.isSimple), i32.const(1)), () => {
        const cosine = f.local('v128', v.sub(v.mul(c.get, c.get), v.mul(s.get, s.get)))
        f.set(s, v.mul(v.add(c.get, c.get), s.get))
        f.set(c, cosine.get)
      })
      const at = f.local('i32', table.get), last = f.local('i32', i32.add(table.get, half.get))
      f.doWhile(() => {
        const re = f.local('v128', v128.load(at.get)), im = f.local('v128', v128.load(i32.add(at.get, tile.get)))
        const to = f.local('i32', i32.add(at.get, half.get))
        f.emit(v128.store(to.get, v.sub(v.mul(re.get, c.get), v.mul(im.get, s.get))))
        f.emit(v128.store(i32.add(to.get, tile.get), v.add(v.mul(re.get, s.get), v.mul(im.get, c.get))))
        f.advance(at, 16)
        return i32.ltUnsigned(at.get, last.get)
      })
    })
  }

  /** All that the condition holds for, times the phase. */
  private get multiplying(): Callee {
    const { v } = this
    return this.module.define('table multiplying', { parameters: ['i32', 'i32', 'i32', 'i32'] }, f => {
      const [table, tile, record, size] = f.parameters as [Local, Local, Local, Local]
      const row = f.local('i32', i32.load(record.get, RECORD.row))
      const hold = f.local('v128', v128.load(record.get, RECORD.laneHolds))
      const c = f.local('v128', v128.select(v.loadSplat(row.get), v.const(1), hold.get))
      const signed = f.local('v128', v128.and(v128.xor(v.loadSplat(row.get, v.bytes), v128.load(record.get, RECORD.laneSigns)), hold.get))
      this.eachHeld(f, record, size, (at, signs) => {
        const s = f.local('v128', v128.xor(signed.get, signs))
        const re = f.local('v128', v128.load(i32.add(table.get, at))), im = f.local('v128', v128.load(i32.add(i32.add(table.get, tile.get), at)))
        f.emit(v128.store(i32.add(table.get, at), v.sub(v.mul(re.get, c.get), v.mul(im.get, s.get))))
        f.emit(v128.store(i32.add(i32.add(table.get, tile.get), at), v.add(v.mul(re.get, s.get), v.mul(im.get, c.get))))
      })
    })
  }

  /** Each vector below `size` for whose place the condition holds, with the sign bits of σ. */
  private eachHeld(f: FunctionWriter, record: Local, size: Local, body: (at: Code, signs: Code) => void): void {
    const mask = f.local('i32', i32.load(record.get, RECORD.mask)), value = f.local('i32', i32.load(record.get, RECORD.value))
    const z = f.local('i32', i32.load(record.get, RECORD.z)), at = f.local('i32', i32.const(0))
    f.doWhile(() => {
      f.when(i32.eq(i32.and(at.get, mask.get), value.get), () => body(at.get, this.v.oddSigns(i32.popcnt(i32.and(at.get, z.get)))))
      f.advance(at, 16)
      return i32.ltUnsigned(at.get, size.get)
    })
  }

  /** @param room how far parts are apart where the products go; undefined where they stay */
  act(f: FunctionWriter, imaginary: number, room: number | undefined): void {
    const { v } = this
    const [numbers] = f.parameters as [Local]
    const target = room === undefined ? undefined : f.local('i32', roomOf(i32.load(numbers.get, HEADER.rearranged)))
    this.eachFactor(f, (at, re, im, offset) => {
      const x = f.local('v128', v128.load(at)), y = f.local('v128', v128.load(at, imaginary))
      const to = target ? f.local('i32', i32.add(target.get, offset)).get : at
      f.emit(v128.store(to, v.sub(v.mul(x.get, re), v.mul(y.get, im))), v128.store(to, v.add(v.mul(x.get, im), v.mul(y.get, re)), room ?? imaginary))
    })
  }

  /** Both states times the conjugate factors, and Im(λ̄ψ), which they leave as it is, gathered where that is wanted. */
  undo(f: FunctionWriter, imaginary: number, lambda: number): void {
    const { v } = this
    const gathered = f.local('i32', i32.load((f.parameters[0] as Local).get, HEADER.gathered))
    const loop = (gathers: boolean) => this.eachFactor(f, (at, re, im, offset) => {
      const [x, y, p, q] = [0, imaginary, lambda, lambda + imaginary].map(part => f.local('v128', v128.load(at, part)).get) as [Code, Code, Code, Code]
      if (gathers) {
        const sum = f.local('i32', i32.add(gathered.get, offset)).get
        f.emit(v128.store(sum, v.add(v128.load(sum), v.sub(v.mul(p, y), v.mul(q, x)))))
      }
      f.emit(v128.store(at, v.add(v.mul(x, re), v.mul(y, im))), v128.store(at, v.sub(v.mul(y, re), v.mul(x, im)), imaginary))
      f.emit(v128.store(at, v.add(v.mul(p, re), v.mul(q, im)), lambda), v128.store(at, v.sub(v.mul(q, re), v.mul(p, im)), lambda + imaginary))
    })
    f.when(gathered.get, () => loop(true))
    f.when(i32.eqz(gathered.get), () => loop(false))
  }

  /** Each vector of the tile: its address, its factors, and its offset in the table. */
  private eachFactor(f: FunctionWriter, body: (at: Code, re: Code, im: Code, offset: Code) => void): void {
    const [numbers, begin, state, fixed] = f.parameters as [Local, Local, Local, Local]
    const table = f.local('i32', i32.load(numbers.get, HEADER.table)), imaginary = f.local('i32', i32.add(table.get, i32.load(numbers.get, HEADER.tile)))
    const at = f.local('i32', begin.get), moving = f.local('i32', i32.xor(fixed.get, i32.const(-1)))
    f.doWhile(() => {
      const offset = f.local('i32', i32.sub(at.get, begin.get)).get
      const re = f.local('v128', v128.load(i32.add(table.get, offset))).get, im = f.local('v128', v128.load(i32.add(imaginary.get, offset))).get
      body(f.local('i32', i32.add(state.get, at.get)).get, re, im, offset)
      f.set(at, nextOf(at, begin, fixed, moving))
      return i32.ne(at.get, begin.get)
    })
  }

  /** ½·d/dφ of each phase: Σ σ·Im(λ̄ψ) where it is e^{−iσφ}, and −Σ where it is e^{iφ}; what was gathered is folded in half behind each bit. */
  slopes(f: FunctionWriter): void {
    const [numbers] = f.parameters as [Local]
    const gathered = f.local('i32', i32.load(numbers.get, HEADER.gathered))
    f.when(gathered.get, () => {
      const size = f.local('i32', i32.load(numbers.get, HEADER.tile)), first = f.local('i32', i32.add(numbers.get, i32.const(HEADER.bytes)))
      const record = f.local('i32', i32.load(numbers.get, HEADER.end)), needed = f.local('i32')
      f.doWhile(() => {
        f.advance(record, -RECORD.bytes)
        f.set(needed, i32.shl(i32.load(record.get, RECORD.half), i32.const(1)))
        f.whileTrue(() => i32.and(i32.ltUnsigned(needed.get, size.get), i32.ltUnsigned(i32.const(16), size.get)), () => {
          f.set(size, i32.shrUnsigned(size.get, i32.const(1)))
          f.emit(this.fold(gathered.get, size.get))
        })
        const isSimple = f.local('i32', i32.load(record.get, RECORD.isSimple)), scale = f64.load(numbers.get, HEADER.scale)
        f.when(isSimple.get, () => {
          f.set(size, i32.load(record.get, RECORD.half))
          f.emit(this.foldedSlope(gathered.get, size.get, record.get, scale))
        })
        f.when(i32.and(i32.eqz(isSimple.get), i32.ne(i32.load(record.get, RECORD.slope), i32.const(0))), () => f.emit(this.slope(gathered.get, size.get, record.get, scale)))
        return i32.ltUnsigned(first.get, record.get)
      })
    })
  }

  /** The lower half of what is twice `half`, plus the upper one. */
  private get fold(): Callee {
    const { v } = this
    return this.module.define('table fold', REGION, f => {
      const [at, half] = f.parameters as [Local, Local]
      const last = f.local('i32', i32.add(at.get, half.get))
      f.doWhile(() => {
        f.emit(v128.store(at.get, v.add(v128.load(at.get), v128.load(i32.add(at.get, half.get)))))
        f.advance(at, 16)
        return i32.ltUnsigned(at.get, last.get)
      })
    })
  }

  /** Of a phase that doubled the table: its slope, and the fold behind it, in one. */
  private get foldedSlope(): Callee {
    const { v } = this
    return this.module.define('table folded slope', { parameters: ['i32', 'i32', 'i32', 'f64'] }, f => {
      const [gathered, half, record, scale] = f.parameters as [Local, Local, Local, Local]
      const difference = f.local('v128'), upper = f.local('v128'), at = f.local('i32', gathered.get), last = f.local('i32', i32.add(gathered.get, half.get))
      f.doWhile(() => {
        const x = f.local('v128', v128.load(at.get)).get, y = f.local('v128', v128.load(i32.add(at.get, half.get))).get
        f.set(difference, v.add(difference.get, v.sub(x, y)))
        f.set(upper, v.sub(upper.get, y))
        f.emit(v128.store(at.get, v.add(x, y)))
        f.advance(at, 16)
        return i32.ltUnsigned(at.get, last.get)
      })
      f.when(i32.eq(i32.load(record.get, RECORD.isSimple), i32.const(2)), () => f.set(difference, upper.get))
      f.when(i32.load(record.get, RECORD.slope), () => this.addSlope(f, record, difference.get, scale))
    })
  }

  private addSlope(f: FunctionWriter, record: Local, lanes: Code, scale: Local): void {
    const place = f.local('i32', i32.load(record.get, RECORD.slope)).get
    f.emit(f64.store(place, f64.add(f64.load(place), f64.mul(f64.mul(this.v.sum(lanes), scale.get), scale.get))))
  }

  /** Adds a phase's slope to where its sum is. */
  private get slope(): Callee {
    const { v } = this
    return this.module.define('table slope', { parameters: ['i32', 'i32', 'i32', 'f64'] }, f => {
      const [gathered, size, record, scale] = f.parameters as [Local, Local, Local, Local]
      const sum = f.local('v128')
      this.eachHeld(f, record, size, (at, signs) => f.set(sum, v.add(sum.get, v128.xor(v128.load(i32.add(gathered.get, at)), signs))))
      // The lanes' signs are those of the exponent.
      const signed = f.local('v128', v.neg(v128.and(v128.xor(sum.get, v128.load(record.get, RECORD.laneSigns)), v128.load(record.get, RECORD.laneHolds)))).get
      this.addSlope(f, record, signed, scale)
    })
  }
}
