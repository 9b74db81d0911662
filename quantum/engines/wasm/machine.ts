/** A circuit's code and memory, ready to run: everything that its runs do, as functions over addresses. */
import type { Circuit } from '../../circuit'
import type { RealArray, Statevector } from '../step'
import type { BatchSpace } from './batchCode'
import type { ModuleWriter } from '../../../wasm/module'
import type { StateDistances } from './tileCode'
import type { Lanes } from './lanes'
import type { Angles } from './primitives'
import type { Records } from './room'
import { ANGLE_BYTES } from './trigonometry'

/** A state in the memory. */
export interface PlacedState extends Statevector { readonly address: number }

interface Exports {
  readonly angles: (list: number, end: number) => void
  readonly launch: (pass: number, end: number, state: number) => void
  readonly shifted: (list: number, prefix: number, pass: number, end: number, state: number) => void
  readonly run: (pass: number, end: number, state: number) => void
  /** The same, back through two states. */
  readonly sweep: (pass: number, end: number, state: number) => void
  readonly start: (state: number) => void
  readonly copy: (from: number, to: number) => void
  readonly report: (image: number, state: number, results: number) => void
  readonly pull: (image: number, cotangents: number, state: number) => void
  readonly same: (a: number, b: number, end: number) => number
  readonly compare: (marks: number) => void
  readonly job0: (piece: number, image: number) => void
  readonly job1: (piece: number, image: number) => void
}

/** What the code is over: all addresses are those of the first image. */
export interface MachinePlan {
  readonly v: Lanes
  readonly module: ModuleWriter
  readonly angles: Angles
  readonly distances: StateDistances
  readonly slots: number
  readonly angleList: number
  readonly slopes: Records
  readonly state: number
  listOf(angle: number): number
  rowOf(angle: number): number
  slopeOf(angle: number): number
  /** Writes the numbers of an image. */
  write(machine: Machine, image: number): void
}

export interface MachineMemory {
  readonly memory: WebAssembly.Memory
  readonly isShared: boolean
  /** How far from the first each begins, one for each thread. */
  readonly images: readonly number[]
  readonly batch: BatchSpace
  /** Room for lists of angles, and of slopes that are wanted. */
  readonly lists: number
  readonly wanted: number
}

/**
 * The memory has what code and rows share, and an image for each thread: the numbers that a run reads and writes, and two states. Records
 * of an image hold its own addresses; addresses of this class are those of the first image, which is the one that single runs use.
 */
export class Machine {
  readonly slots: Float64Array
  /** ψ, λ, and the state before a shifted gate, which is the first of those that are kept. */
  readonly states: readonly [PlacedState, PlacedState, PlacedState]
  readonly exports: Exports
  readonly compiled: WebAssembly.Module
  readonly view: DataView
  /** Up to the states of the first image. */
  private readonly doubles: Float64Array
  /** Slots whose angles are read anew. */
  private readonly variable: number

  constructor(circuit: Circuit, readonly layout: MachinePlan, readonly room: MachineMemory) {
    const { v, module, angles, distances } = layout
    const { memory, batch, images, isShared } = room
    const { buffer } = memory
    this.view = new DataView(buffer)
    this.doubles = new Float64Array(buffer, 0, Math.floor(layout.state / 8))
    this.slots = new Float64Array(buffer, layout.slots, circuit.slots)
    const reals = (address: number): RealArray => (v.bytes === 8 ? new Float64Array(buffer, address, 2 ** circuit.qubits) : new Float32Array(buffer, address, 2 ** circuit.qubits))
    const placed = (address: number): PlacedState => ({ address, re: reals(address), im: reals(address + distances.imaginary) })
    this.states = [placed(layout.state), placed(layout.state + distances.lambda), placed(batch.kept)]
    this.variable = angles.list.filter(({ operand }) => 'slot' in operand).length
    this.compiled = new WebAssembly.Module(module.finish(isShared))
    this.exports = new WebAssembly.Instance(this.compiled, module.importsWith(memory)).exports as unknown as Exports
    for (const image of images) layout.write(this, image)
  }

  /** Reads all slots. */
  load(): void {
    const { angleList } = this.layout
    if (this.variable > 0) this.exports.angles(angleList, angleList + this.variable * ANGLE_BYTES)
  }

  /** Reads one angle's slot, and its neighbour's. */
  loadAngle(angle: number): void {
    const list = this.layout.listOf(angle)
    this.exports.angles(list, list + ANGLE_BYTES)
  }

  /** Puts an angle that has a slot into a list, in each image. @param at where in the first */
  writeAngle(angle: number, at: number): void {
    const { layout, view, room: { images } } = this
    const known = layout.angles.list[angle]
    if (!known || !('slot' in known.operand)) return
    for (const image of images) {
      view.setUint32(image + at, image + layout.slots + 8 * known.operand.slot, true)
      view.setUint32(image + at + 4, image + layout.rowOf(angle), true)
      view.setFloat64(image + at + 8, known.scale, true)
    }
  }

  /** Σ of an angle's slope, as the passes back leave it. */
  slope(angle: number): number {
    return this.doubles[this.layout.slopeOf(angle) / 8] as number
  }

  clearSlopes(): void {
    const { first, end } = this.layout.slopes
    this.doubles.fill(0, first / 8, end / 8)
  }
}
