/** Gives each buffer of a program its storage: buffers whose lives do not meet share, reshapes are the same elements. */
import { evaluateDim, type Sizes } from '../../../ir/dim'
import type { Precision, Program, Step } from '../../../ir/plan'
import { RunError } from '../../errors'
import { allocate, type TypedArray } from '../backend'
import { countOf } from './layout'

export interface PlannedStorage {
  readonly arrays: readonly TypedArray[]
  readonly shapes: readonly (readonly number[])[]
  /** Steps that depend on nothing but sizes: they run once, when the program is prepared. */
  readonly fixed: ReadonlySet<Step>
  readonly bytes: number
}

/** Storage that buffers take turns in. */
interface Shelf { bytes: number }

/** @param bound arrays of some of the program's inputs, kept by whoever runs the program */
export function planStorage(
  program: Program, sizes: Sizes, precision: Precision, bound: ReadonlyMap<number, TypedArray>,
): PlannedStorage {
  const shapes = program.buffers.map(({ shape }) => shape.map(dim => evaluateDim(dim, sizes)))
  const roots = rootsOf(program)
  const root = (buffer: number) => roots[buffer] ?? buffer
  const { fixed, pinned } = findFixed(program, root)
  const lastUse = lastUses(program, root)
  const bytesOf = (buffer: number) => bytesOfBuffer(program, shapes, precision, buffer)

  const shelves = new Map<number, Shelf>()
  const free: Shelf[] = []
  program.steps.forEach((step, at) => {
    if (step.kind === 'reshape') return
    const written = writesOf(step).map(root).filter(buffer => !pinned.has(buffer))
    for (const buffer of written) shelves.set(buffer, takeShelf(free, bytesOf(buffer)))
    // Only now: an output never shares with an input of its own step.
    for (const buffer of new Set([...readsOf(step).map(root), ...written])) {
      const shelf = shelves.get(buffer)
      if (shelf && (lastUse.get(buffer) ?? at) <= at) free.push(shelf)
    }
  })
  return { ...allocateAll(program, shapes, precision, bound, root, shelves), shapes, fixed }
}

/** The buffer whose elements each buffer has: itself, but for reshapes. */
function rootsOf(program: Program): number[] {
  const roots = program.buffers.map((_, buffer) => buffer)
  for (const step of program.steps) if (step.kind === 'reshape') roots[step.output] = roots[step.input] ?? step.input
  return roots
}

function findFixed(program: Program, root: (buffer: number) => number) {
  const fixed = new Set<Step>()
  const fixedBuffers = new Set<number>()
  const pinned = new Set([...program.inputs, ...program.results].map(({ buffer }) => root(buffer)))
  for (const step of program.steps) {
    if (step.kind === 'reshape' || !isRepeatable(step) || !readsOf(step).every(buffer => fixedBuffers.has(root(buffer)))) continue
    fixed.add(step)
    for (const buffer of writesOf(step)) {
      fixedBuffers.add(root(buffer))
      pinned.add(root(buffer))
    }
  }
  return { fixed, pinned }
}

/** Whether a step gives the same on every run where its inputs are the same. Loops and circuits count as run-time work. */
function isRepeatable(step: Step): boolean {
  if (step.kind === 'loop') return false
  return step.kind !== 'routine' || !(step.op === 'random' || step.op === 'circuit' || step.op === 'circuitVjp' || step.op === 'circuitMetric')
}

/** The last step that reads each buffer, through whichever reshape. */
function lastUses(program: Program, root: (buffer: number) => number): ReadonlyMap<number, number> {
  const last = new Map<number, number>()
  program.steps.forEach((step, at) => readsOf(step).forEach(buffer => last.set(root(buffer), at)))
  return last
}

function readsOf(step: Step): readonly number[] {
  switch (step.kind) {
    case 'kernel': return step.loads.map(load => load.buffer)
    case 'reshape': return [step.input]
    case 'loop': return step.inputs
    case 'routine': return step.inputs
    default: return step satisfies never
  }
}

function writesOf(step: Step): readonly number[] {
  switch (step.kind) {
    case 'kernel': return step.stores.map(store => store.buffer)
    case 'reshape': return []
    case 'loop': return step.outputs
    case 'routine': return [step.output]
    default: return step satisfies never
  }
}

/** The smallest free shelf that is large enough, else the largest, which grows, else a new one. */
function takeShelf(free: Shelf[], bytes: number): Shelf {
  free.sort((a, b) => a.bytes - b.bytes)
  const at = free.findIndex(shelf => shelf.bytes >= bytes)
  const shelf = at >= 0 ? free.splice(at, 1)[0] : free.pop()
  if (!shelf) return { bytes }
  shelf.bytes = Math.max(shelf.bytes, bytes)
  return shelf
}

function allocateAll(
  program: Program, shapes: readonly (readonly number[])[], precision: Precision, bound: ReadonlyMap<number, TypedArray>,
  root: (buffer: number) => number, shelves: ReadonlyMap<number, Shelf>,
): { arrays: TypedArray[]; bytes: number } {
  const memories = new Map<Shelf, ArrayBuffer>()
  const arrays: TypedArray[] = []
  let bytes = 0
  program.buffers.forEach(({ element }, buffer) => {
    // Roots come first: a reshape's input is written before its output.
    const shelf = shelves.get(root(buffer))
    const count = countOf(shapes[buffer] ?? [])
    const given = bound.get(buffer)
    const size = bytesOfBuffer(program, shapes, precision, buffer)
    try {
      if (given) arrays[buffer] = given
      else if (root(buffer) !== buffer) return
      else if (shelf) {
        let memory = memories.get(shelf)
        if (!memory) {
          memories.set(shelf, memory = new ArrayBuffer(shelf.bytes))
          bytes += shelf.bytes
        }
        arrays[buffer] = viewOf(memory, element, precision, count)
      } else {
        arrays[buffer] = allocate(element, precision, count)
        bytes += size
      }
    } catch (error) {
      throw tooLarge(shapes[buffer] ?? [], Math.max(size, shelf?.bytes ?? 0), error)
    }
  })
  program.buffers.forEach((_, buffer) => { arrays[buffer] ??= arrays[root(buffer)] as TypedArray })
  return { arrays, bytes }
}

function viewOf(memory: ArrayBuffer, element: Program['buffers'][number]['element'], precision: Precision, count: number): TypedArray {
  switch (element) {
    case 'real': return precision === 'f32' ? new Float32Array(memory, 0, count) : new Float64Array(memory, 0, count)
    case 'int': return new Int32Array(memory, 0, count)
    case 'bool': return new Uint8Array(memory, 0, count)
    default: return element satisfies never
  }
}

function bytesOfBuffer(program: Program, shapes: readonly (readonly number[])[], precision: Precision, buffer: number): number {
  const element = program.buffers[buffer]?.element
  const shape = shapes[buffer] ?? []
  const count = countOf(shape)
  if (shape.some(size => !(size >= 0))) throw new RunError('sizes', `a tensor would have the shape [${shape.join(', ')}]`)
  // Offsets are 32-bit.
  if (count > 2 ** 31 - 1) throw tooLarge(shape, count * 8)
  return count * (element === 'bool' ? 1 : element === 'real' && precision === 'f64' ? 8 : 4)
}

function tooLarge(shape: readonly number[], bytes: number, cause?: unknown): RunError {
  const size = `${(bytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 0 })} MiB`
  return new RunError('memory', `out of memory: a tensor of shape [${shape.join(', ')}] needs ${size}; take a smaller batch`, { cause })
}
