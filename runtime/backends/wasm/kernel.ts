/**
 * Fused scalar code as a loop over vectors.
 *
 * Where every load is the whole iteration in order, or one number, the loop is flat, and its last vector may run into the room
 * behind a buffer, which the layout leaves. Otherwise the last axis is cut into vectors, and what is left of it is stored
 * lane by lane.
 */
import type { KernelLoad, KernelStep } from '../../../ir/plan'
import type { Element } from '../../../ir/type'
import { countOf, stridesOf } from '../reference/layout'
import { i32, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local } from '../../../wasm/module'
import { mergeAxes, walk, type Walker } from './nest'
import type { Work } from '../../../wasm/cut'
import { inPieces, moved, type Part } from './sharing'
import type { Place, ProgramSite } from './site'
import { nanosecondsOf, OWN_FUNCTIONS, powerCode, SCALAR_CODE, type ScalarSite } from './scalarCode'
import { bytesOf } from './vectors'

/** Bytes from one element of a load to the next, by axis; all 0: one number. */
interface Load { readonly place: Place; readonly strides: readonly number[]; readonly isUniform: boolean }

export function lowerKernel(step: KernelStep, site: ProgramSite): Code {
  const shape = step.shape.map(site.sizeOf)
  if (countOf(shape) === 0) return []
  const form = formOf(step, shape, site)
  return inPieces(site, 'kernel', workOf(step, form, site), (f, part) => new KernelWriter(step, form, site, f).write(part))
}

/** A kernel over merged axes. */
interface Form {
  readonly loads: readonly Load[]
  readonly stores: readonly Place[]
  readonly sizes: readonly number[]
  /** Bytes from one element to the next along each axis, of the loads and then the stores. */
  readonly strides: readonly (readonly number[])[]
  /** Bytes of an element of each. */
  readonly steps: readonly number[]
  readonly isFlat: boolean
}

function formOf(step: KernelStep, shape: readonly number[], site: ProgramSite): Form {
  const loads = step.loads.map(load => loadOf(load, shape, site))
  const stores = step.stores.map(({ buffer }) => site.place(buffer))
  const contiguous = stridesOf(shape)
  const steps = [...loads.map(({ place }) => place.element), ...stores.map(({ element }) => element)].map(element => bytesOf(element, site.precision))
  const elements = [...loads.map(load => load.strides), ...stores.map(() => contiguous)]
  const { sizes, strides } = mergeAxes(shape, elements.map((own, tensor) => own.map(stride => stride * (steps[tensor] ?? 0))))
  const isFlat = sizes.length <= 1 && loads.every(({ isUniform }, i) => isUniform || strides[i]?.[0] === steps[i] || sizes.length === 0)
  return { loads, stores, sizes, strides, steps, isFlat }
}

function loadOf({ buffer, axes }: KernelLoad, shape: readonly number[], site: ProgramSite): Load {
  const place = site.place(buffer)
  const strides = shape.map(() => 0)
  stridesOf(place.shape).forEach((stride, axis) => {
    const along = axes[axis] ?? -1
    if (along >= 0) strides[along] = (strides[along] ?? 0) + stride
  })
  return { place, strides, isUniform: strides.every((stride, axis) => stride === 0 || shape[axis] === 1) }
}

/** Vectors that fill a line of the cache, even of bools: threads write to lines of their own. */
const VECTORS_OF_LINE = 16

/** Flat loops are cut by vectors, others by their outermost axis. */
function workOf(step: KernelStep, { loads, stores, sizes, isFlat }: Form, { v }: ProgramSite): Work {
  const count = sizes.reduce((product, size) => product * size, 1)
  const nanoseconds = count * (nanosecondsOf(step.code, v) + 0.1 * (loads.length + stores.length))
  const vectors = Math.ceil(count / v.lanes)
  // One grain is one piece.
  const isLeaders = step.code.some(({ fn }) => OWN_FUNCTIONS.has(fn))
  if (isFlat) return { units: vectors, grain: isLeaders ? vectors : VECTORS_OF_LINE, nanoseconds }
  const rows = sizes.length > 1 ? sizes[0] ?? 1 : 1
  return { units: rows, grain: isLeaders ? rows : 1, nanoseconds }
}

class KernelWriter {
  private readonly registers: (Code | undefined)[] = []
  private readonly elements: Element[] = []
  private readonly scalar: ScalarSite

  constructor(private readonly step: KernelStep, private readonly form: Form, private readonly site: ProgramSite, private readonly f: FunctionWriter) {
    this.scalar = { module: site.module, f, v: site.v, wide: site.wide }
  }

  write(part: Part): void {
    const { step, site, f, form: { loads, isFlat } } = this
    loads.forEach(({ place, isUniform }, register) => {
      this.elements[register] = place.element
      if (isUniform) this.registers[register] = f.local('v128', site.v.loadSplat(place.element, i32.const(0), place.address)).get
    })
    step.literals.forEach(({ value, element }, at) => {
      this.elements[loads.length + at] = element
      this.registers[loads.length + at] = site.v.constant(element, value)
    })
    step.code.forEach(({ element }, line) => { this.elements[loads.length + step.literals.length + line] = element })
    this.lines(register => this.registers[register] === undefined && loads[register] === undefined)

    if (isFlat) this.writeFlat(part)
    else this.writeRows(part)
  }

  /** Writes the lines whose arguments are all known; those that vary wait for the loop. */
  private lines(isOpen: (register: number) => boolean): void {
    const { step, f } = this
    const first = step.loads.length + step.literals.length
    step.code.forEach(({ fn, args }, line) => {
      const register = first + line
      if (!isOpen(register)) return
      const codes = args.map(arg => this.registers[arg])
      if (!codes.every(code => code !== undefined)) return
      const literal = step.literals[(args[1] ?? -1) - step.loads.length]
      const power = fn === 'pow' && literal && this.elements[args[0] ?? -1] === 'real' ? powerCode(this.scalar, codes[0] ?? [], literal.value) : undefined
      const value = power ?? SCALAR_CODE[fn](this.scalar, codes, args.map(arg => this.elements[arg] ?? 'real'))
      this.registers[register] = f.local('v128', value).get
    })
  }

  /** The body of the loop: loads by `load`, then all lines that wait, then stores; leaves the registers as they were before. */
  private body(loads: readonly Load[], load: (at: number) => Code, store: (at: number, value: Code) => void): void {
    const before = [...this.registers]
    loads.forEach((_, at) => { this.registers[at] ??= this.f.local('v128', load(at)).get })
    this.lines(register => this.registers[register] === undefined)
    this.step.stores.forEach(({ register }, at) => {
      const value = this.registers[register]
      if (value === undefined) throw new Error(`kernel stores register ${register} before it is written`)
      store(at, value)
    })
    this.registers.splice(0, Infinity, ...before)
  }

  private writeFlat({ first, count }: Part): void {
    const { site: { v, precision }, f, form: { loads, stores } } = this
    // One offset for each width of elements serves all tensors: where they start stands in the instructions.
    const offsets = new Map<number, Local>()
    const offsetOf = (element: Element): Local => {
      const bytes = bytesOf(element, precision)
      let offset = offsets.get(bytes)
      if (!offset) offsets.set(bytes, offset = f.local('i32', moved(0, first, bytes * v.lanes)))
      return offset
    }
    for (const { place } of loads) offsetOf(place.element)
    for (const place of stores) offsetOf(place.element)
    f.repeat(count, () => {
      this.body(
        loads,
        at => { const { element, address } = (loads[at] as Load).place; return v.load(element, offsetOf(element).get, address) },
        (at, value) => { const { element, address } = stores[at] as Place; f.emit(v.store(element, offsetOf(element).get, value, address)) },
      )
      for (const [bytes, offset] of offsets) f.advance(offset, bytes * v.lanes)
    })
  }

  private writeRows({ first, count }: Part): void {
    const { site: { v }, f, form: { loads, stores, strides, steps } } = this
    // With one axis alone there is one part.
    const sizes = this.form.sizes.length > 1 ? this.form.sizes.with(0, count) : this.form.sizes
    const inner = sizes.length - 1
    const length = sizes[inner] ?? 1
    const places = [...loads.map(load => load.place), ...stores]
    const moving = places.map((place, tensor) => {
      const own = strides[tensor] ?? []
      return own.some(stride => stride !== 0) || tensor >= loads.length
        ? { address: f.local('i32', moved(place.address, first, own[0] ?? 0)), strides: own } satisfies Walker : undefined
    })
    const walkers = moving.filter(walker => walker !== undefined)
    const load = (at: number): Code => {
      const { place: { element } } = loads[at] as Load
      const walker = moving[at]
      const stride = walker?.strides[inner] ?? 0
      const address = walker?.address.get ?? []
      if (stride === 0) return v.loadSplat(element, address)
      return stride === steps[at] ? v.load(element, address) : this.gatherLanes(element, address, stride)
    }
    const storeAll = (at: number, value: Code) => f.emit(v.store((stores[at] as Place).element, moving[loads.length + at]?.address.get ?? [], value))
    const rest = length % v.lanes
    const storeRest = (at: number, value: Code) => {
      const { element } = stores[at] as Place
      const bytes = bytesOf(element, v.precision)
      for (let lane = 0; lane < rest; lane++) f.emit(v.storeLane(element, moving[loads.length + at]?.address.get ?? [], value, lane, lane * bytes))
    }
    walk(f, sizes.slice(0, inner), walkers, () => {
      const vectors = Math.floor(length / v.lanes)
      f.repeat(vectors, () => {
        this.body(loads, load, storeAll)
        for (const { address, strides: own } of walkers) f.advance(address, v.lanes * (own[inner] ?? 0))
      })
      if (rest) this.body(loads, load, storeRest)
      for (const { address, strides: own } of walkers) f.advance(address, -vectors * v.lanes * (own[inner] ?? 0))
    })
  }

  /** Lanes from places apart. */
  private gatherLanes(element: Element, address: Code, stride: number): Code {
    const { v } = this.site
    // Steps may lead back, and an offset of an instruction may not.
    const lane = (at: number): Code => (stride < 0 ? i32.add(address, i32.const(at * stride)) : address)
    const offset = (at: number) => (stride < 0 ? 0 : at * stride)
    if (element === 'bool') {
      let words: Code = v.constant('int', 0)
      for (let at = 0; at < v.lanes; at++) words = v.replaceInt(words, at, i32.load8(lane(at), offset(at)))
      return v.maskOfInts(words)
    }
    let vector: Code = v.constant(element, 0)
    for (let at = 0; at < v.lanes; at++) vector = v.loadLane(element, lane(at), vector, at, offset(at))
    return vector
  }
}
