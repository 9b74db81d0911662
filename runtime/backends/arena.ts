/**
 * Lays the buffers of a program out in one piece of memory, an arena: buffers whose lives do not meet share a place, reshapes are
 * the same elements.
 */
import { evaluateDim, type Sizes } from '../../ir/dim'
import type { Precision, Program, Step } from '../../ir/plan'
import { RunError } from '../errors'
import { countOf } from './reference/layout'

/** A vector of a SIMD machine, in bytes: buffers start at multiples of it, and own the room up to the next. */
export const ALIGNMENT = 16

export interface ProgramLayout {
  readonly shapes: readonly (readonly number[])[]
  /** The first byte of each buffer; undefined where somebody else keeps it. */
  readonly offsets: readonly (number | undefined)[]
  /** The buffer whose elements each buffer has: itself, but for reshapes. */
  readonly roots: readonly number[]
  /** Steps that depend on nothing but sizes: they run once, when the program is prepared. */
  readonly fixed: ReadonlySet<Step>
  readonly bytes: number
}

/** A place that buffers take turns in. */
interface Shelf { bytes: number; offset: number }

/** @param bound inputs whose storage whoever runs the program keeps */
export function layoutProgram(program: Program, sizes: Sizes, precision: Precision, bound: ReadonlySet<number>): ProgramLayout {
  const shapes = program.buffers.map(({ shape }) => shape.map(dim => evaluateDim(dim, sizes)))
  const roots = rootsOf(program)
  const root = (buffer: number) => roots[buffer] ?? buffer
  const { fixed, pinned } = findFixed(program, root)
  const lastUse = lastUses(program, root)
  const shelves = new Map<number, Shelf>()
  const all: Shelf[] = []
  const free: Shelf[] = []
  const shelfFor = (buffer: number, isShared: boolean): Shelf => {
    const bytes = roundUp(bytesOfBuffer(program, shapes, precision, buffer))
    const taken = isShared ? takeShelf(free, bytes) : undefined
    if (taken) return taken
    const shelf = { bytes, offset: 0 }
    all.push(shelf)
    return shelf
  }
  program.steps.forEach((step, at) => {
    if (step.kind === 'reshape') return
    const written = writesOf(step).map(root).filter(buffer => !pinned.has(buffer))
    for (const buffer of written) shelves.set(buffer, shelfFor(buffer, true))
    // Only now: an output never shares with an input of its own step.
    for (const buffer of new Set([...readsOf(step).map(root), ...written])) {
      const shelf = shelves.get(buffer)
      if (shelf && (lastUse.get(buffer) ?? at) <= at) free.push(shelf)
    }
  })
  // What lives as long as the program: its inputs and results, and what is computed once.
  program.buffers.forEach((_, buffer) => {
    if (root(buffer) === buffer && !bound.has(buffer) && !shelves.has(buffer)) shelves.set(buffer, shelfFor(buffer, false))
  })
  let bytes = 0
  for (const shelf of all) {
    shelf.offset = bytes
    bytes += shelf.bytes
  }
  return { shapes, roots, fixed, bytes, offsets: program.buffers.map((_, buffer) => shelves.get(root(buffer))?.offset) }
}

const roundUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

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

/** The smallest free shelf that is large enough, else the largest, which grows. */
function takeShelf(free: Shelf[], bytes: number): Shelf | undefined {
  free.sort((a, b) => a.bytes - b.bytes)
  const at = free.findIndex(shelf => shelf.bytes >= bytes)
  const shelf = at >= 0 ? free.splice(at, 1)[0] : free.pop()
  if (shelf) shelf.bytes = Math.max(shelf.bytes, bytes)
  return shelf
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

export function tooLarge(shape: readonly number[], bytes: number, cause?: unknown): RunError {
  const size = `${(bytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 0 })} MiB`
  return new RunError('memory', `out of memory: a tensor of shape [${shape.join(', ')}] needs ${size}; take a smaller batch`, { cause })
}
